"""On the ground of `area_ground`: a register, capital accounts, a trust, a development fund, with a little in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base import packages
from jump.base.actors import Actor, system_actor
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from tests.web.area_ground import SYSTEM, Site

COLLEAGUE = system_actor("colleague")
SHARE = 10_000
DAY = date(2003, 3, 1)


@dataclass(frozen=True, slots=True)
class Stakes:
    register: Ref
    capital: Ref
    account: Ref
    trust: Ref
    fund: Ref


def do(subject: Ref, kind: str, on: date, by: Actor = SYSTEM, **asked: Any) -> Ref:
    """A step that is prepared and approved."""
    step = prepare(subject, kind, on, by, **asked)
    finance.approve_step(COLLEAGUE, step_ref=step)
    return step


def prepare(subject: Ref, kind: str, on: date, by: Actor = SYSTEM, **asked: Any) -> Ref:
    return finance.prepare_step(
        by, subject_ref=subject, kind=finance.StepKind(kind), asked=asked, on=on, key=f"{subject}-{kind}-{on}-{asked}"
    )


def own(site: Site) -> Stakes:
    for folder in packages.in_order(["conversion", "incubation"]):
        packages.install(SYSTEM, folder)
    return Stakes(_register(site), *_capital(site), _trust(site), _development(site))


def _register(site: Site) -> Ref:
    register = finance.open_register(
        SYSTEM,
        product="conversion.share_account",
        enterprise_ref=site.mill,
        scope=site.scope,
        nominal=Money(50_000, "PHP"),
        jurisdiction="ES",
        founded_on=DAY,
        on=DAY,
        key="register",
    )
    for person, count in zip(site.people[:3], (40, 30, 20), strict=True):
        do(register, "issue", DAY, holder=person, share_class="labour", shares=count * SHARE, price_minor=50_000)
    do(register, "issue", DAY, holder=site.people[3], share_class="general", shares=25_000)
    do(
        register,
        "agree_purchase",
        date(2004, 1, 1),
        buyer=site.people[4],
        seller=site.people[0],
        share_class="labour",
        shares=10 * SHARE,
        price_minor=60_000,
        instalments=[["2004-02-01", 300_000], ["2004-09-01", 300_000]],
    )
    do(
        register,
        "record_hours",
        date(2004, 1, 31),
        year=2003,
        workers=[{"ref": one, "hours": 1_700, "open_ended": True} for one in site.people[:4]],
    )
    return register


def _capital(site: Site) -> tuple[Ref, Ref]:
    capital = finance.open_capital(
        SYSTEM,
        product="incubation.member_share_account",
        enterprise_ref=site.mill,
        scope=site.scope,
        currency="PHP",
        on=DAY,
        key="capital",
    )
    accounts = [
        finance.open_member(
            SYSTEM,
            capital_ref=capital,
            member_ref=person,
            fee=Money(1_000_000, "PHP"),
            joined_on=DAY,
            key=f"member-{person}",
        )
        for person in site.people[:3]
    ]
    for number, account in enumerate(accounts):
        do(capital, "pay_entry", DAY, account=account, amount_minor=1_000_000 - number * 100_000)
    do(
        capital,
        "close_year",
        date(2004, 3, 15),
        year=2003,
        surplus_minor=9_000_000,
        labour=[{"account": account, "hours": 1_500, "index": "1.2"} for account in accounts],
    )
    return capital, accounts[0]


def _trust(site: Site) -> Ref:
    trust = finance.open_trust(
        SYSTEM,
        product="conversion.trust_loan",
        enterprise_ref=site.mill,
        title="Trust of the millers",
        scope=site.scope,
        currency="USD",
        jurisdiction="US",
        on=DAY,
        key="trust",
    )
    loan = finance.prepare_trust_loan(
        SYSTEM, trust_ref=trust, payments=[(1_000_000, 200_000)] * 4, shares=4_000 * SHARE, on=DAY, key="loan"
    )
    finance.approve_step(COLLEAGUE, step_ref=loan)
    people = [
        finance.join_trust(SYSTEM, trust_ref=trust, person_ref=person, joined_on=DAY, key=f"join-{person}")
        for person in site.people[:2]
    ]
    do(
        trust,
        "trust_year",
        date(2004, 1, 31),
        year=2003,
        contribution_minor=1_200_000,
        price_minor=1_000,
        people=[{"person": one, "pay_minor": 3_000_000, "hours": 1_800} for one in people],
    )
    return trust


def _development(site: Site) -> Ref:
    account = finance.open_savings(
        SYSTEM,
        product="revolving_fund.member_savings",
        owner_ref=site.people[5],
        holder_ref=site.fund,
        scope=site.scope,
        currency="PHP",
        on=date(2004, 1, 5),
        key="saver",
    )
    finance.deposit(SYSTEM, account_ref=account, amount=Money(5_000_000, "PHP"), on=date(2004, 1, 6), key="deposit")
    finance.make_development_fund(
        SYSTEM,
        fund_ref=site.fund,
        product="incubation.development_fund",
        on=date(2004, 1, 6),
        key="development",
        liquidity_reserve_share=Decimal("0.20"),
    )
    do(site.fund, "invest", date(2004, 2, 1), enterprise=site.mill, amount_minor=1_500_000)
    return site.fund
