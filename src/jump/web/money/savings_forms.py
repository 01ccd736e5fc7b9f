"""Forms of the savings pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.base.i18n import text
from jump.base.packages import definitions
from jump.core.calendars import add_months, month_end
from jump.core.money import CURRENCY_EXPONENTS
from jump.core.units import BadRef, Ref
from jump.web import formats
from jump.web.acting import KeyedForm
from jump.web.forms import DayField, MoneyField, PickField, PickManyField

# Beside which field a refusal belongs.
SAVINGS_FIELDS = {
    "finance.savings_short": "amount",
    "finance.shares_not_whole": "amount",
    "finance.amount_not_positive": "amount",
    "finance.notice_missing": "amount",
    "finance.savings_fixed": "on",
    "finance.before_last_movement": "on",
    "finance.day_impossible": "on",
    "finance.receipt_used": "receipt",
}


def products(kind: str) -> list[tuple[str, str]]:
    """The products of one kind, by title."""
    return [(one.id, text(one.data["title"])) for one in definitions("product") if one.data["kind"] == kind]


class RefField(forms.CharField):
    """The number of a person, a group or an organisation, as it is read out or copied."""

    def __init__(self, *, kinds: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(max_length=24, **kwargs)
        self.kinds = kinds

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return typed
        try:
            ref = Ref.parse(typed)
        except BadRef:
            ref = None
        if ref is None or ref.kind not in self.kinds:
            raise forms.ValidationError(_("This is no number of a person, a group or an organisation"))
        return ref


class MoneyForm(KeyedForm):
    """A form that learns the currency of its amount from what it is about."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency


class MoveForm(MoneyForm):
    """Money paid in or taken out."""

    amount = MoneyField(label=_("Amount"))
    on = DayField(label=_("Day"))
    receipt = forms.CharField(
        label=_("Receipt number"),
        help_text=_("Printed at the top of the receipt book page."),
        max_length=40,
        required=False,
    )


class NoticeForm(MoneyForm):
    amount = MoneyField(label=_("How much will be taken out?"))
    on = DayField(label=_("Day on which they said so"))


