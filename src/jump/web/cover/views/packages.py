"""Packages of benefits: what is in force, what is proposed, providers, and the premium sheet with its what-if."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jump.base.actors import can
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.cover import words
from jump.web.cover.forms import COVER_FIELDS, DecisionForm, ProposeForm, ProviderForm, WhyForm
from jump.web.cover.views.schemes import BOTH, contribution_words, crumbs_of
from jump.web.forms import MoneyField, PageForm, saved
from jump.web.who import names_of


@needs("finance.read")
@require_safe
def show(request: HttpRequest, ref: str) -> HttpResponse:
    """Every package of a scheme with its benefits, and the providers with their prices."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    packages = finance.packages_of(actor, scheme_ref=scheme.ref)
    providers = finance.providers(actor, scheme_ref=scheme.ref)
    names = parties.names(actor, [one.provider_ref for one in providers])
    called = names_of([key for one in packages for key in (one.proposed_by, one.adopted_by)])
    may_prepare = can(actor, "finance.prepare", scheme.scope)
    return render(
        request,
        "cover/package.html",
        {
            "scheme": scheme,
            "packages": [
                {
                    "one": one,
                    "state": words.VERSIONS[one.state],
                    "contribution": contribution_words(one),
                    "rows": [
                        (benefit, words.percent(benefit.copay, 0), words.limits(benefit)) for benefit in one.benefits
                    ],
                    "proposed_by": called.get(one.proposed_by, ""),
                    "needed": Money(one.sheet["needed_per_due_minor"], scheme.currency) if one.sheet else None,
                    "may_adopt": one.state is finance.VersionState.PROPOSED
                    and can(actor, "finance.approve", scheme.scope),
                    "may_drop": one.state is finance.VersionState.PROPOSED and may_prepare,
                }
                for one in packages
            ],
            "providers": [
                {"one": one, "name": names.get(one.provider_ref, one.provider_ref), "prices": list(one.tariff.items())}
                for one in providers
            ],
            "may_prepare": may_prepare,
        },
    )


