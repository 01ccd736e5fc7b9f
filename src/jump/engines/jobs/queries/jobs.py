"""Jobs and posts as people see them."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from jump.base import clock
from jump.base.actors import ROOT, Actor
from jump.base.refusals import NotFound
from jump.core.calendars import months_between
from jump.core.jobs import JobSpell as SpellDates
from jump.core.jobs import sustained_at
from jump.core.money import Money, sum_money
from jump.core.units import Ref
from jump.engines.jobs.models import FollowUp, JobSpell, Post, TermsRow, Verification
from jump.engines.jobs.queries.floors import missing_views
from jump.engines.jobs.types import (
    FollowUpView,
    JobView,
    Kind,
    Method,
    PostView,
    StaffCost,
    State,
    Sustained,
    Terms,
    VerificationView,
)
from jump.engines.parties import api as parties

SUSTAINED_MONTHS = (6, 12)


def job(actor: Actor, ref: Ref) -> JobView:
    """One job with its proof. Raises NotFound for what this actor may not see."""
    row = _whole(JobSpell.objects.visible_to(actor)).filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return view_of(actor, row)


def jobs(
    actor: Actor,
    *,
    scope: str = "",
    state: State | str = "",
    employer_ref: Ref | None = None,
    person_ref: Ref | None = None,
    kind: Kind | str = "",
    is_decent: bool | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[JobView]:
    """Jobs at and under a place, newest claim first; `is_decent` keeps verified jobs that pass the test, or fail it."""
    rows = _filtered(actor, scope, state, employer_ref, person_ref, kind, is_decent)
    page = _whole(rows).order_by("-claimed_on", "ref")[offset : offset + limit]
    return views_of(actor, list(page))


def count_jobs(
    actor: Actor,
    *,
    scope: str = "",
    state: State | str = "",
    employer_ref: Ref | None = None,
    person_ref: Ref | None = None,
    kind: Kind | str = "",
    is_decent: bool | None = None,
) -> int:
    """How many `jobs` with the same filters has."""
    return int(_filtered(actor, scope, state, employer_ref, person_ref, kind, is_decent).count())


def counted_by_employer(actor: Actor, employer_refs: Sequence[Ref]) -> dict[Ref, int]:
    """Jobs that count and still exist at each of these employers; each job once. One statement."""
    rows = _filtered(actor, "", State.VERIFIED, None, None, "", None).filter(duplicate_of="")
    sums = rows.filter(employer_ref__in=employer_refs).values("employer_ref").annotate(jobs=Count("pk")).order_by()
    return {Ref(one["employer_ref"]): one["jobs"] for one in sums}


def counted_by_sex(actor: Actor, *, scope: str = "", employer_ref: Ref | None = None) -> dict[str, int]:
    """Jobs that count and still exist, by the sex of who holds them; each job once. A few statements, no names."""
    rows = _filtered(actor, scope, State.VERIFIED, employer_ref, None, "", None).filter(duplicate_of="")
    holders = [Ref(ref) for ref in rows.values_list("person_ref", flat=True)]
    codes = parties.codes_of(sorted(set(holders)), clock.today()) if holders else {}
    found: dict[str, int] = {}
    for ref in holders:
        sex = str(codes.get(ref, {}).get("sex") or "not_stated")
        found[sex] = found.get(sex, 0) + 1
    return found


def jobs_of_sources(actor: Actor, *, sources: Sequence[Ref], limit: int = 200) -> list[JobView]:
    """Jobs that were claimed under one of these causes (a contract, a case), oldest first."""
    rows = _whole(JobSpell.objects.visible_to(actor).filter(cause_ref__in=[str(ref) for ref in sources]))
    return views_of(actor, list(rows.order_by("started_on", "ref")[:limit]))


def waiting_for_verification(actor: Actor, *, scope: str = "", limit: int = 50, offset: int = 0) -> list[JobView]:
    """Claims that this actor may check: in reach, not their own. The oldest first."""
    return views_of(actor, list(_whole(to_be_verified(actor, scope))[offset : offset + limit]))


def to_be_verified(actor: Actor, scope: str = "") -> QuerySet[Any]:
    """The rows of `waiting_for_verification`, in its order."""
    return _waiting(actor, scope).order_by("claimed_on", "ref")


def count_waiting_for_verification(actor: Actor, *, scope: str = "") -> int:
    return int(_waiting(actor, scope).count())


def _waiting(actor: Actor, scope: str) -> QuerySet[Any]:
    rows = JobSpell.objects.visible_to(actor).under(scope).filter(proof=State.CLAIMED).exclude(kind=Kind.STAFF)
    return under_any(rows, actor.paths_with("jobs.verify")).exclude(claimed_by=actor.key).exclude(author=actor.key)


def under_any(rows: QuerySet[Any], paths: Iterable[str]) -> QuerySet[Any]:
    """The rows at or below one of these nodes."""
    found = tuple(paths)
    if ROOT in found:
        return rows
    kept = rows.none()
    for path in found:
        kept = kept | rows.filter(scope__path__startswith=path)
    return kept


def _filtered(
    actor: Actor,
    scope: str,
    state: State | str,
    employer_ref: Ref | None,
    person_ref: Ref | None,
    kind: Kind | str,
    is_decent: bool | None,
) -> QuerySet[Any]:
    rows: QuerySet[Any] = JobSpell.objects.visible_to(actor).under(scope)
    day = clock.today()
    if state == State.ENDED:
        rows = rows.filter(proof=State.VERIFIED, ended_on__lte=day)
    elif state == State.VERIFIED:
        rows = rows.filter(proof=State.VERIFIED).exclude(ended_on__lte=day)
    elif state:
        rows = rows.filter(proof=State(state))
    if is_decent is not None:
        rows = rows.filter(proof=State.VERIFIED, is_decent=is_decent)
    if employer_ref:
        rows = rows.filter(employer_ref__in=_same(employer_ref))
    if person_ref:
        rows = rows.filter(person_ref__in=_same(person_ref))
    return rows.filter(kind=Kind(kind)) if kind else rows.exclude(kind=Kind.STAFF)


def _same(ref: Ref) -> list[str]:
    """A party under every record it has."""
    canonical = parties.cluster_of([ref]).get(ref, ref)
    return sorted({str(ref), str(canonical), *parties.cluster_members([Ref(canonical)]).get(canonical, [])})


def _whole(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with all that a view shows: four more queries, however many rows."""
    return rows.select_related("post", "scope").prefetch_related(
        Prefetch("terms_rows", TermsRow.objects.order_by("on", "pk")),
        Prefetch("verifications", Verification.objects.select_related("terms").order_by("on", "pk")),
        Prefetch("follow_ups", FollowUp.objects.order_by("on", "pk")),
    )


