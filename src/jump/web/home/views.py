"""The first page: are we on course, and what needs you. Reads stored figures only, so its cost does not grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jump.base import clock, duties, packages
from jump.base.actors import Actor, can
from jump.base.i18n import text
from jump.base.packages import UnknownDefinition
from jump.base.refusals import NotFound
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.engines.results import api as results
from jump.web import drawings, formats
from jump.web.access import actor_of
from jump.web.context import chosen_figure, kept, programme_of, waiting_for
from jump.web.links import address_of
from jump.web.templatetags.figures import figure

ALERTS = 5
MONEY_USES = 6
MAIN_FIGURES = "executive_summary"  # the report template whose figures stand on the first page


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Headline with its course, what needs the actor, main figures, countries, money."""
    actor = actor_of(request)
    if actor.user_id is None:
        return redirect("public:home")
    if not can(actor, "results.read"):
        return redirect("tasks:list")
    try:
        programme = programme_of(actor)
        course = results.course(actor, beside=(chosen_figure(programme),))
    except NotFound:
        return render(request, "home/empty.html", {"may_load": can(actor, "base.packages")})
    head = course.headline
    waiting = waiting_for(actor)
    page = kept(
        f"web.home.{actor.key}.{get_language()}.{head.figure_ref}.{head.jobs}",
        lambda: figures(actor, programme, course),
    ) | {
        "head": head,
        "alerts": [_alert(one) for one in waiting[:ALERTS]],
        "waiting": len(waiting),
        "may_report": can(actor, "reports.write"),
    }
    return render(request, "home/home.html", page)


def figures(actor: Actor, programme: parties.ProgrammeBrief, course: results.Course) -> dict[str, Any]:
    """Everything on the page that comes from stored figures: kept for a minute, made anew when the headline moves."""
    head = course.headline
    table = {row.indicator.id: row for row in results.table(actor, ground=course.ground)}
    return {
        "answer": _answer(head, course.places),
        "chart": _chart(head, course.points),
        "forecast_head": [_("Month"), _("Low (1 in 10)"), _("Middle"), _("High (9 in 10)")],
        "forecast_rows": _forecast_rows(head),
        "facts": _facts(table, head.indicator, programme.definition),
        "map": _map(course.places),
        **_countries(actor, programme, course),
        "money_head": [_("Use"), _("Spent")],
        **_money(actor),
    }


def _answer(head: results.HeadlineView, countries: Sequence[results.ScopeRow]) -> str:
    """The first sentence: yes or no, by how much, and where most of the gap is."""
    if head.jobs is None or head.target is None:
        return _("No jobs have been counted yet.")
    if head.jobs >= head.target:
        return _("Yes. The target has been reached.")
    likely = head.forecast.middle[-1] if head.forecast and head.forecast.middle else None
    if likely is not None and likely >= head.target:
        return _("Yes, if the pace of the last months holds.")
    gap = head.target - Decimal(likely) if likely is not None else head.target - head.jobs
    behind = sum(1 for one in countries if one.share is not None and one.share < Decimal("0.5"))
    if likely is None:
        return _("Not yet. %(gap)s jobs are still to be made.") % {"gap": formats.number(gap)}
    words = _("Not yet. At today’s pace the programme ends about %(gap)s jobs short.")
    where = _("%(n)s countries are under half of their target.") % {"n": formats.number(behind)} if behind else ""
    return f"{words % {'gap': formats.number(round(gap, -1))}} {where}".strip()


def _alert(item: duties.Due) -> dict[str, Any]:
    day = formats.day(item.on) if item.on else ""
    return {
        "title": item.title,
        "url": address_of(item.url_name, item.url_args),
        "detail": " · ".join(part for part in (day, item.detail) if part),
        "kind": item.severity,
    }


def _chart(head: results.HeadlineView, course: Sequence[results.SeriesPoint]) -> str:
    """The course so far and the futures; nothing where there is only one point."""
    points = [drawings.Point(one.ends_on, float(one.value)) for one in course if one.value is not None]
    if head.starts_on is not None:
        points.insert(0, drawings.Point(head.starts_on, 0.0))
    if len(points) < 2:
        return ""
    bands = []
    if head.forecast is not None:
        told = zip(
            head.forecast.months,
            head.forecast.lowest,
            head.forecast.low,
            head.forecast.middle,
            head.forecast.high,
            head.forecast.highest,
            strict=True,
        )
        last = head.forecast.months[-1]
        bands = [drawings.Band(*one) for number, one in enumerate(told) if number % 3 == 2 or one[0] == last]
    finding = _("%(jobs)s jobs by %(day)s. The target is %(target)s.") % {
        "jobs": formats.number(head.jobs),
        "day": formats.day(head.as_of),
        "target": formats.number(head.target),
    }
    return drawings.line_chart(
        key="jobs",
        title=_("%(what)s since the start, and the forecast") % {"what": head.title},
        finding=finding,
        points=points,
        bands=bands,
        target=float(head.target) if head.target is not None else None,
        target_label=_("Target %(n)s") % {"n": formats.number(head.target)},
        now_label=_("%(n)s now") % {"n": formats.number(head.jobs)},
    )


def _forecast_rows(head: results.HeadlineView) -> list[tuple[str, str, str, str]]:
    if head.forecast is None:
        return []
    every = head.forecast
    chosen = sorted({*range(5, len(every.months), 6), len(every.months) - 1})
    return [
        (
            formats.month(every.months[at]),
            formats.number(every.lowest[at]),
            formats.number(every.middle[at]),
            formats.number(every.highest[at]),
        )
        for at in chosen
    ]


