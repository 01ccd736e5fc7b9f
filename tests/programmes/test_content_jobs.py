"""The forms about jobs as they are shipped: every answer that decides about the count reaches the count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from jump.base import clock, outbox, packages
from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from jump.engines.results import api as results
from tests import makers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("programme")]
AS_OF = date(2004, 6, 30)
RIVERSIDE = "jump/asia/PH/riverside/"
SEEN = {"hours_weekly": 40, "pay_monthly": 6000, "currency": "PHP", "has_written_terms": "yes", "is_safe": "yes"}
SEEN |= {"has_rights": "yes", "months_expected": 24}


@pytest.fixture
def programme() -> Iterator[None]:
    for folder in packages.in_order(["jump", "jump_cer"]):
        packages.install(makers.MAKER, folder)
    parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
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
    clock.pin(AS_OF)
    yield
    clock.forget_pin()


def sent(by: Actor, form: str, answers: dict[str, Any], *, about: Ref, on: date) -> None:
    view = evidence.submit(
        by,
        form=f"jump_cer.{form}",
        answers=answers,
        scope=RIVERSIDE,
        about=about,
        on=on,
        key=f"{form} {about} {on}",
    )
    if view.state == "received":
        evidence.accept(makers.signed_in("national_coordinator", "jump/asia/PH/"), ref=view.ref)
    outbox.run_pending_of_this_request()


def a_job(**found: str) -> jobs.JobView:
    """A job claimed in one form and confirmed in another, by somebody else."""
    person, group = makers.person(RIVERSIDE), makers.group(RIVERSIDE)
    claim = {"person_ref": person, "kind": "created", "title": "Weaver", "started_on": "2003-02-01", **SEEN}
    claim |= {"has_social_protection": "yes", "status_before": "unemployed"}
    sent(makers.signed_in("extension_worker", RIVERSIDE), "job_claim", claim, about=group, on=date(2003, 2, 10))
    (job,) = jobs.jobs(makers.MAKER, person_ref=person)
    check = {
        "job_ref": job.ref,
        "verified_on": "2003-03-01",
        "method": "visit",
        "announced": "no",
        "person_seen": "yes",
        "confirmed": "yes",
        **SEEN,
        "paid_on_time": "yes",
        "covers": ["health"],
        "freely_chosen": "yes",
        "under_18_hazard": "no",
        "equal_treatment": "yes",
        "evidence_class": "B",
        **found,
    }
    worker = makers.signed_in("extension_worker", RIVERSIDE)
    sent(worker, "job_verification", check, about=job.ref, on=date(2003, 3, 4))
    return jobs.job(makers.MAKER, job.ref)


@pytest.mark.covers("INDICATORS-25")
def test_a_job_is_decent_only_if_it_was_freely_chosen_and_puts_no_child_at_risk() -> None:
    good = a_job()
    assert (good.is_decent, good.missing) == (True, ())
    assert good.verifications[0].on == date(2003, 3, 1)  # the day of the visit, not of the form

    forced = a_job(freely_chosen="no")
    assert (forced.is_decent, [one.item for one in forced.missing]) == (False, ["freely_chosen"])
    hazard = a_job(under_18_hazard="yes")
    assert (hazard.is_decent, [one.item for one in hazard.missing]) == (False, ["no_hazard_under_18"])


def test_late_pay_and_unequal_treatment_are_named_and_do_not_take_the_job_out_of_the_count() -> None:
    view = a_job(paid_on_time="no", equal_treatment="no")
    assert (view.is_decent, [one.item for one in view.missing]) == (True, ["paid_on_time", "equal_treatment"])


@pytest.mark.covers("INDICATORS-13")
def test_a_job_that_ended_before_its_twelfth_month_was_not_held_for_twelve_however_late_somebody_asked() -> None:
    held, left = a_job(), a_job()
    asker = makers.signed_in("extension_worker", RIVERSIDE)
    asked = {"asked_on": "2004-02-10", "window": "12", "reached": "yes", "income_change": "more"}
    asked |= {"evidence_class": "B"}
    still = {"still_at_work": "yes", "hours_weekly": 30, "pay_monthly": 6000, "currency": "PHP"}
    gone = {"still_at_work": "no", "ended_on": "2003-12-20", "end_reason": "closed"}
    sent(asker, "follow_up", {**asked, **still, "job_ref": held.ref}, about=held.ref, on=date(2004, 2, 12))
    sent(asker, "follow_up", {**asked, **gone, "job_ref": left.ref}, about=left.ref, on=date(2004, 2, 12))

    kept, lost = jobs.job(makers.MAKER, held.ref), jobs.job(makers.MAKER, left.ref)
    assert (kept.sustained_12, kept.terms.hours_weekly, kept.terms.is_safe) == ("yes", 30, True)
    assert kept.follow_ups[0].on == date(2004, 2, 10)
    assert (lost.sustained_12, lost.ended_on, lost.end_reason) == ("no", date(2003, 12, 20), "closed")

    results.compute(makers.MAKER, as_of=AS_OF)
    value = results.current(makers.MAKER, indicator="jump.jobs_sustained_12", scope="jump/")
    assert value.value == 50  # percent: one of the two
