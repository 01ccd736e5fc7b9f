"""Funds: what came in, what is lent, what is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.funds import PROVISION_SCALE, ProvisionBand
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    Contract,
    Contribution,
    Fund,
    FundHandOver,
    Guarantee,
    InterestUse,
    Reservation,
    RuleSet,
    Tranche,
)
from jump.engines.finance.types import (
    BalanceLine,
    ContractState,
    Contributor,
    FundRules,
    FundView,
    HandOverView,
    RealValue,
    TrancheState,
)
from jump.engines.ledger import api as ledger

# The parameter of a fund's rules that says what is set aside for loans up to so many days late.
PROVISION_RULES: Mapping[int | None, str] = {
    0: "provision_on_time",
    30: "provision_1_30",
    60: "provision_31_60",
    90: "provision_61_90",
    180: "provision_91_180",
    365: "provision_181_365",
    None: "provision_over_365",
}


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
    """The funds this actor may see, oldest first. A fixed number of statements."""
    rows = Fund.objects.visible_to(actor).under(scope).select_related("scope").order_by("opened_on", "id")
    return _views(list(rows), as_of)


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
    return _rules_view(found)


def rules_of_all(rows: Sequence[Fund] | QuerySet[Fund], on: date | None) -> dict[int, FundRules]:
    """The same for several funds in one statement, by row. For this engine alone."""
    found = {row.pk: FundRules({}, version=0) for row in rows}
    sets = RuleSet.objects.filter(fund__in=rows, valid_from__lte=on or clock.today()).order_by("version")
    for one in sets:
        found[one.fund_id] = _rules_view(one)
    return found


def provision_scale(rules: FundRules) -> tuple[ProvisionBand, ...]:
    """What is set aside for loans so many days late: as the fund's rules say, the method's own where they are silent.

    No product has a scale of its own: what a fund must set aside is agreed with the fund (methods 11, section 11.5).
    """
    return tuple(
        ProvisionBand(band.days_max, rules.parameters.get(PROVISION_RULES[band.days_max], band.rate))
        for band in PROVISION_SCALE
    )


def _rules_view(row: RuleSet) -> FundRules:
    return FundRules(
        parameters={name: Decimal(str(value)) for name, value in row.parameters.items()},
        definition=row.definition,
        version=row.version,
        valid_from=row.valid_from,
        consulted=row.consulted,
        signed_ref=Ref(row.signed) if row.signed else None,
    )


def capital_minor(row: Fund) -> int:
    """Everything that was ever put in."""
    return int(Contribution.objects.filter(fund=row).aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"])


def held_minor(row: Fund) -> int:
    """What decisions have promised and no contract has taken up, plus what contracts have not paid out yet
    and what guarantees of the fund were called for."""
    return _held_of([row]).get(row.pk, 0)


def _held_of(rows: Sequence[Fund]) -> dict[int, int]:
    """`held_minor` for several funds, three statements."""
    found = Counter(_sums(Reservation.objects.filter(fund__in=rows, state=Reservation.HELD)))
    opened = Contract.objects.filter(fund__in=rows, state__in=[ContractState.WAITING, ContractState.RUNNING])
    found.update(_sums(opened))
    paid = Tranche.objects.filter(contract__in=opened, state=TrancheState.RELEASED).values_list("contract__fund_id")
    found.subtract({pk: int(total) for pk, total in paid.annotate(Sum("amount_minor"))})
    called = Guarantee.objects.filter(fund__in=rows, state="called").values_list("fund_id")
    found.update({pk: int(total) for pk, total in called.annotate(total=Sum(F("called_minor") - F("paid_minor")))})
    return dict(found)


def kept_for_savers_minor(row: Fund, rules: FundRules) -> int:
    """Savings that are not lent: all of them, unless the rule `savings_lent_share_max` allows a share of them."""
    if not row.savings.exists():
        return 0
    return _kept_for_savers(ledger.balances(Ref(row.book)), rules)


def _kept_for_savers(held: Mapping[str, int], rules: FundRules) -> int:
    """What a development fund invested is no longer among what is kept."""
    kept = -int(-saved_minor(held) * (1 - rules.get("savings_lent_share_max")) // 1)
    invested = sum(amount for code, amount in held.items() if code.startswith("invested:"))
    return max(0, kept - invested)


def saved_minor(held: Mapping[str, int]) -> int:
    """What savers have with a fund, out of the balances of its book."""
    return -sum(amount for code, amount in held.items() if code.startswith(("savings:", "shares:")))


def reserve_minor(row: Fund, rules: FundRules) -> int:
    """What is not lent: the rule `reserve_share` of the capital, rounded up."""
    return _reserve_of(capital_minor(row), rules)


def _reserve_of(capital: int, rules: FundRules) -> int:
    share = rules.get("reserve_share")
    return -int(-capital * share // 1) if share else 0


def free_of_fund(actor: Actor, *, fund_ref: Ref) -> Money:
    """What can be paid out now: cash without the reserve and without what is promised."""
    row = fund_row(actor, fund_ref)
    cash = ledger.balance(ledger.account(Ref(row.book), "cash").ref)
    rules = rules_of(row)
    free = cash - reserve_minor(row, rules) - held_minor(row) - kept_for_savers_minor(row, rules)
    return Money(free, row.currency)


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


# What people count at a hand-over, and the accounts that hold it: ("cash",) by name, ("loan:",) by how codes begin.
# What the fund owes stands in the books below zero.
FIGURES: Mapping[str, tuple[str, int]] = {
    "cash": ("cash", 1),
    "loans": ("loan:", 1),
    "savings": ("savings: shares:", -1),
    "borrowed": ("bank:", -1),
    "capital": ("capital:", -1),
}


def compare_balances(actor: Actor, *, fund_ref: Ref, counted: Mapping[str, Money], on: date) -> list[BalanceLine]:
    """What was counted beside what the fund's book shows at the end of a day. What is not named was counted as 0."""
    row = fund_row(actor, fund_ref)
    unknown = sorted(set(counted) - set(FIGURES))
    assert not unknown, f"nobody counts {unknown}"
    held = ledger.balances(Ref(row.book), on)
    found = []
    for figure, (codes, side) in FIGURES.items():
        own = tuple(codes.split())
        shown = sum(amount for code, amount in held.items() if _is_of(code, own))
        given = counted.get(figure, Money.zero(row.currency))
        found.append(BalanceLine(figure, Money(side * shown, row.currency), given))
    return found


