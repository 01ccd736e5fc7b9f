"""A small programme on the shipped packages: one country with a fund, loans, groups, people and jobs, and its staff.

Everything goes through the services that pages call. Who signs in has the password of `frame_fixtures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base import clock, packages
from jump.base.actors import Actor, actor_for, system_actor
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from tests.web.frame_fixtures import PASSWORD

SYSTEM = system_actor("tests")
TODAY = date(2004, 6, 30)
PHILIPPINES = "jump/asia/PH/"
NAMES = ("Nena Cruz", "Lito Ramos", "Maria Santos", "Jose Reyes", "Ana Flores", "Rosa Lim", "Pedro Diaz", "Luz Garcia")
TERMS = jobs.Terms(
    pay_minor_monthly=700_000,
    currency="PHP",
    hours_weekly=Decimal(44),
    has_written_terms=True,
    has_social_protection=True,
    is_safe=True,
    has_rights=True,
    is_freely_chosen=True,
    is_free_of_hazard=True,
    months_expected=24,
)
STAFF = {
    "ana": ("Ana", "Mendes", "programme_coordinator", "jump/"),
    "jose": ("José", "Villanueva", "national_coordinator", PHILIPPINES),
    "liza": ("Liza", "Reyes", "extension_worker", PHILIPPINES),
    "ben": ("Ben", "Navarro", "extension_worker", PHILIPPINES),
    "grace": ("Grace", "Ramos", "fund_manager", PHILIPPINES),
    "donor": ("Henrik", "Lund", "donor", "jump/"),
}


@dataclass(frozen=True, slots=True)
class Site:
    """What stands, by reference."""

    community: Ref
    scope: str
    fund: Ref
    loan: Ref
    waiting_loan: Ref
    mill: Ref
    people: tuple[Ref, ...]
    job: Ref
    claim: Ref
    budget: Ref


def staff() -> dict[str, Actor]:
    from django.contrib.auth import get_user_model

    from jump.base.models import RoleAssignment, ScopeNode

    found = {}
    for name, (first, last, role, path) in STAFF.items():
        user: Any = get_user_model()._default_manager.create_user(
            username=name, password=PASSWORD, first_name=first, last_name=last
        )
        node = ScopeNode.objects.get(path=path)
        RoleAssignment.objects.create(user=user, role=role, node=node, starts_on=date(2002, 1, 1))
        found[name] = actor_for(user)
    return found


def stand() -> Site:
    """Build it. Today is 30 June 2004."""
    clock.pin(TODAY)
    for folder in packages.in_order(["jump", "jump_cer", "revolving_fund"]):
        packages.install(SYSTEM, folder)
    parties.declare_programme(SYSTEM, definition_id="jump", on=date(2002, 1, 1))
    country = next(one for one in parties.places(SYSTEM, kind="country") if one.code == "PH")
    community = parties.declare_place(
        SYSTEM, parent_ref=country.ref, kind="community", name="Riverside", code="riverside", on=date(2002, 6, 1)
    )
    scope = parties.scope_of(community)
    acting = staff()
    people = tuple(_person(name, number, scope, community) for number, name in enumerate(NAMES))
    mill = parties.register_group(
        SYSTEM,
        scope=scope,
        name="Riverside Rice Millers’ Cooperative",
        kind="cooperative",
        legal_form="worker_cooperative",
        place_ref=community,
        on=date(2003, 2, 3),
    )
    for number, one in enumerate(people[:6]):
        role = ("treasurer", "chair", "member")[min(number, 2)]
        parties.join(SYSTEM, group_ref=mill, person_ref=one, role=role, on=date(2003, 2, 3))
    fund = _fund(scope)
    loan = _loan(acting, fund, mill, scope, number=1, on=date(2003, 11, 27))
    for month, year in ((12, 2003), (1, 2004), (2, 2004), (3, 2004), (4, 2004), (5, 2004)):
        finance.repay(
            acting["grace"],
            contract_ref=loan,
            amount=Money(2_132_371, "PHP"),
            on=date(year, month, 27),
            receipt=f"00{month + 600}",
            key=f"repay-{month}",
        )
    waiting = _loan(acting, fund, mill, scope, number=2, on=date(2004, 6, 1), pay=False)
    job, claim = _jobs(acting, mill, people, scope)
    budget = finance.declare_budget(SYSTEM, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))
    return Site(community, scope, fund, loan, waiting, mill, people, job, claim, budget)


def _person(name: str, number: int, scope: str, community: Ref) -> Ref:
    given, family = name.split(" ")
    return parties.register_person(
        SYSTEM,
        scope=scope,
        given_name=given,
        family_name=family,
        sex="male" if given in ("Lito", "Jose", "Pedro") else "female",
        birth_year=1960 + number * 3,
        place_ref=community,
        flags=("unemployed",) if number % 2 else ("underemployed",),
        consents=("records",),
        on=date(2003, 1, 20),
    )


def _fund(scope: str) -> Ref:
    country = parties.scope_of(parties.places(SYSTEM, kind="country", scope=PHILIPPINES)[0].ref)
    partner = parties.register_organisation(
        SYSTEM,
        scope=country,
        name="Bulacan Self-Help Foundation",
        kind="ngo",
        partner_class="local_facilitator",
        on=date(2002, 6, 3),
    )
    fund = finance.open_fund(
        SYSTEM,
        owner_ref=partner,
        title="Bulacan fund",
        currency="PHP",
        scope=country,
        on=date(2003, 1, 10),
        rules="revolving_fund",
        consulted=dict.fromkeys(finance.RULE_SEATS, "agreed in writing"),
    )
    for source, amount in (("donor", 300_000_000), ("community", 20_000_000)):
        finance.contribute(
            SYSTEM,
            fund_ref=fund,
            amount=Money(amount, "PHP"),
            source=source,
            on=date(2003, 1, 15),
            key=f"seed-{source}",
        )
    finance.add_rate(SYSTEM, given="USD", wanted="PHP", on=date(2003, 1, 1), rate=Decimal("53.5"), source="bank")
    return fund


def _loan(
    acting: dict[str, Actor], fund: Ref, party: Ref, scope: str, *, number: int, on: date, pay: bool = True
) -> Ref:
    minor = 24_000_000 if pay else 5_000_000
    ref = finance.open_contract(
        acting["jose"],
        product="revolving_fund.group_loan",
        party_ref=party,
        amount=Money(minor, "PHP"),
        scope=scope,
        purpose="rice mill and drying floor" if pay else "second drying floor",
        fund_ref=fund,
        on=on,
        key=f"loan-{number}",
        terms={"rate_yearly": "0.12", "fee_percent": "0"},
    )
    for one in finance.contract(SYSTEM, ref).conditions:
        finance.meet_condition(
            SYSTEM,
            contract_ref=ref,
            condition=one.code,
            proof_ref=Ref("res-00000001"),
            decided_by=("user:901", "user:902"),
            on=on,
        )
    if pay:
        tranche = finance.prepare_release(acting["jose"], contract_ref=ref, number=1, on=on)
        finance.approve_release(acting["grace"], tranche_ref=tranche, on=on, key=f"pay-{number}")
    return ref


def _jobs(acting: dict[str, Actor], mill: Ref, people: tuple[Ref, ...], scope: str) -> tuple[Ref, Ref]:
    """Three verified jobs, one of them not decent yet, and one claim by Liza."""
    made = []
    for number, one in enumerate(people[:4]):
        terms = TERMS if number != 2 else jobs.Terms(**{**_asdict(TERMS), "has_written_terms": False})
        ref = jobs.claim_job(
            acting["liza"],
            employer_ref=mill,
            title=("Miller", "Driver", "Packer", "Bookkeeper")[number],
            person_ref=one,
            kind="created",
            started_on=date(2003, 12, 1),
            terms=terms,
            scope=scope,
            evidence_ref=Ref(f"fil-0000000{number}"),
            on=date(2004, 1, 5),
            key=f"claim-{number}",
        )
        if number < 3:
            jobs.verify_job(
                acting["ben"],
                job_ref=ref,
                confirmed=True,
                method="visit",
                on=date(2004, 2, 5),
                evidence_ref=Ref(f"fil-0000001{number}"),
            )
        made.append(ref)
    return made[0], made[3]


def _asdict(terms: jobs.Terms) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(terms)