class InterestForm(KeyedForm):
    """Up to the end of which month; only months that are over."""

    until = forms.ChoiceField(label=_("Up to the end of"))

    def __init__(self, *args: Any, today: date, since: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ends: list[date] = []
        day = month_end(add_months(today.replace(day=1), -1))
        while day >= since and len(ends) < 12:
            ends.append(day)
            day = month_end(add_months(day.replace(day=1), -1))
        self.fields["until"].choices = [  # type: ignore[attr-defined]
            (one.isoformat(), formats.month(one)) for one in ends
        ]


class OpenSavingsForm(KeyedForm):
    """A new savings account: for whom, of what kind, kept where."""

    owner = RefField(
        label=_("Who saves?"),
        help_text=_("The number of a person or a group, for example per-7K3MPQ2X."),
        kinds=("per", "grp"),
    )
    product = forms.ChoiceField(label=_("What kind of savings?"))
    holder = forms.ChoiceField(label=_("Who keeps the money?"))
    group = RefField(
        label=_("The group they save with"),
        help_text=_("Then it stands on the collection sheet of the group."),
        kinds=("grp",),
        required=False,
    )
    currency = forms.ChoiceField(
        label=_("Currency"), help_text=_("Only where a group keeps the money in its own box."), required=False
    )
    on = DayField(label=_("Opened on"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if str(cleaned.get("holder", "")).startswith("grp-") and not cleaned.get("currency"):
            self.add_error("currency", _("Say in which currency the box is kept"))
        return cleaned

    def __init__(self, *args: Any, holders: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products("savings")  # type: ignore[attr-defined]
        self.fields["holder"].choices = holders  # type: ignore[attr-defined]
        codes = [("", _("As the fund")), *((code, code) for code in sorted(CURRENCY_EXPONENTS))]
        self.fields["currency"].choices = codes  # type: ignore[attr-defined]


class MembersSaveForm(KeyedForm):
    """One kind of savings for many members of a group at once."""

    product = forms.ChoiceField(label=_("What kind of savings?"))
    holder = forms.ChoiceField(label=_("Who keeps the money?"))
    members = PickManyField(label=_("Who saves?"), choices=())
    on = DayField(label=_("Opened on"))

    def __init__(
        self, *args: Any, holders: list[tuple[str, str]], members: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products("savings")  # type: ignore[attr-defined]
        self.fields["holder"].choices = holders  # type: ignore[attr-defined]
        self.fields["members"].choices = members  # type: ignore[attr-defined]
        self.fields["members"].initial = [code for code, _name in members]


class GuaranteeForm(MoneyForm):
    """Who stands for a loan, for how much of it."""

    product = PickField(label=_("Who stands for it?"), choices=())
    guarantor = RefField(
        label=_("Number of the guarantor"),
        help_text=_(
            "A person, an organisation or a fund, for example org-7K3MPQ2X. Empty where the members stand together."
        ),
        kinds=("per", "grp", "org", "fnd"),
        required=False,
    )
    amount = MoneyField(label=_("Up to how much?"))
    percent = forms.DecimalField(
        label=_("Part of what is owed, in percent"), min_value=1, max_value=100, max_digits=6, decimal_places=3
    )
    on = DayField(label=_("Signed on"))
    proof = forms.CharField(
        label=_("Number of the signed paper"),
        help_text=_("A form or a file, for example sub-7K3MPQ2X."),
        max_length=24,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products("guarantee")  # type: ignore[attr-defined]


class CallForm(MoneyForm):
    """What another lender says that its borrower owes."""

    amount = MoneyField(label=_("How much does the borrower owe?"))
    why = forms.CharField(label=_("Why?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=300)
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, since: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].first = since  # type: ignore[attr-defined]


class PledgeForm(MoneyForm):
    """What somebody promises to put into a fund beside the seed."""

    party = RefField(
        label=_("Who promises it?"),
        help_text=_("The number of an organisation or a group, for example org-7K3MPQ2X."),
        kinds=("org", "grp"),
    )
    source = PickField(label=_("What are they?"), choices=())
    amount = MoneyField(label=_("How much?"))
    on = DayField(label=_("Promised on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from jump.web.money.words import CONTRIBUTORS

        super().__init__(*args, **kwargs)
        self.fields["source"].choices = list(CONTRIBUTORS.items())  # type: ignore[attr-defined]


class AmountForm(MoneyForm):
    amount = MoneyField(label=_("Amount"))
    on = DayField(label=_("Day"))


class LineForm(MoneyForm):
    """A link with a bank: an account or a credit line."""

    product = PickField(label=_("What is it?"), choices=())
    bank_name = forms.CharField(label=_("Bank"), max_length=200)
    number = forms.CharField(
        label=_("Number at the bank"), help_text=_("The last four figures are enough."), max_length=40, required=False
    )
    limit = MoneyField(label=_("How much may be drawn?"), help_text=_("Only for a credit line."), required=False)
    on = DayField(label=_("Since"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = products("bank_line")  # type: ignore[attr-defined]


class LineMoveForm(MoneyForm):
    kind = PickField(label=_("What happened?"), choices=())
    amount = MoneyField(label=_("Amount"))
    on = DayField(label=_("Day"))
    receipt = forms.CharField(label=_("Number on the bank's paper"), max_length=40, required=False)

    def __init__(self, *args: Any, kinds: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class ReasonForm(KeyedForm):
    why = forms.CharField(label=_("Why?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=300)


__all__ = [
    "SAVINGS_FIELDS",
    "AmountForm",
    "CallForm",
    "GuaranteeForm",
    "InterestForm",
    "LineForm",
    "LineMoveForm",
    "MoveForm",
    "NoticeForm",
    "OpenSavingsForm",
    "PledgeForm",
    "ReasonForm",
]
