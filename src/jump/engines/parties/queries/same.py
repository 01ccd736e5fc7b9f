"""Records that are one party: what `same_as` says, followed to the end of the chain."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from jump.base.prepared import Prepared
from jump.core.units import Ref
from jump.engines.parties.models import (
    Group,
    Organisation,
    Person,
)

IN_CHUNK = 5_000  # references in one IN (...): well under SQLite's limit of 32,766 values


def chunks(refs: Iterable[str]) -> Iterable[list[str]]:
    distinct = list(dict.fromkeys(refs))
    for start in range(0, len(distinct), IN_CHUNK):
        yield distinct[start : start + IN_CHUNK]


@cache
def _same(model: Any) -> Prepared[tuple[str, str]]:
    return Prepared(lambda ref: model.objects.filter(ref=ref, same_as__isnull=False).values_list("ref", "same_as__ref"))


@cache
def _doubles(model: Any) -> Prepared[tuple[str, str]]:
    return Prepared(lambda ref: model.objects.filter(same_as__ref=ref).values_list("ref", "same_as__ref"))


def cluster_of(refs: Iterable[str]) -> dict[str, str]:
    """For each reference the record it is the same as, at the end of the chain; itself where it is nobody's double."""
    kept = {str(ref): str(ref) for ref in refs}
    for kind, model in (("per", Person), ("grp", Group), ("org", Organisation)):
        waiting = {ref: ref for ref in kept if Ref(ref).kind == kind}
        while waiting:
            step: dict[str, str] = {}
            for chunk in chunks(waiting.values()):
                one = _same(model).rows(chunk[0]) if len(chunk) == 1 else None
                pairs = model.objects.filter(ref__in=chunk, same_as__isnull=False).values_list("ref", "same_as__ref")
                step.update(dict(pairs if one is None else one))
            waiting = {start: step[at] for start, at in waiting.items() if at in step}
            kept.update(waiting)
    return kept


def cluster_members(refs: Iterable[str]) -> dict[str, list[str]]:
    """For each canonical reference every record that is the same, itself first."""
    members_of = {str(ref): [str(ref)] for ref in refs}
    for kind, model in (("per", Person), ("grp", Group), ("org", Organisation)):
        level = {ref: ref for ref in members_of if Ref(ref).kind == kind}
        while level:
            following: dict[str, str] = {}
            for chunk in chunks(level):
                one = _doubles(model).rows(chunk[0]) if len(chunk) == 1 else None
                pairs = model.objects.filter(same_as__ref__in=chunk).values_list("ref", "same_as__ref")
                for ref, above in pairs if one is None else one:
                    following[ref] = level[above]
                    members_of[level[above]].append(ref)
            level = following
    return members_of
