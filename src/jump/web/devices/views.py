"""Devices: a list, a new one with its code shown once, revoking; and what could not be placed, with its decisions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.devices.codes import drawing, server_address, settings_of
from jump.web.devices.forms import DeviceForm, DismissForm, TakeForm
from jump.web.filling.reading import words_of
from jump.web.filling.sheet import flat
from jump.web.forms import saved
from jump.web.paging import offset_of, page_of_list
from jump.web.places import titles_of

RIGHT = "evidence.review"
PLACEABLE = frozenset({"unknown_form", "not_offered", "revoked"})
REASONS = {
    evidence.HeldReason.CONFLICT: gettext_lazy("Other answers under a number that was there"),
    evidence.HeldReason.FILE_CONFLICT: gettext_lazy("Another photo under a name that was there"),
    evidence.HeldReason.REVISION: gettext_lazy("New answers that somebody else sent, or that came in another order"),
    evidence.HeldReason.FILE: gettext_lazy("A file that is not what it says"),
    evidence.HeldReason.UNKNOWN_FORM: gettext_lazy("A form that is not known here"),
    evidence.HeldReason.NOT_OFFERED: gettext_lazy("A form of another project"),
    evidence.HeldReason.REVOKED: gettext_lazy("From a device that was taken out of use"),
    evidence.HeldReason.UNREADABLE: gettext_lazy("Cannot be read"),
}
TAKE_WORDS = {
    "conflict": gettext_lazy("The other answers take the place of the first, which are kept; they are reviewed anew."),
    "revision": gettext_lazy("The new answers take the place of those before, which are kept; they are reviewed anew."),
    "file_conflict": gettext_lazy("The other photo takes the place of the first."),
}


@require_safe
@needs(RIGHT)
def listing(request: HttpRequest) -> HttpResponse:
    """The devices of one's places, and how much waits."""
    actor = actor_of(request)
    found = evidence.app_users(actor)
    places = titles_of(one.scope for one in found)
    rows = [{"one": one, "place": places.get(one.scope, one.scope)} for one in found]
    page = {"rows": rows, "held": evidence.count_held(actor), "incomplete": len(evidence.incomplete(actor))}
    return render(request, "devices/list.html", page)


@needs(RIGHT)
def add(request: HttpRequest) -> HttpResponse:
    """Make a device. Its code is on the page that answers, and never again."""
    actor = actor_of(request)

    def do(given: dict[str, Any]) -> HttpResponse:
        carrier = int(given["carrier"]) if given["carrier"] else None
        ref, token = evidence.make_app_user(
            actor, name=given["name"], scope=given["scope"], forms=given["forms"], carrier=carrier
        )
        address = server_address(request, token)
        device = evidence.app_user(actor, ref)
        page = {
            "device": device,
            "place": titles_of([device.scope]).get(device.scope, device.scope),
            "address": address,
            "code": drawing(settings_of(address, device.name)),
        }
        response = render(request, "devices/code.html", page)
        response.headers["Cache-Control"] = "no-store"
        return response

    page = {
        "heading": _("Which device shall send forms?"),
        "sub": _("ODK Collect is set up by a code. The code is shown once; a lost one is replaced by a new device."),
        "send": _("Make the device and show its code"),
        "back": reverse("devices:list"),
        "crumbs": [{"label": _("Devices"), "url": reverse("devices:list")}],
        "section": "devices",
    }
    return act_page(request, DeviceForm(request.POST or None, actor=actor), do=do, page=page)


