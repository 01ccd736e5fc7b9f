"""Whether the terms of a loan can be: they fit each other, and the loan is paid back by its payments."""

from __future__ import annotations

from datetime import date

from jump.core import schedules
from jump.core.schedules import NEVER_AMORTISES, Schedule, TermsError
from jump.engines.finance.models import Contract, Instalment
from jump.engines.finance.models.refusals import TermsImpossible
from jump.engines.finance.queries.loans import LoanFile, terms_of


def check_terms(row: Contract, amount_minor: int, lent_on: date) -> Schedule:
    """The table of a loan as if all of it were paid out on a day; refused where it would never be paid back."""
    try:
        terms = terms_of(row, amount_minor, lent_on)
        schedules.allocation_of(row.terms)
        schedules.late_fee_of(row.terms)
        return _amortising(schedules.schedule(terms, disbursed_on=lent_on))
    except ValueError as wrong:  # TermsError is one
        raise TermsImpossible(why=str(wrong)) from wrong


def plan_in_force(file: LoanFile) -> Schedule:
    """The table of a loan with every change of its plan; refused where it would never be paid back."""
    try:
        return _amortising(file.plan())
    except ValueError as wrong:
        raise TermsImpossible(why=str(wrong)) from wrong


def keep_plan(row: Contract, table: Schedule) -> None:
    """Keep the table of instalments in force as it was agreed."""
    row.instalments.all().delete()
    Instalment.objects.bulk_create(
        Instalment(
            contract=row,
            number=line.number,
            from_on=line.from_on,
            due_on=line.due_on,
            principal_minor=line.principal_minor,
            interest_minor=line.interest_minor,
            fee_minor=line.fee_minor,
            balance_minor=line.balance_minor,
        )
        for line in table.instalments
    )


def _amortising(table: Schedule) -> Schedule:
    if not schedules.amortises(table):
        raise TermsError(NEVER_AMORTISES)
    return table
