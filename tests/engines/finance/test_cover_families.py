"""Families: enrolled once, covered while they pay, suspended after the days of grace, with the reason on any day."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from tests.engines.finance.covered import (
    AWA,
    CASHIER,
    CLERK,
    FATOU,
    MODOU,
    NATIONAL,
    OPENED,
    SECOND_CASHIER,
    WORKER,
    Scheme,
    xof,
)
from tests.engines.finance.makers import NEIGHBOUR, SYSTEM

BABY, COUSIN = Ref("per-BABY0000"), Ref("per-C0VS1N00")


def reasons(family: Ref, on: date) -> set[str]:
    return {one.standing.reason.value for one in finance.family(SYSTEM, family, on).persons}


@pytest.mark.covers("MICROINS-02")
def test_a_family_is_enrolled_with_dependants_and_cards_and_waits_before_benefit(scheme: Scheme) -> None:
    family = scheme.family()
    scheme.pay(family, 18_000, date(2004, 1, 5))
    view = finance.family(SYSTEM, family, date(2004, 4, 4))
    assert [(one.person_ref, one.relation, bool(one.card)) for one in view.persons] == [
        (AWA, "head", True),
        (MODOU, "spouse", True),
        (FATOU, "child", True),
    ]
    visit = {one.benefit.code: one for one in view.persons[0].benefits}
    assert (visit["visit"].from_day, visit["visit"].is_open) == (date(2004, 4, 5), False)
    assert (visit["delivery"].from_day, visit["delivery"].is_open) == (date(2004, 10, 5), False)
    assert finance.family(SYSTEM, family, date(2004, 4, 5)).persons[0].benefits[0].is_open


@pytest.mark.covers("MICROINS-02")
def test_nobody_is_insured_twice_and_no_card_is_given_twice(scheme: Scheme) -> None:
    family = scheme.family()
    with pytest.raises(finance.AlreadyInsured) as refusal:
        scheme.family(COUSIN, ((FATOU, "child"),))
    assert refusal.value.facts == {"person": FATOU, "family": family}
    with pytest.raises(finance.CardUsed):
        finance.add_insured(
            CLERK,
            family_ref=family,
            insured=finance.NewInsured(BABY, "child", finance.family(SYSTEM, family).persons[0].card),
            on=date(2004, 5, 1),
            key="card",
        )
    assert finance.count_families(SYSTEM, scheme_ref=scheme.ref) == 1
    assert len(finance.family(SYSTEM, family).persons) == 3


def test_one_form_names_nobody_and_no_card_twice(scheme: Scheme) -> None:
    with pytest.raises(BadInput):
        scheme.family(AWA, ((FATOU, "child"), (FATOU, "child")))
    one = finance.NewInsured(AWA, "head", "1")
    with pytest.raises(finance.CardUsed):
        finance.enrol_family(
            CLERK,
            scheme_ref=scheme.ref,
            head=one,
            dependants=[finance.NewInsured(FATOU, "child", "1")],
            on=OPENED,
            key="cards",
        )
    assert finance.count_families(SYSTEM, scheme_ref=scheme.ref, with_ended=True) == 0


@pytest.mark.covers("MICROINS-02")
def test_who_joins_later_waits_from_that_day_and_pays_from_the_next_due(scheme: Scheme) -> None:
    family = scheme.family()
    scheme.pay(family, 9_000)
    finance.add_insured(
        CLERK,
        family_ref=family,
        insured=finance.NewInsured(BABY, "child", "B-1"),
        on=date(2004, 5, 10),
        key="baby",
    )
    view = finance.family(SYSTEM, family, date(2004, 6, 1))
    baby = view.persons[-1]
    assert (baby.person_ref, baby.benefits[0].from_day) == (BABY, date(2004, 8, 10))
    assert [one.amount for one in view.dues[-2:]] == [xof(1_500), xof(2_000)]


def test_a_family_has_no_more_people_than_the_package_allows(scheme: Scheme) -> None:
    many = tuple((Ref(f"per-CH11D{number:03}"), "child") for number in range(12))
    with pytest.raises(finance.FamilyFull):
        scheme.family(AWA, many)
    assert finance.count_families(SYSTEM, scheme_ref=scheme.ref) == 0


@pytest.mark.covers("MICROINS-03")
def test_the_right_to_benefit_depends_on_what_is_paid(scheme: Scheme) -> None:
    family = scheme.family()
    assert reasons(family, OPENED) == {"first_unpaid"}
    scheme.pay(family, 1_500)
    assert reasons(family, date(2004, 1, 31)) == {"in_force"}
    assert reasons(family, date(2004, 3, 2)) == {"in_grace"}
    assert reasons(family, date(2004, 3, 3)) == {"suspended"}
    view = finance.family(SYSTEM, family, date(2004, 3, 3))
    assert (view.due, view.paid, view.arrears) == (xof(4_500), xof(1_500), xof(3_000))
    assert view.standing.unpaid_since == date(2004, 2, 1)

    scheme.pay(family, 3_000, date(2004, 3, 20))
    assert reasons(family, date(2004, 3, 19)) == {"suspended"}
    assert reasons(family, date(2004, 3, 20)) == {"in_force"}
    assert finance.family(SYSTEM, family, date(2004, 4, 30)).persons[0].benefits[0].from_day == date(2004, 4, 1)


@pytest.mark.covers("MICROINS-03")
def test_after_a_long_suspension_the_waiting_period_begins_again(scheme: Scheme) -> None:
    family = scheme.family()
    scheme.pay(family, 1_500)
    scheme.pay(family, 10_500, date(2004, 7, 1))
    persons = finance.family(SYSTEM, family, date(2004, 8, 1)).persons
    assert persons[0].standing.is_in_force
    assert persons[0].benefits[0].from_day == date(2004, 10, 1)


@pytest.mark.covers("MICROINS-03")
def test_cash_is_provisional_until_a_second_person_has_counted_it(scheme: Scheme) -> None:
    family = scheme.family()
    before = scheme.books
    sheet = finance.collect(
        CASHIER, group_ref=scheme.ref, amounts={family: xof(1_500)}, on=date(2004, 1, 4), key="sheet"
    )
    assert scheme.books == before
    assert reasons(family, date(2004, 1, 10)) == {"first_unpaid"}
    with pytest.raises(finance.SamePerson):
        finance.count_collection(CASHIER, collection_ref=sheet, counted=xof(1_500))
    with pytest.raises(finance.CountDiffers):
        finance.count_collection(SECOND_CASHIER, collection_ref=sheet, counted=xof(1_400))
    assert scheme.books == before

    for _press in range(2):
        finance.count_collection(SECOND_CASHIER, collection_ref=sheet, counted=xof(1_500))
    assert scheme.books["cash"] - before["cash"] == 1_500
    assert scheme.books["unearned"] == -1_500
    assert reasons(family, date(2004, 1, 4)) == {"in_force"}
    assert ledger.verify() == []
    connection.check_constraints()


@pytest.mark.covers("MICROINS-03")
def test_no_more_is_taken_than_is_due_within_a_year(scheme: Scheme) -> None:
    family = scheme.family()
    with pytest.raises(finance.MoreThanDue) as refusal:
        scheme.pay(family, 46_501)
    # thirty dues: from 1 January 2004 to 1 June 2006, a year from today
    assert refusal.value.facts["most_minor"] == 30 * 1_500
    assert scheme.books["unearned"] == 0


def test_one_key_books_once_and_one_receipt_stands_once(scheme: Scheme) -> None:
    family = scheme.family()
    paid = {"family_ref": family, "amount": xof(1_500), "on": OPENED, "receipt": "77"}
    first = finance.pay_contribution(CASHIER, **paid, key="k")  # type: ignore[arg-type]
    assert finance.pay_contribution(CASHIER, **paid, key="k") == first  # type: ignore[arg-type]
    with pytest.raises(finance.KeyReused):
        finance.pay_contribution(CASHIER, **{**paid, "amount": xof(1_000)}, key="k")  # type: ignore[arg-type]
    with pytest.raises(finance.ReceiptUsed):
        finance.pay_contribution(CASHIER, **paid, key="other")  # type: ignore[arg-type]
    assert scheme.books["unearned"] == -1_500


def test_a_contribution_taken_back_leaves_the_books_and_the_cover_as_before(scheme: Scheme) -> None:
    family = scheme.family()
    paid = scheme.pay(family, 1_500)
    with pytest.raises(NotAllowed):
        finance.undo_contribution(CASHIER, contribution_ref=paid.ref, why="wrong family", on=OPENED, key="u")
    with pytest.raises(finance.DecisionMissing):
        finance.undo_contribution(NATIONAL, contribution_ref=paid.ref, why="", on=OPENED, key="u")
    for _press in range(2):
        finance.undo_contribution(NATIONAL, contribution_ref=paid.ref, why="wrong family", on=OPENED, key="u")
    assert scheme.books["unearned"] == 0
    assert reasons(family, date(2004, 1, 10)) == {"first_unpaid"}
    assert finance.family(SYSTEM, family).contributions[0].is_undone


@pytest.mark.covers("MICROINS-02")
def test_who_left_is_not_covered_afterwards_and_can_be_insured_elsewhere(scheme: Scheme) -> None:
    family = scheme.family()
    scheme.pay(family, 18_000)
    finance.insured_leaves(CLERK, family_ref=family, person_ref=MODOU, on=date(2004, 5, 5))
    by_person = {one.person_ref: one for one in finance.family(SYSTEM, family, date(2004, 5, 6)).persons}
    assert by_person[MODOU].standing.reason == "ended"
    assert by_person[AWA].standing.is_in_force
    with pytest.raises(finance.WrongState):
        finance.insured_leaves(CLERK, family_ref=family, person_ref=AWA, on=date(2004, 5, 5))
    other = scheme.family(COUSIN, ((MODOU, "other"),), on=date(2004, 5, 6))
    assert len(finance.family(SYSTEM, other).persons) == 2
    finance.end_family(CLERK, family_ref=family, on=date(2004, 8, 1), why="moved away")
    assert reasons(family, date(2004, 8, 2)) == {"ended"}
    assert [one.ref for one in finance.families(SYSTEM, scheme_ref=scheme.ref)] == [other]


def test_a_member_sees_the_own_family_and_no_other(scheme: Scheme) -> None:
    from jump.base.actors import Actor

    family = scheme.family()
    scheme.family(COUSIN, ())
    modou = Actor(user_id=50, name="Modou", row_refs=frozenset({str(MODOU)}))
    assert finance.my_families(modou) == [family]
    assert finance.my_family(modou, family).ref == family
    stranger = Actor(user_id=51, name="stranger")
    assert finance.my_families(stranger) == []
    with pytest.raises(NotFound):
        finance.my_family(stranger, family)
    with pytest.raises(NotFound):
        finance.family(NEIGHBOUR, family)
    with pytest.raises(NotAllowed):
        finance.end_family(WORKER, family_ref=family, on=OPENED, why="no right")
    assert finance.count_families(SYSTEM, scheme_ref=scheme.ref) == 2


def test_a_list_of_families_costs_the_same_for_two_and_for_six(scheme: Scheme) -> None:
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            finance.families(SYSTEM, scheme_ref=scheme.ref)
        return len(queries)

    for number in range(2):
        scheme.pay(scheme.family(Ref(f"per-HEAD000{number}"), ()), 500)
    two = cost()
    for number in range(2, 6):
        scheme.pay(scheme.family(Ref(f"per-HEAD000{number}"), ()), 500)
    assert cost() == two
