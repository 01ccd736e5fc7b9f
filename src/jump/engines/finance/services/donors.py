"""Who pays a budget: sources, pledges of donors and partners, and the money that comes in (000, 2.8 and 8.3(3))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock, write_transaction
from jump.base.scopes import node_id
from jump.core.budgets import Rule
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Budget, BudgetContribution, FundingPledge, FundingSource
from jump.engines.finance.models.budget_refusals import PledgeNotThis
from jump.engines.finance.models.refusals import KeyReused, LineUnknown, MoreThanPledged
from jump.engines.finance.queries.budgets import budget_row
from jump.engines.finance.queries.checks import check_amount
from jump.engines.finance.queries.donors import pledge_row
from jump.engines.finance.queries.in_kind import value_in_kind
from jump.engines.finance.queries.rates import convert
from jump.engines.finance.services.budgets import bank
from jump.engines.finance.types.donors import PledgeKind
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line

EARMARKS = ("country", "place", "stage", "type", "line", "activity")


def record_source(
    actor: Actor,
    *,
    budget_ref: Ref,
    code: str,
    title: str,
    pledged: Money,
    starts_on: date,
    ends_on: date,
    place: str,
    is_core: bool = False,
    donor_ref: Ref | None = None,
    kind: str = "",
    allocation: Rule | str = Rule.PROPORTIONAL,
) -> None:
    """Say who pays a budget. The core donor is one; its money has an account of its own (000, 2.8).

    `kind` is what the budget's stage rules call such a source (empty: its code). Several donors may share one source:
    then `allocation` says how what is spent of it is shared among them.
    """
    with write_transaction():
        row = budget_row(actor, budget_ref)
        require(actor, "finance.budget", row.scope.path)
        check_amount(pledged, row.currency)
        if kind and kind not in _kinds(row):
            raise LineUnknown(what="source", given=kind)
        FundingSource.objects.update_or_create(
            budget=row,
            code=code,
            defaults={
                "title": title,
                "pledged_minor": pledged.amount_minor,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "place": place,
                "is_core": is_core,
                "donor": donor_ref or "",
                "kind": kind,
                "allocation": Rule(allocation).value,
            },
        )


def record_pledge(
    actor: Actor,
    *,
    budget_ref: Ref,
    party_ref: Ref,
    source: str,
    on: date,
    key: str,
    kind: PledgeKind | str = PledgeKind.MONEY,
    amount: Money | None = None,
    what: str = "",
    quantity: Decimal | None = None,
    unit: str = "",
    scope: str = "",
    earmark: Mapping[str, str] | None = None,
    until: date | None = None,
    proof_ref: Ref | None = None,
    note: str = "",
) -> Ref:
    """Record what a donor or partner promises: money in its own currency, or a quantity of something in kind.

    Money in another currency than the budget's is valued at the rate of the day; what is in kind at its declared rate.
    `earmark` names what alone it may be used for (stage, type, line, place, activity). Nothing comes in yet.
    """
    of = PledgeKind(kind)
    with write_transaction():
        row = budget_row(actor, budget_ref)
        place = scope or row.scope.path
        require_recorder(actor, row, place)
        marks = _checked_earmark(row, earmark or {})
        known = FundingPledge.objects.filter(key=key).first()
        if known is not None:
            if (known.party, known.kind, known.on) != (str(party_ref), of.value, on):
                raise KeyReused(key=key)
            return Ref(known.ref)
        minor = 0
        if of is PledgeKind.MONEY:
            given = amount or Money.zero(row.currency)
            check_amount(given, given.currency)
        else:
            minor = ledger.minor_of(quantity or Decimal(0), unit)
            given = value_in_kind(row, place=place, what=what, unit=unit, quantity=quantity or Decimal(0), on=on).value
            check_amount(given, given.currency)
        made = FundingPledge.objects.create(
            budget=row,
            scope_id=node_id(place),
            party=party_ref,
            source=source,
            kind=of.value,
            what=what,
            unit=unit if of is not PledgeKind.MONEY else "",
            quantity_minor=minor,
            amount_minor=convert(given, row.currency, on).amount_minor,
            given_minor=given.amount_minor,
            given_currency=given.currency,
            earmark=marks,
            on=on,
            until=until,
            proof=proof_ref or "",
            note=note[:300],
            by=actor.key,
            key=key,
        )
        record(actor, "finance.record_pledge", made.ref, facts={"party": party_ref, "kind": of.value})
    return Ref(made.ref)


@dataclass(frozen=True, slots=True)
class _Came:
    """Money as it came in: under which promise, from whom, as given and in the budget's currency."""

    pledge: FundingPledge | None
    party: str
    given: Money
    amount: Money


