"""The register of shares of an enterprise, one holder, the tests of a labour company, and what moves shares."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base import clock
from jump.base.actors import Actor, can
from jump.core.calendars import add_months
from jump.core.money import allocate
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.excel import spreadsheet, wants_excel
from jump.web.forms import saved
from jump.web.money.views.releases import ref_of
from jump.web.printed import Part, pdf_url, printed, wants_pdf
from jump.web.stakes import forms, words
from jump.web.stakes.acts import step_page
from jump.web.stakes.views.steps import BOTH, SHOWN, crumbs_to, home_of, parties_in, step_rows


@needs("finance.read")
@require_safe
def show_register(request: HttpRequest, ref: str) -> HttpResponse:
    """Who holds which shares on a day, what is being bought by instalments, and every step so far."""
    actor = actor_of(request)
    view = finance.share_register(actor, Ref(ref), forms.OnForm.read(request.GET))
    purchases = finance.share_purchases(actor, register_ref=view.ref)
    steps = finance.steps(actor, subject_ref=view.ref, limit=SHOWN)
    refs = [one for sale in purchases for one in (sale.buyer_ref, sale.seller_ref) if one]
    names = parties.names(
        actor, [view.enterprise_ref, *(one.holder_ref for one in view.holders), *refs, *parties_in(steps)]
    )
    name = names.get(view.enterprise_ref, view.enterprise_ref)
    holders = [
        {
            "one": one,
            "name": names.get(one.holder_ref, one.holder_ref),
            "kind": words.HOLDERS.get(one.kind, one.kind),
            "cells": [
                (words.class_words(share_class), words.shares(one.by_class.get(share_class, 0), view.one_share))
                for share_class in view.classes
            ],
            "held": words.shares(one.held, view.one_share),
            "part": words.part(one.part),
        }
        for one in view.holders
    ]
    if wants_excel(request.GET) or wants_pdf(request.GET):
        return _file(request, view, name, holders)
    test = finance.labour_test(actor, register_ref=view.ref, on=view.on)
    conceived = finance.founders_test(actor, register_ref=view.ref, on=view.on)
    return render(
        request,
        "stakes/register.html",
        {
            "conceived": conceived,
            "founders": _founders(actor, conceived, names) if conceived else [],
            "may_add_founder": conceived is not None and can(actor, "parties.write", view.scope),
            "view": view,
            "name": name,
            "holders": holders,
            "classes": [words.class_words(one) for one in view.classes],
            "issued": [
                (words.class_words(one), words.shares(view.issued.get(one, 0), view.one_share)) for one in view.classes
            ],
            "all_issued": words.shares(view.all_issued, view.one_share),
            "is_past": view.on < clock.today(),
            "purchases": [
                {
                    "one": sale,
                    "buyer": names.get(sale.buyer_ref, sale.buyer_ref),
                    "seller": names.get(sale.seller_ref, sale.seller_ref) if sale.seller_ref else name,
                    "shares": words.shares(sale.shares, sale.one_share),
                    "passed": formats.number(sale.stands.shares),
                    "late": sale.late(view.on),
                    "state": words.STAKES[sale.state],
                }
                for sale in purchases
            ],
            "test": test,
            "tests_missed": len(test.check.missed) if test.check else 0,
            "steps": step_rows(steps, names),
            "may": can(actor, "finance.prepare", view.scope),
            "pdf_url": pdf_url(request),
        },
    )


def _founders(actor: Actor, test: finance.FoundersTest, names: dict[str, str]) -> list[tuple[str, str, str]]:
    """Founders and other owners by name, each with how it stands."""
    called = {**names, **parties.names(actor, [one for one in test.founders if one not in names])}
    return [
        *((called.get(one, one), _("holds no shares"), "bad") for one in test.without_shares),
        *((called.get(one, one), _("owns, but did not conceive it"), "bad") for one in test.others),
        *((called.get(one, one), _("owner"), "good") for one in test.founders if one not in test.without_shares),
    ]


@needs("parties.write")
@require_http_methods(BOTH)
def add_founder(request: HttpRequest, ref: str) -> HttpResponse:
    """Record who conceived the enterprise, with the plan or the paper that shows it."""
    actor = actor_of(request)
    view = finance.share_register(actor, Ref(ref))
    test = finance.founders_test(actor, register_ref=view.ref)
    if test is None:
        raise Http404

    def do(given: dict[str, Any]) -> HttpResponse:
        parties.relate(
            actor,
            kind=test.relation,
            from_ref=given["founder"],
            to_ref=view.enterprise_ref,
            on=given["on"],
            proof_ref=ref_of(given["proof"]),
        )
        saved(request, _("Saved. Owners and founders stand beside each other on this page."))
        return redirect(home_of(view.ref))

    page = {
        "section": "money",
        "crumbs": crumbs_to(view.ref),
        "heading": _("Who conceived this enterprise?"),
        "sub": parties.names(actor, [view.enterprise_ref]).get(view.enterprise_ref, view.enterprise_ref),
        "send": _("Save"),
        "back": home_of(view.ref),
    }
    return act_page(
        request,
        forms.FounderForm(request.POST or None),
        do=do,
        page=page,
        fields={"parties.already_related": "founder"},
    )


def _file(request: HttpRequest, view: finance.RegisterView, name: str, holders: list[dict[str, Any]]) -> HttpResponse:
    head = [
        (_("Holder"), _("Who holds the shares")),
        (_("Who it is"), _("Person, enterprise or body")),
        *((words.class_words(one), _("Shares of this class")) for one in view.classes),
        (_("Shares"), _("All shares of the holder")),
        (_("Part"), _("Part of all issued shares")),
    ]
    rows = [
        (one["name"], str(one["kind"]), *(cell for _label, cell in one["cells"]), one["held"], one["part"])
        for one in holders
    ]
    title = _("Register of shares: %(name)s") % {"name": name}
    if wants_pdf(request.GET):
        facts = [
            (_("Shares issued"), words.shares(view.all_issued, view.one_share)),
            (_("Nominal value of one share"), view.nominal),
            (_("Share capital"), view.capital),
        ]
        return printed(title, Part(head, rows), number=view.ref, until=view.on, facts=facts)
    return spreadsheet(title, head, rows)


@needs("finance.read")
@require_safe
def show_holder(request: HttpRequest, ref: str, holder: str) -> HttpResponse:
    """One holder: what she has, what she is buying, and every step that concerned her."""
    actor = actor_of(request)
    view = finance.share_register(actor, Ref(ref))
    row = next((one for one in view.holders if one.holder_ref == holder), None)
    sales = [
        one
        for one in finance.share_purchases(actor, register_ref=view.ref)
        if holder in (one.buyer_ref, one.seller_ref)
    ]
    steps = [
        one
        for one in finance.steps(actor, subject_ref=view.ref, limit=500)
        if holder in (one.party_ref, one.asked.get("to"), one.asked.get("seller"))
    ]
    if row is None and not sales and not steps:
        raise Http404
    names = parties.names(actor, [holder, view.enterprise_ref, *parties_in(steps)])
    by_class = row.by_class if row else {}
    return render(
        request,
        "stakes/holder.html",
        {
            "view": view,
            "name": names.get(holder, holder),
            "enterprise": names.get(view.enterprise_ref, view.enterprise_ref),
            "facts": [
                (words.class_words(one), words.shares(by_class.get(one, 0), view.one_share)) for one in view.classes
            ],
            "held": words.shares(row.held, view.one_share) if row else words.shares(0),
            "part": words.part(row.part) if row else formats.MISSING,
            "purchases": [
                {
                    "one": sale,
                    "shares": words.shares(sale.shares, sale.one_share),
                    "passed": formats.number(sale.stands.shares),
                    "late": sale.late(view.on),
                    "state": words.STAKES[sale.state],
                }
                for sale in sales
            ],
            "steps": step_rows(steps, names),
        },
    )


@needs("finance.read")
@require_safe
def show_test(request: HttpRequest, ref: str) -> HttpResponse:
    """The tests of a labour company on a day: each rule with its facts, by the law that holds on that day."""
    actor = actor_of(request)
    view = finance.share_register(actor, Ref(ref), forms.OnForm.read(request.GET))
    found = finance.labour_test(actor, register_ref=view.ref, on=view.on)
    refs = [view.enterprise_ref, *(who for who, _name in found.wrong_class)]
    if found.check is not None and found.check.largest_holder:
        refs.append(Ref(found.check.largest_holder))
    names = parties.names(actor, refs)
    return render(
        request,
        "stakes/labour_test.html",
        {
            "view": view,
            "name": names.get(view.enterprise_ref, view.enterprise_ref),
            "test": found,
            "rules": _rules(found, names) if found.check is not None else [],
            "wrong_class": [
                (names.get(who, who), words.class_words(share_class)) for who, share_class in found.wrong_class
            ],
            "may": can(actor, "finance.prepare", view.scope),
        },
    )


def _rules(found: finance.LabourTest, names: dict[str, str]) -> list[dict[str, Any]]:
    """Rule by rule: what is asked, what is there, whether it is met, and where the rule comes from."""
    law, check = found.law, found.check
    assert law is not None
    assert check is not None

    def of(ratio: Any) -> str:
        return formats.MISSING if ratio.value is None else words.part(ratio.value)

    above = _("above %(limit)s") % {"limit": words.part(law.labour_share_above)}
    at_most = _("at most %(limit)s")
    rows = [
        ("labour_capital", above, of(check.labour_capital), "labour_share_above"),
        ("labour_votes", above, of(check.labour_votes), "votes_too"),
        (
            "one_holder",
            at_most % {"limit": words.part(law.holder_max)},
            f"{of(check.largest_share)} · {names.get(check.largest_holder, check.largest_holder)}",
            "holder_max",
        ),
        ("members", _("at least %(n)s") % {"n": law.members_min}, formats.number(check.members), "members_min"),
    ]
    if check.hours_limit is not None:
        year = _("year %(year)s") % {"year": found.hours_year} if found.hours_year else _("no hours recorded yet")
        asked = at_most % {"limit": words.part(check.hours_limit)}
        rows.append(("hours", asked, f"{of(check.hours)} · {year}", "hours_limits"))
    return [
        {
            "rule": words.MISSED[code],
            "asked": asked,
            "there": there,
            "is_met": code not in check.missed,
            "source": words.PROVENANCE.get(found.provenance.get(key, "D"), ""),
        }
        for code, asked, there, key in rows
        if code != "labour_votes" or law.votes_too
    ]


# --- what moves shares ------------------------------------------------------------------------------------------------


@needs("finance.prepare")
@require_http_methods(BOTH)
def act(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Prepare one step of a register."""
    actor = actor_of(request)
    view = finance.share_register(actor, Ref(ref))
    found = _FORMS.get(kind)
    if found is None:
        raise Http404
    form_class, ask = found
    sales = [
        one for one in finance.share_purchases(actor, register_ref=view.ref) if one.state is finance.StakeState.OPEN
    ]
    names = parties.names(
        actor, [view.enterprise_ref, *(one.holder_ref for one in view.holders), *(one.buyer_ref for one in sales)]
    )
    enterprise = names.get(view.enterprise_ref, view.enterprise_ref)
    holders = [(str(one.holder_ref), names.get(one.holder_ref, one.holder_ref)) for one in view.holders]
    classes = [(one, words.class_words(one)) for one in view.classes]
    chosen = {
        "holder": holders,
        "seller": [("", _("The enterprise itself: new shares")), *holders],
        "share_class": classes,
        "to_class": classes,
        "purchase": [(str(one.ref), f"{names.get(one.buyer_ref, one.buyer_ref)} · {one.ref}") for one in sales],
    }
    if kind == "issue":
        chosen.pop("holder")
    initial = {name: value for name, value in request.GET.items() if name in form_class.base_fields}
    form = form_class(request.POST or None, currency=view.currency, chosen=chosen, initial=initial)
    page = {
        "heading": words.KINDS[kind],
        "sub": f"{enterprise} · {view.ref}",
        "crumbs": crumbs_to(view.ref),
        "back": home_of(view.ref),
    }
    return step_page(
        request, form, subject_ref=view.ref, kind=finance.StepKind(kind), currency=view.currency, ask=ask, page=page
    )


