"""Evidence's answers to the questions every engine answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from jump.base import i18n
from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting, told
from jump.core.units import Ref
from jump.engines.evidence import definitions, queries, services
from jump.engines.evidence.models import Attachment, Check, DeclaredFact, Dossier, DossierVersion, Entity, Submission
from jump.engines.evidence.types import SubmissionState

REF_KINDS = frozenset({"sub", "att", "ent", "dos", "dsv", "chk"})
LATE_AFTER = timedelta(days=14)  # our default: a form that waits longer for its review is late
DUE_MAX = 100
CHUNK = 2_000


def describe(actor: Actor, ref: Ref) -> Description | None:
    return describe_many(actor, [ref]).get(ref)


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """What these references are, as far as the reader may see them. One statement per kind."""
    by_kind: dict[str, list[Ref]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref)
    found: dict[Ref, Description] = {}
    for kind, mine in by_kind.items():
        for one in _DESCRIBERS[kind](actor, mine):
            found[one.ref] = one
    return found


def _submissions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Submission.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "form_version")
    for row in rows.defer("form_version__xform", "form_version__schema", "answers", "sealed"):
        yield Description(
            ref=Ref(row.ref),
            kind=_("filled form"),
            title=i18n.text(row.form_version.title),
            detail=row.by_title,
            on=row.on,
            place=row.scope.title,
            url_name="cases:submission",
            url_args=(row.ref,),
            sources=(Ref(row.about_ref),) if row.about_ref else (),
        )


def _attachments(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Attachment.objects.filter(ref__in=refs).select_related("submission__scope")
    seen = set(Submission.objects.visible_to(actor).filter(attachments__ref__in=refs).values_list("pk", flat=True))
    for row in rows:
        if row.submission_id in seen:
            yield Description(
                ref=Ref(row.ref),
                kind=_("photo or file"),
                title=row.name,
                detail=row.mime,
                on=row.submission.on,
                place=row.submission.scope.title,
                sources=(Ref(row.submission.ref),),
            )


def _entities(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Entity.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "submission"):
        try:
            title = i18n.text(definitions.register(row.register).data["title"])
        except definitions.UnknownDefinition:
            title = row.register
        yield Description(
            ref=Ref(row.ref),
            kind=_("register entry"),
            title=row.label,
            detail=title,
            on=row.on,
            place=row.scope.title,
            url_name="trace:ref",
            url_args=(row.ref,),
            sources=(Ref(row.submission.ref),),
        )


def _dossiers(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for view in (queries.dossier_view(row) for row in _visible_dossiers(actor).filter(ref__in=refs)):
        yield Description(
            ref=view.ref,
            kind=_("dossier"),
            title=view.title,
            detail=_("%(part)s of %(whole)s parts") % {"part": view.numerator, "whole": view.denominator},
            on=view.opened_on,
            place=view.scope,
            url_name="cases:dossier",
            url_args=(view.ref,),
            sources=(view.about, *(ref for section in view.sections for ref in section.submissions)),
        )


def _versions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = DossierVersion.objects.filter(ref__in=refs, dossier__in=_visible_dossiers(actor)).select_related(
        "dossier__scope"
    )
    for row in rows:
        declared = definitions.dossier(row.dossier.definition, row.dossier.definition_version)
        yield Description(
            ref=Ref(row.ref),
            kind=_("version of a dossier"),
            title=i18n.text(declared.data["title"]),
            detail=_("version %(number)s") % {"number": row.number},
            on=row.frozen_on,
            place=row.dossier.scope.title,
            url_name="cases:dossier",
            url_args=(row.dossier.ref,),
            sources=(
                *(Ref(one["submission"]) for section in row.content.values() for one in section),
                Ref(row.dossier.about_ref),
            ),
        )


def _checks(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Check.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            ref=Ref(row.ref),
            kind=_("check by another person"),
            title=_("confirmed") if row.verdict == "confirmed" else _("not confirmed"),
            detail=row.by_title,
            on=row.on,
            place=row.scope.title,
            url_name="trace:ref",
            url_args=(row.ref,),
            sources=tuple(Ref(one) for one in (row.submission_ref, row.target_ref) if one),
        )


def _visible_dossiers(actor: Actor) -> Any:
    return Dossier.objects.visible_to(actor).select_related("scope")


_DESCRIBERS = {
    "sub": _submissions,
    "att": _attachments,
    "ent": _entities,
    "dos": _dossiers,
    "dsv": _versions,
    "chk": _checks,
}


def due(actor: Actor, as_of: date) -> list[Due]:
    return told(actor, waiting(actor, as_of))


def waiting(actor: Actor, as_of: date) -> Iterator[Waiting]:
    """Forms that wait for this actor's review or decision, and forms that were sent back to them."""

    def to_look_at(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            late = row["received_at"].date() + LATE_AFTER < as_of
            yield Due(
                ref=Ref(row["ref"]),
                title=_("Look at: %(title)s") % {"title": i18n.text(row["form_version__title"])},
                detail=" · ".join(part for part in (row["scope__title"], row["by_title"]) if part),
                on=row["on"],
                severity="warn" if late else "blue",
                url_name="cases:submission",
                url_args=(row["ref"],),
            )

    def sent_back(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                ref=Ref(row["ref"]),
                title=_("Sent back to you: %(title)s") % {"title": i18n.text(row["form_version__title"])},
                detail="",
                on=row["on"],
                severity="warn",
                url_name="cases:submission",
                url_args=(row["ref"],),
            )

    def to_decide(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                ref=Ref(row["ref"]),
                title=_("Decide which answer holds: %(title)s") % {"title": i18n.text(row["form_version__title"])},
                detail=" · ".join(part for part in (row["scope__title"], row["first_title"], row["by_title"]) if part),
                on=row["on"],
                severity="warn",
                url_name="cases:conflict",
                url_args=(row["ref"],),
            )

    if can(actor, "evidence.review"):
        crossed = ("ref", "form_version__title", "first_title", "by_title", "on", "scope__title")
        yield Waiting((Question(queries.to_decide(actor)[:DUE_MAX], crossed),), to_decide)
        columns = ("ref", "form_version__title", "by_title", "on", "received_at", "scope__title")
        yield Waiting((Question(queries.to_review(actor)[:DUE_MAX], columns),), to_look_at)
    if actor.user_id is not None:
        mine = Submission.objects.filter(by_key=actor.key, state=SubmissionState.SENT_BACK).order_by("on")
        yield Waiting((Question(mine[:DUE_MAX], ("ref", "form_version__title", "on")),), sent_back)


def facts(*, as_of: date) -> Iterator[Fact]:
    """The facts that accepted forms declared, up to a day, as a stream."""
    rows = DeclaredFact.objects.filter(on__lte=as_of, submission__state=SubmissionState.ACCEPTED).order_by("pk")
    fields = (
        "kind",
        "value",
        "on",
        "until",
        "party_ref",
        "codes",
        "submission__ref",
        "submission__about_ref",
        "submission__scope__path",
    )
    for kind, value, on, until, party, codes, ref, about, scope in rows.values_list(*fields).iterator(chunk_size=CHUNK):
        yield Fact(
            kind=kind,
            ref=Ref(ref),
            scope=scope,
            on=on,
            value=value.normalize() if value else value,
            party=Ref(party) if party else (Ref(about) if about else None),
            until=until,
            codes=codes,
            sources=(Ref(ref), Ref(about)) if about else (Ref(ref),),
        )


def export(actor: Actor, scope: str, as_of: date) -> Iterator[Mapping[str, Any]]:
    """Submissions at and under a node with the answers that the actor may see, and the lines of registers."""
    offset = 0
    while views := queries.submissions(actor, scope=scope, limit=CHUNK, offset=offset):
        offset += len(views)
        for view in views:
            if view.on <= as_of:
                yield {
                    "table": "submission",
                    "ref": view.ref,
                    "form": view.form,
                    "version": view.version,
                    "about": view.about,
                    "on": view.on.isoformat(),
                    "state": view.state.value,
                    "answers": definitions.answered.to_json(dict(view.answers)),
                }
    for row in Entity.objects.visible_to(actor).under(scope).filter(on__lte=as_of).order_by("pk"):
        yield {"table": "entity", "ref": row.ref, "register": row.register, "label": row.label, "values": row.values}


def forget(person: Ref, as_of: date) -> int:
    """Destroy the names typed in forms about a person or naming them."""
    return services.forget_submissions(person)


def recheck(party: Ref) -> None:
    """Facts name parties by reference; clusters are joined when figures are computed."""
