"""What evidence refuses of forms that are uploaded, by name."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal
from jump.engines.evidence.definitions.sheets import Problem
from jump.engines.evidence.types import FormProblem


class FormRefused(Refusal):
    """A form that cannot be used. `problems` says where, why and what to do, cell by cell; nothing of it is kept."""

    code = "evidence.form_broken"
    http_status = 422
    message = _("The form %(name)s cannot be used yet: %(count)s problems.")
    what_to_do = _("Mend these cells and upload the form again: %(first)s")

    def __init__(self, name: str, found: Sequence[Problem]) -> None:
        self.problems = tuple(
            FormProblem(one.sheet, one.row, one.column, one.message, one.what_to_do, one.line) for one in found
        )
        super().__init__(name=name, count=len(found), first=str(found[0]), problems=[one.as_row() for one in found])


class FormIdTaken(Refusal):
    """The form's id is that of another form, which lives elsewhere."""

    code = "evidence.form_id_taken"
    message = _("There is already a form %(form)s, and it belongs to another place.")
    what_to_do = _("Write another form_id on the sheet settings, and upload the form again.")


class FormVersionTaken(Refusal):
    """A published version is never changed."""

    code = "evidence.form_version_taken"
    message = _("Version %(version)s of the form %(form)s is published, and a published version is never changed.")
    what_to_do = _("Write a new version on the sheet settings, and upload the form again.")


class FormMediaMissing(Refusal):
    """A table from which the form takes its choices or values is not there."""

    code = "evidence.form_media_missing"
    http_status = 422
    message = _("The form needs files that are not here: %(names)s.")
    what_to_do = _("Add these files, then publish the form.")


class FormLosesAnswers(Refusal):
    """The new version no longer asks for something that was answered before."""

    code = "evidence.form_loses_answers"
    message = _("%(count)s filled forms have answers that the new version no longer asks for: %(questions)s.")
    what_to_do = _("Keep these questions, or confirm that the old answers stay under the old version only.")
