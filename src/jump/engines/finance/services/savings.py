"""Savings: opening an account, paying in, taking out with four eyes, taking back, closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.packages import Definition, definition
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.calendars import add_months
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import SavingsAccount, SavingsMovement, SavingsNotice
from jump.engines.finance.models.refusals import (
    AmountNotPositive,
    BeforeLastMovement,
    DecisionMissing,
    KeyReused,
    NotPrepared,
    ProductNotThis,
    ReceiptUsed,
    SamePerson,
    WrongCurrency,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount
from jump.engines.finance.queries.funds import fund_row
from jump.engines.finance.queries.savings import (
    balance_minor,
    check_deposit,
    check_notice,
    check_withdrawal,
    movement_view,
    prepared_minor,
    savings_row,
)
from jump.engines.finance.types.savings import (
    MovementKind,
    MovementState,
    ProductKind,
    SavingsForm,
    SavingsMovementView,
    SavingsState,
)
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line

_TERMS: Mapping[str, str] = {
    "interest_method": "none",
    "rate_yearly": "0",
    "year_days": "365",
    "counts_from_day": "1",
    "earning_min_minor": "0",
    "balance_min_minor": "0",
    "notice_days": "0",
    "cover_share": "0",
    "share_value_minor": "0",
    "per_meeting_minor": "0",
}


def open_savings(
    actor: Actor,
    *,
    product: str,
    owner_ref: Ref,
    holder_ref: Ref,
    scope: str,
    currency: str,
    on: date,
    key: str,
    group_ref: Ref | None = None,
    terms: Mapping[str, str | int] | None = None,
) -> Ref:
    """Open a savings account for a person or a group, kept in the book of a fund or of a group.

    The product's terms are copied and stay with the account if the package changes; `terms` may set, for example,
    the value of one share or what is saved at each meeting.
    """
    declared = product_of(product, ProductKind.SAVINGS)
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = SavingsAccount.objects.filter(key=key).first()
        if known is not None:
            if (known.product, known.owner, known.holder) != (declared.id, str(owner_ref), str(holder_ref)):
                raise KeyReused(key=key)
            return Ref(known.ref)
        fund = fund_row(actor, holder_ref) if holder_ref.kind == "fnd" else None
        if fund is not None and fund.currency != currency:
            raise WrongCurrency(expected=fund.currency, given=currency)
        Money.zero(currency)
        form = SavingsForm(declared.data["savings_form"])
        agreed = {name: str(declared.data.get(name, usual)) for name, usual in _TERMS.items()}
        agreed |= {name: str(value) for name, value in (terms or {}).items() if name in _TERMS}
        if form is SavingsForm.SHARES and int(agreed["share_value_minor"]) <= 0:
            raise AmountNotPositive(amount_minor=int(agreed["share_value_minor"]))
        book = Ref(fund.book) if fund is not None else group_book(actor, holder_ref, scope, currency)
        months = int(declared.data.get("term_months", 0))
        row = SavingsAccount(
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            form=form.value,
            owner=owner_ref,
            group=group_ref or (owner_ref if owner_ref.kind == "grp" else ""),
            holder=holder_ref,
            fund=fund,
            book=book,
            currency=currency,
            terms=agreed,
            opened_on=on,
            matures_on=add_months(on, months) if months else None,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        is_share = form is SavingsForm.SHARES
        row.account = ledger.open_account(
            actor,
            book_ref=book,
            code=f"{'shares' if is_share else 'savings'}:{row.ref}",
            title=f"Savings {row.ref}",
            kind="equity" if is_share else "liability",
            unit=currency,
            floor_minor=0,
        )
        row.save()
        record(actor, "finance.open_savings", row.ref, facts={"product": declared.id, "owner": str(owner_ref)})
    return Ref(row.ref)


def open_savings_for_members(
    actor: Actor,
    *,
    product: str,
    member_refs: Sequence[Ref],
    group_ref: Ref,
    holder_ref: Ref,
    scope: str,
    currency: str,
    on: date,
    key: str,
) -> list[Ref]:
    """Open an account of one product for each of these members of a group, all or none, in the order of the members.

    Each is an account as `open_savings` makes it; the same key opens nobody's twice.
    """
    with ledger.posting_transaction():
        return [
            open_savings(
                actor,
                product=product,
                owner_ref=member,
                holder_ref=holder_ref,
                scope=scope,
                currency=currency,
                on=on,
                key=f"{key}:{member}",
                group_ref=group_ref,
            )
            for member in member_refs
        ]


def deposit(
    actor: Actor, *, account_ref: Ref, amount: Money, on: date, key: str, receipt: str = ""
) -> SavingsMovementView:
    """Take savings in. The same key books once; a receipt number stands once in a book."""
    with ledger.posting_transaction():
        row = locked_savings(actor, account_ref)
        require(actor, "finance.collect", row.scope.path)
        return book_deposit(actor, row, amount=amount, on=on, key=key, receipt=receipt)


def book_deposit(
    actor: Actor, row: SavingsAccount, *, amount: Money, on: date, key: str, receipt: str
) -> SavingsMovementView:
    """Book a deposit to a locked account, once the right to do so is checked. For the services of this engine."""
    with ledger.posting_transaction():
        known = SavingsMovement.objects.filter(key=key).select_related("account").first()
        if known is not None:
            return _same(known, row, amount, on, key)
        check_deposit(row, amount, on)
        _check_receipt(row, receipt)
        one = SavingsMovement(
            account=row,
            book=row.book,
            kind=MovementKind.DEPOSIT.value,
            state=MovementState.BOOKED.value,
            on=on,
            amount_minor=amount.amount_minor,
            receipt=receipt,
            prepared_by=actor.key,
            booked_by=actor.key,
            key=key,
        )
        one.entry = _book(actor, row, one)
        one.save()
        record(actor, "finance.deposit", one.ref, facts={"account": row.ref, "amount_minor": amount.amount_minor})
        return movement_view(one, row, balance_minor(row))


def give_notice(actor: Actor, *, account_ref: Ref, amount: Money, on: date, key: str) -> date:
    """Say in advance that money will be taken out; returns the day from which it may be."""
    with ledger.posting_transaction():
        row = locked_savings(actor, account_ref)
        require(actor, "finance.collect", row.scope.path)
        known = SavingsNotice.objects.filter(key=key).first()
        if known is not None:
            return known.free_on
        check_amount(amount, row.currency)
        free_on = on + timedelta(days=int(row.terms.get("notice_days", 0)))
        SavingsNotice.objects.create(
            account=row, amount_minor=amount.amount_minor, given_on=on, free_on=free_on, by=actor.key, key=key
        )
        record(actor, "finance.give_notice", row.ref, facts={"amount_minor": amount.amount_minor})
    return free_on


def prepare_withdrawal(
    actor: Actor, *, account_ref: Ref, amount: Money, on: date, key: str, receipt: str = "", closes: bool = False
) -> Ref:
    """Prepare money to be taken out. Nothing moves before a second person pays it; it is not promised twice."""
    with ledger.posting_transaction():
        row = locked_savings(actor, account_ref)
        require(actor, "finance.prepare", row.scope.path)
        known = SavingsMovement.objects.filter(key=key).select_related("account").first()
        if known is not None:
            return _same(known, row, amount, on, key).ref
        check_withdrawal(row, amount, on, held_minor=balance_minor(row), closes=closes)
        notice = check_notice(row, amount, on)
        _check_receipt(row, receipt)
        one = SavingsMovement.objects.create(
            account=row,
            book=row.book,
            kind=MovementKind.WITHDRAWAL.value,
            state=MovementState.PREPARED.value,
            on=on,
            amount_minor=amount.amount_minor,
            closes=closes,
            receipt=receipt,
            prepared_by=actor.key,
            key=key,
        )
        if notice is not None:
            notice.movement = one
            notice.save(update_fields=["movement"])
        record(
            actor, "finance.prepare_withdrawal", one.ref, facts={"account": row.ref, "amount_minor": one.amount_minor}
        )
    return Ref(one.ref)


def pay_withdrawal(actor: Actor, *, movement_ref: Ref, on: date) -> SavingsMovementView:
    """Pay a prepared withdrawal. Asking twice pays once; who prepared it does not pay it."""
    with ledger.posting_transaction():
        row, one = _locked_movement(actor, movement_ref)
        if not can(actor, "finance.approve", row.scope.path):
            require(actor, "finance.release", row.scope.path)
        if one.state == MovementState.BOOKED:
            return movement_view(one, row, balance_minor(row))
        if one.state != MovementState.PREPARED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        if one.prepared_by == actor.key:
            raise SamePerson(doing="pay", did="prepare", movement=one.ref)
        held = -ledger.balance_locked(Ref(row.account))
        amount = Money(one.amount_minor, row.currency)
        check_withdrawal(row, amount, on, held_minor=held, closes=one.closes, own_minor=one.amount_minor)
        if one.closes and held != one.amount_minor:
            raise WrongState(state="changed since it was prepared")
        one.on, one.state, one.booked_by = on, MovementState.BOOKED.value, actor.key
        if one.amount_minor:
            one.entry = _book(actor, row, one)
        one.save()
        if one.closes:
            row.state, row.closed_on = SavingsState.CLOSED.value, on
            row.save(update_fields=["state", "closed_on"])
        record(actor, "finance.pay_withdrawal", one.ref, facts={"account": row.ref, "amount_minor": one.amount_minor})
        return movement_view(one, row, balance_minor(row))


def drop_withdrawal(actor: Actor, *, movement_ref: Ref, why: str) -> None:
    """Give up a prepared withdrawal: what it promised, and its notice, are free again."""
    with ledger.posting_transaction():
        row, one = _locked_movement(actor, movement_ref)
        require(actor, "finance.prepare", row.scope.path)
        if one.state == MovementState.DROPPED:
            return
        if one.state != MovementState.PREPARED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        one.state, one.why = MovementState.DROPPED.value, why[:300]
        one.save(update_fields=["state", "why"])
        one.notices.update(movement=None)
        record(actor, "finance.drop_withdrawal", one.ref, why=why)


def close_savings(actor: Actor, *, account_ref: Ref, on: date, key: str, receipt: str = "") -> Ref:
    """Prepare the closing of an account: everything is paid out and, once a second person paid it, the account ends."""
    with ledger.posting_transaction():
        row = locked_savings(actor, account_ref)
        if prepared_minor(row) and not row.movements.filter(key=key).exists():
            raise WrongState(state="waiting for a withdrawal")
        known = row.movements.filter(key=key).first()
        held = known.amount_minor if known is not None else balance_minor(row)
        return prepare_withdrawal(
            actor,
            account_ref=account_ref,
            amount=Money(held, row.currency),
            on=known.on if known is not None else on,
            key=key,
            receipt=receipt,
            closes=True,
        )


def undo_movement(actor: Actor, *, movement_ref: Ref, why: str, on: date, key: str) -> SavingsMovementView:
    """Take back the last movement of an account by a reversing entry. Earlier ones wait until the later are undone."""
    with ledger.posting_transaction():
        row, one = _locked_movement(actor, movement_ref)
        require(actor, "finance.collect", row.scope.path)
        if one.state == MovementState.UNDONE:
            return movement_view(one, row, None)
        if one.state != MovementState.BOOKED:
            raise WrongState(state=one.state)
        if not why:
            raise DecisionMissing()
        later = row.movements.filter(state=MovementState.BOOKED, pk__gt=one.pk).order_by("pk").first()
        later = later or row.movements.filter(state=MovementState.PREPARED).order_by("pk").first()
        if later is not None:
            raise BeforeLastMovement(last_on=later.on.isoformat(), on=one.on.isoformat())
        if one.entry:
            one.undone_entry = ledger.reverse(actor, entry_ref=Ref(one.entry), why=why, on=on, key=key).ref
        one.state, one.why = MovementState.UNDONE.value, why[:300]
        one.save(update_fields=["undone_entry", "state", "why"])
        one.notices.update(movement=None)
        if one.kind == MovementKind.INTEREST and one.period_from is not None:
            before = row.movements.filter(kind=MovementKind.INTEREST, state=MovementState.BOOKED)
            row.interest_until = before.order_by("-period_to").values_list("period_to", flat=True).first()
        if one.closes:
            row.state, row.closed_on = SavingsState.OPEN.value, None
        row.save(update_fields=["interest_until", "state", "closed_on"])
        record(actor, "finance.undo_movement", one.ref, why=why)
        return movement_view(one, row, None)


# --- for the services of this engine ------------------------------------------------------------------------


def product_of(name: str, kind: ProductKind) -> Definition:
    """The declared product, if it is of this kind."""
    declared = definition("product", name)
    if declared.data["kind"] != kind:
        raise ProductNotThis(product=declared.id, kind=declared.data["kind"])
    return declared


def group_book(actor: Actor, group_ref: Ref, scope: str, currency: str) -> Ref:
    """The book that a group keeps, with its cash box; opened when it first saves."""
    book = ledger.open_book(actor, ref_owner=group_ref, title=f"Savings of {group_ref}", scope=scope)
    ledger.open_account(actor, book_ref=book, code="cash", title="Cash box", kind="asset", unit=currency, floor_minor=0)
    return book


def locked_savings(actor: Actor, ref: Ref) -> SavingsAccount:
    return lock(savings_row(actor, ref))


# --- inside -------------------------------------------------------------------------------------------------


def _locked_movement(actor: Actor, ref: Ref) -> tuple[SavingsAccount, SavingsMovement]:
    found = SavingsMovement.objects.filter(ref=ref).values_list("account__ref", flat=True).first()
    if found is None:
        raise NotFound(ref=ref)
    row = locked_savings(actor, Ref(found))
    return row, row.movements.get(ref=ref)


def _same(known: SavingsMovement, row: SavingsAccount, amount: Money, on: date, key: str) -> SavingsMovementView:
    if (known.account_id, known.amount_minor, known.on) != (row.pk, amount.amount_minor, on):
        raise KeyReused(key=key)
    return movement_view(known, known.account, None)


def _check_receipt(row: SavingsAccount, receipt: str) -> None:
    if not receipt:
        return
    used = SavingsMovement.objects.filter(
        book=row.book, receipt=receipt, state__in=[MovementState.PREPARED, MovementState.BOOKED]
    ).select_related("account")
    found = used.first()
    if found is not None:
        raise ReceiptUsed(receipt=receipt, contract=found.account.ref)


def _book(actor: Actor, row: SavingsAccount, one: SavingsMovement) -> Ref:
    """Cash against what is saved."""
    into = one.amount_minor if one.kind == MovementKind.DEPOSIT else -one.amount_minor
    place: dict[str, Any] = {"place": row.scope.path}
    entry = ledger.post(
        actor,
        book_ref=Ref(row.book),
        memo=f"{one.kind.capitalize()} {one.ref} of {row.ref}",
        occurred_on=one.on,
        lines=[
            Line(ledger.account(Ref(row.book), "cash").ref, into, place),
            Line(Ref(row.account), -into, place),
        ],
        source_ref=Ref(one.ref),
        key=f"savings:{one.ref}",
    )
    return entry.ref
