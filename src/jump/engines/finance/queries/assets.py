"""Things bought that last, with what happened to them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Sum

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import Asset, AssetEvent
from jump.engines.finance.types import AssetView
from jump.engines.finance.types.donors import AssetEventView

_KEEP = (AssetEvent.OPERATION, AssetEvent.MAINTENANCE)


def asset_row(actor: Actor, ref: Ref) -> Asset:
    """The row behind a reference, if this actor may see it."""
    row: Asset | None = (
        Asset.objects.visible_to(actor).select_related("scope", "spend__cell__budget").filter(ref=ref).first()
    )
    if row is None:
        raise NotFound(ref=ref)
    return row


def assets(
    actor: Actor, *, scope: str = "", state: str = "", holder_ref: Ref | None = None, limit: int = 50, offset: int = 0
) -> list[AssetView]:
    """Things bought that last, with their holders, what keeping them cost and how they were last found."""
    rows = _chosen(actor, scope, state, holder_ref).order_by("bought_on", "id")[offset : offset + limit]
    return [_view(row) for row in _with_costs(rows)]


def count_assets(actor: Actor, *, scope: str = "", state: str = "", holder_ref: Ref | None = None) -> int:
    """How many there are for `assets`."""
    return int(_chosen(actor, scope, state, holder_ref).count())


def asset(actor: Actor, ref: Ref) -> AssetView:
    """One of them."""
    rows = Asset.objects.visible_to(actor).select_related("scope", "spend__cell__budget").filter(ref=ref)
    for row in _with_costs(rows):
        return _view(row)
    raise NotFound(ref=ref)


def asset_events(actor: Actor, ref: Ref) -> list[AssetEventView]:
    """Who kept it, how it was found, what it cost to keep: latest first."""
    row = asset_row(actor, ref)
    return [
        AssetEventView(
            Ref(one.ref),
            one.kind,
            one.on,
            Ref(one.holder) if one.holder else None,
            one.condition,
            Money(one.spend.paid_minor, one.spend.paid_currency) if one.spend else None,
            one.note,
            Ref(one.spend.ref) if one.spend else None,
            Ref(one.proof) if one.proof else None,
            one.by,
        )
        for one in row.events.select_related("spend").order_by("-on", "-id")
    ]


def _chosen(actor: Actor, scope: str, state: str, holder_ref: Ref | None) -> Any:
    rows = Asset.objects.visible_to(actor).under(scope).select_related("scope", "spend__cell__budget")
    wanted = {"state": state, "holder": holder_ref}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def _with_costs(rows: Any) -> list[Any]:
    """The rows with their costs of keeping and their last check: two statements for all."""
    found = list(rows)
    ids = [row.pk for row in found]
    kept = dict(
        AssetEvent.objects.filter(asset_id__in=ids, kind__in=_KEEP)
        .values_list("asset_id")
        .annotate(Sum("spend__amount_minor"))
    )
    checks: dict[int, tuple[str, date]] = {}
    for one in AssetEvent.objects.filter(kind=AssetEvent.CHECK, asset_id__in=ids).order_by("on", "id"):
        checks[one.asset_id] = (one.condition, one.on)
    for row in found:
        row.kept_minor = int(kept.get(row.pk) or 0)
        row.condition, row.checked_on = checks.get(row.pk, ("", None))
    return found


def _view(row: Any) -> AssetView:
    return AssetView(
        Ref(row.ref),
        row.title,
        row.bought_on,
        Money(row.cost_minor, row.currency),
        row.scope.path,
        Ref(row.holder),
        Ref(row.spend.entry),
        row.state,
        row.handed_over_on,
        Ref(row.deed) if row.deed else None,
        Ref(row.spend.ref),
        row.kept_minor,
        row.spend.cell.budget.currency,
        row.condition,
        row.checked_on,
    )
