"""Entries, and sums of lines by their labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Sum

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Book, Entry, Exchange, Line
from jump.engines.ledger.models.refusals import LabelUnknown
from jump.engines.ledger.models.tables import LABEL_COLUMNS
from jump.engines.ledger.types import LABELS, EntryView, ExchangeView, LineView, TotalRow


def entry(entry_ref: Ref) -> EntryView:
    """One entry with its lines. Two statements."""
    found = _views(Entry.objects.filter(ref=entry_ref))
    if not found:
        raise NotFound(ref=entry_ref)
    return found[0]


def entries(
    actor: Actor,
    *,
    book_ref: Ref | None = None,
    account_ref: Ref | None = None,
    source_ref: Ref | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[EntryView]:
    """Entries of a book, of an account, or caused by something; latest first. Two statements."""
    rows = _chosen(actor, book_ref=book_ref, account_ref=account_ref, source_ref=source_ref)
    return _views(rows.order_by("-occurred_on", "-id")[offset : offset + limit])


def count_entries(
    actor: Actor,
    *,
    book_ref: Ref | None = None,
    account_ref: Ref | None = None,
    source_ref: Ref | None = None,
) -> int:
    """How many there are for `entries`."""
    return int(_chosen(actor, book_ref=book_ref, account_ref=account_ref, source_ref=source_ref).count())


def _chosen(actor: Actor, *, book_ref: Ref | None, account_ref: Ref | None, source_ref: Ref | None) -> Any:
    rows = Entry.objects.filter(book__in=Book.objects.visible_to(actor).values("pk"))
    if book_ref is not None:
        rows = rows.filter(book__ref=book_ref)
    if account_ref is not None:
        rows = rows.filter(pk__in=Line.objects.filter(account__ref=account_ref).values("entry_id"))
    if source_ref is not None:
        rows = rows.filter(source=source_ref)
    return rows


def _views(rows: Any) -> list[EntryView]:
    heads = list(rows.select_related("book", "reverses", "reversed_by", "exchange"))
    lines: dict[int, list[LineView]] = {head.pk: [] for head in heads}
    for line in (
        Line.objects.filter(entry_id__in=list(lines)).select_related("account").order_by("entry_id", "position")
    ):
        lines[line.entry_id].append(
            LineView(
                Ref(line.account.ref),
                line.account.code,
                line.account.title,
                line.account.unit,
                line.amount_minor,
                {name: value for name in LABELS if (value := getattr(line, LABEL_COLUMNS[name]))},
            )
        )
    return [
        EntryView(
            ref=Ref(head.ref),
            number=head.pk,
            book_ref=Ref(head.book.ref),
            occurred_on=head.occurred_on,
            recorded_at=head.recorded_at,
            memo=head.memo,
            source_ref=Ref(head.source),
            by=head.by,
            reverses=Ref(head.reverses.ref) if head.reverses else None,
            reversed_by=Ref(head.reversed_by.ref) if hasattr(head, "reversed_by") else None,
            lines=tuple(lines[head.pk]),
            value_on=head.value_on,
            exchange=exchange_view(head.exchange) if hasattr(head, "exchange") else None,
        )
        for head in heads
    ]


def exchange_view(row: Exchange) -> ExchangeView:
    return ExchangeView(row.given, row.wanted, row.rate.normalize(), row.rate_on, row.origin)


def totals(
    actor: Actor,
    *,
    book_ref: Ref | None = None,
    labels: Mapping[str, str | Iterable[str]] | None = None,
    group_by: Sequence[str] = (),
    kinds: Iterable[str] = (),
    codes: Iterable[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> list[TotalRow]:
    """Sums of lines by their labels, one row per combination and unit, biggest label first. One statement.

    `labels` narrows: a text, several texts, or a beginning that ends in `*` ("jump/asia/*"). Without `kinds` or
    `codes` the lines of every kind of account are summed, which over whole entries is zero.
    """
    rows: Any = Line.objects.filter(entry__book__in=Book.objects.visible_to(actor).values("pk"))
    if book_ref is not None:
        rows = rows.filter(entry__book__ref=book_ref)
    if kinds:
        rows = rows.filter(account__kind__in=list(kinds))
    if codes:
        rows = rows.filter(account__code__in=list(codes))
    if since is not None:
        rows = rows.filter(occurred_on__gte=since)
    if until is not None:
        rows = rows.filter(occurred_on__lte=until)
    for name, value in (labels or {}).items():
        column = _column(name)
        if isinstance(value, str) and value.endswith("*"):
            rows = rows.filter(**{f"{column}__startswith": value[:-1]})
        elif isinstance(value, str):
            rows = rows.filter(**{column: value})
        else:
            rows = rows.filter(**{f"{column}__in": list(value)})
    columns = [_column(name) for name in group_by]
    grouped = rows.values(*columns, "account__unit").annotate(total=Sum("amount_minor"), n=Count("id"))
    return [
        TotalRow(
            {name: row[_column(name)] for name in group_by}, row["account__unit"], int(row["total"]), int(row["n"])
        )
        for row in grouped.order_by(*columns, "account__unit")
    ]


def _column(label: str) -> str:
    try:
        return LABEL_COLUMNS[label]
    except KeyError:
        raise LabelUnknown(label=label) from None
