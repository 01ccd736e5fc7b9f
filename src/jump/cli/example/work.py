"""Enterprises of the example: launch, loans, repayments, jobs claimed, checked, followed, ended and reported twice."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from jump.base import outbox, packages
from jump.base.actors import system_actor
from jump.cli.example import TODAY
from jump.cli.example.fill import Filler
from jump.cli.example.people import Villager, misspelt
from jump.cli.example.road import Road
from jump.core.calendars import add_months
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.parties import api as parties

ENTERPRISES_MAX, JOBS_MAX, LOANS_MAX = 40, 600, 60
SYSTEM = system_actor("example")
FURTHER = 2  # enterprises of a community beyond the one of its plan
TWICE_EVERY = 47  # every so many claims one is reported a second time by somebody else
UNCONFIRMED_EVERY = 21
LATE_EVERY, BAD_EVERY = 7, 13
NOT_ASKED = 0.3  # of the jobs old enough nobody has gone back to so many yet: they count as not held


@dataclass
class Enterprise:
    """An enterprise of the story."""

    ref: Ref
    name: str
    road: Road
    venture: Mapping[str, Any]
    launched_on: date
    members: list[Villager] = field(default_factory=list)


class Work:
    """Keeps count over all communities, so that the whole adds up to what the example promises."""

    def __init__(self, rng: random.Random, filler: Filler, ventures: Sequence[Mapping[str, Any]]) -> None:
        self.rng = rng
        self.filler = filler
        self.ventures = ventures
        self.enterprises: list[Enterprise] = []
        self.claims = 0
        self.loans = 0

    # --- enterprises --------------------------------------------------------------------------------------

    def launch(self, road: Road, fund_ref: Ref, product: str) -> None:
        """The enterprise of the community's plan: money first, then the launch, then its jobs."""
        found = finance.contracts(SYSTEM, scope=road.one.scope, limit=50)
        if not found:
            raise AssertionError(f"no contract: {road.standing()}")
        contract = found[0]
        self.release(road, contract.ref, product)
        self.start(road, road.title(), road.one.venture)

    def start(self, road: Road, name: str, venture: Mapping[str, Any]) -> Enterprise | None:
        """Launch an enterprise with a group of its own and claim its first jobs."""
        if len(self.enterprises) >= ENTERPRISES_MAX:
            return None
        taken = {member.ref for one in self.enterprises for member in one.members}
        free = [person for person in road.one.villagers if person.ref not in taken]
        members = free[: self.rng.randint(13, 17)]
        women = sum(1 for person in members if person.sex == "female")
        legal = "cooperative" if venture["kind"] == "cooperative" else "self_help_group"
        road.launch(name, women, len(members) - women, self._legal_form(legal))
        found = parties.groups(road.one.cast.coordinator, scope=road.one.scope, q=name)
        if not found:
            raise AssertionError(f"{name} was not founded: {outbox.failures(road.one.cast.coordinator)}")
        one = Enterprise(found[0].ref, name, road, venture, road.one.day, members)
        for person in members:
            parties.join(
                road.one.cast.worker, group_ref=one.ref, person_ref=person.ref, role="member", on=one.launched_on
            )
        self.enterprises.append(one)
        self.claim_jobs(one)
        return one

    def go_on(self, road: Road, fund_ref: Ref) -> None:
        """Some months later: further enterprises with loans, jobs checked and followed."""
        launched = road.one.day
        offset = self.rng.randrange(len(self.ventures))
        for number in range(FURTHER):
            venture = self.ventures[(offset + number) % len(self.ventures)]
            if venture["id"] == road.one.venture["id"]:
                venture = self.ventures[(offset + number + 5) % len(self.ventures)]
            road.one.day = min(launched + timedelta(days=20 * (number + 1) - 70), TODAY - timedelta(days=30))
            one = self.start(road, f"{venture['name']} of {road.one.name}", venture)
            if one is not None:
                self.lend(one, fund_ref, usd=self.rng.randint(2200, 5200), on=road.one.day)
        road.one.day = launched
        for one in [found for found in self.enterprises if found.road is road]:
            if self.rng.random() < 0.65:
                on = launched + timedelta(days=self.rng.randint(30, 260))
                self.lend(one, fund_ref, usd=self.rng.randint(700, 1800), on=min(on, TODAY - timedelta(days=40)))

    def _legal_form(self, wanted: str) -> str:
        codes = self.filler.codes("jump_cer.launch_checklist", "legal_form")
        return next((code for code in codes if code.startswith(wanted[:4])), codes[0])

    # --- money --------------------------------------------------------------------------------------------

    def lend(self, one: Enterprise, fund_ref: Ref, *, usd: int, on: date) -> None:
        """A loan of the fund: promised, agreed, paid by two people, and paid back well, late, or badly."""
        if self.loans >= LOANS_MAX:
            return
        self.loans += 1
        road = one.road
        currency = road.one.currency
        amount = Money(usd * road.one.rate_to_usd * 10 ** Money.zero(currency).exponent, currency)
        contract = finance.open_contract(
            road.one.cast.fund_manager,
            product="revolving_fund.group_loan",
            party_ref=one.ref,
            amount=amount,
            scope=road.one.scope,
            purpose=self.filler.text("purpose"),
            fund_ref=fund_ref,
            on=on,
            key=f"example:loan:{one.ref}:{self.loans}",
        )
        self.release(road, contract, "revolving_fund.group_loan", on=on)
        self.repay(road, contract)

    def release(self, road: Road, contract: Ref, product: str, on: date | None = None) -> None:
        """Meet what the contract still asks for, prepare the first tranche and have another person pay it."""
        day = on or road.one.day
        view = finance.contract(SYSTEM, contract, as_of=day)
        for condition in view.conditions:
            if condition.is_met or condition.tranche not in (None, 1):
                continue
            finance.meet_condition(
                SYSTEM,
                contract_ref=contract,
                condition=condition.code,
                proof_ref=road.one.case_ref,
                decided_by=(road.one.cast.coordinator.key,),
                on=day,
            )
        tranche = finance.prepare_release(road.one.cast.partner, contract_ref=contract, number=1, on=day)
        finance.approve_release(
            road.one.cast.fund_manager, tranche_ref=tranche, on=day, key=f"example:release:{tranche}"
        )
        if on is None and product.endswith("loan"):
            self.loans += 1
            self.repay(road, contract)

    def repay(self, road: Road, contract: Ref) -> None:
        """Instalments up to today: most on their day, some late, a few not at all for a while."""
        bad = self.loans % BAD_EVERY == 3
        slow = self.loans % LATE_EVERY == 2
        view = finance.contract(SYSTEM, contract, as_of=TODAY)
        paid_on = date.min
        for instalment in view.schedule:
            if instalment.due_on > TODAY:
                break
            if bad and instalment.number > 3:
                break
            delay = self.rng.randint(8, 45) if slow else self.rng.choice((0, 0, 0, 0, 0, 2, 5))
            before, paid_on = paid_on, max(instalment.due_on + timedelta(days=delay), paid_on)
            on = paid_on
            if on > TODAY:
                break
            minor = instalment.principal_minor + instalment.interest_minor + instalment.fee_minor
            due = Money(minor, view.amount.currency)
            if on > instalment.due_on or on == before:  # with the penalty, and with what else fell due since
                due = finance.contract(SYSTEM, contract, as_of=on).due_now
            if due.amount_minor <= 0:
                continue
            finance.repay(
                road.one.cast.fund_manager,
                contract_ref=contract,
                amount=due,
                on=on,
                receipt=f"{road.one.country}{self.loans:03d}-{instalment.number:02d}",
                key=f"example:repay:{contract}:{instalment.number}",
            )

    # --- jobs ---------------------------------------------------------------------------------------------

    def claim_jobs(self, one: Enterprise) -> None:
        """Claim a job for each member, check most of them, follow those that are old enough."""
        road = one.road
        floor = _pay_floor(road.one.country)
        claimed_by: list[tuple[int, Villager, dict[str, Any], date]] = []
        for number, person in enumerate(one.members):
            if self.claims >= JOBS_MAX:
                break
            self.claims += 1
            post = one.venture["jobs"][number % len(one.venture["jobs"])]
            started = min(one.launched_on + timedelta(days=self.rng.randint(3, 40)), TODAY - timedelta(days=5))
            pay = int(Decimal(str(one.venture["pay_floors"])) * floor * self.rng.randint(96, 118) / 100)
            if self.rng.random() < 0.06:
                pay = floor * 8 // 10
            answers = {
                "person_ref": person.ref,
                "kind": "created",
                "title": post["title"],
                "isco": post["isco"],
                "started_on": started.isoformat(),
                "hours_weekly": str(self.rng.choice((40, 44, 48, 48, 36))),
                "pay_monthly": str(pay),
                "currency": road.one.currency,
                "has_written_terms": "yes",
                "has_social_protection": "yes",
                "is_safe": "yes",
                "has_rights": "yes",
                "months_expected": 24,
            }
            claimed = min(started + timedelta(days=14), TODAY)
            road.send("job_claim", answers, by=road.one.cast.worker, on=claimed, about=one.ref)
            claimed_by.append((self.claims, person, answers, claimed))
        found = {job.person_ref: job.ref for job in jobs.jobs(SYSTEM, employer_ref=one.ref, limit=100)}
        for claim, person, answers, claimed in claimed_by:
            if person.ref not in found:
                raise AssertionError(f"no job for {person.ref}: {outbox.failures(road.one.cast.coordinator)}")
            if claim % TWICE_EVERY == 0:
                self.report_again(one, person, answers, claimed, is_found_out=claim % (TWICE_EVERY * 2) == 0)
            self.check(one, found[person.ref], answers, claimed, is_confirmed=claim % UNCONFIRMED_EVERY != 0)

    def check(
        self, one: Enterprise, job: Ref, answers: Mapping[str, Any], claimed: date, *, is_confirmed: bool
    ) -> None:
        """A visit by the second worker; a few are not confirmed, the newest wait."""
        road = one.road
        seen = claimed + timedelta(days=self.rng.randint(20, 60))
        if seen > TODAY:
            return
        given: dict[str, Any] = {
            "job_ref": job,
            "verified_on": seen.isoformat(),
            "method": "visit",
            "announced": "no",
            "person_seen": "yes" if is_confirmed else "no",
            "confirmed": "yes" if is_confirmed else "no",
        }
        if is_confirmed:
            given.update(
                hours_weekly=answers["hours_weekly"],
                pay_monthly=answers["pay_monthly"],
                currency=answers["currency"],
                paid_on_time="yes",
                has_written_terms="yes",
                months_expected=24,
                is_safe="yes",
                covers=["health", "injury"],
                has_rights="yes",
                freely_chosen="yes",
                under_18_hazard="no",
                equal_treatment="yes",
            )
        else:
            given["not_confirmed_why"] = self.filler.text("not_confirmed_why")
        road.send("job_verification", given, by=road.one.cast.second_worker, on=seen, about=job)
        if not is_confirmed:
            return
        still = self.rng.random() < 0.9
        if road.one.stage != "complete" and self.rng.random() < NOT_ASKED:
            return
        started = date.fromisoformat(answers["started_on"])
        windows = (6, 12) if road.one.stage == "complete" else (12, 6)
        for months in windows:
            on = add_months(started, months) + timedelta(days=self.rng.randint(1, 9))
            if on > TODAY:
                continue
            self.follow(one, job, answers, months, on, still=still or months == 6)
            if windows[0] == 12:  # a job old enough for the twelfth month was not asked at the sixth
                return

    def follow(
        self, one: Enterprise, job: Ref, answers: Mapping[str, Any], months: int, on: date, *, still: bool
    ) -> None:
        """The question at six or twelve months: still at work?"""
        codes = self.filler.codes("jump_cer.follow_up", "window")
        window = next((code for code in codes if str(months) in code), codes[0])
        given: dict[str, Any] = {
            "job_ref": job,
            "asked_on": on.isoformat(),
            "window": window,
            "reached": "yes",
            "still_at_work": "yes" if still else "no",
            "income_change": self.filler.codes("jump_cer.follow_up", "income_change")[0],
            "evidence_class": self.filler.codes("jump_cer.follow_up", "evidence_class")[0],
        }
        if still:
            given.update(
                hours_weekly=answers["hours_weekly"], pay_monthly=answers["pay_monthly"], currency=answers["currency"]
            )
        else:
            given.update(
                ended_on=(on - timedelta(days=20)).isoformat(),
                end_reason=self.filler.codes("jump_cer.follow_up", "end_reason")[0],
            )
        one.road.send("follow_up", given, by=one.road.one.cast.second_worker, on=on, about=job)

    def report_again(
        self, one: Enterprise, person: Villager, answers: Mapping[str, Any], on: date, *, is_found_out: bool
    ) -> None:
        """The partner reports the same person once more, under a name as another hand writes it."""
        road = one.road
        double = parties.register_person(
            road.one.cast.partner,
            scope=road.one.scope,
            given_name=misspelt(person.given_name, self.rng),
            family_name=person.family_name,
            sex=person.sex,
            birth_year=person.birth_year,
            place_ref=road.one.place_ref,
            flags=("unemployed",),
            consents=("records",),
            on=on,
            key=f"example:again:{person.ref}",
        )
        again = {**answers, "person_ref": double}
        road.send("job_claim", again, by=road.one.cast.partner, on=on, about=one.ref)
        if is_found_out:
            parties.mark_same(
                road.one.cast.coordinator,
                keep=person.ref,
                duplicate=double,
                why="Same birth year, same enterprise, same post; the partner agrees.",
            )
            outbox.run_pending_of_this_request()


def _pay_floor(iso: str) -> int:
    """The monthly pay floor of a country in major units, as its package declares it."""
    data = next(one.data for one in packages.definitions("countries") if one.data["iso"] == iso)
    item = next(item for item in data["decent_work"]["items"] if item["id"] == "pay_min")
    minor = int(item["value"])
    return int(minor // 10 ** Money.zero(str(data["currency"])).exponent)
