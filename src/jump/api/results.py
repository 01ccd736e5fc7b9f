"""Indicators, values, and where a figure comes from."""

import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from jump.api.common import actor_of
from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token
from jump.base import duties
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.results import api as results

router = Router(auth=Token())


class PartOut(Schema):
    dimension: str
    category: str
    value: Decimal | None
    is_hidden: bool


class ValueOut(Schema):
    """A value; None where it is not defined or hidden, never a zero in their place."""

    ref: str | None
    indicator: str
    indicator_title: str
    unit: str
    scope: str
    place: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    n: int
    as_of: datetime.date
    target: Decimal | None
    baseline: Decimal | None
    is_hidden: bool
    parts: list[PartOut]


class HeadlineOut(Schema):
    jobs: Decimal | None
    target: Decimal | None
    women: Decimal | None
    men: Decimal | None
    not_stated: Decimal | None
    as_of: datetime.date | None
    figure_ref: str | None
    share: Decimal | None
    share_of_time: Decimal | None


class SourceOut(Schema):
    distance: int
    ref: str
    kind: str
    title: str
    on: datetime.date | None
    place: str


@router.get("/results/headline", response={200: HeadlineOut, REFUSED: Problem}, summary="Jobs against the target")
def get_headline(request: HttpRequest) -> Any:
    return HeadlineOut.from_orm(results.headline(actor_of(request)))


@router.get("/results/values", response={200: list[ValueOut], REFUSED: Problem}, summary="All indicators at a place")
def get_values(request: HttpRequest, scope: str = "") -> Any:
    rows = results.table(actor_of(request), scope=scope)
    return [ValueOut.from_orm(row.value) for row in rows]


@router.get(
    "/results/values/{indicator}", response={200: ValueOut, REFUSED: Problem}, summary="One indicator at a place"
)
def get_value(request: HttpRequest, indicator: str, scope: str = "") -> Any:
    return ValueOut.from_orm(results.current(actor_of(request), indicator=indicator, scope=scope))


@router.get("/why/{ref}", response={200: list[SourceOut], REFUSED: Problem}, summary="What a figure or record rests on")
def get_why(request: HttpRequest, ref: str) -> Any:
    """The walk back: the record itself at distance 0, then what it rests on, down to the visit and the letter."""
    walk = list(duties.walk(actor_of(request), Ref(ref)))
    if not walk:
        raise NotFound(ref=ref)
    return [
        SourceOut(distance=distance, ref=one.ref, kind=one.kind, title=one.title, on=one.on, place=one.place)
        for distance, one in walk
    ]