@needs("finance.prepare")
@require_http_methods(BOTH)
def propose(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose a package: from which day, with the premium sheet as it stands."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    form = ProposeForm(request.POST or None, currency=scheme.currency)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.propose_package(
            actor, scheme_ref=scheme.ref, product=given["product"], valid_from=given["valid_from"], key=given["key"]
        )
        saved(request, _("Proposed. The assembly decides; a second person records its decision."))
        return redirect("cover:package", ref=scheme.ref)

    page = {
        "heading": _("Propose a package"),
        "section": "money",
        "send": _("Propose it"),
        "back": reverse("cover:package", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
        "note": _(
            "Look at the premium sheet first: it stays with the proposal. Nothing changes before the assembly agrees."
        ),
    }
    return act_page(request, form, do=do, page=page, fields=COVER_FIELDS)


@needs("finance.approve")
@require_http_methods(BOTH)
def adopt(request: HttpRequest, ref: str) -> HttpResponse:
    """Record the decision of the assembly. A package is never changed afterwards."""
    actor = actor_of(request)
    package = finance.package(actor, Ref(ref))
    scheme = finance.scheme(actor, package.scheme_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.adopt_package(actor, version_ref=package.ref, decision_ref=given["decision"], on=given["on"])
        saved(request, _("Adopted. It is in force from %(day)s.") % {"day": formats.day(package.valid_from)})
        return redirect("cover:package", ref=scheme.ref)

    sheet = package.sheet
    rows = [
        (_("In force from"), formats.day(package.valid_from)),
        (_("Contribution"), contribution_words(package)),
        (_("Needed by the premium sheet"), formats.money(sheet["needed_per_due_minor"], scheme.currency)),
        (_("Chance of a loss in a year"), words.percent(Fraction(sheet["chance_of_loss"]))),
    ]
    page = {
        "heading": _("Adopt the package"),
        "sub": package.title,
        "section": "money",
        "send": _("Record the decision"),
        "back": reverse("cover:package", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
        "rows": rows,
    }
    return act_page(request, DecisionForm(request.POST or None), do=do, page=page, fields=COVER_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Give up a proposal."""
    actor = actor_of(request)
    package = finance.package(actor, Ref(ref))
    scheme = finance.scheme(actor, package.scheme_ref)

    def do(given: dict[str, Any]) -> HttpResponse:
        finance.drop_package(actor, version_ref=package.ref, why=given["why"])
        saved(request, _("Given up. Nothing has changed."))
        return redirect("cover:package", ref=scheme.ref)

    page = {
        "heading": _("Give up the proposal"),
        "sub": package.title,
        "section": "money",
        "send": _("Give it up"),
        "back": reverse("cover:package", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
    }
    return act_page(request, WhyForm(request.POST or None), do=do, page=page, fields=COVER_FIELDS)


@needs("finance.prepare")
@require_http_methods(BOTH)
def provider(request: HttpRequest, ref: str) -> HttpResponse:
    """An agreement with a provider of care and its prices."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    if scheme.package is None:
        raise finance.NoPackage(on=formats.day(scheme.opened_on))
    form = ProviderForm(request.POST or None, package=scheme.package, currency=scheme.currency)

    def do(given: dict[str, Any]) -> HttpResponse:
        prices = {code: given[f"price-{code}"] for code in form.codes if given[f"price-{code}"]}
        finance.agree_provider(
            actor,
            scheme_ref=scheme.ref,
            provider_ref=given["provider"],
            tariff={code: Money(minor, scheme.currency) for code, minor in prices.items()},
            starts_on=given["starts_on"],
            proof_ref=given["proof"],
            key=given["key"],
        )
        saved(request, _("The agreement is recorded."))
        return redirect("cover:package", ref=scheme.ref)

    page = {
        "heading": _("Agreement with a provider of care"),
        "section": "money",
        "send": _("Record it"),
        "back": reverse("cover:package", args=[scheme.ref]),
        "crumbs": crumbs_of(scheme),
        "note": _("A price left empty is not agreed: what is asked then counts."),
    }
    return act_page(request, form, do=do, page=page, fields=COVER_FIELDS)


class WhatIfForm(PageForm):
    """Changes to try. Nothing is saved."""

    contribution = MoneyField(label=gettext_lazy("Contribution"), required=False)
    benefit = forms.ChoiceField(label=gettext_lazy("Change this benefit"), required=False)
    copay = forms.CharField(label=gettext_lazy("Its co-payment in per cent"), required=False, max_length=6)
    ceiling = MoneyField(label=gettext_lazy("Its limit for an event"), required=False)
    use = forms.CharField(
        label=gettext_lazy("Used more or less, in per cent"),
        help_text=gettext_lazy("For example 20 or -20."),
        required=False,
        max_length=6,
    )

    def __init__(self, *args: Any, package: finance.PackageView, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contribution"].currency = currency  # type: ignore[attr-defined]
        self.fields["ceiling"].currency = currency  # type: ignore[attr-defined]
        titles = [(one.code, one.title) for one in package.benefits]
        self.fields["benefit"].choices = [("", _("None")), *titles]  # type: ignore[attr-defined]

    def clean_copay(self) -> Fraction | None:
        return self._share("copay", 0, 100)

    def clean_use(self) -> Fraction | None:
        return self._share("use", -100, 900)

    def _share(self, name: str, low: int, high: int) -> Fraction | None:
        typed = self.cleaned_data[name].strip().replace(",", ".")
        if not typed:
            return None
        try:
            found = Decimal(typed)
        except InvalidOperation as bad:
            raise forms.ValidationError(_("Write a number")) from bad
        if not found.is_finite() or not low <= found <= high:
            raise forms.ValidationError(_("Write a number from %(low)s to %(high)s") % {"low": low, "high": high})
        return Fraction(found) / 100

    def changes(self) -> finance.WhatIf:
        given = self.cleaned_data
        return finance.WhatIf(
            contribution_minor=given["contribution"],
            benefit=given["benefit"],
            copay=given["copay"],
            ceiling_event_minor=given["ceiling"],
            frequency_factor=None if given["use"] is None else 1 + given["use"],
        )


@needs("finance.read")
@require_safe
def premium(request: HttpRequest, ref: str) -> HttpResponse:
    """The premium sheet step by step; with changes typed, the same sheet beside what it is now."""
    actor = actor_of(request)
    scheme = finance.scheme(actor, Ref(ref))
    asked = request.GET
    chosen = Ref(asked["package"]) if asked.get("package") else None
    package = finance.package(actor, chosen) if chosen else scheme.package
    if package is None:
        packages = finance.packages_of(actor, scheme_ref=scheme.ref)
        package = packages[0] if packages else None
    if package is None:
        return render(request, "cover/premium.html", {"scheme": scheme})
    now = finance.premium_sheet(actor, scheme_ref=scheme.ref, version_ref=package.ref)
    tries = any(asked.get(name) for name in ("contribution", "copay", "ceiling", "use"))
    form = WhatIfForm(asked if tries else None, package=package, currency=scheme.currency)
    tried = None
    if tries and form.is_valid():
        tried = finance.premium_sheet(actor, scheme_ref=scheme.ref, version_ref=package.ref, changes=form.changes())
    return render(
        request,
        "cover/premium.html",
        {
            "scheme": scheme,
            "package": package,
            "rows": _sheet_rows(tried or now),
            "steps": _steps(now, tried),
            "tried": tried,
            "form": form,
            "sheet": tried or now,
            "sensitivity": _sensitivity(tried or now),
        },
    )


def whole(amount: Fraction, currency: str) -> str:
    """An exact amount to the minor unit, as money."""
    return formats.money(round(amount), currency)


def _sheet_rows(sheet: finance.PremiumSheet) -> list[dict[str, Any]]:
    return [
        {
            "title": one.title,
            "source": one.assumed_from,
            "assumed": formats.number(float(one.assumed_frequency), 2),
            "own": formats.number(float(one.own_frequency.value), 2) if one.own_frequency.value is not None else "–",
            "weight": words.percent(one.weight, 0),
            "frequency": formats.number(float(one.frequency), 2),
            "cost": whole(one.cost_minor, sheet.currency),
            "copay": words.percent(one.copay, 0),
            "pure": whole(one.pure, sheet.currency),
        }
        for one in sheet.rows
    ]


def _steps(now: finance.PremiumSheet, tried: finance.PremiumSheet | None) -> list[tuple[str, str, str]]:
    """Each step: what it is, as it is now, and with the changes."""

    def both(label: str, of: Any) -> tuple[str, str, str]:
        return label, of(now), of(tried) if tried else ""

    def amount(name: str) -> Any:
        return lambda sheet: whole(getattr(sheet, name), sheet.currency)

    def money(name: str) -> Any:
        return lambda sheet: formats.money(getattr(sheet, name))

    return [
        both(_("Expected claims of one person in a year"), amount("pure")),
        both(_("and for bad years (safety)"), amount("safety")),
        both(_("and for running costs"), amount("operating")),
        both(_("and for the reserve"), amount("surplus")),
        both(_("Price of one person in a year"), amount("total")),
        both(_("Contribution needed"), money("needed_per_due")),
        both(_("Contribution asked"), money("asked_per_due")),
        both(_("Expected contributions of a year"), amount("expected_contributions")),
        both(_("Expected claims of a year"), amount("expected_claims")),
        both(_("Expected running costs of a year"), amount("expected_operating")),
        both(_("Expected result of a year"), amount("expected_result")),
        both(_("Chance of a loss"), lambda sheet: words.percent(sheet.chance_of_loss)),
        both(_("Reserve that is needed"), money("reserve_needed")),
        both(_("Reserve that is there"), money("reserve_held")),
    ]


def _sensitivity(sheet: finance.PremiumSheet) -> list[tuple[str, list[str]]]:
    said = {-1: _("20 % fewer acts"), 0: _("Acts as assumed"), 1: _("20 % more acts")}
    return [
        (said[by], [whole(sheet.sensitivity[by, cost], sheet.currency) for cost in (-1, 0, 1)]) for by in (-1, 0, 1)
    ]
