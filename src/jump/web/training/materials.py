"""Materials of training: works in editions, their languages, tests and revisions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jump.base import clock, files
from jump.base.actors import can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from jump.engines.reports import api as reports
from jump.web.access import actor_of, needs, signed_in
from jump.web.acting import KeyedForm, act_page
from jump.web.context import forget_tasks
from jump.web.forms import saved
from jump.web.links import address_of
from jump.web.training import words
from jump.web.training.forms import EditionTest, NewMaterial, NextEdition, WriteEdition

WORKS_MAX = 100
PLACES_MAX = 300


@require_safe
@needs("reports.read")
def listing(request: HttpRequest) -> HttpResponse:
    """Every material and how it stands in each language."""
    actor = actor_of(request)
    found = reports.works(actor, q=request.GET.get("q", "").strip(), limit=WORKS_MAX)
    languages = [code for code, _name in settings.LANGUAGES]
    return render(
        request,
        "training/materials.html",
        {
            "works": [
                {
                    "ref": one.ref,
                    "title": one.title,
                    "kind": words.WORK_KINDS.get(one.kind, one.kind),
                    "states": [_state(one, code) for code in languages],
                }
                for one in found
            ],
            "columns": [words.LANGUAGE_NAMES.get(code, code) for code in languages],
            "q": request.GET.get("q", "").strip(),
            "may_write": can(actor, "reports.write"),
        },
    )


def _state(work: reports.WorkView, language: str) -> tuple[str, Any, Any]:
    """The latest edition of a work in a language, as a state word."""
    mine = [one for one in work.editions if one.language == language]
    kind, word = words.EDITION_STATES[mine[-1].state.value if mine else "missing"]
    return kind, word, words.LANGUAGE_NAMES.get(language, language)


@needs("reports.write")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a material with its first edition."""
    actor = actor_of(request)
    form = NewMaterial(request.POST or None, curricula=[(one.id, one.title) for one in cases.curricula_overview(actor)])

    def do(given: dict[str, Any]) -> HttpResponse:
        scope = next(iter(actor.paths_with("reports.write")), "") or parties.programme(actor).scope
        work = reports.add_work(
            actor,
            title=given["title"],
            kind=given["kind"],
            scope=scope,
            curriculum=given["curriculum"],
            key=f"work:{given['key']}",
        )
        reports.begin_edition(
            actor, work_ref=work, language=given["language"], scope=scope, on=clock.today(), key=given["key"]
        )
        saved(request, _("The material is begun."))
        return redirect("training:material", work)

    return act_page(request, form, do=do, page=_page(_("Begin a material"), _("Begin"), reverse("training:materials")))


def _page(heading: str, send: str, back: str, sub: str = "") -> dict[str, Any]:
    return {
        "heading": heading,
        "sub": sub,
        "section": "training",
        "send": send,
        "back": back,
        "crumbs": [
            {"label": _("Training"), "url": reverse("training:list")},
            {"label": _("Materials"), "url": reverse("training:materials")},
        ],
    }


def _edition_page(one: reports.WorkEditionView, heading: str, send: str) -> dict[str, Any]:
    """A page about one edition; `heading` holds its number as %(n)s."""
    return _page(heading % {"n": one.number}, send, reverse("training:material", args=[one.work_ref]))


@require_safe
@signed_in
def material(request: HttpRequest, ref: str) -> HttpResponse:
    """One material: its editions with their parents, and its languages."""
    actor = actor_of(request)
    work = reports.work(actor, Ref(ref))
    languages = [code for code, _name in settings.LANGUAGES]
    status = reports.translations(actor, work.ref, [*languages, *(one.language for one in work.editions)])
    named = parties.names(actor, [author for one in work.editions for author in one.authors])
    taught = {one.id: one.title for one in cases.curricula_overview(actor)}
    may_write = can(actor, "reports.write", work.scope)
    return render(
        request,
        "training/material.html",
        {
            "work": work,
            "kind": words.WORK_KINDS.get(work.kind, work.kind),
            "curriculum": taught.get(work.curriculum, work.curriculum),
            "status": [
                {
                    "language": words.LANGUAGE_NAMES.get(one.language, one.language),
                    "state": words.EDITION_STATES[one.state],
                    "is_behind": one.is_behind,
                    "due_on": one.edition.due_on if one.edition else None,
                    "number": one.edition.number if one.edition else None,
                }
                for one in status
            ],
            "editions": [
                {
                    "view": one,
                    "language": words.LANGUAGE_NAMES.get(one.language, one.language),
                    "state": words.EDITION_STATES[one.state.value],
                    "authors": [named.get(author, author) for author in one.authors],
                    "because": [(ref, address_of("training:course", [ref])) for ref in one.because],
                    "is_open": may_write and one.state.value in ("asked", "draft", "tested"),
                }
                for one in reversed(work.editions)
            ],
            "may_write": may_write,
        },
    )


