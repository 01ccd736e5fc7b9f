"""Closing and sealing months, and linking entries into the hash chain."""

from __future__ import annotations

from typing import Any

from django.db import connection

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import locked
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Book, Entry, Link, Movement, Period, Seal
from jump.engines.ledger.models.bank_refusals import OtherPersonNeeded
from jump.engines.ledger.models.chain import NO_LINK, link_digest, seal_root
from jump.engines.ledger.models.functions import PERIOD_LOCK
from jump.engines.ledger.models.refusals import (
    BankUnfinished,
    EarlierMonthOpen,
    NotClosing,
    PeriodClosed,
    ProofFailed,
)
from jump.engines.ledger.queries.months import in_the_way
from jump.engines.ledger.queries.proof import problems_of_month, trial_digest
from jump.engines.ledger.services.booking import posting_transaction
from jump.engines.ledger.types import PeriodState

BATCH = 1_000


def seal_chain(book_ref: Ref | None = None) -> int:
    """Link every closed entry that has no link yet, in batches; returns how many. Safe to repeat and to interrupt.

    No posting does this or waits for it: a posting never touches the end of the chain.
    """
    books = Book.objects.filter(ref=book_ref) if book_ref else Book.objects.all()
    linked = 0
    for book_id in books.order_by("id").values_list("id", flat=True):
        while True:
            with posting_transaction():
                done = _link_batch(book_id)
            linked += done
            if done < BATCH:
                break
    return linked


def begin_closing(actor: Actor, *, book_ref: Ref, month: int) -> None:
    """From now on only those who may seal can post into this month (200406 is June 2004). Another person seals it."""
    _change(actor, book_ref=book_ref, month=month, state=PeriodState.CLOSING)


def reopen_period(actor: Actor, *, book_ref: Ref, month: int, why: str) -> None:
    """Open a closing month again. A sealed month stays sealed."""
    _change(actor, book_ref=book_ref, month=month, state=PeriodState.OPEN, why=why)


def seal_period(actor: Actor, *, book_ref: Ref, month: int, despite: str = "") -> int:
    """Prove the month, link all entries of the book and seal the month for ever; returns how many were linked.

    Somebody else has begun to close it (the command line needs nobody: whoever has the server has all of it). Where
    lines of a bank or entries prepared from them are open, only with a reason (`despite`), which stays on record.

    Nothing is booked in a sealed month or before it again. What was proved is kept as a seal, whose root depends on the
    seal before, on every entry of the chain and on every balance: who keeps the root can prove all of it later.
    Raises EarlierMonthOpen (months are sealed in their order), NotClosing, OtherPersonNeeded, BankUnfinished and
    ProofFailed.
    """
    with posting_transaction():
        book, new = _change(actor, book_ref=book_ref, month=month, state=PeriodState.SEALED, why=despite)
        linked = 0
        while done := _link_batch(book.pk):
            linked += done
        if new:
            _seal(actor, book, month)
    return linked


def _seal(actor: Actor, book: Book, month: int) -> None:
    problems = problems_of_month(book, month)
    if problems:
        raise ProofFailed(problems=len(problems), month=_words(month), first=f"{problems[0].ref}: {problems[0].text}")
    before = Seal.objects.filter(book=book).order_by("-month").first()
    last = Link.objects.filter(book=book).order_by("-position").first()
    said: dict[str, Any] = {
        "book_ref": str(book.ref),
        "month": month,
        "entries": Entry.objects.filter(book=book, month=month).count(),
        "position": last.position if last else 0,
        "digest": last.digest if last else NO_LINK,
        "trial_sha256": trial_digest(book, month),
        "previous": before.root if before else NO_LINK,
    }
    root = seal_root(**said)
    del said["book_ref"]
    Seal.objects.create(book=book, root=root, sealed_at=clock.now(), by=actor.key, **said)
    record(actor, "ledger.sealed", Ref(book.ref), facts={"month": month, "root": root})


def _change(actor: Actor, *, book_ref: Ref, month: int, state: PeriodState, why: str = "") -> tuple[Book, bool]:
    """Returns the book, and whether the state is a new one."""
    with posting_transaction():
        book = Book.objects.select_related("scope").filter(ref=book_ref).first()
        if book is None:
            raise NotFound(ref=book_ref)
        right = "ledger.seal"
        if state == PeriodState.CLOSING and can(actor, "ledger.reconcile", book.scope.path):
            right = "ledger.reconcile"
        require(actor, right, book.scope.path)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PERIOD_LOCK, book.pk])
        sealed = Period.objects.filter(book=book, state=PeriodState.SEALED).order_by("-month")
        sealed_to = sealed.values_list("month", flat=True).first() or 0
        if month <= sealed_to:
            if state == PeriodState.SEALED and sealed.filter(month=month).exists():
                return book, False
            raise PeriodClosed(month=_words(month), state=PeriodState.SEALED.value)
        if state == PeriodState.SEALED:
            earlier = Movement.objects.filter(account__book=book, month__lt=month, month__gt=sealed_to)
            first = earlier.order_by("month").values_list("month", flat=True).first()
            if first is not None:
                raise EarlierMonthOpen(month=_words(month), earlier=_words(first))
            _check_sealer(actor, book, month)
            _check_finished(book, month, why)
        Period.objects.update_or_create(
            book=book, month=month, defaults={"state": state.value, "changed_at": clock.now(), "by": actor.key}
        )
        record(actor, f"ledger.period_{state.value}", book_ref, why=why, facts={"month": month})
    return book, True


def _check_sealer(actor: Actor, book: Book, month: int) -> None:
    """Who closes and who seals are two people."""
    if actor.user_id is None:
        return
    row = Period.objects.filter(book=book, month=month, state=PeriodState.CLOSING.value).first()
    if row is None:
        raise NotClosing(month=_words(month))
    if row.by == actor.key:
        raise OtherPersonNeeded(prepared_by=row.by)


def _check_finished(book: Book, month: int, despite: str) -> None:
    found = in_the_way(book, month)
    if found.needs_reason and not despite.strip():
        raise BankUnfinished(month=_words(month), open_bank=found.open_bank, waiting=found.waiting)


def _words(month: int) -> str:
    return f"{month // 100}-{month % 100:02}"


def _link_batch(book_id: int) -> int:
    locked(Book.objects.filter(pk=book_id)).values_list("id", flat=True).get()
    last = Link.objects.filter(book_id=book_id).order_by("-position").first()
    position, previous = (last.position, last.digest) if last else (0, NO_LINK)
    rows = []
    waiting = Entry.objects.filter(book_id=book_id, link__isnull=True).order_by("id")
    for pk, ref, at, content in waiting.values_list("id", "ref", "recorded_at", "content_sha256")[:BATCH]:
        position += 1
        previous = link_digest(previous=previous, entry_ref=ref, recorded_at=at, content_sha256=content)
        rows.append(Link(book_id=book_id, position=position, entry_id=pk, digest=previous))
    Link.objects.bulk_create(rows, batch_size=200)
    return len(rows)
