"""Two people change one form, each without a network: nothing that either wrote is lost, and a person decides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.engines.evidence import api as evidence
from jump.engines.evidence.definitions import merging
from jump.engines.evidence.models import EditConflict, HeldBack, Submission
from jump.engines.evidence.services import forget_submissions
from jump.engines.evidence.services.refusals import ConflictUndecided, NotWaiting, OwnWork, ReasonMissing
from tests import makers
from tests.engines.evidence.sending import instance

RIVERSIDE = "trial/asia/PH/riverside/"
FIELDS: list[dict[str, Any]] = [
    {"key": "name", "name": "name", "type": "text"},
    {"key": "income", "name": "income", "type": "decimal"},
    {"key": "tools", "name": "tools", "type": "select_multiple"},
    {
        "key": "part",
        "name": "part",
        "type": "group",
        "children": [{"key": "rooms", "name": "rooms", "type": "integer"}],
    },
    {
        "key": "member",
        "name": "member",
        "type": "repeat",
        "children": [
            {"key": "who", "name": "who", "type": "text"},
            {"key": "age", "name": "age", "type": "integer"},
        ],
    },
    {"key": "total", "name": "total", "type": "calculate", "calculate": "1 + 1"},
    {"key": "ended", "name": "ended", "type": "hidden", "meta": "end"},
]
WORDS = st.sampled_from(["a", "b", "c", "d"])
ROWS = st.lists(st.fixed_dictionaries({"who": WORDS}, optional={"age": st.integers(1, 3)}), min_size=1, max_size=3)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "name": WORDS,
        "income": st.sampled_from(["1.5", "2", "3.25"]),
        "tools": st.lists(WORDS, min_size=1, max_size=2, unique=True),
        "rooms": st.integers(1, 3),
        "member": ROWS,
    },
)


def leaves(answers: dict[str, Any]) -> dict[str, Any]:
    """Every answer by its path; the rows of a repeat one by one, and all together."""
    found: dict[str, Any] = {}
    for key, value in answers.items():
        found[key] = value
        if key == "member":
            found.update({f"member.{at}.{name}": one for at, row in enumerate(value) for name, one in row.items()})
    return found


@given(base=ANSWERS, one=ANSWERS, other=ANSWERS)
def test_whatever_the_order_of_arrival_no_value_of_either_edit_is_lost(
    base: dict[str, Any], one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Each value that an edit changed stands, or lies beside the other's for a person; and the questions on which the
    two contradict each other are the same whoever came first."""
    hard = []
    for first, later in ((one, other), (other, one)):
        standing = merging.merge(FIELDS, base, base, first)
        assert standing.answers == first, "an edit alone takes the place of what stood"
        assert not standing.is_parallel
        merged = merging.merge(FIELDS, base, standing.answers, later)
        kept = [(line.path, value) for line in merged.differences for value in (line.first, line.later)]
        kept += leaves(merged.answers).items()
        for edit in (first, later):
            for path, value in leaves(edit).items():
                if value != leaves(base).get(path) and not (path == "member" or path.startswith("member.")):
                    assert (path, value) in kept
        rows = [line for line in merged.differences if line.path == "member"]
        for edit in (first, later):
            for path, value in leaves(edit).items():
                if path.startswith("member.") and value != leaves(base).get(path):
                    assert (rows and edit["member"] in (rows[0].first, rows[0].later)) or (path, value) in kept
        for line in merged.hard:
            assert merging.answer_at(merged.answers, line.path) == line.first, "nothing is put there before a decision"
        hard.append({line.path for line in merged.hard})
    assert hard[0] == hard[1]


@given(base=ANSWERS, later=ANSWERS)
def test_an_edit_of_what_nobody_else_changed_is_simply_the_newer_answers(
    base: dict[str, Any], later: dict[str, Any]
) -> None:
    merged = merging.merge(FIELDS, base, base, later)
    assert merged.answers == later
    assert not merged.hard


def test_what_the_form_works_out_and_the_phone_notes_never_contradicts() -> None:
    base = {"name": "a", "total": "2", "ended": "2004-03-01T10:00:00"}
    first = {"name": "b", "total": "3", "ended": "2004-03-02T10:00:00"}
    merged = merging.merge(FIELDS, base, first, {**base, "ended": "2004-03-03T10:00:00", "total": "4"})
    assert merged.answers == {"name": "b", "ended": "2004-03-03T10:00:00"}
    assert merged.hard == ()


def test_the_same_number_written_otherwise_is_the_same_answer() -> None:
    merged = merging.merge(FIELDS, {"income": "1.50"}, {"income": "1.5"}, {"income": "2"})
    assert (merged.answers, merged.is_parallel) == ({"income": "2"}, False)


