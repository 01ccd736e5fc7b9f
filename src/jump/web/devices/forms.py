"""What is asked of who makes a device, and of who decides about what could not be placed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jump.base import users
from jump.base.actors import Actor
from jump.engines.evidence import api as evidence
from jump.web.acting import KeyedForm
from jump.web.forms import PickManyField


def place_choices(actor: Actor) -> list[tuple[str, str]]:
    """The places of which this actor may make devices."""
    places = users.places_under(actor.paths_with("evidence.review"))
    return [(one.path, "\u2003" * one.depth + one.title) for one in places]


class DeviceForm(KeyedForm):
    """A name for the device, its place, its forms and who carries it."""

    name = forms.CharField(
        label=_("Name of the device"), max_length=100, help_text=_("As people know it, for example: Phone of Liza.")
    )
    scope = forms.ChoiceField(label=_("Place"), help_text=_("What it sends belongs there."))
    carrier = forms.ChoiceField(
        label=_("Who carries it"),
        required=False,
        help_text=_("What it sends is then that person's work, and nobody looks at their own."),
    )
    forms = PickManyField(label=_("Forms"), required=False, help_text=_("None chosen: all forms of the place."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = place_choices(actor)  # type: ignore[attr-defined]
        carriers = [(str(number), name) for number, name in evidence.carriers(actor)]
        self.fields["carrier"].choices = [("", "–"), *carriers]  # type: ignore[attr-defined]
        offered = sorted((one.title, one.id) for one in evidence.offered(get_language()))
        self.fields["forms"].choices = [(form_id, title) for title, form_id in offered]  # type: ignore[attr-defined]


class TakeForm(KeyedForm):
    """Where something is placed that had no place, and a word about it."""

    scope = forms.ChoiceField(label=_("Place"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, actor: Actor, chosen: str = "", placed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if placed:
            self.fields["scope"].choices = place_choices(actor)  # type: ignore[attr-defined]
            self.fields["scope"].initial = chosen
        else:
            del self.fields["scope"]


class DismissForm(KeyedForm):
    """Why something is laid aside."""

    note = forms.CharField(label=_("Why"), max_length=500, help_text=_("One sentence is enough. The bytes are kept."))
