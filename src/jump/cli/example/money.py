"""Money of the example: the programme's budget, the country funds, and what was spent by mid-2004."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from jump.base.actors import system_actor
from jump.cli.example import TODAY
from jump.cli.example.cast import BEGINS, Cast, CountryCast
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties

SYSTEM = system_actor("example")
CONSULTED = {
    "programme_coordinator": "agreed in writing",
    "donor": "agreed in writing",
    "national_committee": "resolution of its meeting",
    "partner": "signed by the board",
}
# What is bought in each stage, by line of the budget, as weights.
LINES = {
    "preparatory_pilot": (("training", 5), ("sub_contractors", 3), ("travel", 2)),
    "development": (
        ("training", 6),
        ("national_professionals", 4),
        ("sub_contractors", 3),
        ("travel", 2),
        ("equipment", 2),
    ),
}


def open_programme_budget(cast: Cast, scope: str) -> Ref:
    """The budget of the document, its donor, and three yearly payments."""
    ref = finance.declare_budget(SYSTEM, definition_id="jump.budget", scope=scope, on=BEGINS)
    view = finance.budget(SYSTEM, ref)
    finance.record_source(
        SYSTEM,
        budget_ref=ref,
        code="primary_donor",
        title="Primary donor",
        pledged=view.pledge,
        starts_on=BEGINS,
        ends_on=date(2004, 12, 31),
        place=scope,
        is_core=True,
    )
    yearly = view.pledge.amount_minor // 3
    for number, on in enumerate((date(2002, 1, 15), date(2003, 1, 20), date(2004, 1, 19))):
        finance.receive(
            cast.coordinator,
            budget_ref=ref,
            source="primary_donor",
            amount=Money(yearly, view.pledge.currency),
            on=on,
            key=f"example:receive:{number}",
        )
    return ref


def open_country_fund(
    country_cast: CountryCast, country: parties.PlaceView, partner: Ref, currency: str, per_usd: int
) -> Ref:
    """A revolving fund owned by the partner, with seed money of both stages and the communities' own savings."""
    for year in (2002, 2003, 2004):
        finance.add_rate(
            SYSTEM,
            given="USD",
            wanted=currency,
            on=date(year, 1, 1),
            rate=Decimal(per_usd),
            source="Example: a round figure",
        )
    fund_ref = finance.open_fund(
        country_cast.coordinator,
        owner_ref=partner,
        title=f"Revolving fund of {country.name}",
        currency=currency,
        scope=country.scope,
        on=date(2002, 6, 3),
        rules="revolving_fund",
        consulted=CONSULTED,
    )
    scale = 10 ** Money.zero(currency).exponent
    seeds = ((10_000, "preparatory_pilot", date(2002, 7, 1)), (55_000, "development", date(2003, 1, 10)))
    for usd, stage, on in seeds:
        finance.transfer_seed(
            country_cast.coordinator,
            fund_ref=fund_ref,
            amount=Money(usd * 100, "USD"),
            scope=country.scope,
            stage=stage,
            on=on,
            key=f"example:seed:{country.country}:{stage}",
            received=Money(usd * per_usd * scale, currency),
        )
    finance.contribute(
        country_cast.fund_manager,
        fund_ref=fund_ref,
        amount=Money(3_500 * per_usd * scale, currency),
        source="community",
        on=date(2003, 2, 3),
        key=f"example:savings:{country.country}",
        memo="Savings of the communities",
    )
    return fund_ref


def spend_the_budget(casts: Mapping[str, CountryCast], rng: random.Random) -> None:
    """Half-yearly spending of each country out of its capacity-building cells; regional cells come in by import."""
    view = finance.budget(SYSTEM)
    lines = {line.id for line in view.lines}
    for cell in view.cells:
        if cell.type != "cb" or not cell.plan.amount_minor:
            continue
        weights = [(line, weight) for line, weight in LINES.get(cell.stage, ()) if line in lines] or [
            (sorted(lines)[0], 1)
        ]
        early = cell.stage == "preparatory_pilot"
        start = date(2002, 6, 30) if early else date(2003, 6, 30)
        halves = 2 if early else 3
        share = rng.randint(90, 99) if early else rng.randint(58, 74)
        total = sum(weight for _line, weight in weights)
        for half in range(halves):
            on = min(_half_year(start, half), TODAY)
            for line, weight in weights:
                minor = cell.plan.amount_minor * share // 100 * weight // total // halves
                spender = casts[cell.country].coordinator if cell.country in casts else SYSTEM
                finance.spend(
                    spender,
                    line=line,
                    scope=cell.place,
                    stage=cell.stage,
                    type=cell.type,
                    amount=Money(minor, view.currency),
                    on=on,
                    memo=f"{line.replace('_', ' ').capitalize()}, half-year to {on:%B %Y}",
                    key=f"example:spend:{cell.ref}:{half}:{line}",
                    source="primary_donor",
                )


def _half_year(start: date, number: int) -> date:
    month = start.month - 1 + 6 * number + 1
    following = date(start.year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
