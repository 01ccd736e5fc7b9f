"""Forms of the pages of stores and markets."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.base.actors import Actor
from jump.base.packages import definitions
from jump.base.refusals import NotFound
from jump.core.money import CURRENCY_EXPONENTS
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.acting import KeyedForm
from jump.web.forms import DayField, MoneyField, PickField
from jump.web.money.savings_forms import MoneyForm, RefField, products
from jump.web.stores import words

MEMBERS_MAX = 300


class QuantityField(forms.Field):
    """So much of something that is no money; cleans to whole smallest units (grams, bags)."""

    widget = forms.TextInput
    default_error_messages = {
        "required": _("Say how much"),
        "invalid": _("This is not a quantity. Write only figures, for example %(example)s"),
        "decimals": _("At most %(places)s decimals can be kept"),
        "zero": _("The quantity must be more than zero"),
    }

    def __init__(self, *, decimals: int = 0, allow_zero: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "class": "amt"}))
        super().__init__(**kwargs)
        self.decimals, self.allow_zero = decimals, allow_zero

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        return formats.number(Decimal(value).scaleb(-self.decimals).normalize() + 0)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or not str(value).strip():
            return None
        group, decimal = formats.decimal_marks()
        plain = str(value).translate({ord(mark): None for mark in (group, " ", "\u00a0", "\u202f")})
        try:
            exact = Decimal(plain.replace(decimal, ".")).scaleb(self.decimals)
        except InvalidOperation:
            exact = Decimal("NaN")
        if not exact.is_finite() or exact < 0:
            raise forms.ValidationError(self.error_messages["invalid"] % {"example": formats.number(1250)})
        if exact != exact.to_integral_value():
            raise forms.ValidationError(self.error_messages["decimals"] % {"places": self.decimals})
        if not exact and not self.allow_zero:
            raise forms.ValidationError(self.error_messages["zero"])
        return int(exact)


def people_of(actor: Actor, group_ref: Ref, on: Any) -> list[tuple[str, str]]:
    """The members of a group by name, to choose from; nobody where the reader may not see the group."""
    try:
        members = [one.person_ref for one in parties.members(actor, group_ref, on)][:MEMBERS_MAX]
    except NotFound:
        return []
    names = parties.names(actor, members)
    return sorted(((str(ref), names.get(ref, ref)) for ref in members), key=lambda one: one[1])


def person_field(people: list[tuple[str, str]], *, label: Any, required: bool, help_text: Any = "") -> forms.Field:
    """A list of members where there are some, else the number of a person."""
    if not people:
        return RefField(
            label=label, kinds=("per", "grp"), required=required, help_text=_("A number, for example per-7K3MPQ2X.")
        )
    first = [("", _("Choose a member") if required else _("Nobody in particular"))]
    return forms.ChoiceField(label=label, choices=[*first, *people], required=required, help_text=help_text)


class StoreForm(MoneyForm):
    """A form about one store: its money, its unit and its members."""

    def __init__(self, *args: Any, store: finance.StoreView, people: Any = (), **kwargs: Any) -> None:
        self.store, self.people = store, list(people)
        super().__init__(*args, currency=store.currency, **kwargs)
        for field in self.fields.values():
            if isinstance(field, QuantityField):
                field.decimals = store.stock.decimals
                field.label = f"{field.label} ({store.stock.label or store.unit})"


class SaleForm(StoreForm):
    quantity = QuantityField(label=_("How much is sold?"))
    price = MoneyField(label=_("Price of one unit"))
    on = DayField(label=_("Day"))
    receipt = forms.CharField(label=_("Receipt number"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"] = person_field(
            self.people,
            label=_("Who buys?"),
            required=False,
            help_text=_("Then the quota of the household is watched."),
        )
        if self.store.band is not None:
            self.fields["price"].help_text = words.prices(self.store.band)
        self.order_fields(["key", "party", "quantity", "price", "on", "receipt"])


class PurchaseForm(StoreForm):
    quantity = QuantityField(label=_("How much is bought?"))
    price = MoneyField(label=_("Price of one unit"))
    extra = MoneyField(label=_("Sacks, transport and handling"), required=False, allow_zero=True)
    mark = forms.CharField(label=_("Mark of the lot"), help_text=_("Written on the sacks."), max_length=40)
    quality = forms.CharField(label=_("Quality"), help_text=_("Dry, clean, free of insects?"), max_length=120)
    on = DayField(label=_("Day"))
    receipt = forms.CharField(label=_("Receipt number"), max_length=40, required=False)


class ContributionForm(StoreForm):
    quantity = QuantityField(label=_("How much grain?"), required=False)
    price = MoneyField(label=_("What one unit is worth"), required=False)
    mark = forms.CharField(label=_("Mark of the lot"), max_length=40, required=False)
    cash = MoneyField(label=_("Or how much money?"), required=False)
    on = DayField(label=_("Day"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("quantity")) == bool(cleaned.get("cash")) and not self.errors:
            self.add_error("quantity", _("Write the grain or the money, one of them"))
        if cleaned.get("quantity"):
            for name in ("price", "mark"):
                if not cleaned.get(name):
                    self.add_error(name, _("This is needed"))
        return cleaned


class LendForm(StoreForm):
    quantity = QuantityField(label=_("How much is lent?"))
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"] = person_field(self.people, label=_("Who borrows?"), required=True)
        self.order_fields(["key", "party", "quantity", "on"])


class GiveForm(StoreForm):
    quantity = QuantityField(label=_("How much is given?"))
    memo = forms.CharField(label=_("To whom, and who decided?"), max_length=200)
    on = DayField(label=_("Day"))


class CostForm(StoreForm):
    extra = MoneyField(label=_("How much?"))
    memo = forms.CharField(label=_("What for?"), help_text=_("Treatment, repair, guard."), max_length=200)
    on = DayField(label=_("Day"))
    receipt = forms.CharField(label=_("Receipt number"), max_length=40, required=False)


class GiveBackForm(StoreForm):
    quantity = QuantityField(label=_("How much is given back?"))
    mark = forms.CharField(label=_("Mark of the lot"), max_length=40)
    quality = forms.CharField(label=_("Quality"), max_length=120, required=False)
    on = DayField(label=_("Day"))


class BandForm(MoneyForm):
    floor = MoneyField(label=_("Lowest price of one unit"))
    ceiling = MoneyField(label=_("Highest price of one unit"))
    on = DayField(label=_("From which day on?"))
    decision = forms.CharField(
        label=_("Number of the decision"),
        help_text=_("Of the assembly, for example res-7K3MPQ2X."),
        max_length=24,
        required=False,
    )


class StockCountForm(StoreForm):
    """One box per lot: what was counted, without showing what the book says."""

    on = DayField(label=_("Day of the count"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.store.stock.label or self.store.unit
        for lot in self.store.lots:
            self.fields[lot.ref] = QuantityField(
                label=_("Lot %(mark)s (%(unit)s)") % {"mark": lot.mark, "unit": unit},
                decimals=self.store.stock.decimals,
                allow_zero=True,
            )

    def counted(self) -> dict[Ref, int]:
        return {lot.ref: self.cleaned_data[lot.ref] for lot in self.store.lots}


class OpenStoreForm(KeyedForm):
    owner = RefField(label=_("Which group keeps it?"), help_text=_("For example grp-7K3MPQ2X."), kinds=("grp",))
    title = forms.CharField(label=_("Name of the store"), max_length=200)
    product = forms.ChoiceField(label=_("What kind of store?"))
    currency = forms.ChoiceField(label=_("Currency"))
    on = DayField(label=_("Opened on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products("store")  # type: ignore[attr-defined]
        self.fields["currency"].choices = _currencies()  # type: ignore[attr-defined]


class OpenMarketForm(KeyedForm):
    owner = RefField(label=_("Which group runs it?"), help_text=_("For example grp-7K3MPQ2X."), kinds=("grp",))
    company = RefField(label=_("Who buys the goods?"), help_text=_("For example org-7K3MPQ2X."), kinds=("org",))
    title = forms.CharField(label=_("Name of the market"), max_length=200)
    product = forms.ChoiceField(label=_("What kind of market?"))
    on = DayField(label=_("Opened on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products("market")  # type: ignore[attr-defined]


def market_currency(product: str) -> str:
    """In which currency the prices of a market's product are."""
    return next(str(one.data["currency"]) for one in definitions("product") if one.id == product)


