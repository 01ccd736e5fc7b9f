"""A page that does one thing: a short form, what will happen, and one service called when it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jump.web.forms import PageForm, shown_again

TEMPLATE = "components/act.html"


def new_key() -> str:
    """A key for one sending of one form: pressed twice it is still one."""
    return uuid.uuid4().hex


class KeyedForm(PageForm):
    """A form that is sent once: its hidden key is the same on every showing of what was typed."""

    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)


def act_page(
    request: HttpRequest,
    form: forms.Form,
    *,
    do: Callable[[dict[str, Any]], HttpResponse],
    page: Mapping[str, Any],
    template: str = TEMPLATE,
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Show the form; when it is sent and sound, answer with `do(cleaned)`. A refusal shows the page again.

    `page` names heading, sub, send (the words of the button), back (where Cancel leads) and, if wanted, crumbs as
    a list of {label, url}, section, rows of what will happen, and a warning.
    """
    shown = {**page, "form": form}
    if request.method == "POST" and form.is_valid():
        shown_again(request, template, shown, fields=fields)
        return do(form.cleaned_data)
    return render(request, template, shown, status=422 if form.errors else 200)
