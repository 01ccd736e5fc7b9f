"""Cases and their steps as pages: gates, forms, gatherings, documents, and the look of somebody else."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from jump.base import outbox
from jump.cli.example.fill import Filler
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties
from tests import makers
from tests.web import road_fixtures as road

shipped, programme = road.shipped, road.road_db
pytestmark = pytest.mark.usefixtures("programme")
QUERIES_MAX = 30
PH = "jump/asia/PH/"
DAY_BOXES = {"held_on": "2002-09-30"}


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def answers_to(form: str, **given: Any) -> dict[str, Any]:
    """Answers to every question of a form that must be answered."""
    filler = Filler(random.Random(1), {"by_name": {}, "any": ["As agreed."]})
    return filler.answers(form, road.TODAY, given)


def worker() -> Client:
    return road.as_("liza", "extension_worker", PH)[0]


def coordinator() -> Client:
    return road.as_("jose", "national_coordinator", PH)[0]


def step_of(case: cases.CaseView, key: str) -> cases.StepView:
    found = cases.case(makers.MAKER, case.ref)
    return next(step for step in found.here if step.key == key)


def give(case: cases.CaseView, form: str, **given: Any) -> None:
    """Somebody sends a form about the community, and it is accepted where it needs a look."""
    sent = evidence.submit(
        makers.MAKER,
        form=form,
        answers=answers_to(form, **given),
        scope=case.scope,
        about=case.subject_ref,
        on=road.TODAY,
        key=f"{form} {random.random()}",
    )
    if sent.state == "received":
        evidence.accept(makers.someone("programme_coordinator", "jump/"), ref=sent.ref)
    outbox.drain()


MEMBERS = [
    {
        "member_name": f"Member {number}",
        "member_sex": "female" if number % 2 else "male",
        "member_seat": ("public", "private", "ngo", "worker", "unemployed")[number % 5],
        "member_leads": "yes" if number == 0 else "no",
        "member_consents": "yes",
    }
    for number in range(8)
]


def at_orientation() -> cases.CaseView:
    """A community with its core team: the next step but one is a gathering."""
    case = road.selected()
    give(case, "jump_cer.cer_01")
    give(case, "jump_cer.cer_02", member=MEMBERS)
    return cases.case(makers.MAKER, case.ref)


# Steps and gates ---------------------------------------------------------------------------------------


def test_a_case_shows_every_step_with_its_day_and_whose_it_is() -> None:
    case = road.selected()
    page = worker().get(f"/cases/{case.ref}/").content.decode()
    assert "The road of Bagong Pag-asa" in page
    for step in case.steps:
        is_detour = step.key in ("revision", "contract_refused")
        assert (f">{step.title}<" in page) is not is_detour, (
            "what a refusal leads to is shown when somebody has gone there"
        )
    assert page.count('<tr class="now">') == len(case.here)


def test_who_has_no_right_at_the_place_does_not_see_the_case() -> None:
    case = road.selected()
    other, _actor = road.as_("mali", "extension_worker", "jump/asia/TH/")
    assert other.get(f"/cases/{case.ref}/").status_code == 404
    assert other.get(f"/steps/{case.here[0].ref}/").status_code == 404
    assert Client().get(f"/cases/{case.ref}/").status_code == 302


def test_a_form_step_is_filled_on_its_page_and_the_road_goes_on() -> None:
    case = road.selected()
    step = step_of(case, "stakeholder_map")
    client = worker()
    page = client.get(f"/steps/{step.ref}/").content.decode()
    assert "Fill in the form" in page
    assert "Nothing was sent yet" in page
    data = {"_key": "s" * 32, **road.typed(answers_to("jump_cer.cer_01"))}
    answer = client.post(f"/steps/{step.ref}/fill/", data)
    assert answer.status_code == 302
    assert step_of(case, "core_team").state == "here"
    assert cases.step(makers.MAKER, Ref(step.ref or "")).state == "done"


def test_a_step_takes_only_the_form_that_it_asks_for() -> None:
    case = road.selected()
    step = step_of(case, "stakeholder_map")
    assert worker().get(f"/steps/{step.ref}/fill/?form=jump_cer.cer_e1").status_code == 404


@pytest.mark.covers("CER-01")
def test_a_closed_gate_says_what_is_missing_and_who_may_let_it_pass() -> None:
    case = road.selected()
    give(case, "jump_cer.cer_01")
    give(case, "jump_cer.cer_02")
    step = step_of(case, "core_team")
    page = worker().get(f"/steps/{step.ref}/").content.decode()
    assert "The core team has seven members or more." in page
    assert "Only the national coordinator may let it pass, with a reason." in page
    assert "Let it pass with a reason" not in page
    boss = coordinator().get(f"/steps/{step.ref}/").content.decode()
    assert f'href="/steps/{step.ref}/waive/team_of_seven/"' in boss


def test_a_gate_is_let_pass_with_a_reason_only_and_the_reason_stays_on_the_page() -> None:
    case = road.selected()
    give(case, "jump_cer.cer_01")
    give(case, "jump_cer.cer_02")
    step = step_of(case, "core_team")
    client = coordinator()
    address = f"/steps/{step.ref}/waive/team_of_seven/"
    refused = client.post(address, {"why": " "})
    assert refused.status_code in (409, 422)
    assert "A reason is missing." in refused.content.decode()
    assert not next(g for g in step_of(case, "core_team").gates if g.name == "team_of_seven").waived
    answer = client.post(address, {"why": "A small place: five people are enough."}, follow=True)
    assert "A small place: five people are enough." in answer.content.decode()
    assert next(g for g in step_of(case, "core_team").gates if g.name == "team_of_seven").waived


def test_the_worker_may_not_let_a_gate_pass() -> None:
    case = road.selected()
    give(case, "jump_cer.cer_01")
    step = step_of(case, "core_team")
    assert worker().post(f"/steps/{step.ref}/waive/team_of_seven/", {"why": "Please."}).status_code == 403
    assert not next(g for g in step_of(case, "core_team").gates if g.name == "team_of_seven").waived


@pytest.mark.covers("PROG-07")
def test_a_new_day_needs_a_reason_and_the_old_day_stays() -> None:
    case = road.selected()
    step = step_of(case, "stakeholder_map")
    client = worker()
    boxes = {"due_on": "other", "due_on_day": "20", "due_on_month": "12", "due_on_year": "2002"}
    refused = client.post(f"/steps/{step.ref}/date/", {**boxes, "why": ""})
    assert refused.status_code in (409, 422)
    assert 'value="20"' in refused.content.decode(), "what was typed stays"
    assert step_of(case, "stakeholder_map").due_on == step.due_on
    page = client.post(f"/steps/{step.ref}/date/", {**boxes, "why": "The rains came early."}, follow=True)
    assert "The rains came early." in page.content.decode()
    (dating,) = step_of(case, "stakeholder_map").datings
    assert dating.old_due_on == step.due_on
    assert dating.new_due_on.isoformat() == "2002-12-20"


@pytest.mark.covers("CER-12")
def test_the_list_of_open_steps_is_chosen_by_role_and_lateness_in_few_queries(
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(5):
        road.selected(community_name=f"Purok {number}")
    road.community()
    client = coordinator()
    client.get("/cases/")
    with django_assert_max_num_queries(QUERIES_MAX):
        page = client.get("/cases/").content.decode()
    assert page.count('<th scope="row">') >= 6
    panel = client.get("/cases/", {"role": "selection_panel"}).content.decode()
    assert re.findall(r"<th scope=\"row\"><a[^>]*>([^<]+)", panel) == ["Screening and choice of pilot communities"]
    assert "Nothing is open here" in client.get("/cases/", {"late": "1"}).content.decode()


@pytest.mark.parametrize("role", ["national_coordinator", "extension_worker"])
def test_a_case_and_its_steps_stay_within_their_queries(django_assert_max_num_queries: Any, role: str) -> None:
    case = at_orientation()
    client, _actor = road.as_("somebody", role, PH)
    client.get("/cases/")
    with django_assert_max_num_queries(QUERIES_MAX):
        client.get(f"/cases/{case.ref}/")
    for step in cases.case(makers.MAKER, case.ref).steps:
        if step.ref:
            with django_assert_max_num_queries(QUERIES_MAX):
                assert client.get(f"/steps/{step.ref}/").status_code == 200


# Gatherings --------------------------------------------------------------------------------------------


def gathering(case: cases.CaseView) -> cases.StepView:
    give(case, "jump_cer.material_adaptation")
    return step_of(case, "orientation")


@pytest.mark.covers("CER-02", "CER-03")
def test_a_gathering_is_recorded_by_ticking_people_and_counting_the_others() -> None:
    case = at_orientation()
    step = gathering(case)
    people = [makers.person(case.scope) for _number in range(5)]
    client = worker()
    page = client.get(f"/steps/{step.ref}/gathering/").content.decode()
    for ref in people:
        assert f'value="{ref}"' in page
    data = {
        "_key": "g" * 32,
        **DAY_BOXES,
        "came": people[:3],
        "n-female:15_24": "4",
        "n-male:not_stated": "2",
        "minutes": "We agreed on three days.",
        "products": "date plan\ninvitation list",
    }
    answer = client.post(f"/steps/{step.ref}/gathering/", data)
    assert answer.status_code == 302
    (held,) = cases.sessions(makers.MAKER, case_ref=case.ref)
    assert (held.count.listed, held.count.unlisted, held.count.people_max) == (3, 6, 9)
    assert held.count.by_sex == {"female": 7, "male": 2}
    assert [one.title for one in held.products] == ["date plan", "invitation list"]
    again = client.post(f"/steps/{step.ref}/gathering/", data)
    assert len(cases.sessions(makers.MAKER, case_ref=case.ref)) == 1, "pressed twice is one gathering"
    assert again.status_code == 302
    seen = client.get(f"/gatherings/{held.ref}/").content.decode()
    assert "We agreed on three days." in seen


def test_somebody_new_is_added_with_consent_and_ticked_and_the_rest_of_the_page_stays() -> None:
    case = at_orientation()
    step = gathering(case)
    before = parties.count_people(makers.MAKER, scope=case.scope)
    client = worker()
    data = {
        "_key": "g" * 32,
        "_person_key": "p" * 32,
        **DAY_BOXES,
        "minutes": "Half written.",
        "p-given_name": "Nena",
        "p-family_name": "Santos",
        "p-sex": "female",
        "p-birth_year": "1971",
        "_person": "1",
    }
    refused = client.post(f"/steps/{step.ref}/gathering/", data)
    assert refused.status_code in (409, 422)
    assert "Half written." in refused.content.decode()
    assert 'value="Nena"' in refused.content.decode()
    assert parties.count_people(makers.MAKER, scope=case.scope) == before, "nobody is written down without consent"
    taken = client.post(f"/steps/{step.ref}/gathering/", {**data, "p-consent": "on"})
    page = taken.content.decode()
    assert taken.status_code == 200
    assert "Nena is added and ticked." in page
    assert "Half written." in page
    (person,) = parties.people(makers.MAKER, scope=case.scope)
    assert re.search(rf'value="{person.ref}" checked', page)
    assert cases.sessions(makers.MAKER, case_ref=case.ref) == [], "nothing else is saved yet"
    client.post(f"/steps/{step.ref}/gathering/", {"_key": "g" * 32, **DAY_BOXES, "came": [person.ref]})
    (held,) = cases.sessions(makers.MAKER, case_ref=case.ref)
    assert [one.person_ref for one in cases.attendees(makers.MAKER, held.ref)] == [person.ref]


def test_a_gathering_ahead_of_today_is_refused_and_what_was_typed_stays() -> None:
    case = at_orientation()
    step = gathering(case)
    person = makers.person(case.scope)
    data = {"_key": "g" * 32, "held_on": "2003-05-01", "came": [person], "minutes": "To come."}
    answer = worker().post(f"/steps/{step.ref}/gathering/", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The day must not be in the future" in page
    assert "To come." in page
    assert re.search(rf'value="{person}" checked', page)
    assert cases.sessions(makers.MAKER, case_ref=case.ref) == []


def test_a_core_team_sees_no_names_and_counts_people_instead() -> None:
    case = at_orientation()
    step = gathering(case)
    person = makers.person(case.scope, given_name="Secretnamed")
    client, _actor = road.as_("core", "core_team", case.scope)
    page = client.get(f"/steps/{step.ref}/gathering/").content.decode()
    assert "Secretnamed" not in page
    assert person not in page
    assert "Names are not shown to your role" in page
    client.post(f"/steps/{step.ref}/gathering/", {"_key": "g" * 32, **DAY_BOXES, "n-female:not_stated": "8"})
    (held,) = cases.sessions(makers.MAKER, case_ref=case.ref)
    assert held.count.people_max == 8


# Forms and their review --------------------------------------------------------------------------------


def letter(**changes: Any) -> evidence.SubmissionView:
    from jump.base.actors import ANONYMOUS

    return evidence.submit(
        ANONYMOUS,
        form="jump_cer.letter_of_interest",
        answers={**road.LETTER, **changes},
        scope="jump/",
        on=road.TODAY,
        key=f"letter {changes}",
    )


def test_the_queue_shows_what_waits_and_never_ones_own() -> None:
    sent = letter()
    client, actor = road.as_("ana", "programme_coordinator")
    mine = evidence.submit(
        actor,
        form="jump.policy_uptake",
        answers=answers_to("jump.policy_uptake"),
        scope="jump/",
        on=road.TODAY,
        key="mine",
    )
    page = client.get("/reviews/").content.decode()
    assert f'href="/submissions/{sent.ref}/"' in page
    assert mine.ref not in page
    own = client.get(f"/submissions/{mine.ref}/").content.decode()
    assert "You wrote this yourself, so somebody else has to look at it." in own
    assert "Save what you found" not in own
    assert client.post(f"/submissions/{mine.ref}/look/", {"verdict": "accept"}).status_code == 403
    assert evidence.submission(makers.MAKER, mine.ref).state == "received"


@pytest.mark.covers("SELECT-06")
def test_an_accepted_letter_begins_the_road_of_its_community() -> None:
    sent = letter()
    client, _actor = road.as_("ana", "programme_coordinator")
    client.post(f"/submissions/{sent.ref}/look/", {"verdict": "accept", "why": ""})
    outbox.drain()
    assert evidence.submission(makers.MAKER, sent.ref).state == "accepted"
    (row,) = cases.cases(makers.MAKER)
    assert row.title.startswith("Bagong Pag-asa")


def test_a_refusal_needs_its_reason_and_keeps_the_page() -> None:
    sent = letter()
    client, _actor = road.as_("ana", "programme_coordinator")
    answer = client.post(f"/submissions/{sent.ref}/look/", {"verdict": "reject", "why": ""})
    assert answer.status_code == 422
    assert "Say why." in answer.content.decode()
    assert evidence.submission(makers.MAKER, sent.ref).state == "received"
    client.post(f"/submissions/{sent.ref}/look/", {"verdict": "reject", "why": "Not in the programme area."})
    assert evidence.submission(makers.MAKER, sent.ref).state == "rejected"


def test_a_form_sent_back_carries_its_remarks_to_the_writer_who_sends_it_again() -> None:
    case = road.selected()
    client, actor = road.as_("liza", "extension_worker", PH)
    sent = evidence.submit(
        actor,
        form="jump_cer.improvement",
        answers=answers_to("jump_cer.improvement", title="New well"),
        scope=case.scope,
        about=case.subject_ref,
        on=road.TODAY,
        key="well",
    )
    boss = coordinator()
    boss.post(f"/submissions/{sent.ref}/look/", {"verdict": "send_back", "why": "", "remark-title": "Which well?"})
    assert evidence.submission(makers.MAKER, sent.ref).state == "sent_back"
    assert "Which well?" in client.get(f"/submissions/{sent.ref}/").content.decode()
    page = client.get(f"/submissions/{sent.ref}/again/").content.decode()
    assert "Which well?" in page
    assert 'value="New well"' in page
    data = {"_key": "w" * 32, **road.typed({**sent.answers, "title": "New well at the school"})}
    client.post(f"/submissions/{sent.ref}/again/", data)
    now = evidence.submission(makers.MAKER, sent.ref)
    assert (now.state, now.answers["title"]) == ("received", "New well at the school")


def test_answers_about_people_are_hidden_from_who_may_not_see_them() -> None:
    sent = letter()
    client, _actor = road.as_("moses", "selection_panel")
    page = client.get(f"/submissions/{sent.ref}/").content.decode()
    assert "Rosa Cruz" not in page
    assert "Not shown to you" in page
    assert client.post(f"/submissions/{sent.ref}/look/", {"verdict": "accept"}).status_code == 403
    assert evidence.submission(makers.MAKER, sent.ref).state == "received"


def test_the_queue_and_a_form_stay_within_their_queries(django_assert_max_num_queries: Any) -> None:
    sent = [letter(community_name=f"Purok {number}") for number in range(8)]
    client, _actor = road.as_("ana", "programme_coordinator")
    client.get("/reviews/")
    with django_assert_max_num_queries(QUERIES_MAX):
        assert client.get("/reviews/").content.decode().count("/submissions/sub-") == 8
    with django_assert_max_num_queries(QUERIES_MAX):
        client.get(f"/submissions/{sent[0].ref}/")


def test_of_many_ticked_each_has_its_outcome_and_a_refusal_holds_up_no_other() -> None:
    sent = [letter(community_name=f"Purok {number}") for number in range(3)]
    client, _actor = road.as_("ana", "programme_coordinator")
    evidence.reject(makers.MAKER, ref=sent[1].ref, why="Somebody was quicker")
    data = {"ref": [one.ref for one in sent], "verdict": "accept", "why": ""}

    page = client.post("/reviews/many/", data).content.decode()

    assert "This form is not waiting for a review" in page
    states = [evidence.submission(makers.MAKER, one.ref).state for one in sent]
    assert states == ["accepted", "rejected", "accepted"]
    empty = client.post("/reviews/many/", {"verdict": "accept"})
    assert (empty.status_code, "0 forms are chosen." in empty.content.decode()) == (422, True)


def test_the_desk_is_narrowed_by_form_place_sender_and_odd_answers() -> None:
    sent = letter()
    client, _actor = road.as_("ana", "programme_coordinator")
    for address, found in (
        ("form=jump_cer.letter_of_interest", True),
        ("form=jump_cer.visit_report", False),
        ("scope=jump/asia/TH/", False),
        ("flagged=1", False),
    ):
        assert (sent.ref in client.get(f"/reviews/?{address}").content.decode()) is found, address


def test_what_a_letter_would_become_is_shown_and_nothing_is_kept() -> None:
    sent = letter()
    client, _actor = road.as_("ana", "programme_coordinator")
    page = client.get(f"/submissions/{sent.ref}/becomes/").content.decode()
    assert "Bagong Pag-asa" in page
    assert "A community" in page
    outbox.drain()
    assert cases.cases(makers.MAKER) == []
    assert evidence.submission(makers.MAKER, sent.ref).state == "received"


def test_an_acceptance_is_taken_back_with_a_reason_and_what_came_of_it_is_shown() -> None:
    sent = letter()
    client, _actor = road.as_("ana", "programme_coordinator")
    client.post(f"/submissions/{sent.ref}/look/", {"verdict": "accept", "why": ""})
    assert "What came of it" in client.get(f"/submissions/{sent.ref}/").content.decode()
    assert client.post(f"/submissions/{sent.ref}/withdraw/", {"why": " "}).status_code == 422
    client.post(f"/submissions/{sent.ref}/withdraw/", {"why": "Two letters of one place"})
    assert evidence.submission(makers.MAKER, sent.ref).state == "received"
    assert "It cannot be taken back by itself." in client.get(f"/submissions/{sent.ref}/").content.decode()


def test_a_correction_is_shown_beside_what_was_accepted() -> None:
    sent = letter()
    client, _actor = road.as_("ana", "programme_coordinator")
    evidence.accept(makers.MAKER, ref=sent.ref)
    answers = {**road.LETTER, "community_name": "Bagong Buhay"}
    evidence.revise(makers.MAKER, ref=sent.ref, answers=answers, on=road.TODAY, key="edit")
    page = client.get(f"/submissions/{sent.ref}/").content.decode()
    assert "What it would change" in page
    assert "Bagong Buhay" in page
    assert "Bagong Pag-asa" in page
    assert sent.ref in client.get("/reviews/").content.decode()


def test_an_empty_queue_says_when_something_comes() -> None:
    client, _actor = road.as_("ana", "programme_coordinator")
    assert "Nothing waits for you" in client.get("/reviews/").content.decode()


# Documents ---------------------------------------------------------------------------------------------


def document(case: cases.CaseView, definition: str) -> evidence.DossierView:
    ref = evidence.open_dossier(
        makers.MAKER, definition=definition, about=case.subject_ref, scope=case.scope, on=road.TODAY
    )
    return evidence.dossier(makers.MAKER, ref)


def plan(priorities: int = 2) -> dict[str, Any]:
    return answers_to("jump_cer.renewal_plan_text")


@pytest.mark.covers("CER-06")
def test_a_workbook_shows_what_is_there_and_what_is_missing() -> None:
    case = road.selected()
    found = document(case, "jump_cer.workbook_1")
    client = worker()
    page = client.get(f"/dossiers/{found.ref}/").content.decode()
    assert f"0 of {found.denominator} parts are there." in page
    assert "Community profile" in page
    data = {"_key": "d" * 32, **road.typed(answers_to("jump_cer.cer_a1", currency="PHP"))}
    answer = client.post(f"/dossiers/{found.ref}/profile/", data, follow=True)
    assert f"1 of {found.denominator} parts are there." in answer.content.decode()


def test_an_incomplete_document_is_not_signed_and_says_what_is_missing() -> None:
    case = road.selected()
    found = document(case, "jump_cer.workbook_1")
    answer = worker().post(f"/dossiers/{found.ref}/sign/")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Community profile" in page
    assert evidence.dossier(makers.MAKER, found.ref).signed_on is None


def test_only_the_named_role_is_offered_the_signature_and_can_give_it() -> None:
    case = road.selected()
    found = document(case, "jump_cer.workbook_1")
    client = coordinator()
    assert ">Sign</button>" not in client.get(f"/dossiers/{found.ref}/").content.decode()
    assert client.post(f"/dossiers/{found.ref}/sign/").status_code == 403
    assert ">Sign</button>" in worker().get(f"/dossiers/{found.ref}/").content.decode()


@pytest.mark.covers("CER-14")
def test_two_versions_of_a_document_are_compared_side_by_side() -> None:
    case = road.selected()
    found = document(case, "jump_cer.proposal")
    client = worker()
    answers = answers_to("jump_cer.cer_e4")
    text = (
        next(name for name, value in answers.items() if value == "As agreed.")
        if "As agreed." in answers.values()
        else ""
    )
    give(case, "jump_cer.cer_e4")
    client.post(f"/dossiers/{found.ref}/freeze/")
    give(case, "jump_cer.cer_e4", **({text: "Something else."} if text else {}))
    client.post(f"/dossiers/{found.ref}/freeze/")
    page = client.get(f"/dossiers/{found.ref}/compare/").content.decode()
    assert "What changed from version 1 to 2?" in page
    assert "Number of forms" in page
    if text:
        assert "As agreed." in page
        assert "Something else." in page


def test_a_document_stays_within_its_queries(django_assert_max_num_queries: Any) -> None:
    case = road.selected()
    found = document(case, "jump_cer.workbook_1")
    for number in range(4):
        give(case, "jump_cer.cer_c1", title=f"Idea {number}")
    client = worker()
    client.get("/cases/")
    with django_assert_max_num_queries(QUERIES_MAX):
        assert client.get(f"/dossiers/{found.ref}/").status_code == 200
