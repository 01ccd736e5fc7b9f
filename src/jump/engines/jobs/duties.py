"""This engine's answers to the questions every engine is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from jump.base.actors import Actor, system_actor
from jump.base.asking import Question, Row
from jump.base.db import write_transaction
from jump.base.duties import Description, Due, Fact, Waiting, told
from jump.core.calendars import add_months
from jump.core.units import Ref
from jump.engines.jobs.models import FollowUp, JobSpell, Post, Verification
from jump.engines.jobs.queries.jobs import (
    SUSTAINED_MONTHS,
    state_of,
    sustained_by_dates,
    to_be_verified,
    under_any,
)
from jump.engines.jobs.services.once import recheck_jobs_of
from jump.engines.jobs.types import Kind, State
from jump.engines.parties import api as parties

REF_KINDS = frozenset({"job", "pst", "ver", "fup"})
FACT = "jobs.spell"
BATCH = 5_000
LISTED = 50
WINDOW = timedelta(days=30)  # a follow-up may come this much before its anniversary
WOMENS_GROUP = "womens_group"
ONE = Decimal(1)
NOBODY: Mapping[str, Any] = {}


# describe --------------------------------------------------------------------------------------------


def describe(actor: Actor, ref: Ref) -> Description | None:
    return describe_many(actor, [ref]).get(ref)


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """What these refs are, as far as the actor may see them. A few queries, however many refs."""
    wanted = [str(ref) for ref in refs]
    found: dict[Ref, Description] = {}
    visible = JobSpell.objects.visible_to(actor)
    jobs = list(
        visible.filter(ref__in=wanted).select_related("post", "scope").prefetch_related("verifications", "follow_ups")
    )
    names = parties.names(
        actor, sorted({Ref(row.employer_ref) for row in jobs} | {Ref(row.person_ref) for row in jobs})
    )
    for row in jobs:
        found[Ref(row.ref)] = _describe_job(row, names)
    for row in Post.objects.visible_to(actor).filter(ref__in=wanted).select_related("scope"):
        found[Ref(row.ref)] = Description(
            ref=Ref(row.ref),
            kind=_("post"),
            title=row.title,
            place=row.scope.title,
            url_name="jobs:list",
            sources=(Ref(row.employer_ref),),
        )
    checks = Verification.objects.filter(ref__in=wanted, spell__in=visible).select_related("spell", "spell__scope")
    for check in checks:
        title = _("Verified") if check.confirmed else _("Not confirmed")
        found[Ref(check.ref)] = Description(
            ref=Ref(check.ref),
            kind=_("verification"),
            title=title,
            detail={"visit": _("by a visit"), "phone": _("by telephone"), "employer": _("from the employer's records")}[
                check.method
            ],
            on=check.on,
            place=check.spell.scope.title,
            url_name="jobs:job",
            url_args=(check.spell.ref,),
            sources=_refs(check.evidence_ref),
        )
    for look in FollowUp.objects.filter(ref__in=wanted, spell__in=visible).select_related("spell", "spell__scope"):
        found[Ref(look.ref)] = Description(
            ref=Ref(look.ref),
            kind=_("follow-up"),
            title=_("Still at work") if look.still_at_work else _("No longer at work"),
            on=look.on,
            place=look.spell.scope.title,
            url_name="jobs:job",
            url_args=(look.spell.ref,),
            sources=_refs(look.evidence_ref),
        )
    return found


def _describe_job(row: JobSpell, names: Mapping[str, str]) -> Description:
    checks = sorted(row.verifications.all(), key=lambda one: (one.on, one.pk), reverse=True)
    looks = sorted(row.follow_ups.all(), key=lambda one: one.on)
    states = {
        State.CLAIMED: _("claimed, not yet verified"),
        State.VERIFIED: _("verified"),
        State.NOT_CONFIRMED: _("not confirmed"),
    }
    detail = _("%(employer)s, %(state)s") % {
        "employer": names.get(row.employer_ref, row.employer_ref),
        "state": states[State(row.proof)],
    }
    return Description(
        ref=Ref(row.ref),
        kind=_("job"),
        title=f"{row.post.title}: {names.get(row.person_ref, row.person_ref)}",
        detail=detail,
        on=row.started_on,
        place=row.scope.title,
        url_name="jobs:job",
        url_args=(row.ref,),
        sources=(
            *(Ref(check.ref) for check in checks),
            *(Ref(look.ref) for look in looks),
            *_refs(row.evidence_ref, row.threat_ref, row.employer_ref, row.cause_ref, row.person_ref),
        ),
    )


def _refs(*values: str) -> tuple[Ref, ...]:
    return tuple(Ref(value) for value in values if value)


# due -------------------------------------------------------------------------------------------------


def due(actor: Actor, as_of: date) -> list[Due]:
    return told(actor, waiting(actor, as_of))


def waiting(actor: Actor, as_of: date) -> Iterator[Waiting]:
    """Claims that wait for somebody else's look, and jobs whose 6 or 12 months are up without a look."""

    def to_verify(called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            days = (as_of - row["claimed_on"]).days
            yield Due(
                ref=Ref(row["ref"]),
                title=_("Verify a job: %(title)s at %(employer)s")
                % {"title": row["post__title"], "employer": called.get(row["employer_ref"], row["employer_ref"])},
                detail=_("Claimed in %(place)s %(days)s days ago.") % {"place": row["scope__title"], "days": days},
                on=row["claimed_on"],
                severity="warn" if days > WINDOW.days else "blue",
                url_name="jobs:verify",
                url_args=(row["ref"],),
            )

    if actor.paths_with("jobs.verify"):
        claims = Question(
            to_be_verified(actor)[:LISTED], ("ref", "post__title", "employer_ref", "scope__title", "claimed_on")
        )
        yield Waiting((claims,), to_verify, lambda found: [row["employer_ref"] for row in found])
    if actor.paths_with("jobs.claim"):
        for months in SUSTAINED_MONTHS:
            yield _follow_ups_waiting(actor, as_of, months)


def _follow_ups_waiting(actor: Actor, as_of: date, months: int) -> Waiting:
    latest, earliest = add_months(as_of, -months), add_months(as_of, -months - 3)
    rows = (
        under_any(JobSpell.objects.visible_to(actor), actor.paths_with("jobs.claim"))
        .filter(proof=State.VERIFIED, ended_on__isnull=True, duplicate_of="", started_on__range=(earliest, latest))
        .exclude(kind=Kind.STAFF)
        .exclude(pk__in=FollowUp.objects.filter(on__gte=as_of - timedelta(days=31 * 3)).values("spell"))
        .order_by("started_on", "ref")[: LISTED // 2]
    )

    def to_ask(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                ref=Ref(row["ref"]),
                title=_("Ask after %(months)s months: %(title)s") % {"months": months, "title": row["post__title"]},
                detail=_("Is the person still at work? %(place)s") % {"place": row["scope__title"]},
                on=add_months(row["started_on"], months),
                severity="blue",
                url_name="jobs:job",
                url_args=(row["ref"],),
            )

    return Waiting((Question(rows, ("ref", "post__title", "scope__title", "started_on")),), to_ask)


# facts -----------------------------------------------------------------------------------------------


COLUMNS = (
    "pk",
    "ref",
    "person_ref",
    "employer_ref",
    "scope__path",
    "kind",
    "started_on",
    "ended_on",
    "proof",
    "verified_on",
    "is_decent",
    "duplicate_of",
    "evidence_ref",
)


def facts(*, as_of: date) -> Iterator[Fact]:
    """One fact per job spell that was claimed by this day. A few queries for every 5,000 spells."""
    groups = {str(group.ref): group for group in parties.groups(system_actor("facts"), limit=1_000_000)}
    rows = (
        JobSpell.objects.filter(claimed_on__lte=as_of, started_on__lte=as_of)
        .exclude(kind=Kind.STAFF)
        .order_by("pk")
        .values_list(*COLUMNS, named=True)
    )
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        first, last = last, batch[-1].pk
        yield from _facts_of(batch, groups, as_of, Q(spell__gt=first, spell__lte=last))


def _facts_of(batch: Sequence[Any], groups: Mapping[str, Any], as_of: date, these: Q) -> Iterator[Fact]:
    """Facts of plain rows; what was not yet known on the day is left out."""
    persons = sorted({row.person_ref for row in batch})
    clusters = parties.cluster_of(persons)
    codes = parties.codes_of(persons, as_of)
    seen: dict[int, list[date]] = {}
    gone: dict[int, list[date]] = {}
    for spell, on, still in FollowUp.objects.filter(these, on__lte=as_of).values_list("spell", "on", "still_at_work"):
        (seen if still else gone).setdefault(spell, []).append(on)
    checks = Verification.objects.filter(these, on__lte=as_of).order_by("on", "pk").values_list("spell", "ref")
    verified_by = dict(checks)
    flags: dict[str, str] = {}
    for row in batch:
        known = row.verified_on is None or row.verified_on <= as_of
        proof = row.proof if known else State.CLAIMED
        ended_on = row.ended_on if row.ended_on is not None and row.ended_on <= as_of else None
        looks = (*seen.get(row.pk, ()), *((row.verified_on,) if row.verified_on is not None and known else ()))
        six, twelve = sustained_by_dates(row.started_on, row.ended_on, looks, tuple(gone.get(row.pk, ())), as_of)
        counted = proof == State.VERIFIED and not row.duplicate_of
        person = codes.get(row.person_ref, NOBODY)
        if row.person_ref not in flags:
            flags[row.person_ref] = " ".join(sorted(name for name, value in person.items() if value is True))
        group = groups.get(row.employer_ref)
        yield Fact(
            kind=FACT,
            ref=Ref(row.ref),
            party=Ref(clusters.get(row.person_ref, row.person_ref)),
            scope=row.scope__path,
            on=row.started_on,
            until=ended_on,
            value=ONE,
            codes={
                "kind": row.kind,
                "state": "ended" if ended_on is not None and proof == State.VERIFIED else str(proof),
                "counted": counted,
                "decent": counted and bool(row.is_decent),
                "active": counted and ended_on is None,
                "reached_6": counted and _months_on(row.started_on, 6) <= as_of,
                "reached_12": counted and _months_on(row.started_on, 12) <= as_of,
                "sustained_6": six.value,
                "sustained_12": twelve.value,
                "sex": str(person.get("sex") or "not_stated"),
                "age_group": str(person.get("age_group") or "not_stated"),
                "flags": flags[row.person_ref],
                "employer": row.employer_ref,
                "employer_kind": group.kind if group is not None else "organisation",
                "scheme": "group" if group is not None else "individual",
                "women_group": group is not None and _is_womens(group),
            },
            sources=_refs(verified_by.get(row.pk, ""), row.evidence_ref, row.employer_ref),
        )


@lru_cache(maxsize=10_000)
def _months_on(day: date, months: int) -> date:
    return add_months(day, months)


def _is_womens(group: Any) -> bool:
    """A women's group by its kind, or one whose members are all women (GENDER-06)."""
    return bool(group.kind == WOMENS_GROUP or (group.members_count and group.members_count == group.women_count))


# export, forget, recheck -----------------------------------------------------------------------------


def export(actor: Actor, scope: str, as_of: date) -> Iterator[Mapping[str, Any]]:
    """Every job at and under a place, with its proof."""
    rows = JobSpell.objects.visible_to(actor).under(scope).filter(claimed_on__lte=as_of).select_related("post", "scope")
    for row in rows.order_by("pk").iterator(BATCH):
        yield {
            "table": "job",
            "ref": row.ref,
            "post": row.post.ref,
            "title": row.post.title,
            "isco": row.post.isco,
            "employer": row.employer_ref,
            "person": row.person_ref,
            "kind": row.kind,
            "state": str(state_of(row, as_of)),
            "started_on": row.started_on.isoformat(),
            "ended_on": row.ended_on.isoformat() if row.ended_on else "",
            "claimed_on": row.claimed_on.isoformat(),
            "is_decent": row.is_decent,
            "missing": [one[0] for one in row.missing],
            "test_version": row.test_version,
            "duplicate_of": row.duplicate_of,
            "scope": row.scope.path,
            "evidence": row.evidence_ref,
        }


def forget(person: Ref, as_of: date) -> int:
    """Jobs hold no name, only references, so the count of jobs stays; free text about the person's leaving goes."""
    with write_transaction():
        return int(JobSpell.objects.filter(Q(person_ref=person) & ~Q(end_reason="")).update(end_reason=_("erased")))


def recheck(party: Ref) -> None:
    """A merge or its undoing: flag jobs that became double, clear those that no longer are."""
    recheck_jobs_of(party)
