"""The forms that can be filled by spreadsheet, the page of one, its template, and what goes out of it."""

from __future__ import annotations

import io
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from jump.base import clock
from jump.base.actors import can
from jump.engines.evidence import api as evidence
from jump.web.access import actor_of, needs
from jump.web.excel import EXCEL
from jump.web.paging import offset_of, page_of_list
from jump.web.sheets.forms import OutForm, SendForm

RIGHTS = ("evidence.submit", "evidence.review")
SHOWN = 10
OUT = "out"  # two forms on one page: the names of this one begin so


@require_safe
@needs(*RIGHTS)
def listing(request: HttpRequest) -> HttpResponse:
    """Every form by its title, with the way to its spreadsheet."""
    q = request.GET.get("q", "").strip()
    known = evidence.form_lines(actor_of(request), get_language())
    lines = [one for one in known if q.casefold() in f"{one.title} {one.id}".casefold()]
    page = page_of_list(request, len(lines))
    start = offset_of(page)
    return render(request, "sheets/list.html", {"lines": lines[start : start + 50], "page": page, "q": q})


@require_safe
@needs(*RIGHTS)
def form(request: HttpRequest, form_id: str) -> HttpResponse:
    """One form: take its template, send it filled, take out what was sent, and what came of the last files."""
    return render(request, "sheets/form.html", form_page(request, form_id))


def form_page(request: HttpRequest, form_id: str) -> dict[str, Any]:
    """What the page of a form shows."""
    actor = actor_of(request)
    view = evidence.form(form_id, language=get_language())
    may_send = can(actor, "evidence.submit")
    return {
        "view": view,
        "may_send": may_send,
        "send_form": SendForm(actor=actor, today=clock.today()) if may_send else None,
        "out_form": OutForm(actor=actor, today=clock.today(), prefix=OUT),
        "sheets": evidence.sheets(actor, form=view.id, limit=SHOWN),
        "count": evidence.count_export(actor, evidence.ExportAsked(view.id)),
        "feed": request.build_absolute_uri(f"/api/v1/forms/{view.id}.svc"),
    }


@require_safe
@needs("evidence.submit")
def template(request: HttpRequest, form_id: str) -> HttpResponse:
    """The workbook of the form in the reader's language, ready to be filled."""
    out = io.BytesIO()
    name = evidence.write_template(actor_of(request), out, form=form_id, language=get_language() or "en")
    answer = HttpResponse(out.getvalue(), content_type=EXCEL)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@needs(*RIGHTS)
def out(request: HttpRequest, form_id: str) -> HttpResponseBase:
    """The forms that were asked for, as a file that is written while it is read."""
    actor = actor_of(request)
    evidence.form(form_id)
    asked = OutForm(request.GET, actor=actor, today=clock.today(), prefix=OUT)
    if not asked.is_valid():
        return render(request, "sheets/form.html", {**form_page(request, form_id), "out_form": asked}, status=422)
    made = evidence.export(actor, asked=asked.asked(form_id), kind=evidence.ExportFormat(asked.cleaned_data["kind"]))
    answer = StreamingHttpResponse(made.chunks, content_type=made.mime)
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer
