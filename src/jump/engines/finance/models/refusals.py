"""What finance refuses, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import KeyReused as BaseKeyReused
from jump.base.refusals import Refusal
from jump.engines.ledger.api import AboutAmounts


class AmountNotPositive(Refusal):
    """Zero or less was given where money must move."""

    code = "finance.amount_not_positive"
    http_status = 422
    message = _("The amount must be above zero.")


class WrongCurrency(Refusal):
    """An amount in another currency than the fund, contract or budget."""

    code = "finance.wrong_currency"
    http_status = 422
    message = _("This is kept in %(expected)s, not in %(given)s.")
    what_to_do = _("Write the amount in %(expected)s.")


class MoreThanOwed(AboutAmounts):
    """A repayment larger than everything still owed."""

    code = "finance.more_than_owed"
    http_status = 422
    message = _("This is more than is owed: %(owed)s is left to pay.")
    what_to_do = _("Check the amount. Give the rest back, or enter it as savings.")


class ReceiptUsed(Refusal):
    """The receipt number stands on another repayment."""

    code = "finance.receipt_used"
    message = _("Receipt %(receipt)s is already used by %(contract)s. Check the number.")


class MoreThanOverpaid(AboutAmounts):
    """More would go back to a borrower than was paid beyond what was owed."""

    code = "finance.more_than_overpaid"
    http_status = 422
    message = _("Only %(overpaid)s was paid beyond what is owed.")
    what_to_do = _("Check the amount, or take back a payment that was entered wrongly.")


class NothingChanges(Refusal):
    """A new plan that is the old one."""

    code = "finance.nothing_changes"
    http_status = 422
    message = _("This changes nothing about the plan.")
    what_to_do = _("Give another day, more payments, another rate or a grace.")


class NoSuchInstalment(Refusal):
    """A new plan begins at a payment that is not open, or moves it before the one that precedes it."""

    code = "finance.no_such_instalment"
    http_status = 422
    message = _("A new plan begins at a payment that is still open, and moves it to a day after the payment before it.")
    what_to_do = _("Choose one of the open payments, and a later day.")


class DayImpossible(Refusal):
    """A day before the money was paid out, or in the future."""

    code = "finance.day_impossible"
    http_status = 422
    message = _("%(on)s is not possible: the earliest day is %(earliest)s and the latest %(latest)s.")


class PeriodBackwards(Refusal):
    """A period that ends before it begins."""

    code = "finance.period_backwards"
    http_status = 422
    message = _("The period from %(starts_on)s to %(ends_on)s ends before it begins.")
    what_to_do = _("Give the first day first.")


class SamePerson(Refusal):
    """One person would do two things that two people must do."""

    code = "finance.same_person"
    http_status = 403
    message = _("You have already done the other part of this. A second person must do it.")
    what_to_do = _("Ask a colleague who did not prepare, score or decide it.")


class ConditionOpen(Refusal):
    """Conditions of the contract are not met yet."""

    code = "finance.condition_open"
    message = _("The money cannot be paid yet. Still open: %(conditions)s.")
    what_to_do = _("Meet these conditions first; each is met with its proof.")


class TrancheOrder(Refusal):
    """An earlier tranche has not been paid."""

    code = "finance.tranche_order"
    message = _("Tranche %(waiting)s comes first.")


class NotPrepared(Refusal):
    """A tranche is released before anyone prepared it, or is already paid."""

    code = "finance.not_prepared"
    message = _("This tranche is %(state)s. It must be prepared before it is paid.")


class FundShort(AboutAmounts):
    """The fund cannot cover this without going below its reserve and what is promised."""

    code = "finance.fund_short"
    message = _("The fund has %(free)s free; %(asked)s is asked.")
    what_to_do = _("Wait for repayments, add to the fund, or ask for less.")


class BudgetShort(AboutAmounts):
    """A cell of the budget has less left than is asked."""

    code = "finance.budget_short"
    message = _("The budget for this has %(free)s left; %(asked)s is asked.")
    what_to_do = _("Ask the coordinator to approve spending above the budget, or to move money between cells.")


class UnprovedSpend(AboutAmounts):
    """Earlier money has not been accounted for."""

    code = "finance.unproved_spend"
    message = _("%(unproved)s of earlier money is not accounted for; the limit is %(limit)s.")
    what_to_do = _("Send the receipts of the earlier tranche first.")


class MoreThanAdvanced(AboutAmounts):
    """More is accounted for than was paid out."""

    code = "finance.more_than_advanced"
    http_status = 422
    message = _("Only %(open)s is still to be accounted for.")


class AboveLimit(AboutAmounts):
    """The amount is above what the product or the fund's rules allow."""

    code = "finance.above_limit"
    http_status = 422
    message = _("%(asked)s is above the limit of %(limit)s (%(rule)s).")


