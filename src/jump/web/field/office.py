"""The office takes in what a phone saved to a file: the same road as by the network, so nothing comes twice."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from jump.base.actors import Actor
from jump.base.refusals import Refusal
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.web.access import actor_of, needs
from jump.web.field import collections
from jump.web.forms import PageForm
from jump.web.links import address_of

FORMAT = "jump.field"
BYTES_MAX = 40_000_000
ENTRIES_MAX = 2_000


class FileFromPhone(PageForm):
    file = forms.FileField(
        label=gettext_lazy("File from the phone"),
        help_text=gettext_lazy("The worker saves it in the field app: To send, Save to a file."),
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one entry of the file: `kind` is good, blue, warn or bad."""

    title: str
    kind: str
    words: str
    detail: str = ""
    url: str = ""


WORDS = {
    evidence.Arrival.NEW: ("good", gettext_lazy("Received")),
    evidence.Arrival.MORE: ("good", gettext_lazy("Completed")),
    evidence.Arrival.SAME: ("blue", gettext_lazy("Was here already")),
    evidence.Arrival.CONFLICT: ("warn", gettext_lazy("Both versions are kept")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@needs("evidence.submit")
def take_in(request: HttpRequest) -> HttpResponse:
    """Choose a file, see entry by entry what became of it. The same file again changes nothing."""
    sent = request.method == "POST"
    form = FileFromPhone(request.POST if sent else None, request.FILES if sent else None)
    rows: list[Taken] = []
    worker = ""
    if sent and form.is_valid():
        try:
            told = _read(form.cleaned_data["file"])
            worker = str(told.get("worker") or "")[:150]
            rows = [_take(actor_of(request), one) for one in told["entries"]]
        except ValueError as error:
            form.add_error("file", str(error))
    page = {"form": form, "rows": rows, "worker": worker, "done": sent and not form.errors}
    return render(request, "field/take_in.html", page, status=422 if form.errors else 200)


def _read(file: Any) -> Mapping[str, Any]:
    """The content of a file that the field app wrote. Raises ValueError with a sentence."""
    if file.size > BYTES_MAX:
        raise ValueError(_("The file is larger than %(mb)s MB. Save fewer entries to one file.") % {"mb": 40})
    try:
        told = json.loads(file.read())
    except (ValueError, RecursionError):
        raise ValueError(_("This is not a file of the field app, or it was damaged. Save it again.")) from None
    if not isinstance(told, dict) or told.get("format") != FORMAT or not isinstance(told.get("entries"), list):
        raise ValueError(_("This is not a file of the field app. Save one there: To send, Save to a file."))
    if len(told["entries"]) > ENTRIES_MAX:
        raise ValueError(_("The file holds more than %(most)s entries.") % {"most": ENTRIES_MAX})
    return told


def _take(actor: Actor, entry: Any) -> Taken:
    """One entry, by the road of the network; a refusal is told beside it and stops no other."""
    title = str(entry.get("form") or entry.get("kind") or "")[:120] if isinstance(entry, dict) else ""
    try:
        if not isinstance(entry, dict):
            raise ValueError("entry")
        if entry.get("kind") == "collection":
            ref = collections.take(actor, {"key": entry.get("id"), **(entry.get("sheet") or {})})
            return Taken(_("Collection"), "good", _("Received"), str(ref), address_of("money:collection", [ref]))
        about = str(entry.get("about") or "")
        receipt = evidence.receive(
            actor,
            xml=str(entry.get("xml") or "").encode(),
            files=[
                evidence.SentAttachment(str(one["name"]), base64.b64decode(one["base64"], validate=True))
                for one in entry.get("files") or ()
            ],
            scope=str(entry.get("scope") or ""),
            about=Ref(about) if about and Ref(about).is_well_formed else None,
            source="import",
            known_to=entry["known"] if type(entry.get("known")) is int and 0 <= entry["known"] < 10**15 else None,
            clock_ahead=entry["clock"] if isinstance(entry.get("clock"), int) else 0,
        )
    except Refusal as refusal:
        return Taken(title, "bad", _("Not taken"), f"{refusal.sentence()} {refusal.advice()}".strip())
    except (KeyError, TypeError, ValueError, binascii.Error):
        return Taken(title, "bad", _("Not taken"), _("This entry is damaged. Save it again on the phone."))
    kind, words = WORDS[receipt.arrival]
    ref = receipt.submission or ""
    return Taken(title, kind, str(words), str(ref), address_of("cases:submission", [ref]) if ref else "")