@require_POST
@needs(RIGHT)
def revoke(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a device out of use."""
    actor = actor_of(request)
    evidence.revoke_app_user(actor, ref=Ref(ref))
    saved(request, _("%(name)s is out of use. What it sent stays.") % {"name": evidence.app_user(actor, Ref(ref)).name})
    return redirect("devices:list")


# What could not be placed ----------------------------------------------------------------------------


@require_safe
@needs(RIGHT)
def held_list(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and forms whose photos have not come."""
    actor = actor_of(request)
    total = evidence.count_held(actor)
    page = page_of_list(request, total)
    found = evidence.held(actor, offset=offset_of(page))
    late = evidence.incomplete(actor)
    places = titles_of([*(one.scope for one in found), *(one.scope for one in late)])
    rows = [{"one": one, "reason": REASONS[one.reason], "place": places.get(one.scope, one.scope)} for one in found]
    waiting = [{"one": one, "place": places.get(one.scope, one.scope)} for one in late]
    return render(request, "devices/held_list.html", {"rows": rows, "page": page, "total": total, "waiting": waiting})


@require_safe
@needs(RIGHT)
def held(request: HttpRequest, ref: str) -> HttpResponse:
    """One thing held: why, what it says, and how it differs from what was there."""
    actor = actor_of(request)
    one = evidence.held_one(actor, Ref(ref))
    asked: dict[str, Any] = {}
    if one.answers is not None:
        view = evidence.form(one.form, one.version or None, get_language())
        asked = {field.name: field for field in flat(view.fields)}
    page = {
        "one": one,
        "reason": REASONS[one.reason],
        "place": titles_of([one.scope]).get(one.scope, one.scope),
        "changes": [
            {
                "label": change.label,
                "before": _said(asked, change.path, change.before),
                "after": _said(asked, change.path, change.after),
            }
            for change in one.changes
        ],
        "may_take": one.reason in evidence.TAKEABLE,
        "is_open": one.state == evidence.HeldState.WAITING,
    }
    return render(request, "devices/held.html", page)


def _said(asked: dict[str, Any], path: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    field = asked.get(path.rpartition(".")[2].rpartition("/")[2])
    return words_of(field, value) if field is not None else str(value)


@needs(RIGHT)
def take(request: HttpRequest, ref: str) -> HttpResponse:
    """Take what was held."""
    actor = actor_of(request)
    one = evidence.held_one(actor, Ref(ref))
    is_placed = one.reason.value in PLACEABLE

    def do(given: dict[str, Any]) -> HttpResponse:
        receipt = evidence.take_held(actor, ref=one.ref, scope=given.get("scope", ""), note=given["note"])
        url = reverse("cases:submission", args=[receipt.submission]) if receipt.submission else ""
        saved(request, _("It is taken."), print_url=url, print_text=_("Look at it"))
        return redirect("devices:held_list")

    page = {
        "heading": _("Take it?"),
        "sub": f"{one.title} · {one.by}",
        "send": _("Take it"),
        "warning": TAKE_WORDS.get(one.reason.value, _("It is kept as a form of its sender, at the place you choose.")),
        **_back(one),
    }
    form = TakeForm(request.POST or None, actor=actor, chosen=one.scope, placed=is_placed)
    return act_page(request, form, do=do, page=page)


@needs(RIGHT)
def dismiss(request: HttpRequest, ref: str) -> HttpResponse:
    """Lay aside what was held."""
    actor = actor_of(request)
    one = evidence.held_one(actor, Ref(ref))

    def do(given: dict[str, Any]) -> HttpResponse:
        evidence.dismiss_held(actor, ref=one.ref, note=given["note"])
        saved(request, _("It is laid aside. Its bytes are kept."))
        return redirect("devices:held_list")

    page = {
        "heading": _("Lay it aside?"),
        "sub": f"{one.title} · {one.by}",
        "send": _("Lay it aside"),
        **_back(one),
    }
    return act_page(request, DismissForm(request.POST or None), do=do, page=page)


def _back(one: evidence.HeldView) -> dict[str, Any]:
    here = reverse("devices:held", args=[one.ref])
    crumbs = [
        {"label": _("Not placed"), "url": reverse("devices:held_list")},
        {"label": str(one.ref), "url": here},
    ]
    return {"back": here, "crumbs": crumbs, "section": "devices"}


@require_safe
@needs(RIGHT)
def held_bytes(request: HttpRequest, ref: str) -> HttpResponse:
    """The very bytes that were sent."""
    content = evidence.held_bytes(actor_of(request), Ref(ref))
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{ref}.xml"'
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@needs(RIGHT)
def finish(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a form whose photos never came as it is."""
    receipt = evidence.finish_incomplete(actor_of(request), ref=Ref(ref))
    url = reverse("cases:submission", args=[receipt.submission]) if receipt.submission else ""
    saved(request, _("It is taken without its photos."), print_url=url, print_text=_("Look at it"))
    return redirect("devices:held_list")
