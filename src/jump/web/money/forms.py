"""Forms of the money pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.core.money import Money
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.acting import KeyedForm
from jump.web.forms import DayField, MoneyField, PageForm, PickField, pick_label
from jump.web.money import words

# Beside which field a refusal of a repayment belongs.
REPAYMENT_FIELDS = {
    "finance.receipt_used": "receipt",
    "finance.more_than_owed": "amount",
    "finance.amount_not_positive": "amount",
    "finance.wrong_currency": "amount",
    "finance.day_impossible": "on",
}


class RepaymentForm(KeyedForm):
    """What was paid, when, and its receipt. A typed amount goes before the choice above it."""

    kind = PickField(label=_("How much was paid?"), choices=(), required=False)
    amount = MoneyField(
        label=_("Amount received"), help_text=_("Change it if they paid another amount."), required=False
    )
    on = DayField(label=_("Day it was paid"))
    receipt = forms.CharField(
        label=_("Receipt number"), help_text=_("Printed at the top of the receipt book page."), max_length=40
    )

    def __init__(self, *args: Any, loan: finance.ContractView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loan = loan
        self.first = loan.due_now if loan.due_now.amount_minor else loan.next_due
        self.everything = loan.owed
        currency = loan.amount.currency
        first = _("What is due") if loan.due_now.amount_minor else _("The next payment")
        choices = [("all", pick_label(_("Everything"), formats.amount(self.everything.amount_minor, currency)))]
        if self.first.amount_minor and self.first != self.everything:
            choices.insert(0, ("first", pick_label(first, formats.amount(self.first.amount_minor, currency))))
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        self.fields["kind"].initial = choices[0][0]
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        self.fields["amount"].initial = (self.first if len(choices) == 2 else self.everything).amount_minor

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "amount" in self.errors:
            return cleaned
        typed, chosen = cleaned.get("amount"), cleaned.get("kind")
        untouched = typed in (None, self.first.amount_minor)
        minor = self.everything.amount_minor if chosen == "all" and untouched else typed
        if minor is None:
            minor = self.first.amount_minor
        cleaned["paid"] = Money(minor, self.loan.amount.currency)
        return cleaned


class WhyForm(KeyedForm):
    """A reason that stays on record."""

    why = forms.CharField(label=_("Why?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=600)


class DayForm(KeyedForm):
    on = DayField(label=_("Day"))


class EmptyForm(PageForm):
    """Only to carry the words of a refusal to the top of a page."""


class SpendProofForm(KeyedForm):
    """What paid money was used for, with its paper. `uses` are what the grant may be used for."""

    use = PickField(label=_("What was it for?"))
    amount = MoneyField(label=_("Amount spent"))
    on = DayField(label=_("Day"))
    paper = forms.FileField(
        label=_("Receipts or report"),
        help_text=_("A photo or a PDF, at most 10 MB."),
        required=False,
    )
    proof = forms.CharField(
        label=_("Or the number of a record that proves it"),
        help_text=_("For example sub-7K3MPQ2X."),
        max_length=24,
        required=False,
    )

    def __init__(self, *args: Any, currency: str, uses: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        self.fields["use"].choices = uses  # type: ignore[attr-defined]
        if not uses:
            del self.fields["use"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("paper") and not cleaned.get("proof"):
            self.add_error("paper", _("Add a photo or PDF of the receipts, or name a record"))
        return cleaned


class ConditionForm(KeyedForm):
    """That a condition is met, with the record that proves it."""

    proof = forms.CharField(
        label=_("Number of the record that proves it"),
        help_text=_("A form, a decision or a file, for example res-7K3MPQ2X."),
        max_length=24,
    )
    on = DayField(label=_("Day it was met"))


class ContributionForm(KeyedForm):
    """Money put into a fund."""

    amount = MoneyField(label=_("Amount"))
    source = PickField(label=_("From whom"), choices=list(words.CONTRIBUTORS.items()))
    on = DayField(label=_("Day it came in"))
    memo = forms.CharField(label=_("Note"), max_length=120, required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]


__all__ = [
    "REPAYMENT_FIELDS",
    "ConditionForm",
    "ContributionForm",
    "DayForm",
    "EmptyForm",
    "RepaymentForm",
    "SpendProofForm",
    "WhyForm",
]
