"""Somebody other than the author looks, and says what they found."""

from __future__ import annotations

from collections.abc import Mapping

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence import queries
from jump.engines.evidence.definitions.kept import form_version
from jump.engines.evidence.models import FormVersion, Review, Submission
from jump.engines.evidence.services.accepting import settle
from jump.engines.evidence.services.refusals import NotWaiting, OwnWork, ReasonMissing
from jump.engines.evidence.types import SubmissionState, SubmissionView


def accept(actor: Actor, *, ref: Ref, why: str = "") -> SubmissionView:
    """Find a submission right. It counts once as many people have as its form asks for; nobody counts twice."""
    with write_transaction():
        row, held = _waiting(actor, ref)
        if not row.reviews.filter(by_key=actor.key, verdict="accept", at__gte=row.received_at).exists():
            _write(actor, row, "accept", why, {})
            settle(actor, row, held)
    return queries.submission(actor, ref)


def reject(actor: Actor, *, ref: Ref, why: str) -> SubmissionView:
    """Refuse a submission for good, with a reason. It stays in the books and causes nothing."""
    if not why.strip():
        raise ReasonMissing()
    with write_transaction():
        row, _held = _waiting(actor, ref)
        _write(actor, row, "reject", why, {})
        Submission.objects.filter(pk=row.pk).update(state=SubmissionState.REJECTED)
    return queries.submission(actor, ref)


def send_back(actor: Actor, *, ref: Ref, comments: Mapping[str, str]) -> SubmissionView:
    """Ask the author to look again, question by question; their answers stay as they are until they send again."""
    if not any(text.strip() for text in comments.values()):
        raise ReasonMissing()
    with write_transaction():
        row, _held = _waiting(actor, ref)
        _write(actor, row, "send_back", "", comments)
        Submission.objects.filter(pk=row.pk).update(state=SubmissionState.SENT_BACK)
    return queries.submission(actor, ref)


def _waiting(actor: Actor, ref: Ref) -> tuple[Submission, FormVersion]:
    row = (
        Submission.objects.visible_to(actor)
        .locked()
        .select_related("scope", "form_version__form")
        .filter(ref=ref)
        .first()
    )
    if row is None:
        raise NotFound(ref=ref)
    require(actor, "evidence.review", row.scope.path)
    if row.by_key == actor.key:
        raise OwnWork(ref=ref)
    if row.state != SubmissionState.RECEIVED:
        raise NotWaiting(state=row.state)
    return row, form_version(row.form_version.form.form_id, row.form_version.version)


def _write(actor: Actor, row: Submission, verdict: str, why: str, comments: Mapping[str, str]) -> None:
    Review.objects.create(
        submission=row,
        by_key=actor.key,
        by_title=actor.name,
        author_key=row.by_key,
        verdict=verdict,
        why=why,
        comments=dict(comments),
        at=clock.now(),
    )
    audit.record(actor, f"evidence.{verdict}", row.ref, why=why)
