"""Forms of the pages of work for clients."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.core.money import CURRENCY_EXPONENTS, AmountError, Money, parse_amount
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.acting import KeyedForm
from jump.web.forms import CountField, DayField, MoneyField, PickField
from jump.web.money.savings_forms import MoneyForm, RefField, products

RATES = 3
_DAYS = re.compile(r"(\d{1,2})(?:\s*[-–]\s*(\d{1,2}))?")
BASES: dict[str, Any] = {
    "day": _("a day"),
    "hour": _("an hour"),
    "piece": _("a piece"),
}


class OpenContractForm(KeyedForm):
    """A contract with a client: what, where, for how long, at which rates, how people are kept safe."""

    cooperative = RefField(label=_("Which co-operative?"), help_text=_("For example grp-7K3MPQ2X."), kinds=("grp",))
    client = RefField(label=_("Which client?"), help_text=_("For example org-7K3MPQ2X."), kinds=("org", "per"))
    product = forms.ChoiceField(label=_("What kind of contract?"))
    title = forms.CharField(label=_("Name of the work"), max_length=200)
    work = forms.CharField(label=_("What is to be done?"), widget=forms.Textarea, max_length=4000)
    safety = forms.CharField(
        label=_("How are people kept safe?"),
        help_text=_("Who provides protective equipment, first aid, insurance."),
        widget=forms.Textarea,
        max_length=4000,
    )
    currency = forms.ChoiceField(label=_("Currency"))
    floor = forms.CharField(
        label=_("Lowest pay of a day"),
        help_text=_("Of the law, or of the co-operative where it is higher."),
        max_length=20,
    )
    starts_on = DayField(label=_("First day"), quick=False, future=True)
    ends_on = DayField(label=_("Last day"), quick=False, future=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products("client_contract")  # type: ignore[attr-defined]
        self.fields["currency"].choices = [  # type: ignore[attr-defined]
            (code, code) for code in sorted(CURRENCY_EXPONENTS)
        ]
        for number in range(1, RATES + 1):
            needed = number == 1
            self.fields[f"task_{number}"] = forms.CharField(
                label=_("Task %(number)s") % {"number": number}, max_length=80, required=needed
            )
            self.fields[f"basis_{number}"] = forms.ChoiceField(
                label=_("Paid for"), choices=list(BASES.items()), required=needed
            )
            self.fields[f"pay_{number}"] = forms.CharField(label=_("The worker earns"), max_length=20, required=needed)
            self.fields[f"bill_{number}"] = forms.CharField(label=_("The client pays"), max_length=20, required=needed)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        currency = cleaned.get("currency", "")
        names = ["floor", *(f"{what}_{n}" for n in range(1, RATES + 1) for what in ("pay", "bill"))]
        for name in names:
            if cleaned.get(name):
                cleaned[name] = self._minor(name, cleaned[name], currency)
        for number in range(2, RATES + 1):
            if cleaned.get(f"task_{number}") and not (cleaned.get(f"pay_{number}") and cleaned.get(f"bill_{number}")):
                self.add_error(f"pay_{number}", _("Say what the worker earns and the client pays"))
        return cleaned

    def _minor(self, name: str, typed: str, currency: str) -> int:
        try:
            return parse_amount(typed, currency, decimal_mark=formats.decimal_marks()[1])
        except AmountError:
            self.add_error(name, _("This is not an amount. Write only figures"))
            return 0

    def rates(self) -> list[finance.TaskRate]:
        given = self.cleaned_data
        return [
            finance.TaskRate(
                given[f"task_{number}"].strip(),
                finance.PayBasis(given[f"basis_{number}"]),
                Money(given[f"pay_{number}"], given["currency"]),
                Money(given[f"bill_{number}"], given["currency"]),
            )
            for number in range(1, RATES + 1)
            if given.get(f"task_{number}")
        ]


class ChecklistForm(KeyedForm):
    """One line for each point: what was agreed. Empty means it is still open."""

    def __init__(self, *args: Any, contract: finance.ClientContractView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in contract.checklist:
            self.fields[one.id] = forms.CharField(label=one.text, max_length=300, required=False, initial=one.agreed)


class SignForm(KeyedForm):
    on = DayField(label=_("Signed on"))
    paper = forms.CharField(
        label=_("Number of the signed paper"),
        help_text=_("A form or a file, for example sub-7K3MPQ2X."),
        max_length=24,
        required=False,
    )


class MusterForm(KeyedForm):
    """One task in one pay period: for each member the days worked, written as on paper: 2, 3, 9-12."""

    period_from = DayField(label=_("First day of the pay period"), quick=False)
    period_to = DayField(label=_("Last day of the pay period"), quick=False)
    task = PickField(label=_("Which task?"), choices=())
    hours = forms.DecimalField(label=_("Hours a day"), min_value=0, max_value=24, max_digits=4, decimal_places=2)
    team = CountField(
        label=_("Pieces of the whole team"), help_text=_("Only where the work is paid by the piece."), required=False
    )

    def __init__(
        self, *args: Any, contract: finance.ClientContractView, people: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["task"].choices = [  # type: ignore[attr-defined]
            (one.task, f"{one.task} · {formats.money(one.pay)} {BASES[one.basis]}") for one in contract.rates
        ]
        self.fields["hours"].initial = contract.terms["hours_per_day"]
        for ref, name in people:
            self.fields[ref] = forms.CharField(
                label=name, help_text=_("Days worked, for example 2, 3, 9-12"), max_length=120, required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("period_from"), cleaned.get("period_to")
        if not first or not last:
            return cleaned
        if not first <= last <= first + timedelta(days=30):
            self.add_error("period_to", _("A pay period has at most 31 days and does not end before it begins"))
            return cleaned
        by_number = {day.day: day for day in (first + timedelta(days=n) for n in range((last - first).days + 1))}
        cleaned["entries"] = []
        for ref, _name in self.people:
            for number in self._numbers(ref, cleaned.get(ref, "")):
                if number not in by_number:
                    self.add_error(ref, _("Day %(day)s is not in the pay period") % {"day": number})
                    break
                cleaned["entries"].append(
                    finance.MusterEntry(
                        by_number[number], cleaned.get("task", ""), Ref(ref), Decimal(cleaned.get("hours") or 0)
                    )
                )
        if cleaned.get("team"):
            cleaned["entries"].append(finance.MusterEntry(last, cleaned.get("task", ""), None, pieces=cleaned["team"]))
        if not cleaned["entries"] and not self.errors:
            self.add_error("task", _("Write the days of at least one member"))
        return cleaned

    def _numbers(self, name: str, typed: str) -> list[int]:
        found: list[int] = []
        for part in filter(None, (one.strip() for one in re.split(r"[,;]", typed))):
            match = _DAYS.fullmatch(part)
            if match is None:
                self.add_error(name, _("Write days as figures, for example 2, 3, 9-12"))
                return []
            begin, end = int(match[1]), int(match[2] or match[1])
            found += range(begin, end + 1)
        return sorted(set(found))


class AcceptForm(KeyedForm):
    proof = forms.CharField(
        label=_("Number of the paper that the client signed"),
        help_text=_("A form or a file, for example sub-7K3MPQ2X."),
        max_length=24,
    )
    on = DayField(label=_("Day"))


class ApproveForm(KeyedForm):
    on = DayField(label=_("Day"))
    why = forms.CharField(
        label=_("Why is somebody paid below the lowest pay?"),
        help_text=_("Only where the sheet says so. It stays on record."),
        widget=forms.Textarea,
        max_length=300,
        required=False,
    )


class PaymentForm(MoneyForm):
    kind = PickField(
        label=_("What for?"),
        choices=[("bill", _("The invoice")), ("kept", _("What was kept until the end"))],
        initial="bill",
    )
    amount = MoneyField(label=_("How much came in?"))
    on = DayField(label=_("Day"))
    receipt = forms.CharField(label=_("Receipt number"), max_length=40, required=False)
