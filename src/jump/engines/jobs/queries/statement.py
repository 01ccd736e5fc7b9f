"""How the job figures come about: from claims to decent jobs, each rule with the number it took away."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.db.models import Q

from jump.base.actors import Actor, require
from jump.core.jobs import JobCountStatement, KindCount, RuleApplied, count_jobs
from jump.core.units import Ref
from jump.engines.jobs.models import JobSpell
from jump.engines.jobs.services.once import claims_of, clusters_of
from jump.engines.jobs.types import Kind, State
from jump.engines.parties import api as parties

BATCH = 5_000


def statement(actor: Actor, *, scope: str = "", as_of: date, ended_counts: bool = True) -> JobCountStatement:
    """The statement for a place as its records stood on a day. Kinds are never added together.

    A job reported in two places counts in the one whose claim is kept, so the statements of all places add up to the
    statement of the whole. With `ended_counts` (the programme's own figure) jobs that have ended since still count.
    """
    require(actor, "results.read", scope or None)
    visible = JobSpell.objects.visible_to(actor).under(scope).filter(claimed_on__lte=as_of).exclude(kind=Kind.STAFF)
    mine = set(visible.values_list("ref", flat=True))
    # Claims elsewhere that tell of the same jobs decide with ours which one is kept.
    kept = visible.exclude(duplicate_of="").values("duplicate_of")
    around = JobSpell.objects.filter(claimed_on__lte=as_of).exclude(kind=Kind.STAFF)
    rows = list(
        around.filter(Q(pk__in=visible.values("pk")) | Q(ref__in=kept) | Q(duplicate_of__in=visible.values("ref")))
        if scope
        else around
    )
    for row in rows:
        _as_it_stood(row, as_of)
    clusters = clusters_of(rows)
    sexes = _sexes(rows, as_of)
    claims = [
        replace(claim, sex=sexes.get(row.person_ref, "not_stated"))
        for row, claim in zip(rows, claims_of(rows, clusters), strict=True)
    ]
    whole = count_jobs(claims, as_of=as_of, ended_counts=ended_counts)
    persons = {row.ref: (clusters.get(row.person_ref, row.person_ref), sexes.get(row.person_ref, "")) for row in rows}
    return replace(
        whole, kinds=tuple(_only(count, mine, persons, claims_here(rows, mine, count)) for count in whole.kinds)
    )


def claims_here(rows: Iterable[JobSpell], mine: set[str], count: KindCount) -> int:
    """How many claims of this kind were made at the place itself."""
    return sum(1 for row in rows if row.ref in mine and row.kind == count.kind)


def _as_it_stood(row: JobSpell, as_of: date) -> None:
    """What was not yet known on the day is taken out of the row (which is never saved)."""
    if row.proof == State.VERIFIED and row.verified_on is not None and row.verified_on > as_of:
        row.proof, row.is_decent = State.CLAIMED, None


def _sexes(rows: list[JobSpell], as_of: date) -> dict[str, str]:
    refs = sorted({row.person_ref for row in rows})
    found: dict[str, str] = {}
    for start in range(0, len(refs), BATCH):
        codes = parties.codes_of([Ref(ref) for ref in refs[start : start + BATCH]], as_of)
        found.update({str(ref): str(one.get("sex") or "not_stated") for ref, one in codes.items()})
    return found


def _only(count: KindCount, mine: set[str], persons: dict[str, tuple[str, str]], claims: int) -> KindCount:
    """The part of a count that lies at the place."""
    decent = tuple(ref for ref in count.decent if ref in mine)
    by_sex: dict[str, int] = {}
    for ref in decent:
        by_sex[persons[ref][1]] = by_sex.get(persons[ref][1], 0) + 1
    return KindCount(
        kind=count.kind,
        claims=claims,
        rules=tuple(RuleApplied(line.rule, tuple(ref for ref in line.refs if ref in mine)) for line in count.rules),
        counted=tuple(ref for ref in count.counted if ref in mine),
        decent=decent,
        people=len({persons[ref][0] for ref in decent}),
        decent_by_sex=dict(sorted(by_sex.items())),
    )
