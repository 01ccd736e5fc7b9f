"""Budgets: cells, plan against commitment and spend, the declared split, printed totals, sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from jump.base.actors import Actor
from jump.base.prepared import Prepared
from jump.base.refusals import NotFound
from jump.core.calendars import add_months
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    BridgePost,
    Budget,
    BudgetCell,
    Contract,
    FundingSource,
    Reservation,
    Spend,
)
from jump.engines.finance.models.refusals import LineUnknown
from jump.engines.finance.types import (
    BudgetRow,
    BudgetView,
    CellView,
    ContractState,
    Discrepancy,
    FundingGap,
    LineView,
    SourceView,
    SpendView,
    SpentReport,
    SpentRow,
    SplitCheck,
    SplitShare,
    SupportCostReading,
    TrancheState,
)
from jump.engines.finance.types.donors import SupportChoice
from jump.engines.ledger import api as ledger

GROUPS = ("country", "place", "stage", "type", "line", "source", "activity")
_OPEN = (ContractState.WAITING, ContractState.RUNNING)


def budget_row(actor: Actor, ref: Ref | None = None) -> Budget:
    """The row of a budget (the only one, if none is named) of which this actor may see at least some cells."""
    rows: Iterable[Budget] = (
        Budget.objects.filter(**({"ref": ref} if ref else {})).select_related("scope").order_by("id")
    )
    paths = actor.paths_viewing(Budget.data_class)
    for row in rows:
        if any(path.startswith(row.scope.path) or row.scope.path.startswith(path) for path in paths):
            return row
    raise NotFound(ref=ref or "budget")


def budget_above(scope: str, ref: Ref | None = None) -> Budget:
    """The budget that pays at a place: the named one, or the nearest above. Rights are the caller's to check."""
    rows: Iterable[Budget] = (
        Budget.objects.filter(**({"ref": ref} if ref else {})).select_related("scope").order_by("id")
    )
    near = [row for row in rows if scope.startswith(row.scope.path)]
    if not near:
        raise NotFound(ref=ref or f"budget {scope}")
    return max(near, key=lambda row: len(row.scope.path))


def seen_cells(actor: Actor, row: Budget) -> Any:
    """The cells of a budget for places that this actor may see."""
    paths = actor.paths_viewing(Budget.data_class)
    if any(row.scope.path.startswith(path) for path in paths):
        return row.cells.all()
    own = Q(pk__in=[])
    for path in paths:
        own |= Q(place__startswith=path)
    return row.cells.filter(own)


def budgets(actor: Actor) -> list[Ref]:
    """The budgets of which this actor may see cells."""
    paths = actor.paths_viewing(Budget.data_class)
    return [
        Ref(row.ref)
        for row in Budget.objects.select_related("scope").order_by("id")
        if any(path.startswith(row.scope.path) or row.scope.path.startswith(path) for path in paths)
    ]


def budget(actor: Actor, ref: Ref | None = None, as_of: date | None = None) -> BudgetView:
    """A budget with its lines and cells; totals are computed."""
    row = budget_row(actor, ref)
    return _budget_view(row, _cells(actor, row, as_of))


def budget_outline(actor: Actor, ref: Ref | None = None) -> BudgetView:
    """A budget with its lines and without its cells: what it is called and what its codes mean. One statement."""
    return _budget_view(budget_row(actor, ref), [])


def _budget_view(row: Budget, views: list[CellView]) -> BudgetView:
    return BudgetView(
        ref=Ref(row.ref),
        title=row.title,
        definition=row.definition,
        currency=row.currency,
        scope=row.scope.path,
        book_ref=Ref(row.book),
        pledge=Money(row.pledge_minor, row.currency),
        total=Money(sum(cell.plan.amount_minor for cell in views), row.currency),
        lines=tuple(LineView(line["no"], line["id"], line["title"]) for line in row.rules["lines"]),
        cells=tuple(views),
    )


def cells(actor: Actor, *, budget_ref: Ref | None = None, as_of: date | None = None) -> list[CellView]:
    """Every cell with its plan, commitment and spend. Four statements, however many cells."""
    return _cells(actor, budget_row(actor, budget_ref), as_of)


