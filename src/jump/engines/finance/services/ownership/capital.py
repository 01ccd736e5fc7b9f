"""Internal capital accounts of a co-operative: entry, the year's result, revaluation, leaving and paying out.

Entries stand in the co-operative's own book: members' accounts, collective reserve and education fund on one side; on
the other cash, and "what stands in the enterprise's own accounts", since the accounts of the enterprise are kept
elsewhere. Sources: finance rules, section 5; requirement INCUBATE-09. Percentages, limits and deductions are terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.scopes import node_id
from jump.core.calendars import add_months
from jump.core.money import Money
from jump.core.ownership import (
    Labour,
    LineKind,
    SurplusRule,
    account_interest,
    entry,
    revaluation,
    settle_exit,
    split_loss,
    split_surplus,
    to_refill,
)
from jump.core.units import Ref
from jump.engines.finance.models import CapitalAccount, CapitalLine, CapitalPayOut, CapitalSet, OwnershipStep
from jump.engines.finance.models.ownership_refusals import (
    AlreadyKept,
    MoreThanFee,
    StakeUnknown,
    StepImpossible,
    YearNotClosed,
    YearOrder,
)
from jump.engines.finance.models.refusals import AmountNotPositive, KeyReused, WrongCurrency
from jump.engines.finance.queries.ownership.capital import capital_row, member_code, paid_of, surplus_floors
from jump.engines.finance.services.ownership.steps import RULES, Asked, Move, Rule, Worked, last_year, rules_said
from jump.engines.finance.services.savings import product_of
from jump.engines.finance.types.ownership import StakeState, StepKind
from jump.engines.finance.types.savings import ProductKind
from jump.engines.ledger import api as ledger

# What a product of capital accounts says, and what holds where it says nothing.
TERMS: Mapping[str, Any] = {
    "kept_share": "0.25",
    "surplus_reserve": "0.45",
    "surplus_education": "0.10",
    "interest_ceiling": "0.075",
    "interest_paid": "added",
    "loss_reserve_share_max": "0.5",
    "may_fall_below_zero": False,
    "account_min_minor": 0,
    "deductions": {},
    "deduction_max": "0.30",
    "pay_out_years_max": 5,
    "exit_rate_yearly": "0",
}


def open_capital(
    actor: Actor,
    *,
    product: str,
    enterprise_ref: Ref,
    scope: str,
    currency: str,
    on: date,
    key: str,
    jurisdiction: str = "",
    terms: Mapping[str, Any] | None = None,
) -> Ref:
    """Begin to keep capital accounts for a co-operative. Its terms are those of the product, or what it agreed."""
    declared = product_of(product, ProductKind.CAPITAL_ACCOUNT)
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = CapitalSet.objects.filter(key=key).first()
        if known is not None:
            if (known.enterprise, known.currency) != (str(enterprise_ref), currency):
                raise KeyReused(key=key)
            return Ref(known.ref)
        other = CapitalSet.objects.filter(enterprise=enterprise_ref).first()
        if other is not None:
            raise AlreadyKept(ref=other.ref)
        Money.zero(currency)
        agreed = {name: declared.data.get(name, usual) for name, usual in TERMS.items()}
        agreed |= {name: value for name, value in (terms or {}).items() if name in TERMS}
        row = CapitalSet(
            enterprise=enterprise_ref,
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            terms={**agreed, "jurisdiction": jurisdiction.upper()},
            book=ledger.open_book(actor, ref_owner=enterprise_ref, title=f"Book of {enterprise_ref}", scope=scope),
            currency=currency,
            opened_on=on,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        with rules_said():
            _rule(row, on)
        row.save()
        record(actor, "finance.open_capital", row.ref, facts={"enterprise": str(enterprise_ref)})
    return Ref(row.ref)


def open_member(actor: Actor, *, capital_ref: Ref, member_ref: Ref, fee: Money, joined_on: date, key: str) -> Ref:
    """Open the account of a new member, with the entry contribution that she owes. Nothing is paid yet."""
    with ledger.posting_transaction():
        row = CapitalSet.objects.locked().get(pk=capital_row(actor, capital_ref).pk)
        require(actor, "finance.prepare", row.scope.path)
        known = CapitalAccount.objects.filter(key=key).first()
        if known is not None:
            if (known.capital_id, known.member) != (row.pk, str(member_ref)):
                raise KeyReused(key=key)
            return Ref(known.ref)
        if fee.currency != row.currency:
            raise WrongCurrency(expected=row.currency, given=fee.currency)
        other = row.accounts.filter(member=member_ref, state=StakeState.OPEN).first()
        if other is not None:
            raise AlreadyKept(ref=other.ref)
        account = CapitalAccount(
            capital=row, member=member_ref, fee_minor=fee.amount_minor, joined_on=joined_on, by=actor.key, key=key
        )
        account.account = ledger.open_account(
            actor,
            book_ref=Ref(row.book),
            code=member_code(account),
            title=f"Member's account {account.ref}",
            kind="equity",
            unit=row.currency,
            floor_minor=None if row.terms["may_fall_below_zero"] else 0,
        )
        account.save()
        record(actor, "finance.open_member", account.ref, facts={"capital": row.ref})
    return Ref(account.ref)


# --- steps ------------------------------------------------------------------------------------------------------------


def _pay_entry(asked: Asked) -> Worked:
    """A payment of the entry contribution: a part stays with the collective reserve for good (rules, 5.1)."""
    row, amount = asked.subject, int(asked.given["amount_minor"])
    account = _open(row, asked.given["account"])
    if amount <= 0:
        raise AmountNotPositive(amount_minor=amount)
    before = paid_of([account]).get(account.ref, 0)
    left = account.fee_minor - before
    if amount > left:
        raise MoreThanFee(open_minor=max(0, left), asked_minor=amount, currency=row.currency)
    split = entry(paid_minor=amount, kept_share=_rate(row, "kept_share"), paid_before_minor=before)
    return Worked(
        moves=(_cash(row, amount), _member(row, account, -split.account_minor), _reserve(row, -split.reserve_minor)),
        figures={
            "account_minor": split.account_minor,
            "reserve_minor": split.reserve_minor,
            "open_minor": left - amount,
        },
        amount_minor=amount,
        party=account.member,
        about=str(account.ref),
    )


def _keep_entry(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    account = asked.subject.accounts.get(ref=step.about)
    _line(account, step, LineKind.ENTRY, step.figures["account_minor"])


def _close_year(asked: Asked) -> Worked:
    """The year's result by approved accounts: interest first, the rest split by the rule and by labour.

    `surplus_minor` is the surplus after tax and before interest on the accounts; a loss is below zero. An old loss is
    covered first. Sources: finance rules, 5.2 to 5.4 and 5.6; that interest comes before the split is our default.
    """
    row, given = asked.subject, asked.given
    year, surplus = int(given["year"]), int(given["surplus_minor"])
    _check_year(row, year, asked.on)
    accounts = list(row.accounts.filter(state=StakeState.OPEN).order_by("id"))
    labour = _labour(accounts, given)
    held = ledger.balances(Ref(row.book))
    now = {one.ref: -held.get(member_code(one), 0) for one in accounts}
    found = (
        _of_surplus(row, asked, accounts, labour, held, year=year, surplus=surplus)
        if surplus >= 0
        else _of_loss(row, labour, held, now, loss=-surplus)
    )
    added = row.terms["interest_paid"] == "added"
    interest, parts = found["interest"], found["parts"]
    change = {ref: parts.get(ref, 0) + (interest.get(ref, 0) if added else 0) for ref in now}
    after = {ref: now[ref] + change[ref] for ref in now}
    refill = to_refill(after, least_minor=int(row.terms["account_min_minor"]))
    return Worked(
        moves=(
            _enterprise(row, surplus),
            Move("loss_carried", "Loss not yet covered", "asset", row.currency, found["uncovered"] - found["covered"]),
            _reserve(row, -found["reserve"]),
            Move("education", "Education and promotion fund", "equity", row.currency, -found["education"]),
            *(_member(row, one, -change[one.ref]) for one in accounts),
            *(() if added else (_owed(row, one, -interest.get(one.ref, 0)) for one in accounts)),
        ),
        figures={
            "surplus_minor": surplus,
            "covered_minor": found["covered"],
            "interest_minor": sum(interest.values()),
            "reserve_minor": found["reserve"],
            "education_minor": found["education"],
            "members_minor": sum(parts.values()),
            "uncovered_minor": found["uncovered"],
            "from_non_members_minor": found["others"],
            "rows": [
                {
                    "account": one.ref,
                    "member": one.member,
                    "before_minor": now[one.ref],
                    "interest_minor": interest.get(one.ref, 0),
                    "part_minor": parts.get(one.ref, 0),
                    "after_minor": after[one.ref],
                    "refill_minor": refill.get(one.ref, 0),
                }
                for one in accounts
            ],
        },
        amount_minor=surplus,
        year=year,
    )


def _of_surplus(
    row: CapitalSet,
    asked: Asked,
    accounts: list[CapitalAccount],
    labour: Mapping[str, Labour],
    held: Mapping[str, int],
    *,
    year: int,
    surplus: int,
) -> dict[str, Any]:
    covered = min(surplus, held.get("loss_carried", 0))
    opening = ledger.balances(Ref(row.book), date(year, 1, 1))
    interest = account_interest(
        balances_minor={one.ref: -opening.get(member_code(one), 0) for one in accounts},
        rate=_number(asked.given.get("interest_rate", "0")),
        ceiling=_rate(row, "interest_ceiling"),
        surplus_minor=surplus - covered,
    )
    left = surplus - covered - sum(interest.values())
    split = split_surplus(surplus_minor=left, rule=_rule(row, asked.on), labour=labour)
    return {
        "covered": covered,
        "uncovered": 0,
        "interest": interest,
        "parts": dict(split.members_minor),
        "reserve": split.reserve_minor,
        "education": split.education_minor,
        "others": split.from_non_members_minor,
    }


def _of_loss(
    row: CapitalSet, labour: Mapping[str, Labour], held: Mapping[str, int], now: Mapping[str, int], *, loss: int
) -> dict[str, Any]:
    split = split_loss(
        loss_minor=loss,
        reserve_minor=-held.get("reserve", 0),
        reserve_share_max=_rate(row, "loss_reserve_share_max"),
        labour=labour,
        balances_minor=now,
        may_fall_below_zero=bool(row.terms["may_fall_below_zero"]),
    )
    return {
        "covered": 0,
        "uncovered": split.uncovered_minor,
        "interest": {},
        "parts": {ref: -part for ref, part in split.members_minor.items()},
        "reserve": -split.reserve_minor,
        "education": 0,
        "others": 0,
    }


def _keep_year(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    row = asked.subject
    accounts = {one.ref: one for one in row.accounts.all()}
    for told in step.figures["rows"]:
        account, part = accounts[told["account"]], int(told["part_minor"])
        _line(account, step, LineKind.SURPLUS if part >= 0 else LineKind.LOSS, part)
        if row.terms["interest_paid"] == "added":
            _line(account, step, LineKind.INTEREST, told["interest_minor"])
    row.closed_until = step.year
    row.save(update_fields=["closed_until"])


def _undo_year(row: CapitalSet, step: OwnershipStep, by: OwnershipStep) -> None:
    _undo_lines(row, step, by)
    row.closed_until = last_year(row.ref, StepKind.CLOSE_YEAR)
    row.save(update_fields=["closed_until"])


def _revalue(asked: Asked) -> Worked:
    """Accounts are adjusted to prices: at most inflation, at most the revaluation reserve (rules, 5.5)."""
    row, given = asked.subject, asked.given
    accounts = list(row.accounts.filter(state=StakeState.OPEN).order_by("id"))
    held = ledger.balances(Ref(row.book))
    added = revaluation(
        balances_minor={one.ref: -held.get(member_code(one), 0) for one in accounts},
        rate=_number(given["rate"]),
        inflation=_number(given["inflation"]),
        reserve_minor=int(given["reserve_minor"]),
    )
    total = sum(added.values())
    if not total:
        raise AmountNotPositive(amount_minor=0)
    return Worked(
        moves=(_enterprise(row, total), *(_member(row, one, -added[one.ref]) for one in accounts)),
        figures={
            "total_minor": total,
            "rows": [{"account": one.ref, "member": one.member, "part_minor": added[one.ref]} for one in accounts],
        },
        amount_minor=total,
        year=int(given["year"]),
    )


def _keep_revaluation(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    accounts = {one.ref: one for one in asked.subject.accounts.all()}
    for told in step.figures["rows"]:
        _line(accounts[told["account"]], step, LineKind.REVALUATION, told["part_minor"])


def _leave(asked: Asked) -> Worked:
    """A member leaves: the deduction of the cause stays with the reserve, the rest is paid in yearly instalments.

    By the last approved accounts (rules, 5.7): the year before must be closed. One payment is due at once and bears no
    interest; of several the first is due a year after leaving.
    """
    row, given = asked.subject, asked.given
    account = _open(row, given["account"])
    before = asked.on.year - 1
    if account.joined_on.year <= before and (row.closed_until or 0) < before:
        raise YearNotClosed(year=before)
    cause, instalments = str(given["cause"]), int(given["instalments"])
    if cause not in row.terms["deductions"]:
        raise StakeUnknown(given=cause)
    balance = -ledger.balance(Ref(account.account))
    if balance < 0:
        raise StepImpossible(why="the account is below zero; it is refilled first")
    settled = settle_exit(
        balance_minor=balance,
        deduction=_number(row.terms["deductions"][cause]),
        deduction_max=_rate(row, "deduction_max"),
        instalments=instalments,
        instalments_max=int(row.terms["pay_out_years_max"]),
        rate_yearly=_rate(row, "exit_rate_yearly") if instalments > 1 else 0,
    )
    return Worked(
        moves=(_member(row, account, settled.deducted_minor), _reserve(row, -settled.deducted_minor)),
        figures={
            "balance_minor": balance,
            "deducted_minor": settled.deducted_minor,
            "capital_minor": settled.capital_minor,
            "payments": [
                {
                    "number": one.number,
                    "due_on": (add_months(asked.on, 12 * one.number) if instalments > 1 else asked.on).isoformat(),
                    "capital_minor": one.capital_minor,
                    "interest_minor": one.interest_minor,
                }
                for one in settled.payments
                if one.capital_minor
            ],
        },
        amount_minor=settled.capital_minor,
        party=account.member,
        about=str(account.ref),
    )


def _keep_leaving(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    account = asked.subject.accounts.get(ref=step.about)
    payments = step.figures["payments"]
    account.left_on, account.cause = step.on, asked.given["cause"]
    account.state = (StakeState.LEAVING if payments else StakeState.CLOSED).value
    account.save(update_fields=["left_on", "cause", "state"])
    _line(account, step, LineKind.DEDUCTION, -step.figures["deducted_minor"])
    CapitalPayOut.objects.bulk_create(
        CapitalPayOut(
            account=account,
            number=one["number"],
            due_on=date.fromisoformat(one["due_on"]),
            capital_minor=one["capital_minor"],
            interest_minor=one["interest_minor"],
        )
        for one in payments
    )


def _undo_leaving(row: CapitalSet, step: OwnershipStep, by: OwnershipStep) -> None:
    account = row.accounts.get(ref=step.about)
    again = row.accounts.filter(member=account.member, state=StakeState.OPEN).first()
    if again is not None:
        raise AlreadyKept(ref=again.ref)
    account.left_on, account.cause, account.state = None, "", StakeState.OPEN.value
    account.save(update_fields=["left_on", "cause", "state"])
    account.pay_outs.all().delete()
    _undo_lines(row, step, by)


def _pay_out(asked: Asked) -> Worked:
    """The next instalment to a member who left."""
    row, given = asked.subject, asked.given
    account = _account(row, given["account"], StakeState.LEAVING)
    following = account.pay_outs.filter(step=None).order_by("number").first()
    if following is None or following.number != int(given["number"]):
        raise StakeUnknown(given=given["number"])
    if asked.on < following.due_on:
        raise StepImpossible(why=f"it is due on {following.due_on.isoformat()}")
    total = following.capital_minor + following.interest_minor
    return Worked(
        moves=(
            _member(row, account, following.capital_minor),
            Move(
                "exit_interest", "Interest to members who left", "expense", row.currency, following.interest_minor, None
            ),
            _paid_from(row, given, -total),
        ),
        figures={"capital_minor": following.capital_minor, "interest_minor": following.interest_minor},
        amount_minor=total,
        party=account.member,
        about=str(account.ref),
    )


def _keep_pay_out(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    account = asked.subject.accounts.get(ref=step.about)
    account.pay_outs.filter(number=int(asked.given["number"])).update(step=step)
    _line(account, step, LineKind.PAY_OUT, -step.figures["capital_minor"])
    if not account.pay_outs.filter(step=None).exists():
        account.state = StakeState.CLOSED.value
        account.save(update_fields=["state"])


def _undo_pay_out(row: CapitalSet, step: OwnershipStep, by: OwnershipStep) -> None:
    account = row.accounts.get(ref=step.about)
    account.pay_outs.filter(step=step).update(step=None)
    account.state = StakeState.LEAVING.value
    account.save(update_fields=["state"])
    _undo_lines(row, step, by)


def _pay_interest(asked: Asked) -> Worked:
    """Interest that is not added to the account is paid in cash."""
    row, given = asked.subject, asked.given
    account = row.accounts.filter(ref=given["account"]).first()
    if account is None:
        raise StakeUnknown(given=given["account"])
    owed = -ledger.balances(Ref(row.book)).get(f"owed:{account.ref}", 0)
    if owed <= 0:
        raise AmountNotPositive(amount_minor=0)
    return Worked(
        moves=(_owed(row, account, owed), _paid_from(row, given, -owed)),
        figures={"total_minor": owed},
        amount_minor=owed,
        party=account.member,
        about=str(account.ref),
    )


def _undo_lines(row: CapitalSet, step: OwnershipStep, by: OwnershipStep) -> None:
    """Every line of the step has its opposite on the day of taking back."""
    for line in step.capital_lines.select_related("account").order_by("id"):
        _line(line.account, by, LineKind(line.kind), -line.amount_minor)


RULES.update(
    {
        StepKind.PAY_ENTRY: Rule(_pay_entry, "account amount_minor", _keep_entry, _undo_lines),
        StepKind.CLOSE_YEAR: Rule(_close_year, "year surplus_minor labour", _keep_year, _undo_year),
        StepKind.REVALUE: Rule(_revalue, "year rate inflation reserve_minor", _keep_revaluation, _undo_lines),
        StepKind.LEAVE: Rule(_leave, "account cause instalments", _keep_leaving, _undo_leaving),
        StepKind.PAY_OUT: Rule(_pay_out, "account number", _keep_pay_out, _undo_pay_out),
        StepKind.PAY_INTEREST: Rule(_pay_interest, "account"),
    }
)


# --- lines and checks -------------------------------------------------------------------------------------------------


def _member(row: CapitalSet, account: CapitalAccount, amount_minor: int) -> Move:
    floor = None if row.terms["may_fall_below_zero"] else 0
    title = f"Member's account {account.ref}"
    return Move(member_code(account), title, "equity", row.currency, amount_minor, floor)


def _owed(row: CapitalSet, account: CapitalAccount, amount_minor: int) -> Move:
    return Move(f"owed:{account.ref}", f"Interest owed to {account.ref}", "liability", row.currency, amount_minor)


def _reserve(row: CapitalSet, amount_minor: int) -> Move:
    return Move("reserve", "Collective reserve, never divided", "equity", row.currency, amount_minor)


def _cash(row: CapitalSet, amount_minor: int) -> Move:
    return Move("cash", "Cash and bank", "asset", row.currency, amount_minor)


def _enterprise(row: CapitalSet, amount_minor: int) -> Move:
    return Move("enterprise", "In the enterprise's own accounts", "asset", row.currency, amount_minor, None)


def _paid_from(row: CapitalSet, given: Mapping[str, Any], amount_minor: int) -> Move:
    return (_cash if given.get("paid_from", "cash") == "cash" else _enterprise)(row, amount_minor)


def _line(account: CapitalAccount, step: OwnershipStep, kind: LineKind, amount_minor: int) -> None:
    if amount_minor:
        CapitalLine.objects.create(
            account=account, step=step, on=step.on, kind=kind.value, amount_minor=int(amount_minor)
        )


def _open(row: CapitalSet, ref: str) -> CapitalAccount:
    return _account(row, ref, StakeState.OPEN)


def _account(row: CapitalSet, ref: str, state: StakeState) -> CapitalAccount:
    account = row.accounts.filter(ref=ref, state=state).first()
    if account is None:
        raise StakeUnknown(given=ref)
    return account


def _labour(accounts: list[CapitalAccount], given: Mapping[str, Any]) -> dict[str, Labour]:
    """Hours and index of pay of every open account, and of those who are not members together."""
    told = {str(one["account"]): one for one in given["labour"]}
    known = {str(one.ref) for one in accounts}
    strange = next((ref for ref in told if ref not in known), None)
    if strange is not None:
        raise StakeUnknown(given=strange)
    found = {
        str(one.ref): Labour(int(told[one.ref]["hours"]), _number(told[one.ref].get("index", "1")))
        for one in accounts
        if one.ref in told
    }
    others = int(given.get("others_hours", 0))
    if others:
        found["others"] = Labour(others, _number(given.get("others_index", "1")), is_member=False)
    return found


def _check_year(row: CapitalSet, year: int, on: date) -> None:
    """Years are closed in their order, once they are over."""
    following = row.closed_until + 1 if row.closed_until else row.opened_on.year
    is_first = row.closed_until is None and year >= following
    if not (is_first or year == following) or date(year, 12, 31) > on:
        raise YearOrder(year=year, next=following)


def _rule(row: CapitalSet, on: date) -> SurplusRule:
    reserve_min, education_min = surplus_floors(str(row.terms.get("jurisdiction", "")), on)
    return SurplusRule(
        reserve=_rate(row, "surplus_reserve"),
        education=_rate(row, "surplus_education"),
        reserve_min=reserve_min,
        education_min=education_min,
    )


def _rate(row: CapitalSet, name: str) -> Fraction:
    return _number(row.terms[name])


def _number(text: Any) -> Fraction:
    return Fraction(Decimal(str(text)))
