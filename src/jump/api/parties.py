"""Communities, groups and people, as far as the role may see them."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from jump.api.common import Limit, Offset, actor_of, page
from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token
from jump.core.units import Ref
from jump.engines.parties import api as parties

router = Router(auth=Token())


class PlaceOut(Schema):
    ref: str
    name: str
    kind: str
    country: str
    scope: str
    settlement_type: str
    population: int | None


class GroupOut(Schema):
    ref: str
    name: str
    kind: str
    legal_form: str
    scope: str
    place_name: str
    status: str
    members_count: int
    women_count: int


class PersonOut(Schema):
    ref: str
    name: str
    sex: str
    birth_year: int | None
    place_name: str
    scope: str
    is_masked: bool


class PersonPage(Schema):
    items: list[PersonOut]
    total: int
    limit: int
    offset: int


@router.get("/communities", response={200: list[PlaceOut], REFUSED: Problem}, summary="Communities")
def get_communities(request: HttpRequest, scope: str = "") -> Any:
    return [PlaceOut.from_orm(one) for one in parties.communities(actor_of(request), scope=scope)]


@router.get("/groups/{ref}", response={200: GroupOut, REFUSED: Problem}, summary="A group or enterprise")
def get_group(request: HttpRequest, ref: str) -> Any:
    return GroupOut.from_orm(parties.group(actor_of(request), Ref(ref)))


@router.get("/people", response={200: PersonPage, REFUSED: Problem}, summary="People")
def get_people(request: HttpRequest, q: str = "", scope: str = "", limit: Limit = 50, offset: Offset = 0) -> Any:
    actor = actor_of(request)
    rows = parties.people(actor, q=q, scope=scope, limit=limit, offset=offset)
    return page([PersonOut.from_orm(one) for one in rows], parties.count_people(actor, q=q, scope=scope), limit, offset)


@router.get("/people/{ref}", response={200: PersonOut, REFUSED: Problem}, summary="A person")
def get_person(request: HttpRequest, ref: str) -> Any:
    return PersonOut.from_orm(parties.person(actor_of(request), Ref(ref)))
