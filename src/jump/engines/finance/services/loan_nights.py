"""The night of the loans: how late each is, what late fees and interest have come up.

Page by page, each in a transaction of its own: a run that is cut off has kept its pages and the next one goes on where
it stopped; one that is repeated finds nothing to do. Several workers share the pages on PostgreSQL, each taking loans
that nobody else holds; on SQLite there is one. A loan that somebody is just booking is aged by that booking.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from jump.base.actors import Actor, require
from jump.base.db import locked_free
from jump.core import schedules
from jump.core.units import Ref
from jump.engines.finance.models import Contract, LoanStanding
from jump.engines.finance.queries.loans import LoanFile, loan_files
from jump.engines.finance.services.loan_books import book_truth, booked_of, note_standing
from jump.engines.finance.types import ContractKind, ContractState
from jump.engines.ledger import api as ledger

PAGE = 500
_AGED = (
    "as_of",
    "principal_minor",
    "principal_late_minor",
    "due_minor",
    "owed_minor",
    "penalty_minor",
    "accrued_minor",
    "overpaid_minor",
    "days_late",
    "is_rescheduled",
)


def age_loans(actor: Actor, *, on: date, page: int = PAGE) -> int:
    """Age every running loan to the end of a day; returns how many were aged now. Safe to repeat and to cut off."""
    require(actor, "finance.approve")
    aged = 0
    while True:
        with ledger.posting_transaction():
            rows = _next_page(on, page)
            _age(actor, rows, on)
        if not rows:
            return aged
        aged += len(rows)


def _next_page(on: date, page: int) -> list[Contract]:
    """Running loans that were not aged to this day, the first in order of their rows."""
    waiting = Contract.objects.filter(
        Q(standing__isnull=True) | Q(standing__as_of__lt=on),
        kind=ContractKind.LOAN,
        state=ContractState.RUNNING,
    )
    return list(locked_free(waiting.select_related("scope", "fund").order_by("pk"))[:page])


def _age(actor: Actor, rows: Sequence[Contract], on: date) -> None:
    known = {one.contract_id: one for one in LoanStanding.objects.filter(contract__in=rows)}
    files = loan_files(rows)
    changed, new = [], []
    for row in rows:
        standing, file = known.get(row.pk), files.get(row.pk)
        if standing is None:
            standing = LoanStanding(contract=row, as_of=on)
            new.append(standing)
        elif standing.as_of >= on:
            continue  # booked by somebody since the page was chosen
        else:
            changed.append(standing)
        standing.as_of = on
        if file is not None:
            _note(actor, row, standing, file, on)
    LoanStanding.objects.bulk_create(new)
    LoanStanding.objects.bulk_update(changed, _AGED)


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
