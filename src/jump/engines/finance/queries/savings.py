"""Savings accounts as they stand, what may be taken out, and statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core import savings as rules
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Contract, SavingsAccount, SavingsMovement
from jump.engines.finance.models.refusals import (
    BeforeLastMovement,
    NoticeMissing,
    SavingsFixed,
    SavingsShort,
    SharesNotWhole,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types import ContractKind, ContractState
from jump.engines.finance.types.savings import (
    MovementKind,
    MovementState,
    SavingsAccountView,
    SavingsForm,
    SavingsMovementView,
    SavingsNoticeView,
    SavingsPreview,
    SavingsRow,
    SavingsState,
    SavingsStatement,
)
from jump.engines.ledger import api as ledger

_SIGN = {MovementKind.DEPOSIT.value: 1, MovementKind.WITHDRAWAL.value: -1, MovementKind.INTEREST.value: 1}


def savings_row(actor: Actor, ref: Ref) -> SavingsAccount:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    rows = SavingsAccount.objects.visible_to(actor).select_related("scope", "fund__scope")
    row: SavingsAccount | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def savings_account(actor: Actor, ref: Ref) -> SavingsAccountView:
    """One savings account with its movements, latest first."""
    return view_of_account(savings_row(actor, ref))


def savings(
    actor: Actor,
    *,
    scope: str = "",
    state: str = "",
    form: str = "",
    owner_ref: Ref | None = None,
    group_ref: Ref | None = None,
    holder_ref: Ref | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[SavingsRow]:
    """Savings accounts, open ones first, then the newest. Two statements."""
    rows = _chosen(actor, scope, state, form, owner_ref, group_ref, holder_ref)
    page = list(rows.select_related("scope").order_by("-state", "-opened_on", "-id")[offset : offset + limit])
    held = balances_of(page)
    return [
        SavingsRow(
            ref=Ref(row.ref),
            product_title=title_of(row.product_title),
            form=SavingsForm(row.form),
            owner_ref=Ref(row.owner),
            group_ref=Ref(row.group) if row.group else None,
            holder_ref=Ref(row.holder),
            scope=row.scope.path,
            balance=Money(held[row.pk], row.currency),
            state=SavingsState(row.state),
            opened_on=row.opened_on,
        )
        for row in page
    ]


def count_savings(
    actor: Actor,
    *,
    scope: str = "",
    state: str = "",
    form: str = "",
    owner_ref: Ref | None = None,
    group_ref: Ref | None = None,
    holder_ref: Ref | None = None,
) -> int:
    """How many there are for `savings`."""
    return int(_chosen(actor, scope, state, form, owner_ref, group_ref, holder_ref).count())


def savings_totals(actor: Actor, *, scope: str = "", holder_ref: Ref | None = None) -> dict[str, Money]:
    """What is saved in open accounts, by currency. One statement."""
    rows = _chosen(actor, scope, "open", "", None, None, holder_ref)
    moved = SavingsMovement.objects.filter(account__in=rows.values("pk"), state=MovementState.BOOKED)
    sums = moved.values_list("account__currency").annotate(
        came=Coalesce(Sum("amount_minor", filter=~Q(kind="withdrawal")), 0),
        went=Coalesce(Sum("amount_minor", filter=Q(kind="withdrawal")), 0),
    )
    return {currency: Money(int(came) - int(went), currency) for currency, came, went in sums.order_by()}


def withdrawals_waiting(actor: Actor, *, scope: str = "") -> list[SavingsMovementView]:
    """Withdrawals that were prepared and wait for the second person, oldest first."""
    accounts = SavingsAccount.objects.visible_to(actor).under(scope)
    rows = SavingsMovement.objects.filter(account__in=accounts.values("pk"), state=MovementState.PREPARED)
    return [movement_view(one, one.account, None) for one in rows.select_related("account").order_by("on", "id")]


def savings_movement(actor: Actor, ref: Ref) -> SavingsMovementView:
    found = SavingsMovement.objects.filter(
        ref=ref, account__in=SavingsAccount.objects.visible_to(actor).values("pk")
    ).select_related("account")
    one = found.first()
    if one is None:
        raise NotFound(ref=ref)
    return movement_view(one, one.account, None)


def savings_statement(actor: Actor, *, account_ref: Ref, since: date, until: date) -> SavingsStatement:
    """Everything that moved between two days, oldest first, with what was saved after each."""
    row = savings_row(actor, account_ref)
    view = view_of_account(row)
    shown = [one for one in reversed(view.movements) if one.state is MovementState.BOOKED]
    lines = tuple(one for one in shown if since <= one.on <= until)
    before = [one for one in shown if one.on < since]
    zero = Money.zero(row.currency)
    opening = sum((_signed(one) for one in before), zero)

    def total(kind: MovementKind) -> Money:
        return sum((one.amount for one in lines if one.kind is kind), zero)

    return SavingsStatement(
        account=view,
        since=since,
        until=until,
        opening=opening,
        lines=lines,
        paid_in=total(MovementKind.DEPOSIT),
        taken_out=total(MovementKind.WITHDRAWAL),
        interest=total(MovementKind.INTEREST),
        closing=sum((_signed(one) for one in lines), opening),
    )


def preview_savings(actor: Actor, *, account_ref: Ref, kind: str, amount: Money, on: date) -> SavingsPreview:
    """What a deposit or a withdrawal would do. Saves nothing, refuses as the saving would."""
    row = savings_row(actor, account_ref)
    held = balance_minor(row)
    if MovementKind(kind) is MovementKind.DEPOSIT:
        check_deposit(row, amount, on)
        after = held + amount.amount_minor
        free = max(0, after - prepared_minor(row) - stays_minor(row, after))
    else:
        check_withdrawal(row, amount, on, held_minor=held)
        after = held - amount.amount_minor
        free = max(0, after - prepared_minor(row) - stays_minor(row, after))
    money = _money(row.currency)
    return SavingsPreview(
        kind=MovementKind(kind),
        on=on,
        amount=amount,
        before=money(held),
        after=money(after),
        free_after=money(free),
        shares_after=shares_of(row, after),
    )


# --- rules of one account, for the services of this engine ----------------------------------------------------


def balance_minor(row: SavingsAccount) -> int:
    """What is saved: what the ledger holds for this account."""
    return -ledger.balance(Ref(row.account))


def prepared_minor(row: SavingsAccount) -> int:
    """Withdrawals that wait for the second person: promised, and not to be promised again."""
    waiting = row.movements.filter(state=MovementState.PREPARED)
    return int(waiting.aggregate(total=Coalesce(Sum("amount_minor"), 0))["total"])


def stays_minor(row: SavingsAccount, held_minor: int) -> int:
    """What has to stay: the product's smallest balance, or what stands for loans still owed, the larger of the two."""
    kept = min(int(row.terms.get("balance_min_minor", 0)), held_minor)
    cover = Decimal(str(row.terms.get("cover_share", "0")))
    if not cover or row.fund is None:
        return kept
    return max(kept, rules.blocked_minor(balance_minor=held_minor, owed_minor=_owed_minor(row), cover_share=cover))


