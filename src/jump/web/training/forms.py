"""The short forms of training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.base.actors import ROLES
from jump.web.acting import KeyedForm
from jump.web.forms import CountField, DayField, MoneyField, PageForm, PickField, PickManyField
from jump.web.training.words import LANGUAGE_NAMES, LEVELS, WORK_KINDS

Choices = Sequence[tuple[str, Any]]


class NewCourse(KeyedForm):
    """A course: what is taught, where, when, by whom, and for which communities."""

    curriculum = forms.ChoiceField(label=_("What is taught"))
    title = forms.CharField(label=_("Name of the course"), max_length=200)
    level = PickField(label=_("Level"), choices=list(LEVELS.items()))
    scope = forms.ChoiceField(label=_("Where it belongs"))
    starts_on = DayField(label=_("First day"), future=True, quick=False)
    ends_on = DayField(label=_("Last day"), future=True, quick=False)
    provider = forms.ChoiceField(
        label=_("Who gives it"), required=False, help_text=_("Leave it open when the programme gives it itself.")
    )
    trainers = PickManyField(label=_("Who trains"), required=False)
    communities = PickManyField(
        label=_("For which communities"), required=False, help_text=_("Coverage is counted against them.")
    )

    def __init__(
        self,
        *args: Any,
        curricula: Choices,
        scopes: Choices,
        providers: Choices,
        trainers: Choices,
        communities: Choices,
        **known: Any,
    ) -> None:
        super().__init__(*args, **known)
        for name, choices in (("curriculum", curricula), ("scope", scopes)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name, choices in (("trainers", trainers), ("communities", communities)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if not choices:
                del self.fields[name]
        self.fields["provider"].choices = [("", _("The programme")), *providers]  # type: ignore[attr-defined]


class NewDay(KeyedForm):
    """One day of a course."""

    title = forms.CharField(label=_("What is done"), max_length=200)
    planned_on = DayField(label=_("Day"), future=True, quick=False)
    hours = forms.DecimalField(label=_("Hours"), min_value=0, max_value=24, decimal_places=2, required=False)
    agenda = forms.CharField(
        label=_("Programme"),
        widget=forms.Textarea,
        required=False,
        help_text=_("One point in each line, with its time first: 09:30 Welcome."),
    )
    materials = forms.CharField(
        label=_("Materials"), widget=forms.Textarea, required=False, help_text=_("One in each line.")
    )
    facilitators = PickManyField(label=_("Who leads"), required=False)

    def __init__(self, *args: Any, people: Choices, **known: Any) -> None:
        super().__init__(*args, **known)
        self.fields["facilitators"].choices = people  # type: ignore[attr-defined]
        if not people:
            del self.fields["facilitators"]


class Waiver(PageForm):
    waive = forms.CharField(
        label=_("Why somebody may begin without what is missing"),
        required=False,
        help_text=_("Only who may waive. It stays on the record with your name."),
    )


class Why(KeyedForm):
    why = forms.CharField(label=_("Why"), help_text=_("One sentence. It stays on the record with your name."))


class Note(KeyedForm):
    note = forms.CharField(
        label=_("Why nothing needs to be changed"), widget=forms.Textarea, help_text=_("It stays on the record.")
    )


class LastDay(KeyedForm):
    on = DayField(label=_("Finished on"))


class ListFile(PageForm):
    """A spreadsheet of people."""

    file = forms.FileField(
        label=_("The list"), help_text=_("An .xlsx or .csv file with the headings of the empty list.")
    )


class ActionPoint(KeyedForm):
    """What somebody is to do after a gathering."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    owner_role = PickField(label=_("Who"), choices=[])
    due_on = DayField(label=_("By when"), future=True, quick=False, required=False)

    def __init__(self, *args: Any, **known: Any) -> None:
        super().__init__(*args, **known)
        wanted = ("extension_worker", "core_team", "national_coordinator", "partner", "fund_manager")
        self.fields["owner_role"].choices = [(code, _(ROLES[code].title)) for code in wanted]  # type: ignore[attr-defined]


class HeldDay(PageForm):
    """What is written down when a day is over."""

    held_on = DayField(label=_("Which day was it?"))
    minutes = forms.CharField(label=_("What was agreed"), widget=forms.Textarea, required=False)
    issues = forms.CharField(
        label=_("What was difficult"), help_text=_("One in each line."), widget=forms.Textarea, required=False
    )
    why = forms.CharField(
        label=_("Why the list is changed"),
        required=False,
        help_text=_("Only when the day was recorded before. It stays on the record."),
    )


# Materials ----------------------------------------------------------------------------------------------------


class NewMaterial(KeyedForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    kind = PickField(label=_("Kind"), choices=list(WORK_KINDS.items()))
    curriculum = forms.ChoiceField(label=_("For which curriculum"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGE_NAMES.items()))

    def __init__(self, *args: Any, curricula: Choices, **known: Any) -> None:
        super().__init__(*args, **known)
        self.fields["curriculum"].choices = [("", "–"), *curricula]  # type: ignore[attr-defined]


class NextEdition(KeyedForm):
    """A translation, an adaptation to a place, or a revision: always from a parent, always with what changed."""

    parent = PickField(label=_("From which edition"), choices=[])
    language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGE_NAMES.items()))
    scope = forms.ChoiceField(label=_("For which place"))
    change = forms.CharField(label=_("What it changes, and why"), widget=forms.Textarea)
    because = forms.ChoiceField(
        label=_("Which course asked for it"), required=False, help_text=_("Publishing it finishes the revision.")
    )
    due_on = DayField(label=_("To be ready by"), future=True, quick=False, required=False)

    def __init__(self, *args: Any, parents: Choices, scopes: Choices, courses: Choices, **known: Any) -> None:
        super().__init__(*args, **known)
        self.fields["parent"].choices = parents  # type: ignore[attr-defined]
        self.fields["scope"].choices = scopes  # type: ignore[attr-defined]
        self.fields["because"].choices = [("", "–"), *courses]  # type: ignore[attr-defined]


class WriteEdition(KeyedForm):
    file = forms.FileField(label=_("File"), required=False)
    address = forms.URLField(label=_("Or the address where it is found"), required=False, assume_scheme="https")
    licence = forms.CharField(label=_("Licence"), max_length=80, required=False)
    cost_minor = MoneyField(label=_("What it cost"), currency="USD", required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("file") and not given.get("address"):
            self.add_error("file", _("Give the file or an address"))
        return given


class EditionTest(KeyedForm):
    on = DayField(label=_("Tried on"))
    result = forms.CharField(label=_("With whom, and how it went"), widget=forms.Textarea)
    people = CountField(label=_("How many people"), min_value=1, required=False)
