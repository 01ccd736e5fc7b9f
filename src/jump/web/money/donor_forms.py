"""Forms of donors, contributions, equipment and the plans of a budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.core.money import CURRENCY_EXPONENTS, Money
from jump.web.acting import KeyedForm
from jump.web.forms import DayField, MoneyField, PickField
from jump.web.money import donor_words
from jump.web.money.savings_forms import MoneyForm, RefField

Choices = list[tuple[str, str]]


class AnyMoneyForm(KeyedForm):
    """An amount in a currency that is chosen beside it: read when the currency is known."""

    currency = forms.CharField(label=_("Currency"), help_text=_("Three letters, for example EUR or USD."), max_length=3)
    amount = MoneyField(label=_("Amount in this currency"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = currency
        typed = str(self.data.get("currency") or currency).strip().upper()
        self.fields["amount"].currency = typed if typed in CURRENCY_EXPONENTS else currency  # type: ignore[attr-defined]
        self.fields["amount"].widget.currency = ""  # it stands in its own field above

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).strip().upper()
        if code not in CURRENCY_EXPONENTS:
            raise forms.ValidationError(_("This is no currency code. Write three letters, for example EUR"))
        return code

    @property
    def money(self) -> Money:
        return Money(self.cleaned_data["amount"], self.cleaned_data["currency"])


class MoneyPledgeForm(AnyMoneyForm):
    """Money that somebody promises to a budget."""

    party = RefField(
        label=_("Who promises?"),
        help_text=_("The number of an organisation, for example org-7K3MPQ2X."),
        kinds=("org", "grp", "per"),
    )
    source = forms.ChoiceField(label=_("Into which source?"))
    type = forms.ChoiceField(label=_("Only for this type"), required=False)
    line = forms.ChoiceField(label=_("Only for this line"), required=False)
    country = forms.ChoiceField(label=_("Only for this country"), required=False)
    on = DayField(label=_("Day of the promise"))
    until = DayField(label=_("To come by"), quick=False, future=True, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    field_order = ("party", "currency", "amount", "source", "type", "line", "country", "on", "until", "note", "key")

    def __init__(self, *args: Any, sources: Choices, types: Choices, lines: Choices, places: Choices, **kwargs: Any):
        super().__init__(*args, **kwargs)
        anything = ("", _("Anything"))
        for name, choices in (("type", types), ("line", lines), ("country", places)):
            self.fields[name].choices = [anything, *choices]  # type: ignore[attr-defined]
        self.fields["source"].choices = sources  # type: ignore[attr-defined]


class KindPledgeForm(KeyedForm):
    """Something in kind that somebody promises: valued at its declared rate."""

    party = RefField(
        label=_("Who promises?"),
        help_text=_("The number of an organisation, for example org-7K3MPQ2X."),
        kinds=("org", "grp", "per"),
    )
    kind = PickField(label=_("What sort of thing?"))
    rate = forms.ChoiceField(
        label=_("What, and what one unit is worth"), help_text=_("Declare the value of a unit first.")
    )
    quantity = forms.DecimalField(label=_("How much?"), min_value=Decimal("0.01"), decimal_places=2)
    source = forms.ChoiceField(label=_("Beside which source?"))
    on = DayField(label=_("Day of the promise"))
    until = DayField(label=_("To come by"), quick=False, future=True, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    field_order = ("party", "kind", "rate", "quantity", "source", "on", "until", "note", "key")

    def __init__(self, *args: Any, rates: Choices, sources: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, words) for code, words in donor_words.PLEDGES.items() if code != "money"]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["rate"].choices = rates  # type: ignore[attr-defined]
        self.fields["source"].choices = sources  # type: ignore[attr-defined]


class ReceivedForm(MoneyForm):
    """Money that reached the bank, and what the donor sent where that is another currency."""

    given = MoneyField(label=_("What the donor sent"))
    amount = MoneyField(label=_("What reached the bank"))
    on = DayField(label=_("Day it came in"))

    def __init__(self, *args: Any, currency: str, given_currency: str, **kwargs: Any) -> None:
        super().__init__(*args, currency=currency, **kwargs)
        self.fields["given"].currency = given_currency  # type: ignore[attr-defined]
        if given_currency == currency:
            del self.fields["given"]


class KindReceivedForm(KeyedForm):
    """What came in kind: how much, where, when, with its paper."""

    quantity = forms.DecimalField(label=_("How much came?"), min_value=Decimal("0.01"), decimal_places=2)
    place = forms.ChoiceField(label=_("Where?"))
    stage = forms.ChoiceField(label=_("Stage"))
    line = forms.ChoiceField(label=_("Budget line that it helps"))
    on = DayField(label=_("Day"))
    proof = forms.CharField(
        label=_("Number of the record that proves it"),
        help_text=_("A log of hours or a receipt, for example sub-7K3MPQ2X."),
        max_length=24,
        required=False,
    )

    def __init__(self, *args: Any, places: Choices, stages: Choices, lines: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("place", places), ("stage", stages), ("line", lines)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class KindGivenForm(KindReceivedForm):
    """Something in kind that nobody had promised."""

    giver = PickField(
        label=_("Who gave it?"),
        choices=[
            ("national", _("The national side")),
            ("partner", _("A partner")),
            ("community", _("The community")),
        ],
    )
    kind = PickField(label=_("What sort of thing?"))
    rate = forms.ChoiceField(label=_("What, and what one unit is worth"))

    field_order = ("giver", "kind", "rate", "quantity", "place", "stage", "line", "on", "proof", "key")

    def __init__(self, *args: Any, rates: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, words) for code, words in donor_words.PLEDGES.items() if code != "money"]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["rate"].choices = rates  # type: ignore[attr-defined]


class KindRateForm(AnyMoneyForm):
    """What one unit of something is worth, from a day on."""

    what = forms.CharField(label=_("Of what?"), help_text=_("For example: mentoring, office, labour."), max_length=80)
    unit = forms.ChoiceField(label=_("One"))
    place = forms.ChoiceField(label=_("Where?"))
    valid_from = DayField(label=_("From which day on?"), quick=False)
    origin = forms.CharField(
        label=_("Where does the value come from?"), help_text=_("For example the labour office."), max_length=200
    )

    field_order = ("what", "unit", "currency", "amount", "place", "valid_from", "origin", "key")

    def __init__(self, *args: Any, units: Choices, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = _("Value of one, in this currency")
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
        self.fields["place"].choices = places  # type: ignore[attr-defined]

    def clean_what(self) -> str:
        return "_".join(str(self.cleaned_data["what"]).lower().split())


class RefundForm(MoneyForm):
    """Money of a grant that came back."""

    amount = MoneyField(label=_("How much came back?"))
    on = DayField(label=_("Day it came in"))
    receipt = forms.CharField(label=_("Receipt number"), max_length=40)
    why = forms.CharField(label=_("Why was it not used?"), widget=forms.Textarea, max_length=300)


class ReasonForm(KeyedForm):
    """A day and a reason that stays on record."""

    on = DayField(label=_("Day"))
    why = forms.CharField(label=_("Why?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=600)


class ReadingForm(ReasonForm):
    """Which reading of the agency's percent holds."""

    base = PickField(label=_("Which reading holds?"), choices=list(donor_words.READINGS.items()))
    decision = forms.CharField(label=_("Number of the decision"), max_length=24, required=False)

    field_order = ("base", "on", "why", "decision", "key")