def view_of(actor: Actor, row: JobSpell) -> JobView:
    return views_of(actor, [row])[0]


def views_of(actor: Actor, rows: Sequence[JobSpell]) -> list[JobView]:
    """Views of rows that the caller has found visible; names are those the actor may read."""
    refs = sorted({ref for row in rows for ref in (row.person_ref, row.employer_ref)})
    names = parties.names(actor, [Ref(ref) for ref in refs]) if refs else {}
    day = clock.today()
    return [_view(row, names, day) for row in rows]


def _view(row: JobSpell, names: dict[str, str], day: date) -> JobView:
    follow_ups = list(row.follow_ups.all())
    terms_rows = list(row.terms_rows.all())
    six, twelve = sustained(row, [(one.on, one.still_at_work) for one in follow_ups], day)
    return JobView(
        ref=Ref(row.ref),
        post_ref=Ref(row.post.ref),
        employer_ref=Ref(row.employer_ref),
        employer_name=str(names.get(row.employer_ref, row.employer_ref)),
        person_ref=Ref(row.person_ref),
        person_name=str(names.get(row.person_ref, row.person_ref)),
        title=row.post.title,
        isco=row.post.isco,
        kind=Kind(row.kind),
        state=state_of(row, day),
        started_on=row.started_on,
        ended_on=row.ended_on,
        end_reason=row.end_reason,
        claimed_on=row.claimed_on,
        claimed_by=row.claimed_by,
        terms=terms_rows[-1].terms() if terms_rows else Terms(),
        scope=row.scope.path,
        place=row.scope.title,
        evidence_ref=_ref(row.evidence_ref),
        threat_ref=_ref(row.threat_ref),
        cause_ref=_ref(row.cause_ref),
        is_verified=row.proof == State.VERIFIED,
        is_counted=is_counted(row),
        is_decent=row.is_decent,
        missing=missing_views(row.missing),
        test_version=row.test_version,
        duplicate_of=_ref(row.duplicate_of),
        duplicate_rule=row.duplicate_rule,
        sustained_6=six,
        sustained_12=twelve,
        verifications=tuple(_verification(one, row.ref) for one in row.verifications.all()),
        follow_ups=tuple(
            FollowUpView(
                on=one.on,
                months=months_between(row.started_on, one.on),
                still_at_work=one.still_at_work,
                by=one.by,
                evidence_ref=_ref(one.evidence_ref),
            )
            for one in follow_ups
        ),
    )


