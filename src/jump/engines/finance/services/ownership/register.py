"""The register of shares of an enterprise: issue, transfer, change of class, buying back, purchases by instalments.

Shares are lines in the unit `share` of the enterprise's own book: what holders have stands on one side, what was issued
on the other, so that the register adds up by itself (requirement CONVERT-04; finance rules, section 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.scopes import node_id
from jump.core.money import Money
from jump.core.ownership import paid_up
from jump.core.units import Ref
from jump.engines.finance.models import OwnershipStep, SharePurchase, ShareRegister
from jump.engines.finance.models.ownership_refusals import (
    AlreadyKept,
    ClassUnknown,
    InstalmentsDiffer,
    SharesShort,
    StakeUnknown,
    StepImpossible,
)
from jump.engines.finance.models.refusals import AmountNotPositive, KeyReused
from jump.engines.finance.queries.ownership.registers import (
    HOLDER_KINDS,
    classes_of,
    free_parts,
    holding_code,
    one_share,
)
from jump.engines.finance.services.ownership.steps import RULES, Asked, Move, Rule, Worked
from jump.engines.finance.services.savings import product_of
from jump.engines.finance.types.ownership import SHARE_UNIT, StakeState, StepKind, StepState
from jump.engines.finance.types.savings import ProductKind
from jump.engines.ledger import api as ledger


def open_register(
    actor: Actor,
    *,
    product: str,
    enterprise_ref: Ref,
    scope: str,
    nominal: Money,
    jurisdiction: str,
    founded_on: date,
    on: date,
    key: str,
) -> Ref:
    """Open the register of an enterprise, in the enterprise's own book. An enterprise has one register."""
    declared = product_of(product, ProductKind.SHARE_REGISTER)
    require(actor, "finance.prepare", scope)
    with ledger.posting_transaction():
        known = ShareRegister.objects.filter(key=key).first()
        if known is not None:
            if (known.enterprise, known.nominal_minor) != (str(enterprise_ref), nominal.amount_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        other = ShareRegister.objects.filter(enterprise=enterprise_ref).first()
        if other is not None:
            raise AlreadyKept(ref=other.ref)
        if nominal.amount_minor <= 0:
            raise AmountNotPositive(amount_minor=nominal.amount_minor)
        ledger.unit(SHARE_UNIT)
        row = ShareRegister.objects.create(
            enterprise=enterprise_ref,
            product=declared.id,
            product_version=declared.version,
            product_title=dict(declared.data["title"]),
            terms={name: declared.data[name] for name in ("share_classes", "owned_by") if name in declared.data},
            book=ledger.open_book(actor, ref_owner=enterprise_ref, title=f"Book of {enterprise_ref}", scope=scope),
            currency=nominal.currency,
            nominal_minor=nominal.amount_minor,
            jurisdiction=jurisdiction.upper(),
            founded_on=founded_on,
            opened_on=on,
            by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        record(actor, "finance.open_register", row.ref, facts={"enterprise": str(enterprise_ref)})
    return Ref(row.ref)


# --- steps ------------------------------------------------------------------------------------------------------------


def _issue(asked: Asked) -> Worked:
    """New shares to a holder; what is paid above the nominal value is a premium."""
    row, given = asked.subject, asked.given
    share_class, parts = _class(row, given["share_class"]), _parts(given)
    _kind(given.get("holder_kind", HOLDER_KINDS[0]))
    total = _cost(parts, int(given.get("price_minor", 0)))
    return Worked(
        moves=(*_issued(share_class, given["holder"], parts), *_paid_in(row, parts, total)),
        figures={"total_minor": total, "held_after": _held(row, given["holder"], share_class) + parts},
        amount_minor=total,
        shares=parts,
        party=str(given["holder"]),
    )


def _transfer(asked: Asked) -> Worked:
    """Shares from one holder to another at a price that passes between them."""
    row, given = asked.subject, asked.given
    share_class, parts = _class(row, given["share_class"]), _parts(given)
    _kind(given.get("to_kind", HOLDER_KINDS[0]))
    if given["holder"] == given["to"]:
        raise StepImpossible(why="nobody passes shares to herself")
    free = _require_free(row, given["holder"], share_class, parts)
    return Worked(
        moves=_passed(share_class, given["holder"], given["to"], parts),
        figures={
            "total_minor": _cost(parts, int(given.get("price_minor", 0))),
            "free_after": free - parts,
            "held_after": _held(row, given["to"], share_class) + parts,
        },
        amount_minor=_cost(parts, int(given.get("price_minor", 0))),
        shares=parts,
        party=str(given["holder"]),
        about=str(given["to"]),
    )


def _change_class(asked: Asked) -> Worked:
    """Shares change their class with the status of the worker who holds them (finance rules, section 4)."""
    row, given = asked.subject, asked.given
    share_class, to_class, parts = _class(row, given["share_class"]), _class(row, given["to_class"]), _parts(given)
    if share_class == to_class:
        raise StepImpossible(why="the class is the same")
    free = _require_free(row, given["holder"], share_class, parts)
    back, there = _issued(share_class, given["holder"], -parts), _issued(to_class, given["holder"], parts)
    return Worked(
        moves=(*there, *back),
        figures={"free_after": free - parts, "held_after": _held(row, given["holder"], to_class) + parts},
        shares=parts,
        party=str(given["holder"]),
    )


def _cancel(asked: Asked) -> Worked:
    """The enterprise buys shares back; they are no longer issued."""
    row, given = asked.subject, asked.given
    share_class, parts = _class(row, given["share_class"]), _parts(given)
    free = _require_free(row, given["holder"], share_class, parts)
    total = _cost(parts, int(given.get("price_minor", 0)))
    paid = _paid_in(row, parts, total)
    return Worked(
        moves=(
            *_issued(share_class, given["holder"], -parts),
            *(Move(move.code, move.title, move.kind, move.unit, -move.amount, move.floor) for move in paid),
        ),
        figures={"total_minor": total, "free_after": free - parts},
        amount_minor=total,
        shares=parts,
        party=str(given["holder"]),
    )


def _agree_purchase(asked: Asked) -> Worked:
    """A purchase by instalments. The shares stay with the seller until they are paid for, and are no longer free."""
    row, given = asked.subject, asked.given
    share_class, parts = _class(row, given["share_class"]), _parts(given)
    _kind(given.get("buyer_kind", HOLDER_KINDS[0]))
    price = int(given["price_minor"])
    if parts % one_share() or price <= 0:
        raise StepImpossible(why="by instalments, whole shares are bought at a price above zero")
    cost = _cost(parts, price)
    agreed = sum(int(amount) for _day, amount in given["instalments"])
    if agreed != cost or any(int(amount) <= 0 for _day, amount in given["instalments"]):
        raise InstalmentsDiffer(given_minor=agreed, cost_minor=cost, currency=row.currency)
    if given.get("seller"):
        _require_free(row, given["seller"], share_class, parts)
    return Worked(
        figures={"total_minor": cost, "instalments": len(given["instalments"])},
        amount_minor=cost,
        shares=parts,
        party=str(given["buyer"]),
        about=str(given.get("seller", "")),
    )


def _keep_purchase(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    given = asked.given
    SharePurchase.objects.create(
        register=asked.subject,
        buyer=given["buyer"],
        seller=given.get("seller", ""),
        share_class=given["share_class"],
        shares=step.shares,
        price_minor=int(given["price_minor"]),
        instalments=[[day, int(amount)] for day, amount in sorted(given["instalments"])],
        agreed_on=step.on,
        step=step,
    )
    _keep_kind(asked.subject, *_kind_told(given))


def _undo_purchase(row: ShareRegister, step: OwnershipStep, by: OwnershipStep) -> None:
    """The agreement is gone; what had been agreed still stands on the step."""
    row.purchases.filter(step=step).delete()
    _undo_kinds(row, step, by)


def _pay_purchase(asked: Asked) -> Worked:
    """A payment of a purchase: every share that is paid for passes to the buyer at once."""
    row, given = asked.subject, asked.given
    sale = _sale(row, given["purchase"])
    amount = int(given["amount_minor"])
    if amount <= 0:
        raise AmountNotPositive(amount_minor=amount)
    unit = one_share()
    stands = paid_up(shares=sale.shares // unit, price_minor=sale.price_minor, paid_minor=sale.paid_minor + amount)
    passing = stands.shares * unit - sale.delivered
    if sale.seller:
        moves = _passed(sale.share_class, sale.seller, sale.buyer, passing) if passing else ()
    else:
        for_shares = _cost(passing, sale.price_minor)
        moves = (
            *(_issued(sale.share_class, sale.buyer, passing) if passing else ()),
            _cash(row, amount),
            Move(f"paid_for_shares:{sale.ref}", "Paid for shares", "liability", row.currency, for_shares - amount),
            *_capital(row, passing, for_shares),
        )
    return Worked(
        moves=moves,
        figures={"paid_minor": sale.paid_minor + amount, "owed_minor": stands.owed_minor, "passing": passing},
        amount_minor=amount,
        shares=passing,
        party=sale.buyer,
        about=str(sale.ref),
    )


def _keep_payment(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    sale = _sale(asked.subject, asked.given["purchase"])
    sale.paid_minor += step.amount_minor
    sale.delivered += step.shares
    if sale.delivered == sale.shares:
        sale.state = StakeState.CLOSED.value
    sale.save(update_fields=["paid_minor", "delivered", "state"])


def _undo_payment(row: ShareRegister, step: OwnershipStep, by: OwnershipStep) -> None:
    sale = row.purchases.get(ref=step.about)
    sale.paid_minor -= step.amount_minor
    sale.delivered -= step.shares
    sale.state = StakeState.OPEN.value
    sale.save(update_fields=["paid_minor", "delivered", "state"])


def _record_hours(asked: Asked) -> Worked:
    """Who worked how many hours in a year, with which contract: what the test of a labour company asks."""
    year, workers = int(asked.given["year"]), asked.given["workers"]
    refs = [one["ref"] for one in workers]
    if not workers or len(set(refs)) != len(refs) or any(int(one["hours"]) < 0 for one in workers):
        raise StepImpossible(why="every worker stands once, with hours of at least nothing")
    if date(year, 12, 31) > asked.on:
        raise StepImpossible(why="the year is not over")
    return Worked(figures={"workers": len(workers), "hours": sum(int(one["hours"]) for one in workers)}, year=year)


def _keep_kinds(actor: Actor, asked: Asked, step: OwnershipStep) -> None:
    _keep_kind(asked.subject, *_kind_told(asked.given))


def _undo_kinds(row: ShareRegister, step: OwnershipStep, by: OwnershipStep) -> None:
    """Which kind of holder each is, as the steps that stand say it."""
    told = OwnershipStep.objects.filter(
        subject=row.ref,
        state=StepState.BOOKED,
        kind__in=[StepKind.ISSUE, StepKind.TRANSFER, StepKind.AGREE_PURCHASE],
    ).order_by("on", "turn", "id")
    row.holder_kinds = {who: kind for who, kind in (_kind_told(one.asked) for one in told) if kind}
    row.save(update_fields=["holder_kinds"])


def _kind_told(given: Mapping[str, Any]) -> tuple[str, str | None]:
    """Who gets shares by a step, and as which kind of holder."""
    who, kind = next(
        pair for pair in (("to", "to_kind"), ("buyer", "buyer_kind"), ("holder", "holder_kind")) if pair[0] in given
    )
    return given[who], given.get(kind)


RULES.update(
    {
        StepKind.ISSUE: Rule(_issue, "holder share_class shares", _keep_kinds, _undo_kinds),
        StepKind.TRANSFER: Rule(_transfer, "holder to share_class shares", _keep_kinds, _undo_kinds),
        StepKind.CHANGE_CLASS: Rule(_change_class, "holder share_class to_class shares"),
        StepKind.CANCEL: Rule(_cancel, "holder share_class shares"),
        StepKind.AGREE_PURCHASE: Rule(
            _agree_purchase, "buyer share_class shares price_minor instalments", _keep_purchase, _undo_purchase
        ),
        StepKind.PAY_PURCHASE: Rule(_pay_purchase, "purchase amount_minor", _keep_payment, _undo_payment),
        StepKind.RECORD_HOURS: Rule(_record_hours, "year workers"),
    }
)


# --- lines ------------------------------------------------------------------------------------------------------------


def _holding(share_class: str, holder: str, parts: int) -> Move:
    return Move(holding_code(share_class, holder), f"Shares of {holder}, {share_class}", "asset", SHARE_UNIT, parts)


def _issued(share_class: str, holder: str, parts: int) -> tuple[Move, ...]:
    issued = Move(f"issued:{share_class}", f"Issued shares, {share_class}", "equity", SHARE_UNIT, -parts)
    return _holding(share_class, holder, parts), issued


def _passed(share_class: str, holder: str, to: str, parts: int) -> tuple[Move, ...]:
    return _holding(share_class, to, parts), _holding(share_class, holder, -parts)


def _cash(row: ShareRegister, amount_minor: int) -> Move:
    return Move("cash", "Cash and bank", "asset", row.currency, amount_minor)


def _paid_in(row: ShareRegister, parts: int, total_minor: int) -> tuple[Move, ...]:
    return (_cash(row, total_minor), *_capital(row, parts, total_minor)) if total_minor else ()


def _capital(row: ShareRegister, parts: int, total_minor: int) -> tuple[Move, ...]:
    """What is paid for new shares: their nominal value is share capital, the rest premium."""
    nominal = min(_cost(parts, row.nominal_minor), total_minor)
    return (
        Move("share_capital", "Share capital", "equity", row.currency, -nominal, None),
        Move("share_premium", "Share premium", "equity", row.currency, nominal - total_minor, None),
    )


# --- checks -----------------------------------------------------------------------------------------------------------


def _class(row: ShareRegister, name: str) -> str:
    if name not in classes_of(row):
        raise ClassUnknown(given=name, classes=", ".join(classes_of(row)))
    return name


def _kind(name: str) -> None:
    if name not in HOLDER_KINDS:
        raise StepImpossible(why=f"nobody is a holder of the kind {name}")


def _parts(given: Mapping[str, Any]) -> int:
    parts = int(given["shares"])
    if parts <= 0:
        raise AmountNotPositive(amount_minor=parts)
    return parts


def _cost(parts: int, price_minor: int) -> int:
    """What so many smallest parts cost at a price of one share; a part of a cent is refused, not rounded away."""
    if price_minor < 0:
        raise AmountNotPositive(amount_minor=price_minor)
    cost, rest = divmod(parts * price_minor, one_share())
    if rest:
        raise StepImpossible(why="these shares do not cost a whole amount at this price")
    return cost


def _held(row: ShareRegister, holder: str, share_class: str) -> int:
    return ledger.balances(Ref(row.book)).get(holding_code(share_class, holder), 0)


def _require_free(row: ShareRegister, holder: str, share_class: str, parts: int) -> int:
    free = free_parts(row, holder=holder, share_class=share_class)
    if parts > free:
        unit = one_share()
        raise SharesShort(free=_shown(free, unit), asked=_shown(parts, unit), holder=holder)
    return free


def _shown(parts: int, unit: int) -> str:
    return f"{Decimal(parts) / unit:f}"


def _sale(row: ShareRegister, ref: str) -> SharePurchase:
    sale = row.purchases.filter(ref=ref, state=StakeState.OPEN).first()
    if sale is None:
        raise StakeUnknown(given=ref)
    return sale


def _keep_kind(row: ShareRegister, holder: str, kind: str | None) -> None:
    if kind and row.holder_kinds.get(holder) != kind:
        row.holder_kinds = {**row.holder_kinds, holder: kind}
        row.save(update_fields=["holder_kinds"])