def _cells(actor: Actor, row: Budget, as_of: date | None) -> list[CellView]:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    found = list(seen_cells(actor, row).order_by("place", "stage", "type", "line", "id"))
    ids = [cell.pk for cell in found]
    spent, committed = spent_by_cell(ids, as_of), committed_by_cell(ids, as_of)
    return [
        CellView(
            Ref(cell.ref),
            cell.country,
            cell.place,
            cell.stage,
            cell.type,
            cell.line,
            money(cell.amount_minor),
            money(committed.get(cell.pk, 0)),
            money(spent.get(cell.pk, 0)),
            cell.printed,
        )
        for cell in found
    ]


def spent_by_cell(ids: Iterable[int], as_of: date | None = None) -> dict[int, int]:
    rows = Spend.objects.filter(cell_id__in=list(ids))
    if as_of is not None:
        rows = rows.filter(on__lte=as_of)
    return {pk: int(total) for pk, total in rows.values_list("cell_id").annotate(Sum("amount_minor"))}


def committed_by_cell(ids: Iterable[int], as_of: date | None = None) -> dict[int, int]:
    """What contracts have promised and not paid out, and what decisions hold, in the budget's currency."""
    wanted = list(ids)
    found: dict[int, int] = {}
    promised = Contract.objects.filter(cell_id__in=wanted)
    released = Q(tranches__state=TrancheState.RELEASED)
    if as_of is None:
        promised = promised.filter(state__in=_OPEN)
    else:
        promised = promised.filter(opened_on__lte=as_of).exclude(settled_on__lte=as_of)
        released &= Q(tranches__released_on__lte=as_of)
    rows = promised.annotate(paid=Coalesce(Sum("tranches__amount_minor", filter=released), 0))
    for contract in rows:
        left = contract.amount_minor - int(contract.paid)
        in_budget = round(left * Fraction(str(contract.labels.get("rate", "1"))))
        found[contract.cell_id] = found.get(contract.cell_id, 0) + in_budget
    held = Reservation.objects.filter(cell_id__in=wanted, state=Reservation.HELD).values_list("cell_id")
    for pk, total in held.annotate(Sum("amount_minor")):
        found[pk] = found.get(pk, 0) + int(total)
    for pk, _line, left in bridges_promised(wanted, as_of):
        found[pk] = found.get(pk, 0) + left
    return found


def cell_for(row: Budget, *, scope: str, stage: str, type: str, line: str = "") -> BudgetCell:
    """The cell that pays: the nearest place above, its stage, its type, its line where the plan has lines."""
    stages = stages_of(row, stage)
    if stage and not stages:
        raise LineUnknown(what="stage", given=stage)
    rows = row.cells.filter(type=type, line__in=["", line])
    if stage:
        rows = rows.filter(stage__in=stages)
    near = [cell for cell in rows.order_by("id") if scope.startswith(cell.place)]
    if not near:
        raise LineUnknown(what="cell", given=f"{scope} {stage} {type}".strip())
    return max(near, key=lambda cell: (len(cell.place), cell.line == line and line != "", -cell.pk))


def bridges_promised(cell_ids: Iterable[int], as_of: date | None = None) -> list[tuple[int, str, int]]:
    """What bridges have promised and not paid yet: cell, line and amount of each."""
    rows = BridgePost.objects.filter(cell_id__in=list(cell_ids)).order_by("id")
    if as_of is not None:
        rows = rows.filter(starts_on__lte=as_of)
    paid = Count("payments", filter=Q(payments__spend__on__lte=as_of) if as_of else Q())
    found = [
        (one.cell_id, one.line, one.monthly_minor * max(0, len(months_of(one, as_of)) - one.paid))
        for one in rows.annotate(paid=paid)
    ]
    return [one for one in found if one[2]]


def months_of(row: BridgePost, as_of: date | None = None) -> list[date]:
    """The months that a bridge pays: from its first to its last, or to the one before another donor took over."""
    last, taken_over = row.ends_on, row.replaced_on
    if taken_over is not None and (as_of is None or taken_over <= as_of):
        last = min(last, taken_over.replace(day=1) - timedelta(days=1))
    months, day = [], row.starts_on.replace(day=1)
    while day <= last:
        months.append(day)
        day = add_months(day, 1)
    return months


