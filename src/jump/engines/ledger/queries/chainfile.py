"""The whole of a book as one file that proves itself: whoever has it needs neither the server nor our database.

One JSON value a line: the book, its units and accounts, every entry with its digest and its link, every seal. The
check works everything out again from the entries; what it must be given from elsewhere is a root noted down earlier.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jump.core.units import Ref
from jump.engines.ledger.models.chain import NO_LINK, content_digest, link_digest, seal_root, trial_sha256
from jump.engines.ledger.types import ExchangeView, FileProof, Problem

FORM = 1


def export_chain(book_ref: Ref | None = None) -> Iterator[str]:
    """Every book, or one, line by line, entries in the order of the chain and then those not linked yet."""
    from jump.engines.ledger.models import Account, Book, Entry, Seal
    from jump.engines.ledger.queries.entries import exchange_view
    from jump.engines.ledger.queries.exports import lines_of
    from jump.engines.ledger.queries.units import decimals_of

    decimals = decimals_of()
    for book in (Book.objects.filter(ref=book_ref) if book_ref else Book.objects.all()).order_by("id"):
        yield _line({"jump_ledger": FORM, "book": book.ref, "title": book.title})
        for account in Account.objects.filter(book=book).order_by("id"):
            said = {"account": account.ref, "code": account.code, "title": account.title, "kind": account.kind}
            yield _line({**said, "unit": account.unit, "decimals": decimals[account.unit]})
        for in_chain in (True, False):
            last = 0
            while True:
                rows: Any = Entry.objects.filter(book=book).select_related("reverses", "exchange")
                if in_chain:
                    rows = rows.filter(link__position__gt=last).select_related("link").order_by("link__position")
                else:
                    rows = rows.filter(link__isnull=True, pk__gt=last).order_by("pk")
                page = list(rows[:500])
                if not page:
                    break
                last = page[-1].link.position if in_chain else page[-1].pk
                found = lines_of(page)
                for entry in page:
                    rate = exchange_view(entry.exchange) if hasattr(entry, "exchange") else None
                    yield _line(
                        {
                            "entry": entry.ref,
                            "number": entry.pk,
                            "occurred_on": entry.occurred_on.isoformat(),
                            "value_on": entry.value_on.isoformat() if entry.value_on else None,
                            "recorded_at": entry.recorded_at.isoformat(),
                            "memo": entry.memo,
                            "source": entry.source,
                            "key": entry.key,
                            "by": entry.by,
                            "reverses": entry.reverses.ref if entry.reverses else "",
                            "exchange": _rate(rate) if rate else None,
                            "lines": [[one.account.ref, one.amount_minor, one.labels] for one in found[entry.pk]],
                            "content": entry.content_sha256,
                            "position": entry.link.position if in_chain else None,
                            "digest": entry.link.digest if in_chain else None,
                        }
                    )
        for seal in Seal.objects.filter(book=book).order_by("month"):
            yield _line(
                {
                    "seal": seal.month,
                    "entries": seal.entries,
                    "position": seal.position,
                    "digest": seal.digest,
                    "trial_sha256": seal.trial_sha256,
                    "previous": seal.previous,
                    "root": seal.root,
                    "sealed_at": seal.sealed_at.isoformat(),
                }
            )


def _line(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"


def _rate(rate: ExchangeView) -> list[str]:
    return [rate.given, rate.wanted, f"{rate.rate:f}", rate.rate_on.isoformat(), rate.origin]


@dataclass(slots=True)
class _Book:
    """One book of the file, as far as it was read."""

    ref: str = ""
    units: dict[str, str] = field(default_factory=dict)
    sides: dict[tuple[str, int], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    links: list[str] = field(default_factory=list)
    loose: list[tuple[str, int]] = field(default_factory=list)
    seals: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False


def verify_file(lines: Iterable[str], *, root: str = "") -> FileProof:
    """Work out every sum, digest, link and seal of an exported file again. Needs no database.

    With `root`, one of the seals must have exactly this root: then nothing of that month or before it was changed since
    the root was noted down.
    """
    problems: list[Problem] = []
    books: list[_Book] = []
    entries = not_linked = line_count = 0
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            said = json.loads(text)
            if "jump_ledger" in said:
                books.append(_Book(ref=said["book"]))
            elif "account" in said:
                books[-1].units[said["account"]] = said["unit"]
            elif "entry" in said:
                entries += 1
                line_count += len(said["lines"])
                not_linked += said["position"] is None
                problems += _entry_problems(books[-1], said)
            elif "seal" in said:
                books[-1].seals.append(said)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            problems.append(Problem("unreadable", f"line {number}", f"This line cannot be read: {error}."))
    for book in books:
        problems += _seal_problems(book)
    roots = tuple((Ref(book.ref), seal["seal"], seal["root"]) for book in books for seal in book.seals)
    if root and root not in {one for _book, _month, one in roots}:
        problems.append(Problem("root", root, "No sealed month of this file has this root."))
    if not books:
        problems.append(Problem("empty", "file", "This is no export of a ledger."))
    return FileProof(len(books), entries, line_count, not_linked, roots, tuple(problems))


def _entry_problems(book: _Book, said: dict[str, Any]) -> Iterator[Problem]:
    ref = str(said["entry"])
    sums: dict[str, int] = defaultdict(int)
    month = int(said["occurred_on"][:4]) * 100 + int(said["occurred_on"][5:7])
    book.counts[month] += 1
    for account, amount, _labels in said["lines"]:
        if account not in book.units:
            yield Problem("stray_line", ref, "A line names an account that is not in the book.")
            continue
        sums[book.units[account]] += amount
        book.sides[account, month][0 if amount > 0 else 1] += abs(amount)
    if len(said["lines"]) < 2:
        yield Problem("too_few_lines", ref, "The entry has fewer than two lines.")
    for unit, total in sums.items():
        if total:
            yield Problem("unbalanced", ref, f"{unit} sums to {total}, not to zero.")
    rate = said.get("exchange")
    content = content_digest(
        book_ref=book.ref,
        occurred_on=date.fromisoformat(said["occurred_on"]),
        memo=said["memo"],
        source_ref=said["source"],
        key=said["key"],
        reverses_ref=said["reverses"],
        lines=[(account, amount, labels) for account, amount, labels in said["lines"]],
        value_on=date.fromisoformat(said["value_on"]) if said["value_on"] else None,
        exchange=ExchangeView(rate[0], rate[1], Decimal(rate[2]), date.fromisoformat(rate[3]), rate[4])
        if rate
        else None,
    )
    if content != said["content"]:
        yield Problem("content", ref, "The entry or a line of it is not what was posted.")
    if said["position"] is None:
        book.loose.append((ref, month))
        return
    made = link_digest(
        previous=book.links[-1] if book.links else NO_LINK,
        entry_ref=ref,
        recorded_at=datetime.fromisoformat(said["recorded_at"]),
        content_sha256=content,
    )
    if not book.broken and (said["position"] != len(book.links) + 1 or made != said["digest"]):
        book.broken = True  # said once: every link after it differs too
        yield Problem("chain", ref, f"The chain breaks at link {said['position']}.")
    book.links.append(said["digest"])


def _seal_problems(book: _Book) -> Iterator[Problem]:
    previous = NO_LINK
    for seal in book.seals:
        month = int(seal["seal"])
        sides: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for (account, on), (debit, credit) in book.sides.items():
            if on <= month:
                sides[account][0] += debit
                sides[account][1] += credit
        position = int(seal["position"])
        made = seal_root(
            book_ref=book.ref,
            month=month,
            entries=book.counts[month],
            position=position,
            digest=book.links[position - 1] if 0 < position <= len(book.links) else NO_LINK,
            trial_sha256=trial_sha256((account, debit, credit) for account, (debit, credit) in sides.items()),
            previous=previous,
        )
        if made != seal["root"]:
            yield Problem("seal", book.ref, f"The seal of {month} does not fit the entries.")
        for ref, on in book.loose:
            if on <= month:
                yield Problem("not_linked", ref, "The entry lies in a sealed month and is not in the chain.")
        previous = seal["root"]
