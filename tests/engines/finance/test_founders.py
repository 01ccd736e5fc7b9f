"""An enterprise of the seed fund belongs to the migrants who conceived it: the owners are the founders."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from jump.base import clock
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from tests.engines.finance.makers import COORDINATOR, DAY, MANAGER, NATIONAL, NEIGHBOUR, RIVERSIDE, SYSTEM
from tests.engines.finance.owners import SHARE, Owners, install_ownership

PLAN = Ref("sub-P1AN0000")
START = date(2003, 1, 1)


@pytest.fixture
def owners(products: None, tmp_path: Path) -> Owners:
    install_ownership(tmp_path / "ownership")
    clock.pin(date(2004, 6, 30))
    return Owners()


@pytest.fixture
def enterprise(owners: Owners) -> Ref:
    return parties.register_group(SYSTEM, scope=RIVERSIDE, name="Noodle shop", kind="cooperative", on=START)


def migrant(name: str) -> Ref:
    return parties.register_person(
        SYSTEM, scope=RIVERSIDE, given_name=name, family_name="Reyes", sex="female", birth_year=1975,
        consents=("records",), on=START, key=name,
    )  # fmt: skip


def founder(person: Ref, enterprise: Ref, on: date = START) -> None:
    parties.relate(SYSTEM, kind="founder", from_ref=person, to_ref=enterprise, on=on, proof_ref=PLAN)


def register(enterprise: Ref, product: str = "seed_fund.ownership_register") -> Ref:
    return finance.open_register(
        NATIONAL, product=product, enterprise_ref=enterprise, scope=RIVERSIDE, nominal=Money(100_00, "PHP"),
        jurisdiction="PH", founded_on=START, on=START, key=f"register-{enterprise}",
    )  # fmt: skip


def of(ref: Ref, on: date | None = None) -> finance.FoundersTest:
    test = finance.founders_test(MANAGER, register_ref=ref, on=on)
    assert test is not None
    return test


@pytest.mark.covers("SEEDFUND-09")
def test_the_enterprise_is_the_founders_when_they_all_own_and_nobody_else_does(owners: Owners, enterprise: Ref) -> None:
    ana, ben, stranger = migrant("Ana"), migrant("Ben"), migrant("Stranger")
    book = register(enterprise)
    assert not of(book).is_met  # nobody is recorded as a founder
    founder(ana, enterprise)
    founder(ben, enterprise)
    owners.issue(book, ana, 60, "founders")
    assert (of(book).without_shares, of(book).others) == ((ben,), ())

    owners.issue(book, ben, 40, "founders", on=date(2003, 5, 1))
    assert of(book).is_met
    assert of(book).part == 1

    owners.do(
        book, "transfer", date(2004, 1, 10), holder=ben, to=stranger, share_class="founders", shares=10 * SHARE,
        price_minor=100_00,
    )  # fmt: skip
    assert (of(book).is_met, of(book).others, of(book).part) == (False, (stranger,), Fraction(9, 10))
    assert of(book, date(2003, 12, 31)).is_met  # as it stood before
    with pytest.raises(NotFound):
        finance.founders_test(NEIGHBOUR, register_ref=book)


@pytest.mark.covers("SEEDFUND-09")
def test_two_records_of_one_founder_are_one_founder(owners: Owners, enterprise: Ref) -> None:
    ana, again = migrant("Ana"), migrant("Anna")
    book = register(enterprise)
    founder(ana, enterprise)
    owners.issue(book, again, 10, "founders")
    assert not of(book).is_met

    parties.mark_same(SYSTEM, keep=ana, duplicate=again, why="the same passport")

    assert of(book).is_met


def test_a_register_whose_product_does_not_ask_who_owns_it_is_not_tested(owners: Owners) -> None:
    assert finance.founders_test(MANAGER, register_ref=owners.register()) is None


@pytest.mark.covers("SEEDFUND-09")
def test_a_register_proves_ownership_for_a_grant_only_when_it_shows_it(
    owners: Owners, enterprise: Ref, budget: Ref
) -> None:
    ana, ben = migrant("Ana"), migrant("Ben")
    book = register(enterprise)
    founder(ana, enterprise)
    founder(ben, enterprise)
    owners.issue(book, ana, 60, "founders")
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=Money(5_000_000, "USD"), on=DAY, key="d"
    )
    grant = finance.open_contract(
        NATIONAL, product="seed_fund.seed_grant", party_ref=enterprise, scope=RIVERSIDE,
        amount=Money(100_000, "USD"), purpose="a noodle shop",
        budget={"stage": "development", "source": "primary_donor"},
        on=date(2004, 1, 2), key="grant",
    )  # fmt: skip

    def prove(proof: Ref) -> Ref:
        return finance.meet_condition(
            NATIONAL, contract_ref=grant, condition="ownership", proof_ref=proof, on=date(2004, 6, 30)
        )

    with pytest.raises(finance.FoundersDiffer) as refused:
        prove(book)
    assert refused.value.facts == {"without_shares": ben, "others": ""}
    with pytest.raises(NotFound):
        prove(owners.register())  # of another enterprise
    assert not any(one.is_met for one in finance.contract(MANAGER, grant).conditions)

    owners.issue(book, ben, 40, "founders", on=date(2004, 6, 1))
    prove(book)
    [met] = [one for one in finance.contract(MANAGER, grant).conditions if one.is_met]
    assert (met.code, met.proof_ref) == ("ownership", book)
