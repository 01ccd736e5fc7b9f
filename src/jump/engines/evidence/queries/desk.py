"""The desk of a reviewer: what waits for a look, forms and corrections alike, without their answers."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from jump.base import i18n
from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.evidence.models import Correction, Review, Submission
from jump.engines.evidence.types import CorrectionState, DeskFilters, DeskLine, SubmissionState


def review_desk(
    actor: Actor,
    *,
    form: str = "",
    scope: str = "",
    by: str = "",
    flagged: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[DeskLine]:
    """What waits for this actor's look, odd answers first, then the oldest. One statement, no answers read.

    `form` is a full id, `scope` a node of the tree, `by` the key of a sender; `flagged` leaves out what is not odd.
    """
    rows = _filtered(_desk(actor), form, scope, by)
    if flagged:
        rows = rows.exclude(odd=0)
    page = (
        rows.select_related("scope", "form_version__form")
        .only(*_COLUMNS)
        .order_by("-odd", "since", "pk")[offset : offset + limit]
    )
    return [
        DeskLine(
            ref=Ref(row.ref),
            form=row.form_version.form.form_id,
            title=i18n.text(row.form_version.title),
            about=Ref(row.about_ref) if row.about_ref else None,
            scope=row.scope.path,
            place=row.scope.title,
            on=row.on,
            since=row.since,
            by=row.sender,
            source=row.source,
            flags=len(row.flags),
            is_correction=row.correction is not None,
        )
        for row in page
    ]


_COLUMNS = (
    "ref",
    "about_ref",
    "on",
    "source",
    "flags",
    "scope__path",
    "scope__title",
    "form_version__title",
    "form_version__form__form_id",
)


def desk_filters(actor: Actor, *, form: str = "", scope: str = "", by: str = "") -> DeskFilters:
    """Which forms, places and senders have something waiting, each with how many: what the desk can be narrowed to.

    One statement; how many there are in all under the filters given.
    """
    waiting = _desk(actor).values_list(
        "form_version__form__form_id", "form_version__title", "scope__path", "scope__title", "sender_key", "sender"
    )
    forms: dict[str, tuple[str, int]] = {}
    places: dict[str, tuple[str, int]] = {}
    senders: dict[str, tuple[str, int]] = {}
    total = 0
    for form_id, title, path, place, key, name in waiting.order_by():
        for kept, code, words in ((forms, form_id, i18n.text(title)), (places, path, place), (senders, key, name)):
            kept[code] = (words, kept.get(code, (words, 0))[1] + 1)
        total += (form in ("", form_id)) and path.startswith(scope) and (by in ("", key))

    def listed(kept: dict[str, tuple[str, int]]) -> tuple[tuple[str, str, int], ...]:
        return tuple(sorted(((code, *rest) for code, rest in kept.items()), key=lambda one: (one[1], one[0])))

    return DeskFilters(listed(forms), listed(places), listed(senders), total)


def _desk(actor: Actor) -> Any:
    """What is visible to the actor, waits for a look under their right, is not theirs and was not looked at by them."""
    paths = actor.paths_with("evidence.review")
    if not paths:
        return Submission.objects.none()
    here = reduce(or_, [Q(scope__path__startswith=path) for path in paths])
    correction = Correction.objects.filter(submission=OuterRef("pk"), state=CorrectionState.RECEIVED)
    said = Review.objects.filter(submission=OuterRef("pk"), by_key=actor.key).filter(
        Q(correction__isnull=True, turn=OuterRef("turn"), submission__state=SubmissionState.RECEIVED)
        | Q(correction__state=CorrectionState.RECEIVED)
    )
    return (
        Submission.objects.visible_to(actor)
        .filter(here)
        .filter(Q(state=SubmissionState.RECEIVED) | Exists(correction.filter(submission__state="accepted")))
        .exclude(by_key=actor.key)
        .exclude(Exists(correction.filter(by_key=actor.key)))
        .exclude(Exists(said))
        .annotate(
            correction=Subquery(correction.values("pk")[:1]),
            since=Coalesce(Subquery(correction.values("received_at")[:1]), F("received_at")),
            sender=Coalesce(Subquery(correction.values("by_title")[:1]), F("by_title")),
            sender_key=Coalesce(Subquery(correction.values("by_key")[:1]), F("by_key")),
            odd=Case(When(flags=[], then=Value(0)), default=Value(1), output_field=IntegerField()),
        )
    )


def _filtered(rows: Any, form: str, scope: str, by: str) -> Any:
    if form:
        rows = rows.filter(form_version__form__form_id=form)
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    return rows.filter(sender_key=by) if by else rows
