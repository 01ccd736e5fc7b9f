"""Funds: what came in, what is lent, what is free."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Contribution, Fund, InterestUse, Reservation, RuleSet
from jump.engines.finance.types import Contributor, FundRules, FundView, RealValue
from jump.engines.ledger import api as ledger


def fund_row(actor: Actor, ref: Ref) -> Fund:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    row: Fund | None = Fund.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def fund(actor: Actor, ref: Ref, as_of: date | None = None) -> FundView:
    """A fund as it stands now, or stood at the end of a day."""
    return _view(fund_row(actor, ref), as_of)


def funds(actor: Actor, *, scope: str = "", as_of: date | None = None) -> list[FundView]:
    """The funds this actor may see, oldest first."""
    rows = Fund.objects.visible_to(actor).under(scope).select_related("scope").order_by("opened_on", "id")
    return [_view(row, as_of) for row in rows]


def fund_for(actor: Actor, *, scope: str, currency: str) -> Ref | None:
    """The nearest fund in this currency whose place holds the given one; the latest opened among equals."""
    rows = Fund.objects.visible_to(actor).filter(currency=currency).order_by("-opened_on", "-id")
    found = [(len(path), Ref(ref)) for ref, path in rows.values_list("ref", "scope__path") if scope.startswith(path)]
    return max(found, key=lambda item: item[0])[1] if found else None


def rules_of(row: Fund, on: date | None = None) -> FundRules:
    """The rules in force on a day; empty ones before any were adopted."""
    day = on or clock.today()
    found = RuleSet.objects.filter(fund=row, valid_from__lte=day).order_by("-version").first()
    if found is None:
        return FundRules({}, version=0)
    return FundRules(
        parameters={name: Decimal(str(value)) for name, value in found.parameters.items()},
        definition=found.definition,
        version=found.version,
        valid_from=found.valid_from,
        consulted=found.consulted,
    )


def capital_minor(row: Fund) -> int:
    """Everything that was ever put in."""
    return int(Contribution.objects.filter(fund=row).aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"])


def held_minor(row: Fund) -> int:
    """What decisions have promised and no contract has taken up, plus what contracts have not paid out yet."""
    promised = Reservation.objects.filter(fund=row, state=Reservation.HELD)
    return int(promised.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"])


def reserve_minor(row: Fund, rules: FundRules) -> int:
    """What is not lent: the rule `reserve_share` of the capital, rounded up."""
    share = rules.get("reserve_share")
    return -int(-capital_minor(row) * share // 1) if share else 0


def free_of_fund(actor: Actor, *, fund_ref: Ref) -> Money:
    """What can be paid out now: cash without the reserve and without what is promised."""
    row = fund_row(actor, fund_ref)
    cash = ledger.balance(ledger.account(Ref(row.book), "cash").ref)
    return Money(cash - reserve_minor(row, rules_of(row)) - held_minor(row), row.currency)


def real_value(actor: Actor, *, fund_ref: Ref, starts_on: date, ends_on: date, inflation: Decimal) -> RealValue:
    """Growth of the fund in real terms: (end - new capital) / (start x (1 + inflation)) - 1 (CGAP guide, annex A)."""
    row = fund_row(actor, fund_ref)
    before, after = _view(row, starts_on).value, _view(row, ends_on).value
    new = Contribution.objects.filter(fund=row, on__gt=starts_on, on__lte=ends_on)
    added = Money(int(new.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"]), row.currency)
    growth = None
    if before.amount_minor > 0:
        growth = Decimal(after.amount_minor - added.amount_minor) / (before.amount_minor * (1 + inflation)) - 1
    return RealValue(before, after, added, inflation, growth)


def _view(row: Fund, as_of: date | None) -> FundView:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    held = ledger.balances(Ref(row.book), as_of)
    rules = rules_of(row, as_of)
    lent = sum(amount for code, amount in held.items() if code.startswith("loan:"))
    reserve, promised = reserve_minor(row, rules), held_minor(row)
    cash = held.get("cash", 0)
    earned = -sum(held.get(code, 0) for code in ("interest", "fees", "penalties"))
    uses = InterestUse.objects.filter(fund=row)
    if as_of is not None:
        uses = uses.filter(on__lte=as_of)
    return FundView(
        ref=Ref(row.ref),
        title=row.title,
        owner_ref=Ref(row.owner),
        scope=row.scope.path,
        currency=row.currency,
        opened_on=row.opened_on,
        book_ref=Ref(row.book),
        cash=money(cash),
        lent=money(lent),
        capital={one.value: money(-held.get(f"capital:{one.value}", 0)) for one in Contributor},
        earned=money(earned),
        used_for_services=money(int(uses.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"])),
        written_off=money(held.get("losses", 0)),
        reserve=money(reserve),
        held=money(promised),
        free=money(cash - reserve - promised),
        rules=rules,
    )