def stages_of(row: Budget, stage: str) -> list[str]:
    """The stages of the plan that a stage of the work belongs to."""
    declared = row.rules.get("stages") or []
    found = [one["id"] for one in declared if stage == one["id"] or stage in one.get("covers", [])]
    return found or ([stage] if not declared else [])


def free_of_cell(cell: BudgetCell) -> int:
    """What a cell still has: plan without commitments and spend."""
    spent = _SPENT.first(cell.pk)
    committed = committed_by_cell([cell.pk]).get(cell.pk, 0)
    return int(cell.amount_minor) - committed - int((spent and spent[1]) or 0)


_SPENT = Prepared(lambda pk: Spend.objects.filter(cell_id=pk).values_list("cell_id").annotate(Sum("amount_minor")))


def budget_report(
    actor: Actor,
    *,
    as_of: date,
    budget_ref: Ref | None = None,
    group_by: Sequence[str] = ("country", "stage", "type"),
) -> list[BudgetRow]:
    """Plan, commitment and spend side by side, for any combination of country, stage, type, line, source and activity.

    What the plan does not say of a group (its source, or its line where cells have none) stands in a row of its own
    with an empty name, so that the columns always add up to the whole.
    """
    for name in group_by:
        if name not in GROUPS:
            raise LineUnknown(what="grouping", given=name)
    row = budget_row(actor, budget_ref)
    sums: dict[tuple[str, ...], list[Any]] = {}

    def add(values: Mapping[str, str], column: int, amount_minor: int, ref: str = "") -> None:
        key = tuple(values.get(name, "") for name in group_by)
        row_sums = sums.setdefault(key, [0, 0, 0, []])
        row_sums[column] += amount_minor
        if ref:
            row_sums[3].append(Ref(ref))

    by_cell = {}
    for cell in seen_cells(actor, row).order_by("id"):
        values = {name: getattr(cell, name) for name in ("country", "place", "stage", "type", "line")}
        by_cell[cell.pk] = values
        add(values, 0, cell.amount_minor, cell.ref)
    for contract, left in _promised(list(by_cell), as_of):
        assert contract.cell_id is not None
        add({**by_cell[contract.cell_id], **_labels(contract.labels)}, 1, left)
    for pk, line, left in bridges_promised(list(by_cell), as_of):
        add({**by_cell[pk], "line": line}, 1, left)
    for pk, left in _held(list(by_cell)):
        add(by_cell[pk], 1, left)
    spends = Spend.objects.filter(cell_id__in=list(by_cell), on__lte=as_of)
    grouped = spends.values("cell_id", "line", "source", "activity").annotate(total=Sum("amount_minor"))
    for one in grouped.order_by("cell_id", "line", "source", "activity"):
        values = {name: one[name] for name in ("line", "source", "activity")}
        add({**by_cell[one["cell_id"]], **values}, 2, int(one["total"]))

    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    return [
        BudgetRow(dict(zip(group_by, key, strict=True)), money(plan), money(promised), money(spent), tuple(refs))
        for key, (plan, promised, spent, refs) in sorted(sums.items())
    ]


def spent_report(actor: Actor, *, as_of: date) -> SpentReport:
    """What was spent, by type of cell and line, with the titles of the lines. Two statements."""
    row = budget_row(actor)
    spends = Spend.objects.filter(cell__in=seen_cells(actor, row), on__lte=as_of).order_by("cell__type", "line")
    return SpentReport(
        currency=row.currency,
        titles={line["id"]: line["title"] for line in row.rules["lines"]},
        rows=tuple(
            SpentRow(type, line, Money(int(total), row.currency))
            for type, line, total in spends.values_list("cell__type", "line").annotate(Sum("amount_minor"))
        ),
    )


def _labels(labels: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(labels.get(name, "")) for name in ("line", "source", "activity")}