def receive(
    actor: Actor,
    *,
    budget_ref: Ref,
    source: str,
    amount: Money,
    on: date,
    key: str,
    given: Money | None = None,
    pledge_ref: Ref | None = None,
    donor_ref: Ref | None = None,
    proof_ref: Ref | None = None,
) -> Ref:
    """Take in money of a source. What has not come in cannot be spent. Returns the entry.

    `amount` is what reached the bank in the budget's currency, `given` what the donor sent in its own. Under a promise
    no more comes in than was promised, in the donor's currency.
    """
    with ledger.posting_transaction():
        row = budget_row(actor, budget_ref)
        require(actor, "finance.budget", row.scope.path)
        check_amount(amount, row.currency)
        known = BudgetContribution.objects.filter(key=key).first()
        if known is not None:
            if (known.source, known.amount_minor, known.on) != (source, amount.amount_minor, on):
                raise KeyReused(key=key)
            return Ref(known.entry)
        came = _came(actor, row, source, amount, given, pledge_ref, donor_ref)
        made = BudgetContribution(
            budget=row,
            scope_id=row.scope_id,
            pledge=came.pledge,
            party=came.party,
            source=source,
            kind=PledgeKind.MONEY.value,
            amount_minor=amount.amount_minor,
            given_minor=came.given.amount_minor,
            given_currency=came.given.currency,
            on=on,
            proof=proof_ref or "",
            by=actor.key,
            key=key,
        )
        income = ledger.open_account(
            actor,
            book_ref=Ref(row.book),
            code=f"income:{source}",
            title=f"Income {source}".replace("_", " "),
            kind="income",
            unit=row.currency,
        )
        entry = ledger.post(
            actor,
            book_ref=Ref(row.book),
            memo=f"Received from {source}",
            occurred_on=on,
            lines=[
                Line(bank(actor, row, source), amount.amount_minor, {"source": source}),
                Line(income, -amount.amount_minor, {"source": source}),
            ],
            source_ref=Ref(made.ref),
            key=f"receive:{key}",
        )
        made.entry = entry.ref
        made.save()
        record(actor, "finance.receive", made.ref, facts={"source": source, "amount_minor": amount.amount_minor})
    return entry.ref


def require_recorder(actor: Actor, row: Budget, place: str) -> None:
    """Who keeps the budget, or whoever prepares money at the place."""
    if not can(actor, "finance.budget", row.scope.path):
        require(actor, "finance.prepare", place)


def open_minor(row: FundingPledge) -> int:
    """What of a promise has not come in, as it was given."""
    return int(row.given_minor) - sum(row.receipts.values_list("given_minor", flat=True))


# --- inside -------------------------------------------------------------------------------------------------


def _came(
    actor: Actor,
    row: Budget,
    source: str,
    amount: Money,
    given: Money | None,
    pledge_ref: Ref | None,
    donor_ref: Ref | None,
) -> _Came:
    if pledge_ref is None:
        of = FundingSource.objects.filter(budget=row, code=source).values_list("donor", flat=True).first()
        sent = given or amount
        check_amount(sent, sent.currency)
        return _Came(None, donor_ref or of or "", sent, amount)
    promised = lock(pledge_row(actor, pledge_ref))
    if promised.budget_id != row.pk or promised.kind != PledgeKind.MONEY or promised.source != source:
        raise PledgeNotThis(kind=promised.kind, source=promised.source, pledge=promised.ref)
    sent = given or amount
    check_amount(sent, promised.given_currency)
    left = open_minor(promised)
    if sent.amount_minor > left:
        raise MoreThanPledged(asked_minor=sent.amount_minor, open_minor=left, currency=sent.currency)
    return _Came(promised, promised.party, sent, amount)


def _kinds(row: Budget) -> set[str]:
    declared: Mapping[str, list[str]] = row.rules.get("stage_sources") or {}
    return {name for allowed in declared.values() for name in allowed}


def _checked_earmark(row: Budget, earmark: Mapping[str, str]) -> dict[str, str]:
    """An earmark speaks of what the budget knows."""
    marks = {name: str(value) for name, value in earmark.items() if value}
    known: dict[str, set[Any]] = {
        "line": {one["id"] for one in row.rules["lines"]},
        "type": {one["id"] for one in row.rules.get("types") or []},
    }
    for name, value in marks.items():
        if name not in EARMARKS:
            raise LineUnknown(what="earmark", given=name)
        if known.get(name) and value not in known[name]:
            raise LineUnknown(what=name, given=value)
    return marks
