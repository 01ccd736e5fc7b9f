"""What evidence shows, to whom, and at what cost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from jump.base.actors import ANONYMOUS
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence import duties
from jump.engines.evidence.models import Submission
from tests import makers
from tests.makers import DAY, MAKER, Ground

PERSON = Ref("per-00000001")


@pytest.mark.django_db
def test_personal_answers_are_masked_for_roles_that_may_not_see_them(ground: Ground) -> None:
    makers.form(data_class="P2")
    sent = makers.submission(makers.someone("extension_worker", ground.scope), by_name="Pedro")
    panel = makers.someone("selection_panel", "trial/")
    author_side = makers.someone("extension_worker", ground.scope)

    masked = evidence.submission(panel, sent.ref)
    clear = evidence.submission(author_side, sent.ref)

    assert masked.answers["host"] == "•••"
    assert masked.answers["worker"] == [{"worker_name": "•••", "hours": 40}, {"worker_name": "•••", "hours": 20}]
    assert masked.masked == {"host", "worker.0.worker_name", "worker.1.worker_name"}
    assert (masked.by_name, clear.by_name) == ("", "Pedro")
    assert clear.answers["host"] == "Maria Santos"
    assert clear.masked == frozenset()


@pytest.mark.django_db
def test_a_personal_form_without_marks_is_personal_as_a_whole(ground: Ground) -> None:
    makers.form("plain", makers.question("story"), data_class="P2")
    sent = makers.submission(form="trial.plain", answers={"story": "mine"})

    assert evidence.submission(makers.someone("extension_worker", ground.scope), sent.ref).answers == {"story": "mine"}
    for role in ("core_team", "selection_panel", "donor"):
        with pytest.raises(NotFound):
            evidence.submission(makers.someone(role, "trial/"), sent.ref)


@pytest.mark.django_db
@pytest.mark.covers("CROSS-04")
def test_a_sensitive_form_reaches_only_its_author_and_those_to_whom_the_case_was_given(ground: Ground) -> None:
    makers.form("health", makers.question("claim"), data_class="P3")
    author = makers.someone("extension_worker", ground.scope)
    sent = makers.submission(author, form="trial.health", answers={"claim": "x"}, about=PERSON)

    for role in ("programme_coordinator", "national_coordinator", "extension_worker"):
        actor = makers.someone(role, "trial/")
        with pytest.raises(NotFound):
            evidence.submission(actor, sent.ref)
        assert evidence.submissions(actor) == []
    assert evidence.submission(author, sent.ref).answers == {"claim": "x"}
    assert evidence.submission(makers.someone("national_coordinator", "trial/", rows=(PERSON,)), sent.ref).answers == {
        "claim": "x"
    }


@pytest.mark.django_db
@pytest.mark.covers("CROSS-03")
def test_forms_are_seen_under_ones_own_places_only(ground: Ground) -> None:
    makers.form()
    here = makers.submission()
    there = makers.submission(scope=ground.foreign_scope)
    worker = makers.someone("extension_worker", ground.country_scope)

    assert [one.ref for one in evidence.submissions(worker)] == [here.ref]
    assert evidence.count_submissions(worker) == 1
    assert evidence.count_submissions(makers.someone("programme_coordinator", "trial/")) == 2
    assert evidence.submissions(ANONYMOUS) == []
    with pytest.raises(NotFound):
        evidence.submission(worker, there.ref)
    assert duties.describe(worker, there.ref) is None
    assert [one.ref for one in evidence.submissions(MAKER, scope=ground.foreign_scope)] == [there.ref]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [2, 25])
def test_a_list_of_forms_costs_the_same_however_long(
    ground: Ground, number: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    makers.form()
    for _ in range(number):
        makers.submission(about=ground.riverside)
    worker = makers.someone("extension_worker", ground.scope)
    evidence.submissions(worker)  # the form version is read once in a process

    with django_assert_max_num_queries(5):
        assert len(evidence.submissions(worker)) == number
    with django_assert_max_num_queries(5):
        assert len(evidence.waiting_for_review(makers.someone("national_coordinator", "trial/"))) == number
    refs = [one.ref for one in evidence.submissions(worker)]
    with django_assert_max_num_queries(1):
        assert len(duties.describe_many(worker, refs)) == number


@pytest.mark.django_db
def test_the_latest_accepted_form_is_whole_for_rules_and_names_every_question(ground: Ground) -> None:
    makers.form(review="none")
    makers.submission(about=PERSON)
    last = makers.submission(about=PERSON, answers=makers.visit_answers(sales=None), on=DAY.replace(day=2))

    found = evidence.latest(PERSON, "trial.visit")

    assert found is not None
    assert (found.ref, found.answers["host"], found.answers["sales"], found.answers["photo"]) == (
        last.ref,
        "Maria Santos",
        None,
        None,
    )
    assert evidence.latest(PERSON, "visit") == found
    assert evidence.latest(Ref("per-00000002"), "visit") is None


@pytest.mark.django_db
def test_a_form_is_shown_in_the_language_asked_for(ground: Ground) -> None:
    makers.form()

    french = {field.name: field for field in evidence.form("trial.visit", language="fr").fields}

    assert french["visited_on"].label == "Jour de la visite"
    assert [one.label for one in french["is_open"].choices] == ["Oui", "Non"]
    assert french["worker"].children[0].path == "worker.worker_name"
    assert (french["host"].data_class, french["visited_on"].required) == ("P2", True)
    english = {field.name: field for field in evidence.form("trial.visit", language="ar").fields}
    assert english["visited_on"].label == "Day of the visit"  # the fallback, never a blank


@pytest.mark.django_db
def test_a_running_matter_keeps_the_form_version_it_began_with(ground: Ground) -> None:
    makers.form()
    makers.form(written=makers.question("other"), version="2")

    assert [one.name for one in evidence.form("trial.visit").fields] == ["other"]
    assert evidence.form("trial.visit", version="1").fields[0].name == "visited_on"
    assert makers.submission(version="1").version == "1"


@pytest.mark.django_db
def test_what_waits_is_due_to_those_who_may_look_and_late_after_two_weeks(ground: Ground) -> None:
    makers.form()
    author = makers.someone("national_coordinator", ground.country_scope)
    sent = makers.submission(author)
    reviewer = makers.someone("national_coordinator", ground.country_scope)

    assert [(one.ref, one.severity) for one in duties.due(reviewer, DAY)] == [(sent.ref, "blue")]
    far = sent.received_at.date().replace(year=sent.received_at.year + 1)
    assert [one.severity for one in duties.due(reviewer, far)] == ["warn"]
    assert list(duties.due(author, DAY)) == []
    assert list(duties.due(makers.someone("donor", "trial/"), DAY)) == []


@pytest.mark.django_db
def test_a_filled_form_leads_on_to_what_it_is_about(ground: Ground) -> None:
    makers.form()
    sent = makers.submission(about=ground.riverside)

    described = duties.describe(MAKER, sent.ref)

    assert described is not None
    assert (described.title, described.place, described.on, described.sources) == (
        "Visit",
        "Riverside",
        DAY,
        (ground.riverside,),
    )


@pytest.mark.django_db
def test_an_export_carries_masked_answers_and_ends_at_the_day(ground: Ground) -> None:
    makers.form()
    makers.submission()
    makers.submission(on=DAY.replace(month=9))
    panel = makers.someone("selection_panel", "trial/")

    [row] = [one for one in duties.export(panel, "trial/", DAY) if one["table"] == "submission"]

    assert (row["answers"]["host"], row["answers"]["sales"]) == ("•••", "120.50")


@pytest.mark.django_db(transaction=True)
def test_the_same_letter_sent_eight_times_at_once_is_kept_once(caused: list[Any]) -> None:
    makers.ground()
    makers.form(review="none")
    refs: list[str] = []
    errors: list[BaseException] = []
    gate = threading.Barrier(8)

    def send() -> None:
        try:
            gate.wait()
            refs.append(makers.submission(key="one letter").ref)
        except BaseException as error:  # shown below, whatever it is
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(refs) == 8
    assert len(set(refs)) == 1
    assert Submission.objects.count() == 1
    from django_tasks_db.models import DBTaskResult

    assert DBTaskResult.objects.count() == 1
