"""The shipped indicators and budget computed by the engines from a handful of records, each value known beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from jump.base import clock, outbox, packages
from jump.core.money import Money
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.engines.results import api as results
from tests import makers

pytestmark = pytest.mark.django_db(transaction=True)
AS_OF = date(2004, 6, 30)
RIVERSIDE = "jump/asia/PH/riverside/"


@pytest.fixture
def programme() -> Iterator[None]:
    for folder in packages.in_order(["jump"]):
        packages.install(makers.MAKER, folder)
    parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
    clock.pin(AS_OF)
    yield
    clock.forget_pin()


@pytest.mark.usefixtures("programme")
@pytest.mark.covers("LOGFRAME-01", "BUDGET-01", "BUDGET-06", "EVIDENCE-03")
def test_installed_the_programme_reports_its_tree_and_the_one_total_that_does_not_add_up() -> None:
    assert dict(results.framework(makers.MAKER).counts) == {
        "development_objective": 1,
        "immediate_objective": 3,
        "output": 18,
        "activity": 99,
    }
    assert all(gap.reason for gap in results.gaps(makers.MAKER))

    finance.declare_budget(makers.MAKER, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))
    (off,) = finance.discrepancies(makers.MAKER)
    assert (off.printed, off.computed) == (Money(162_000_000, "USD"), Money(168_500_000, "USD"))
    total, direct = finance.support_cost_readings(makers.MAKER)
    assert (total.support, total.chosen) == (Money(32_500_000, "USD"), True)
    assert (direct.support, direct.chosen) == (Money(28_761_062, "USD"), False)


def household(code: str, income: str, girls: tuple[int, int], used: str, voice: tuple[int, int]) -> dict[str, Any]:
    return {
        "asked_on": "2004-01-10",
        "household_code": code,
        "consents": "yes",
        "respondent_sex": "female",
        "respondent_age": "25_34",
        "people_in_household": 5,
        "adults_in_household": 2,
        "people_at_work": 1,
        "currency": "PHP",
        "income_month": income,
        "income_from_project": "yes",
        "used_credit": used,
        "used_services": "no",
        "girls_school_age": girls[0],
        "girls_in_school": girls[1],
        "boys_school_age": 1,
        "boys_in_school": 0,
        "women_decide": 4,
        "can_speak": voice[0],
        "have_skills": voice[1],
        "rely_on_selves": 3,
    }


def health(survival: str, own_income: str = "0", women_in_office: int = 0) -> dict[str, Any]:
    if survival != "active":
        return {"checked_on": "2004-01-10", "survival": survival, "closed_why": "No sales."}
    return {
        "checked_on": "2004-01-10",
        "survival": survival,
        "members_women": 5,
        "members_men": 5,
        "members_active": 9,
        "women_in_office": women_in_office,
        "offices": 4,
        "currency": "PHP",
        "own_income": own_income,
        "operating_cost": "900",
        "outside_support": "0",
        "elections_held": "yes",
        "accounts_current": "yes",
    }


def minutes(kind: str, classes: list[str]) -> dict[str, Any]:
    seats = [{"seat_name": "Somebody", "seat_class": one, "seat_sex": "female"} for one in classes]
    asked: dict[str, Any] = {"committee_kind": kind, "held_on": "2004-01-10", "seat": seats, "signed_by": "Somebody"}
    return {**asked, "transferred": "no"} if kind == "national" else asked


@pytest.mark.usefixtures("programme")
@pytest.mark.covers("INDICATORS-03", "INDICATORS-08", "INDICATORS-09", "INDICATORS-10", "INDICATORS-15")
@pytest.mark.covers("INDICATORS-17", "INDICATORS-18", "INDICATORS-21")
def test_each_indicator_of_section_7_comes_out_as_counted_by_hand() -> None:
    country = next(place for place in parties.places(makers.MAKER, kind="country") if place.code == "PH")
    parties.declare_place(
        makers.MAKER,
        parent_ref=country.ref,
        kind="community",
        name="Riverside",
        code="riverside",
        settlement_type="urban",
        unemployment_rate="20",
        on=date(2002, 6, 1),
    )
    worker = makers.signed_in("extension_worker", "jump/asia/PH/")
    reviewer = makers.signed_in("national_coordinator", "jump/asia/PH/")
    groups = [makers.group(RIVERSIDE, kind="cooperative") for _ in range(4)]
    forms: list[tuple[str, Any, dict[str, Any]]] = [
        ("household_follow_up", None, household("RS-1", "5000", (2, 2), "yes", (3, 4))),
        ("household_follow_up", None, household("RS-2", "7000", (1, 1), "no", (5, 4))),
        ("group_health", groups[0], health("active", "900", 2)),
        ("group_health", groups[1], health("active", "899", 1)),
        ("group_health", groups[2], health("closed")),
        ("committee_minutes", None, minutes("national", ["government", "local_government", "workers", "employers"])),
        ("committee_minutes", None, minutes("national", ["government", "workers"])),
        ("committee_minutes", None, minutes("steering", ["beneficiaries", "local_partner", "local_government"])),
    ]
    for number, (form, about, answers) in enumerate(forms):
        sent = evidence.submit(
            worker,
            form=f"jump.{form}",
            answers=answers,
            scope=RIVERSIDE,
            about=about,
            on=date(2004, 1, 10),
            key=str(number),
        )
        if sent.state == "received":
            evidence.accept(reviewer, ref=sent.ref)
    outbox.drain()
    results.compute(makers.MAKER, as_of=AS_OF)

    def found(name: str) -> tuple[int, int] | float | None:
        value = results.current(makers.MAKER, indicator=f"jump.{name}", scope="jump/")
        if value.denominator is not None and value.numerator is not None and value.unit == "percent":
            return int(value.numerator), int(value.denominator)
        return None if value.value is None else float(value.value)

    assert {
        name: found(name)
        for name in (
            "household_income",
            "access_to_credit_and_services",
            "children_in_school",
            "social_standing",
            "groups_self_reliant",
            "women_in_decisions",
            "dialogue_events",
            "agency_interface",
            "social_partner_initiatives",
            "steering_meetings",
            "priority_places",
        )
    } == {
        "household_income": 6000.0,
        "access_to_credit_and_services": (1, 2),
        "children_in_school": (3, 5),
        "social_standing": 4.0,
        "groups_self_reliant": (1, 3),
        "women_in_decisions": (3, 8),
        "dialogue_events": 2.0,
        "agency_interface": 1.0,
        "social_partner_initiatives": 1.0,
        "steering_meetings": 1.0,
        "priority_places": (1, 1),
    }
