"""What is decided about a budget: how overhead is read, what is still to come, the provision, bridges over a gap."""

from __future__ import annotations

from datetime import date

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock, locked, write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.calendars import month_end
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    BridgePayment,
    BridgePost,
    BudgetCell,
    CellEstimate,
    FundingSource,
    ProvisionUse,
    Spend,
    SupportBaseChoice,
)
from jump.engines.finance.models.budget_refusals import BridgeOver, MonthPaid
from jump.engines.finance.models.refusals import (
    DecisionMissing,
    KeyReused,
    LineUnknown,
    SamePerson,
    WrongState,
)
from jump.engines.finance.queries.budgets import (
    budget_above,
    budget_row,
    cell_for,
    committed_by_cell,
    months_of,
    spent_by_cell,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.plans import bridge_row
from jump.engines.finance.services.budgets import is_provision, shift, spend
from jump.engines.finance.services.funds import locked_cell, require_free_cell
from jump.engines.finance.types import SpendView
from jump.engines.ledger import api as ledger


def choose_support_base(
    actor: Actor,
    *,
    base: str,
    why: str,
    on: date,
    key: str,
    budget_ref: Ref | None = None,
    decision_ref: Ref | None = None,
) -> None:
    """Say which reading of the agency's percent holds from a day on: of the total, or on top of direct cost.

    The document can be read in both ways (000, 8.3(4) and 11.1(12)); who chose and why stays on record.
    """
    with write_transaction():
        row = budget_row(actor, budget_ref)
        require(actor, "finance.budget", row.scope.path)
        if base not in ("total", "direct"):
            raise LineUnknown(what="reading", given=base)
        if not why:
            raise DecisionMissing()
        check_day(on, earliest=row.declared_on)
        SupportBaseChoice.objects.get_or_create(
            key=key,
            defaults={
                "budget": row,
                "base": base,
                "why": why,
                "decision": decision_ref or "",
                "on": on,
                "by": actor.key,
            },
        )
        record(actor, "finance.choose_support_base", row.ref, why=why, facts={"base": base})


def estimate_cell(actor: Actor, *, cell_ref: Ref, amount: Money, why: str, on: date, key: str) -> None:
    """Say how much is still to be spent out of a cell beside what is committed. The latest estimate holds."""
    with write_transaction():
        cell = BudgetCell.objects.select_related("budget__scope").filter(ref=cell_ref).first()
        if cell is None:
            raise NotFound(ref=cell_ref)
        require(actor, "finance.prepare", cell.place)
        if amount.amount_minor:
            check_amount(amount, cell.budget.currency)
        if not why:
            raise DecisionMissing()
        check_day(on, earliest=cell.budget.declared_on)
        if CellEstimate.objects.filter(key=key).exists():
            return
        used = spent_by_cell([cell.pk], on).get(cell.pk, 0) + committed_by_cell([cell.pk], on).get(cell.pk, 0)
        CellEstimate.objects.create(
            cell=cell, on=on, amount_minor=amount.amount_minor, used_minor=used, why=why, by=actor.key, key=key
        )
        record(actor, "finance.estimate_cell", cell.ref, why=why, facts={"amount_minor": amount.amount_minor})


# --- the provision for cost increase ------------------------------------------------------------------------


def ask_provision(
    actor: Actor, *, provision_cell: Ref, to_cell: Ref, amount: Money, why: str, on: date, key: str
) -> Ref:
    """Ask for money of the provision (line 13) where costs have risen. It moves when a second person releases it."""
    with write_transaction():
        found = BudgetCell.objects.select_related("budget__scope").filter(ref__in=[provision_cell, to_cell])
        cells = {one.ref: one for one in found}
        first, second = cells.get(provision_cell), cells.get(to_cell)
        if first is None or second is None or first.budget_id != second.budget_id:
            raise NotFound(ref=f"{provision_cell} {to_cell}")
        require(actor, "finance.prepare", second.place)
        check_amount(amount, first.budget.currency)
        if not is_provision(first.budget, first.line) or is_provision(second.budget, second.line):
            raise LineUnknown(what="provision", given=str(provision_cell))
        if not why:
            raise DecisionMissing()
        check_day(on, earliest=first.budget.declared_on)
        known = ProvisionUse.objects.filter(key=key).first()
        if known is not None:
            if (known.to_cell_id, known.amount_minor) != (second.pk, amount.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        require_free_cell(locked_cell(first.pk), amount.amount_minor)
        made = ProvisionUse.objects.create(
            from_cell=first,
            to_cell=second,
            amount_minor=amount.amount_minor,
            why=why,
            asked_by=actor.key,
            asked_on=on,
            key=key,
        )
        record(actor, "finance.ask_provision", made.ref, why=why, facts={"amount_minor": amount.amount_minor})
    return Ref(made.ref)


def release_provision(actor: Actor, *, use_ref: Ref, decision_ref: Ref, on: date) -> None:
    """Use the provision as asked: a second person, and the decision it rests on (000, 11.1(13))."""
    with write_transaction():
        row = _asked(actor, use_ref)
        if row.state == ProvisionUse.RELEASED:
            return
        _check_decides(actor, row)
        if not decision_ref:
            raise DecisionMissing()
        check_day(on, earliest=row.asked_on)
        shift(
            actor,
            row.from_cell,
            row.to_cell,
            row.amount_minor,
            why=row.why,
            decision_ref=decision_ref,
            on=on,
            key=f"provision:{row.ref}",
        )
        row.decision = decision_ref
        _decide(actor, row, ProvisionUse.RELEASED, on)


def refuse_provision(actor: Actor, *, use_ref: Ref, why: str, on: date) -> None:
    """Leave the provision as it is; the answer and its reason stay on record."""
    with write_transaction():
        row = _asked(actor, use_ref)
        if row.state == ProvisionUse.DROPPED:
            return
        _check_decides(actor, row)
        if not why:
            raise DecisionMissing()
        check_day(on, earliest=row.asked_on)
        _decide(actor, row, ProvisionUse.DROPPED, on, why)


def _asked(actor: Actor, use_ref: Ref) -> ProvisionUse:
    rows = ProvisionUse.objects.filter(ref=use_ref).select_related("from_cell__budget__scope", "to_cell__budget")
    row: ProvisionUse | None = locked(rows).first()
    if row is None:
        raise NotFound(ref=use_ref)
    require(actor, "finance.budget", row.from_cell.budget.scope.path)
    return row


def _check_decides(actor: Actor, row: ProvisionUse) -> None:
    if row.state != ProvisionUse.ASKED:
        raise WrongState(state=row.state)
    if actor.key == row.asked_by:
        raise SamePerson(doing="release", did="ask")


def _decide(actor: Actor, row: ProvisionUse, state: str, on: date, why: str = "") -> None:
    row.state, row.decided_by, row.decided_on = state, actor.key, on
    row.save()
    record(actor, f"finance.provision_{state}", row.ref, why=why or row.why)


# --- bridges ------------------------------------------------------------------------------------------------


def open_bridge(
    actor: Actor,
    *,
    post_ref: Ref,
    title: str,
    scope: str,
    stage: str,
    type: str,
    line: str,
    monthly: Money,
    starts_on: date,
    ends_on: date,
    why: str,
    key: str,
    budget_ref: Ref | None = None,
) -> Ref:
    """Pay a professional of a project until another donor is found (000, 11.1(4)): by month, up to a last day.

    The months are promised out of the cell at once, so that the money is there when they are paid.
    """
    with write_transaction():
        row = budget_above(scope, budget_ref)
        require(actor, "finance.budget", row.scope.path)
        check_amount(monthly, row.currency)
        if not why:
            raise DecisionMissing()
        known = BridgePost.objects.filter(key=key).first()
        if known is not None:
            return Ref(known.ref)
        if ends_on < starts_on:
            raise BridgeOver(month=starts_on.isoformat(), starts_on=starts_on.isoformat(), ends_on=ends_on.isoformat())
        if line not in {one["id"] for one in row.rules["lines"]}:
            raise LineUnknown(what="line", given=line)
        cell = locked_cell(cell_for(row, scope=scope, stage=stage, type=type, line=line).pk)
        made = BridgePost(
            cell=cell,
            post=post_ref,
            title=title[:200],
            line=line,
            stage=stage,
            monthly_minor=monthly.amount_minor,
            starts_on=starts_on,
            ends_on=ends_on,
            why=why,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        require_free_cell(cell, monthly.amount_minor * len(months_of(made)))
        made.save()
        record(actor, "finance.open_bridge", made.ref, why=why, facts={"monthly_minor": monthly.amount_minor})
    return Ref(made.ref)


def pay_bridge(actor: Actor, *, bridge_ref: Ref, month: date, on: date, proof_ref: Ref | None = None) -> SpendView:
    """Pay one month of a bridge. Each month once, in its time only; after another donor took over it is refused."""
    with ledger.posting_transaction():
        row = lock(bridge_row(actor, bridge_ref))
        require(actor, "finance.prepare", row.scope.path)
        first = month.replace(day=1)
        if first not in months_of(row):
            ends = row.replaced_on or row.ends_on
            raise BridgeOver(
                month=first.strftime("%Y-%m"), starts_on=row.starts_on.isoformat(), ends_on=ends.isoformat()
            )
        if row.payments.filter(month=first).exists():
            raise MonthPaid(month=first.strftime("%Y-%m"), bridge=row.ref)
        check_day(on, earliest=row.starts_on)
        paid = spend(
            actor,
            line=row.line,
            scope=row.scope.path,
            stage=row.stage,
            type=row.cell.type,
            amount=Money(row.monthly_minor, row.cell.budget.currency),
            on=on,
            memo=f"{row.title}, {first:%B %Y}",
            key=f"bridge:{row.ref}:{first:%Y-%m}",
            proof_ref=proof_ref or Ref(row.post),
            budget_ref=Ref(row.cell.budget.ref),
            promised_minor=row.monthly_minor,
        )
        BridgePayment.objects.create(bridge=row, month=first, spend=Spend.objects.get(ref=paid.ref))
    return paid


def extend_bridge(actor: Actor, *, bridge_ref: Ref, ends_on: date, why: str) -> None:
    """Go on with a bridge up to a later day, with a reason; the cell must have the money."""
    with write_transaction():
        row = lock(bridge_row(actor, bridge_ref))
        require(actor, "finance.budget", row.cell.budget.scope.path)
        if row.replaced_by:
            raise WrongState(state="replaced")
        if not why:
            raise DecisionMissing()
        if ends_on <= row.ends_on:
            raise BridgeOver(
                month=ends_on.isoformat(), starts_on=row.starts_on.isoformat(), ends_on=row.ends_on.isoformat()
            )
        before = len(months_of(row))
        cell = locked_cell(row.cell_id)
        row.ends_on = ends_on
        more = len(months_of(row)) - before
        if more:
            require_free_cell(cell, row.monthly_minor * more)
        row.save(update_fields=["ends_on"])
        record(actor, "finance.extend_bridge", row.ref, why=why, facts={"ends_on": ends_on.isoformat()})


def replace_bridge(actor: Actor, *, bridge_ref: Ref, source: str, on: date) -> None:
    """Another donor pays from this day on: what the bridge had still promised is free again."""
    with write_transaction():
        row = lock(bridge_row(actor, bridge_ref))
        require(actor, "finance.budget", row.cell.budget.scope.path)
        if row.replaced_by:
            if row.replaced_by == source:
                return
            raise WrongState(state="replaced")
        if not FundingSource.objects.filter(budget=row.cell.budget, code=source, is_core=False).exists():
            raise LineUnknown(what="source", given=source)
        latest = row.payments.order_by("-month").first()
        if on < row.starts_on or (latest is not None and on <= month_end(latest.month)):
            last = latest.month.isoformat() if latest else row.starts_on.isoformat()
            raise BridgeOver(month=on.isoformat(), starts_on=last, ends_on=row.ends_on.isoformat())
        row.replaced_by, row.replaced_on = source, on
        row.save(update_fields=["replaced_by", "replaced_on"])
        record(actor, "finance.replace_bridge", row.ref, facts={"source": source})
