"""(schedule, events, day) -> what is owed, due, late and paid.

A payment goes to the oldest instalment that is open, there in the order agreed (`ALLOCATION` unless the product says
otherwise), then to the next instalment. Penalties and fees charged later join the instalment they fall due with.
Nothing is stored between calls: the same events always give the same state, so an entry made late is simply replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jump.core.schedules.parts import Part
from jump.core.schedules.terms import Schedule

ALLOCATION: tuple[Part, ...] = (Part.FEE, Part.PENALTY, Part.INTEREST, Part.PRINCIPAL)


class RepaymentRefused(ValueError):
    """A repayment cannot be taken as it is. `facts` say why, in minor units."""

    code = "schedules.repayment_refused"

    def __init__(self, message: str, **facts: int) -> None:
        super().__init__(message)
        self.facts: Mapping[str, int] = facts


class AmountNotPositive(RepaymentRefused):
    """Zero or less was offered."""

    code = "schedules.amount_not_positive"


class MoreThanOwed(RepaymentRefused):
    """More was offered than is owed in all."""

    code = "schedules.more_than_owed"


@dataclass(frozen=True, slots=True)
class Repayment:
    """Money received from the borrower. `ref` is the caller's, to find the split again."""

    on: date
    amount_minor: int
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """A fee or penalty added later; it falls due on `due_on`, or at once."""

    on: date
    amount_minor: int
    part: Part = Part.PENALTY
    due_on: date | None = None

    def __post_init__(self) -> None:
        if self.part not in (Part.FEE, Part.PENALTY) or self.amount_minor <= 0:
            raise ValueError("a charge is a fee or a penalty above zero")


@dataclass(frozen=True, slots=True)
class WriteOff:
    """What is still owed is no longer expected; money that comes all the same is kept apart as recovered."""

    on: date


LoanEvent = Repayment | Charge | WriteOff


@dataclass(frozen=True, slots=True)
class RepaymentSplit:
    """What one payment was used for, or would be used for, and how the loan stands after it."""

    on: date
    amount_minor: int
    fee_minor: int
    penalty_minor: int
    interest_minor: int
    principal_minor: int
    overpaid_minor: int
    owed_after_minor: int
    principal_after_minor: int
    days_late: int  # of the oldest instalment that was late when the money came
    next_due_on: date | None
    next_due_minor: int
    ref: str = ""

    @property
    def closes(self) -> bool:
        return self.owed_after_minor == 0


@dataclass(frozen=True, slots=True)
class InstalmentState:
    """One instalment as it stands on the day asked for."""

    number: int
    due_on: date
    due: Mapping[Part, int]
    paid: Mapping[Part, int]
    paid_on: date | None  # the day it was paid in full
    waived_minor: int = 0
    is_extra: bool = False  # charges that fell due after the last instalment; no payment that was agreed

    @property
    def due_minor(self) -> int:
        return sum(self.due.values())

    @property
    def paid_minor(self) -> int:
        return sum(self.paid.values())

    @property
    def open_minor(self) -> int:
        return self.due_minor - self.paid_minor - self.waived_minor


@dataclass(frozen=True, slots=True)
class LoanState:
    """How a loan stands at the end of a day."""

    as_of: date
    currency: str
    lent_minor: int
    principal_minor: int  # outstanding
    interest_minor: int  # outstanding, as scheduled
    fee_minor: int
    penalty_minor: int
    due_minor: int  # fallen due up to the day and not paid
    principal_late_minor: int  # the late part of the principal
    paid_minor: int
    overpaid_minor: int
    written_off_minor: int  # principal
    recovered_minor: int  # received after the write-off
    days_late: int
    late_since: date | None
    next_due_on: date | None
    next_due_minor: int
    instalments: tuple[InstalmentState, ...]
    splits: tuple[RepaymentSplit, ...]

    @property
    def owed_minor(self) -> int:
        """Everything still owed, due or not."""
        return self.principal_minor + self.interest_minor + self.fee_minor + self.penalty_minor

    @property
    def is_closed(self) -> bool:
        return self.owed_minor == 0


