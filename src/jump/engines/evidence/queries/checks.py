"""Reads of checks and of lists lent to forms."""

from __future__ import annotations

from datetime import date
from typing import Any

from jump.base.actors import Actor
from jump.base.prepared import Prepared
from jump.core.units import Ref
from jump.engines.evidence.models import (
    Check,
    PublishedList,
    Submission,
)
from jump.engines.evidence.types import (
    CheckView,
    Verdict,
)

_AUTHOR = Prepared(lambda ref: Submission.objects.filter(ref=ref).values_list("by_key"))


def checks(actor: Actor, *, ref: Ref) -> list[CheckView]:
    """Who checked something, and what they found; oldest first."""
    rows = Check.objects.visible_to(actor).filter(target_ref=ref).order_by("at", "pk")
    return [
        CheckView(
            ref=Ref(row.ref),
            target=Ref(row.target_ref),
            verdict=Verdict(row.verdict),
            submission_ref=Ref(row.submission_ref) if row.submission_ref else None,
            on=row.on,
            by=row.by_title,
            note=row.note,
        )
        for row in rows
    ]


def published_list(name: str, scope: str) -> list[dict[str, Any]]:
    """The list of this name that is nearest: at the node itself, else at the closest node above it."""
    above = {""}
    parts = scope.strip("/").split("/")
    above |= {"/".join(parts[: number + 1]) + "/" for number in range(len(parts))}
    rows = PublishedList.objects.filter(name=name, scope__in=above).values_list("scope", "rows")
    nearest = max(rows, key=lambda row: len(row[0]), default=None)
    return list(nearest[1]) if nearest is not None else []


def day_of(ref: Ref) -> date | None:
    """The day in the field of a submission."""
    found: date | None = Submission.objects.filter(ref=ref).values_list("on", flat=True).first()
    return found


def author_of(ref: Ref) -> str:
    """The key of who sent a submission, or "" where there is none: for rules that want a second person."""
    found = _AUTHOR.first(ref)
    return str(found[0]) if found is not None else ""
