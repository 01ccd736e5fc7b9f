"""Funds, loans and budgets in the words of the domain."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path

from jump.base import packages
from jump.base.actors import Actor, Grant, system_actor
from jump.base.scopes import declare_node
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger

PROGRAMMES = Path(__file__).resolve().parents[3] / "src/jump/programmes"
RIVERSIDE = "jump/asia/PH/riverside/"
MILLERS = Ref("grp-M1LLERS0")
DAY = date(2003, 11, 27)
SYSTEM = system_actor("tests")


def acting(user: int, role: str, path: str = "jump/") -> Actor:
    return Actor(user_id=user, name=role, grants=(Grant(role, path),))


COORDINATOR = acting(1, "programme_coordinator")
NATIONAL = acting(2, "national_coordinator", "jump/asia/PH/")
MANAGER = acting(3, "fund_manager", "jump/asia/PH/")
SECOND_MANAGER = acting(4, "fund_manager", "jump/asia/PH/")
WORKER = acting(5, "extension_worker", RIVERSIDE)
DONOR = acting(6, "donor")
NEIGHBOUR = acting(7, "fund_manager", "jump/asia/TH/")

SEATS = {
    "programme_coordinator": "user:1",
    "donor": "user:6",
    "national_committee": "res-00000001",
    "partner": "org-00000001",
}


def declare_places() -> None:
    declare_node(None, "jump", "programme", "JUMP")
    regions = {"asia": ("TH", "PH", "FJ"), "africa": ("ZA", "KE", "SN"), "america": ("HN", "NI", "PE")}
    for region, countries in regions.items():
        declare_node("jump/", region, "region", region)
        for country in countries:
            declare_node(f"jump/{region}/", country, "country", country)
    declare_node("jump/asia/PH/", "riverside", "project", "Riverside")


def install_products(folder: Path) -> None:
    """The shipped products, rules, approvals and budget, without the rest of their packages."""
    for name, files in {
        "common": ("units.yaml",),
        "jump": ("approvals.yaml", "budget.yaml"),
        "revolving_fund": ("products.yaml", "rules.yaml"),
        "jump_cer": ("products.yaml",),
        "seed_fund": ("products.yaml",),
        "employment_units": ("products.yaml",),
        "acopam": ("products.yaml",),
        "labour_contracting": ("products.yaml",),
    }.items():
        made = folder / name
        made.mkdir(parents=True)
        for file in files:
            shutil.copy(PROGRAMMES / name / file, made / file)
        (made / "programme.yaml").write_text(
            f'name: {name}\nversion: "1"\ntitle: {{en: {name}, fr: {name}}}\nlanguages: [en, fr]\n'
            "engines: [finance]\nuses: []\n"
        )
        packages.install(SYSTEM, made)


@dataclass
class FundMaker:
    """Opens a fund in Philippine pesos and lends out of it."""

    rules: finance.FundRules = field(default_factory=lambda: finance.FundRules({"reserve_share": Decimal("0.10")}))
    numbers: count[int] = field(default_factory=lambda: count(1))

    def fund(self, capital_minor: int = 100_000_000, currency: str = "PHP") -> Ref:
        ref = finance.open_fund(
            SYSTEM,
            owner_ref=Ref("org-00000001"),
            title="Bulacan fund",
            currency=currency,
            scope="jump/asia/PH/",
            on=date(2003, 1, 10),
            rules=self.rules,
            consulted=SEATS,
        )
        finance.contribute(
            SYSTEM,
            fund_ref=ref,
            amount=Money(capital_minor, currency),
            source="donor",
            on=date(2003, 1, 15),
            key=f"seed-{ref}",
        )
        return ref

    def rate(self) -> None:
        finance.add_rate(
            SYSTEM, given="USD", wanted="PHP", on=date(2003, 1, 1), rate=Decimal("53.5"), source="central bank"
        )

    def loan(
        self,
        fund: Ref,
        amount_minor: int = 24_000_000,
        *,
        party: Ref = MILLERS,
        on: date = DAY,
        met: bool = True,
        **terms: object,
    ) -> Ref:
        number = next(self.numbers)
        ref = finance.open_contract(
            NATIONAL,
            product="revolving_fund.group_loan",
            party_ref=party,
            amount=Money(amount_minor, "PHP"),
            scope=RIVERSIDE,
            purpose="rice mill and drying floor",
            fund_ref=fund,
            on=on,
            cause_ref=Ref(f"cas-{number:08}"),
            key=f"loan-{number}",
            terms={"rate_yearly": "0.12", "fee_percent": "0", "penalty_percent": "0", **terms},
        )
        if met:
            self.meet(ref, on=on)
        return ref

    def meet(self, contract: Ref, *, on: date = DAY, decided_by: tuple[str, ...] = ("user:21", "user:22")) -> None:
        for one in finance.contract(SYSTEM, contract).conditions:
            if not one.is_met and one.code not in ("first_proof", "second_proof"):
                finance.meet_condition(
                    SYSTEM,
                    contract_ref=contract,
                    condition=one.code,
                    proof_ref=Ref("rnd-00000001"),
                    decided_by=decided_by,
                    on=on,
                )

    def pay_out(self, contract: Ref, number: int = 1, *, on: date = DAY) -> finance.TrancheView:
        tranche = finance.prepare_release(NATIONAL, contract_ref=contract, number=number, on=on)
        return finance.approve_release(MANAGER, tranche_ref=tranche, on=on, key=f"pay-{contract}-{number}")

    def running_loan(self, fund: Ref, amount_minor: int = 24_000_000, **options: object) -> Ref:
        ref = self.loan(fund, amount_minor, **options)  # type: ignore[arg-type]
        self.pay_out(ref, on=options.get("on", DAY))  # type: ignore[arg-type]
        return ref

    def repay(self, contract: Ref, amount_minor: int, on: date, receipt: str = "") -> finance.RepaymentView:
        number = next(self.numbers)
        return finance.repay(
            MANAGER,
            contract_ref=contract,
            amount=Money(amount_minor, "PHP"),
            on=on,
            receipt=receipt or f"{number:05}",
            key=f"repay-{number}",
        )


def php(amount_minor: int) -> Money:
    return Money(amount_minor, "PHP")


def usd(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")


def balances(fund: Ref) -> dict[str, int]:
    return ledger.balances(finance.fund(SYSTEM, fund).book_ref)
