"""Forms of the pages of community insurance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.base.i18n import text
from jump.base.packages import definitions
from jump.core.money import CURRENCY_EXPONENTS
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.acting import KeyedForm
from jump.web.cover import words
from jump.web.forms import CountField, DayField, MoneyField, PickField, PickManyField
from jump.web.money.savings_forms import MoneyForm, RefField

DEPENDANTS = 6

# Beside which field a refusal belongs.
COVER_FIELDS = {
    "finance.amount_not_positive": "amount",
    "finance.day_impossible": "on",
    "finance.cover_package_not_later": "valid_from",
    "finance.cover_rhythm_changed": "product",
    "finance.wrong_currency": "product",
    "finance.decision_missing": "decision",
    "finance.cover_no_package": "on",
    "finance.cover_already_insured": "person",
    "finance.cover_card_used": "card",
    "finance.cover_year_open": "until",
    "finance.claim_reasons_missing": "reasons",
    "finance.appeal_too_late": "on",
}


class AnyRefField(forms.CharField):
    """The number of a decision or a paper."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=24, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return Ref("")
        try:
            return Ref.parse(typed)
        except ValueError as bad:
            raise forms.ValidationError(_("This is no number of a paper or a decision")) from bad


class OpenForm(KeyedForm):
    title = forms.CharField(label=_("What is the scheme called?"), max_length=200)
    legal_form = forms.CharField(
        label=_("Legal form"), help_text=_("For example mutual, association, cooperative."), max_length=60
    )
    owner = RefField(label=_("Whose scheme is it?"), help_text=_("The number of a group."), kinds=("grp", "org"))
    scope = forms.ChoiceField(label=_("Place"))
    currency = forms.ChoiceField(label=_("Currency"))
    targets = PickManyField(label=_("For whom is it made?"), choices=list(words.TARGETS.items()), required=False)
    population = CountField(label=_("How many people is it meant for?"), min_value=0)
    on = DayField(label=_("Opened on"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = places  # type: ignore[attr-defined]
        self.fields["currency"].choices = [(one, one) for one in sorted(CURRENCY_EXPONENTS)]  # type: ignore[attr-defined]


class ProposeForm(KeyedForm):
    product = forms.ChoiceField(label=_("Which package?"))
    valid_from = DayField(label=_("In force from"), future=True)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            (one.id, text(one.data["title"]))
            for one in definitions("product")
            if one.data["kind"] == "cover" and one.data["currency"] == currency
        ]


class DecisionForm(KeyedForm):
    decision = AnyRefField(
        label=_("Decision of the assembly"), help_text=_("The number of the resolution or of its minutes.")
    )
    on = DayField(label=_("Decided on"))


class YearDecisionForm(KeyedForm):
    decision = AnyRefField(
        label=_("Decision of the assembly"), help_text=_("The number of the resolution or of its minutes.")
    )


class ProviderForm(KeyedForm):
    provider = RefField(
        label=_("Provider of care"), help_text=_("The number of an organisation."), kinds=("org", "grp")
    )
    starts_on = DayField(label=_("From"))
    proof = AnyRefField(label=_("Signed agreement"), help_text=_("The number of the paper."))

    def __init__(self, *args: Any, package: finance.PackageView, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [one.code for one in package.benefits]
        for one in package.benefits:
            self.fields[f"price-{one.code}"] = MoneyField(label=one.title, currency=currency, required=False)


class EnrolForm(KeyedForm):
    """A family: its head, and up to six dependants; more are added on the page of the family."""

    on = DayField(label=_("Joined on"))
    person = RefField(label=_("Head of the family"), help_text=_("The number of the person."), kinds=("per",))
    card = forms.CharField(label=_("Number of the card"), max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        relations = [("", ""), *((code, said) for code, said in words.RELATIONS.items() if code != "head")]
        for number in range(1, DEPENDANTS + 1):
            self.fields[f"person-{number}"] = RefField(
                label=_("Dependant %(number)s") % {"number": number}, kinds=("per",), required=False
            )
            self.fields[f"relation-{number}"] = forms.ChoiceField(
                label=_("How related"), choices=relations, required=False
            )
            self.fields[f"card-{number}"] = forms.CharField(
                label=_("Number of the card"), max_length=40, required=False
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for number in range(1, DEPENDANTS + 1):
            if given.get(f"person-{number}"):
                for name in (f"relation-{number}", f"card-{number}"):
                    if not given.get(name):
                        self.add_error(name, _("Needed for this dependant"))
        return given

    def dependants(self) -> list[finance.NewInsured]:
        given = self.cleaned_data
        return [
            finance.NewInsured(given[f"person-{one}"], given[f"relation-{one}"], given[f"card-{one}"])
            for one in range(1, DEPENDANTS + 1)
            if given.get(f"person-{one}")
        ]


class AddForm(KeyedForm):
    person = RefField(label=_("Who?"), help_text=_("The number of the person."), kinds=("per",))
    relation = PickField(label=_("How related"), choices=[one for one in words.RELATIONS.items() if one[0] != "head"])
    card = forms.CharField(label=_("Number of the card"), max_length=40)
    on = DayField(label=_("Joined on"))


class LeavesForm(KeyedForm):
    person = forms.ChoiceField(label=_("Who leaves?"))
    on = DayField(label=_("Last day of cover"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]


class WhyForm(KeyedForm):
    on = DayField(label=_("Day"))
    why = forms.CharField(label=_("Why?"), max_length=300)


class DayForm(KeyedForm):
    on = DayField(label=_("Day"))


class CollectForm(KeyedForm):
    """One box for each family; empty means nothing was paid."""

    on = DayField(label=_("Day of the collection"))

    def __init__(
        self, *args: Any, rows: list[finance.FamilyRow], names: dict[str, str], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency, self.rows = currency, rows
        for row in rows:
            said = words.STANDINGS[row.standing.reason][0]
            self.fields[row.ref] = MoneyField(
                label=names.get(row.head_ref, row.head_ref),
                help_text=f"{said}. "
                + (_("%(amount)s is due") % {"amount": formats.money(row.arrears)} if row.arrears else ""),
                currency=currency,
                allow_zero=True,
                required=False,
                initial=row.arrears.amount_minor or None,
            )

    def boxes(self) -> list[forms.BoundField]:
        return [self[row.ref] for row in self.rows]


class ClaimForm(KeyedForm):
    """A claim as it came in: who, when, where, how much for which benefit."""

    person = forms.ChoiceField(label=_("Who?"))
    event_on = DayField(label=_("When did it happen?"))
    on = DayField(label=_("When was it reported?"))
    pay_to = PickField(label=_("Who is to be paid?"), choices=list(words.PAY_TO.items()))
    provider = forms.ChoiceField(label=_("Provider of care"), required=False)
    papers = forms.CharField(label=_("Number of the papers"), max_length=60, required=False)
    diagnosis = forms.CharField(
        label=_("What was wrong"),
        help_text=_("Kept apart. Only the medical reviewer reads it, and every reading is written down."),
        max_length=600,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        people: list[tuple[str, str]],
        providers: list[tuple[str, str]],
        package: finance.PackageView | None,
        currency: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]
        self.fields["provider"].choices = [("", ""), *providers]  # type: ignore[attr-defined]
        self.benefits = [(one.code, one.title) for one in package.benefits] if package else []
        for code, title in self.benefits:
            self.fields[f"amount-{code}"] = MoneyField(label=title, currency=currency, allow_zero=True, required=False)
        self.order_fields(
            ["person", "event_on", "on", *(f"amount-{code}" for code, _title in self.benefits), "pay_to", "provider"]
        )


class RejectForm(KeyedForm):
    reasons = forms.MultipleChoiceField(
        label=_("Reasons"), choices=list(words.REASONS.items()), widget=forms.CheckboxSelectMultiple
    )
    why = forms.CharField(label=_("What will the member be told?"), max_length=300)
    on = DayField(label=_("Day"))


class PapersForm(KeyedForm):
    papers = forms.CharField(label=_("Number of the papers"), max_length=60)


class ReviewForm(KeyedForm):
    why = forms.CharField(
        label=_("What did you find?"), help_text=_("Write nothing about health here."), max_length=300
    )
    exclusion = forms.ChoiceField(label=_("Is it excluded?"), required=False)
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, exclusions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["exclusion"].choices = [("", _("No")), *exclusions]  # type: ignore[attr-defined]


class AppealForm(KeyedForm):
    why = forms.CharField(label=_("Why does the member not accept it?"), max_length=600)
    on = DayField(label=_("Day"))


class DecideForm(KeyedForm):
    grants = PickField(
        label=_("Your decision"),
        choices=[("yes", _("Look at the claim anew")), ("no", _("The rejection stays"))],
    )
    answer = forms.CharField(label=_("What will the member be told?"), max_length=600)
    on = DayField(label=_("Day"))


class CashForm(MoneyForm):
    amount = MoneyField(label=_("Amount"))
    what = forms.CharField(label=_("What for, or from whom?"), max_length=200)
    on = DayField(label=_("Day"))


class YearForm(KeyedForm):
    until = DayField(label=_("Last day of the year"), quick=False)
