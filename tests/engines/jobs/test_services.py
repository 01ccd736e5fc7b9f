"""What may happen to a job: claimed, verified by somebody else, tested, followed up, ended. And what may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, connection, transaction

from jump.base import duties, outbox
from jump.base.actors import ANONYMOUS
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.jobs import api as jobs
from jump.engines.jobs.api import State, Sustained, Terms
from jump.engines.jobs.duties import facts as job_facts
from jump.engines.jobs.models import DecentWorkResult, FollowUp, JobSpell, TermsRow, Verification
from jump.engines.jobs.services.refusals import (
    AlreadyEnded,
    EvidenceMissing,
    KeyReused,
    NotVerified,
    ReasonMissing,
    SamePerson,
    ThreatMissing,
)
from jump.engines.parties import api as parties
from tests import makers
from tests.engines.jobs.makers import (
    CHECKED,
    CLAIMED,
    DECENT,
    SCOPE,
    STARTED,
    Staff,
    claimed,
    countries,
    country,
    verified,
)

pytestmark = pytest.mark.django_db


# Claiming --------------------------------------------------------------------------------------------


def test_a_claim_is_not_yet_a_job(staff: Staff) -> None:
    view = jobs.job(staff.worker, claimed(staff.worker))

    assert view.state is State.CLAIMED
    assert (view.is_verified, view.is_counted, view.is_decent) == (False, False, None)
    assert view.terms == DECENT
    assert (view.claimed_by, view.claimed_on, view.place) == (staff.worker.key, CLAIMED, "Riverside")


def test_the_same_claim_sent_twice_is_one_claim_and_another_under_its_key_is_refused(staff: Staff) -> None:
    asked: dict[str, Any] = {"key": "form-7", "person_ref": makers.person(), "employer_ref": makers.group()}
    asked["evidence_ref"] = Ref("fil-00000007")
    first = claimed(staff.worker, **asked)

    assert claimed(staff.worker, **asked) == first
    with pytest.raises(KeyReused):
        claimed(staff.worker, **asked, title="Tailor")
    assert jobs.count_jobs(staff.worker) == 1
    assert jobs.job(staff.worker, first).title == "Weaver"


@pytest.mark.covers("CONVERT-06")
def test_a_preserved_job_needs_proof_of_the_threat_and_is_counted_apart(staff: Staff, ground: makers.Ground) -> None:
    with pytest.raises(ThreatMissing):
        claimed(staff.worker, kind="preserved")
    assert JobSpell.objects.count() == 0

    kept = verified(staff, kind="preserved", threat_ref=Ref("sub-THREAT01"))
    verified(staff)

    statement = jobs.statement(staff.worker, as_of=date(2004, 6, 30))
    decent = {str(count.kind): count.decent for count in statement.kinds}
    assert decent["preserved"] == (kept,)
    assert len(decent["created"]) == 1
    described = duties.describe(staff.worker, kept)
    assert described is not None
    assert Ref("sub-THREAT01") in described.sources


def test_the_database_itself_refuses_a_preserved_job_without_a_threat(staff: Staff) -> None:
    ref = claimed(staff.worker)
    row = JobSpell.objects.get(ref=ref)
    row.pk, row.ref, row.key, row.kind = None, "job-00000001", None, "preserved"
    with pytest.raises(Error), transaction.atomic():
        row.save(force_insert=True)


def test_a_kind_never_changes_after_the_claim(staff: Staff) -> None:
    ref = claimed(staff.worker)
    for column, value in (("kind", "placed"), ("person_ref", "per-00000000"), ("claimed_by", "user:1")):
        with pytest.raises(Error), transaction.atomic():
            JobSpell.objects.filter(ref=ref).update(**{column: value})
    assert jobs.job(staff.worker, ref).kind == "created"


@pytest.mark.parametrize("model", [TermsRow, Verification, FollowUp, DecentWorkResult])
def test_what_was_seen_and_said_is_only_ever_added(staff: Staff, model: Any) -> None:
    ref = verified(staff)
    jobs.follow_up(staff.worker, job_ref=ref, on=date(2004, 1, 5), still_at_work=True, evidence_ref="")
    assert model.objects.exists()
    with pytest.raises(Error), transaction.atomic():
        model.objects.update(on=date(2000, 1, 1))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")


def test_impossible_claims_are_refused_field_by_field_and_nothing_is_kept(staff: Staff) -> None:
    with pytest.raises(BadInput) as later:
        claimed(staff.worker, started_on=date(2003, 7, 2))
    assert set(later.value.errors()) == {"started_on"}
    with pytest.raises(BadInput) as ends:
        claimed(staff.worker, ended_on=date(2003, 1, 1), title=" ")
    assert set(ends.value.errors()) == {"ended_on", "title"}
    with pytest.raises(BadInput) as terms:
        claimed(staff.worker, terms=Terms(pay_minor_monthly=-1, currency="pesos", hours_weekly=169))
    assert set(terms.value.errors()) == {"pay", "currency", "hours_weekly"}
    assert JobSpell.objects.count() == 0


def test_only_those_with_the_right_at_the_place_claim(staff: Staff, ground: makers.Ground) -> None:
    elsewhere = makers.someone("extension_worker", ground.foreign_scope)
    for actor in (elsewhere, staff.donor, ANONYMOUS):
        with pytest.raises(NotAllowed):
            claimed(actor)
    assert JobSpell.objects.count() == 0


# Verifying -------------------------------------------------------------------------------------------


def test_whoever_claimed_a_job_may_not_verify_it(staff: Staff) -> None:
    ref = claimed(staff.worker)

    with pytest.raises(SamePerson) as refusal:
        jobs.verify_job(
            staff.worker, job_ref=ref, confirmed=True, method="visit", on=CHECKED, evidence_ref=Ref("fil-00000001")
        )

    assert refusal.value.code == "jobs.same_person"
    assert Verification.objects.count() == 0
    assert jobs.job(staff.worker, ref).state is State.CLAIMED


def test_the_author_of_the_form_behind_a_claim_may_not_verify_it(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    from jump.engines.jobs.services import claim

    authors = {"sub-00000001": staff.colleague.key}
    monkeypatch.setattr(claim, "author_of", lambda ref: authors.get(str(ref), ""))
    ref = claimed(staff.worker, evidence_ref=Ref("sub-00000001"))

    with pytest.raises(SamePerson):
        verified(staff, ref)
    assert Verification.objects.count() == 0


def test_the_database_itself_refuses_a_verification_by_the_claimant(staff: Staff) -> None:
    from jump.base import clock

    spell = JobSpell.objects.get(ref=claimed(staff.worker))
    with pytest.raises(Error), transaction.atomic():
        Verification.objects.create(
            spell=spell, confirmed=True, method="visit", on=CHECKED, by=staff.worker.key, recorded_at=clock.now()
        )


def test_a_verification_needs_its_evidence_and_a_possible_day(staff: Staff) -> None:
    ref = claimed(staff.worker)
    with pytest.raises(EvidenceMissing):
        jobs.verify_job(staff.colleague, job_ref=ref, confirmed=True, method="visit", on=CHECKED, evidence_ref="")
    with pytest.raises(BadInput):
        jobs.verify_job(
            staff.colleague,
            job_ref=ref,
            confirmed=True,
            method="visit",
            on=date(2003, 5, 31),
            evidence_ref=Ref("fil-00000001"),
        )
    assert Verification.objects.count() == 0


def test_a_verified_job_counts_and_a_job_not_found_does_not(staff: Staff) -> None:
    there, not_there = verified(staff), verified(staff, confirmed=False)

    seen, missed = jobs.job(staff.worker, there), jobs.job(staff.worker, not_there)
    assert (seen.state, seen.is_counted, seen.is_decent) == (State.VERIFIED, True, True)
    assert seen.verifications[0].by == staff.colleague.key
    assert (missed.state, missed.is_counted, missed.is_decent) == (State.NOT_CONFIRMED, False, None)


def test_a_second_visit_replaces_the_verdict_and_keeps_the_first_on_record(staff: Staff) -> None:
    ref = verified(staff, confirmed=False)
    jobs.verify_job(
        staff.coordinator,
        job_ref=ref,
        confirmed=True,
        method="phone",
        on=date(2003, 9, 1),
        evidence_ref=Ref("fil-00000009"),
    )
    view = jobs.job(staff.worker, ref)
    assert view.state is State.VERIFIED
    assert [check.confirmed for check in view.verifications] == [False, True]


# The decent-work test ---------------------------------------------------------------------------------

FLOORS = [
    (replace(DECENT, pay_minor_monthly=449_999), ["pay_min"]),
    (replace(DECENT, currency="USD"), ["pay_min"]),
    (replace(DECENT, hours_weekly=49), ["hours_max"]),
    (replace(DECENT, has_written_terms=False), ["written_terms"]),
    (replace(DECENT, is_safe=False), ["safety"]),
    (replace(DECENT, has_rights=None), ["rights"]),
    (replace(DECENT, months_expected=5), ["duration"]),
    (Terms(), ["pay_min", "hours_max", "written_terms", "safety", "rights", "duration", "social_protection"]),
]


@pytest.mark.covers("INDICATORS-25")
@pytest.mark.parametrize(("terms", "missing"), FLOORS)
def test_each_floor_that_a_job_misses_is_named(staff: Staff, terms: Terms, missing: list[str]) -> None:
    view = jobs.job(staff.worker, verified(staff, terms=terms))

    assert [one.item for one in view.missing] == missing
    assert view.is_decent is False
    assert view.is_counted is True  # it is a job, only not a decent one
    assert all(one.title for one in view.missing)


@pytest.mark.covers("INDICATORS-25")
def test_an_item_that_is_only_advised_is_named_and_does_not_decide(staff: Staff) -> None:
    view = jobs.job(staff.worker, verified(staff, terms=replace(DECENT, has_social_protection=False)))
    assert [one.item for one in view.missing] == ["social_protection"]
    assert view.is_decent is True


@pytest.mark.covers("INDICATORS-25")
def test_work_of_a_child_is_never_decent_whatever_its_terms(staff: Staff) -> None:
    makers.declared("floors", {"countries": {"PH": {**country("PH"), "minimum_age": 15}}}, version="7")
    child = jobs.job(staff.worker, verified(staff, person_ref=makers.person(birth_year=1989)))
    maybe = jobs.job(staff.worker, verified(staff, person_ref=makers.person(birth_year=1988)))
    assert (child.is_decent, [one.item for one in child.missing]) == (False, ["legal_age"])
    assert child.missing[0].asked == "15"
    assert maybe.is_decent is True  # 15 in this year: the books do not know better


def test_what_the_verifier_saw_goes_before_what_was_claimed(staff: Staff) -> None:
    ref = claimed(staff.worker)
    jobs.verify_job(
        staff.colleague,
        job_ref=ref,
        confirmed=True,
        method="visit",
        on=CHECKED,
        evidence_ref=Ref("fil-00000001"),
        terms_seen=replace(DECENT, pay_minor_monthly=100_000),
    )
    view = jobs.job(staff.worker, ref)
    assert view.is_decent is False
    assert [(one.item, one.asked, one.found) for one in view.missing] == [("pay_min", "4500.00 PHP", "1000.00 PHP")]
    assert view.terms.pay_minor_monthly == 100_000


@pytest.mark.covers("INDICATORS-25")
def test_the_floors_are_the_country_s_own(staff: Staff, ground: makers.Ground) -> None:
    terms = replace(DECENT, pay_minor_monthly=400_000, currency="THB")
    assert jobs.job(staff.worker, verified(staff, terms=terms, scope=ground.foreign_scope)).is_decent is True
    assert jobs.country_of(ground.foreign_scope) == "TH"
    assert jobs.floors("TH").items[0].value == 400_000


def test_a_newer_test_is_applied_by_name_and_the_old_result_stays(staff: Staff) -> None:
    ref = verified(staff)
    first = jobs.job(staff.worker, ref).test_version
    countries("2", pay_min=600_000)

    assert jobs.job(staff.worker, ref).is_decent is True  # nothing happens by itself
    assert jobs.retest(staff.coordinator, country="PH") == 1

    view = jobs.job(staff.worker, ref)
    assert view.is_decent is False
    assert view.test_version != first
    assert [row.is_decent for row in DecentWorkResult.objects.order_by("pk")] == [True, False]
    assert jobs.retest(staff.coordinator, country="PH") == 0


def test_where_a_country_has_no_test_no_job_is_decent_and_the_page_says_why(staff: Staff) -> None:
    makers.declared(
        "floors", {"countries": {"PH": {"iso": "PH", "name": {"en": "PH"}, "currency": "PHP"}}}, version="9"
    )
    view = jobs.job(staff.worker, verified(staff))
    assert view.is_decent is False
    assert [one.item for one in view.missing] == ["no_test"]


# One job once -----------------------------------------------------------------------------------------


@pytest.mark.covers("INDICATORS-16")
def test_one_person_in_one_post_counts_once_whoever_reports_it(staff: Staff) -> None:
    person, employer = makers.person(), makers.group()
    first = verified(staff, person_ref=person, employer_ref=employer)
    second = verified(staff, person_ref=person, employer_ref=employer, title="Weaving", started_on=date(2003, 6, 10))

    assert jobs.job(staff.worker, first).is_counted is True
    again = jobs.job(staff.worker, second)
    assert (again.is_counted, again.duplicate_of, again.duplicate_rule) == (False, first, "same_job")


def test_a_verified_report_goes_before_an_earlier_one_that_nobody_has_checked(staff: Staff) -> None:
    person, employer = makers.person(), makers.group()
    unchecked = claimed(staff.worker, person_ref=person, employer_ref=employer)
    checked = verified(staff, person_ref=person, employer_ref=employer, started_on=date(2003, 6, 20))

    assert jobs.job(staff.worker, checked).is_counted is True
    assert jobs.job(staff.worker, unchecked).duplicate_of == checked


@pytest.mark.covers("INDICATORS-16")
def test_after_a_merge_the_same_job_under_two_records_counts_once_and_the_merge_can_be_undone(staff: Staff) -> None:
    employer = makers.group()
    one, other = makers.person(), makers.person(family_name="Reyez")
    first = verified(staff, person_ref=one, employer_ref=employer)
    second = verified(staff, person_ref=other, employer_ref=employer, started_on=date(2003, 6, 15))
    assert jobs.job(staff.worker, second).is_counted is True

    parties.mark_same(staff.coordinator, keep=one, duplicate=other, why="same birth day and house")
    outbox.drain()
    duties.recheck(other)
    assert jobs.job(staff.worker, second).duplicate_of == first
    assert jobs.job(staff.worker, second).person_ref == other  # nothing but the mark is touched

    parties.unmark_same(staff.coordinator, duplicate=other, why="two sisters")
    outbox.drain()
    duties.recheck(other)
    duties.recheck(one)
    assert jobs.job(staff.worker, second).duplicate_of is None
    assert jobs.job(staff.worker, second).is_counted is True


def test_a_new_worker_in_an_old_post_is_no_new_job(staff: Staff) -> None:
    employer = makers.group()
    post = jobs.declare_post(staff.worker, employer_ref=employer, title="Baker", isco="7512", scope=SCOPE, key="p1")
    first = verified(staff, employer_ref=employer, post_ref=post, ended_on=date(2003, 6, 30))
    second = verified(staff, employer_ref=employer, post_ref=post, started_on=date(2003, 7, 1))

    view = jobs.job(staff.worker, second)
    assert (view.duplicate_of, view.duplicate_rule) == (first, "replacement")


def test_a_claim_that_was_not_confirmed_takes_nobody_s_place(staff: Staff) -> None:
    person, employer = makers.person(), makers.group()
    verified(staff, person_ref=person, employer_ref=employer, confirmed=False)
    real = verified(staff, person_ref=person, employer_ref=employer, started_on=date(2003, 6, 20))
    assert jobs.job(staff.worker, real).is_counted is True


def test_staff_of_the_programme_never_count_as_jobs(staff: Staff) -> None:
    verified(staff, kind="staff")
    statement = jobs.statement(staff.worker, as_of=date(2004, 6, 30))
    assert sum(count.claims for count in statement.kinds) == 0
    assert list(job_facts(as_of=date(2004, 6, 30))) == []
    assert jobs.count_jobs(staff.worker) == 0
    assert jobs.count_jobs(staff.worker, kind="staff") == 1


@pytest.mark.covers("BUDGET-17")
def test_staff_posts_carry_their_share_of_full_time_their_line_and_their_cost(staff: Staff) -> None:
    office = makers.organisation()
    post = jobs.declare_post(
        staff.coordinator,
        employer_ref=office,
        title="National coordinator",
        isco="1213",
        scope="trial/asia/PH/",
        key="nc-ph",
        share_percent=50,
        salary_monthly=Money(200_001, "USD"),
        budget_line="personnel",
    )
    claimed(
        staff.worker,
        kind="staff",
        employer_ref=office,
        post_ref=post,
        scope="trial/asia/PH/",
        started_on=date(2003, 1, 1),
        ended_on=date(2003, 3, 31),
    )
    (row,) = jobs.staff_posts(staff.coordinator, as_of=date(2004, 6, 30))
    assert (row.post.share_percent, row.post.budget_line, row.months) == (50, "personnel", 3)
    assert row.cost == Money(300_003, "USD")  # half of 2000.01 is 1000.01 to the cent, three times


# Ending and following up ------------------------------------------------------------------------------


def test_a_job_ends_once_with_a_reason_and_still_was_a_job(staff: Staff) -> None:
    ref = verified(staff)
    with pytest.raises(ReasonMissing):
        jobs.end_job(staff.worker, job_ref=ref, on=date(2004, 2, 1), why=" ")
    with pytest.raises(BadInput):
        jobs.end_job(staff.worker, job_ref=ref, on=date(2003, 5, 1), why="closed")

    view = jobs.end_job(staff.worker, job_ref=ref, on=date(2004, 2, 1), why="season ended")
    assert (view.state, view.ended_on, view.is_counted) == (State.ENDED, date(2004, 2, 1), True)
    assert jobs.end_job(staff.worker, job_ref=ref, on=date(2004, 2, 1), why="season ended").state is State.ENDED
    with pytest.raises(AlreadyEnded):
        jobs.end_job(staff.worker, job_ref=ref, on=date(2004, 3, 1), why="again")
    assert jobs.count_jobs(staff.worker, state="ended") == 1
    assert jobs.count_jobs(staff.worker, state="verified") == 0


@pytest.mark.covers("INDICATORS-13")
def test_sustained_at_6_and_12_months_is_yes_only_when_somebody_saw_it(staff: Staff) -> None:
    seen_twice, seen_once, ended, nobody_looked = (verified(staff) for _number in range(4))
    for day in (date(2003, 12, 5), date(2004, 6, 10)):
        jobs.follow_up(staff.worker, job_ref=seen_twice, on=day, still_at_work=True, evidence_ref="")
    jobs.follow_up(staff.worker, job_ref=seen_once, on=date(2003, 12, 5), still_at_work=True, evidence_ref="")
    jobs.follow_up(staff.worker, job_ref=ended, on=date(2003, 10, 1), still_at_work=False, evidence_ref="")

    facts = {fact.ref: fact.codes for fact in job_facts(as_of=date(2004, 6, 30))}
    found = {ref: (facts[ref]["sustained_6"], facts[ref]["sustained_12"]) for ref in facts}
    assert found[seen_twice] == ("yes", "yes")
    assert found[seen_once] == ("yes", "not_yet")
    assert found[ended] == ("no", "no")
    assert found[nobody_looked] == ("not_yet", "not_yet")
    assert facts[nobody_looked]["reached_12"] is True  # the denominator keeps it: unknown counts as lost
    assert jobs.job(staff.worker, ended).state is State.ENDED


def test_only_a_verified_job_is_followed_up_and_once_a_day(staff: Staff) -> None:
    ref = claimed(staff.worker)
    with pytest.raises(NotVerified):
        jobs.follow_up(staff.worker, job_ref=ref, on=date(2004, 1, 1), still_at_work=True, evidence_ref="")
    verified(staff, ref)
    for _time in range(2):
        jobs.follow_up(staff.worker, job_ref=ref, on=date(2004, 1, 1), still_at_work=True, evidence_ref="")
    view = jobs.job(staff.worker, ref)
    assert len(view.follow_ups) == 1
    assert view.sustained_6 is Sustained.YES


def test_what_nobody_asked_again_at_a_follow_up_stands_as_last_seen(staff: Staff) -> None:
    ref = verified(staff)
    less = Terms(hours_weekly=Decimal(30))
    jobs.follow_up(staff.worker, job_ref=ref, on=date(2004, 1, 1), still_at_work=True, evidence_ref="", terms_seen=less)
    assert jobs.job(staff.worker, ref).terms == replace(DECENT, hours_weekly=Decimal(30))


@pytest.mark.parametrize("found", ["no", None])
@pytest.mark.parametrize("item", ["freely_chosen", "no_hazard_under_18"])
def test_forced_work_and_hazard_for_children_are_never_decent_nor_is_what_nobody_asked(
    staff: Staff, item: str, found: str | None
) -> None:
    from jump.base.outbox import Cause
    from jump.engines.jobs import effects

    countries("2", freely_chosen={"mandatory": True}, no_hazard_under_18={"mandatory": True})
    asked = {"is_freely_chosen": "yes", "is_free_of_hazard": "yes"}
    seen = {"pay_minor_monthly": 500_000, "currency": "PHP", "hours_weekly": 40, "months_expected": 12}
    seen |= dict.fromkeys(("has_written_terms", "has_social_protection", "is_safe", "has_rights"), "yes")
    name = "is_freely_chosen" if item == "freely_chosen" else "is_free_of_hazard"

    def checked(terms: dict[str, Any]) -> jobs.JobView:
        ref = claimed(staff.worker, person_ref=makers.person())
        cause = Cause(f"check of {ref}", Ref("fil-00000009"), staff.colleague, CHECKED)
        effects.verify(cause, job_ref=ref, confirmed="yes", method="visit", **seen, **terms)
        return jobs.job(staff.worker, ref)

    assert checked(asked).is_decent is True
    view = checked({**asked, name: found})
    assert view.is_decent is False
    assert [one.item for one in view.missing] == [item]


# Effects ----------------------------------------------------------------------------------------------


def test_an_accepted_form_claims_and_verifies_a_job_once_however_often_it_is_run(staff: Staff) -> None:
    from jump.base.outbox import Cause
    from jump.engines.jobs import effects

    answers = {
        "pay_monthly": "5000.00",
        "currency": "PHP",
        "hours_weekly": "44",
        "has_written_terms": "yes",
        "has_social_protection": "no",
        "is_safe": "yes",
        "has_rights": "yes",
        "months_expected": 12,
    }
    cause = Cause("sub-00000001#0#0", Ref("fil-00000001"), staff.worker, CLAIMED)
    person, employer = makers.person(), makers.group()
    made = [
        effects.claim(
            cause,
            employer_ref=employer,
            person_ref=person,
            title="Weaver",
            kind="created",
            started_on=STARTED.isoformat(),
            scope=SCOPE,
            **answers,
        )["ref"]
        for _time in range(2)
    ]
    assert made[0] == made[1]
    assert jobs.job(staff.worker, made[0]).terms.pay_minor_monthly == 500_000

    check = Cause("sub-00000002#0#0", Ref("fil-00000002"), staff.colleague, CHECKED)
    for _time in range(2):
        effects.verify(check, job_ref=made[0], confirmed="yes", method="visit", **answers)
    assert Verification.objects.count() == 1
    assert jobs.job(staff.worker, made[0]).is_decent is True

    own = Cause("sub-00000003#0#0", Ref("fil-00000003"), staff.worker, CHECKED)
    with pytest.raises(SamePerson):
        effects.verify(own, job_ref=made[0], confirmed="yes", method="visit", **answers)

    look = Cause("sub-00000004#0#0", Ref("fil-00000004"), staff.colleague, date(2003, 12, 1))
    assert effects.follow_up(look, job_ref=made[0], still_at_work=None) == {"ref": made[0], "recorded": False}
    effects.follow_up(look, job_ref=made[0], still_at_work="yes")
    effects.end(look, job_ref=made[0], why="left")
    assert jobs.job(staff.worker, made[0]).state is State.ENDED


def test_a_job_out_of_reach_is_not_found_by_any_service(staff: Staff, ground: makers.Ground) -> None:
    ref = verified(staff)
    stranger = makers.someone("extension_worker", ground.foreign_scope)
    with pytest.raises(NotFound):
        jobs.job(stranger, ref)
    with pytest.raises(NotAllowed):
        jobs.end_job(stranger, job_ref=ref, on=date(2004, 1, 1), why="closed")
    with pytest.raises(NotAllowed):
        verified(replace(staff, colleague=stranger), ref)
    assert jobs.job(staff.worker, ref).ended_on is None
