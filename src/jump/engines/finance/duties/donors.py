"""Finance's answers about donors and plans: promises, contributions, refunds, the provision, bridges, equipment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Waiting
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    Asset,
    AssetEvent,
    BridgePost,
    Budget,
    BudgetContribution,
    Contract,
    FundingPledge,
    ProvisionUse,
    Refund,
)

_BRIDGE_DAYS = 60  # a bridge that ends within so many days without a donor is told: our default
_CHUNK = 500


def _refs(*texts: str | None) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(Ref(text) for text in texts if text))


def _pledges(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in FundingPledge.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "budget"):
        yield Description(
            Ref(row.ref),
            _("promise to the budget"),
            str(Money(row.given_minor, row.given_currency)),
            detail=row.what or row.source,
            on=row.on,
            place=row.scope.title,
            url_name="money:funding_pledge",
            url_args=(row.ref,),
            sources=_refs(row.party, row.proof, row.budget.ref),
        )


def _contributed(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = BudgetContribution.objects.visible_to(actor).filter(ref__in=refs)
    for row in rows.select_related("scope", "budget", "pledge"):
        yield Description(
            Ref(row.ref),
            _("contribution"),
            str(Money(row.given_minor, row.given_currency)),
            detail=row.what or row.source,
            on=row.on,
            place=row.scope.title,
            url_name="money:donors",
            sources=_refs(row.proof, row.party, row.pledge.ref if row.pledge else None),
        )


def _refunds(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Contract.objects.visible_to(actor).values("pk")
    for row in Refund.objects.filter(ref__in=refs, contract__in=seen).select_related("contract__scope", "spend"):
        yield Description(
            Ref(row.ref),
            _("money of a grant that came back"),
            str(Money(row.amount_minor, row.contract.currency)),
            detail=row.why,
            on=row.on,
            place=row.contract.scope.title,
            url_name="money:contract",
            url_args=(row.contract.ref,),
            sources=_refs(row.contract.ref, row.spend.ref if row.spend else None),
        )


def _provision(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Budget.objects.visible_to(actor).values("pk")
    rows = ProvisionUse.objects.filter(ref__in=refs, from_cell__budget__in=seen)
    for row in rows.select_related("from_cell__budget", "to_cell"):
        yield Description(
            Ref(row.ref),
            _("use of the provision"),
            str(Money(row.amount_minor, row.from_cell.budget.currency)),
            detail=row.why,
            on=row.decided_on or row.asked_on,
            place=row.to_cell.country,
            url_name="money:provision",
            sources=_refs(row.decision, row.from_cell.ref, row.to_cell.ref),
        )


def _bridges(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in BridgePost.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "cell"):
        yield Description(
            Ref(row.ref),
            _("pay until another donor is found"),
            row.title,
            detail=row.why,
            on=row.starts_on,
            place=row.scope.title,
            url_name="money:bridges",
            sources=_refs(row.post, row.cell.ref),
        )


def _asset_events(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Asset.objects.visible_to(actor).values("pk")
    words = {
        AssetEvent.CUSTODY: _("given into keeping"),
        AssetEvent.CHECK: _("check of equipment"),
        AssetEvent.OPERATION: _("cost of operation"),
        AssetEvent.MAINTENANCE: _("cost of maintenance"),
    }
    for row in AssetEvent.objects.filter(ref__in=refs, asset__in=seen).select_related("asset__scope", "spend"):
        yield Description(
            Ref(row.ref),
            words[row.kind],
            row.asset.title,
            detail=row.note,
            on=row.on,
            place=row.asset.scope.title,
            url_name="money:asset",
            url_args=(row.asset.ref,),
            sources=_refs(row.proof, row.holder, row.spend.ref if row.spend else None, row.asset.ref),
        )


DESCRIBERS: dict[str, Callable[[Actor, Sequence[Ref]], Iterator[Description]]] = {
    "ple": _pledges,
    "bct": _contributed,
    "rfd": _refunds,
    "pvu": _provision,
    "brg": _bridges,
    "aev": _asset_events,
}


def waiting(actor: Actor, as_of: date, limit: int) -> Iterator[Waiting]:
    """What was asked of the provision; bridges that end soon without a donor. For who keeps budgets."""
    if can(actor, "finance.budget"):
        yield _to_decide(actor, limit)
        yield _ending(actor, as_of, limit)


def _to_decide(actor: Actor, limit: int) -> Waiting:
    seen = Budget.objects.visible_to(actor).values("pk")
    rows = ProvisionUse.objects.filter(state=ProvisionUse.ASKED, from_cell__budget__in=seen)
    rows = rows.exclude(asked_by=actor.key).order_by("asked_on", "id")

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                Ref(row["ref"]),
                _("Money of the provision is asked for"),
                str(Money(row["amount_minor"], row["from_cell__budget__currency"])),
                row["asked_on"],
                "warn",
                "money:provision",
                (),
            )

    columns = ("ref", "asked_on", "amount_minor", "from_cell__budget__currency")
    return Waiting((Question(rows[:limit], columns),), tell)


def _ending(actor: Actor, as_of: date, limit: int) -> Waiting:
    rows = BridgePost.objects.visible_to(actor).filter(
        replaced_by="", ends_on__gte=as_of, ends_on__lte=as_of + timedelta(days=_BRIDGE_DAYS)
    )

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                Ref(row["ref"]),
                _("A post has no donor yet after the bridge ends"),
                row["title"],
                row["ends_on"],
                "warn",
                "money:bridges",
                (),
            )

    return Waiting((Question(rows.order_by("ends_on", "id")[:limit], ("ref", "title", "ends_on")),), tell)


def export(actor: Actor, scope: str, as_of: date) -> Iterator[dict[str, Any]]:
    """Contributions and equipment at and under a node, for hand-over."""
    came = BudgetContribution.objects.visible_to(actor).under(scope).filter(on__lte=as_of).order_by("id")
    for row in came.iterator(_CHUNK):
        yield {
            "kind": "contribution",
            "ref": row.ref,
            "on": row.on.isoformat(),
            "source": row.source,
            "sort": row.kind,
            "what": row.what,
            "unit": row.unit,
            "quantity_minor": row.quantity_minor,
            "amount_minor": row.amount_minor,
            "given_minor": row.given_minor,
            "given_currency": row.given_currency,
        }
    held = Asset.objects.visible_to(actor).under(scope).filter(bought_on__lte=as_of).order_by("id")
    for asset in held.iterator(_CHUNK):
        yield {
            "kind": "asset",
            "ref": asset.ref,
            "title": asset.title,
            "holder": asset.holder,
            "cost_minor": asset.cost_minor,
            "currency": asset.currency,
            "state": asset.state,
            "bought_on": asset.bought_on.isoformat(),
        }
