"""The progress report: what a template's sections say about a half-year, every figure with its reference.

A period that is over is told from frozen figures; one that still runs is told from the current ones and says so.
Source of the contents: JUMP programme document 10.1(1) (progress report every six months, with the annual work plan and
an executive summary attached).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from jump.base import clock, packages
from jump.base.actors import Actor, can
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.calendars import Period, add_months
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from jump.engines.reports.models import Lesson
from jump.engines.reports.queries import half_year, template
from jump.engines.reports.services.editions import keep_edition, scope_title
from jump.engines.reports.types import (
    Block,
    Cell,
    Facts,
    Figure,
    Heading,
    LessonState,
    Listing,
    Note,
    Paragraph,
    Table,
)
from jump.engines.results import api as results

PROGRESS_REPORT = "jump.progress_report"
MISSING = "–"


@dataclass
class Telling:
    """What the sections of one report share: who tells, of what period and place, from which figures."""

    actor: Actor
    definition: packages.Definition
    period: Period
    name: str
    scope: str
    as_of: date
    set_ref: Ref | None
    headline: str
    missing_inputs: list[str]

    @property
    def is_frozen(self) -> bool:
        return self.set_ref is not None

    def table(self) -> list[results.TableRow]:
        return results.table(self.actor, scope=self.scope, as_of=self.as_of)

    def refs(self, indicator: str = "") -> dict[tuple[str, str, str, str], str]:
        """The reference of every figure by indicator, place, dimension and category."""
        if self.set_ref is None:
            return {}
        rows = results.figures(self.actor, set_ref=self.set_ref, indicator=indicator)
        return {(row.indicator, row.scope, row.dimension, row.category): str(row.ref) for row in rows}


def make_progress_report(
    actor: Actor, *, period_name: str, scope: str, language: str, template_id: str = PROGRESS_REPORT
) -> Ref:
    """Compose the report of a half-year and keep it as an edition (a draft until somebody publishes it).

    Raises PeriodUnknown and PeriodNotOver. Freezes the figures of a period that is over, where nobody has yet.
    """
    period = half_year(actor, period_name)
    definition = template(template_id)
    is_over = period.end <= clock.today()
    as_of = period.end if is_over else clock.today()
    with override(language):
        set_ref = _frozen(actor, period_name, period) if is_over else None
        if set_ref is None:
            results.fill_series(actor, upto=as_of)
        telling = Telling(
            actor=actor,
            definition=definition,
            period=period,
            name=period_name,
            scope=scope,
            as_of=as_of,
            set_ref=set_ref,
            headline=results.headline(actor, scope=scope).indicator,
            missing_inputs=[],
        )
        title = _("%(title)s, %(start)s to %(end)s") % {
            "title": text(definition.data["title"], language),
            "start": day_words(period.start),
            "end": day_words(period.end),
        }
        blocks = compose(telling, language)
        return keep_edition(
            actor,
            definition=definition,
            title=title,
            period=period_name,
            scope=scope,
            language=language,
            as_of=as_of,
            blocks=blocks,
            missing_inputs=telling.missing_inputs,
            figure_set_ref=set_ref,
        )


def _frozen(actor: Actor, name: str, period: Period) -> Ref | None:
    """The frozen figures of a period, frozen now where the actor may; None where nobody has and the actor may not."""
    held = {one.period: one.ref for one in results.figure_sets(actor)}
    if name in held:
        return held[name]
    if can(actor, "results.freeze"):
        return results.freeze(actor, period=name, on=clock.today())
    return None


def compose(telling: Telling, language: str) -> list[Block]:
    """All blocks of the report, section by section of its template."""
    blocks: list[Block] = []
    if not telling.is_frozen:
        blocks.append(
            Note(_("These figures are not frozen: they are those of %(day)s.") % {"day": day_words(telling.as_of)})
        )
    body: list[Block] = []
    summary_at: int | None = None
    for section in telling.definition.data["sections"]:
        if section.get("title"):
            body.append(Heading(text(section["title"], language)))
        if section["kind"] == "executive_summary":
            summary_at = len(body)  # told last, when it is known what is missing
            continue
        if section["kind"] == "text":
            body.append(Paragraph(text(section["text"], language)))
            continue
        body.extend(SECTIONS[section["kind"]](telling, section))
    if summary_at is not None:
        body[summary_at:summary_at] = executive_summary(telling)
    return [*blocks, *body]


# --- words ----------------------------------------------------------------------------------------------


def day_words(day: date | None) -> str:
    """A day in words of the active language; never digits with slashes."""
    from django.utils.dateformat import format as written

    return written(day, "j F Y") if day is not None else MISSING


def number_words(value: Decimal | int | None, unit: str = "") -> str:
    """A figure for the page: whole numbers plain, others with one decimal, percent with its sign."""
    if value is None:
        return MISSING
    exact = Decimal(value)
    shown = f"{exact:,.0f}" if exact == exact.to_integral_value() else f"{exact:,.1f}"
    return f"{shown}%" if unit == "percent" else shown.replace("-", "−")


def money_words(money: Money) -> str:
    """An amount with its code first."""
    whole = f"{abs(money.amount_minor) / 10**money.exponent:,.{money.exponent}f}"
    return f"{'−' if money.amount_minor < 0 else ''}{money.currency} {whole}"


def _value_cell(value: results.ValueView, ref: str = "") -> Cell:
    shown = _("hidden") if value.is_hidden else number_words(value.value, value.unit)
    return Cell(shown, ref or str(value.ref or ""))


# --- sections -------------------------------------------------------------------------------------------


def executive_summary(telling: Telling) -> list[Block]:
    """The answer first, in three sentences and four figures."""
    head = next((row for row in telling.table() if row.indicator.id == telling.headline), None)
    if head is None or head.value.value is None:
        return [Paragraph(_("No jobs have been counted yet."))]
    refs = telling.refs(telling.headline)
    ref = refs.get((telling.headline, telling.scope, "", ""), str(head.value.ref or ""))
    women, men = head.value.part("female"), head.value.part("male")
    of_target = _("%(share)s of the target of %(target)s") % {
        "share": number_words(head.share * 100 if head.share is not None else None, "percent"),
        "target": number_words(head.target),
    }
    sentences = [
        _("By %(day)s, %(jobs)s decent jobs had been counted and checked: %(of_target)s.")
        % {"day": day_words(telling.as_of), "jobs": number_words(head.value.value), "of_target": of_target},
        f"{head.light_text}." if head.light_text else "",
    ]
    if telling.missing_inputs:
        sentences.append(
            ngettext(
                "%(n)s input is still missing and is listed below.",
                "%(n)s inputs are still missing and are listed below.",
                len(telling.missing_inputs),
            )
            % {"n": len(telling.missing_inputs)}
        )
    items = [Figure(_("Decent jobs"), number_words(head.value.value), of_target, ref)]
    for label, part in ((_("Women"), women), (_("Men"), men)):
        if part is not None:
            shown = _("hidden") if part.is_hidden else number_words(part.value)
            items.append(
                Figure(
                    label,
                    shown,
                    "",
                    refs.get((telling.headline, telling.scope, "sex", part.category), str(part.ref or "")),
                )
            )
    if head.share_of_time is not None:
        items.append(Figure(_("Share of the time"), number_words(min(head.share_of_time, Decimal(1)) * 100, "percent")))
    return [Paragraph(" ".join(part for part in sentences if part), (ref,) if ref else ()), Facts(tuple(items))]


def headline(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """The main figure period by period, by sex."""
    points = results.series(telling.actor, indicator=telling.headline, scope=telling.scope)
    rows = [
        (Cell(point.period), Cell(number_words(point.value), str(point.ref or "")))
        for point in points
        if point.ends_on <= telling.period.end
    ]
    return [
        Table(_("Counted and checked, at the end of each half-year"), (_("Half-year"), _("Jobs")), tuple(rows), (1,))
    ]


def countries(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """The main figure by country with its target; the last line is the programme's own, not a sum."""
    refs = telling.refs(telling.headline)
    rows = []
    found = results.by_scope(
        telling.actor, indicator=telling.headline, kind="country", scope=telling.scope, as_of=telling.as_of
    )
    for one in found:
        rows.append(
            (
                Cell(one.place),
                _value_cell(one.value, refs.get((telling.headline, one.scope, "", ""), "")),
                Cell(_part(one.women)),
                Cell(_part(one.men)),
                Cell(number_words(one.target)),
                Cell(number_words(one.share * 100 if one.share is not None else None, "percent")),
            )
        )
    head = (_("Country"), _("Jobs"), _("Women"), _("Men"), _("Target"), _("Of its target"))
    return [Table("", head, tuple(rows), (1, 2, 3, 4, 5))]


