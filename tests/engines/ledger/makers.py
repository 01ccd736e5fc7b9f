"""Books and accounts in the words of the domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from jump.base.actors import Actor, Grant
from jump.base.scopes import declare_node
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import EntryView, Line

Pay = Callable[..., EntryView]
DAY = date(2004, 6, 15)


@dataclass(frozen=True)
class Books:
    """A small book in Thai baht with cash that cannot be overdrawn, plus grain in bags."""

    ref: Ref
    cash: Ref
    capital: Ref
    spent: Ref
    bags: Ref
    harvest: Ref


def open_books(actor: Actor, slug: str = "jump") -> Books:
    declare_node(None, slug, "programme", "JUMP")
    ledger.declare_unit(actor, code="bag", title="Bag of grain of 50 kg", decimals=0)
    book = ledger.open_book(actor, ref_owner=Ref(f"fnd-{slug}"), title="Riverside fund", scope=f"{slug}/")

    def account(code: str, kind: str, unit: str = "THB", floor: int | None = None) -> Ref:
        return ledger.open_account(actor, book_ref=book, code=code, title=code, kind=kind, unit=unit, floor_minor=floor)

    return Books(
        ref=book,
        cash=account("cash", "asset", floor=0),
        capital=account("capital:donor", "equity"),
        spent=account("spent", "expense"),
        bags=account("store", "asset", "bag", 0),
        harvest=account("harvest", "income", "bag"),
    )


def close_and_seal(actor: Actor, book_ref: Ref, month: int) -> int:
    """One person begins to close, another seals."""
    closer = Actor(user_id=70, name="Closer", grants=(Grant("fund_manager", "jump/"),))
    ledger.begin_closing(closer, book_ref=book_ref, month=month)
    return ledger.seal_period(actor, book_ref=book_ref, month=month)


def putting_in(books: Books, actor: Actor) -> Pay:
    """Puts money into the cash of the book."""

    def put(amount_minor: int, key: str = "in-1", on: date = DAY, memo: str = "Contribution") -> EntryView:
        return ledger.post(
            actor,
            book_ref=books.ref,
            memo=memo,
            occurred_on=on,
            lines=[Line(books.cash, amount_minor), Line(books.capital, -amount_minor)],
            source_ref=Ref("ctr-00000001"),
            key=key,
        )

    return put
