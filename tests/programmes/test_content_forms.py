"""The forms of the shipped packages: they convert, speak both languages, and are asked only for what they ask."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyxform.xls2xform import convert
from ruamel.yaml import YAML

from jump.core import expressions

ROOT = Path(__file__).resolve().parents[2]
PROGRAMMES = ROOT / "src" / "jump" / "programmes"
FORMS = sorted(path for path in PROGRAMMES.glob("*/forms/*") if path.suffix in {".md", ".xlsx"})
IDS = [f"{path.parent.parent.name}.{path.stem}" for path in FORMS]
PROMISED = {
    "jump_cer": [
        "letter_of_interest", "cer_01", "cer_02", "cer_a1", "cer_a2", "cer_a3",
        "cer_b1", "cer_b2", "cer_b3", "cer_b4", "cer_b5",
        "cer_c1", "cer_c2", "cer_d1", "cer_d2", "cer_d3",
        "cer_e1", "cer_e2", "cer_e3", "cer_e4", "workshop_assessment", "economic_assessment",
        "progress_entry", "launch_checklist", "visit_report", "job_claim", "job_verification", "follow_up",
    ],
    "revolving_fund": ["loan_application", "appraisal", "loan_visit"],
    "jump": [
        "country_assessment", "partner_appraisal", "official_request", "household_baseline", "self_assessment",
        "supervision_note", "absorption_plan", "absorption_result",
    ],
    "common": ["idea_weighing", "feasibility_study"],
    "training": ["training_need", "support_appraisal", "course_evaluation", "entry_test", "exit_test"],
    "indisco": [
        "village_meeting", "idea_card", "local_resources", "village_decision", "organisation_choice", "setup_plan",
        "manager_appointment", "recruitment", "start_financing", "start_training", "operation_start", "village_job",
        "job_check", "villager", "model_note",
    ],
    "incubation": ["monthly_return"],
    "workplace_monitoring": [
        "workplace_registration", "cycle_plan", "monitoring_visit", "child_found", "referral_answer", "referral_again",
        "child_check",
    ],
    "child_labour_survey": [
        "survey_design", "survey_sample", "round_done", "round_report", "survey_status", "staff_test",
        "household_questionnaire",
    ],
    "evaluations": [
        "report_progress", "evaluation_plan", "evaluation_mission", "ex_post_plan", "ex_post_report", "recommendation",
        "management_response", "action_done", "monitoring_report",
    ],
    "country_scan": [
        "scan_request", "scan_team", "mission_plan", "mission_report", "macro_sheet", "scan_analysis", "scan_review",
        "dialogue_session", "scan_agreement", "scan_relation", "scan_effort",
        "block_0", "block_1", "block_2", "block_3", "block_4", "block_5",
    ],
    "employment_units": [
        "seeker_registration", "workplace_visit", "unit_registration", "counselling", "awareness", "service_contact",
    ],
}  # fmt: skip
Sheet = list[dict[str, str]]


@lru_cache
def sheets(path: Path) -> dict[str, Sheet]:
    """The sheets of an XLSForm, whether it is written as a table in Markdown or as a workbook."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        tables = {
            sheet.title: [
                [str(cell) if cell is not None else "" for cell in row] for row in sheet.iter_rows(values_only=True)
            ]
            for sheet in book
        }
    else:
        tables, now = {}, ""
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
            if len(cells) == 1:
                now = cells[0]
                tables[now] = []
            elif cells:
                tables[now].append([cell.strip() for cell in line.split("|")[2:-1]])
    return {name: [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] for name, rows in tables.items()}


def questions(path: Path) -> set[str]:
    return {row["name"] for row in sheets(path)["survey"] if row["name"]}


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FORMS, ids=IDS)
def test_the_form_converts_without_error_or_warning_and_is_named_after_its_file(path: Path) -> None:
    result = convert(xlsform=str(path), validate=False, pretty_print=False)

    assert not result.warnings
    (settings,) = sheets(path)["settings"]
    assert settings["form_id"] == path.stem
    assert settings["version"]


@pytest.mark.parametrize("path", FORMS, ids=IDS)
def test_every_label_hint_message_and_choice_is_there_in_english_and_french(path: Path) -> None:
    lacking = []
    for name, rows in sheets(path).items():
        for row in rows:
            for column, english in row.items():
                if not column.endswith("::English (en)"):
                    continue
                french = row[column.replace("::English (en)", "::French (fr)")]
                if bool(english) != bool(french):
                    lacking.append((name, row.get("name"), column))
            asks = row.get("type", "").split(" ")[0]
            unlabelled = {"", "start", "end", "calculate", "end_group", "end_repeat"}
            if name == "survey" and asks not in unlabelled and not row["label::English (en)"]:
                lacking.append((name, row["name"], "label"))
    assert lacking == []


