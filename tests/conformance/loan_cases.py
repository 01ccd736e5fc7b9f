"""Loan cases of an outside format, read into the product's own terms and facts.

One JSON file per case; money as decimal strings. What the format names in its own way is translated here and only here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any  # a case is JSON of an outside format

from jump.core.calendars import Unit
from jump.core.schedules import (
    ALLOCATIONS,
    Adjusted,
    Ahead,
    Allocation,
    Amortisation,
    Approved,
    ChargeAdded,
    ChargedOff,
    ChargeWaived,
    Compounding,
    DayCount,
    DayEnded,
    Direction,
    Disbursed,
    Disbursement,
    EarlyPayment,
    Fact,
    InterestBy,
    InterestMethod,
    LoanAccount,
    LoanTerms,
    MovementKind,
    Paid,
    PaidOff,
    Part,
    PaymentKind,
    Practice,
    PreClose,
    Recalculation,
    Refunded,
    Rescheduled,
    Rest,
    Reversed,
    Schedule,
    ScheduleKind,
    Stepwise,
    WaiverUndone,
    When,
    WrittenOff,
    loan_account,
    schedule,
)

MOVED = {MovementKind.ACCRUAL}


def day(text: str) -> date:
    return date.fromisoformat(text)


@dataclass(frozen=True)
class LoanCase:
    path: Path
    case: dict[str, Any]

    @property
    def is_schedule(self) -> bool:
        return bool(self.case["kind"] == "schedule")

    @property
    def terms(self) -> dict[str, Any]:
        found: dict[str, Any] = self.case["terms"]
        return found

    def minor(self, text: str | int | float | Decimal) -> int:
        return int(Decimal(str(text)).scaleb(int(self.terms["digits"])))

    # --- terms ---

    @cached_property
    def loan_terms(self) -> LoanTerms:
        terms = self.terms
        year, month = terms["days_in_year"], terms["days_in_month"]
        multiple = terms.get("installment_multiple_of")
        amount_multiple = Decimal(terms.get("currency_in_multiples_of") or 0)
        percent = terms.get("fixed_principal_percent_per_installment")
        start = terms.get("first_period_start")
        if terms.get("due_dates_count_from") == "submission":
            start = terms["submitted_on"]
        first = terms.get("first_repayment_date")
        own = terms.get("down_payment") or {}
        every, unit = terms["repay_every"], terms["repay_unit"]
        if unit == "years":
            every, unit = 12 * every, "months"
        return LoanTerms(
            principal_minor=self.minor(terms["principal"]),
            currency=terms["currency"],
            instalments=terms["number_of_installments"],
            rate_yearly=Decimal(terms["annual_rate_percent"]) / 100,
            every=every,
            unit=Unit(unit),
            method=InterestMethod(terms["interest_method"]),
            amortisation=Amortisation(terms["amortization"]),
            kind=ScheduleKind(terms["schedule_type"]),
            interest_by=InterestBy(terms["interest_calculation_period"]),
            partial_periods=bool(terms.get("partial_period_interest")),
            day_count=DayCount(None if year == "actual" else int(year), 30 if month == "30" else None),
            grace_principal=terms.get("grace_on_principal") or 0,
            grace_interest=terms.get("grace_on_interest_payment") or 0,
            interest_free=terms.get("interest_free_periods") or 0,
            instalment_multiple_minor=self.minor(multiple) if multiple else 1,
            amount_multiple_minor=self.minor(amount_multiple) if amount_multiple > 1 else 1,
            principal_percent=Decimal(percent) if percent else None,
            own_contribution_percent=Decimal(own.get("percent", "0")),
            own_contribution_automatic=bool(own.get("automatic")),
            recalculation=self._recalculation(),
            first_due_on=day(first) if first else None,
            first_period_start=day(start) if start else None,
            days_to_first_min=terms.get("minimum_days_to_first_repayment") or 0,
        )

    def _recalculation(self) -> Recalculation | None:
        rule = self.terms.get("interest_recalculation") or {}
        if not rule.get("enabled"):
            return None
        rests = {"daily": Rest.DAILY, "weekly": Rest.WEEKLY, "monthly": Rest.MONTHLY}
        return Recalculation(
            rest=rests.get(rule.get("rest_frequency", "daily"), Rest.PERIOD),
            compounding=Compounding(rule.get("compounding", "none")),
            compounding_every=rests.get(rule.get("compounding_frequency", ""), Rest.PERIOD),
            early=EarlyPayment(rule.get("early_payment_effect", "reduce_installment_amount")),
            pre_close=PreClose(rule.get("pre_close_rule", "till_pre_close_date")),
        )

    @cached_property
    def allocation(self) -> Allocation:
        rules = self.terms.get("allocation_rules")
        if not rules:
            return ALLOCATIONS[self.terms["allocation_strategy"]]
        return Stepwise(
            steps=tuple(_step(name) for name in rules["order"]),
            direction=Direction(self.terms.get("allocation_direction") or "horizontal"),
            ahead={
                "" if kind == "default" else kind: Ahead(rule)
                for kind, rule in rules["future_installment_rule"].items()
            },
        )

    @cached_property
    def practice(self) -> Practice:
        return Practice(
            allocation=self.allocation,
            arrears_grace_days=self.terms.get("arrears_grace_days") or 0,
        )

    def table(self) -> Schedule:
        return schedule(
            self.loan_terms,
            disbursements=[
                Disbursement(day(tranche["date"]), self.minor(tranche["amount"]))
                for tranche in self.case["disbursements"]
            ],
        )

    # --- facts ---

    @cached_property
    def facts(self) -> list[Fact]:
        """One fact per event, in the same order."""
        found: list[Fact] = []
        entered = day(self.terms["submitted_on"])
        for event in self.case["events"]:
            known_on = event.get("entered_on") or event.get("business_date") or event.get("date")
            entered = day(known_on) if known_on else entered
            found.append(self._fact(event, entered, found))
        return found

    def _fact(self, event: Mapping[str, Any], entered: date, before: list[Fact]) -> Fact:
        ref = str(event["n"])
        on = day(event["date"]) if event.get("date") else entered
        amount = self.minor(event["amount"]) if event.get("amount") else 0
        match event["type"]:
            case "approve":
                return Approved(entered_on=entered, ref=ref)
            case "disburse":
                return Disbursed(on=on, amount_minor=amount, entered_on=entered, ref=ref)
            case "repayment" | "down_payment" | "goodwill_credit" as kind:
                return Paid(on=on, amount_minor=amount, entered_on=entered, kind=PaymentKind(kind), ref=ref)
            case "recovery" | "recovery_repayment":
                return Paid(on=on, amount_minor=amount, entered_on=entered, kind=PaymentKind.RECOVERY, ref=ref)
            case "pay_off":
                return PaidOff(on=on, entered_on=entered, ref=ref)
            case "charge":
                part = Part(event["charge_kind"])
                due_on = day(event.get("due_date") or event.get("date") or entered.isoformat())
                return ChargeAdded(due_on=due_on, amount_minor=amount, part=part, entered_on=entered, ref=ref)
            case "waive_charge":
                return ChargeWaived(entered_on=entered, ref=ref)
            case "undo_waive_charge":
                return WaiverUndone(entered_on=entered, ref=ref)
            case "reverse":
                return Reversed(target_ref=self._target(event, entered, before), entered_on=entered, ref=ref)
            case "adjust":
                target = self._target(event, entered, before)
                moved_to = day(event["date"]) if event.get("date") and event.get("of_date") else None
                return Adjusted(target_ref=target, amount_minor=amount, entered_on=entered, on=moved_to, ref=ref)
            case "reschedule":
                return self._rescheduled(event, entered, ref)
            case "charge_off":
                return ChargedOff(on=on, entered_on=entered, ref=ref)
            case "write_off":
                return WrittenOff(on=on, entered_on=entered, ref=ref)
            case "credit_balance_refund":
                return Refunded(on=on, amount_minor=amount, entered_on=entered, ref=ref)
            case "end_of_day":
                return DayEnded(entered_on=entered, ref=ref)
            case other:
                raise ValueError(f"{other!r} is no event this reader knows")

    def _rescheduled(self, event: Mapping[str, Any], entered: date, ref: str) -> Rescheduled:
        rate = event.get("new_interest_rate")
        return Rescheduled(
            from_on=day(event["reschedule_from_date"]),
            entered_on=entered,
            due_on=day(event["adjusted_due_date"]) if event.get("adjusted_due_date") else None,
            extra_terms=int(event.get("extra_terms") or 0),
            rate_yearly=Decimal(str(rate)) / 100 if rate else None,
            grace_principal=int(event.get("grace_on_principal") or 0),
            grace_interest=int(event.get("grace_on_interest") or event.get("grace_on_interest_payment") or 0),
            ref=ref,
        )

    # --- which movement an event speaks of ---

    def _target(self, event: Mapping[str, Any], entered: date, before: list[Fact]) -> str:
        """The movement a reversal or an adjustment names.

        The source counts in two ways: the n-th movement of a day, or the n-th repayment of the loan (the day named is
        then the one it was undone on). A case keeps to one way; it is the second if any event cannot be the first.
        """
        account = self.account(before)
        if not (event.get("of_date") or event.get("date")) or event.get("which"):
            repayments = [
                one for one in account.movements if one.kind is MovementKind.REPAYMENT and not one.is_reversed
            ]
            return max(repayments, key=lambda one: one.sequence).ref
        if self._counts_repayments:
            return self._nth_repayment(event, account)
        found = self._nth_of_day(event, account)
        return found if found is not None else self._nth_repayment(event, account)

    @cached_property
    def _counts_repayments(self) -> bool:
        for position, event in enumerate(self.case["events"]):
            if event["type"] not in ("reverse", "adjust") or not event.get("of_date") or event.get("of_type"):
                continue
            moved = [one for one in self.case["events"][:position] if one.get("date") == event["of_date"]]
            moved = [one for one in moved if one["type"] in _MOVES]
            rows = [kind for one in moved for kind in self._rows_of(one)]
            number = int(event.get("nth_on_date") or 1)
            if number > len(rows) or rows[number - 1] == "disburse":
                return True
        return False

    def _rows_of(self, event: Mapping[str, Any]) -> list[str]:
        """What an event shows as in a list of movements."""
        own = self.loan_terms.own_contribution_automatic and event["type"] == "disburse"
        return [event["type"], "down_payment"] if own else [event["type"]]

    def _nth_repayment(self, event: Mapping[str, Any], account: LoanAccount) -> str:
        number = int(event.get("nth_on_date") or 1)
        repayments = [one for one in account.movements if one.kind is MovementKind.REPAYMENT]
        return repayments[number - 1].ref

    def _nth_of_day(self, event: Mapping[str, Any], account: LoanAccount) -> str | None:
        number = int(event.get("nth_on_date") or 1)
        named = event.get("of_type")
        on = day(event.get("of_date") or event["date"])
        found = [one for one in account.movements if one.on == on]
        if named:
            found = [one for one in found if same_words(KIND_NAMES[one.kind], named)]
        else:
            found = [one for one in found if one.kind not in MOVED]
        if number > len(found):
            return None
        return found[number - 1].ref

    # --- the loan after some events ---

    def account(self, facts: list[Fact]) -> LoanAccount:
        return loan_account(self.loan_terms, facts, practice=self.practice)

    def account_after(self, events: int) -> LoanAccount:
        return self.account(self.facts[:events])


_MOVES = (
    "disburse",
    "repayment",
    "down_payment",
    "goodwill_credit",
    "credit_balance_refund",
    "charge_off",
    "write_off",
)

# The names of movements in the source's lists.
KIND_NAMES: Mapping[MovementKind, str] = {
    MovementKind.DISBURSEMENT: "Disbursement",
    MovementKind.OWN_CONTRIBUTION: "Down Payment",
    MovementKind.REPAYMENT: "Repayment",
    MovementKind.GOODWILL: "Goodwill Credit",
    MovementKind.RECOVERY: "Recovery Repayment",
    MovementKind.ACCRUAL: "Accrual",
    MovementKind.CHARGE_WAIVER: "Waive loan charges",
    MovementKind.CHARGE_OFF: "Charge-off",
    MovementKind.WRITE_OFF: "Close (as written-off)",
    MovementKind.REFUND: "Credit Balance Refund",
}


def same_words(one: str, other: str) -> bool:
    """The same name, however it is written."""
    return re.sub(r"[^a-z]", "", one.lower()) == re.sub(r"[^a-z]", "", other.lower())


def _step(name: str) -> tuple[When, Part]:
    when, _, part = name.rpartition("_")
    return When(when), Part(part)


def read_folder(folder: Path) -> list[LoanCase]:
    return [
        LoanCase(path, json.loads(path.read_text("utf-8")))
        for path in sorted(folder.rglob("*.json"))
        if path.name != "index.json"
    ]
