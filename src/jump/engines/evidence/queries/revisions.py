"""Reads of what a submission said at different times, and of what reviewers ask those who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from jump.base import i18n, keys
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.definitions.kept import versions_of
from jump.engines.evidence.models import Correction, EarlierAnswers, FormVersion, Review, Submission
from jump.engines.evidence.queries.submissions import classes_seen, masked_answers
from jump.engines.evidence.types import Change, CorrectionState, FieldComment, RevisionView, SubmissionState


def comments_for(actor: Actor, *, since: datetime | None = None) -> list[FieldComment]:
    """What reviewers ask this sender to put right, by question, oldest first; with `since` only what was said after.

    A form stands here as long as it is sent back: the last review of each says what is asked. `key` is the key under
    which the device sent it. Two statements.
    """
    if actor.user_id is None:
        return []
    sent_back = SubmissionState.SENT_BACK.value
    rows = (
        Review.objects.filter(verdict="send_back")
        .filter(
            Q(correction__isnull=True, submission__by_key=actor.key, submission__state=sent_back)
            | Q(correction__by_key=actor.key, correction__state=sent_back)
        )
        .select_related("submission__form_version__form", "correction")
        .defer("submission__form_version__xform", "submission__form_version__schema")
        .order_by("at", "pk")
    )
    last: dict[tuple[int, int | None], Review] = {(row.submission_id, row.correction_id): row for row in rows}
    return [
        FieldComment(
            ref=Ref(row.submission.ref),
            key=(row.correction or row.submission).key,
            form=row.submission.form_version.form.form_id,
            comments=row.comments,
            by=row.by_title,
            at=row.at,
            is_correction=row.correction_id is not None,
        )
        for row in last.values()
        if since is None or row.at > since
    ]


def revisions(actor: Actor, ref: Ref) -> list[RevisionView]:
    """What a submission said, oldest first: earlier answers, those that stand, then corrections that do not stand.

    Masked as the submission itself is. A fixed number of statements.
    """
    row = Submission.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    earlier = list(row.earlier.order_by("revision", "pk"))
    corrections = list(row.corrections.exclude(state=CorrectionState.ACCEPTED).order_by("received_at", "pk"))
    known = {one.form_version_id for one in (*earlier, *corrections) if one.form_version_id} | {row.form_version_id}
    versions = versions_of(FormVersion.objects.filter(pk__in=known))
    held_keys = keys.keys_of([ref])
    sees = classes_seen(actor, row)

    def view(one: Submission | EarlierAnswers | Correction, at: datetime, number: int, state: str) -> RevisionView:
        held = versions[one.form_version_id or row.form_version_id]
        private, _by_name = personal.unseal(held_keys, row.ref, one.sealed)
        answers, masked = masked_answers(held, one.answers, private, sees)
        return RevisionView(
            number=number,
            on=one.on or row.on,
            at=at,
            by=one.by_title,
            answers=answered.from_json(held.schema["fields"], answers),
            state=state,
            masked=masked,
        )

    return [
        *(view(one, one.at, one.revision, "earlier") for one in earlier if one.answers or one.sealed),
        view(row, row.accepted_at or row.received_at, row.revision, "now"),
        *(view(one, one.received_at, row.revision + 1, one.state) for one in corrections),
    ]


def differences(form: FormVersion, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The questions that two revisions answer differently, in the order of the form; a row of a repeat by its place."""
    fields = form.schema["fields"]
    labels = {
        path: i18n.text(field.get("label")) or field["name"] for path, field, _v in answered.leaves(fields, after)
    }
    old = {path: value for path, _field, value in answered.leaves(fields, before)}
    new = {path: value for path, _field, value in answered.leaves(fields, after)}
    for path, field, _value in answered.leaves(fields, before):
        labels.setdefault(path, i18n.text(field.get("label")) or field["name"])
    return [
        Change(path, labels[path], old.get(path), new.get(path))
        for path in dict.fromkeys([*new, *old])
        if old.get(path) != new.get(path)
    ]


def changes_of_revision(actor: Actor, ref: Ref, number: int | None = None) -> list[Change]:
    """What a revision changed against the one before it; without a number, what the correction that waits would change.

    Where neither is there the list is empty.
    """
    known = revisions(actor, ref)
    waiting = [one for one in known if one.state == CorrectionState.RECEIVED]
    numbered = [one for one in known if one.state in ("earlier", "now")]
    if number is None:
        pair = (numbered[-1:] + waiting) if waiting else []
    else:
        pair = [one for one in numbered if one.number in (number - 1, number)]
    if len(pair) != 2:
        return []
    row = Submission.objects.get(ref=ref)
    form = versions_of(FormVersion.objects.filter(pk=row.form_version_id))[row.form_version_id]
    return differences(form, *(answered.to_json(dict(one.answers)) for one in pair))
