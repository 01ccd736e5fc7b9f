"""What crosses the door of finance about work for clients: contracts, muster rolls, pay runs, invoices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jump.core.money import Money
from jump.core.units import Ref


class PayBasis(StrEnum):
    """What a rate is for: a day of work, an hour, or a piece."""

    DAY = "day"
    HOUR = "hour"
    PIECE = "piece"


class ClientContractState(StrEnum):
    """Written down, signed by a second person once its checklist is complete, or over."""

    DRAFT = "draft"
    SIGNED = "signed"
    ENDED = "ended"


class MusterState(StrEnum):
    """Written by one person, accepted by another (then billed and ready to pay), or given up."""

    WRITTEN = "written"
    ACCEPTED = "accepted"
    DROPPED = "dropped"


class PayRunState(StrEnum):
    """Prepared by one person, approved by another with its entry, and paid out."""

    PREPARED = "prepared"
    APPROVED = "approved"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class TaskRate:
    """A task of the contract: what the worker earns and what the client pays, for a day, an hour or a piece."""

    task: str
    basis: PayBasis
    pay: Money
    bill: Money


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One point of the checklist for decent work, and what was agreed about it."""

    id: str
    text: str
    agreed: str

    @property
    def is_met(self) -> bool:
        return bool(self.agreed)


@dataclass(frozen=True, slots=True)
class MusterEntry:
    """One line to write: who, when, what, how long, how many pieces. Without a worker it is the team's together."""

    on: date
    task: str
    worker_ref: Ref | None = None
    hours: Decimal = Decimal(0)
    pieces: int = 0
    is_member: bool = True


@dataclass(frozen=True, slots=True)
class MusterRowView:
    number: int
    on: date
    task: str
    worker_ref: Ref | None
    hours: Decimal
    pieces: int
    is_member: bool


@dataclass(frozen=True, slots=True)
class MusterView:
    """Who worked for a client, on which days, in one pay period."""

    ref: Ref
    contract_ref: Ref
    state: MusterState
    period_from: date
    period_to: date
    rows: tuple[MusterRowView, ...]
    hours: Decimal
    workers: int
    written_by: str
    accepted_by: str
    proof_ref: Ref | None  # what the client signed
    invoice_ref: Ref | None
    pay_run_ref: Ref | None


@dataclass(frozen=True, slots=True)
class PayLineView:
    """What one worker gets: gross = contribution + left with the co-operative + net."""

    worker_ref: Ref
    hours: Decimal
    gross: Money
    contribution: Money
    cooperative: Money
    net: Money
    floor: Money
    is_below_floor: bool


@dataclass(frozen=True, slots=True)
class PayRunView:
    """The wage sheet of one muster roll, or what it would be (`ref` is empty)."""

    ref: Ref
    contract_ref: Ref
    contract_title: str
    muster_ref: Ref
    scope: str
    state: PayRunState
    period_from: date
    period_to: date
    pay_by: date
    lines: tuple[PayLineView, ...]
    hours: Decimal
    gross: Money
    contribution: Money
    cooperative: Money
    net: Money
    labour_days: Decimal
    prepared_by: str
    approved_by: str
    paid_by: str
    approved_on: date | None
    paid_on: date | None
    entry_ref: Ref | None
    paid_entry_ref: Ref | None


@dataclass(frozen=True, slots=True)
class WorkDone:
    """What contracts with clients brought one co-operative in a year. `full_time` is in full-time years."""

    cooperative_ref: Ref
    year: int
    people: int
    days: Decimal
    full_time: Decimal
    lines_without_hours: int


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """So many days, hours or pieces of a task at the client's rate."""

    task: str
    basis: PayBasis
    quantity: Decimal
    rate: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class InvoiceCharge:
    """A tax or another charge on the work, in percent."""

    id: str
    title: str
    percent: Decimal
    amount: Money


@dataclass(frozen=True, slots=True)
class InvoicePaymentView:
    ref: Ref
    on: date
    amount: Money
    receipt: str
    is_retention: bool
    entry_ref: Ref
    by: str


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """What a client is billed: work, charges, what is kept back until the end, what was paid and what is open."""

    ref: Ref
    number: str
    contract_ref: Ref
    contract_title: str
    client_ref: Ref
    cooperative_ref: Ref
    muster_ref: Ref
    scope: str
    period_from: date
    period_to: date
    on: date
    due_on: date
    lines: tuple[InvoiceLine, ...]
    charges: tuple[InvoiceCharge, ...]
    work: Money
    total: Money
    retention: Money
    to_pay: Money  # total without what is kept back
    paid: Money
    open: Money
    retention_open: Money
    is_late: bool
    payments: tuple[InvoicePaymentView, ...]
    entry_ref: Ref


@dataclass(frozen=True, slots=True)
class ClientContractView:
    """A contract with a client: scope, rates, period, safety, checklist, and what it brought so far."""

    ref: Ref
    product: str
    product_title: str
    title: str
    work: str
    safety: str
    cooperative_ref: Ref
    client_ref: Ref
    scope: str
    currency: str
    state: ClientContractState
    rates: tuple[TaskRate, ...]
    checklist: tuple[ChecklistItem, ...]
    terms: Mapping[str, str]
    floor_daily: Money
    starts_on: date
    ends_on: date
    signed_on: date | None
    paper_ref: Ref | None
    prepared_by: str
    signed_by: str
    book_ref: Ref
    billed: Money
    owed_by_client: Money
    kept_by_client: Money
    paid_to_workers: Money
    owed_to_workers: Money
    cash: Money


@dataclass(frozen=True, slots=True)
class ClientContractRow:
    ref: Ref
    title: str
    cooperative_ref: Ref
    client_ref: Ref
    scope: str
    state: ClientContractState
    starts_on: date
    ends_on: date
