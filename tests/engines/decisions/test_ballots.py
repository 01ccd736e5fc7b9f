"""A vote among the people concerned: their rules first, a way to say no, and the count decides."""

from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from jump.base import packages
from jump.base.refusals import BadInput, NotAllowed
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.decisions.models import Ballot, Outcome
from jump.engines.decisions.services.refusals import (
    AgainstTheVote,
    BallotCount,
    BallotMissing,
    BallotRules,
    UnknownOutcome,
)
from tests import makers
from tests.engines.decisions.panels import Panel, decided, entered, opened

pytestmark = pytest.mark.django_db
VOTE = date(2003, 4, 1)


@pytest.fixture
def choice(ground, coordinator, panel: Panel) -> tuple[Ref, Ref]:
    """The round on the form of organisation, with Riverside in it."""
    return opened(coordinator, "form", ground.country_scope, panel), entered("form", ground.riverside, ground.scope)


def rules(worker, candidate: Ref, **more) -> Ref:
    asked = {"electorate": 40, "quorum_percent": 50, "method": "show_of_hands", "on": VOTE, **more}
    return decisions.set_ballot(worker, candidate_ref=candidate, **asked)


def count(worker, candidate: Ref, session: Ref | None = None, **counts: int) -> None:
    decisions.hold_ballot(worker, candidate_ref=candidate, counts=counts, session_ref=session, on=VOTE)


@pytest.mark.covers("SELECT-10", "INDISCO-06")
def test_the_vote_of_the_community_decides_and_it_may_be_against_a_cooperative(
    ground, coordinator, panel: Panel, choice
) -> None:
    round_ref, candidate = choice
    worker = makers.someone("extension_worker")
    assert [option for option, _title in decisions.round_(coordinator, round_ref).options] == [
        "cooperative",
        "association",
        "no_cooperative",
    ]
    meeting = cases.record_session(
        worker,
        kind="village_meeting",
        title="Which form",
        scope=ground.scope,
        held_on=VOTE,
        totals={"female": 14, "male": 12},
        key="vote",
    )
    rules(worker, candidate)
    count(worker, candidate, meeting, cooperative=9, association=4, no_cooperative=13)
    ballot = decisions.ballot(coordinator, candidate)
    assert ballot is not None
    assert (ballot.winner, ballot.quorum_met, ballot.present, ballot.session_ref) == (
        "no_cooperative",
        True,
        26,
        meeting,
    )

    with pytest.raises(AgainstTheVote) as refusal:
        decided(coordinator, round_ref, panel, {candidate: ("cooperative", "The programme would like one")})
    assert refusal.value.facts["winner"] == "no_cooperative"
    assert Outcome.objects.count() == 0
    decided(coordinator, round_ref, panel, {candidate: "no_cooperative"})
    [outcome] = decisions.outcomes(coordinator, round_ref=round_ref)
    assert (outcome.outcome, outcome.good) == ("no_cooperative", True)


@pytest.mark.covers("SELECT-10")
def test_a_package_that_forces_a_cooperative_on_a_community_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "trial_rounds"
    folder.mkdir()
    (folder / "programme.yaml").write_text(
        'name: trial_rounds\nversion: "1"\ntitle: {en: Trial}\nlanguages: [en]\nengines: [decisions]\n'
    )
    (folder / "rounds.yaml").write_text(
        dedent(
            """
            form:
              title: {en: Form}
              method: ballot
              options:
                - {id: cooperative, title: {en: Cooperative}, cooperative: true}
                - {id: union, title: {en: Union}, cooperative: true}
              outcomes:
                - {id: cooperative, title: {en: Cooperative}, good: true}
                - {id: union, title: {en: Union}, good: true}
            """
        ).lstrip()
    )
    [finding] = packages.check([folder])
    assert finding.line == 4
    assert finding.message == "A cooperative may not be forced on a community: there is no option against it."


@pytest.mark.covers("INDISCO-05")
def test_without_rules_before_the_vote_there_is_no_vote(choice) -> None:
    worker = makers.someone("extension_worker")
    _round_ref, candidate = choice
    with pytest.raises(BallotRules):
        count(worker, candidate, cooperative=30)
    rules(worker, candidate)
    with pytest.raises(BallotRules):  # set once
        rules(worker, candidate, quorum_percent=10)
    with pytest.raises(BallotRules):  # a vote held before its rules
        decisions.hold_ballot(
            worker, candidate_ref=candidate, counts={"cooperative": 30}, session_ref=None, on=date(2003, 3, 1)
        )
    count(worker, candidate, cooperative=30)
    with pytest.raises(BallotRules):  # a result stands
        count(worker, candidate, association=30)
    assert Ballot.objects.get().counts == {"cooperative": 30, "association": 0, "no_cooperative": 0}


def test_without_quorum_or_with_a_tie_nothing_is_decided_and_the_vote_is_held_again(
    coordinator, panel: Panel, choice
) -> None:
    worker = makers.someone("extension_worker")
    round_ref, candidate = choice
    rules(worker, candidate)
    for counts in ({"cooperative": 19}, {"cooperative": 10, "no_cooperative": 10}):
        count(worker, candidate, **counts)
        with pytest.raises(BallotMissing):
            decided(coordinator, round_ref, panel, {candidate: "cooperative"})
    assert Outcome.objects.count() == 0
    count(worker, candidate, cooperative=11, no_cooperative=10)
    decided(coordinator, round_ref, panel, {candidate: "cooperative"})


def test_impossible_counts_and_rules_are_refused(ground, choice) -> None:
    worker = makers.someone("extension_worker")
    _round_ref, candidate = choice
    for wrong in ({"electorate": 0}, {"quorum_percent": 101}, {"method": "by post"}):
        with pytest.raises(BadInput) as refusal:
            rules(worker, candidate, **wrong)
        assert list(refusal.value.errors()) == list(wrong)
    assert Ballot.objects.count() == 0
    rules(worker, candidate)
    with pytest.raises(BallotCount):
        count(worker, candidate, cooperative=41)
    with pytest.raises(UnknownOutcome):
        count(worker, candidate, monarchy=20)
    with pytest.raises(BadInput):
        count(worker, candidate, cooperative=-1)
    with pytest.raises(NotAllowed):
        count(makers.someone("extension_worker", ground.foreign_scope), candidate, cooperative=30)
    assert Ballot.objects.get().held_on is None


def test_a_round_of_scores_takes_no_ballot(ground, coordinator, panel: Panel) -> None:
    from jump.engines.decisions.services.refusals import RoundNotOpen

    opened(coordinator, "proposals", ground.country_scope, panel)
    candidate = entered("proposals", ground.riverside, ground.scope)
    with pytest.raises(RoundNotOpen):
        rules(makers.someone("extension_worker"), candidate)
