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
    DayCount,
    Disbursement,
    InterestBy,
    InterestMethod,
    LoanTerms,
    Schedule,
    ScheduleKind,
    schedule,
)


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
        reasons = []
        if self.case["kind"] != "schedule":
            reasons.append(f"{self.case['kind']} cases are not run yet")
        if (self.terms.get("interest_recalculation") or {}).get("enabled"):
            reasons.append("interest is recalculated")
        if self.terms["schedule_type"] == "progressive" and self.terms["interest_method"] == "flat":
            if Decimal(self.terms["annual_rate_percent"]) and self.case["disbursements"][1:]:
                reasons.append("flat interest on several tranches")
        return "; ".join(reasons)

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


def read_folder(folder: Path) -> list[LoanCase]:
    return [
        LoanCase(path, json.loads(path.read_text("utf-8")))
        for path in sorted(folder.rglob("*.json"))
        if path.name != "index.json"
    ]