def _is_of(code: str, own: Sequence[str]) -> bool:
    return any(code.startswith(one) if one.endswith(":") else code == one for one in own)


def hand_overs(actor: Actor, *, fund_ref: Ref) -> list[HandOverView]:
    """How a fund passed from owner to owner, first one first, with what is prepared and not signed yet."""
    row = fund_row(actor, fund_ref)
    return [hand_over_view(one) for one in row.hand_overs.select_related("fund").order_by("id")]


def hand_over_view(one: FundHandOver) -> HandOverView:
    """For this engine alone."""
    return HandOverView(
        ref=Ref(one.ref),
        fund_ref=Ref(one.fund.ref),
        from_ref=Ref(one.from_owner),
        to_ref=Ref(one.to_owner),
        counted_on=one.counted_on,
        counted={figure: Money(int(amount), one.fund.currency) for figure, amount in one.counted.items()},
        count_ref=Ref(one.count) if one.count else None,
        deed_ref=Ref(one.deed) if one.deed else None,
        on=one.on,
        state=one.state,
        prepared_by=one.prepared_by,
        approved_by=one.approved_by,
    )


def _view(row: Fund, as_of: date | None) -> FundView:
    return _views([row], as_of)[0]


def _views(rows: Sequence[Fund], as_of: date | None) -> list[FundView]:
    """Several funds in a fixed number of statements (as they stand now; for a past day each book is read apart)."""
    books = [Ref(row.book) for row in rows]
    if as_of is None:
        held = ledger.balances_of(books)
    else:
        held = {str(book): ledger.balances(book, as_of) for book in books}
    rules = rules_of_all(rows, as_of)
    promised = _held_of(rows)
    capital = _sums(Contribution.objects.filter(fund__in=rows))
    uses = InterestUse.objects.filter(fund__in=rows)
    used = _sums(uses.filter(on__lte=as_of) if as_of is not None else uses)
    return [
        _one_view(
            row, held[row.book], rules[row.pk], capital.get(row.pk, 0), promised.get(row.pk, 0), used.get(row.pk, 0)
        )
        for row in rows
    ]


def _sums(rows: Any) -> dict[int, int]:
    return {pk: int(total) for pk, total in rows.values_list("fund_id").annotate(Sum("amount_minor"))}


def _one_view(row: Fund, held: Mapping[str, int], rules: FundRules, capital: int, promised: int, used: int) -> FundView:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    lent = sum(amount for code, amount in held.items() if code.startswith("loan:"))
    reserve = _reserve_of(capital, rules)
    cash = held.get("cash", 0)
    earned = -sum(held.get(code, 0) for code in ("interest", "fees", "penalties"))
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
        used_for_services=money(used),
        written_off=money(held.get("losses", 0)),
        reserve=money(reserve),
        held=money(promised),
        free=money(cash - reserve - promised - _kept_for_savers(held, rules)),
        rules=rules,
        savings=money(saved_minor(held)),
        borrowed=money(-sum(amount for code, amount in held.items() if code.startswith("bank:"))),
    )
