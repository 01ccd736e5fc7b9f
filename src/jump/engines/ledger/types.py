"""What crosses the ledger's door: lines to post, and views of accounts, entries and proofs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from jump.core.units import Ref

# Who posts may say these things of a line; the ledger keeps and sums them and gives them no meaning.
LABELS: tuple[str, ...] = ("line", "place", "stage", "activity", "source", "type")


class AccountKind(StrEnum):
    """The five kinds of account. Assets and expenses grow by debits, the others by credits."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def sign(self) -> int:
        """+1 where a debit makes the account larger, -1 where a credit does."""
        return 1 if self in (AccountKind.ASSET, AccountKind.EXPENSE) else -1


class PeriodState(StrEnum):
    """A month of a book: open to all, closing (corrections by whoever may seal), sealed for ever."""

    OPEN = "open"
    CLOSING = "closing"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Line:
    """One line to post. Debit is positive. The unit is the account's."""

    account_ref: Ref
    amount_minor: int
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry to post with `post_many`."""

    memo: str
    occurred_on: date
    lines: tuple[Line, ...]
    source_ref: Ref
    key: str


@dataclass(frozen=True, slots=True)
class BookView:
    ref: Ref
    owner_ref: Ref
    title: str
    scope: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account. `floor_minor` is the least it may hold, counted in its own direction (see `AccountKind.sign`)."""

    ref: Ref
    book_ref: Ref
    code: str
    title: str
    kind: AccountKind
    unit: str
    floor_minor: int | None


@dataclass(frozen=True, slots=True)
class LineView:
    account_ref: Ref
    account_code: str
    account_title: str
    unit: str
    amount_minor: int
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as booked. `number` rises with every entry of the installation; numbers may be skipped."""

    ref: Ref
    number: int
    book_ref: Ref
    occurred_on: date
    recorded_at: datetime
    memo: str
    source_ref: Ref
    by: str
    reverses: Ref | None
    reversed_by: Ref | None
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account of a trial balance: what came in and went out so far, and what is left (debit positive)."""

    account_ref: Ref
    code: str
    title: str
    kind: AccountKind
    unit: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class TotalRow:
    """The sum of all lines that carry the same labels, in one unit."""

    labels: Mapping[str, str]
    unit: str
    amount_minor: int
    lines: int


@dataclass(frozen=True, slots=True)
class PeriodView:
    book_ref: Ref
    month: int  # 200406 is June 2004
    state: PeriodState


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the proof found. A proof reports; it never repairs."""

    code: str
    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was checked, what is wrong, and how many closed entries the hash chain does not hold yet."""

    entries: int
    lines: int
    not_linked: int
    problems: tuple[Problem, ...]