@pytest.mark.parametrize("path", FORMS, ids=IDS)
def test_field_names_are_snake_case_and_every_choice_list_exists(path: Path) -> None:
    lists = {row["list_name"] for row in sheets(path).get("choices", [])}
    for row in sheets(path)["survey"]:
        if row["name"]:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", row["name"]), row["name"]
        kind = row["type"].split(" ")
        if kind[0] in {"select_one", "select_multiple"}:
            assert kind[1] in lists, row["name"]


def test_the_promised_forms_are_there_and_each_is_declared_in_its_package() -> None:
    for package, names in PROMISED.items():
        declared = load(PROGRAMMES / package / "forms.yaml")
        for name in names:
            assert name in declared, f"{package}.{name}"
            assert (PROGRAMMES / package / declared[name]["file"]).exists(), f"{package}.{name}"
    for path in FORMS:
        declared = load(path.parent.parent / "forms.yaml")
        assert path.stem in declared
        assert declared[path.stem]["file"] == f"forms/{path.name}"


def test_a_workbook_is_read_as_well_as_a_table_in_text() -> None:
    assert [path.name for path in FORMS if path.suffix == ".xlsx"] == ["visit_report.xlsx"]


@pytest.mark.parametrize("package", sorted({path.parent.parent.name for path in FORMS}))
def test_what_an_accepted_form_causes_and_tells_names_only_its_own_questions(package: str) -> None:
    wrong = []
    for name, form in load(PROGRAMMES / package / "forms.yaml").items():
        asked = questions(PROGRAMMES / package / form["file"])
        for mention in re.findall(r"\$\??answers\.(\w+)", str(form)):
            if mention not in asked:
                wrong.append((name, mention))
        repeats = {
            row["name"]
            for row in sheets(PROGRAMMES / package / form["file"])["survey"]
            if row["type"] == "begin_repeat" or row["type"].startswith("select_multiple")
        }
        for call in form.get("on_accept") or ():
            if call.get("for_each"):
                assert call["for_each"].removeprefix("$answers.") in repeats
            for mention in re.findall(r"\$\??item\.(\w+)", str(call["with"])):
                assert mention in asked
    assert wrong == []


def _conditions() -> list[tuple[str, str]]:
    found = []
    for path in sorted(PROGRAMMES.glob("*/procedure*.yaml")):
        for key, step in load(path)["steps"].items():
            found += [(f"{path.parent.name}.{key}", gate["needs"]) for gate in step.get("gates") or ()]
    for path in sorted(PROGRAMMES.glob("*/dossiers.yaml")):
        for key, dossier in load(path).items():
            found += [(f"{path.parent.name}.{key}", one["needs"]) for one in dossier.get("checks") or ()]
    return found


def test_every_gate_and_check_can_be_read_and_asks_for_questions_that_a_form_has() -> None:
    asked = {path.stem: questions(path) for path in FORMS}
    conditions = _conditions()

    assert len(conditions) >= 20
    for where, condition in conditions:
        for name in expressions.parse(condition).names:
            first, *rest = name.split(".")
            if first == "answers":
                assert rest[1] in asked[rest[0]], (where, name)
            elif first == "submissions":
                assert rest[0] in asked, (where, name)


# The renewal procedure ---------------------------------------------------------------------------------


def steps() -> dict[str, Any]:
    found: dict[str, Any] = load(PROGRAMMES / "jump_cer" / "procedure.yaml")["steps"]
    return found


def way(start: str, outcomes: dict[str, str]) -> list[str]:
    """The steps in order from here to the end, taking these outcomes where a decision has several."""
    key, walked = start, []
    while key != "closed":
        walked.append(key)
        following = steps()[key]["next"]
        following = following[outcomes[key]] if isinstance(following, dict) else following
        key = following[0] if isinstance(following, list) else following  # the second way runs beside
    return walked


def test_the_way_from_letter_to_continuing_strategy_has_every_step_of_the_document_in_order() -> None:
    assert way("letter", {"screening": "selected", "review": "approved"}) == [
        "letter", "screening", "stakeholder_map", "core_team", "adaptation", "orientation", "workshop_a", "workshop_b",
        "workshop_c", "workshop_d", "idea_evaluation", "workbook", "workshop_assessment", "renewal_plan", "workshop_e",
        "proposal", "review", "financial_procedure", "contract", "launch", "launch_proved", "follow_up", "continuing",
    ]  # fmt: skip


@pytest.mark.covers("INDICATORS-02")
def test_the_baseline_is_taken_beside_the_workshops_and_no_contract_opens_before_it_is_there() -> None:
    assert steps()["core_team"]["next"] == ["adaptation", "baseline"]
    assert steps()["baseline"]["dossier"] == "jump.baseline"
    assert set(steps()["contract"]["waits_for"]) == {"financial_procedure", "baseline"}
    for product in load(PROGRAMMES / "jump_cer" / "products.yaml").values():
        assert "baseline" in product["tranches"][0]["conditions"]


