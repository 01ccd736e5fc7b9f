"""What the pages of spreadsheets ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from jump.base.actors import Actor, can
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from jump.web.acting import KeyedForm
from jump.web.forms import DayField, PageForm, PickField

# Beside which field a refusal belongs.
FIELDS = {
    "evidence.not_a_spreadsheet": "file",
    "evidence.spreadsheet_too_large": "file",
    "evidence.sheet_of_another_form": "file",
    "evidence.sheet_unreadable": "file",
    "base.file_too_large": "file",
    "base.file_type": "file",
    "evidence.date_impossible": "on",
}
FORMATS = {"xlsx": "Excel", "csv": "CSV", "json": "JSON", "jsonl": _("JSON lines"), "geojson": "GeoJSON"}


def places_of(actor: Actor, right: str = "") -> list[tuple[str, str]]:
    """The places that this actor may choose, in the order of the tree, the programme first."""
    programme = parties.programme(actor)
    found = [(programme.scope, programme.title), *((one.scope, one.name) for one in parties.places(actor))]
    paths = tuple(grant.path for grant in actor.grants)
    return [
        (scope, name)
        for scope, name in dict(found).items()
        if (
            can(actor, right, scope)
            if right
            else scope.startswith(paths) or any(one.startswith(scope) for one in paths)
        )
    ]


class SendForm(PageForm):
    """A filled spreadsheet, and where and when its rows were where they do not say so."""

    file = forms.FileField(label=_("The filled file"), help_text=_("An Excel workbook (.xlsx) of at most 60 MB."))
    scope = forms.ChoiceField(
        label=_("Place"), help_text=_("Where a row names no place. A row may name one within this place.")
    )
    on = DayField(label=_("Day"), help_text=_("Where a row names no day."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["scope"]
        chosen.choices = places_of(actor, "evidence.submit")


class OutForm(PageForm):
    """Which forms go out, and as what."""

    kind = PickField(
        label=_("As"),
        choices=list(FORMATS.items()),
        initial="xlsx",
        help_text=_(
            "CSV, with repeats a zip of several files, and JSON begin at once; Excel takes some minutes for many "
            "thousand forms. GeoJSON holds the places on the map."
        ),
    )
    scope = forms.ChoiceField(label=_("Place"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    since = DayField(label=_("From the day"), quick=False, required=False)
    until = DayField(label=_("To the day"), quick=False, required=False)
    in_words = forms.BooleanField(
        label=_("Headings and choices in words"), required=False, help_text=_("Else the names and codes of the form.")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope: Any = self.fields["scope"]
        state: Any = self.fields["state"]
        scope.choices = [("", now("Everywhere I may look")), *places_of(actor)]
        words = {"received": now("waiting"), "accepted": now("accepted"), "rejected": now("refused")}
        state.choices = [("", now("All")), *words.items(), ("sent_back", now("sent back"))]

    def asked(self, form_id: str) -> evidence.ExportAsked:
        said = self.cleaned_data
        return evidence.ExportAsked(
            form_id,
            scope=said["scope"],
            since=said["since"],
            until=said["until"],
            state=said["state"],
            in_words=said["in_words"],
        )


class UndoForm(KeyedForm):
    """Why the forms of a spreadsheet are taken back."""

    why = forms.CharField(label=_("Why"), max_length=500, help_text=_("It stands in the trail of each form."))
