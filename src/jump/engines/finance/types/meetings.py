"""What crosses the door of finance about a meeting's collection, and about grants where no lender lends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jump.core.money import Money
from jump.core.units import Ref


class CollectionState(StrEnum):
    """Written down and not booked; counted by a second person and booked; given up."""

    PROVISIONAL = "provisional"
    BOOKED = "booked"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One box of a collection sheet: whose money, for what, and what is due."""

    party_ref: Ref
    target_ref: Ref
    title: str
    is_loan: bool
    due: Money  # due by that day, or the usual amount of a meeting
    most: Money | None  # no more than this can be taken
    stands: Money  # owed of a loan, saved in an account


@dataclass(frozen=True, slots=True)
class CollectionLineView:
    number: int
    party_ref: Ref
    target_ref: Ref
    amount: Money
    made_ref: Ref | None


@dataclass(frozen=True, slots=True)
class CollectionView:
    """A meeting's collection: what was written down, what was counted, and what it became."""

    ref: Ref
    group_ref: Ref
    scope: str
    on: date
    state: CollectionState
    total: Money
    counted: Money | None
    entered_by: str
    counted_by: str
    counted_on: date | None
    lines: tuple[CollectionLineView, ...]


@dataclass(frozen=True, slots=True)
class LenderRefusal:
    """A lender that was asked and refused, with its paper."""

    lender: str
    on: date
    proof_ref: Ref


@dataclass(frozen=True, slots=True)
class GrantExceptionView:
    """Why a start-up grant may be given to a party."""

    ref: Ref
    party_ref: Ref
    scope: str
    refusals: tuple[LenderRefusal, ...]
    no_lender_at_all: bool
    why: str
    proof_ref: Ref | None
    on: date
    by: str
