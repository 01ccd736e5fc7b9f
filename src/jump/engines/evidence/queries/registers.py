"""Reads of registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Max, Q

from jump.base import clock
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence import definitions
from jump.engines.evidence.models import (
    Entity,
    EntityVersion,
)
from jump.engines.evidence.types import (
    EntityVersionView,
    EntityView,
)


def entities(
    actor: Actor,
    *,
    register: str,
    about: Ref | None = None,
    scope: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[EntityView]:
    """The lines of a register, by label, with their current values."""
    rows = Entity.objects.visible_to(actor).under(scope).select_related("scope", "submission")
    rows = rows.filter(register=register) if "." in register else rows.filter(register__endswith=f".{register}")
    if about is not None:
        rows = rows.filter(about_ref=about)
    return [_entity_view(row) for row in rows.order_by("label", "pk")[offset : offset + limit]]


def known_lines(scopes: Sequence[str]) -> int:
    """How far somebody who reads these places now has heard of their registers: a number that grows with every line
    that is written. Nothing of the lines is told."""
    here = Q(pk__in=[])
    for scope in scopes:
        here |= Q(entity__scope__path__startswith=scope)
    return int(EntityVersion.objects.filter(here).aggregate(last=Max("pk"))["last"] or 0)


def entity(actor: Actor, ref: Ref) -> EntityView:
    row = Entity.objects.visible_to(actor).select_related("scope", "submission").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _entity_view(row)


def entity_history(actor: Actor, ref: Ref) -> list[EntityVersionView]:
    """What each submission said of a line, oldest first."""
    entity(actor, ref)
    row = Entity.objects.get(ref=ref)
    return [
        EntityVersionView(Ref(one.submission.ref), one.on, one.values)
        for one in row.versions.select_related("submission").order_by("on", "pk")
    ]


def _entity_view(row: Entity) -> EntityView:
    try:
        days = definitions.register(row.register).data.get("freshness_days")
    except definitions.UnknownDefinition:
        days = None
    return EntityView(
        ref=Ref(row.ref),
        register=row.register,
        label=row.label,
        values=row.values,
        about=Ref(row.about_ref) if row.about_ref else None,
        on=row.on,
        submission_ref=Ref(row.submission.ref),
        key=row.key,
        scope=row.scope.path,
        is_stale=days is not None and row.on + timedelta(days=int(days)) < clock.today(),
    )
