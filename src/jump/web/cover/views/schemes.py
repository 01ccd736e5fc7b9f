"""Schemes: the list, one scheme with what waits and what stands, and a new one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import Actor, can
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.cover import words
from jump.web.cover.forms import COVER_FIELDS, OpenForm
from jump.web.forms import saved
from jump.web.paging import offset_of, page_of_list

BOTH = ["GET", "HEAD", "POST"]


@needs("finance.read")
@require_safe
def list_schemes(request: HttpRequest) -> HttpResponse:
    """Schemes by title, for whom they are made, and what waits in them."""
    actor = actor_of(request)
    target = request.GET.get("target", "")
    target = target if target in words.TARGETS else ""
    page = page_of_list(request, finance.count_schemes(actor, target=target))
    rows = finance.schemes(actor, target=target, offset=offset_of(page))
    names = parties.names(actor, [one.owner_ref for one in rows])
    return render(
        request,
        "cover/schemes.html",
        {
            "page": page,
            "rows": [{"row": one, "owner": names.get(one.owner_ref, one.owner_ref)} for one in rows],
            "filters": [("target", _("Made for"), list(words.TARGETS.items()), target)],
            "is_filtered": bool(target),
            "may_open": can(actor, "finance.prepare"),
            "has_own": bool(finance.my_families(actor)),
        },
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def open_scheme(request: HttpRequest) -> HttpResponse:
    """A new scheme with a book of its own. It covers nobody before a package is adopted."""
    actor = actor_of(request)
    form = OpenForm(request.POST or None, places=_places(actor))

    def do(given: dict[str, Any]) -> HttpResponse:
        made = finance.open_scheme(
            actor,
            title=given["title"],
            legal_form=given["legal_form"],
            owner_ref=given["owner"],
            scope=given["scope"],
            currency=given["currency"],
            on=given["on"],
            key=given["key"],
            targets=given["targets"],
            target_population=given["population"],
        )
        saved(request, _("The scheme is open. Propose its package of benefits now."))
        return redirect("cover:package", ref=made)

    page = {
        "heading": _("Open a scheme"),
        "section": "money",
        "send": _("Open it"),
        "back": reverse("cover:schemes"),
        "crumbs": [{"label": _("Insurance"), "url": reverse("cover:schemes")}],
    }
    return act_page(request, form, do=do, page=page, fields=COVER_FIELDS)


def _places(actor: Actor) -> list[tuple[str, str]]:
    found = parties.places(actor, kind="country") + parties.places(actor, kind="community")
    return [(one.scope, one.name) for one in found if can(actor, "finance.prepare", one.scope)]


@needs("finance.read")
@require_safe
def show_scheme(request: HttpRequest, ref: str) -> HttpResponse:
    """One scheme: its package, its money, the claims that wait, and where to go from here."""
    actor = actor_of(request)
    found = finance.scheme(actor, Ref(ref))
    waiting = finance.claims(actor, scheme_ref=found.ref, state="open", limit=10)
    names = parties.names(actor, [found.owner_ref, *(one.person_ref for one in waiting)])
    may = {name: can(actor, f"finance.{name}", found.scope) for name in ("prepare", "collect", "approve", "release")}
    package = found.package
    facts = [
        (_("Insured people"), formats.number(found.insured), _("%(n)s families") % {"n": found.families}),
        (_("Cash"), formats.money(found.cash), ""),
        (_("Reserve"), formats.money(found.reserve), ""),
        (_("Approved, not paid"), formats.money(found.payable), ""),
    ]
    return render(
        request,
        "cover/scheme.html",
        {
            "scheme": found,
            "owner": names.get(found.owner_ref, found.owner_ref),
            "targets": [words.TARGETS[one] for one in found.targets],
            "facts": facts,
            "package": package,
            "contribution": contribution_words(package) if package else "",
            "claims": [
                {"row": one, "name": names.get(one.person_ref, one.person_ref), "state": words.CLAIM_STATES[one.state]}
                for one in waiting
            ],
            "may": may,
        },
    )


def contribution_words(package: finance.PackageView) -> str:
    """PHP 70.00 for each person, every month."""
    return f"{formats.money(package.contribution)} {words.PER[package.per]}, {words.RHYTHMS[package.rhythm]}"


def crumbs_of(scheme: finance.SchemeView) -> list[dict[str, str]]:
    """The way back to a scheme, for pages that do one thing."""
    return [
        {"label": _("Insurance"), "url": reverse("cover:schemes")},
        {"label": scheme.title, "url": reverse("cover:scheme", args=[scheme.ref])},
    ]
