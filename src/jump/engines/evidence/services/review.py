"""Somebody other than the author looks, and says what they found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound, Refusal
from jump.core.units import Ref
from jump.engines.evidence import queries
from jump.engines.evidence.definitions.kept import version_of
from jump.engines.evidence.models import Correction, FormVersion, Review, Submission
from jump.engines.evidence.queries.authors import authors_of, identities_of
from jump.engines.evidence.services.accepting import settle, take_back
from jump.engines.evidence.services.refusals import NothingChosen, NotWaiting, OwnWork, ReasonMissing
from jump.engines.evidence.services.revise import settle_correction
from jump.engines.evidence.types import CorrectionState, ReviewOutcome, SubmissionState, SubmissionView

AT_ONCE_MAX = 200


def accept(actor: Actor, *, ref: Ref, why: str = "") -> SubmissionView:
    """Find a submission, or the correction that waits for it, right.

    It counts once as many people have looked as its form asks for. Nobody counts twice, by whatever account.
    """
    with write_transaction():
        row, held, correction = _waiting(actor, ref)
        said = _said(row, correction).filter(verdict="accept")
        if not _me(actor) & identities_of(said.values_list("by_key", "by_party")):
            _write(actor, row, correction, "accept", why, {})
            if correction is not None:
                settle_correction(actor, row, correction)
            else:
                settle(actor, row, held)
    return queries.submission(actor, ref)


def reject(actor: Actor, *, ref: Ref, why: str) -> SubmissionView:
    """Refuse a submission for good, with a reason. It stays in the books and causes nothing.

    Of a form that was accepted before, only the correction that waits is refused; see `withdraw`.
    """
    return _turned_down(actor, ref, "reject", why, {})


def send_back(actor: Actor, *, ref: Ref, comments: Mapping[str, str]) -> SubmissionView:
    """Ask the author to look again, question by question; their answers stay as they are until they send again."""
    return _turned_down(actor, ref, "send_back", "", {path: text for path, text in comments.items() if text.strip()})


def withdraw(actor: Actor, *, ref: Ref, why: str) -> SubmissionView:
    """Take an acceptance back, with a reason: the form waits for a look again, and what it caused is taken back.

    What others have built on since is not destroyed: it becomes a task for the national coordinator. Refuses what is
    not accepted, and whoever wrote the form.
    """
    if not why.strip():
        raise ReasonMissing()
    with write_transaction():
        row = _row(actor, ref)
        if row.state != SubmissionState.ACCEPTED:
            raise NotWaiting(state=row.state)
        if _me(actor) & authors_of(row):
            raise OwnWork(ref=ref)
        _write(actor, row, None, "withdraw", why, {})
        row.corrections.filter(state=CorrectionState.RECEIVED).update(state=CorrectionState.REPLACED)
        row.state, row.accepted_at = SubmissionState.RECEIVED, None
        row.turn += 1
        row.reviews_needed = max(1, row.reviews_needed)
        row.save(update_fields=["state", "accepted_at", "turn", "reviews_needed"])
        take_back(actor, row)
    return queries.submission(actor, ref)


def review_many(actor: Actor, *, refs: Sequence[Ref], verdict: str, why: str = "") -> list[ReviewOutcome]:
    """Say the same of many submissions, each in a transaction of its own: what one refuses holds up no other.

    `verdict` is accept, reject or send_back. Returns what became of each, in the order asked for, a refusal with its
    code and sentence. Refuses an empty choice and more than 200 at once.
    """
    chosen = list(dict.fromkeys(refs))
    if not chosen or len(chosen) > AT_ONCE_MAX:
        raise NothingChosen(chosen=len(chosen), most=AT_ONCE_MAX)
    if verdict not in _VERDICTS:
        raise ValueError(f"no such verdict: {verdict}")
    outcomes = []
    for ref in chosen:
        try:
            view = _VERDICTS[verdict](actor, ref, why)
        except Refusal as refusal:
            outcomes.append(ReviewOutcome(ref, None, refusal.code, refusal.sentence()))
        else:
            outcomes.append(ReviewOutcome(ref, view.state))
    return outcomes


_VERDICTS = {
    "accept": lambda actor, ref, why: accept(actor, ref=ref, why=why),
    "reject": lambda actor, ref, why: reject(actor, ref=ref, why=why),
    "send_back": lambda actor, ref, why: send_back(actor, ref=ref, comments={"": why}),
}


def _turned_down(actor: Actor, ref: Ref, verdict: str, why: str, comments: Mapping[str, str]) -> SubmissionView:
    if not why.strip() and not comments:
        raise ReasonMissing()
    state = {"reject": SubmissionState.REJECTED, "send_back": SubmissionState.SENT_BACK}[verdict]
    with write_transaction():
        row, _held, correction = _waiting(actor, ref)
        _write(actor, row, correction, verdict, why, comments)
        if correction is not None:
            Correction.objects.filter(pk=correction.pk).update(state=state.value)
        else:
            Submission.objects.filter(pk=row.pk).update(state=state)
    return queries.submission(actor, ref)


def _row(actor: Actor, ref: Ref) -> Submission:
    row: Submission | None = (
        Submission.objects.visible_to(actor).locked().select_related("scope").filter(ref=ref).first()
    )
    if row is None:
        raise NotFound(ref=ref)
    require(actor, "evidence.review", row.scope.path)
    return row


def _waiting(actor: Actor, ref: Ref) -> tuple[Submission, FormVersion, Correction | None]:
    row = _row(actor, ref)
    correction = row.corrections.filter(state=CorrectionState.RECEIVED).first()
    if _me(actor) & authors_of(row):
        raise OwnWork(ref=ref)
    if row.state != SubmissionState.RECEIVED and correction is None:
        raise NotWaiting(state=row.state)
    return row, version_of(row), correction


def _me(actor: Actor) -> frozenset[str]:
    return identities_of([(actor.key, actor.party_ref or "")])


def _said(row: Submission, correction: Correction | None) -> QuerySet[Review]:
    """What was said of what waits now, not of what stood there before."""
    if correction is not None:
        return correction.reviews.all()
    return row.reviews.filter(correction__isnull=True, turn=row.turn)


def _write(
    actor: Actor, row: Submission, correction: Correction | None, verdict: str, why: str, comments: Mapping[str, str]
) -> None:
    of = correction or row
    Review.objects.create(
        submission=row,
        correction=correction,
        turn=row.turn,
        by_key=actor.key,
        by_title=actor.name,
        by_party=actor.party_ref or "",
        author_key=of.by_key,
        author_party=of.by_party,
        verdict=verdict,
        why=why,
        comments=dict(comments),
        at=clock.now(),
    )
    audit.record(actor, f"evidence.{verdict}", row.ref, why=why)