class SeatsMissing(Refusal):
    """Rules of a fund need the word of all four who must be asked."""

    code = "finance.seats_missing"
    http_status = 422
    message = _("These have not been asked yet: %(missing)s.")


class RulesImpossible(Refusal):
    """The rules of the fund contradict each other."""

    code = "finance.rules_impossible"
    http_status = 422
    message = _("These rules are not possible: %(why)s.")
    what_to_do = _("Put the numbers right, then adopt the rules again. The rules in force stay as they are.")


class RulesNotSigned(Refusal):
    """A fund opens under rules that all who must have signed, as they are now (000, 8.3(4))."""

    code = "finance.rules_not_signed"
    http_status = 422
    message = _("The rules of the fund are not signed by all who must sign them.")
    what_to_do = _("Let all parties sign the rules as they are now, then ask again.")


class BookkeeperNotCertified(Refusal):
    """A new structure opens only with a bookkeeper who holds the certificate (000, Output 11, activity 4)."""

    code = "finance.bookkeeper_not_certified"
    http_status = 422
    message = _("No proved certificate in bookkeeping is known of the bookkeeper.")
    what_to_do = _("Record the certificate, or name another bookkeeper who has it.")


class BalancesDiffer(AboutAmounts):
    """What was counted is not what stands in the books."""

    code = "finance.balances_differ"
    http_status = 422
    message = _("%(figure)s: the books show %(ledger)s, counted was %(counted)s. The difference is %(difference)s.")
    what_to_do = _("Find the difference and book what is missing. Then count again.")


class AlreadyOwner(Refusal):
    """A fund is handed over to the one who owns it."""

    code = "finance.already_owner"
    http_status = 422
    message = _("The fund already belongs to this owner.")
    what_to_do = _("Name the new owner.")


class LenderAvailable(Refusal):
    """A start-up grant needs recorded refusals of lenders, or their absence."""

    code = "finance.lender_available"
    message = _("A start-up grant needs proof that no lender will lend.")
    what_to_do = _("Record the refusals, or that there is no lender, first.")


class SourceNotAllowed(Refusal):
    """This stage may not be paid from this source."""

    code = "finance.source_not_allowed"
    message = _("The stage %(stage)s is not paid by %(source)s. Allowed: %(allowed)s.")


class CategoryBlocked(Refusal):
    """This kind of money may not buy this."""

    code = "finance.category_blocked"
    message = _("%(type)s money may not be used for %(category)s.")


class LineUnknown(Refusal):
    """The budget has no such line, stage or cell."""

    code = "finance.line_unknown"
    http_status = 404
    message = _("The budget has no %(what)s called %(given)s.")


class RateMissing(Refusal):
    """No exchange rate is known for the day."""

    code = "finance.rate_missing"
    message = _("No rate from %(given)s to %(expected)s is recorded up to %(on)s.")
    what_to_do = _("Record the rate of that day first.")


class WrongState(Refusal):
    """The contract is in a state in which this cannot be done."""

    code = "finance.wrong_state"
    message = _("The contract is %(state)s. This cannot be done now.")


class InterestShort(AboutAmounts):
    """More interest is used than was kept."""

    code = "finance.interest_short"
    message = _("The fund has kept %(kept)s of interest that is not used yet.")


class DecisionMissing(Refusal):
    """This needs a decision or a reason on record."""

    code = "finance.decision_missing"
    http_status = 422
    message = _("This needs a reason and the decision it rests on.")


class TermsImpossible(Refusal):
    """The terms of the loan contradict each other."""

    code = "finance.terms_impossible"
    http_status = 422
    message = _("These terms are not possible: %(why)s.")


