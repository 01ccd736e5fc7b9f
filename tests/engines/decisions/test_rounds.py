"""A round: criteria frozen, interests first, scores sealed, a ranking anybody can recompute, reasons on the record."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jump.base import duties, outbox
from jump.base.models import AuditEvent, Notice
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.decisions.models import Candidate, Interest, Outcome, Round, Score
from jump.engines.decisions.services.refusals import (
    AlreadyDecided,
    CandidatesMissing,
    CriteriaFrozen,
    DecisionKeyReused,
    FiguresMissing,
    HasInterest,
    InterestUndeclared,
    MinutesMissing,
    NotDecided,
    NotKept,
    NotOnPanel,
    OverCapacity,
    PanelRole,
    PanelTooSmall,
    Quorum,
    ReasonMissing,
    RoundNotOpen,
    ScreeningFailed,
    Sealed,
    UnknownOutcome,
)
from jump.engines.decisions.types import CandidateState, RoundState
from tests import makers
from tests.engines.decisions.panels import CLOSES, DAY, OPENS, ROUNDS, Panel, decided, declare, entered, opened

pytestmark = pytest.mark.django_db

GOOD = {"signed": 1, "need": 4, "ready": 4}
FAIR = {"signed": 1, "need": 2, "ready": 3}


@pytest.fixture
def two(ground, coordinator, panel: Panel) -> tuple[Ref, Ref, Ref]:
    """A round of the Philippines with Riverside and Hilltop."""
    round_ref = opened(coordinator, "pilots", ground.country_scope, panel)
    return (
        round_ref,
        entered("pilots", ground.riverside, ground.scope),
        entered("pilots", ground.hilltop, ground.other_scope),
    )


# Opening -----------------------------------------------------------------------------------------------


@pytest.mark.covers("SELECT-07")
def test_criteria_and_weights_are_frozen_when_the_round_opens(ground, coordinator, panel: Panel, two) -> None:
    round_ref, riverside, _hilltop = two
    heavier = {**ROUNDS["pilots"], "criteria": [{"id": "views", "title": {"en": "Views"}, "weight": 9}]}
    declare("2", pilots=heavier)

    view = decisions.round_(coordinator, round_ref)
    assert [(one.id, one.weight) for one in view.criteria] == [
        ("signed", Decimal(0)),
        ("need", Decimal(3)),
        ("ready", Decimal(1)),
    ]
    assert view.version == "1"
    member = panel.members[0]
    decisions.declare_interest(member, round_ref=round_ref, candidate_ref=riverside, has_interest=False)
    with pytest.raises(CriteriaFrozen):
        decisions.score(member, candidate_ref=riverside, scores={"views": 3})
    assert Score.objects.count() == 0


def test_a_panel_is_large_enough_and_holds_its_role(ground, coordinator, panel: Panel) -> None:
    with pytest.raises(PanelTooSmall):
        opened(coordinator, "pilots", ground.country_scope, Panel(panel.members[:2]))
    outsider = makers.signed_in("donor")
    elsewhere = makers.signed_in("selection_panel", ground.foreign_scope)
    for stranger in (outsider, elsewhere):
        with pytest.raises(PanelRole):
            opened(coordinator, "pilots", ground.country_scope, Panel([*panel.members[:2], stranger]))
    assert Round.objects.count() == 0


def test_a_round_opens_once_under_its_key_and_only_by_who_may(ground, coordinator, panel: Panel) -> None:
    first = opened(coordinator, "pilots", ground.country_scope, panel, key="one")
    assert opened(coordinator, "pilots", ground.country_scope, panel, key="one") == first
    with pytest.raises(DecisionKeyReused):
        opened(coordinator, "pilots", ground.scope, panel, key="one")
    with pytest.raises(BadInput):
        opened(coordinator, "pilots", ground.scope, panel, closes_on=date(2003, 2, 1))
    with pytest.raises(NotAllowed):
        opened(panel.members[0], "pilots", ground.country_scope, panel)
    assert Round.objects.count() == 1


@pytest.mark.covers("SELECT-06")
def test_candidates_wait_for_the_round_and_join_it_between_its_dates(ground, coordinator, panel: Panel) -> None:
    early = entered("pilots", ground.riverside, ground.scope, on=date(2003, 2, 1))
    foreign = entered("pilots", ground.lamai, ground.foreign_scope, on=date(2003, 2, 1))
    assert [one.ref for one in decisions.waiting(coordinator)] == [early, foreign]

    round_ref = opened(coordinator, "pilots", ground.country_scope, panel)
    in_time = entered("pilots", ground.hilltop, ground.other_scope, on=CLOSES)
    late = entered("pilots", makers.group(), ground.scope, on=date(2003, 5, 1))

    assert [one.ref for one in decisions.round_(coordinator, round_ref).candidates] == [early, in_time]
    assert [one.ref for one in decisions.waiting(coordinator)] == [foreign, late]
    assert decisions.candidate(coordinator, late).state is CandidateState.WAITING


def test_a_candidate_is_entered_once_and_a_new_question_about_it_keeps_it_one(ground, coordinator, panel) -> None:
    first = entered("pilots", ground.riverside, ground.scope, key="one", answer_to="cases:stp-1:1")
    assert entered("pilots", ground.riverside, ground.scope, key="one", answer_to="cases:stp-1:1") == first
    assert entered("pilots", ground.riverside, ground.scope, key="two", answer_to="cases:stp-1:2") == first
    assert Candidate.objects.get().answer_to == "cases:stp-1:2"


# Interests and scores ----------------------------------------------------------------------------------


@pytest.mark.covers("SELECT-07")
def test_interests_are_declared_before_scoring_and_who_has_one_does_not_score(panel: Panel, two) -> None:
    round_ref, riverside, hilltop = two
    member = panel.members[0]
    with pytest.raises(InterestUndeclared):
        decisions.score(member, candidate_ref=riverside, scores=GOOD)
    decisions.declare_interest(
        member, round_ref=round_ref, candidate_ref=riverside, has_interest=True, what="My sister lives there"
    )
    with pytest.raises(HasInterest):
        decisions.score(member, candidate_ref=riverside, scores=GOOD)
    assert Score.objects.count() == 0
    decisions.declare_interest(member, round_ref=round_ref, candidate_ref=hilltop, has_interest=False)
    decisions.score(member, candidate_ref=hilltop, scores=GOOD)
    assert [one.complete for one in decisions.my_scores(member, round_ref)] == [False, True]


def test_who_declares_an_interest_after_scoring_loses_the_scores_for_that_candidate(panel: Panel, two) -> None:
    round_ref, riverside, _hilltop = two
    panel.score_alike(round_ref, {riverside: GOOD})
    member = panel.members[0]
    decisions.declare_interest(member, round_ref=round_ref, candidate_ref=riverside, has_interest=True, what="A loan")
    assert not Score.objects.filter(user_id=member.user_id).exists()
    assert Score.objects.count() == 6
    event = AuditEvent.objects.filter(action="decisions.declare_interest").order_by("-pk").first()
    assert event is not None
    assert event.facts == {"has_interest": True, "scores_removed": 3}


def test_only_members_of_the_panel_score(ground, coordinator, panel: Panel, two) -> None:
    round_ref, riverside, _hilltop = two
    for stranger in (coordinator, makers.signed_in("selection_panel")):
        with pytest.raises(NotOnPanel):
            decisions.declare_interest(stranger, round_ref=round_ref, candidate_ref=riverside, has_interest=False)
        with pytest.raises(NotOnPanel):
            decisions.score(stranger, candidate_ref=riverside, scores=GOOD)
        with pytest.raises(NotOnPanel):
            decisions.my_scores(stranger, round_ref)
    assert Interest.objects.count() == 0


@pytest.mark.parametrize(
    ("scores", "field"), [({"need": 6}, "need"), ({"need": -1}, "need"), ({"signed": 2}, "signed")]
)
def test_a_score_outside_its_scale_is_refused(panel: Panel, two, scores: dict[str, int], field: str) -> None:
    round_ref, riverside, _hilltop = two
    decisions.declare_interest(panel.members[0], round_ref=round_ref, candidate_ref=riverside, has_interest=False)
    with pytest.raises(BadInput) as refusal:
        decisions.score(panel.members[0], candidate_ref=riverside, scores={"ready": 3, **scores})
    assert list(refusal.value.errors()) == [field]
    assert Score.objects.count() == 0


@pytest.mark.covers("SELECT-07")
def test_scores_are_sealed_until_all_are_in(coordinator, panel: Panel, two) -> None:
    round_ref, riverside, hilltop = two
    panel.score_alike(round_ref, {riverside: GOOD})
    for reader in (coordinator, *panel.members):
        with pytest.raises(Sealed) as refusal:
            decisions.ranking(reader, round_ref)
        assert refusal.value.facts["missing"] == 3
    with pytest.raises(Sealed):
        decided(coordinator, round_ref, panel, {riverside: "selected", hilltop: ("reserve", "Later")})
    assert "GOOD" not in str(decisions.round_(coordinator, round_ref).panel)
    assert [one.candidates_scored for one in decisions.round_(coordinator, round_ref).panel] == [1, 1, 1]

    panel.score_alike(round_ref, {hilltop: FAIR})
    view = decisions.ranking(coordinator, round_ref)
    assert [(one.candidate_ref, one.rank, one.score) for one in view.rows] == [
        (riverside, 1, Decimal("80.0000")),
        (hilltop, 2, Decimal("45.0000")),
    ]


def test_closing_scoring_unseals_what_is_there_and_nobody_scores_after(coordinator, panel: Panel, two) -> None:
    round_ref, riverside, hilltop = two
    panel.score_alike(round_ref, {riverside: GOOD})
    decisions.close_scoring(coordinator, round_ref=round_ref, on=DAY)
    rows = {one.candidate_ref: one for one in decisions.ranking(coordinator, round_ref).rows}
    assert rows[riverside].scorers == 3
    assert rows[hilltop].incomplete
    with pytest.raises(RoundNotOpen):
        decisions.score(panel.members[0], candidate_ref=riverside, scores=FAIR)
    with pytest.raises(RoundNotOpen):
        decisions.declare_interest(panel.members[0], round_ref=round_ref, candidate_ref=hilltop, has_interest=True)


@pytest.mark.covers("CER-08")
def test_the_ranking_is_reproducible_keeps_every_score_and_shows_ties(ground, coordinator, panel: Panel) -> None:
    round_ref = opened(coordinator, "proposals", ground.country_scope, panel)
    a, d, *pair = (entered("proposals", makers.group(), ground.scope) for _ in range(4))
    b, c = sorted(pair)
    panel.score(
        round_ref,
        {
            a: [{"jobs": 5, "market": 3}, {"jobs": 4, "market": 3}, {"jobs": 3, "market": 3}],
            b: [{"jobs": 3, "market": 4}] * 3,
            c: [{"jobs": 3, "market": 4}] * 3,
            d: [{"jobs": 4, "market": 2}] * 3,  # the same points as b and c; the tie-break puts jobs first
        },
    )
    first = decisions.ranking(coordinator, round_ref)
    assert [(one.candidate_ref, one.rank, one.score, one.suggests) for one in first.rows] == [
        (a, 1, Decimal("73.3333"), "approved"),
        (d, 2, Decimal("66.6667"), "revise"),
        (b, 3, Decimal("66.6667"), "revise"),
        (c, 3, Decimal("66.6667"), "revise"),
    ]
    assert first.ties == ((b, c),)
    assert first.rows[0].by_criterion == {"jobs": Decimal("4.0000"), "market": Decimal("3.0000")}
    assert first.spread[a] == Decimal("26.6667")
    assert decisions.ranking(coordinator, round_ref) == first
    assert Score.objects.count() == 24

    decided(
        coordinator,
        round_ref,
        panel,
        {a: "approved", b: ("revise", "Costs"), c: ("revise", "Costs"), d: ("refused", "No")},
    )
    assert decisions.ranking(coordinator, round_ref) == first
    assert [row["score"] for row in Round.objects.get().computed] == ["73.3333", "66.6667", "66.6667", "66.6667"]


@pytest.mark.covers("SELECT-07")
def test_a_member_with_an_interest_sees_neither_score_nor_rank_and_cannot_work_them_out(
    coordinator, ground, panel: Panel
) -> None:
    round_ref = opened(coordinator, "proposals", ground.country_scope, panel)
    a, b, c = (entered("proposals", makers.group(), ground.scope) for _ in range(3))
    panel.score_alike(round_ref, {a: {"jobs": 5, "market": 5}, c: {"jobs": 2, "market": 2}})
    member, *others = panel.members
    decisions.declare_interest(member, round_ref=round_ref, candidate_ref=b, has_interest=True, what="My cousin's")
    Panel(others).score_alike(round_ref, {b: {"jobs": 4, "market": 4}})

    seen = decisions.ranking(member, round_ref)
    assert [(one.candidate_ref, one.rank, one.hidden) for one in seen.rows] == [
        (a, 1, False),
        (c, 2, False),
        (b, None, True),
    ]
    assert (seen.rows[2].score, seen.rows[2].by_criterion) == (None, {})
    assert b not in seen.spread
    full = decisions.ranking(others[0], round_ref)
    assert [(one.candidate_ref, one.rank) for one in full.rows] == [(a, 1), (b, 2), (c, 3)]
    with pytest.raises(HasInterest):
        decided(member, round_ref, panel, {a: "approved", b: "approved", c: "approved"})
    assert Outcome.objects.count() == 0


def test_a_figure_is_supplied_from_above_with_its_sources_and_scoring_waits_for_it(ground, coordinator, panel) -> None:
    round_ref = opened(coordinator, "figures", ground.country_scope, panel)
    a = entered("figures", ground.riverside, ground.scope)
    panel.score_alike(round_ref, {a: {"ready": 5}})
    with pytest.raises(CriteriaFrozen):
        decisions.score(panel.members[0], candidate_ref=a, scores={"jobless": 50})
    with pytest.raises(FiguresMissing):
        decisions.close_scoring(coordinator, round_ref=round_ref, on=DAY)
    with pytest.raises(NotAllowed):
        decisions.record_computed(panel.members[0], candidate_ref=a, criterion="jobless", value=Decimal(20), sources=[])
    source = Ref("val-00000001")
    decisions.record_computed(
        makers.MAKER, candidate_ref=a, criterion="jobless", value=Decimal("20.5"), sources=[source]
    )
    decisions.close_scoring(coordinator, round_ref=round_ref, on=DAY)
    [row] = decisions.ranking(coordinator, round_ref).rows
    assert row.score == Decimal("60.2500")
    described = duties.describe(coordinator, a)
    assert described is not None
    assert source in described.sources


# Deciding ----------------------------------------------------------------------------------------------


def test_a_departure_from_the_ranking_needs_a_reason_on_the_record(ground, coordinator, panel: Panel) -> None:
    round_ref = opened(coordinator, "proposals", ground.country_scope, panel)
    best, next_ = (entered("proposals", makers.group(), ground.scope) for _ in range(2))
    panel.score_alike(round_ref, {best: {"jobs": 5, "market": 5}, next_: {"jobs": 3, "market": 3}})

    for choices in (
        {best: ("revise", "Costs are too low"), next_: "approved"},  # chosen past a better one, no reason
        {best: "revise", next_: ("approved", "Ready now")},  # passed over, no reason
    ):
        with pytest.raises(ReasonMissing) as refusal:
            decided(coordinator, round_ref, panel, choices)
        assert refusal.value.facts["departures"] == sorted([best, next_])
        assert Outcome.objects.count() == 0
        assert decisions.round_(coordinator, round_ref).state is RoundState.OPEN

    decided(coordinator, round_ref, panel, {best: ("revise", "Costs are too low"), next_: ("approved", "Ready now")})
    found = decisions.outcomes(coordinator, round_ref=round_ref)
    assert [(one.rank, one.departs, one.reason) for one in found] == [
        (1, True, "Costs are too low"),
        (2, True, "Ready now"),
    ]


@pytest.mark.covers("CER-13")
def test_every_decision_that_is_not_good_news_has_a_reason(ground, coordinator, panel: Panel) -> None:
    round_ref = opened(coordinator, "proposals", ground.country_scope, panel)
    a = entered("proposals", ground.riverside, ground.scope)
    panel.score_alike(round_ref, {a: {"jobs": 3, "market": 3}})
    with pytest.raises(ReasonMissing):
        decided(coordinator, round_ref, panel, {a: "revise"})
    with pytest.raises(UnknownOutcome):
        decided(coordinator, round_ref, panel, {a: "postponed"})
    with pytest.raises(MinutesMissing):
        decided(coordinator, round_ref, panel, {a: "approved"}, minutes="  ")
    with pytest.raises(CandidatesMissing):
        decided(coordinator, round_ref, panel, {})
    assert Outcome.objects.count() == 0
    decided(coordinator, round_ref, panel, {a: ("revise", "The costs of transport are missing")})
    [outcome] = decisions.outcomes(coordinator, round_ref=round_ref)
    assert (outcome.outcome, outcome.reason) == ("revise", "The costs of transport are missing")


def test_too_few_present_or_too_few_without_an_interest_cannot_decide(coordinator, panel: Panel, two) -> None:
    round_ref, riverside, hilltop = two
    first, second, third = panel.members
    for member in (first, second):
        decisions.declare_interest(member, round_ref=round_ref, candidate_ref=riverside, has_interest=True)
    Panel([third]).score_alike(round_ref, {riverside: GOOD})
    panel.score_alike(round_ref, {hilltop: FAIR})
    choices = {riverside: "selected", hilltop: ("reserve", "One place in this round")}
    with pytest.raises(Quorum):
        decided(coordinator, round_ref, panel, choices, present=panel.ids[:2])
    with pytest.raises(Quorum) as refusal:
        decided(coordinator, round_ref, panel, choices)
    assert refusal.value.facts["candidate"] == riverside
    with pytest.raises(NotOnPanel):
        decided(coordinator, round_ref, panel, choices, present=[*panel.ids, coordinator.user_id])
    assert Outcome.objects.count() == 0


def test_what_was_decided_is_not_decided_again(coordinator, panel: Panel, two) -> None:
    round_ref, riverside, hilltop = two
    panel.score_alike(round_ref, {riverside: GOOD, hilltop: FAIR})
    decided(coordinator, round_ref, panel, {riverside: "selected", hilltop: ("reserve", "Later")})
    with pytest.raises(AlreadyDecided):
        decided(
            panel.members[0],
            round_ref,
            panel,
            {riverside: ("not_selected", "No"), hilltop: ("selected", "Yes")},
            minutes="Another meeting.",
        )
    assert [(one.outcome, one.reason) for one in decisions.outcomes(coordinator, round_ref=round_ref)] == [
        ("selected", ""),
        ("reserve", "Later"),
    ]
    assert decisions.round_(coordinator, round_ref).minutes == "Discussed and agreed."


@pytest.mark.covers("SELECT-08")
def test_limits_in_all_and_per_country_hold_over_all_rounds(ground, coordinator, panel: Panel) -> None:
    def round_with(*places: tuple[Ref, str], second: bool = False) -> tuple[Ref, list[Ref]]:
        dates = {"opens_on": date(2003, 6, 1), "closes_on": date(2003, 7, 1)} if second else {}
        on = {"on": date(2003, 6, 2)} if second else {}
        ref = opened(coordinator, "pilots", "trial/", panel, **dates)
        found = [entered("pilots", place, scope, **on) for place, scope in places]
        panel.score_alike(ref, dict.fromkeys(found, GOOD))
        return ref, found

    riverside, hilltop = (ground.riverside, ground.scope), (ground.hilltop, ground.other_scope)
    first, (a, b) = round_with(riverside, hilltop)
    with pytest.raises(OverCapacity) as refusal:  # one per country in the first round
        decided(coordinator, first, panel, {a: "selected", b: "selected"})
    assert refusal.value.facts == {"chosen": 2, "limit": 1, "where": "Philippines"}
    assert Outcome.objects.count() == 0
    decided(coordinator, first, panel, {a: "selected", b: ("reserve", "One place in this round")})
    decisions.publish(coordinator, round_ref=first, on=DAY)

    more = [(makers.group(), ground.scope), (makers.group(), ground.other_scope)]
    second, (c, d) = round_with(*more, second=True)
    with pytest.raises(OverCapacity) as refusal:  # two per country in all
        decided(coordinator, second, panel, {c: "selected", d: "selected"})
    assert refusal.value.facts == {"chosen": 3, "limit": 2, "where": "Philippines"}
    decided(coordinator, second, panel, {c: "selected", d: ("reserve", "The country is full")})


def test_the_limit_of_the_whole_programme_holds(ground, coordinator, panel: Panel) -> None:
    declare(pilots={**ROUNDS["pilots"], "capacity": {"max_total": 1}})
    ref = opened(coordinator, "pilots", "trial/", panel)
    a = entered("pilots", ground.riverside, ground.scope)
    b = entered("pilots", ground.lamai, ground.foreign_scope)
    panel.score_alike(ref, {a: GOOD, b: GOOD})
    with pytest.raises(OverCapacity):
        decided(coordinator, ref, panel, {a: "selected", b: "selected"})
    assert Outcome.objects.count() == 0


# Screening ---------------------------------------------------------------------------------------------


@pytest.mark.covers("SELECT-01")
def test_a_country_is_eligible_only_with_all_five_answers_yes_each_with_evidence(ground, coordinator, panel) -> None:
    one = Panel(panel.members[:1])
    ref = opened(coordinator, "country", ground.country_scope, one)
    a = entered("country", ground.philippines, ground.country_scope)
    member = one.members[0]
    decisions.declare_interest(member, round_ref=ref, candidate_ref=a, has_interest=False)
    names = ("unemployment", "request", "job_policies", "coop_law", "field_structure")
    yes = dict.fromkeys(names, 1)
    with pytest.raises(BadInput) as refusal:
        decisions.score(member, candidate_ref=a, scores=yes, comments={"unemployment": "Census 2000"})
    assert sorted(refusal.value.errors()) == sorted(names[1:])
    assert Score.objects.count() == 0

    proofs = {name: Ref("sub-00000001") for name in names}
    decisions.score(member, candidate_ref=a, scores={**yes, "request": 0}, proofs=proofs)
    with pytest.raises(ScreeningFailed) as failed:
        decided(coordinator, ref, one, {a: "eligible"})
    assert failed.value.facts["tests"] == ["request"]
    assert Outcome.objects.count() == 0

    decisions.score(member, candidate_ref=a, scores={"request": 1}, proofs=proofs)
    decided(coordinator, ref, one, {a: "eligible"})
    [outcome] = decisions.outcomes(coordinator, round_ref=ref)
    assert outcome.good


@pytest.mark.covers("SELECT-05")
@pytest.mark.parametrize(("strengthens", "creates", "passes"), [(1, 1, True), (1, 0, False), (0, 1, False)])
def test_an_activity_passes_only_when_both_tests_are_yes(
    ground, coordinator, panel: Panel, strengthens: int, creates: int, passes: bool
) -> None:
    ref = opened(coordinator, "activity", ground.country_scope, panel)
    a = entered("activity", ground.riverside, ground.scope)
    panel.score_alike(ref, {a: {"strengthens_economy": strengthens, "creates_jobs": creates}})
    if passes:
        decided(coordinator, ref, panel, {a: "accepted"})
    else:
        with pytest.raises(ScreeningFailed):
            decided(coordinator, ref, panel, {a: "accepted"})
        decided(coordinator, ref, panel, {a: ("refused", "One of the two tests is not met")})
    assert [one.good for one in decisions.outcomes(coordinator, round_ref=ref)] == [passes]


def test_a_test_passes_when_more_than_half_of_the_panel_says_yes(ground, coordinator, panel: Panel) -> None:
    ref = opened(coordinator, "activity", ground.country_scope, panel)
    a, b = entered("activity", ground.riverside, ground.scope), entered("activity", ground.hilltop, ground.other_scope)
    yes, no = {"strengthens_economy": 1, "creates_jobs": 1}, {"strengthens_economy": 1, "creates_jobs": 0}
    panel.score(ref, {a: [yes, yes, no], b: [yes, no, no]})
    rows = {one.candidate_ref: one.screened_out for one in decisions.ranking(coordinator, ref).rows}
    assert rows == {a: (), b: ("creates_jobs",)}


@pytest.mark.covers("SELECT-04")
def test_partners_are_chosen_with_criteria_scores_and_minutes_resting_on_their_appraisals(
    ground, coordinator, panel: Panel
) -> None:
    ref = opened(coordinator, "proposals", ground.country_scope, panel, title="Choice of partners")
    first, second = (entered("proposals", makers.organisation(), ground.country_scope) for _ in range(2))
    appraisal = Ref("sub-00000009")
    for candidate, marks in ((first, 5), (second, 2)):
        for member in panel.members:
            decisions.declare_interest(member, round_ref=ref, candidate_ref=candidate, has_interest=False)
            decisions.score(
                member,
                candidate_ref=candidate,
                scores={"jobs": marks, "market": marks},
                proofs={"jobs": appraisal},
            )
    decided(
        coordinator,
        ref,
        panel,
        {first: "approved", second: ("refused", "No accounts for two years")},
        minutes="Both appraisals were read.",
    )
    decisions.publish(coordinator, round_ref=ref, on=DAY)
    view = decisions.round_(coordinator, ref)
    assert (view.minutes, [one.id for one in view.criteria]) == ("Both appraisals were read.", ["jobs", "market"])
    assert [(one.outcome, one.score) for one in decisions.outcomes(coordinator, round_ref=ref)] == [
        ("approved", Decimal(100)),
        ("refused", Decimal(40)),
    ]
    described = duties.describe(coordinator, first)
    assert described is not None
    assert appraisal in described.sources


# Telling -----------------------------------------------------------------------------------------------


def case_of(place: Ref, scope: str, procedure: str = "community") -> Ref:
    ref = cases.open_case(
        makers.someone("extension_worker"),
        procedure=f"panels.{procedure}",
        subject_ref=place,
        scope=scope,
        on=date(2003, 3, 2),
        key=f"{procedure} {place}",
    )
    outbox.drain()
    return ref


@pytest.mark.covers("SELECT-09", "CER-13")
def test_publishing_tells_the_cases_once_and_reserves_come_back_in_a_later_round(
    ground, coordinator, panel: Panel
) -> None:
    round_ref = opened(coordinator, "pilots", ground.country_scope, panel)
    chosen, kept = case_of(ground.riverside, ground.scope), case_of(ground.hilltop, ground.other_scope)
    a, b = (one.ref for one in decisions.round_(coordinator, round_ref).candidates)
    panel.score_alike(round_ref, {a: GOOD, b: FAIR})
    with pytest.raises(NotDecided):
        decisions.publish(coordinator, round_ref=round_ref, on=DAY)
    decided(coordinator, round_ref, panel, {a: "selected", b: ("reserve", "One place in this round")})
    assert cases.case(coordinator, chosen).here[0].key == "screening"  # not told yet

    told = decisions.publish(coordinator, round_ref=round_ref, on=DAY)
    assert decisions.publish(coordinator, round_ref=round_ref, on=date(2003, 6, 1)) == told
    outbox.drain()
    view = cases.case(coordinator, chosen)
    assert [one.key for one in view.here] == ["core_team"]
    assert view.steps[0].proof_ref == told[0]
    assert cases.case(coordinator, kept).outcome == "reserve"
    assert {one.published_on for one in decisions.outcomes(coordinator, round_ref=round_ref)} == {DAY}

    waiting = decisions.kept_for_later(coordinator, definition="panels.pilots")
    assert [(one.ref, one.reserve, one.reason) for one in waiting] == [(told[1], True, "One place in this round")]

    later = opened(
        coordinator, "pilots", ground.country_scope, panel, opens_on=date(2004, 1, 1), closes_on=date(2004, 3, 1)
    )
    with pytest.raises(NotKept):
        decisions.invite_again(coordinator, round_ref=later, outcome_ref=told[0], why="Good", on=date(2004, 1, 10))
    decisions.invite_again(
        coordinator, round_ref=later, outcome_ref=told[1], why="A place is free", on=date(2004, 1, 10)
    )
    with pytest.raises(NotKept):
        decisions.invite_again(coordinator, round_ref=later, outcome_ref=told[1], why="Again", on=date(2004, 1, 10))
    outbox.drain()
    [candidate] = decisions.round_(coordinator, later).candidates
    assert (candidate.candidate_ref, candidate.subject_ref) == (kept, ground.hilltop)
    assert decisions.kept_for_later(coordinator, definition="panels.pilots") == []
    assert [(one.key, one.round) for one in cases.case(coordinator, kept).here] == [("screening", 2)]

    panel.score_alike(later, {candidate.ref: GOOD})
    decided(coordinator, later, panel, {candidate.ref: "selected"}, on=date(2004, 3, 2))
    decisions.publish(coordinator, round_ref=later, on=date(2004, 3, 3))
    assert [one.key for one in cases.case(coordinator, kept).here] == ["core_team"]


@pytest.mark.covers("CER-14")
def test_a_revised_proposal_is_reviewed_again_and_both_reviews_stay(ground, coordinator, panel: Panel) -> None:
    case = case_of(ground.riverside, ground.scope, "proposal")
    first = opened(coordinator, "proposals", ground.country_scope, panel)
    [a] = decisions.round_(coordinator, first).candidates
    panel.score_alike(first, {a.ref: {"jobs": 2, "market": 2}})
    decided(coordinator, first, panel, {a.ref: ("revise", "Add the costs of transport")})
    decisions.publish(coordinator, round_ref=first, on=DAY)
    assert [one.key for one in cases.case(coordinator, case).here] == ["revision"]

    cases.record_session(
        coordinator,
        step_ref=cases.case(coordinator, case).here[0].ref,
        held_on=date(2003, 5, 20),
        minutes="The costs were added.",
        key="help",
    )
    outbox.drain()
    second = opened(
        coordinator,
        "proposals",
        ground.country_scope,
        panel,
        opens_on=date(2003, 5, 1),
        closes_on=date(2003, 6, 30),
    )
    [b] = decisions.round_(coordinator, second).candidates
    assert b.ref != a.ref
    panel.score_alike(second, {b.ref: {"jobs": 4, "market": 4}})
    decided(coordinator, second, panel, {b.ref: "approved"})
    decisions.publish(coordinator, round_ref=second, on=date(2003, 7, 1))
    assert cases.case(coordinator, case).outcome == "approved"
    reviews = decisions.outcomes(coordinator, about_ref=case)
    assert [(one.outcome, one.reason) for one in reviews] == [
        ("revise", "Add the costs of transport"),
        ("approved", ""),
    ]


@pytest.mark.covers("CER-13", "SELECT-09")
def test_the_community_gets_a_notice_for_every_decision(ground, coordinator, panel: Panel) -> None:
    told: list[tuple[str, str, str, str]] = []

    def notify(cause: outbox.Cause, *, to: str, template: str, facts, about: str | None = None) -> None:
        told.append((to, template, facts["community"], facts["reason"]))

    declare(
        proposals={
            **ROUNDS["proposals"],
            "outcomes": [{**one, "notify": f"proposal_{one['id']}"} for one in ROUNDS["proposals"]["outcomes"]],
        }
    )
    ref = opened(coordinator, "proposals", ground.country_scope, panel)
    a, b = (
        entered("proposals", ground.riverside, ground.scope),
        entered("proposals", ground.hilltop, ground.other_scope),
    )
    panel.score_alike(ref, {a: {"jobs": 5, "market": 5}, b: {"jobs": 1, "market": 1}})
    decided(coordinator, ref, panel, {a: "approved", b: ("refused", "$500 for a market is missing")})
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(outbox._offered, "parties.notify", notify)
        decisions.publish(coordinator, round_ref=ref, on=DAY)
        outbox.drain()
    assert told == [
        (ground.riverside, "panels.proposal_approved", "Riverside", ""),
        (ground.hilltop, "panels.proposal_refused", "Hilltop", "$500 for a market is missing"),
    ]
    assert Notice.objects.count() == 0


def test_nothing_is_published_when_the_promised_money_is_refused(
    ground, coordinator, panel: Panel, monkeypatch
) -> None:
    from jump.base.refusals import Refusal
    from jump.engines.finance import api as finance

    class Short(Refusal):
        code = "finance.fund_short"

    held: list[tuple[str, int, str]] = []

    def reserve(actor, *, fund_ref, amount, key, **more):
        if len(held) >= 1:
            raise Short()
        held.append((fund_ref, amount.amount_minor, amount.currency))

    monkeypatch.setattr(finance, "reserve", reserve)
    promising = {
        **ROUNDS["proposals"]["outcomes"][0],
        "reserves": {"fund": "$fund", "amount": "$amount", "currency": "PHP"},
    }
    declare(proposals={**ROUNDS["proposals"], "outcomes": [promising, *ROUNDS["proposals"]["outcomes"][1:]]})
    ref = opened(coordinator, "proposals", ground.country_scope, panel)
    money = {"facts": {"fund": "fnd-00000001", "amount": "1250.50"}}
    first = case_of(ground.riverside, ground.scope, "proposal")
    a = decisions.round_(coordinator, ref).candidates[0].ref
    Candidate.objects.update(facts=money["facts"])
    b = entered("proposals", ground.hilltop, ground.other_scope, **money)
    panel.score_alike(ref, {a: {"jobs": 5, "market": 5}, b: {"jobs": 4, "market": 4}})
    decided(coordinator, ref, panel, {a: "approved", b: "approved"})

    with pytest.raises(Short):
        decisions.publish(coordinator, round_ref=ref, on=DAY)
    assert held == [("fnd-00000001", 125_050, "PHP")]
    assert decisions.round_(coordinator, ref).state is RoundState.DECIDED
    assert cases.case(coordinator, first).here[0].key == "review"
    assert not Outcome.objects.filter(published_on__isnull=False).exists()


# Who sees what -----------------------------------------------------------------------------------------


def test_before_publication_only_panel_and_coordinators_know_the_decision(
    ground, coordinator, panel: Panel, two
) -> None:
    round_ref, riverside, hilltop = two
    panel.score_alike(round_ref, {riverside: GOOD, hilltop: FAIR})
    decided(coordinator, round_ref, panel, {riverside: "selected", hilltop: ("reserve", "Later")})
    worker = makers.someone("extension_worker")
    community = makers.someone("public", ground.foreign_scope, rows=(ground.riverside,))
    for reader in (worker, community):
        assert decisions.outcomes(reader) == []
        assert decisions.rounds(reader) == []
        with pytest.raises(NotFound):
            decisions.ranking(reader, round_ref)
    [told, _other] = decisions.publish(coordinator, round_ref=round_ref, on=DAY)
    assert [one.outcome for one in decisions.outcomes(worker)] == ["selected", "reserve"]
    assert [one.outcome for one in decisions.outcomes(community)] == ["selected"]
    assert decisions.outcome(community, told).title == "Selected"
    stranger = makers.someone("extension_worker", ground.foreign_scope)
    assert decisions.outcomes(stranger) == []


def test_a_panel_member_without_a_role_at_the_place_sees_the_round_of_the_panel(
    ground, coordinator, panel, two
) -> None:
    round_ref = two[0]
    outsider = replace(panel.members[0], grants=())
    assert [one.ref for one in decisions.rounds(outsider)] == [round_ref]
    assert decisions.round_(outsider, round_ref).i_am_on_panel


def test_who_has_to_score_and_who_has_to_decide_are_told(ground, coordinator, panel: Panel, two) -> None:
    round_ref, riverside, hilltop = two
    titles = [one.title for one in duties.due(panel.members[0], date(2003, 4, 25)) if one.ref == round_ref]
    assert titles == ["Choice of pilot communities: Score 2 candidates"]
    panel.score_alike(round_ref, {riverside: GOOD, hilltop: FAIR})
    assert [one for one in duties.due(panel.members[0], date(2003, 4, 25)) if one.ref == round_ref] == []
    [due] = [one for one in duties.due(coordinator, DAY) if one.ref == round_ref]
    assert (due.title, due.severity) == ("Choice of pilot communities: Decide", "bad")


@pytest.mark.covers("CROSS-01")
def test_every_step_of_a_decision_is_on_the_trail_without_the_scores(coordinator, panel: Panel, two) -> None:
    round_ref, riverside, hilltop = two
    panel.score_alike(round_ref, {riverside: GOOD, hilltop: FAIR})
    decided(coordinator, round_ref, panel, {riverside: "selected", hilltop: ("reserve", "Later")})
    decisions.publish(coordinator, round_ref=round_ref, on=DAY)
    actions = list(AuditEvent.objects.filter(action__startswith="decisions.").values_list("action", flat=True))
    assert {
        "decisions.open_round",
        "decisions.enter",
        "decisions.declare_interest",
        "decisions.score",
        "decisions.decide",
        "decisions.publish",
    } == set(actions)
    scored = AuditEvent.objects.filter(action="decisions.score")
    assert set(scored.values_list("who", flat=True)) == {one.key for one in panel.members}
    assert all(list(event.facts) == ["criteria"] for event in scored)


def test_an_outcome_rests_on_what_was_decided_about_and_on_the_minutes(coordinator, panel: Panel, two, ground) -> None:
    round_ref, riverside, hilltop = two
    panel.score_alike(round_ref, {riverside: GOOD, hilltop: FAIR})
    decided(coordinator, round_ref, panel, {riverside: "selected", hilltop: ("reserve", "Later")})
    [first, second] = decisions.publish(coordinator, round_ref=round_ref, on=DAY)
    described = duties.describe(coordinator, second)
    assert described is not None
    assert described.detail == "Later"
    assert described.sources == (hilltop, ground.hilltop, round_ref)
    from jump.engines.decisions import duties as own

    found = [one for one in own.facts(as_of=DAY) if one.kind == "decisions.outcome"]
    assert [(one.ref, one.codes["outcome"], one.codes["good"]) for one in found] == [
        (first, "selected", True),
        (second, "reserve", False),
    ]
    assert list(own.facts(as_of=OPENS)) == []


def test_a_list_of_rounds_costs_few_statements_whatever_its_length(
    ground, coordinator, panel: Panel, django_assert_max_num_queries
) -> None:
    for _ in range(4):
        opened(coordinator, "proposals", ground.country_scope, panel)
    with django_assert_max_num_queries(2):
        assert len(decisions.rounds(coordinator)) == 4
    assert decisions.count_rounds(coordinator, state="open") == 4
