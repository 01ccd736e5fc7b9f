"""The small forms of cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.web.forms import CountField, DayField, PageForm, PickField


class Reason(PageForm):
    """Why something passes, or is left out. It stays on the record."""

    why = forms.CharField(
        label=_("Why"), help_text=_("One sentence. It stays on the record with your name."), required=False
    )


class NewDate(PageForm):
    due_on = DayField(label=_("New day"), future=True, quick=False)
    why = forms.CharField(label=_("Why"), help_text=_("One sentence. The old day stays on the record."), required=False)


class Verdict(PageForm):
    """What a reviewer says of a form."""

    verdict = PickField(
        label=_("What do you find?"),
        choices=[("accept", _("It is right")), ("send_back", _("Send it back")), ("reject", _("Refuse it"))],
    )
    why = forms.CharField(
        label=_("What should be looked at again, or why"),
        help_text=_("Needed to send back or to refuse."),
        widget=forms.Textarea,
        required=False,
    )


class ManyVerdict(PageForm):
    """What a reviewer says of all that are ticked."""

    verdict = PickField(
        label=_("What do you find of those that are ticked?"),
        choices=[("accept", _("They are right")), ("send_back", _("Send them back")), ("reject", _("Refuse them"))],
    )
    why = forms.CharField(
        label=_("Why"), help_text=_("Needed to send back or to refuse."), widget=forms.Textarea, required=False
    )


class Decision(PageForm):
    """Which of two answers holds, question by question, and why."""

    why = forms.CharField(label=_("Why"), help_text=_("One sentence. It stays on the record with your name."))

    def __init__(self, *args: Any, lines: Sequence[tuple[str, str, list[tuple[str, Any]]]], **kwargs: Any) -> None:
        """`lines`: for each question its label, what stood before, and the two answers with who gave them."""
        super().__init__(*args, **kwargs)
        asked: dict[str, forms.Field] = {}
        for number, (label, before, choices) in enumerate(lines):
            asked[f"q{number}"] = PickField(label=label, choices=choices, help_text=before)
        self.fields = asked | self.fields


class Gathering(PageForm):
    """What happened at a gathering; who came is ticked in a list beside it."""

    held_on = DayField(label=_("Which day was it?"))
    minutes = forms.CharField(label=_("What was agreed"), widget=forms.Textarea, required=False)
    products = forms.CharField(
        label=_("What was made"),
        help_text=_("One in each line: a list, a plan, a decision."),
        widget=forms.Textarea,
        required=False,
    )
    issues = forms.CharField(
        label=_("What was difficult"), help_text=_("One in each line."), widget=forms.Textarea, required=False
    )


class NewPerson(PageForm):
    """Somebody who came and is not registered yet. Nobody is written down without their consent."""

    given_name = forms.CharField(label=_("Given name"))
    family_name = forms.CharField(label=_("Family name"), required=False)
    sex = PickField(
        label=_("Sex"),
        choices=[("female", _("Woman")), ("male", _("Man")), ("other", _("Other")), ("not_stated", _("Not stated"))],
    )
    birth_year = CountField(label=_("Year of birth"), required=False)
    consent = forms.BooleanField(
        label=_("This person agrees that the programme keeps these words about them."), required=False
    )


class Totals(PageForm):
    """People who were only counted: one box for each sex and age group."""

    def __init__(self, *args: Any, bands: list[tuple[str, str]], sexes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, prefix="n", **kwargs)
        self.bands, self.sexes = bands, sexes
        for band, band_title in bands:
            for sex, sex_title in sexes:
                self.fields[f"{sex}:{band}"] = CountField(label=f"{sex_title}, {band_title}", required=False)

    def rows(self) -> list[dict[str, Any]]:
        """The table of boxes, a row for each age group."""
        return [
            {"title": title, "cells": [(label, self[f"{sex}:{band}"]) for sex, label in self.sexes]}
            for band, title in self.bands
        ]

    def totals(self) -> dict[str, int]:
        return {name: number for name, number in self.cleaned_data.items() if number}