def _verification(row: Verification, job_ref: str) -> VerificationView:
    return VerificationView(
        ref=Ref(row.ref),
        job_ref=Ref(job_ref),
        confirmed=row.confirmed,
        method=Method(row.method),
        on=row.on,
        by=row.by,
        evidence_ref=_ref(row.evidence_ref),
        terms_seen=row.terms.terms() if row.terms else None,
        note=row.note,
    )


def _ref(value: str) -> Ref | None:
    return Ref(value) if value else None


def state_of(row: JobSpell, day: date) -> State:
    """Where a job stands on a day. Only a verified job can have ended; a claim stays a claim."""
    if row.proof == State.VERIFIED and row.ended_on is not None and row.ended_on <= day:
        return State.ENDED
    return State(row.proof)


def is_counted(row: JobSpell) -> bool:
    """Whether this spell is the one that counts for its job: verified, no repeat, not staff."""
    return row.proof == State.VERIFIED and not row.duplicate_of and row.kind != Kind.STAFF


def sustained(row: JobSpell, looks: Sequence[tuple[date, bool]], as_of: date) -> tuple[Sustained, Sustained]:
    """Whether the job lasted 6 and 12 months. A verification counts as a look: somebody saw the person at work."""
    seen = [day for day, still in looks if still]
    if row.verified_on is not None:
        seen.append(row.verified_on)
    gone = tuple(day for day, still in looks if not still)
    return sustained_by_dates(row.started_on, row.ended_on, tuple(seen), gone, as_of)


@lru_cache(maxsize=50_000)
def sustained_by_dates(
    started_on: date, ended_on: date | None, seen: tuple[date, ...], gone: tuple[date, ...], as_of: date
) -> tuple[Sustained, Sustained]:
    """The same from dates alone; many jobs share theirs."""
    spell = SpellDates(started_on=started_on, ended_on=ended_on, seen_at_work=seen, seen_gone=gone)
    six, twelve = (sustained_at(spell, months, as_of) for months in SUSTAINED_MONTHS)
    return six, twelve


def post(actor: Actor, ref: Ref) -> PostView:
    """One post. Raises NotFound."""
    row = Post.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return post_view(row)


def post_view(row: Post) -> PostView:
    salary = Money(row.salary_minor_monthly, row.currency) if row.salary_minor_monthly is not None else None
    return PostView(
        ref=Ref(row.ref),
        employer_ref=Ref(row.employer_ref),
        title=row.title,
        isco=row.isco,
        scope=row.scope.path,
        share_percent=row.share_percent,
        salary_monthly=salary,
        budget_line=row.budget_line,
        funded_by=row.funded_by,
    )


def staff_posts(actor: Actor, *, scope: str = "", as_of: date) -> list[StaffCost]:
    """The programme's own posts and what each has cost: full-time pay, times the share, times months begun (BUDGET-17).

    Posts with no salary on record cost nothing here and are not listed.
    """
    rows = (
        JobSpell.objects.visible_to(actor)
        .under(scope)
        .filter(kind=Kind.STAFF, started_on__lte=as_of, post__salary_minor_monthly__isnull=False)
        .select_related("post", "post__scope")
        .order_by("started_on", "ref")
    )
    found: list[StaffCost] = []
    for row in rows:
        view = post_view(row.post)
        assert view.salary_monthly is not None
        last = min(row.ended_on or as_of, as_of)
        months = months_between(row.started_on, last) + 1
        monthly = view.salary_monthly.allocate([view.share_percent, 100 - view.share_percent])[0]
        found.append(
            StaffCost(
                post=view,
                person_ref=Ref(row.person_ref),
                started_on=row.started_on,
                ended_on=row.ended_on,
                months=months,
                cost=sum_money([monthly] * months, monthly.currency),
            )
        )
    return found