# With the database ---------------------------------------------------------------------------------------


@pytest.fixture
def liza(db: None) -> Actor:
    makers.ground()
    makers.form(review="all")
    return makers.someone("extension_worker", RIVERSIDE)


@pytest.fixture
def jose(liza: Actor) -> Actor:
    return makers.someone("national_coordinator", "trial/asia/PH/")


def sent(actor: Actor, number: str, base: str = "", **answers: str) -> Any:
    """A form from a phone; `answers` take the place of those of the usual visit."""
    xml = instance(number, deprecated=base).decode()
    usual = {"host": "Maria Santos", "sales": "120.5", "is_open": "yes"}
    for name, value in answers.items():
        was = f"<{name}>{usual[name]}</{name}>"
        assert was in xml
        xml = xml.replace(was, f"<{name}>{value}</{name}>")
    return evidence.receive(actor, xml=xml.encode(), scope=RIVERSIDE)


def answers() -> dict[str, Any]:
    row = Submission.objects.get()
    return dict(evidence.submission(makers.MAKER, row.ref).answers)


@pytest.mark.covers("CROSS-05")
def test_two_phones_that_changed_different_questions_are_merged_and_both_changes_are_shown(
    liza: Actor, jose: Actor
) -> None:
    sent(liza, "uuid:1")
    sent(liza, "uuid:2", "uuid:1", host="Ana Lim")
    sent(liza, "uuid:3", "uuid:1", sales="99")

    assert (answers()["host"], str(answers()["sales"])) == ("Ana Lim", "99")
    row = Submission.objects.get()
    assert (row.revision, row.state) == (3, "received")
    assert {(one["path"], one["code"]) for one in row.flags} >= {
        ("host", "edited_at_once"),
        ("sales", "edited_at_once"),
    }
    view = evidence.conflict(jose, EditConflict.objects.get().ref)
    assert view.state == evidence.ConflictState.MERGED
    assert {(one.path, one.is_hard) for one in view.lines} == {("host", False), ("sales", False)}
    assert evidence.count_conflicts(jose) == 0, "nothing waits for a decision"


@pytest.mark.covers("CROSS-05")
@pytest.mark.parametrize("choice", ["first", "later"])
def test_the_same_question_keeps_what_stands_until_a_person_decides_with_a_reason(
    liza: Actor, jose: Actor, choice: str
) -> None:
    sent(liza, "uuid:1")
    sent(liza, "uuid:2", "uuid:1", host="Ana Lim")
    sent(liza, "uuid:3", "uuid:1", host="Rosa Diaz", sales="99")
    assert (answers()["host"], str(answers()["sales"])) == ("Ana Lim", "99")

    (waiting,) = evidence.conflicts(jose)
    view = evidence.conflict(jose, waiting.ref)
    line = next(one for one in view.lines if one.is_hard)
    assert (line.path, line.base, line.first, line.later) == ("host", "Maria Santos", "Ana Lim", "Rosa Diaz")
    assert view.may_decide

    with pytest.raises(ReasonMissing):
        evidence.decide_conflict(jose, ref=view.ref, choices={"host": choice}, why=" ")
    for wrong in ({}, {"host": "both"}):
        with pytest.raises(ConflictUndecided):
            evidence.decide_conflict(jose, ref=view.ref, choices=wrong, why="Asked her.")
    evidence.decide_conflict(jose, ref=view.ref, choices={"host": choice}, why="Asked her.")
    assert answers()["host"] == {"first": "Ana Lim", "later": "Rosa Diaz"}[choice]
    decided = evidence.conflict(jose, view.ref)
    assert (decided.decided_by, decided.why, decided.state) == (jose.name, "Asked her.", "decided")
    assert decided.decided_at is not None
    assert [one.chosen for one in decided.lines if one.is_hard] == [choice]
    assert {one.later for one in decided.lines} >= {"Rosa Diaz"}, "what was not chosen stays on the record"
    with pytest.raises(NotWaiting):
        evidence.decide_conflict(jose, ref=view.ref, choices={"host": "first"}, why="Again.")


def test_of_an_accepted_form_what_was_accepted_stands_and_what_was_decided_is_a_correction_to_be_looked_at(
    liza: Actor, jose: Actor
) -> None:
    sent(liza, "uuid:1")
    sent(liza, "uuid:2", "uuid:1", host="Ana Lim")
    row = Submission.objects.get()
    evidence.accept(jose, ref=row.ref)
    sent(liza, "uuid:3", "uuid:1", host="Rosa Diaz")
    row.refresh_from_db()
    assert (row.state, answers()["host"], row.corrections.count()) == ("accepted", "Ana Lim", 0)

    evidence.decide_conflict(jose, ref=EditConflict.objects.get().ref, choices={"host": "later"}, why="Seen there.")
    assert answers()["host"] == "Ana Lim"
    evidence.accept(jose, ref=row.ref)
    assert answers()["host"] == "Rosa Diaz"