@needs("reports.write")
def next_edition(request: HttpRequest, ref: str) -> HttpResponse:
    """A translation, an adaptation or a revision of one of the editions."""
    actor = actor_of(request)
    work = reports.work(actor, Ref(ref))
    nodes = {work.scope: _("Where the material belongs")}
    for one in [*parties.places(actor, kind="country"), *parties.communities(actor, limit=PLACES_MAX)]:
        if can(actor, "reports.write", one.scope):
            nodes[one.scope] = one.name
    asking = cases.courses(actor, curriculum=work.curriculum, limit=20) if work.curriculum else []
    form = NextEdition(
        request.POST or None,
        today=clock.today(),
        initial={"parent": work.editions[-1].ref if work.editions else "", "language": "fr", "scope": work.scope},
        parents=[
            (one.ref, f"{one.number} · {words.LANGUAGE_NAMES.get(one.language, one.language)} · {one.place}")
            for one in work.editions
        ],
        scopes=list(nodes.items()),
        courses=[(one.ref, one.title) for one in asking if one.state == "finished"],
    )

    def do(given: dict[str, Any]) -> HttpResponse:
        reports.begin_edition(
            actor,
            work_ref=work.ref,
            language=given["language"],
            scope=given["scope"],
            on=clock.today(),
            parent_ref=Ref(given["parent"]),
            change=given["change"],
            because=[Ref(given["because"])] if given["because"] else [],
            due_on=given["due_on"],
            asked_only=True,
            key=given["key"],
        )
        saved(request, _("The edition is on the list."))
        return redirect("training:material", ref)

    back = reverse("training:material", args=[ref])
    return act_page(request, form, do=do, page=_page(_("Next edition"), _("Begin"), back, work.title))


@needs("reports.write")
def write(request: HttpRequest, ref: str) -> HttpResponse:
    """The file or the address of an edition."""
    actor = actor_of(request)
    one = reports.work_edition(actor, Ref(ref))
    form = WriteEdition(request.POST or None, request.FILES or None)

    def do(given: dict[str, Any]) -> HttpResponse:
        file = given["file"]
        reports.write_edition(
            actor,
            edition_ref=one.ref,
            file=file.file if file else None,
            file_name=file.name if file else "",
            address=given["address"],
            licence=given["licence"],
            cost_minor=given["cost_minor"],
            currency="USD" if given["cost_minor"] is not None else "",
        )
        saved(request, _("Kept."))
        return redirect("training:material", one.work_ref)

    return act_page(request, form, do=do, page=_edition_page(one, _("File of edition %(n)s"), _("Save")))


@needs("reports.write")
def test(request: HttpRequest, ref: str) -> HttpResponse:
    """How an edition did when it was tried with people."""
    actor = actor_of(request)
    one = reports.work_edition(actor, Ref(ref))
    form = EditionTest(request.POST or None, today=clock.today())

    def do(given: dict[str, Any]) -> HttpResponse:
        people = _(" People: %(n)s.") % {"n": given["people"]} if given["people"] else ""
        reports.note_test(actor, edition_ref=one.ref, on=given["on"], result=f"{given['result']}{people}")
        saved(request, _("Kept."))
        return redirect("training:material", one.work_ref)

    return act_page(request, form, do=do, page=_edition_page(one, _("Test of edition %(n)s"), _("Save")))


@needs("reports.write")
def publish(request: HttpRequest, ref: str) -> HttpResponse:
    """Publish an edition: from now on it stays as it is."""
    actor = actor_of(request)
    one = reports.work_edition(actor, Ref(ref))
    form = KeyedForm(request.POST or None)

    def do(_given: dict[str, Any]) -> HttpResponse:
        reports.publish_edition(actor, edition_ref=one.ref, on=clock.today())
        forget_tasks(actor)
        saved(request, _("Published."))
        return redirect("training:material", one.work_ref)

    page = _edition_page(one, _("Publish edition %(n)s"), _("Publish")) | {
        "warning": _("A published edition never changes. A change is the next edition."),
    }
    return act_page(request, form, do=do, page=page)


@require_safe
@signed_in
def file(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The file of an edition."""
    one = reports.work_edition(actor_of(request), Ref(ref))
    if one.file_ref is None:
        raise NotFound(ref=ref)
    kept = files.kept(one.file_ref)
    return FileResponse(files.opened(one.file_ref), content_type=kept.mime, as_attachment=True, filename=kept.name)
