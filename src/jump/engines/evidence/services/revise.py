"""Other answers take the place of those that were sent. What was said before is kept, and what was accepted stands
until somebody has looked at what came after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refs import new_ref
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence import queries
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.definitions.kept import form_version, version_of
from jump.engines.evidence.models import Correction, EarlierAnswers, FormVersion, Submission
from jump.engines.evidence.services.accepting import settle, write_accepted
from jump.engines.evidence.services.merging import Basis, is_crossing, keep_conflict, laid_over, last_said, with_flags
from jump.engines.evidence.services.refusals import EvidenceKeyReused, NotWaiting
from jump.engines.evidence.services.submit import (
    check_day,
    digest_of,
    flag_row,
    judged,
    keep_files,
    name_people,
    policy_of,
)
from jump.engines.evidence.types import CorrectionState, NewFile, Outcome, SubmissionState, SubmissionView


def resubmit(
    actor: Actor, *, ref: Ref, answers: Mapping[str, Any], on: date, key: str, files: Sequence[NewFile] = ()
) -> SubmissionView:
    """Send a form in again after it was sent back (or for the first time from a draft). What it said before is kept."""
    return _revised(
        actor,
        ref,
        answers,
        on,
        key,
        files,
        act="evidence.resubmit",
        takes=frozenset({SubmissionState.SENT_BACK, SubmissionState.DRAFT}),
    )


def revise(
    actor: Actor,
    *,
    ref: Ref,
    answers: Mapping[str, Any],
    on: date,
    key: str,
    files: Sequence[NewFile] = (),
    source: str = "",
    version: str | None = None,
    filled_by: str = "",
    basis: Basis | None = None,
) -> SubmissionView:
    """Send other answers to a form that was sent already, whatever became of it: an edit in the office or on a device.

    What waits, was sent back or was refused takes the new answers and waits for a look. What was accepted stands with
    all that it caused until the new answers, a *correction*, are accepted in their turn; a later correction replaces
    one that nobody looked at. The same key with the same content changes nothing.

    `basis` says what an edit made offline began from. Where the form has changed since, only what the edit changed is
    laid over what stands; a question that both changed keeps its answer until a person decides (`decide_conflict`).
    """
    return _revised(
        actor, ref, answers, on, key, files, source=source, version=version, filled_by=filled_by, basis=basis
    )


def _revised(
    actor: Actor,
    ref: Ref,
    answers: Mapping[str, Any],
    on: date,
    key: str,
    sent: Sequence[NewFile],
    *,
    act: str = "evidence.revise",
    source: str = "",
    version: str | None = None,
    filled_by: str = "",
    takes: frozenset[SubmissionState] = frozenset(SubmissionState),
    basis: Basis | None = None,
) -> SubmissionView:
    with write_transaction():
        row = Submission.objects.visible_to(actor).locked().select_related("scope").filter(ref=ref).first()
        if row is None:
            raise NotFound(ref=ref)
        require(actor, "evidence.submit", row.scope.path)
        held = form_version(row.form_version.form.form_id, version or row.form_version.version)
        digest = digest_of(held, answers, row.scope.path, Ref(row.about_ref), on, sent)
        if _is_known(key, digest):
            return queries.own_view(ref)
        if row.state not in takes:
            raise NotWaiting(state=row.state)
        check_day(on)
        outcome = judged(held, answers, sent, source or row.source, already=row)
        keep_files(actor, row, held, sent)
        audit.record(actor, act, ref)
        if basis is not None:
            name_people([(row, answered.to_json(dict(outcome.answers)))])
            merged = laid_over(row, held, outcome, basis)
            said = last_said(row)
            if is_crossing(merged):
                keep_conflict(actor, row, held, merged, said, basis, on, key)
            if merged.is_parallel and not merged.changes_anything:
                return queries.own_view(ref)  # what stands says already what may be said without a decision
            if merged.is_parallel:
                outcome = judged(held, merged.answers, (), source or row.source, already=row)
                outcome = with_flags(outcome, merged, said.by_title)
        if row.state == SubmissionState.ACCEPTED:
            _keep_correction(actor, row, held, outcome, on, key, digest, filled_by)
        else:
            _keep_in_place(actor, row, held, outcome, on, key, digest, filled_by)
        name_people([(row, answered.to_json(dict(outcome.answers)))])
        settle(actor, row, held)
    return queries.own_view(ref)


def _is_known(key: str, digest: str) -> bool:
    """Whether these answers came already. Raises EvidenceKeyReused where the key came with others."""
    for model in (EarlierAnswers, Correction):
        found = model._default_manager.filter(key=key).values_list("key_digest", flat=True).first()
        if found is not None and found != digest:
            raise EvidenceKeyReused(key=key)
        if found is not None:
            return True
    return False


def _keep_in_place(
    actor: Actor,
    row: Submission,
    held: FormVersion,
    outcome: Outcome,
    on: date,
    key: str,
    digest: str,
    filled_by: str,
) -> None:
    keep_earlier(row, key=key, digest=digest)
    opened, private = personal.split(held, answered.to_json(dict(outcome.answers)))
    _, row.reviews_needed = policy_of(held, Ref(row.ref), bool(outcome.errors))
    row.form_version, row.answers, row.on = held, opened, on
    row.by_key, row.by_title, row.by_party, row.filled_by = actor.key, actor.name, actor.party_ref or "", filled_by
    row.sealed = personal.seal(Ref(row.ref), private, "")
    row.flags = [flag_row(one) for one in outcome.flags]
    row.state, row.received_at = SubmissionState.RECEIVED, clock.now()
    row.is_drawn = bool(row.reviews_needed) if row.is_drawn is not None else None
    row.revision += 1
    row.turn += 1
    row.save()


def _keep_correction(
    actor: Actor,
    row: Submission,
    held: FormVersion,
    outcome: Outcome,
    on: date,
    key: str,
    digest: str,
    filled_by: str,
) -> None:
    opened, private = personal.split(held, answered.to_json(dict(outcome.answers)))
    _drawn, needed = policy_of(held, Ref(row.ref), bool(outcome.errors))
    row.corrections.filter(state=CorrectionState.RECEIVED).update(state=CorrectionState.REPLACED)
    correction = Correction.objects.create(
        ref=new_ref("cor"),
        submission=row,
        form_version=held,
        on=on,
        received_at=clock.now(),
        by_key=actor.key,
        by_title=actor.name,
        by_party=actor.party_ref or "",
        filled_by=filled_by,
        state=CorrectionState.RECEIVED,
        answers=opened,
        sealed=personal.seal(Ref(row.ref), private, ""),
        flags=[flag_row(one) for one in outcome.flags],
        key=key,
        key_digest=digest,
        reviews_needed=needed,
    )
    settle_correction(actor, row, correction)


def settle_correction(actor: Actor, row: Submission, correction: Correction) -> bool:
    """Put a correction that nobody (more) has to look at in the place of what was accepted. In its transaction."""
    approvals = {one.by_key for one in correction.reviews.filter(verdict="accept")}
    if correction.state != CorrectionState.RECEIVED or len(approvals) < correction.reviews_needed:
        return False
    held = version_of(correction)
    # The key stays with the correction, which knows it already; what it replaces is kept under a key made of both.
    keep_earlier(row, key=f"{row.ref}:{row.revision}", digest=correction.key_digest)
    row.form_version, row.answers, row.sealed, row.on = held, correction.answers, correction.sealed, correction.on
    row.by_key, row.by_title, row.by_party = correction.by_key, correction.by_title, correction.by_party
    row.filled_by, row.flags, row.accepted_at = correction.filled_by, correction.flags, clock.now()
    row.revision += 1
    row.save()
    Correction.objects.filter(pk=correction.pk).update(state=CorrectionState.ACCEPTED)
    write_accepted(actor, row, held, row.scope.path)
    return True


def keep_earlier(row: Submission, *, key: str, digest: str) -> None:
    """Keep what a submission says now, before it says something else."""
    EarlierAnswers.objects.create(
        submission=row,
        form_version_id=row.form_version_id,
        revision=row.revision,
        answers=row.answers,
        sealed=row.sealed,
        on=row.on,
        by_key=row.by_key,
        by_title=row.by_title,
        by_party=row.by_party,
        filled_by=row.filled_by,
        accepted_at=row.accepted_at,
        key=key,
        key_digest=digest,
        at=clock.now(),
    )
