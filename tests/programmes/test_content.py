"""What the shipped packages hold, read as files: the programme document is in them, completely and word for word.

No database, no engine: these tests stand however the engines change.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
PROGRAMMES = ROOT / "src" / "jump" / "programmes"
SEED = ROOT.parent / "shared" / "seeds" / "000_57be8c48d307c4a0.txt"
GROUPS = {
    "assessment_planning",
    "self_help_organising",
    "group_entrepreneurship",
    "enterprise_conversion",
    "savings_mobilisation",
    "training_policy",
}
AREAS = {"participatory_planning", "systematic_incubation", "ownership_conversion"}


@lru_cache
def load(path: str) -> Any:
    return YAML(typ="safe").load((PROGRAMMES / path).read_text(encoding="utf-8"))


def nodes(level: str) -> list[dict[str, Any]]:
    return [node for node in load("jump/framework.yaml")["nodes"] if node["level"] == level]


def block() -> dict[str, Any]:
    found: dict[str, Any] = load("jump/programme.yaml")["programme"]
    return found


@lru_cache
def seed() -> str:
    """The programme document as one run of words: table marks, bullets and line ends taken out."""
    if not SEED.exists():
        pytest.skip("the source documents (../shared) are not here")
    text = re.sub(r"<[^>]+>", " ", SEED.read_text(encoding="utf-8"))
    return re.sub(r"\s+", " ", text.replace("•", " ").replace("❑", " "))


# The framework -----------------------------------------------------------------------------------------


@pytest.mark.covers("LOGFRAME-01")
def test_the_framework_has_1_objective_3_immediate_objectives_18_outputs_and_99_activities_as_one_tree() -> None:
    every = load("jump/framework.yaml")["nodes"]
    counts = Counter(node["level"] for node in every)

    assert counts == {"development_objective": 1, "immediate_objective": 3, "output": 18, "activity": 99}
    assert len({node["id"] for node in every}) == 121
    seen: set[str | None] = {None}
    for node in every:
        assert node.get("parent") in seen, f"{node['id']} stands before its parent"
        seen.add(node["id"])
    for number in range(1, 19):
        output = next(node for node in nodes("output") if node["id"] == f"out.{number:02d}")
        assert output["parent"] == f"io.{(number - 1) // 6 + 1}"


@pytest.mark.covers("LOGFRAME-01")
def test_each_output_has_as_many_activities_as_the_document_prints() -> None:
    figures = {figure["id"]: figure["value"] for figure in load("jump/reference.yaml")["figures"]}
    counted = Counter(node["parent"] for node in nodes("activity"))

    assert [counted[f"out.{n:02d}"] for n in range(1, 19)] == [
        figures[f"jump_output_{n:02d}_activities"] for n in range(1, 19)
    ]
    assert sum(counted.values()) == figures["jump_activities_total"] == 99
    for node in nodes("activity"):
        assert re.fullmatch(r"act\.\d\d\.\d\d", node["id"])
        assert node["id"][4:6] == node["parent"][4:6]


@pytest.mark.covers("LOGFRAME-01")
def test_every_wording_of_the_framework_occurs_in_the_document_as_printed() -> None:
    document = seed()
    # The row of Output 5 is broken over a page in the copy at hand: its two halves stand apart.
    halves = [
        "Cooperation and business linkages between and among community ER teams, self-help",
        "organizations and cooperatives sustained through established networks",
    ]
    missing = []
    for node in load("jump/framework.yaml")["nodes"]:
        texts = halves if node["id"] == "out.05" else [node["text"]["en"]]
        for text in [*texts, *(variant["text"]["en"] for variant in node.get("variants") or ())]:
            if text not in document:
                missing.append((node["id"], text))
    assert missing == []


@pytest.mark.covers("LOGFRAME-02")
def test_where_the_document_words_an_objective_twice_both_wordings_are_kept_with_their_place() -> None:
    for number, objective in enumerate(nodes("immediate_objective"), 1):
        (variant,) = objective["variants"]
        assert variant["source"] == f"6.{number}"
        assert objective["source"].startswith("8.1")
        assert variant["text"]["en"] != objective["text"]["en"]
    assert "decent jobs" in nodes("immediate_objective")[1]["text"]["en"]
    assert "decent jobs" not in nodes("immediate_objective")[1]["variants"][0]["text"]["en"]


@pytest.mark.covers("PROG-05")
def test_every_activity_is_mapped_to_one_of_six_groups_and_one_of_three_focus_areas() -> None:
    declared = block()
    assert {one["id"] for one in declared["activity_groups"]} == GROUPS
    assert len(GROUPS) == 6
    assert {one["id"] for one in declared["focus_areas"]} == AREAS
    assert len(AREAS) == 3

    unmapped = [
        node["id"]
        for node in nodes("activity")
        if node["activity_group"] not in GROUPS or node["focus_area"] not in AREAS
    ]
    assert unmapped == []


@pytest.mark.covers("LOGFRAME-05")
def test_every_output_has_an_indicator_or_says_why_not() -> None:
    measured = {one["node"] for one in load("jump/indicators.yaml").values()}

    for output in nodes("output"):
        reason = output.get("no_indicator_reason")
        assert (output["id"] in measured) != bool(reason and reason["en"]), output["id"]


def test_six_groups_of_assumptions_hang_on_the_framework_and_the_donor_gap_has_its_fallback() -> None:
    assumptions = load("jump/framework.yaml")["assumptions"]
    known = {node["id"] for node in load("jump/framework.yaml")["nodes"]}

    assert [one["source"] for one in assumptions] == ["9.1", "9.2", "9.3", "9.4", "9.5", "9.6"]
    assert all(one["about"] in known for one in assumptions)
    document = seed()
    assert [one["id"] for one in assumptions if one["text"]["en"] not in document] == []
    donor = next(one for one in assumptions if one["group"] == "donor_funding")
    assert donor["fallback"]["en"] in document


# The indicators ----------------------------------------------------------------------------------------


@pytest.mark.covers("INDICATORS-01")
def test_the_22_indicators_of_section_7_are_there_five_nine_and_eight_and_each_is_fully_defined() -> None:
    indicators = load("jump/indicators.yaml")
    of_document = {name: one for name, one in indicators.items() if str(one["source"]).startswith("7.")}

    assert Counter(one["source"][:3] for one in of_document.values()) == {"7.1": 5, "7.2": 9, "7.3": 8}
    assert Counter(one["node"] for one in of_document.values()) == {"io.1": 5, "io.2": 9, "io.3": 8}
    document = seed()
    assert [name for name, one in of_document.items() if one["wording"]["en"] not in document] == []
    for name, one in indicators.items():
        for needed in (
            "unit",
            "definition",
            "source_of_verification",
            "frequency",
            "owner",
            "disaggregate",
            "baseline",
        ):
            assert needed in one, f"{name} lacks {needed}"
        assert one.get("measure") or one["planned_reason"]["en"], (
            f"{name} is neither measured nor planned with a reason"
        )


@pytest.mark.covers("PROG-03")
def test_the_headline_counts_created_decent_jobs_by_sex_against_20_000() -> None:
    jobs = load("jump/indicators.yaml")["jobs_total"]

    assert jobs["headline"] is True
    assert jobs["measure"] == {
        "fact": "jobs.spell",
        "where": "kind == 'created' and decent == true",
        "aggregate": "count",
    }
    assert "sex" in jobs["disaggregate"]
    whole, *parts = jobs["targets"]
    assert (whole["scope"], whole["value"]) == ("jump/", 20_000)
    assert len(parts) == 9
    assert sum(part["value"] for part in parts) == 20_000


# The programme -----------------------------------------------------------------------------------------


@pytest.mark.covers("PROG-01")
def test_the_programme_has_36_and_24_months_from_january_2002_and_two_and_a_half_million_dollars_for_phase_one() -> (
    None
):
    programme = block()

    assert [phase["months"] for phase in programme["phases"]] == [36, 24]
    assert str(programme["starts_on"]) == "2002-01-01"
    assert (programme["donor"]["amount_minor"], programme["donor"]["currency"]) == (250_000_000, "USD")
    assert programme["executing"] == "ILO"
    assert len(programme["cooperating"]) == 5
    assert programme["title"]["en"] in seed()
    assert programme["national_contribution"]["en"] in seed()


@pytest.mark.covers("PROG-03")
def test_jobs_and_communities_are_split_over_nine_countries_in_three_regions_and_sum_to_the_whole() -> None:
    programme = block()
    countries = [country for region in programme["regions"] for country in region["countries"]]

    assert len(programme["regions"]) == 3
    assert len(countries) == 9
    assert sum(country["communities"] for country in countries) == programme["communities"] == 27
    assert sum(country["jobs_target"] for country in countries) == programme["jobs_target"] == 20_000
    named = [country["name"]["en"] for country in countries if not country["ours"]]
    assert named == ["Thailand", "Philippines", "Fiji", "South Africa", "Honduras"]
    document = seed()
    assert all(name in document for name in named)
    assert not any(
        re.search(rf"\b{country['name']['en']}\b", document)
        for country in countries
        if country["iso"] in {"KE", "NI", "PE"}
    )


def test_the_five_tools_each_name_their_package() -> None:
    assert [tool["package"] for tool in block()["tools"]] == [
        "jump_cer",
        "indisco",
        "labour_contracting",
        "incubation",
        "conversion",
    ]


def test_the_six_activity_groups_are_worded_as_in_the_document() -> None:
    document = seed()
    assert [one["id"] for one in block()["activity_groups"] if one["title"]["en"] not in document] == []


@pytest.mark.covers("PROG-06", "WORKPLAN-04")
def test_a_country_passes_three_stages_and_leaves_the_first_only_with_a_plan_of_action() -> None:
    stages = [(one["id"], one["months_min"], one["months_max"]) for one in block()["stages"]]
    assert stages == [("preparatory", 3, 4), ("pilot", 8, 9), ("development", 24, 24)]

    steps = load("jump/procedure_country_stage.yaml")["steps"]
    assert steps["preparatory"]["form"] == "plan_of_action"
    assert steps["preparatory"]["next"] == "plan_approval"
    assert steps["plan_approval"]["next"] == {"approved": "pilot", "revise": "preparatory"}
    assert [steps[key]["length_months"] for key in ("preparatory", "pilot", "development")] == [
        [3, 4],
        [8, 9],
        [24, 24],
    ]
    assert steps["pilot"]["gates"][0]["needs"] == "1 <= answers.plan_of_action.pilot_sites <= 2"


# Choosing countries, partners, communities, activities ---------------------------------------------------


@pytest.mark.covers("SELECT-01")
def test_a_country_is_eligible_by_five_criteria_all_of_them_to_be_met() -> None:
    round_ = load("jump/rounds.yaml")["country_eligibility"]

    assert round_["method"] == "screening"
    assert len(round_["criteria"]) == 5
    assert all(criterion["screening"] for criterion in round_["criteria"])
    gate = load("jump/procedure_country_stage.yaml")["steps"]["assessment"]["gates"][0]
    assert gate["needs"] == "answers.country_assessment.criteria_met == 5"


@pytest.mark.covers("SELECT-02")
def test_no_country_becomes_eligible_without_an_official_request_on_record() -> None:
    steps = load("jump/procedure_country_stage.yaml")["steps"]

    (gate,) = steps["eligibility"]["gates"]
    assert gate["needs"] == "submissions.official_request >= 1"
    assert "waivable_by" not in gate


def test_partners_are_of_four_classes() -> None:
    codes = [item["code"] for item in load("jump/codes/partner_classes.yaml")["items"]]
    assert codes == ["local_facilitator", "government_agency", "national_apex", "international_body"]


@pytest.mark.covers("SELECT-05")
def test_an_activity_must_strengthen_the_economy_and_create_jobs() -> None:
    round_ = load("jump/rounds.yaml")["activity_screen"]
    assert [(one["id"], one["screening"]) for one in round_["criteria"]] == [
        ("strengthens_economy", True),
        ("creates_jobs", True),
    ]
    assert round_["method"] == "screening"


@pytest.mark.covers("SELECT-08")
def test_the_pilot_round_holds_27_communities_three_a_country_and_two_at_most_in_one_round() -> None:
    capacity = load("jump/rounds.yaml")["pilot_communities"]["capacity"]
    assert capacity == {"max_total": 27, "max_per_country": 3, "first_round_max_per_country": 2}


def test_a_community_that_is_not_selected_is_kept_in_reserve_or_told_why() -> None:
    outcomes = {one["id"]: one for one in load("jump/rounds.yaml")["pilot_communities"]["outcomes"]}
    messages = load("jump/messages.yaml")

    assert outcomes["reserve"]["reserve"] is True
    for name in ("reserve", "not_selected"):
        assert outcomes[name]["reason_required"] is True
        assert "%(reason)s" in messages[outcomes[name]["notify"]]["body"]["en"]


@pytest.mark.covers("SELECT-10")
def test_the_choice_of_form_always_offers_no_cooperative() -> None:
    round_ = load("jump/rounds.yaml")["organisational_form"]

    assert round_["method"] == "ballot"
    assert "no_cooperative" in {one["id"] for one in round_["options"]}
    assert any(one["cooperative"] for one in round_["options"])
    assert {one["id"] for one in round_["options"]} == {one["id"] for one in round_["outcomes"]}


# The budget --------------------------------------------------------------------------------------------


def column(stage: str, kind: str) -> int:
    return sum(
        cell["amount_minor"]
        for cell in load("jump/budget.yaml")["cells"]
        if (cell["stage"], cell["type"]) == (stage, kind)
    )


@pytest.mark.covers("BUDGET-01", "EVIDENCE-03")
def test_three_printed_totals_agree_with_the_cells_and_the_fourth_misses_the_regional_65_000_and_says_so() -> None:
    budget = load("jump/budget.yaml")
    differences = {
        (total["stage"], total["type"]): column(total["stage"], total["type"]) - total["amount_minor"]
        for total in budget["printed_totals"]
    }

    assert differences == {
        ("preparatory_pilot", "cb"): 0,
        ("preparatory_pilot", "rlf"): 0,
        ("development", "cb"): 6_500_000,
        ("development", "rlf"): 0,
    }
    assert column("development", "cb") == 168_500_000
    assert sum(cell["amount_minor"] for cell in budget["cells"]) == 252_000_000
    off = next(total for total in budget["printed_totals"] if "reading" in total)
    readings = {one["id"]: one for one in load("jump/reference.yaml")["readings"]}
    assert readings[off["reading"]]["chosen"] == "1685000"
    figures = {one["id"]: one["value"] for one in load("jump/reference.yaml")["figures"]}
    assert figures["table84_total_dev_cb"] == 1_620_000, "the printed value stays beside the reading"


@pytest.mark.covers("BUDGET-01")
def test_nine_countries_and_the_regional_rows_fill_the_table() -> None:
    cells = load("jump/budget.yaml")["cells"]
    by_country = Counter(cell["country"] for cell in cells if "country" in cell)
    countries = {country["iso"] for region in block()["regions"] for country in region["countries"]}

    assert set(by_country) == countries
    assert set(by_country.values()) == {4}
    assert [(cell["stage"], cell["amount_minor"]) for cell in cells if "region" in cell] == [
        ("preparatory_pilot", 2_500_000),
        ("development", 6_500_000),
    ]
    assert {cell["country"] for cell in cells if "country" in cell and cell["printed"]} == {"TH", "PH"}


@pytest.mark.covers("BUDGET-02", "BUDGET-06")
def test_the_split_sums_to_100_and_both_readings_of_13_percent_are_worked_out_with_one_chosen() -> None:
    budget = load("jump/budget.yaml")
    pledge = budget["pledge_minor"]

    assert budget["split"] == {"cb": 75, "rlf": 12, "agency": 13}
    assert sum(budget["split"].values()) == 100
    total, direct = budget["support_readings"]
    assert (total["of_pledge_minor"], total["chosen"]) == (pledge * 13 // 100, True) == (32_500_000, True)
    assert (direct["of_pledge_minor"], direct["chosen"]) == (28_761_062, False)
    for reading in (total, direct):
        assert reading["of_pledge_minor"] + reading["direct_minor"] == pledge
    assert round(direct["direct_minor"] * 13 / 100) == direct["of_pledge_minor"]
    assert budget["support_base"] == total["id"]


@pytest.mark.covers("BUDGET-05")
def test_the_thirteen_input_lines_are_in_order_and_named_as_in_the_document() -> None:
    lines = load("jump/budget.yaml")["lines"]

    assert [line["no"] for line in lines] == list(range(1, 14))
    inputs = seed()[seed().rindex("11.1 Donor contribution") :]
    for line in lines:
        assert f"{line['no']}. {line['title']['en']} " in inputs
    assert lines[2]["id"] == "evaluation"


@pytest.mark.covers("BUDGET-04")
def test_other_donors_may_pay_only_for_the_development_stage() -> None:
    sources = load("jump/budget.yaml")["stage_sources"]

    assert sources == {
        "preparatory": ["primary_donor"],
        "pilot": ["primary_donor"],
        "development": ["primary_donor", "other_donor"],
    }
    assert {stage["id"]: stage["sources"] for stage in block()["stages"]} == sources


def test_capacity_building_money_lists_what_it_may_pay_and_what_is_blocked() -> None:
    budget = load("jump/budget.yaml")

    assert len(budget["cb_allowed_categories"]) == 8
    assert not set(budget["cb_allowed_categories"]) & set(budget["blocked_categories"]["cb"])
    assert "loan_capital" in budget["blocked_categories"]["cb"]


# The calendar --------------------------------------------------------------------------------------------


@pytest.mark.covers("WORKPLAN-01")
def test_the_overall_work_plan_is_due_in_the_first_month() -> None:
    plan = next(one for one in load("jump/calendar.yaml") if one["id"] == "overall_work_plan")
    assert (plan["once_month"], plan["by"]) == (1, "programme_coordinator")


def test_the_calendar_of_the_document_is_complete() -> None:
    due = {one["id"]: one.get("every_months") or one.get("once_month") for one in load("jump/calendar.yaml")}

    assert {name: due[name] for name in ("progress_report", "self_evaluation", "mid_term_evaluation")} == {
        "progress_report": 6,
        "self_evaluation": 12,
        "mid_term_evaluation": 18,
    }
    assert due["terminal_report"] == due["terminal_evaluation"] == 36
    assert due["ex_post_evaluation"] == 36 + 12


# Steering ------------------------------------------------------------------------------------------------


@pytest.mark.covers("STEER-01")
def test_a_steering_committee_needs_beneficiaries_local_partner_and_local_government() -> None:
    committee = load("jump/committees.yaml")["steering_committee"]
    assert [one["id"] for one in committee["required_classes"]] == [
        "beneficiaries",
        "local_partner",
        "local_government",
    ]


def test_the_rules_of_a_fund_need_all_four_parties() -> None:
    committee = load("revolving_fund/committees.yaml")["fund_rules"]
    assert [one["id"] for one in committee["required_classes"]] == [
        "programme_coordinator",
        "donor",
        "national_committee",
        "partner",
    ]
    assert committee["quorum_percent"] == 100


# Evidence of the problem ---------------------------------------------------------------------------------


@pytest.mark.covers("EVIDENCE-01")
def test_every_reference_figure_has_a_title_a_unit_and_a_citation() -> None:
    for package in ("jump", "common"):
        figures = load(f"{package}/reference.yaml")["figures"]
        assert len({one["id"] for one in figures}) == len(figures)
        for one in figures:
            assert one["title"]["en"]
            assert one["title"]["fr"]
            assert one["unit"]
            assert one["source_title"]
            assert one["section"]


@pytest.mark.covers("EVIDENCE-02")
def test_every_comparison_case_names_its_period_and_place() -> None:
    cases = [one for one in load("common/reference.yaml")["figures"] if one["kind"] == "case"]

    assert {one["id"].split("_")[0] for one in cases} >= {"mondragon", "llc", "esop", "acopam", "indisco", "led", "cer"}
    assert [one["id"] for one in cases if not one.get("period") or not one.get("geography")] == []
    values = {one["id"]: one["value"] for one in cases}
    assert (values["llc_enterprises"], values["llc_jobs"]) == (16_757, 128_156)
    assert values["mondragon_projected_1996"] == 35_700


@pytest.mark.covers("EVIDENCE-03")
def test_every_reading_names_its_figures_the_choice_and_why() -> None:
    for package in ("jump", "common"):
        content = load(f"{package}/reference.yaml")
        known = {one["id"] for one in content["figures"]}
        for reading in content["readings"]:
            assert set(reading["figures"]) <= known
            assert reading["figures"]
            assert "chosen" in reading
            assert reading["why"]["en"]
            assert reading["text"]["en"]


# Where things come from ----------------------------------------------------------------------------------


def _items() -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for path in sorted(PROGRAMMES.glob("*/*.yaml")):
        if path.name in {
            "framework.yaml",
            "indicators.yaml",
            "forms.yaml",
            "rounds.yaml",
            "rules.yaml",
            "products.yaml",
        } | {"dossiers.yaml", "registers.yaml", "curricula.yaml", "messages.yaml", "approvals.yaml", "committees.yaml"}:
            content = load(f"{path.parent.name}/{path.name}")
            items = content["nodes"] + content["assumptions"] if path.name == "framework.yaml" else content.values()
            found += [(f"{path.parent.name}/{path.name}", item) for item in items]
    return found


def test_every_item_says_whether_it_is_sourced_known_practice_or_our_default() -> None:
    for file, item in _items():
        assert item.get("provenance") in {"P", "S", "K", "D"}, (file, item.get("title") or item.get("id"))


def test_no_floor_of_a_country_is_passed_off_as_a_law() -> None:
    for path in sorted((PROGRAMMES / "jump_cer" / "countries").glob("*.yaml")):
        country = load(f"jump_cer/countries/{path.name}")
        pay = next(item for item in country["decent_work"]["items"] if item["id"] == "pay_min")
        assert (pay["provenance"], pay["source_title"]) == ("D", "JUMP default")
        assert isinstance(pay["value"], int)
        assert pay["value"] > 0
        assert "NOT a legal minimum" in path.read_text(encoding="utf-8")
    assert len(list((PROGRAMMES / "jump_cer" / "countries").glob("*.yaml"))) == 9
