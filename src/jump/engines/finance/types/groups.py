"""What crosses the door of finance about savings groups with one box: cycles, meetings, share-out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jump.core.money import Money
from jump.core.savings import ShareOutLine
from jump.core.units import Ref


class CycleState(StrEnum):
    """Members save and borrow, the share-out is proposed, everything is shared out."""

    RUNNING = "running"
    PROPOSED = "proposed"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class BoxMeetingView:
    """One meeting of a group with a box: provisional until a second person counted the whole box."""

    ref: Ref
    on: date
    is_booked: bool
    entered_by: str
    counted_by: str
    facts: int


@dataclass(frozen=True, slots=True)
class CycleView:
    """A cycle of a savings group: its rules, what lies in the box, shares and debts by member."""

    ref: Ref
    group_ref: Ref
    scope: str
    book_ref: Ref
    state: CycleState
    starts_on: date
    ends_on: date
    share_value: Money
    shares_per_meeting_max: int
    loan_multiple: Decimal | None
    cash: Money
    social: Money
    worth: Money
    shares: Mapping[str, int]
    owed: Mapping[str, Money]
    meetings: tuple[BoxMeetingView, ...]


@dataclass(frozen=True, slots=True)
class ShareOutView:
    """What each member is entitled to, what pays her debt, what she takes home."""

    cycle_ref: Ref
    currency: str
    lines: tuple[ShareOutLine, ...]
    pool: Money
    paid: Money
    set_off: Money
    carried: Money
