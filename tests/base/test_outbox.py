"""Effects happen after their cause is committed, once, in order, or not at all."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from jump.base import outbox
from jump.base.actors import system_actor
from jump.base.db import write_transaction
from jump.base.models import OutboxFailure, ScopeNode
from jump.base.outbox import Cause, EffectCall, after_commit, drain
from jump.base.refusals import Refusal

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = system_actor("test")
DAY = datetime.date(2004, 6, 30)


class FundShort(Refusal):
    code = "test.fund_short"
    message = "Short by %(short)s."


@pytest.fixture
def calls() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    seen: list[tuple[str, dict[str, Any]]] = []

    def note(cause: Cause, **args: Any) -> dict[str, Any]:
        seen.append((cause.key, args))
        return {"ref": f"tst-{len(seen)}"}

    def node(cause: Cause, **args: Any) -> dict[str, Any]:
        ScopeNode.objects.create(path=args["path"], kind="programme", title="T")
        return {}

    def refuse(cause: Cause, **_args: Any) -> dict[str, Any]:
        raise FundShort(short=7)

    before = dict(outbox._offered), list(outbox._answer_handlers)
    outbox.offer("test.note", note)
    outbox.offer("test.node", node)
    outbox.offer("test.refuse", refuse)
    yield seen
    outbox._offered.clear()
    outbox._offered.update(before[0])
    outbox._answer_handlers[:] = before[1]


def cause(*calls: EffectCall, **more: Any) -> None:
    with write_transaction():
        after_commit(calls, key=more.pop("key", "k"), actor=ACTOR, on=DAY, **more)


def test_calls_run_in_order_and_a_later_one_sees_what_an_earlier_one_made(calls: list[Any]) -> None:
    cause(
        EffectCall("test.note", {"title": "$answers.title"}, bind="first"),
        EffectCall("test.note", {"made": "$first.ref", "day": "$on", "none": "$?answers.other", "kept": "plain"}),
        facts={"answers": {"title": "Rice mill"}},
    )
    assert calls == []
    assert drain() == 1
    assert calls == [
        ("k#0#0", {"title": "Rice mill"}),
        ("k#1#0", {"made": "tst-1", "day": "2004-06-30", "none": None, "kept": "plain"}),
    ]


def test_for_each_item_of_a_repeat_there_is_one_call_with_a_key_of_its_own(calls: list[Any]) -> None:
    cause(
        EffectCall("test.note", {"name": "$item.name"}, for_each="$answers.members"),
        facts={"answers": {"members": [{"name": "Ana"}, {"name": "Ben"}]}},
    )
    drain()
    assert calls == [("k#0#0", {"name": "Ana"}), ("k#0#1", {"name": "Ben"})]


def test_an_effect_of_a_cause_that_was_rolled_back_never_happens(calls: list[Any]) -> None:
    with pytest.raises(RuntimeError), write_transaction():
        after_commit([EffectCall("test.note")], key="k", actor=ACTOR, on=DAY)
        raise RuntimeError("stop")
    assert drain() == 0
    assert calls == []


def test_a_refused_chain_leaves_nothing_half_done_and_is_answered(calls: list[Any]) -> None:
    answers: list[Any] = []
    outbox.on_answer(
        lambda answer_to, **what: answers.append((answer_to, what["outcome"], what["code"], what["facts"]))
    )
    cause(EffectCall("test.node", {"path": "half/"}), EffectCall("test.refuse"), answer_to="cases:stp-1")
    drain()
    assert not ScopeNode.objects.filter(path="half/").exists()
    assert answers == [("cases:stp-1", "refused", "test.fund_short", {"short": 7})]
    failure = OutboxFailure.objects.get()
    assert (failure.code, failure.message) == ("test.fund_short", "Short by 7.")
    assert outbox.failures(ACTOR) == []  # who waits for the answer deals with it


def test_a_refusal_that_nobody_waits_for_is_shown_until_it_is_mended(calls: list[Any]) -> None:
    cause(EffectCall("test.refuse"))
    drain()
    assert [one.code for one in outbox.failures(ACTOR)] == ["test.fund_short"]


def test_a_finished_chain_answers_with_its_result(calls: list[Any]) -> None:
    answers: list[Any] = []
    outbox.on_answer(lambda answer_to, **what: answers.append((answer_to, what["outcome"], what["result"])))
    cause(EffectCall("test.note"), answer_to="cases:stp-1")
    drain()
    assert answers == [("cases:stp-1", "done", {"ref": "tst-1"})]


def test_a_misspelt_effect_or_fact_is_a_named_failure_and_not_silence(calls: list[Any]) -> None:
    cause(EffectCall("test.nothing"), key="a")
    cause(EffectCall("test.note", {"x": "$answers.title"}), key="b")
    drain()
    assert set(OutboxFailure.objects.values_list("key", "code")) == {
        ("a", "base.effect_unknown"),
        ("b", "base.effect_look_up"),
    }


def test_a_mended_failure_can_be_tried_again(calls: list[Any]) -> None:
    cause(EffectCall("test.later"), key="a")
    drain()
    outbox.offer("test.later", lambda cause, **args: {})
    assert outbox.try_again("a") == 1
    assert outbox.failures(ACTOR) == []


def test_work_asked_for_many_times_waits_once(calls: list[Any]) -> None:
    for _ in range(3):
        cause(EffectCall("test.note"), key="recompute", once=True)
    assert drain() == 1
    cause(EffectCall("test.note"), key="recompute", once=True)
    assert drain() == 1


def test_a_task_that_a_killed_process_left_running_is_taken_up_again(calls: list[Any]) -> None:
    cause(EffectCall("test.note"))
    DBTaskResult.objects.update(status="RUNNING", started_at="2004-01-01T00:00:00Z")
    assert drain() == 0
    assert outbox.take_up_orphans() == 1
    assert drain() == 1


def test_a_request_runs_only_what_it_caused_itself(calls: list[Any]) -> None:
    cause(EffectCall("test.note"), key="another thread's")
    outbox._own().clear()
    cause(EffectCall("test.note"), key="mine")
    assert outbox.run_pending_of_this_request() == 1
    assert [key for key, _args in calls] == ["mine#0#0"]


def test_what_takes_long_commits_its_own_steps_in_the_background_and_what_was_committed_stays(
    calls: list[Any],
) -> None:
    from django.db import connection

    turns: list[bool] = []

    @outbox.in_steps
    def steps(cause: Cause, **_args: Any) -> dict[str, Any]:
        turns.append(connection.in_atomic_block)
        with write_transaction():
            ScopeNode.objects.get_or_create(path="step/", defaults={"kind": "programme", "title": "T"})
        if len(turns) == 1:
            raise RuntimeError("the machine stops here")
        return {}

    outbox.offer("test.steps", steps)
    cause(EffectCall("test.steps"), once=True)
    drain()
    assert ScopeNode.objects.filter(path="step/").exists()
    assert OutboxFailure.objects.get().code == "base.effect_failed"
    outbox.try_again("k")
    assert turns == [False, False]
    assert DBTaskResult.objects.get().status == outbox.DONE
