"""Jobs as readers use them: claimed by one, looked at by another, counted by rules that anybody can read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.makers import Ground

pytestmark = pytest.mark.django_db
PLACE = "trial/asia/PH/riverside/"
CLAIM = """
| survey |
| | type | name | label::English (en) | required | relevant |
| | text | person_ref | Reference of the person | | |
| | text | given_name | Given name | yes | ${person_ref} = '' |
| | text | family_name | Family name | yes | ${person_ref} = '' |
| | select_one sex | sex | Sex | yes | ${person_ref} = '' |
| | integer | birth_year | Year of birth | yes | ${person_ref} = '' |
| | select_multiple consent | consents | What the person agrees to | yes | ${person_ref} = '' |
| | select_one kind | kind | Kind of job | yes | |
| | text | title | Work done | yes | |
| | date | started_on | Started on | yes | |
| | decimal | hours_weekly | Hours in a week | yes | |
| | decimal | pay_monthly | Pay in a month | yes | |
| | text | currency | Currency | yes | |
| | select_one yes_no | has_written_terms | Written terms? | yes | |
| | select_one yes_no | has_social_protection | Cover? | yes | |
| | select_one yes_no | is_safe | Safe? | yes | |
| | select_one yes_no | has_rights | A voice? | yes | |
| | integer | months_expected | Months it should last | yes | |

| choices |
| | list_name | name | label::English (en) |
| | sex | female | Woman |
| | sex | male | Man |
| | consent | records | The programme may keep this record |
| | kind | created | Created |
| | kind | preserved | Preserved |
| | yes_no | yes | Yes |
| | yes_no | no | No |

| settings |
| | form_title | form_id | default_language |
| | Job claim | job_claim | English (en) |
"""
LOOK = """
| survey |
| | type | name | label::English (en) | required | relevant |
| | text | job_ref | Reference of the job | yes | |
| | select_one method | method | How | yes | |
| | select_one yes_no | confirmed | Does this person hold this post? | yes | |
| | text | note_text | Note | | |

| choices |
| | list_name | name | label::English (en) |
| | method | visit | Visit |
| | method | phone | Telephone |
| | yes_no | yes | Yes |
| | yes_no | no | No |

| settings |
| | form_title | form_id | default_language |
| | Job verification | job_verification | English (en) |
"""
LATER = """
| survey |
| | type | name | label::English (en) | required | relevant |
| | text | job_ref | Reference of the job | yes | |
| | select_one yes_no | still_at_work | Still in this job? | yes | |

| choices |
| | list_name | name | label::English (en) |
| | yes_no | yes | Yes |
| | yes_no | no | No |

