"""What makes an entry valid, what the accounts add up to, and links that show a changed entry.

Debit is positive, credit negative. A line takes its unit from its account; per entry and unit the lines sum to zero.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jump.core.units import INT64_MAX, INT64_MIN

LINES_MIN = 2
CHAIN_START = sha256(b"jump ledger chain, version 1").digest()


class EntryInvalid(ValueError):
    """An entry breaks a rule of double entry. `facts` say where."""

    code = "posting.invalid"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts


class TooFewLines(EntryInvalid):
    """An entry moves something from somewhere to somewhere: at least two lines."""

    code = "posting.too_few_lines"


class ZeroLine(EntryInvalid):
    """A line of zero moves nothing."""

    code = "posting.zero_line"


class Unbalanced(EntryInvalid):
    """The lines of one unit do not sum to zero."""

    code = "posting.unbalanced"


class LineOutOfRange(EntryInvalid):
    """A line does not fit a signed 64-bit integer."""

    code = "posting.out_of_range"


class AnyLine(Protocol):
    """What is asked of a line here; engines bring their own."""

    @property
    def account(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def amount_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One line: so much of a unit into (+) or out of (-) an account."""

    account: str
    unit: str
    amount_minor: int
    labels: Mapping[str, str] = field(default_factory=dict)


def problems_of(lines: Sequence[AnyLine]) -> list[EntryInvalid]:
    """Everything that keeps these lines from being an entry; empty when they are one.

    >>> cash, loans = PostingLine("cash", "THB", -500_00), PostingLine("loans", "THB", 500_00)
    >>> problems_of([cash, loans])
    []
    >>> [problem.code for problem in problems_of([cash])]
    ['posting.too_few_lines', 'posting.unbalanced']
    """
    found: list[EntryInvalid] = []
    if len(lines) < LINES_MIN:
        found.append(TooFewLines(f"an entry needs at least {LINES_MIN} lines", lines=len(lines)))
    sums: dict[str, int] = defaultdict(int)
    for position, line in enumerate(lines):
        sums[line.unit] += line.amount_minor
        if line.amount_minor == 0:
            found.append(ZeroLine("a line of zero moves nothing", position=position, account=line.account))
        if not INT64_MIN <= line.amount_minor <= INT64_MAX:
            found.append(LineOutOfRange("an amount is too large", position=position, account=line.account))
    for unit, off_minor in sorted(sums.items()):
        if off_minor:
            found.append(Unbalanced(f"the lines in {unit} do not sum to zero", unit=unit, off_minor=off_minor))
    return found


def check_lines(lines: Sequence[AnyLine]) -> None:
    """Raise the first problem of these lines, if there is one."""
    for problem in problems_of(lines):
        raise problem


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """What went into and out of one account, in one unit."""

    account: str
    unit: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account with its movements; balanced when each unit sums to zero."""

    rows: tuple[TrialBalanceRow, ...]

    @property
    def off_minor(self) -> Mapping[str, int]:
        """Unit -> what it is out by; empty when the books balance."""
        sums: dict[str, int] = defaultdict(int)
        for row in self.rows:
            sums[row.unit] += row.balance_minor
        return {unit: off for unit, off in sorted(sums.items()) if off}

    @property
    def is_balanced(self) -> bool:
        return not self.off_minor


def trial_balance(lines: Iterable[AnyLine]) -> TrialBalance:
    """Add up lines by account and unit, in one pass.

    >>> table = trial_balance([PostingLine("cash", "THB", -5), PostingLine("loans", "THB", 5)])
    >>> [(row.account, row.balance_minor) for row in table.rows], table.is_balanced
    ([('cash', -5), ('loans', 5)], True)
    """
    debits: dict[tuple[str, str], int] = defaultdict(int)
    credits: dict[tuple[str, str], int] = defaultdict(int)
    for line in lines:
        key = (line.account, line.unit)
        if line.amount_minor > 0:
            debits[key] += line.amount_minor
        else:
            credits[key] -= line.amount_minor
    keys = sorted(debits.keys() | credits.keys())
    return TrialBalance(
        tuple(TrialBalanceRow(account, unit, debits[account, unit], credits[account, unit]) for account, unit in keys)
    )


def balances(account_index: NDArray[np.int64], amount_minor: NDArray[np.int64], *, accounts: int) -> NDArray[np.int64]:
    """Balance of each account over many lines at once, exact in 64 bits.

    >>> balances(np.array([0, 1, 0]), np.array([7, -7, 1]), accounts=2).tolist()
    [8, -7]
    """
    assert account_index.shape == amount_minor.shape
    totals = np.zeros(accounts, dtype=np.int64)
    np.add.at(totals, account_index, amount_minor)
    return totals


def canonical_bytes(
    *,
    book: str,
    number: int,
    occurred_on: date,
    memo: str,
    lines: Sequence[AnyLine],
    source: str = "",
    reverses: str = "",
) -> bytes:
    """One way, and one only, of writing an entry as bytes: keys sorted, no blanks, lines in their order."""
    content = {
        "book": book,
        "number": number,
        "occurred_on": occurred_on.isoformat(),
        "memo": memo,
        "source": source,
        "reverses": reverses,
        "lines": [
            [line.account, line.unit, line.amount_minor, dict(getattr(line, "labels", {}) or {})] for line in lines
        ],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def chain_link(previous: bytes, entry: bytes) -> bytes:
    """The link of an entry: sha256 over the link before and the entry's own digest.

    The first entry's previous link is CHAIN_START.
    """
    return sha256(previous + sha256(entry).digest()).digest()


def first_broken_link(entries: Iterable[tuple[bytes, bytes]], *, start: bytes = CHAIN_START) -> int | None:
    """The position of the first entry whose stored link does not follow; None when the whole chain holds.

    `entries` are (canonical bytes, stored link) in order.
    """
    previous = start
    for position, (entry, stored) in enumerate(entries):
        if chain_link(previous, entry) != stored:
            return position
        previous = stored
    return None
