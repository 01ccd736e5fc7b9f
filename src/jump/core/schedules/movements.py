"""Movements of money on a loan and the charges it bears: values for the reader, open ones for the replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.schedules.lines import OpenLine, no_parts
from jump.core.schedules.parts import Part


class MovementKind(StrEnum):
    """What moved."""

    DISBURSEMENT = "disbursement"
    OWN_CONTRIBUTION = "down_payment"
    REPAYMENT = "repayment"
    GOODWILL = "goodwill_credit"
    RECOVERY = "recovery"
    ACCRUAL = "accrual"
    CHARGE_WAIVER = "charge_waiver"
    WAIVER = "waiver"
    CHARGE_OFF = "charge_off"
    WRITE_OFF = "write_off"
    REFUND = "credit_balance_refund"


PAYMENTS = frozenset(
    {MovementKind.OWN_CONTRIBUTION, MovementKind.REPAYMENT, MovementKind.GOODWILL, MovementKind.RECOVERY}
)
# These leave the running balance of principal alone.
OUTSIDE_BALANCE = frozenset({MovementKind.ACCRUAL, MovementKind.CHARGE_OFF})


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved, or income that was recognised, and what it was used for."""

    ref: str
    kind: MovementKind
    on: date
    entered_on: date
    sequence: int
    amount_minor: int
    parts: Mapping[Part, int]
    overpaid_minor: int
    balance_minor: int  # principal owed after it
    reversed_on: date | None
    is_after_charge_off: bool

    @property
    def is_reversed(self) -> bool:
        return self.reversed_on is not None


@dataclass(frozen=True, slots=True)
class LoanCharge:
    """A fee or penalty on a loan."""

    ref: str
    part: Part
    due_on: date
    entered_on: date
    amount_minor: int
    paid_minor: int
    waived_minor: int
    waived_on: date | None

    @property
    def open_minor(self) -> int:
        return self.amount_minor - self.paid_minor - self.waived_minor


class OpenMovement:
    """A movement while the loan is replayed: what it was used for may change until it is taken back."""

    __slots__ = (
        "amount_minor",
        "balance_minor",
        "entered_on",
        "is_after_charge_off",
        "kind",
        "on",
        "overpaid_minor",
        "parts",
        "pieces",
        "reach",
        "ref",
        "reversed_on",
        "sequence",
        "waives",
    )

    def __init__(
        self, ref: str, kind: MovementKind, on: date, entered_on: date, sequence: int, amount_minor: int
    ) -> None:
        self.ref, self.kind, self.on, self.entered_on = ref, kind, on, entered_on
        self.sequence, self.amount_minor = sequence, amount_minor
        self.parts = no_parts()
        self.overpaid_minor = self.balance_minor = 0
        self.reversed_on: date | None = None
        self.is_after_charge_off = False
        self.pieces: list[tuple[OpenLine, Part, int]] = []
        self.waives: Part | None = None  # what a waiver is about
        self.reach = -1  # the furthest line that this or an earlier movement got to

    @property
    def is_reversed(self) -> bool:
        return self.reversed_on is not None

    @property
    def order(self) -> tuple[date, date, int]:
        return (self.on, self.entered_on, self.sequence)

    def frozen(self) -> Movement:
        return Movement(
            ref=self.ref,
            kind=self.kind,
            on=self.on,
            entered_on=self.entered_on,
            sequence=self.sequence,
            amount_minor=self.amount_minor,
            parts=self.parts,
            overpaid_minor=self.overpaid_minor,
            balance_minor=self.balance_minor,
            reversed_on=self.reversed_on,
            is_after_charge_off=self.is_after_charge_off,
        )


class OpenCharge:
    """A charge while the loan is replayed."""

    __slots__ = (
        "accrued_minor",
        "amount_minor",
        "due_on",
        "entered_on",
        "line",
        "paid_minor",
        "part",
        "ref",
        "sequence",
        "unrecognised_minor",
        "waived_minor",
        "waived_on",
    )

    def __init__(self, ref: str, part: Part, due_on: date, entered_on: date, sequence: int, amount_minor: int) -> None:
        self.ref, self.part, self.due_on, self.entered_on = ref, part, due_on, entered_on
        self.sequence, self.amount_minor = sequence, amount_minor
        self.paid_minor = self.accrued_minor = 0
        self.waived_on: date | None = None
        self.line: OpenLine | None = None
        self.waived_minor = 0
        self.unrecognised_minor = 0  # waived before it was income

    @property
    def counts_from(self) -> date:
        """A charge due before it was entered counts from its due date."""
        return min(self.due_on, self.entered_on)

    @property
    def order(self) -> tuple[date, date, int]:
        return (self.counts_from, self.entered_on, self.sequence)

    @property
    def is_pending(self) -> bool:
        return self.paid_minor + self.waived_minor < self.amount_minor

    def frozen(self) -> LoanCharge:
        return LoanCharge(
            ref=self.ref,
            part=self.part,
            due_on=self.due_on,
            entered_on=self.entered_on,
            amount_minor=self.amount_minor,
            paid_minor=self.paid_minor,
            waived_minor=self.waived_minor,
            waived_on=self.waived_on,
        )
