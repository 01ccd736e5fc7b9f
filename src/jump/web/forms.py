"""Form fields in the habits of the design, and what a form does when a service refuses.

A date is asked as "Today / Yesterday / Another day" with three boxes; money with its currency before the field; a
choice of two to six as large boxes. What was typed is always shown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal
from jump.core import money as core_money
from jump.web import formats

OTHER = "other"


class DayWidget(forms.Widget):
    """Today, yesterday or another day in three boxes. A plain date under the field's own name is understood."""

    quick = True
    today: date | None = None
    is_hidden = False

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        chosen = data.get(name)
        if chosen and chosen != OTHER:
            return chosen
        parts = tuple(str(data.get(f"{name}_{part}") or "").strip() for part in ("day", "month", "year"))
        if any(parts):
            return parts
        return parts if chosen == OTHER else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}_day" not in data

    def parts(self, bound: BoundField) -> dict[str, Any]:
        """What the template needs to draw the field."""
        value = bound.value()
        today = self.today or formats._today()
        quick = [(today, gettext("Today")), (today - timedelta(days=1), gettext("Yesterday"))] if self.quick else []
        iso = value.isoformat() if isinstance(value, date) else value if isinstance(value, str) else ""
        boxes = ("", "", "")
        if isinstance(value, tuple):
            boxes = value
        elif iso and iso not in {day.isoformat() for day, _label in quick}:
            try:
                on = date.fromisoformat(iso)
                boxes = (str(on.day), str(on.month), str(on.year))
            except ValueError:
                boxes = (iso, "", "")
        months = formats.month_names(get_language() or "en")
        return {
            "quick": [
                {"value": on.isoformat(), "label": label, "day": formats.day_month(on), "on": on.isoformat() == iso}
                for on, label in quick
            ],
            "other": bool(any(boxes) or isinstance(value, tuple)),
            "day": boxes[0],
            "month": boxes[1],
            "year": boxes[2],
            "months": [(str(number), name) for number, name in enumerate(months, start=1)],
        }

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Only used outside the `field` tag: one box for YYYY-MM-DD."""
        shown = value.isoformat() if isinstance(value, date) else value or ""
        return format_html('<input class="in" name="{}" value="{}">', name, shown)


class DayField(forms.Field):
    """A date. `quick` offers today and yesterday; a day in the future is refused unless `future`."""

    widget = DayWidget
    default_error_messages = {
        "required": _("Say which day"),
        "incomplete": _("Give the day, the month and the year"),
        "invalid": _("There is no such day. Check day, month and year"),
        "future": _("The day must not be in the future"),
        "too_early": _("The day must not be before %(first)s"),
    }

    def __init__(self, *, quick: bool = True, future: bool = False, first: date | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.quick, self.future, self.first = quick, future, first
        self.today: date | None = None
        self.widget.quick = quick

    def at(self, today: date) -> None:
        """Set the day that counts as today."""
        self.today = self.widget.today = today
        if self.quick and self.initial is None and self.required:
            self.initial = today

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or value == ("", "", ""):
            return None
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not all(value):
            raise ValidationError(self.error_messages["incomplete"], code="incomplete")
        try:
            day, month, year = (int(part) for part in value)
            return date(year, month, day)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is None:
            return
        if not self.future and value > (self.today or formats._today()):
            raise ValidationError(self.error_messages["future"], code="future")
        if self.first and value < self.first:
            raise ValidationError(
                self.error_messages["too_early"] % {"first": formats.day(self.first)}, code="too_early"
            )


class MoneyWidget(forms.TextInput):
    """An amount with its currency before the field, decimal keypad on a phone."""

    currency = ""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "amt", **(attrs or {})})


class MoneyField(forms.Field):
    """An amount of one currency; cleans to whole minor units. Read as the reader's language writes numbers."""

    widget = MoneyWidget
    default_error_messages = {
        "required": _("Say how much"),
        "money.not_a_number": _("This is not an amount. Write only figures, for example %(example)s"),
        "money.negative": _("The amount must not be below zero"),
        "money.too_many_decimals": _("%(currency)s has %(places)s decimals. Check the amount"),
        "money.ambiguous": _(
            "This can be read in two ways. Write it without marks between thousands, for example %(example)s"
        ),
        "money.out_of_range": _("This amount is too large. Check the amount"),
        "zero": _("The amount must be more than zero"),
    }

    def __init__(self, *, currency: str = "", allow_zero: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allow_zero = allow_zero
        self.currency = currency

    @property
    def currency(self) -> str:
        return self._currency

    @currency.setter
    def currency(self, code: str) -> None:
        """A form may learn the currency late, from the loan or fund it is about."""
        self._currency = self.widget.currency = code

    def prepare_value(self, value: Any) -> Any:
        return formats.amount(value, self.currency) if isinstance(value, int) and self.currency else value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            minor = core_money.parse_amount(str(value), self.currency, decimal_mark=formats.decimal_marks()[1])
        except core_money.AmountError as problem:
            text = self.error_messages.get(problem.code, self.error_messages["money.not_a_number"])
            places = core_money.exponent_of(self.currency)
            facts = {"example": formats.amount(150_000, self.currency), "currency": self.currency, "places": places}
            raise ValidationError(text % facts, code=problem.code) from None
        if minor == 0 and not self.allow_zero:
            raise ValidationError(self.error_messages["zero"], code="zero")
        return minor


class CountField(forms.IntegerField):
    """A whole number of things or people: numeric keypad, no arrows, grouping marks allowed."""

    widget = forms.TextInput
    default_error_messages = {
        "required": _("Say how many"),
        "invalid": _("This is not a whole number. Write only figures"),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        marks = {ord(mark): None for mark in (formats.decimal_marks()[0], " ", "\u00a0", "\u202f")}
        return super().to_python(str(value).translate(marks) if isinstance(value, str) else value)


class PickWidget(forms.RadioSelect):
    """Two to six options as large boxes."""


class PickManyWidget(forms.CheckboxSelectMultiple):
    """Several of a few options as large boxes."""


class PickField(forms.ChoiceField):
    """One of two to six options; for more use a plain ChoiceField."""

    widget = PickWidget
    default_error_messages = {"required": _("Choose one")}


class PickManyField(forms.MultipleChoiceField):
    """Several of a few options."""

    widget = PickManyWidget
    default_error_messages = {"required": _("Choose at least one")}


def pick_label(text: Any, detail: Any) -> SafeString:
    """A label of two lines: words, and below them what choosing means."""
    return format_html("<span>{}<br><b>{}</b></span>", text, detail)


class PageForm(forms.Form):
    """A form of a page: ids without colons, required told by the "(optional)" of the others, today from the clock."""

    use_required_attribute = False

    def __init__(self, *args: Any, today: date | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        day = today or formats._today()
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.at(day)
            if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _("This is needed")


def show_refusal(form: forms.BaseForm, refusal: Refusal, fields: Mapping[str, str] | None = None) -> None:
    """Put a refusal's words on the form: on the fields it names (its `errors`, a fact `field`, or `fields` by code),
    else at the top.
    """
    errors = refusal.errors()
    for name, sentences in errors.items():
        for sentence in [sentences] if isinstance(sentences, str) else sentences:
            form.add_error(name if name in form.fields else None, str(sentence))
    if not errors:
        named = str(refusal.facts.get("field", "") or (fields or {}).get(refusal.code, ""))
        form.add_error(named if named in form.fields else None, refusal_words(refusal))


def refusal_words(refusal: Refusal) -> str:
    """What is wrong, and what to do, as one text."""
    return f"{refusal.sentence()} {refusal.advice()}".strip()


def shown_again(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    form: str = "form",
    fields: Mapping[str, str] | None = None,
) -> None:
    """Say which page a refusal of this request shows again, with its words on the form and all that was typed.

    `fields` says beside which field a refusal belongs, by its code: {"finance.receipt_used": "receipt"}.
    """
    request.shown_again = (template, dict(context), form, dict(fields or {}))  # type: ignore[attr-defined]


def saved(
    request: HttpRequest,
    text: str,
    *,
    undo_url: str = "",
    undo_until: str = "",
    print_url: str = "",
    print_text: str = "",
) -> None:
    """Tell on the next page what was saved, with its number, undo and print."""
    links: list[SafeString] = []
    if undo_url:
        links.append(
            format_html('<a href="{}">{}</a> {}', undo_url, gettext("Undo"), undo_until or gettext("until midnight"))
        )
    if print_url:
        links.append(format_html('<a href="{}">{}</a>', print_url, print_text or gettext("Print the receipt")))
    below = format_html("<p>{}</p>", _joined(links)) if links else ""
    messages.success(request, format_html('<p class="strong">{}</p>{}', text, below))


def warned(request: HttpRequest, text: str) -> None:
    """Tell on the next page something to watch."""
    messages.warning(request, format_html('<p class="strong">{}</p>', text))


def _joined(links: list[SafeString]) -> SafeString:
    out = links[0]
    for link in links[1:]:
        out = format_html("{} · {}", out, link)
    return out


def all_fields(data: Any) -> MultiValueDict[str, str]:
    """What was typed, without the frame's own hidden fields."""
    kept: MultiValueDict[str, str] = MultiValueDict()
    for name in data:
        if name not in {"csrfmiddlewaretoken", "_kept"}:
            kept.setlist(name, list(data.getlist(name)))
    return kept
