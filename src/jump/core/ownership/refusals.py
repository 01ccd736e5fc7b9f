"""Why a figure or a movement of ownership is refused."""

from __future__ import annotations

from jump.core.bounds import Refused


class OwnershipRefused(Refused):
    """A figure or a movement of ownership cannot be."""

    code = "ownership.refused"


class SplitBroken(OwnershipRefused):
    """The parts of a split pass the whole, or fall below a floor the law sets."""

    code = "ownership.split_broken"


class AccountOverdrawn(OwnershipRefused):
    """A capital account would fall below zero."""

    code = "ownership.account_overdrawn"


class WrongSign(OwnershipRefused):
    """A line of a capital account goes the wrong way for its kind."""

    code = "ownership.wrong_sign"


class PaidBeforeLeaving(OwnershipRefused):
    """Capital is paid out when a member leaves or retires, not before."""

    code = "ownership.paid_before_leaving"


class TooManyInstalments(OwnershipRefused):
    """A pay-out may be spread over a limited number of years."""

    code = "ownership.too_many_instalments"


class DeductionTooHigh(OwnershipRefused):
    """A deduction on leaving passes what the law or the rules allow."""

    code = "ownership.deduction_too_high"