@dataclass(slots=True)
class _Open:
    """An instalment while events are applied."""

    number: int
    due_on: date
    due: dict[Part, int]
    paid: dict[Part, int] = field(default_factory=lambda: dict.fromkeys(Part, 0))
    paid_on: date | None = None

    def open_of(self, part: Part) -> int:
        return self.due[part] - self.paid[part]

    @property
    def open_minor(self) -> int:
        return sum(self.due.values()) - sum(self.paid.values())


def loan_state(
    schedule: Schedule,
    events: Iterable[LoanEvent] = (),
    *,
    as_of: date,
    allocation: Sequence[Part] = ALLOCATION,
) -> LoanState:
    """The state at the end of `as_of`; later events are left out. Repayments beyond what is owed count as overpaid."""
    order = _checked_order(allocation)
    account = _Account(schedule, order)
    happened = [event for event in events if event.on <= as_of]
    # Charges of a day come before its payments, a write-off after them.
    rank = {Charge: 0, Repayment: 1, WriteOff: 2}
    for event in sorted(happened, key=lambda event: (event.on, rank[type(event)])):
        account.apply(event)
    return account.state(as_of)


def split_repayment(
    schedule: Schedule,
    events: Iterable[LoanEvent],
    amount_minor: int,
    *,
    on: date,
    allocation: Sequence[Part] = ALLOCATION,
) -> RepaymentSplit:
    """What would happen if this amount were paid on this day, after all events up to and including that day.

    Raises AmountNotPositive or MoreThanOwed, with the figures in `facts`.
    """
    if amount_minor <= 0:
        raise AmountNotPositive("a repayment must be above zero", asked_minor=amount_minor)
    known = [event for event in events if event.on <= on]
    before = loan_state(schedule, known, as_of=on, allocation=allocation)
    if amount_minor > before.owed_minor:
        raise MoreThanOwed(
            "more was offered than is owed",
            asked_minor=amount_minor,
            owed_minor=before.owed_minor,
            over_minor=amount_minor - before.owed_minor,
        )
    after = loan_state(schedule, [*known, Repayment(on, amount_minor)], as_of=on, allocation=allocation)
    return after.splits[-1]


def _checked_order(allocation: Sequence[Part]) -> tuple[Part, ...]:
    order = tuple(Part(part) for part in allocation)
    if sorted(order) != sorted(Part):
        raise ValueError("an allocation order names fee, penalty, interest and principal once each")
    return order


