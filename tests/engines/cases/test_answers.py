"""A step that asks another engine waits for the answer: done, decided or refused."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from jump.base import outbox
from jump.base.refusals import Refusal
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.cases.services.refusals import AlreadyAnswered, StepNotHere, UnknownOutcome, UnknownQuestion
from jump.engines.cases.types import CaseState, StepState
from tests import makers
from tests.engines.cases.roads import DAY, Opener, here, hold

pytestmark = pytest.mark.django_db


class FundShort(Refusal):
    code = "trial.fund_short"
    message = "The fund has only %(free)s."


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """Effects of a made-up engine, and what they were called with."""
    calls: list[Mapping[str, Any]] = []

    def contract(cause: outbox.Cause, *, party: str, case: str) -> Mapping[str, Any]:
        calls.append({"party": party, "case": case, "key": cause.key})
        return {"ref": "ctr-00000001"}

    def tell(cause: outbox.Cause, *, contract: str) -> None:
        calls.append({"contract": contract})

    def refuse(cause: outbox.Cause) -> None:
        calls.append({"key": cause.key})
        if len(calls) < 3:
            raise FundShort(free=12)

    def enter(cause: outbox.Cause, **given: Any) -> Mapping[str, Any]:
        calls.append(given)
        return {"ref": f"can-{len(calls):08d}"}

    offered = {
        **outbox._offered,
        "trial.contract": contract,
        "trial.tell": tell,
        "trial.refuse": refuse,
        "decisions.enter": enter,
    }
    monkeypatch.setattr(outbox, "_offered", offered)
    return calls


def answered(case: Ref, worker, outcome: str, proof: str = "out-00000001", on: date = DAY) -> str:
    """Answer the open review of a case."""
    review = here(worker, case)["review"]
    key = f"cases:{review.ref}:1"
    cases.answer(makers.MAKER, key=key, outcome=outcome, proof_ref=Ref(proof), facts={}, on=on)
    return key


@pytest.mark.covers("CER-13")
def test_a_decision_step_enters_the_case_as_a_candidate_and_waits(opened: Opener, done, ground, worker) -> None:
    case = opened("decided")
    review = here(worker, case)["review"]
    assert review.state is StepState.WAITING
    outbox.drain()

    assert done == [
        {
            "round": "road.proposals",
            "candidate": case,
            "subject": ground.riverside,
            "scope": ground.scope,
            "answer_to": f"cases:{review.ref}:1",
            "facts": {"title": "Riverside"},
        }
    ]
    assert here(worker, case)["review"].state is StepState.WAITING

    answered(case, worker, "approved")
    view = cases.case(worker, case)
    assert [(one.key, one.outcome, one.proof_ref) for one in view.steps if one.key == "review"] == [
        ("review", "approved", "out-00000001")
    ]
    assert [one.key for one in view.here] == ["release"]


@pytest.mark.covers("CER-14")
def test_a_proposal_to_be_revised_comes_back_to_the_review_as_a_new_round(opened: Opener, done, worker) -> None:
    case = opened("decided")
    answered(case, worker, "revise", "out-00000001")
    assert list(here(worker, case)) == ["revision"]
    hold(worker, here(worker, case)["revision"].ref, [makers.person()])
    again = here(worker, case)["review"]
    assert again.round == 2
    assert again.ref != cases.case(worker, case).steps[0].ref

    cases.answer(
        makers.MAKER, key=f"cases:{again.ref}:1", outcome="refused", proof_ref=Ref("out-00000002"), facts={}, on=DAY
    )
    view = cases.case(worker, case)
    assert (view.state, view.outcome) == (CaseState.CLOSED, "refused")
    assert [(one.round, one.outcome, one.proof_ref) for one in view.steps if one.key == "review"] == [
        (1, "revise", "out-00000001"),
        (2, "refused", "out-00000002"),
    ]


def test_the_same_answer_twice_changes_nothing_and_another_one_is_refused(opened: Opener, done, worker) -> None:
    case = opened("decided")
    key = answered(case, worker, "revise")
    cases.answer(makers.MAKER, key=key, outcome="revise", proof_ref=Ref("out-00000001"), facts={}, on=DAY)
    with pytest.raises(AlreadyAnswered):
        cases.answer(makers.MAKER, key=key, outcome="approved", proof_ref=Ref("out-00000001"), facts={}, on=DAY)
    assert list(here(worker, case)) == ["revision"]


def test_an_outcome_that_the_step_does_not_declare_is_refused_and_moves_nothing(opened: Opener, done, worker) -> None:
    case = opened("decided")
    with pytest.raises(UnknownOutcome):
        answered(case, worker, "postponed")
    review = here(worker, case)["review"]
    assert (review.state, review.outcome, review.proof_ref) == (StepState.WAITING, "", None)
    for key in ("cases:stp-00000000:1", "elsewhere", f"cases:{review.ref}:x"):
        with pytest.raises(UnknownQuestion):
            cases.answer(makers.MAKER, key=key, outcome="approved", facts={}, on=DAY)


def test_an_answer_that_comes_after_the_step_was_left_changes_nothing(opened: Opener, done, worker) -> None:
    case = opened("decided")
    review = here(worker, case)["review"]
    cases.close_case(worker, case_ref=case, outcome="withdrawn", why="The village moved", on=DAY)
    cases.answer(makers.MAKER, key=f"cases:{review.ref}:1", outcome="approved", facts={}, on=DAY)
    assert cases.case(worker, case).outcome == "withdrawn"


def test_an_effect_step_calls_other_engines_in_order_and_keeps_what_they_gave_back(
    opened: Opener, done, ground, worker
) -> None:
    case = opened("decided")
    outbox.drain()
    done.clear()
    answered(case, worker, "approved")
    assert here(worker, case)["release"].state is StepState.WAITING
    outbox.drain()

    assert [(one.get("party"), one.get("contract")) for one in done] == [
        (ground.riverside, None),
        (None, "ctr-00000001"),
    ]
    assert done[0]["case"] == case
    view = cases.case(worker, case)
    assert view.facts["contract"] == {"ref": "ctr-00000001"}
    assert [one.key for one in view.here] == ["launch"]


def test_a_refused_effect_goes_the_declared_way_with_its_code_and_facts(opened: Opener, done, worker) -> None:
    case = opened("refusable")
    outbox.drain()
    view = cases.case(worker, case)
    first = view.steps[0]
    assert (first.outcome, first.refused_code, first.refused_facts["free"]) == ("refused", "trial.fund_short", "12")
    assert [one.key for one in view.here] == ["settle"]

    hold(worker, here(worker, case)["settle"].ref, [makers.person()])
    outbox.drain()  # refused again
    hold(worker, here(worker, case)["settle"].ref, [makers.person()])
    outbox.drain()
    view = cases.case(worker, case)
    assert [one.key for one in view.here] == ["launch"]
    assert [(one.round, one.outcome) for one in view.steps if one.key == "release"] == [
        (1, "refused"),
        (2, "refused"),
        (3, "done"),
    ]
    assert len({one["key"] for one in done}) == 3


def test_a_refused_request_without_a_declared_way_waits_with_its_reason_until_asked_again(
    opened: Opener, done, monkeypatch: pytest.MonkeyPatch, worker
) -> None:
    def short(cause: outbox.Cause, **given: Any) -> None:
        raise FundShort(free=3)

    enter = outbox._offered["decisions.enter"]
    monkeypatch.setitem(outbox._offered, "decisions.enter", short)
    case = opened("decided")
    with pytest.raises(StepNotHere):
        cases.ask_again(worker, step_ref=here(worker, case)["review"].ref, on=DAY)
    outbox.drain()
    review = here(worker, case)["review"]
    assert (review.state, review.refused_code, review.refused_facts["free"]) == (
        StepState.WAITING,
        "trial.fund_short",
        "3",
    )

    monkeypatch.setitem(outbox._offered, "decisions.enter", enter)
    cases.ask_again(worker, step_ref=review.ref, on=DAY + timedelta(days=1))
    outbox.drain()
    assert done[-1]["answer_to"] == f"cases:{review.ref}:2"
    assert here(worker, case)["review"].refused_code == ""
    cases.answer(makers.MAKER, key=f"cases:{review.ref}:1", outcome="approved", facts={}, on=DAY)  # to the old question
    assert list(here(worker, case)) == ["review"]


def test_a_wait_for_a_date_goes_on_when_it_is_over_and_re_dating_moves_it(opened: Opener, ground, coordinator) -> None:
    case = opened(
        "stage",
        subject=ground.philippines,
        scope=ground.country_scope,
        on=date(2002, 1, 1),
        facts={"plan_approved": True, "sites": 1},
    )
    pilot = here(coordinator, case)["pilot"]
    assert pilot.due_on == date(2002, 10, 1)
    cases.re_date(coordinator, step_ref=pilot.ref, due_on=date(2002, 12, 1), why="Harvest")
    assert cases.look_again(makers.MAKER, on=date(2002, 11, 30)) == 0
    assert cases.look_again(makers.MAKER, on=date(2002, 12, 1)) == 1
