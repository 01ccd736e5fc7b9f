"""A consent follows the form in which it was given, with its day and its reason, and no other form ends it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jump.base import clock, outbox
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from jump.engines.parties.models import Consent, Person
from tests import makers
from tests.makers import DAY, MAKER, Ground

pytestmark = pytest.mark.django_db

SEEKER = (
    "| survey |\n| | type | name | label | data_class |\n"
    "| | text | name | Name | P2 |\n| | select_multiple agreed | agreed | Agrees to | |\n"
    "\n| choices |\n| | list_name | name | label |\n"
    "| | agreed | records | Records |\n| | agreed | photo | Photo |\n| | agreed | contact | Contact |\n"
)
ASKED = {"scope": "$scope", "given_name": "$answers.name", "consents": "$answers.agreed"}
RIVERSIDE = "trial/asia/PH/riverside/"


def seeker(*agreed: str) -> str:
    makers.form("seeker", SEEKER, on_accept=[{"effect": "parties.register_person", "with": ASKED}])
    worker = makers.someone("extension_worker", RIVERSIDE)
    ref = makers.submission(worker, form="trial.seeker", answers={"name": "Ana", "agreed": list(agreed)}).ref
    accept(ref)
    return ref


def accept(ref: str) -> None:
    evidence.accept(makers.someone("national_coordinator", "trial/asia/PH/"), ref=ref)
    outbox.drain()


def correct(ref: str, on: date, *agreed: str) -> None:
    worker = makers.someone("extension_worker", RIVERSIDE)
    evidence.revise(worker, ref=ref, answers={"name": "Ana", "agreed": list(agreed)}, on=on, key=f"edit-{on}")
    accept(ref)


def standing() -> set[str]:
    return set(Consent.objects.filter(withdrawn_on=None).values_list("purpose", flat=True))


def test_a_consent_that_the_corrected_form_does_not_give_is_withdrawn_with_day_and_form(ground: Ground) -> None:
    ref = seeker("records", "photo")
    later = DAY + timedelta(days=3)
    correct(ref, later - timedelta(days=1), "records", "photo")  # a day put right is no other consent
    correct(ref, later, "records")

    [photo] = Consent.objects.filter(purpose="photo")
    assert (photo.given_on, photo.withdrawn_on, photo.why_withdrawn) == (DAY, clock.today(), ref)
    assert standing() == {"records"}

    correct(ref, later + timedelta(days=1), "records", "photo")
    assert standing() == {"records", "photo"}
    assert Consent.objects.filter(purpose="photo").count() == 2  # what was withdrawn stays on record


def test_a_consent_given_elsewhere_is_not_ended_by_a_form_that_does_not_ask_for_it(ground: Ground) -> None:
    ref = seeker("records", "photo")
    [person] = Person.objects.all()
    parties.give_consent(MAKER, person_ref=person.ref, purpose="contact", on=DAY, how="on paper")
    correct(ref, DAY, "records")

    assert standing() == {"records", "contact"}
