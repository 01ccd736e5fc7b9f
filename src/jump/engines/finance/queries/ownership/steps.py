"""Steps of ownership: what was prepared, what is booked, what waits for a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import CapitalSet, EsopTrust, Fund, OwnershipStep, ShareRegister
from jump.engines.finance.types.ownership import StepKind, StepState, StepView

_SUBJECTS: Mapping[str, Any] = {"shr": ShareRegister, "cap": CapitalSet, "trs": EsopTrust, "fnd": Fund}

Subject = ShareRegister | CapitalSet | EsopTrust | Fund


def subject_row(actor: Actor, ref: Ref) -> Any:
    """The register, the accounts, the trust or the fund that steps are about. For this engine alone."""
    model = _SUBJECTS.get(ref.kind)
    row = None if model is None else model.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def step(actor: Actor, ref: Ref) -> StepView:
    """One step. Raises NotFound."""
    return step_view(step_row(actor, ref))


def step_row(actor: Actor, ref: Ref) -> OwnershipStep:
    row: OwnershipStep | None = OwnershipStep.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def steps(
    actor: Actor,
    *,
    subject_ref: Ref | None = None,
    party_ref: Ref | None = None,
    state: str = "",
    scope: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[StepView]:
    """Steps that this actor may see, latest first; those that were given up only where they are asked for.

    A step that was taken back stays in the list, beside the one that took it back.
    """
    rows = _chosen(actor, subject_ref, party_ref, state, scope).select_related("scope")
    return [step_view(row) for row in rows.order_by("-on", "-id")[offset : offset + limit]]


def count_steps(
    actor: Actor, *, subject_ref: Ref | None = None, party_ref: Ref | None = None, state: str = "", scope: str = ""
) -> int:
    """How many there are for `steps`."""
    return int(_chosen(actor, subject_ref, party_ref, state, scope).count())


def _chosen(actor: Actor, subject_ref: Ref | None, party_ref: Ref | None, state: str, scope: str) -> Any:
    rows = OwnershipStep.objects.visible_to(actor).under(scope)
    rows = rows.filter(state=state) if state else rows.exclude(state=StepState.DROPPED)
    if subject_ref is not None:
        rows = rows.filter(subject=subject_ref)
    return rows if party_ref is None else rows.filter(party=party_ref)


def step_view(row: OwnershipStep) -> StepView:
    return StepView(
        ref=Ref(row.ref),
        subject_ref=Ref(row.subject),
        kind=StepKind(row.kind),
        state=StepState(row.state),
        on=row.on,
        party_ref=Ref(row.party) if row.party else None,
        amount=Money(row.amount_minor, row.currency),
        shares=row.shares,
        asked=row.asked,
        figures=row.figures,
        prepared_by=row.prepared_by,
        approved_by=row.approved_by,
        entry_ref=Ref(row.entry) if row.entry else None,
        why=row.why,
        scope=row.scope.path,
    )
