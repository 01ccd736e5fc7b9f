"""A small insurance scheme of the example: a dozen families of one community, a year of contributions, a few claims."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from jump.cli.example.cast import CountryCast
from jump.cli.example.people import Villager
from jump.cli.example.road import Community
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties

OPENED = date(2003, 7, 1)
FAMILIES = 12
HARVESTS = (date(2003, 7, 5), date(2004, 1, 10))
# Who of the family, so many days after the opening, what was asked in centavos, and how far the claim has come.
CLAIMS: tuple[tuple[int, int, dict[str, int], str], ...] = (
    (0, 104, {"visit": 18_000, "medicine": 9_500}, "paid"),
    (2, 121, {"visit": 15_000}, "paid"),
    (5, 150, {"ward": 240_000}, "paid"),
    (1, 40, {"visit": 16_000}, "rejected"),
    (3, 215, {"medicine": 12_000}, "paid"),
    (7, 290, {"delivery": 190_000}, "paid"),
    (4, 330, {"visit": 21_000, "medicine": 8_000}, "valued"),
    (6, 352, {"ward": 320_000}, "entered"),
)


def insure_families(cast: CountryCast, community: Community, decision: Ref) -> Ref:
    """Open the scheme, adopt its package, enrol a dozen families, collect twice, and settle claims."""
    owner = parties.register_group(
        cast.coordinator,
        scope=community.scope,
        name=f"{community.name} Mutual Health Association",
        kind="association",
        legal_form="association",
        place_ref=community.place_ref,
        on=OPENED,
    )
    scheme = finance.open_scheme(
        cast.partner,
        title=f"{community.name} health cover",
        legal_form="association",
        owner_ref=owner,
        scope=community.scope,
        currency="PHP",
        on=OPENED,
        key="example:cover",
        targets=("women", "children"),
        target_population=community.population,
    )
    package = finance.propose_package(
        cast.partner, scheme_ref=scheme, product="step.community_health", valid_from=OPENED, key="example:cover:1"
    )
    finance.adopt_package(cast.coordinator, version_ref=package.ref, decision_ref=decision, on=OPENED)
    clinic = parties.register_organisation(
        cast.coordinator,
        scope=community.scope,
        name=f"{community.name} Health Centre",
        kind="public",
        partner_class="",
        on=OPENED,
        key="example:cover:clinic",
    )
    finance.agree_provider(
        cast.partner,
        scheme_ref=scheme,
        provider_ref=clinic,
        tariff={"visit": Money(20_000, "PHP"), "delivery": Money(200_000, "PHP")},
        starts_on=OPENED,
        proof_ref=decision,
        key="example:cover:agreement",
    )
    finance.receive_subsidy(
        cast.fund_manager,
        scheme_ref=scheme,
        amount=Money(1_500_000, "PHP"),
        on=OPENED,
        what="Start-up help of the municipality",
        key="example:cover:start",
    )
    homes = _enrol(cast, scheme, community.villagers)
    _collect(cast, scheme, homes)
    _claims(cast, homes, clinic)
    cost = finance.prepare_cover_expense(
        cast.partner,
        scheme_ref=scheme,
        amount=Money(85_000, "PHP"),
        on=date(2003, 9, 15),
        what="Cards and receipt books",
        key="example:cover:cost",
    )
    finance.pay_cover_expense(cast.fund_manager, cash_ref=cost.ref, on=date(2003, 9, 16))
    year = finance.prepare_year(cast.partner, scheme_ref=scheme, until=date(2003, 12, 31), key="example:cover:2003")
    finance.book_year(cast.coordinator, year_ref=year.ref, decision_ref=decision)
    return scheme


def _enrol(cast: CountryCast, scheme: Ref, villagers: Sequence[Villager]) -> list[Ref]:
    """A dozen families of one to four people, out of those who live there."""
    rng, people, homes = random.Random(len(villagers)), list(villagers), []
    relations = ("spouse", "child", "child")
    for number in range(FAMILIES):
        size = 1 + rng.randrange(4)
        family, people = people[:size], people[size:]
        if not family:
            break
        head, *others = family
        homes.append(
            finance.enrol_family(
                cast.partner,
                scheme_ref=scheme,
                head=finance.NewInsured(head.ref, "head", f"{number + 1}"),
                dependants=[
                    finance.NewInsured(one.ref, relation, f"{number + 1}-{at}")
                    for at, (one, relation) in enumerate(zip(others, relations, strict=False), start=1)
                ],
                on=OPENED,
                key=f"example:cover:family:{number}",
            )
        )
    return homes


def _collect(cast: CountryCast, scheme: Ref, homes: Sequence[Ref]) -> None:
    """Two collections, each for half a year and counted by a second person; two families stop in the new year."""
    for number, on in enumerate(HARVESTS):
        rows = {row.ref: row for row in finance.families(cast.partner, scheme_ref=scheme, on=on)}
        paying = [home for at, home in enumerate(homes) if not number or at not in (9, 11)]
        amounts = {home: Money(rows[home].due.amount_minor * 6, "PHP") for home in paying}
        sheet = finance.collect(
            cast.fund_manager, group_ref=scheme, amounts=amounts, on=on, key=f"example:cover:sheet:{number}"
        )
        total = sum(amount.amount_minor for amount in amounts.values())
        finance.count_collection(cast.coordinator, collection_ref=sheet, counted=Money(total, "PHP"))


def _claims(cast: CountryCast, homes: Sequence[Ref], clinic: Ref) -> None:
    for number, (at, days, asked, until) in enumerate(CLAIMS, start=1):
        event = OPENED + timedelta(days=days)
        reported = event + timedelta(days=3)
        head = finance.family(cast.partner, homes[at], event).head_ref
        claim = finance.enter_claim(
            cast.partner,
            family_ref=homes[at],
            person_ref=head,
            amounts={code: Money(minor, "PHP") for code, minor in asked.items()},
            event_on=event,
            reported_on=reported,
            pay_to="provider",
            provider_ref=clinic,
            papers=f"HC-{number:03}",
            key=f"example:cover:claim:{number}",
        )
        decided = reported + timedelta(days=4)
        if until == "rejected":
            finance.reject_claim(
                cast.coordinator,
                claim_ref=claim.ref,
                reasons=["waiting_period"],
                why="The waiting period of three months was not over.",
                on=decided,
            )
        elif until != "entered" and not claim.needs_review:
            finance.approve_claim(cast.coordinator, claim_ref=claim.ref, on=decided)
            if until == "paid":
                finance.pay_claim(cast.fund_manager, claim_ref=claim.ref, on=decided + timedelta(days=2 + number))
