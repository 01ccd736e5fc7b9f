"""Cases with their road, and sessions with attendance."""

import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from jump.api.common import IdempotencyKey, Limit, Made, Offset, RefIn, ScopeIn, actor_of, page
from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token
from jump.core.units import Ref
from jump.engines.cases import api as cases

router = Router(auth=Token())


class StepOut(Schema):
    ref: str | None
    key: str
    round: int
    title: str
    kind: str
    state: str
    by_role: str
    entered_on: datetime.date | None
    due_on: datetime.date | None
    done_on: datetime.date | None
    outcome: str


class CaseOut(Schema):
    ref: str
    procedure: str
    version: str
    subject_ref: str
    scope: str
    title: str
    state: str
    outcome: str
    opened_on: datetime.date
    closed_on: datetime.date | None
    steps: list[StepOut] = []


class CasePage(Schema):
    items: list[CaseOut]
    total: int
    limit: int
    offset: int


class AttendeeIn(Schema):
    person_ref: RefIn | None = None
    role: str = Field("participant", max_length=40)
    sex: str = Field("not_stated", max_length=20)
    age_group: str = Field("not_stated", max_length=20)


class SessionIn(Schema):
    """A workshop, meeting or visit. `step_ref` ties it to a step of a case; kind and title then follow from it."""

    kind: str = Field("", max_length=60)
    title: str = Field("", max_length=200)
    scope: ScopeIn = ""
    held_on: datetime.date
    ended_on: datetime.date | None = None
    step_ref: RefIn | None = None
    attendance: list[AttendeeIn] = Field([], max_length=2000)
    totals: dict[str, int] = Field({}, description='People not listed one by one, such as {"female:15-24": 7}')
    products: list[str] = Field([], max_length=100)
    minutes: str = Field("", max_length=20_000)


def _case(view: cases.CaseView | cases.CaseRow) -> CaseOut:
    return CaseOut.from_orm(view)


@router.get("/cases", response={200: CasePage, REFUSED: Problem}, summary="Cases")
def get_cases(
    request: HttpRequest,
    procedure: str = "",
    scope: str = "",
    state: str = "",
    step: str = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Any:
    actor = actor_of(request)
    asked = {"procedure": procedure, "scope": scope, "state": state, "step": step}
    rows = cases.cases(actor, **asked, limit=limit, offset=offset)
    return page([_case(row) for row in rows], cases.count_cases(actor, **asked), limit, offset)


@router.get("/cases/{ref}", response={200: CaseOut, REFUSED: Problem}, summary="A case with its whole road")
def get_case(request: HttpRequest, ref: str) -> Any:
    return _case(cases.case(actor_of(request), Ref(ref)))


@router.post("/sessions", response={201: Made, REFUSED: Problem}, summary="Record a session with attendance")
def post_session(request: HttpRequest, body: SessionIn, key: IdempotencyKey) -> Any:
    ref = cases.record_session(
        actor_of(request),
        kind=body.kind,
        title=body.title,
        scope=body.scope,
        held_on=body.held_on,
        ended_on=body.ended_on,
        attendance=[
            cases.Attendee(
                person_ref=Ref(one.person_ref) if one.person_ref else None,
                role=one.role,
                sex=one.sex,
                age_group=one.age_group,
            )
            for one in body.attendance
        ],
        totals=body.totals,
        products=[cases.Product(title) for title in body.products],
        minutes=body.minutes,
        step_ref=Ref(body.step_ref) if body.step_ref else None,
        key=key,
    )
    return 201, Made(ref=ref)