@pytest.mark.covers("CER-02")
def test_orientation_comes_before_workshop_a_and_each_workshop_needs_the_one_before() -> None:
    curricula = load(PROGRAMMES / "jump_cer" / "curricula.yaml")

    assert {name: one.get("after", []) for name, one in curricula.items()} == {
        "orientation": [],
        "cer_a": ["orientation"],
        "cer_b": ["cer_a"],
        "cer_c": ["cer_b"],
        "cer_d": ["cer_c"],
        "cer_e": ["cer_d"],
    }
    assert steps()["orientation"]["next"] == "workshop_a"
    assert {one["provenance"] for one in curricula.values()} == {"D"}, (
        "the content is ours: the document's box is empty"
    )


@pytest.mark.covers("CER-10")
def test_workshop_e_is_closed_until_the_phase_one_workbook_is_complete_and_nobody_may_waive_that() -> None:
    (gate,) = steps()["workshop_e"]["gates"]
    assert gate["needs"] == "dossiers.workbook_1.complete"
    assert "waivable_by" not in gate


@pytest.mark.covers("CER-01")
def test_the_core_team_needs_seven_people_two_fifths_women_all_five_segments_and_one_leader() -> None:
    needs = {gate["id"]: gate["needs"] for gate in steps()["core_team"]["gates"]}

    assert needs == {
        "team_of_seven": "answers.cer_02.members >= 7",
        "two_fifths_women": "answers.cer_02.women_share >= 0.4",
        "five_segments": "answers.cer_02.seats_filled == 5",
        "one_leader": "answers.cer_02.leaders == 1",
    }


def test_a_proposal_is_approved_revised_or_refused_each_with_a_notice_and_a_revised_one_is_reviewed_again() -> None:
    round_ = load(PROGRAMMES / "jump_cer" / "rounds.yaml")["project_proposals"]

    assert steps()["review"]["next"] == {"approved": "financial_procedure", "revise": "revision", "refused": "closed"}
    assert steps()["revision"]["next"] == "review"
    assert all(outcome["notify"] for outcome in round_["outcomes"])
    assert all(outcome.get("reason_required") for outcome in round_["outcomes"] if not outcome["good"])


def test_no_tranche_of_a_project_grant_is_free_of_conditions_and_the_first_needs_approval_and_procedure() -> None:
    grant = load(PROGRAMMES / "jump_cer" / "products.yaml")["project_grant"]

    assert sum(tranche["percent"] for tranche in grant["tranches"]) == 100
    assert {"approval", "procedure"} <= set(grant["tranches"][0]["conditions"])
    assert all(tranche["conditions"] for tranche in grant["tranches"])
    way_to_contract = way("financial_procedure", {})
    assert way_to_contract[:2] == ["financial_procedure", "contract"]


def test_the_ten_weights_of_idea_choice_sum_to_100_and_are_those_of_the_score_sheet() -> None:
    criteria = load(PROGRAMMES / "jump_cer" / "rounds.yaml")["idea_choice"]["criteria"]
    sheet = next(path for path in FORMS if path.stem == "cer_d2")

    assert len(criteria) == 10
    assert sum(one["weight"] for one in criteria) == 100
    labels = {row["name"]: row["label::English (en)"] for row in sheets(sheet)["survey"]}
    for one in criteria:
        assert labels[one["id"]] == f"{one['title']['en']} (weight {one['weight']})"


@pytest.mark.parametrize(
    ("package", "name"),
    [("jump", "pilot_communities"), ("jump", "partner_choice"), ("revolving_fund", "credit_committee")],
)
def test_the_weights_of_a_weighted_round_sum_to_100(package: str, name: str) -> None:
    round_ = load(PROGRAMMES / package / "rounds.yaml")[name]
    assert sum(one["weight"] for one in round_["criteria"]) == 100


def test_a_start_up_grant_asks_for_the_refusal_of_lenders_before_its_first_tranche() -> None:
    grant = load(PROGRAMMES / "revolving_fund" / "products.yaml")["start_up_grant"]
    assert "no_lender" in grant["tranches"][0]["conditions"]
    assert grant["needs_no_lender"] is True


def test_every_rule_of_the_fund_says_where_it_comes_from() -> None:
    rules = load(PROGRAMMES / "revolving_fund" / "rules.yaml")

    assert rules["interest_stays"]["provenance"] == "P"
    assert rules["interest_stays"]["value"] is True
    for name, rule in rules.items():
        assert rule["provenance"] in {"P", "S", "K", "D"}, name
        assert rule["source_title"], name
        assert rule["unit"], name
