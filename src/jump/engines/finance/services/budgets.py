"""Declaring budgets, moving what is planned, and spending it by cell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.packages import definition
from jump.base.prepared import Prepared, add
from jump.base.refusals import NotFound
from jump.base.scopes import ScopeNode, node, node_id
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    Budget,
    BudgetCell,
    BudgetChange,
    Contract,
    FundingSource,
    Spend,
)
from jump.engines.finance.models.budget_refusals import ProvisionHeld
from jump.engines.finance.models.refusals import (
    CategoryBlocked,
    DayImpossible,
    DecisionMissing,
    FundShort,
    KeyReused,
    LineUnknown,
    SourceNotAllowed,
)
from jump.engines.finance.queries.budgets import budget_above, budget_row, cell_for
from jump.engines.finance.queries.checks import check_amount
from jump.engines.finance.queries.rates import convert, rate_on
from jump.engines.finance.services.funds import contribute, locked_cell, require_free_cell
from jump.engines.finance.types import Contributor, SpendView
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


def declare_budget(actor: Actor, *, definition_id: str, scope: str, on: date, title: str = "") -> Ref:
    """Make the budget that a package declares, cell by cell, for the programme at this node. Declared once.

    A cell names a country by its code (a node of the tree under the programme) or `region: all` for the programme
    itself.
    """
    require(actor, "finance.budget", scope)
    declared = definition("budget", definition_id)
    with write_transaction():
        known = Budget.objects.filter(scope__path=scope, definition=declared.id).first()
        if known is not None:
            return Ref(known.ref)
        data = declared.data
        row = Budget(
            title=title or declared.id,
            definition=declared.id,
            definition_version=declared.version,
            currency=data["currency"],
            pledge_minor=int(data.get("pledge_minor", 0)),
            rules=_plain(data),
            declared_on=on,
            scope_id=node_id(scope),
        )
        row.book = ledger.open_book(actor, ref_owner=Ref(row.ref), title=row.title, scope=scope)
        row.save()
        places = _countries(scope)
        for cell in data["cells"]:
            country = str(cell.get("country") or cell.get("region"))
            if cell.get("country") and country not in places:
                raise LineUnknown(what="country", given=country)
            BudgetCell.objects.create(
                budget=row,
                place=places.get(country, scope),
                country=country,
                stage=cell["stage"],
                type=cell["type"],
                line=cell.get("line", ""),
                amount_minor=int(cell["amount_minor"]),
                printed=bool(cell.get("printed", False)),
            )
        record(actor, "finance.declare_budget", row.ref, facts={"definition": declared.id})
    return Ref(row.ref)


def open_cell(
    actor: Actor,
    *,
    budget_ref: Ref,
    place: str,
    country: str,
    stage: str,
    type: str,
    amount: Money,
    line: str = "",
    on: date,
    why: str,
    key: str,
) -> Ref:
    """Add a cell to a budget, with the reason in the log of revisions."""
    with write_transaction():
        row = budget_row(actor, budget_ref)
        require(actor, "finance.budget", row.scope.path)
        check_amount(amount, row.currency)
        known = BudgetChange.objects.filter(key=key).select_related("to_cell").first()
        if known is not None:
            assert known.to_cell is not None
            return Ref(known.to_cell.ref)
        if line and line not in {one["id"] for one in row.rules["lines"]}:
            raise LineUnknown(what="line", given=line)
        cell = BudgetCell.objects.create(
            budget=row,
            place=node(place).path,
            country=country,
            stage=stage,
            type=type,
            line=line,
            amount_minor=amount.amount_minor,
        )
        _log(actor, row, None, cell, amount.amount_minor, why, None, on, key)
    return Ref(cell.ref)


def move_budget(
    actor: Actor,
    *,
    from_cell: Ref,
    to_cell: Ref,
    amount: Money,
    why: str,
    on: date,
    key: str,
    decision_ref: Ref | None = None,
) -> None:
    """Move planned money between two cells of a budget, never more than the first has left. Needs a reason."""
    with write_transaction():
        first = BudgetCell.objects.select_related("budget__scope").filter(ref=from_cell).first()
        second = BudgetCell.objects.filter(ref=to_cell).first()
        if first is None or second is None or first.budget_id != second.budget_id:
            raise NotFound(ref=f"{from_cell} {to_cell}")
        require(actor, "finance.budget", first.budget.scope.path)
        check_amount(amount, first.budget.currency)
        if not why:
            raise DecisionMissing()
        if BudgetChange.objects.filter(key=key).exists():
            return
        if is_provision(first.budget, first.line):
            raise ProvisionHeld(cell=first.ref)
        shift(actor, first, second, amount.amount_minor, why=why, decision_ref=decision_ref, on=on, key=key)


_KNOWN = Prepared(lambda key: Spend.objects.filter(key=key).select_related("scope", "cell__budget"))


def spend(
    actor: Actor,
    *,
    line: str,
    scope: str,
    stage: str,
    type: str,
    amount: Money,
    on: date,
    memo: str,
    key: str,
    source: str = "",
    activity: str = "",
    category: str = "",
    proof_ref: Ref | None = None,
    budget_ref: Ref | None = None,
    approval_ref: Ref | None = None,
    promised_minor: int = 0,
) -> SpendView:
    """Spend out of the cell of this place, stage and type. The same key spends once.

    Refuses a line nobody declared, a source the stage may not use (000, 8.3(3)), a category that the type may not buy
    (8.3(4)), more than the cell has left (unless `approval_ref` names the approval and the actor may change
    budgets), and more than came in from the source. Another currency is booked at the rate of the day.
    `promised_minor` is what the cell already holds for this very payment.
    """
    with ledger.posting_transaction():
        row = budget_above(scope, budget_ref)
        require(actor, "finance.prepare", scope)
        known = _KNOWN.first(key)
        if known is not None:
            same = (known.paid_minor, known.paid_currency, known.line, known.on, known.scope.path)
            if same != (amount.amount_minor, amount.currency, line, on, scope):
                raise KeyReused(key=key)
            return _view(known)
        check_amount(amount, amount.currency)
        _check_spend(row, line=line, type=type, category=category, on=on)
        payer = source_for(row, stage=stage, source=source)
        cell = locked_cell(cell_for(row, scope=scope, stage=stage, type=type, line=line).pk)
        in_budget = convert(amount, row.currency, on)
        check_amount(in_budget, row.currency)
        if approval_ref is not None:
            require(actor, "finance.budget", row.scope.path)
        else:
            require_free_cell(cell, in_budget.amount_minor, besides_minor=promised_minor)
        labels = {
            "line": line,
            "stage": stage,
            "type": type,
            "activity": activity,
            "source": payer,
            "place": scope,
        }
        return book_spend(
            actor,
            cell=cell,
            contract=None,
            debit=account(actor, row, f"expense:{type}", "expense"),
            credit=_pay_from(actor, row, payer, amount, in_budget.amount_minor),
            amount_minor=in_budget.amount_minor,
            paid=amount,
            rate=rate_on(amount.currency, row.currency, on),
            on=on,
            labels=labels,
            memo=memo,
            proof=proof_ref or approval_ref,
            source_ref=proof_ref or Ref(cell.ref),
            key=key,
        )


def transfer_seed(
    actor: Actor,
    *,
    fund_ref: Ref,
    amount: Money,
    scope: str,
    stage: str,
    on: date,
    key: str,
    line: str = "revolving_loan_funds",
    type: str = "rlf",
    source: str = "",
    activity: str = "",
    budget_ref: Ref | None = None,
    received: Money | None = None,
    proof_ref: Ref | None = None,
) -> SpendView:
    """Transfer the seed money of a fund into its own bank account (000, 8.3(4)): spend here, capital there, or neither.

    `received` is what arrived in the fund's currency, where that is another one.
    """
    from jump.engines.finance.queries.funds import fund_row

    with ledger.posting_transaction():
        arrived = received or convert(amount, fund_row(actor, fund_ref).currency, on)
        paid = spend(
            actor,
            line=line,
            scope=scope,
            stage=stage,
            type=type,
            amount=amount,
            on=on,
            memo=f"Seed of {fund_ref}",
            source=source,
            activity=activity,
            proof_ref=proof_ref or fund_ref,
            budget_ref=budget_ref,
            key=key,
        )
        contribute(actor, fund_ref=fund_ref, amount=arrived, source=Contributor.DONOR, on=on, key=f"seed:{key}")
    return paid


# --- for the services of this engine ------------------------------------------------------------------------


def is_provision(row: Budget, line: str) -> bool:
    """Whether the package says of a line that it is held, and released by a second person only."""
    return bool(line) and line in (row.rules.get("provision_lines") or ())


def shift(
    actor: Actor,
    first: BudgetCell,
    second: BudgetCell,
    amount_minor: int,
    *,
    why: str,
    decision_ref: Ref | None,
    on: date,
    key: str,
) -> None:
    """Move planned money between two cells, both locked, with the reason in the log of revisions."""
    for pk in sorted((first.pk, second.pk)):
        locked_cell(pk)
    require_free_cell(first, amount_minor)
    _add(first, -amount_minor)
    _add(second, amount_minor)
    _log(actor, first.budget, first, second, amount_minor, why, decision_ref, on, key)


def source_for(row: Budget, *, stage: str, source: str) -> str:
    """The source that pays a stage: the one asked for if the stage allows it, else the first it allows."""
    declared: Mapping[str, list[str]] = row.rules.get("stage_sources") or {}
    covered = next((one.get("covers", [stage]) for one in row.rules.get("stages") or [] if one["id"] == stage), [stage])
    allowed = [name for name in declared.get(covered[0], []) if all(name in declared.get(one, []) for one in covered)]
    if declared and not allowed:
        raise LineUnknown(what="stage", given=stage)
    if source and allowed and kind_of_source(row, source) not in allowed:
        raise SourceNotAllowed(stage=stage, source=source, allowed=", ".join(allowed))
    return source or (allowed[0] if allowed else "primary_donor")


def kind_of_source(row: Budget, source: str) -> str:
    """What the stage rules call a source: its recorded kind, else its own code."""
    kind = FundingSource.objects.filter(budget=row, code=source).values_list("kind", flat=True).first()
    return kind or source


def pay_account(actor: Actor, row: Budget, source: str, amount_minor: int) -> Ref:
    """The account of a source, which must hold this much."""
    account = bank(actor, row, source)
    held = ledger.balance_locked(account)
    if held < amount_minor:
        raise FundShort(asked_minor=amount_minor, free_minor=held, currency=row.currency, source=source)
    return account


def bank(actor: Actor, row: Budget, source: str, currency: str = "") -> Ref:
    """The bank account of a source, in the budget's currency or another. It cannot be overdrawn."""
    unit = currency or row.currency
    code = f"bank:{source}" if unit == row.currency else f"bank:{source}:{unit}"
    return ledger.open_account(
        actor, book_ref=Ref(row.book), code=code, title=f"Bank, {source}", kind="asset", unit=unit, floor_minor=0
    )