def test_the_edits_of_one_phone_that_build_on_one_another_do_not_contradict_themselves(liza: Actor) -> None:
    """As in ODK's branches: the third edit began from the second, which was merged with somebody else's."""
    sent(liza, "uuid:1")
    sent(liza, "uuid:2", "uuid:1", host="Ana Lim")
    sent(liza, "uuid:3", "uuid:1", sales="99")
    sent(liza, "uuid:4", "uuid:3", sales="98")
    assert (answers()["host"], str(answers()["sales"])) == ("Ana Lim", "98")
    assert not EditConflict.objects.filter(state="waiting").exists()


def test_somebody_elses_edit_waits_for_a_person_and_is_then_laid_over_what_stands(liza: Actor, jose: Actor) -> None:
    noi = makers.someone("extension_worker", RIVERSIDE)
    sent(liza, "uuid:1")
    sent(liza, "uuid:2", "uuid:1", host="Ana Lim")
    sent(noi, "uuid:3", "uuid:1", host="Rosa Diaz", sales="99")
    held = HeldBack.objects.get()
    assert answers()["host"] == "Ana Lim"
    evidence.take_held(jose, ref=held.ref)
    assert (answers()["host"], str(answers()["sales"])) == ("Ana Lim", "99")
    view = evidence.conflict(jose, EditConflict.objects.get().ref)
    assert (view.first_by, view.later_by) == (liza.name, noi.name)


def test_nobody_decides_about_their_own_answer_nor_reviews_what_holds_it(liza: Actor, jose: Actor) -> None:
    sent(liza, "uuid:1")
    row = Submission.objects.get()
    evidence.revise(jose, ref=row.ref, answers=makers.visit_answers(host="Ana Lim"), on=makers.DAY, key="office")
    sent(liza, "uuid:2", "uuid:1", host="Rosa Diaz", sales="99")
    conflict = EditConflict.objects.get()
    assert not evidence.conflict(jose, conflict.ref).may_decide
    with pytest.raises(OwnWork):
        evidence.decide_conflict(jose, ref=conflict.ref, choices={"host": "first"}, why="Mine.")
    with pytest.raises(OwnWork):
        evidence.accept(jose, ref=row.ref)
    other = makers.someone("national_coordinator", "trial/asia/PH/")
    evidence.decide_conflict(other, ref=conflict.ref, choices={"host": "first"}, why="She said so.")


@pytest.mark.covers("CROSS-03")
def test_who_does_not_review_at_the_place_neither_sees_nor_decides(liza: Actor, jose: Actor) -> None:
    sent(liza, "uuid:1")
    sent(liza, "uuid:2", "uuid:1", host="Ana Lim")
    sent(liza, "uuid:3", "uuid:1", host="Rosa Diaz")
    ref = EditConflict.objects.get().ref
    abroad = makers.someone("national_coordinator", "trial/asia/TH/")
    neighbour = makers.someone("extension_worker", RIVERSIDE)
    assert evidence.conflicts(abroad) == []
    for stranger in (abroad, neighbour):
        with pytest.raises(NotFound):
            evidence.conflict(stranger, ref)
        with pytest.raises(NotFound):
            evidence.decide_conflict(stranger, ref=ref, choices={"host": "first"}, why="No.")
    assert evidence.conflict(liza, ref).may_decide is False, "who wrote it sees what became of it"


@pytest.mark.covers("CROSS-04")
def test_what_crossed_is_forgotten_with_the_person(liza: Actor, jose: Actor) -> None:
    from jump.core.units import Ref

    sent(liza, "uuid:1")
    sent(liza, "uuid:2", "uuid:1", host="Ana Lim")
    sent(liza, "uuid:3", "uuid:1", host="Rosa Diaz")
    person = Ref("per-00000001")
    Submission.objects.update(about_ref=person)
    assert forget_submissions(person)
    view = evidence.conflict(jose, EditConflict.objects.get().ref)
    assert {one.later for one in view.lines} == {None}


