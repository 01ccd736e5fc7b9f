"""What is refused about bank statements and reconciliations, by name."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal
from jump.engines.ledger.models.refusals import AboutAmounts


class StatementRefused(Refusal):
    """A statement has mistakes. All of them are named; nothing of it was taken in."""

    code = "ledger.statement_refused"
    http_status = 422
    message = _("The statement has %(count)s mistakes. Nothing of it was taken in.")
    what_to_do = _("Every mistake is named with its place. Ask the bank for the file again, or say how it is read.")


class StatementTooLarge(Refusal):
    """More bytes than a statement has."""

    code = "ledger.statement_too_large"
    http_status = 413
    message = _("The file has %(size_mb)s MB; a statement has at most %(max_mb)s MB.")
    what_to_do = _("Ask the bank for statements of shorter times.")


class StatementKnown(Refusal):
    """This statement, or every line of it, was taken in before."""

    code = "ledger.statement_known"
    message = _("The statement %(number)s was taken in before, as %(known)s.")
    what_to_do = _("Nothing was changed. Take the statement that comes after it.")


class StatementGap(AboutAmounts):
    """The statement does not begin with the balance that the one before it ends with."""

    code = "ledger.statement_gap"
    message = _("The statement begins with %(opening)s on %(day)s; by those before it, it should be %(expected)s.")
    what_to_do = _("One between them is missing, or this one is of another account. Take in the missing one first.")


class NotReconcilable(Refusal):
    """Only accounts of what we hold or owe, in a currency, have a bank behind them."""

    code = "ledger.not_reconcilable"
    http_status = 422
    message = _("The account %(account)s is not one that a bank sends statements of.")


class LineTaken(Refusal):
    """The line is matched already: somebody else was quicker."""

    code = "ledger.line_taken"
    message = _("The line %(line)s is matched already, by %(match)s.")
    what_to_do = _("Nothing was changed. Look at the list again: it shows what is still open.")


class LineUnknown(Refusal):
    """No such line on this account."""

    code = "ledger.line_unknown"
    http_status = 404
    message = _("There is no line %(line)s on this account.")


class MatchUneven(AboutAmounts):
    """The two sides of a match are not the same amount."""

    code = "ledger.match_uneven"
    http_status = 422
    message = _("The bank's lines sum to %(bank)s and the lines of the books to %(book)s.")
    what_to_do = _("Choose lines that are the same money to the cent. Nothing was changed.")


class MatchHeld(Refusal):
    """A signed reconciliation rests on this match."""

    code = "ledger.match_held"
    message = _("The reconciliation %(reconciliation)s rests on this match.")
    what_to_do = _("Prepare a new reconciliation in its place and say why; then the match can be taken back.")


class OtherPersonNeeded(Refusal):
    """One person would do two things that two people must do."""

    code = "ledger.other_person_needed"
    http_status = 403
    message = _("You have already done the other part of this. A second person must do it.")
    what_to_do = _("Ask a colleague who did not prepare it.")


class NotOpen(Refusal):
    """It was decided or given up before."""

    code = "ledger.not_open"
    message = _("%(ref)s does not wait any more.")


class BankLinesOpen(Refusal):
    """Lines of the bank up to the day are neither matched nor booked."""

    code = "ledger.bank_lines_open"
    message = _("%(count)s lines of the bank up to %(day)s are not matched.")
    what_to_do = _("Match each with the books, or have an entry prepared and approved for it.")


class NotCovered(Refusal):
    """No statement reaches to this day."""

    code = "ledger.not_covered"
    http_status = 422
    message = _("The statements that were taken in do not reach to %(day)s.")
    what_to_do = _("Take in the statement of this day first, or choose an earlier day.")


class DoesNotAgree(AboutAmounts):
    """Books, what is in transit and the bank do not make one sum."""

    code = "ledger.does_not_agree"
    message = _("Books and bank differ by %(difference)s on %(day)s.")
    what_to_do = _("Take in earlier statements, back to a day on which books and bank agree.")


class AlreadyReconciled(Refusal):
    """There is a signed reconciliation of this day or a later one."""

    code = "ledger.already_reconciled"
    message = _("The account is reconciled up to %(day)s by %(reconciliation)s.")
    what_to_do = _("Choose a later day, or prepare a new reconciliation in its place and say why.")


class ChangedMeanwhile(Refusal):
    """Since it was prepared, lines were booked or matched that change it."""

    code = "ledger.changed_meanwhile"
    message = _("Since this reconciliation was prepared, the books or the matches have changed.")
    what_to_do = _("Prepare it again, then let the second person sign.")


class ReconciliationOpen(Refusal):
    """One is prepared and not signed."""

    code = "ledger.reconciliation_open"
    message = _("The reconciliation %(reconciliation)s waits for its second person.")
    what_to_do = _("Have it signed or give it up first.")
