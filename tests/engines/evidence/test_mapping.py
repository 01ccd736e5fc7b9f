"""What an accepted form becomes, and how it is taken back: real parties, cases and jobs, no listener."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jump.base import outbox
from jump.base.actors import Actor
from jump.base.models import Consequence
from jump.core.units import Ref
from jump.engines.cases.models import Task
from jump.engines.evidence import api as evidence
from jump.engines.evidence.models import DeclaredFact, Entity, EntityVersion, Submission
from jump.engines.parties import api as parties
from jump.engines.parties.models import Flag, Group, Membership, Person
from tests import makers
from tests.makers import DAY, MAKER, Ground

pytestmark = pytest.mark.django_db

HOUSEHOLD = """
| survey |
| | type | name | label | required | data_class |
| | text | head | Head of the household | yes | P2 |
| | text | group | Group of the head | | |
| | integer | income | Income | | |
| | begin_repeat | member | Members | | |
| | text | name | Name | yes | P2 |
| | integer | born | Born in | | |
| | text | works | Works | | |
| | end_repeat | | | | |
"""
MAPPING: list[dict[str, Any]] = [
    {
        "effect": "parties.register_person",
        "with": {"scope": "$scope", "given_name": "$answers.head", "consents": ["records"]},
        "bind": "head",
    },
    {
        "effect": "parties.find_or_make_group",
        "with": {"name": "$answers.group", "kind": "self_help_group", "scope": "$scope"},
        "bind": "group",
        "when": "answers.group != none",
    },
    {
        "effect": "parties.join",
        "with": {"group": "$group.ref", "person": "$head.ref"},
        "when": "answers.group != none",
    },
    {
        "effect": "parties.register_person",
        "for_each": "$answers.member",
        "each_by": "$item.name",
        "with": {
            "scope": "$scope",
            "given_name": "$item.name",
            "birth_year": "$item.born",
            "consents": ["records"],
        },
    },
    {
        "effect": "cases.add_task",
        "for_each": "$answers.member",
        "when": "item.works == 'no'",
        "with": {"title": "$item.works", "about": "$submission", "owner_role": "extension_worker", "scope": "$scope"},
    },
]
FACTS = [{"kind": "evidence.income", "value": "$answers.income"}]


def household(**settings_: Any) -> None:
    makers.declared(
        "trial", {"register": {"household": {"title": {"en": "Households"}, "key": "group", "label": "group"}}}
    )
    makers.form("household", HOUSEHOLD, on_accept=MAPPING, facts=FACTS, register="trial.household", **settings_)


def said(head: str = "Rosa", group: str = "Weavers", income: int = 10, members: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "head": head,
        "group": group,
        "income": income,
        "member": [{"name": name, "born": 1990, "works": "no"} for name in members],
    }


def worker() -> Actor:
    return makers.someone("extension_worker", "trial/asia/PH/riverside/")


def coordinator() -> Actor:
    return makers.someone("national_coordinator", "trial/asia/PH/")


def sent(**answers: Any) -> Ref:
    return makers.submission(worker(), form="trial.household", answers=said(**answers)).ref


def accept(ref: Ref) -> None:
    evidence.accept(coordinator(), ref=ref)
    outbox.drain()


def withdraw(ref: Ref) -> None:
    evidence.withdraw(coordinator(), ref=ref, why="It was another household")
    outbox.drain()


def correct(ref: Ref, key: str, **answers: Any) -> None:
    evidence.revise(worker(), ref=ref, answers=said(**answers), on=DAY, key=key)


def world() -> dict[str, Any]:
    """What stands, by what it says: references differ from one history to another."""
    people = {view.ref: view.name for view in parties.people(MAKER, limit=500)}
    groups = {group.ref: group.name for group in Group.objects.standing()}
    belongs = Membership.objects.filter(ends_on__isnull=True).values_list("group__ref", "member_ref")
    return {
        "people": sorted(people.values()),
        "groups": sorted(groups.values()),
        "members": sorted((groups[one], people[other]) for one, other in belongs),
        "head_count": parties.head_count(MAKER).total,
        "income": sorted(DeclaredFact.objects.values_list("value", flat=True)),
        "lines": sorted((row.key.partition("-")[0], row.values["income"]) for row in Entity.objects.all()),
        "history": EntityVersion.objects.count(),
        "tasks": Task.objects.filter(state="open", owner_role="extension_worker").count(),
    }


@pytest.mark.covers("CROSS-01")
def test_an_accepted_form_becomes_people_a_group_a_membership_tasks_a_figure_and_a_line(ground: Ground) -> None:
    household()
    ref = sent(members=("Ana", "Ben"))
    accept(ref)

    assert world() == {
        "people": ["Ana", "Ben", "Rosa"],
        "groups": ["Weavers"],
        "members": [("Weavers", "Rosa")],
        "head_count": 3,
        "income": [10],
        "lines": [("Weavers", 10)],
        "history": 1,
        "tasks": 2,
    }


def test_bringing_it_about_again_changes_nothing(ground: Ground) -> None:
    from jump.engines.evidence import services

    household()
    ref = sent(members=("Ana",))
    accept(ref)
    before, rows = world(), list(Consequence.objects.values_list("slot", "result", "state"))

    for _time in range(3):
        done = services.bring_about(coordinator(), ref=ref)
        outbox.drain()
        assert (done.made, done.changed, done.taken_back, done.left) == ([], [], [], [])

    assert (world(), list(Consequence.objects.values_list("slot", "result", "state"))) == (before, rows)


def test_a_withdrawn_acceptance_takes_everything_back_and_what_was_said_is_kept(ground: Ground) -> None:
    household()
    before = world()
    ref = sent(members=("Ana",))
    accept(ref)
    withdraw(ref)

    assert world() == before
    seen = evidence.submission(coordinator(), ref)
    assert (seen.state, seen.answers["head"], seen.reviews[-1].why) == ("received", "Rosa", "It was another household")
    assert Person.objects.count() == 2  # the records stay, and count nowhere
    assert not Task.objects.filter(owner_role="national_coordinator").exists()


def test_a_corrected_name_is_the_same_person_and_what_others_built_on_them_stays(ground: Ground) -> None:
    household()
    ref = sent(head="Rossa")
    accept(ref)
    [person] = Person.objects.values_list("ref", flat=True)
    other = makers.group(members=[Ref(person)])

    correct(ref, "edit", head="Rosa")
    assert world()["people"] == ["Rossa"]  # nothing moves before somebody has looked
    accept(ref)

    assert world()["people"] == ["Rosa"]
    assert list(Person.objects.values_list("ref", flat=True)) == [person]
    assert {one.group_ref for one in parties.memberships(MAKER, Ref(person))} >= {other}


def test_what_others_built_on_is_not_destroyed_but_told_to_the_coordinator(ground: Ground) -> None:
    household()
    ref = sent(group="")
    accept(ref)
    [person] = Person.objects.values_list("ref", flat=True)
    makers.group(members=[Ref(person)])

    withdraw(ref)

    assert world()["people"] == ["Rosa"]
    task = Task.objects.get(owner_role="national_coordinator")
    assert (task.about_ref, person in task.title) == (person, True)
    accept(ref)
    assert world()["people"] == ["Rosa"]  # what was left is not made a second time


def test_what_two_forms_made_stands_until_both_are_taken_back(ground: Ground) -> None:
    household()
    first, second = sent(head="Rosa"), sent(head="Ana")
    accept(first)
    accept(second)
    withdraw(first)
    assert (world()["groups"], world()["members"]) == (["Weavers"], [("Weavers", "Ana")])
    withdraw(second)
    assert (world()["groups"], world()["members"], world()["people"]) == ([], [], [])


def test_an_entry_taken_out_of_a_repeat_takes_back_that_person_alone(ground: Ground) -> None:
    household()
    ref = sent(members=("Ana", "Ben", "Cora"))
    accept(ref)
    refs = dict(Consequence.objects.filter(slot__contains=":").values_list("slot", "result_ref"))

    correct(ref, "edit", members=("Ben", "Cora", "Dan"))
    accept(ref)

    assert world()["people"] == ["Ben", "Cora", "Dan", "Rosa"]
    now = dict(Consequence.objects.filter(state="standing", slot__contains=":").values_list("slot", "result_ref"))
    assert {name: one for name, one in now.items() if "Ben" in name or "Cora" in name} == {
        name: one for name, one in refs.items() if "Ben" in name or "Cora" in name
    }


def test_of_a_rejected_correction_nothing_is_brought_about(ground: Ground) -> None:
    household()
    ref = sent()
    accept(ref)
    before = world()
    correct(ref, "edit", head="Nobody", income=99)
    evidence.reject(coordinator(), ref=ref, why="Wrong")
    outbox.drain()
    assert world() == before


def test_an_effect_that_refuses_leaves_nothing_half_done_and_can_be_tried_again(ground: Ground) -> None:
    makers.form(
        "household",
        HOUSEHOLD,
        on_accept=[
            *MAPPING[:1],
            {"effect": "parties.join", "with": {"group": "$answers.group", "person": "$head.ref"}},
        ],
    )
    ref = sent(group="grp-00000000")
    accept(ref)
    assert (Person.objects.count(), Consequence.objects.count()) == (0, 0)
    assert evidence.submission(coordinator(), ref).state == "accepted"
    [failed] = outbox.failures(MAKER)
    assert failed.about == ref


def test_no_answer_lies_in_the_queue_or_beside_what_was_caused(ground: Ground) -> None:
    from django_tasks_db.models import DBTaskResult

    household()
    ref = sent(head="Rosa Unforgettable")
    evidence.accept(coordinator(), ref=ref)
    assert "Unforgettable" not in str([row.args_kwargs for row in DBTaskResult.objects.all()])
    outbox.drain()
    assert "Unforgettable" not in str(list(Consequence.objects.values()))


# In whatever order ------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "withdraw", "correct", "again", "reject"]),
        st.integers(0, 2),
        st.sampled_from(["Rosa", "Ana", "Ben"]),
        st.sampled_from(["", "Weavers", "Fishers"]),
        st.sets(st.sampled_from(["Cora", "Dan", "Eva"])),
        st.booleans(),
    ),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_happened_what_stands_is_what_the_last_accepted_revisions_say_once(
    ground: Ground, steps: list[tuple[str, int, str, str, set[str], bool]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        if not evidence_has_household():
            household()
        refs = [sent(head=name) for name in ("Rosa", "Ana", "Ben")]
        for number, (what, which, head, group, members, runs) in enumerate(steps):
            answers = said(head=head, group=group, income=number, members=tuple(sorted(members)))
            _step(what, refs[which], f"edit-{number}-{refs[which]}", answers)
            if runs:
                outbox.drain()
        outbox.drain()
        history = world()
        told = Task.objects.filter(owner_role="national_coordinator").count()
        rows = [Submission.objects.get(ref=ref) for ref in refs]
        final = [(evidence.submission(MAKER, Ref(row.ref)).answers, row.on) for row in rows if row.state == "accepted"]
        transaction.set_rollback(True)
    with transaction.atomic():
        if not evidence_has_household():
            household()
        for answers, on in final:
            made = makers.submission(worker(), form="trial.household", answers=dict(answers), on=on)
            evidence.accept(coordinator(), ref=made.ref)
        outbox.drain()
        once = world()
        transaction.set_rollback(True)
    assert (history, told) == (once, 0)


def evidence_has_household() -> bool:
    return any(one.id == "trial.household" for one in evidence.forms())


def _step(what: str, ref: Ref, key: str, answers: dict[str, Any]) -> None:
    from jump.base.refusals import Refusal
    from jump.engines.evidence import services

    acts: dict[str, Any] = {
        "accept": lambda: evidence.accept(coordinator(), ref=ref),
        "withdraw": lambda: evidence.withdraw(coordinator(), ref=ref, why="No"),
        "reject": lambda: evidence.reject(coordinator(), ref=ref, why="No"),
        "correct": lambda: evidence.revise(worker(), ref=ref, answers=answers, on=date(2004, 3, 2), key=key),
        "again": lambda: services.bring_about(MAKER, ref=ref),
    }
    with contextlib.suppress(Refusal):  # what is not possible now changes nothing; that is tested elsewhere
        acts[what]()


def test_flags_and_consents_follow_the_form(ground: Ground) -> None:
    written = (
        "| survey |\n| | type | name | label | data_class |\n"
        "| | text | name | Name | P2 |\n| | select_multiple flag | flags | Flags | |\n"
        "\n| choices |\n| | list_name | name | label |\n| | flag | youth | Youth |\n| | flag | long_term | Long |\n"
    )
    asked = {"scope": "$scope", "given_name": "$answers.name", "flags": "$answers.flags", "consents": ["records"]}
    makers.form("seeker", written, on_accept=[{"effect": "parties.register_person", "with": asked}])
    ref = makers.submission(worker(), form="trial.seeker", answers={"name": "Ana", "flags": ["youth"]}).ref
    accept(ref)
    evidence.revise(worker(), ref=ref, answers={"name": "Ana", "flags": ["long_term"]}, on=DAY, key="e")
    accept(ref)
    assert list(Flag.objects.values_list("code", flat=True)) == ["long_term"]
