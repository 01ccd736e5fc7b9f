"""Forms of people and groups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.web.acting import KeyedForm
from jump.web.forms import DayField, PickField, PickManyField
from jump.web.people import words

PERSON_FIELDS = {"parties.consent_missing": "consents", "parties.birth_impossible": "birth_year"}


class PersonForm(KeyedForm):
    """A person with what they agreed to."""

    given_name = forms.CharField(label=_("Given name"), max_length=80)
    family_name = forms.CharField(label=_("Family name"), max_length=80, required=False)
    sex = PickField(label=_("Sex, as the person says"), choices=list(words.SEXES.items()))
    birth_year = forms.IntegerField(
        label=_("Year of birth"),
        min_value=1880,
        max_value=2100,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
    )
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    scope = forms.ChoiceField(label=_("Place"))
    flags = PickManyField(label=_("Situation, as the person says"), required=False)
    sensitive = PickManyField(
        label=_("Sensitive facts, only if the person wants them recorded"),
        choices=list(words.SENSITIVE.items()),
        required=False,
    )
    consents = PickManyField(
        label=_("What the person agrees to"),
        help_text=_("Read it out. Without the first there is no record."),
        choices=list(words.CONSENTS.items()),
        required=False,
    )
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = [("", ""), *places]  # type: ignore[attr-defined]
        self.fields["flags"].choices = words.target_groups()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "consents" not in self.errors and "records" not in cleaned.get("consents", ()):
            self.add_error("consents", _("Without the person’s word that the record may be kept, nothing is saved"))
        return cleaned


class GroupForm(KeyedForm):
    """A group or enterprise."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=list(words.GROUP_KINDS.items()))
    legal_form = forms.ChoiceField(label=_("Legal form"), required=False)
    scope = forms.ChoiceField(label=_("Place"))
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = [("", ""), *places]  # type: ignore[attr-defined]
        self.fields["legal_form"].choices = [("", ""), *words.codes("legal_forms")]  # type: ignore[attr-defined]


class OrganisationForm(KeyedForm):
    """An organisation, with its class among the partners."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.CharField(label=_("What it is"), help_text=_("For example NGO, bank or ministry."), max_length=40)
    partner_class = PickField(label=_("Class of partner"), choices=list(words.PARTNER_CLASSES.items()), required=False)
    scope = forms.ChoiceField(label=_("Place"))
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = [("", ""), *places]  # type: ignore[attr-defined]


class JoinForm(KeyedForm):
    role = forms.ChoiceField(label=_("As what?"), choices=list(words.ROLES.items()))
    on = DayField(label=_("Since which day?"))


class LeaveForm(KeyedForm):
    on = DayField(label=_("Last day"))
    why = forms.CharField(label=_("Why?"), max_length=200, required=False)


class StatusForm(KeyedForm):
    status = PickField(label=_("How is it now?"), choices=[(code, said[0]) for code, said in words.STATUSES.items()])
    on = DayField(label=_("Since which day?"))


class SameForm(KeyedForm):
    """Which of two records is kept, and why they are one."""

    keep = PickField(label=_("Which record is kept?"), choices=())
    why = forms.CharField(
        label=_("How do you know?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=600
    )

    def __init__(self, *args: Any, records: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep"].choices = records  # type: ignore[attr-defined]
        self.fields["keep"].initial = records[0][0]


class DoubleForm(KeyedForm):
    """Whether two records are one person, which of them counts then, and how that is known."""

    verdict = PickField(label=_("One person, or two?"), choices=())
    why = forms.CharField(
        label=_("How do you know?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=600
    )

    def __init__(self, *args: Any, records: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        one = [(ref, _("One person; keep %(name)s") % {"name": name}) for ref, name in records]
        self.fields["verdict"].choices = [*one, ("different", _("Two people"))]  # type: ignore[attr-defined]


class SearchDoublesForm(KeyedForm):
    scope = forms.ChoiceField(label=_("Among whom?"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = places  # type: ignore[attr-defined]


class WhyForm(KeyedForm):
    why = forms.CharField(label=_("Why?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=600)


class ConsentForm(KeyedForm):
    purpose = PickField(label=_("What does the person agree to?"), choices=list(words.CONSENTS.items()))
    on = DayField(label=_("Day"))


class WithdrawForm(KeyedForm):
    on = DayField(label=_("Day"))


class FlagForm(KeyedForm):
    """Something said or seen of a person."""

    code = forms.ChoiceField(label=_("What?"))
    basis = PickField(label=_("How is it known?"), choices=list(words.BASES.items()))
    on = DayField(label=_("Since which day?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(words.target_groups())
        self.fields["code"].choices = [*known.items(), *words.SENSITIVE.items()]  # type: ignore[attr-defined]