class KeyReused(BaseKeyReused):
    """The same key came again with other content."""

    code = "finance.key_reused"


class ProductNotThis(Refusal):
    """A product of another kind was named."""

    code = "finance.product_not_this"
    http_status = 422
    message = _("%(product)s is no product for this: it is for %(kind)s.")


class SavingsShort(AboutAmounts):
    """More would be taken out of savings than may be."""

    code = "finance.savings_short"
    http_status = 422
    message = _("%(free)s may be taken out now; %(asked)s is asked. Of %(saved)s saved, %(stays)s has to stay.")
    what_to_do = _("Ask for less. What stands for a loan is free again when the loan is paid back.")


class SavingsFixed(Refusal):
    """Saved for a fixed time that is not over."""

    code = "finance.savings_fixed"
    http_status = 422
    message = _("This is saved until %(matures_on)s. It may be taken out from that day on.")


class NoticeMissing(Refusal):
    """The product asks for notice before money is taken out."""

    code = "finance.notice_missing"
    http_status = 422
    message = _("Notice of %(days)s days has to be given before this much is taken out.")
    what_to_do = _("Give notice first. The money may be taken out when the days are over.")


class SharesNotWhole(AboutAmounts):
    """Shares are bought and given back whole."""

    code = "finance.shares_not_whole"
    http_status = 422
    message = _("One share is %(share)s. The amount must be a number of whole shares.")


class CountDiffers(AboutAmounts):
    """The money counted is not what was written down."""

    code = "finance.count_differs"
    http_status = 422
    message = _("Counted is %(counted)s, written down is %(written)s. Nothing is booked.")
    what_to_do = _("Count again. If the sheet is wrong, give it up and write a new one.")


class BoxRefused(Refusal):
    """A meeting of a savings group breaks the rules that the group agreed (`core.savings` says which)."""

    code = "finance.box_refused"
    http_status = 422
    message = _("The rules of the group do not allow this: %(why)s.")
    what_to_do = _("Check the sheet of the meeting with the members.")


class DebtsOpen(AboutAmounts):
    """Members owe the box more than their part of it."""

    code = "finance.debts_open"
    http_status = 422
    message = _("%(owed)s is owed beyond the parts of: %(members)s. The box cannot be shared out yet.")
    what_to_do = _("These members bring the rest first, at a meeting.")


class BeforeLastMovement(Refusal):
    """A day before what is already booked on the account."""

    code = "finance.before_last_movement"
    http_status = 422
    message = _("%(last_on)s is already booked on this account. Choose a day that is not before it.")
    what_to_do = _("Check the day. A mistake is taken back first, the latest one first.")


class PeriodImpossible(Refusal):
    """Interest is posted for whole months that are over."""

    code = "finance.period_impossible"
    http_status = 422
    message = _("Interest is posted up to the last day of a month that is over, not up to %(until)s.")


class GuaranteeExposure(AboutAmounts):
    """Guarantees of this guarantor would stand for more than they may."""

    code = "finance.guarantee_exposure"
    http_status = 422
    message = _("Guarantees of this guarantor already stand for %(standing)s; with %(asked)s they pass %(limit)s.")
    what_to_do = _("Ask for less, name another guarantor, or wait until another loan is paid back.")


class GuarantorIsBorrower(Refusal):
    """Nobody stands for their own loan."""

    code = "finance.guarantor_is_borrower"
    http_status = 422
    message = _("The borrower cannot stand for this loan alone. Name another guarantor, or the members together.")


class MoreThanCalled(AboutAmounts):
    """A guarantor pays no more than was called."""

    code = "finance.more_than_called"
    http_status = 422
    message = _("Only %(open)s of this guarantee is still to be paid.")


class MoreThanPledged(AboutAmounts):
    """More comes in under a pledge than was pledged."""

    code = "finance.more_than_pledged"
    http_status = 422
    message = _("Only %(open)s of this pledge is still to come.")
    what_to_do = _("Put the rest in as money of its own, or record a second pledge.")


class LineShort(AboutAmounts):
    """More would be drawn from a line than it has left, or paid back than is owed."""

    code = "finance.line_short"
    http_status = 422
    message = _("This line with the bank has %(free)s left for this; %(asked)s is asked.")
