"""Interest on savings: whole months, every account of a book, once per period."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.core import savings as rules
from jump.core.calendars import Period, month_end
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import SavingsAccount, SavingsMovement
from jump.engines.finance.models.refusals import PeriodImpossible
from jump.engines.finance.queries.savings import savings_row
from jump.engines.finance.types.savings import InterestMethod, InterestRun, MovementKind, MovementState, SavingsState
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line, Posting


def post_interest(actor: Actor, *, account_ref: Ref, until: date) -> InterestRun:
    """Post what one account earned up to the end of a month. Posted once; asking again posts nothing."""
    row = savings_row(actor, account_ref)
    require(actor, "finance.prepare", row.scope.path)
    return _post(actor, Ref(row.book), until, only=row.pk)


def post_interest_of(actor: Actor, *, holder_ref: Ref, until: date) -> InterestRun:
    """Post what every open account kept by a fund or a group earned up to the end of a month, all or none."""
    rows = SavingsAccount.objects.visible_to(actor).filter(holder=holder_ref, state=SavingsState.OPEN)
    first = rows.select_related("scope").first()
    if first is None:
        return InterestRun(until, 0, 0, Money.zero("USD"))
    for path in set(rows.values_list("scope__path", flat=True)):
        require(actor, "finance.prepare", path)
    return _post(actor, Ref(first.book), until)


def earned_minor(row: SavingsAccount, movements: list[SavingsMovement], period: Period) -> int:
    """What an account earned in a period, by the way of counting of its product (`core.savings`)."""
    method = InterestMethod(row.terms.get("interest_method", "none"))
    rate = Decimal(str(row.terms.get("rate_yearly", "0")))
    if method is InterestMethod.NONE or not rate:
        return 0
    moved = [
        rules.Movement(one.on, -one.amount_minor if one.kind == MovementKind.WITHDRAWAL else one.amount_minor)
        for one in movements
        if one.on <= period.end
    ]
    opening = sum(one.amount_minor for one in moved if one.on < period.start)
    within = [one for one in moved if one.on >= period.start]
    least = int(row.terms.get("earning_min_minor", 0))
    if method is InterestMethod.DAILY:
        days = int(row.terms.get("year_days", 365))
        return rules.interest_daily(
            opening_minor=opening,
            movements=within,
            period=period,
            rate_yearly=rate,
            year_days=days or None,
            balance_min_minor=least,
        )
    months = rules.interest_minimum(
        opening_minor=opening,
        movements=within,
        period=period,
        rate_yearly=rate,
        from_day=int(row.terms.get("counts_from_day", 1)),
        balance_min_minor=least,
    )
    return sum(one.interest_minor for one in months)


def _post(actor: Actor, book: Ref, until: date, only: int | None = None) -> InterestRun:
    if until != month_end(until) or until >= clock.today():
        raise PeriodImpossible(until=until.isoformat())
    with ledger.posting_transaction():
        rows = SavingsAccount.objects.filter(book=book, state=SavingsState.OPEN).order_by("id")
        if only is not None:
            rows = rows.filter(pk=only)
        chosen = list(rows.locked().select_related("scope"))
        if not chosen:
            return InterestRun(until, 0, 0, Money.zero("USD"))
        currency = chosen[0].currency
        due = [row for row in chosen if (row.interest_until or row.opened_on) <= until and row.interest_until != until]
        moved: dict[int, list[SavingsMovement]] = defaultdict(list)
        for one in SavingsMovement.objects.filter(account__in=due, state=MovementState.BOOKED).order_by("on", "id"):
            moved[one.account_id].append(one)
        found = [_movement(actor, row, moved[row.pk], until) for row in due]
        _book(actor, book, currency, due, found)
        SavingsMovement.objects.bulk_create(found)
        for row in due:
            row.interest_until = until
        SavingsAccount.objects.bulk_update(due, ["interest_until"])
        total = sum(one.amount_minor for one in found)
        record(
            actor,
            "finance.post_interest",
            book,
            facts={"until": until.isoformat(), "accounts": len(found), "amount_minor": total},
        )
    return InterestRun(until, len(found), len(chosen) - len(due), Money(total, currency))


def _movement(actor: Actor, row: SavingsAccount, moved: list[SavingsMovement], until: date) -> SavingsMovement:
    start = row.interest_until + timedelta(days=1) if row.interest_until else row.opened_on.replace(day=1)
    period = Period(start, until)
    made = SavingsMovement(
        account=row,
        book=row.book,
        kind=MovementKind.INTEREST.value,
        state=MovementState.BOOKED.value,
        on=until,
        amount_minor=earned_minor(row, moved, period),
        period_from=start,
        period_to=until,
        prepared_by=actor.key,
        booked_by=actor.key,
    )
    made.key = f"interest:{made.ref}"
    return made


def _book(actor: Actor, book: Ref, currency: str, rows: list[SavingsAccount], found: list[SavingsMovement]) -> None:
    """The cost of the one who keeps the savings, against what is saved."""
    paying = [(row, one) for row, one in zip(rows, found, strict=True) if one.amount_minor]
    if not paying:
        return
    cost = ledger.open_account(
        actor, book_ref=book, code="savings_interest", title="Interest on savings", kind="expense", unit=currency
    )
    postings = [
        Posting(
            memo=f"Interest {one.ref} of {row.ref}",
            occurred_on=one.on,
            lines=(
                Line(cost, one.amount_minor, {"place": row.scope.path}),
                Line(Ref(row.account), -one.amount_minor, {"place": row.scope.path}),
            ),
            source_ref=Ref(one.ref),
            key=f"savings:{one.ref}",
        )
        for row, one in paying
    ]
    for (_row, one), entry in zip(paying, ledger.post_many(actor, book_ref=book, postings=postings), strict=True):
        one.entry = entry.ref