def book_spend(
    actor: Actor,
    *,
    cell: BudgetCell,
    contract: Contract | None,
    debit: Ref,
    credit: Ref | list[Line],
    amount_minor: int,
    paid: Money,
    rate: Decimal,
    on: date,
    labels: Mapping[str, str],
    memo: str,
    proof: Ref | None,
    source_ref: Ref,
    key: str,
) -> SpendView:
    """One entry with its labels and the row that says which cell it came out of."""
    row = Spend(
        cell=cell,
        contract=contract,
        amount_minor=amount_minor,
        paid_minor=paid.amount_minor,
        paid_currency=paid.currency,
        rate=rate.quantize(Decimal("0.000000000001")),
        on=on,
        line=labels["line"],
        stage=labels["stage"],
        type=labels["type"],
        source=labels["source"],
        activity=labels["activity"],
        memo=memo[:300],
        proof=proof or "",
        scope_id=node_id(labels["place"]),
        key=key,
    )
    others = credit if isinstance(credit, list) else [Line(credit, -amount_minor)]
    entry = ledger.post(
        actor,
        book_ref=Ref(cell.budget.book),
        memo=memo,
        occurred_on=on,
        lines=[Line(debit, amount_minor, labels), *others],
        source_ref=source_ref if source_ref.startswith("trn") else Ref(row.ref),
        key=f"spend:{key}",
    )
    row.entry = entry.ref
    add(row)
    record(actor, "finance.spend", row.ref, facts={"cell": cell.ref, "amount_minor": amount_minor})
    return _view(row)


