"""What several routers share: amounts, keys, paging."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Header, Schema

from jump.base.actors import Actor
from jump.core.money import Money

OFFSET_MAX = 1_000_000_000  # a number that every database takes
LIMIT_MAX = 200
IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=120, description="Your own unique text for this act")
]
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX)]
Offset = Annotated[int, Field(ge=0, le=OFFSET_MAX)]
RefIn = Annotated[str, Field(max_length=24, pattern=r"^[a-z][a-z0-9_]*-[0-9A-Z]+$")]
ScopeIn = Annotated[str, Field(max_length=200, pattern=r"^([A-Za-z0-9_.-]+/)*$")]


class MoneyOut(Schema):
    """An amount in minor units (cents, where the currency has them)."""

    amount_minor: int
    currency: str

    @staticmethod
    def of(money: Money) -> "MoneyOut":
        return MoneyOut(amount_minor=money.amount_minor, currency=money.currency)


class Made(Schema):
    """The reference of what was made."""

    ref: str


def actor_of(request: HttpRequest) -> Actor:
    """Who the token acts for."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def page(rows: list[Any], total: int, limit: int, offset: int) -> dict[str, Any]:
    """One page of a list."""
    return {"items": rows, "total": total, "limit": limit, "offset": offset}
