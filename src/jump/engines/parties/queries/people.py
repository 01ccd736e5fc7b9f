"""People, as far as the reader may know them; a name that is not for them is masked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jump.base import audit, i18n, keys, search
from jump.base.actors import Actor
from jump.base.asking import Question, ask
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.calendars import age_at, age_band, age_band_of_birth_year
from jump.core.units import Ref
from jump.engines.parties.models import (
    Flag,
    Group,
    Membership,
    Organisation,
    Person,
    Place,
    Programme,
    Project,
    on_day,
)
from jump.engines.parties.queries.groups import membership_view
from jump.engines.parties.queries.same import chunks, cluster_members, cluster_of
from jump.engines.parties.types import (
    Basis,
    FlagView,
    MembershipView,
    PersonView,
    Sex,
)

SEARCH_HITS_MAX = 500


def person(actor: Actor, ref: Ref) -> PersonView:
    """One person, as far as this reader may know them. Showing sensitive flags is written to the trail."""
    row = Person.objects.visible_to(actor).select_related("scope", "place", "same_as").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    view = person_views(actor, [row])[0]
    if any(one.data_class == "P3" for one in view.flags):
        with write_transaction():
            audit.record(actor, "parties.read_sensitive", ref)
    return view


def birth_of(ref: Ref | str) -> tuple[date | None, int | None] | None:
    """The day and the year of birth, as far as they are known: for rules about age. None where nobody is found."""
    found: tuple[date | None, int | None] | None = (
        Person.objects.filter(ref=ref).values_list("born_on", "birth_year").first()
    )
    return found


def people(actor: Actor, *, q: str = "", scope: str = "", limit: int = 50, offset: int = 0) -> list[PersonView]:
    """People at and under a node, newest first; `q` looks for words of the name. A fixed number of statements."""
    rows = _people(actor, q, scope).select_related("scope", "place", "same_as")
    return person_views(actor, list(rows.order_by("-registered_on", "ref")[offset : offset + limit]))


def count_people(actor: Actor, *, q: str = "", scope: str = "") -> int:
    return int(_people(actor, q, scope).count())


def _people(actor: Actor, q: str, scope: str) -> QuerySet[Person]:
    rows = Person.objects.visible_to(actor).under(scope)
    if q.strip():
        hits = search.find(actor, q, kinds=("per",), limit=SEARCH_HITS_MAX)
        rows = rows.filter(ref__in=[hit.ref for hit in hits])
    found: QuerySet[Person] = rows
    return found


def person_views(actor: Actor, rows: Sequence[Person]) -> list[PersonView]:
    refs = [row.ref for row in rows]
    named = _open_names(refs, rows)
    flags: dict[int, list[FlagView]] = defaultdict(list)
    for one in Flag.objects.filter(person__in=rows).order_by("starts_on", "pk"):
        owner = next(row.ref for row in rows if row.pk == one.person_id) if one.data_class == "P3" else ""
        if one.data_class == "P3" and not (actor.is_system or owner in actor.row_refs):
            continue
        flags[one.person_id].append(
            FlagView(Ref(one.ref), one.code, Basis(one.basis), one.data_class, one.starts_on, one.ends_on)
        )
    groups: dict[str, list[MembershipView]] = defaultdict(list)
    for held in Membership.objects.filter(member_ref__in=refs).select_related("group").order_by("starts_on", "pk"):
        groups[held.member_ref].append(membership_view(held))
    views = []
    for row in rows:
        name, phone = named.get(row.ref, (_("Person %(ref)s") % {"ref": row.ref}, ""))
        views.append(
            PersonView(
                ref=Ref(row.ref),
                name=name,
                sex=Sex(row.sex),
                born_on=row.born_on,
                birth_year=row.birth_year,
                place_ref=Ref(row.place.ref) if row.place else None,
                place_name=row.place.name if row.place else row.scope.title,
                scope=row.scope.path,
                flags=tuple(flags[row.pk]),
                groups=tuple(groups[row.ref]),
                same_as=Ref(row.same_as.ref) if row.same_as else None,
                phone=phone,
                languages=tuple(row.languages),
                registered_on=row.registered_on,
                is_masked=row.ref not in named,
                is_forgotten=row.forgotten_at is not None,
            )
        )
    return views


def _open_names(refs: Sequence[str], rows: Iterable[Any]) -> dict[str, tuple[str, str]]:
    """Names and telephones under their keys; those of forgotten people are missing."""
    return {ref: (f"{one.given} {one.family}".strip(), one.phone) for ref, one in opened_names(refs, rows).items()}


class OpenedName(NamedTuple):
    """What lies under a person's key."""

    given: str
    family: str
    phone: str


