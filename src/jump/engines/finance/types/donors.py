"""What crosses the door of finance about donors: pledges, what came, statements of use; and about plans of a budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from jump.core.budgets import ForecastBasis
from jump.core.money import Money
from jump.core.units import Ref


class PledgeKind(StrEnum):
    """What a partner gives (001, Institutional framework: money, facilities, expertise; the others are our default)."""

    MONEY = "money"
    FACILITIES = "facilities"
    EXPERTISE = "expertise"
    LABOUR = "labour"
    LAND = "land"
    GOODS = "goods"


@dataclass(frozen=True, slots=True)
class PledgeView:
    """A promise and what came of it: in the budget's currency, as given, and in its own unit where it is in kind."""

    ref: Ref
    budget_ref: Ref
    party_ref: Ref
    source: str
    kind: PledgeKind
    what: str
    unit: str
    quantity: Decimal
    came_quantity: Decimal
    pledged: Money
    came: Money
    given_pledged: Money
    given_came: Money
    earmark: Mapping[str, str]
    on: date
    until: date | None
    scope: str
    note: str
    proof_ref: Ref | None

    @property
    def still_open(self) -> Money:
        zero = Money.zero(self.pledged.currency)
        return max(zero, self.pledged - self.came)


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """Something that came in for a budget."""

    ref: Ref
    pledge_ref: Ref | None
    party_ref: Ref | None
    source: str
    kind: PledgeKind
    what: str
    unit: str
    quantity: Decimal
    amount: Money
    given: Money
    unit_rate: Money | None
    scope: str
    on: date
    entry_ref: Ref
    proof_ref: Ref | None


@dataclass(frozen=True, slots=True)
class InKindRateView:
    """What one unit is worth, from a day on and until the next rate."""

    what: str
    unit: str
    rate: Money
    place: str
    valid_from: date
    source: str


@dataclass(frozen=True, slots=True)
class UseLine:
    """A use of money and the part of it that this contribution paid, in both currencies with the rate."""

    ref: Ref
    on: date
    memo: str
    scope: str
    labels: Mapping[str, str]
    whole: Money
    part: Money
    given_part: Money
    rate: Decimal  # one unit of the budget's currency in the donor's
    contract_ref: Ref | None


@dataclass(frozen=True, slots=True)
class DonorStatement:
    """What a contribution was used for, to the cent: received = used + left, and in the donor's currency + exchange.

    `rule` says how uses of one umbrella are shared; `uncovered` is what was used of the umbrella and no contribution
    covers (it should be zero).
    """

    title: str
    party_ref: Ref | None
    pledge_ref: Ref | None
    source: str
    rule: str
    as_of: date
    donors: int
    earmark: Mapping[str, str]
    pledged: Money
    received: Money
    used: Money
    left: Money
    given_received: Money
    given_used: Money
    given_left: Money
    exchange: Money
    left_rate: Decimal
    uncovered: Money
    in_kind: Money
    received_on: tuple[tuple[date, Money, Money], ...]
    lines: tuple[UseLine, ...]


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """Plan, commitment and spend of a group of cells, with what it will come to by both methods."""

    key: Mapping[str, str]
    plan: Money
    committed: Money
    spent: Money
    still_planned: Money
    forecast: Money
    run_rate: Money | None
    bases: tuple[ForecastBasis, ...]

    @property
    def used(self) -> Money:
        return self.spent + self.committed

    @property
    def over(self) -> Money:
        """By how much the forecast passes the plan (below zero: what will be left)."""
        return self.forecast - self.plan


@dataclass(frozen=True, slots=True)
class SupportChoice:
    """Which reading of the agency's percent holds, who chose it, when and why. Without a person: the package."""

    base: str
    why: str
    by: str
    on: date | None
    decision_ref: Ref | None


@dataclass(frozen=True, slots=True)
class ProvisionView:
    """Money of the provision asked for, and what became of it."""

    ref: Ref
    from_cell: Ref
    to_cell: Ref
    to_name: tuple[str, str, str]
    amount: Money
    why: str
    decision_ref: Ref | None
    asked_by: str
    asked_on: date
    decided_by: str
    decided_on: date | None
    state: str


@dataclass(frozen=True, slots=True)
class BridgeView:
    """A professional paid until another donor is found."""

    ref: Ref
    title: str
    post_ref: Ref
    scope: str
    line: str
    monthly: Money
    starts_on: date
    ends_on: date
    why: str
    months: int
    months_paid: int
    paid: Money
    still_to_pay: Money
    replaced_by: str
    replaced_on: date | None
    next_month: date | None

    @property
    def is_over(self) -> bool:
        return self.next_month is None


@dataclass(frozen=True, slots=True)
class AssetEventView:
    ref: Ref
    kind: str
    on: date
    holder_ref: Ref | None
    condition: str
    cost: Money | None
    note: str
    spend_ref: Ref | None
    proof_ref: Ref | None
    by: str


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money of a grant that came back."""

    ref: Ref
    amount: Money
    on: date
    receipt: str
    why: str
    entry_ref: Ref
    by: str


@dataclass(frozen=True, slots=True)
class GrantAccount:
    """How a grant stands: paid, accounted for by use, refunded, and still to be accounted for."""

    contract_ref: Ref
    paid: Money
    proved: Money
    refunded: Money
    open: Money
    unpaid: Money
    uses: tuple[tuple[str, str, Money], ...]  # code, title, accounted for
    refunds: tuple[RefundView, ...]
