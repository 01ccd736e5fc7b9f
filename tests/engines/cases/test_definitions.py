"""A procedure is checked like code: every mistake is found before a case runs into it, with file and line."""

from pathlib import Path
from textwrap import dedent

import pytest

from jump.base import outbox, packages
from jump.engines.cases.definitions import procedure
from tests.engines.cases.roads import declare, step

pytestmark = pytest.mark.django_db

FRAME = """
name: trial_road
version: "1"
title: {en: Trial}
languages: [en]
engines: [cases]
"""
GOOD = """
id: road
subject: community
title: {en: Road}
start: meeting
steps:
  meeting:
    title: {en: Meeting}
    kind: session
    session: meeting
    by: extension_worker
    gates:
      - {id: minutes, text: {en: Minutes}, needs: sessions.meeting.minutes, waivable_by: national_coordinator}
    next: rest
  rest:
    title: {en: Rest}
    kind: wait
    after_days: 7
    next: closed
"""


@pytest.fixture
def found(tmp_path: Path):
    """Checks a package with this procedure and gives what was found: (line, message)."""

    def check(text: str, **files: str) -> list[tuple[int, str]]:
        folder = tmp_path / "trial_road"
        folder.mkdir(exist_ok=True)
        (folder / "programme.yaml").write_text(FRAME.lstrip())
        (folder / "procedure.yaml").write_text(dedent(text).lstrip())
        for name, content in files.items():
            (folder / f"{name}.yaml").write_text(dedent(content).lstrip())
        return [(one.line, one.message) for one in packages.check([folder])]

    return check


def test_a_sound_procedure_has_no_findings(found) -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("next: rest", "next: sleep", 13, "After meeting comes sleep, which is not a step."),
        ("start: meeting", "start: greeting", 4, "The procedure starts at greeting, which is not a step."),
        ("sessions.meeting.minutes", "sessions.meetng.minutes", 12, "'sessions.meetng.minutes' is not known here"),
        ("sessions.meeting.minutes", "sessions.meeting.minutes ==", 12, "the condition stops too early"),
        ("after_days: 7", "title: {en: Twice}", 17, "The key title stands twice."),
        ("    after_days: 7\n", "", 14, "The step rest does not say what it waits for."),
        ("by: extension_worker", "by: mayor", 10, "mayor is not a role."),
        ("waivable_by: national_coordinator", "waivable_by: mayor", 12, "mayor is not a role."),
        ("session: meeting", "curriculum: cer_z", 9, "Nobody declares the curriculum trial_road.cer_z."),
        ("kind: session", "kind: ceremony", 8, "Use one of: form, session, decision, effect, document, wait."),
        ("kind: wait", "kind: effect\n    effect: jobs.clam", 17, "No engine offers the effect jobs.clam."),
        ("kind: wait", "kind: decision\n    round: proposals", 17, "Nobody declares the round trial_road.proposals."),
        ("kind: wait", "kind: decision", 14, "The decision step rest names no round."),
        ("subject: community", "sbuject: community", 1, "lacks subject"),
        ("after_days: 7", "after_days: seven", 17, "'seven' is not of type 'integer'"),
    ],
)
def test_each_mistake_is_found_where_it_stands(found, old: str, new: str, line: int, message: str) -> None:
    text = GOOD.lstrip().replace(old, new, 1)
    assert text != GOOD.lstrip()
    findings = found(text)
    assert any(message in said and at == line for at, said in findings), findings


def test_a_step_to_which_no_way_leads_is_found(found) -> None:
    text = GOOD + "  island: {title: {en: Island}, kind: session, session: meeting}\n"
    assert found(text) == [(19, "No way leads to the step island.")]


def test_an_outcome_that_leads_nowhere_is_found(found, monkeypatch) -> None:
    rounds = """
    proposals:
      title: {en: Proposals}
      method: screening
      criteria: [{id: sound, title: {en: Sound}, screening: true}]
      outcomes:
        - {id: approved, title: {en: Approved}, good: true}
        - {id: refused, title: {en: Refused}, good: false}
    """
    text = GOOD.lstrip().replace(
        "kind: wait\n    after_days: 7\n    next: closed",
        "kind: decision\n    round: proposals\n    next: {approved: closed, postponed: closed}",
    )
    findings = [said for _line, said in found(text, rounds=rounds)]
    assert findings == [
        "The round can give refused, but rest does not say what follows.",
        "The round never gives postponed.",
    ]


def test_an_argument_that_nobody_knows_is_found(found, monkeypatch) -> None:
    monkeypatch.setattr(outbox, "_offered", {"trial.tell": lambda cause: None})
    text = GOOD.lstrip().replace(
        "kind: wait", "kind: effect\n    effect: trial.tell\n    with: {to: $subjekt, at: $scope}"
    )
    assert [said for _line, said in found(text)] == ["$subjekt is not among the facts of a case."]


def test_a_curriculum_that_comes_after_itself_is_found(found) -> None:
    curricula = """
    a: {title: {en: A}, after: [b]}
    b: {title: {en: B}, after: [a]}
    c: {title: {en: C}, after: [z]}
    """
    findings = found(GOOD, curricula=curricula)
    assert findings == [
        (3, "trial_road.c comes after the curriculum trial_road.z, which nobody declares."),
        (1, "trial_road.a comes after itself, by way of others."),
        (2, "trial_road.b comes after itself, by way of others."),
    ]


def test_a_calendar_is_checked(found) -> None:
    calendar = """
    - {id: report, title: {en: Report}, every_months: 6, by: mayor}
    - {id: review, title: {en: Review}, every_months: 6, by: core_team, form: review}
    """
    assert found(GOOD, calendar=calendar) == [
        (1, "mayor is not a role."),
        (2, "Nobody declares the form trial_road.review."),
    ]
    both = "- {id: report, title: {en: Report}, every_months: 6, once_month: 3, by: core_team}\n"
    assert len(found(GOOD, calendar=both)) == 1


def test_a_gate_that_speaks_of_the_steps_own_product_guards_its_exit() -> None:
    own = {"id": "own", "text": {"en": "x"}, "needs": "sessions.talk.people >= 3"}
    other = {"id": "other", "text": {"en": "x"}, "needs": "subject.population > 10"}
    said = {"id": "said", "text": {"en": "x"}, "needs": "subject.population > 10", "at": "exit"}
    road = {
        "id": "talks",
        "subject": "community",
        "title": {"en": "Talks"},
        "start": "talk",
        "steps": {"talk": step("session", session="meeting", gates=[own, other, said])},
    }
    declare(talks=road)
    gates = procedure("road.talks").steps["talk"].gates
    assert [(gate.id, gate.at) for gate in gates] == [("own", "exit"), ("other", "entry"), ("said", "exit")]
