"""The shipped packages at work: they check clean together, and their forms work out what gates and checks ask for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from jump.base import packages
from jump.core import expressions
from jump.engines.evidence.definitions import answers as answering
from jump.engines.evidence.definitions import xlsform

ROOT = Path(__file__).resolve().parents[2]
PROGRAMMES = ROOT / "src" / "jump" / "programmes"
SHIPPED = ("common", "jump", "revolving_fund", "training", "jump_cer")
TODAY = date(2004, 6, 30)


def filled(package: str, form: str, given: dict[str, Any]) -> Any:
    """The answers of a form as the server takes them: ordered, calculated, with what is wrong."""
    suffix = "xlsx" if form == "visit_report" else "md"
    converted = xlsform.convert((PROGRAMMES / package / "forms" / f"{form}.{suffix}").read_bytes())
    return answering.outcome(converted.schema, given, today=TODAY, now=datetime(2004, 6, 30, 9, tzinfo=UTC))


def load(path: str) -> Any:
    return YAML(typ="safe").load((PROGRAMMES / path).read_text(encoding="utf-8"))


def gates(package: str, procedure: str, step: str) -> dict[str, str]:
    steps = load(f"{package}/{procedure}.yaml")["steps"]
    return {gate["id"]: gate["needs"] for gate in steps[step]["gates"]}


def held(needs: dict[str, str], form: str, answers: Any) -> set[str]:
    """Which of these gates hold for these answers."""
    return {name for name, text in needs.items() if expressions.parse(text).holds({"answers": {form: answers}})}


@pytest.mark.django_db
@pytest.mark.covers("CROSS-06")
def test_the_packages_of_renewal_check_clean_together() -> None:
    assert [str(finding) for finding in packages.check(PROGRAMMES / name for name in SHIPPED)] == []


@pytest.mark.django_db
def test_the_packages_use_each_other_without_a_ring() -> None:
    assert [folder.name for folder in packages.in_order(["jump_cer"])] == [
        "common",
        "jump",
        "revolving_fund",
        "training",
        "jump_cer",
    ]


# The core team -----------------------------------------------------------------------------------------


def member(sex: str, seat: str, leads: str = "no") -> dict[str, str]:
    return {
        "member_name": "Somebody",
        "member_sex": sex,
        "member_seat": seat,
        "member_leads": leads,
        "member_consents": "yes",
    }


TEAM = [
    member("female", "public", "yes"),
    member("female", "private"),
    member("female", "ngo"),
    member("male", "worker"),
    member("male", "unemployed"),
    member("male", "other"),
    member("male", "cooperative"),
]


@pytest.mark.covers("CER-01")
def test_a_team_of_seven_from_all_five_segments_with_three_women_and_one_leader_passes_every_gate() -> None:
    outcome = filled("jump_cer", "cer_02", {"formed_on": "2004-01-05", "date_plan": "March", "member": TEAM})

    assert outcome.errors == ()
    assert (outcome.answers["members"], outcome.answers["women"], outcome.answers["seats_filled"]) == (7, 3, 5)
    needs = gates("jump_cer", "procedure", "core_team")
    assert held(needs, "cer_02", outcome.answers) == set(needs)


@pytest.mark.covers("CER-01")
def test_each_gap_of_a_team_closes_its_own_gate_alone() -> None:
    needs = gates("jump_cer", "procedure", "core_team")
    teams = {
        "team_of_seven": TEAM[:5] + TEAM[6:],
        "two_fifths_women": [*TEAM, member("male", "other")],
        "five_segments": [*TEAM[:4], member("male", "other"), *TEAM[5:]],
        "one_leader": [member("female", "public"), *TEAM[1:]],
    }
    for gate, team in teams.items():
        outcome = filled("jump_cer", "cer_02", {"formed_on": "2004-01-05", "date_plan": "March", "member": team})
        assert set(needs) - held(needs, "cer_02", outcome.answers) == {gate}


# Ideas -------------------------------------------------------------------------------------------------


def test_the_weighted_score_of_an_idea_runs_from_0_to_100_and_follows_the_weights() -> None:
    criteria = [one["id"] for one in load("jump_cer/rounds.yaml")["idea_choice"]["criteria"]]
    frame = {"idea_title": "Mats", "no_interest": "yes", "expected_jobs": 12, "expected_jobs_women": 9}

    def score(**given: str) -> Decimal:
        outcome = filled("jump_cer", "cer_d2", {**frame, **dict.fromkeys(criteria, "0"), **given})
        assert outcome.errors == ()
        return Decimal(outcome.answers["weighted_score"])

    assert score() == 0
    assert score(**dict.fromkeys(criteria, "5")) == 100
    assert score(decent_jobs="5") == 20
    assert score(decent_jobs="4", market_demand="3") == 4 * 4 + 3 * 3


def test_who_has_an_interest_in_an_idea_is_asked_for_no_scores() -> None:
    outcome = filled(
        "jump_cer",
        "cer_d2",
        {"idea_title": "Mats", "no_interest": "no", "expected_jobs": 12, "expected_jobs_women": 9},
    )

    assert outcome.errors == ()
    assert "decent_jobs" not in outcome.answers


def test_an_idea_passes_the_screening_only_with_six_times_yes() -> None:
    asked = ["fits_future", "is_legal", "no_harm", "has_owner", "starts_in_year", "no_displacement"]
    good = {"idea_title": "Mats", **dict.fromkeys(asked, "yes")}

    assert filled("jump_cer", "cer_d1", good).answers["passes"] == "yes"
    for one in asked:
        outcome = filled("jump_cer", "cer_d1", {**good, one: "no", "reason": "Told in the meeting."})
        assert outcome.answers["passes"] == "no"
        assert outcome.errors == ()
        assert filled("jump_cer", "cer_d1", {**good, one: "no"}).errors != (), "a no needs its reason"


def test_the_leak_sheet_works_out_leak_capture_and_jobs() -> None:
    rows = [
        {
            "item": "Rice",
            "buyer": "households",
            "annual_spend": "1000000",
            "share_outside": "0.6",
            "capturable_share": "0.5",
            "jobs_per_100k": "1.5",
            "basis": "Asked in 40 households.",
        }
    ]
    outcome = filled(
        "jump_cer", "cer_b3", {"currency": "PHP", "leak": rows, "round_1": 100, "round_2": 60, "round_3": 36}
    )

    assert outcome.errors == ()
    assert outcome.answers["total_leak"] == 600_000
    assert outcome.answers["total_capture"] == 300_000
    assert Decimal(outcome.answers["total_potential_jobs"]) == Decimal("4.5")
    assert Decimal(outcome.answers["lm3"]) == Decimal("1.96"), "with a local share of 0.6: 1 + 0.6 + 0.36"


# The proposal ------------------------------------------------------------------------------------------


def proposal(**changed: Any) -> dict[str, Any]:
    return {
        "title": "Mat weaving",
        "er_code": "ER3",
        "promoter": "Weavers of Riverside",
        "legal_form": "worker_cooperative",
        **dict.fromkeys(
            (
                "form_why",
                "problem",
                "market_evidence",
                "product_made",
                "operations",
                "training_need",
                "environment_safety",
            ),
            "Said in the workshop.",
        ),
        "governance": "Assembly and board.",
        "women": 9,
        "men": 3,
        "youth": 4,
        "unemployed_before": 10,
        "target_groups": ["unemployed", "woman"],
        "quarter": [
            {"quarter_no": 1, "quarter_women": 4, "quarter_men": 1, "quarter_fte": 4, "quarter_wage": 4500},
            {"quarter_no": 4, "quarter_women": 9, "quarter_men": 3, "quarter_fte": 11, "quarter_wage": 5000},
        ],
        "currency": "PHP",
        "cost": [
            {"cost_kind": "equipment", "cost_what": "Looms", "cost_amount": 240_000},
            {"cost_kind": "stock", "cost_what": "Fibre", "cost_amount": 60_000},
        ],
        "source": [
            {"source_kind": "members", "source_who": "Members", "source_amount": 40_000},
            {"source_kind": "grant", "source_who": "JUMP", "source_amount": 260_000},
        ],
        "funding_product": "jump_cer.project_grant",
        "risk": [{"risk_what": "Rain", "risk_answer": "A roof"}],
        "milestone": [{"milestone_what": "Looms bought", "milestone_on": "2004-09-01"}],
        "sustainability": "Sales pay for fibre and pay.",
        "no_lender": "Two banks refused.",
        **changed,
    }


def checks(dossier: str) -> dict[str, str]:
    return {one["id"]: one["needs"] for one in load("jump_cer/dossiers.yaml")[dossier]["checks"]}


@pytest.mark.covers("CER-11")
def test_a_proposal_whose_sources_equal_its_uses_passes_and_one_that_is_short_by_one_does_not() -> None:
    needs = {name: text for name, text in checks("proposal").items() if "cer_e1" in text}
    good = filled("jump_cer", "cer_e1", proposal())

    assert good.errors == ()
    assert (good.answers["total_uses"], good.answers["total_sources"], good.answers["award_requested"]) == (
        300_000,
        300_000,
        260_000,
    )
    assert good.answers["jobs_planned"] == 12
    assert good.answers["cost_per_job"] == 25_000
    assert held(needs, "cer_e1", good.answers) == {"sources_equal_uses", "members_pay"}

    short = proposal()
    short["source"][1]["source_amount"] = 259_999
    outcome = filled("jump_cer", "cer_e1", short)
    assert held(needs, "cer_e1", outcome.answers) == {"members_pay"}
    assert outcome.errors == (), "the proposal can still be kept and mended"


def test_a_month_in_which_the_instalment_takes_more_than_70_in_100_of_free_cash_is_heavy() -> None:
    def plan(instalment: int) -> Any:
        month = {"cash_in": 10_000, "cash_out": 6_000, "loan_instalment": instalment}
        texts = (
            "customers",
            "competitors",
            "marketing",
            "production",
            "people_skills",
            "prices",
            "assumptions",
            "bad_year",
        )
        return filled(
            "jump_cer",
            "cer_e2",
            {
                **dict.fromkeys(texts, "Asked."),
                "currency": "PHP",
                "month": [{"month_no": number, **month} for number in range(1, 37)],
                "break_even_month": 5,
            },
        )

    needs = {name: text for name, text in checks("proposal").items() if "cer_e2" in text}
    assert (plan(2_800).answers["months"], plan(2_800).answers["heavy_months"]) == (36, 0)
    assert held(needs, "cer_e2", plan(2_800).answers) == {"instalment_bearable", "three_years"}
    assert plan(2_801).answers["heavy_months"] == 36
    assert held(needs, "cer_e2", plan(2_801).answers) == {"three_years"}


# Countries, loans, households --------------------------------------------------------------------------


@pytest.mark.covers("SELECT-01")
def test_four_criteria_of_five_do_not_make_a_country_eligible() -> None:
    names = ["high_unemployment", "official_request", "job_policies", "coop_policies", "field_structure"]
    good = {"country": "PH", "assessed_on": "2002-02-01"}
    for name in names:
        good |= {name: "yes", f"{name}_evidence": "Statistics office, 2001"}
    needs = gates("jump", "procedure_country_stage", "assessment")

    assert held(needs, "country_assessment", filled("jump", "country_assessment", good).answers) == {"all_five"}
    for name in names:
        answers = filled("jump", "country_assessment", {**good, name: "no"}).answers
        assert held(needs, "country_assessment", answers) == set()


def test_a_group_that_brings_less_than_a_tenth_of_the_cost_does_not_reach_the_committee() -> None:
    def application(own: int) -> Any:
        return filled(
            "revolving_fund",
            "loan_application",
            {
                "group_name": "Weavers",
                "members_women": 9,
                "members_men": 3,
                "applicant_name": "Somebody",
                "purpose": "Looms",
                "currency": "PHP",
                "amount": 90_000,
                "own_money": own,
                "other_money": 0,
                "months": 12,
                "grace_months": 0,
                "jobs_women": 9,
                "jobs_men": 3,
                "securities": ["group"],
                "knows_rules": "yes",
                "signed_on": "2004-02-01",
            },
        )

    needs = gates("revolving_fund", "procedure_loan", "committee")
    assert application(10_000).errors == ()
    assert held(needs, "loan_application", application(10_000).answers) == {"own_part"}
    assert held(needs, "loan_application", application(9_999).answers) == set()


def test_a_household_that_does_not_agree_is_asked_nothing_more() -> None:
    outcome = filled(
        "jump", "household_baseline", {"asked_on": "2002-08-01", "household_code": "RS-001", "consents": "no"}
    )
    assert outcome.errors == ()
    assert not {"income_month", "respondent_sex"} & set(outcome.answers)


def test_nobody_can_report_a_job_for_a_new_person_without_consent_to_the_record() -> None:
    good = {
        "given_name": "Luz",
        "family_name": "Reyes",
        "sex": "female",
        "birth_year": 1980,
        "consents": ["records"],
        "status_before": "unemployed",
        "kind": "created",
        "title": "Weaver",
        "started_on": "2004-03-01",
        "hours_weekly": 40,
        "pay_monthly": 5000,
        "currency": "PHP",
        "has_written_terms": "yes",
        "has_social_protection": "yes",
        "is_safe": "yes",
        "has_rights": "yes",
        "months_expected": 12,
    }
    assert filled("jump_cer", "job_claim", good).errors == ()
    errors = filled("jump_cer", "job_claim", {**good, "consents": ["contact"]}).errors
    assert [error.path for error in errors] == ["consents"]


@pytest.mark.parametrize(("country", "pay"), [("PH", 450_000), ("TH", 400_000), ("SN", 36_000)])
def test_a_country_s_test_has_eleven_items_of_which_three_are_advice(country: str, pay: int) -> None:
    items = load(f"jump_cer/countries/{country}.yaml")["decent_work"]["items"]

    assert len(items) == 11
    advice = [item["id"] for item in items if not item["mandatory"]]
    assert advice == ["social_protection", "paid_on_time", "equal_treatment"]
    values = {item["id"]: item["value"] for item in items if "value" in item}
    assert values == {"pay_min": pay, "hours_max": 48, "duration": 6}
