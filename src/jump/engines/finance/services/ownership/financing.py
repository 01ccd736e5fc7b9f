"""How a new enterprise is paid for: a mix of sources that comes to just what is needed (000, 2.4 and 11.1(8))."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import BadInput
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.finance.models import FinancingPlan
from jump.engines.finance.models.ownership_refusals import SourcesDiffer, StepNotOpen
from jump.engines.finance.models.refusals import KeyReused, LineUnknown, SamePerson
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.ownership.financing import financing_row, financing_view
from jump.engines.finance.services.savings import product_of
from jump.engines.finance.types.ownership import FinancingSource, FinancingState, FinancingUse, FinancingView
from jump.engines.finance.types.savings import ProductKind


def propose_financing(
    actor: Actor,
    *,
    product: str,
    enterprise_ref: Ref,
    scope: str,
    currency: str,
    uses: Sequence[FinancingUse],
    sources: Sequence[FinancingSource],
    on: date,
    key: str,
) -> Ref:
    """Propose how an enterprise is paid for. Sources that bring money come to the uses, to the cent.

    Errors: SourcesDiffer with both sums, LineUnknown for a source that the product does not name.
    """
    declared = product_of(product, ProductKind.FINANCING)
    require(actor, "finance.prepare", scope)
    kinds = {one["id"]: one for one in declared.data["financing_sources"]}
    if not uses or not sources:
        raise BadInput({"uses": [_("Say what the money is for and where it comes from.")]})
    for amount in [*(one.amount for one in uses), *(one.amount for one in sources)]:
        check_amount(amount, currency)
    for one in sources:
        if one.kind not in kinds:
            raise LineUnknown(what="source", given=one.kind)
    uses_minor = sum(one.amount.amount_minor for one in uses)
    sources_minor = sum(one.amount.amount_minor for one in sources if kinds[one.kind]["brings_money"])
    if uses_minor != sources_minor:
        raise SourcesDiffer(
            uses_minor=uses_minor,
            sources_minor=sources_minor,
            difference_minor=uses_minor - sources_minor,
            currency=currency,
        )
    check_day(on, earliest=date.min)
    with write_transaction():
        known = FinancingPlan.objects.filter(key=key).first()
        if known is not None:
            if (known.enterprise, known.uses_minor) != (str(enterprise_ref), uses_minor):
                raise KeyReused(key=key)
            return Ref(known.ref)
        row = FinancingPlan.objects.create(
            product=declared.id,
            product_version=declared.version,
            kinds=list(kinds.values()),
            enterprise=enterprise_ref,
            currency=currency,
            uses=[{"title": one.title[:120], "amount_minor": one.amount.amount_minor} for one in uses],
            sources=[
                {"kind": one.kind, "amount_minor": one.amount.amount_minor, "record": str(one.record_ref or "")}
                for one in sources
            ],
            uses_minor=uses_minor,
            sources_minor=sources_minor,
            on=on,
            proposed_by=actor.key,
            scope_id=node_id(scope),
            key=key,
        )
        record(actor, "finance.propose_financing", row.ref, facts={"enterprise": str(enterprise_ref)})
    return Ref(row.ref)


def agree_financing(actor: Actor, *, plan_ref: Ref, on: date) -> FinancingView:
    """Agree a plan as the second person; the plan that held for the enterprise until now is replaced."""
    with write_transaction():
        row = FinancingPlan.objects.locked().select_related("scope").get(pk=financing_row(actor, plan_ref).pk)
        if not can(actor, "finance.approve", row.scope.path):
            require(actor, "finance.release", row.scope.path)
        if row.state == FinancingState.AGREED:
            return financing_view(row)
        if row.state != FinancingState.PROPOSED:
            raise StepNotOpen(state=row.state)
        if row.proposed_by == actor.key:
            raise SamePerson(doing="approve", did="prepare", step=row.ref)
        check_day(on, earliest=row.on)
        FinancingPlan.objects.filter(enterprise=row.enterprise, state=FinancingState.AGREED).update(
            state=FinancingState.REPLACED
        )
        row.state, row.agreed_by, row.agreed_on = FinancingState.AGREED.value, actor.key, on
        row.save(update_fields=["state", "agreed_by", "agreed_on"])
        record(actor, "finance.agree_financing", row.ref, facts={"enterprise": row.enterprise})
        return financing_view(row)


def drop_financing(actor: Actor, *, plan_ref: Ref, why: str) -> None:
    """Give up a plan that was not agreed, with the reason."""
    with write_transaction():
        row = FinancingPlan.objects.locked().select_related("scope").get(pk=financing_row(actor, plan_ref).pk)
        require(actor, "finance.prepare", row.scope.path)
        if row.state == FinancingState.DROPPED:
            return
        if row.state != FinancingState.PROPOSED:
            raise StepNotOpen(state=row.state)
        row.state, row.why = FinancingState.DROPPED.value, why[:300]
        row.save(update_fields=["state", "why"])
        record(actor, "finance.drop_financing", row.ref, why=why)
