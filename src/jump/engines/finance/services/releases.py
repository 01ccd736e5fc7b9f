"""Paying tranches: prepared by one person, released by another, when every condition is met and the money is there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.packages import UnknownDefinition, definition
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Contract, Refund, SpendProof, Tranche
from jump.engines.finance.models.budget_refusals import UseNotAllowed
from jump.engines.finance.models.refusals import (
    BudgetShort,
    ConditionOpen,
    KeyReused,
    MoreThanAdvanced,
    NotPrepared,
    SamePerson,
    TrancheOrder,
    UnprovedSpend,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.contracts import contract, contract_row, title_of
from jump.engines.finance.queries.loans import LoanFile, loan_file
from jump.engines.finance.services.budgets import book_spend, pay_account, source_for
from jump.engines.finance.services.contracts import tell
from jump.engines.finance.services.funds import locked_cell, require_free
from jump.engines.finance.services.loan_books import book_truth, standing_of
from jump.engines.finance.services.loan_terms import keep_plan, plan_in_force
from jump.engines.finance.types import ContractKind, ContractState, TrancheState, TrancheView
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


def prepare_release(actor: Actor, *, contract_ref: Ref, number: int, on: date) -> Ref:
    """Prepare a tranche for payment. Someone else must release it. Preparing twice keeps the first preparation."""
    with ledger.posting_transaction():
        row = lock(contract_row(actor, contract_ref))
        require(actor, "finance.prepare", row.scope.path)
        tranche = row.tranches.filter(number=number).first()
        if tranche is None:
            raise NotFound(ref=f"{contract_ref} {number}")
        if tranche.state == TrancheState.PREPARED:
            return Ref(tranche.ref)
        if tranche.state != TrancheState.PLANNED:
            raise NotPrepared(state=tranche.state, tranche=tranche.ref)
        _check_order(row, number)
        tranche.state, tranche.prepared_by, tranche.prepared_on = TrancheState.PREPARED.value, actor.key, on
        tranche.save(update_fields=["state", "prepared_by", "prepared_on"])
        record(actor, "finance.prepare_release", tranche.ref, facts={"contract": row.ref})
    return Ref(tranche.ref)


def approve_release(actor: Actor, *, tranche_ref: Ref, on: date, key: str = "") -> TrancheView:
    """Pay a prepared tranche. Asking twice pays once.

    Refuses: the one who prepared it or decided a condition of it; open conditions; an earlier tranche unpaid; earlier
    money not accounted for; a fund or a budget that has less. (actors.md, rule 2; requirements CER-15 to CER-17.)
    """
    with ledger.posting_transaction():
        found = Tranche.objects.filter(ref=tranche_ref).values_list("contract__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=tranche_ref)
        row = lock(contract_row(actor, Ref(found)))
        tranche = row.tranches.get(ref=tranche_ref)
        _require_release(actor, row, tranche.amount_minor)
        if tranche.state == TrancheState.RELEASED:
            return _tranche_view(actor, row, tranche_ref)
        if tranche.state != TrancheState.PREPARED:
            raise NotPrepared(state=tranche.state, tranche=tranche.ref)
        _check_day(row, on)
        _check_four_eyes(actor, row, tranche)
        _check_order(row, tranche.number)
        _check_proved(row, tranche)
        _check_conditions(row, tranche)
        if not row.account:
            row.account = _open_account(actor, row)
        row.state = ContractState.RUNNING.value
        tranche.released_by, tranche.released_on, tranche.key = actor.key, on, key or f"release:{tranche.ref}"
        if row.kind == ContractKind.LOAN and row.fund:
            tranche.entry = _lend(actor, row, tranche, on)
        else:
            pay = _pay_from_fund if row.fund else _pay_from_budget
            tranche.entry = pay(actor, row, tranche, on)
            tranche.state = TrancheState.RELEASED.value
            if row.kind == ContractKind.LOAN:
                _plan(row, tranche)
        tranche.save()
        row.save()
        record(actor, "finance.approve_release", tranche.ref, facts={"contract": row.ref, "entry": tranche.entry})
        return _tranche_view(actor, row, tranche_ref)


def account_for_spend(
    actor: Actor, *, contract_ref: Ref, amount: Money, proof_ref: Ref, on: date, key: str, use: str = ""
) -> Ref:
    """Show what paid money was spent on. Once enough is shown, the conditions that finance itself meets are met.

    Where the grant names what it may be used for, `use` is one of these (001, outputs, 7).
    """
    with ledger.posting_transaction():
        row = lock(contract_row(actor, contract_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = SpendProof.objects.filter(key=key).first()
        if known is not None:
            if (known.contract_id, known.amount_minor) != (row.pk, amount.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        check_amount(amount, row.currency)
        if row.kind == ContractKind.LOAN or not row.account:
            raise WrongState(state=row.state)
        left = unproved_minor(row)
        if amount.amount_minor > left:
            raise MoreThanAdvanced(asked_minor=amount.amount_minor, open_minor=left, currency=row.currency)
        _check_use(row, use)
        proof = SpendProof(contract=row, amount_minor=amount.amount_minor, use=use, proof=proof_ref, on=on, key=key)
        proof.entry = _book_proof(actor, row, proof, on)
        proof.save()
        meet_own_conditions(actor, row, Ref(proof.proof), on)
        settle_if_done(row, on)
        record(actor, "finance.account_for_spend", row.ref, facts={"amount_minor": amount.amount_minor})
    return Ref(proof.ref)


def unproved_minor(row: Contract) -> int:
    """What was paid out under a contract and is neither accounted for nor paid back."""
    proved = _sum(SpendProof.objects.filter(contract=row))
    return released_minor(row) - proved - _sum(Refund.objects.filter(contract=row))


def released_minor(row: Contract) -> int:
    return _sum(Tranche.objects.filter(contract=row, state=TrancheState.RELEASED))


def _check_use(row: Contract, use: str) -> None:
    allowed = row.terms.get("uses") or {}
    if use not in (allowed or {"": ""}):
        raise UseNotAllowed(allowed=", ".join(title_of(one) for one in allowed.values()) or "-", asked=use)


# --- checks -------------------------------------------------------------------------------------------------


def _require_release(actor: Actor, row: Contract, amount_minor: int) -> None:
    """The right that the product's approval names from its threshold on; else to release, or to approve."""
    named = str(row.terms.get("approval", ""))
    if named:
        try:
            approval = definition("approval", named if "." in named else f"{row.product.split('.')[0]}.{named}").data
        except UnknownDefinition:
            approval = {}
        right = str(approval.get("right", ""))
        if right and right != "finance.release" and amount_minor >= int(approval.get("threshold_minor", 0)):
            require(actor, right, row.scope.path)
            return
    if not can(actor, "finance.approve", row.scope.path):
        require(actor, "finance.release", row.scope.path)