def _owed_minor(row: SavingsAccount) -> int:
    """Principal of loans of the saver, from the fund that keeps the savings."""
    running = Contract.objects.filter(
        fund=row.fund, party=row.owner, kind=ContractKind.LOAN, state=ContractState.RUNNING
    ).exclude(account="")
    return sum(ledger.balance(Ref(one)) for one in running.values_list("account", flat=True))


def shares_of(row: SavingsAccount, held_minor: int) -> int:
    value = int(row.terms.get("share_value_minor", 0))
    return held_minor // value if row.form == SavingsForm.SHARES and value else 0


def check_deposit(row: SavingsAccount, amount: Money, on: date) -> None:
    """Whether this may be paid in on this day."""
    _check_amount(row, amount)
    _check_day(row, on, earliest=row.opened_on)


def check_withdrawal(
    row: SavingsAccount, amount: Money, on: date, *, held_minor: int, closes: bool = False, own_minor: int = 0
) -> None:
    """Whether this may be taken out: the fixed time is over, notice was given, enough is free.

    `own_minor` is what this very withdrawal has already promised.
    """
    if not (closes and not amount.amount_minor):
        _check_amount(row, amount)
    last = row.movements.filter(state=MovementState.BOOKED).order_by("-on").values_list("on", flat=True).first()
    _check_day(row, on, earliest=row.opened_on, last=last)
    if row.matures_on is not None and on < row.matures_on:
        raise SavingsFixed(matures_on=row.matures_on.isoformat(), on=on.isoformat())
    stays = 0 if closes else stays_minor(row, held_minor)
    if closes and _covers_loans(row) and _owed_minor(row):
        raise WrongState(state="standing for a loan")
    promised = prepared_minor(row) - own_minor
    try:
        rules.after_withdrawal_minor(
            balance_minor=max(held_minor - promised, 0),
            amount_minor=amount.amount_minor,
            blocked_minor=min(stays, max(held_minor - promised, 0)),
        )
    except rules.SavingsRefused as refused:
        raise SavingsShort(
            asked_minor=amount.amount_minor,
            free_minor=max(0, held_minor - promised - stays),
            saved_minor=held_minor,
            stays_minor=stays + promised,
            currency=row.currency,
        ) from refused


def check_notice(row: SavingsAccount, amount: Money, on: date) -> Any:
    """The notice that frees this withdrawal, or None where the product asks for none."""
    days = int(row.terms.get("notice_days", 0))
    if not days or not amount.amount_minor:
        return None
    free = row.notices.filter(movement=None, free_on__lte=on, amount_minor__gte=amount.amount_minor)
    found = free.order_by("free_on", "id").first()
    if found is None:
        raise NoticeMissing(days=days, asked_minor=amount.amount_minor, currency=row.currency)
    return found


