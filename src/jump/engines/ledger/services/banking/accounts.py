"""Accounts that a bank sends statements of: which may be, and the one lock behind which all about them happens."""

from __future__ import annotations

from jump.base import clock
from jump.base.actors import Actor
from jump.base.db import locked
from jump.core.money import CURRENCY_EXPONENTS
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Book
from jump.engines.ledger.models.bank_refusals import NotReconcilable
from jump.engines.ledger.models.banking import BankAccount
from jump.engines.ledger.models.refusals import AccountUnknown
from jump.engines.ledger.types import AccountKind

KINDS = (AccountKind.ASSET.value, AccountKind.LIABILITY.value)
RECONCILE, APPROVE = "ledger.reconcile", "ledger.approve"


def seen_account(actor: Actor, account_ref: Ref) -> Account:
    """The account, if this actor may see it and a bank may stand behind it."""
    books = Book.objects.visible_to(actor).values("pk")
    found = Account.objects.select_related("book__scope").filter(ref=account_ref, book__in=books).first()
    if found is None:
        raise AccountUnknown(account=account_ref)
    if found.kind not in KINDS or found.unit not in CURRENCY_EXPONENTS:
        raise NotReconcilable(account=found.code)
    return found


def locked_bank(actor: Actor, account: Account) -> BankAccount:
    """The bank's side of an account, ours until the transaction ends; made where it is not there yet."""
    BankAccount.objects.get_or_create(account=account, defaults={"changed_at": clock.now(), "by": actor.key})
    return locked(BankAccount.objects.filter(pk=account.pk)).get()
