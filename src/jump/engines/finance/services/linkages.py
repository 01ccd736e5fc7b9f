"""Matching funds beside the seed, and lines with banks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock, locked
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import BankLine, BankLineMove, Contribution, MatchingPledge, MatchingReceipt
from jump.engines.finance.models.refusals import (
    KeyReused,
    LineShort,
    LineUnknown,
    MoreThanPledged,
    NotPrepared,
    ProductNotThis,
    SamePerson,
    WrongState,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.funds import fund_row
from jump.engines.finance.queries.securities import bank_line, line_row, received_minor, used_of_line
from jump.engines.finance.services.funds import contribute, require_free
from jump.engines.finance.services.savings import product_of
from jump.engines.finance.types import Contributor
from jump.engines.finance.types.savings import MovementState, ProductKind
from jump.engines.finance.types.securities import BankLineKind, BankLineView, LineMoveKind
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line

FUND_EARMARKS = ("place", "product", "use")
_OF: dict[BankLineKind, tuple[LineMoveKind, LineMoveKind]] = {
    BankLineKind.CREDIT_LINE: (LineMoveKind.DRAWN, LineMoveKind.REPAID),
    BankLineKind.ACCOUNT: (LineMoveKind.PAID_IN, LineMoveKind.TAKEN_OUT),
}


def pledge_matching(
    actor: Actor,
    *,
    fund_ref: Ref,
    party_ref: Ref,
    source: Contributor | str,
    amount: Money,
    on: date,
    key: str,
    until: date | None = None,
    proof_ref: Ref | None = None,
    note: str = "",
    earmark: Mapping[str, str] | None = None,
) -> Ref:
    """Record what somebody promised to put into a fund beside the seed (000, 11.1(8)). Nothing comes in yet.

    `earmark` names what alone it may be used for: a product, a use or a place (001, Institutional framework).
    """
    marks = {name: value for name, value in (earmark or {}).items() if value}
    for name in marks:
        if name not in FUND_EARMARKS:
            raise LineUnknown(what="earmark", given=name)
    kind = Contributor(source)
    with ledger.posting_transaction():
        fund = fund_row(actor, fund_ref)
        require(actor, "finance.prepare", fund.scope.path)
        check_amount(amount, fund.currency)
        known = MatchingPledge.objects.filter(key=key).first()
        if known is not None:
            if (known.party, known.amount_minor) != (str(party_ref), amount.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        row = MatchingPledge.objects.create(
            fund=fund,
            party=party_ref,
            source=kind.value,
            amount_minor=amount.amount_minor,
            on=on,
            until=until,
            earmark=marks,
            proof=proof_ref or "",
            note=note[:200],
            by=actor.key,
            key=key,
        )
        record(actor, "finance.pledge_matching", fund.ref, facts={"amount_minor": row.amount_minor, "pledge": row.ref})
    return Ref(row.ref)


def receive_matching(actor: Actor, *, pledge_ref: Ref, amount: Money, on: date, key: str) -> Ref:
    """Money that came in under a pledge: capital of the fund, by its source. Never more than was pledged."""
    with ledger.posting_transaction():
        pledge = locked(MatchingPledge.objects.filter(ref=pledge_ref).select_related("fund")).first()
        if pledge is None:
            raise NotFound(ref=pledge_ref)
        fund = fund_row(actor, Ref(pledge.fund.ref))
        require(actor, "finance.prepare", fund.scope.path)
        known = Contribution.objects.filter(fund=fund, key=key).first()
        left = pledge.amount_minor - received_minor(pledge)
        if known is None and amount.amount_minor > left:
            raise MoreThanPledged(asked_minor=amount.amount_minor, open_minor=left, currency=fund.currency)
        made = contribute(
            actor,
            fund_ref=Ref(fund.ref),
            amount=amount,
            source=pledge.source,
            on=on,
            key=key,
            memo=f"Under pledge {pledge.ref}",
        )
        MatchingReceipt.objects.get_or_create(contribution=Contribution.objects.get(ref=made), pledge=pledge)
    return made


def open_bank_line(
    actor: Actor,
    *,
    product: str,
    party_ref: Ref,
    bank_name: str,
    currency: str,
    scope: str,
    on: date,
    key: str,
    bank_ref: Ref | None = None,
    number: str = "",
    limit: Money | None = None,
    ends_on: date | None = None,
    proof_ref: Ref | None = None,
) -> Ref:
    """Record a link between a bank and a fund or a group: an account there, or a credit line with its limit."""
    declared = product_of(product, ProductKind.BANK_LINE)
    kind = BankLineKind(declared.data["line_kind"])
    with ledger.posting_transaction():
        require(actor, "finance.prepare", scope)
        known = BankLine.objects.filter(key=key).first()
        if known is not None:
            if (known.product, known.party) != (declared.id, str(party_ref)):
                raise KeyReused(key=key)
            return Ref(known.ref)
        fund = fund_row(actor, party_ref) if party_ref.kind == "fnd" else None
        if kind is BankLineKind.CREDIT_LINE:
            check_amount(limit if limit is not None else Money.zero(currency), currency)
        if fund is not None:
            check_amount(Money(1, currency), fund.currency)
        row = BankLine(
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            kind=kind.value,
            bank=bank_ref or "",
            bank_name=bank_name[:200],
            party=party_ref,
            fund=fund,
            number=number[:40],
            currency=currency,
            limit_minor=limit.amount_minor if limit is not None else 0,
            opened_on=on,
            ends_on=ends_on,
            proof=proof_ref or "",
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        if fund is not None and kind is BankLineKind.CREDIT_LINE:
            row.account = ledger.open_account(
                actor,
                book_ref=Ref(fund.book),
                code=f"bank:{row.ref}",
                title=f"Owed to bank, line {row.ref}",
                kind="liability",
                unit=currency,
                floor_minor=0,
            )
        row.save()
        record(actor, "finance.open_bank_line", row.ref, facts={"kind": kind.value, "limit_minor": row.limit_minor})
    return Ref(row.ref)


def move_on_line(
    actor: Actor, *, line_ref: Ref, kind: LineMoveKind | str, amount: Money, on: date, key: str, receipt: str = ""
) -> Ref:
    """Record an amount drawn or repaid, paid in or taken out. Money that leaves a fund waits for a second person.

    Never drawn beyond the limit, never repaid beyond what is owed.
    """
    sort = LineMoveKind(kind)
    with ledger.posting_transaction():
        row = lock(line_row(actor, line_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = BankLineMove.objects.filter(key=key).first()
        if known is not None:
            if (known.line_id, known.kind, known.amount_minor) != (row.pk, sort.value, amount.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        if sort not in _OF[BankLineKind(row.kind)]:
            raise ProductNotThis(product=row.product, kind=row.kind)
        check_amount(amount, row.currency)
        _check_day(row, on)
        used = used_of_line(row)
        if sort in (LineMoveKind.REPAID, LineMoveKind.TAKEN_OUT):
            free: int | None = used
        else:
            free = row.limit_minor - used if sort is LineMoveKind.DRAWN else None
        if free is not None and amount.amount_minor > free:
            raise LineShort(asked_minor=amount.amount_minor, free_minor=free, currency=row.currency, line=row.ref)
        leaves = sort is LineMoveKind.REPAID and row.fund_id is not None
        one = BankLineMove(
            line=row,
            kind=sort.value,
            amount_minor=amount.amount_minor,
            on=on,
            receipt=receipt[:40],
            leaves_fund=leaves,
            state=(MovementState.PREPARED if leaves else MovementState.BOOKED).value,
            prepared_by=actor.key,
            booked_by="" if leaves else actor.key,
            key=key,
        )
        if row.account and not leaves:
            one.entry = _post(actor, row, one, on)
        one.save()
        record(actor, "finance.move_on_line", one.ref, facts={"line": row.ref, "amount_minor": one.amount_minor})
    return Ref(one.ref)


def pay_bank(actor: Actor, *, move_ref: Ref, on: date) -> BankLineView:
    """Pay a prepared repayment to the bank. Asking twice pays once; who prepared it does not pay it."""
    with ledger.posting_transaction():
        found = BankLineMove.objects.filter(ref=move_ref).values_list("line__ref", flat=True).first()
        if found is None:
            raise NotFound(ref=move_ref)
        row = lock(line_row(actor, Ref(found)))
        if not can(actor, "finance.approve", row.scope.path):
            require(actor, "finance.release", row.scope.path)
        one = row.moves.get(ref=move_ref)
        if one.state == MovementState.BOOKED:
            return bank_line(actor, Ref(row.ref))
        if one.state != MovementState.PREPARED:
            raise NotPrepared(state=one.state, tranche=one.ref)
        if one.prepared_by == actor.key:
            raise SamePerson(doing="pay", did="prepare", payment=one.ref)
        _check_day(row, on)
        assert row.fund is not None
        require_free(row.fund, one.amount_minor)
        one.entry = _post(actor, row, one, on)
        one.on, one.state, one.booked_by = on, MovementState.BOOKED.value, actor.key
        one.save()
        record(actor, "finance.pay_bank", one.ref, facts={"line": row.ref, "amount_minor": one.amount_minor})
        return bank_line(actor, Ref(row.ref))


def close_bank_line(actor: Actor, *, line_ref: Ref, on: date) -> None:
    """End a link with a bank. Refused while anything is owed or lies there."""
    with ledger.posting_transaction():
        row = lock(line_row(actor, line_ref))
        require(actor, "finance.approve", row.scope.path)
        if row.closed_on is not None:
            return
        _check_day(row, on)
        left = used_of_line(row)
        if left or row.moves.filter(state=MovementState.PREPARED).exists():
            raise WrongState(state="not paid back" if row.kind == BankLineKind.CREDIT_LINE else "not empty")
        row.closed_on = on
        row.save(update_fields=["closed_on"])
        record(actor, "finance.close_bank_line", row.ref)


# --- inside -------------------------------------------------------------------------------------------------


def _check_day(row: BankLine, on: date) -> None:
    if row.closed_on is not None:
        raise WrongState(state="closed")
    latest = min(clock.today(), row.ends_on) if row.ends_on and row.kind == BankLineKind.ACCOUNT else clock.today()
    check_day(on, earliest=row.opened_on, latest=latest)


def _post(actor: Actor, row: BankLine, one: BankLineMove, on: date) -> Ref:
    """Cash against what is owed to the bank."""
    assert row.fund is not None
    into = one.amount_minor if one.kind == LineMoveKind.DRAWN else -one.amount_minor
    entry = ledger.post(
        actor,
        book_ref=Ref(row.fund.book),
        memo=f"Line {row.ref}: {one.kind}",
        occurred_on=on,
        lines=[Line(ledger.account(Ref(row.fund.book), "cash").ref, into), Line(Ref(row.account), -into)],
        source_ref=Ref(one.ref),
        key=f"line:{one.ref}",
    )
    return entry.ref
