"""What others may ask of evidence. Answers that are not for the reader are masked, never left out without a sign."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from jump.base import clock, i18n, keys
from jump.base.actors import Actor, require, system_actor
from jump.base.refusals import NotFound
from jump.core import expressions
from jump.core.units import Ref
from jump.engines.evidence import definitions
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.definitions.kept import form_version, versions_of
from jump.engines.evidence.models import (
    Attachment,
    Check,
    Dossier,
    DossierVersion,
    Entity,
    FormVersion,
    PublishedList,
    Review,
    Submission,
)
from jump.engines.evidence.types import (
    AttachmentView,
    Change,
    CheckView,
    ChoiceView,
    DossierCheckView,
    DossierVersionView,
    DossierView,
    EntityVersionView,
    EntityView,
    FieldError,
    FieldView,
    FormView,
    Outcome,
    ReviewPolicy,
    ReviewView,
    SectionState,
    SectionView,
    SignatureView,
    SubmissionLine,
    SubmissionState,
    SubmissionView,
    Verdict,
)

MASK = "•••"
_RULES = system_actor("rules")


# Forms -----------------------------------------------------------------------------------------------


def form(form_id: str, version: str | None = None, language: str | None = None) -> FormView:
    """A form in one language, as a page shows it: the latest version unless one is named."""
    return _form_view(form_version(form_id, version), language)


def forms(language: str | None = None) -> list[FormView]:
    """The latest version of every form, by id."""
    ids = sorted(set(FormVersion.objects.values_list("form__form_id", flat=True)))
    return [form(form_id, None, language) for form_id in ids]


def _form_view(held: FormVersion, language: str | None) -> FormView:
    settings = held.settings
    return FormView(
        id=held.form.form_id,
        version=held.version,
        title=i18n.text(held.title, language),
        languages=tuple(held.schema["languages"]),
        fields=_field_views(held, held.schema["fields"], language, ""),
        ref=Ref(held.ref),
        digest=held.digest,
        language=language or "",
        public=bool(settings.get("public")),
        subject=str(settings.get("subject") or ""),
        data_class=str(settings.get("data_class") or "P1"),
        review=ReviewPolicy(settings.get("review") or "all"),
        about=str(settings.get("about") or ""),
        provenance=str(settings.get("provenance") or ""),
        source_title=str(settings.get("source_title") or ""),
    )


def _field_views(
    held: FormVersion, fields: Sequence[Mapping[str, Any]], language: str | None, prefix: str
) -> tuple[FieldView, ...]:
    views = []
    for field in fields:
        path = f"{prefix}{field['key']}"
        below = f"{path}." if field["type"] == "repeat" else prefix
        choices = held.schema["lists"].get(field.get("list", ""), ())
        views.append(
            FieldView(
                path=path,
                name=field["name"],
                type=field["type"],
                label=i18n.text(field.get("label"), language),
                hint=i18n.text(field.get("hint"), language),
                required=bool(field.get("required")) and field["required"] != "false()",
                choices=tuple(ChoiceView(one["code"], i18n.text(one.get("label"), language)) for one in choices),
                relevant=field.get("relevant", ""),
                constraint=field.get("constraint", ""),
                constraint_message=i18n.text(field.get("constraint_message"), language),
                appearance=field.get("appearance", ""),
                children=_field_views(held, field["children"], language, below) if "children" in field else (),
                data_class=personal.class_of(held, field),
                default=field.get("default", ""),
                calculation=field.get("calculate", ""),
                required_message=i18n.text(field.get("required_message"), language),
                read_only=field.get("read_only") == "true()",
                choice_filter=field["itemset"] if "[" in field.get("itemset", "") else "",
                parameters=field.get("parameters"),
            )
        )
    return tuple(views)


def xform(form_id: str, version: str | None = None) -> str:
    """The XForm of a form, for devices."""
    return str(FormVersion.objects.values_list("xform", flat=True).get(pk=form_version(form_id, version).pk))


def check_answers(form: str, answers: Mapping[str, Any], version: str | None = None) -> list[FieldError]:
    """What is wrong with these answers; attachments are not looked for."""
    return list(outcome_of(form, answers, version).errors)


def outcome_of(form: str, answers: Mapping[str, Any], version: str | None = None) -> Outcome:
    """The answers as the form orders and calculates them, with errors, oddities and what is asked at all."""
    held = form_version(form, version)
    return answered.outcome(held.schema, answers, today=clock.today(), now=clock.now())


# Submissions -----------------------------------------------------------------------------------------


def submission(actor: Actor, ref: Ref) -> SubmissionView:
    rows = list(_rows(actor).filter(ref=ref))
    if not rows:
        raise NotFound(ref=ref)
    return _views(actor, rows)[0]


def own_view(ref: Ref) -> SubmissionView:
    """What the sender sees of what they just sent: all of it."""
    rows = list(Submission.objects.select_related("scope").filter(ref=ref))
    return _views(_RULES, rows)[0]


def fresh_view(
    row: Submission,
    held: FormVersion,
    scope: str,
    private: Mapping[str, Any],
    by_name: str,
    files: Sequence[Attachment] = (),
) -> SubmissionView:
    """The same, of a row that is still in hand: nothing is read again."""
    everything = frozenset({"P2", "P3"})
    return _one_view(row, held, scope, private, by_name, everything, [_attachment_view(one) for one in files], [])


def submissions(
    actor: Actor,
    *,
    form: str | Sequence[str] = "",
    about: Ref | None = None,
    scope: str = "",
    state: str = "",
    limit: int = 50,
    offset: int = 0,
    bare: bool = False,
) -> list[SubmissionView]:
    """Submissions of a form or of several, newest day first. A fixed number of statements; two fewer ``bare``,
    without files and reviews.
    """
    rows = _filtered(_rows(actor), form, about, scope, state)
    return _views(actor, list(rows.order_by("-on", "-pk")[offset : offset + limit]), bare=bare)


def recent(actor: Actor, *, scope: str = "", about: Ref | None = None, limit: int = 20) -> list[SubmissionLine]:
    """What came in last, without its answers: one statement."""
    rows = _filtered(_rows(actor), "", about, scope, "").exclude(state=SubmissionState.DRAFT)
    page = rows.select_related("scope", "form_version").only(
        "ref", "on", "by_title", "state", "scope__path", "form_version__title"
    )
    return [
        SubmissionLine(
            ref=Ref(row.ref),
            title=i18n.text(row.form_version.title),
            on=row.on,
            by=row.by_title,
            state=SubmissionState(row.state),
            scope=row.scope.path,
        )
        for row in page.order_by("-on", "-pk")[:limit]
    ]


def last_days(actor: Actor, places: Iterable[str]) -> dict[str, date]:
    """The day of the last form from each place that stands or waits to be looked at. One statement.

    A day alone says nothing of single rows: like other figures of whole places it is for all who read results.
    """
    require(actor, "results.read")
    rows = Submission.objects.filter(state__in=[SubmissionState.RECEIVED, SubmissionState.ACCEPTED]).order_by()
    known = list(rows.values_list("scope__path").annotate(Max("on")))
    found = {place: max((day for path, day in known if path.startswith(place)), default=None) for place in places}
    return {place: day for place, day in found.items() if day is not None}


def count_submissions(
    actor: Actor, *, form: str = "", about: Ref | None = None, scope: str = "", state: str = ""
) -> int:
    return int(_filtered(_rows(actor), form, about, scope, state).count())


def waiting_for_review(actor: Actor, *, scope: str = "", limit: int = 50, offset: int = 0) -> list[SubmissionView]:
    """What waits for this actor to look at: received under their review right, and not their own. Oldest first."""
    return _views(actor, list(to_review(actor, scope)[offset : offset + limit]))


def to_review(actor: Actor, scope: str = "") -> Any:
    """The rows of `waiting_for_review`, in its order."""
    return _waiting(actor, scope).order_by("received_at", "pk")


def _waiting(actor: Actor, scope: str = "") -> Any:
    from functools import reduce
    from operator import or_

    from django.db.models import Q

    paths = actor.paths_with("evidence.review")
    if not paths:
        return Submission.objects.none()
    here = reduce(or_, [Q(scope__path__startswith=path) for path in paths])
    rows = _filtered(_rows(actor), "", None, scope, SubmissionState.RECEIVED).filter(here).exclude(by_key=actor.key)
    return rows.exclude(reviews__by_key=actor.key, reviews__at__gte=_received())


def _received() -> Any:
    from django.db.models import F

    return F("received_at")


def latest(about: Ref, form: str) -> SubmissionView | None:
    """The last accepted submission of a form about something, whole: for rules and conditions, never for a page.

    Every question of the form stands in its answers, None where nothing was answered.
    """
    rows = Submission.objects.filter(about_ref=about, state=SubmissionState.ACCEPTED).select_related("scope")
    rows = rows.filter(form_version__form__form_id__endswith=f".{form}" if "." not in form else form)
    row = rows.order_by("-on", "-pk").first()
    return _views(_RULES, [row], with_blanks=True)[0] if row is not None else None


def attachment(actor: Actor, ref: Ref) -> AttachmentView:
    """One file of a submission that the actor may see. Photos of a personal form are as personal as the form."""
    row = Attachment.objects.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    rows = list(_rows(actor).filter(pk=row.submission_id))
    if not rows:
        raise NotFound(ref=ref)
    if row.path in _views(actor, rows)[0].masked:
        raise NotFound(ref=ref)
    return _attachment_view(row)


def _rows(actor: Actor) -> Any:
    return Submission.objects.visible_to(actor).select_related("scope")


def _filtered(rows: Any, form: str | Sequence[str], about: Ref | None, scope: str, state: str) -> Any:
    rows = rows.under(scope)
    if form:
        rows = (
            rows.filter(form_version__form__form_id__in=[form] if isinstance(form, str) else form)
            if not isinstance(form, str) or "." in form
            else rows.filter(form_version__form__form_id__endswith=f".{form}")
        )
    if about is not None:
        rows = rows.filter(about_ref=about)
    if state:
        rows = rows.filter(state=SubmissionState(state))
    return rows


def _views(
    actor: Actor, rows: Sequence[Submission], *, with_blanks: bool = False, bare: bool = False
) -> list[SubmissionView]:
    versions = versions_of(FormVersion.objects.filter(pk__in={row.form_version_id for row in rows}))
    held_keys = keys.keys_of([Ref(row.ref) for row in rows if row.sealed]) if any(row.sealed for row in rows) else {}
    files: dict[int, list[AttachmentView]] = defaultdict(list)
    reviews: dict[int, list[ReviewView]] = defaultdict(list)
    for one in () if bare else Attachment.objects.filter(submission__in=rows).order_by("pk"):
        files[one.submission_id].append(_attachment_view(one))
    for review in () if bare else Review.objects.filter(submission__in=rows).order_by("at", "pk"):
        reviews[review.submission_id].append(
            ReviewView(review.by_title, review.verdict, review.why, review.comments, review.at, review.by_key)
        )
    views = []
    for row in rows:
        held = versions[row.form_version_id]
        private, by_name = personal.unseal(held_keys, row.ref, row.sealed)
        sees = _classes_seen(actor, row)
        view = _one_view(row, held, row.scope.path, private, by_name, sees, files[row.pk], reviews[row.pk])
        if with_blanks:
            view = replace(view, answers=answered.with_blanks(held.schema["fields"], view.answers))
        views.append(view)
    return views


def _one_view(
    row: Submission,
    held: FormVersion,
    scope: str,
    private: Mapping[str, Any],
    by_name: str,
    sees: frozenset[str],
    files: Sequence[AttachmentView],
    reviews: Sequence[ReviewView],
) -> SubmissionView:
    if row.state == SubmissionState.DRAFT:
        answers, masked = dict(private) if "P3" in sees else {}, frozenset[str]()
    else:
        answers, masked = _masked(held, row, private, sees)
    return SubmissionView(
        ref=Ref(row.ref),
        form=held.form.form_id,
        version=held.version,
        about=Ref(row.about_ref) if row.about_ref else None,
        scope=scope,
        on=row.on,
        received_at=row.received_at,
        by=row.by_title,
        state=SubmissionState(row.state),
        answers=answered.from_json(held.schema["fields"], answers),
        attachments=tuple(one for one in files if one.path not in masked),
        flags=tuple(FieldError(**one) for one in row.flags),
        title=i18n.text(held.title),
        by_name=by_name if "P2" in sees else "",
        source=row.source,
        reviews=tuple(reviews),
        masked=masked,
        is_due_for_review=row.state == SubmissionState.RECEIVED and row.reviews_needed > 0,
        by_key=row.by_key,
    )


def _classes_seen(actor: Actor, row: Submission) -> frozenset[str]:
    """Which personal answers of a row this reader sees: P2 by place and role, P3 by a grant of the row alone."""
    if actor.is_system or (actor.user_id is not None and row.by_key == actor.key):
        return frozenset({"P2", "P3"})
    if actor.row_refs & {row.ref, row.about_ref}:
        return frozenset({"P2", "P3"})
    path = row.scope.path
    return frozenset({"P2"}) if any(path.startswith(one) for one in actor.paths_viewing("P2")) else frozenset()


def _masked(
    held: FormVersion, row: Submission, private: Mapping[str, Any], sees: frozenset[str]
) -> tuple[dict[str, Any], frozenset[str]]:
    fields = held.schema["fields"]
    whole = personal.join(row.answers, private)
    masked = {
        path: MASK
        for path, field, _value in answered.leaves(fields, whole)
        if (one := personal.class_of(held, field)) in personal.PERSONAL and one not in sees
    }
    return personal.join(whole, masked), frozenset(masked)


def _attachment_view(row: Attachment) -> AttachmentView:
    return AttachmentView(Ref(row.ref), row.path, row.name, row.mime, row.size, row.sha256, Ref(row.file_ref))


# Registers -------------------------------------------------------------------------------------------


def entities(
    actor: Actor,
    *,
    register: str,
    about: Ref | None = None,
    scope: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[EntityView]:
    """The lines of a register, by label, with their current values."""
    rows = Entity.objects.visible_to(actor).under(scope).select_related("scope", "submission")
    rows = rows.filter(register=register) if "." in register else rows.filter(register__endswith=f".{register}")
    if about is not None:
        rows = rows.filter(about_ref=about)
    return [_entity_view(row) for row in rows.order_by("label", "pk")[offset : offset + limit]]


def entity(actor: Actor, ref: Ref) -> EntityView:
    row = Entity.objects.visible_to(actor).select_related("scope", "submission").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _entity_view(row)


def entity_history(actor: Actor, ref: Ref) -> list[EntityVersionView]:
    """What each submission said of a line, oldest first."""
    entity(actor, ref)
    row = Entity.objects.get(ref=ref)
    return [
        EntityVersionView(Ref(one.submission.ref), one.on, one.values)
        for one in row.versions.select_related("submission").order_by("on", "pk")
    ]


def _entity_view(row: Entity) -> EntityView:
    try:
        days = definitions.register(row.register).data.get("freshness_days")
    except definitions.UnknownDefinition:
        days = None
    return EntityView(
        ref=Ref(row.ref),
        register=row.register,
        label=row.label,
        values=row.values,
        about=Ref(row.about_ref) if row.about_ref else None,
        on=row.on,
        submission_ref=Ref(row.submission.ref),
        key=row.key,
        scope=row.scope.path,
        is_stale=days is not None and row.on + timedelta(days=int(days)) < clock.today(),
    )


# Dossiers --------------------------------------------------------------------------------------------


def dossier(actor: Actor, ref: Ref) -> DossierView:
    """A dossier with what is there and what is missing, counted and never guessed."""
    row = Dossier.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _dossier_view(row)


def dossiers(actor: Actor, *, definition: str = "", about: Ref | None = None, scope: str = "") -> list[DossierView]:
    rows = Dossier.objects.visible_to(actor).under(scope).select_related("scope")
    if definition:
        rows = (
            rows.filter(definition=definition)
            if "." in definition
            else rows.filter(definition__endswith=f".{definition}")
        )
    if about is not None:
        rows = rows.filter(about_ref=about)
    return [_dossier_view(row) for row in rows.order_by("opened_on", "pk")]


def dossier_of(about: Ref, definition: str) -> Ref | None:
    """The dossier of this kind about something, if one was opened."""
    rows = Dossier.objects.filter(about_ref=about)
    rows = (
        rows.filter(definition=definition) if "." in definition else rows.filter(definition__endswith=f".{definition}")
    )
    found = rows.values_list("ref", flat=True).first()
    return Ref(found) if found else None


def is_complete(dossier_ref: Ref) -> bool:
    """Whether every mandatory part is there and every condition holds: what a gate asks."""
    state = dossier(_RULES, dossier_ref)
    return state.is_complete and all(one.met is True for one in state.checks)


def _dossier_view(row: Dossier) -> DossierView:
    declared = definitions.dossier(row.definition, row.definition_version)
    sections = definitions.sections_of(declared)
    known: dict[str, list[tuple[str, str]]] = defaultdict(list)
    rows = Submission.objects.filter(
        about_ref=row.about_ref,
        form_version__form__form_id__in=[one["form"] for one in sections],
        state__in=[SubmissionState.ACCEPTED, SubmissionState.RECEIVED, SubmissionState.SENT_BACK],
    )
    for form_id, ref, state in rows.order_by("on", "pk").values_list("form_version__form__form_id", "ref", "state"):
        known[form_id].append((ref, state))
    views = tuple(_section_view(one, known[one["form"]]) for one in sections)
    view = DossierView(
        ref=Ref(row.ref),
        definition=row.definition,
        definition_version=row.definition_version,
        title=i18n.text(declared.data["title"]),
        about=Ref(row.about_ref),
        scope=row.scope.path,
        opened_on=row.opened_on,
        sections=views,
        numerator=sum(min(one.filled, one.needed) for one in views if one.mandatory),
        denominator=sum(one.needed for one in views if one.mandatory),
        versions=tuple(_version_view(one) for one in row.versions.select_related("dossier").order_by("number")),
        signed_by=row.signed_title,
        signed_on=row.signed_on,
        checks=_dossier_checks(row, declared.data.get("checks", ()), sections),
    )
    signers = declared.data.get("signers")
    return _with_signatures(view, row, signers) if signers else view


def _with_signatures(view: DossierView, row: Dossier, signers: Sequence[Mapping[str, Any]]) -> DossierView:
    """Who of several parties signed what is there now; a signature under an older version no longer counts."""
    last = row.versions.prefetch_related("signatures").order_by("-number").first()
    given = {}
    if last is not None and last.signatures.all() and last.digest == digest_of(content_of(view)):
        given = {one.signer: one for one in last.signatures.all()}
    signatures = tuple(
        SignatureView(
            signer=str(one["id"]),
            title=i18n.text(one["title"]),
            role=str(one["role"]),
            by=given[one["id"]].by_title if one["id"] in given else "",
            by_key=given[one["id"]].by_key if one["id"] in given else "",
            on=given[one["id"]].on if one["id"] in given else None,
        )
        for one in signers
    )
    is_signed = all(one.on is not None for one in signatures)
    return replace(
        view,
        signatures=signatures,
        signed_by=view.signed_by if is_signed else "",
        signed_on=max(one.on for one in signatures if one.on is not None) if is_signed else None,
    )


def is_signed(dossier_ref: Ref) -> bool:
    """Whether it is signed, by all who must sign, as it is now: what a gate asks."""
    return dossier(_RULES, dossier_ref).is_signed


def _section_view(section: Mapping[str, Any], known: Sequence[tuple[str, str]]) -> SectionView:
    accepted = [ref for ref, state in known if state == SubmissionState.ACCEPTED]
    needed = max(int(section.get("min", 1)), 1) if section.get("mandatory", True) else int(section.get("min", 0))
    mandatory = bool(section.get("mandatory", True))
    if len(accepted) >= max(needed, 1):
        state = SectionState.COMPLETE
    elif known:
        state = SectionState.STARTED
    else:
        state = SectionState.EMPTY if mandatory else SectionState.OPTIONAL
    lacking = needed - len(accepted)
    return SectionView(
        key=section["key"],
        title=i18n.text(section["title"]),
        form=section["form"],
        mandatory=mandatory,
        min=needed,
        state=state,
        submissions=tuple(Ref(ref) for ref, _state in known),
        filled=len(accepted),
        needed=needed,
        missing=(_("%(number)s more") % {"number": lacking},) if mandatory and lacking > 0 else (),
    )


def _dossier_checks(
    row: Dossier, checks: Iterable[Mapping[str, Any]], sections: Sequence[Mapping[str, Any]]
) -> tuple[DossierCheckView, ...]:
    if not checks:
        return ()
    answers: dict[str, Mapping[str, object]] = {}
    for section in sections:
        short = section["form"].rpartition(".")[2]
        if any(short in check["needs"] for check in checks):  # only what a condition speaks of is read
            found = latest(Ref(row.about_ref), section["form"])
            answers[short] = found.answers if found is not None else {}
    views = []
    for check in checks:
        met, why = None, ""
        try:
            met = expressions.parse(check["needs"]).holds({"answers": answers, "about": row.about_ref})
        except expressions.ExpressionError as error:  # not answered yet, so not met yet
            why = error.message
        views.append(DossierCheckView(check["id"], i18n.text(check["text"]), met, why))
    return tuple(views)


def content_of(state: DossierView) -> dict[str, Any]:
    """What a frozen version holds: per section the submissions with their open answers. Names stay in submissions."""
    refs = [ref for section in state.sections for ref in section.submissions]
    rows = {row.ref: row for row in Submission.objects.filter(ref__in=refs, state=SubmissionState.ACCEPTED)}
    versions = versions_of(FormVersion.objects.filter(pk__in={row.form_version_id for row in rows.values()}))
    return {
        section.key: [
            {
                "submission": ref,
                "form": section.form,
                "version": versions[rows[ref].form_version_id].version,
                "on": rows[ref].on.isoformat(),
                "answers": rows[ref].answers,
            }
            for ref in section.submissions
            if ref in rows
        ]
        for section in state.sections
    }


def digest_of(content: Mapping[str, Any]) -> str:
    """By which two states of a dossier are known to be the same."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def dossier_version(actor: Actor, ref: Ref) -> DossierVersionView:
    row = DossierVersion.objects.select_related("dossier").filter(ref=ref).first()
    if row is None or not Dossier.objects.visible_to(actor).filter(pk=row.dossier_id).exists():
        raise NotFound(ref=ref)
    return _version_view(row)


