"""An account line by line, with what it held after each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Book, Line
from jump.engines.ledger.models.refusals import AccountUnknown
from jump.engines.ledger.queries.accounts import account_view, balance
from jump.engines.ledger.types import AccountStatement, RunningLine

LINES_MAX = 2_000


def account_statement(
    actor: Actor, *, account_ref: Ref, since: date, until: date, limit: int = LINES_MAX, offset: int = 0
) -> AccountStatement:
    """An account over some days: opening, lines oldest first with the balance after each, closing; debit is positive.

    A page of it costs the lines of the page and of one month, whatever came before: the balance before the first line
    shown is that of the day before, and the lines of its day. Raises AccountUnknown, also where the book is not to be
    seen.
    """
    account = _seen(actor, account_ref)
    within: Any = Line.objects.filter(account_id=account.pk, occurred_on__gte=since, occurred_on__lte=until)
    opening = balance(account_ref, since - timedelta(days=1))
    sides = within.aggregate(
        debit=Coalesce(Sum("amount_minor", filter=Q(amount_minor__gt=0)), 0),
        credit=Coalesce(Sum("amount_minor", filter=Q(amount_minor__lt=0)), 0),
        total=Count("id"),
    )
    found: list[Line] = []
    if limit:
        rows = within.select_related("entry__reverses", "entry__reversed_by")
        found = list(rows.order_by("occurred_on", "entry_id", "position")[offset : offset + limit])
    held = _before(account_ref, found[0]) if found and offset else opening
    lines = []
    for row in found:
        held += row.amount_minor
        lines.append(_running(row, held))
    return AccountStatement(
        account=account_view(account, account_ref),
        since=since,
        until=until,
        opening_minor=opening,
        debit_minor=int(sides["debit"]),
        credit_minor=-int(sides["credit"]),
        lines=tuple(lines),
        total=int(sides["total"]),
    )


def count_lines(actor: Actor, *, account_ref: Ref, since: date, until: date) -> int:
    """How many lines there are for `account_statement`."""
    rows = Line.objects.filter(
        account__ref=account_ref,
        account__book__in=Book.objects.visible_to(actor).values("pk"),
        occurred_on__gte=since,
        occurred_on__lte=until,
    )
    return rows.count()


def _seen(actor: Actor, account_ref: Ref) -> Account:
    known: Any = Account.objects.filter(book__in=Book.objects.visible_to(actor).values("pk"))
    found: Account | None = known.select_related("book", "holding").filter(ref=account_ref).first()
    if found is None:
        raise AccountUnknown(account=account_ref)
    return found


def _running(row: Line, held: int) -> RunningLine:
    entry = row.entry
    return RunningLine(
        entry_ref=Ref(entry.ref),
        number=entry.pk,
        occurred_on=row.occurred_on,
        value_on=entry.value_on,
        memo=entry.memo,
        source_ref=Ref(entry.source),
        amount_minor=row.amount_minor,
        balance_after_minor=held,
        reverses=Ref(entry.reverses.ref) if entry.reverses else None,
        reversed_by=Ref(entry.reversed_by.ref) if hasattr(entry, "reversed_by") else None,
    )


def _before(account_ref: Ref, first: Line) -> int:
    day = first.occurred_on
    same_day = Line.objects.filter(account_id=first.account_id, occurred_on=day)
    sooner = same_day.filter(
        Q(entry_id__lt=first.entry_id) | Q(entry_id=first.entry_id, position__lt=first.position)
    ).aggregate(total=Coalesce(Sum("amount_minor"), 0))
    return balance(account_ref, day - timedelta(days=1)) + int(sooner["total"])