class _Account:
    """Applies events in order of date to the instalments of one loan."""

    def __init__(self, schedule: Schedule, order: tuple[Part, ...]) -> None:
        self.schedule = schedule
        self.order = order
        self.splits: list[RepaymentSplit] = []
        self.overpaid = self.written_off = self.recovered = self.received = 0
        self.is_written_off = False
        self.lines = [
            _Open(
                number=line.number,
                due_on=line.due_on,
                due={
                    Part.FEE: line.fee_minor,
                    Part.PENALTY: 0,
                    Part.INTEREST: line.interest_minor,
                    Part.PRINCIPAL: line.principal_minor,
                },
            )
            for line in schedule.instalments
        ]

    def apply(self, event: LoanEvent) -> None:
        match event:
            case Charge():
                self.charge(event)
            case Repayment():
                self.repay(event)
            case WriteOff():
                self.written_off = self.open_of(Part.PRINCIPAL)
                self.is_written_off = True

    def charge(self, event: Charge) -> None:
        due_on = event.due_on or event.on
        # It joins the instalment whose period it falls into; after the last one it makes a line of its own.
        for line in self.lines:
            if line.due_on >= due_on:
                line.due[event.part] += event.amount_minor
                line.paid_on = None
                break
        else:
            due = dict.fromkeys(Part, 0)
            due[event.part] = event.amount_minor
            self.lines.append(_Open(self.lines[-1].number + 1, due_on, due))
        self.use_overpaid(event.on)

    def use_overpaid(self, on: date) -> None:
        left = self.overpaid
        if left:
            self.overpaid = 0
            used = self.spread(left, on)
            self.overpaid = left - sum(used.values())

    def repay(self, event: Repayment) -> None:
        if event.amount_minor <= 0:
            raise AmountNotPositive("a repayment must be above zero", asked_minor=event.amount_minor)
        days_late = self.days_late(event.on)
        self.received += event.amount_minor
        if self.is_written_off:
            self.recovered += event.amount_minor
        used = self.spread(event.amount_minor, event.on)
        over = event.amount_minor - sum(used.values())
        self.overpaid += over
        next_due = next((line for line in self.lines if line.open_minor), None)
        self.splits.append(
            RepaymentSplit(
                on=event.on,
                amount_minor=event.amount_minor,
                fee_minor=used[Part.FEE],
                penalty_minor=used[Part.PENALTY],
                interest_minor=used[Part.INTEREST],
                principal_minor=used[Part.PRINCIPAL],
                overpaid_minor=over,
                owed_after_minor=sum(line.open_minor for line in self.lines),
                principal_after_minor=self.open_of(Part.PRINCIPAL),
                days_late=days_late,
                next_due_on=next_due.due_on if next_due else None,
                next_due_minor=next_due.open_minor if next_due else 0,
                ref=event.ref,
            )
        )

    def spread(self, amount_minor: int, on: date) -> dict[Part, int]:
        """Use money on the open instalments, oldest first; returns what it was used for."""
        used = dict.fromkeys(Part, 0)
        left = amount_minor
        for line in self.lines:
            if not left:
                break
            for part in self.order:
                piece = min(left, line.open_of(part))
                line.paid[part] += piece
                used[part] += piece
                left -= piece
            if not line.open_minor and line.paid_on is None:
                line.paid_on = on
        return used

    def open_of(self, part: Part) -> int:
        return sum(line.open_of(part) for line in self.lines)

    def days_late(self, day: date) -> int:
        since = next((line.due_on for line in self.lines if line.open_minor and line.due_on < day), None)
        return (day - since).days if since else 0

    def state(self, as_of: date) -> LoanState:
        fallen_due = [line for line in self.lines if line.due_on <= as_of and line.open_minor]
        late = [line for line in fallen_due if line.due_on < as_of]
        coming = next((line for line in self.lines if line.open_minor), None)
        lent = sum(tranche.amount_minor for tranche in self.schedule.disbursements if tranche.on <= as_of)
        return LoanState(
            as_of=as_of,
            currency=self.schedule.terms.currency,
            lent_minor=lent,
            principal_minor=0 if self.is_written_off else self.open_of(Part.PRINCIPAL),
            interest_minor=0 if self.is_written_off else self.open_of(Part.INTEREST),
            fee_minor=0 if self.is_written_off else self.open_of(Part.FEE),
            penalty_minor=0 if self.is_written_off else self.open_of(Part.PENALTY),
            due_minor=0 if self.is_written_off else sum(line.open_minor for line in fallen_due),
            principal_late_minor=0 if self.is_written_off else sum(line.open_of(Part.PRINCIPAL) for line in late),
            paid_minor=self.received,
            overpaid_minor=self.overpaid,
            written_off_minor=self.written_off,
            recovered_minor=self.recovered,
            days_late=0 if self.is_written_off or not late else (as_of - late[0].due_on).days,
            late_since=None if self.is_written_off or not late else late[0].due_on,
            next_due_on=None if self.is_written_off or not coming else coming.due_on,
            next_due_minor=0 if self.is_written_off or not coming else coming.open_minor,
            instalments=tuple(
                InstalmentState(line.number, line.due_on, dict(line.due), dict(line.paid), line.paid_on)
                for line in self.lines
            ),
            splits=tuple(self.splits),
        )
