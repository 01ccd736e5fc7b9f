"""Money that comes back: repayments, their undoing, and what is written off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.prepared import Prepared, add
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.schedules import WrittenOff
from jump.core.units import Ref
from jump.engines.finance.models import Contract, LoanFact, Repayment, WriteOff
from jump.engines.finance.models.refusals import (
    DayImpossible,
    DecisionMissing,
    KeyReused,
    ReceiptUsed,
    SamePerson,
    WrongState,
)
from jump.engines.finance.queries.checks import check_day
from jump.engines.finance.queries.contracts import checked_file, contract_row, payment_of, view_of
from jump.engines.finance.queries.loans import loan_file
from jump.engines.finance.services.guarantees import call_for_written_off
from jump.engines.finance.services.loan_books import book_truth, parts_of, standing_of, taken_back
from jump.engines.finance.types import ContractKind, ContractState, RepaymentView
from jump.engines.finance.types.loans import LoanFactKind, LoanFactState
from jump.engines.ledger import api as ledger

_KNOWN = Prepared(lambda key: Repayment.objects.filter(key=key).select_related("contract"))
# Without the exclusion SQLite would not use the index, which leaves empty receipts out.
_USED = Prepared(
    lambda fund, receipt: (
        Repayment.objects.filter(fund=fund, receipt=receipt, undone_entry="")
        .exclude(receipt="")
        .order_by("pk")
        .values_list("contract__ref")[:1]
    )
)


def repay(actor: Actor, *, contract_ref: Ref, amount: Money, on: date, receipt: str, key: str) -> RepaymentView:
    """Take a repayment: late fees, interest and principal of the oldest instalment first, in the product's order.

    The same key books once. Refuses more than is owed, another currency, zero or less, a receipt number used
    before, and a day before the money was paid out or in the future. A payment found late is put where it belongs, and
    what changes by it is booked today.
    """
    with ledger.posting_transaction():
        row = lock(contract_row(actor, contract_ref))
        require(actor, "finance.collect", row.scope.path)
        return book_repayment(actor, row, amount=amount, on=on, receipt=receipt, key=key)


def book_repayment(actor: Actor, row: Contract, *, amount: Money, on: date, receipt: str, key: str) -> RepaymentView:
    """Book a repayment of a locked loan, once the right to do so is checked. For the services of this engine."""
    with ledger.posting_transaction():
        known = _KNOWN.first(key)
        if known is not None:
            if (known.contract_id, known.amount_minor, known.on) != (row.pk, amount.amount_minor, on):
                raise KeyReused(key=key)
            return view_of(known)
        file = checked_file(row, amount)
        check_day(on, earliest=file.first_on)
        _check_receipt(row, receipt)
        paid = payment_of(row, file, amount, on)
        standing = standing_of(row, file)
        one = Repayment(
            contract=row,
            fund=row.fund,
            on=on,
            amount_minor=amount.amount_minor,
            owed_after_minor=paid.preview.owed_after.amount_minor,
            receipt=receipt,
            by=actor.key,
            key=key,
        )
        for name, minor in parts_of(paid.movement).items():
            setattr(one, name, minor)
        entry = book_truth(
            actor,
            row,
            standing,
            file.with_facts(replace(paid.fact, ref=str(one.ref))),
            on=on,
            memo=f"Repayment {one.ref} of {row.ref}",
            source_ref=Ref(one.ref),
            key=f"repay:{one.key}",
            is_late=file.has_later(on),
        )
        assert entry is not None
        one.entry = entry.ref
        add(one)
        record(actor, "finance.repay", one.ref, facts={"contract": row.ref, "amount_minor": one.amount_minor})
        return view_of(one)


def undo_repayment(actor: Actor, *, repayment_ref: Ref, why: str, on: date, key: str) -> RepaymentView:
    """Take a repayment back as if it had never come, a bounced cheque say, also where others came after it.

    Its entry is reversed; where later payments are thereby used for other parts, one more entry books the difference.
    """
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
        standing = standing_of(row, loan_file(row))
        fact = LoanFact(
            contract=row,
            kind=LoanFactKind.UNDONE.value,
            state=LoanFactState.AGREED.value,
            on=on,
            amount_minor=one.amount_minor,
            target=one.ref,
            why=why[:600],
            prepared_by=actor.key,
            prepared_on=clock.today(),
            key=f"undo:{one.ref}",
        )
        one.undone_entry = taken_back(actor, row, standing, Ref(one.entry), why=why, on=on, key=key)
        one.save(update_fields=["undone_entry"])
        file = loan_file(row)
        assert file is not None
        entry = book_truth(
            actor,
            row,
            standing,
            file,
            on=on,
            memo=f"Payments of {row.ref} used anew without {one.ref}",
            source_ref=Ref(fact.ref),
            key=f"undo:{one.ref}:anew",
        )
        fact.entry = entry.ref if entry else one.undone_entry
        fact.save()
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
        check_loan_day(row, on)
        file = loan_file(row)
        assert file is not None
        if file.has_later(on):
            raise DayImpossible(on=on.isoformat(), earliest=file.day(on).isoformat(), latest=clock.today().isoformat())
        standing = standing_of(row, file)
        gone = file.with_facts(WrittenOff(on=on, entered_on=on, ref="write-off"))
        owed = gone.state(gone.day(on)).written_off_minor
        row.state, row.first_unpaid_on = ContractState.WRITTEN_OFF.value, None
        entry = book_truth(
            actor,
            row,
            standing,
            gone,
            on=on,
            memo=f"Written off: {row.ref}",
            source_ref=decision_ref or Ref(row.ref),
            key=f"write-off:{row.ref}:{key}",
        )
        proposed.amount_minor, proposed.approved_by, proposed.on = owed, actor.key, on
        proposed.entry, proposed.decision = entry.ref if entry else row.ref, decision_ref or ""
        proposed.save()
        row.save(update_fields=["state", "first_unpaid_on"])
        call_for_written_off(row, owed, on)
        record(actor, "finance.write_off", row.ref, why=proposed.why, facts={"amount_minor": owed})
    return owed


# --- inside -------------------------------------------------------------------------------------------------


def check_loan_day(row: Contract, on: date) -> None:
    """From the first money out until today. For the services of loans."""
    paid_out = row.tranches.exclude(released_on=None).order_by("released_on").values_list("released_on", flat=True)
    check_day(on, earliest=paid_out.first() or row.opened_on)


def _check_receipt(row: Contract, receipt: str) -> None:
    if not receipt:
        return
    if row.fund_id is None:
        return
    used = _USED.first(row.fund_id, receipt)
    if used is not None:
        raise ReceiptUsed(receipt=receipt, contract=used[0])
