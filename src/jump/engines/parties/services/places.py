"""The programme as run and its places: each region, country and community is also a node of the scope tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.text import slugify

from jump.base import audit, clock, i18n, search
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refs import new_ref
from jump.base.refusals import NotFound
from jump.base.scopes import ScopeNode, declare_node, node_id
from jump.core.units import Ref
from jump.engines.parties import definitions
from jump.engines.parties.models import Place, PlaceAttribute, Programme, Project
from jump.engines.parties.services._find import found
from jump.engines.parties.services._once import once
from jump.engines.parties.services.refusals import ReasonMissing, ToolMissing
from jump.engines.parties.types import PlaceKind, SettlementType

_NODE_KIND = {PlaceKind.REGION: "region", PlaceKind.COUNTRY: "country", PlaceKind.COMMUNITY: "project"}


def declare_programme(actor: Actor, *, definition_id: str, on: date) -> Ref:
    """Run a programme as its package declares it: its node, regions and countries. Declaring twice changes nothing.

    A newer package version with more countries adds them, from this day on (PROG-08).
    """
    require(actor, "base.packages")
    frame = definitions.frame(definition_id)
    block: Mapping[str, Any] = frame.data["programme"]
    definitions.check_totals(block)
    phases = definitions.phases_of(block)
    title = block.get("title") or frame.data["title"]
    with write_transaction():
        programme = Programme.objects.filter(definition=definition_id).select_related("scope").first()
        if programme is None:
            ref = new_ref("prg")
            node = declare_node(None, frame.package, "programme", i18n.text(frame.data["title"], "en"), ref)
            programme = Programme.objects.create(
                ref=ref,
                scope=node,
                title=title,
                number=str(block.get("number") or ""),
                coverage=block.get("coverage") or {},
                executing=str(block.get("executing") or ""),
                cooperating=list(block.get("cooperating") or ()),
                pledges=_pledges(block),
                starts_on=date.fromisoformat(str(block["starts_on"])),
                phases=phases,
                tools=[tool["id"] if isinstance(tool, Mapping) else str(tool) for tool in block.get("tools") or ()],
                jobs_target=int(block.get("jobs_target") or 0),
                definition=definition_id,
                definition_version=frame.version,
                registered_on=on,
                registered_at=clock.now(),
                registered_by=actor.key,
            )
            search.put(ref, title=i18n.text(title, "en"), scope=node.path, data_class="P0")
            audit.record(actor, "parties.declare_programme", ref, facts={"version": frame.version})
        regions: dict[str, Place] = {}
        for region, country in definitions.countries_of(block):
            code = str(region["code"])
            if code not in regions:
                regions[code] = _place_under(
                    actor, programme, programme.scope, None, PlaceKind.REGION, region["name"], code, on
                )
            made = _place_under(
                actor,
                programme,
                regions[code].scope,
                regions[code],
                PlaceKind.COUNTRY,
                country["name"],
                str(country["iso"]),
                on,
                ours=bool(country.get("ours")),
            )
            known = {name: country[name] for name in ("currency", "communities", "jobs_target") if name in country}
            _write_attributes(made, known, on, "")
        return Ref(programme.ref)


def declare_place(
    actor: Actor,
    *,
    parent_ref: Ref,
    kind: PlaceKind | str,
    name: str,
    code: str = "",
    settlement_type: SettlementType | str = "",
    population: int | None = None,
    unemployment_rate: Decimal | str | None = None,
    attributes: Mapping[str, Any] | None = None,
    ours: bool = False,
    on: date,
) -> Ref:
    """Add a place under another (or a region under the programme), with its own node but for sites.

    From this day on; what was reported for earlier days does not change (PROG-08). The same code under the same
    parent is the same place.
    """
    kind = PlaceKind(kind)
    with write_transaction():
        above = found(parent_ref, "plc", "prg")
        require(actor, "parties.write", above.scope.path)
        programme = above if isinstance(above, Programme) else above.programme
        place = _place_under(
            actor,
            programme,
            above.scope,
            None if isinstance(above, Programme) else above,
            kind,
            name,
            code or slugify(name)[:40] or new_ref("x").code.lower(),
            on,
            ours=ours,
            settlement_type=SettlementType(settlement_type or ""),
        )
        _write_attributes(place, _known(population, unemployment_rate, attributes), on, "")
        return Ref(place.ref)


def record_place(
    actor: Actor, *, place_ref: Ref, attributes: Mapping[str, Any], on: date, source_ref: Ref | None = None
) -> None:
    """Record what is known of a place from this day on. What was known before stays with its own day."""
    with write_transaction():
        place = found(place_ref, "plc")
        require(actor, "parties.write", place.scope.path)
        settlement = attributes.get("settlement_type")
        if settlement is not None:
            Place.objects.filter(pk=place.pk).update(settlement_type=SettlementType(settlement))
        rest = {code: value for code, value in attributes.items() if code != "settlement_type"}
        _write_attributes(place, rest, on, source_ref or "")
        audit.record(actor, "parties.record_place", place_ref, facts={"codes": sorted(attributes)})


def find_or_make_community(
    actor: Actor,
    *,
    name: str,
    country: str,
    settlement_type: str = "",
    population: int | None = None,
    unemployment_rate: Decimal | str | None = None,
    attributes: Mapping[str, Any] | None = None,
    programme_scope: str = "",
    source_ref: Ref | None = None,
    on: date,
) -> Ref:
    """The community of this name in this country, made where it is not there. Spelling in case and accents is one."""
    folded = _folded(name)
    with write_transaction():
        countries = Place.objects.filter(kind=PlaceKind.COUNTRY, registered_on__lte=on).select_related("scope")
        above = countries.under(programme_scope).filter(country_code=country).first() or (
            countries.filter(ref=country).first() if country.startswith("plc-") else None
        )
        if above is None:
            raise NotFound(ref=country)
        require(actor, "parties.write", above.scope.path)
        present = Place.objects.filter(parent=above, kind=PlaceKind.COMMUNITY, name_folded=folded).first()
        known = _known(population, unemployment_rate, attributes)
        if present is not None:
            _write_attributes(present, known, on, source_ref or "")
            return Ref(present.ref)
        slug = base = slugify(name)[:40] or new_ref("x").code.lower()
        number = 2
        while ScopeNode.objects.filter(path=f"{above.scope.path}{slug}/").exists():
            slug, number = f"{base}-{number}", number + 1
        made = _place_under(
            actor,
            above.programme,
            above.scope,
            above,
            PlaceKind.COMMUNITY,
            name,
            slug,
            on,
            settlement_type=SettlementType(settlement_type or ""),
        )
        _write_attributes(made, known, on, source_ref or "")
        return Ref(made.ref)


def declare_project(
    actor: Actor,
    *,
    place_ref: Ref,
    title: str,
    tools: Sequence[str],
    implementer_ref: Ref,
    implementer_is_local: bool = True,
    why_not_local: str = "",
    activity_group: str = "",
    focus_area: str = "",
    on: date,
    key: str = "",
) -> Ref:
    """A project in a place: with one of the programme's tools (2.1), by a local partner or with a reason (4.5)."""
    with write_transaction():
        place = found(place_ref, "plc")
        require(actor, "parties.write", place.scope.path)
        found(implementer_ref, "org", "grp")
        declared = list(place.programme.tools)
        unknown = [tool for tool in tools if tool not in declared]
        if not tools or unknown:
            raise ToolMissing(unknown=", ".join(unknown) or "–", tools=", ".join(declared))
        if not implementer_is_local and not why_not_local.strip():
            raise ReasonMissing(implementer=implementer_ref)

        def make(digest: str) -> Ref:
            row = Project.objects.create(
                scope=place.scope,
                title=title,
                place=place,
                tools=list(dict.fromkeys(tools)),
                tools_count=len(set(tools)),
                implementer_ref=implementer_ref,
                implementer_is_local=implementer_is_local,
                why_not_local=why_not_local.strip(),
                activity_group=activity_group,
                focus_area=focus_area,
                starts_on=on,
                registered_on=on,
                registered_at=clock.now(),
                registered_by=actor.key,
                key=key,
                key_digest=digest,
            )
            search.put(Ref(row.ref), title=title, scope=place.scope.path, data_class="P1")
            audit.record(actor, "parties.declare_project", row.ref, why=why_not_local)
            return Ref(row.ref)

        content = {"place": place_ref, "title": title, "tools": list(tools), "implementer": implementer_ref}
        return once(Project, key, content, make)


