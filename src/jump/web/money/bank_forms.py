"""Forms about bank statements and reconciliations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.engines.ledger import api as ledger
from jump.web.acting import KeyedForm
from jump.web.forms import DayField, MoneyField, PageForm, PickField
from jump.web.money import bank_words as words

# Beside which field a refusal belongs.
BANK_FIELDS = {
    "ledger.statement_too_large": "file",
    "ledger.statement_known": "file",
    "ledger.statement_gap": "file",
    "ledger.statement_refused": "file",
    "ledger.not_covered": "as_of",
    "ledger.already_reconciled": "as_of",
    "ledger.bank_lines_open": "as_of",
    "ledger.does_not_agree": "as_of",
    "ledger.account_unknown": "other",
    "ledger.period_closed": "on",
    "ledger.bank_unfinished": "despite",
}


class StatementForm(PageForm):
    """The file of a statement."""

    file = forms.FileField(
        label=_("The bank's file"),
        help_text=_("A table (CSV) or a statement after ISO 20022 (camt.053, XML), at most 10 MB."),
    )


class ReadingForm(PageForm):
    """What the columns of a table mean, and what the table does not say."""

    token = forms.CharField(widget=forms.HiddenInput)
    dates = forms.ChoiceField(label=_("How days are written"), choices=list(words.DATES.items()))
    decimal = forms.ChoiceField(label=_("What begins the decimals"), choices=list(words.DECIMALS.items()))
    opening = MoneyField(
        label=_("Balance at the start"),
        help_text=_("Only where the table has no column of balances."),
        required=False,
        allow_zero=True,
    )
    closing = MoneyField(label=_("Balance at the end"), required=False, allow_zero=True)
    until = DayField(
        label=_("Last day of the statement"),
        help_text=_("Where it is later than the last line."),
        required=False,
        quick=False,
    )

    def __init__(self, *args: Any, head: Sequence[str], guess: ledger.Reading, currency: str, **kwargs: Any) -> None:
        data = guess.as_data()
        kwargs["initial"] = {**data, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        choices = [("", _("No column")), *((name, name) for name in head)]
        columns = {
            name: forms.ChoiceField(label=label, choices=choices, required=name == "day", initial=data[name])
            for name, label in words.COLUMNS.items()
        }
        self.fields = {"token": self.fields["token"], **columns, **self.fields}
        for name in ("opening", "closing"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("amount") and not (cleaned.get("money_in") and cleaned.get("money_out")):
            self.add_error("amount", _("Say which column has the amount, or which two have money in and money out"))
        return cleaned

    @property
    def reading(self) -> ledger.Reading:
        given = self.cleaned_data
        return ledger.Reading.from_data({name: given.get(name) or "" for name in (*words.COLUMNS, "dates", "decimal")})

    @property
    def stated(self) -> ledger.Stated:
        given = self.cleaned_data
        return ledger.Stated(given.get("opening"), given.get("closing"), None, given.get("until"))


class BookForm(KeyedForm):
    """An entry for a line that only the bank knows."""

    other = forms.ChoiceField(label=_("What is it?"))
    memo = forms.CharField(label=_("In words"), max_length=200, help_text=_("It stays for ever: no names."))
    on = DayField(label=_("Day in the books"), required=False, quick=False)

    def __init__(self, *args: Any, accounts: Sequence[ledger.AccountView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *words.BANK_CODES.items(),
            *((one.code, f"{one.title} ({one.code})") for one in accounts if one.code not in words.BANK_CODES),
        ]


class AsOfForm(KeyedForm):
    """As of which day, and why where a signed one is replaced."""

    as_of = DayField(label=_("As of"), quick=False)


class ReplaceForm(KeyedForm):
    why = forms.CharField(label=_("Why?"), help_text=_("It stays on record."), widget=forms.Textarea, max_length=600)


class SealForm(KeyedForm):
    """Sealing: with a reason where something is unfinished."""

    sure = PickField(label=_("Is everything of this month in the books?"), choices=[("yes", _("Yes, seal it"))])
    despite = forms.CharField(
        label=_("Why is it sealed although something is unfinished?"),
        help_text=_("It stays on record."),
        widget=forms.Textarea,
        max_length=600,
        required=False,
    )
