"""Reads of filled forms, each answer masked for who may not see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Exists, Max, OuterRef

from jump.base import i18n, keys
from jump.base.actors import Actor, require, system_actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.definitions.kept import versions_of
from jump.engines.evidence.models import (
    Attachment,
    FormVersion,
    Review,
    Submission,
)
from jump.engines.evidence.types import (
    AttachmentView,
    FieldError,
    ReviewView,
    SubmissionLine,
    SubmissionState,
    SubmissionView,
)

MASK = "•••"
_RULES = system_actor("rules")


def submission(actor: Actor, ref: Ref) -> SubmissionView:
    rows = list(_rows(actor).filter(ref=ref))
    if not rows:
        raise NotFound(ref=ref)
    return views_of(actor, rows)[0]


def own_view(ref: Ref) -> SubmissionView:
    """What the sender sees of what they just sent: all of it."""
    rows = list(Submission.objects.select_related("scope").filter(ref=ref))
    return views_of(_RULES, rows)[0]


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
    return views_of(actor, list(rows.order_by("-on", "-pk")[offset : offset + limit]), bare=bare)


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
    return views_of(actor, list(to_review(actor, scope)[offset : offset + limit]))


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
    said = Review.objects.filter(
        submission=OuterRef("pk"), turn=OuterRef("turn"), correction__isnull=True, by_key=actor.key
    )
    return rows.exclude(Exists(said))


def latest(about: Ref, form: str) -> SubmissionView | None:
    """The last accepted submission of a form about something, whole: for rules and conditions, never for a page.

    Every question of the form stands in its answers, None where nothing was answered.
    """
    rows = Submission.objects.filter(about_ref=about, state=SubmissionState.ACCEPTED).select_related("scope")
    rows = rows.filter(form_version__form__form_id__endswith=f".{form}" if "." not in form else form)
    row = rows.order_by("-on", "-pk").first()
    return views_of(_RULES, [row], with_blanks=True)[0] if row is not None else None


def attachment(actor: Actor, ref: Ref) -> AttachmentView:
    """One file of a submission that the actor may see. Photos of a personal form are as personal as the form."""
    row = Attachment.objects.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    rows = list(_rows(actor).filter(pk=row.submission_id))
    if not rows:
        raise NotFound(ref=ref)
    if row.path in views_of(actor, rows)[0].masked:
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


def views_of(
    actor: Actor, rows: Sequence[Submission], *, with_blanks: bool = False, bare: bool = False
) -> list[SubmissionView]:
    """Rows (with their scope) that the actor may see, as they see them. Two to four statements."""
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
    views, paths = [], actor.paths_viewing("P2")
    for row in rows:
        held = versions[row.form_version_id]
        private, by_name = personal.unseal(held_keys, row.ref, row.sealed)
        sees = classes_seen(actor, row, paths)
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
        answers, masked = masked_answers(held, row.answers, private, sees)
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


def classes_seen(actor: Actor, row: Submission, paths: Sequence[str] | None = None) -> frozenset[str]:
    """Which personal answers of a row this reader sees: P2 by place and role, P3 by a grant of the row alone.

    `paths` are `actor.paths_viewing("P2")`, where many rows are looked at.
    """
    if actor.is_system or (actor.user_id is not None and row.by_key == actor.key):
        return frozenset({"P2", "P3"})
    if actor.row_refs & {row.ref, row.about_ref}:
        return frozenset({"P2", "P3"})
    path = row.scope.path
    here = actor.paths_viewing("P2") if paths is None else paths
    return frozenset({"P2"}) if any(path.startswith(one) for one in here) else frozenset()


def masked_answers(
    held: FormVersion, opened: Mapping[str, Any], private: Mapping[str, Any], sees: frozenset[str]
) -> tuple[dict[str, Any], frozenset[str]]:
    """All answers, those of classes that this reader does not see as "•••", and the paths of these."""
    fields = held.schema["fields"]
    whole = personal.join(opened, private)
    masked = {
        path: MASK
        for path, field, _value in answered.leaves(fields, whole)
        if (one := personal.class_of(held, field)) in personal.PERSONAL and one not in sees
    }
    return personal.join(whole, masked) if masked else whole, frozenset(masked)


def _attachment_view(row: Attachment) -> AttachmentView:
    return AttachmentView(Ref(row.ref), row.path, row.name, row.mime, row.size, row.sha256, Ref(row.file_ref))