def _place_under(
    actor: Actor,
    programme: Programme,
    above: ScopeNode,
    parent: Place | None,
    kind: PlaceKind,
    name: Mapping[str, str] | str,
    code: str,
    on: date,
    *,
    ours: bool = False,
    settlement_type: SettlementType = SettlementType.NOT_STATED,
) -> Place:
    """The place with this code under this node, made if it is not there."""
    plain = i18n.text(name, "en")
    if kind is not PlaceKind.SITE:
        there: Place | None = (
            Place.objects.filter(scope__path=f"{above.path}{code}/", kind=kind).select_related("scope").first()
        )
    else:
        there = Place.objects.filter(parent=parent, code=code, kind=kind).select_related("scope").first()
    if there is not None:
        return there
    ref = new_ref("plc")
    scope = above if kind is PlaceKind.SITE else declare_node(above.path, code, _NODE_KIND[kind], plain, ref)
    place: Place = Place.objects.create(
        ref=ref,
        scope=scope,
        name=plain,
        names=dict(name) if isinstance(name, Mapping) else {},
        name_folded=_folded(plain),
        kind=kind,
        code=code,
        country_code=code if kind is PlaceKind.COUNTRY else (parent.country_code if parent is not None else ""),
        parent=parent,
        programme=programme,
        settlement_type=settlement_type,
        is_ours=ours,
        registered_on=on,
        registered_at=clock.now(),
        registered_by=actor.key,
    )
    node_id(scope.path)
    search.put(ref, title=plain, scope=scope.path, data_class="P1", detail=kind.value)
    audit.record(actor, "parties.declare_place", ref, facts={"path": scope.path})
    return place


