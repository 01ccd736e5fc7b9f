"""Many filled forms come in at once: the rules of `submit`, the statements of a set.

What a row must satisfy is asked by the same functions as in `submit`; only the writing is by sets. A test sends the
same rows both ways and compares every column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jump.base import audit
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refs import new_refs
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.definitions.kept import form_version
from jump.engines.evidence.models import FormVersion, Submission
from jump.engines.evidence.services.accepting import write_accepted
from jump.engines.evidence.services.refusals import EvidenceKeyReused
from jump.engines.evidence.services.submit import check_day, digest_of, home_of, judged, name_people, row_of
from jump.engines.evidence.types import NewSubmission, Outcome, SubmissionState

SET = 1_000  # rows of one statement


@dataclass(frozen=True, slots=True)
class Judged:
    """A row that the form takes: what it says, and what the form made of it."""

    row: NewSubmission
    digest: str
    outcome: Outcome


def submit_many(
    actor: Actor, *, form: str, rows: Sequence[NewSubmission], source: str, version: str | None = None
) -> list[Ref]:
    """Send many filled forms in one transaction; their references, in the order of the rows.

    As `submit` does it: the same key with the same content gives the first submission back, other content under it is
    refused, and so are answers that the form does not allow. One refused row refuses all of them.
    """
    held = form_version(form, version)
    for scope in {row.scope for row in rows}:
        require(actor, "evidence.submit", scope)
    with write_transaction():
        return keep_many(actor, held, [judge(held, row, source) for row in rows], source)


def judge(held: FormVersion, row: NewSubmission, source: str) -> Judged:
    """What the form makes of one row. Raises AnswersInvalid, DateImpossible and AttachmentMissing, as `submit` does."""
    check_day(row.on)
    digest = digest_of(held, row.answers, row.scope, row.about, row.on)
    return Judged(row, digest, judged(held, row.answers, (), source))


def keep_many(actor: Actor, held: FormVersion, rows: Sequence[Judged], source: str) -> list[Ref]:
    """Write rows that were judged, inside the caller's transaction; those that are there already stay as they are."""
    made: list[Ref] = []
    for start in range(0, len(rows), SET):
        made += _keep_set(actor, held, rows[start : start + SET], source)
    return made


def _keep_set(actor: Actor, held: FormVersion, rows: Sequence[Judged], source: str) -> list[Ref]:
    keys = [one.row.key for one in rows]
    known = {
        key: (Ref(ref), digest)
        for key, ref, digest in Submission.objects.filter(key__in=keys).values_list("key", "ref", "key_digest")
    }
    fresh: list[Judged] = []
    for one in rows:
        if known.setdefault(one.row.key, (Ref(""), one.digest))[1] != one.digest:
            raise EvidenceKeyReused(key=one.row.key)
        if not known[one.row.key][0]:
            fresh.append(one)
            known[one.row.key] = (Ref("new"), one.digest)
    for one, ref in zip(fresh, _free_refs(len(fresh)), strict=True):
        known[one.row.key] = (ref, one.digest)
    if fresh:
        _write(actor, held, [(known[one.row.key][0], one) for one in fresh], source)
    return [known[key][0] for key in keys]


def _free_refs(count: int) -> list[Ref]:
    """New references, none of which is taken: of forty random bits two may be the same."""
    refs = list(dict.fromkeys(new_refs("sub", count)))
    taken = set(Submission.objects.filter(ref__in=refs).values_list("ref", flat=True))
    refs = [ref for ref in refs if ref not in taken]
    return refs if len(refs) == count else [*refs, *_free_refs(count - len(refs))]


def _write(actor: Actor, held: FormVersion, rows: Sequence[tuple[Ref, Judged]], source: str) -> None:
    homes: dict[tuple[str, Any], str] = {}
    country = held.settings.get("home_country")
    whole: list[dict[str, Any]] = []
    split: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for _ref, one in rows:
        stored = answered.to_json(dict(one.outcome.answers))
        whole.append(stored)
        split.append(personal.split(held, stored))
    sealed = personal.seal_many([(ref, private) for (ref, _one), (_open, private) in zip(rows, split, strict=True)])
    made: list[Submission] = []
    for (ref, one), (opened, _private), seal in zip(rows, split, sealed, strict=True):
        said = one.row
        where = (said.scope, one.outcome.answers.get(country) if country else None)
        if where not in homes:
            homes[where] = home_of(held, one.outcome.answers, said.scope)
        home, outcome = homes[where], one.outcome
        made.append(
            row_of(actor, held, ref, outcome, home, said.about, said.on, said.key, one.digest, source, opened, seal)
        )
    Submission.objects.bulk_create(made, batch_size=SET)
    name_people(zip(made, whole, strict=True))
    audit.record_many(actor, "evidence.submit", [Ref(row.ref) for row in made], facts={"form": held.form.form_id})
    for row, stored in zip(made, whole, strict=True):
        if row.state == SubmissionState.ACCEPTED:
            write_accepted(actor, row, held, row.scope.path, stored)
