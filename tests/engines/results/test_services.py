"""What results does and refuses: computing, freezing, targets, activities, plans, assumptions, frameworks as tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from jump.base import clock, duties, outbox
from jump.base.actors import ANONYMOUS
from jump.base.db import write_transaction
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.results import api as results
from jump.engines.results import duties as result_duties
from jump.engines.results.api import ActivityState, OutputState, PlanKind, PlanSection, Sign
from jump.engines.results.models import (
    Activity,
    Baseline,
    Computation,
    Figure,
    FigureChunk,
    FigureSet,
    FrameworkVersion,
    IndicatorVersion,
    Node,
    Plan,
    Target,
    Value,
)
from jump.engines.results.services.refusals import (
    ActivityClosed,
    LogframeBroken,
    OwnWork,
    PeriodOpen,
    PhaseOutMissing,
    PlanIncomplete,
    ProofMissing,
    ReasonMissing,
    SplitMismatch,
    UnknownIndicator,
    UnknownNode,
    UnknownPeriod,
)
from tests import makers
from tests.engines.results.makers import (
    DAY,
    HILLTOP,
    INDICATORS,
    LAMAI,
    PLACES,
    RIVERSIDE,
    Facts,
    coordinator,
    install,
    job,
)

pytestmark = pytest.mark.django_db

PC = coordinator()
PROOF = Ref("sub-00000001")


# Computing -------------------------------------------------------------------------------------------


@pytest.mark.covers("PROG-02", "PROG-03", "INDICATORS-16")
def test_values_are_kept_for_every_place_and_split(facts: Facts) -> None:
    facts.jobs(3)
    facts.jobs(2, HILLTOP, sex="male")
    facts.jobs(4, LAMAI, sex=None)
    facts.jobs(5, decent=False)

    results.compute(PC, as_of=clock.today())

    found = {
        path: results.current(PC, indicator="trial.jobs", scope=path) for path in ("trial/", "trial/asia/PH/", LAMAI)
    }
    assert {path: view.value for path, view in found.items()} == {"trial/": 9, "trial/asia/PH/": 5, LAMAI: 4}
    lines = {part.category: part.value for part in found["trial/"].parts if part.dimension == "sex"}
    assert lines == {"female": 3, "male": 2, "not_stated": 4}
    assert (found["trial/"].target, found["trial/"].baseline) == (300, 0)


def test_computing_again_replaces_values_and_keeps_their_references(facts: Facts) -> None:
    facts.jobs(3)
    results.compute(PC, as_of=clock.today())
    before = results.current(PC, indicator="trial.jobs")
    gone = Value.objects.filter(dimension="age_group", category="25_34").count()
    assert gone

    facts.told.clear()
    facts.jobs(4, age_group="15_24")
    results.compute(PC, as_of=clock.today())

    after = results.current(PC, indicator="trial.jobs")
    assert (before.value, after.value) == (3, 4)
    assert before.ref == after.ref
    assert Value.objects.filter(dimension="age_group", category="25_34", indicator__full_id="trial.jobs").count() == 0
    assert Computation.objects.count() == 1


def test_values_of_another_day_stand_beside_the_current_ones(facts: Facts) -> None:
    facts.add(job(on=date(2002, 3, 1)), job(on=date(2003, 3, 1)))
    results.compute(PC, as_of=clock.today())
    results.compute(PC, as_of=date(2002, 12, 31))

    assert results.current(PC, indicator="trial.jobs").value == 2
    assert results.current(PC, indicator="trial.jobs", as_of=date(2003, 1, 15)).value == 1


def test_only_those_who_read_results_compute_them(facts: Facts) -> None:
    with pytest.raises(NotAllowed):
        results.compute(ANONYMOUS, as_of=DAY)
    assert Computation.objects.count() == 0


def test_many_who_ask_for_new_figures_are_served_by_one_pass(facts: Facts) -> None:
    outbox.drain()
    facts.jobs(2)
    for _time in range(5):
        results.recompute_later(PC, on=DAY)
    assert outbox.drain() == 1
    assert results.current(PC, indicator="trial.jobs").value == 2


@pytest.mark.covers("INDICATORS-01")
def test_there_is_no_value_without_a_definition(facts: Facts) -> None:
    facts.jobs(2)
    with pytest.raises(UnknownIndicator):
        results.current(PC, indicator="happiness")
    with pytest.raises(UnknownIndicator):
        results.set_target(PC, indicator="happiness", scope="trial/", by=DAY, value=1)
    with pytest.raises(UnknownIndicator):
        results.set_baseline(PC, indicator="happiness", scope="trial/", value=1, on=DAY)
    nameless = Value(computation_id=1, run=1, scope_id=1)
    with pytest.raises(Error), transaction.atomic():
        nameless.save()


# Freezing --------------------------------------------------------------------------------------------


def test_a_frozen_figure_keeps_its_value_its_inputs_and_its_definition(facts: Facts) -> None:
    kept = facts.jobs(3)
    ref = results.freeze(PC, period="2004-H1", on=date(2004, 7, 5))
    (figure,) = [
        one for one in results.figures(PC, set_ref=ref, indicator="trial.jobs", scope="trial/") if not one.dimension
    ]

    facts.told.clear()  # whatever happens to the records afterwards
    facts.jobs(9, LAMAI)
    install("2", jobs={"measure": {"fact": "trial.job", "aggregate": "count"}, "definition": {"en": "Another rule"}})
    results.compute(PC, as_of=clock.today())

    again = results.figure(PC, figure.ref)
    assert (again.value, again.inputs_total, again.definition, again.definition_version) == (
        3,
        3,
        "What is counted.",
        "1",
    )
    assert {one.ref for one in again.inputs} == {fact.ref for fact in kept}
    assert (again.target, again.baseline, again.period) == (300, 0, "2004-H1")
    assert results.reproduce(figure.ref).agrees
    assert results.current(PC, indicator="trial.jobs").value == 9


def test_every_frozen_figure_is_reproduced_from_its_own_inputs(facts: Facts) -> None:
    from tests.engines.results.makers import other

    facts.jobs(3)
    facts.jobs(2, LAMAI, sex="male", decent=False)
    facts.add(other("trial.spend", value="1234.5", scheme="group"), other("trial.pay", value="700"), other("trial.pay"))
    facts.add(other("trial.meeting"), other("trial.meeting", on=date(2003, 5, 5)))
    facts.add(other("trial.health", party="grp-00000001", survival="active"))
    ref = results.freeze(PC, period="2004-H1", on=date(2004, 7, 5))
    facts.told.clear()

    figures = results.figures(PC, set_ref=ref)
    assert len(figures) > 60
    for figure in figures:
        assert results.reproduce(figure.ref).agrees, figure


@pytest.mark.parametrize("model", [FigureSet, Figure, FigureChunk, Target, Baseline, IndicatorVersion, Node])
def test_the_database_refuses_to_change_or_remove_what_was_published(facts: Facts, model: Any) -> None:
    facts.jobs(1)
    results.freeze(PC, period="2004-H1", on=date(2004, 7, 5))
    results.set_baseline(PC, indicator="trial.jobs", scope=RIVERSIDE, value=0, on=DAY)
    assert model.objects.exists()
    table = model._meta.db_table
    for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_period_is_frozen_once_and_a_correction_stands_beside_it(facts: Facts) -> None:
    facts.jobs(2)
    first = results.freeze(PC, period="2004-H1", on=date(2004, 7, 5))
    facts.jobs(1)
    assert results.freeze(PC, period="2004-H1", on=date(2004, 7, 6)) == first

    second = results.freeze(PC, period="2004-H1", on=date(2004, 8, 1), why="A list came late.")
    assert second != first
    values = [
        [
            one.value
            for one in results.figures(PC, set_ref=ref, indicator="trial.jobs", scope="trial/")
            if not one.dimension
        ]
        for ref in (first, second)
    ]
    assert values == [[2], [3]]
    assert [one.revision for one in results.figure_sets(PC)] == [2, 1]


def test_only_a_period_that_is_over_is_frozen_and_only_by_those_who_may(facts: Facts) -> None:
    with pytest.raises(PeriodOpen):
        results.freeze(PC, period="2004-H2", on=date(2004, 12, 30))
    with pytest.raises(UnknownPeriod):
        results.freeze(PC, period="2004-H3", on=DAY)
    for actor in (makers.someone("extension_worker"), makers.someone("donor"), ANONYMOUS):
        with pytest.raises(NotAllowed):
            results.freeze(actor, period="2003-H2", on=DAY)
    assert FigureSet.objects.count() == 0


@settings(max_examples=8)
@given(
    told=st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(["female", "male", None])), max_size=8),
    later=st.lists(st.sampled_from(PLACES), max_size=5),
)
def test_frozen_figures_never_change_whatever_comes_later(
    facts: Facts, told: list[tuple[str, str | None]], later: list[str]
) -> None:
    facts.told.clear()
    for place, sex in told:
        facts.add(job(place, sex=sex))
    ref = results.freeze(PC, period="2003-H2", on=DAY, why="a look")
    before = {(one.ref, one.value, one.n) for one in results.figures(PC, set_ref=ref)}
    digest = results.figure_set(PC, ref).digest

    for place in later:
        facts.add(job(place, on=date(2003, 8, 1)))
    results.compute(PC, as_of=clock.today())
    results.freeze(PC, period="2003-H2", on=DAY, why="once more")

    assert {(one.ref, one.value, one.n) for one in results.figures(PC, set_ref=ref)} == before
    assert results.figure_set(PC, ref).digest == digest


# Targets and baselines --------------------------------------------------------------------------------


@pytest.mark.covers("PROG-03")
def test_a_split_that_does_not_add_up_is_refused_and_nothing_is_kept(ground: makers.Ground) -> None:
    count = Target.objects.count()
    by = date(2006, 12, 31)
    with pytest.raises(SplitMismatch) as refusal:
        results.split_target(
            PC, indicator="trial.jobs", scope="trial/asia/PH/", by=by, parts={RIVERSIDE: 150, HILLTOP: 49}
        )
    assert refusal.value.facts == {"parts": "199", "total": "200", "scope": "trial/asia/PH/"}
    assert Target.objects.count() == count

    results.split_target(PC, indicator="trial.jobs", scope="trial/asia/PH/", by=by, parts={RIVERSIDE: 150, HILLTOP: 50})
    results.split_target(
        PC, indicator="trial.jobs", scope="trial/", by=by, parts={"female": 160, "male": 140}, dimension="sex"
    )
    held = {(one.scope, one.category): one.value for one in results.targets(PC, indicator="trial.jobs")}
    assert (held[RIVERSIDE, ""], held[HILLTOP, ""], held["trial/", "female"]) == (150, 50, 160)


@given(parts=st.lists(st.integers(0, 300), min_size=2, max_size=2))
@settings(max_examples=20)
def test_a_split_is_taken_exactly_when_it_adds_up(ground: makers.Ground, parts: list[int]) -> None:
    asked = dict(zip((RIVERSIDE, HILLTOP), parts, strict=True))
    by = date(2006, 12, 31)
    try:
        results.split_target(PC, indicator="trial.jobs", scope="trial/asia/PH/", by=by, parts=asked)
        assert sum(parts) == 200
    except SplitMismatch:
        assert sum(parts) != 200


def test_a_changed_target_needs_a_reason_and_the_old_one_stays_on_record(ground: makers.Ground) -> None:
    by = date(2006, 12, 31)
    with pytest.raises(ReasonMissing):
        results.set_target(PC, indicator="trial.jobs", scope="trial/", by=by, value=250)
    results.set_target(PC, indicator="trial.jobs", scope="trial/", by=by, value=250, why="Phase II was not funded.")
    (held,) = [one for one in results.targets(PC, indicator="trial.jobs") if one.scope == "trial/"]
    assert (held.value, held.why) == (250, "Phase II was not funded.")
    assert list(Target.objects.filter(scope_path="trial/").values_list("value", flat=True)) == [300, 250]
    with pytest.raises(NotAllowed):
        results.set_target(makers.someone("extension_worker"), indicator="trial.jobs", scope="trial/", by=by, value=1)


@pytest.mark.covers("INDICATORS-02")
def test_a_baseline_of_a_community_names_the_study_it_comes_from(facts: Facts) -> None:
    from jump.base.outbox import Cause
    from jump.engines.results import effects

    cause = Cause("sub-0000000B#0#0", Ref("sub-0000000B"), PC, date(2003, 1, 10))
    made = [
        effects.set_baseline(cause, indicator="trial.pay", scope=RIVERSIDE, value="1200.50")["ref"]
        for _time in range(2)
    ]
    assert made[0] == made[1]
    (held,) = results.baselines(PC, indicator="trial.pay")
    assert (held.value, held.on, held.source_ref) == (Decimal("1200.5"), date(2003, 1, 10), Ref("sub-0000000B"))
    facts.jobs(1)
    results.compute(PC, as_of=clock.today())
    assert results.current(PC, indicator="trial.pay", scope=RIVERSIDE).baseline == Decimal("1200.5")


# Frameworks ------------------------------------------------------------------------------------------


@pytest.mark.covers("LOGFRAME-01", "LOGFRAME-02")
def test_the_framework_is_a_tree_with_stable_ids_and_both_wordings(ground: makers.Ground) -> None:
    view = results.framework(PC)
    (top,) = view.roots
    (objective,) = top.children
    assert view.counts == {"development_objective": 1, "immediate_objective": 1, "output": 2, "activity": 2}
    assert (top.id, objective.id, [one.id for one in objective.children]) == ("do.1", "io.1", ["out.01", "out.02"])
    assert objective.text == "Stronger groups, in the table"
    assert [(one.text, one.source) for one in objective.variants] == [("Stronger groups, in the text", "6.1")]
    assert results.node(PC, "act.01.02").number == "1.2"


@pytest.mark.covers("LOGFRAME-05")
def test_every_output_has_an_indicator_or_a_stated_reason(ground: makers.Ground) -> None:
    assert results.node(PC, "out.01").indicators[0] == "trial.jobs"
    assert [(gap.node, gap.reason) for gap in results.gaps(PC)] == [("out.02", "Proved by certificates.")]


@pytest.mark.covers("LOGFRAME-06")
def test_a_framework_goes_out_as_a_table_and_comes_back_without_loss(ground: makers.Ground) -> None:
    table = results.export_logframe(PC)
    ref = results.import_logframe(PC, text=table, package="trial", version="2", on=DAY, why="As the donor returned it.")

    assert results.export_logframe(PC, "2") == table
    old = FrameworkVersion.objects.get(version="1")
    assert results.compare_frameworks(PC, old=Ref(old.ref), new=ref) == []
    rows = [
        list(
            Node.objects.filter(framework__ref=one).values_list(
                "node_id", "text", "variants", "source", "no_indicator_reason"
            )
        )
        for one in (old.ref, ref)
    ]
    assert rows[0] == rows[1]
    assert results.import_logframe(PC, text=table, package="trial", version="2", on=DAY, why="again") == ref


@pytest.mark.covers("LOGFRAME-02")
def test_a_new_version_says_what_changed_and_who_approved_it(ground: makers.Ground) -> None:
    table = results.export_logframe(PC).replace("Leaders trained", "Leaders trained in each country")
    table = "\n".join(line for line in table.splitlines() if not line.startswith("act.01.02")) + "\n"
    ref = results.import_logframe(PC, text=table, package="trial", version="2", on=DAY, why="Review of 2004")
    with pytest.raises(ReasonMissing):
        results.approve_framework(PC, ref=ref, on=DAY, why="")
    results.approve_framework(PC, ref=ref, on=DAY, why="Wording of output 2.")

    old = Ref(FrameworkVersion.objects.get(version="1").ref)
    found = [(one.node, one.what) for one in results.compare_frameworks(PC, old=old, new=ref)]
    assert found == [("act.01.02", "removed"), ("out.02", "wording")]
    view = results.framework(PC, "2")
    assert (view.approved_on, view.what_changed) == (DAY, "Wording of output 2.")
    assert results.framework(PC, "1").counts["activity"] == 2  # the old version stands as it was


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("level,parent\n", 1),
        ("id,level,parent,text:en\n", 1),
        ("id,level,parent,text:en\ndo.1,objective,,Jobs\n", 2),
        ("id,level,parent,text:en\ndo.1,development_objective,,\n", 2),
        ("id,level,parent,text:en\ndo.1,development_objective,,Jobs\nout.1,output,do.1,Training\n", 3),
        ("id,level,parent,text:en\ndo.1,development_objective,,Jobs\ndo.1,development_objective,,Jobs\n", 3),
    ],
)
def test_a_broken_table_is_refused_with_its_line_and_nothing_is_kept(
    ground: makers.Ground, broken: str, line: int
) -> None:
    with pytest.raises(LogframeBroken) as refusal:
        results.import_logframe(PC, text=broken, package="trial", version="2", on=DAY, why="try")
    assert refusal.value.facts["line"] == line
    assert FrameworkVersion.objects.count() == 1


# Activities and outputs --------------------------------------------------------------------------------


@pytest.mark.covers("LOGFRAME-03")
def test_an_activity_is_planned_run_and_done_with_proof_at_a_place(ground: makers.Ground) -> None:
    worker = makers.someone("extension_worker", RIVERSIDE)
    ref = results.plan_activity(
        worker,
        node="act.01.02",
        scope=RIVERSIDE,
        starts_on=date(2004, 1, 5),
        ends_on=date(2004, 3, 1),
        owner="Mina",
        key="a1",
    )
    again = results.plan_activity(worker, node="act.01.02", scope=RIVERSIDE, key="a1")
    assert again == ref
    assert results.activity(worker, ref).state is ActivityState.PLANNED
    assert results.activity(worker, ref).is_late is True

    results.start_activity(worker, ref=ref, on=date(2004, 1, 7))
    with pytest.raises(ProofMissing):
        results.finish_activity(worker, ref=ref, on=date(2004, 2, 20), evidence_ref="")
    results.finish_activity(worker, ref=ref, on=date(2004, 2, 20), evidence_ref=PROOF)

    view = results.activity(worker, ref)
    assert (view.state, view.starts_on, view.done_on, view.evidence_ref) == (
        ActivityState.DONE,
        date(2004, 1, 7),
        date(2004, 2, 20),
        PROOF,
    )
    assert (view.activity_group, view.place) == ("training_policy", "Riverside")
    with pytest.raises(ActivityClosed):
        results.drop_activity(worker, ref=ref, on=DAY, why="no")
    described = duties.describe(worker, ref)
    assert described is not None
    assert described.sources == (PROOF,)


@pytest.mark.covers("LOGFRAME-03")
def test_a_dropped_activity_keeps_its_reason_and_is_never_done(ground: makers.Ground) -> None:
    ref = results.plan_activity(PC, node="act.01.01", scope=LAMAI)
    with pytest.raises(ReasonMissing):
        results.drop_activity(PC, ref=ref, on=DAY, why=" ")
    results.drop_activity(PC, ref=ref, on=DAY, why="The work did not come about.")
    assert results.activities(PC, state="done") == []
    (dropped,) = results.activities(PC, scope="trial/asia/TH/", state="dropped")
    assert (dropped.ref, dropped.note) == (ref, "The work did not come about.")


def test_an_activity_is_of_the_framework_and_planned_by_those_who_work_there(ground: makers.Ground) -> None:
    with pytest.raises(UnknownNode):
        results.plan_activity(PC, node="act.99.99", scope=RIVERSIDE)
    with pytest.raises(UnknownNode):
        results.plan_activity(PC, node="out.01", scope=RIVERSIDE)
    with pytest.raises(BadInput):
        results.plan_activity(PC, node="act.01.01", scope=RIVERSIDE, starts_on=DAY, ends_on=date(2004, 1, 1))
    stranger = makers.someone("extension_worker", LAMAI)
    for actor in (stranger, ANONYMOUS):
        with pytest.raises(NotAllowed):
            results.plan_activity(actor, node="act.01.01", scope=RIVERSIDE)
    assert Activity.objects.count() == 0


@pytest.mark.covers("LOGFRAME-04")
def test_an_output_is_achieved_by_its_evidence_and_never_by_a_count_of_activities(ground: makers.Ground) -> None:
    def state() -> OutputState:
        return next(one for one in results.output_status(PC, scope=RIVERSIDE) if one.node == "out.01").state

    assert state() is OutputState.NOT_STARTED
    refs = [results.plan_activity(PC, node=node, scope=RIVERSIDE) for node in ("act.01.01", "act.01.02")]
    results.finish_activity(PC, ref=refs[0], on=DAY, evidence_ref=PROOF)
    assert state() is OutputState.UNDER_WAY
    results.finish_activity(PC, ref=refs[1], on=DAY, evidence_ref=PROOF)
    assert state() is OutputState.EVIDENCE_MISSING  # all done, and still not achieved

    with pytest.raises(ProofMissing):
        results.prove_output(PC, node="out.01", scope=RIVERSIDE, on=DAY, evidence_ref="")
    results.prove_output(PC, node="out.01", scope=RIVERSIDE, on=DAY, evidence_ref=Ref("dsv-00000001"))
    assert state() is OutputState.ACHIEVED
    (status,) = [one for one in results.output_status(PC, scope=RIVERSIDE) if one.node == "out.01"]
    assert (status.done, status.evidence, status.achieved_on) == (2, (Ref("dsv-00000001"),), DAY)

    results.prove_output(
        PC,
        node="out.01",
        scope=RIVERSIDE,
        on=date(2004, 6, 30),
        evidence_ref=PROOF,
        is_reached=False,
        note="groups closed",
    )
    assert state() is OutputState.EVIDENCE_MISSING
    with pytest.raises(UnknownNode):
        results.prove_output(PC, node="act.01.01", scope=RIVERSIDE, on=DAY, evidence_ref=PROOF)


@pytest.mark.covers("LOGFRAME-03")
def test_an_accepted_activity_report_moves_the_activity_once(ground: makers.Ground) -> None:
    from jump.base.outbox import Cause
    from jump.engines.results import effects

    first = Cause("sub-0000000A#0#0", Ref("sub-0000000A"), PC, date(2004, 1, 5))
    effects.activity_report(first, activity="act.01.01", scope=RIVERSIDE, state="running")
    second = Cause("sub-0000000B#0#0", Ref("sub-0000000B"), PC, date(2004, 2, 5))
    for _time in range(2):
        effects.activity_report(second, activity="act.01.01", scope=RIVERSIDE, state="done")
    (view,) = results.activities(PC, scope=RIVERSIDE)
    assert (view.state, view.evidence_ref) == (ActivityState.DONE, Ref("sub-0000000B"))


# Plans -----------------------------------------------------------------------------------------------

LEAVING = PlanSection("phase_out", "Phase-out", "The fund goes to the union in June.")


def plan(kind: str, scope: str, *sections: PlanSection, actor: Any = None, **known: Any) -> Ref:
    asked = {
        "title": f"{kind} plan",
        "starts_on": date(2004, 1, 1),
        "ends_on": date(2004, 12, 31),
        "on": date(2004, 1, 5),
    }
    return results.make_plan(actor or PC, kind=kind, scope=scope, sections=sections, **{**asked, **known})


@pytest.mark.covers("WORKPLAN-01")
def test_the_overall_plan_is_due_within_a_month_of_the_start_until_it_is_made(ground: makers.Ground) -> None:
    (late,) = [item for item in result_duties.due(PC, date(2002, 2, 2)) if item.ref.kind == "fwk"]
    assert (late.on, late.severity) == (date(2002, 2, 1), "bad")
    (soon,) = [item for item in result_duties.due(PC, date(2002, 1, 20)) if item.ref.kind == "fwk"]
    assert soon.severity == "warn"

    plan("overall", "trial/", starts_on=date(2002, 1, 1), on=date(2002, 1, 25))
    assert [item for item in result_duties.due(PC, date(2002, 2, 2)) if item.ref.kind == "fwk"] == []


@pytest.mark.covers("WORKPLAN-02")
def test_the_overall_plan_is_rolled_up_from_the_latest_approved_project_plans(ground: makers.Ground) -> None:
    chief = makers.someone("programme_coordinator", "trial/")
    first = plan("project", RIVERSIDE)
    results.plan_activity(PC, node="act.01.01", scope=RIVERSIDE, plan_ref=first)
    results.approve_plan(chief, ref=first, on=date(2004, 1, 10))
    second = plan("project", RIVERSIDE)
    results.plan_activity(PC, node="act.01.02", scope=RIVERSIDE, plan_ref=second)
    plan("project", HILLTOP)  # not approved: not in it

    def rolled() -> list[str]:
        ref = results.roll_up_plans(
            PC, scope="trial/", title="Overall", starts_on=date(2004, 1, 1), ends_on=date(2004, 12, 31), on=DAY
        )
        return [one.node for one in results.plan(PC, ref).activities]

    assert rolled() == ["act.01.01"]
    results.approve_plan(chief, ref=second, on=date(2004, 3, 10))
    assert rolled() == ["act.01.02"]
    (overall,) = results.plans(PC, kind="overall")
    assert overall.version == 2


@pytest.mark.covers("WORKPLAN-03")
def test_an_annual_plan_without_its_phase_out_part_is_refused(ground: makers.Ground) -> None:
    for sections in ((), (PlanSection("phase_out", "Phase-out", " "),)):
        with pytest.raises(PhaseOutMissing):
            plan("annual", RIVERSIDE, *sections)
    assert Plan.objects.count() == 0
    ref = plan("annual", RIVERSIDE, LEAVING)
    assert results.plan(PC, ref).sections == (LEAVING,)


def test_a_plan_needs_a_title_and_a_period_and_somebody_else_s_approval(ground: makers.Ground) -> None:
    with pytest.raises(PlanIncomplete):
        plan("project", RIVERSIDE, title=" ")
    with pytest.raises(PlanIncomplete):
        plan("project", RIVERSIDE, ends_on=date(2003, 1, 1))
    ref = plan("project", RIVERSIDE)
    with pytest.raises(OwnWork):
        results.approve_plan(PC, ref=ref, on=DAY)
    with pytest.raises(NotAllowed):
        results.approve_plan(makers.someone("extension_worker"), ref=ref, on=DAY)
    results.approve_plan(makers.someone("programme_coordinator"), ref=ref, on=DAY)
    with pytest.raises(Error), transaction.atomic():
        Plan.objects.filter(ref=ref).update(title="Another")
    assert results.plan(PC, ref).kind is PlanKind.PROJECT


# Assumptions -----------------------------------------------------------------------------------------


@pytest.mark.covers("ASSUME-01")
def test_assumptions_are_looked_at_in_every_half_year_and_each_look_is_kept(ground: makers.Ground) -> None:
    assert [one.sign for one in results.assumptions(PC, as_of=DAY)] == [Sign.NOT_REVIEWED, Sign.NOT_REVIEWED]
    with pytest.raises(ReasonMissing):
        results.review_assumption(PC, assumption="trial.asm.funding", sign="at_risk", status="A donor left.", on=DAY)
    results.review_assumption(
        PC, assumption="trial.asm.funding", sign="holds", status="Pledges paid.", on=date(2003, 8, 1)
    )
    results.review_assumption(
        PC,
        assumption="trial.asm.funding",
        sign="at_risk",
        status="A donor left.",
        response="Ask the associate experts.",
        on=date(2004, 3, 1),
    )
    view = results.assumption(PC, "trial.asm.funding", as_of=DAY)
    assert [one.sign for one in view.reviews] == [Sign.AT_RISK, Sign.HOLDS]
    assert (view.sign, view.is_due, view.fallback) == (Sign.AT_RISK, False, "Associate experts help.")
    waiting = {item.ref for item in result_duties.due(PC, DAY) if item.ref.kind == "asm"}
    assert waiting == {results.assumption(PC, "trial.asm.policy").ref}
    next_half = {item.ref for item in result_duties.due(PC, date(2004, 7, 1)) if item.ref.kind == "asm"}
    assert view.ref in next_half
    with pytest.raises(NotFound):
        results.review_assumption(PC, assumption="asm-00000000", sign="holds", status="x", on=DAY)


def test_installing_the_same_package_again_changes_nothing(ground: makers.Ground) -> None:
    counts = [model.objects.count() for model in (Node, IndicatorVersion, Target, Baseline)]
    install()
    assert [model.objects.count() for model in (Node, IndicatorVersion, Target, Baseline)] == counts
    with write_transaction():
        assert len(INDICATORS) == IndicatorVersion.objects.count()
