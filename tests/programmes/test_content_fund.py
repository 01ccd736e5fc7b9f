"""A loan fund and savings as shipped: set up, ruled, staffed, used and handed over, each gate shut and then open."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from jump.base import clock, duties, outbox, packages
from jump.base.actors import Actor
from jump.base.refusals import Refusal
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.engines.results import api as results
from tests import makers

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2004, 3, 1)
RIVERSIDE = "jump/asia/PH/riverside/"
PH = "jump/asia/PH/"
_keys = itertools.count(1)

TALKS: dict[str, Any] = {
    "held_on": "2004-02-20",
    "voices": ["leaders", "banks", "ngos", "small_enterprise", "cooperatives"],
    "women": 9,
    "men": 7,
    "option": [
        {
            "option_kind": "bank",
            "option_name": "Rural bank",
            "who_is_reached": "Owners of land",
            "yearly_cost": "24",
            "speaks_for": "It is near.",
            "speaks_against": "It asks for land.",
        },
        {
            "option_kind": "savings_cooperative",
            "option_name": "A cooperative of our own",
            "who_is_reached": "All members",
            "speaks_for": "Interest stays here.",
            "speaks_against": "Somebody must keep the books.",
        },
    ],
    "issues": "Who keeps the books?",
    "preferred": "savings_cooperative",
    "preferred_why": "Women without land are reached.",
}
LENDER: dict[str, Any] = {
    "lender_name": "Rural bank",
    "lender_kind": "bank",
    "studied_on": "2004-02-10",
    "consultant": "Somebody",
    "consultant_local": "yes",
    "currency": "PHP",
    "rate_yearly": "24",
    "security_asked": "Land",
    "lends_to_groups": "no",
    "lends_to_women": "no",
    "lends_here": "yes",
    "figures_on": "2003-12-31",
    "portfolio": "2000000",
    "late_30": "150000",
    "due_last_year": "800000",
    "collected_last_year": "720000",
    "income_last_year": "300000",
    "costs_last_year": "250000",
    "figures_source": "Yearly report 2003",
    "can_serve": "no",
    "finding": "It lends to owners of land only.",
}
STUDY: dict[str, Any] = {
    "consultant": "Somebody",
    "consultant_local": "yes",
    "studied_on": "2004-02-25",
    "lenders_found": 2,
    "lenders_serving": 0,
    "logical_source": "no",
    "what_fails": "Nobody lends to groups.",
    "conclusion": "A fund of the community.",
}
DESIGN: dict[str, Any] = {
    "met_on": "2004-02-26",
    "women": 12,
    "men": 9,
    "source": "new_fund",
    "source_why": "No lender serves groups.",
    "structure": "community_fund",
    "structure_why": "Trust is here.",
    "legal_form": "Association",
    "currency": "PHP",
    "from_programme": "500000",
    "from_savings": "50000",
    "from_others": "0",
    "running_cost": "60000",
    "running_income": "80000",
    "communities_agree": "yes",
}
RULES: dict[str, Any] = {
    "dated": "2004-02-27",
    "purpose": "Tools and working money of groups",
    "who_may_borrow": "Groups of five and more",
    "currency": "PHP",
    "largest_loan": "90000",
    "largest_per_job": "80000",
    "rate_yearly": "18",
    "months_longest": 36,
    "grace_months": 6,
    "own_part": "10",
    "one_borrower": "10",
    "not_lent": "10",
    "interest_stays": "yes",
    "own_account": "yes",
    "nobody_on_own_loan": "yes",
    "staff_may_borrow": "no",
    "when_late": "A call, a visit, a letter, the committee.",
    "asked_whom": "All four parties, in February.",
}
OPENING: dict[str, Any] = {
    "opened_on": "2004-03-01",
    "fund_name": "Riverside loan fund",
    "held_by": "community",
    "holder_name": "Riverside association",
    "bank": "Rural bank",
    "account_is_own": "yes",
    "signatories": 2,
    "accountant_checked": "yes",
    "accountant": "Somebody else",
    "papers_checked": "yes",
    "currency": "PHP",
    "seed_expected": "500000",
}
AREAS = (
    "organisation",
    "management",
    "finance",
    "loans",
    "jobs",
    "services",
    "linkage",
    "inclusion",
    "legal",
    "learning",
)
MANY = {"female:25-34": 9, "male:25-34": 8}


class Place:
    """Riverside with its packages, and everybody who has a part in its fund."""

    def __init__(self) -> None:
        for folder in packages.in_order(["revolving_fund"]):
            packages.install(makers.MAKER, folder)
        parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
        country = next(place for place in parties.places(makers.MAKER, kind="country") if place.code == "PH")
        self.ref = parties.declare_place(
            makers.MAKER, parent_ref=country.ref, kind="community", name="Riverside", code="riverside", on=DAY
        )
        self.coordinator = makers.signed_in("programme_coordinator", "jump/")
        self.donor = makers.signed_in("donor", "jump/")
        self.national = makers.signed_in("national_coordinator", PH)
        self.partner = makers.signed_in("partner", PH)
        self.manager = makers.signed_in("fund_manager", PH)
        self.team = makers.signed_in("core_team", RIVERSIDE)
        self.worker = makers.signed_in("extension_worker", RIVERSIDE)
        self.panel = [makers.signed_in("selection_panel", "jump/") for _ in range(3)]

    def begin(self, procedure: str, about: Ref | None = None) -> Road:
        ref = cases.open_case(
            self.national,
            procedure=f"revolving_fund.{procedure}",
            subject_ref=about or self.ref,
            scope=RIVERSIDE,
            on=DAY,
            key=f"case {next(_keys)}",
        )
        outbox.drain()
        return Road(self, ref, about or self.ref)

    def send(
        self, actor: Actor, form: str, answers: dict[str, Any], about: Ref | None = None
    ) -> evidence.SubmissionView:
        sent = evidence.submit(
            actor,
            form=f"revolving_fund.{form}",
            answers=answers,
            scope=RIVERSIDE,
            about=about or self.ref,
            on=DAY,
            key=f"form {next(_keys)}",
        )
        if sent.state == "received":
            evidence.accept(self.coordinator, ref=sent.ref)
        outbox.drain()
        return sent

    def opening(self) -> dict[str, Any]:
        """What the opening form says: the fund belongs to the community."""
        return {**OPENING, "owner_ref": self.ref}

    def certify(self, person: Ref) -> None:
        """The certificate in bookkeeping, examined by one and looked at by another."""
        sheet = {"person_ref": person, "examined_on": "2004-02-28", "examiner": "Somebody", "hours": "24"}
        self.send(self.manager, "fund_certificate", {**sheet, "score": "75", "cash_agreed": "yes"})


class Road:
    """One case and what is done on it."""

    def __init__(self, place: Place, ref: Ref, about: Ref) -> None:
        self.place, self.ref, self.about = place, ref, about

    @property
    def case(self) -> cases.CaseView:
        return cases.case(makers.MAKER, self.ref)

    def here(self) -> set[str]:
        """The steps that stand open, whether somebody may work on them now or not."""
        return {step.key for step in self.case.steps if step.is_open}

    def step(self, key: str) -> cases.StepView:
        return [step for step in self.case.steps if step.key == key][-1]

    def at(self, key: str) -> Ref:
        ref = self.step(key).ref
        assert ref is not None, f"{key} was not entered"
        return ref

    def shut(self, key: str) -> set[str]:
        """The gates of a step that are neither met nor waived."""
        return {gate.name for gate in self.step(key).gates if not gate.passed}

    def fill(self, form: str, answers: dict[str, Any], actor: Actor | None = None) -> None:
        self.place.send(actor or self.place.manager, form, answers, self.about)

    def gather(self, key: str, totals: dict[str, int], **known: Any) -> None:
        cases.record_session(
            self.place.worker, held_on=DAY, totals=totals, step_ref=self.at(key), key=f"held {next(_keys)}", **known
        )
        outbox.drain()

    def refused(self, actor: Actor, step: str, gate: str, why: str) -> str:
        with pytest.raises(Refusal) as no:
            cases.waive(actor, step_ref=self.at(step), gate=gate, why=why, on=DAY)
        return no.value.code

    def dossier(self, definition: str) -> Ref:
        return evidence.open_dossier(
            makers.MAKER, definition=f"revolving_fund.{definition}", about=self.about, scope=RIVERSIDE, on=DAY
        )

    def hand_in(self, key: str, dossier: Ref) -> None:
        version = evidence.freeze_dossier(makers.MAKER, ref=dossier, on=DAY)
        cases.record_document(self.place.national, step_ref=self.at(key), dossier_version_ref=version, on=DAY)
        outbox.drain()

    def studied(self, **said: Any) -> Road:
        """As far as the design: talks, two lenders, the study."""
        place = self.place
        place.send(place.national, "consultation", TALKS)
        for name in ("Rural bank", "Fund of the diocese"):
            self.fill("lender_appraisal", {**LENDER, "lender_name": name}, place.partner)
        self.fill("lender_study", {**STUDY, **said}, place.partner)
        return self

    def decided(self, outcome: str, **said: Any) -> Road:
        """As far as the decision on source and structure."""
        self.studied(**said)
        self.fill("fund_design", DESIGN, self.place.national)
        self.hand_in("design", self.dossier("fund_design"))
        self.panel_says("fund_structure", {self.case.ref: outcome})
        return self

    def panel_says(
        self,
        definition: str,
        outcomes: dict[Ref, str],
        scores: dict[Ref, dict[str, int]] | None = None,
        why: str = "Agreed.",
    ) -> tuple[Ref, ...]:
        """A whole round; returns the candidates in the order in which the scores place them."""
        place = self.place
        round_ref = decisions.open_round(
            place.national,
            definition=f"revolving_fund.{definition}",
            scope="jump/asia/PH/",
            opens_on=DAY,
            closes_on=DAY,
            panel=[one.user_id for one in place.panel if one.user_id],
        )
        seen = decisions.round_(place.panel[0], round_ref).candidates
        declared = packages.definition("rounds", f"revolving_fund.{definition}").data["criteria"]
        best = {one["id"]: one["scale_max"] for one in declared}
        for member in place.panel:
            for one in seen:
                given = (scores or {}).get(one.candidate_ref, best)
                decisions.declare_interest(member, round_ref=round_ref, candidate_ref=one.ref, has_interest=False)
                decisions.score(member, candidate_ref=one.ref, scores=given)
        decisions.close_scoring(place.panel[0], round_ref=round_ref, on=DAY)
        homes = {one.ref: one.candidate_ref for one in seen}
        order = tuple(homes[row.candidate_ref] for row in decisions.ranking(place.panel[0], round_ref).rows)
        decisions.decide(
            place.panel[0],
            round_ref=round_ref,
            outcomes=[decisions.Choice(one.ref, outcomes[one.candidate_ref], why) for one in seen],
            minutes="All present agreed.",
            present=[one.user_id for one in place.panel if one.user_id],
            on=DAY,
        )
        decisions.publish(place.panel[0], round_ref=round_ref, on=DAY)
        outbox.drain()
        return order


@pytest.fixture
def place(db: None) -> Iterator[Place]:
    clock.pin(DAY)
    yield Place()
    clock.forget_pin()


# Talks, lenders, structure -----------------------------------------------------------------------------


@pytest.mark.covers("SAVINGS-06")
def test_talks_on_credit_end_with_five_voices_heard_and_two_ways_compared(place: Place) -> None:
    road = place.begin("savings_talks")
    road.gather("talks", {"female:25-34": 4}, issues=["Who keeps the books?"])
    assert road.shut("talks") == {"attendance"}
    road.gather("talks", MANY, issues=["Who keeps the books?", "What does the bank ask for?"])
    assert road.here() == {"options"}
    assert [len(one.issues) for one in cases.sessions(makers.MAKER, case_ref=road.ref)] == [2, 1]

    alone = {**TALKS, "voices": ["leaders", "ngos"], "option": TALKS["option"][:1]}
    road.fill("consultation", alone, place.national)
    assert road.shut("options") == {"all_voices", "two_ways"}
    assert road.refused(place.national, "options", "two_ways", "There is one bank.") == "cases.not_waivable"
    assert road.here() == {"options"}

    road.fill("consultation", TALKS, place.national)
    assert (road.case.state, road.here()) == ("closed", set())


@pytest.mark.covers("RLF-01")
def test_no_fund_is_proposed_before_each_lender_found_has_its_sheet_and_the_study_is_accepted(place: Place) -> None:
    road = place.begin("fund_set_up")
    assert road.here() == {"lenders", "design"}
    assert road.shut("design") == {"lenders_studied", "talks_held", "design_complete"}
    with pytest.raises(Refusal) as no:
        cases.record_document(
            place.national, step_ref=road.at("design"), dossier_version_ref=Ref("dsv-00000001"), on=DAY
        )
    assert (no.value.code, no.value.facts["gates"]) == ("cases.gate_closed", ["lenders_studied", "talks_held"])
    assert road.refused(place.coordinator, "design", "lenders_studied", "We are late.") == "cases.not_waivable"

    road.fill("lender_appraisal", LENDER, place.partner)
    (line,) = evidence.entities(makers.MAKER, register="revolving_fund.lender")
    known = {name: str(line.values[name]) for name in ("lender_name", "par30", "repayment_rate", "can_serve")}
    assert known == {"lender_name": "Rural bank", "par30": "0.075", "repayment_rate": "0.9", "can_serve": "no"}

    road.fill("lender_study", STUDY, place.partner)  # two lenders were found, one has a sheet
    assert road.shut("study") == {"each_lender_has_a_sheet"}
    road.fill("lender_appraisal", {**LENDER, "lender_name": "Fund of the diocese"}, place.partner)
    assert road.here() == {"design"}
    assert road.shut("design") == {"talks_held", "design_complete"}

    place.send(place.national, "consultation", TALKS)
    assert road.shut("design") == {"design_complete"}
    assert road.step("design").state == "here"


def test_a_study_by_somebody_from_outside_the_country_waits_for_a_reason(place: Place) -> None:
    road = place.begin("fund_set_up")
    road.studied(consultant_local="no", lenders_found=2)
    assert road.shut("study") == {"local_consultant"}
    cases.waive(place.national, step_ref=road.at("study"), gate="local_consultant", why="Nobody is here.", on=DAY)
    assert road.here() == {"design"}


@pytest.mark.covers("RLF-02")
def test_a_new_structure_comes_only_where_no_source_serves_or_the_coordinator_says_why(place: Place) -> None:
    road = place.begin("fund_set_up").decided("new_structure", logical_source="yes", source_named="Rural bank")
    assert (road.step("structure").outcome, road.here()) == ("new_structure", {"rules"})
    assert "no_logical_source" in road.shut("rules")
    assert road.step("rules").state == "waiting"
    with pytest.raises(Refusal) as no:
        road.hand_in("rules", road.dossier("fund_rules"))
    assert (no.value.code, no.value.facts["gates"]) == ("cases.gate_closed", ["no_logical_source"])

    assert road.refused(place.national, "rules", "no_logical_source", "We want our own.") == "cases.not_waivable"
    assert road.refused(place.coordinator, "rules", "no_logical_source", " ") == "cases.reason_missing"
    cases.waive(
        place.coordinator, step_ref=road.at("rules"), gate="no_logical_source", why="The bank asks for land.", on=DAY
    )
    assert road.step("rules").state == "here"
    (gate,) = [one for one in road.step("rules").gates if one.name == "no_logical_source"]
    assert gate.waived
    assert gate.why.endswith(": The bank asks for land.")


def test_where_a_lender_serves_the_groups_the_road_ends_with_that_lender(place: Place) -> None:
    road = place.begin("fund_set_up").decided("existing_source", logical_source="yes", source_named="Rural bank")
    assert (road.case.state, road.case.outcome) == ("closed", "existing_source")


@pytest.mark.covers("RLF-02")
def test_a_fund_that_the_communities_do_not_want_is_neither_handed_in_nor_decided(place: Place) -> None:
    road = place.begin("fund_set_up").studied()
    road.fill("fund_design", {**DESIGN, "communities_agree": "no", "objections": "We have no money."}, place.national)
    road.hand_in("design", road.dossier("fund_design"))
    assert (road.here(), road.shut("design")) == ({"design"}, {"design_complete"})

    road.fill("fund_design", DESIGN, place.national)
    assert road.here() == {"structure"}
    against = {"lenders_studied": 1, "communities_agree": 0, "cost_is_paid": 1}
    with pytest.raises(Refusal) as no:
        road.panel_says("fund_structure", {road.ref: "new_structure"}, {road.ref: against})
    assert no.value.code == "decisions.screening_failed"


# Rules, staff, opening ---------------------------------------------------------------------------------


@pytest.mark.covers("RLF-03")
def test_the_rules_stand_once_agency_donor_committee_and_communities_signed_the_same_dated_version(
    place: Place,
) -> None:
    road = place.begin("fund_set_up").decided("new_structure")
    rules = road.dossier("fund_rules")
    with pytest.raises(Refusal) as no:
        evidence.sign_dossier(place.donor, ref=rules, on=DAY)
    assert no.value.code == "evidence.dossier_incomplete"
    road.fill("fund_rules_text", RULES, place.coordinator)
    with pytest.raises(Refusal) as no:
        evidence.sign_dossier(place.manager, ref=rules, on=DAY)
    assert no.value.code == "evidence.not_the_signer"

    evidence.sign_dossier(place.coordinator, ref=rules, on=DAY)
    evidence.sign_dossier(place.coordinator, ref=rules, on=DAY)  # twice is once
    evidence.sign_dossier(place.donor, ref=rules, on=DAY)
    evidence.sign_dossier(place.national, ref=rules, on=DAY)
    seen = evidence.dossier(place.donor, rules)
    assert [one.signer for one in seen.signatures if one.on] == ["programme", "donor", "national_committee"]
    assert (seen.is_signed, len(seen.versions)) == (False, 1)
    road.hand_in("rules", rules)
    assert (road.here(), road.shut("rules")) == ({"rules"}, {"four_signatures"})

    evidence.sign_dossier(place.team, ref=rules, on=date(2004, 3, 1))
    seen = evidence.dossier(place.donor, rules)
    assert (seen.is_signed, seen.signed_on, [one.number for one in seen.versions]) == (True, DAY, [1])
    with pytest.raises(Refusal) as no:
        evidence.sign_dossier(makers.signed_in("donor", "jump/"), ref=rules, on=DAY)
    assert no.value.code == "evidence.already_signed"
    assert cases.look_again(makers.MAKER, on=DAY, case_ref=road.ref) == 1
    assert road.here() == {"training"}

    road.fill("fund_rules_text", {**RULES, "dated": "2004-03-01", "rate_yearly": "24"}, place.coordinator)
    changed = evidence.dossier(place.donor, rules)
    assert (changed.is_signed, [one.on for one in changed.signatures]) == (False, [None] * 4)
    for signer in (place.coordinator, place.donor, place.national, place.team):
        evidence.sign_dossier(signer, ref=rules, on=DAY)
    again = evidence.dossier(place.donor, rules)
    assert (again.is_signed, [one.number for one in again.versions]) == (True, [1, 2])
    old, new = (evidence.dossier_version(makers.MAKER, one.ref) for one in again.versions)
    dates = [[one["answers"]["dated"] for one in version.sections["rules"]] for version in (old, new)]
    assert dates == [["2004-02-27"], ["2004-02-27", "2004-03-01"]]


@pytest.mark.covers("RLF-03")
def test_nobody_signs_the_rules_for_two_parties_and_rules_that_let_interest_go_are_not_signed(place: Place) -> None:
    road = place.begin("fund_set_up").decided("new_structure")
    rules = road.dossier("fund_rules")
    road.fill("fund_rules_text", {**RULES, "interest_stays": "no"}, place.coordinator)
    with pytest.raises(Refusal) as no:
        evidence.sign_dossier(place.coordinator, ref=rules, on=DAY)
    assert (no.value.code, no.value.facts["missing"]) == ("evidence.dossier_incomplete", "Interest stays in the fund.")

    road.fill("fund_rules_text", RULES, place.coordinator)
    evidence.sign_dossier(place.national, ref=rules, on=DAY)
    two_hats = makers.someone("donor", "jump/", user_id=place.national.user_id)
    with pytest.raises(Refusal) as no:
        evidence.sign_dossier(two_hats, ref=rules, on=DAY)
    assert no.value.code == "evidence.signed_for_another"
    assert [one.signer for one in evidence.dossier(makers.MAKER, rules).signatures if one.on] == ["national_committee"]


def ruled(place: Place, outcome: str = "new_structure") -> Road:
    """A fund whose rules are signed by all four."""
    road = place.begin("fund_set_up").decided(outcome)
    rules = road.dossier("fund_rules")
    road.fill("fund_rules_text", RULES, place.coordinator)
    for signer in (place.coordinator, place.donor, place.national, place.team):
        evidence.sign_dossier(signer, ref=rules, on=DAY)
    road.hand_in("rules", rules)
    assert road.here() == {"training"}
    return road


@pytest.mark.covers("RLF-12")
def test_a_fund_opens_only_when_its_bookkeeper_and_its_manager_hold_the_certificate(place: Place) -> None:
    road = ruled(place)
    keeper, head, other = (makers.person(RIVERSIDE) for _ in range(3))
    road.gather("training", {"female:25-34": 1})
    assert road.shut("training") == {"attendance"}
    road.gather("training", {"female:25-34": 2})
    named = {"named_on": "2004-03-01", "bookkeeper_ref": keeper, "manager_ref": keeper, "written_duties": "yes"}
    road.fill("fund_staff", named)
    assert road.shut("staff") == {"two_people"}
    road.fill("fund_staff", {**named, "manager_ref": head})
    assert (road.here(), road.step("opening").state) == ({"opening"}, "waiting")

    sheet = {"person_ref": keeper, "examined_on": "2004-02-28", "examiner": "Somebody", "hours": "24"}
    with pytest.raises(Refusal) as no:
        place.send(place.manager, "fund_certificate", {**sheet, "score": "59", "cash_agreed": "yes"})
    assert no.value.code == "evidence.answers_invalid"
    place.certify(keeper)
    place.certify(other)
    assert "staff_certified" in road.shut("opening")
    road.fill("fund_opening", place.opening())
    assert (road.here(), road.step("opening").state) == ({"opening"}, "waiting")
    assert road.refused(place.coordinator, "opening", "staff_certified", "He learns it later.") == "cases.not_waivable"

    place.certify(head)
    assert road.case.state == "closed"


def staffed(place: Place) -> tuple[Road, Ref]:
    """A fund that may open: rules signed, staff certified and named; with its bookkeeper."""
    road = ruled(place)
    keeper, head = makers.person(RIVERSIDE), makers.person(RIVERSIDE)
    place.certify(keeper)
    place.certify(head)
    road.gather("training", {"female:25-34": 2})
    named = {"named_on": "2004-03-01", "bookkeeper_ref": keeper, "manager_ref": head, "written_duties": "yes"}
    road.fill("fund_staff", named)
    assert road.step("opening").state == "here"
    return road, keeper


@pytest.mark.covers("RLF-03", "RLF-04", "RLF-12")
def test_what_opens_is_in_the_books_under_the_signed_rules_and_takes_the_seed(place: Place) -> None:
    road, keeper = staffed(place)
    assert finance.funds(makers.MAKER) == []
    road.fill("fund_opening", place.opening())
    assert (road.case.state, road.step("books").outcome) == ("closed", "done")

    (fund,) = finance.funds(makers.MAKER)
    assert (fund.title, fund.owner_ref, fund.scope) == ("Riverside loan fund", place.ref, RIVERSIDE)
    assert (fund.currency, fund.opened_on, fund.cash) == ("PHP", DAY, Money(0, "PHP"))
    signed = evidence.dossier(makers.MAKER, road.dossier("fund_rules")).versions[-1].ref
    assert (fund.rules.version, fund.rules.valid_from, fund.rules.signed_ref) == (1, DAY, signed)
    said = ("reserve_share", "one_borrower_share_max", "member_equity_min", "months_max", "grace_months_max")
    assert [fund.rules.get(name) for name in said] == [Decimal("0.1")] * 3 + [Decimal(36), Decimal(6)]
    assert "ceiling_per_job_minor" not in fund.rules.parameters  # the text says it in pesos
    assert fund.rules.consulted == {
        "programme_coordinator": place.coordinator.key,
        "donor": place.donor.key,
        "national_committee": place.national.key,
        "partner": place.team.key,
    }
    (proof,) = parties.qualifications(makers.MAKER, party_ref=keeper, code="fund_bookkeeping")
    (told,) = (one for one in [duties.describe(makers.MAKER, fund.ref)] if one)
    assert {place.ref, signed, proof.ref} <= set(told.sources)

    budget = finance.declare_budget(place.coordinator, definition_id="jump.budget", scope="jump/", on=date(2002, 1, 1))
    dollars = Money(1_000_000, "USD")
    finance.receive(place.coordinator, budget_ref=budget, source="primary_donor", amount=dollars, on=DAY, key="donor")
    finance.transfer_seed(
        place.national,
        fund_ref=fund.ref,
        amount=dollars,
        scope=PH,
        stage="pilot",
        on=DAY,
        key="seed",
        received=Money(55_000_000, "PHP"),
    )
    seen = finance.fund(makers.MAKER, fund.ref)
    assert (seen.cash, seen.capital["donor"]) == (Money(55_000_000, "PHP"), Money(55_000_000, "PHP"))
    assert seen.free == Money(49_500_000, "PHP")  # ten in a hundred is not lent


@pytest.mark.covers("RLF-03")
def test_new_rules_of_an_open_fund_hold_once_the_four_parties_signed_them(place: Place) -> None:
    road, _keeper = staffed(place)
    road.fill("fund_opening", place.opening())
    (fund,) = finance.funds(makers.MAKER)
    change = place.begin("fund_rules")
    change.fill("fund_rules_text", {**RULES, "dated": "2004-03-01", "not_lent": "25"}, place.coordinator)
    rules = change.dossier("fund_rules")
    change.hand_in("rules", rules)
    assert (change.here(), change.shut("rules")) == ({"rules"}, {"four_signatures"})
    for signer in (place.coordinator, place.donor, place.national):
        evidence.sign_dossier(signer, ref=rules, on=DAY)
    cases.look_again(makers.MAKER, on=DAY, case_ref=change.ref)
    outbox.drain()
    assert finance.fund(makers.MAKER, fund.ref).rules.get("reserve_share") == Decimal("0.1")

    evidence.sign_dossier(place.team, ref=rules, on=DAY)
    cases.look_again(makers.MAKER, on=DAY, case_ref=change.ref)
    outbox.drain()
    assert change.case.state == "closed"
    now = finance.fund(makers.MAKER, fund.ref).rules
    assert (now.version, now.get("reserve_share")) == (2, Decimal("0.25"))
    assert now.signed_ref == evidence.dossier(makers.MAKER, rules).versions[-1].ref


@pytest.mark.covers("RLF-12")
def test_the_account_of_a_fund_that_opens_is_its_own_and_not_the_programme_s(place: Place) -> None:
    road, _keeper = staffed(place)
    road.fill("fund_opening", {**place.opening(), "held_by": "programme", "signatories": 1, "accountant_checked": "no"})
    assert road.shut("opening") == {"own_account", "two_sign", "books_certified"}
    assert finance.funds(makers.MAKER) == []
    road.fill("fund_opening", place.opening())
    assert road.case.state == "closed"


@pytest.mark.covers("RLF-11")
def test_a_decentralised_fund_is_set_up_only_where_no_source_exists(place: Place) -> None:
    road = place.begin("fund_set_up").decided("decentralised_fund", logical_source="yes", source_named="Rural bank")
    assert (road.step("rules").state, "no_logical_source" in road.shut("rules")) == ("waiting", True)


@pytest.mark.covers("RLF-11")
def test_uses_of_the_decentralised_fund_are_ranked_by_the_four_priorities_and_ties_by_their_order(place: Place) -> None:
    asked = {"grant_or_loan": "grant", "currency": "PHP", "amount": "40000", "how": "In five villages."}
    asked |= {"body_name": "Weavers", "jobs_women": 3, "jobs_men": 2, "other_source": "no", "refused_by": "Rural bank"}
    scores = ((5, 0, 0, 0), (0, 0, 5, 1), (0, 5, 0, 1))  # 30, 29 and 29 of 100
    roads = []
    for title in ("A guide for the ministry", "Legal help", "A round table"):
        road = place.begin("fund_use", makers.group(RIVERSIDE))
        road.fill("fund_use_proposal", {**asked, "title": title, "priorities": ["none"]}, place.partner)
        assert (road.here(), road.shut("proposal")) == ({"proposal"}, {"serves_a_priority"})
        road.fill("fund_use_proposal", {**asked, "title": title, "priorities": ["dialogue"]}, place.partner)
        assert road.here() == {"ranking"}
        roads.append(road)
    guide, legal, table = (road.ref for road in roads)
    names = ("field_to_policy", "dialogue", "legal_support", "synergy")
    given = {road.ref: dict(zip(names, row, strict=True)) for road, row in zip(roads, scores, strict=True)}

    order = roads[0].panel_says("fund_use", {guide: "funded", table: "funded", legal: "waiting"}, given)

    assert order == (guide, table, legal)
    assert [road.case.outcome for road in roads] == ["funded", "waiting", "funded"]


@pytest.mark.covers("RLF-11")
def test_what_another_source_would_pay_for_does_not_come_before_the_panel(place: Place) -> None:
    road = place.begin("fund_use", makers.group(RIVERSIDE))
    asked = {"title": "Legal help", "body_name": "Weavers", "grant_or_loan": "loan", "currency": "PHP", "amount": "1"}
    asked |= {"priorities": ["legal_support"], "how": "Once.", "jobs_women": 0, "jobs_men": 0, "other_source": "yes"}
    road.fill("fund_use_proposal", asked, place.partner)
    assert road.shut("proposal") == {"no_other_source"}
    assert road.refused(place.national, "proposal", "no_other_source", "They are slow.") == "cases.not_waivable"


# Hand-over ---------------------------------------------------------------------------------------------


def marks(value: str, **other: str) -> dict[str, Any]:
    told = {"scored_on": "2004-03-01", "scored_by": "Somebody", "seen": "Books and minutes of a year."}
    return {**told, **dict.fromkeys(AREAS, value), **other}


def counting(place: Place) -> tuple[Road, Ref, Ref]:
    """A hand-over as far as the count: the owner is agreed, things are listed, the new owner is able.

    With the fund, which holds 500,000 pesos, and the cooperative that gets it.
    """
    fund = finance.open_fund(
        makers.MAKER, owner_ref=place.ref, title="Riverside loan fund", currency="PHP", scope=RIVERSIDE, on=DAY
    )
    finance.contribute(makers.MAKER, fund_ref=fund, amount=Money(50_000_000, "PHP"), source="donor", on=DAY, key="seed")
    road = place.begin("fund_hand_over")
    road.gather("meeting", MANY)
    voted: dict[str, Any] = {"held_on": "2004-02-20", "women": 9, "men": 8, "quorum": 15, "modality": "cooperative"}
    voted |= {"owner_name": "Riverside cooperative", "equipment_to": "cooperative", "reasons": "It is ours."}
    votes = {"votes_for": 8, "votes_against": 6, "abstained": 3}
    road.fill("ownership_consultation", {**voted, **votes, "women": 5, "men": 4}, place.worker)
    assert road.shut("ownership") == {"quorum", "agreed"}
    assert road.refused(place.coordinator, "ownership", "agreed", "The rest was away.") == "cases.not_waivable"
    road.fill("ownership_consultation", {**voted, "votes_for": 12, "votes_against": 3, "abstained": 2}, place.worker)
    assert road.here() == {"inventory", "capacity", "balances"}

    thing = {"item_name": "Safe", "item_kind": "equipment", "item_value": "9000", "item_place": "Office"}
    thing |= {"item_holder": "Manager", "item_condition": "good", "item_receiver": "Cooperative"}
    listed = {"counted_on": "2004-03-01", "currency": "PHP"}
    road.fill("fund_inventory", {**listed, "item": [{**thing, "item_seen": "no"}]})
    assert road.shut("inventory") == {"all_seen"}
    road.fill("fund_inventory", {**listed, "item": [{**thing, "item_seen": "yes"}]})

    road.fill("capacity_score", marks("4", loans="1"), place.worker)  # a good mean does not hide one weak mark
    assert road.shut("capacity") == {"ready"}
    road.fill("capacity_score", marks("3", loans="2", learning="4"), place.worker)
    assert road.here() == {"balances"}
    return road, fund, makers.group(RIVERSIDE, kind="cooperative")


def count(fund: Ref, owner: Ref, **other: str) -> dict[str, Any]:
    counted = {"counted_on": "2004-03-01", "fund_ref": fund, "owner_ref": owner, "currency": "PHP"}
    counted |= {"counted_cash": "1200", "statement_bank": "498800", "cards_loans": "0", "cards_savings": "0"}
    counted |= {"owed_banks": "0", "put_in": "500000"}
    return {**counted, "counted_for_programme": "Somebody", "counted_for_receiver": "Somebody else", **other}


def deed(owner: Ref, **other: str) -> dict[str, Any]:
    signed = {"signed_on": "2004-03-01", "modality": "cooperative", "owner_name": "Riverside cooperative"}
    signed |= {"owner_ref": owner, "management_handed": "yes", "equipment_handed": "yes", "account_handed": "yes"}
    signed |= {"stays_a_fund": "yes", "signed_for_programme": "Somebody", "signed_for_owner": "Somebody else"}
    return {**signed, **other}


@pytest.mark.covers("RLF-13", "PHASEOUT-05")
def test_a_fund_passes_to_the_owner_that_the_community_agreed_when_the_count_agrees_with_the_books(
    place: Place,
) -> None:
    road, fund, cooperative = counting(place)
    road.fill("fund_balances", count(fund, cooperative, counted_cash="1199.99"))  # one cent is missing
    assert (road.step("agreement").outcome, road.here()) == ("refused", {"balances"})
    refused = road.step("agreement")
    assert (refused.refused_code, finance.hand_overs(makers.MAKER, fund_ref=fund)) == ("finance.balances_differ", [])
    assert "500,000.00 PHP" in refused.detail
    assert "499,999.99 PHP" in refused.detail
    assert "-0.01 PHP" in refused.detail

    road.fill("fund_balances", count(fund, cooperative))
    assert road.here() == {"deed"}
    road.fill("fund_deed", deed(place.ref, modality="partner", account_handed="no"), place.coordinator)
    assert road.shut("deed") == {"owner_as_agreed", "owner_as_counted", "all_handed_over"}
    assert finance.fund(makers.MAKER, fund).owner_ref == place.ref

    road.fill("fund_deed", deed(cooperative), place.coordinator)
    assert (road.case.state, road.case.outcome) == ("closed", "done")
    assert finance.fund(makers.MAKER, fund).owner_ref == cooperative
    (passed,) = finance.hand_overs(makers.MAKER, fund_ref=fund)
    assert (passed.from_ref, passed.to_ref, passed.on, passed.state) == (place.ref, cooperative, DAY, "done")
    assert (passed.prepared_by, passed.approved_by) == (place.manager.key, place.coordinator.key)
    assert (passed.count_ref, passed.deed_ref) == (road.step("balances").proof_ref, road.step("deed").proof_ref)


@pytest.mark.covers("RLF-13")
def test_whoever_counted_does_not_sign_the_deed_and_what_moved_since_is_counted_again(place: Place) -> None:
    road, fund, cooperative = counting(place)
    road.fill("fund_balances", count(fund, cooperative), place.national)
    road.fill("fund_deed", deed(cooperative), place.national)
    assert (road.step("passing").refused_code, road.here()) == ("finance.same_person", {"balances"})

    road.fill("fund_balances", count(fund, cooperative))
    finance.contribute(makers.MAKER, fund_ref=fund, amount=Money(1, "PHP"), source="partner", on=DAY, key="late")
    road.fill("fund_deed", deed(cooperative), place.coordinator)
    assert (road.step("passing").refused_code, road.here()) == ("finance.balances_differ", {"balances"})
    assert finance.fund(makers.MAKER, fund).owner_ref == place.ref

    road.fill("fund_balances", count(fund, cooperative, counted_cash="1200.01", put_in="500000.01"))
    road.fill("fund_deed", deed(cooperative), place.coordinator)
    assert (road.case.state, finance.fund(makers.MAKER, fund).owner_ref) == ("closed", cooperative)
    states = [one.state for one in finance.hand_overs(makers.MAKER, fund_ref=fund)]
    assert states == ["dropped", "dropped", "done"]


def test_the_hand_over_of_one_place_does_not_touch_the_fund_of_another(place: Place) -> None:
    road, _fund, cooperative = counting(place)
    theirs = finance.open_fund(
        makers.MAKER, owner_ref=place.ref, title="Fund of the country", currency="PHP", scope=PH, on=DAY
    )
    nothing = {"counted_cash": "0", "statement_bank": "0", "put_in": "0"}
    road.fill("fund_balances", count(theirs, cooperative, **nothing))
    assert (road.step("agreement").refused_code, road.here()) == ("base.not_found", {"balances"})
    assert finance.hand_overs(makers.MAKER, fund_ref=theirs) == []


# Savings -----------------------------------------------------------------------------------------------


@pytest.mark.covers("SAVINGS-01")
def test_a_campaign_has_targets_and_ends_with_new_savers_and_amounts_by_sex(place: Place) -> None:
    road = place.begin("savings_campaign")
    plan: dict[str, Any] = {"starts_on": "2004-01-05", "ends_on": "2004-02-28", "structure_name": "Riverside savers"}
    plan |= {"target_women": 0, "target_men": 0, "currency": "PHP", "target_amount": "30000", "how": "At the market."}
    plan |= {"in_charge": "Somebody"}
    road.fill("campaign_plan", plan, place.worker)
    assert road.shut("plan") == {"target_set"}
    road.fill("campaign_plan", {**plan, "target_women": 30, "target_men": 20}, place.worker)
    road.gather("meetings", {"female:25-34": 9})
    assert road.shut("meetings") == {"attendance"}
    road.gather("meetings", MANY)

    found: dict[str, Any] = {"counted_on": "2004-03-01", "new_women": 28, "new_men": 11, "new_not_stated": 1}
    found |= {"currency": "PHP", "amount_women": "20000", "amount_men": "9000", "amount_not_stated": "500"}
    found |= {"balance": "41000", "books_seen": "All 40", "next": "A second campaign after the harvest."}
    road.fill("campaign_results", found, place.worker)
    assert (road.here(), road.shut("results")) == ({"results"}, {"targets_or_reasons"})
    road.fill("campaign_results", {**found, "why_short": "The harvest was late."}, place.worker)
    assert road.case.state == "closed"


@pytest.mark.covers("SAVINGS-01")
def test_new_savers_and_savings_are_counted_by_sex_and_by_currency(place: Place) -> None:
    found: dict[str, Any] = {"counted_on": "2004-03-01", "new_women": 28, "new_men": 11, "new_not_stated": 1}
    found |= {"currency": "PHP", "amount_women": "20000", "amount_men": "9000", "amount_not_stated": "500"}
    found |= {"balance": "41000", "books_seen": "All 40", "next": "Another one."}
    place.send(place.worker, "campaign_results", found)

    results.compute(makers.MAKER, as_of=DAY)

    def told(indicator: str) -> results.ValueView:
        return results.current(makers.MAKER, indicator=f"revolving_fund.{indicator}", scope="jump/")

    savers, saved = told("new_savers"), told("savings_collected")
    assert (savers.value, saved.value, told("savings_balance").value) == (40, 29_500, 41_000)
    by_sex = {one.category: one.value for one in savers.parts if one.dimension == "sex"}
    assert by_sex == {"female": 28, "male": 11, "not_stated": 1}
    pesos = saved.part("PHP", "currency")
    assert pesos is not None
    assert pesos.value == 29_500


PLAN: dict[str, Any] = {
    "planned_on": "2004-02-01",
    "structure_form": "savings_cooperative",
    "structure_name": "Riverside savings and credit cooperative",
    "law": "Cooperative Code",
    "founders_min": 15,
    "founders_women": 10,
    "founders_men": 7,
    "currency": "PHP",
    "share_price": "100",
    "first_savings": "50000",
    "existing_asked": "yes",
    "why_new": "No other takes small savings.",
}
GOVERNED: dict[str, Any] = {
    "agreed_on": "2004-02-15",
    "bylaws_adopted": "yes",
    "one_member_one_vote": "yes",
    "board_women": 3,
    "board_men": 4,
    "supervisors": 3,
    "signatories": 2,
    "interest_rule": "yes",
    "yearly_audit": "yes",
}


@pytest.mark.covers("SAVINGS-03")
def test_a_structure_takes_savings_only_when_governed_registered_and_kept_by_certified_people(place: Place) -> None:
    group = makers.group(RIVERSIDE, kind="cooperative")
    road = place.begin("structure_registration", group)
    road.fill("structure_plan", {**PLAN, "founders_women": 4}, place.worker)
    assert road.shut("plan") == {"enough_founders"}
    road.fill("structure_plan", PLAN, place.worker)
    road.gather("founding", {"female:25-34": 14}, minutes="The bylaws were read.")
    assert road.shut("founding") == {"founders_came"}
    road.gather("founding", MANY, minutes="The bylaws were read and adopted.")

    weak = {"bylaws_adopted": "no", "board_women": 1, "board_men": 6, "supervisors": 2, "signatories": 1}
    road.fill("structure_governance", {**GOVERNED, **weak, "interest_rule": "no"}, place.worker)
    assert road.shut("governance") == {"members_rule", "watched", "two_sign", "no_own_loan", "women_on_the_board"}
    assert road.refused(place.national, "governance", "members_rule", "Later.") == "cases.not_waivable"
    road.fill("structure_governance", GOVERNED, place.worker)

    office = {"authority": "Cooperative office", "may_take_savings": "yes"}
    road.fill("structure_certificate", {**office, "registered": "no", "why_not": "A paper is missing."}, place.partner)
    assert (road.here(), road.shut("registration")) == ({"registration"}, {"registered"})
    assert road.refused(place.coordinator, "registration", "registered", "It will come.") == "cases.not_waivable"
    held = [one.code for one in parties.qualifications(makers.MAKER, party_ref=group)]
    assert held == []
    certificate = {"registered": "yes", "number": "1188", "registered_on": "2004-02-27"}
    road.fill("structure_certificate", {**office, **certificate}, place.partner)
    (proof,) = parties.qualifications(makers.MAKER, party_ref=group)
    assert (proof.kind, proof.code, proof.claim) == ("certificate", "registered", "proved")

    keeper, head = makers.person(RIVERSIDE), makers.person(RIVERSIDE)
    road.gather("training", {"female:25-34": 2})
    road.fill(
        "fund_staff",
        {"named_on": "2004-03-01", "bookkeeper_ref": keeper, "manager_ref": head, "written_duties": "yes"},
    )
    assert (road.step("opening").state, road.shut("opening")) == ("waiting", {"staff_certified"})
    place.certify(keeper)
    place.certify(head)
    opened = {"opened_on": "2004-03-01", "members_women": 10, "members_men": 7, "currency": "PHP", "savings": "1700"}
    road.fill(
        "structure_opening", {**opened, "shares_paid": "1700", "bank": "Rural bank", "place_open": "Hall, on Fridays"}
    )
    assert road.case.state == "closed"


@pytest.mark.covers("SAVINGS-05")
def test_training_and_advice_to_a_structure_are_kept_with_the_marks_before_and_after(place: Place) -> None:
    road = place.begin("structure_support", makers.group(RIVERSIDE, kind="cooperative"))
    road.fill("capacity_score", marks("2", finance="1"), place.worker)
    road.gather("training", {"female:25-34": 5})
    given: dict[str, Any] = {"service": "both", "provider": "A cooperative college", "started_on": "2004-02-02"}
    given |= {"ended_on": "2004-02-06", "days": "5", "topic": [], "people_women": 5, "people_men": 2, "cost": "9000"}
    given |= {"currency": "PHP", "advice": "Count the cash each day.", "topics": ["bookkeeping", "cash"]}
    del given["topic"]
    road.fill("service_delivery", given, place.worker)
    assert road.here() == {"after"}

    road.fill("capacity_score_after", marks("2", finance="1"), place.worker)
    assert road.shut("after") == {"better"}
    road.fill("capacity_score_after", marks("3", finance="2"), place.worker)
    assert road.case.state == "closed"
    sent = {
        form: evidence.latest(road.about, f"revolving_fund.{form}")
        for form in ("capacity_score", "capacity_score_after")
    }
    assert [str(one.answers["score"]) for one in sent.values() if one] == ["19", "29"]


# From the pages -----------------------------------------------------------------------------------------


def entered(client: Any, actor: Actor) -> Any:
    client.force_login(get_user_model()._default_manager.get(pk=actor.user_id))
    return client


def test_a_worker_begins_the_set_up_of_a_fund_from_a_page_and_a_second_one_is_refused_there(
    place: Place, client: Any
) -> None:
    page = entered(client, place.worker)
    offered = page.get("/cases/begin/").content.decode()
    assert "Setting up a loan fund" in offered
    assert "Group loan" not in offered  # an application begins it
    address = "/cases/begin/revolving_fund.fund_set_up/"
    assert "Riverside" in page.get(address).content.decode()

    answer = page.post(address, {"about": place.ref, "key": "1"})
    (row,) = cases.cases(makers.MAKER, procedure="revolving_fund.fund_set_up")
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{row.ref}/")
    assert (row.subject_ref, row.scope) == (place.ref, RIVERSIDE)
    shown = page.get(f"/cases/{row.ref}/").content.decode()
    assert "Setting up a loan fund" in shown
    assert "The lenders that are there were studied before a fund is proposed." in shown

    again = page.post(address, {"about": place.ref, "key": "2"})
    assert again.status_code == 409
    assert len(cases.cases(makers.MAKER, procedure="revolving_fund.fund_set_up")) == 1


def test_the_donor_reads_the_rules_and_signs_them_on_their_page(place: Place, client: Any) -> None:
    road = place.begin("fund_set_up").decided("new_structure")
    rules = road.dossier("fund_rules")
    road.fill("fund_rules_text", RULES, place.coordinator)
    page = entered(client, place.donor)
    assert "Each signs what is there now." in page.get(f"/dossiers/{rules}/").content.decode()
    page.post(f"/dossiers/{rules}/sign/")
    assert [one.signer for one in evidence.dossier(makers.MAKER, rules).signatures if one.on] == ["donor"]
