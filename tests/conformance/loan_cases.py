"""Reads loan cases of any folder in the outside format: one JSON file per case, money as decimal strings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any  # a case is JSON of an outside format

from jump.core.calendars import Unit
from jump.core.schedules import (
    Amortisation,
    Charge,
    DayCount,
    Disbursement,
    InterestBy,
    InterestMethod,
    LoanEvent,
    LoanState,
    LoanTerms,
    Part,
    Repayment,
    Schedule,
    ScheduleKind,
    loan_state,
    schedule,
)

ALLOCATION_RUN = "penalties_fees_interest_principal_order"
ORDER_RUN = (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL)
EVENTS_RUN = {"approve", "disburse", "repayment", "goodwill_credit", "charge", "reverse", "end_of_day"}
CHECKS_RUN = {"schedule", "outstanding", "overpaid"}
PAYMENTS = ("repayment", "goodwill_credit")


@dataclass(frozen=True, slots=True)
class LoanCase:
    path: Path
    case: dict[str, Any]

    @property
    def terms(self) -> dict[str, Any]:
        found: dict[str, Any] = self.case["terms"]
        return found

    @property
    def not_yet(self) -> str:
        """Why the product cannot work this case out yet; empty when it can."""
        reasons = self._events_not_yet() if self.case["kind"] == "transactions" else []
        if (self.terms.get("interest_recalculation") or {}).get("enabled"):
            reasons.append("interest is recalculated")
        if self.terms["schedule_type"] == "progressive" and self.terms["interest_method"] == "flat":
            if Decimal(self.terms["annual_rate_percent"]) and self.case.get("disbursements", [])[1:]:
                reasons.append("flat interest on several tranches")
        return "; ".join(reasons)

    def _events_not_yet(self) -> list[str]:
        reasons = []
        if self.terms["allocation_strategy"] != ALLOCATION_RUN or self.terms["schedule_type"] != "cumulative":
            reasons.append("another order of allocation")
        kinds = {event["type"] for event in self.case["events"]}
        if kinds - EVENTS_RUN:
            reasons.append("events of kind " + ", ".join(sorted(kinds - EVENTS_RUN)))
        if self.terms.get("down_payment"):
            reasons.append("own contribution")
        if not any(check["what"] in CHECKS_RUN for check in self.case["checks"]):
            reasons.append("nothing asserted that is run")
        if any(event["type"] == "reverse" and self._reversed(event) is None for event in self.case["events"]):
            reasons.append("a reversal names a payment in the source's own way")
        return reasons

    def minor(self, text: str) -> int:
        return int(Decimal(text).scaleb(int(self.terms["digits"])))

    def computed(self) -> Schedule:
        return schedule(
            self.loan_terms(),
            disbursements=[
                Disbursement(date.fromisoformat(tranche["date"]), self.minor(tranche["amount"]))
                for tranche in self.case["disbursements"]
            ],
        )

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
        return LoanTerms(
            principal_minor=self.minor(terms["principal"]),
            currency=terms["currency"],
            instalments=terms["number_of_installments"],
            rate_yearly=Decimal(terms["annual_rate_percent"]) / 100,
            every=terms["repay_every"],
            unit=Unit(terms["repay_unit"]),
            method=InterestMethod(terms["interest_method"]),
            amortisation=Amortisation(terms["amortization"]),
            kind=ScheduleKind(terms["schedule_type"]),
            interest_by=InterestBy(terms["interest_calculation_period"]),
            day_count=DayCount(None if year == "actual" else int(year), 30 if month == "30" else None),
            grace_principal=terms["grace_on_principal"],
            grace_interest=terms["grace_on_interest_payment"],
            interest_free=terms["interest_free_periods"],
            instalment_multiple_minor=self.minor(multiple) if multiple else 1,
            amount_multiple_minor=self.minor(str(amount_multiple)) if amount_multiple > 1 else 1,
            principal_percent=Decimal(percent) if percent else None,
            own_contribution_percent=Decimal((terms.get("down_payment") or {}).get("percent", "0")),
            first_due_on=date.fromisoformat(first) if first else None,
            first_period_start=date.fromisoformat(start) if start else None,
            days_to_first_min=terms.get("minimum_days_to_first_repayment") or 0,
        )

    def differences(self) -> list[str]:
        """Every asserted figure the product works out differently."""
        table = self.computed()
        expected = self.case["expected"]
        rows = [row for row in expected["periods"] if row["kind"] == "installment"]
        by_number = {line.number: line for line in table.instalments}
        found: list[str] = []
        if expected["complete"] and len(rows) != len(by_number):
            found.append(f"{len(by_number)} rows instead of {len(rows)}")
        for row in rows:
            line = by_number.get(row["number"])
            if line is None:
                found.append(f"row {row['number']} is missing")
                continue
            ours: dict[str, object] = {
                "due_date": line.due_on.isoformat(),
                "principal": line.principal_minor,
                "interest": line.interest_minor,
                "fees": line.fee_minor,
                "due": line.due_minor,
                "balance": line.balance_minor,
            }
            for key, value in ours.items():
                if key not in row or row[key] is None:
                    continue
                theirs = row[key] if key == "due_date" else self.minor(row[key])
                if theirs != value:
                    found.append(f"row {row['number']} {key}: {value} instead of {theirs}")
        return found

    # --- cases with events ---

    def _reversed(self, reversal: dict[str, Any]) -> int | None:
        """The number of the payment a reversal takes back."""
        before = [event for event in self.case["events"] if event["n"] < reversal["n"] and event["type"] in PAYMENTS]
        taken_back = {
            self._reversed(event)
            for event in self.case["events"]
            if event["type"] == "reverse" and event["n"] < reversal["n"]
        }
        if reversal.get("which"):
            live = [event["n"] for event in before if event["n"] not in taken_back]
            return live[-1] if live else None
        same_day = [event["n"] for event in before if event["date"] == reversal["of_date"]]
        position = (reversal.get("nth_on_date") or 1) - 1
        return same_day[position] if position < len(same_day) else None

    def state_after(self, events: list[dict[str, Any]], business_date: str) -> LoanState:
        paid_out = [
            Disbursement(date.fromisoformat(event["date"]), self.minor(event["amount"]))
            for event in events
            if event["type"] == "disburse"
        ]
        taken_back = {self._reversed(event) for event in events if event["type"] == "reverse"}
        happened: list[LoanEvent] = []
        for event in events:
            if event["type"] in PAYMENTS and event["n"] not in taken_back:
                happened.append(Repayment(date.fromisoformat(event["date"]), self.minor(event["amount"])))
            elif event["type"] == "charge":
                # The source replays all payments over a schedule that has every charge from the start.
                due_on = date.fromisoformat(event["due_date"])
                amount, part = self.minor(event["amount"]), Part(event["charge_kind"])
                happened.append(Charge(paid_out[0].on, amount, part, due_on))
        return loan_state(
            schedule(self.loan_terms(), disbursements=paid_out),
            happened,
            as_of=max([date.fromisoformat(business_date), *(event.on for event in happened)]),
            allocation=ORDER_RUN,
        )

    def differences_after_events(self) -> list[str]:
        """Every asserted figure of the run checks that the product works out differently."""
        found: list[str] = []
        for check in self.case["checks"]:
            events = self.case["events"][: check["after_event"]]
            if check["what"] not in CHECKS_RUN or not any(event["type"] == "disburse" for event in events):
                continue
            state = self.state_after(events, check["business_date"])
            where = f"after event {check['after_event']}"
            if check["what"] == "outstanding" and self.minor(check["amount"]) != state.owed_minor:
                found.append(f"{where}: {state.owed_minor} owed instead of {check['amount']}")
            elif check["what"] == "overpaid" and self.minor(check["amount"]) != state.overpaid_minor:
                found.append(f"{where}: {state.overpaid_minor} overpaid instead of {check['amount']}")
            elif check["what"] == "schedule":
                found += [f"{where}, {problem}" for problem in self._rows_off(check, state)]
        return found

    def _rows_off(self, check: dict[str, Any], state: LoanState) -> list[str]:
        rows = [row for row in check["periods"] if row["kind"] == "installment"]
        if len(rows) != len(state.instalments):
            return [f"{len(state.instalments)} rows instead of {len(rows)}"]
        found: list[str] = []
        for row, line in zip(rows, state.instalments, strict=True):
            ours = {
                "due_date": line.due_on.isoformat(),
                "principal": line.due[Part.PRINCIPAL],
                "interest": line.due[Part.INTEREST],
                "fees": line.due[Part.FEE],
                "penalties": line.due[Part.PENALTY],
                "due": line.due_minor,
                "paid": line.paid_minor,
                "outstanding": line.open_minor,
                "paid_on": line.paid_on.isoformat() if line.paid_on else None,
            }
            for key, value in ours.items():
                if key not in row:
                    continue
                theirs = row[key] if key.endswith(("_date", "_on")) else self.minor(row[key])
                if theirs != value:
                    found.append(f"row {row['number']} {key}: {value} instead of {theirs}")
        return found


def read_folder(folder: Path) -> list[LoanCase]:
    return [
        LoanCase(path, json.loads(path.read_text("utf-8")))
        for path in sorted(folder.rglob("*.json"))
        if path.name != "index.json"
    ]
