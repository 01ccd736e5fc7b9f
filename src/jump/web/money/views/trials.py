"""What a loan product would ask of a borrower, before it is offered: to be looked at, changed and printed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jump.base import clock
from jump.base.refusals import Refusal
from jump.core.money import Money
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.money.trial_form import TrialForm, usual_terms


@needs("finance.prepare")
@require_safe
def try_product(request: HttpRequest) -> HttpResponse:
    """A form of terms; with terms in the address, the schedule and the cost of a loan under them."""
    actor, asked = actor_of(request), request.GET
    currency = asked.get("currency") or _first_currency(request)
    is_asked = "amount" in asked
    form = TrialForm(asked if is_asked else None, initial=usual_terms(), currency=currency)
    page: dict[str, Any] = {"form": form, "today": clock.today()}
    if is_asked and form.is_valid():
        amount = Money(form.cleaned_data["amount"], form.cleaned_data["currency"])
        try:
            seen = finance.try_product(actor, words=form.terms(), amount=amount, on=clock.today())
        except Refusal as refusal:
            form.add_error(None, f"{refusal.sentence()} {refusal.advice()}".strip())
        else:
            page |= {"seen": seen, "amount": amount, "facts": _facts(seen), "late": _late(seen), "sub": _sub(form)}
    return render(request, "money/trial.html", page, status=422 if form.errors else 200)


def _facts(seen: finance.ProductTrial) -> list[tuple[str, str, str]]:
    """Label, figure, and what it is made of."""

    def money(minor: int) -> str:
        return formats.money(Money(minor, seen.currency))

    parts = _("%(interest)s interest, %(fee)s fees") % {
        "interest": money(seen.interest_minor),
        "fee": money(seen.fee_minor),
    }
    rate = formats.share(seen.rate_yearly, 2) if seen.rate_yearly is not None else formats.MISSING
    count = ngettext("in %(n)s payment", "in %(n)s payments", len(seen.lines)) % {"n": len(seen.lines)}
    return [
        (_("They receive"), money(seen.received_minor), ""),
        (_("They pay back"), money(seen.paid_minor), count),
        (_("It costs"), money(seen.cost_minor), parts),
        (_("Rate with everything in it"), rate, _("a year")),
    ]


def _late(seen: finance.ProductTrial) -> str:
    """What a late payment does, in one sentence."""
    day = formats.day(seen.late_on - timedelta(days=1))
    if not seen.late_fee_minor:
        return _("A late payment costs nothing: no late fee is charged.")
    given = {
        "day": day,
        "fee": formats.money(Money(seen.late_fee_minor, seen.currency)),
        "owed": formats.money(Money(seen.late_owed_minor, seen.currency)),
    }
    return _("If the first payment has not come by %(day)s, %(fee)s is charged; then %(owed)s is late.") % given


def _sub(form: TrialForm) -> str:
    from jump.web.money import words

    given = form.cleaned_data
    count = int(given["instalments"])
    payments = ngettext("%(n)s payment", "%(n)s payments", count) % {"n": count}
    return " · ".join((payments, str(words.RHYTHMS[given["rhythm"]]), words.rate(form.terms())))


def _first_currency(request: HttpRequest) -> str:
    """That of a fund the reader sees, so that most need not choose."""
    found = finance.funds(actor_of(request))
    return found[0].currency if found else "USD"
