"""A page that prepares a step: first what will happen, then, with the same answers, saved for a second person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web.access import actor_of
from jump.web.context import forget_tasks
from jump.web.forms import saved, shown_again
from jump.web.stakes import words

FIELDS = {
    "finance.day_impossible": "on",
    "finance.before_last_movement": "on",
    "finance.amount_not_positive": "amount",
    "finance.shares_short": "shares",
    "finance.more_than_fee": "amount",
    "finance.savings_not_free": "amount",
    "finance.more_than_invested": "amount",
    "finance.contribution_short": "contribution",
    "finance.above_limit": "contribution",
    "finance.year_order": "year",
    "finance.stake_unknown": "account",
    "finance.instalments_differ": "payments",
    "finance.principal_only_refused": "release_by",
}
TEMPLATE = "stakes/step_form.html"


def step_page(
    request: HttpRequest,
    form: forms.Form,
    *,
    subject_ref: Ref,
    kind: finance.StepKind,
    currency: str,
    ask: Callable[[dict[str, Any]], dict[str, Any]],
    page: Mapping[str, Any],
) -> HttpResponse:
    """Show the form; when it is sound, what will happen; when the same was agreed to, prepare it."""
    actor = actor_of(request)
    shown: dict[str, Any] = {**page, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, TEMPLATE, shown, status=422 if form.errors else 200)
    given, on = form.cleaned_data, form.cleaned_data["on"]
    shown_again(request, TEMPLATE, shown, fields=FIELDS)
    asked = ask(given)
    seen = _digest(asked, on)
    if request.POST.get("seen") == seen:
        ref = finance.prepare_step(actor, subject_ref=subject_ref, kind=kind, asked=asked, on=on, key=given["key"])
        forget_tasks(actor)
        saved(request, _("%(ref)s is prepared. A second person approves it.") % {"ref": ref})
        return redirect("stakes:step", ref=ref)
    told = finance.preview_step(actor, subject_ref=subject_ref, kind=kind, asked=asked, on=on)
    names = parties.names(actor, words.refs_in(told.figures))
    shown |= {
        "seen": seen,
        "rows": words.figure_rows(told.figures, currency),
        "table": words.figure_table(told.figures, currency, names),
    }
    return render(request, TEMPLATE, shown)


def _digest(asked: Mapping[str, Any], on: date) -> str:
    """The same answers give the same text: what was agreed to is what was shown."""
    said = {name: value for name, value in asked.items() if name != "loan"}  # its number is new at every showing
    kept = json.dumps([said, on.isoformat()], sort_keys=True)
    return hashlib.sha256(kept.encode()).hexdigest()[:32]
