"""What cases refuses, by name."""

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import KeyReused, Refusal


class CaseKeyReused(KeyReused):
    code = "cases.key_reused"


class AlreadyOpen(Refusal):
    """One live case per subject and procedure: a letter sent twice does not open a second road (SELECT-06)."""

    code = "cases.already_open"
    message = _("There is already an open case for %(title)s.")
    what_to_do = _("Go on with case %(case)s. Nothing new was opened.")


class CaseClosed(Refusal):
    code = "cases.closed"
    message = _("This case is closed.")
    what_to_do = _("Reopen it with a reason, then go on.")


class StepNotHere(Refusal):
    """The step is not open for work: done already, or something else comes first."""

    code = "cases.step_not_here"
    message = _("The case does not stand at the step “%(title)s” now.")
    what_to_do = _("Look at the case to see which step is next.")


class WrongStepKind(Refusal):
    code = "cases.wrong_step_kind"
    message = _("The step “%(title)s” does not ask for this.")
    what_to_do = _("Give what the step asks for: %(asks)s.")


class GateClosed(Refusal):
    """An entry gate of the step is neither met nor waived."""

    code = "cases.gate_closed"
    message = _("This step cannot start yet. Still missing: %(missing)s.")
    what_to_do = _("Do what is missing, or ask the role named at the gate to waive it with a reason.")


class NoSuchGate(Refusal):
    code = "cases.no_such_gate"
    http_status = 404
    message = _("The step “%(title)s” has no gate named %(gate)s.")
    what_to_do = _("Choose one of its gates.")


class NotWaivable(Refusal):
    code = "cases.not_waivable"
    http_status = 403
    message = _("You cannot waive this gate.")
    what_to_do = _("It can be waived by: %(role)s.")


class ReasonMissing(Refusal):
    code = "cases.reason_missing"
    http_status = 422
    message = _("A reason is missing.")
    what_to_do = _("Write in a sentence why. It stays on the record.")


class NotOptional(Refusal):
    code = "cases.not_optional"
    message = _("The step “%(title)s” cannot be left out.")
    what_to_do = _("Do the step. Only steps marked as optional can be left out.")


class UnknownStep(Refusal):
    code = "cases.unknown_step"
    http_status = 404
    message = _("The procedure has no step %(step)s.")
    what_to_do = _("Choose one of its steps.")


class UnknownOutcome(Refusal):
    """An answer that the step does not declare: the procedure and the round do not fit each other."""

    code = "cases.unknown_outcome"
    message = _("The step “%(title)s” does not say what follows the outcome %(outcome)s.")
    what_to_do = _(
        "Ask for a correction of the programme package. The outcome was not lost: it stays with the decision."
    )


class AlreadyAnswered(Refusal):
    code = "cases.already_answered"
    message = _("The step “%(title)s” already has the answer %(outcome)s.")
    what_to_do = _("If it was wrong, reopen the step with a reason.")


class UnknownQuestion(Refusal):
    code = "cases.unknown_question"
    http_status = 404
    message = _("No step waits for the answer %(key)s.")
    what_to_do = _("Nothing was changed.")


class DateImpossible(Refusal):
    code = "cases.date_impossible"
    http_status = 422
    message = _("The date %(day)s cannot be right here.")
    what_to_do = _("%(why)s")


class LooseName(Refusal):
    """Names live with people only; an attendance list keeps no loose names."""

    code = "cases.loose_name"
    http_status = 422
    message = _("“%(name)s” is not yet in the list of people.")
    what_to_do = _("Add the person first, or count them without a name by sex and age group.")


class SessionNotPlanned(Refusal):
    code = "cases.session_not_planned"
    message = _("This gathering is %(state)s, so it cannot be changed this way.")
    what_to_do = _("Record a new one.")


class ReportNotExpected(Refusal):
    code = "cases.report_not_expected"
    message = _("No report on this gathering is expected from %(from_ref)s.")
    what_to_do = _("Choose one of the groups that took part.")


class CourseClosed(Refusal):
    code = "cases.course_closed"
    message = _("This course is finished.")
    what_to_do = _("Open a new course for more people.")


class CourseNotHeld(Refusal):
    """A course of which no day was held trained nobody."""

    code = "cases.course_not_held"
    message = _("No day of this course was held yet.")
    what_to_do = _("Record the days that were held, then finish the course.")


class EntryClosed(Refusal):
    """An entry gate of the curriculum is not met by somebody who is to be enrolled. Nobody was enrolled."""

    code = "cases.entry_closed"
    message = _("Not everybody may begin this course: %(missing)s.")
    what_to_do = _("Do what is missing first, or ask who may waive it to enrol them with a reason.")


class MonthNotOver(Refusal):
    """A month is signed when it is over: until then something may still happen in it."""

    code = "cases.month_not_over"
    http_status = 422
    message = _("%(month)s is not over yet.")
    what_to_do = _("Sign it on its last day or later.")


class MonthSigned(Refusal):
    """A signed month stays as it was signed."""

    code = "cases.month_signed"
    message = _("This month was signed on %(signed_on)s.")
    what_to_do = _("What was recorded since then stands beside it; it counts in the month it belongs to.")


class NotTheirOwn(Refusal):
    """A month is signed by the worker it is about, and read by somebody else."""

    code = "cases.not_their_own"
    http_status = 403
    message = _("A month is signed by the worker themselves and read by another person.")
    what_to_do = _("Ask the worker to sign it, or somebody else to read it.")


class ListHasProblems(Refusal):
    """A list of people with a wrong cell is not taken in: nothing of it was kept."""

    code = "cases.list_has_problems"
    http_status = 422
    message = _("%(count)s cells of the list are not right. Nothing was taken in.")
    what_to_do = _("Mend the cells that are named and send the list again.")


class ListUnreadable(Refusal):
    """The file is no spreadsheet, has no heading row that is known, or has too many rows."""

    code = "cases.list_unreadable"
    http_status = 422
    message = _("This list cannot be read: %(why)s")
    what_to_do = _("Take the empty list of this page, fill it in and send it as .xlsx or .csv.")


class TaskClosed(Refusal):
    code = "cases.task_closed"
    message = _("This task is already %(state)s.")
    what_to_do = _("Add a new task if something is still to do.")
