"""The shipped loan procedure run by the engines: from a group's application to money in its hands."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jump.base import outbox, packages
from jump.base.actors import Actor, Grant
from jump.base.refusals import Refusal
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from tests import makers

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
DAY = date(2004, 3, 1)
_keys = itertools.count(1)
APPLICATION: dict[str, Any] = {
    "group_name": "Riverside Weavers",
    "members_women": 9,
    "members_men": 3,
    "applicant_name": "Somebody",
    "purpose": "Looms and fibre",
    "currency": "PHP",
    "amount": "90000",
    "own_money": "10000",
    "other_money": "0",
    "months": 12,
    "grace_months": 0,
    "jobs_women": 9,
    "jobs_men": 3,
    "securities": ["group"],
    "knows_rules": "yes",
    "signed_on": "2004-02-27",
}
APPRAISAL: dict[str, Any] = {
    "appraised_on": "2004-03-01",
    "no_interest": "yes",
    "visited": "yes",
    "currency": "PHP",
    "sales": "40000",
    "costs": "25000",
    "instalment": "9000",
    **dict.fromkeys(("character", "skills", "market", "security_value"), "4"),
    "staff_borrows": "no",
    "debts_checked": "yes",
    "amount_proposed": "90000",
    "months_proposed": 12,
    "grace_proposed": 0,
    "opinion": "approve",
    "reasons": "Sales are steady.",
}
AGREEMENT: dict[str, Any] = {
    "signed_on": "2004-03-01",
    "guarantee_signed": "yes",
    "signatures": 12,
    "currency": "PHP",
    "own_part_paid": "10000",
    "receipt": "R-17",
    "schedule_explained": "yes",
    "signed_for_fund": "Somebody",
}


class Story:
    """A programme with one community, one fund and the people who work it."""

    def __init__(self) -> None:
        for folder in packages.in_order(["revolving_fund"]):
            packages.install(makers.MAKER, folder)
        parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
        country = next(place for place in parties.places(makers.MAKER, kind="country") if place.code == "PH")
        parties.declare_place(
            makers.MAKER,
            parent_ref=country.ref,
            kind="community",
            name="Riverside",
            code="riverside",
            on=date(2002, 6, 1),
        )
        self.scope = "jump/asia/PH/riverside/"
        self.manager = makers.signed_in("fund_manager", "jump/asia/PH/")
        self.second = makers.signed_in("fund_manager", "jump/asia/PH/")
        self.national = makers.signed_in("national_coordinator", "jump/asia/PH/")
        self.partner = makers.signed_in("partner", "jump/asia/PH/")
        self.panel = [makers.signed_in("selection_panel", "jump/") for _ in range(3)]
        finance.add_rate(
            makers.MAKER, given="USD", wanted="PHP", rate=Decimal(55), on=date(2002, 1, 1), source="Example bank"
        )
        self.fund = finance.open_fund(
            makers.MAKER,
            owner_ref=Ref("org-00000001"),
            title="Riverside fund",
            currency="PHP",
            scope=self.scope,
            on=DAY,
        )
        finance.contribute(
            makers.MAKER, fund_ref=self.fund, amount=Money(200_000_000, "PHP"), source="donor", on=DAY, key="seed"
        )

    def send(self, actor: Actor, form: str, answers: dict[str, Any], about: Ref | None = None) -> Ref:
        sent = evidence.submit(
            actor,
            form=f"revolving_fund.{form}",
            answers=answers,
            scope=self.scope,
            about=about,
            on=DAY,
            key=f"{form} {next(_keys)}",
        )
        if sent.state == "received":
            evidence.accept(self.national, ref=sent.ref)
        outbox.drain()
        return sent.ref

    def case(self) -> cases.CaseView:
        (row,) = cases.cases(makers.MAKER, procedure="revolving_fund.loan")
        return cases.case(makers.MAKER, row.ref)

    def step(self, key: str) -> cases.StepView:
        return [step for step in self.case().steps if step.key == key][-1]

    def committee(self, outcome: str) -> None:
        round_ref = decisions.open_round(
            self.manager,
            definition="revolving_fund.credit_committee",
            scope=self.scope,
            opens_on=DAY,
            closes_on=DAY,
            panel=[member.user_id for member in self.panel if member.user_id],
        )
        (candidate,) = decisions.round_(self.panel[0], round_ref).candidates
        criteria = packages.definition("rounds", "revolving_fund.credit_committee").data["criteria"]
        given = {one["id"]: one["scale_max"] for one in criteria}
        for member in self.panel:
            decisions.declare_interest(member, round_ref=round_ref, candidate_ref=candidate.ref, has_interest=False)
            decisions.score(member, candidate_ref=candidate.ref, scores=given)
        decisions.close_scoring(self.panel[0], round_ref=round_ref, on=DAY)
        decisions.decide(
            self.panel[0],
            round_ref=round_ref,
            outcomes=[decisions.Choice(candidate.ref, outcome, "Steady sales.")],
            minutes="All present agreed.",
            present=[member.user_id for member in self.panel if member.user_id],
            on=DAY,
        )
        decisions.publish(self.panel[0], round_ref=round_ref, on=DAY)
        outbox.drain()


@pytest.mark.covers("RLF-05")
def test_an_application_becomes_a_loan_that_only_somebody_outside_the_committee_can_pay_out() -> None:
    story = Story()
    story.send(story.partner, "loan_application", APPLICATION)
    group = story.case().subject_ref
    assert [step.key for step in story.case().steps if step.state == "here"] == ["appraisal"]

    story.send(story.manager, "appraisal", APPRAISAL, group)
    assert story.step("committee").state == "waiting"

    story.committee("approved")
    (row,) = finance.contracts(makers.MAKER)
    contract = finance.contract(makers.MAKER, row.ref)
    assert (contract.product, contract.party_ref, contract.amount) == (
        "revolving_fund.group_loan",
        group,
        Money(9_000_000, "PHP"),
    )
    approval = next(one for one in contract.conditions if one.code == "approval")
    assert set(approval.decided_by) == {f"user:{member.user_id}" for member in story.panel}
    conditions = {one.code: one.met_on for one in contract.conditions}
    assert conditions == {"approval": DAY, "agreement": None, "members_paid": None}

    story.send(story.manager, "loan_agreement", AGREEMENT, group)
    conditions = {one.code: one.met_on for one in finance.contract(makers.MAKER, contract.ref).conditions}
    assert set(conditions.values()) == {DAY}
    assert [step.key for step in story.case().steps if step.state == "here"] == ["first_visit"]

    tranche = finance.prepare_release(story.manager, contract_ref=contract.ref, number=1, on=DAY)
    with pytest.raises(Refusal) as refused:
        finance.approve_release(story.manager, tranche_ref=tranche, on=DAY, key="pay")
    assert refused.value.code == "finance.same_person"
    on_the_panel = replace(story.panel[0], grants=(*story.panel[0].grants, Grant("fund_manager", "jump/asia/PH/")))
    with pytest.raises(Refusal) as refused:
        finance.approve_release(on_the_panel, tranche_ref=tranche, on=DAY, key="pay")
    assert refused.value.code == "finance.same_person"
    finance.approve_release(story.second, tranche_ref=tranche, on=DAY, key="pay")
    assert finance.portfolio(makers.MAKER, fund_ref=story.fund, as_of=DAY).outstanding == Money(9_000_000, "PHP")


def test_a_refused_application_closes_the_case_and_promises_no_money() -> None:
    story = Story()
    story.send(story.partner, "loan_application", APPLICATION)
    story.send(story.manager, "appraisal", APPRAISAL, story.case().subject_ref)

    story.committee("refused")

    assert (story.case().state, story.case().outcome) == ("closed", "refused")
    assert list(finance.contracts(makers.MAKER)) == []


@pytest.mark.covers("RLF-05")
def test_an_appraisal_stops_at_an_own_interest_a_borrower_from_the_fund_late_debt_and_too_heavy_an_instalment() -> None:
    story = Story()
    owed = [{"lender": "Rural bank", "owed": "4000", "late": "yes"}]
    story.send(story.partner, "loan_application", {**APPLICATION, "debt": owed})
    group = story.case().subject_ref
    bad = {"no_interest": "no", "visited": "no", "staff_borrows": "yes", "debts_checked": "no", "instalment": "10501"}

    story.send(story.manager, "appraisal", {**APPRAISAL, **bad}, group)

    def shut() -> set[str]:
        seen = cases.step(makers.MAKER, Ref(str(story.step("appraisal").ref)))
        return {gate.name for gate in seen.gates if not gate.passed}

    every = {"no_interest", "visited", "nobody_of_the_fund", "debts_checked", "no_late_debt", "bearable"}
    assert shut() == every
    for gate in ("no_interest", "nobody_of_the_fund"):
        with pytest.raises(Refusal) as refused:
            cases.waive(
                story.national, step_ref=Ref(str(story.step("appraisal").ref)), gate=gate, why="He is honest.", on=DAY
            )
        assert refused.value.code == "cases.not_waivable"

    story.send(story.manager, "appraisal", {**APPRAISAL, "instalment": "10500"}, group)  # 70 in 100 of 15,000
    assert shut() == {"no_late_debt"}
    cases.waive(
        story.national,
        step_ref=Ref(str(story.step("appraisal").ref)),
        gate="no_late_debt",
        why="It was paid yesterday.",
        on=DAY,
    )
    assert story.step("committee").state == "waiting"