def test_the_sender_hears_on_the_phone_what_the_other_answered_and_what_was_decided(liza: Actor, jose: Actor) -> None:
    from datetime import timedelta

    from jump.base import clock

    sent(liza, "uuid:1")
    sent(liza, "uuid:2", "uuid:1", host="Ana Lim")
    sent(liza, "uuid:3", "uuid:1", host="Rosa Diaz")
    since = clock.now() - timedelta(days=1)
    (told,) = [one for one in evidence.sent_states(liza, since=since) if one.conflicts]
    assert [one.later for one in told.conflicts[0].lines] == ["Rosa Diaz"]
    evidence.decide_conflict(jose, ref=told.conflicts[0].ref, choices={"host": "first"}, why="Asked her.")
    (told,) = evidence.sent_states(liza, since=since)
    assert (told.conflicts[0].why, told.conflicts[0].lines[0].chosen) == ("Asked her.", "first")


# Two forms about one line of a register -----------------------------------------------------------------------

WELL = """
| survey |
| | type | name | label |
| | text | well | Well |
| | text | depth | Depth |
| | text | owner | Owner |
"""


@pytest.fixture
def wells(db: None) -> Actor:
    makers.ground()
    makers.declared("trial", {"register": {"wells": {"title": {"en": "Wells"}, "key": "well", "label": "well"}}})
    makers.form("well", WELL, register="trial.wells", review="none")
    return makers.someone("extension_worker", RIVERSIDE)


def told(actor: Actor, number: str, known: int | None, **answers: str) -> Any:
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in {"well": "North", **answers}.items())
    xml = (
        '<data id="trial.well" version="1" xmlns:orx="http://openrosa.org/xforms">'
        f"{inside}<orx:meta><orx:instanceID>{number}</orx:instanceID></orx:meta></data>"
    )
    return evidence.receive(actor, xml=xml.encode(), scope=RIVERSIDE, known_to=known)


def line() -> dict[str, Any]:
    (found,) = evidence.entities(makers.MAKER, register="trial.wells")
    return {name: found.values.get(name) for name in ("depth", "owner")}


@pytest.mark.covers("CROSS-05")
@pytest.mark.parametrize("choice", ["first", "later"])
def test_two_phones_that_tell_different_things_of_one_line_of_a_register_wait_for_a_decision(
    wells: Actor, choice: str
) -> None:
    noi = makers.someone("extension_worker", RIVERSIDE)
    told(wells, "uuid:1", 0, depth="10 m", owner="Village")
    known = evidence.known_lines([RIVERSIDE])
    told(wells, "uuid:2", known, depth="12 m")
    told(noi, "uuid:3", known, depth="15 m", owner="School")
    assert line() == {"depth": "12 m", "owner": "School"}, "what one alone changed counts, and nothing of the other"

    jose = makers.someone("national_coordinator", "trial/asia/PH/")
    (view,) = evidence.conflicts(jose)
    (asked,) = evidence.conflict(jose, view.ref).lines
    assert (asked.path, asked.base, asked.first, asked.later) == ("depth", "10 m", "12 m", "15 m")
    assert (view.first_by, view.later_by) == (wells.name, noi.name)
    evidence.decide_conflict(jose, ref=view.ref, choices={"depth": choice}, why="Measured it.")
    assert line() == {"depth": {"first": "12 m", "later": "15 m"}[choice], "owner": "School"}
    history = evidence.entity_history(makers.MAKER, evidence.entities(makers.MAKER, register="trial.wells")[0].ref)
    assert [one.values["depth"] for one in history] == ["10 m", "12 m", "15 m"], "all three stay on the record"


def test_who_had_heard_of_a_line_changes_it_without_a_decision(wells: Actor) -> None:
    told(wells, "uuid:1", 0, depth="10 m")
    told(wells, "uuid:2", evidence.known_lines([RIVERSIDE]), depth="12 m")
    told(wells, "uuid:3", None, depth="13 m")  # a client that tells nothing of what it knew
    assert line()["depth"] == "13 m"
    assert not EditConflict.objects.exists()


def test_a_decision_about_a_line_stands_when_the_form_is_withdrawn_and_accepted_again(wells: Actor) -> None:
    noi = makers.someone("extension_worker", RIVERSIDE)
    told(wells, "uuid:1", 0, depth="10 m")
    known = evidence.known_lines([RIVERSIDE])
    told(wells, "uuid:2", known, depth="12 m")
    receipt = told(noi, "uuid:3", known, depth="15 m")
    jose = makers.someone("national_coordinator", "trial/asia/PH/")
    evidence.decide_conflict(jose, ref=EditConflict.objects.get().ref, choices={"depth": "later"}, why="Measured it.")
    evidence.withdraw(jose, ref=receipt.submission, why="A doubt.")
    evidence.accept(jose, ref=receipt.submission)
    assert line()["depth"] == "15 m"
    assert EditConflict.objects.count() == 1