def _check_day(row: Contract, on: date) -> None:
    check_day(on, earliest=row.opened_on)


def _check_four_eyes(actor: Actor, row: Contract, tranche: Tranche) -> None:
    if tranche.prepared_by == actor.key:
        raise SamePerson(doing="release", did="prepare", tranche=tranche.ref)
    for one in row.conditions.exclude(met_on=None):
        if actor.key in one.decided_by:
            raise SamePerson(doing="release", did="decide", condition=one.code)


def _check_order(row: Contract, number: int) -> None:
    if row.state in (ContractState.CANCELLED, ContractState.WRITTEN_OFF):
        raise WrongState(state=row.state)
    earlier = row.tranches.filter(number__lt=number).exclude(state=TrancheState.RELEASED).order_by("number").first()
    if earlier is not None:
        raise TrancheOrder(waiting=earlier.number, asked=number)


def _check_conditions(row: Contract, tranche: Tranche) -> None:
    waiting = row.conditions.filter(met_on=None)
    still = [one.code for one in waiting.order_by("id") if one.tranche is None or one.tranche <= tranche.number]
    if still:
        raise ConditionOpen(conditions=", ".join(still), contract=row.ref)


def _check_proved(row: Contract, tranche: Tranche) -> None:
    if row.kind != ContractKind.GRANT:
        return
    unproved, limit = unproved_minor(row), unproved_limit(row)
    if unproved > limit:
        raise UnprovedSpend(unproved_minor=unproved, limit_minor=limit, currency=row.currency, contract=row.ref)


