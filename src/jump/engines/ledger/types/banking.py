"""What crosses the door about bank statements: how a table is read, statements, lines, matches, reconciliations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from jump.core.units import Ref


class MatchState(StrEnum):
    """Whether a match counts, or was taken back."""

    LIVE = "live"
    UNDONE = "undone"


class PrepareState(StrEnum):
    """What one person prepares and another does: an entry from a bank line, a reconciliation."""

    PREPARED = "prepared"
    DONE = "done"
    DROPPED = "dropped"


class BankForm(StrEnum):
    """The kinds of file in which banks send statements."""

    CSV = "csv"
    CAMT = "camt"


@dataclass(frozen=True, slots=True)
class Reading:
    """How the table of a bank is read: which column means what. Names are those of the table's own head.

    Either `amount` (signed, or with `direction`), or `money_in` and `money_out`.
    """

    day: str = ""
    value_day: str = ""
    text: str = ""
    reference: str = ""
    amount: str = ""
    money_in: str = ""
    money_out: str = ""
    direction: str = ""
    balance: str = ""
    dates: str = "auto"  # auto, ymd, dmy, mdy
    decimal: str = "auto"  # auto, "." or ","

    def as_data(self) -> dict[str, str]:
        """Plain data for the row of the account."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Reading:
        known = {one.name for one in fields(cls)}
        return cls(**{name: str(value) for name, value in data.items() if name in known})


COLUMNS: tuple[str, ...] = (
    "day",
    "value_day",
    "text",
    "reference",
    "amount",
    "money_in",
    "money_out",
    "direction",
    "balance",
)


@dataclass(frozen=True, slots=True)
class TableView:
    """What a table looks like before it is read: its head, some rows, how it is cut, and what its columns may mean."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    delimiter: str
    encoding: str
    guess: Reading


@dataclass(frozen=True, slots=True)
class Stated:
    """What a person says of a statement where its table does not: balances in minor units, and the days it covers."""

    opening_minor: int | None = None
    closing_minor: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong with a statement: the row and column, or the path in the file, and why."""

    place: str
    column: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class BankStatementView:
    ref: Ref
    account_ref: Ref
    form: BankForm
    number: str
    file_name: str
    file_ref: Ref | None
    sha256: str
    opens_on: date
    closes_on: date
    opening_minor: int
    closing_minor: int
    lines_new: int
    lines_known: int
    taken_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class BankEntryView:
    """An entry prepared for a line that only the bank knows."""

    ref: Ref
    bank_line_ref: Ref
    account_ref: Ref
    other_code: str
    other_title: str
    amount_minor: int
    unit: str
    memo: str
    occurred_on: date
    value_on: date | None
    state: PrepareState
    prepared_at: datetime
    prepared_by: str
    decided_by: str
    entry_ref: Ref | None


@dataclass(frozen=True, slots=True)
class BankLineView:
    """A line of a statement, with the match that holds it and the entry that was prepared for it, if any."""

    ref: Ref
    account_ref: Ref
    statement_ref: Ref
    booked_on: date
    value_on: date | None
    amount_minor: int
    reference: str
    text: str
    match_ref: Ref | None = None
    prepared: BankEntryView | None = None


@dataclass(frozen=True, slots=True)
class BookLineView:
    """A line of the books on an account that a bank keeps. `key` names it: the entry and its position there."""

    key: str
    entry_ref: Ref
    occurred_on: date
    amount_minor: int
    memo: str
    source_ref: Ref


@dataclass(frozen=True, slots=True)
class ProposalView:
    """Lines that may be the same money. A person confirms; nothing is posted by it."""

    bank: tuple[BankLineView, ...]
    book: tuple[BookLineView, ...]
    amount_minor: int
    by_reference: bool
    is_sure: bool
    days_apart: int


@dataclass(frozen=True, slots=True)
class MatchView:
    ref: Ref
    account_ref: Ref
    state: MatchState
    at: datetime
    by: str
    why: str
    undone_by: str
    is_held: bool
    bank: tuple[BankLineView, ...]
    book: tuple[BookLineView, ...]


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    """The books and the bank on one day: `book_minor` and what is in transit make `bank_minor`."""

    ref: Ref
    account_ref: Ref
    as_of: date
    state: PrepareState
    book_minor: int
    transit_minor: int
    bank_minor: int
    digest: str
    replaces: Ref | None
    replaced_by: Ref | None
    why: str
    prepared_at: datetime
    prepared_by: str
    signed_at: datetime | None
    signed_by: str
    items: tuple[BookLineView, ...] = ()  # in transit: with what the bank is to do, so the sign is turned


@dataclass(frozen=True, slots=True)
class BankAccountView:
    """An account that can be reconciled, and how far it is."""

    ref: Ref
    book_ref: Ref
    scope: str
    code: str
    title: str
    unit: str
    number: str
    reading: Reading | None
    starts_on: date | None
    covered_to: date | None
    open_bank: int
    waiting: int
    last: ReconciliationView | None
    open: ReconciliationView | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a reconciliation as of a day would say: where `difference_minor` is zero and nothing is open, it agrees."""

    as_of: date
    book_minor: int
    transit_minor: int
    bank_minor: int
    items: tuple[BookLineView, ...]
    open_bank: int
    lines: tuple[tuple[int, int], ...] = ()  # (number of the row, amount) of the items, for who keeps them

    @property
    def difference_minor(self) -> int:
        return self.bank_minor - self.book_minor - self.transit_minor
