"""A progressive loan whose interest follows what is really owed.

Each line keeps its equal instalment E. Money ahead of schedule pays a line as it would stand if it ended that day: the
interest run up so far, the rest of E principal; lines after it bear none yet. What stays open is then worked out again:
interest for each stretch of unchanged balance, principal what E leaves, the last line the rest. Interest that a paid
line has no room for is asked with the next one.

Source: loan cases README (`interest_recalculation`, progressive; `pre_close_rule`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from jump.core.money import round_to_multiple
from jump.core.schedules.dates import factor
from jump.core.schedules.lines import LineKind, OpenLine
from jump.core.schedules.parts import Part
from jump.core.schedules.terms import Disbursement, LoanTerms, PreClose

Early = list[tuple[date, OpenLine, int]]  # principal paid ahead of schedule: when, on which line, how much


def regular(lines: Sequence[OpenLine]) -> list[OpenLine]:
    return [line for line in lines if line.kind is LineKind.REGULAR]


def as_if_ending(
    terms: LoanTerms,
    lines: Sequence[OpenLine],
    tranches: Sequence[Disbursement],
    equals: Mapping[date, int],
    early: Early,
    on: date,
) -> None:
    """Set the lines to what can be paid on a day: interest until then (or its rest date), none after it."""
    till_rest = terms.recalculation is not None and terms.recalculation.pre_close is PreClose.REST_DAY
    found = regular(lines)
    owed = sum(tranche.amount_minor for tranche in tranches if tranche.on <= on)
    for line in found:
        if line.due_on <= on:
            owed -= line.due[Part.PRINCIPAL]
            continue
        until = line.due_on if till_rest and line.from_on < on else min(on, line.due_on)
        interest = 0
        if line.from_on < until:
            interest = _interest(terms, line, until, owed, tranches, early)
        _fit(line, equals.get(line.due_on, 0), interest, owed, is_last=line is found[-1])
        owed -= line.due[Part.PRINCIPAL]


def work_out(
    terms: LoanTerms,
    lines: Sequence[OpenLine],
    tranches: Sequence[Disbursement],
    equals: Mapping[date, int],
    early: Early,
    on: date,
) -> None:
    """Lines still to come, after money was put on them."""
    found = regular(lines)
    owed = sum(tranche.amount_minor for tranche in tranches)
    carried = 0
    for line in found:
        if line.due_on <= on:
            owed -= line.due[Part.PRINCIPAL]
            continue
        interest = _interest(terms, line, line.due_on, owed, tranches, early)
        is_last = line is found[-1]
        if line.open_minor or is_last:
            room = equals.get(line.due_on, 0) - line.paid[Part.PRINCIPAL]
            asked = interest + carried if is_last else max(line.paid[Part.INTEREST], min(interest + carried, room))
            carried += interest - asked
            _fit(line, equals.get(line.due_on, 0), asked, owed, is_last=is_last)
        else:
            carried += max(0, interest - line.due[Part.INTEREST])
        owed -= line.due[Part.PRINCIPAL]


def _fit(line: OpenLine, equal: int, interest: int, owed: int, *, is_last: bool) -> None:
    line.set_due(Part.INTEREST, interest)
    principal = owed if is_last else max(line.paid[Part.PRINCIPAL], min(owed, equal - interest))
    line.set_due(Part.PRINCIPAL, max(0, principal))


def _interest(
    terms: LoanTerms, line: OpenLine, until: date, owed: int, tranches: Sequence[Disbursement], early: Early
) -> int:
    """From the start of a line until a day, on the balance that was there; `owed` has later tranches left out."""
    whole = factor(terms, line.from_on, line.due_on)
    days = (line.due_on - line.from_on).days
    changes = {day for day, _, _ in early if line.from_on < day < until}
    changes |= {tranche.on for tranche in tranches if line.from_on < tranche.on < until}
    edges = [line.from_on, *sorted(changes), until]
    total = 0
    for begin, end in pairwise(edges):
        ahead = sum(amount for day, other, amount in early if day <= begin and other.due_on >= line.due_on)
        not_yet = sum(tranche.amount_minor for tranche in tranches if tranche.on > begin)
        balance = max(0, owed - ahead - not_yet)
        exact = Decimal(balance) * whole * (end - begin).days / days
        total += round_to_multiple(exact, terms.amount_multiple_minor)
    return total
