"""What is asked of who uploads or publishes a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.base import users
from jump.base.actors import Actor
from jump.engines.evidence import api as evidence
from jump.web.forms import PageForm, PickField

RIGHT = "evidence.forms"


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files at once."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(one, initial) for one in given]


def place_words(places: Sequence[users.RolePlace]) -> list[tuple[str, str]]:
    """The places as choices, each set in under the one that holds it."""
    return [(one.path, "\u2003" * one.depth + one.title) for one in places]


class UploadForm(PageForm):
    """An XLSForm with the files that lie beside it."""

    file = forms.FileField(
        label=_("The form"), help_text=_("An XLSForm: an .xlsx or .xls workbook with a sheet called survey.")
    )
    media = FilesField(
        label=_("Files beside it"),
        help_text=_("Pictures, sounds and tables (.csv) that the form names. They can be added later as well."),
        required=False,
    )
    scope = forms.ChoiceField(
        label=_("Where it is offered"), help_text=_("At this place and at every place inside it.")
    )
    data_class = PickField(
        label=_("Is it about people?"),
        choices=[
            ("P1", _("No, about the work")),
            ("P2", _("Yes: names, ages, addresses")),
            ("P3", _("Yes, and sensitive: health, refuge, children")),
        ],
    )
    review = PickField(
        label=_("Who looks at what comes in?"),
        choices=[
            (str(evidence.ReviewPolicy.ALL), _("One person looks at every form")),
            (str(evidence.ReviewPolicy.TWO), _("Two people look at every form")),
            (str(evidence.ReviewPolicy.SAMPLE), _("One in ten is looked at")),
            (str(evidence.ReviewPolicy.NONE), _("Nobody; it counts at once")),
        ],
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = users.places_under(actor.paths_with(RIGHT))
        self.fields["scope"].choices = place_words(places)  # type: ignore[attr-defined]
        self.fields["data_class"].initial = "P1"
        self.fields["review"].initial = str(evidence.ReviewPolicy.ALL)


class FilesForm(PageForm):
    media = FilesField(
        label=_("Files beside the form"), help_text=_("A file of the same name takes the place of the old one.")
    )


class PublishForm(PageForm):
    """Publishing, with a tick where earlier answers are no longer asked for."""

    agreed = forms.BooleanField(
        label=_("The answers to these questions stay under the old version only. Publish anyway."), required=False
    )


class CompareForm(PageForm):
    """Two versions of one form."""

    before = forms.ChoiceField(label=_("Earlier version"))
    after = forms.ChoiceField(label=_("Later version"))

    def __init__(self, *args: Any, versions: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("before", "after"):
            self.fields[name].choices = [(one, one) for one in versions]  # type: ignore[attr-defined]
