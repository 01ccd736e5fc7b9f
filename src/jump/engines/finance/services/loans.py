"""What people agree about a loan that runs: waivers, refunds, new plans, charge-offs. By two; taken back by name."""

from __future__ import annotations

from datetime import date
from typing import Any

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.schedules import Part
from jump.core.units import Ref
from jump.engines.finance.models import Contract, LoanFact
from jump.engines.finance.models.refusals import (
    DayImpossible,
    DecisionMissing,
    KeyReused,
    MoreThanOverpaid,
    MoreThanOwed,
    NotPrepared,
    SamePerson,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount
from jump.engines.finance.queries.contracts import contract_row, fact_view
from jump.engines.finance.queries.loan_changes import changed_file, kept_plan
from jump.engines.finance.queries.loans import LoanFile, fact_of, loan_file
from jump.engines.finance.services.loan_books import book_truth, locked_loan, standing_of, taken_back
from jump.engines.finance.services.loan_terms import keep_plan, plan_in_force
from jump.engines.finance.services.repayments import check_loan_day
from jump.engines.finance.types import ContractKind, ContractState
from jump.engines.finance.types.loans import LoanFactKind, LoanFactState, LoanFactView, NewPlan
from jump.engines.ledger import api as ledger


def prepare_waiver(actor: Actor, *, contract_ref: Ref, part: str, amount: Money, on: date, why: str, key: str) -> Ref:
    """Propose that interest, fees or late fees are no longer asked for. A second person agrees to it."""
    with ledger.posting_transaction():
        row, known = _asked(actor, contract_ref, key, kind=LoanFactKind.WAIVER, amount=amount)
        if known is not None:
            return Ref(known.ref)
        file = _running(row)
        check_loan_day(row, on)
        _check_waiver(row, file, Part(part), amount, on)
        return _prepare(actor, row, LoanFactKind.WAIVER, on=on, why=why, key=key, amount=amount, part=part)


def prepare_refund(actor: Actor, *, contract_ref: Ref, amount: Money, on: date, why: str, key: str) -> Ref:
    """Propose to give back what was paid beyond what was owed. A second person pays it."""
    with ledger.posting_transaction():
        row, known = _asked(actor, contract_ref, key, kind=LoanFactKind.REFUND, amount=amount)
        if known is not None:
            return Ref(known.ref)
        file = _running(row, ContractState.SETTLED)
        check_loan_day(row, on)
        _check_refund(row, file, amount, on)
        return _prepare(actor, row, LoanFactKind.REFUND, on=on, why=why, key=key, amount=amount)


def prepare_reschedule(actor: Actor, *, contract_ref: Ref, plan: NewPlan, on: date, why: str, key: str) -> Ref:
    """Propose a new plan: other days, a grace, another rate or more payments. A second person agrees to it."""
    with ledger.posting_transaction():
        row, known = _asked(actor, contract_ref, key, kind=LoanFactKind.RESCHEDULE)
        if known is not None:
            return Ref(known.ref)
        file = _running(row)
        check_loan_day(row, on)
        plan_in_force(changed_file(file, plan, on))
        return _prepare(actor, row, LoanFactKind.RESCHEDULE, on=on, why=why, key=key, change=kept_plan(plan))


def prepare_charge_off(actor: Actor, *, contract_ref: Ref, on: date, why: str, key: str) -> Ref:
    """Propose to book a loan as lost while it stays owed. A second person agrees to it."""
    with ledger.posting_transaction():
        row, known = _asked(actor, contract_ref, key, kind=LoanFactKind.CHARGE_OFF)
        if known is not None:
            return Ref(known.ref)
        file = _running(row)
        check_loan_day(row, on)
        _check_charge_off(file, on)
        return _prepare(actor, row, LoanFactKind.CHARGE_OFF, on=on, why=why, key=key)


def agree_loan_fact(actor: Actor, *, fact_ref: Ref, on: date) -> LoanFactView:
    """Agree to what somebody else proposed: it counts, and the ledger books what changes by it. Twice is once.

    A refund is paid, and a new plan holds, from the day it is agreed on; a waiver and a charge-off from their own day.
    Everything is checked again as it stands now.
    """
    with ledger.posting_transaction():
        row, one = _locked_fact(actor, fact_ref)
        _require_agreement(actor, row, one)
        if one.state == LoanFactState.AGREED:
            return fact_view(one, row)
        if one.state != LoanFactState.PREPARED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        if one.prepared_by == actor.key:
            raise SamePerson(doing="agree", did="prepare", fact=one.ref)
        check_loan_day(row, on)
        if on < one.on:
            raise DayImpossible(on=on.isoformat(), earliest=one.on.isoformat(), latest=clock.today().isoformat())
        if one.kind in (LoanFactKind.REFUND, LoanFactKind.RESCHEDULE):
            one.on = on
        file = _running(row, ContractState.SETTLED)
        _check_again(row, file, one)
        standing = standing_of(row, file)
        fact = fact_of(one)
        assert fact is not None
        after = file.with_facts(fact)
        entry = book_truth(
            actor,
            row,
            standing,
            after,
            on=one.on,
            memo=f"{one.kind} {one.ref} of {row.ref}",
            source_ref=Ref(one.ref),
            key=f"loan-fact:{one.ref}",
            is_late=file.has_later(one.on),
        )
        one.state, one.agreed_by, one.agreed_on = LoanFactState.AGREED.value, actor.key, on
        one.entry = entry.ref if entry else ""
        one.save()
        if one.kind == LoanFactKind.RESCHEDULE:
            keep_plan(row, plan_in_force(after))
        record(actor, f"finance.agree_{one.kind}", one.ref, why=one.why, facts={"contract": row.ref})
        return fact_view(one, row)


def drop_loan_fact(actor: Actor, *, fact_ref: Ref, why: str) -> None:
    """Give up what was proposed and not agreed. It stays on record."""
    with ledger.posting_transaction():
        row, one = _locked_fact(actor, fact_ref)
        require(actor, "finance.prepare", row.scope.path)
        if one.state == LoanFactState.DROPPED:
            return
        if one.state != LoanFactState.PREPARED:
            raise WrongState(state=one.state)
        if not why:
            raise DecisionMissing()
        one.state = LoanFactState.DROPPED.value
        one.save(update_fields=["state"])
        record(actor, "finance.drop_loan_fact", one.ref, why=why)


def undo_loan_fact(actor: Actor, *, fact_ref: Ref, why: str, on: date, key: str) -> LoanFactView:
    """Take back a waiver, a refund, a new plan or a charge-off by a fact that names it; the first stays on record."""
    with ledger.posting_transaction():
        row, one = _locked_fact(actor, fact_ref)
        require(actor, "finance.approve", row.scope.path)
        if one.kind == LoanFactKind.UNDONE or one.state != LoanFactState.AGREED:
            raise WrongState(state=one.state)
        known = LoanFact.objects.filter(target=one.ref).first()
        if known is not None:
            return fact_view(known, row)
        if not why:
            raise DecisionMissing()
        if row.state not in (ContractState.RUNNING, ContractState.SETTLED):
            raise WrongState(state=row.state)
        check_loan_day(row, on)
        standing = standing_of(row, loan_file(row))
        back = LoanFact(
            contract=row,
            kind=LoanFactKind.UNDONE.value,
            state=LoanFactState.AGREED.value,
            on=on,
            amount_minor=one.amount_minor,
            target=one.ref,
            why=why[:600],
            prepared_by=actor.key,
            prepared_on=clock.today(),
            key=key,
        )
        reversal = ""
        if one.entry:
            reversal = taken_back(actor, row, standing, Ref(one.entry), why=why, on=on, key=f"undo:{one.ref}")
        back.save()
        file = loan_file(row)
        assert file is not None
        table = plan_in_force(file)
        entry = book_truth(
            actor,
            row,
            standing,
            file,
            on=on,
            memo=f"{row.ref} without {one.ref}",
            source_ref=Ref(back.ref),
            key=f"undo:{one.ref}:anew",
        )
        back.entry = entry.ref if entry else reversal
        back.save(update_fields=["entry"])
        if one.kind == LoanFactKind.RESCHEDULE:
            keep_plan(row, table)
        record(actor, "finance.undo_loan_fact", one.ref, why=why)
        return fact_view(back, row)


# --- inside -------------------------------------------------------------------------------------------------


def _asked(
    actor: Actor, contract_ref: Ref, key: str, *, kind: LoanFactKind, amount: Money | None = None
) -> tuple[Contract, LoanFact | None]:
    row = locked_loan(actor, contract_ref)
    require(actor, "finance.prepare", row.scope.path)
    known = LoanFact.objects.filter(key=key).first()
    if known is not None and (known.contract_id, known.kind) != (row.pk, kind.value):
        raise KeyReused(key=key)
    if amount is not None:
        if known is not None and known.amount_minor != amount.amount_minor:
            raise KeyReused(key=key)
        check_amount(amount, row.currency)
    return row, known


def _running(row: Contract, *also: ContractState) -> LoanFile:
    file = loan_file(row) if row.kind == ContractKind.LOAN and row.fund is not None else None
    if file is None or row.state not in (ContractState.RUNNING, *also):
        raise WrongState(state=row.state)
    return file


def _prepare(
    actor: Actor,
    row: Contract,
    kind: LoanFactKind,
    *,
    on: date,
    why: str,
    key: str,
    amount: Money | None = None,
    part: str = "",
    change: dict[str, Any] | None = None,
) -> Ref:
    if not why:
        raise DecisionMissing()
    one = LoanFact.objects.create(
        contract=row,
        kind=kind.value,
        on=on,
        amount_minor=amount.amount_minor if amount else 0,
        part=part,
        change=change or {},
        why=why[:600],
        prepared_by=actor.key,
        prepared_on=clock.today(),
        key=key,
    )
    record(actor, f"finance.prepare_{kind}", one.ref, why=why, facts={"contract": row.ref})
    return Ref(one.ref)


def _locked_fact(actor: Actor, fact_ref: Ref) -> tuple[Contract, LoanFact]:
    found = LoanFact.objects.filter(ref=fact_ref).values_list("contract__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=fact_ref)
    try:
        contract_row(actor, Ref(found))
    except NotFound:
        raise NotFound(ref=fact_ref) from None
    row = locked_loan(actor, Ref(found))
    return row, LoanFact.objects.get(ref=fact_ref)


def _require_agreement(actor: Actor, row: Contract, one: LoanFact) -> None:
    """Money out is released; claims are given up by those who approve."""
    if one.kind == LoanFactKind.REFUND and can(actor, "finance.release", row.scope.path):
        return
    require(actor, "finance.approve", row.scope.path)


def _check_again(row: Contract, file: LoanFile, one: LoanFact) -> None:
    amount = Money(one.amount_minor, row.currency)
    if one.kind == LoanFactKind.REFUND:
        _check_refund(row, file, amount, one.on)
        return
    if row.state != ContractState.RUNNING:
        raise WrongState(state=row.state)
    if one.kind == LoanFactKind.WAIVER:
        _check_waiver(row, file, Part(one.part), amount, one.on)
    elif one.kind == LoanFactKind.CHARGE_OFF:
        _check_charge_off(file, one.on)
    else:
        view = fact_view(one, row)
        assert view.plan is not None
        plan_in_force(changed_file(file, view.plan, one.on))


def _check_waiver(row: Contract, file: LoanFile, part: Part, amount: Money, on: date) -> None:
    """No more than is open of the part that day, nor than is open of it now."""
    open_minor = min(file.account(day).open_of(part) for day in {on, file.day(on)})
    if amount.amount_minor > open_minor or part is Part.PRINCIPAL:
        owed = 0 if part is Part.PRINCIPAL else open_minor
        raise MoreThanOwed(asked_minor=amount.amount_minor, owed_minor=owed, currency=row.currency)


def _check_refund(row: Contract, file: LoanFile, amount: Money, on: date) -> None:
    over = min(file.account(day).overpaid_minor for day in {on, file.day(on)})
    if amount.amount_minor > over:
        raise MoreThanOverpaid(asked_minor=amount.amount_minor, overpaid_minor=over, currency=row.currency)


def _check_charge_off(file: LoanFile, on: date) -> None:
    """Once, and after everything else that is known."""
    if file.has_later(on):
        raise DayImpossible(on=on.isoformat(), earliest=file.day(on).isoformat(), latest=clock.today().isoformat())
    if file.state(on).written_off_minor:
        raise WrongState(state="charged_off")
