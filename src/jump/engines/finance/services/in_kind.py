"""What is given in kind: hours, rooms, land. Kept in its own unit and valued at a declared rate; no money moves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import locked, write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node, node_id
from jump.core.money import Money, rounded_minor
from jump.core.units import Ref
from jump.engines.finance.models import Budget, BudgetContribution, FundingPledge, InKindRate
from jump.engines.finance.models.budget_refusals import PledgeNotThis
from jump.engines.finance.models.refusals import KeyReused
from jump.engines.finance.queries.budgets import budget_above, budget_row
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.in_kind import InKindValue, value_in_kind
from jump.engines.finance.queries.rates import convert
from jump.engines.finance.services.budgets import account
from jump.engines.finance.services.donors import require_recorder
from jump.engines.finance.types.donors import PledgeKind
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line


def declare_in_kind_rate(
    actor: Actor,
    *,
    budget_ref: Ref,
    what: str,
    unit: str,
    rate: Money,
    place: str,
    valid_from: date,
    source: str,
) -> None:
    """Say what one unit of something given is worth, at a place and under it, from a day on (000, 11.2 and 11.3).

    A declared rate is not changed; the next one follows it. Two ways to say the same day are refused.
    """
    with write_transaction():
        row = budget_row(actor, budget_ref)
        require(actor, "finance.budget", row.scope.path)
        check_amount(rate, rate.currency)
        ledger.unit(unit)
        made, is_new = InKindRate.objects.get_or_create(
            budget=row,
            place=node(place).path,
            what=what,
            unit=unit,
            valid_from=valid_from,
            defaults={
                "currency": rate.currency,
                "rate_minor": rate.amount_minor,
                "source": source[:200],
                "by": actor.key,
            },
        )
        if not is_new and (made.rate_minor, made.currency) != (rate.amount_minor, rate.currency):
            raise KeyReused(key=f"{what} {unit} {valid_from.isoformat()}")


def record_in_kind(
    actor: Actor,
    *,
    source: str,
    what: str,
    quantity: Decimal,
    unit: str,
    scope: str,
    stage: str,
    line: str,
    on: date,
    key: str,
    rate: Money | None = None,
    kind: PledgeKind | str = PledgeKind.LABOUR,
    party_ref: Ref | None = None,
    pledge_ref: Ref | None = None,
    proof_ref: Ref | None = None,
    budget_ref: Ref | None = None,
) -> Money:
    """Take in a contribution in kind: lines in its own unit, and its value in a pair of accounts of its own.

    It is valued at the rate declared for its day and place; `rate` is a value agreed for this one thing (land by agreed
    value, 000, 11.3). `source` is national, partner or community, or a partner of the private sector. No money moves
    and nothing of it stands in spend. Under a promise no more comes than was promised. Returns the value.
    """
    of = PledgeKind(kind)
    with ledger.posting_transaction():
        row = budget_above(scope, budget_ref)
        require_recorder(actor, row, scope)
        minor = ledger.minor_of(quantity, unit)
        known = BudgetContribution.objects.filter(key=key).first()
        if known is not None:
            if (known.what, known.quantity_minor, known.on) != (what, minor, on):
                raise KeyReused(key=key)
            return Money(known.amount_minor, row.currency)
        check_day(on, earliest=row.declared_on)
        if rate is None:
            found = value_in_kind(row, place=scope, what=what, unit=unit, quantity=quantity, on=on)
        else:
            found = InKindValue(Money(rounded_minor(quantity * rate.amount_minor), rate.currency), rate)
        check_amount(found.value, found.value.currency)
        value = convert(found.value, row.currency, on)
        promised = _promise(row, pledge_ref, of, what, unit)
        made = BudgetContribution(
            budget=row,
            scope_id=node_id(scope),
            pledge=promised,
            party=party_ref or (promised.party if promised else ""),
            source=source,
            kind=of.value,
            what=what,
            unit=unit,
            quantity_minor=minor,
            amount_minor=value.amount_minor,
            given_minor=found.value.amount_minor,
            given_currency=found.value.currency,
            rate_minor=found.rate.amount_minor,
            stage=stage,
            line=line,
            on=on,
            proof=proof_ref or "",
            by=actor.key,
            key=key,
        )
        made.entry = _book(actor, row, made, proof_ref, scope)
        made.save()
        record(actor, "finance.record_in_kind", made.ref, facts={"what": what, "quantity": str(quantity)})
    return value


def _promise(row: Budget, pledge_ref: Ref | None, kind: PledgeKind, what: str, unit: str) -> FundingPledge | None:
    """The promise that this belongs to: of the same budget, kind, thing and unit. More than was promised may come.

    It may be made to the whole programme: what comes at a place is recorded there, by who does not see all promises.
    """
    if pledge_ref is None:
        return None
    promised: FundingPledge | None = locked(FundingPledge.objects.filter(ref=pledge_ref, budget=row)).first()
    if promised is None:
        raise NotFound(ref=pledge_ref)
    if (promised.kind, promised.what, promised.unit) != (kind.value, what, unit):
        raise PledgeNotThis(kind=promised.kind, source=promised.source, pledge=promised.ref)
    return promised


def _book(actor: Actor, row: Budget, made: BudgetContribution, proof_ref: Ref | None, scope: str) -> str:
    """One entry, each unit of which sums to zero: the quantity in its unit, the value in the budget's currency."""
    labels = {
        "line": made.line,
        "stage": made.stage,
        "type": "in_kind",
        "source": made.source,
        "place": scope,
        "activity": made.what,
    }
    given, used = f"income:in_kind:{made.source}", "expense:in_kind"
    lines = [
        Line(account(actor, row, used, "expense"), made.amount_minor, labels),
        Line(account(actor, row, given, "income"), -made.amount_minor, {"source": made.source}),
        Line(account(actor, row, f"{used}:{made.unit}", "expense", made.unit), made.quantity_minor, labels),
        Line(
            account(actor, row, f"{given}:{made.unit}", "income", made.unit),
            -made.quantity_minor,
            {"source": made.source},
        ),
    ]
    entry = ledger.post(
        actor,
        book_ref=Ref(row.book),
        memo=f"In kind: {made.what}",
        occurred_on=made.on,
        lines=lines,
        source_ref=proof_ref or Ref(made.ref),
        key=f"in-kind:{made.key}",
    )
    return entry.ref