def opened_names(refs: Sequence[str], rows: Iterable[Any]) -> dict[str, OpenedName]:
    """Names and telephones of those whose key exists. For rules; what leaves the engine passes through a view."""
    opened: dict[str, OpenedName] = {}
    held = keys.keys_of([Ref(ref) for ref in refs])
    for row in rows:
        if row.ref in held and row.name_sealed:
            content = json.loads(keys.decrypt(held[row.ref], row.name_sealed))
            opened[row.ref] = OpenedName(content["given"], content["family"], content.get("phone", ""))
    return opened


def names(actor: Actor, refs: Iterable[str]) -> dict[str, str]:
    """What to call each of these parties and places. A person the reader may not see is "Person per-…".

    One statement for all that are not people, two for people.
    """
    by_kind: dict[str, list[str]] = defaultdict(list)
    for ref in dict.fromkeys(str(one) for one in refs if one):
        by_kind[Ref(ref).kind].append(ref)
    called: dict[str, str] = {}
    for ref in by_kind.pop("per", []):
        called[ref] = _("Person %(ref)s") % {"ref": ref}
    for chunk in chunks(called):
        rows = list(Person.objects.visible_to(actor).filter(ref__in=chunk).only("ref", "name_sealed"))
        called.update({ref: name for ref, (name, _phone) in _open_names([row.ref for row in rows], rows).items()})
    titled: tuple[tuple[str, Any, str], ...] = (
        ("grp", Group, "name"),
        ("org", Organisation, "name"),
        ("plc", Place, "name"),
        ("prj", Project, "title"),
        ("prg", Programme, "title"),
    )
    asked = [
        (title, Question(model.objects.visible_to(actor).filter(ref__in=chunk), ("ref", title)))
        for kind, model, title in titled
        for chunk in chunks(by_kind.get(kind, ()))
    ]
    for (title, _question), rows in zip(asked, ask([question for _title, question in asked]), strict=True):
        called.update({row["ref"]: i18n.text(row[title]) for row in rows})
    return called


def codes_of(
    person_refs: Iterable[str], as_of: date, *, with_sensitive: bool = False
) -> dict[str, dict[str, str | bool | int]]:
    """What people are counted by on a day: sex, age_group, and each flag in force as True.

    Records that are one person (`same_as`) give one set of codes: sex and birth of the kept record, flags of all.
    A handful of statements per 5,000 references.
    """
    refs = list(dict.fromkeys(person_refs))
    kept = cluster_of(refs)
    clusters = cluster_members(kept.values()) if any(ref != canonical for ref, canonical in kept.items()) else {}
    everybody = set(refs) | set(kept.values()) | {one for members_ in clusters.values() for one in members_}
    born: dict[str, tuple[str, date | None, int | None]] = {}
    flagged: dict[str, set[str]] = defaultdict(set)
    for chunk in chunks(everybody):
        for ref, sex, born_on, year in Person.objects.filter(ref__in=chunk).values_list(
            "ref", "sex", "born_on", "birth_year"
        ):
            born[ref] = (sex, born_on, year)
        rows = Flag.objects.filter(on_day(as_of), person__ref__in=chunk)
        if not with_sensitive:
            rows = rows.exclude(data_class="P3")
        for ref, code in rows.values_list("person__ref", "code"):
            flagged[ref].add(code)
    codes: dict[str, dict[str, str | bool | int]] = {}
    for ref in refs:
        canonical = kept.get(ref, ref)
        if canonical not in born:
            continue
        sex, born_on, year = born[canonical]
        made: dict[str, str | bool | int] = {"sex": sex, "age_group": _age_group(born_on, year, as_of)}
        for one in {ref, canonical, *clusters.get(canonical, ())}:
            made.update(dict.fromkeys(flagged.get(one, ()), True))
        codes[ref] = made
    return codes


def _age_group(born_on: date | None, birth_year: int | None, as_of: date) -> str:
    if born_on is not None and born_on <= as_of:
        return age_band(age_at(born_on, as_of))
    return age_band_of_birth_year(birth_year, as_of)