def _version_view(row: DossierVersion) -> DossierVersionView:
    return DossierVersionView(
        ref=Ref(row.ref),
        dossier_ref=Ref(row.dossier.ref),
        number=row.number,
        frozen_on=row.frozen_on,
        digest=row.digest,
        numerator=row.numerator,
        denominator=row.denominator,
        sections=row.content,
        by=row.frozen_by,
    )


def compare_versions(actor: Actor, a: Ref, b: Ref) -> list[Change]:
    """What differs between two frozen versions, answer by answer, with the question's words.

    The last submission of a section is set against the last; a section with more or fewer of them says so.
    """
    one, other = dossier_version(actor, a), dossier_version(actor, b)
    changes: list[Change] = []
    for key in dict.fromkeys([*one.sections, *other.sections]):
        before, after = _section_rows(one, key), _section_rows(other, key)
        if len(before) != len(after):
            changes.append(Change(key, _("Number of forms"), len(before), len(after)))
        changes += _differences(key, before[-1] if before else {}, after[-1] if after else {})
    return changes


def _section_rows(version: DossierVersionView, key: str) -> list[Mapping[str, Any]]:
    rows = version.sections.get(key)
    return list(rows) if isinstance(rows, list) else []


def _differences(section: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    source = after or before
    if not source or before.get("submission") == after.get("submission"):
        return []
    held = form_version(str(source["form"]), str(source["version"]))
    fields = held.schema["fields"]
    old = _leaves(fields, before)
    new = _leaves(fields, after)
    paths = list(dict.fromkeys([*old, *new]))
    return [
        Change(
            f"{section}.{path}",
            (new.get(path) or old[path])[0],
            old[path][1] if path in old else None,
            new[path][1] if path in new else None,
        )
        for path in paths
        if (old[path][1] if path in old else None) != (new[path][1] if path in new else None)
    ]


def _leaves(fields: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    answers = answered.from_json(fields, row.get("answers", {}))
    return {
        path: (i18n.text(field.get("label")) or field["name"], value)
        for path, field, value in answered.leaves(fields, answers)
    }


# Checks and lists ------------------------------------------------------------------------------------


def checks(actor: Actor, *, ref: Ref) -> list[CheckView]:
    """Who checked something, and what they found; oldest first."""
    rows = Check.objects.visible_to(actor).filter(target_ref=ref).order_by("at", "pk")
    return [
        CheckView(
            ref=Ref(row.ref),
            target=Ref(row.target_ref),
            verdict=Verdict(row.verdict),
            submission_ref=Ref(row.submission_ref) if row.submission_ref else None,
            on=row.on,
            by=row.by_title,
            note=row.note,
        )
        for row in rows
    ]


def published_list(name: str, scope: str) -> list[dict[str, Any]]:
    """The list of this name that is nearest: at the node itself, else at the closest node above it."""
    above = {""}
    parts = scope.strip("/").split("/")
    above |= {"/".join(parts[: number + 1]) + "/" for number in range(len(parts))}
    rows = PublishedList.objects.filter(name=name, scope__in=above).values_list("scope", "rows")
    nearest = max(rows, key=lambda row: len(row[0]), default=None)
    return list(nearest[1]) if nearest is not None else []


def day_of(ref: Ref) -> date | None:
    """The day in the field of a submission."""
    found: date | None = Submission.objects.filter(ref=ref).values_list("on", flat=True).first()
    return found


def author_of(ref: Ref) -> str:
    """The key of who sent a submission, or "" where there is none: for rules that want a second person."""
    return str(Submission.objects.filter(ref=ref).values_list("by_key", flat=True).first() or "")