def unproved_limit(row: Contract) -> int:
    """How much of the money paid so far may be without proof when more is paid."""
    percent = Decimal(str(row.terms.get("unproved_limit_percent", "10")))
    return int(released_minor(row) * percent / 100)


# --- booking ------------------------------------------------------------------------------------------------


def _open_account(actor: Actor, row: Contract) -> Ref:
    """The account that follows this contract: what a borrower owes, or what a holder has not accounted for."""
    sort = "loan" if row.kind == ContractKind.LOAN else "advance"
    if row.fund:
        book, unit = Ref(row.fund.book), row.currency
    else:
        assert row.cell is not None
        book, unit = Ref(row.cell.budget.book), row.cell.budget.currency
    kind = "expense" if row.kind == ContractKind.SERVICE else "asset"
    return ledger.open_account(
        actor,
        book_ref=book,
        code=f"{sort}:{row.ref}",
        title=f"{row.kind} {row.ref}",
        kind=kind,
        unit=unit,
        floor_minor=0,
    )


def _lend(actor: Actor, row: Contract, tranche: Tranche, on: date) -> Ref:
    """Money of a fund to a borrower: the claim grows, and what else the tranche changes is booked with it."""
    assert row.fund is not None
    # The contract's own promise already holds this money in the fund.
    require_free(row.fund, tranche.amount_minor, besides_minor=tranche.amount_minor)
    before = loan_file(row)
    standing = standing_of(row, before)
    tranche.state = TrancheState.RELEASED.value
    file = _plan(row, tranche)
    entry = book_truth(
        actor,
        row,
        standing,
        file,
        on=on,
        memo=f"Tranche {tranche.number} of {row.ref}",
        source_ref=Ref(tranche.ref),
        key=f"release:{tranche.ref}",
        is_late=before is not None and before.has_later(on),
    )
    assert entry is not None
    return entry.ref


def _plan(row: Contract, tranche: Tranche) -> LoanFile:
    """The table of instalments for what was paid out so far, kept as it was agreed."""
    tranche.save()
    file = loan_file(row)
    assert file is not None
    keep_plan(row, plan_in_force(file))
    row.first_unpaid_on = file.state(file.disbursements[-1].on).next_due_on
    return file


def _pay_from_fund(actor: Actor, row: Contract, tranche: Tranche, on: date) -> Ref:
    assert row.fund is not None
    # The contract's own promise already holds this money in the fund.
    require_free(row.fund, tranche.amount_minor, besides_minor=tranche.amount_minor)
    entry = ledger.post(
        actor,
        book_ref=Ref(row.fund.book),
        memo=f"Tranche {tranche.number} of {row.ref}",
        occurred_on=on,
        lines=[
            Line(Ref(row.account), tranche.amount_minor, {"place": row.scope.path}),
            Line(ledger.account(Ref(row.fund.book), "cash").ref, -tranche.amount_minor),
        ],
        source_ref=Ref(tranche.ref),
        key=f"release:{tranche.ref}",
    )
    return entry.ref


