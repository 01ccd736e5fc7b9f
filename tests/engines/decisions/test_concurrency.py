"""Two people deciding at once: one decision stands whole, the other is refused whole."""

import threading
from datetime import date

import pytest
from django.db import connection

from jump.base import clock
from jump.base.refusals import Refusal
from jump.engines.decisions import api as decisions
from jump.engines.decisions.models import Outcome, Round
from tests import makers
from tests.engines.decisions.panels import DAY, Panel, decided, declare, entered, opened


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_decide_at_once_one_is_refused_and_leaves_nothing_behind() -> None:
    clock.pin(date(2004, 6, 30))
    ground = makers.ground()
    declare()
    coordinator = makers.signed_in("national_coordinator")
    panel = Panel([makers.signed_in("selection_panel") for _ in range(3)])
    for attempt in range(3):
        round_ref = opened(coordinator, "proposals", ground.country_scope, panel)
        a, b = (entered("proposals", makers.group(), ground.scope) for _ in range(2))
        panel.score_alike(round_ref, {a: {"jobs": 5, "market": 5}, b: {"jobs": 4, "market": 4}})
        ready = threading.Barrier(2)
        heard: dict[str, str] = {}

        def decide(who: str, choice: str, reason: str, round_ref=round_ref, a=a, b=b, ready=ready, heard=heard) -> None:
            ready.wait()
            try:
                decided(
                    coordinator,
                    round_ref,
                    panel,
                    {a: (choice, reason), b: (choice, reason)},
                    minutes=f"Minutes of {who}",
                )
                heard[who] = "decided"
            except Refusal as refusal:
                heard[who] = refusal.code
            finally:
                connection.close()

        threads = [
            threading.Thread(target=decide, args=("one", "approved", "Good")),
            threading.Thread(target=decide, args=("two", "refused", "Bad")),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(heard.values()) == ["decided", "decisions.already_decided"], (attempt, heard)
        winner = next(who for who, said in heard.items() if said == "decided")
        row = Round.objects.get(ref=round_ref)
        assert row.minutes == f"Minutes of {winner}"
        outcomes = Outcome.objects.filter(candidate__round=row)
        wanted = ("approved", "Good") if winner == "one" else ("refused", "Bad")
        assert list(outcomes.values_list("outcome", "reason")) == [wanted, wanted]
        assert row.decided_on == DAY
    clock.forget_pin()


@pytest.mark.django_db(transaction=True)
def test_a_round_published_by_two_at_once_tells_everybody_once() -> None:
    from jump.base import outbox
    from jump.engines.cases import api as cases

    clock.pin(date(2004, 6, 30))
    ground = makers.ground()
    declare()
    coordinator = makers.signed_in("national_coordinator")
    panel = Panel([makers.signed_in("selection_panel") for _ in range(3)])
    round_ref = opened(coordinator, "proposals", ground.country_scope, panel)
    case = cases.open_case(
        coordinator,
        procedure="panels.proposal",
        subject_ref=ground.riverside,
        scope=ground.scope,
        on=date(2003, 3, 2),
        key="case",
    )
    outbox.drain()
    [candidate] = decisions.round_(coordinator, round_ref).candidates
    panel.score_alike(round_ref, {candidate.ref: {"jobs": 1, "market": 1}})
    decided(coordinator, round_ref, panel, {candidate.ref: ("revise", "Costs")})
    ready = threading.Barrier(2)
    told: list[object] = []

    def publish() -> None:
        ready.wait()
        try:
            told.append(decisions.publish(coordinator, round_ref=round_ref, on=DAY))
        except Exception as error:
            told.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told[0] == told[1]
    assert [(one.key, one.round) for one in cases.case(coordinator, case).steps] == [("review", 1), ("revision", 1)]
    clock.forget_pin()
