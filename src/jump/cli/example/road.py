"""The road of one community: from its letter to where it stands, step by step, as its worker would record it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from jump.base import outbox
from jump.base.actors import ANONYMOUS, Actor
from jump.cli.example import TODAY
from jump.cli.example.cast import CountryCast
from jump.cli.example.fill import Filler
from jump.cli.example.people import Villager
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence

PROCEDURE = "jump_cer.community"
STEPS = (
    "letter",
    "screening",
    "stakeholder_map",
    "core_team",
    "adaptation",
    "orientation",
    "workshop_a",
    "workshop_b",
    "workshop_c",
    "workshop_d",
    "idea_evaluation",
    "workbook",
    "workshop_assessment",
    "renewal_plan",
    "workshop_e",
    "proposal",
    "review",
    "financial_procedure",
    "launch",
    "follow_up",
    "continuing",
    "complete",
)
SEATS = ("public", "private", "ngo", "worker", "unemployed")
NONE = Ref("")
AWARD_USD_MAX = 6_000  # under a tenth of the fund: what one borrower may have at most


@dataclass
class Community:
    """What the story knows of a community."""

    name: str
    country: str
    currency: str
    kind: str
    population: int
    unemployment: str
    letter_on: date
    stage: str
    cast: CountryCast
    rate_to_usd: int
    place_ref: Ref = NONE
    scope: str = ""
    case_ref: Ref = NONE
    day: date = date(2002, 1, 1)
    villagers: list[Villager] = field(default_factory=list)
    venture: Mapping[str, Any] = field(default_factory=dict)
    jobs_planned: int = 0
    sent: int = 0
    letter_ref: Ref = NONE
    core: Actor = ANONYMOUS

    def stands_before(self, step: str) -> bool:
        """Whether the community has not yet come to this step."""
        return STEPS.index(self.stage) < STEPS.index(step)


class Road:
    """Writes the forms and sessions of one community."""

    def __init__(self, community: Community, filler: Filler, rng: random.Random) -> None:
        self.one = community
        self.filler = filler
        self.rng = rng

    # --- what every step uses -----------------------------------------------------------------------------

    def send(
        self,
        form: str,
        given: Mapping[str, Any],
        *,
        by: Actor,
        on: date | None = None,
        about: Ref | None = None,
        package: str = "jump_cer",
        scope: str = "",
    ) -> evidence.SubmissionView:
        """Fill and send a form, and have somebody else accept it where the form asks for that."""
        day = min(on or self.one.day, TODAY)
        full = f"{package}.{form}"
        self.one.sent += 1
        view = evidence.submit(
            by,
            form=full,
            answers=self.filler.answers(full, day, given),
            scope=scope or self.one.scope,
            about=about or self.one.place_ref or None,
            on=day,
            key=f"example:{self.one.country}:{self.one.name}:{self.one.sent}",
            source="example",
        )
        if view.state is evidence.SubmissionState.RECEIVED:
            reviewer = self.one.cast.coordinator if by.key != self.one.cast.coordinator.key else self.one.cast.partner
            view = evidence.accept(reviewer, ref=view.ref, why="")
        outbox.run_pending_of_this_request()
        return view

    def step(self, key: str) -> Ref:
        """The open step with this key."""
        steps = cases.open_steps(self.one.cast.coordinator, scope=self.one.scope, as_of=self.one.day)
        found = next((step.ref for step in steps if step.key == key and step.case_ref == self.one.case_ref), None)
        if found is None:
            raise AssertionError(f"not at {key} but at {self.standing()}")
        return found

    def standing(self) -> str:
        """Where the case stands and what was refused: for the one who writes the story."""
        case = cases.case(self.one.cast.coordinator, self.one.case_ref)
        steps = ", ".join(
            f"{step.key} ({step.state.value} {step.refused_code} {dict(step.refused_facts)})" for step in case.here
        )
        refused = [(one.effect, one.code, one.message) for one in outbox.failures(self.one.cast.coordinator)]
        return f"{self.one.name}: {steps}; refused on the way: {refused}"

    def title(self) -> str:
        """What the community's first enterprise is called."""
        return f"{self.one.venture['name']} of {self.one.name}"

    def pass_days(self, fewest: int, most: int) -> date:
        """Let some days go by."""
        self.one.day = min(self.one.day + timedelta(days=self.rng.randint(fewest, most)), TODAY)
        return self.one.day

    def some(self, count: int) -> list[Villager]:
        return self.rng.sample(self.one.villagers, min(count, len(self.one.villagers)))

    def session(self, key: str, count: int, products: Sequence[str]) -> Ref:
        """Hold the gathering of a step with so many people."""
        step = self.step(key)
        ref = cases.record_session(
            self.one.cast.worker,
            held_on=self.one.day,
            step_ref=step,
            attendance=[cases.Attendee(person_ref=one.ref) for one in self.some(count)],
            products=[cases.Product(title) for title in products],
            minutes="Held as planned. The list of those present was signed.",
            key=f"example:{self.one.country}:{self.one.name}:{key}",
        )
        outbox.run_pending_of_this_request()
        return ref

    def document(self, key: str, dossier: str, signer: Actor, package: str = "jump_cer") -> Ref:
        """Sign a dossier, freeze it and hand it in."""
        definition = f"{package}.{dossier}"
        ref = evidence.dossier_of(self.one.place_ref, definition) or evidence.open_dossier(
            signer, definition=definition, about=self.one.place_ref, scope=self.one.scope, on=self.one.day
        )
        evidence.sign_dossier(signer, ref=ref, on=self.one.day)
        version = evidence.freeze_dossier(signer, ref=ref, on=self.one.day)
        step = self.step(key)
        cases.record_document(signer, step_ref=step, dossier_version_ref=version, on=self.one.day)
        outbox.run_pending_of_this_request()
        return version

    # --- the steps ----------------------------------------------------------------------------------------

    def letter(self, programme_scope: str) -> None:
        """The letter of interest; accepting it makes the community and opens its case."""
        one = self.one
        one.day = one.letter_on
        jobless = one.population * int(float(one.unemployment) * 100) // 200
        view = self.send(
            "letter_of_interest",
            {
                "community_name": one.name,
                "country": one.country,
                "settlement_type": one.kind,
                "contact_name": self.rng.choice(("The secretary", "The chair")) + f" of {one.name}",
                "body_name": f"Council of {one.name}",
                "population": one.population,
                "unemployed_women": jobless // 2,
                "unemployed_men": jobless // 4,
                "volunteers_women": 6,
                "volunteers_men": 5,
                "has_room": "yes",
                "other_programme": "no",
                "agrees_to_records": "yes",
                "signed_by": f"Council of {one.name}",
                "signed_on": one.day.isoformat(),
            },
            by=ANONYMOUS,
            scope=programme_scope,
        )
        one.letter_ref = view.ref
        found = [
            row
            for row in cases.cases(one.cast.coordinator, procedure=PROCEDURE, limit=200)
            if row.title.startswith(one.name) or row.scope.rstrip("/").endswith(_slug(one.name))
        ]
        assert found, f"no case was opened for {one.name}: {outbox.failures(one.cast.coordinator)}"
        one.case_ref, one.scope, one.place_ref = found[0].ref, found[0].scope, found[0].subject_ref

    def stakeholders(self) -> None:
        self.send(
            "cer_01",
            {
                "stakeholder": [
                    {"stakeholder_name": f"{word} of {self.one.name}", "influence": 4, "support": 4}
                    for word in ("Council", "Market women", "Savings group", "Youth club", "Employers")
                ]
            },
            by=self.one.cast.worker,
        )

    def core_team(self) -> None:
        team = [one for one in self.some(60) if one.sex == "female"][:5] + [
            one for one in self.some(60) if one.sex == "male"
        ][:4]
        members = [
            {
                "member_name": person.name,
                "member_sex": person.sex,
                "member_seat": SEATS[number % len(SEATS)],
                "member_leads": "yes" if number == 0 else "no",
                "member_consents": "yes",
            }
            for number, person in enumerate(team)
        ]
        self.send("cer_02", {"member": members, "formed_on": self.one.day.isoformat()}, by=self.one.cast.worker)

    def baseline(self) -> None:
        """Ten households answer before pilot work begins, under a code and never a name."""
        for number in range(10):
            girls, boys = self.rng.randint(0, 2), self.rng.randint(0, 2)
            people = self.rng.randint(5, 8)
            self.send(
                "household_baseline",
                {
                    "household_code": f"{self.one.country}-{number + 1:02d}-{self.rng.randint(100, 999)}",
                    "asked_on": self.one.day.isoformat(),
                    "consents": "yes",
                    "respondent_sex": self.rng.choice(("female", "male")),
                    "respondent_age": self._choice("jump.household_baseline", "respondent_age"),
                    "people_in_household": people,
                    "adults_in_household": people - girls - boys,
                    "people_at_work": self.rng.randint(0, 1),
                    "currency": self.one.currency,
                    "income_month": str(self.rng.randint(30, 90) * self.one.rate_to_usd),
                    "used_credit": self.rng.choice(("yes", "no", "no")),
                    "used_services": self.rng.choice(("yes", "no")),
                    "girls_school_age": girls,
                    "girls_in_school": self.rng.randint(0, girls),
                    "boys_school_age": boys,
                    "boys_in_school": self.rng.randint(0, boys),
                    **{
                        name: self.rng.randint(1, 4)
                        for name in ("women_decide", "can_speak", "have_skills", "rely_on_selves")
                    },
                },
                by=self.one.cast.worker,
                package="jump",
            )
        self.document("baseline", "baseline", self.one.cast.coordinator, package="jump")

    def adaptation(self) -> None:
        self.send("material_adaptation", {"changed": "yes", "change": [{}]}, by=self.one.cast.worker)

    def workshop_a_forms(self) -> None:
        one = self.one
        women, men = one.population * 51 // 100, one.population - one.population * 51 // 100
        children = one.population // 5
        self.send(
            "cer_a1",
            {
                "women": women,
                "men": men,
                "households": one.population // 5,
                "adults": one.population * 3 // 5,
                "employed": one.population * 2 // 5,
                "unemployed_women": one.population // 16,
                "unemployed_men": one.population // 20,
                "employer": [{"employer_name": "The largest employer", "employer_jobs": 40}],
                "currency": one.currency,
                "children_school_age": children,
                "girls_in_school": children * 40 // 100,
                "boys_in_school": children * 42 // 100,
            },
            by=one.cast.worker,
        )
        self.send(
            "cer_a2",
            {
                "statement": [
                    {"statement_group": group, "statement_votes": self.rng.randint(5, 30)}
                    for group in ("Women", "Young people", "Traders")
                ],
                "present_women": 22,
                "present_men": 18,
            },
            by=one.cast.worker,
        )
        events = [{"event_year": one.day.year - back, "event_kind": "fact"} for back in (9, 4)]
        for event in events:
            event["event_source"] = "Council minutes"
        self.send("cer_a3", {"event": events}, by=one.cast.worker)

    def workshop_b_forms(self) -> None:
        one = self.one
        for _number in range(15):
            self.send("cer_b1", {}, by=one.cast.worker)
        holders = [
            {
                "holder_kind": "person",
                "holder_name": person.name,
                "holder_sex": person.sex,
                "holder_age": None,
                "wants_work": "yes",
                "consents": "yes",
            }
            for person in self.some(6)
        ]
        for holder in holders:
            holder["holder_age"] = self._choice("jump_cer.cer_b2", "holder_age")
        self.send("cer_b2", {"holder": holders}, by=one.cast.worker)
        leaks = [
            {
                "annual_spend": str(self.rng.randint(20, 400) * 1000),
                "share_outside": "0.8",
                "capturable_share": "0.4",
                "jobs_per_100k": "1.5",
            }
            for _number in range(4)
        ]
        self.send("cer_b3", {"currency": one.currency, "leak": leaks}, by=one.cast.worker)
        for number in range(3):
            self.send(
                "cer_b4",
                {"employer_name": f"Employer {number + 1} of {one.name}", "isic_section": "C"},
                by=one.cast.worker,
            )
        self.send("cer_b5", {"missing_service": [{}, {}]}, by=one.cast.worker)

    def workshop_c_forms(self, ventures: Sequence[Mapping[str, Any]]) -> None:
        one = self.one
        for number, venture in enumerate(ventures[:10]):
            self.send(
                "cer_c1",
                {
                    "title": f"{venture['name']} of {one.name}",
                    "er_code": self._nth("jump_cer.cer_c1", "er_code", number),
                    "owner_name": self.some(1)[0].name,
                    "jobs_women": self.rng.randint(4, 12),
                    "jobs_men": self.rng.randint(2, 10),
                    "months_to_start": self.rng.randint(3, 12),
                    "currency": one.currency,
                },
                by=one.cast.worker,
            )
        self.send(
            "cer_c2",
            {"cluster": [{"cluster_name": "Food", "kept_title": f"{ventures[0]['name']} of {one.name}"}]},
            by=one.cast.worker,
        )

    def workshop_d_forms(self) -> None:
        one = self.one
        title = f"{one.venture['name']} of {one.name}"
        self.send("cer_d1", {"idea_title": title}, by=one.cast.worker)
        for scorer in range(3):
            scores = {
                name: self._score(2 + (scorer + len(name)) % 3)
                for name in (
                    "decent_jobs",
                    "market_demand",
                    "local_resources",
                    "feasibility",
                    "cost_per_job",
                    "viability",
                    "inclusion",
                    "group_ownership",
                    "environment",
                    "strengthens_others",
                )
            }
            self.send(
                "cer_d2",
                {"idea_title": title, "no_interest": "yes", "expected_jobs": 15, "expected_jobs_women": 8, **scores},
                by=one.cast.worker,
            )

    def idea_evaluation(self) -> None:
        one = self.one
        self.send(
            "cer_d3",
            {
                "held_on": one.day.isoformat(),
                "present_women": 24,
                "present_men": 19,
                "quorum": 20,
                "interests_declared": "yes",
                "interest": [],
                "chosen": [
                    {
                        "chosen_title": f"{one.venture['name']} of {one.name}",
                        "chosen_as": "priority",
                        "chosen_score": "74",
                    }
                ],
            },
            by=one.cast.worker,
        )

    def assessments(self) -> None:
        for letter in "abcd":
            self.send(
                "workshop_assessment",
                {
                    "workshop": self._matching("jump_cer.workshop_assessment", "workshop", letter),
                    "held_on": self.one.day.isoformat(),
                    "women": self.rng.randint(14, 30),
                    "men": self.rng.randint(10, 26),
                    **{
                        f"rating_{what}": self.rng.randint(3, 5)
                        for what in ("understood", "heard", "useful", "facilitation")
                    },
                },
                by=self.one.cast.worker,
            )

    def plan(self) -> None:
        """The renewal plan, written and signed."""
        self.plan_forms()
        self.document("renewal_plan", "renewal_plan", self.one.core)

    def proposal(self, product: str) -> None:
        """The first proposal, written and signed."""
        self.proposal_forms(product=product)
        self.document("proposal", "proposal", self.one.core)

    def plan_forms(self) -> None:
        one = self.one
        self.send(
            "renewal_plan_text",
            {
                "priority": [
                    {
                        "priority_title": f"{one.venture['name']} of {one.name}",
                        "priority_jobs_women": one.jobs_planned // 2,
                        "priority_jobs_men": one.jobs_planned - one.jobs_planned // 2,
                    }
                ],
                "action": [
                    {
                        "action_what": "Start the enterprise",
                        "action_need": "Steady income for people without work",
                        "action_owner": "Core team",
                        "action_start": one.day.isoformat(),
                        "action_end": (one.day + timedelta(days=300)).isoformat(),
                    }
                ],
            },
            by=one.cast.worker,
        )

    def proposal_forms(self, *, product: str, revised: bool = False) -> None:
        """Proposal, business plan, action plan and monitoring plan; sources equal uses."""
        one = self.one
        people = one.jobs_planned
        women = people * 55 // 100
        total = people * int(one.venture["place_usd"]) * one.rate_to_usd
        members, kind = total // 8, total // 10
        award = min(total - members - kind, AWARD_USD_MAX * one.rate_to_usd)
        bank = total - members - kind - award
        source = "rlf_loan" if product.endswith("loan") else "grant"
        end = one.day + timedelta(days=360)
        self.send(
            "cer_e1",
            {
                "title": f"{one.venture['name']} of {one.name}",
                "promoter": f"Group of {people} people of {one.name}",
                "product_made": ", ".join(one.venture["products"]),
                "women": women,
                "men": people - women,
                "youth": people // 3,
                "unemployed_before": people * 2 // 3,
                "quarter": [
                    {
                        "quarter_no": number,
                        "quarter_women": women * number // 4,
                        "quarter_men": (people - women) * number // 4,
                        "quarter_fte": str(people * number // 4),
                        "quarter_wage": str(200 * one.rate_to_usd),
                    }
                    for number in range(1, 5)
                ],
                "currency": one.currency,
                "cost": [
                    {"cost_what": "Machines and tools", "cost_amount": str(total * 6 // 10)},
                    {"cost_what": "First stock", "cost_amount": str(total - total * 6 // 10)},
                ],
                "source": [
                    {"source_kind": "members", "source_who": "Members", "source_amount": str(members)},
                    {"source_kind": source, "source_who": "Programme", "source_amount": str(award)},
                    {"source_kind": "community_kind", "source_who": "Council: plot", "source_amount": str(kind)},
                    *(
                        [{"source_kind": "bank", "source_who": "Bank in town", "source_amount": str(bank)}]
                        if bank
                        else []
                    ),
                ],
                "funding_product": product,
                "no_lender": self.filler.text("no_lender") if source == "grant" else None,
                "risk": [{}, {}],
                "milestone": [{"milestone_on": end.isoformat()}],
            },
            by=one.cast.worker,
        )
        income = total // 10
        months = [
            {
                "month_no": number,
                "cash_in": str(income * min(number + 3, 12) // 8),
                "cash_out": str(income // 3),
                "loan_instalment": "0",
            }
            for number in range(1, 37)
        ]
        self.send(
            "cer_e2",
            {"currency": one.currency, "month": months, "break_even_month": 8 if revised else 10},
            by=one.cast.worker,
        )
        self.send(
            "cer_e3",
            {
                "currency": one.currency,
                "action": [
                    {
                        "activity_code": "act.09.01",
                        "action_owner": "Manager",
                        "action_start": one.day.isoformat(),
                        "action_end": end.isoformat(),
                        "action_amount": str(award),
                    }
                ],
            },
            by=one.cast.worker,
        )
        self.send(
            "cer_e4",
            {"measure": [{"measure_target": str(people), "measure_by": end.isoformat()}], "jobs_by_sex": "yes"},
            by=one.cast.worker,
        )

    def financial_procedure(self) -> Ref:
        signers = [
            {"signatory_name": person.name, "signatory_role": role, "signatory_sex": person.sex}
            for person, role in zip(self.some(2), ("Chair", "Treasurer"), strict=True)
        ]
        view = self.send(
            "financial_procedure",
            {
                "account_holder": f"{self.one.venture['name']} of {self.one.name}",
                "bank_name": "Rural development bank",
                "account_last_four": f"{self.rng.randint(0, 9999):04d}",
                "signatory": signers,
                "bookkeeper": self.some(1)[0].name,
                "bookkeeper_trained": "yes",
                "currency": self.one.currency,
                "cash_limit": str(100 * self.one.rate_to_usd),
                "unproved_limit": str(300 * self.one.rate_to_usd),
                "report_days": 30,
                "signed_on": self.one.day.isoformat(),
            },
            by=self.one.cast.fund_manager,
        )
        return view.ref

    def launch(self, enterprise: str, members_women: int, members_men: int, legal_form: str) -> evidence.SubmissionView:
        return self.send(
            "launch_checklist",
            {
                "enterprise_name": enterprise,
                "legal_form": legal_form,
                "launched_on": self.one.day.isoformat(),
                "members_women": members_women,
                "members_men": members_men,
                "registration_number": f"{self.one.country}-{self.rng.randint(1000, 9999)}",
            },
            by=self.one.cast.worker,
        )

    def progress(self, received: int) -> None:
        self.send(
            "progress_entry",
            {
                "period_from": (self.one.day - timedelta(days=120)).isoformat(),
                "period_to": self.one.day.isoformat(),
                "milestone": [{"milestone_what": "Machines running"}],
                "working_women": 8,
                "working_men": 6,
                "currency": self.one.currency,
                "received": str(received),
                "spent": str(received),
                "proved": str(received),
            },
            by=self.one.cast.worker,
        )

    def continuing(self) -> None:
        self.send(
            "continuing_strategy",
            {"held_on": self.one.day.isoformat(), "invited": 64, "came_women": 28, "came_men": 21},
            by=self.one.cast.worker,
        )

    # --- choices ------------------------------------------------------------------------------------------

    def _choice(self, form: str, name: str) -> str:
        return self.rng.choice(self.filler.codes(form, name))

    def _nth(self, form: str, name: str, number: int) -> str:
        codes = self.filler.codes(form, name)
        return codes[number % len(codes)]

    def _matching(self, form: str, name: str, ending: str) -> str:
        codes = self.filler.codes(form, name)
        return next((code for code in codes if code.lower().endswith(ending)), codes[0])

    def _score(self, value: int) -> str:
        codes = self.filler.codes("jump_cer.cer_d2", "decent_jobs")
        return next((code for code in codes if code.endswith(str(value))), codes[-1])


def _slug(name: str) -> str:
    return "-".join(part for part in "".join(c if c.isalnum() else " " for c in name.lower()).split())
