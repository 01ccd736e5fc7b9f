"""The months of a book: open, closing or sealed, and what is unfinished in them."""

from __future__ import annotations

import calendar
from datetime import date

from django.db.models import Count, Max

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Book, Entry, Hold, Period, Seal
from jump.engines.ledger.models.banking import BankEntry, BankStatement, Reconciliation
from jump.engines.ledger.queries.banking import open_bank_rows
from jump.engines.ledger.types import PeriodState
from jump.engines.ledger.types.banking import PrepareState
from jump.engines.ledger.types.months import InTheWay, LateFact, MonthView


def last_day(month: int) -> date:
    """The last day of a month: 200402 ends on 29 February 2004.

    >>> last_day(200402)
    datetime.date(2004, 2, 29)
    """
    return date(month // 100, month % 100, calendar.monthrange(month // 100, month % 100)[1])


def months(actor: Actor, *, book_ref: Ref) -> list[MonthView]:
    """Every month of a book in which something was booked or decided, the latest first; three statements."""
    book = _seen(actor, book_ref)
    counts = dict(Entry.objects.filter(book=book).order_by().values_list("month").annotate(Count("id")))
    periods = {row.month: row for row in Period.objects.filter(book=book)}
    roots = dict(Seal.objects.filter(book=book).values_list("month", "root"))
    return [
        _view(book_ref, one, counts.get(one, 0), periods.get(one), roots.get(one, ""))
        for one in sorted({*counts, *periods}, reverse=True)
    ]


def month_view(actor: Actor, *, book_ref: Ref, month: int) -> MonthView:
    """One month of a book. Raises NotFound for what is no month, or one to come."""
    book = _seen(actor, book_ref)
    today = clock.today()
    if not 1 <= month % 100 <= 12 or not month // 100 >= 1900 or month > today.year * 100 + today.month:
        raise NotFound(ref=str(month))
    root = Seal.objects.filter(book=book, month=month).values_list("root", flat=True).first()
    count = Entry.objects.filter(book=book, month=month).count()
    return _view(book_ref, month, count, Period.objects.filter(book=book, month=month).first(), root or "")


def _view(book_ref: Ref, month: int, entries: int, row: Period | None, root: str) -> MonthView:
    if row is None:
        return MonthView(book_ref, month, PeriodState.OPEN.value, entries)
    return MonthView(book_ref, month, row.state, entries, row.by, row.changed_at, root)


def in_the_way(book: Book, month: int) -> InTheWay:
    """What is unfinished at the end of a month."""
    until = last_day(month)
    accounts = list(book.accounts.filter(bank__isnull=False).values_list("pk", "ref"))
    ids = [pk for pk, _ref in accounts]
    lines = open_bank_rows(ids).filter(booked_on__lte=until)
    waiting = BankEntry.objects.filter(
        bank_line__account__in=ids, state=PrepareState.PREPARED.value, occurred_on__lte=until
    )
    signed = Reconciliation.objects.filter(account__in=ids, state=PrepareState.DONE.value, as_of__gte=until)
    done = set(signed.values_list("account_id", flat=True))
    begun = set(BankStatement.objects.filter(account__in=ids, opens_on__lte=until).values_list("account_id", flat=True))
    holds = Hold.objects.filter(account__book=book, open_minor__gt=0, placed_at__date__lte=until)
    return InTheWay(
        not_linked=Entry.objects.filter(book=book, month__lte=month, link__isnull=True).count(),
        open_bank=lines.count(),
        waiting=waiting.count(),
        holds=holds.exclude(lapses_at__lte=clock.now()).count(),
        not_reconciled=tuple(Ref(ref) for pk, ref in accounts if pk in begun and pk not in done),
    )


def unfinished(actor: Actor, *, book_ref: Ref, month: int) -> InTheWay:
    """What stands in the way of sealing a month, as far as the ledger knows. Raises NotFound."""
    return in_the_way(_seen(actor, book_ref), month)


def late_facts(actor: Actor, *, book_ref: Ref, month: int, limit: int = 100) -> list[LateFact]:
    """What was true in a month and is booked in a later one, the latest first."""
    book = _seen(actor, book_ref)
    until = last_day(month)
    rows = Entry.objects.filter(book=book, value_on__gte=until.replace(day=1), value_on__lte=until, month__gt=month)
    return [
        LateFact(Ref(row.ref), row.memo, row.occurred_on, row.value_on)
        for row in rows.order_by("-occurred_on", "-id")[:limit]
        if row.value_on is not None
    ]


def sealed_to(book_ref: Ref) -> int:
    """The last sealed month of a book, or 0."""
    found = Seal.objects.filter(book__ref=book_ref).aggregate(last=Max("month"))["last"]
    return int(found or 0)


def _seen(actor: Actor, book_ref: Ref) -> Book:
    found: Book | None = Book.objects.visible_to(actor).filter(ref=book_ref).first()
    if found is None:
        raise NotFound(ref=book_ref)
    return found
