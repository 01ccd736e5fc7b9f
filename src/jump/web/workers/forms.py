"""The short forms of extension workers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.web.acting import KeyedForm
from jump.web.forms import CountField, DayField, MoneyField, PickField

WAYS = (
    ("foot", _("On foot")),
    ("bicycle", _("Bicycle")),
    ("motorbike", _("Motorbike")),
    ("car", _("Car")),
    ("bus", _("Bus")),
    ("boat", _("Boat")),
)


class PlanVisit(KeyedForm):
    to = forms.ChoiceField(label=_("Where to"))
    planned_on = DayField(label=_("Day"), future=True, quick=False)
    purpose = forms.CharField(label=_("What for"), max_length=200)

    def __init__(self, *args: Any, places: list[tuple[str, str]], **known: Any) -> None:
        super().__init__(*args, **known)
        self.fields["to"].choices = places  # type: ignore[attr-defined]


class VisitMade(KeyedForm):
    held_on = DayField(label=_("Which day was it?"))
    minutes = forms.CharField(label=_("What was found and agreed"), widget=forms.Textarea)
    travel_km = CountField(label=_("Kilometres there and back"), min_value=0, required=False)
    travel_by = PickField(label=_("How you travelled"), choices=[("", _("Not said")), *WAYS], required=False)
    cost_minor = MoneyField(label=_("What the way cost"), currency="USD", required=False)

    def __init__(self, *args: Any, currency: str, **known: Any) -> None:
        super().__init__(*args, **known)
        self.fields["cost_minor"].currency = currency  # type: ignore[attr-defined]


class SignMonth(KeyedForm):
    note = forms.CharField(label=_("A word to the coordinator"), widget=forms.Textarea, required=False)


class ReadMonth(KeyedForm):
    answer = forms.CharField(label=_("A word back to the worker"), widget=forms.Textarea, required=False)
