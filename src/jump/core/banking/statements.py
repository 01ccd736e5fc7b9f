"""A bank statement as plain values. Amounts are signed as the account holder sees them: money in is above zero."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: when the bank booked it, by how much, the bank's own reference, and what the bank wrote."""

    booked_on: date
    amount_minor: int
    value_on: date | None = None
    reference: str = ""
    text: str = ""
    place: str = ""  # where it stands in the file: a row, or a path


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: the days it covers, its two balances, and its lines in the order of the bank."""

    number: str
    account: str  # as the bank writes it (IBAN or number); empty where the file does not say
    opens_on: date
    closes_on: date
    opening_minor: int
    closing_minor: int
    lines: tuple[StatementLine, ...]

    @property
    def difference_minor(self) -> int:
        """What the lines lack to lead from the opening to the closing balance; zero is right."""
        return self.closing_minor - self.opening_minor - sum(line.amount_minor for line in self.lines)


def line_digests(lines: Sequence[StatementLine]) -> list[str]:
    """What tells each line from all others of its account, so that it is known again in another statement.

    The bank's reference tells it where there is one, else its text; day and amount always belong to it, since banks use
    one reference for several lines. Lines that are the same in all of this are counted, so two equal fees of a day
    stay two.

    >>> same = StatementLine(date(2005, 6, 1), -250, text="Fee")
    >>> first, second = line_digests([same, same])
    >>> first != second, line_digests([same]) == [first]
    (True, True)
    """
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        told = line.reference or " ".join(line.text.split()).casefold()
        said = json.dumps([line.booked_on.isoformat(), line.amount_minor, told], ensure_ascii=False)
        seen[said] += 1
        found.append(hashlib.sha256(f"{said}|{seen[said]}".encode()).hexdigest())
    return found


def running_balances(opening_minor: int, lines: Sequence[StatementLine]) -> list[int]:
    """What the account held after each line.

    >>> running_balances(100, [StatementLine(date(2005, 6, 1), 50), StatementLine(date(2005, 6, 2), -30)])
    [150, 120]
    """
    held, found = opening_minor, []
    for line in lines:
        held += line.amount_minor
        found.append(held)
    return found
