"""The programme as run, its places and projects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base import i18n
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties.models import (
    TABLES,
    Place,
    PlaceAttribute,
    Programme,
    Project,
)
from jump.engines.parties.types import (
    PhaseView,
    PlaceKind,
    PlaceView,
    Pledge,
    ProgrammeBrief,
    ProgrammeView,
    ProjectView,
    SettlementType,
)


def place(actor: Actor, ref: Ref, as_of: date | None = None) -> PlaceView:
    rows = list(_place_rows(actor, as_of).filter(ref=ref))
    if not rows:
        raise NotFound(ref=ref)
    return place_views(rows, as_of)[0]


def places(actor: Actor, *, kind: str = "", scope: str = "", as_of: date | None = None) -> list[PlaceView]:
    """Places under a node, in the order of the tree; with `as_of` those there already, as they were known then."""
    rows = _place_rows(actor, as_of).under(scope)
    if kind:
        rows = rows.filter(kind=PlaceKind(kind))
    return place_views(list(rows.order_by("scope__path", "pk")), as_of)


def communities(
    actor: Actor, *, scope: str = "", as_of: date | None = None, limit: int = 500, offset: int = 0
) -> list[PlaceView]:
    """Communities under a node, by country and name."""
    rows = _place_rows(actor, as_of).under(scope).filter(kind=PlaceKind.COMMUNITY)
    return place_views(list(rows.order_by("country_code", "name", "pk")[offset : offset + limit]), as_of)


def priority_places(actor: Actor, *, unemployment_rate_min: Decimal, scope: str = "") -> list[PlaceView]:
    """Semi-urban and urban communities whose unemployment is known to be at least so high (2.2 and 2.6)."""
    return [
        view
        for view in communities(actor, scope=scope)
        if view.settlement_type in (SettlementType.URBAN, SettlementType.SEMI_URBAN)
        and view.unemployment_rate is not None
        and view.unemployment_rate >= unemployment_rate_min
    ]


def _place_rows(actor: Actor, as_of: date | None) -> Any:
    rows = Place.objects.visible_to(actor).select_related("scope", "parent", "programme")
    return rows.filter(registered_on__lte=as_of) if as_of is not None else rows


def place_views(rows: Sequence[Place], as_of: date | None) -> list[PlaceView]:
    known: dict[int, dict[str, Any]] = defaultdict(dict)
    attributes = PlaceAttribute.objects.filter(place__in=rows).order_by("on", "pk")
    if as_of is not None:
        attributes = attributes.filter(on__lte=as_of)
    for owner, code, value in attributes.values_list("place_id", "code", "value"):
        known[owner][code] = value  # later days come later and win
    views = []
    for row in rows:
        mine = known[row.pk]
        rate = mine.get("unemployment_rate")
        views.append(
            PlaceView(
                ref=Ref(row.ref),
                name=i18n.text(row.names) or row.name,
                kind=PlaceKind(row.kind),
                code=row.code,
                country=row.country_code,
                scope=row.scope.path,
                parent_ref=Ref(row.parent.ref) if row.parent else None,
                attributes=dict(mine),
                settlement_type=SettlementType(row.settlement_type),
                population=int(mine["population"]) if "population" in mine else None,
                unemployment_rate=Decimal(str(rate)) if rate is not None else None,
                ours=row.is_ours,
                since=row.registered_on,
                programme_ref=Ref(row.programme.ref),
            )
        )
    return views


def programme(actor: Actor, as_of: date | None = None, *, scope: str = "") -> ProgrammeView:
    """The programme as run: at this node, else the one the actor works in, else the first. Three statements."""
    row = _programme_row(actor, scope)
    seen = places(actor, scope=row.scope.path, as_of=as_of)
    return ProgrammeView(
        ref=Ref(row.ref),
        title=i18n.text(row.title),
        number=row.number,
        scope=row.scope.path,
        starts_on=row.starts_on,
        phases=tuple(
            PhaseView(
                id=phase["id"],
                title=i18n.text(phase["title"]),
                starts_on=date.fromisoformat(phase["starts_on"]),
                ends_on=date.fromisoformat(phase["ends_on"]),
                months=phase["months"],
            )
            for phase in row.phases
        ),
        countries=tuple(one for one in seen if one.kind is PlaceKind.COUNTRY),
        communities=tuple(one for one in seen if one.kind is PlaceKind.COMMUNITY),
        jobs_target=row.jobs_target,
        definition=row.definition,
        executing=row.executing,
        cooperating=tuple(i18n.text(one) for one in row.cooperating),
        pledges=tuple(
            Pledge(i18n.text(one["name"]), one["kind"], one["amount_minor"], one["currency"]) for one in row.pledges
        ),
        coverage=i18n.text(row.coverage),
        tools=tuple(row.tools),
        definition_version=row.definition_version,
    )


def programme_brief(actor: Actor) -> ProgrammeBrief:
    """The same programme with no more of its places than their names and number. Two statements."""
    row = _programme_row(actor, "")
    seen = Place.objects.visible_to(actor).under(row.scope.path).order_by("scope__path", "pk")
    countries: dict[str, str] = {}
    communities: dict[str, int] = {}
    for kind, name, names, path in seen.values_list("kind", "name", "names", "scope__path"):
        if kind == PlaceKind.COUNTRY:
            countries[path] = i18n.text(names) or name
        elif kind == PlaceKind.COMMUNITY:
            above = path.rstrip("/").rpartition("/")[0] + "/"
            communities[above] = communities.get(above, 0) + 1
    return ProgrammeBrief(
        ref=Ref(row.ref),
        title=i18n.text(row.title),
        scope=row.scope.path,
        definition=row.definition,
        starts_on=row.starts_on,
        countries=countries,
        communities=communities,
    )


def first_programme() -> tuple[str, date] | None:
    """Definition and first day of the first programme; None before one is declared. One statement."""
    found: tuple[str, date] | None = Programme.objects.order_by("pk").values_list("definition", "starts_on").first()
    return found


def _programme_row(actor: Actor, scope: str) -> Programme:
    rows: list[Programme] = list(Programme.objects.visible_to(actor).select_related("scope").order_by("pk"))
    mine = [row for row in rows if scope and scope.startswith(row.scope.path)] or [
        row for row in rows if any(grant.path.startswith(row.scope.path) for grant in actor.grants)
    ]
    row = next(iter(mine or rows), None)
    if row is None:
        raise NotFound(ref=scope or "programme")
    return row


def project(actor: Actor, ref: Ref) -> ProjectView:
    row = Project.objects.visible_to(actor).select_related("scope", "place").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _project_view(row)


def projects(actor: Actor, *, scope: str = "", tool: str = "") -> list[ProjectView]:
    """Projects at and under a node; `tool` keeps those that use it."""
    rows = Project.objects.visible_to(actor).under(scope).select_related("scope", "place").order_by("starts_on", "ref")
    views = [_project_view(row) for row in rows]
    return [view for view in views if not tool or tool in view.tools]


def _project_view(row: Project) -> ProjectView:
    return ProjectView(
        ref=Ref(row.ref),
        title=row.title,
        scope=row.scope.path,
        place_ref=Ref(row.place.ref),
        tools=tuple(row.tools),
        implementer_ref=Ref(row.implementer_ref),
        implementer_is_local=row.implementer_is_local,
        why_not_local=row.why_not_local,
        starts_on=row.starts_on,
        activity_group=row.activity_group,
        focus_area=row.focus_area,
    )


def scope_of(ref: Ref | str) -> str:
    """The node at which a party or place hangs. For rules and scopes of other rows; it shows nothing else."""
    model = TABLES.get(Ref(ref).kind)
    path = model.objects.filter(ref=ref).values_list("scope__path", flat=True).first() if model is not None else None
    if path is None:
        raise NotFound(ref=ref)
    return str(path)


def place_name(ref: Ref | str) -> str:
    """The name of a place, or of the place where a party is; empty where there is none."""
    ref = Ref(ref)
    if ref.kind == "plc":
        row = Place.objects.filter(ref=ref).values_list("names", "name").first()
        return (i18n.text(row[0]) or row[1]) if row else ""
    try:
        path = scope_of(ref)
    except NotFound:
        return ""
    from jump.base.scopes import ScopeNode

    return str(ScopeNode.objects.filter(path=path).values_list("title", flat=True).first() or "")
