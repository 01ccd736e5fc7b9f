"""Savers: accounts, deposits and withdrawals in the words of the domain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from tests.engines.finance.makers import MANAGER, NATIONAL, RIVERSIDE, SYSTEM

ROSA = Ref("per-R0SA0000")
WEAVERS = Ref("grp-WEAVERS0")
OPENED = date(2004, 1, 1)


@dataclass
class Savers:
    """Opens savings accounts and moves money on them, with two people where two are needed."""

    holder: Ref
    currency: str = "PHP"
    numbers: count[int] = field(default_factory=lambda: count(1))

    def account(self, product: str = "member_savings", owner: Ref = ROSA, **terms: str | int) -> Ref:
        return finance.open_savings(
            NATIONAL,
            product=f"revolving_fund.{product}",
            owner_ref=owner,
            holder_ref=self.holder,
            scope=RIVERSIDE,
            currency=self.currency,
            on=OPENED,
            key=f"account-{next(self.numbers)}",
            terms=terms,
        )

    def pay_in(self, account: Ref, amount_minor: int, on: date = OPENED) -> finance.SavingsMovementView:
        number = next(self.numbers)
        return finance.deposit(
            MANAGER,
            account_ref=account,
            amount=Money(amount_minor, self.currency),
            on=on,
            key=f"in-{number}",
            receipt=f"R{number}",
        )

    def ask(self, account: Ref, amount_minor: int, on: date = OPENED) -> Ref:
        return finance.prepare_withdrawal(
            NATIONAL,
            account_ref=account,
            amount=Money(amount_minor, self.currency),
            on=on,
            key=f"out-{next(self.numbers)}",
        )

    def take_out(self, account: Ref, amount_minor: int, on: date = OPENED) -> finance.SavingsMovementView:
        return finance.pay_withdrawal(MANAGER, movement_ref=self.ask(account, amount_minor, on), on=on)

    def saved(self, account: Ref) -> int:
        return finance.savings_account(SYSTEM, account).balance.amount_minor
