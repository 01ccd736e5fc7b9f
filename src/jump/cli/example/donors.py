"""Donors beside the first: partners of the private sector, what they gave, and what it was used for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jump.base.actors import system_actor
from jump.cli.example.cast import Cast, CountryCast
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties

SYSTEM = system_actor("example")
SOURCE = "private_partners"
PARTNERED = "PH"  # the country in which they work
CAME, USED = date(2003, 9, 15), date(2003, 11, 3)


def tell_of_partners(cast: Cast, country: CountryCast, scope: str, place: str) -> None:
    """Two partners share a source: money in two currencies, hours of mentors, a grant of which a part came back."""
    budget = finance.budget(SYSTEM).ref
    finance.record_source(
        SYSTEM,
        budget_ref=budget,
        code=SOURCE,
        title="Private partners",
        pledged=Money(4_000_000, "USD"),
        starts_on=date(2003, 9, 1),
        ends_on=date(2004, 12, 31),
        place=scope,
        kind="other_donor",
    )
    for on, rate in ((date(2003, 9, 1), "0.90"), (date(2003, 11, 1), "0.85"), (date(2004, 6, 1), "0.82")):
        finance.add_rate(SYSTEM, given="USD", wanted="EUR", on=on, rate=Decimal(rate), source="Example: a round figure")
    foundation = _partner(cast, scope, "Northern Solidarity Foundation", "foundation")
    company = _partner(cast, scope, "Pacific Mills Company", "company")
    given = (
        (foundation, Money(1_800_000, "EUR"), Money(2_000_000, "USD"), {}),
        (company, Money(200_000, "USD"), Money(200_000, "USD"), {"country": PARTNERED}),
    )
    for party, sent, arrived, earmark in given:
        pledge = finance.record_pledge(
            cast.coordinator,
            budget_ref=budget,
            party_ref=party,
            source=SOURCE,
            amount=sent,
            earmark=earmark,
            on=date(2003, 9, 1),
            until=date(2004, 6, 30),
            key=f"example:pledge:{party}",
        )
        finance.receive(
            cast.coordinator,
            budget_ref=budget,
            source=SOURCE,
            amount=arrived,
            given=sent,
            on=CAME,
            key=f"example:came:{party}",
            pledge_ref=pledge,
        )
    _hours_of_mentors(cast, country, budget, company, place)
    _a_grant_with_a_refund(cast, country, place)
    _equipment(country, place)


def _equipment(country: CountryCast, place: str) -> None:
    """What the last payment on the line of equipment bought: kept by a group, and checked."""
    paid = finance.spends(SYSTEM, scope=place, line="equipment", until=date(2004, 1, 31), limit=1)
    if not paid:
        return
    asset = finance.record_asset(
        country.coordinator,
        spend_ref=paid[0].ref,
        title="Drying racks and a sealing machine",
        holder_ref=parties.groups(SYSTEM, scope=place, limit=1)[0].ref,
        on=paid[0].on,
        key="example:equipment",
    )
    finance.check_asset(
        country.coordinator,
        asset_ref=asset,
        condition="worn",
        on=date(2004, 5, 24),
        key="example:equipment:check",
        note="One rack is mended with wire.",
    )


def _partner(cast: Cast, scope: str, name: str, kind: str) -> Ref:
    return parties.register_organisation(
        cast.coordinator,
        scope=scope,
        name=name,
        kind=kind,
        partner_class="",
        on=date(2003, 9, 1),
        key=f"example:partner:{kind}",
    )


def _hours_of_mentors(cast: Cast, country: CountryCast, budget: Ref, company: Ref, place: str) -> None:
    """Forty hours of its foremen are promised; thirty-one came, in two logs."""
    finance.declare_in_kind_rate(
        cast.coordinator,
        budget_ref=budget,
        what="mentoring",
        unit="hour",
        rate=Money(450, "USD"),
        place="jump/",
        valid_from=date(2003, 1, 1),
        source="Example: wage of a foreman",
    )
    hours = finance.record_pledge(
        cast.coordinator,
        budget_ref=budget,
        party_ref=company,
        source=SOURCE,
        kind="expertise",
        what="mentoring",
        unit="hour",
        quantity=Decimal(40),
        on=date(2003, 9, 1),
        key="example:pledge:hours",
    )
    for number, (on, quantity) in enumerate(((date(2003, 10, 20), "18.5"), (date(2004, 2, 16), "12.5"))):
        finance.record_in_kind(
            country.coordinator,
            source=SOURCE,
            kind="expertise",
            what="mentoring",
            unit="hour",
            quantity=Decimal(quantity),
            scope=place,
            stage="development",
            line="training",
            on=on,
            key=f"example:hours:{number}",
            pledge_ref=hours,
        )


def _a_grant_with_a_refund(cast: Cast, country: CountryCast, place: str) -> None:
    """USD 6,000 in two tranches; of the first, 2,150 is accounted for by use and 850 came back."""
    found = parties.groups(SYSTEM, scope=place, limit=1)[0]
    group, place = found.ref, found.scope
    grant = finance.open_contract(
        country.coordinator,
        product="seed_fund.seed_grant",
        party_ref=group,
        amount=Money(600_000, "USD"),
        scope=place,
        purpose="Packing line of a social enterprise",
        budget={"stage": "development", "source": SOURCE},
        on=USED,
        key="example:seed-grant",
    )
    for code in ("award", "agreement", "ownership"):
        finance.meet_condition(
            SYSTEM,
            contract_ref=grant,
            condition=code,
            proof_ref=group,
            decided_by=[one.key for one in cast.panel[:2]],
            on=USED,
        )
    tranche = finance.prepare_release(country.coordinator, contract_ref=grant, number=1, on=USED)
    finance.approve_release(country.fund_manager, tranche_ref=tranche, on=USED)
    for use, minor in (("start_up", 180_000), ("training", 35_000)):
        finance.account_for_spend(
            country.coordinator,
            contract_ref=grant,
            amount=Money(minor, "USD"),
            proof_ref=group,
            on=date(2004, 2, 2),
            use=use,
            key=f"example:seed-grant:{use}",
        )
    finance.refund_grant(
        country.coordinator,
        contract_ref=grant,
        amount=Money(85_000, "USD"),
        on=date(2004, 2, 20),
        receipt="00417",
        why="The sealing machine cost less than planned.",
        key="example:seed-grant:back",
    )
