"""A movement in two steps: a form, then what will happen with the same answers, then its saving."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jump.web.acting import TEMPLATE
from jump.web.forms import all_fields, shown_again

CHECK = "stores/check.html"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will happen if this is saved: a question as heading, rows of words and figures, and the button."""

    heading: str
    rows: Sequence[tuple[str, str]]
    send: str
    note: str = ""


def two_steps(
    request: HttpRequest,
    form: forms.Form,
    *,
    look: Callable[[dict[str, Any]], Outlook],
    do: Callable[[dict[str, Any]], HttpResponse],
    page: Mapping[str, Any],
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Show the form; when it is sent, what will happen; when that is agreed to, do it. A refusal shows it again."""
    shown = {**page, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, TEMPLATE, shown, status=422 if form.errors else 200)
    shown_again(request, TEMPLATE, shown, fields=fields)
    if "save" in request.POST:
        return do(form.cleaned_data)
    typed = [(name, value) for name, values in all_fields(request.POST).lists() for value in values]
    return render(request, CHECK, {**shown, "outlook": look(form.cleaned_data), "typed": typed})