def exchange_account(actor: Actor, row: Budget, currency: str) -> Ref:
    """The account on which exchanges in this currency meet, so that each unit of an entry sums to zero."""
    return ledger.open_account(
        actor,
        book_ref=Ref(row.book),
        code=f"exchange:{currency}",
        title=f"Exchange, {currency}",
        kind="equity",
        unit=currency,
    )


# --- inside -------------------------------------------------------------------------------------------------


def _pay_from(actor: Actor, row: Budget, source: str, amount: Money, in_budget_minor: int) -> Ref | list[Line]:
    """Out of the source's money in that very currency if it holds enough, else out of its main account."""
    if amount.currency != row.currency:
        local = bank(actor, row, source, amount.currency)
        if ledger.balance_locked(local) >= amount.amount_minor:
            return [
                Line(exchange_account(actor, row, row.currency), -in_budget_minor),
                Line(exchange_account(actor, row, amount.currency), amount.amount_minor),
                Line(local, -amount.amount_minor),
            ]
    return pay_account(actor, row, source, in_budget_minor)


def account(actor: Actor, row: Budget, code: str, kind: str, unit: str = "") -> Ref:
    """An account of the budget's book, in its currency or another unit."""
    title = code.replace(":", " ").replace("_", " ").capitalize()
    return ledger.open_account(
        actor, book_ref=Ref(row.book), code=code, title=title, kind=kind, unit=unit or row.currency
    )