def _moved(*names: str) -> Any:
    """The answers of these names, with shares and price as the service asks for them."""

    def ask(given: dict[str, Any]) -> dict[str, Any]:
        found = {name: str(given[name]) for name in names}
        found["shares"] = given["shares"]
        if "price" in given:
            found["price_minor"] = given["price"]
        return found

    return ask


def _purchase(given: dict[str, Any]) -> dict[str, Any]:
    """Equal monthly payments; what is left over by dividing comes with the first ones."""
    cost, count = given["shares"] * given["price"], given["payments"]
    parts = allocate(cost, [1] * count)
    return {
        "buyer": str(given["buyer"]),
        "seller": given["seller"],
        "share_class": given["share_class"],
        "shares": given["shares"] * words.ONE_SHARE,
        "price_minor": given["price"],
        "instalments": [[add_months(given["first_on"], number).isoformat(), part] for number, part in enumerate(parts)],
    }


_FORMS: dict[str, tuple[type[forms.StakeForm], Any]] = {
    "issue": (forms.IssueForm, _moved("holder", "holder_kind", "share_class")),
    "transfer": (forms.TransferForm, _moved("holder", "to", "to_kind", "share_class")),
    "change_class": (forms.ClassForm, _moved("holder", "share_class", "to_class")),
    "cancel": (forms.CancelForm, _moved("holder", "share_class")),
    "agree_purchase": (forms.PurchaseForm, _purchase),
    "pay_purchase": (
        forms.PaymentForm,
        lambda given: {"purchase": given["purchase"], "amount_minor": given["amount"]},
    ),
    "record_hours": (forms.HoursForm, lambda given: {"year": given["year"], "workers": given["workers"]}),
}
