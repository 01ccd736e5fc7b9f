"""Owners: registers, capital accounts, trusts and development funds in the words of the domain."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from jump.base import packages
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import MANAGER, NATIONAL, PROGRAMMES, RIVERSIDE, SYSTEM

BISCUITS = Ref("org-B1SCV1TS")
POTTERS = Ref("grp-P0TTERS0")
ANA, BEN, CORA, DAN = (Ref(f"per-{name}") for name in ("ANA00000", "BEN00000", "C0RA0000", "DAN00000"))
OPENED = date(2003, 1, 1)
SHARE = 10_000


def install_ownership(folder: Path) -> None:
    """The shipped packages on conversion and incubation; `install_products` has brought the unit share."""
    for name in ("conversion", "incubation"):
        shutil.copytree(PROGRAMMES / name, folder / name)
        packages.install(SYSTEM, folder / name)


@dataclass
class Owners:
    """Prepares as one person and approves as another."""

    numbers: count[int] = field(default_factory=lambda: count(1))

    def prepare(self, subject: Ref, kind: str, on: date, **asked: Any) -> Ref:
        return finance.prepare_step(
            NATIONAL,
            subject_ref=subject,
            kind=finance.StepKind(kind),
            asked=asked,
            on=on,
            key=f"step-{next(self.numbers)}",
        )

    def do(self, subject: Ref, kind: str, on: date, **asked: Any) -> finance.StepView:
        return finance.approve_step(MANAGER, step_ref=self.prepare(subject, kind, on, **asked))

    # --- registers

    def register(self, jurisdiction: str = "ES", founded_on: date = OPENED) -> Ref:
        return finance.open_register(
            NATIONAL,
            product="conversion.share_account",
            enterprise_ref=BISCUITS,
            scope=RIVERSIDE,
            nominal=Money(100_00, "EUR"),
            jurisdiction=jurisdiction,
            founded_on=founded_on,
            on=OPENED,
            key=f"register-{next(self.numbers)}",
        )

    def issue(
        self, register: Ref, holder: Ref, shares: int, share_class: str = "labour", *, on: date = OPENED, **more: Any
    ) -> finance.StepView:
        return self.do(register, "issue", on, holder=holder, share_class=share_class, shares=shares * SHARE, **more)

    # --- capital accounts

    def capital(self, **terms: Any) -> Ref:
        return finance.open_capital(
            NATIONAL,
            product="incubation.member_share_account",
            enterprise_ref=POTTERS,
            scope=RIVERSIDE,
            currency="USD",
            on=OPENED,
            key=f"capital-{next(self.numbers)}",
            terms=terms,
        )

    def member(self, capital: Ref, member: Ref, fee_minor: int = 16_000_00, paid_minor: int | None = None) -> Ref:
        account = finance.open_member(
            NATIONAL,
            capital_ref=capital,
            member_ref=member,
            fee=Money(fee_minor, "USD"),
            joined_on=OPENED,
            key=f"member-{next(self.numbers)}",
        )
        paid = fee_minor if paid_minor is None else paid_minor
        if paid:
            self.do(capital, "pay_entry", OPENED, account=account, amount_minor=paid)
        return account

    def year(
        self,
        capital: Ref,
        surplus_minor: int,
        hours: Mapping[Ref, tuple[int, str]],
        *,
        year: int = 2003,
        on: date = date(2004, 3, 15),
        **more: Any,
    ) -> dict[str, Any]:
        """What is asked to close a year."""
        return {
            "subject": capital,
            "kind": "close_year",
            "on": on,
            "year": year,
            "surplus_minor": surplus_minor,
            "labour": [
                {"account": account, "hours": worked, "index": index} for account, (worked, index) in hours.items()
            ],
            **more,
        }

    # --- trusts

    def trust(self, **terms: Any) -> Ref:
        return finance.open_trust(
            NATIONAL,
            product="conversion.trust_loan",
            enterprise_ref=BISCUITS,
            title="Trust of the employees",
            scope=RIVERSIDE,
            currency="USD",
            jurisdiction="US",
            on=OPENED,
            key=f"trust-{next(self.numbers)}",
            terms=terms,
        )

    def borrow(
        self, trust: Ref, payments: Sequence[tuple[int, int]], shares: int, *, by: str = "", standard: bool = True
    ) -> finance.StepView:
        step = finance.prepare_trust_loan(
            NATIONAL,
            trust_ref=trust,
            payments=payments,
            shares=shares * SHARE,
            on=OPENED,
            key=f"loan-{next(self.numbers)}",
            release_by=by,
            is_standard_table=standard,
        )
        return finance.approve_step(MANAGER, step_ref=step)

    def join(self, trust: Ref, person: Ref) -> Ref:
        return finance.join_trust(
            NATIONAL, trust_ref=trust, person_ref=person, joined_on=OPENED, key=f"join-{next(self.numbers)}"
        )

    def plan_year(
        self,
        trust: Ref,
        year: int,
        contribution_minor: int,
        people: Mapping[Ref, tuple[int, int]],
        price_minor: int = 0,
    ) -> finance.StepView:
        return self.do(
            trust,
            "trust_year",
            date(year + 1, 1, 31),
            year=year,
            contribution_minor=contribution_minor,
            price_minor=price_minor,
            people=[{"person": ref, "pay_minor": pay, "hours": hours} for ref, (pay, hours) in people.items()],
        )

    # --- development funds

    def development(self, fund: Ref, share: str = "0.20") -> None:
        finance.make_development_fund(
            SYSTEM,
            fund_ref=fund,
            product="incubation.development_fund",
            on=date(2004, 1, 1),
            key="development",
            liquidity_reserve_share=Decimal(share),
        )


def held(book: Ref) -> dict[str, int]:
    """Every account of a book that holds something."""
    return {code: amount for code, amount in ledger.balances(book).items() if amount}


def usd(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")
