"""What is unfinished in the money of a book at the end of a month, and the receipts behind its entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.finance.models import (
    BankLineMove,
    Collection,
    CollectionLine,
    Contract,
    Fund,
    GuaranteePayment,
    Repayment,
    SavingsAccount,
    SavingsMovement,
    Tranche,
    WriteOff,
)
from jump.engines.finance.types import TrancheState
from jump.engines.finance.types.closing import WaitingView
from jump.engines.finance.types.meetings import CollectionState

MOST = 50
PREPARED = "prepared"


def waiting_in_book(actor: Actor, *, book_ref: Ref, until: date) -> list[WaitingView]:
    """Payments that are prepared and not approved, and money collected and not counted, up to a day; oldest first."""
    found = [*_contracts(actor, book_ref, until), *_savings(actor, book_ref, until), *_funds(actor, book_ref, until)]
    return sorted(found, key=lambda one: (one.on or until, one.ref))[:MOST]


def _contracts(actor: Actor, book_ref: Ref, until: date) -> Iterator[WaitingView]:
    seen = Contract.objects.visible_to(actor).filter(fund__book=book_ref)
    tranches = Tranche.objects.filter(contract__in=seen.values("pk"), state=TrancheState.PREPARED.value)
    rows: Any = tranches.filter(prepared_on__lte=until).values_list("ref", "contract__ref", "prepared_on")
    for ref, contract, on in rows[:MOST]:
        yield WaitingView("tranche", Ref(ref), Ref(contract), on)
    offs = WriteOff.objects.filter(contract__in=seen.values("pk"), entry="").values_list("contract__ref", flat=True)
    for contract in offs[:MOST]:
        yield WaitingView("write_off", Ref(contract), Ref(contract), None)


def _savings(actor: Actor, book_ref: Ref, until: date) -> Iterator[WaitingView]:
    accounts = SavingsAccount.objects.visible_to(actor).filter(book=book_ref)
    moves = SavingsMovement.objects.filter(account__in=accounts.values("pk"), state=PREPARED, on__lte=until)
    for ref, account, on in moves.values_list("ref", "account__ref", "on")[:MOST]:
        yield WaitingView("savings", Ref(ref), Ref(account), on)
    mine = Contract.objects.filter(ref=OuterRef("target"), fund__book=book_ref)
    saved = SavingsAccount.objects.filter(ref=OuterRef("target"), book=book_ref)
    lines = CollectionLine.objects.filter(collection=OuterRef("pk")).filter(Q(Exists(mine)) | Q(Exists(saved)))
    sheets = Collection.objects.visible_to(actor).filter(state=CollectionState.PROVISIONAL.value, on__lte=until)
    for ref, on in sheets.filter(Exists(lines)).values_list("ref", "on")[:MOST]:
        yield WaitingView("collection", Ref(ref), Ref(ref), on)


def _funds(actor: Actor, book_ref: Ref, until: date) -> Iterator[WaitingView]:
    funds = Fund.objects.visible_to(actor).filter(book=book_ref).values("pk")
    paid = GuaranteePayment.objects.filter(guarantee__fund__in=funds, state=PREPARED, on__lte=until)
    for ref, guarantee, on in paid.values_list("ref", "guarantee__ref", "on")[:MOST]:
        yield WaitingView("guarantee", Ref(ref), Ref(guarantee), on)
    moves = BankLineMove.objects.filter(line__fund__in=funds, state=PREPARED, on__lte=until)
    for ref, line, on in moves.values_list("ref", "line__ref", "on")[:MOST]:
        yield WaitingView("bank_move", Ref(ref), Ref(line), on)


def receipts_of(actor: Actor, entry_refs: Iterable[Ref]) -> dict[Ref, list[str]]:
    """The numbers of receipts behind entries, for finding them in the text of a bank. Four statements."""
    wanted = [str(ref) for ref in entry_refs]
    funds = Fund.objects.visible_to(actor).values("pk")
    accounts = SavingsAccount.objects.visible_to(actor).values("pk")
    found: dict[Ref, list[str]] = defaultdict(list)
    rows: list[Any] = [
        Repayment.objects.filter(entry__in=wanted, fund__in=funds),
        SavingsMovement.objects.filter(entry__in=wanted, account__in=accounts),
        GuaranteePayment.objects.filter(entry__in=wanted, guarantee__fund__in=funds),
        BankLineMove.objects.filter(entry__in=wanted, line__fund__in=funds),
    ]
    for chosen in rows:
        for entry, receipt in chosen.exclude(receipt="").values_list("entry", "receipt"):
            found[Ref(entry)].append(receipt)
    return dict(found)
