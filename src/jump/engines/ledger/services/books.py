"""Opening books and accounts."""

from __future__ import annotations

from jump.base import clock
from jump.base.actors import Actor
from jump.base.db import write_transaction
from jump.base.prepared import Prepared
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Balance, Book
from jump.engines.ledger.models.refusals import AccountUnknown, BelowFloor, KeyReused, NoFloor
from jump.engines.ledger.queries.units import unit as known_unit
from jump.engines.ledger.types import AccountKind


def open_book(actor: Actor, *, ref_owner: Ref, title: str, scope: str) -> Ref:
    """Open the book of an owner, or return the one it has: an owner has one book."""
    with write_transaction():
        known = Book.objects.filter(owner=ref_owner).values_list("ref", flat=True).first()
        if known is not None:
            return Ref(known)
        book = Book.objects.create(owner=ref_owner, title=title, scope_id=node_id(scope), opened_at=clock.now())
    return Ref(book.ref)


_HELD = Prepared(
    lambda book, code: Account.objects.filter(book__ref=book, code=code).values_list("ref", "kind", "unit")
)


def open_account(
    actor: Actor,
    *,
    book_ref: Ref,
    code: str,
    title: str,
    kind: AccountKind | str,
    unit: str,
    floor_minor: int | None = None,
) -> Ref:
    """Open an account, or return the one with this code. The same code with another kind or unit is refused.

    The unit is a currency of ISO 4217 or a declared commodity (`declare_unit`).

    `floor_minor` is the least the account may hold, counted in its own direction: 0 on cash means that it cannot be
    overdrawn, 0 on a loan that no more can come back than was lent.
    """
    sort = AccountKind(kind)
    held = _HELD.first(book_ref, code)
    if held is not None and held[1:] == (sort.value, unit):
        return Ref(held[0])
    known_unit(unit)
    with write_transaction():
        book = Book.objects.filter(ref=book_ref).first()
        if book is None:
            raise NotFound(ref=book_ref)
        known = Account.objects.filter(book=book, code=code).first()
        if known is not None:
            if (known.kind, known.unit) != (sort.value, unit):
                raise KeyReused(key=code)
            return Ref(known.ref)
        account = Account.objects.create(book=book, code=code, title=title, kind=sort.value, unit=unit)
        Balance.objects.create(account=account, balance_minor=0, sign=sort.sign, floor_minor=floor_minor)
    return Ref(account.ref)


def set_floor(actor: Actor, *, account_ref: Ref, floor_minor: int | None) -> None:
    """Set or lift the least an account may hold. Refused where it holds less already, or holds rest on the least."""
    with write_transaction():
        balance = Balance.objects.select_related("account").filter(account__ref=account_ref).first()
        if balance is None:
            raise AccountUnknown(account=account_ref)
        if floor_minor is None and balance.reserved_minor:
            raise NoFloor(account=balance.account.code)
        held = balance.balance_minor * balance.sign - balance.reserved_minor
        if floor_minor is not None and held < floor_minor:
            raise BelowFloor(
                account=balance.account.code, held_minor=held, asked_minor=floor_minor, unit=balance.account.unit
            )
        Balance.objects.filter(pk=balance.pk).update(floor_minor=floor_minor)
