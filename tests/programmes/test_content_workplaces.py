"""Monitoring of workplaces: the chain, visits by lot, a referral for every child, all through forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from jump.base import clock, outbox
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.evidence.services.refusals import AnswersInvalid
from jump.engines.parties import api as parties
from tests import makers
from tests.programmes.place import DAY, RIVERSIDE, Place

WORK = "workplace_monitoring"
SITE: dict[str, Any] = {
    "industry": "garments", "owner_name": "Pilar Santos", "where_found": "Third street, second door", "workers": 20,
}  # fmt: skip
VISIT: dict[str, Any] = {
    "visited_on": "2004-03-01", "unannounced": "yes", "monitors": 2, "women": 9, "men": 4, "children_found": 0,
    "hazards": ["none"], "employer_says": "All are grown.", "promise": "None.",
}  # fmt: skip
CHILD: dict[str, Any] = {
    "agreed_by": "guardian", "consents": ["records"], "sex": "female", "birth_year": 1993, "age_known": "family",
    "schooling": "left", "hazards": ["machines"], "urgent": "no", "found_on": "2004-03-01", "service": "school",
    "service_body": "San Jose school", "family_help": "income", "referred_on": "2004-03-01",
}  # fmt: skip
CHECKED: dict[str, Any] = {
    "checked_on": "2004-03-01", "works": "no", "in_service": "yes", "months_good": 12, "family_helped": "yes",
}  # fmt: skip


@pytest.fixture
def place(transactional_db: None) -> Iterator[Place]:
    clock.pin(DAY)
    yield Place(WORK)
    clock.forget_pin()


def site(place: Place, name: str, tier: str, buyer: Ref | str = "") -> Ref:
    """A workplace registered by the form."""
    answers = {**SITE, "workplace_name": name, "tier": tier, "buyer_ref": buyer}
    place.send(place.worker, f"{WORK}.workplace_registration", answers, place.ref)
    return next(one.ref for one in parties.groups(makers.MAKER, kind="workplace") if one.name == name)


def visit(place: Place, workplace: Ref, **changes: Any) -> Any:
    return place.send(place.worker, f"{WORK}.monitoring_visit", {**VISIT, **changes}, workplace)


def findings() -> list[Ref]:
    return [one.ref for one in cases.cases(makers.MAKER, procedure=f"{WORK}.findings") if str(one.state) == "open"]


@pytest.mark.covers("IPECMON-01")
def test_a_workplace_is_known_with_owner_place_and_its_chain_up_to_the_exporter(place: Place) -> None:
    exporter = site(place, "Export house", "exporter")
    contractor = site(place, "Contractor", "contractor", exporter)
    workshop = site(place, "Workshop", "subcontractor", contractor)
    with pytest.raises(AnswersInvalid) as refusal:
        site(place, "Loose shop", "subcontractor")
    assert list(refusal.value.errors()) == ["buyer_ref"]

    def above(workplace: Ref) -> list[Ref]:
        linked = parties.relations(makers.MAKER, of=workplace, kind="works_for", as_of=DAY)
        return [one.to_ref for one in linked if one.from_ref == workplace]

    assert above(workshop) == [contractor]
    assert above(contractor) == [exporter]
    assert above(exporter) == []
    lines = evidence.entities(place.worker, register=f"{WORK}.workplace")
    assert {one.label: (one.values["tier"], one.values["where_found"]) for one in lines}["Workshop"] == (
        "subcontractor",
        "Third street, second door",
    )
    (known, *_more) = evidence.submissions(place.worker, form=f"{WORK}.workplace_registration")
    (masked, *_more) = evidence.submissions(
        makers.signed_in("core_team", RIVERSIDE), form=f"{WORK}.workplace_registration"
    )
    assert (known.answers["owner_name"], masked.answers["owner_name"]) == ("Pilar Santos", "•••")


@pytest.mark.covers("IPECMON-02")
def test_the_order_of_visits_is_drawn_by_lot_and_a_round_ends_when_every_workplace_was_seen(place: Place) -> None:
    sites = {site(place, f"Workshop {number}", "exporter") for number in range(7)}

    def drawn() -> list[Ref]:
        case = place.case(f"{WORK}.cycle", place.ref, RIVERSIDE)
        place.fill(case, f"{WORK}.cycle_plan", {"starts_on": "2004-03-02", "every_days": 2}, place.worker, RIVERSIDE)
        owed = sorted(cases.tasks(place.worker, as_of=DAY, state="open"), key=lambda one: one.due_on or DAY)
        assert [one.due_on for one in owed] == [date(2004, 3, 2) + timedelta(days=2 * step) for step in range(7)]
        order = [one.about for one in owed if one.about]
        for position, workplace in enumerate(order):
            assert place.here(case) == ["plan"], f"only {position} of 7 were seen"
            visit(place, workplace)
        assert str(cases.case(makers.MAKER, case).state) == "closed"
        return order

    first, second = drawn(), drawn()
    assert set(first) == set(second) == sites
    assert len(first) == len(second) == 7
    by_name = [one.ref for one in parties.groups(makers.MAKER, kind="workplace")]
    assert len({tuple(first), tuple(second), tuple(by_name)}) > 1, "the order is nobody's"


def test_a_plan_that_is_corrected_owes_its_visits_anew_and_one_that_is_taken_back_owes_none(place: Place) -> None:
    for number in range(3):
        site(place, f"Workshop {number}", "exporter")
    plan = {"starts_on": "2004-03-02", "every_days": 2}
    sent = place.send(place.worker, f"{WORK}.cycle_plan", plan, place.ref)

    def owed() -> list[date | None]:
        return sorted(one.due_on for one in cases.tasks(place.worker, as_of=DAY, state="open") if one.due_on)

    assert owed() == [date(2004, 3, 2), date(2004, 3, 4), date(2004, 3, 6)]
    evidence.revise(place.worker, ref=sent.ref, answers={**plan, "every_days": 7}, on=DAY, key="slower")
    evidence.accept(place.coordinator, ref=sent.ref)
    outbox.drain()
    assert owed() == [date(2004, 3, 2), date(2004, 3, 9), date(2004, 3, 16)]

    evidence.withdraw(place.coordinator, ref=sent.ref, why="Told to the owners")
    outbox.drain()
    assert owed() == []


@pytest.mark.covers("IPECMON-02")
def test_a_visit_that_was_announced_or_made_alone_is_none(place: Place) -> None:
    workplace = site(place, "Workshop", "exporter")
    for change in ({"unannounced": "no"}, {"monitors": 1}):
        with pytest.raises(AnswersInvalid) as refusal:
            visit(place, workplace, **change)
        assert list(refusal.value.errors()) == list(change)
    visit(place, workplace)
    (held,) = cases.sessions(place.worker, kind="monitoring_visit")
    assert (held.about, held.held_on) == ((workplace,), DAY)


@pytest.mark.covers("IPECMON-03")
def test_every_child_that_a_visit_found_has_a_referral_before_the_finding_is_closed(place: Place) -> None:
    workplace = site(place, "Workshop", "exporter")
    visit(place, workplace)
    assert findings() == []
    visit(place, workplace, children_found=2)
    (finding,) = findings()

    def child(code: str, **changes: Any) -> Any:
        answers = {**CHILD, "child_code": code, **changes}
        return place.send(place.worker, f"{WORK}.child_found", answers, finding)

    for lacking in ("service", "service_body", "family_help", "referred_on"):
        with pytest.raises(AnswersInvalid) as refusal:
            child("AB-1", **{lacking: ""})
        assert list(refusal.value.errors()) == [lacking]
    with pytest.raises(AnswersInvalid):  # a code, never a name
        child("Maria Cruz")
    child("AB-1")
    assert findings() == [finding], "one of two children has a referral"
    child("AB-2", sex="male")
    assert findings() == []
    assert len(cases.cases(makers.MAKER, procedure=f"{WORK}.child_referral")) == 2

    visit(place, workplace, children_found=1)
    assert len(findings()) == 1, "what an earlier visit found does not answer for a new one"


@pytest.mark.covers("IPECMON-03")
def test_a_child_is_followed_into_a_service_until_twelve_good_months_by_whoever_was_given_the_child(
    place: Place,
) -> None:
    workplace = site(place, "Workshop", "exporter")
    visit(place, workplace, children_found=1)
    sent = place.send(place.worker, f"{WORK}.child_found", {**CHILD, "child_code": "AB-1"}, findings()[0])
    (row,) = cases.cases(makers.MAKER, procedure=f"{WORK}.child_referral")
    child = cases.case(makers.MAKER, row.ref).subject_ref
    assert place.here(row.ref) == ["answer"]

    readers: list[Actor] = [place.national, place.coordinator, makers.signed_in("extension_worker", RIVERSIDE)]
    for reader in readers:
        assert cases.cases(reader, procedure=f"{WORK}.child_referral") == []
        assert evidence.submissions(reader, form=f"{WORK}.child_found") == []
        with pytest.raises(NotFound):
            cases.case(reader, row.ref)
        with pytest.raises(NotFound):
            evidence.submission(reader, sent.ref)
    given = makers.someone("extension_worker", RIVERSIDE, rows=[row.ref, child, sent.ref])
    assert cases.case(given, row.ref).subject_ref == child
    assert evidence.submission(given, sent.ref).answers["schooling"] == "left"

    def told(form: str, **answers: Any) -> list[str]:
        place.send(given, f"{WORK}.{form}", answers, child)
        return place.here(row.ref)

    assert told("referral_answer", answered_on="2004-03-01", accepted="no", why_not="Full") == ["again"]
    again = {"service": "non_formal", "service_body": "Parish class", "referred_on": "2004-03-01"}
    assert told("referral_again", **again) == ["answer"]
    yes = {"answered_on": "2004-03-01", "accepted": "yes", "begins_on": "2004-03-08"}
    assert told("referral_answer", **yes) == ["follow"]
    assert told("child_check", **{**CHECKED, "months_good": 11}) == ["follow"]
    assert told("child_check", **{**CHECKED, "family_helped": "no"}) == ["follow"]
    assert told("child_check", **CHECKED) == []
    assert str(cases.case(given, row.ref).state) == "closed"