class OfferForm(StoreForm):
    kind = PickField(label=_("What is it?"), choices=list(words.OFFERS.items()))
    quantity = QuantityField(label=_("How much?"))
    price = MoneyField(
        label=_("Price of one unit"), help_text=_("Of what you lack: the most it may cost with transport.")
    )
    on = DayField(label=_("Day"))


class AgreeForm(MoneyForm):
    quantity = QuantityField(label=_("How much?"))
    price = MoneyField(label=_("Price of one unit"))
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, found: finance.ProposedExchange, **kwargs: Any) -> None:
        super().__init__(*args, currency=found.price.currency, **kwargs)
        field = self.fields["quantity"]
        field.decimals = found.quantity.decimals  # type: ignore[attr-defined]
        field.label = f"{field.label} ({found.quantity.label or found.quantity.unit})"
        field.initial = found.quantity.amount_minor
        self.fields["price"].initial = found.price.amount_minor


class ArrivalForm(KeyedForm):
    waybill = forms.CharField(label=_("Number of the waybill"), max_length=40)
    arrived = QuantityField(label=_("How much arrived?"))
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, sent: finance.Quantity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["arrived"]
        field.decimals = sent.decimals  # type: ignore[attr-defined]
        field.label = f"{field.label} ({sent.label or sent.unit})"