def _part(part: results.Part | None) -> str:
    if part is None:
        return MISSING
    return _("hidden") if part.is_hidden else number_words(part.value)


def indicators(telling: Telling, section: Mapping[str, Any]) -> list[Block]:
    """The results table: baseline, target, actual, gap; and what is not measured yet, with the reason."""
    wanted = [telling.definition.full(short) for short in section.get("figures") or ()]
    refs = telling.refs()
    measured, planned = [], []
    for row in telling.table():
        if wanted and row.indicator.id not in wanted:
            continue
        if row.indicator.is_planned:
            planned.append(f"{row.indicator.title}: {row.indicator.planned_reason or _('not measured yet')}")
            continue
        measured.append(
            (
                Cell(row.indicator.title),
                Cell(number_words(row.baseline, row.indicator.unit)),
                Cell(number_words(row.target, row.indicator.unit)),
                _value_cell(row.value, refs.get((row.indicator.id, telling.scope, "", ""), "")),
                Cell(number_words(row.gap, row.indicator.unit)),
                Cell(row.light_text),
            )
        )
    head = (_("Indicator"), _("Baseline"), _("Target"), _("Actual"), _("Gap"), _("State"))
    blocks: list[Block] = [Table("", head, tuple(measured), (1, 2, 3, 4))]
    if planned:
        blocks.extend([Paragraph(_("Not measured yet:")), Listing(tuple(planned))])
    return blocks