| settings |
| | form_title | form_id | default_language |
| | Job follow-up | follow_up | English (en) |
"""
TERMS = (
    "pay_monthly",
    "currency",
    "hours_weekly",
    "has_written_terms",
    "has_social_protection",
    "is_safe",
    "has_rights",
    "months_expected",
)


@pytest.fixture
def ground(db: None) -> Ground:
    """A programme with a decent-work test, and the three forms of jobs."""
    from tests import makers
    from tests.engines.jobs.makers import countries

    made = makers.ground()
    countries()
    person = {name: f"$?answers.{name}" for name in ("person_ref", "given_name", "family_name", "sex", "birth_year")}
    makers.form(
        "job_claim",
        CLAIM,
        subject="job",
        review="none",
        public=False,
        about="group",
        data_class="P2",
        on_accept=[
            {
                "effect": "parties.register_person",
                "with": {**person, "consents": "$?answers.consents", "scope": "$scope"},
                "bind": "person",
            },
            {
                "effect": "jobs.claim",
                "with": {
                    "employer_ref": "$about",
                    "person_ref": "$person.ref",
                    "title": "$answers.title",
                    "kind": "$answers.kind",
                    "started_on": "$answers.started_on",
                    "scope": "$scope",
                    "evidence_ref": "$submission",
                    **{name: f"$answers.{name}" for name in TERMS},
                },
                "bind": "job",
            },
        ],
    )
    makers.form(
        "job_verification",
        LOOK,
        subject="job",
        review="none",
        public=False,
        about="job",
        data_class="P2",
        on_accept=[
            {
                "effect": "jobs.verify",
                "with": {
                    "job_ref": "$answers.job_ref",
                    "confirmed": "$answers.confirmed",
                    "method": "$answers.method",
                    "evidence_ref": "$submission",
                    "note": "$?answers.note_text",
                },
            }
        ],
    )
    makers.form(
        "follow_up",
        LATER,
        subject="job",
        review="none",
        public=False,
        about="job",
        data_class="P2",
        on_accept=[
            {
                "effect": "jobs.follow_up",
                "with": {
                    "job_ref": "$answers.job_ref",
                    "still_at_work": "$?answers.still_at_work",
                    "evidence_ref": "$submission",
                },
            }
        ],
    )
    return made


@pytest.fixture
def worker(ground: Ground) -> Reader:
    return reader("extension_worker", "trial/asia/PH/", "Liza")


@pytest.fixture
def colleague(ground: Ground) -> Reader:
    return reader("extension_worker", "trial/asia/PH/", "Ben")


@pytest.fixture
def maria(ground: Ground) -> Ref:
    from tests import makers

    return makers.person(given_name="María", family_name="Santos")


@pytest.fixture
def mill(ground: Ground, maria: Ref) -> Ref:
    from tests import makers

    return makers.group(name="Rice mill", members=[maria])


def typed(**changes: Any) -> dict[str, Any]:
    answers = {
        "kind": "created",
        "title": "Miller",
        "started_on_day": "1",
        "started_on_month": "6",
        "started_on_year": "2003",
        "hours_weekly": "44",
        "pay_monthly": "5,000",
        "currency": "PHP",
        "has_written_terms": "yes",
        "has_social_protection": "yes",
        "is_safe": "yes",
        "has_rights": "yes",
        "months_expected": "12",
        **changes,
    }
    return {"_key": "claim-1", **{f"a-{name}": value for name, value in answers.items()}}


def claimed(by: Reader, mill: Ref, maria: Ref, **changes: Any) -> Ref:
    from jump.engines.jobs import api as jobs

    answer = by.client.post(f"/groups/{mill}/claim/?person={maria}", typed(**changes))
    assert answer.status_code == 302, words(answer)
    return jobs.jobs(by.actor)[0].ref


def looked(by: Reader, job: Ref, **changes: Any) -> Any:
    sent = {"_key": f"look-{by.user.pk}", "a-method": "visit", "a-confirmed": "yes", **changes}
    return by.client.post(f"/jobs/{job}/verify/", sent, follow=True)


# Claiming ---------------------------------------------------------------------------------------------


def test_a_claim_names_a_member_and_waits_for_somebody_else(worker: Reader, mill: Ref, maria: Ref) -> None:
    from jump.engines.jobs import api as jobs

    assert "María Santos" in words(worker.client.get(f"/groups/{mill}/claim/"))
    form = words(worker.client.get(f"/groups/{mill}/claim/?person={maria}"))
    assert "María Santos at Rice mill" in form
    assert "Given name" not in form
    job = claimed(worker, mill, maria)
    view = jobs.job(worker.actor, job)
    assert (view.person_ref, view.employer_ref, view.state) == (maria, mill, "claimed")
    text = words(worker.client.get(f"/jobs/{job}/"))
    assert "You reported this job, so somebody else must look at it." in text
    assert "Claimed, waits for a look" in text


def test_a_new_worker_is_registered_with_consent_by_the_same_form(worker: Reader, mill: Ref) -> None:
    from jump.engines.jobs import api as jobs

    sent = typed(given_name="Rosa", family_name="Lim", sex="female", birth_year="1984", consents=["records"])
    worker.client.post(f"/groups/{mill}/claim/?person=new", sent)
    (one,) = jobs.jobs(worker.actor)
    assert one.person_name == "Rosa Lim"


def test_a_claim_with_gaps_is_not_kept_and_what_was_typed_stays(worker: Reader, mill: Ref, maria: Ref) -> None:
    from jump.engines.jobs import api as jobs

    answer = worker.client.post(f"/groups/{mill}/claim/?person={maria}", typed(kind="", title="Head miller"))
    assert answer.status_code == 422
    assert 'value="Head miller"' in answer.content.decode()
    assert jobs.count_jobs(worker.actor) == 0


def test_a_claim_that_cannot_become_a_job_says_so_and_the_form_is_kept(worker: Reader, mill: Ref, maria: Ref) -> None:
    from jump.engines.jobs import api as jobs

    answer = worker.client.post(f"/groups/{mill}/claim/?person={maria}", typed(kind="preserved"), follow=True)
    assert "but no job could be made of it" in words(answer)
    assert jobs.count_jobs(worker.actor) == 0


@pytest.mark.parametrize("role", ["programme_coordinator", "fund_manager", "donor", "selection_panel"])
def test_only_those_who_may_claim_see_the_form(ground: Ground, mill: Ref, role: str) -> None:
    other = reader(role, "trial/")
    assert other.client.get(f"/groups/{mill}/claim/?person=new").status_code == 403
    assert other.client.post(f"/groups/{mill}/claim/?person=new", typed()).status_code == 403


# Looking ----------------------------------------------------------------------------------------------


def test_a_colleague_looks_and_the_job_counts(worker: Reader, colleague: Reader, mill: Ref, maria: Ref) -> None:
    job = claimed(worker, mill, maria)
    assert "María Santos" in words(colleague.client.get("/jobs/waiting/"))
    assert "María Santos" not in words(worker.client.get("/jobs/waiting/"))
    done = words(looked(colleague, job))
    assert "Saved: the job is verified and decent. It counts." in done
    assert "Confirmed by a visit Ben Trial" in done
    assert "Every floor of the country is reached." in done


def test_the_claimant_cannot_look_at_the_own_claim(worker: Reader, mill: Ref, maria: Ref) -> None:
    from jump.engines.evidence import api as evidence
    from jump.engines.jobs import api as jobs

    job = claimed(worker, mill, maria)
    before = evidence.count_submissions(worker.actor) if hasattr(evidence, "count_submissions") else 0
    for answer in (worker.client.get(f"/jobs/{job}/verify/"), looked(worker, job)):
        assert answer.status_code == 409
        assert f"You reported job {job} yourself, so somebody else must check it." in words(answer)
    assert jobs.job(worker.actor, job).state == "claimed"
    if before:
        assert evidence.count_submissions(worker.actor) == before


def test_floors_that_are_missed_are_named_with_what_was_asked_and_found(
    worker: Reader, colleague: Reader, mill: Ref, maria: Ref
) -> None:
    job = claimed(worker, mill, maria, pay_monthly="4,000", has_written_terms="no")
    text = words(looked(colleague, job))
    assert "Saved: the job is verified. It does not pass the decent-work test yet." in text
    assert "Pay in a month 4500.00 PHP 4000.00 PHP" in text
    assert "Written terms yes no" in text
    listed = words(colleague.client.get("/jobs/?decent=no"))
    assert "Pay in a month, Written terms" in listed
    assert "María Santos" not in words(colleague.client.get("/jobs/?decent=yes"))


def test_a_job_that_was_not_found_does_not_count(worker: Reader, colleague: Reader, mill: Ref, maria: Ref) -> None:
    job = claimed(worker, mill, maria)
    text = words(looked(colleague, job, **{"a-confirmed": "no", "a-note_text": "Nobody works here"}))
    assert "Saved: the job is not confirmed. It does not count." in text
    assert "Counted No" in text
    assert "Nobody works here" in text


def test_who_may_look_is_said_by_role_and_place(worker: Reader, mill: Ref, maria: Ref) -> None:
    job = claimed(worker, mill, maria)
    assert reader("core_team", "trial/").client.get(f"/jobs/{job}/verify/").status_code == 403
    assert reader("extension_worker", "trial/asia/TH/").client.get(f"/jobs/{job}/verify/").status_code == 404
    assert reader("extension_worker", "trial/asia/TH/").client.get(f"/jobs/{job}/").status_code == 404
    assert reader("national_coordinator", "trial/asia/PH/").client.get(f"/jobs/{job}/verify/").status_code == 200


# Later ------------------------------------------------------------------------------------------------


def test_a_follow_up_is_kept_and_the_end_has_its_reason(
    worker: Reader, colleague: Reader, mill: Ref, maria: Ref
) -> None:
    from jump.engines.jobs import api as jobs

    job = claimed(worker, mill, maria)
    looked(colleague, job)
    done = worker.client.post(f"/jobs/{job}/follow-up/", {"_key": "later-1", "a-still_at_work": "yes"}, follow=True)
    assert "Still at work" in words(done)
    no_reason = worker.client.post(f"/jobs/{job}/end/", {"key": "e", "on": "2004-06-01", "reason": ""})
    assert no_reason.status_code == 422
    worker.client.post(f"/jobs/{job}/end/", {"key": "e", "on": "2004-06-01", "reason": "season", "words": "Floods"})
    view = jobs.job(worker.actor, job)
    assert (view.state, view.ended_on, view.end_reason) == ("ended", date(2004, 6, 1), "The season ended: Floods")


# Counting ---------------------------------------------------------------------------------------------


@pytest.mark.covers("CONVERT-06")
def test_the_statement_leads_from_claims_to_decent_jobs_rule_by_rule_and_never_adds_kinds(
    worker: Reader, colleague: Reader, mill: Ref, maria: Ref
) -> None:
    from tests.engines.jobs import makers as job_makers

    looked(colleague, claimed(worker, mill, maria))
    job_makers.claimed(worker.actor, employer_ref=mill)
    staff = job_makers.Staff(worker.actor, colleague.actor, colleague.actor, colleague.actor)
    job_makers.verified(staff, kind="placed")
    text = words(worker.client.get("/jobs/statement/"))
    created = text[text.index("Created The job did not exist before.") : text.index("Preserved The job existed")]
    assert "Claims 2 Verified 1 Decent jobs 1 People 1" in created
    assert "Nobody but the claimant has confirmed the job yet. Show it : Created," in created
    placed = text[text.index("Placed A person started") :]
    assert "Claims 1 Verified 1 Decent jobs 1" in placed
    assert "The kinds are never added together." in text
    assert "Claims 3" not in text


def test_the_list_is_filtered_by_state_kind_and_place_and_comes_as_a_spreadsheet(
    worker: Reader, mill: Ref, maria: Ref
) -> None:
    claimed(worker, mill, maria)
    assert "María Santos" in words(worker.client.get(f"/jobs/?state=claimed&kind=created&scope={PLACE}"))
    for nothing in ("state=verified", "kind=placed", "scope=trial/asia/PH/hilltop/"):
        text = words(worker.client.get(f"/jobs/?{nothing}"))
        assert "Nothing fits these choices" in text, nothing
    assert worker.client.get("/jobs/?as=excel").status_code == 200


def test_no_jobs_page_asks_the_database_more_often_when_there_are_more_jobs(
    worker: Reader, colleague: Reader, mill: Ref, maria: Ref, django_assert_max_num_queries: Any
) -> None:
    from tests.engines.jobs import makers as job_makers

    job = claimed(worker, mill, maria)
    looked(colleague, job)
    for _number in range(12):
        job_makers.claimed(worker.actor)
    for path in ("/jobs/", f"/jobs/{job}/", "/jobs/waiting/", "/jobs/statement/", "/jobs/claim/", f"/groups/{mill}/"):
        colleague.client.get(path)
        with django_assert_max_num_queries(QUERIES_MAX):
            assert colleague.client.get(path).status_code == 200, path
