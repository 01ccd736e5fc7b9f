"""One page that shows a form, takes what was typed and gives it to evidence."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from jump.base import clock, packages
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.web.filling.sheet import Sheet, flat
from jump.web.forms import shown_again

KEY = "_key"
ADD = "_add"
REMOVE = "_remove"
CURRENCY = "currency"


def _of_the_place(view: evidence.FormView, scope: str) -> dict[str, str]:
    """The currency of the country, where a form asks for one: nobody looks up three letters that the place tells."""
    if not any(one.name == CURRENCY for one in flat(view.fields)):
        return {}
    here = [one.data for one in packages.definitions("countries") if f"/{one.data['iso']}/" in f"/{scope}"]
    return {CURRENCY: str(here[-1]["currency"])} if here and here[-1].get("currency") else {}


def fill_form(
    request: HttpRequest,
    form_id: str,
    *,
    scope: str,
    done: Callable[[evidence.SubmissionView], HttpResponse],
    about: Ref | None = None,
    on: date | None = None,
    version: str | None = None,
    initial: Mapping[str, Any] | None = None,
    preset: Mapping[str, Any] | None = None,
    again: evidence.SubmissionView | None = None,
    template: str = "filling/page.html",
    page: Mapping[str, Any] | None = None,
    source: str = "web",
    by_name: str = "",
) -> HttpResponse:
    """Show the form, and when it is sent give it to evidence and answer with `done(submission)`.

    `initial` stands in the form at first; `preset` is answered by the page and not asked; `again` is a submission that
    was sent back: its answers and files stand in the form, the reviewer's remarks beside them.
    """
    actor = request.actor  # type: ignore[attr-defined]
    view = evidence.form(form_id, version, get_language())
    sent = request.method == "POST"
    sheet = Sheet(
        view,
        data=request.POST if sent else None,
        files=request.FILES if sent else None,
        initial=again.answers if again is not None else {**_of_the_place(view, scope), **(initial or {})},
        preset=preset,
        remarks=again.reviews[-1].comments if again is not None and again.reviews else None,
        attachments=again.attachments if again is not None else (),
        actor=actor,
        key=request.POST.get(KEY, "") or uuid.uuid4().hex,
        address=request.get_full_path(),
        changing=ADD in request.POST or REMOVE in request.POST,
    )
    shown = {**(page or {}), "form": sheet.form, "sheet": sheet, "filled": view}
    if not sent:
        return render(request, template, shown)
    if sheet.change_rows(request.POST.get(ADD, ""), request.POST.get(REMOVE, "")):
        return render(request, template, {**shown, "form": sheet.form})
    answers, files = sheet.answers(), sheet.new_files()
    if sheet.form.errors:  # what could not even be read, together with what else is wrong
        sheet.show_errors(evidence.check_answers(form_id, answers))
        return render(request, template, shown, status=422)
    shown_again(request, template, shown)
    day = on or clock.today()
    if again is not None:
        kept = evidence.resubmit(actor, ref=again.ref, answers=answers, on=day, key=sheet.key, files=files)
    else:
        kept = evidence.submit(
            actor,
            form=form_id,
            answers=answers,
            scope=scope,
            about=about,
            on=day,
            key=sheet.key,
            files=files,
            source=source,
            by_name=by_name,
        )
    return done(kept)
