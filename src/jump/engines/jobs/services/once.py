"""One job counts once: find the spells that tell of the same job, and mark all but one (invariant 3).

The rules are `jump.core.jobs.count_jobs`: one person (by cluster, so also under two records) at one employer is one
job, also after a break; a second person in the same post replaces the first. Marks live in jobs' own rows and are
worked out again after each change, so a merge that is undone leaves nothing behind.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Q

from jump.base.db import write_transaction
from jump.base.prepared import Prepared
from jump.core.jobs import ClaimState, JobClaim, Rule, count_jobs
from jump.core.jobs import Kind as CountedKind
from jump.core.units import Ref
from jump.engines.jobs.models import JobSpell
from jump.engines.jobs.types import Kind, State
from jump.engines.parties import api as parties

_OF_ONE = Prepared(
    lambda person, post: JobSpell.objects.exclude(kind=Kind.STAFF).filter(Q(person_ref=person) | Q(post_id=post))
)
REPEATS = (Rule.SAME_JOB, Rule.SAME_POST_AGAIN, Rule.REPLACEMENT)


def claims_of(rows: Iterable[JobSpell], clusters: Mapping[str, str]) -> list[JobClaim]:
    """Spells as counting sees them. Where a post passed from one person to another, the later names the earlier."""
    found = list(rows)
    first_in_post: dict[int, JobSpell] = {}
    for row in sorted(found, key=lambda one: (one.started_on, one.claimed_on, one.ref)):
        if row.proof != State.NOT_CONFIRMED:
            first_in_post.setdefault(row.post_id, row)
    claims: list[JobClaim] = []
    for row in found:
        first = first_in_post.get(row.post_id)
        taken_over = first is not None and clusters.get(first.person_ref) != clusters.get(row.person_ref)
        claims.append(
            JobClaim(
                ref=row.ref,
                person=clusters.get(row.person_ref, row.person_ref),
                post=clusters.get(row.employer_ref, row.employer_ref),
                kind=CountedKind(row.kind),
                started_on=row.started_on,
                ended_on=row.ended_on,
                state=ClaimState(row.proof),
                is_decent=bool(row.is_decent),
                replaces=first.ref if first is not None and taken_over else "",
            )
        )
    return claims


def repeats_among(claims: Sequence[JobClaim]) -> dict[str, tuple[str, str]]:
    """For each claim that tells of a job already told: the claim that counts, and by which rule."""
    statement = count_jobs(claims, as_of=date.max, ended_counts=True)
    replaces = {claim.ref: claim.replaces for claim in claims}
    return {
        ref: (statement.kept_instead.get(ref) or replaces[ref], str(line.rule))
        for count in statement.kinds
        for line in count.rules
        if line.rule in REPEATS
        for ref in line.refs
    }


def settle(spells: Sequence[JobSpell]) -> tuple[Ref, ...]:
    """Work out the marks of these people's jobs and of these posts again; returns the refs whose mark changed.

    Runs inside the caller's transaction; a handful of queries, however many jobs there are elsewhere.
    """
    counted = JobSpell.objects.exclude(kind=Kind.STAFF)
    people = _everybody(spell.person_ref for spell in spells)
    posts = {spell.post_id for spell in spells}
    if len(people) == len(posts) == 1:  # one job changed, of somebody known under one record
        touched = _OF_ONE.rows(*people, *posts)
    else:
        touched = list(counted.filter(Q(person_ref__in=people) | Q(post_id__in=posts)))
    # A mark rests on all spells of the same person and on all spells of the same post, also those not touched.
    others = {row.person_ref for row in touched}.difference(people)
    around = touched
    if others or {row.post_id for row in touched} != posts:
        people |= _everybody(others)
        around = list(counted.filter(Q(person_ref__in=people) | Q(post_id__in={row.post_id for row in touched})))
    clusters = people | parties.cluster_of({row.employer_ref for row in around})
    clusters |= parties.cluster_of({row.person_ref for row in around}.difference(people))
    found = repeats_among(claims_of(around, clusters))
    changed: list[JobSpell] = []
    for row in touched:
        mark = found.get(row.ref, ("", ""))
        if (row.duplicate_of, row.duplicate_rule) != mark:
            row.duplicate_of, row.duplicate_rule = mark
            changed.append(row)
    if changed:
        JobSpell.objects.bulk_update(changed, ["duplicate_of", "duplicate_rule"], batch_size=500)
    for spell in spells:
        spell.duplicate_of, spell.duplicate_rule = found.get(spell.ref, ("", ""))
    return tuple(Ref(row.ref) for row in changed)


def clusters_of(rows: Iterable[JobSpell]) -> dict[str, str]:
    """For every person and employer of these spells: the one they were found to be."""
    return parties.cluster_of({ref for row in rows for ref in (row.person_ref, row.employer_ref)})


def _everybody(persons: Iterable[str]) -> dict[str, str]:
    """Every record of these people, each with the one that they were found to be."""
    canonical = set(parties.cluster_of(persons).values())
    return {ref: kept for kept, refs in parties.cluster_members(canonical).items() for ref in refs}


def recheck_jobs_of(party_ref: Ref) -> tuple[Ref, ...]:
    """After a merge, or after one was undone: flag what became double and clear what no longer is.

    A party may be a person or an employer. Returns the jobs whose mark changed.
    """
    with write_transaction():
        cluster = parties.cluster_of([party_ref]).get(party_ref, party_ref)
        refs = {str(party_ref), str(cluster), *parties.cluster_members([Ref(cluster)]).get(cluster, [])}
        rows = list(JobSpell.objects.filter(Q(person_ref__in=refs) | Q(employer_ref__in=refs)))
        return settle(rows)
