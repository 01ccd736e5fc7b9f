"""The proof: everything the ledger promises, recomputed from the lines. It reports and never repairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Count, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from jump.core.units import Ref
from jump.engines.ledger.models import Balance, Book, Closing, Entry, Line, Link, Movement, Period
from jump.engines.ledger.models.chain import NO_LINK, content_digest, link_digest
from jump.engines.ledger.models.guards import missing_guards
from jump.engines.ledger.models.tables import LABEL_COLUMNS
from jump.engines.ledger.types import LABELS, PeriodState, Problem, Proof

_PAGE = 500


def verify(book_ref: Ref | None = None) -> list[Problem]:
    """Every problem found in one book, or in all of them; an empty list is the proof."""
    return list(proof(book_ref).problems)


def proof(book_ref: Ref | None = None) -> Proof:
    """Check guards, sums, balances, months, contents and the chain; also say how many entries are not linked yet."""
    books = Book.objects.filter(ref=book_ref) if book_ref else Book.objects.all()
    ids = list(books.order_by("id").values_list("id", flat=True))
    problems: list[Problem] = [
        Problem("guard_missing", name, "The database no longer refuses what this guard refused.")
        for name in missing_guards(connection)
    ]
    problems += _odd_entries(ids)
    problems += _odd_balances(ids)
    problems += _odd_months(ids)
    for book in books.order_by("id"):
        problems += _odd_contents(book)
        problems += _odd_chain(book)
    entries = Entry.objects.filter(book_id__in=ids)
    return Proof(
        entries=entries.count(),
        lines=Line.objects.filter(entry__book_id__in=ids).count(),
        not_linked=entries.filter(link__isnull=True).count(),
        problems=tuple(problems),
    )


def _odd_entries(book_ids: list[int]) -> Iterator[Problem]:
    lines = Line.objects.filter(entry__book_id__in=book_ids)
    sums = lines.values("entry__ref", "account__unit").annotate(total=Sum("amount_minor"))
    for row in sums.exclude(total=0):
        yield Problem("unbalanced", row["entry__ref"], f"{row['account__unit']} sums to {row['total']}, not to zero.")
    few = Entry.objects.filter(book_id__in=book_ids).annotate(n=Count("lines")).filter(n__lt=2)
    for ref in few.values_list("ref", flat=True):
        yield Problem("too_few_lines", ref, "The entry has fewer than two lines.")
    closed = Closing.objects.values("entry_ref")
    for ref in Entry.objects.filter(book_id__in=book_ids).exclude(ref__in=closed).values_list("ref", flat=True):
        yield Problem("not_closed", ref, "The entry has no closing row.")
    strays = lines.exclude(account__book_id=F("entry__book_id")) | lines.exclude(occurred_on=F("entry__occurred_on"))
    for ref in strays.values_list("entry__ref", flat=True).distinct():
        yield Problem("stray_line", ref, "A line has another book or another day than its entry.")


def _odd_balances(book_ids: list[int]) -> Iterator[Problem]:
    summed = Line.objects.filter(account_id=OuterRef("pk")).order_by().values("account_id")
    rows = Balance.objects.filter(account__book_id__in=book_ids).annotate(
        by_lines=Coalesce(Subquery(summed.annotate(total=Sum("amount_minor")).values("total")), 0)
    )
    for row in rows.exclude(balance_minor=F("by_lines")).select_related("account"):
        yield Problem(
            "balance", row.account.ref, f"The balance says {row.balance_minor}, the lines say {row.by_lines}."
        )


def _odd_months(book_ids: list[int]) -> Iterator[Problem]:
    """Months against lines, account by account."""
    by_line: dict[tuple[str, int], list[int]] = {}
    lines = Line.objects.filter(account__book_id__in=book_ids)
    for ref, month, amount in lines.values_list("account__ref", "entry__month", "amount_minor").iterator():
        side = by_line.setdefault((ref, month), [0, 0])
        side[0 if amount > 0 else 1] += abs(amount)
    months = Movement.objects.filter(account__book_id__in=book_ids)
    for ref, month, debit, credit in months.values_list("account__ref", "month", "debit_minor", "credit_minor"):
        if by_line.pop((ref, month), [0, 0]) != [debit, credit]:
            yield Problem("month", ref, f"The sums of {month} differ from its lines.")
    for ref, month in by_line:
        yield Problem("month", ref, f"The sums of {month} are missing.")


def _odd_contents(book: Book) -> Iterator[Problem]:
    last = 0
    while page := list(Entry.objects.filter(book=book, pk__gt=last).select_related("reverses").order_by("pk")[:_PAGE]):
        lines: dict[int, list[tuple[str, int, dict[str, str]]]] = {entry.pk: [] for entry in page}
        rows = Line.objects.filter(entry_id__in=list(lines)).select_related("account").order_by("entry_id", "position")
        for line in rows:
            labels = {name: getattr(line, LABEL_COLUMNS[name]) for name in LABELS}
            lines[line.entry_id].append((line.account.ref, line.amount_minor, labels))
        for entry in page:
            digest = content_digest(
                book_ref=book.ref,
                occurred_on=entry.occurred_on,
                memo=entry.memo,
                source_ref=entry.source,
                key=entry.key,
                reverses_ref=entry.reverses.ref if entry.reverses else "",
                lines=lines[entry.pk],
            )
            if digest != entry.content_sha256:
                yield Problem("content", entry.ref, "The entry or a line of it is not what was posted.")
        last = page[-1].pk


def _odd_chain(book: Book) -> Iterator[Problem]:
    previous = NO_LINK
    rows: Any = (
        Link.objects.filter(book=book)
        .order_by("position")
        .values_list("position", "digest", "entry__ref", "entry__recorded_at", "entry__content_sha256")
    )
    for expected, (position, digest, ref, at, content) in enumerate(rows.iterator(), start=1):
        made = link_digest(previous=previous, entry_ref=ref, recorded_at=at, content_sha256=content)
        if position != expected or digest != made:
            yield Problem("chain", ref, f"The chain breaks at link {position}.")
            return
        previous = digest
    sealed = Period.objects.filter(book=book, state=PeriodState.SEALED).values("month")
    for ref in Entry.objects.filter(book=book, month__in=sealed, link__isnull=True).values_list("ref", flat=True):
        yield Problem("not_linked", ref, "The entry lies in a sealed month and is not in the chain.")