def _promised(cell_ids: list[int], as_of: date) -> list[tuple[Contract, int]]:
    released = Q(tranches__state=TrancheState.RELEASED, tranches__released_on__lte=as_of)
    rows = Contract.objects.filter(cell_id__in=cell_ids, opened_on__lte=as_of).exclude(settled_on__lte=as_of)
    found = []
    for contract in rows.annotate(paid=Coalesce(Sum("tranches__amount_minor", filter=released), 0)).order_by("id"):
        left = contract.amount_minor - int(contract.paid)
        if left:
            found.append((contract, round(left * Fraction(str(contract.labels.get("rate", "1"))))))
    return found


def _held(cell_ids: list[int]) -> list[tuple[int, int]]:
    """What decisions hold, by cell."""
    held = Reservation.objects.filter(cell_id__in=cell_ids, state=Reservation.HELD).values_list("cell_id")
    return [(pk, int(total)) for pk, total in held.annotate(Sum("amount_minor")).order_by("cell_id")]


def discrepancies(actor: Actor, *, budget_ref: Ref | None = None) -> list[Discrepancy]:
    """Printed totals that are not the sum of their printed and implied cells. Reported, never mended."""
    return _discrepancies(budget_row(actor, budget_ref))


def _discrepancies(row: Budget) -> list[Discrepancy]:
    declared = row.rules["cells"]
    found = []
    for printed in row.rules.get("printed_totals") or []:
        what = {name: str(printed[name]) for name in ("country", "region", "stage", "type", "line") if name in printed}
        computed = sum(
            cell["amount_minor"]
            for cell in declared
            if all(str(cell.get(name)) == value for name, value in what.items())
        )
        if computed != printed["amount_minor"]:
            found.append(Discrepancy(what, Money(printed["amount_minor"], row.currency), Money(computed, row.currency)))
    return found


def check_split(actor: Actor, *, budget_ref: Ref | None = None, whole: Money | None = None) -> SplitCheck:
    """What the declared split gives of the pledge, beside what the cells hold of each part (000, 8.3(4))."""
    return _split(budget_row(actor, budget_ref), whole)


def _split(row: Budget, whole: Money | None = None) -> SplitCheck:
    of_whole = whole or Money(row.pledge_minor, row.currency)
    split = {part: Decimal(str(percent)) for part, percent in (row.rules.get("split") or {}).items()}
    parts = of_whole.allocate(list(split.values())) if split and sum(split.values()) else ()
    in_cells = dict(row.cells.values_list("type").annotate(Sum("amount_minor")))
    return SplitCheck(
        whole=of_whole,
        sums_to_100=sum(split.values(), Decimal(0)) == 100,
        shares=tuple(
            SplitShare(part, percent, amount, Money(int(in_cells.get(part, 0)), row.currency))
            for (part, percent), amount in zip(split.items(), parts, strict=True)
        ),
    )


def support_cost_readings(
    actor: Actor, *, budget_ref: Ref | None = None, whole: Money | None = None, as_of: date | None = None
) -> tuple[SupportCostReading, ...]:
    """Both readings of the agency's 13 percent: of the total, and on top of direct cost inside the same total."""
    return _readings(budget_row(actor, budget_ref), whole, as_of)


def budget_checks(
    actor: Actor, *, budget_ref: Ref | None = None, as_of: date | None = None
) -> tuple[SplitCheck, tuple[SupportCostReading, ...], list[Discrepancy]]:
    """`check_split`, `support_cost_readings` and `discrepancies` of one budget, asked at once."""
    row = budget_row(actor, budget_ref)
    return _split(row), _readings(row, None, as_of), _discrepancies(row)


def _readings(row: Budget, whole: Money | None, as_of: date | None) -> tuple[SupportCostReading, ...]:
    total = whole or Money(row.pledge_minor, row.currency)
    rate = Fraction(str(row.rules.get("support_percent", "13"))) / 100
    choice = support_choice(row, as_of)
    of_total = Money(round(total.amount_minor * rate), row.currency)
    direct = Money(round(Fraction(total.amount_minor) / (1 + rate)), row.currency)
    return (
        _reading("total", of_total, total - of_total, choice),
        _reading("direct", total - direct, direct, choice),
    )


def _reading(base: str, support: Money, direct: Money, choice: SupportChoice) -> SupportCostReading:
    is_chosen = choice.base == base
    return SupportCostReading(base, support, direct, is_chosen, choice if is_chosen else None)


