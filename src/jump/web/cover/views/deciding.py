"""What is done with a claim: approved, rejected, paid, looked at, appealed. Each on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.cover import words
from jump.web.cover.forms import COVER_FIELDS, AppealForm, DayForm, DecideForm, PapersForm, RejectForm, ReviewForm
from jump.web.cover.views.schemes import BOTH
from jump.web.forms import saved


def _act(
    request: HttpRequest,
    claim: finance.ClaimView,
    form: forms.Form,
    do: Callable[[dict[str, Any]], Any],
    *,
    heading: str,
    send: str,
    done: str,
    rows: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    actor = actor_of(request)

    def then(given: dict[str, Any]) -> HttpResponse:
        do(given)
        forget_tasks(actor)
        saved(request, done)
        return redirect("cover:claim", ref=claim.ref)

    page = {
        "heading": heading,
        "sub": _("Claim %(number)s") % {"number": claim.number},
        "section": "money",
        "send": send,
        "rows": rows,
        "back": reverse("cover:claim", args=[claim.ref]),
        "crumbs": [
            {"label": _("Claims"), "url": reverse("cover:claims", args=[claim.scheme_ref])},
            {"label": claim.ref, "url": reverse("cover:claim", args=[claim.ref])},
        ],
    }
    return act_page(request, form, do=then, page=page, fields=COVER_FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Promise what the rules give."""
    actor = actor_of(request)
    claim = finance.claim(actor, Ref(ref))
    titles = {one.benefit: one.title for one in claim.lines}
    rows = [(_("Asked"), formats.money(claim.asked))]
    for one in finance.claim_checks(actor, claim.ref):
        if one.result is not finance.CheckResult.FINE or one.code is finance.CheckCode.COPAY:
            rows.append((str(finance.CHECK_WORDS[one.code]), words.check_facts(one, titles) or "–"))
    return _act(
        request,
        claim,
        DayForm(request.POST or None),
        lambda given: finance.approve_claim(actor, claim_ref=claim.ref, on=given["on"]),
        heading=_("Approve the claim"),
        send=_("Approve"),
        done=_("Approved. A third person pays it."),
        rows=rows,
    )


@needs("finance.approve")
@require_http_methods(BOTH)
def reject(request: HttpRequest, ref: str) -> HttpResponse:
    """Say no, with reasons."""
    actor = actor_of(request)
    claim = finance.claim(actor, Ref(ref))
    return _act(
        request,
        claim,
        RejectForm(request.POST or None),
        lambda given: finance.reject_claim(
            actor, claim_ref=claim.ref, reasons=given["reasons"], why=given["why"], on=given["on"]
        ),
        heading=_("Reject the claim"),
        send=_("Reject"),
        done=_("Rejected. The member may appeal."),
    )


@needs("finance.release")
@require_http_methods(BOTH)
def pay(request: HttpRequest, ref: str) -> HttpResponse:
    """Pay what was promised."""
    actor = actor_of(request)
    claim = finance.claim(actor, Ref(ref))
    rows = [(_("Paid to"), str(words.PAY_TO[claim.pay_to]))]
    if claim.paid is not None:
        rows.append((_("Amount"), formats.money(claim.paid)))
    return _act(
        request,
        claim,
        DayForm(request.POST or None),
        lambda given: finance.pay_claim(actor, claim_ref=claim.ref, on=given["on"]),
        heading=_("Pay the claim"),
        send=_("Pay"),
        done=_("Paid."),
        rows=rows,
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def papers(request: HttpRequest, ref: str) -> HttpResponse:
    """The papers have come."""
    actor = actor_of(request)
    claim = finance.claim(actor, Ref(ref))
    return _act(
        request,
        claim,
        PapersForm(request.POST or None),
        lambda given: finance.add_papers(actor, claim_ref=claim.ref, papers=given["papers"]),
        heading=_("The papers have come"),
        send=_("Write it down"),
        done=_("Written down."),
    )


@needs("finance.read")
@require_http_methods(BOTH)
def review(request: HttpRequest, ref: str) -> HttpResponse:
    """The medical reviewer has looked at the claim."""
    actor = actor_of(request)
    claim = finance.claim(actor, Ref(ref))
    package = finance.scheme(actor, claim.scheme_ref).package
    form = ReviewForm(request.POST or None, exclusions=list(package.exclusions.items()) if package else [])
    return _act(
        request,
        claim,
        form,
        lambda given: finance.review_claim(
            actor, claim_ref=claim.ref, on=given["on"], why=given["why"], exclusion=given["exclusion"]
        ),
        heading=_("Look at the claim"),
        send=_("Write it down"),
        done=_("Written down."),
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """The member does not accept the rejection."""
    actor = actor_of(request)
    claim = finance.claim(actor, Ref(ref))
    return _act(
        request,
        claim,
        AppealForm(request.POST or None),
        lambda given: finance.appeal_claim(
            actor, claim_ref=claim.ref, why=given["why"], on=given["on"], key=given["key"]
        ),
        heading=_("Write down an appeal"),
        send=_("Write it down"),
        done=_("Written down. Somebody who did not reject it decides."),
    )


@needs("finance.approve")
@require_http_methods(BOTH)
def decide(request: HttpRequest, ref: str, appeal_ref: str) -> HttpResponse:
    """Decide an appeal."""
    actor = actor_of(request)
    claim = finance.claim(actor, Ref(ref))
    return _act(
        request,
        claim,
        DecideForm(request.POST or None),
        lambda given: finance.decide_appeal(
            actor,
            appeal_ref=Ref(appeal_ref),
            grants=given["grants"] == "yes",
            answer=given["answer"],
            on=given["on"],
        ),
        heading=_("Decide the appeal"),
        send=_("Decide"),
        done=_("Decided."),
    )
