"""Money that comes back: repayments, their undoing, and what is written off."""

from __future__ import annotations

from datetime import date

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Contract, Repayment, WriteOff
from jump.engines.finance.models.refusals import (
    BeforeLastRepayment,
    DayImpossible,
    DecisionMissing,
    KeyReused,
    ReceiptUsed,
    SamePerson,
    WrongState,
)
from jump.engines.finance.queries.contracts import contract_row, preview_of, view_of
from jump.engines.finance.queries.loans import loan_file
from jump.engines.finance.services.guarantees import call_for_written_off, release_for_settled, stand_again
from jump.engines.finance.types import ContractKind, ContractState, RepaymentPreview, RepaymentView
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


def repay(actor: Actor, *, contract_ref: Ref, amount: Money, on: date, receipt: str, key: str) -> RepaymentView:
    """Take a repayment: late fees, interest and principal of the oldest instalment first, in the product's order.

    The same key books once. Refuses more than is owed, another currency, zero or less, a receipt number used
    before, and a day before the last payment or in the future.
    """
    with ledger.posting_transaction():
        row = lock(contract_row(actor, contract_ref))
        require(actor, "finance.collect", row.scope.path)
        return book_repayment(actor, row, amount=amount, on=on, receipt=receipt, key=key)


def book_repayment(actor: Actor, row: Contract, *, amount: Money, on: date, receipt: str, key: str) -> RepaymentView:
    """Book a repayment of a locked loan, once the right to do so is checked. For the services of this engine."""
    with ledger.posting_transaction():
        known = Repayment.objects.filter(key=key).select_related("contract").first()
        if known is not None:
            if (known.contract_id, known.amount_minor, known.on) != (row.pk, amount.amount_minor, on):
                raise KeyReused(key=key)
            return view_of(known)
        preview = preview_of(row, amount=amount, on=on)
        _check_day(row, on)
        _check_receipt(row, receipt)
        gone = row.state == ContractState.WRITTEN_OFF
        one = Repayment(
            contract=row,
            fund=row.fund,
            on=on,
            amount_minor=amount.amount_minor,
            fee_minor=preview.fee.amount_minor,
            penalty_minor=preview.penalty.amount_minor,
            interest_minor=preview.interest.amount_minor,
            principal_minor=preview.principal.amount_minor,
            recovered_minor=amount.amount_minor if gone else 0,
            owed_after_minor=preview.owed_after.amount_minor,
            receipt=receipt,
            by=actor.key,
            key=key,
        )
        one.entry = _book(actor, row, one, preview)
        one.save()
        if not gone:
            row.first_unpaid_on = preview.next_due_on
            if not preview.owed_after:
                row.state, row.settled_on = ContractState.SETTLED.value, on
                release_for_settled(row, on)
            row.save(update_fields=["first_unpaid_on", "state", "settled_on"])
        record(actor, "finance.repay", one.ref, facts={"contract": row.ref, "amount_minor": one.amount_minor})
        return view_of(one)