def _facts(table: dict[str, results.TableRow], headline: str, programme: str) -> list[dict[str, str]]:
    """The main figures that the programme's own package names, but for the headline."""
    package = programme.partition(".")[0]
    try:
        sections = packages.definition("report", f"{package}.{MAIN_FIGURES}").data["sections"]
    except UnknownDefinition:
        return []
    named = [f"{package}.{short}" for section in sections for short in section.get("figures") or ()]
    found = []
    for full_id in named:
        row = table.get(full_id)
        if row is None or full_id == headline or row.indicator.is_planned:
            continue
        below = ""
        if row.target is not None:
            below = _("plan: %(n)s") % {"n": figure(row.target, row.indicator.unit)}
        elif row.value.n:
            below = _("from %(n)s records") % {"n": formats.number(row.value.n)}
        shown = _("hidden") if row.value.is_hidden else figure(row.value.value, row.indicator.unit)
        url = address_of("trace:ref", (row.value.ref,)) if row.value.ref else ""
        found.append({"label": row.indicator.title, "figure": shown, "below": below, "url": url})
    return found[:4]


def _map(countries: Sequence[results.ScopeRow]) -> str:
    dots = [
        drawings.Dot.of_country(
            one.scope.rstrip("/").rpartition("/")[2],
            one.place,
            float(one.value.value or 0),
            bad=one.share is not None and one.share < Decimal("0.25"),
        )
        for one in countries
        if one.scope.rstrip("/").rpartition("/")[2] in drawings.CENTRES
    ]
    most = max(countries, key=lambda one: one.value.value or 0, default=None)
    finding = _("Most jobs are in %(place)s.") % {"place": most.place} if most is not None else ""
    return drawings.world_map(key="map", title=_("Where the jobs are"), finding=finding, dots=dots) if dots else ""


@dataclass(frozen=True, slots=True)
class Country:
    """One row of the table of countries."""

    row: results.ScopeRow
    communities: int | None
    late: str
    reported_on: date | None


def _countries(actor: Actor, programme: parties.ProgrammeBrief, course: results.Course) -> dict[str, Any]:
    """The table of countries: chosen communities, loans with an instalment past its day, the last form sent.

    One statement each for loans and forms. Loans are told of a country that the reader sees as a whole; a column
    without any figure is left out. A programme whose package does not count the communities it chose shows those it
    knows.
    """
    chosen = course.beside.get(chosen_figure(programme))
    places = [course.scope, *(one.scope for one in course.places)]
    loans = finance.loans_at(actor, places, as_of=clock.today())
    last = evidence.last_days(actor, places)

    def communities(scope: str) -> int | None:
        if chosen is None:
            return sum(number for path, number in programme.communities.items() if path.startswith(scope))
        value = chosen[scope].value
        return int(value) if value is not None else None

    def late(scope: str) -> str:
        found = loans.get(scope)
        if found is None or not found.running:
            return formats.MISSING
        return _("%(late)s of %(all)s") % {
            "late": formats.number(found.late),
            "all": formats.number(found.running),
        }

    return {
        "countries": [
            Country(one, communities(one.scope), late(one.scope), last.get(one.scope)) for one in course.places
        ],
        "counts_chosen": chosen is not None,
        "communities_count": communities(course.scope),
        "shows_loans": any(one.running for one in loans.values()),
        "loans_late": late(course.scope),
        "shows_reports": bool(last),
        "last_report": last.get(course.scope),
    }


def _money(actor: Actor) -> dict[str, Any]:
    """Where the money went: from its source through the kind of use to the budget line."""
    if not can(actor, "finance.read"):
        return {}
    try:
        report = finance.spent_report(actor, as_of=clock.today())
    except NotFound:
        return {}
    spent = [row for row in report.rows if row.spent.amount_minor > 0]
    if not spent:
        return {}

    kinds = {"cb": _("Capacity building"), "rlf": _("Loan funds"), "agency": _("Agency cost")}
    scale = 10 ** spent[0].spent.exponent * 1000
    by_line: dict[str, float] = {}
    by_type: dict[str, float] = {}
    flows = []
    for row in spent:
        thousand = row.spent.amount_minor / scale
        kind = kinds.get(row.type, row.type)
        title = report.titles.get(row.line)
        name = text(title) if title is not None else row.line or _("not stated")
        flows.append(drawings.Flow(kind, name if name != kind else _("Loans to groups"), round(thousand)))
        by_type[kind] = by_type.get(kind, 0) + thousand
        by_line[name] = by_line.get(name, 0) + thousand
    flows = [*(drawings.Flow(_("Main donor"), kind, round(value)) for kind, value in by_type.items()), *flows]
    largest = max(by_line, key=lambda name: by_line[name])
    drawing = drawings.flow(
        key="money",
        title=_("Where the money went"),
        finding=_("Most was spent on %(what)s.") % {"what": largest},
        flows=flows,
        unit=_("%(currency)s thousand") % {"currency": spent[0].spent.currency},
    )
    return {
        "money": drawing,
        "money_unit": _("%(currency)s thousand") % {"currency": spent[0].spent.currency},
        "money_rows": [
            (name, formats.number(Decimal(value), 1))
            for name, value in sorted(by_line.items(), key=lambda one: -one[1])
        ],
    }
