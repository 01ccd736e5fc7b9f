"""The shipped programme: its whole framework, its indicators and its printed figures, as installed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from jump.base import packages
from jump.base.actors import Actor, Grant, system_actor
from jump.engines.results import api as results

pytestmark = pytest.mark.django_db

PC = Actor(user_id=1, name="coordinator", grants=(Grant("programme_coordinator", "jump/"),))


@pytest.fixture
def programme(db: None) -> None:
    for folder in packages.in_order(["jump"]):
        packages.install(system_actor("test"), folder)


@pytest.mark.covers("LOGFRAME-01")
def test_the_framework_holds_every_objective_output_and_activity_of_the_document(programme: None) -> None:
    view = results.framework(PC, package="jump")
    assert view.counts == {"development_objective": 1, "immediate_objective": 3, "output": 18, "activity": 99}
    (top,) = view.roots
    outputs = {objective.id: [one.number for one in objective.children] for objective in top.children}
    assert outputs == {
        "io.1": ["1", "2", "3", "4", "5", "6"],
        "io.2": ["7", "8", "9", "10", "11", "12"],
        "io.3": ["13", "14", "15", "16", "17", "18"],
    }
    assert all(one.variants for one in top.children if one.id in ("io.1", "io.3"))


@pytest.mark.covers("LOGFRAME-05", "PROG-05")
def test_every_output_is_measured_or_says_why_not_and_every_activity_has_its_group(programme: None) -> None:
    gaps = results.gaps(PC, package="jump")
    assert len(gaps) == 6
    assert all(gap.reason for gap in gaps)
    outputs = [
        one for objective in results.framework(PC, package="jump").roots[0].children for one in objective.children
    ]
    activities = [one for output in outputs for one in output.children]
    assert all(one.activity_group and one.focus_area for one in activities)


@pytest.mark.covers("LOGFRAME-06")
def test_the_whole_framework_comes_back_from_its_table_without_loss(programme: None) -> None:
    from datetime import date

    table, shipped = results.export_logframe(PC, package="jump"), results.framework(PC, package="jump").roots
    results.import_logframe(PC, text=table, package="jump", version="again", on=date(2004, 7, 1), why="Round trip")
    assert results.export_logframe(PC, "again", package="jump") == table
    assert results.framework(PC, "again", package="jump").roots == shipped


@pytest.mark.covers("INDICATORS-01")
def test_every_indicator_has_unit_source_frequency_owner_and_a_definition(programme: None) -> None:
    found = results.indicators(PC, package="jump")
    from_the_document = [one for one in found if one.source.startswith("7.")]
    assert len(from_the_document) == 22
    for one in found:
        assert all((one.title, one.definition, one.unit, one.source_of_verification, one.frequency, one.owner)), one.id
        assert one.is_planned == bool(one.planned_reason), one.id
        assert one.is_planned or one.aggregate, one.id


@pytest.mark.covers("PROG-03")
def test_the_targets_of_the_countries_add_up_to_twenty_thousand_jobs(programme: None) -> None:
    targets = results.targets(PC, indicator="jump.jobs_total")
    whole = next(one.value for one in targets if one.scope == "jump/")
    countries = [one.value for one in targets if one.scope != "jump/"]
    assert (whole, len(countries), sum(countries)) == (Decimal(20_000), 9, Decimal(20_000))
    assert results.indicator(PC, "jump.jobs_total").is_headline


@pytest.mark.covers("EVIDENCE-01", "EVIDENCE-03")
def test_printed_figures_are_the_document_s_and_disagreements_are_reported(programme: None) -> None:
    figures = results.reference_figures(PC, limit=5_000)
    assert len(figures) > 120
    assert all(one.source for one in figures)
    readings = {one.id: one for one in results.readings(PC)}
    cells = readings["jump.table84_development_cb"]
    assert cells.chosen == "1685000"
    assert len(cells.figures) == 3
    assert all(one.text and one.why and one.figures for one in readings.values())


@pytest.mark.covers("ASSUME-01")
def test_the_six_groups_of_assumptions_are_held(programme: None) -> None:
    assert len({one.group for one in results.assumptions(PC)}) == 6


def test_a_broken_indicator_file_is_reported_with_its_line_and_nothing_is_installed(db: None, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "programme.yaml").write_text(
        "name: broken\nversion: '1'\ntitle: {en: Broken}\nlanguages: [en]\nengines: [results]\n"
    )
    (folder / "indicators.yaml").write_text(
        "wrong:\n"
        "  title: {en: Wrong}\n"
        "  node: out.01\n"
        "  unit: jobs\n"
        "  definition: {en: None}\n"
        "  measure: {fact: jobs.spell, where: 'kind ==', aggregate: count}\n"
        "  frequency: half_year\n"
        "  owner: extension_worker\n"
        "  source_of_verification: {en: None}\n"
        "  targets:\n"
        "    - {scope: broken/, by: '2006-12-31', value: 100}\n"
        "    - {scope: broken/a/, by: '2006-12-31', value: 60}\n"
        "    - {scope: broken/b/, by: '2006-12-31', value: 30}\n"
    )
    found = packages.check([folder])
    assert [(one.line, one.file) for one in found] == [(6, "broken/indicators.yaml"), (11, "broken/indicators.yaml")]
    with pytest.raises(packages.PackageBroken):
        packages.install(system_actor("test"), folder)
    assert results.indicators(system_actor("test")) == []