def undo_repayment(actor: Actor, *, repayment_ref: Ref, why: str, on: date, key: str) -> RepaymentView:
    """Take back the last repayment of a loan by a reversing entry. Earlier ones wait until the later are undone."""
    with ledger.posting_transaction():
        found = Repayment.objects.filter(ref=repayment_ref).values_list("contract__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=repayment_ref)
        row = lock(contract_row(actor, Ref(found)))
        require(actor, "finance.collect", row.scope.path)
        one = row.repayments.select_related("contract").get(ref=repayment_ref)
        if one.undone_entry:
            return view_of(one)
        if not why:
            raise DecisionMissing()
        later = row.repayments.filter(undone_entry="", pk__gt=one.pk).order_by("pk").first()
        if later is not None:
            raise BeforeLastRepayment(last_on=later.on.isoformat(), on=one.on.isoformat())
        one.undone_entry = ledger.reverse(actor, entry_ref=Ref(one.entry), why=why, on=on, key=key).ref
        one.save(update_fields=["undone_entry"])
        if row.state == ContractState.SETTLED:
            stand_again(row)
            row.state, row.settled_on = ContractState.RUNNING.value, None
        _refresh(row, on)
        record(actor, "finance.undo_repayment", one.ref, why=why)
        return view_of(one)


def prepare_write_off(actor: Actor, *, contract_ref: Ref, why: str) -> None:
    """Propose that a loan is no longer expected. Someone else approves it."""
    with ledger.posting_transaction():
        row = lock(contract_row(actor, contract_ref))
        require(actor, "finance.prepare", row.scope.path)
        if row.kind != ContractKind.LOAN or row.state != ContractState.RUNNING:
            raise WrongState(state=row.state)
        if not why:
            raise DecisionMissing()
        WriteOff.objects.update_or_create(
            contract=row, defaults={"why": why, "prepared_by": actor.key, "amount_minor": 0}
        )
        record(actor, "finance.prepare_write_off", row.ref, why=why)


def write_off(actor: Actor, *, contract_ref: Ref, on: date, key: str, decision_ref: Ref | None = None) -> int:
    """Write off what is still owed of a loan's principal; returns how much. It is still collected if it comes."""
    with ledger.posting_transaction():
        row = lock(contract_row(actor, contract_ref))
        require(actor, "finance.approve", row.scope.path)
        proposed = WriteOff.objects.filter(contract=row).first()
        if proposed is not None and proposed.entry:
            return int(proposed.amount_minor)
        if proposed is None or row.state != ContractState.RUNNING or row.fund is None:
            raise WrongState(state=row.state)
        if proposed.prepared_by == actor.key:
            raise SamePerson(doing="approve", did="prepare", contract=row.ref)
        _check_day(row, on)
        owed = ledger.balance_locked(Ref(row.account))
        book = Ref(row.fund.book)
        entry = ledger.post(
            actor,
            book_ref=book,
            memo=f"Written off: {row.ref}",
            occurred_on=on,
            lines=[
                Line(ledger.account(book, "losses").ref, owed, {"place": row.scope.path}),
                Line(Ref(row.account), -owed, {"place": row.scope.path}),
            ],
            source_ref=decision_ref or Ref(row.ref),
            key=f"write-off:{row.ref}:{key}",
        )
        proposed.amount_minor, proposed.approved_by, proposed.on = owed, actor.key, on
        proposed.entry, proposed.decision = entry.ref, decision_ref or ""
        proposed.save()
        row.state, row.first_unpaid_on = ContractState.WRITTEN_OFF.value, None
        row.save(update_fields=["state", "first_unpaid_on"])
        call_for_written_off(row, owed, on)
        record(actor, "finance.write_off", row.ref, why=proposed.why, facts={"amount_minor": owed})
    return owed


# --- inside -------------------------------------------------------------------------------------------------


def _check_day(row: Contract, on: date) -> None:
    paid_out = row.tranches.exclude(released_on=None).order_by("released_on").values_list("released_on", flat=True)
    earliest, latest = paid_out.first() or row.opened_on, clock.today()
    if not earliest <= on <= latest:
        raise DayImpossible(on=on.isoformat(), earliest=earliest.isoformat(), latest=latest.isoformat())
    last = row.repayments.filter(undone_entry="").order_by("-on").values_list("on", flat=True).first()
    if last is not None and on < last:
        raise BeforeLastRepayment(last_on=last.isoformat(), on=on.isoformat())


def _check_receipt(row: Contract, receipt: str) -> None:
    if not receipt:
        return
    # Without the exclusion SQLite would not use the index, which leaves empty receipts out.
    used = Repayment.objects.filter(fund=row.fund, receipt=receipt, undone_entry="").exclude(receipt="")
    contract = used.values_list("contract__ref", flat=True).first()
    if contract is not None:
        raise ReceiptUsed(receipt=receipt, contract=contract)


def _book(actor: Actor, row: Contract, one: Repayment, preview: RepaymentPreview) -> Ref:
    """Cash against principal and what was earned; after a write-off, against what was recovered."""
    assert row.fund is not None
    book = Ref(row.fund.book)
    place = {"place": row.scope.path}
    parts = {
        "fees": one.fee_minor,
        "penalties": one.penalty_minor,
        "interest": one.interest_minor,
        "recovered": one.recovered_minor,
    }
    earned = {code: amount for code, amount in parts.items() if amount}
    accounts = ledger.account_refs(book, ("cash", *earned))
    lines = [Line(accounts["cash"], one.amount_minor)]
    if one.principal_minor:
        lines.append(Line(Ref(row.account), -one.principal_minor, place))
    lines += [Line(accounts[code], -amount, place) for code, amount in earned.items()]
    entry = ledger.post(
        actor,
        book_ref=book,
        memo=f"Repayment {one.ref} of {row.ref}",
        occurred_on=one.on,
        lines=lines,
        source_ref=Ref(one.ref),
        key=f"repay:{one.key}",
    )
    return entry.ref


def _refresh(row: Contract, on: date) -> None:
    """What lists show of a loan without replaying it: the oldest day still unpaid, and whether it is settled."""
    file = loan_file(row)
    if file is None or row.state == ContractState.WRITTEN_OFF:
        return
    state = file.state(on)
    row.first_unpaid_on = state.next_due_on
    if state.is_closed:
        row.state, row.settled_on = ContractState.SETTLED.value, on
    row.save(update_fields=["first_unpaid_on", "state", "settled_on"])
