"""What finance refuses about ownership, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal
from jump.engines.ledger.api import AboutAmounts


class StepNotOpen(Refusal):
    """A step is approved or given up that is not waiting."""

    code = "finance.step_not_open"
    message = _("This step is %(state)s. Only a step that waits can be approved or given up.")


class LaterStepsRest(Refusal):
    """A step would be taken back on which later ones rest: each was worked out from what stood before it."""

    code = "finance.later_steps_rest"
    message = _("Steps booked later rest upon this one: %(later)s.")
    what_to_do = _("Take the latest back first, then the one before it.")


class NotTakenBack(Refusal):
    """What is not booked, or itself takes a step back, cannot be taken back."""

    code = "finance.not_taken_back"
    message = _("This cannot be taken back: it is %(state)s, or it took another step back itself.")
    what_to_do = _("Prepare the right step again instead.")


class FiguresChanged(Refusal):
    """Between preparing and approving, something else was booked that changes what follows from the step."""

    code = "finance.figures_changed"
    message = _("Since this was prepared, something else was booked, and the figures are no longer the same.")
    what_to_do = _("Give it up and prepare it again, so that both of you see the same figures.")


class StepImpossible(Refusal):
    """A rule of ownership does not allow it (`core.ownership` says which)."""

    code = "finance.step_impossible"
    http_status = 422
    message = _("The rules do not allow this: %(why)s.")
    what_to_do = _("Check what was typed.")


class SharesShort(Refusal):
    """More shares would pass than somebody has free."""

    code = "finance.shares_short"
    http_status = 422
    message = _("%(free)s shares of this class are free; %(asked)s are asked.")
    what_to_do = _("Ask for fewer. Shares that are being sold by instalments are not free.")


class ClassUnknown(Refusal):
    """The register has no such class of shares."""

    code = "finance.class_unknown"
    http_status = 422
    message = _("This register has no class %(given)s. It has: %(classes)s.")


class StakeUnknown(Refusal):
    """Nobody, or nothing, of this number belongs to the register, the accounts or the trust."""

    code = "finance.stake_unknown"
    http_status = 422
    message = _("%(given)s does not belong here, or is closed.")
    what_to_do = _("Check the number.")


class AlreadyKept(Refusal):
    """What can be there once is there already."""

    code = "finance.already_kept"
    message = _("This is already kept under the number %(ref)s.")


class LawMissing(Refusal):
    """No package says what the law of this country asks."""

    code = "finance.law_missing"
    http_status = 422
    message = _("No rules for %(country)s are known that hold on %(on)s.")
    what_to_do = _("Add the rules to the country's file in the programme package, or check the country.")


class MoreThanFee(AboutAmounts):
    """More is paid than is left of the entry contribution."""

    code = "finance.more_than_fee"
    http_status = 422
    message = _("Only %(open)s of the entry contribution is still to be paid.")


class YearOrder(Refusal):
    """Years are closed one after the other, and only when they are over."""

    code = "finance.year_order"
    http_status = 422
    message = _("%(year)s cannot be closed now. The next year to close is %(next)s.")


class YearNotClosed(Refusal):
    """A member leaves at the last approved accounts; there are none."""

    code = "finance.year_not_closed"
    http_status = 422
    message = _("%(year)s is not closed yet. A member who leaves is paid by the last approved accounts.")
    what_to_do = _("Close the year first.")


class PrincipalOnlyRefused(Refusal):
    """The loan does not meet the conditions for releasing shares by principal alone."""

    code = "finance.principal_only_refused"
    http_status = 422
    message = _("This loan may not release shares by principal alone: %(why)s.")
    what_to_do = _("Choose release by principal and interest, or change the terms of the loan.")


class ContributionShort(AboutAmounts):
    """The trust has less cash than the year's payments of its loans."""

    code = "finance.contribution_short"
    http_status = 422
    message = _("The payments of this year are %(asked)s. With the contribution the trust has %(free)s.")
    what_to_do = _("Enter a larger contribution.")


class InstalmentsDiffer(AboutAmounts):
    """The instalments of a purchase are not what the shares cost."""

    code = "finance.instalments_differ"
    http_status = 422
    message = _("The instalments add up to %(given)s. The shares cost %(cost)s.")
    what_to_do = _("Change the instalments or the price.")


class SavingsNotFree(AboutAmounts):
    """A development fund would invest more than savings leave after the liquidity reserve."""

    code = "finance.savings_not_free"
    http_status = 422
    message = _(
        "%(free)s may be invested; %(asked)s is asked. Of %(savings)s saved, %(reserve)s stays ready for savers "
        "and %(invested)s is invested or promised."
    )
    what_to_do = _("Ask for less, or wait until more is saved or an investment comes back.")


class MoreThanInvested(AboutAmounts):
    """More comes back of an investment than is still in it."""

    code = "finance.more_than_invested"
    http_status = 422
    message = _("%(open)s of this investment is still to come back.")
    what_to_do = _("Enter what is above it as income of the investment.")


class FoundersDiffer(Refusal):
    """A register is named as proof that an enterprise belongs to its founders, and it does not say so."""

    code = "finance.founders_differ"
    http_status = 422
    message = _(
        "This register does not show that the enterprise belongs to those who conceived it: founders without shares: "
        "%(without_shares)s; owners who are not founders: %(others)s."
    )
    what_to_do = _("Put the register right first: every founder holds shares, and nobody else does.")


class SourcesDiffer(AboutAmounts):
    """The sources of a financing plan do not come to what is needed."""

    code = "finance.sources_differ"
    http_status = 422
    message = _("%(uses)s are needed and the sources bring %(sources)s: the difference is %(difference)s.")
    what_to_do = _("Change the amounts until both are the same. A guarantee backs a loan and brings no money itself.")