class WayForm(MoneyForm):
    to = forms.ChoiceField(label=_("To which store?"))
    per_unit = MoneyField(label=_("What one unit costs on this way"), allow_zero=True)
    on = DayField(label=_("From which day on?"))

    def __init__(self, *args: Any, others: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = others  # type: ignore[attr-defined]


class MarketForm(MoneyForm):
    """A form about one market: weights in its unit."""

    def __init__(self, *args: Any, market: finance.MarketView, people: Any = (), **kwargs: Any) -> None:
        self.market, self.people = market, list(people)
        super().__init__(*args, currency=market.currency, **kwargs)
        for field in self.fields.values():
            if isinstance(field, QuantityField):
                field.decimals = market.decimals
                field.label = f"{field.label} ({market.unit_label})"


class ScaleForm(MarketForm):
    moment = PickField(label=_("When?"), choices=list(words.MOMENTS.items()), initial="start")
    known = QuantityField(label=_("The known weight"))
    shown = QuantityField(label=_("What the scale shows"), allow_zero=True)
    on = DayField(label=_("Day"))


class WeighForm(MarketForm):
    serial = forms.CharField(label=_("Ticket number"), max_length=40)
    grade = PickField(label=_("Grade, as grower and classifier agreed"), choices=())
    gross = QuantityField(label=_("Weight, first reader"))
    gross_second = QuantityField(label=_("Weight, second reader"))
    tare = QuantityField(label=_("Empty sheet"), allow_zero=True)
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grower"] = person_field(self.people, label=_("Grower"), required=True)
        self.fields["grade"].choices = [  # type: ignore[attr-defined]
            (one.id, f"{one.title} · {formats.money(one.price + one.premium)}") for one in self.market.grades
        ]
        self.order_fields(["key", "serial", "grower", "grade", "gross", "gross_second", "tare", "on"])


class InputsForm(MarketForm):
    amount = MoneyField(label=_("What the inputs cost"))
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grower"] = person_field(self.people, label=_("Grower"), required=True)
        self.order_fields(["key", "grower", "amount", "on"])


class CashForm(MarketForm):
    amount = MoneyField(label=_("How much was brought?"))
    on = DayField(label=_("Day"))


class PayTicketForm(KeyedForm):
    receipt = forms.CharField(
        label=_("Receipt that the grower signed"),
        help_text=_("Signature or thumb print, with a witness."),
        max_length=40,
    )
    on = DayField(label=_("Day"))


class LoadForm(KeyedForm):
    waybill = forms.CharField(label=_("Number of the waybill"), max_length=40)
    tickets = forms.MultipleChoiceField(label=_("Tickets on the truck"), widget=forms.CheckboxSelectMultiple)
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, tickets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tickets"].choices = tickets  # type: ignore[attr-defined]
        self.fields["tickets"].initial = [ref for ref, _label in tickets]


class FactoryForm(MarketForm):
    factory = QuantityField(label=_("What the factory weighed"))
    on = DayField(label=_("Day"))


def _currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in sorted(CURRENCY_EXPONENTS)]
