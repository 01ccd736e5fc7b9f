"""The form about lenders that refuse: each with its day and its paper, or a paper that there is no lender at all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.core.units import BadRef, Ref
from jump.web.acting import KeyedForm
from jump.web.forms import DayField

LENDERS = 3


class ProofField(forms.CharField):
    """The number of a record that proves something."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=24, required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return typed
        try:
            return Ref.parse(typed)
        except BadRef:
            raise forms.ValidationError(
                _("This is not the number of a record. It has three letters, a hyphen and eight signs.")
            ) from None


def _paper(label: Any) -> forms.FileField:
    return forms.FileField(label=label, help_text=_("A photo or a PDF, at most 10 MB."), required=False)


class NoLenderForm(KeyedForm):
    """Why no lender will lend; up to three lenders that were asked and refused."""

    why = forms.CharField(
        label=_("Why will no lender lend to them?"),
        help_text=_("For example that they have no title to land. It stays on record."),
        widget=forms.Textarea,
        max_length=600,
    )
    paper = _paper(_("Paper that there is no lender at all"))
    proof = ProofField(label=_("Or the number of a record that proves it"), help_text=_("For example sub-7K3MPQ2X."))
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, LENDERS + 1):
            self.fields[f"lender_{number}"] = forms.CharField(label=_("Name"), max_length=200, required=False)
            day = DayField(label=_("Day on which it refused"), quick=False, required=False)
            day.at(self.fields["on"].today)  # type: ignore[attr-defined]
            self.fields[f"on_{number}"] = day
            self.fields[f"paper_{number}"] = _paper(_("Its letter"))
            self.fields[f"proof_{number}"] = ProofField(
                label=_("Or the number of a record that proves it"), help_text=_("For example sub-7K3MPQ2X.")
            )

    def lenders(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The boxes of each lender."""
        names = ("lender", "on", "paper", "proof")
        return [(number, [self[f"{name}_{number}"] for name in names]) for number in range(1, LENDERS + 1)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        refusals = []
        for number in range(1, LENDERS + 1):
            given = {name: cleaned.get(f"{name}_{number}") for name in ("lender", "on", "paper", "proof")}
            if not any(given.values()):
                continue
            if not given["lender"]:
                self._say(f"lender_{number}", _("Say which lender refused"))
            if not given["on"]:
                self._say(f"on_{number}", _("Say which day"))
            if not given["paper"] and not given["proof"]:
                self._say(f"paper_{number}", _("Add a photo or PDF of the letter, or name a record"))
            refusals.append(given)
        if not refusals and not cleaned.get("paper") and not cleaned.get("proof"):
            self._say("paper", _("Add this paper, or name the lenders that refused"))
        return {**cleaned, "refusals": refusals}

    def _say(self, name: str, words: Any) -> None:
        """One error for a field: what it says itself comes first."""
        if name not in self.errors:
            self.add_error(name, words)
