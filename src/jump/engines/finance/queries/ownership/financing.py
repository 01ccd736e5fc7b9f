"""How new enterprises are paid for."""

from __future__ import annotations

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import FinancingPlan
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.ownership import FinancingSource, FinancingState, FinancingUse, FinancingView


def financing_row(actor: Actor, ref: Ref) -> FinancingPlan:
    """The row behind a reference, if this actor may see it. For this engine alone."""
    row: FinancingPlan | None = FinancingPlan.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def financing_plan(actor: Actor, ref: Ref) -> FinancingView:
    return financing_view(financing_row(actor, ref))


def financing_plans(actor: Actor, *, enterprise_ref: Ref | None = None, limit: int = 50) -> list[FinancingView]:
    """Plans that hold or wait, the latest first; of one enterprise with those that were replaced. One statement."""
    rows = FinancingPlan.objects.visible_to(actor).select_related("scope").exclude(state=FinancingState.DROPPED)
    if enterprise_ref is None:
        rows = rows.exclude(state=FinancingState.REPLACED)
    else:
        rows = rows.filter(enterprise=enterprise_ref)
    return [financing_view(row) for row in rows.order_by("-on", "-id")[:limit]]


def financing_view(row: FinancingPlan) -> FinancingView:
    kinds = {one["id"]: one for one in row.kinds}
    sources = tuple(
        FinancingSource(
            kind=one["kind"],
            amount=Money(int(one["amount_minor"]), row.currency),
            record_ref=Ref(one["record"]) if one["record"] else None,
            title=title_of(kinds[one["kind"]]["title"]),
            brings_money=kinds[one["kind"]]["brings_money"],
        )
        for one in row.sources
    )
    return FinancingView(
        ref=Ref(row.ref),
        enterprise_ref=Ref(row.enterprise),
        scope=row.scope.path,
        state=FinancingState(row.state),
        on=row.on,
        uses=tuple(FinancingUse(one["title"], Money(int(one["amount_minor"]), row.currency)) for one in row.uses),
        sources=sources,
        total=Money(row.uses_minor, row.currency),
        backed=sum((one.amount for one in sources if not one.brings_money), Money.zero(row.currency)),
        proposed_by=row.proposed_by,
        agreed_by=row.agreed_by,
        agreed_on=row.agreed_on,
        why=row.why,
    )
