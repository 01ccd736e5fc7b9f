"""Internal capital accounts: what each member has in the co-operative, the reserve, a member's statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from jump.base import clock
from jump.base.actors import Actor
from jump.base.packages import definitions
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.ownership import AccountLine, LineKind, account_statement
from jump.core.units import Ref
from jump.engines.finance.models import CapitalAccount, CapitalLine, CapitalSet, OwnershipStep
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.ownership import (
    CapitalRow,
    CapitalSetRow,
    CapitalView,
    MemberStatement,
    PayOutView,
    StakeState,
    StepKind,
    StepState,
)
from jump.engines.ledger import api as ledger


def capital_row(actor: Actor, ref: Ref) -> CapitalSet:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    row: CapitalSet | None = CapitalSet.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def capital_sets(actor: Actor, *, scope: str = "", limit: int = 50, offset: int = 0) -> list[CapitalSetRow]:
    """Co-operatives that keep capital accounts, the newest first. Three statements."""
    rows = CapitalSet.objects.visible_to(actor).under(scope).select_related("scope").order_by("-opened_on", "-id")
    page = list(rows[offset : offset + limit])
    held = ledger.balances_of([Ref(row.book) for row in page])
    members: dict[int, int] = {}
    for pk in CapitalAccount.objects.filter(capital__in=page, state=StakeState.OPEN).values_list(
        "capital_id", flat=True
    ):
        members[pk] = members.get(pk, 0) + 1
    return [
        CapitalSetRow(
            ref=Ref(row.ref),
            enterprise_ref=Ref(row.enterprise),
            scope=row.scope.path,
            in_accounts=Money(
                -sum(amount for code, amount in held[row.book].items() if _is_member(code)), row.currency
            ),
            members=members.get(row.pk, 0),
            opened_on=row.opened_on,
        )
        for row in page
    ]


def count_capital_sets(actor: Actor, *, scope: str = "") -> int:
    """How many there are for `capital_sets`."""
    return int(CapitalSet.objects.visible_to(actor).under(scope).count())


def capital_of_enterprise(actor: Actor, enterprise_ref: Ref) -> Ref | None:
    """The capital accounts of an enterprise, if it keeps any that this actor may see."""
    found = CapitalSet.objects.visible_to(actor).filter(enterprise=enterprise_ref).values_list("ref", flat=True)
    return next((Ref(ref) for ref in found), None)


def capital(actor: Actor, ref: Ref) -> CapitalView:
    """The capital accounts of one co-operative, open ones first, in the order of joining. A few statements."""
    row = capital_row(actor, ref)
    held = ledger.balances(Ref(row.book))
    accounts = list(row.accounts.order_by("joined_on", "id"))
    shown = sorted(_rows(row, accounts, held), key=lambda one: one.state is StakeState.CLOSED)

    def money(amount_minor: int) -> Money:
        return Money(amount_minor, row.currency)

    return CapitalView(
        ref=Ref(row.ref),
        enterprise_ref=Ref(row.enterprise),
        product=row.product,
        product_title=title_of(row.product_title),
        scope=row.scope.path,
        currency=row.currency,
        terms=row.terms,
        opened_on=row.opened_on,
        book_ref=Ref(row.book),
        accounts=tuple(shown),
        in_accounts=money(-sum(amount for code, amount in held.items() if _is_member(code))),
        reserve=money(-held.get("reserve", 0)),
        education=money(-held.get("education", 0)),
        owed=money(-sum(amount for code, amount in held.items() if code.startswith("owed:"))),
        loss_carried=money(held.get("loss_carried", 0)),
        cash=money(held.get("cash", 0)),
        closed_until=row.closed_until,
    )


def member_statement(
    actor: Actor, *, account_ref: Ref, since: date | None = None, until: date | None = None
) -> MemberStatement:
    """A member's account line by line, with the balance after each, and what is still to be paid out."""
    account = account_row(actor, account_ref)
    row = account.capital
    last = until or clock.today()
    first = since or account.joined_on
    lines = statement_lines(account)
    before = [one for one in lines if one.line.on < first]
    shown = tuple(one for one in lines if first <= one.line.on <= last)
    opening = before[-1].balance_minor if before else 0
    closing = shown[-1].balance_minor if shown else opening
    return MemberStatement(
        capital_ref=Ref(row.ref),
        enterprise_ref=Ref(row.enterprise),
        row=_rows(row, [account], ledger.balances(Ref(row.book)))[0],
        since=first,
        until=last,
        opening=Money(opening, row.currency),
        lines=shown,
        closing=Money(closing, row.currency),
        pay_outs=tuple(
            _pay_out(one, row.currency) for one in account.pay_outs.select_related("step").order_by("number")
        ),
        scope=row.scope.path,
    )