def outputs(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """Where each output stands: by its own evidence, not by a count of activities."""
    rows = [
        (
            Cell(f"{one.number} {one.text}".strip()),
            Cell(OUTPUT_WORDS[one.state.value]()),
            Cell(str(one.done)),
            Cell(str(one.running)),
            Cell(str(one.planned)),
        )
        for one in results.output_status(telling.actor, scope=telling.scope, as_of=telling.as_of)
    ]
    head = (_("Output"), _("State"), _("Activities done"), _("Running"), _("Planned"))
    return [Table("", head, tuple(rows), (2, 3, 4))]


OUTPUT_WORDS: Mapping[str, Callable[[], str]] = {
    "not_started": lambda: _("not started"),
    "under_way": lambda: _("under way"),
    "evidence_missing": lambda: _("activities done, proof missing"),
    "achieved": lambda: _("achieved, with proof"),
}


def activities(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """Activities that ran or ended in the period, and those that are late."""
    rows = []
    for one in results.activities(telling.actor, scope=telling.scope, limit=1000):
        ended = one.done_on or one.ends_on
        if (one.starts_on and one.starts_on > telling.period.end) or (ended and ended < telling.period.start):
            continue
        state = _("late") if one.is_late else one.state.value
        rows.append((Cell(one.title or one.node_text), Cell(one.place), Cell(state), Cell(day_words(ended))))
    head = (_("Activity"), _("Place"), _("State"), _("Ends"))
    held = cases.sessions(
        telling.actor,
        scope=telling.scope,
        state="held",
        since=telling.period.start,
        until=telling.period.end,
        limit=10_000,
    )
    blocks: list[Block] = [Table("", head, tuple(rows))]
    if held:
        people = sum(row.count.people_min for row in held)
        blocks.append(
            Paragraph(
                _("%(sessions)s workshops, meetings and visits were held in the period; %(people)s people were there.")
                % {"sessions": len(held), "people": number_words(people)}
            )
        )
    return blocks


def budget(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """Plan, commitment and spend by stage and type, and by line; where printed totals differ from their cells."""
    actor, as_of = telling.actor, telling.as_of
    try:
        by_stage = finance.budget_report(actor, as_of=as_of, group_by=("stage", "type"))
    except NotFound:
        return [Paragraph(_("No budget has been declared."))]
    blocks: list[Block] = [
        _budget_table(_("By stage and type"), (_("Stage"), _("Type")), by_stage, ("stage", "type")),
        _budget_table(
            _("By country"),
            (_("Country"),),
            finance.budget_report(actor, as_of=as_of, group_by=("country",)),
            ("country",),
        ),
        _budget_table(
            _("By budget line"), (_("Line"),), finance.budget_report(actor, as_of=as_of, group_by=("line",)), ("line",)
        ),
    ]
    for one in finance.support_cost_readings(actor):
        mark = _(" (the reading in use)") if one.chosen else ""
        blocks.append(
            Paragraph(
                _("Agency cost read as a share of %(base)s: %(support)s on direct cost of %(direct)s%(mark)s.")
                % {
                    "base": one.base,
                    "support": money_words(one.support),
                    "direct": money_words(one.direct),
                    "mark": mark,
                }
            )
        )
    for found in finance.discrepancies(actor):
        blocks.append(
            Note(
                _("The printed total for %(what)s is %(printed)s; its cells add up to %(computed)s. Both are kept.")
                % {
                    "what": ", ".join(f"{name} {value}" for name, value in found.what.items()),
                    "printed": money_words(found.printed),
                    "computed": money_words(found.computed),
                }
            )
        )
    return blocks


def _budget_table(
    title: str, head: tuple[str, ...], rows: Sequence[finance.BudgetRow], names: tuple[str, ...]
) -> Table:
    lines = [
        (
            *(Cell(row.key.get(name) or _("not stated")) for name in names),
            Cell(money_words(row.plan)),
            Cell(money_words(row.committed)),
            Cell(money_words(row.spent)),
            Cell(money_words(row.free)),
        )
        for row in rows
    ]
    if rows:
        currency = rows[0].plan.currency
        sums = [
            Money(sum(getattr(row, column).amount_minor for row in rows), currency)
            for column in ("plan", "committed", "spent", "free")
        ]
        first = (Cell(_("Total")), *(Cell("") for _name in names[1:]))
        lines.append((*first, *(Cell(money_words(one)) for one in sums)))
    first_number = len(names)
    columns = (*head, _("Plan"), _("Committed"), _("Spent"), _("Free"))
    return Table(title, columns, tuple(lines), tuple(range(first_number, first_number + 4)), total=True)


def loans(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """The loan funds with the quality of their loans."""
    rows = []
    for fund in finance.funds(telling.actor, scope=telling.scope, as_of=telling.as_of):
        portfolio = finance.portfolio(telling.actor, fund_ref=fund.ref, as_of=telling.as_of)
        rows.append(
            (
                Cell(fund.title),
                Cell(str(portfolio.loans)),
                Cell(money_words(portfolio.outstanding)),
                Cell(_ratio(portfolio.par30)),
                Cell(_ratio(portfolio.on_time)),
                Cell(money_words(portfolio.written_off)),
                Cell(money_words(fund.cash)),
            )
        )
    head = (
        _("Fund"),
        _("Loans"),
        _("Still owed"),
        _("Paid late 30+ days"),
        _("Paid on time"),
        _("Written off"),
        _("Cash"),
    )
    return [Table("", head, tuple(rows), (1, 2, 3, 4, 5, 6), empty=_("There are no loan funds yet."))]


def _ratio(found: Any) -> str:
    percent = found.percent(6)
    return MISSING if percent is None else number_words(percent, "percent")


def job_statement(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """From claims to decent jobs: each rule and how many jobs it took away, kind by kind."""
    found = jobs.statement(telling.actor, scope=telling.scope, as_of=telling.as_of)
    return [Table(title, head, rows, (1, 2), total=True) for title, head, rows in statement_tables(found)]


def statement_tables(found: Any) -> list[tuple[str, tuple[str, ...], tuple[tuple[Cell, ...], ...]]]:
    """One table per kind of job; kinds are never added together."""
    from jump.core.jobs import RULE_TEXTS

    tables: list[tuple[str, tuple[str, ...], tuple[tuple[Cell, ...], ...]]] = []
    for count in found.kinds:
        left = count.claims
        rows: list[tuple[Cell, ...]] = [(Cell(_("Claimed")), Cell(""), Cell(number_words(left)))]
        for applied in count.rules:
            left -= applied.took_away
            words = Cell(_(RULE_TEXTS[applied.rule]))
            rows.append((words, Cell(number_words(-applied.took_away)), Cell(number_words(left))))
        rows.append((Cell(_("Decent jobs")), Cell(""), Cell(number_words(left))))
        title = _("Jobs %(kind)s") % {"kind": count.kind.value}
        tables.append((title, (_("Rule"), _("Taken away"), _("Left")), tuple(rows)))
    return tables


def assumptions(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """What the programme counts on, and whether it still holds."""
    rows = [
        (Cell(one.text), Cell(one.sign.value.replace("_", " ")), Cell(day_words(one.reviewed_on)))
        for one in results.assumptions(telling.actor, as_of=telling.as_of)
    ]
    return [Table("", (_("Assumption"), _("Sign"), _("Looked at")), tuple(rows))]


def lessons(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """Lessons published by the end of the period, each with the record that proves it."""
    rows = Lesson.objects.under(telling.scope).filter(state=LessonState.PUBLISHED.value, on__lte=telling.as_of)
    blocks: list[Block] = []
    for row in rows.order_by("-on", "ref")[:20]:
        blocks.append(Heading(row.title, 3))
        blocks.append(Paragraph(row.text, (row.proof,)))
    return blocks or [Paragraph(_("No lesson has been published yet."))]


def missing_inputs(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """Inputs from the calendar that are due and not there: printed as such, never silently left out (REPORT-01)."""
    late = [
        one
        for one in cases.tasks(telling.actor, scope=telling.scope, state="open", as_of=telling.as_of, limit=2_000)
        if one.source.startswith("calendar:") and one.due_on is not None and one.due_on <= telling.as_of
    ]
    rows = []
    for one in late:
        place = scope_title(one.scope)
        telling.missing_inputs.append(f"{one.title}, {place}")
        days = (telling.as_of - one.due_on).days if one.due_on else 0
        rows.append((Cell(one.title), Cell(place), Cell(day_words(one.due_on)), Cell(number_words(days))))
    head = (_("Input"), _("Place"), _("Was due"), _("Days late"))
    return [Table("", head, tuple(rows), (3,), empty=_("Everything that was due has come in."))]


def work_plan(telling: Telling, _section: Mapping[str, Any]) -> list[Block]:
    """The work plan for the twelve months after the period: the plan where there is one, and what the calendar asks."""
    until = add_months(telling.period.end, 12)
    blocks: list[Block] = []
    for plan in results.plans(telling.actor, scope=telling.scope):
        if plan.ends_on <= telling.period.end or plan.starts_on > until:
            continue
        blocks.append(Heading(_("%(title)s, version %(n)s") % {"title": plan.title, "n": plan.version}, 3))
        blocks.extend(Paragraph(f"{one.title}: {one.text}") for one in plan.sections if one.text)
        rows = [
            (
                Cell(one.title or one.node_text),
                Cell(one.place),
                Cell(day_words(one.starts_on)),
                Cell(day_words(one.ends_on)),
            )
            for one in plan.activities
        ]
        if rows:
            blocks.append(Table("", (_("Activity"), _("Place"), _("Begins"), _("Ends")), tuple(rows)))
    coming = [
        one
        for one in cases.tasks(telling.actor, scope=telling.scope, state="open", as_of=telling.as_of, limit=2_000)
        if one.source.startswith("calendar:") and one.due_on and telling.period.end < one.due_on <= until
    ]
    rows = [
        (
            Cell(one.title),
            Cell(scope_title(one.scope)),
            Cell(day_words(one.due_on)),
            Cell(one.owner_role.replace("_", " ")),
        )
        for one in coming
    ]
    blocks.append(
        Table(
            _("Due in the next twelve months"),
            (_("What"), _("Place"), _("Due"), _("By")),
            tuple(rows),
            empty=_("Nothing in the calendar."),
        )
    )
    return blocks


SECTIONS: Mapping[str, Callable[[Telling, Mapping[str, Any]], list[Block]]] = {
    "headline": headline,
    "countries": countries,
    "indicators": indicators,
    "outputs": outputs,
    "activities": activities,
    "budget": budget,
    "loans": loans,
    "job_statement": job_statement,
    "assumptions": assumptions,
    "lessons": lessons,
    "missing_inputs": missing_inputs,
    "work_plan": work_plan,
}


def programme_scope(actor: Actor) -> str:
    """The node of the programme this actor sees."""
    return parties.programme(actor).scope
