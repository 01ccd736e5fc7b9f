"""What crosses the ledger's door: lines to post, and views of accounts, entries and proofs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from jump.core.units import Ref

# How a commodity may be called. The three capital letters of a currency are taken.
UNIT_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,11}")

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


class HoldEnd(StrEnum):
    """What becomes of a hold, or of a part of it."""

    POSTED = "posted"
    VOID = "void"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class UnitView:
    """What is counted: a currency with the decimals of ISO 4217, or a commodity with its declared decimals."""

    code: str
    title: str
    decimals: int
    is_currency: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line to post. Debit is positive. The unit is the account's; where it is named here it must be the same."""

    account_ref: Ref
    amount_minor: int
    labels: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry to post with `post_many`. `value_on` is the true day of a fact booked late, where that differs."""

    memo: str
    occurred_on: date
    lines: tuple[Line, ...]
    source_ref: Ref
    key: str
    value_on: date | None = None


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
class ExchangeView:
    """One major unit of `given` was worth `rate` major units of `wanted` on a day, says `origin`."""

    given: str
    wanted: str
    rate: Decimal
    rate_on: date
    origin: str


@dataclass(frozen=True, slots=True)
class HoldView:
    """An amount spoken for. `open_minor` is what still counts; a lapsed hold counts for nothing."""

    ref: Ref
    account_ref: Ref
    unit: str
    amount_minor: int
    open_minor: int
    purpose: str
    source_ref: Ref
    placed_at: datetime
    lapses_at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class FreeView:
    """What an account holds, its least amount, what holds reserve, and what is free (None where it has no least)."""

    held_minor: int
    floor_minor: int | None
    reserved_minor: int
    free_minor: int | None


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
    value_on: date | None = None
    exchange: ExchangeView | None = None


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
class RunningLine:
    """One line of an account's statement, with what the account held after it (debit positive)."""

    entry_ref: Ref
    number: int
    occurred_on: date
    value_on: date | None
    memo: str
    source_ref: Ref
    amount_minor: int
    balance_after_minor: int
    reverses: Ref | None
    reversed_by: Ref | None

    @property
    def debit_minor(self) -> int:
        return max(self.amount_minor, 0)

    @property
    def credit_minor(self) -> int:
        return max(-self.amount_minor, 0)


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """An account over some days. `lines` may be a page of all `total` lines; the sums are of all of them."""

    account: AccountView
    since: date
    until: date
    opening_minor: int
    debit_minor: int
    credit_minor: int
    lines: tuple[RunningLine, ...]
    total: int

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.debit_minor - self.credit_minor


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
class SealView:
    """What was proved when a month was sealed. Whoever keeps `root` can prove later that nothing was changed."""

    book_ref: Ref
    month: int
    entries: int
    position: int
    digest: str
    trial_sha256: str
    previous: str
    root: str
    sealed_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class TradingRow:
    """What the trading account of one unit holds (debit positive), and what that is worth in the unit asked for."""

    unit: str
    balance_minor: int
    rate: Decimal
    worth_minor: int


@dataclass(frozen=True, slots=True)
class TradingResult:
    """What exchanging brought so far, in one unit: a gain is positive."""

    unit: str
    rows: tuple[TradingRow, ...]
    gain_minor: int


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell of a file: where it stands, and why."""

    sheet: str
    row: int
    column: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """A file taken over. `is_new` says whether it was posted now or known before."""

    ref: Ref
    book_ref: Ref
    file_name: str
    sha256: str
    entries: int
    lines: int
    is_new: bool


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


@dataclass(frozen=True, slots=True)
class FileProof:
    """What was checked of an exported file, the roots of its sealed months (book, month, root), and what is wrong."""

    books: int
    entries: int
    lines: int
    not_linked: int
    roots: tuple[tuple[Ref, int, str], ...]
    problems: tuple[Problem, ...]