def account_row(actor: Actor, ref: Ref) -> CapitalAccount:
    """The row behind a member's account, if this actor may see its co-operative. For this engine alone."""
    seen = CapitalSet.objects.visible_to(actor).values("pk")
    row = CapitalAccount.objects.filter(ref=ref, capital__in=seen).select_related("capital__scope").first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def statement_lines(account: CapitalAccount) -> tuple[Any, ...]:
    """Every line of an account with the balance after it, in the order of `core.ownership.account_statement`.

    What was booked in error stays to be seen: the line and its opposite are both told as taken back.
    """
    rows = CapitalLine.objects.filter(account=account).select_related("step").order_by("id")
    return account_statement(
        [AccountLine(one.on, _line_kind(one), one.amount_minor) for one in rows],
        left_on=account.left_on,
        may_fall_below_zero=bool(account.capital.terms.get("may_fall_below_zero")),
    )


def _line_kind(line: CapitalLine) -> LineKind:
    is_taken_back = line.step.state == StepState.REVERSED or line.step.kind == StepKind.TAKE_BACK
    return LineKind.TAKEN_BACK if is_taken_back else LineKind(line.kind)


# --- rules, for the services of this engine ---------------------------------------------------------------------------


def member_code(account: CapitalAccount) -> str:
    return f"member:{account.ref}"


def _is_member(code: str) -> bool:
    return code.startswith("member:")


def paid_of(accounts: Sequence[CapitalAccount]) -> dict[str, int]:
    """What was paid of the entry contribution, by account. One statement."""
    rows = OwnershipStep.objects.filter(
        kind=StepKind.PAY_ENTRY, state=StepState.BOOKED, about__in=[one.ref for one in accounts]
    )
    return {ref: int(total) for ref, total in rows.values_list("about").annotate(Sum("amount_minor")).order_by()}


def surplus_floors(jurisdiction: str, on: date) -> tuple[Fraction, Fraction]:
    """The least shares of a surplus that the law of a country asks for reserve and education fund; 0 where unknown."""
    for country in definitions("countries"):
        for law in country.data.get("cooperatives") or ():
            begins, ends = str(law["valid_from"]), str(law.get("valid_to") or "9999-12-31")
            if country.data["iso"] == jurisdiction and begins <= on.isoformat() <= ends:
                return Fraction(str(law["reserve_min"])), Fraction(str(law["education_min"]))
    return Fraction(0), Fraction(0)


def _rows(row: CapitalSet, accounts: Sequence[CapitalAccount], held: Mapping[str, int]) -> list[CapitalRow]:
    paid = paid_of(accounts)
    return [
        CapitalRow(
            ref=Ref(one.ref),
            member_ref=Ref(one.member),
            joined_on=one.joined_on,
            fee=Money(one.fee_minor, row.currency),
            paid=Money(paid.get(one.ref, 0), row.currency),
            balance=Money(-held.get(member_code(one), 0), row.currency),
            owed=Money(-held.get(f"owed:{one.ref}", 0), row.currency),
            left_on=one.left_on,
            state=StakeState(one.state),
        )
        for one in accounts
    ]


def _pay_out(one: Any, currency: str) -> PayOutView:
    return PayOutView(
        number=one.number,
        due_on=one.due_on,
        capital=Money(one.capital_minor, currency),
        interest=Money(one.interest_minor, currency),
        paid_on=one.step.on if one.step else None,
        step_ref=Ref(one.step.ref) if one.step else None,
    )
