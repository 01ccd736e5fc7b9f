"""Claims: the list, one claim with what was looked at, and a new one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import Actor, can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.cover import words
from jump.web.cover.forms import COVER_FIELDS, ClaimForm
from jump.web.cover.views.schemes import BOTH
from jump.web.forms import saved
from jump.web.paging import offset_of, page_of_list
from jump.web.who import names_of

OPEN = frozenset({"entered", "checked", "reviewed"})


@needs("finance.read")
@require_safe
def list_claims(request: HttpRequest, ref: str) -> HttpResponse:
    """Claims of a scheme: those that wait first."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    state = request.GET.get("state", "")
    state = state if state in {"open", *words.CLAIM_STATES} else ""
    page = page_of_list(request, finance.count_claims(actor, scheme_ref=scheme.ref, state=state))
    rows = finance.claims(actor, scheme_ref=scheme.ref, state=state, offset=offset_of(page))
    names = parties.names(actor, [one.person_ref for one in rows])
    options = [("open", _("Waiting")), *((code, said[0]) for code, said in words.CLAIM_STATES.items())]
    return render(
        request,
        "cover/claims.html",
        {
            "scheme": scheme,
            "page": page,
            "rows": [
                {"row": one, "name": names.get(one.person_ref, one.person_ref), "state": words.CLAIM_STATES[one.state]}
                for one in rows
            ],
            "filters": [("state", _("State"), options, state)],
            "is_filtered": bool(state),
        },
    )


@needs("finance.read")
@require_safe
def show_claim(request: HttpRequest, ref: str) -> HttpResponse:
    """One claim: what is asked, what was looked at, what is paid, who did what. Without any word about health."""
    actor = actor_of(request)
    claim = finance.claim(actor, Ref(ref))
    scheme = finance.scheme(actor, claim.scheme_ref)
    names = parties.names(actor, [one for one in (claim.person_ref, claim.provider_ref) if one])
    called = names_of([one.by for one in claim.steps] + [one.decided_by for one in claim.appeals])
    titles = {one.benefit: one.title for one in claim.lines}
    checks = finance.claim_checks(actor, claim.ref) if claim.state in OPEN else ()
    reads = finance.reads_diagnoses(actor, scheme.medical_ref)
    return render(
        request,
        "cover/claim.html",
        {
            "claim": claim,
            "scheme": scheme,
            "name": names.get(claim.person_ref, claim.person_ref),
            "provider": names.get(claim.provider_ref, "") if claim.provider_ref else "",
            "state": words.CLAIM_STATES[claim.state],
            "pay_to": words.PAY_TO[claim.pay_to],
            "lines": [{"one": one, "reasons": [words.REASONS[code] for code in one.reasons]} for one in claim.lines],
            "checks": [
                {
                    "what": finance.CHECK_WORDS[one.code],
                    "result": words.CHECK_RESULTS[one.result],
                    "facts": words.check_facts(one, titles),
                }
                for one in checks
            ],
            "steps": [
                {"what": words.STEPS[one.state], "by": called.get(one.by, ""), "on": one.on, "why": one.why}
                for one in claim.steps
            ],
            "appeals": [
                {"one": one, "state": words.APPEALS[one.state], "by": called.get(one.decided_by, "")}
                for one in claim.appeals
            ],
            "may": _may(actor, claim, reads, stopped=any(one.result is finance.CheckResult.STOPS for one in checks)),
            "diagnosis": finance.diagnosis(actor, claim_ref=claim.ref)
            if reads and claim.has_diagnosis and request.GET.get("read") == "yes"
            else "",
            "has_open_appeal": any(one.state is finance.AppealState.OPEN for one in claim.appeals),
        },
    )


def _may(actor: Actor, claim: finance.ClaimView, reads: bool, *, stopped: bool) -> dict[str, bool]:
    """What this reader can do now; the services check it again."""
    entered_by = claim.steps[0].by
    decides = can(actor, "finance.approve", claim.scope) and actor.key != entered_by
    is_open = claim.state in OPEN
    approvers = {one.by for one in claim.steps if one.state in ("checked", "reviewed", "valued")}
    return {
        "approve": is_open and decides and not stopped,
        "reject": (is_open or claim.state == "valued") and decides,
        "pay": claim.state == "valued"
        and can(actor, "finance.release", claim.scope)
        and actor.key not in approvers | {entered_by},
        "papers": is_open and can(actor, "finance.prepare", claim.scope),
        "review": claim.state in ("entered", "checked") and reads,
        "appeal": claim.state == "rejected" and can(actor, "finance.prepare", claim.scope),
        "decide": decides,
        "read": reads and claim.has_diagnosis,
    }


@needs("finance.prepare")
@require_http_methods(BOTH)
def enter(request: HttpRequest, ref: str) -> HttpResponse:
    """Write down a claim of a family."""
    actor = actor_of(request)
    family = finance.family(actor, Ref(ref))
    scheme = finance.scheme(actor, family.scheme_ref)
    today = clock.today()
    agreed = [one.provider_ref for one in finance.providers(actor, scheme_ref=scheme.ref) if _runs(one, today)]
    names = parties.names(actor, [*agreed, *(one.person_ref for one in family.persons)])
    form = ClaimForm(
        request.POST or None,
        people=[(one.person_ref, names.get(one.person_ref, one.person_ref)) for one in family.persons],
        providers=[(one, names.get(one, one)) for one in dict.fromkeys(agreed)],
        package=scheme.package,
        currency=scheme.currency,
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        amounts = {code: given[f"amount-{code}"] for code, _title in form.benefits if given[f"amount-{code}"]}
        made = finance.enter_claim(
            actor,
            family_ref=family.ref,
            person_ref=Ref(given["person"]),
            amounts={code: Money(minor, scheme.currency) for code, minor in amounts.items()},
            event_on=given["event_on"],
            reported_on=given["on"],
            pay_to=given["pay_to"],
            provider_ref=Ref(given["provider"]) if given["provider"] else None,
            papers=given["papers"],
            diagnosis=given["diagnosis"],
            key=given["key"],
        )
        forget_tasks(actor)
        saved(request, _("Claim %(number)s is entered. Somebody else decides.") % {"number": made.number})
        return redirect("cover:claim", ref=made.ref)

    page = {
        "heading": _("Enter a claim"),
        "sub": scheme.title,
        "section": "money",
        "send": _("Enter it"),
        "back": reverse("cover:family", args=[family.ref]),
        "crumbs": [
            {"label": scheme.title, "url": reverse("cover:scheme", args=[scheme.ref])},
            {"label": family.ref, "url": reverse("cover:family", args=[family.ref])},
        ],
    }
    return act_page(request, form, do=do, page=page, fields=COVER_FIELDS)


def _runs(one: finance.ProviderView, day: Any) -> bool:
    return one.starts_on <= day and (one.ends_on is None or one.ends_on >= day)
