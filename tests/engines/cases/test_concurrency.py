"""Requests that come twice at the same moment: one road is opened, one gathering is kept."""

import threading
from datetime import date

import pytest
from django.db import connection

from jump.base import clock
from jump.base.refusals import Refusal
from jump.engines.cases import api as cases
from jump.engines.cases.models import Case, Session, Step
from tests import makers
from tests.engines.cases.roads import DAY, declare


def at_once(*acts) -> list[str]:
    """What each of these heard, done in threads of their own at the same moment."""
    ready = threading.Barrier(len(acts))
    heard: list[str] = []

    def run(act) -> None:
        ready.wait()
        try:
            heard.append(str(act()))
        except Refusal as refusal:
            heard.append(refusal.code)
        except Exception as error:
            heard.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return heard


@pytest.mark.django_db(transaction=True)
@pytest.mark.covers("SELECT-06")
def test_a_letter_sent_twice_at_the_same_moment_opens_one_case() -> None:
    clock.pin(date(2004, 6, 30))
    ground = makers.ground()
    declare()
    worker = makers.someone("extension_worker")

    def opened(key: str):
        return cases.open_case(
            worker,
            procedure="road.meetings",
            subject_ref=ground.riverside,
            scope=ground.scope,
            on=DAY,
            key=key,
        )

    heard = at_once(lambda: opened("one"), lambda: opened("two"), lambda: opened("three"))
    assert heard.count("cases.already_open") == 2, heard
    assert (Case.objects.count(), Step.objects.count()) == (1, 1)

    case = Case.objects.get()
    again = at_once(*[lambda: opened(case.key) for _ in range(3)])
    assert again == [case.ref] * 3
    clock.forget_pin()


@pytest.mark.django_db(transaction=True)
def test_a_session_recorded_twice_at_the_same_moment_under_one_key_is_kept_once() -> None:
    clock.pin(date(2004, 6, 30))
    ground = makers.ground()
    worker = makers.someone("extension_worker")

    def held():
        return cases.record_session(
            worker, kind="meeting", title="A meeting", scope=ground.scope, held_on=DAY, totals={"female": 7}, key="one"
        )

    heard = at_once(held, held, held)
    assert len(set(heard)) == 1
    assert heard[0].startswith("ses-")
    assert Session.objects.count() == 1
    clock.forget_pin()
