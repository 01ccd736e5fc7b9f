"""Closing months, and linking entries into the hash chain."""

from __future__ import annotations

from django.db import connection

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Book, Entry, Link, Period
from jump.engines.ledger.models.chain import NO_LINK, link_digest
from jump.engines.ledger.models.refusals import PeriodClosed
from jump.engines.ledger.services.posting import PERIOD_LOCK, posting_transaction
from jump.engines.ledger.types import PeriodState

BATCH = 1_000


def seal_chain(book_ref: Ref | None = None) -> int:
    """Link every closed entry that has no link yet, in batches; returns how many. Safe to repeat and to interrupt."""
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
    """From now on only those who may seal can post into this month (200406 is June 2004)."""
    _change(actor, book_ref=book_ref, month=month, state=PeriodState.CLOSING)


def reopen_period(actor: Actor, *, book_ref: Ref, month: int, why: str) -> None:
    """Open a closing month again. A sealed month stays sealed."""
    _change(actor, book_ref=book_ref, month=month, state=PeriodState.OPEN, why=why)


def seal_period(actor: Actor, *, book_ref: Ref, month: int) -> int:
    """Link all entries of the book and seal the month for ever; returns how many entries were linked."""
    with posting_transaction():
        _change(actor, book_ref=book_ref, month=month, state=PeriodState.SEALED)
        book_id = Book.objects.values_list("id", flat=True).get(ref=book_ref)
        linked = 0
        while done := _link_batch(book_id):
            linked += done
    return linked


def _change(actor: Actor, *, book_ref: Ref, month: int, state: PeriodState, why: str = "") -> None:
    with posting_transaction():
        book = Book.objects.select_related("scope").filter(ref=book_ref).first()
        if book is None:
            raise NotFound(ref=book_ref)
        require(actor, "ledger.seal", book.scope.path)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PERIOD_LOCK, book.pk])
        period = Period.objects.filter(book=book, month=month).first()
        if period is not None and period.state == PeriodState.SEALED:
            if state == PeriodState.SEALED:
                return
            raise PeriodClosed(month=f"{month // 100}-{month % 100:02}", state=period.state)
        Period.objects.update_or_create(
            book=book, month=month, defaults={"state": state.value, "changed_at": clock.now(), "by": actor.key}
        )
        record(actor, f"ledger.period_{state.value}", book_ref, why=why, facts={"month": month})


def _link_batch(book_id: int) -> int:
    books = Book.objects.filter(pk=book_id)
    if connection.vendor != "sqlite":
        books = books.select_for_update(of=("self",))
    books.values_list("id", flat=True).get()
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
