"""Forms about a loan that runs: what is no longer asked for, given back, or planned anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.core.money import Money
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.acting import KeyedForm
from jump.web.forms import CountField, DayField, MoneyField, PickField, pick_label
from jump.web.money.savings_forms import MoneyForm

# Beside which field a refusal belongs.
LOAN_FACT_FIELDS = {
    "finance.more_than_owed": "amount",
    "finance.more_than_overpaid": "amount",
    "finance.amount_not_positive": "amount",
    "finance.day_impossible": "on",
    "finance.no_such_instalment": "due_on",
}


class WhyField(forms.CharField):
    """A reason that stays on record."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Why?"))
        kwargs.setdefault("help_text", _("It stays on record."))
        super().__init__(max_length=600, **kwargs)


class WaiverForm(MoneyForm):
    """What is no longer asked for. Only parts of which something is open are offered."""

    part = PickField(label=_("What is no longer asked for?"), choices=())
    amount = MoneyField(label=_("How much of it?"))
    on = DayField(label=_("From which day?"))
    why = WhyField()

    def __init__(self, *args: Any, loan: finance.ContractView, **kwargs: Any) -> None:
        super().__init__(*args, currency=loan.amount.currency, **kwargs)
        found = ((_("Late fees"), "penalty", loan.penalty_open), (_("Fees"), "fee", loan.fee_open))
        parts = (*found, (_("Interest"), "interest", loan.interest_open))
        choices = [(code, pick_label(text, formats.money(open_))) for text, code, open_ in parts if open_.amount_minor]
        self.fields["part"].choices = choices  # type: ignore[attr-defined]
        if choices:
            self.fields["part"].initial = choices[0][0]


class RefundForm(MoneyForm):
    """Money that goes back to the borrower."""

    amount = MoneyField(label=_("How much goes back?"))
    on = DayField(label=_("Day"))
    why = WhyField()

    def __init__(self, *args: Any, overpaid: Money, **kwargs: Any) -> None:
        super().__init__(*args, currency=overpaid.currency, **kwargs)
        self.fields["amount"].initial = overpaid.amount_minor


class LossForm(KeyedForm):
    on = DayField(label=_("Day"))
    why = WhyField()


class RescheduleForm(KeyedForm):
    """A new plan: from which payment on, and what changes."""

    from_on = forms.TypedChoiceField(label=_("From which payment on?"), coerce=date.fromisoformat)
    due_on = DayField(
        label=_("New day of this payment"),
        help_text=_("The later payments follow in the same rhythm."),
        quick=False,
        future=True,
        required=False,
    )
    extra_terms = CountField(label=_("How many payments more?"), initial=0, max_value=120, required=False)
    grace_principal = CountField(
        label=_("How many payments of interest alone?"),
        help_text=_("Counted from that payment."),
        initial=0,
        max_value=60,
        required=False,
    )
    rate = forms.DecimalField(
        label=_("Another rate, percent a year"),
        help_text=_("Leave it empty to keep the rate."),
        min_value=0,
        max_value=200,
        max_digits=6,
        decimal_places=3,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    why = WhyField()

    def __init__(self, *args: Any, loan: finance.ContractView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_on"].choices = _open_payments(loan.schedule, loan.amount.currency)  # type: ignore[attr-defined]

    def plan(self) -> finance.NewPlan:
        given = self.cleaned_data
        rate = given.get("rate")
        return finance.NewPlan(
            from_on=given["from_on"],
            due_on=given.get("due_on"),
            extra_terms=given.get("extra_terms") or 0,
            rate_yearly=None if rate is None else Decimal(rate) / 100,
            grace_principal=given.get("grace_principal") or 0,
        )


def _open_payments(lines: Sequence[finance.InstalmentView], currency: str) -> list[tuple[str, str]]:
    still = [line for line in lines if line.mark is not finance.InstalmentMark.PAID and not line.is_extra]
    return [
        (
            line.due_on.isoformat(),
            _("No. %(n)s, due %(day)s: %(amount)s")
            % {
                "n": line.number,
                "day": formats.day(line.due_on),
                "amount": formats.money(Money(line.due_minor, currency)),
            },
        )
        for line in still
    ]
