"""What community insurance refuses, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal
from jump.engines.ledger.api import AboutAmounts


class NoPackage(Refusal):
    """No adopted package of the scheme is in force on the day."""

    code = "finance.cover_no_package"
    http_status = 422
    message = _("No package of benefits is in force on %(on)s.")
    what_to_do = _("Propose a package, and record the decision of the assembly.")


class PackageNotLater(Refusal):
    """A package that would change days that are gone, or days under another package."""

    code = "finance.cover_package_not_later"
    http_status = 422
    message = _(
        "A package begins on a later day than the one before it, and not on a day that is gone: "
        "%(earliest)s is the first day possible."
    )


class RhythmChanged(Refusal):
    """A new package asks for contributions in another rhythm: families would owe for days twice."""

    code = "finance.cover_rhythm_changed"
    http_status = 422
    message = _("The contributions of this scheme are %(kept)s. A new package cannot make them %(asked)s.")
    what_to_do = _("Keep the rhythm, or open a new scheme.")


class AlreadyInsured(Refusal):
    """A person would be insured twice in one scheme."""

    code = "finance.cover_already_insured"
    http_status = 422
    message = _("%(person)s is already insured in this scheme, with family %(family)s.")
    what_to_do = _("Let the person leave that family first, or check the number.")


class FamilyFull(Refusal):
    """More people than the package allows in one family."""

    code = "finance.cover_family_full"
    http_status = 422
    message = _("A family has at most %(most)s insured people.")


class CardUsed(Refusal):
    """The number of a card stands on somebody else's."""

    code = "finance.cover_card_used"
    http_status = 422
    message = _("Card %(card)s is already given to %(person)s.")
    what_to_do = _("Check the number of the card.")


class FamilyEnded(Refusal):
    """The family is not in the scheme on the day."""

    code = "finance.cover_family_ended"
    http_status = 422
    message = _("This family left the scheme on %(ended_on)s.")


class MoreThanDue(AboutAmounts):
    """A contribution larger than everything due in the coming year."""

    code = "finance.cover_more_than_due"
    http_status = 422
    message = _("At most %(most)s can be taken: what is due, and a year ahead.")


class BenefitUnknown(Refusal):
    """A claim names a benefit twice, or none."""

    code = "finance.claim_benefit_unknown"
    http_status = 422
    message = _("A claim names at least one benefit, and each once.")


class PersonNotInFamily(Refusal):
    """The claim is for somebody who is not insured with this family."""

    code = "finance.claim_person_not_in_family"
    http_status = 422
    message = _("%(person)s was never insured with family %(family)s.")


class ClaimStopped(Refusal):
    """A claim that may not be paid is to be approved."""

    code = "finance.claim_stopped"
    http_status = 422
    message = _("This claim cannot be approved: %(reasons)s.")
    what_to_do = _("Reject it with these reasons, or put right what is missing.")


class SameEvent(Refusal):
    """The same event is already promised or paid."""

    code = "finance.claim_same_event"
    message = _("The same event is already in claim %(number)s (%(claim)s).")
    what_to_do = _("Reject this one as entered twice.")


class ReviewMissing(Refusal):
    """The claim was drawn for a closer look, or is large, and nobody has looked."""

    code = "finance.claim_review_missing"
    http_status = 422
    message = _("This claim has to be looked at by the medical reviewer first.")


class ClaimWrongState(Refusal):
    """The claim is in a state in which this cannot be done."""

    code = "finance.claim_state"
    message = _("The claim is %(state)s. This cannot be done now.")


class ReasonsMissing(Refusal):
    """A claim is rejected without a reason of the list, or without a word to the member."""

    code = "finance.claim_reasons_missing"
    http_status = 422
    message = _("A claim is rejected with at least one reason of the list and a sentence for the member.")


class AppealTooLate(Refusal):
    """The days for an appeal are over."""

    code = "finance.appeal_too_late"
    http_status = 422
    message = _("An appeal was possible until %(until)s.")


class YearOpen(Refusal):
    """A year is closed after its last day, in order, and once."""

    code = "finance.cover_year_open"
    http_status = 422
    message = _("The year to %(until)s cannot be closed: %(why)s.")


class ClosingChanged(AboutAmounts):
    """Something was booked since the closing was prepared."""

    code = "finance.cover_closing_changed"
    message = _("The figures have changed since this was prepared.")
    what_to_do = _("Give it up and prepare it again.")
