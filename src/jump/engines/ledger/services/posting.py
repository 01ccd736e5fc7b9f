"""Posting: the one way in which a balance moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from jump.base.actors import Actor
from jump.base.db import locked
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Balance, Entry
from jump.engines.ledger.models.refusals import AccountUnknown, AlreadyReversed, ReversalOfReversal
from jump.engines.ledger.services.booking import MEMO_LENGTH, Draft, book_drafts, posting_transaction
from jump.engines.ledger.services.straight import book_straight
from jump.engines.ledger.types import LABELS, EntryView, Line, Posting


def post(
    actor: Actor,
    *,
    book_ref: Ref,
    memo: str,
    occurred_on: date,
    lines: Sequence[Line],
    source_ref: Ref,
    key: str,
    value_on: date | None = None,
) -> EntryView:
    """Book one entry. The same key and content again returns the first entry; the same key with other content refuses.

    A fact that is told after its month was sealed is booked on an open day, with its true day as `value_on`. The right
    to post is the caller's to check: the ledger knows no loans and no budgets. A memo stays for ever, so it holds
    references and no names.
    """
    draft = Draft(Posting(memo, occurred_on, tuple(lines), source_ref, key, value_on))
    made = book_straight(actor, book_ref, draft) if connection.vendor == "postgresql" else None
    return made if made is not None else book_drafts(actor, book_ref=book_ref, drafts=[draft])[0]


def post_many(actor: Actor, *, book_ref: Ref, postings: Sequence[Posting]) -> tuple[EntryView, ...]:
    """Book many entries of one book, all or none, in the few statements that one entry takes."""
    return book_drafts(actor, book_ref=book_ref, drafts=[Draft(posting) for posting in postings])


def reverse(actor: Actor, *, entry_ref: Ref, why: str, on: date, key: str) -> EntryView:
    """Undo an entry by its mirror image. An entry is reversed once; a reversal is not reversed."""
    with posting_transaction():
        first = Entry.objects.select_related("book", "reverses").filter(ref=entry_ref).first()
        if first is None:
            raise NotFound(ref=entry_ref)
        mirror = [
            Line(Ref(line.account.ref), -line.amount_minor, {name: getattr(line, f"label_{name}") for name in LABELS})
            for line in first.lines.select_related("account").order_by("position")
        ]
        posting = Posting(f"Reversal of {entry_ref}: {why}"[:MEMO_LENGTH], on, tuple(mirror), Ref(first.source), key)
        draft = Draft(posting, reverses_id=first.pk, reverses_ref=Ref(first.ref))
        if first.reverses is not None:
            raise ReversalOfReversal(entry=entry_ref, by=first.ref, reverses=first.reverses.ref)
        earlier = Entry.objects.filter(reverses=first).exclude(key=key).values_list("ref", flat=True).first()
        if earlier is not None:
            raise AlreadyReversed(entry=entry_ref, by=earlier)
        return book_drafts(actor, book_ref=Ref(first.book.ref), drafts=[draft])[0]


def balance_locked(account_ref: Ref) -> int:
    """What the account holds (debit positive), kept as it is until the transaction ends."""
    return balances_locked([account_ref])[account_ref]


def balances_locked(account_refs: Sequence[Ref]) -> dict[Ref, int]:
    """What several accounts hold, locked in the order of their ids until the transaction ends."""
    rows = locked(Balance.objects.filter(account__ref__in=account_refs).order_by("account_id"))
    found = {Ref(ref): held for ref, held in rows.values_list("account__ref", "balance_minor")}
    for ref in account_refs:
        if ref not in found:
            raise AccountUnknown(account=ref)
    return found
