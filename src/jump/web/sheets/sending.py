"""A filled spreadsheet on its way: sent, checked, taken in, taken back."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from jump.base import clock
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.web import formats
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.context import forget_tasks
from jump.web.excel import EXCEL
from jump.web.forms import saved, shown_again
from jump.web.sheets.forms import FIELDS, SendForm, UndoForm
from jump.web.sheets.views import form_page

STATES = {
    "checking": ("blue", lazy("being checked")),
    "checked": ("blue", lazy("checked, nothing saved yet")),
    "importing": ("blue", lazy("being taken in")),
    "imported": ("good", lazy("taken in")),
    "undoing": ("warn", lazy("being taken back")),
    "undone": ("warn", lazy("taken back")),
    "refused": ("bad", lazy("could not be read")),
}


@needs("evidence.submit")
def send(request: HttpRequest, form_id: str) -> HttpResponse:
    """Take a filled spreadsheet and check it. Nothing is saved as a form yet."""
    if request.method != "POST":
        return redirect("sheets:form", form_id=form_id)
    actor = actor_of(request)
    form = SendForm(request.POST, request.FILES, actor=actor, today=clock.today())
    page = {**form_page(request, form_id), "send_form": form}
    if form.is_valid():
        shown_again(request, "sheets/form.html", page, form="send_form", fields=FIELDS)
        upload = form.cleaned_data["file"]
        view = evidence.upload_sheet(
            actor,
            form=form_id,
            scope=form.cleaned_data["scope"],
            on=form.cleaned_data["on"],
            file=upload.file,
            name=upload.name,
            language=get_language() or "en",
        )
        return redirect("sheets:sheet", ref=view.ref)
    return render(request, "sheets/form.html", page, status=422)


@require_safe
@needs("evidence.submit", "evidence.review")
def sheet(request: HttpRequest, ref: str) -> HttpResponse:
    """How far a spreadsheet is, what is wrong in it, and what can be done now."""
    actor = actor_of(request)
    one = evidence.sheet(actor, Ref(ref))
    kind, word = STATES[one.state.value]
    own = one.by_key == actor.key
    return render(
        request,
        "sheets/sheet.html",
        {
            "one": one,
            "kind": kind,
            "word": word,
            "own": own,
            "done": _done(one),
            "total": _total(one),
            "may_import": own and one.state.value == "checked" and one.rows_good > 0,
            "may_undo": own and one.state.value == "imported" and one.rows_waiting > 0,
            "counts_at_once": evidence.form(one.form, one.version).review is evidence.ReviewPolicy.NONE,
        },
    )


def _done(one: evidence.SheetView) -> int:
    return {"importing": one.rows_made, "undoing": one.rows_undone}.get(one.state.value, one.rows_read)


def _total(one: evidence.SheetView) -> int:
    return {"importing": one.rows_good, "undoing": one.rows_undone + one.rows_waiting}.get(one.state.value, 0)


@needs("evidence.submit")
@require_POST
def take_in(request: HttpRequest, ref: str) -> HttpResponse:
    """Take in all rows, or only those that are right."""
    actor = actor_of(request)
    evidence.import_sheet(actor, ref=Ref(ref), only_valid=request.POST.get("rows") == "valid")
    forget_tasks(actor)
    return redirect("sheets:sheet", ref=ref)


@needs("evidence.submit")
def undo(request: HttpRequest, ref: str) -> HttpResponse:
    """Take back what nobody has approved."""
    actor = actor_of(request)
    one = evidence.sheet(actor, Ref(ref))

    def do(said: dict[str, Any]) -> HttpResponse:
        evidence.undo_sheet(actor, ref=one.ref, why=said["why"])
        forget_tasks(actor)
        saved(request, _("The forms that nobody had approved are taken back. They stay in the books as refused."))
        return redirect("sheets:sheet", ref=ref)

    stay = one.rows_made - one.rows_waiting
    rows = [
        (_("Forms taken back"), formats.number(one.rows_waiting)),
        (_("Forms that were decided about and stay"), formats.number(stay)),
    ]
    page = {
        "heading": _("Take back what came from %(name)s?") % {"name": one.name},
        "sub": ngettext("%(n)s form waits.", "%(n)s forms wait.", one.rows_waiting)
        % {"n": formats.number(one.rows_waiting)},
        "send": _("Take back"),
        "back": reverse("sheets:sheet", args=[one.ref]),
        "section": "tasks",
        "rows": rows,
    }
    return act_page(request, UndoForm(request.POST or None, today=clock.today()), do=do, page=page)


@require_safe
@needs("evidence.submit")
def file(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The file as it came, for who sent it."""
    return _file(request, ref, marked=False)


@require_safe
@needs("evidence.submit")
def marked(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The same file with what is wrong marked in its cells, for who sent it."""
    return _file(request, ref, marked=True)


def _file(request: HttpRequest, ref: str, *, marked: bool) -> HttpResponseBase:
    content, name = evidence.sheet_file(actor_of(request), Ref(ref), marked=marked)
    return FileResponse(content, content_type=EXCEL, filename=name, as_attachment=True)