def support_choice(row: Budget, as_of: date | None = None) -> SupportChoice:
    """The reading that holds on a day: the last one somebody chose, else the package's."""
    rows = row.support_choices.filter(on__lte=as_of) if as_of else row.support_choices.all()
    last = rows.order_by("-on", "-id").first()
    if last is None:
        return SupportChoice(str(row.rules.get("support_base", "total")), "", "", None, None)
    return SupportChoice(last.base, last.why, last.by, last.on, Ref(last.decision) if last.decision else None)


def sources(actor: Actor, *, budget_ref: Ref | None = None, as_of: date | None = None) -> list[SourceView]:
    """Who pays: the core donor apart from all others, with what came in and what was spent of each."""
    row = budget_row(actor, budget_ref)
    held = {one.code: one for one in ledger.trial_balance(Ref(row.book), as_of)}
    spends = Spend.objects.filter(cell__budget=row)
    if as_of is not None:
        spends = spends.filter(on__lte=as_of)
    spent = dict(spends.values_list("source").annotate(Sum("amount_minor")))
    found = []
    for one in FundingSource.objects.filter(budget=row).order_by("-is_core", "code"):
        account = held.get(f"income:{one.code}")
        found.append(
            SourceView(
                one.code,
                one.title,
                one.is_core,
                Money(one.pledged_minor, row.currency),
                Money(account.credit_minor if account else 0, row.currency),
                Money(int(spent.get(one.code, 0)), row.currency),
                one.starts_on,
                one.ends_on,
                one.place,
                one.kind,
                one.allocation,
            )
        )
    return found


def funding_gaps(
    actor: Actor, *, starts_on: date, ends_on: date, places: Sequence[str], budget_ref: Ref | None = None
) -> list[FundingGap]:
    """Days of the programme on which no source covers a place (assumption 9.3: continuity of donor funding)."""
    row = budget_row(actor, budget_ref)
    spans = list(FundingSource.objects.filter(budget=row).values_list("place", "starts_on", "ends_on"))
    gaps = []
    for place in places:
        day = starts_on
        for start, end in sorted((start, end) for path, start, end in spans if place.startswith(path)):
            if start > day and day <= ends_on:
                gaps.append(FundingGap(place, day, min(start - timedelta(days=1), ends_on)))
            day = max(day, end + timedelta(days=1))
        if day <= ends_on:
            gaps.append(FundingGap(place, day, ends_on))
    return gaps


def spends(
    actor: Actor,
    *,
    scope: str = "",
    line: str = "",
    source: str = "",
    activity: str = "",
    since: date | None = None,
    until: date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[SpendView]:
    """Money spent, latest first."""
    rows = _spends(actor, scope, line, source, activity, since, until).select_related("scope", "cell__budget")
    return [spend_view(row) for row in rows.order_by("-on", "-id")[offset : offset + limit]]


def count_spends(
    actor: Actor,
    *,
    scope: str = "",
    line: str = "",
    source: str = "",
    activity: str = "",
    since: date | None = None,
    until: date | None = None,
) -> int:
    """How many there are for `spends`."""
    return int(_spends(actor, scope, line, source, activity, since, until).count())


def _spends(
    actor: Actor, scope: str, line: str, source: str, activity: str, since: date | None, until: date | None
) -> Any:
    wanted: dict[str, Any] = {
        "line": line,
        "source": source,
        "activity": activity,
        "on__gte": since,
        "on__lte": until,
    }
    rows = Spend.objects.visible_to(actor).under(scope)
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def spend_view(row: Spend) -> SpendView:
    return SpendView(
        ref=Ref(row.ref),
        entry_ref=Ref(row.entry),
        on=row.on,
        amount=Money(row.paid_minor, row.paid_currency),
        in_budget=Money(row.amount_minor, row.cell.budget.currency),
        rate=row.rate,
        line=row.line,
        stage=row.stage,
        type=row.type,
        source=row.source,
        activity=row.activity,
        scope=row.scope.path,
        memo=row.memo,
        proof_ref=Ref(row.proof) if row.proof else None,
    )
