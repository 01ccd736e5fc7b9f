"""Who owns two of the example's enterprises: one keeps capital accounts of its members, one a register of shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jump.cli.example import TODAY
from jump.cli.example.work import Enterprise
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance

MEMBERS = 8  # of each enterprise: enough to see, little to load
FEE_USD = 40
NOMINAL_USD = 5
HOURS = (1_480, 1_610, 900, 1_700, 1_250, 1_550, 760, 1_400)


def keep_owners(enterprises: Sequence[Enterprise]) -> None:
    """The two enterprises that were launched first begin to keep who owns them."""
    first = sorted(enterprises, key=lambda one: (one.launched_on, one.ref))[:2]
    for one, keep in zip(first, (_capital, _register), strict=False):
        keep(one)


def _capital(one: Enterprise) -> None:
    """Entry contributions, and the result of 2003 where the enterprise was at work by then."""
    cast, on = one.road.one.cast, one.launched_on
    capital = finance.open_capital(
        cast.coordinator,
        product="incubation.member_share_account",
        enterprise_ref=one.ref,
        scope=one.road.one.scope,
        currency=one.road.one.currency,
        on=on,
        key="example:capital",
    )
    fee = _money(one, FEE_USD)
    accounts = []
    for number, person in enumerate(one.members[:MEMBERS]):
        account = finance.open_member(
            cast.coordinator,
            capital_ref=capital,
            member_ref=person.ref,
            fee=fee,
            joined_on=on,
            key=f"example:capital:{number}",
        )
        paid = fee.amount_minor if number % 3 else fee.amount_minor // 2
        _step(one, capital, "pay_entry", on, {"account": account, "amount_minor": paid})
        accounts.append(account)
    approved = date(2004, 3, 20)
    if on.year <= 2003 and on <= approved:
        labour = [
            {"account": account, "hours": hours, "index": "1"} for account, hours in zip(accounts, HOURS, strict=False)
        ]
        asked = {"year": 2003, "surplus_minor": _money(one, 640).amount_minor, "labour": labour}
        _step(one, capital, "close_year", approved, asked)


def _register(one: Enterprise) -> None:
    """Shares for the members, and one who buys from another by instalments."""
    cast, on = one.road.one.cast, one.launched_on
    nominal = _money(one, NOMINAL_USD)
    register = finance.open_register(
        cast.coordinator,
        product="conversion.share_account",
        enterprise_ref=one.ref,
        scope=one.road.one.scope,
        nominal=nominal,
        jurisdiction=one.road.one.country,
        founded_on=on,
        on=on,
        key="example:register",
    )
    share = finance.share_register(cast.coordinator, register).one_share
    people = [person.ref for person in one.members[:MEMBERS]]
    for number, person in enumerate(people[:-1]):
        asked = {
            "holder": person,
            "share_class": "labour",
            "shares": (4 + number % 3) * share,
            "price_minor": nominal.amount_minor,
        }
        _step(one, register, "issue", on, asked)
    agreed = min(on + timedelta(days=60), TODAY)
    due = [[(agreed + timedelta(days=days)).isoformat(), nominal.amount_minor] for days in (30, 60)]
    asked = {
        "buyer": people[-1],
        "seller": people[0],
        "share_class": "labour",
        "shares": 2 * share,
        "price_minor": nominal.amount_minor,
        "instalments": due,
    }
    _step(one, register, "agree_purchase", agreed, asked)


def _step(one: Enterprise, subject: Ref, kind: str, on: date, asked: Mapping[str, Any]) -> None:
    """The coordinator prepares, the fund manager approves."""
    cast = one.road.one.cast
    who = asked.get("account") or asked.get("holder") or "all"
    step = finance.prepare_step(
        cast.coordinator,
        subject_ref=subject,
        kind=finance.StepKind(kind),
        asked=asked,
        on=on,
        key=f"example:{kind}:{who}",
    )
    finance.approve_step(cast.fund_manager, step_ref=step)


def _money(one: Enterprise, usd: int) -> Money:
    currency = one.road.one.currency
    return Money(usd * one.road.one.rate_to_usd * 10 ** Money.zero(currency).exponent, currency)
