"""Which lines of a bank and which lines of the books may be the same money. Only proposals: a person confirms.

Our default, not of any source: amounts are equal to the cent (or sum to it), days lie within a window, and a reference
or receipt number of the books that stands in the bank's text makes it sure. How wide the window is, is a parameter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import TypeVar

_TOKEN = re.compile(r"[0-9a-z]+(?:-[0-9a-z]+)*")
_TOKEN_MIN = 4  # "12" stands in every text


@dataclass(frozen=True, slots=True)
class BankSide:
    """A line of the bank that is not matched yet."""

    key: str
    on: date
    amount_minor: int
    text: str


@dataclass(frozen=True, slots=True)
class BookSide:
    """A line of the books that is not matched yet; `words` are its references and receipt numbers."""

    key: str
    on: date
    amount_minor: int
    words: tuple[str, ...] = ()


Side = TypeVar("Side", BankSide, BookSide)


@dataclass(frozen=True, slots=True)
class Window:
    """How far apart two days may lie, and how many lines may make up one."""

    days: int = 10
    parts_max: int = 5
    looked_at_max: int = 10


@dataclass(frozen=True, slots=True)
class Proposal:
    """Lines that sum to the same amount. `is_sure`: a reference says so, or nothing else has this amount nearby."""

    bank: tuple[str, ...]
    book: tuple[str, ...]
    amount_minor: int
    by_reference: bool
    is_sure: bool
    days_apart: int


def propose(bank: Sequence[BankSide], book: Sequence[BookSide], window: Window | None = None) -> list[Proposal]:
    """Proposals in which no line stands twice: by reference first, then one to one, then one to many.

    >>> bank = [BankSide("b1", date(2005, 6, 3), 500, "CASH DEP"), BankSide("b2", date(2005, 6, 4), 300, "")]
    >>> book = [
    ...     BookSide("k1", date(2005, 6, 2), 200),
    ...     BookSide("k2", date(2005, 6, 2), 300),
    ...     BookSide("k3", date(2005, 6, 4), 300),
    ... ]
    >>> [(one.bank, one.book, one.is_sure) for one in propose(bank, book)]
    [(('b2',), ('k3',), False), (('b1',), ('k1', 'k2'), False)]
    """
    limits = window or Window()
    open_bank = {one.key: one for one in bank}
    open_book = {one.key: one for one in book}
    found: list[Proposal] = []
    for step in (_by_reference, _one_to_one, _one_to_many, _many_to_one):
        for made in step(list(open_bank.values()), list(open_book.values()), limits):
            if all(key in open_bank for key in made.bank) and all(key in open_book for key in made.book):
                found.append(made)
                for key in made.bank:
                    del open_bank[key]
                for key in made.book:
                    del open_book[key]
    return found


def _apart(one: date, other: date) -> int:
    return abs((one - other).days)


def _tokens(text: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(text.casefold()))


def _by_reference(bank: list[BankSide], book: list[BookSide], limits: Window) -> list[Proposal]:
    """Lines of the books that the bank's text names, alone or together, where their sum is the bank's amount."""
    found = []
    named: dict[str, list[BookSide]] = defaultdict(list)
    by_word: dict[str, list[BookSide]] = defaultdict(list)
    for entry in book:
        for word in entry.words:
            plain = word.casefold().strip()
            if len(plain) >= _TOKEN_MIN:
                by_word[plain].append(entry)
                by_word[plain.replace("-", "")].append(entry)  # many banks take such marks out
    for line in bank:
        tokens = _tokens(line.text)
        hits = {entry.key: entry for token in tokens for entry in by_word.get(token, ())}
        named[line.key] = sorted(
            (one for one in hits.values() if _apart(one.on, line.on) <= 3 * limits.days), key=lambda one: one.key
        )
    for line in bank:
        hits_of = named[line.key]
        if not hits_of:
            continue
        alone = [one for one in hits_of if one.amount_minor == line.amount_minor]
        chosen = [min(alone, key=lambda one: (_apart(one.on, line.on), one.key))] if alone else hits_of
        if sum(one.amount_minor for one in chosen) == line.amount_minor:
            found.append(_made([line], chosen, by_reference=True, is_sure=True))
    return found


def _one_to_one(bank: list[BankSide], book: list[BookSide], limits: Window) -> list[Proposal]:
    """Equal amounts, the nearest days first; sure where neither side has another candidate."""
    by_amount: dict[int, list[BookSide]] = defaultdict(list)
    for entry in book:
        by_amount[entry.amount_minor].append(entry)
    pairs = [
        (_apart(line.on, entry.on), line, entry)
        for line in bank
        for entry in by_amount.get(line.amount_minor, ())
        if _apart(line.on, entry.on) <= limits.days
    ]
    per_bank: dict[str, int] = defaultdict(int)
    per_book: dict[str, int] = defaultdict(int)
    for _days, line, entry in pairs:
        per_bank[line.key] += 1
        per_book[entry.key] += 1
    pairs.sort(key=lambda pair: (pair[0], pair[1].on, pair[1].key, pair[2].on, pair[2].key))
    return [
        _made([line], [entry], is_sure=per_bank[line.key] == 1 and per_book[entry.key] == 1)
        for _days, line, entry in pairs
    ]


def _one_to_many(bank: list[BankSide], book: list[BookSide], limits: Window) -> list[Proposal]:
    found = []
    for line in bank:
        chosen = _parts(line.amount_minor, line.on, book, limits)
        if chosen:
            found.append(_made([line], chosen))
            taken = {one.key for one in chosen}
            book = [one for one in book if one.key not in taken]
    return found


def _many_to_one(bank: list[BankSide], book: list[BookSide], limits: Window) -> list[Proposal]:
    found = []
    for entry in book:
        chosen = _parts(entry.amount_minor, entry.on, bank, limits)
        if chosen:
            found.append(_made(chosen, [entry]))
            taken = {one.key for one in chosen}
            bank = [one for one in bank if one.key not in taken]
    return found


def _parts(amount: int, on: date, among: list[Side], limits: Window) -> list[Side]:
    """A few lines that sum to an amount: whole days first, then the fewest and nearest. Bounded by `limits`."""
    near = [
        one
        for one in among
        if _apart(one.on, on) <= limits.days
        and (one.amount_minor > 0) == (amount > 0)
        and abs(one.amount_minor) < abs(amount)
    ]
    by_day: dict[date, list[Side]] = defaultdict(list)
    for one in near:
        by_day[one.on].append(one)
    for day in sorted(by_day, key=lambda day: (_apart(day, on), day)):
        if len(by_day[day]) > 1 and sum(one.amount_minor for one in by_day[day]) == amount:
            return by_day[day]
    near = sorted(near, key=lambda one: (_apart(one.on, on), one.key))[: limits.looked_at_max]
    for size in range(2, limits.parts_max + 1):
        for chosen in combinations(near, size):
            if sum(one.amount_minor for one in chosen) == amount:
                return list(chosen)
    return []


def _made(
    bank: Sequence[BankSide], book: Sequence[BookSide], *, by_reference: bool = False, is_sure: bool = False
) -> Proposal:
    return Proposal(
        bank=tuple(one.key for one in bank),
        book=tuple(one.key for one in book),
        amount_minor=sum(one.amount_minor for one in bank),
        by_reference=by_reference,
        is_sure=is_sure,
        days_apart=max(_apart(one.on, other.on) for one in bank for other in book),
    )
