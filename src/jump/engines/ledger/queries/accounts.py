"""Books, accounts and what they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from jump.base import clock
from jump.base.actors import Actor
from jump.base.prepared import Prepared
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.ledger.models import Account, Balance, Book, Hold, Line, Movement, Period
from jump.engines.ledger.models.refusals import AccountUnknown, RateMissing
from jump.engines.ledger.queries.units import decimals_of
from jump.engines.ledger.types import (
    AccountKind,
    AccountView,
    BookView,
    FreeView,
    HoldView,
    PeriodState,
    TradingResult,
    TradingRow,
    TrialRow,
)


def book(book_ref: Ref) -> BookView:
    return _book_view(Book.objects.select_related("scope").filter(ref=book_ref).first(), book_ref)


def book_of(owner_ref: Ref) -> BookView:
    """The book of an owner (a fund, a budget). Raises NotFound."""
    return _book_view(Book.objects.select_related("scope").filter(owner=owner_ref).first(), owner_ref)


def books(actor: Actor) -> list[BookView]:
    """The books this actor may see."""
    rows = Book.objects.visible_to(actor).select_related("scope").order_by("id")
    return [_book_view(row, Ref(row.ref)) for row in rows]


def _book_view(row: Book | None, asked: Ref) -> BookView:
    if row is None:
        raise NotFound(ref=asked)
    return BookView(Ref(row.ref), Ref(row.owner), row.title, row.scope.path)


def account(book_ref: Ref, code: str) -> AccountView:
    """The account with this code in this book."""
    return account_view(_accounts().filter(book__ref=book_ref, code=code).first(), code)


def account_refs(book_ref: Ref, codes: Collection[str]) -> dict[str, Ref]:
    """The references of the accounts with these codes in a book, in one short read. Raises AccountUnknown."""
    found = dict(Account.objects.filter(book__ref=book_ref, code__in=codes).values_list("code", "ref"))
    missing = next((code for code in codes if code not in found), None)
    if missing is not None:
        raise AccountUnknown(account=missing)
    return {code: Ref(ref) for code, ref in found.items()}


def account_by_ref(account_ref: Ref) -> AccountView:
    return account_view(_accounts().filter(ref=account_ref).first(), account_ref)


def accounts(book_ref: Ref) -> list[AccountView]:
    return [account_view(row, row.code) for row in _accounts().filter(book__ref=book_ref).order_by("code")]


def _accounts() -> Any:  # a queryset with joins, whose type Django does not name
    return Account.objects.select_related("book", "holding")


def account_view(row: Account | None, asked: str) -> AccountView:
    if row is None:
        raise AccountUnknown(account=asked)
    return AccountView(
        Ref(row.ref), Ref(row.book.ref), row.code, row.title, AccountKind(row.kind), row.unit, row.holding.floor_minor
    )


def balance(account_ref: Ref, as_of: date | None = None) -> int:
    """What an account holds now, or held at the end of a day. Debit is positive. Two short reads at most."""
    if as_of is None:
        held = Balance.objects.filter(account__ref=account_ref).values_list("balance_minor", flat=True).first()
        if held is None:
            raise AccountUnknown(account=account_ref)
        return int(held)
    account_id = Account.objects.filter(ref=account_ref).values_list("id", flat=True).first()
    if account_id is None:
        raise AccountUnknown(account=account_ref)
    before = Movement.objects.filter(account_id=account_id, month__lt=_month(as_of)).aggregate(
        debit=Coalesce(Sum("debit_minor"), 0), credit=Coalesce(Sum("credit_minor"), 0)
    )
    within = Line.objects.filter(
        account_id=account_id, occurred_on__gte=as_of.replace(day=1), occurred_on__lte=as_of
    ).aggregate(total=Coalesce(Sum("amount_minor"), 0))
    return int(before["debit"] - before["credit"] + within["total"])


def value_balance(account_ref: Ref, as_of: date) -> int:
    """What an account held at the end of a day by value dates: late facts count from the day they were true."""
    lines = Line.objects.filter(account__ref=account_ref, entry__value_on__isnull=False)
    later = lines.filter(occurred_on__gt=as_of, entry__value_on__lte=as_of)
    sooner = lines.filter(occurred_on__lte=as_of, entry__value_on__gt=as_of)
    found = [int(rows.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"]) for rows in (later, sooner)]
    return balance(account_ref, as_of) + found[0] - found[1]


def free(account_ref: Ref) -> FreeView:
    """What an account holds, reserves and has free now. Holds whose time is over count for nothing."""
    row = Balance.objects.filter(account__ref=account_ref).first()
    if row is None:
        raise AccountUnknown(account=account_ref)
    lapsed = Hold.objects.filter(account_id=row.pk, open_minor__gt=0, lapses_at__lte=clock.now())
    reserved = row.reserved_minor - int(lapsed.aggregate(total=Coalesce(Sum("open_minor"), 0))["total"])
    held = row.balance_minor * row.sign
    return FreeView(
        held, row.floor_minor, reserved, None if row.floor_minor is None else held - row.floor_minor - reserved
    )


def hold(hold_ref: Ref) -> HoldView:
    """One hold. Raises NotFound."""
    row = Hold.objects.select_related("account").filter(ref=hold_ref).first()
    if row is None:
        raise NotFound(ref=hold_ref)
    return hold_view(row)


def holds(account_ref: Ref, *, open_only: bool = True) -> list[HoldView]:
    """The holds of an account, in the order in which they were placed."""
    rows = Hold.objects.select_related("account").filter(account__ref=account_ref)
    if open_only:
        rows = rows.filter(open_minor__gt=0).exclude(lapses_at__lte=clock.now())
    return [hold_view(row) for row in rows.order_by("id")]


def hold_view(row: Hold) -> HoldView:
    return HoldView(
        Ref(row.ref),
        Ref(row.account.ref),
        row.account.unit,
        row.amount_minor,
        row.open_minor,
        row.purpose,
        Ref(row.source),
        row.placed_at,
        row.lapses_at,
        row.by,
    )


def balances(book_ref: Ref, as_of: date | None = None) -> dict[str, int]:
    """What every account of a book holds, by code."""
    if as_of is not None:
        return {row.code: row.balance_minor for row in trial_balance(book_ref, as_of)}
    rows = Balance.objects.filter(account__book__ref=book_ref).values_list("account__code", "balance_minor")
    return dict(rows)


def balances_of(book_refs: Iterable[Ref]) -> dict[str, dict[str, int]]:
    """What every account of several books holds now, by book and code. One statement."""
    wanted = [str(ref) for ref in book_refs]
    held: dict[str, dict[str, int]] = {ref: {} for ref in wanted}
    rows = Balance.objects.filter(account__book__ref__in=wanted)
    for book_ref, code, amount in rows.values_list("account__book__ref", "account__code", "balance_minor"):
        held[book_ref][code] = int(amount)
    return held


def trial_balance(book_ref: Ref, as_of: date | None = None) -> list[TrialRow]:
    """Every account of a book with its debits and credits to the end of a day. Costs months, not lines."""
    months = Movement.objects.filter(account__book__ref=book_ref)
    sides: dict[int, list[int]] = {}
    if as_of is not None:
        months = months.filter(month__lt=_month(as_of))
        days = Line.objects.filter(
            account__book__ref=book_ref, occurred_on__gte=as_of.replace(day=1), occurred_on__lte=as_of
        )
        for account_id, amount in days.values_list("account_id", "amount_minor").iterator():
            side = sides.setdefault(account_id, [0, 0])
            side[0 if amount > 0 else 1] += abs(amount)
    for account_id, debit, credit in months.values_list("account_id").annotate(Sum("debit_minor"), Sum("credit_minor")):
        side = sides.setdefault(account_id, [0, 0])
        side[0] += int(debit)
        side[1] += int(credit)
    return [
        TrialRow(Ref(row.ref), row.code, row.title, AccountKind(row.kind), row.unit, *sides.get(row.pk, (0, 0)))
        for row in Account.objects.filter(book__ref=book_ref).order_by("code")
    ]


def trading_result(
    book_ref: Ref, *, unit: str, rates: Mapping[str, Decimal], as_of: date | None = None
) -> TradingResult:
    """What exchanging has brought in one unit, at the rates given (major units of `unit` for one of the other).

    A trading account holds what was given and what was taken of its unit. Valued in one unit, they sum to nothing at
    the rates of the exchanges themselves; what is over is the gain (or loss) since. Raises RateMissing.
    """
    decimals = decimals_of()
    rows: list[TradingRow] = []
    for row in trial_balance(book_ref, as_of):
        if not row.code.startswith("trading:") or not row.balance_minor:
            continue
        rate = Decimal(1) if row.unit == unit else rates.get(row.unit)
        if rate is None:
            raise RateMissing(unit=row.unit, wanted=unit)
        with localcontext() as context:
            context.prec = 60
            worth = Decimal(row.balance_minor).scaleb(decimals[unit] - decimals[row.unit]) * rate
        rows.append(TradingRow(row.unit, row.balance_minor, rate, int(worth.to_integral_value(ROUND_HALF_EVEN))))
    return TradingResult(unit, tuple(rows), -sum(row.worth_minor for row in rows))


def period_state(book_ref: Ref, month: int) -> PeriodState:
    """Whether a month (200406) is open, closing or sealed."""
    state = Period.objects.filter(book__ref=book_ref, month=month).values_list("state", flat=True).first()
    return PeriodState(state) if state else PeriodState.OPEN


def takes_entries(book_ref: Ref, day: date) -> bool:
    """Whether anybody may still book on a day: its month is neither closing nor sealed nor before a sealed one."""
    return _SHUT.first(book_ref, _month(day)) is None


def _shut(book_ref: str, month: int) -> QuerySet[Period, tuple[int]]:
    shut = Q(state=PeriodState.SEALED, month__gte=month) | Q(state=PeriodState.CLOSING, month=month)
    return Period.objects.filter(shut, book__ref=book_ref).order_by().values_list("pk")[:1]


_SHUT = Prepared(_shut)


def _month(day: date) -> int:
    return day.year * 100 + day.month
