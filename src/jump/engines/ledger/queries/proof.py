"""The proof: everything the ledger promises, recomputed from the lines. It reports and never repairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Case, Count, F, Max, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce

from jump.core.units import Ref
from jump.engines.ledger.models import Balance, Book, Closing, Entry, Hold, HoldMove, Line, Link, Movement, Period, Seal
from jump.engines.ledger.models.chain import NO_LINK, content_digest, link_digest, seal_root, trial_sha256
from jump.engines.ledger.models.guards import missing_guards
from jump.engines.ledger.models.tables import LABEL_COLUMNS
from jump.engines.ledger.queries.entries import exchange_view
from jump.engines.ledger.types import LABELS, PeriodState, Problem, Proof, SealView

_PAGE = 500


def verify(book_ref: Ref | None = None) -> list[Problem]:
    """Every problem found in one book, or in all of them; an empty list is the proof."""
    return list(proof(book_ref).problems)


def proof(book_ref: Ref | None = None) -> Proof:
    """Check guards, sums, balances, holds, months, contents, chain and seals; also say how many are not linked yet."""
    books = Book.objects.filter(ref=book_ref) if book_ref else Book.objects.all()
    ids = list(books.order_by("id").values_list("id", flat=True))
    entries = Entry.objects.filter(book_id__in=ids)
    problems: list[Problem] = [
        Problem("guard_missing", name, "The database no longer refuses what this guard refused.")
        for name in missing_guards(connection)
    ]
    problems += _odd_entries(entries)
    problems += _odd_balances(ids)
    problems += _odd_holds(ids)
    problems += _odd_months(ids)
    for book in books.order_by("id"):
        problems += _odd_contents(Entry.objects.filter(book=book), str(book.ref))
        problems += _odd_chain(book)
        problems += _odd_seals(book)
    return Proof(
        entries=entries.count(),
        lines=Line.objects.filter(entry__book_id__in=ids).count(),
        not_linked=entries.filter(link__isnull=True).count(),
        problems=tuple(problems),
    )


def problems_of_month(book: Book, month: int) -> list[Problem]:
    """What the proof finds in one month of a book, before it is sealed."""
    entries = Entry.objects.filter(book=book, month=month)
    found = [*_odd_entries(entries), *_odd_balances([book.pk]), *_odd_months([book.pk], month)]
    return [*found, *_odd_contents(entries, str(book.ref))]


def seals(book_ref: Ref) -> list[SealView]:
    """The sealed months of a book with what was proved of each, first to last."""
    return [_seal_view(row, book_ref) for row in Seal.objects.filter(book__ref=book_ref).order_by("month")]


def trial_digest(book: Book, month: int) -> str:
    """The digest of the trial balance at the end of a month."""
    rows = Movement.objects.filter(account__book=book, month__lte=month).values_list("account__ref")
    return trial_sha256(
        (ref, int(debit), int(credit)) for ref, debit, credit in rows.annotate(Sum("debit_minor"), Sum("credit_minor"))
    )


def _seal_view(row: Seal, book_ref: Ref) -> SealView:
    return SealView(
        book_ref=book_ref,
        month=row.month,
        entries=row.entries,
        position=row.position,
        digest=row.digest,
        trial_sha256=row.trial_sha256,
        previous=row.previous,
        root=row.root,
        sealed_at=row.sealed_at,
        by=row.by,
    )


def _odd_entries(entries: Any) -> Iterator[Problem]:
    lines = Line.objects.filter(entry__in=entries)
    sums = lines.values("entry__ref", "account__unit").annotate(total=Sum("amount_minor"))
    for row in sums.exclude(total=0):
        yield Problem("unbalanced", row["entry__ref"], f"{row['account__unit']} sums to {row['total']}, not to zero.")
    few = entries.annotate(n=Count("lines")).filter(n__lt=2)
    for ref in few.values_list("ref", flat=True):
        yield Problem("too_few_lines", ref, "The entry has fewer than two lines.")
    closed = Closing.objects.values("entry_ref")
    for ref in entries.exclude(closing__in=closed).values_list("ref", flat=True):
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


def _odd_holds(book_ids: list[int]) -> Iterator[Problem]:
    """Holds against what became of them, and what accounts reserve against their holds."""
    moved = HoldMove.objects.filter(hold_id=OuterRef("pk")).order_by().values("hold_id")
    rows = Hold.objects.filter(account__book_id__in=book_ids).annotate(
        used=Coalesce(Subquery(moved.annotate(total=Sum("amount_minor")).values("total")), 0)
    )
    for ref in rows.exclude(open_minor=F("amount_minor") - F("used")).values_list("ref", flat=True):
        yield Problem("hold", ref, "What is open of this hold is not what was left of it.")
    held = Hold.objects.filter(account_id=OuterRef("pk")).order_by().values("account_id")
    balances = Balance.objects.filter(account__book_id__in=book_ids).annotate(
        by_holds=Coalesce(Subquery(held.annotate(total=Sum("open_minor")).values("total")), 0)
    )
    for row in balances.exclude(reserved_minor=F("by_holds")).select_related("account"):
        text = f"{row.reserved_minor} are reserved, the holds say {row.by_holds}."
        yield Problem("reserved", row.account.ref, text)


def _odd_months(book_ids: list[int], month: int | None = None) -> Iterator[Problem]:
    """Months against lines, account by account, summed by the database."""
    lines = Line.objects.filter(account__book_id__in=book_ids)
    months = Movement.objects.filter(account__book_id__in=book_ids)
    if month is not None:
        lines, months = lines.filter(entry__month=month), months.filter(month=month)
    summed = lines.values_list("account__ref", "entry__month").annotate(
        debit=Coalesce(Sum(Case(When(Q(amount_minor__gt=0), then=F("amount_minor")))), 0),
        credit=Coalesce(Sum(Case(When(Q(amount_minor__lt=0), then=-F("amount_minor")))), 0),
    )
    by_line = {(ref, on): (int(debit), int(credit)) for ref, on, debit, credit in summed}
    for ref, on, debit, credit in months.values_list("account__ref", "month", "debit_minor", "credit_minor"):
        if by_line.pop((ref, on), (0, 0)) != (debit, credit):
            yield Problem("month", ref, f"The sums of {on} differ from its lines.")
    for ref, on in by_line:
        yield Problem("month", ref, f"The sums of {on} are missing.")


def _odd_contents(entries: Any, book_ref: str) -> Iterator[Problem]:
    last = 0
    while page := list(entries.filter(pk__gt=last).select_related("reverses", "exchange").order_by("pk")[:_PAGE]):
        lines: dict[int, list[tuple[str, int, dict[str, str]]]] = {entry.pk: [] for entry in page}
        rows = Line.objects.filter(entry_id__in=list(lines)).select_related("account").order_by("entry_id", "position")
        for line in rows:
            labels = {name: getattr(line, LABEL_COLUMNS[name]) for name in LABELS}
            lines[line.entry_id].append((line.account.ref, line.amount_minor, labels))
        for entry in page:
            digest = content_digest(
                book_ref=book_ref,
                occurred_on=entry.occurred_on,
                memo=entry.memo,
                source_ref=entry.source,
                key=entry.key,
                reverses_ref=entry.reverses.ref if entry.reverses else "",
                lines=lines[entry.pk],
                value_on=entry.value_on,
                exchange=exchange_view(entry.exchange) if hasattr(entry, "exchange") else None,
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
    sealed_to = Period.objects.filter(book=book, state=PeriodState.SEALED).aggregate(to=Max("month"))["to"] or 0
    loose = Entry.objects.filter(book=book, month__lte=sealed_to, link__isnull=True)
    for ref in loose.values_list("ref", flat=True):
        yield Problem("not_linked", ref, "The entry lies in a sealed month and is not in the chain.")


def _odd_seals(book: Book) -> Iterator[Problem]:
    """Every seal worked out again: its place in the chain, its balances, the seal before it, its root."""
    previous = NO_LINK
    for row in Seal.objects.filter(book=book).order_by("month"):
        link = Link.objects.filter(book=book, position=row.position).values_list("digest", flat=True).first()
        made = seal_root(
            book_ref=str(book.ref),
            month=row.month,
            entries=Entry.objects.filter(book=book, month=row.month).count(),
            position=row.position,
            digest=link or NO_LINK,
            trial_sha256=trial_digest(book, row.month),
            previous=previous,
        )
        if made != row.root:
            yield Problem("seal", str(book.ref), f"The seal of {row.month} does not fit the entries.")
        previous = row.root