class EstimateForm(MoneyForm):
    """What is still to be spent out of a part of the budget."""

    amount = MoneyField(label=_("Still to be spent, beside what is promised"), allow_zero=True)
    on = DayField(label=_("Day of the estimate"))
    why = forms.CharField(label=_("What does it rest on?"), widget=forms.Textarea, max_length=600)


class ProvisionForm(MoneyForm):
    """Money of the provision, for where costs have risen."""

    from_cell = forms.ChoiceField(label=_("Out of which provision?"))
    to_cell = forms.ChoiceField(label=_("Where have costs risen?"))
    amount = MoneyField(label=_("How much is needed?"))
    on = DayField(label=_("Day"))
    why = forms.CharField(label=_("Why?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=600)

    def __init__(self, *args: Any, provisions: Choices, cells: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_cell"].choices = provisions  # type: ignore[attr-defined]
        self.fields["to_cell"].choices = cells  # type: ignore[attr-defined]


class DecisionForm(KeyedForm):
    """The decision that a release rests on."""

    decision = forms.CharField(
        label=_("Number of the decision"), help_text=_("For example res-7K3MPQ2X."), max_length=24
    )
    on = DayField(label=_("Day"))


class BridgeForm(MoneyForm):
    """A professional paid until another donor is found."""

    post = RefField(
        label=_("Number of the post"), help_text=_("For example pst-7K3MPQ2X."), kinds=("pst", "per", "ctr")
    )
    title = forms.CharField(label=_("What is the post?"), max_length=200)
    place = forms.ChoiceField(label=_("Where?"))
    stage = forms.ChoiceField(label=_("Stage"))
    line = forms.ChoiceField(label=_("Budget line"))
    type = forms.ChoiceField(label=_("Type of money"))
    amount = MoneyField(label=_("Pay of one month"))
    starts_on = DayField(label=_("First day"), quick=False, future=True)
    ends_on = DayField(label=_("Last day"), quick=False, future=True)
    why = forms.CharField(label=_("Why is no donor there yet?"), widget=forms.Textarea, max_length=600)

    def __init__(
        self, *args: Any, places: Choices, stages: Choices, lines: Choices, types: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("place", places), ("stage", stages), ("line", lines), ("type", types)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class ReplaceForm(KeyedForm):
    """Which donor pays from when on."""

    source = forms.ChoiceField(label=_("Which donor pays now?"))
    on = DayField(label=_("From which day on?"), future=True)

    def __init__(self, *args: Any, sources: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = sources  # type: ignore[attr-defined]


class ExtendForm(KeyedForm):
    """How long a bridge goes on, and why."""

    ends_on = DayField(label=_("New last day"), quick=False, future=True)
    why = forms.CharField(label=_("Why?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=600)


class AssetForm(MoneyForm):
    """A thing that was bought, under the payment that paid for it."""

    spend = RefField(
        label=_("Number of the payment"),
        help_text=_("It stands at the latest spending of the budget, for example spd-7K3MPQ2X."),
        kinds=("spd",),
    )
    title = forms.CharField(label=_("What was bought?"), max_length=200)
    amount = MoneyField(label=_("What did it cost?"), help_text=_("Empty: the whole payment."), required=False)
    holder = RefField(
        label=_("Who keeps it?"),
        help_text=_("The number of an organisation, a group or a person."),
        kinds=("org", "grp", "per"),
    )
    on = DayField(label=_("Day it was bought"))


class CustodyForm(KeyedForm):
    """Who keeps a thing from a day on."""

    holder = RefField(
        label=_("Who keeps it now?"),
        help_text=_("The number of an organisation, a group or a person."),
        kinds=("org", "grp", "per"),
    )
    on = DayField(label=_("Day"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class CheckForm(KeyedForm):
    """In what state a thing was found."""

    condition = PickField(label=_("How is it?"), choices=list(donor_words.CONDITIONS.items()))
    on = DayField(label=_("Day you saw it"))
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class UpkeepForm(KeyedForm):
    """Money spent on keeping a thing."""

    spend = RefField(
        label=_("Number of the payment"),
        help_text=_("It stands at the latest spending of the budget, for example spd-7K3MPQ2X."),
        kinds=("spd",),
    )
    kind = PickField(
        label=_("What was it for?"),
        choices=[("operation", _("To work with it: fuel, power")), ("maintenance", _("To keep it in order"))],
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class HandOverForm(KeyedForm):
    """To whom a thing goes for good, by which deed."""

    to = RefField(
        label=_("Who gets it?"),
        help_text=_("The number of an organisation, a group or a person."),
        kinds=("org", "grp", "per"),
    )
    deed = forms.CharField(
        label=_("Number of the deed"), help_text=_("A form or a file, for example sub-7K3MPQ2X."), max_length=24
    )
    on = DayField(label=_("Day"))
