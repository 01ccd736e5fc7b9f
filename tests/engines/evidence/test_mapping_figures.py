"""What a form says of an indicator or of money follows the form: corrected with it, and gone with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, transaction

from jump.base import outbox
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence import services
from jump.engines.results import api as results
from jump.engines.results.models import Baseline, WithdrawnBaseline
from tests import makers
from tests.engines.results.makers import install
from tests.makers import DAY, MAKER, Ground

pytestmark = pytest.mark.django_db

RIVERSIDE = "trial/asia/PH/riverside/"
STUDY = "| survey |\n| | type | name | label |\n| | decimal | pay | Monthly pay |\n"


def worker() -> Any:
    return makers.someone("extension_worker", RIVERSIDE)


def coordinator() -> Any:
    return makers.someone("national_coordinator", "trial/asia/PH/")


def accept(ref: Ref) -> None:
    evidence.accept(coordinator(), ref=ref)
    outbox.drain()


@pytest.fixture
def studies(ground: Ground) -> Ground:
    install()
    declared = {"indicator": "trial.pay", "scope": "$scope", "value": "$answers.pay"}
    call = {"effect": "results.set_baseline", "with": declared, "when": "answers.pay != none"}
    makers.form("study", STUDY, on_accept=[call])
    return ground


def study(pay: str) -> Ref:
    ref: Ref = makers.submission(worker(), form="trial.study", answers={"pay": pay}).ref
    accept(ref)
    return ref


def in_force() -> list[tuple[Decimal, str]]:
    return [(one.value, str(one.source_ref)) for one in results.baselines(MAKER, indicator="trial.pay")]


@pytest.mark.covers("INDICATORS-02")
def test_a_baseline_is_what_the_last_accepted_revision_says_and_every_earlier_one_stays_on_record(
    studies: Ground,
) -> None:
    ref = study("1200.50")
    assert in_force() == [(Decimal("1200.5"), ref)]

    evidence.revise(worker(), ref=ref, answers={"pay": "900"}, on=DAY, key="edit")
    assert in_force() == [(Decimal("1200.5"), ref)]  # nothing moves before somebody has looked
    accept(ref)
    assert in_force() == [(Decimal(900), ref)]

    for _time in range(3):
        done = services.bring_about(coordinator(), ref=ref)
        assert (done.made, done.changed, done.taken_back, done.left) == ([], [], [], [])
    assert (Baseline.objects.filter(source_ref=ref).count(), WithdrawnBaseline.objects.count()) == (2, 1)


def test_a_baseline_taken_back_gives_way_to_the_one_before_it(studies: Ground) -> None:
    first, second = study("1000"), study("2000")
    assert in_force() == [(Decimal(2000), second)]

    evidence.withdraw(coordinator(), ref=second, why="It was another village")
    outbox.drain()
    assert in_force() == [(Decimal(1000), first)]

    accept(second)
    assert in_force() == [(Decimal(2000), second)]


def test_that_a_baseline_was_withdrawn_is_never_changed(studies: Ground) -> None:
    ref = study("1000")
    evidence.withdraw(coordinator(), ref=ref, why="It was another village")
    outbox.drain()
    [row] = WithdrawnBaseline.objects.all()
    assert row.why == ref
    for change in (row.delete, lambda: WithdrawnBaseline.objects.update(why="")):
        with pytest.raises(Error, match="only ever added"), transaction.atomic():
            change()
