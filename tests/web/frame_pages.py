"""Addresses for the frame's own tests: the frame, the sign-in, and a few pages that do one thing each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from jump.base.actors import require
from jump.base.refusals import BadInput, Refusal
from jump.web.forms import DayField, MoneyField, PageForm, saved, shown_again
from jump.web.urls import FRAME

RECEIVED: list[dict[str, Any]] = []


class ReceiptUsed(Refusal):
    """The receipt number belongs to another loan."""

    code = "trial.receipt_used"
    message = "Receipt %(receipt)s is already used."
    what_to_do = "Check the number."


class Visit(PageForm):
    """What a visitor writes down."""

    note = forms.CharField(widget=forms.Textarea, help_text="In your own words.")
    receipt = forms.CharField(required=False)
    amount_minor = MoneyField(currency="PHP", required=False)
    seen_on = DayField(required=False)


def _take(request: HttpRequest, form: Visit) -> None:
    """Stands for a service: refuses what is not acceptable, else keeps it."""
    if form.cleaned_data["receipt"] == "00912":
        raise ReceiptUsed(receipt="00912", field="receipt")
    if form.cleaned_data["note"] == "bad":
        raise BadInput({"note": ["Say more."]})
    if form.cleaned_data["note"] == "break":
        raise RuntimeError("a fault of ours")
    files = {name: (file.name, file.read()) for name, file in request.FILES.items()}
    RECEIVED.append({"note": form.cleaned_data["note"], "files": files, "fields": dict(request.POST.lists())})


def _visit(request: HttpRequest, *, again: bool) -> HttpResponse:
    form = Visit(request.POST or None)
    page = {"form": form}
    if request.method == "POST" and form.is_valid():
        if again:
            shown_again(request, "frame_trial/visit.html", page)
        _take(request, form)
        saved(request, "Visit saved.", undo_url="/undo/")
        return HttpResponse(status=302, headers={"Location": "/help/"})
    return render(request, "frame_trial/visit.html", page, status=422 if form.errors else 200)


@login_required
def visit(request: HttpRequest) -> HttpResponse:
    return _visit(request, again=True)


@login_required
def bare_visit(request: HttpRequest) -> HttpResponse:
    return _visit(request, again=False)


def funds(request: HttpRequest) -> HttpResponse:
    require(request.actor, "finance.release", "trial/")  # type: ignore[attr-defined]
    return HttpResponse("funds")


def with_htmx(request: HttpRequest) -> HttpResponse:
    return render(request, "frame_trial/htmx.html")


def placed(request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    return HttpResponse("a page")


def area(name: str, *routes: str) -> Any:
    return path("", include(([path(f"{name}/{route}/", placed, name=route) for route in routes], name)))


urlpatterns = [
    path("account/", include("allauth.urls")),
    path("", placed, name="home"),
    path("visit/", visit),
    path("bare-visit/", bare_visit),
    path("trial-funds/", funds),
    path("with-htmx/", with_htmx),
    area("tasks", "list"),
    area("communities", "list"),
    area("people", "list"),
    area("decisions", "rounds"),
    area("money", "funds"),
    area("results", "table"),
    area("packages", "list"),
    *FRAME,
]

handler400 = "jump.web.errors.bad_request"
handler403 = "jump.web.errors.not_allowed"
handler404 = "jump.web.errors.not_found"
handler500 = "jump.web.errors.server_trouble"
