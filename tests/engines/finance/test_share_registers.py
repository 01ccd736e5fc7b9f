"""The register of shares: it always adds up, tells who held what on any day, and is tested by the law of the day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.refusals import BadInput, NotAllowed, NotFound, Refusal
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.finance.models import OwnershipStep
from jump.engines.ledger import api as ledger
from tests.engines.finance.makers import DONOR, MANAGER, NATIONAL, NEIGHBOUR, SYSTEM, WORKER
from tests.engines.finance.owners import ANA, BEN, BISCUITS, CORA, DAN, OPENED, SHARE, Owners, held, install_ownership


@pytest.fixture
def owners(products: None, tmp_path: Path) -> Owners:
    clock.pin(date(2017, 6, 30))
    install_ownership(tmp_path / "ownership")
    return Owners()


@pytest.fixture
def register(owners: Owners) -> Ref:
    return owners.register()


def shares(register: Ref, on: date | None = None) -> dict[tuple[str, str], int]:
    view = finance.share_register(SYSTEM, register, on)
    return {(one.holder_ref, name): count for one in view.holders for name, count in one.by_class.items()}


def book(register: Ref) -> dict[str, int]:
    return held(finance.share_register(SYSTEM, register).book_ref)


@pytest.mark.covers("CONVERT-04")
def test_the_register_sums_to_the_issued_shares_whatever_happens_to_them(owners: Owners, register: Ref) -> None:
    owners.issue(register, ANA, 30, price_minor=120_00)
    owners.issue(register, BEN, 20, "general")
    owners.do(
        register, "transfer", date(2004, 5, 1), holder=ANA, to=CORA, share_class="labour", shares=5 * SHARE,
        price_minor=150_00,
    )  # fmt: skip
    owners.do(
        register, "change_class", date(2005, 1, 10), holder=CORA, share_class="labour", to_class="general",
        shares=2 * SHARE,
    )  # fmt: skip
    bought_back = owners.do(
        register, "cancel", date(2006, 1, 10), holder=BEN, share_class="general", shares=4 * SHARE, price_minor=100_00
    )

    view = finance.share_register(SYSTEM, register)
    assert view.adds_up
    assert view.issued == {"labour": 28 * SHARE, "general": 18 * SHARE}
    assert view.held == view.all_issued == 46 * SHARE
    assert shares(register) == {
        (ANA, "labour"): 25 * SHARE,
        (CORA, "labour"): 3 * SHARE,
        (CORA, "general"): 2 * SHARE,
        (BEN, "general"): 16 * SHARE,
    }
    assert bought_back.amount == Money(400_00, "EUR")
    # Ana paid 30 x 120, of which 100 a share is capital; Ben's four shares went back for 400.
    money = book(register)
    assert (money["cash"], money["share_capital"], money["share_premium"]) == (3_200_00, -2_600_00, -600_00)
    assert sum(amount for code, amount in money.items() if code.startswith(("share:", "issued:"))) == 0
    assert ledger.verify() == []
    connection.check_constraints()


@pytest.mark.covers("CONVERT-04")
def test_who_held_what_on_any_day_is_still_told_afterwards(owners: Owners, register: Ref) -> None:
    owners.issue(register, ANA, 10)
    owners.do(register, "transfer", date(2005, 6, 30), holder=ANA, to=BEN, share_class="labour", shares=4 * SHARE)

    assert shares(register, date(2005, 6, 29)) == {(ANA, "labour"): 10 * SHARE}
    assert shares(register, date(2005, 6, 30)) == {(ANA, "labour"): 6 * SHARE, (BEN, "labour"): 4 * SHARE}
    assert shares(register, date(2002, 1, 1)) == {}


def test_more_than_is_held_is_refused_and_nothing_moves(owners: Owners, register: Ref) -> None:
    owners.issue(register, ANA, 10)
    before = book(register)

    with pytest.raises(finance.SharesShort) as refused:
        owners.prepare(register, "transfer", OPENED, holder=ANA, to=BEN, share_class="labour", shares=11 * SHARE)

    assert (refused.value.facts["free"], refused.value.facts["asked"]) == ("10", "11")
    assert book(register) == before
    assert finance.count_steps(SYSTEM, subject_ref=register) == 1


def test_nothing_moves_before_a_second_person_approves(owners: Owners, register: Ref) -> None:
    step = owners.prepare(register, "issue", OPENED, holder=ANA, share_class="labour", shares=SHARE)

    assert shares(register) == {}
    for nobody in (DONOR, WORKER):
        with pytest.raises(NotAllowed):
            finance.approve_step(nobody, step_ref=step)
    with pytest.raises(finance.SamePerson):
        finance.approve_step(NATIONAL, step_ref=step)
    with pytest.raises(NotFound):
        finance.approve_step(NEIGHBOUR, step_ref=step)
    assert shares(register) == {}

    first = finance.approve_step(MANAGER, step_ref=step)
    again = finance.approve_step(MANAGER, step_ref=step)
    assert first == again
    assert shares(register) == {(ANA, "labour"): SHARE}


def test_the_database_refuses_a_step_booked_by_the_one_who_prepared_it(owners: Owners, register: Ref) -> None:
    step = owners.prepare(register, "issue", OPENED, holder=ANA, share_class="labour", shares=SHARE)

    with pytest.raises(IntegrityError), transaction.atomic():
        OwnershipStep.objects.filter(ref=step).update(state="booked", approved_by=NATIONAL.key)


def test_the_same_key_prepares_once_and_other_content_is_refused(register: Ref) -> None:
    asked = {"holder": ANA, "share_class": "labour", "shares": SHARE}

    def prepare(**changed: Any) -> Ref:
        return finance.prepare_step(
            NATIONAL,
            subject_ref=register,
            kind=finance.StepKind.ISSUE,
            asked={**asked, **changed},
            on=OPENED,
            key="once",
        )

    first = prepare()
    assert prepare() == first
    with pytest.raises(finance.KeyReused):
        prepare(shares=2 * SHARE)
    assert finance.count_steps(SYSTEM, subject_ref=register) == 1


def test_two_transfers_of_the_same_shares_are_prepared_and_only_one_is_booked(owners: Owners, register: Ref) -> None:
    owners.issue(register, ANA, 10)
    asked = {"holder": ANA, "share_class": "labour", "shares": 8 * SHARE}
    one = owners.prepare(register, "transfer", OPENED, to=BEN, **asked)
    two = owners.prepare(register, "transfer", OPENED, to=CORA, **asked)

    finance.approve_step(MANAGER, step_ref=one)
    with pytest.raises(finance.SharesShort):
        finance.approve_step(MANAGER, step_ref=two)

    assert shares(register) == {(ANA, "labour"): 2 * SHARE, (BEN, "labour"): 8 * SHARE}
    finance.drop_step(NATIONAL, step_ref=two, why="sold to Ben")
    with pytest.raises(finance.StepNotOpen):
        finance.approve_step(MANAGER, step_ref=two)


def test_figures_that_changed_since_preparing_are_refused(owners: Owners, register: Ref) -> None:
    one = owners.prepare(register, "issue", OPENED, holder=ANA, share_class="labour", shares=SHARE)
    two = owners.prepare(register, "issue", OPENED, holder=ANA, share_class="labour", shares=SHARE)
    finance.approve_step(MANAGER, step_ref=one)

    with pytest.raises(finance.FiguresChanged):
        finance.approve_step(MANAGER, step_ref=two)
    assert shares(register) == {(ANA, "labour"): SHARE}


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"holder": ANA, "share_class": "golden", "shares": SHARE}, finance.ClassUnknown),
        ({"holder": ANA, "share_class": "labour", "shares": 0}, finance.AmountNotPositive),
        ({"holder": ANA, "share_class": "labour"}, BadInput),
        ({"holder": ANA, "share_class": "labour", "shares": 1, "price_minor": 3}, finance.StepImpossible),
        ({"holder": ANA, "share_class": "labour", "shares": 1, "holder_kind": "ghost"}, finance.StepImpossible),
    ],
)
def test_what_cannot_be_issued_is_refused_by_name(
    owners: Owners, register: Ref, asked: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        owners.prepare(register, "issue", OPENED, **asked)
    assert book(register) == {}


def test_a_day_before_what_is_booked_or_in_the_future_is_refused(owners: Owners, register: Ref) -> None:
    owners.issue(register, ANA, 1, on=date(2004, 5, 5))

    with pytest.raises(finance.BeforeLastMovement):
        owners.issue(register, BEN, 1, on=date(2004, 5, 4))
    for day in (date(2002, 12, 31), date(2017, 7, 1)):
        with pytest.raises(finance.DayImpossible):
            owners.issue(register, BEN, 1, on=day)
    assert shares(register) == {(ANA, "labour"): SHARE}


def test_an_enterprise_has_one_register_and_strangers_do_not_see_it(owners: Owners, register: Ref) -> None:
    with pytest.raises(finance.AlreadyKept) as refused:
        owners.register()
    assert refused.value.facts["ref"] == register
    assert finance.register_of_enterprise(MANAGER, BISCUITS) == register
    assert finance.register_of_enterprise(NEIGHBOUR, BISCUITS) is None
    assert finance.share_registers(NEIGHBOUR) == []
    with pytest.raises(NotFound):
        finance.share_register(NEIGHBOUR, register)


# --- purchases --------------------------------------------------------------------------------------------------------


def agree(owners: Owners, register: Ref, **changed: Any) -> finance.StepView:
    return owners.do(
        register,
        "agree_purchase",
        date(2004, 1, 1),
        **{
            "buyer": BEN,
            "seller": ANA,
            "share_class": "labour",
            "shares": 10 * SHARE,
            "price_minor": 25_00,
            "instalments": [["2004-06-30", 100_00], ["2004-12-31", 150_00]],
            **changed,
        },
    )


@pytest.mark.covers("CONVERT-04")
def test_shares_bought_by_instalments_pass_as_they_are_paid_for(owners: Owners, register: Ref) -> None:
    owners.issue(register, ANA, 10)
    agree(owners, register)
    sale = finance.share_purchases(SYSTEM, register_ref=register)[0]

    with pytest.raises(finance.SharesShort):  # what is being sold is not free
        owners.prepare(register, "transfer", date(2004, 2, 1), holder=ANA, to=CORA, share_class="labour", shares=SHARE)
    paid = owners.do(register, "pay_purchase", date(2004, 6, 30), purchase=sale.ref, amount_minor=60_00)

    assert paid.figures == {"paid_minor": 60_00, "owed_minor": 190_00, "passing": 2 * SHARE}
    assert shares(register) == {(ANA, "labour"): 8 * SHARE, (BEN, "labour"): 2 * SHARE}
    now = finance.share_purchases(SYSTEM, register_ref=register)[0]
    assert (now.stands.shares, now.stands.rest_minor, now.late(date(2004, 6, 30)).amount_minor) == (2, 10_00, 40_00)
    assert "cash" not in book(register)  # money passes between the two of them

    owners.do(register, "pay_purchase", date(2004, 12, 31), purchase=sale.ref, amount_minor=190_00)
    assert shares(register) == {(BEN, "labour"): 10 * SHARE}
    assert finance.share_purchases(SYSTEM, register_ref=register)[0].state is finance.StakeState.CLOSED


def test_shares_bought_from_the_enterprise_bring_it_money(owners: Owners, register: Ref) -> None:
    agree(owners, register, seller="", price_minor=120_00, instalments=[["2004-06-30", 1_200_00]])
    sale = finance.share_purchases(SYSTEM, register_ref=register)[0]

    owners.do(register, "pay_purchase", date(2004, 6, 30), purchase=sale.ref, amount_minor=300_00)

    assert book(register) == {
        f"share:labour:{BEN}": 2 * SHARE,
        "issued:labour": -2 * SHARE,
        "cash": 300_00,
        "share_capital": -200_00,
        "share_premium": -40_00,
        f"paid_for_shares:{sale.ref}": -60_00,
    }


def test_a_purchase_whose_instalments_do_not_add_up_or_that_is_overpaid_is_refused(
    owners: Owners, register: Ref
) -> None:
    owners.issue(register, ANA, 10)
    with pytest.raises(finance.InstalmentsDiffer) as refused:
        agree(owners, register, instalments=[["2004-06-30", 100_00]])
    assert (refused.value.facts["given_minor"], refused.value.facts["cost_minor"]) == (100_00, 250_00)
    assert finance.share_purchases(SYSTEM, register_ref=register) == []

    agree(owners, register)
    sale = finance.share_purchases(SYSTEM, register_ref=register)[0]
    with pytest.raises(finance.StepImpossible) as too_much:
        owners.prepare(register, "pay_purchase", date(2004, 6, 30), purchase=sale.ref, amount_minor=250_01)
    assert too_much.value.facts["rule"] == "ownership.paid_too_much"
    assert shares(register) == {(ANA, "labour"): 10 * SHARE}


# --- the law ----------------------------------------------------------------------------------------------------------


def biscuit_company(owners: Owners, register: Ref, *, members: int, open_ended: int = 15, workers: int = 25) -> None:
    """25 workers, 15 open-ended, some of them members with equal shares; equal hours of 1,700."""
    people = [Ref(f"per-W{number:07}") for number in range(workers)]
    for person in people[:members]:
        owners.issue(register, person, 2, on=date(2004, 1, 1))
    for year, on in ((2004, date(2005, 1, 31)), (2015, date(2016, 1, 31))):
        owners.do(
            register,
            "record_hours",
            on,
            year=year,
            workers=[
                {"ref": person, "hours": 1_700, "open_ended": number < open_ended}
                for number, person in enumerate(people)
            ],
        )


@pytest.mark.covers("CONVERT-04")
def test_a_company_is_tested_by_the_version_of_the_law_that_holds_on_the_day(owners: Owners, register: Ref) -> None:
    biscuit_company(owners, register, members=8)

    old = finance.labour_test(SYSTEM, register_ref=register, on=date(2005, 6, 30))
    new = finance.labour_test(SYSTEM, register_ref=register, on=date(2016, 6, 30))

    assert old.law is not None
    assert new.law is not None
    assert old.check is not None
    assert new.check is not None
    assert (old.law.id, new.law.id) == ("es_1997", "es_2015")
    assert old.check.hours.value == new.check.hours.value == 7 / 8
    assert (float(old.check.hours_limit or 0), float(new.check.hours_limit or 0)) == (0.15, 0.49)
    assert (old.members_needed, new.members_needed) == (14, 11)
    assert old.check.missed == new.check.missed == {"hours"}
    assert (old.cure_by, new.cure_by) == (date(2008, 6, 30), date(2017, 6, 30))
    assert (new.provenance["holder_max"], new.provenance["cure_months"]) == ("S", "K")


@pytest.mark.covers("CONVERT-04")
@pytest.mark.parametrize(("members", "passes"), [(10, False), (11, True)])
def test_eleven_members_of_fifteen_pass_the_hours_and_ten_do_not(
    owners: Owners, register: Ref, members: int, passes: bool
) -> None:
    biscuit_company(owners, register, members=members)
    found = finance.labour_test(SYSTEM, register_ref=register, on=date(2016, 6, 30))
    assert found.check is not None
    assert ("hours" not in found.check.missed) is passes


@pytest.mark.covers("CONVERT-04")
def test_the_labour_majority_and_the_third_of_one_holder_are_read_from_the_register(
    owners: Owners, register: Ref
) -> None:
    town = Ref("org-T0WN0000")
    owners.issue(register, ANA, 30)
    owners.issue(register, BEN, 20)
    owners.issue(register, town, 50, "general", holder_kind="enterprise")
    found = finance.labour_test(SYSTEM, register_ref=register, on=date(2003, 1, 1))
    assert found.check is not None
    assert found.check.missed == {"labour_capital", "one_holder"}
    assert (found.check.labour_capital.numerator, found.check.labour_capital.denominator) == (50 * SHARE, 100 * SHARE)

    # A public body may hold more than a third, as long as it stays below half.
    owners.do(register, "cancel", date(2003, 2, 1), holder=town, share_class="general", shares=5 * SHARE)
    owners.issue(register, CORA, 5, on=date(2003, 2, 2))
    owners.issue(register, town, 1, "general", on=date(2003, 2, 3), holder_kind="public_body")
    found = finance.labour_test(SYSTEM, register_ref=register, on=date(2003, 2, 3))
    assert found.check is not None
    assert found.check.missed == frozenset()


def test_a_worker_whose_contract_ended_is_named_with_the_class_her_shares_belong_to(
    owners: Owners, register: Ref
) -> None:
    for person in (ANA, BEN, CORA):
        owners.issue(register, person, 10)
    owners.issue(register, DAN, 4, "general")
    owners.do(
        register,
        "record_hours",
        date(2004, 1, 31),
        year=2003,
        workers=[
            {"ref": ANA, "hours": 1_700, "open_ended": True},
            {"ref": BEN, "hours": 1_700, "open_ended": False},
            {"ref": CORA, "hours": 1_700, "open_ended": True},
            {"ref": DAN, "hours": 900, "open_ended": True},
        ],
    )
    found = finance.labour_test(SYSTEM, register_ref=register, on=date(2004, 2, 1))
    assert set(found.wrong_class) == {(BEN, "general"), (DAN, "labour")}


def test_a_country_without_a_law_is_tested_by_none(owners: Owners) -> None:
    register = owners.register(jurisdiction="PH")
    found = finance.labour_test(SYSTEM, register_ref=register, on=date(2004, 2, 1))
    assert (found.law, found.check, found.jurisdiction) == (None, None, "PH")


# --- whatever happens -------------------------------------------------------------------------------------------------

_HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["issue", "transfer", "change_class", "cancel"]),
        st.sampled_from([ANA, BEN, CORA]),
        st.sampled_from([ANA, BEN, CORA]),
        st.sampled_from(["labour", "general"]),
        st.integers(1, 40_000),
    ),
    max_size=12,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=_HAPPENINGS)
@pytest.mark.covers("CONVERT-04")
def test_the_register_is_that_of_the_pure_rule_after_any_course_of_events(
    owners: Owners, happenings: list[tuple[str, Ref, Ref, str, int]]
) -> None:
    from jump.core.ownership import RegisterFact, RegisterKind, register_of

    with transaction.atomic():
        register, facts = owners.register(), []
        for kind, holder, to, share_class, parts in happenings:
            other = "general" if share_class == "labour" else "labour"
            asked = {"holder": holder, "share_class": share_class, "shares": parts}
            asked |= {"to": to} if kind == "transfer" else {"to_class": other} if kind == "change_class" else {}
            try:
                owners.do(register, kind, OPENED, **asked)
            except Refusal:
                continue
            facts.append(
                RegisterFact(
                    OPENED,
                    RegisterKind(kind),
                    share_class,
                    parts,
                    holder,
                    to=to if kind == "transfer" else "",
                    to_class=other if kind == "change_class" else "",
                )
            )
        pure, view = register_of(facts), finance.share_register(SYSTEM, register)
        assert view.adds_up
        assert shares(register) == dict(pure.held)
        assert {name: count for name, count in view.issued.items() if count} == dict(pure.issued)
        transaction.set_rollback(True)
