"""Appeals: in time, with grounds, answered by somebody else."""

from datetime import date

import pytest

from jump.core.units import Ref
from jump.engines.decisions import api as decisions
from jump.engines.decisions.models import Appeal
from jump.engines.decisions.services.refusals import (
    AppealLate,
    AppealOpen,
    NotDecided,
    ReasonMissing,
    SamePanel,
)
from tests import makers
from tests.engines.decisions.panels import DAY, Panel, decided, entered, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(ground, coordinator, panel: Panel) -> Ref:
    round_ref = opened(coordinator, "proposals", ground.country_scope, panel)
    a = entered("proposals", ground.riverside, ground.scope)
    panel.score_alike(round_ref, {a: {"jobs": 1, "market": 1}})
    decided(coordinator, round_ref, panel, {a: ("refused", "No market was found")})
    with pytest.raises(NotDecided):
        decisions.appeal(
            makers.MAKER, outcome_ref=decisions.outcomes(coordinator)[0].ref, grounds="There is one", on=DAY
        )
    [told] = decisions.publish(coordinator, round_ref=round_ref, on=DAY)
    return told


def test_an_appeal_is_lodged_in_time_once_and_with_grounds(refused: Ref) -> None:
    worker = makers.someone("extension_worker")
    with pytest.raises(AppealLate) as late:
        decisions.appeal(worker, outcome_ref=refused, grounds="There is a market", on=date(2003, 6, 10))
    assert late.value.facts["until"] == date(2003, 6, 9)
    with pytest.raises(ReasonMissing):
        decisions.appeal(worker, outcome_ref=refused, grounds=" ", on=date(2003, 6, 9))
    assert Appeal.objects.count() == 0
    decisions.appeal(worker, outcome_ref=refused, grounds="There is a market", on=date(2003, 6, 9))
    with pytest.raises(AppealOpen):
        decisions.appeal(worker, outcome_ref=refused, grounds="There is a market", on=date(2003, 6, 9))
    assert Appeal.objects.count() == 1


def test_an_appeal_is_answered_with_reasons_by_somebody_who_did_not_decide(
    coordinator, panel: Panel, refused: Ref
) -> None:
    ref = decisions.appeal(makers.someone("extension_worker"), outcome_ref=refused, grounds="There is a market", on=DAY)
    for same in (coordinator, panel.members[0]):
        with pytest.raises(SamePanel):
            decisions.answer_appeal(same, appeal_ref=ref, upheld=True, answer="Yes", on=DAY)
    other = makers.someone("programme_coordinator")
    with pytest.raises(ReasonMissing):
        decisions.answer_appeal(other, appeal_ref=ref, upheld=True, answer="", on=DAY)
    assert Appeal.objects.get().state == "open"
    decisions.answer_appeal(other, appeal_ref=ref, upheld=True, answer="The market was overlooked", on=DAY)
    [found] = decisions.appeals(coordinator, outcome_ref=refused)
    assert (found.state, found.answer) == ("upheld", "The market was overlooked")
    assert decisions.outcome(coordinator, refused).outcome == "refused"  # the outcome itself stays
