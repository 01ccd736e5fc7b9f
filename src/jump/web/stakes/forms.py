"""Forms about ownership."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from jump.core.money import CURRENCY_EXPONENTS, AmountError, Money, parse_amount
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.acting import KeyedForm
from jump.web.forms import CountField, DayField, MoneyField, PickField
from jump.web.money.savings_forms import MoneyForm, RefField, products
from jump.web.stakes import words

_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}
HOLDER_KINDS = ("per", "grp", "org", "trs")


class SharesField(forms.DecimalField):
    """A number of shares, with up to four decimals; cleans to the smallest parts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=Decimal("0.0001"), decimal_places=4, max_digits=14, widget=forms.TextInput(_DECIMAL), **kwargs
        )

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return None if found is None else int(found * words.ONE_SHARE)


class PercentField(forms.DecimalField):
    """A rate in percent; cleans to the rate as text ("7.5" is "0.075")."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_value", 100)
        super().__init__(min_value=0, decimal_places=3, max_digits=7, widget=forms.TextInput(_DECIMAL), **kwargs)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return "0" if found is None else f"{found / 100:f}"


class StakeForm(MoneyForm):
    """A form of a step: it learns its currency and what may be chosen."""

    choices_of: tuple[str, ...] = ()

    def __init__(self, *args: Any, currency: str, chosen: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, currency=currency, **kwargs)
        for name, found in (chosen or {}).items():
            if name in self.fields:
                self.fields[name].choices = found  # type: ignore[attr-defined]


def _on() -> DayField:
    return DayField(label=_("Day"))


class IssueForm(StakeForm):
    holder = RefField(label=_("Number of the holder"), help_text=_("For example per-7K3MPQ2X."), kinds=HOLDER_KINDS)
    holder_kind = PickField(label=_("Who is it?"), choices=list(words.HOLDERS.items()), initial="person")
    share_class = PickField(label=_("Class"), choices=())
    shares = SharesField(label=_("How many shares?"))
    price = MoneyField(label=_("Price of one share"), help_text=_("0 where nothing is paid."), allow_zero=True)
    on = _on()


class TransferForm(StakeForm):
    holder = forms.ChoiceField(label=_("Who gives?"))
    to = RefField(label=_("Number of the one who receives"), kinds=HOLDER_KINDS)
    to_kind = PickField(label=_("Who is it?"), choices=list(words.HOLDERS.items()), initial="person")
    share_class = PickField(label=_("Class"), choices=())
    shares = SharesField(label=_("How many shares?"))
    price = MoneyField(
        label=_("Price of one share"), help_text=_("What passes between the two. 0 for a gift."), allow_zero=True
    )
    on = _on()


class ClassForm(StakeForm):
    holder = forms.ChoiceField(label=_("Whose shares?"))
    share_class = PickField(label=_("From class"), choices=())
    to_class = PickField(label=_("To class"), choices=())
    shares = SharesField(label=_("How many shares?"))
    on = _on()


class CancelForm(StakeForm):
    holder = forms.ChoiceField(label=_("Whose shares?"))
    share_class = PickField(label=_("Class"), choices=())
    shares = SharesField(label=_("How many shares?"))
    price = MoneyField(label=_("Price paid for one share"), allow_zero=True)
    on = _on()


class PurchaseForm(StakeForm):
    buyer = RefField(label=_("Number of the buyer"), kinds=HOLDER_KINDS)
    seller = forms.ChoiceField(label=_("Who sells?"), required=False)
    share_class = PickField(label=_("Class"), choices=())
    shares = CountField(label=_("How many whole shares?"), min_value=1)
    price = MoneyField(label=_("Price of one share"))
    payments = CountField(label=_("In how many monthly payments?"), min_value=1, max_value=120, initial=12)
    first_on = DayField(label=_("First payment due on"), quick=False, future=True)
    on = _on()


class PaymentForm(StakeForm):
    purchase = forms.ChoiceField(label=_("Which purchase?"))
    amount = MoneyField(label=_("Amount paid"))
    on = _on()


class HoursForm(StakeForm):
    year = CountField(label=_("Year"), min_value=1900, max_value=2200)
    workers = forms.CharField(
        label=_("Workers"),
        help_text=_(
            "One line for each: number, hours, open or fixed (the contract), percent of disability if any. "
            "For example: per-7K3MPQ2X, 1700, open"
        ),
        widget=forms.Textarea({"rows": 8}),
    )
    on = _on()

    def clean_workers(self) -> list[dict[str, Any]]:
        from jump.core.units import BadRef, Ref

        found = []
        for number, line in enumerate(str(self.cleaned_data["workers"]).splitlines(), start=1):
            cells = [cell.strip() for cell in line.replace(";", ",").split(",")]
            if not any(cells):
                continue
            try:
                found.append(
                    {
                        "ref": str(Ref.parse(cells[0])),
                        "hours": int(cells[1]),
                        "open_ended": {"open": True, "fixed": False}[cells[2].lower()],
                        "disability": int(cells[3]) if len(cells) > 3 and cells[3] else 0,
                    }
                )
            except (BadRef, ValueError, KeyError, IndexError):
                said = _now("Line %(number)s cannot be read. Write number, hours, and open or fixed")
                raise forms.ValidationError(said % {"number": number}) from None
        return found


class EntryForm(StakeForm):
    account = forms.ChoiceField(label=_("Which member?"))
    amount = MoneyField(label=_("Amount paid"))
    on = _on()


class YearForm(StakeForm):
    """The result of a year, and what each member worked."""

    year = CountField(label=_("Year"), min_value=1900, max_value=2200)
    result = PickField(
        label=_("Was there a surplus or a loss?"),
        choices=[("surplus", _("A surplus")), ("loss", _("A loss"))],
        initial="surplus",
    )
    amount = MoneyField(label=_("How much, after tax and before interest on the accounts?"), allow_zero=True)
    interest = PercentField(label=_("Interest on the accounts, percent a year"), required=False, initial=0)
    others = CountField(label=_("Hours of workers who are not members"), required=False, initial=0)
    on = DayField(label=_("Day on which the assembly approved the accounts"))

    def __init__(self, *args: Any, members: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        for ref, name in members:
            hours = CountField(label=_now("Hours of %(name)s") % {"name": name}, initial=0)
            index = forms.DecimalField(
                label=_now("Pay index of %(name)s") % {"name": name},
                min_value=0,
                decimal_places=3,
                max_digits=6,
                initial=1,
                widget=forms.TextInput(_DECIMAL),
            )
            self.fields[f"hours_{ref}"], self.fields[f"index_{ref}"] = hours, index
        self.order_fields(["year", "result", "amount", "interest", *self._of_members(), "others", "on"])

    def _of_members(self) -> list[str]:
        return [name for ref, _name in self.members for name in (f"hours_{ref}", f"index_{ref}")]


class RevalueForm(StakeForm):
    year = CountField(label=_("Year"), min_value=1900, max_value=2200)
    rate = PercentField(label=_("Raise the accounts by, percent"))
    inflation = PercentField(label=_("Inflation of the year, percent"))
    amount = MoneyField(label=_("Revaluation reserve in the approved accounts"))
    on = _on()


class LeaveForm(StakeForm):
    account = forms.ChoiceField(label=_("Who leaves?"))
    cause = forms.ChoiceField(label=_("Why?"))
    instalments = CountField(label=_("In how many yearly payments?"), min_value=1, initial=1)
    on = DayField(label=_("Day of leaving"))


class PayOutForm(StakeForm):
    account = forms.ChoiceField(label=_("Which payment?"))
    paid_from = PickField(
        label=_("Paid out of"),
        choices=[("cash", _("Cash of this book")), ("enterprise", _("The enterprise's own bank account"))],
        initial="cash",
    )
    on = _on()


class BorrowForm(StakeForm):
    amount = MoneyField(label=_("How much is borrowed?"))
    rate = PercentField(label=_("Interest, percent a year"))
    years = CountField(label=_("In how many equal yearly payments?"), min_value=1, max_value=40)
    shares = CountField(label=_("How many shares does it buy?"), min_value=1)
    release_by = PickField(
        label=_("Shares are released"),
        choices=list(words.RELEASE.items()),
        initial="principal_and_interest",
        help_text=_("By principal alone only for loans of at most ten years that are paid at least as fast as level."),
    )
    lender = RefField(label=_("Number of the lender"), kinds=("org", "grp", "fnd"), required=False)
    on = _on()


class PlanYearForm(StakeForm):
    """A plan year: the contribution, and what each employee earned and worked."""

    year = CountField(label=_("Plan year"), min_value=1974, max_value=2200)
    contribution = MoneyField(label=_("Contribution of the enterprise"), allow_zero=True)
    price = MoneyField(label=_("Value of one share at the end of the year"), allow_zero=True)
    on = DayField(label=_("Day on which it is booked"))

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, currency=currency, **kwargs)
        self.people = people
        for ref, name in people:
            self.fields[f"pay_{ref}"] = MoneyField(
                label=_now("Pay of %(name)s in the year") % {"name": name}, currency=currency, allow_zero=True
            )
            self.fields[f"hours_{ref}"] = CountField(label=_now("Hours of %(name)s") % {"name": name}, initial=0)
        named = [field for ref, _name in people for field in (f"pay_{ref}", f"hours_{ref}")]
        self.order_fields(["year", "contribution", "price", *named, "on"])


class TrustLeaveForm(StakeForm):
    account = forms.ChoiceField(label=_("Who leaves?"))
    cause = PickField(
        label=_("Why?"), choices=words.choices(words.CAUSES, ("retirement", "death", "disability", "other"))
    )
    on = DayField(label=_("Day of leaving"))


class DistributeForm(StakeForm):
    account = forms.ChoiceField(label=_("To whom?"))
    shares = SharesField(label=_("How many shares?"))
    price = MoneyField(label=_("Value of one share"), allow_zero=True)
    on = _on()


class InvestForm(StakeForm):
    enterprise = RefField(label=_("Number of the enterprise"), kinds=("org", "grp"))
    amount = MoneyField(label=_("Amount"))
    on = _on()


class ReturnForm(StakeForm):
    enterprise = forms.ChoiceField(label=_("Which enterprise?"))
    amount = MoneyField(label=_("Comes back of what was invested"), allow_zero=True)
    income = MoneyField(label=_("Income on top"), allow_zero=True)
    on = _on()


# --- beginnings -------------------------------------------------------------------------------------------------------


def _currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in sorted(CURRENCY_EXPONENTS)]


class OpenForm(KeyedForm):
    """What registers, capital accounts and trusts begin with."""

    kind: str = ""
    product = PickField(label=_("Under which rules?"), choices=())
    enterprise = RefField(label=_("Number of the enterprise"), kinds=("org", "grp"))
    jurisdiction = forms.RegexField(
        label=_("Country whose law holds"), help_text=_("Two letters, for example ES."), regex=r"^[A-Za-z]{2}$"
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=_currencies)
    on = DayField(label=_("Kept from"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = products(self.kind)
        self.fields["product"].choices = found  # type: ignore[attr-defined]
        if found:
            self.fields["product"].initial = found[0][0]


class OpenRegisterForm(OpenForm):
    kind = finance.ProductKind.SHARE_REGISTER.value
    nominal = forms.DecimalField(
        label=_("Nominal value of one share"), min_value=0, decimal_places=3, widget=forms.TextInput(_DECIMAL)
    )
    founded_on = DayField(label=_("Enterprise founded on"), quick=False)


class OpenCapitalForm(OpenForm):
    kind = finance.ProductKind.CAPITAL_ACCOUNT.value


class OpenTrustForm(OpenForm):
    kind = finance.ProductKind.TRUST.value
    title = forms.CharField(label=_("Name of the trust"), max_length=200)


class JoinForm(MoneyForm):
    """A new member of a co-operative, with the entry contribution that she owes."""

    member = RefField(label=_("Number of the member"), kinds=("per", "grp"))
    fee = MoneyField(label=_("Entry contribution"), allow_zero=True)
    on = DayField(label=_("Joins on"))


class JoinTrustForm(KeyedForm):
    member = RefField(label=_("Number of the employee"), kinds=("per",))
    on = DayField(label=_("Takes part from"))


class PledgeForm(KeyedForm):
    """What somebody promises to an enterprise that is being founded."""

    product = PickField(label=_("Kind"), choices=())
    person = RefField(label=_("Number of the person"), kinds=("per",))
    enterprise = RefField(label=_("Number of the group or enterprise"), kinds=("grp", "org"))
    currency = forms.ChoiceField(label=_("Currency"), choices=_currencies)
    amount = forms.DecimalField(
        label=_("Money"), min_value=0, decimal_places=3, initial=0, widget=forms.TextInput(_DECIMAL)
    )
    hours = CountField(label=_("Hours of work"), initial=0)
    on = DayField(label=_("Promised on"))
    due_on = DayField(label=_("To be paid by"), quick=False, future=True, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = products(finance.ProductKind.PLEDGE.value)
        self.fields["product"].choices = found  # type: ignore[attr-defined]
        if found:
            self.fields["product"].initial = found[0][0]


USES = 5


class FinancingForm(KeyedForm):
    """What a new enterprise needs, line by line, and how much each source brings, with the record that arranges it."""

    enterprise = RefField(label=_("Number of the group or enterprise"), kinds=("grp", "org"))
    currency = forms.ChoiceField(label=_("Currency"), choices=_currencies)
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, sources: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources = [code for code, _title in sources]
        for number in range(1, USES + 1):
            self.fields[f"use_{number}"] = forms.CharField(
                label=_now("What is the money for? Line %(n)s") % {"n": number}, max_length=120, required=number == 1
            )
            self.fields[f"needed_{number}"] = self._amount(_now("How much?"), required=number == 1)
        for code, title in sources:
            self.fields[f"from_{code}"] = self._amount(title)
            self.fields[f"record_{code}"] = forms.CharField(
                label=_now("Number of its record"),
                help_text=_now("A contract, a pledge or a guarantee, where there is one already."),
                max_length=24,
                required=False,
            )

    def _amount(self, label: str, *, required: bool = False) -> forms.CharField:
        return forms.CharField(label=label, max_length=24, required=required, widget=forms.TextInput(_DECIMAL))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in [name for name in cleaned if name.startswith(("needed_", "from_"))]:
            typed, currency = cleaned[name], cleaned.get("currency")
            if typed and currency:
                try:
                    cleaned[name] = parse_amount(typed, currency, decimal_mark=formats.decimal_marks()[1])
                except AmountError:
                    self.add_error(name, _("This is not an amount. Write only figures"))
        for number in range(2, USES + 1):
            if bool(cleaned.get(f"use_{number}")) != bool(cleaned.get(f"needed_{number}")):
                self.add_error(f"use_{number}", _("Say what the money is for, and how much"))
        return cleaned

    def uses(self) -> list[finance.FinancingUse]:
        given = self.cleaned_data
        return [
            finance.FinancingUse(given[f"use_{number}"], Money(given[f"needed_{number}"], given["currency"]))
            for number in range(1, USES + 1)
            if given.get(f"use_{number}")
        ]


class FounderForm(KeyedForm):
    founder = RefField(label=_("Number of the person"), help_text=_("For example per-7K3MPQ2X."), kinds=("per",))
    proof = forms.CharField(
        label=_("Number of the record that shows it"),
        help_text=_("For example the business plan or the minutes of the founders."),
        max_length=24,
    )
    on = DayField(label=_("Since when?"))


class DevelopmentForm(KeyedForm):
    product = PickField(label=_("Under which rules?"), choices=())
    reserve = PercentField(label=_("Kept ready for savers, percent of savings"), initial=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = products(finance.ProductKind.DEVELOPMENT_FUND.value)
        self.fields["product"].choices = found  # type: ignore[attr-defined]
        if found:
            self.fields["product"].initial = found[0][0]


class OnForm(forms.Form):
    """The day for which a page is asked."""

    on = forms.DateField(required=False)

    @staticmethod
    def read(query: Any) -> date | None:
        form = OnForm(query)
        return form.cleaned_data["on"] if form.is_valid() else None
