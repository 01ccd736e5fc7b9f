"""The night of the loans: what fell due, what became late, which late fees came up.

How a loan stands is kept with the day on which time alone changes it, so a night asks for the loans whose day has come
and touches no other: most of them on arrays (`loan_pages`), the rest from its facts, equal to the cent.

Page by page, each in a transaction of its own: a run that is cut off has kept its pages and the next one goes on where
it stopped; one that is repeated finds nothing to do. Several workers share the pages on PostgreSQL, each taking loans
that nobody else holds; on SQLite there is one. A loan that somebody is just booking is aged by that booking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet

from jump.base.actors import Actor, require
from jump.base.db import locked_free
from jump.core import schedules
from jump.core.units import Ref
from jump.engines.finance.models import Contract, LoanStanding
from jump.engines.finance.queries.loans import LoanFile, loan_files
from jump.engines.finance.services.loan_books import book_truth, booked_of, note_standing
from jump.engines.finance.services.loan_pages import age_plain
from jump.engines.finance.types import ContractKind, ContractState
from jump.engines.ledger import api as ledger

PAGE = 500
PLAIN_PAGE = 5_000
_AGED = (
    "as_of",
    "principal_minor",
    "principal_late_minor",
    "due_minor",
    "owed_minor",
    "penalty_minor",
    "overpaid_minor",
    "late_since",
    "changes_on",
    "is_rescheduled",
    "booked",
)


def age_loans(actor: Actor, *, on: date, page: int = PAGE, plain_page: int = PLAIN_PAGE) -> int:
    """Bring running loans to the end of a day; returns how many stand otherwise now. Safe to repeat and to cut off.

    What is plain is worked out on arrays, `plain_page` loans at a time, the rest from its facts, `page` at a time.
    """
    require(actor, "finance.approve")
    running = Contract.objects.filter(kind=ContractKind.LOAN, state=ContractState.RUNNING)
    due = running.filter(standing__changes_on__lte=on).order_by("standing__changes_on", "pk")
    unknown = running.filter(standing__changes_on__isnull=True).order_by("pk")
    return age_plain(due, on, plain_page) + _age_all(actor, due, on, page) + _age_all(actor, unknown, on, page)


def _age_all(actor: Actor, waiting: QuerySet[Contract], on: date, page: int) -> int:
    aged = 0
    while True:
        with ledger.posting_transaction():
            rows = list(locked_free(waiting.select_related("scope", "fund"))[:page])
            aged += _age(actor, rows, on)
        if len(rows) < page:
            return aged


def _age(actor: Actor, rows: Sequence[Contract], on: date) -> int:
    """Age a page. What somebody else brought further since the page was chosen stays as it is."""
    known = {one.contract_id: one for one in LoanStanding.objects.filter(contract__in=rows)}
    files = loan_files(rows)
    _keep(_aged(actor, row, known.get(row.pk), files.get(row.pk), on) for row in rows)
    return len(rows)


def _aged(actor: Actor, row: Contract, standing: LoanStanding | None, file: LoanFile | None, on: date) -> LoanStanding:
    standing = standing or LoanStanding(contract=row)
    standing.as_of, standing.changes_on = on, schedules.NEVER
    if file is not None:
        _note(actor, row, standing, file, on)
    return standing


def _note(actor: Actor, row: Contract, standing: LoanStanding, file: LoanFile, on: date) -> None:
    account = file.account(file.day(on))
    note_standing(standing, account, schedules.state_of(account, account.as_of), file)
    wanted = booked_of(account)
    if standing.pk is None:
        standing.booked = wanted
    elif wanted != standing.booked and row.fund is not None:
        # Where the order of a product gives late fees the money of earlier payments, the night books the difference.
        key = f"night:{row.ref}:{on}"
        book_truth(actor, row, standing, file, on=on, memo=f"Late fees of {row.ref}", source_ref=Ref(row.ref), key=key)


def _keep(standings: Iterable[LoanStanding]) -> None:
    """Write them in one statement, new or known."""
    LoanStanding.objects.bulk_create(standings, update_conflicts=True, unique_fields=["contract"], update_fields=_AGED)
