"""Looking again at what somebody else said: checks, samples, and lists lent to forms."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence.models import Check, PublishedList, Sample, Submission
from jump.engines.evidence.services.refusals import OwnWork, SampleImpossible
from jump.engines.evidence.types import SampleView, Verdict


def check(
    actor: Actor,
    *,
    ref: Ref,
    verdict: Verdict | str,
    submission_ref: Ref | None,
    on: date,
    author_key: str,
    note: str = "",
    scope: str = "",
) -> Ref:
    """Confirm, or not, what a row of any engine says; never one's own. `author_key` is `Actor.key` of its author."""
    if author_key == actor.key:
        raise OwnWork(ref=ref)
    with write_transaction():
        path = scope or _scope_of(submission_ref)
        require(actor, "evidence.submit", path)
        row = Check.objects.create(
            scope_id=node_id(path),
            target_ref=ref,
            verdict=Verdict(verdict),
            submission_ref=submission_ref or "",
            on=on,
            at=clock.now(),
            by_key=actor.key,
            by_title=actor.name,
            author_key=author_key,
            note=note,
        )
        audit.record(actor, "evidence.check", ref, facts={"verdict": str(verdict), "check": row.ref})
        return Ref(row.ref)


def _scope_of(submission_ref: Ref | None) -> str:
    found = Submission.objects.filter(ref=submission_ref or "").values_list("scope__path", flat=True).first()
    assert found is not None, "a check without a submission names its scope"
    return str(found)


def draw_sample(
    actor: Actor, *, title: str, units: Sequence[Ref], size: int, seed: int, scope: str, on: date
) -> SampleView:
    """Draw so many units, each with the same chance. The seed is kept, so anybody can draw the same again.

    The probability is size over units, the weight its inverse; both are kept as fractions.
    """
    require(actor, "evidence.review", scope)
    ordered = sorted(set(units))
    if not 0 < size <= len(ordered):
        raise SampleImpossible(size=size, units=len(ordered))
    drawn = sorted(random.Random(seed).sample(ordered, size))
    with write_transaction():
        row = Sample.objects.create(
            scope_id=node_id(scope),
            title=title,
            units=ordered,
            drawn=drawn,
            seed=seed,
            on=on,
            drawn_by=actor.key,
        )
        audit.record(actor, "evidence.draw_sample", row.ref)
    chance = Fraction(size, len(ordered))
    return SampleView(
        ref=Ref(row.ref),
        title=title,
        units=tuple(Ref(one) for one in ordered),
        drawn=tuple(Ref(one) for one in drawn),
        probability=str(chance),
        weight=str(1 / chance),
        seed=seed,
        on=on,
    )


def publish_list(name: str, scope: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Lend a list to forms: the accounts, fields or posts of a place. The last one published counts."""
    for row in rows:
        assert {"code", "label"} <= set(row), "a row of a list has a code and a label"
    with write_transaction():
        PublishedList.objects.update_or_create(
            name=name, scope=scope, defaults={"rows": [dict(row) for row in rows], "published_at": clock.now()}
        )
