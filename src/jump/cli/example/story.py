"""The story of the example: programme, money, countries, communities, enterprises, loans, jobs, figures."""

import random
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from jump.base import clock, outbox, packages
from jump.base.actors import system_actor
from jump.base.db import write_transaction
from jump.base.refs import deterministic_refs
from jump.cli.example import PACKAGES, TODAY
from jump.cli.example.bank import reconcile_a_month
from jump.cli.example.cast import BEGINS, CountryCast, make_cast, make_core_team_user, make_country_cast
from jump.cli.example.cover import insure_families
from jump.cli.example.donors import PARTNERED, tell_of_partners
from jump.cli.example.fill import Filler
from jump.cli.example.goods import MEMBERS, keep_a_store, pay_for_work
from jump.cli.example.money import open_country_fund, open_programme_budget, spend_the_budget
from jump.cli.example.owners import keep_owners
from jump.cli.example.people import make_villagers
from jump.cli.example.road import PROCEDURE, STEPS, Community, Road
from jump.cli.example.rounds import hold_round
from jump.cli.example.school import keep_school
from jump.cli.example.work import Work
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties
from jump.engines.reports import api as reports
from jump.engines.results import api as results

FOLDER = Path(__file__).resolve().parents[2] / "programmes" / "jump" / "example"
RECONCILED = date(2004, 5, 1)
SCHOOL_SEED = 2004
PEOPLE_EARLY, PEOPLE_LATE = 44, 84
SYSTEM = system_actor("example")
# About so many units of the currency for one US dollar in 2002 to 2004: a round figure for an invented story.
PER_USD = {"THB": 42, "PHP": 54, "FJD": 2, "ZAR": 8, "KES": 78, "XOF": 600, "HNL": 17, "NIO": 15, "PEN": 3}


