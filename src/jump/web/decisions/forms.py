"""The forms of a round: opening it, interests, scores, the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.engines.decisions import api as decisions
from jump.web.forms import CountField, DayField, PageForm, PickField, PickManyField

BOXES_MAX = 7


class NewRound(PageForm):
    """Which decision, where, when, and who sits."""

    title = forms.CharField(label=_("What is it called?"), required=False, max_length=200)
    opens_on = DayField(label=_("First day"), future=True)
    closes_on = DayField(label=_("Last day"), future=True, quick=False)

    def __init__(self, *args: Any, panel: Sequence[tuple[str, str]], panel_min: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = _("At least %(n)s people.") % {"n": panel_min} if panel_min else ""
        self.fields["panel"] = PickManyField(
            label=_("Who sits on the panel?"), choices=list(panel), required=bool(panel_min), help_text=help_text
        )


class Interest(PageForm):
    """Before scoring, everybody says whether they have an interest in a candidate."""

    has_interest = PickField(
        label=_("Do you have an interest in this candidate?"),
        help_text=_("You, your family, your employer or your organisation would gain or lose by this decision."),
        choices=[("no", _("No")), ("yes", _("Yes"))],
    )
    what = forms.CharField(label=_("If yes: which"), required=False)


class Sheet(PageForm):
    """One member's scores for one candidate, by the criteria frozen when the round opened."""

    def __init__(self, *args: Any, criteria: Sequence[decisions.CriterionView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = [one for one in criteria if not one.computed]
        for one in self.criteria:
            if one.screening:
                field: forms.Field = PickField(
                    label=one.title, help_text=one.help, choices=[("1", _("Yes")), ("0", _("No"))], required=False
                )
            elif one.scale_max - one.scale_min < BOXES_MAX:
                scale = [(str(n), str(n)) for n in range(one.scale_min, one.scale_max + 1)]
                field = PickField(label=one.title, help_text=one.help, choices=scale, required=False)
            else:
                words = _("%(low)s to %(high)s.") % {"low": one.scale_min, "high": one.scale_max}
                field = CountField(
                    label=one.title, help_text=f"{one.help} {words}".strip(), required=False, min_value=None
                )
            self.fields[f"s-{one.id}"] = field
            self.fields[f"c-{one.id}"] = forms.CharField(
                label=_("What do you base this on?"),
                required=False,
                widget=forms.Textarea({"rows": "2"}),
                help_text=_("Needed for this one.") if one.evidence else "",
            )

    def lines(self) -> list[dict[str, Any]]:
        return [
            {"criterion": one, "score": self[f"s-{one.id}"], "comment": self[f"c-{one.id}"]} for one in self.criteria
        ]

    def scores(self) -> dict[str, int]:
        found = {one.id: self.cleaned_data.get(f"s-{one.id}") for one in self.criteria}
        return {name: int(value) for name, value in found.items() if value not in (None, "")}

    def comments(self) -> dict[str, str]:
        return {one.id: self.cleaned_data.get(f"c-{one.id}", "") for one in self.criteria}


class Decision(PageForm):
    """What the panel decides about every candidate, with reasons, minutes and who was present."""

    def __init__(
        self, *args: Any, round_: decisions.RoundView, candidates: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = candidates
        for ref, name in candidates:
            self.fields[f"o-{ref}"] = PickField(
                label=_("%(name)s: what is decided?") % {"name": name},
                choices=[(one.id, one.title) for one in round_.outcomes],
                required=False,
            )
            self.fields[f"r-{ref}"] = forms.CharField(
                label=_("Reason"),
                help_text=_("Needed unless it is the good answer that the ranking gives. The community reads it."),
                required=False,
                widget=forms.Textarea({"rows": "2"}),
            )
        self.fields["present"] = PickManyField(
            label=_("Who was present?"),
            choices=[(str(one.user_id), one.name) for one in round_.panel],
            required=False,
        )
        self.fields["minutes"] = forms.CharField(
            label=_("Minutes"), widget=forms.Textarea({"rows": "6"}), required=False
        )

    def choices(self) -> list[decisions.Choice]:
        from jump.core.units import Ref

        return [
            decisions.Choice(Ref(ref), self.cleaned_data[f"o-{ref}"], self.cleaned_data[f"r-{ref}"])
            for ref, _name in self.candidates
            if self.cleaned_data[f"o-{ref}"]
        ]
