"""An edit that began from other answers than those that stand is laid over them; what crosses is kept for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base import clock, keys
from jump.base.actors import Actor
from jump.base.refs import new_ref
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import merging, personal
from jump.engines.evidence.definitions.kept import tables_of
from jump.engines.evidence.models import Correction, EditConflict, FormVersion, SentInstance, Submission
from jump.engines.evidence.types import ConflictState, CorrectionState, FieldError, Outcome

EDITED_AT_ONCE = "edited_at_once"


@dataclass(frozen=True, slots=True)
class Basis:
    """What an edit began from: the answers that the phone had, and the instance by which the edit came."""

    answers: Mapping[str, Any]
    sent: SentInstance


def last_said(row: Submission) -> Submission | Correction:
    """Where what a submission says last lies: in the correction that waits, else in itself."""
    return row.corrections.filter(state=CorrectionState.RECEIVED).first() or row


def standing_answers(row: Submission, said: Submission | Correction) -> dict[str, Any]:
    """All answers of a submission or of its correction, the personal ones too: for merging, never for a page."""
    held = keys.keys_of([Ref(row.ref)]) if said.sealed else {}
    private, _by_name = personal.unseal(held, row.ref, said.sealed)
    return personal.join(said.answers, private)


def laid_over(row: Submission, held: FormVersion, outcome: Outcome, basis: Basis) -> merging.Merged:
    """What stands, with what this edit changed of the answers that it began from."""
    began = answered.outcome(
        held.schema, basis.answers, today=clock.today(), now=clock.now(), tables=tables_of(held)
    ).answers
    return merging.merge(
        held.schema["fields"],
        answered.to_json(dict(began)),
        standing_answers(row, last_said(row)),
        answered.to_json(dict(outcome.answers)),
    )


def flags_of(merged: merging.Merged, by: str) -> tuple[FieldError, ...]:
    """A flag at each question that crossing edits changed. `by`: who wrote what stood."""
    return tuple(
        FieldError(
            one.path,
            _("Two people answered this differently, neither knowing of the other.")
            if one.is_hard
            else _("%(by)s changed this form at the same time; both changes stand.") % {"by": by or "–"},
            _("Decide which answer holds.") if one.is_hard else "",
            EDITED_AT_ONCE,
        )
        for one in merged.differences
    )


def keep_conflict(
    actor: Actor,
    row: Submission,
    held: FormVersion,
    merged: merging.Merged,
    said: Submission | Correction,
    basis: Basis,
    on: date,
    key: str,
) -> None:
    """Keep both answers of every question that crossed. Called before what stood is overwritten, in its transaction."""
    lines = [one for one in merged.differences if one.is_hard or not _is_same(one)]
    values = {one.path: {"base": one.base, "first": one.first, "later": one.later} for one in lines}
    EditConflict.objects.get_or_create(
        key=key,
        defaults={
            "ref": new_ref("cfl"),
            "scope_id": row.scope_id,
            "submission": row,
            "form_version": held,
            "sent": basis.sent,
            "state": ConflictState.WAITING if merged.hard else ConflictState.MERGED,
            "first_key": said.by_key,
            "first_title": said.by_title,
            "first_party": said.by_party,
            "first_at": said.received_at,
            "by_key": actor.key,
            "by_title": actor.name,
            "by_party": actor.party_ref or "",
            "at": clock.now(),
            "on": on,
            "paths": {one.path: one.is_hard for one in lines},
            "sealed": personal.seal(Ref(row.ref), values, ""),
        },
    )


def is_crossing(merged: merging.Merged) -> bool:
    """Whether there is something to show: two answers to one question, or changes of both that now stand together."""
    return bool(merged.hard) or (merged.is_parallel and merged.changes_anything)


def with_flags(outcome: Outcome, merged: merging.Merged, by: str) -> Outcome:
    return replace(outcome, flags=(*outcome.flags, *flags_of(merged, by)))


def _is_same(one: merging.Difference) -> bool:
    return answered.node_text(one.first) == answered.node_text(one.later)


__all__ = ["Basis", "is_crossing", "keep_conflict", "laid_over", "last_said", "standing_answers", "with_flags"]