def load(name: str) -> Any:
    """One of the example's data files."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


class Story:
    """Holds what the chapters share."""

    def __init__(
        self, rng: random.Random, progress: Callable[[str], None], countries: Collection[str] | None = None
    ) -> None:
        self.rng = rng
        self.progress = progress
        self.wanted = countries
        self.names: Mapping[str, Any] = load("names.yaml")
        self.ventures: list[Mapping[str, Any]] = load("enterprises.yaml")["kinds"]
        self.places: Mapping[str, Any] = load("communities.yaml")
        self.filler = Filler(rng, load("texts.yaml"))
        self.work = Work(rng, self.filler, self.ventures)
        self.casts: dict[str, CountryCast] = {}
        self.funds: dict[str, Ref] = {}
        self.settled: dict[str, list[Community]] = {}

    def tell(self) -> None:
        """Everything, from the first day to the last."""
        for path in packages.in_order(list(PACKAGES)):
            packages.install(SYSTEM, path)
        clock.pin(TODAY)
        self.progress("packages are installed")
        with write_transaction():
            self.programme_ref = parties.declare_programme(SYSTEM, definition_id="jump", on=BEGINS)
        self.programme = parties.programme(SYSTEM)
        self.cast = make_cast()
        with write_transaction():
            open_programme_budget(self.cast, self.programme.scope)
        for country in self.programme.countries:
            if self.wanted is None or country.country in self.wanted:
                with write_transaction():
                    self.country(country)
        with write_transaction():
            spend_the_budget(self.casts, self.rng)
        with write_transaction(), deterministic_refs(SCHOOL_SEED):  # the references of later chapters stay as they are
            self.school()
        self.calendar()
        self.plans()
        self.figures()
        self.lessons()
        with write_transaction():
            self.insurance()
            self.goods()
            self.partners()
        with write_transaction():
            keep_owners(self.work.enterprises)
        self.bank()
        self.progress(self.counts())

    # --- chapters -----------------------------------------------------------------------------------------

    def country(self, country: parties.PlaceView) -> None:
        """A country programme: its people, its fund, its communities in rounds."""
        iso = country.country
        currency = _currency(self.programme.definition, iso)
        names = self.names[iso]
        cast = self.casts[iso] = make_country_cast(iso, country.scope, names)
        partner = parties.register_organisation(
            cast.coordinator,
            scope=country.scope,
            name=f"{country.name} Cooperative Development Association",
            kind="ngo",
            partner_class="local_facilitator",
            on=BEGINS,
            key=f"example:{iso}:partner",
        )
        fund_ref = open_country_fund(cast, country, partner, currency, PER_USD[currency])
        self.funds[iso] = fund_ref
        communities = []
        others = [one for one in self.places["also_wrote"] if one["country"] == iso]
        for told in [*self.places[iso], *others]:
            year, month = (int(part) for part in str(told["letter"]).split("-"))
            communities.append(
                Community(
                    name=told["name"],
                    country=iso,
                    currency=currency,
                    kind=told["kind"],
                    population=int(told["population"]),
                    unemployment=str(told["unemployment"]),
                    letter_on=date(year, month, self.rng.randint(3, 26)),
                    stage=told.get("stage", told.get("outcome", "")),
                    cast=cast,
                    rate_to_usd=PER_USD[currency],
                )
            )
        self.settled[iso] = communities
        batches: dict[tuple[int, int], list[Community]] = {}
        for one in sorted(communities, key=lambda one: one.letter_on):
            batches.setdefault((one.letter_on.year, one.letter_on.month > 6), []).append(one)
        for batch in batches.values():
            self.batch(batch, country)
        for one in communities:
            if one.stage in STEPS and not one.stands_before("stakeholder_map"):
                self.community(one, fund_ref, names)
        self.progress(f"{country.name}: {len(communities)} letters, {len(self.work.enterprises)} enterprises so far")

    def batch(self, batch: list[Community], country: parties.PlaceView) -> None:
        """Letters of one half-year, then the round that chooses among them."""
        for one in batch:
            Road(one, self.filler, self.rng).letter(self.programme.scope)
        waiting = [one for one in batch if one.stage == "screening"]
        chosen = [one for one in batch if one not in waiting]
        if not chosen:
            return
        day = max(one.letter_on for one in chosen) + timedelta(days=21)
        hold_round(
            self.cast,
            chosen[0].cast.coordinator,
            definition="jump.pilot_communities",
            scope=country.scope,
            opens_on=day,
            title=f"Pilot communities of {country.name}, {day.year}",
            wanted={one.case_ref: one.stage if one.stage not in STEPS else "selected" for one in chosen},
            rng=self.rng,
        )
        for one in chosen:
            one.day = day + timedelta(days=24)

    def community(self, one: Community, fund_ref: Ref, names: Mapping[str, Any]) -> None:
        """A chosen community, as far as it has come."""
        road = Road(one, self.filler, self.rng)
        late = not one.stands_before("workbook")
        one.core = make_core_team_user(one.country, one.scope)
        one.villagers = make_villagers(
            self.rng,
            names,
            worker=one.cast.worker,
            scope=one.scope,
            place_ref=one.place_ref,
            count=PEOPLE_LATE if late else PEOPLE_EARLY,
            on=one.day,
            key=f"example:{one.country}:{one.name}",
        )
        offset = self.rng.randrange(len(self.ventures))
        mine = [*self.ventures[offset:], *self.ventures[:offset]]
        one.venture = mine[0]
        one.jobs_planned = self.rng.randint(12, 18)
        for step, days, act in self.steps(road, mine, fund_ref):
            if one.stage == step:
                if step == "follow_up":  # its enterprises go on while the progress is still to be told
                    road.pass_days(*days)
                    self.work.go_on(road, fund_ref)
                return
            road.pass_days(*days)
            act()

    def steps(
        self, road: Road, ventures: list[Mapping[str, Any]], fund_ref: Ref
    ) -> list[tuple[str, tuple[int, int], Callable[[], Any]]]:
        """Each step of the road with the days before it and what is recorded."""
        one = road.one
        product = "jump_cer.project_grant" if one.kind == "rural" else "jump_cer.project_loan"
        revise = self.rng.random() < 0.4

        def workshop(
            letter: str, people: tuple[int, int], forms: Callable[[], None], products: tuple[str, ...]
        ) -> None:
            forms()
            road.session(f"workshop_{letter}", self.rng.randint(*people), products)

        def workshop_b() -> None:
            workshop("b", (26, 42), road.workshop_b_forms, ("Factor scores", "Skills inventory"))
            road.baseline()

        def workshop_c() -> None:
            workshop("c", (26, 44), lambda: road.workshop_c_forms(ventures), ("Idea list",))

        def workshop_d() -> None:
            workshop("d", (24, 38), road.workshop_d_forms, ("Scores",))

        def review() -> None:
            day = road.one.day
            first = "revise" if revise else "approved"
            self.review(road, day, first)
            if revise:
                road.pass_days(12, 20)
                road.proposal_forms(product=product, revised=True)
                road.document("revision", "proposal", one.core)
                road.pass_days(10, 14)
                self.review(road, road.one.day, "approved")

        def follow_up() -> None:
            self.work.go_on(road, fund_ref)
            road.progress(received=1000 * one.rate_to_usd)

        return [
            ("stakeholder_map", (6, 12), road.stakeholders),
            ("core_team", (10, 18), road.core_team),
            ("adaptation", (5, 9), road.adaptation),
            ("orientation", (6, 12), lambda: road.session("orientation", 14, ("Date plan",))),
            (
                "workshop_a",
                (8, 14),
                lambda: workshop("a", (28, 46), road.workshop_a_forms, ("Agreed future statement",)),
            ),
            ("workshop_b", (15, 22), workshop_b),
            ("workshop_c", (15, 22), workshop_c),
            ("workshop_d", (15, 22), workshop_d),
            ("idea_evaluation", (5, 9), road.idea_evaluation),
            ("workbook", (8, 14), lambda: road.document("workbook", "workbook_1", one.cast.worker)),
            ("workshop_assessment", (5, 9), road.assessments),
            ("renewal_plan", (14, 22), road.plan),
            ("workshop_e", (8, 14), lambda: road.session("workshop_e", 12, ("Division of work",))),
            ("proposal", (14, 24), lambda: road.proposal(product)),
            ("review", (8, 14), review),
            ("financial_procedure", (6, 10), road.financial_procedure),
            ("launch", (20, 30), lambda: self.work.launch(road, fund_ref, product)),
            ("follow_up", (100, 140), follow_up),
            ("continuing", (60, 90), road.continuing),
        ]

    def review(self, road: Road, day: date, outcome: str) -> None:
        hold_round(
            self.cast,
            road.one.cast.coordinator,
            definition="jump_cer.project_proposals",
            scope=road.one.scope,
            opens_on=day,
            title=f"Proposal of {road.one.name}",
            wanted={road.one.case_ref: outcome},
            rng=self.rng,
        )
        road.one.day = day + timedelta(days=10)

    def calendar(self) -> None:
        """What the calendar asks of everybody, done up to the last half-year but for two late inputs."""
        with write_transaction():
            cases.plan_calendar(
                SYSTEM,
                package="jump",
                scope=self.programme.scope,
                starts_on=BEGINS,
                until=self.programme.phases[0].ends_on,
                about=self.programme_ref,
            )
            for task in cases.tasks(SYSTEM, state="open", as_of=TODAY, limit=500):
                if task.due_on is not None and task.due_on < TODAY - timedelta(days=20):
                    cases.finish_task(SYSTEM, ref=task.ref, on=task.due_on - timedelta(days=2))
        outbox.drain(background=False)

    def plans(self) -> None:
        """The overall work plan of the running year, with its phase-out part."""
        with write_transaction():
            ref = results.make_plan(
                SYSTEM,
                kind="overall",
                title="Overall work plan 2004",
                scope=self.programme.scope,
                starts_on=date(2004, 1, 1),
                ends_on=date(2004, 12, 31),
                on=date(2004, 1, 20),
                sections=[
                    results.PlanSection(
                        "purpose", "Purpose", "Enterprises and jobs from the plans of the pilots; new letters."
                    ),
                    results.PlanSection(
                        "phase_out", "Phase-out", "Funds go to the partners; core teams meet on their own."
                    ),
                ],
            )
            for node, title, days in (
                ("act.09.02", "Follow the projects and their disbursements", 364),
                ("act.09.03", "Regular meetings of core teams", 330),
                ("act.14.01", "Study of good practice in the first pilots", 200),
                ("act.11.05", "Training of fund staff", 120),
            ):
                results.plan_activity(
                    self.cast.coordinator,
                    node=node,
                    scope=self.programme.scope,
                    title=title,
                    starts_on=date(2004, 1, 15),
                    ends_on=date(2004, 1, 15) + timedelta(days=days),
                    owner="programme_coordinator",
                    plan_ref=ref,
                )
            results.approve_plan(self.cast.coordinator, ref=ref, on=date(2004, 1, 28))
        outbox.drain(background=False)

    def figures(self) -> None:
        """Figures at the end of each half-year; all but the last are frozen. Then the report of 2003-H2."""
        for period in ("2002-H1", "2002-H2", "2003-H1", "2003-H2"):
            results.freeze(self.cast.coordinator, period=period, on=TODAY)
        results.fill_series(SYSTEM, upto=TODAY)
        parties.ask_for_doubles(self.cast.coordinator, scope=self.programme.scope)
        outbox.drain()  # the current values too: every job that was verified asked for them
        self.progress("figures are counted and frozen")

    def school(self) -> None:
        """One community of the Philippines has a course, and its worker visits it."""
        everywhere = self.settled.get("PH", [])
        one = next((one for one in everywhere if len(one.villagers) >= PEOPLE_EARLY), None)
        if one is not None:
            keep_school(one.cast, one, everywhere)

    def insurance(self) -> None:
        """One community of the Philippines insures a dozen of its families, as a meeting of its people has decided."""
        for one in self.settled.get("PH", []):
            if len(one.villagers) >= PEOPLE_EARLY:
                meeting = cases.sessions(SYSTEM, scope=one.scope, limit=1)[0]
                insure_families(one.cast, one, meeting.ref)
                return

    def goods(self) -> None:
        """A community in Senegal keeps a cereal bank; one in the Philippines works for its municipality."""
        for iso, chapter in (("SN", keep_a_store), ("PH", pay_for_work)):
            settled = [one for one in self.settled.get(iso, []) if len(one.villagers) > MEMBERS]
            if settled:
                chapter(settled[0].cast, settled[0])

    def lessons(self) -> None:
        """Three lessons with their records, and the published report of the second half of 2003."""
        sessions = cases.sessions(SYSTEM, scope=self.programme.scope, limit=3)
        texts = (
            (
                "A women’s meeting before workshop C doubles their ideas",
                "Where women met on their own a week before workshop C, they brought twice as many idea cards.",
            ),
            (
                "The first buyer’s signature is worth more than a forecast",
                "Proposals with a signed first order were approved without revision and reached break-even sooner.",
            ),
            (
                "Instalments follow the harvest",
                "Groups that repay after each harvest are late less often than those that repay each month.",
            ),
        )
        for (title, words), session in zip(texts, sessions, strict=False):
            ref = reports.add_lesson(
                self.cast.coordinator,
                title=title,
                text=words,
                scope=self.programme.scope,
                on=date(2004, 2, 10),
                context="Pilots of 2002 and 2003",
                proof_ref=session.ref,
            )
            reports.publish_lesson(self.cast.coordinator, lesson_ref=ref)
        edition = reports.make_progress_report(
            self.cast.coordinator, period_name="2003-H2", scope=self.programme.scope, language="en"
        )
        reports.publish(self.cast.coordinator, edition_ref=edition, on=date(2004, 2, 15))
        self.progress("the report of the second half of 2003 is published")

    def partners(self) -> None:
        """Partners of the private sector, in one country."""
        country = next((one for one in self.programme.countries if one.country == PARTNERED), None)
        if country is not None and country.country in self.casts:
            tell_of_partners(self.cast, self.casts[PARTNERED], self.programme.scope, country.scope)

    def bank(self) -> None:
        """One month of one fund beside its bank: in the country whose people can sign in, where it is told."""
        iso = "PH" if "PH" in self.casts else next(iter(self.casts))
        cast = self.casts[iso]
        reconcile_a_month(cast, self.funds[iso], RECONCILED)

    def counts(self) -> str:
        """What the example holds, in one line."""
        scope = self.programme.scope
        contracts = finance.contracts(SYSTEM, scope=scope, limit=500)
        late = [one for one in contracts if one.days_late > 0]
        return (
            f"{cases.count_cases(SYSTEM, procedure=PROCEDURE)} communities wrote, "
            f"{len(parties.communities(SYSTEM))} are known; "
            f"{parties.count_people(SYSTEM)} people, {len(self.work.enterprises)} enterprises, "
            f"{jobs.count_jobs(SYSTEM)} jobs claimed, {len(contracts)} grants and loans of which {len(late)} are late, "
            f"{evidence.count_submissions(SYSTEM)} forms."
        )


def _currency(definition: str, iso: str) -> str:
    data = packages.definition("programme", definition).data["programme"]
    return next(
        str(country["currency"])
        for region in data["regions"]
        for country in region["countries"]
        if country["iso"] == iso
    )


def tell(rng: random.Random, progress: Callable[[str], None], countries: Collection[str] | None = None) -> None:
    """Tell the whole story, or the part of it that happens in these countries."""
    Story(rng, progress, countries).tell()