def _pay_from_budget(actor: Actor, row: Contract, tranche: Tranche, on: date) -> Ref:
    """The commitment of this tranche becomes spend of the same cell."""
    assert row.cell is not None
    cell = locked_cell(row.cell.pk)
    in_budget = round(Decimal(str(row.labels["rate"])) * tranche.amount_minor)
    # The contract's own commitment already holds this money in the cell; nothing more is taken.
    over = in_budget - _left_of_commitment(row)
    if over > 0:
        raise BudgetShort(
            asked_minor=in_budget, free_minor=in_budget - over, currency=cell.budget.currency, cell=cell.ref
        )
    source = source_for(cell.budget, stage=row.labels["stage"], source=row.labels["source"])
    return book_spend(
        actor,
        cell=cell,
        contract=row,
        debit=Ref(row.account),
        credit=pay_account(actor, cell.budget, source, in_budget),
        amount_minor=in_budget,
        paid=Money(tranche.amount_minor, row.currency),
        rate=Decimal(str(row.labels.get("rate_major", "1"))),
        on=on,
        labels={
            "line": row.labels["line"],
            "stage": row.labels["stage"],
            "type": row.labels["type"],
            "activity": row.labels["activity"],
            "source": source,
            "place": row.scope.path,
        },
        memo=f"Tranche {tranche.number} of {row.ref}",
        proof=Ref(row.cause) if row.cause else None,
        source_ref=Ref(tranche.ref),
        key=f"release:{tranche.ref}",
    ).entry_ref


def _left_of_commitment(row: Contract) -> int:
    return round(Decimal(str(row.labels["rate"])) * (row.amount_minor - released_minor(row)))


def _book_proof(actor: Actor, row: Contract, proof: SpendProof, on: date) -> Ref:
    """An advance becomes an expense; a service was an expense from the start, so its proof moves nothing."""
    if row.kind == ContractKind.SERVICE:
        return Ref("")
    amount, labels = proof.amount_minor, {}
    if row.fund:
        book, account = Ref(row.fund.book), ledger.account(Ref(row.fund.book), "grants").ref
    else:
        assert row.cell is not None
        budget = row.cell.budget
        book = Ref(budget.book)
        labels = {name: str(row.labels[name]) for name in ("line", "stage", "type", "activity")}
        labels |= {
            "source": source_for(budget, stage=labels["stage"], source=row.labels["source"]),
            "place": row.scope.path,
        }
        account = ledger.open_account(
            actor,
            book_ref=book,
            code=f"expense:{row.labels['type']}",
            title=f"Expense {row.labels['type']}",
            kind="expense",
            unit=budget.currency,
        )
        is_last = proof.amount_minor == unproved_minor(row)
        rate = Decimal(str(row.labels["rate"]))
        amount = ledger.balance(Ref(row.account)) if is_last else round(rate * proof.amount_minor)
    entry = ledger.post(
        actor,
        book_ref=book,
        memo=f"Accounted for under {row.ref}",
        occurred_on=on,
        lines=[Line(account, amount, labels), Line(Ref(row.account), -amount, labels)],
        source_ref=Ref(proof.ref),
        key=f"proof:{proof.ref}",
    )
    return entry.ref


def meet_own_conditions(actor: Actor, row: Contract, proof_ref: Ref, on: date) -> None:
    """Conditions that the product says finance meets: what was paid before their tranche is accounted for."""
    proved = released_minor(row) - unproved_minor(row)
    percent = Decimal(str(row.terms.get("unproved_limit_percent", "10")))
    for one in row.conditions.filter(met_on=None, text__met_by="finance"):
        before = [tranche for tranche in row.tranches.all() if one.tranche is None or tranche.number < one.tranche]
        if any(tranche.state != TrancheState.RELEASED for tranche in before):
            continue
        paid = sum(tranche.amount_minor for tranche in before)
        if paid - proved <= int(paid * percent / 100):
            tell(one, proof_ref=proof_ref, decided_by=(), on=on, by=actor.key)


def settle_if_done(row: Contract, on: date) -> None:
    """A grant is settled when every tranche is paid and everything is accounted for or paid back."""
    if not row.tranches.exclude(state=TrancheState.RELEASED).exists() and unproved_minor(row) == 0:
        row.state, row.settled_on = ContractState.SETTLED.value, on
        row.save(update_fields=["state", "settled_on"])


def _tranche_view(actor: Actor, row: Contract, tranche_ref: Ref) -> TrancheView:
    return next(one for one in contract(actor, Ref(row.ref)).tranches if one.ref == tranche_ref)


def _sum(rows: object) -> int:
    return int(rows.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"])  # type: ignore[attr-defined]
