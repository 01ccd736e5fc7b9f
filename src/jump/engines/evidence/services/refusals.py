"""What evidence refuses, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import KeyReused, Refusal
from jump.engines.evidence.types import FieldError


class AnswersInvalid(Refusal):
    """Answers that the form does not allow. `errors` maps the question's path to its sentences."""

    code = "evidence.answers_invalid"
    http_status = 422
    message = _("Some answers need a second look.")
    what_to_do = _("Correct the marked answers and send again. What you typed is kept.")

    def __init__(self, found: Sequence[FieldError], **facts: Any) -> None:
        errors: dict[str, list[str]] = {}
        codes: dict[str, str] = {}
        for one in found:
            errors.setdefault(one.path, []).append(f"{one.message} {one.what_to_do}".strip())
            codes.setdefault(one.path, one.code)
        super().__init__(errors=errors, codes=codes, **facts)
        self.found = tuple(found)


class DateImpossible(AnswersInvalid):
    """A day that does not exist, or lies ahead."""

    code = "evidence.date_impossible"
    message = _("A date is not possible.")
    what_to_do = _("Correct the date and send again. What you typed is kept.")


class AttachmentMissing(AnswersInvalid):
    """A photo or file that the form asks for did not come."""

    code = "evidence.attachment_missing"
    message = _("A photo or file is missing.")
    what_to_do = _("Add it and send again. What you typed is kept.")


class AttachmentUnasked(Refusal):
    """A file for a question that does not ask for one."""

    code = "evidence.attachment_unasked"
    http_status = 422
    message = _("The form does not ask for the file %(name)s.")
    what_to_do = _("Send it with the question that asks for a file.")


class EvidenceKeyReused(KeyReused):
    """The same idempotency key came with other answers."""

    code = "evidence.key_reused"


class OwnWork(Refusal):
    """Nobody reviews or checks what they wrote themselves."""

    code = "evidence.own_work"
    http_status = 403
    message = _("You wrote this yourself, so somebody else has to look at it.")
    what_to_do = _("Ask a colleague.")


class NotWaiting(Refusal):
    """The submission is not waiting for a review."""

    code = "evidence.not_waiting"
    message = _("This form is not waiting for a review: it is %(state)s.")
    what_to_do = _("Reload the page to see what happened.")


class ReasonMissing(Refusal):
    """A rejection says why."""

    code = "evidence.reason_missing"
    http_status = 422
    message = _("Say why.")
    what_to_do = _("One sentence is enough.")


class NothingChosen(Refusal):
    """Nothing, or too much, was chosen to be reviewed at once."""

    code = "evidence.nothing_chosen"
    http_status = 422
    message = _("%(chosen)s forms are chosen.")
    what_to_do = _("Choose from 1 to %(most)s of them.")


class FormNotPublic(Refusal):
    """Only signed-in people send this form."""

    code = "evidence.form_not_public"
    http_status = 403
    message = _("This form is for signed-in people.")
    what_to_do = _("Sign in, then send it.")


class DossierIncomplete(Refusal):
    """A dossier is signed when it is complete and its conditions hold."""

    code = "evidence.dossier_incomplete"
    message = _("%(numerator)s of %(denominator)s parts are there. Missing: %(missing)s.")
    what_to_do = _("Fill what is missing, then sign.")


class NotTheSigner(Refusal):
    """The dossier is signed by one role."""

    code = "evidence.not_the_signer"
    http_status = 403
    message = _("This is signed by the %(role)s.")
    what_to_do = _("Ask them to sign.")


class AlreadySigned(Refusal):
    """A dossier is signed once."""

    code = "evidence.already_signed"
    message = _("This was signed on %(on)s.")


class SignedForAnother(Refusal):
    """Each party signs by a person of its own."""

    code = "evidence.signed_for_another"
    message = _("You already signed this for: %(party)s.")
    what_to_do = _("Another person signs for the other party.")


class SampleImpossible(Refusal):
    """More units are asked for than there are."""

    code = "evidence.sample_impossible"
    http_status = 422
    message = _("%(size)s cannot be drawn from %(units)s.")
    what_to_do = _("Ask for fewer.")


class SheetOfAnotherForm(Refusal):
    """The workbook was made for another form than the one it is sent to."""

    code = "evidence.sheet_of_another_form"
    http_status = 422
    message = _("This file is for the form %(found)s, not for %(wanted)s.")
    what_to_do = _("Send it on the page of that form, or download the template of this one.")


class SheetUnreadable(Refusal):
    """No sheet of the workbook carries the headings of the form."""

    code = "evidence.sheet_unreadable"
    http_status = 422
    message = _("No sheet of %(name)s has the headings of this form: %(what)s.")
    what_to_do = _("Copy your rows into the template of this form; its first, hidden row names the questions.")


class SheetHasProblems(Refusal):
    """All rows were asked for, and some of them cannot be taken."""

    code = "evidence.sheet_has_problems"
    message = _("%(bad)s rows cannot be taken as they are, so nothing was taken in.")
    what_to_do = _("Mend them in the marked file and send it again, or take in only the rows that are right.")


class SheetBusy(Refusal):
    """The spreadsheet is at work, or is past the point where this can be done."""

    code = "evidence.sheet_not_ready"
    message = _("This cannot be done with the spreadsheet now: it is %(state)s.")
    what_to_do = _("Reload the page to see how far it is.")


class SheetSettled(Refusal):
    """Nothing of the spreadsheet waits any more: every form of it was looked at."""

    code = "evidence.sheet_settled"
    message = _("All forms of this spreadsheet have been decided about, so they cannot be taken back together.")
    what_to_do = _("Send a correction of the single form, or ask the person who approved it.")


class FormNotOffered(Refusal):
    """A device sent a form of another project."""

    code = "evidence.form_not_offered"
    http_status = 403
    message = _("The form %(form)s is not among those that this device may send.")
    what_to_do = _("The coordinator sees it and can place it. Keep it on the device until then.")


class HeldNotTakeable(Refusal):
    """It is no form, or its form is not whole yet."""

    code = "evidence.held_not_takeable"
    message = _("This cannot be taken as it is.")
    what_to_do = _("Look at the file, then lay it aside with a reason.")


class TooMuchHeld(Refusal):
    """One device has sent more that cannot be placed than is held."""

    code = "evidence.too_much_held"
    http_status = 429
    message = _("More than %(most)s forms of this device wait for a decision.")
    what_to_do = _("Keep the forms on the device and tell the coordinator.")


class ConflictUndecided(Refusal):
    """A decision that leaves out a question which both people answered, or names an answer that there is not."""

    code = "evidence.conflict_undecided"
    http_status = 422
    message = _("%(open)s questions are not decided.")
    what_to_do = _("Choose one of the two answers for each question.")
