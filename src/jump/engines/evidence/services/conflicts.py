"""A person decides which of two answers holds, where two people changed the same question."""

from __future__ import annotations

from collections.abc import Mapping

from jump.base import audit, clock, keys
from jump.base.actors import Actor
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions import merging, personal
from jump.engines.evidence.models import EditConflict, Submission
from jump.engines.evidence.queries.authors import identities_of
from jump.engines.evidence.queries.conflicts import decidable
from jump.engines.evidence.services.lines import choose_later
from jump.engines.evidence.services.merging import last_said, standing_answers
from jump.engines.evidence.services.receiving import sender_of
from jump.engines.evidence.services.refusals import ConflictUndecided, NotWaiting, OwnWork, ReasonMissing
from jump.engines.evidence.services.registers import settle_line
from jump.engines.evidence.services.revise import revise
from jump.engines.evidence.types import ConflictState

FIRST, LATER = "first", "later"


def decide_conflict(actor: Actor, *, ref: Ref, choices: Mapping[str, str], why: str) -> None:
    """Say for each question that two people answered which answer holds, "first" or "later", and why.

    Where the later one holds it becomes the form's answer as the work of who sent it: looked at as every edit is, of an
    accepted form a correction; of a line of a register it counts at once. Where the first one holds nothing changes.
    Both answers stay on the record. Refuses whoever wrote one of the two, a choice that leaves a question out, and what
    was decided already.
    """
    if not why.strip():
        raise ReasonMissing()
    with write_transaction():
        rows = decidable(actor).locked().select_related("scope", "sent", "form_version__form", "submission", "entity")
        row: EditConflict | None = rows.filter(ref=ref).first()
        if row is None:
            raise NotFound(ref=ref)
        authors = [(row.by_key, row.by_party), (row.first_key, row.first_party)]
        if identities_of([(actor.key, actor.party_ref or "")]) & identities_of(authors):
            raise OwnWork(ref=ref)
        if row.state != ConflictState.WAITING:
            raise NotWaiting(state=row.state)
        hard = [path for path, is_hard in row.paths.items() if is_hard]
        left = [path for path in hard if choices.get(path) not in (FIRST, LATER)]
        if left:
            raise ConflictUndecided(open=len(left))
        row.state, row.chosen, row.why = ConflictState.DECIDED, {path: choices[path] for path in hard}, why
        row.decided_at, row.decided_by, row.decided_title = clock.now(), actor.key, actor.name
        row.save(update_fields=["state", "chosen", "why", "decided_at", "decided_by", "decided_title"])
        audit.record(actor, "evidence.decide_conflict", ref, why=why)
        taken = [path for path in hard if choices[path] == LATER]
        if taken and row.entity is not None:
            choose_later(row, taken)
            settle_line(row.entity)
        elif taken:
            _apply(row, taken)


def _apply(row: EditConflict, paths: list[str]) -> None:
    """The later answers take the place of what stands, as the work of who sent them."""
    target = Submission.objects.select_related("scope").get(pk=row.submission_id)
    values, _by_name = personal.unseal(keys.keys_of([Ref(target.ref)]), target.ref, row.sealed)
    answers = standing_answers(target, last_said(target))
    for path in paths:
        answers = merging.with_answer(answers, path, values[path]["later"])
    revise(
        sender_of(row.sent).seeing(Ref(target.ref)),
        ref=Ref(target.ref),
        answers=answers,
        on=target.on,
        key=f"conflict:{row.ref}",
        source=row.sent.source,
        version=row.form_version.version,
    )


__all__ = ["decide_conflict"]