def _known(
    population: int | None, unemployment_rate: Decimal | str | None, attributes: Mapping[str, Any] | None
) -> dict[str, Any]:
    known = dict(attributes or {})
    if population is not None:
        known["population"] = int(population)
    if unemployment_rate is not None:
        known["unemployment_rate"] = str(unemployment_rate)
    return {code: value for code, value in known.items() if value is not None and value != ""}


def _write_attributes(place: Place, known: Mapping[str, Any], on: date, source_ref: str) -> None:
    for code, value in known.items():
        PlaceAttribute.objects.update_or_create(
            place=place, code=code, on=on, defaults={"value": value, "source_ref": source_ref}
        )


def _folded(name: str) -> str:
    return " ".join(search.tokens_of(name))[:200]


def _pledges(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Donor and national contribution as the package states them: an amount where there is one, else its words."""
    made = []
    for kind, stated in (("donor", block.get("donor")), ("national", block.get("national_contribution"))):
        for one in stated if isinstance(stated, list) else [stated] if stated else []:
            row = dict(one) if isinstance(one, Mapping) else {"name": str(one)}
            made.append(
                {
                    "kind": kind,
                    "name": row.get("name") or {code: row[code] for code in row if len(code) == 2} or "",
                    "amount_minor": int(row.get("amount_minor") or 0),
                    "currency": str(row.get("currency") or ""),
                }
            )
    return made