def _check_spend(row: Budget, *, line: str, type: str, category: str, on: date) -> None:
    if line not in {one["id"] for one in row.rules["lines"]}:
        raise LineUnknown(what="line", given=line)
    if is_provision(row, line):
        raise ProvisionHeld(line=line)
    blocked = (row.rules.get("blocked_categories") or {}).get(type, [])
    if category in blocked or line in blocked:
        raise CategoryBlocked(type=type, category=category if category in blocked else line)
    if on > clock.today():
        raise DayImpossible(on=on.isoformat(), earliest=row.declared_on.isoformat(), latest=clock.today().isoformat())


def _countries(scope: str) -> dict[str, str]:
    """Country code -> path, for the countries under a programme."""
    rows = ScopeNode.objects.filter(Q(kind="country"), path__startswith=scope).values_list("path", flat=True)
    return {path.rstrip("/").rpartition("/")[2]: path for path in rows}


def _plain(data: Any) -> Any:
    """Package data as it can be kept in a row: Decimals as text."""
    if isinstance(data, Mapping):
        return {str(name): _plain(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return str(data) if isinstance(data, Decimal) else data


def _add(cell: BudgetCell, amount_minor: int) -> None:
    from django.db.models import F

    BudgetCell.objects.filter(pk=cell.pk).update(amount_minor=F("amount_minor") + amount_minor)


def _log(
    actor: Actor,
    row: Budget,
    first: BudgetCell | None,
    second: BudgetCell | None,
    amount_minor: int,
    why: str,
    decision_ref: Ref | None,
    on: date,
    key: str,
) -> None:
    BudgetChange.objects.create(
        budget=row,
        from_cell=first,
        to_cell=second,
        amount_minor=amount_minor,
        why=why,
        decision=decision_ref or "",
        on=on,
        by=actor.key,
        key=key,
    )
    record(actor, "finance.change_budget", row.ref, why=why, facts={"amount_minor": amount_minor})


def _view(row: Spend) -> SpendView:
    from jump.engines.finance.queries.budgets import spend_view

    return spend_view(row)
