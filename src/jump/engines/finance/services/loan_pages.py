"""A page of loans brought to the end of a day on arrays: those to which nothing happens but that days pass.

The plan in force and the sums of what was paid tell what is open of each instalment. Where that is not to the cent what
is kept of the loan, or anything is unusual (a late fee open or coming up, money paid beyond what was owed, a change of
the plan, a waiver, a payment taken back, interest that is worked out anew, another order of payments), the loan is left
to the exact functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q, QuerySet, Sum

from jump.base.db import is_sqlite
from jump.core import schedules
from jump.core.schedules import Sequential, arrays
from jump.core.schedules.arrays import Lines, Stands, Whole
from jump.engines.finance.models import Contract, Instalment, LoanFact, Repayment, WriteOff
from jump.engines.finance.types.loans import LoanFactState
from jump.engines.ledger import api as ledger

_ASKED = (
    "standing__changes_on",
    "pk",
    "standing__pk",
    "terms",
    "standing__as_of",
    "standing__principal_minor",
    "standing__owed_minor",
    "standing__penalty_minor",
    "standing__overpaid_minor",
    "standing__is_rescheduled",
)
_SET = "as_of = {}, due_minor = {}, principal_late_minor = {}, late_since = {}, changes_on = {}"
_UPDATE = f"UPDATE finance_loanstanding SET {_SET.format(*['%s'] * 5)} WHERE id = %s"
_UPDATE_SET = (
    f"UPDATE finance_loanstanding AS s SET {_SET.format('%s', 'n.due', 'n.late', 'n.since', 'n.until')} "
    "FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::bigint[]) AS n(due, late, since, until, id) "
    "WHERE s.id = n.id"
)


@dataclass(frozen=True, slots=True)
class _Loan:
    """A loan whose day has come, as it is kept."""

    pk: int
    standing: int
    as_of: date
    principal_minor: int
    owed_minor: int
    fee_after: int


def age_plain(waiting: QuerySet[Contract], on: date, page: int) -> int:
    """Age what is plain of the loans that wait, page by page; returns how many. The others still wait afterwards."""
    aged, behind = 0, Q()
    while True:
        with ledger.posting_transaction():
            rows = waiting.filter(behind).values_list(*_ASKED)
            chosen = list((rows if is_sqlite() else rows.select_for_update(skip_locked=True))[:page])
            aged += _age([one for one in map(_plain, chosen) if one is not None], on)
        if len(chosen) < page:
            return aged
        changes_on, pk = chosen[-1][:2]
        behind = Q(standing__changes_on__gte=changes_on) & (Q(standing__changes_on__gt=changes_on) | Q(pk__gt=pk))


def _plain(row: Sequence[Any]) -> _Loan | None:
    _changes_on, pk, standing, words, as_of, principal, owed, penalty, overpaid, is_rescheduled = row
    if penalty or overpaid or is_rescheduled or not _is_plain(words):
        return None
    return _Loan(pk, standing, as_of, principal, owed, _fee_after(words))


def _is_plain(words: Mapping[str, Any]) -> bool:
    """Money goes to the oldest instalment, and nothing but money changes the plan."""
    if words.get("recalculation") or Decimal(str(words.get("own_contribution_percent") or 0)):
        return False
    order = schedules.allocation_of(words)
    return isinstance(order, Sequential) and not order.early


def _fee_after(words: Mapping[str, Any]) -> int:
    fee = schedules.late_fee_of(words)
    return fee.after_days if fee.percent or fee.fixed_minor else arrays.NO_FEE


def _age(loans: Sequence[_Loan], on: date) -> int:
    loans = _undisturbed(loans)
    columns, counts = _plans([loan.pk for loan in loans])
    loans = [loan for loan in loans if loan.pk in counts]
    if not loans:
        return 0
    paid = _paid([loan.pk for loan in loans])
    found = arrays.stands(
        Lines(np.array([counts[loan.pk] for loan in loans], dtype=np.int64), *columns),
        fee_paid=paid[0],
        interest_paid=paid[1],
        principal_paid=paid[2],
        fee_after=np.array([loan.fee_after for loan in loans], dtype=np.int64),
        known=np.array([loan.as_of.toordinal() for loan in loans], dtype=np.int64),
        today=on.toordinal(),
    )
    same = (
        ~found.is_charged
        & (found.principal_minor == np.array([loan.principal_minor for loan in loans], dtype=np.int64))
        & (found.owed_minor == np.array([loan.owed_minor for loan in loans], dtype=np.int64))
    )
    chosen = np.flatnonzero(same)
    _write([loans[position].standing for position in chosen], found, chosen, on)
    return int(chosen.size)


def _undisturbed(loans: Sequence[_Loan]) -> list[_Loan]:
    """In the order of their rows, without those of which more is told than money paid out and in."""
    ids = [loan.pk for loan in loans]
    told = set(
        LoanFact.objects.filter(contract_id__in=ids, state=LoanFactState.AGREED).values_list("contract_id", flat=True)
    )
    told |= set(WriteOff.objects.filter(contract_id__in=ids).exclude(entry="").values_list("contract_id", flat=True))
    return sorted((loan for loan in loans if loan.pk not in told), key=lambda loan: loan.pk)


def _plans(ids: Sequence[int]) -> tuple[list[Whole], dict[int, int]]:
    """The instalments in force in the order of loans and due dates, by column, and how many each loan has."""
    rows = list(
        Instalment.objects.filter(contract_id__in=ids)
        .order_by("contract_id", "number")
        .values_list("contract_id", "due_on", "fee_minor", "interest_minor", "principal_minor")
    )
    counts: dict[int, int] = {}
    for row in rows:
        counts[row[0]] = counts.get(row[0], 0) + 1
    days = np.fromiter((row[1].toordinal() for row in rows), dtype=np.int64, count=len(rows))
    amounts = [np.fromiter((row[at] for row in rows), dtype=np.int64, count=len(rows)) for at in (2, 3, 4)]
    return [days, *amounts], counts


def _paid(ids: Sequence[int]) -> Whole:
    """Fees, interest and principal that came in, a row each; a column for each loan."""
    names = ("fee_minor", "interest_minor", "principal_minor")
    rows = Repayment.objects.filter(contract_id__in=ids, undone_entry="").values_list("contract_id")
    sums = {pk: parts for pk, *parts in rows.annotate(*(Sum(name) for name in names))}
    nothing = [0, 0, 0]
    return np.array([sums.get(pk, nothing) for pk in ids], dtype=np.int64).T


def _write(ids: Sequence[int], found: Stands, chosen: Whole, on: date) -> None:
    """All rows of a page in one statement; on SQLite in one that is made ready once."""
    if not ids:
        return
    since = [date.fromordinal(day) if day else None for day in found.late_since[chosen].tolist()]
    until = [date.fromordinal(day) for day in found.changes_on[chosen].tolist()]
    due, late = found.due_minor[chosen].tolist(), found.principal_late_minor[chosen].tolist()
    with connection.cursor() as cursor:
        if is_sqlite():
            told = zip(due, late, since, until, ids, strict=True)
            cursor.executemany(
                _UPDATE, [(str(on), one, two, day and str(day), str(end), pk) for one, two, day, end, pk in told]
            )
        else:
            cursor.execute(_UPDATE_SET, [on, due, late, since, until, list(ids)])
