"""Holds: reserving an amount, then posting it (whole or in parts), letting it go, or letting its time run out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor
from jump.base.db import locked
from jump.base.refusals import BadInput, NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Balance, Entry, Hold, HoldMove
from jump.engines.ledger.models.refusals import AccountUnknown, BelowFloor, HoldEnded, KeyReused, NoFloor
from jump.engines.ledger.queries.accounts import hold_view
from jump.engines.ledger.services import writing
from jump.engines.ledger.services.booking import Draft, book_drafts, posting_transaction
from jump.engines.ledger.services.lapsing import lapse_due
from jump.engines.ledger.types import EntryView, HoldEnd, HoldView, Line, Posting


def place_hold(
    actor: Actor,
    *,
    account_ref: Ref,
    amount_minor: int,
    purpose: str,
    source_ref: Ref,
    key: str,
    lapses_at: datetime | None = None,
) -> HoldView:
    """Reserve an amount of an account, counted in its own direction, until it is posted, let go or lapses.

    The same key and content again is the same hold. Two people at once never reserve more than is free: the balance is
    locked, and the database checks it again. Raises BelowFloor, NoFloor, KeyReused.
    """
    now = clock.now()
    if type(amount_minor) is not int or amount_minor <= 0:
        raise BadInput({"amount": [_("What is reserved is more than nothing.")]})
    if not key or len(key) > 200 or len(purpose) > 300:
        raise BadInput({"purpose": [_("The note or the key is too long, or the key is missing.")]})
    with posting_transaction():
        balance, account = _locked(account_ref)
        known = Hold.objects.select_related("account").filter(account=account, key=key).first()
        if known is not None:
            if (known.amount_minor, known.purpose, known.source) != (amount_minor, purpose, source_ref):
                raise KeyReused(key=key, hold=known.ref)
            return hold_view(known)
        if lapses_at is not None and lapses_at <= now:
            raise BadInput({"lapses_at": [_("The time until which it is reserved is over.")]})
        if balance.floor_minor is None:
            raise NoFloor(account=account.code)
        lapse_due([account.pk])
        balance.refresh_from_db(fields=["reserved_minor"])
        free = balance.balance_minor * balance.sign - balance.floor_minor - balance.reserved_minor
        if amount_minor > free:
            facts = {"reserved_minor": balance.reserved_minor} if balance.reserved_minor else {}
            raise BelowFloor(
                account=account.code, held_minor=free, asked_minor=amount_minor, unit=account.unit, **facts
            )
        row = Hold.objects.create(
            account=account,
            amount_minor=amount_minor,
            open_minor=amount_minor,
            purpose=purpose,
            source=source_ref,
            key=key,
            placed_at=now,
            lapses_at=lapses_at,
            by=actor.key,
        )
    return hold_view(row)


def post_hold(
    actor: Actor,
    *,
    hold_ref: Ref,
    memo: str,
    occurred_on: date,
    lines: Sequence[Line],
    source_ref: Ref,
    key: str,
    keep_rest: bool = False,
    value_on: date | None = None,
) -> EntryView:
    """Post an entry out of a hold. What it takes from the account comes out of what is reserved.

    The rest is let go, or stays reserved with `keep_rest`. The same key and content again is the same entry.
    Raises HoldEnded where less is left of the hold than the entry takes, and whatever `post` raises.
    """
    with posting_transaction():
        row = _hold(hold_ref)
        balance, account = _locked(Ref(row.account.ref))
        lapse_due([account.pk])
        row.refresh_from_db(fields=["open_minor"])
        book_ref = Ref(account.book.ref)
        draft = Draft(Posting(memo, occurred_on, tuple(lines), source_ref, key, value_on))
        before = Entry.objects.filter(book_id=account.book_id, key=key).values_list("id", "ref").first()
        if before is not None:
            if not row.moves.filter(entry_id=before[0]).exists():
                raise KeyReused(key=key, entry=before[1])
            return book_drafts(actor, book_ref=book_ref, drafts=[draft])[0]
        drawn = -balance.sign * sum(line.amount_minor for line in lines if line.account_ref == account.ref)
        if drawn <= 0:
            raise BadInput({"lines": [_("The entry takes nothing from what is reserved.")]})
        if drawn > row.open_minor:
            raise HoldEnded(hold=row.ref, open_minor=row.open_minor, asked_minor=drawn, unit=account.unit)
        # The entry has its number before it is written, so that what it uses is free again when it is.
        draft.number = writing.entry_numbers(1)[0]
        _end(row, HoldEnd.POSTED, drawn, actor.key, entry_id=draft.number)
        if not keep_rest and row.open_minor > drawn:
            _end(row, HoldEnd.VOID, row.open_minor - drawn, actor.key)
        try:
            return book_drafts(actor, book_ref=book_ref, drafts=[draft])[0]
        except IntegrityError as error:
            if "key" in str(error):
                raise KeyReused(key=key) from error
            raise


def void_hold(actor: Actor, *, hold_ref: Ref) -> HoldView:
    """Let go what is left of a hold. Done twice it is done once."""
    with posting_transaction():
        row = _hold(hold_ref)
        _locked(Ref(row.account.ref))
        row.refresh_from_db(fields=["open_minor"])
        if row.open_minor:
            _end(row, HoldEnd.VOID, row.open_minor, actor.key)
            row.refresh_from_db(fields=["open_minor"])
    return hold_view(row)


def lapse_holds() -> int:
    """End every hold whose time is over; returns what is free again, in minor units of all sorts. Safe to repeat."""
    with posting_transaction():
        due = Hold.objects.filter(open_minor__gt=0, lapses_at__lte=clock.now())
        accounts = sorted(set(due.values_list("account_id", flat=True)))
        list(locked(Balance.objects.filter(pk__in=accounts).order_by("pk")))
        return lapse_due(accounts)


def _hold(hold_ref: Ref) -> Hold:
    row = Hold.objects.select_related("account__book").filter(ref=hold_ref).first()
    if row is None:
        raise NotFound(ref=hold_ref)
    return row


def _locked(account_ref: Ref) -> tuple[Balance, Account]:
    balance = locked(Balance.objects.select_related("account__book").filter(account__ref=account_ref)).first()
    if balance is None:
        raise AccountUnknown(account=account_ref)
    return balance, balance.account


def _end(row: Hold, kind: HoldEnd, amount_minor: int, by: str, entry_id: int | None = None) -> None:
    HoldMove.objects.create(
        hold=row, kind=kind.value, amount_minor=amount_minor, entry_id=entry_id, at=clock.now(), by=by
    )
