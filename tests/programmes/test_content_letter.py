"""The shipped renewal procedure begun by the engines: a letter from anybody becomes a community and a case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jump.base import outbox, packages
from jump.base.actors import ANONYMOUS
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from tests import makers

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2002, 9, 2)
LETTER: dict[str, Any] = {
    "community_name": "Bagong Pag-asa",
    "settlement_type": "semi_urban",
    "country": "PH",
    "contact_name": "Somebody",
    "contact_sex": "female",
    "body_name": "Village council",
    "population": 4200,
    "unemployed_women": 610,
    "unemployed_men": 540,
    "figures_source": "Council’s own count, 2002",
    "target_groups": ["unemployed", "youth"],
    "why": "The factory closed.",
    "volunteers_women": 6,
    "volunteers_men": 4,
    "has_room": "yes",
    "supporter": [{"supporter_name": "Weavers’ association", "supporter_seat": "ngo"}],
    "other_programme": "no",
    "agrees_to_records": "yes",
    "signed_by": "Somebody",
    "signed_on": "2002-08-30",
}


@pytest.mark.covers("SELECT-06")
def test_an_accepted_letter_makes_the_community_opens_its_case_and_waits_for_the_panel() -> None:
    for folder in packages.in_order(["jump_cer"]):
        packages.install(makers.MAKER, folder)
    parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
    coordinator = makers.signed_in("national_coordinator", "jump/asia/PH/")

    sent = evidence.submit(
        ANONYMOUS,
        form="jump_cer.letter_of_interest",
        answers=LETTER,
        scope="jump/",
        on=DAY,
        key="letter 1",
        by_name="Ana",
    )
    outbox.drain()
    assert sent.state == "received"
    assert list(cases.cases(makers.MAKER)) == []

    evidence.accept(makers.someone("programme_coordinator", "jump/"), ref=sent.ref)
    outbox.drain()

    (row,) = cases.cases(coordinator, procedure="jump_cer.community")
    case = cases.case(coordinator, row.ref)
    place = parties.place(coordinator, case.subject_ref)
    assert (place.name, place.country, place.population) == ("Bagong Pag-asa", "PH", 4200)
    assert place.scope.startswith("jump/asia/PH/")
    assert {step.key: step.state for step in case.steps} | {"letter": "done", "screening": "waiting"} == {
        step.key: step.state for step in case.steps
    }
    waiting = decisions.waiting(makers.MAKER, definition="jump.pilot_communities")
    assert [one.subject_ref for one in waiting] == [place.ref]
    (told,) = parties.notices(coordinator, to_ref=place.ref)
    assert told.template == "jump.letter_received"

    again = evidence.submit(
        ANONYMOUS,
        form="jump_cer.letter_of_interest",
        answers=LETTER,
        scope="jump/",
        on=DAY,
        key="letter 2",
        by_name="Ben",
    )
    evidence.accept(makers.someone("programme_coordinator", "jump/"), ref=again.ref)
    outbox.drain()
    assert [one.ref for one in cases.cases(coordinator)] == [row.ref], "one live letter for a community"
