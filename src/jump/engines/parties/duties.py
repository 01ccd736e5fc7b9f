"""Parties' answers to the questions every engine answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting, told
from jump.core.units import Ref
from jump.engines.parties import queries, services
from jump.engines.parties.models import (
    Group,
    Membership,
    Organisation,
    Person,
    Place,
    PlaceAttribute,
    PossibleDouble,
    Programme,
    Project,
    Qualification,
    Relation,
    on_day,
)
from jump.engines.parties.types import DoubleState, PlaceKind, SettlementType

REF_KINDS = frozenset({"per", "grp", "org", "plc", "prg", "prj", "rel", "qua"})
CHUNK = 2_000
DOUBLES_TOLD = 50
EXPIRES_WITHIN = timedelta(days=60)  # our default: how early an ending certificate is shown


def describe(actor: Actor, ref: Ref) -> Description | None:
    return describe_many(actor, [ref]).get(ref)


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """What these parties and places are, as far as the reader may see them. One statement per kind, two for people."""
    found: dict[Ref, Description] = {}
    by_kind: dict[str, list[Ref]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref)
    called = queries.names(actor, [ref for ref in refs if ref.kind in ("per", "grp", "org", "plc", "prj", "prg")])
    letters = _first_told(by_kind.get("plc", []))
    for kind, mine in by_kind.items():
        for row in _rows(actor, kind, mine):
            one = _description(kind, row, called)
            made_by = letters.get(row.ref, ()) if kind == "plc" else _made_by(getattr(row, "key", ""))
            if made_by and not one.sources:
                one = dataclasses.replace(one, sources=made_by)
            found[one.ref] = one
    return found


def _first_told(places: Sequence[Ref]) -> dict[str, tuple[Ref, ...]]:
    """By place the record that first told of it: of a community its letter of interest."""
    found: dict[str, tuple[Ref, ...]] = {}
    if places:
        rows = PlaceAttribute.objects.filter(place__ref__in=places).exclude(source_ref="").order_by("pk")
        for place, source in rows.values_list("place__ref", "source_ref"):
            found.setdefault(place, (Ref(source),))
    return found


def _made_by(key: str) -> tuple[Ref, ...]:
    """The record whose acceptance made a party: the key of an effect names its cause, as evidence.accepted:sub-…#0."""
    named = key.partition(":")[2].partition("#")[0]
    return (Ref(named),) if named.startswith("sub-") else ()


def _rows(actor: Actor, kind: str, refs: Sequence[Ref]) -> Iterable[Any]:
    tables: dict[str, Any] = {
        "per": Person,
        "grp": Group,
        "org": Organisation,
        "plc": Place,
        "prg": Programme,
        "prj": Project,
        "rel": Relation,
        "qua": Qualification,
    }
    rows: Iterable[Any] = tables[kind].objects.visible_to(actor).select_related("scope").filter(ref__in=refs)
    return rows


def _description(kind: str, row: Any, called: Mapping[str, str]) -> Description:
    place = row.scope.title
    ref = Ref(row.ref)
    proof = tuple(Ref(one) for one in (getattr(row, "proof_ref", ""),) if one)
    match kind:
        case "per":
            return Description(ref, _("person"), called[ref], "", row.registered_on, place, "people:person", (ref,))
        case "grp":
            return Description(ref, _("group"), row.name, row.kind, row.registered_on, place, "people:group", (ref,))
        case "org":
            return Description(
                ref, _("organisation"), row.name, row.kind, row.registered_on, place, "people:organisation", (ref,)
            )
        case "plc":
            is_community = row.kind == PlaceKind.COMMUNITY
            return Description(
                ref,
                _("community") if is_community else _("place"),
                called.get(ref, row.name),
                SettlementType(row.settlement_type).label,
                row.registered_on,
                place,
                "communities:detail" if is_community else "",
                (ref,) if is_community else (),
            )
        case "prg":
            return Description(ref, _("programme"), called[ref], row.number, row.starts_on, "", "home")
        case "prj":
            return Description(
                ref,
                _("project"),
                row.title,
                ", ".join(row.tools),
                row.starts_on,
                place,
                sources=(Ref(row.implementer_ref),),
            )
        case "rel":
            return Description(
                ref,
                _("link"),
                row.kind,
                row.note,
                row.starts_on,
                place,
                sources=(Ref(row.from_ref), Ref(row.to_ref), *proof),
            )
    return Description(
        ref, _("qualification"), row.code, row.level, row.on, place, sources=(Ref(row.party_ref), *proof)
    )


