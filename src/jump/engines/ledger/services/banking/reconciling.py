"""Reconciliations: books and bank on one day, prepared by one person, signed by another, then frozen."""

from __future__ import annotations

from datetime import date

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import locked, write_transaction
from jump.base.refusals import BadInput, NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Account
from jump.engines.ledger.models.bank_refusals import (
    AlreadyReconciled,
    BankLinesOpen,
    ChangedMeanwhile,
    DoesNotAgree,
    NotOpen,
    OtherPersonNeeded,
    ReconciliationOpen,
)
from jump.engines.ledger.models.banking import BankAccount, BankMatch, Reconciliation, ReconciliationItem
from jump.engines.ledger.queries.banking import agreement_digest, work_out
from jump.engines.ledger.services.banking.accounts import APPROVE, RECONCILE, locked_bank, seen_account
from jump.engines.ledger.types.banking import Agreement, MatchState, PrepareState


def prepare_reconciliation(
    actor: Actor, *, account_ref: Ref, as_of: date, replaces: Ref | None = None, why: str = ""
) -> Ref:
    """Books, what is in transit and the bank on one day, ready for a second person. They must agree to the cent.

    Prepared again while it waits, it is worked out anew. With `replaces`, the latest signed one is put in question
    with a reason: it stays as it is, and its matches can be taken back until the new one is signed. Raises
    BankLinesOpen, DoesNotAgree, NotCovered, AlreadyReconciled, ReconciliationOpen.
    """
    account = seen_account(actor, account_ref)
    require(actor, RECONCILE, account.book.scope.path)
    with write_transaction():
        bank = locked_bank(actor, account)
        waiting = Reconciliation.objects.filter(account=bank, state=PrepareState.PREPARED.value).first()
        old = _replaced(bank, replaces, why) if replaces else None
        as_of = old.as_of if old is not None else as_of
        last = _last_signed(bank)
        if waiting is not None:
            if waiting.as_of != as_of or (old is not None and waiting.replaces_id != old.pk):
                raise ReconciliationOpen(reconciliation=waiting.ref)
        elif old is None and last is not None and last.as_of >= as_of:
            raise AlreadyReconciled(day=last.as_of.isoformat(), reconciliation=last.ref)
        found = work_out(account, bank, as_of)
        # One that replaces another begins with what the old one said: only then can matches be put right.
        if waiting is None and old is not None:
            return _begin(actor, bank, found, old, why)
        _check(account, found)
        if waiting is None:
            return _begin(actor, bank, found, None, "")
        Reconciliation.objects.filter(pk=waiting.pk).update(**_figures(actor, found))
        record(actor, "ledger.reconciliation_prepared", Ref(waiting.ref))
    return Ref(waiting.ref)


def sign_reconciliation(actor: Actor, *, reconciliation_ref: Ref) -> None:
    """Sign what somebody else prepared; from then on it never changes, nor do the matches that it rests on."""
    row = _known(reconciliation_ref)
    account = seen_account(actor, Ref(row.account.account.ref))
    require(actor, APPROVE, account.book.scope.path)
    with write_transaction():
        bank = locked_bank(actor, account)
        row = locked(Reconciliation.objects.filter(pk=row.pk)).get()
        if row.state == PrepareState.DONE:
            return
        if row.state != PrepareState.PREPARED:
            raise NotOpen(ref=reconciliation_ref)
        if row.prepared_by == actor.key:
            raise OtherPersonNeeded(prepared_by=row.prepared_by)
        found = work_out(account, bank, row.as_of)
        _check(account, found)
        if agreement_digest(found) != row.digest:
            raise ChangedMeanwhile(reconciliation=reconciliation_ref)
        ReconciliationItem.objects.bulk_create(
            [ReconciliationItem(reconciliation=row, line_id=pk, amount_minor=amount) for pk, amount in found.lines]
        )
        held = BankMatch.objects.filter(account=bank, state=MatchState.LIVE.value)
        held = held.filter(pk__in=_resting_on(bank, row.as_of))
        held.filter(held_by__isnull=True).update(held_by=row)
        if row.replaces_id is not None:
            held.filter(held_by=row.replaces_id).update(held_by=row)
        Reconciliation.objects.filter(pk=row.pk).update(
            state=PrepareState.DONE.value, signed_at=clock.now(), signed_by=actor.key
        )
        record(actor, "ledger.reconciliation_signed", reconciliation_ref, facts={"as_of": row.as_of.isoformat()})


def drop_reconciliation(actor: Actor, *, reconciliation_ref: Ref, why: str) -> None:
    """Give up one that waits. One that replaces a signed one stays: matches may have been taken back for it."""
    row = _known(reconciliation_ref)
    account = seen_account(actor, Ref(row.account.account.ref))
    require(actor, RECONCILE, account.book.scope.path)
    with write_transaction():
        locked_bank(actor, account)
        row = locked(Reconciliation.objects.filter(pk=row.pk)).get()
        if row.state == PrepareState.DROPPED:
            return
        if row.state != PrepareState.PREPARED or row.replaces_id is not None:
            raise NotOpen(ref=reconciliation_ref)
        Reconciliation.objects.filter(pk=row.pk).update(state=PrepareState.DROPPED.value, why=why[:600])
        record(actor, "ledger.reconciliation_dropped", reconciliation_ref, why=why)


def _known(ref: Ref) -> Reconciliation:
    found = Reconciliation.objects.select_related("account__account").filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    return found


def _last_signed(bank: BankAccount) -> Reconciliation | None:
    signed = Reconciliation.objects.filter(account=bank, state=PrepareState.DONE.value)
    return signed.order_by("-as_of", "-id").first()


def _replaced(bank: BankAccount, ref: Ref, why: str) -> Reconciliation:
    if not why.strip():
        raise BadInput({"why": ["Say why."]})
    last = _last_signed(bank)
    if last is None:
        raise NotFound(ref=ref)
    if last.ref != ref:
        raise AlreadyReconciled(day=last.as_of.isoformat(), reconciliation=last.ref)
    return last


def _begin(actor: Actor, bank: BankAccount, found: Agreement, old: Reconciliation | None, why: str) -> Ref:
    figures = _figures(actor, found)
    if old is not None:
        figures |= {"book_minor": old.book_minor, "transit_minor": old.transit_minor, "bank_minor": old.bank_minor}
        figures |= {"digest": old.digest}
    row = Reconciliation.objects.create(account=bank, as_of=found.as_of, replaces=old, why=why.strip()[:600], **figures)
    record(actor, "ledger.reconciliation_prepared", Ref(row.ref), why=why)
    return Ref(row.ref)


def _figures(actor: Actor, found: Agreement) -> dict[str, object]:
    return {
        "book_minor": found.book_minor,
        "transit_minor": found.transit_minor,
        "bank_minor": found.bank_minor,
        "digest": agreement_digest(found),
        "prepared_at": clock.now(),
        "prepared_by": actor.key,
    }


def _check(account: Account, found: Agreement) -> None:
    if found.open_bank:
        raise BankLinesOpen(count=found.open_bank, day=found.as_of.isoformat())
    if found.difference_minor:
        raise DoesNotAgree(difference_minor=found.difference_minor, day=found.as_of.isoformat(), currency=account.unit)


def _resting_on(bank: BankAccount, as_of: date) -> list[int]:
    """Matches whose line of the bank lies in the days that are reconciled."""
    parts = BankMatch.objects.filter(account=bank, parts__is_live=True, parts__bank_line__booked_on__lte=as_of)
    return list(parts.values_list("pk", flat=True).distinct())
