"""The form in which a new loan product is tried out; everything typed stays in the address, so that it can be kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.base.packages import definitions
from jump.core.money import CURRENCY_EXPONENTS, Money
from jump.web.forms import CountField, MoneyField, PageForm
from jump.web.money import words

METHODS = [
    ("declining_equal_instalments", _("Equal payments, interest on what is left")),
    ("declining_equal_principal", _("Equal parts of principal, interest on what is left")),
    ("flat", _("Interest on the whole amount all the time")),
]


class PercentField(forms.DecimalField):
    """A percent as people write it; cleans to a Decimal."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(min_value=0, max_value=300, max_digits=7, decimal_places=3, **kwargs)


class TrialForm(PageForm):
    """Amount and terms of a loan that nobody was offered yet."""

    currency = forms.ChoiceField(label=_("Currency"))
    amount = MoneyField(label=_("Amount of the loan"))
    rate = PercentField(label=_("Interest, percent a year"))
    method = forms.ChoiceField(label=_("How is interest counted?"), choices=METHODS)
    instalments = CountField(label=_("How many payments?"), min_value=1, max_value=360)
    rhythm = forms.ChoiceField(label=_("How often?"), choices=list(words.RHYTHMS.items()))
    grace = CountField(label=_("Payments of interest alone at the start"), required=False, max_value=359)
    fee = PercentField(label=_("Fee, percent of the loan"), required=False)
    penalty = PercentField(label=_("Late fee, percent of what is open"), required=False)
    after_days = CountField(label=_("Days until the late fee"), required=False, max_value=365)
    rounding = CountField(label=_("Round payments to a multiple of"), required=False, max_value=1_000_000)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = [(code, code) for code in sorted(CURRENCY_EXPONENTS)]  # type: ignore[attr-defined]
        chosen = currency if currency in CURRENCY_EXPONENTS else "USD"
        self.fields["currency"].initial = chosen
        self.fields["amount"].currency = chosen  # type: ignore[attr-defined]

    def terms(self) -> dict[str, Any]:
        """In the words of a loan product."""
        given = self.cleaned_data
        exponent = Money.zero(given["currency"]).exponent
        return {
            "rate_yearly": str(given["rate"] / 100),
            "method": given["method"],
            "instalments": given["instalments"],
            "rhythm": given["rhythm"],
            "grace_instalments": given.get("grace") or 0,
            "fee_percent": str(given.get("fee") or 0),
            "penalty_percent": str(given.get("penalty") or 0),
            "penalty_after_days": given.get("after_days") or 0,
            "instalment_multiple_minor": max(1, (given.get("rounding") or 0) * 10**exponent),
        }


def usual_terms() -> dict[str, Any]:
    """The terms of the first loan product there is, to begin with."""
    data = next((one.data for one in definitions("product") if one.data["kind"] == "loan"), {})
    return {
        "rate": Decimal(str(data.get("rate_yearly", "0.18"))) * 100,
        "method": data.get("method", METHODS[0][0]),
        "instalments": data.get("instalments", 12),
        "rhythm": data.get("rhythm", "monthly"),
        "grace": 0,
        "fee": data.get("fee_percent", 0),
        "penalty": data.get("penalty_percent", 0),
        "after_days": data.get("penalty_after_days", 7),
        "rounding": "",
    }