def due(actor: Actor, as_of: date) -> list[Due]:
    return told(actor, waiting(actor, as_of))


def waiting(actor: Actor, as_of: date) -> Iterator[Waiting]:
    """Certificates that end soon, for those who may renew them; and records that may be one person."""
    yield from _doubles_waiting(actor)
    if not can(actor, "parties.write"):
        return
    rows = Qualification.objects.visible_to(actor).filter(
        expires_on__gte=as_of - EXPIRES_WITHIN, expires_on__lte=as_of + EXPIRES_WITHIN
    )
    ending = Question(rows.order_by("expires_on")[:50], ("ref", "party_ref", "code", "expires_on"))

    def tell(called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            is_person = Ref(row["party_ref"]).kind == "per"
            yield Due(
                ref=Ref(row["ref"]),
                title=_("Certificate ends: %(name)s") % {"name": called.get(row["party_ref"], row["party_ref"])},
                detail=row["code"],
                on=row["expires_on"],
                severity="bad" if row["expires_on"] < as_of else "warn",
                url_name="people:person" if is_person else "people:group",
                url_args=(row["party_ref"],),
            )

    yield Waiting((ending,), tell, lambda found: [row["party_ref"] for row in found])


def _doubles_waiting(actor: Actor) -> Iterator[Waiting]:
    """Records that may be one person, for those who may say so: one line, however many pairs."""
    if not can(actor, "parties.merge"):
        return
    rows = PossibleDouble.objects.visible_to(actor).filter(state=DoubleState.WAITING).order_by("found_at", "pk")
    oldest = Question(rows[:DOUBLES_TOLD], ("ref", "found_at"))

    def tell(called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        if found:
            number = f"{DOUBLES_TOLD}+" if len(found) == DOUBLES_TOLD else str(len(found))
            yield Due(
                ref=Ref(found[0]["ref"]),
                title=_("Pairs of records that may be one person: %(number)s") % {"number": number},
                detail=_("People and jobs are counted by person"),
                on=found[0]["found_at"].date(),
                severity="warn",
                url_name="people:doubles",
                url_args=(),
            )

    yield Waiting((oldest,), tell, lambda found: [])


def names(actor: Actor, refs: Sequence[str]) -> dict[str, str]:
    """What to call these parties, as far as the reader may know."""
    return queries.names(actor, refs)


def facts(*, as_of: date) -> Iterator[Fact]:
    """Everybody and everything known on a day, as a stream: people, groups, organisations, places, projects."""
    yield from _person_facts(as_of)
    yield from _group_facts(as_of)
    standing: dict[str, Any] = {}
    rows = Organisation.objects.filter(registered_on__lte=as_of).select_related("scope").order_by("pk")
    for chunk in _in_chunks(rows):
        standing = queries.statuses_on([row.ref for row in chunk], as_of)
        for row in chunk:
            yield Fact(
                kind="parties.organisation",
                ref=Ref(row.ref),
                scope=row.scope.path,
                on=row.registered_on,
                party=Ref(row.ref),
                codes={
                    "kind": row.kind,
                    "partner_class": row.partner_class,
                    "status": standing[row.ref].value if row.ref in standing else "active",
                },
            )
    yield from _place_facts(as_of)


def _person_facts(as_of: date) -> Iterator[Fact]:
    rows = Person.objects.standing().filter(registered_on__lte=as_of).order_by("pk")
    for chunk in _in_chunks(rows.values("pk", "ref", "registered_on", "scope__path")):
        refs = [row["ref"] for row in chunk]
        codes = queries.codes_of(refs, as_of)
        kept = queries.cluster_of(refs)
        for row in chunk:
            yield Fact(
                kind="parties.person",
                ref=Ref(row["ref"]),
                scope=row["scope__path"],
                on=row["registered_on"],
                party=Ref(kept[row["ref"]]),
                codes=codes[row["ref"]],
            )


def _group_facts(as_of: date) -> Iterator[Fact]:
    rows = Group.objects.standing().filter(registered_on__lte=as_of).select_related("scope").order_by("pk")
    for chunk in _in_chunks(rows):
        standing = queries.statuses_on([row.ref for row in chunk], as_of)
        kept = queries.cluster_of([row.ref for row in chunk])
        size: dict[int, list[int]] = {row.pk: [0, 0, 0] for row in chunk}
        held = Membership.objects.filter(on_day(as_of), group__in=chunk).values_list("group_id", "person__sex", "role")
        for group_id, sex, role in held:
            size[group_id][0] += 1
            size[group_id][1] += sex == "female"
            size[group_id][2] += sex == "female" and role not in ("member", "")
        for row in chunk:
            members, women, women_in_office = size[row.pk]
            yield Fact(
                kind="parties.group",
                ref=Ref(row.ref),
                scope=row.scope.path,
                on=row.registered_on,
                party=Ref(kept[row.ref]),
                value=Decimal(members),
                codes={
                    "kind": row.kind,
                    "legal_form": row.legal_form,
                    "degree": row.degree,
                    "status": standing[row.ref].value if row.ref in standing else "active",
                    "members": members,
                    "women": women,
                    "women_in_office": women_in_office,
                    "women_group": members > 0 and 2 * women > members,
                },
            )


def _place_facts(as_of: date) -> Iterator[Fact]:
    known = queries.place_views(
        list(Place.objects.filter(registered_on__lte=as_of).select_related("scope", "parent", "programme")), as_of
    )
    by_ref = {view.ref: view for view in known}
    for view in known:
        yield Fact(
            kind=f"parties.{view.kind.value}",
            ref=view.ref,
            scope=view.scope,
            on=view.since or as_of,
            party=view.ref,
            value=Decimal(view.population or 0),
            codes={
                "country": view.country,
                "settlement_type": view.settlement_type.value,
                "unemployment_permille": _permille(view.unemployment_rate),
                "ours": view.ours,
            },
        )
    for row in Project.objects.filter(registered_on__lte=as_of).select_related("scope", "place").order_by("pk"):
        home = by_ref.get(Ref(row.place.ref))
        yield Fact(
            kind="parties.project",
            ref=Ref(row.ref),
            scope=row.scope.path,
            on=row.starts_on,
            party=Ref(row.place.ref),
            codes={
                "settlement_type": home.settlement_type.value if home else "",
                "unemployment_permille": _permille(home.unemployment_rate if home else None),
                "implementer_is_local": row.implementer_is_local,
                "activity_group": row.activity_group,
                "focus_area": row.focus_area,
                **dict.fromkeys(row.tools, True),
            },
            sources=(Ref(row.place.ref), Ref(row.implementer_ref)),
        )


def _permille(rate: Decimal | None) -> int:
    """An unemployment rate in percent as a whole number of thousandths; -1 where it is not known."""
    return int(rate * 10) if rate is not None else -1


def _in_chunks(rows: Any) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def export(actor: Actor, scope: str, as_of: date) -> Iterator[Mapping[str, Any]]:
    """What hangs at and under a node, as plain rows; people only as far as the actor may see them one by one."""
    for spot in queries.places(actor, scope=scope, as_of=as_of):
        yield {"table": "place", "ref": spot.ref, "name": spot.name, "kind": spot.kind.value, "scope": spot.scope}
    for model, table in ((Group, "group"), (Organisation, "organisation")):
        rows = model.objects.visible_to(actor).under(scope).filter(registered_on__lte=as_of).select_related("scope")
        for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
            yield {"table": table, "ref": row.ref, "name": row.name, "kind": row.kind, "scope": row.scope.path}
    people = Person.objects.visible_to(actor).under(scope).filter(registered_on__lte=as_of)
    for chunk in _in_chunks(people.select_related("scope", "place", "same_as").order_by("pk")):
        for view in queries.person_views(actor, chunk):
            yield {
                "table": "person",
                "ref": view.ref,
                "name": view.name,
                "sex": view.sex.value,
                "born_on": view.born_on.isoformat() if view.born_on else None,
                "scope": view.scope,
                "flags": [one.code for one in view.flags],
                "groups": [one.group_ref for one in view.groups],
                "same_as": view.same_as,
            }


def forget(person: Ref, as_of: date) -> int:
    """Destroy the name, telephone and birthday of a person, and whatever is sensitive. Counts stay as they were."""
    return services.forget_person(person, as_of)


def recheck(party: Ref) -> None:
    """Nothing here is derived from a merge: clusters are read from `same_as` each time."""
