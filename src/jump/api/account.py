"""Signing in and out, and who one is."""

import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token, sign_in
from jump.base.tokens import give_back

router = Router()


class SignIn(Schema):
    username: str = Field(max_length=150)
    password: str = Field(max_length=200)
    label: str = Field("", max_length=100, description="What the token is for, such as the name of a script")


class TokenOut(Schema):
    token: str
    ends_at: datetime.datetime


class GrantOut(Schema):
    role: str
    scope: str


class Me(Schema):
    name: str
    grants: list[GrantOut]


@router.post("/sign-in", response={200: TokenOut, REFUSED: Problem}, summary="Get a token")
def post_sign_in(request: HttpRequest, body: SignIn) -> Any:
    """The token is shown once. It acts with exactly the roles of the account."""
    token, row = sign_in(request, username=body.username, password=body.password, label=body.label)
    return TokenOut(token=token, ends_at=row.ends_at)


@router.post("/sign-out", auth=Token(), response={204: None, REFUSED: Problem}, summary="End the token")
def post_sign_out(request: HttpRequest) -> Any:
    give_back(request.headers["Authorization"].split(" ", 1)[-1])
    return 204, None


@router.get("/me", auth=Token(), response={200: Me, REFUSED: Problem}, summary="Who the token acts for")
def get_me(request: HttpRequest) -> Any:
    actor = request.actor  # type: ignore[attr-defined]
    return Me(name=actor.name, grants=[GrantOut(role=grant.role, scope=grant.path) for grant in actor.grants])
