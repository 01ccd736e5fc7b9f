"""Forms: the list, an upload with everything wrong in one table, a draft, its preview, versions side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jump.base.actors import can
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.web.access import actor_of, needs
from jump.web.acting import new_key
from jump.web.filling import Sheet
from jump.web.forms import saved, shown_again
from jump.web.questionnaires.forms import RIGHT, CompareForm, FilesForm, PublishForm, UploadForm

BOTH = ["GET", "HEAD", "POST"]
SAMPLE_PERCENT = 10
READERS = (RIGHT, "evidence.review", "base.packages")


@require_safe
@needs(*READERS)
def listing(request: HttpRequest) -> HttpResponse:
    """Every form in its latest version, and the drafts that wait."""
    actor = actor_of(request)
    page = {
        "rows": evidence.form_lines(actor, get_language()),
        "drafts": evidence.form_drafts(actor, get_language()) if can(actor, RIGHT) else [],
        "may_upload": can(actor, RIGHT),
    }
    return render(request, "questionnaires/list.html", page)


@require_http_methods(BOTH)
@needs(RIGHT)
def upload(request: HttpRequest) -> HttpResponse:
    """Take in an XLSForm. Everything that is wrong in it stands in one table; then nothing is kept."""
    actor = actor_of(request)
    form = UploadForm(request.POST or None, request.FILES or None, actor=actor)
    page: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        shown_again(request, "questionnaires/upload.html", page)
        sampled = given["review"] == evidence.ReviewPolicy.SAMPLE
        try:
            made = evidence.draft_form(
                actor,
                scope=given["scope"],
                content=given["file"].read(),
                name=given["file"].name,
                media={one.name: one.read() for one in given["media"]},
                data_class=given["data_class"],
                review=evidence.ReviewPolicy(given["review"]),
                sample_percent=SAMPLE_PERCENT if sampled else None,
            )
        except evidence.FormRefused as refusal:
            page["problems"], page["file_name"] = refusal.problems, given["file"].name
            return render(request, "questionnaires/upload.html", page, status=422)
        saved(request, _("The form was read. Look at it, then publish it."))
        return redirect("questionnaires:draft", ref=made.ref)
    return render(request, "questionnaires/upload.html", page, status=422 if form.errors else 200)


@require_http_methods(BOTH)
@needs(RIGHT)
def draft(request: HttpRequest, ref: str) -> HttpResponse:
    """A form before it is published: what it changes, what is missing, what is odd. Publishing is a POST."""
    actor = actor_of(request)
    found = evidence.form_draft(actor, Ref(ref), get_language())
    form = PublishForm(request.POST if request.method == "POST" else None)
    page = {"found": found, "form": form, "files": FilesForm(), "changes": list(_told(found.changes))}
    page["loses"] = bool(found.changes and found.changes.lost and found.submissions)
    if request.method == "POST" and form.is_valid():
        shown_again(request, "questionnaires/draft.html", page)
        made = evidence.publish_form(actor, ref=found.ref, agreed=form.cleaned_data["agreed"])
        saved(
            request,
            _("Version %(version)s is published. Phones get it when they next ask.") % {"version": made.version},
        )
        return redirect("questionnaires:form", form_id=made.id)
    return render(request, "questionnaires/draft.html", page)


@require_POST
@needs(RIGHT)
def add_files(request: HttpRequest, ref: str) -> HttpResponse:
    """Put files beside a draft."""
    actor = actor_of(request)
    form = FilesForm(request.POST, request.FILES)
    found = evidence.form_draft(actor, Ref(ref), get_language())
    page = {"found": found, "form": PublishForm(), "files": form, "changes": list(_told(found.changes))}
    if not form.is_valid():
        return render(request, "questionnaires/draft.html", page, status=422)
    shown_again(request, "questionnaires/draft.html", page)
    evidence.add_media(actor, ref=found.ref, media={one.name: one.read() for one in form.cleaned_data["media"]})
    saved(request, _("The files lie beside the form."))
    return redirect("questionnaires:draft", ref=ref)


@require_POST
@needs(RIGHT)
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Throw a draft away."""
    evidence.drop_draft(actor_of(request), ref=Ref(ref))
    saved(request, _("The draft is thrown away. What was published stays."))
    return redirect("questionnaires:list")


@require_safe
@needs(RIGHT)
def preview_draft(request: HttpRequest, ref: str) -> HttpResponse:
    """The form as it will be asked; nothing can be sent from here."""
    found = evidence.form_draft(actor_of(request), Ref(ref), get_language())
    return _preview(request, found.form, {"draft": found})


@require_safe
@needs(*READERS)
def preview(request: HttpRequest, form_id: str) -> HttpResponse:
    """A published version as it is asked."""
    return _preview(request, evidence.form(form_id, request.GET.get("version") or None, get_language()), {})


def _preview(request: HttpRequest, view: evidence.FormView, page: dict[str, Any]) -> HttpResponse:
    sheet = Sheet(view, actor=actor_of(request), key=new_key(), address=request.path)
    return render(request, "questionnaires/preview.html", {**page, "filled": view, "sheet": sheet})


@require_safe
@needs(*READERS)
def detail(request: HttpRequest, form_id: str) -> HttpResponse:
    """The versions of a form, two of them side by side, and the files that it needs."""
    versions = evidence.form_versions(actor_of(request), form_id, get_language())
    names = [one.version for one in versions]
    page: dict[str, Any] = {"versions": versions, "latest": versions[0], "media": evidence.media_of(form_id)}
    if len(names) > 1:
        form = CompareForm(
            request.GET if "before" in request.GET else None,
            versions=names,
            initial={"before": names[1], "after": names[0]},
        )
        page["form"] = form
        chosen = form.cleaned_data if form.is_bound and form.is_valid() else {"before": names[1], "after": names[0]}
        if not form.errors:
            changes = evidence.compare_forms(form_id, chosen["before"], chosen["after"])
            page["compared"], page["changes"] = changes, list(_told(changes))
    return render(request, "questionnaires/form.html", page)


def _told(changes: evidence.FormChanges | None) -> Iterator[dict[str, Any]]:
    """What a version changes, as rows for the eye: what is lost first."""
    if changes is None:
        return
    for words, kind, rows in (
        (_("No longer asked"), "bad", changes.removed),
        (_("Asked in another way"), "bad", changes.retyped),
        (_("Choices taken out"), "warn", changes.choices_removed),
        (_("New question"), "good", changes.added),
        (_("New choices"), "good", changes.choices_added),
        (_("Other words"), "", changes.relabelled),
        (_("Other rules"), "", changes.rules),
    ):
        for row in rows:
            yield {"what": words, "kind": kind, "row": row}