def _covers_loans(row: SavingsAccount) -> bool:
    return bool(Decimal(str(row.terms.get("cover_share", "0")))) and row.fund_id is not None


def _check_amount(row: SavingsAccount, amount: Money) -> None:
    check_amount(amount, row.currency)
    value = int(row.terms.get("share_value_minor", 0))
    if row.form == SavingsForm.SHARES and value and amount.amount_minor % value:
        raise SharesNotWhole(share_minor=value, asked_minor=amount.amount_minor, currency=row.currency)


def _check_day(row: SavingsAccount, on: date, *, earliest: date, last: date | None = None) -> None:
    """Not in the future, not before the account, not in a time whose interest is posted, not before the last."""
    if row.state != SavingsState.OPEN:
        raise WrongState(state=row.state)
    check_day(on, earliest=earliest)
    done = row.interest_until if row.interest_until and on <= row.interest_until else None
    if done is not None or (last is not None and on < last):
        day = max(one for one in (done, last) if one is not None)
        raise BeforeLastMovement(last_on=day.isoformat(), on=on.isoformat())


# --- views ----------------------------------------------------------------------------------------------------


def balances_of(rows: Iterable[SavingsAccount]) -> dict[int, int]:
    """What is saved in each of several accounts, by row. One statement: booked movements are what the ledger holds."""
    ids = [row.pk for row in rows]
    found = dict.fromkeys(ids, 0)
    moved = SavingsMovement.objects.filter(account_id__in=ids, state=MovementState.BOOKED)
    for pk, kind, amount in moved.values_list("account_id", "kind").annotate(Sum("amount_minor")).order_by():
        found[pk] += _SIGN[kind] * int(amount)
    return found


def view_of_account(row: SavingsAccount) -> SavingsAccountView:
    held = balance_minor(row)
    promised = prepared_minor(row)
    stays = stays_minor(row, held)
    money = _money(row.currency)
    fixed = row.matures_on is not None and clock.today() < row.matures_on
    free = 0 if fixed or row.state != SavingsState.OPEN else max(0, held - promised - stays)
    return SavingsAccountView(
        ref=Ref(row.ref),
        product=row.product,
        product_title=title_of(row.product_title),
        form=SavingsForm(row.form),
        owner_ref=Ref(row.owner),
        group_ref=Ref(row.group) if row.group else None,
        holder_ref=Ref(row.holder),
        fund_ref=Ref(row.fund.ref) if row.fund else None,
        scope=row.scope.path,
        currency=row.currency,
        terms=row.terms,
        opened_on=row.opened_on,
        matures_on=row.matures_on,
        interest_until=row.interest_until,
        state=SavingsState(row.state),
        closed_on=row.closed_on,
        book_ref=Ref(row.book),
        account_ref=Ref(row.account),
        balance=money(held),
        prepared=money(promised),
        blocked=money(stays),
        free=money(free),
        shares=shares_of(row, held),
        notices=tuple(
            SavingsNoticeView(money(one.amount_minor), one.given_on, one.free_on, one.movement_id is not None)
            for one in row.notices.order_by("free_on", "id")
        ),
        movements=_with_balances(row, list(row.movements.order_by("on", "id"))),
    )


def _with_balances(row: SavingsAccount, rows: Sequence[SavingsMovement]) -> tuple[SavingsMovementView, ...]:
    held, found = 0, []
    for one in rows:
        after = None
        if one.state == MovementState.BOOKED:
            held += _SIGN[one.kind] * one.amount_minor
            after = held
        found.append(movement_view(one, row, after))
    return tuple(reversed(found))


def movement_view(one: SavingsMovement, row: SavingsAccount, after_minor: int | None) -> SavingsMovementView:
    money = _money(row.currency)
    return SavingsMovementView(
        ref=Ref(one.ref),
        account_ref=Ref(row.ref),
        kind=MovementKind(one.kind),
        state=MovementState(one.state),
        on=one.on,
        amount=money(one.amount_minor),
        balance_after=None if after_minor is None else money(after_minor),
        period_from=one.period_from,
        period_to=one.period_to,
        receipt=one.receipt,
        prepared_by=one.prepared_by,
        booked_by=one.booked_by,
        entry_ref=Ref(one.entry) if one.entry else None,
        undone_by=Ref(one.undone_entry) if one.undone_entry else None,
        closes=one.closes,
    )


def _signed(one: SavingsMovementView) -> Money:
    return one.amount if one.is_in else -one.amount


def _chosen(
    actor: Actor,
    scope: str,
    state: str,
    form: str,
    owner_ref: Ref | None,
    group_ref: Ref | None,
    holder_ref: Ref | None,
) -> Any:
    rows = SavingsAccount.objects.visible_to(actor).under(scope)
    wanted: Mapping[str, Any] = {
        "state": state,
        "form": form,
        "owner": owner_ref,
        "group": group_ref,
        "holder": holder_ref,
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def _money(currency: str) -> Any:
    return lambda amount_minor: Money(int(amount_minor), currency)
