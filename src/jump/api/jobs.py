"""Jobs: claim, verify, read, and the statement that lists every rule of the count."""

import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from jump.api.common import IdempotencyKey, Limit, Made, Offset, RefIn, ScopeIn, actor_of, page
from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token
from jump.base import clock
from jump.core.jobs import RULE_TEXTS
from jump.core.units import Ref
from jump.engines.jobs import api as jobs

router = Router(auth=Token())


class TermsIn(Schema):
    """What the job gives, per month and week."""

    pay_minor_monthly: int = Field(ge=0, le=10**15)
    currency: str = Field(pattern="^[A-Z]{3}$")
    hours_weekly: int = Field(ge=0, le=168)
    has_written_terms: bool
    has_social_protection: bool
    is_safe: bool
    has_rights: bool
    months_expected: int = Field(ge=0, le=600)
    is_freely_chosen: bool | None = None
    is_free_of_hazard: bool | None = Field(None, description="Nobody under 18 is exposed to hazardous work.")
    is_paid_on_time: bool | None = None
    is_equal: bool | None = Field(None, description="Equal pay, and no discrimination or harassment reported.")


class ClaimIn(Schema):
    employer_ref: RefIn
    person_ref: RefIn
    title: str = Field(min_length=1, max_length=200)
    isco: str = Field("", max_length=4)
    kind: Literal["created", "preserved", "secured", "placed"]
    started_on: datetime.date
    terms: TermsIn
    scope: ScopeIn
    evidence_ref: RefIn | None = None
    threat_ref: RefIn | None = None


class VerificationIn(Schema):
    confirmed: bool
    method: Literal["visit", "phone", "employer"]
    on: datetime.date
    evidence_ref: RefIn | None = None
    terms_seen: TermsIn | None = None
    note: str = Field("", max_length=2000)


class MissingOut(Schema):
    item: str
    title: str
    asked: str
    found: str


class JobOut(Schema):
    ref: str
    employer_ref: str
    person_ref: str
    title: str
    isco: str
    kind: str
    state: str
    started_on: datetime.date
    ended_on: datetime.date | None
    scope: str
    is_verified: bool
    is_counted: bool
    is_decent: bool | None
    missing: list[MissingOut]
    duplicate_of: str | None
    sustained_6: str
    sustained_12: str


class JobPage(Schema):
    items: list[JobOut]
    total: int
    limit: int
    offset: int


class RuleOut(Schema):
    rule: str
    words: str
    took_away: int
    left: int


class KindOut(Schema):
    """One kind of job. Kinds are never added together."""

    kind: str
    claims: int
    rules: list[RuleOut]
    decent: int
    people: int


class StatementOut(Schema):
    """From claims to decent jobs: every rule applied, and how many jobs each took away."""

    as_of: datetime.date
    kinds: list[KindOut]
    in_several_kinds: int


def _terms(body: TermsIn | None) -> jobs.Terms | None:
    return None if body is None else jobs.Terms(**body.dict())


@router.get("/jobs", response={200: JobPage, REFUSED: Problem}, summary="Jobs")
def get_jobs(
    request: HttpRequest,
    scope: str = "",
    state: Literal["", "claimed", "verified", "not_confirmed", "ended"] = "",
    kind: Literal["", "created", "preserved", "secured", "placed"] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Any:
    actor = actor_of(request)
    rows = jobs.jobs(actor, scope=scope, state=state, kind=kind, limit=limit, offset=offset)
    total = jobs.count_jobs(actor, scope=scope, state=state, kind=kind)
    return page([JobOut.from_orm(one) for one in rows], total, limit, offset)


@router.get("/jobs/statement", response={200: StatementOut, REFUSED: Problem}, summary="From claims to decent jobs")
def get_statement(request: HttpRequest, scope: str = "", as_of: datetime.date | None = None) -> Any:
    day = as_of or clock.today()
    found = jobs.statement(actor_of(request), scope=scope, as_of=day)
    kinds = []
    for count in found.kinds:
        left = count.claims
        rules = []
        for applied in count.rules:
            left -= applied.took_away
            rules.append(
                RuleOut(rule=applied.rule.value, words=RULE_TEXTS[applied.rule], took_away=applied.took_away, left=left)
            )
        kinds.append(
            KindOut(
                kind=count.kind.value,
                claims=count.claims,
                rules=rules,
                decent=len(count.decent),
                people=count.people,
            )
        )
    return StatementOut(as_of=day, kinds=kinds, in_several_kinds=found.in_several_kinds)


@router.get("/jobs/{ref}", response={200: JobOut, REFUSED: Problem}, summary="A job")
def get_job(request: HttpRequest, ref: str) -> Any:
    return JobOut.from_orm(jobs.job(actor_of(request), Ref(ref)))


@router.post("/jobs", response={201: Made, REFUSED: Problem}, summary="Claim a job")
def post_job(request: HttpRequest, body: ClaimIn, key: IdempotencyKey) -> Any:
    """A claim is not a job until someone other than the claimant has verified it."""
    terms = _terms(body.terms)
    assert terms is not None
    ref = jobs.claim_job(
        actor_of(request),
        employer_ref=Ref(body.employer_ref),
        person_ref=Ref(body.person_ref),
        title=body.title,
        isco=body.isco,
        kind=body.kind,
        started_on=body.started_on,
        terms=terms,
        scope=body.scope,
        evidence_ref=body.evidence_ref or "",
        threat_ref=body.threat_ref,
        on=clock.today(),
        key=key,
    )
    return 201, Made(ref=ref)


@router.post("/jobs/{ref}/verifications", response={201: Made, REFUSED: Problem}, summary="Verify a job")
def post_verification(request: HttpRequest, ref: str, body: VerificationIn, key: IdempotencyKey) -> Any:
    """By someone other than the claimant."""
    made = jobs.verify_job(
        actor_of(request),
        job_ref=Ref(ref),
        confirmed=body.confirmed,
        method=body.method,
        on=body.on,
        evidence_ref=body.evidence_ref or "",
        terms_seen=_terms(body.terms_seen),
        note=body.note,
        key=key,
    )
    return 201, Made(ref=made)
