"""Money that is promised when an outcome is told.

Held at once, in the same transaction, so that no sum is promised twice.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from jump.base import outbox
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.decisions.models import Candidate
from jump.engines.finance import api as finance


def reserve_money(
    actor: Actor, declared: Mapping[str, Any], *, candidate: Candidate, outcome_ref: Ref, on: date
) -> None:
    """Hold what the outcome promises, under its own key. A refusal (finance.fund_short) stops the publication.

    `reserves:` of an outcome names currency and `amount` (or `amount_minor`), and the fund: a reference, or none
    for the nearest fund in this currency at the candidate's place. "$name" looks up the candidate's facts.
    """
    known = {**candidate.facts, "scope": candidate.scope.path, "subject": str(candidate.subject_ref)}
    wanted = {name: outbox.resolve(value, known, effect="finance.reserve") for name, value in declared.items()}
    currency = str(wanted["currency"])
    amount = (
        Money(int(wanted["amount_minor"]), currency)
        if wanted.get("amount_minor") is not None
        else Money.from_major(str(wanted["amount"]), currency)
    )
    fund = wanted.get("fund") or finance.fund_for(actor, scope=candidate.scope.path, currency=currency)
    if fund is None:
        raise NotFound(ref=f"fund in {currency} for {candidate.scope.path}")
    finance.reserve(
        actor, fund_ref=Ref(str(fund)), amount=amount, key=f"decisions:{outcome_ref}", cause_ref=outcome_ref
    )
