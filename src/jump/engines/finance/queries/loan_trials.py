"""A loan product tried out: its schedule, what it costs in all, and what a late payment does. Nothing is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from jump.base.actors import Actor, require
from jump.core import schedules
from jump.core.money import Money
from jump.core.schedules import NEVER_AMORTISES, Disbursed, Part, TermsError
from jump.engines.finance.models.refusals import AmountNotPositive, TermsImpossible
from jump.engines.finance.queries.loan_changes import plan_lines
from jump.engines.finance.types.loans import ProductTrial


def try_product(actor: Actor, *, words: Mapping[str, Any], amount: Money, on: date) -> ProductTrial:
    """A loan of these terms as if it were paid out on a day. Refuses terms that contradict each other, or under which
    a loan would never be paid back.
    """
    require(actor, "finance.prepare")
    if amount.amount_minor <= 0:
        raise AmountNotPositive(amount_minor=amount.amount_minor)
    try:
        terms = schedules.product_terms(
            words, principal_minor=amount.amount_minor, currency=amount.currency, lent_on=on
        )
        table = schedules.schedule(terms, disbursed_on=on)
        if not schedules.amortises(table):
            raise TermsError(NEVER_AMORTISES)
        fee, practice = schedules.late_fee_of(words), schedules.practice_of(words)
    except ValueError as wrong:
        raise TermsImpossible(why=str(wrong)) from wrong
    first = next(line for line in table.instalments if not line.is_own_contribution)
    late_on = first.due_on + timedelta(days=fee.after_days + 1)
    lent = Disbursed(on=on, amount_minor=amount.amount_minor, entered_on=on, ref="tried")
    late = schedules.followed_account(terms, [lent], as_of=late_on, late_fee=fee, practice=practice)
    cost = schedules.cost_of(table)
    return ProductTrial(
        currency=amount.currency,
        lines=plan_lines(table),
        received_minor=cost.received_minor,
        paid_minor=cost.paid_minor,
        interest_minor=cost.interest_minor,
        fee_minor=cost.fee_minor,
        rate_yearly=cost.rate_yearly,
        late_on=late_on,
        late_fee_minor=late.open_of(Part.PENALTY),
        late_owed_minor=sum(line.open_minor for line in late.late_lines(late_on)) + late.open_of(Part.PENALTY),
    )
