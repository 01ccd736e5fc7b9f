"""Books: entries, trial balance, exports, proof."""

import datetime
from typing import Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router, Schema

from jump.api.common import Limit, Offset, actor_of
from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token
from jump.base.actors import Actor, require
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger import api as ledger

router = Router(auth=Token())


class BookOut(Schema):
    ref: str
    owner_ref: str
    title: str
    scope: str


class LineOut(Schema):
    account_ref: str
    amount_minor: int
    unit: str
    labels: dict[str, str]


class EntryOut(Schema):
    ref: str
    number: int
    occurred_on: datetime.date
    recorded_at: datetime.datetime
    memo: str
    lines: list[LineOut]


class TrialRowOut(Schema):
    code: str
    title: str
    unit: str
    balance_minor: int


def _visible(actor: Actor, ref: str) -> ledger.BookView:
    """The book, where this actor may see it. Raises NotFound."""
    for book in ledger.books(actor):
        if book.ref == ref:
            return book
    raise NotFound(ref=ref)


@router.get("/books", response={200: list[BookOut], REFUSED: Problem}, summary="Books")
def get_books(request: HttpRequest) -> Any:
    return [BookOut.from_orm(one) for one in ledger.books(actor_of(request))]


@router.get("/books/{ref}/entries", response={200: list[EntryOut], REFUSED: Problem}, summary="Entries, newest first")
def get_entries(request: HttpRequest, ref: str, limit: Limit = 50, offset: Offset = 0) -> Any:
    rows = ledger.entries(actor_of(request), book_ref=Ref(ref), limit=limit, offset=offset)
    return [EntryOut.from_orm(one) for one in rows]


@router.get(
    "/books/{ref}/trial-balance",
    response={200: list[TrialRowOut], REFUSED: Problem},
    summary="Balance of every account",
)
def get_trial_balance(request: HttpRequest, ref: str, as_of: datetime.date | None = None) -> Any:
    book = _visible(actor_of(request), ref)
    return [TrialRowOut.from_orm(one) for one in ledger.trial_balance(book.ref, as_of)]


@router.get("/books/{ref}/export.{kind}", response={REFUSED: Problem}, summary="All entries for hledger or as CSV")
def get_export(request: HttpRequest, ref: str, kind: Literal["journal", "csv"]) -> Any:
    """`kind` is journal (hledger) or csv."""
    actor = actor_of(request)
    book = _visible(actor, ref)
    require(actor, "ledger.export", book.scope)
    write = ledger.export_csv if kind == "csv" else ledger.export_hledger
    return StreamingHttpResponse(write(book.ref), content_type="text/plain; charset=utf-8")
