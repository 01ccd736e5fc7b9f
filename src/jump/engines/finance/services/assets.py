"""Things bought that last: who keeps them, in what state they are, what they cost to keep working, and hand-over."""

from __future__ import annotations

from datetime import date, timedelta

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import lock, write_transaction
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Asset, AssetEvent, Spend
from jump.engines.finance.models.budget_refusals import AssetGone, AssetUnchecked
from jump.engines.finance.models.refusals import AboveLimit, DecisionMissing, KeyReused, LineUnknown
from jump.engines.finance.queries.assets import asset_row
from jump.engines.finance.queries.checks import check_amount, check_day

CONDITIONS = ("good", "worn", "damaged", "missing")
CHECK_DAYS = 31  # a hand-over says in what state the thing is: our default


def record_asset(
    actor: Actor, *, spend_ref: Ref, title: str, holder_ref: Ref, on: date, key: str, cost: Money | None = None
) -> Ref:
    """Register something bought that lasts, under the spend that paid it: together never more than was paid."""
    with write_transaction():
        paid = Spend.objects.visible_to(actor).select_related("scope").filter(ref=spend_ref).first()
        if paid is None:
            raise NotFound(ref=spend_ref)
        _require_keeper(actor, paid.scope.path)
        known = Asset.objects.filter(key=key).first()
        if known is not None:
            return Ref(known.ref)
        lock(paid)
        others = sum(paid.assets.values_list("cost_minor", flat=True))
        left = paid.paid_minor - others
        worth = cost or Money(left, paid.paid_currency)
        check_amount(worth, paid.paid_currency)
        if worth.amount_minor > left:
            raise AboveLimit(
                asked_minor=worth.amount_minor, limit_minor=left, currency=worth.currency, rule=str(spend_ref)
            )
        check_day(on, earliest=paid.on)
        row = Asset.objects.create(
            title=title,
            spend=paid,
            cost_minor=worth.amount_minor,
            currency=worth.currency,
            bought_on=on,
            holder=holder_ref,
            scope_id=paid.scope_id,
            key=key,
        )
        record(actor, "finance.record_asset", row.ref, facts={"spend": spend_ref, "holder": holder_ref})
    return Ref(row.ref)


def give_custody(
    actor: Actor, *, asset_ref: Ref, holder_ref: Ref, on: date, key: str, proof_ref: Ref | None = None, note: str = ""
) -> Ref:
    """Give a thing into the keeping of somebody else; it stays the project's."""
    with write_transaction():
        row = _ours(actor, asset_ref, on)
        made, is_new = _event(actor, row, AssetEvent.CUSTODY, on, key, holder=holder_ref, note=note, proof=proof_ref)
        if is_new:
            row.holder = holder_ref
            row.save(update_fields=["holder"])
            record(actor, "finance.give_custody", row.ref, facts={"holder": holder_ref})
    return Ref(made.ref)


def check_asset(
    actor: Actor, *, asset_ref: Ref, condition: str, on: date, key: str, proof_ref: Ref | None = None, note: str = ""
) -> Ref:
    """Say in what state a thing was found: good, worn, damaged or missing."""
    if condition not in CONDITIONS:
        raise LineUnknown(what="condition", given=condition)
    with write_transaction():
        row = _ours(actor, asset_ref, on)
        made, is_new = _event(actor, row, AssetEvent.CHECK, on, key, condition=condition, note=note, proof=proof_ref)
        if is_new:
            record(actor, "finance.check_asset", row.ref, facts={"condition": condition})
    return Ref(made.ref)


def book_upkeep(actor: Actor, *, asset_ref: Ref, spend_ref: Ref, kind: str, key: str, note: str = "") -> Ref:
    """Say of money spent that it kept this thing working (operation) or in order (maintenance): 000, 11.1(8)."""
    if kind not in (AssetEvent.OPERATION, AssetEvent.MAINTENANCE):
        raise LineUnknown(what="cost", given=kind)
    with write_transaction():
        paid = Spend.objects.visible_to(actor).filter(ref=spend_ref, amount_minor__gt=0).first()
        if paid is None:
            raise NotFound(ref=spend_ref)
        row = _ours(actor, asset_ref, paid.on)
        known = AssetEvent.objects.filter(spend=paid).exclude(key=key).first()
        if known is not None or paid.pk == row.spend_id:
            raise KeyReused(key=str(spend_ref))
        made, is_new = _event(actor, row, kind, paid.on, key, spend=paid, note=note)
        if is_new:
            record(actor, "finance.book_upkeep", row.ref, facts={"spend": spend_ref, "kind": kind})
    return Ref(made.ref)


def hand_over_asset(actor: Actor, *, asset_ref: Ref, to_ref: Ref, deed_ref: Ref, on: date) -> None:
    """Give an asset over for good, by its deed (000, 2.9), after it was checked. The same deed again does nothing."""
    with write_transaction():
        row = lock(asset_row(actor, asset_ref))
        require(actor, "finance.approve", row.scope.path)
        if not deed_ref:
            raise DecisionMissing()
        if row.state == "handed_over":
            if row.deed == deed_ref:
                return
            assert row.handed_over_on is not None
            raise AssetGone(on=row.handed_over_on.isoformat(), asset=row.ref)
        check_day(on, earliest=row.bought_on)
        seen = row.events.filter(kind=AssetEvent.CHECK, on__lte=on, on__gte=on - timedelta(days=CHECK_DAYS))
        if not seen.exists():
            raise AssetUnchecked(days=CHECK_DAYS, asset=row.ref)
        row.holder, row.deed, row.handed_over_on, row.state = to_ref, deed_ref, on, "handed_over"
        row.save()
        record(actor, "finance.hand_over_asset", row.ref, facts={"to": to_ref, "deed": deed_ref})


# --- inside -------------------------------------------------------------------------------------------------


def _require_keeper(actor: Actor, path: str) -> None:
    if not can(actor, "finance.approve", path):
        require(actor, "finance.prepare", path)


def _ours(actor: Actor, asset_ref: Ref, on: date) -> Asset:
    row = lock(asset_row(actor, asset_ref))
    _require_keeper(actor, row.scope.path)
    if row.handed_over_on is not None:
        raise AssetGone(on=row.handed_over_on.isoformat(), asset=row.ref)
    check_day(on, earliest=row.bought_on)
    return row


def _event(
    actor: Actor,
    row: Asset,
    kind: str,
    on: date,
    key: str,
    *,
    holder: Ref | None = None,
    condition: str = "",
    spend: Spend | None = None,
    note: str = "",
    proof: Ref | None = None,
) -> tuple[AssetEvent, bool]:
    return AssetEvent.objects.get_or_create(
        key=key,
        defaults={
            "asset": row,
            "kind": kind,
            "on": on,
            "holder": holder or "",
            "condition": condition,
            "spend": spend,
            "note": note[:300],
            "proof": proof or "",
            "by": actor.key,
        },
    )
