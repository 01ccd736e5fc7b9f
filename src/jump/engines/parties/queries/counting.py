"""How many people there are at and under a place, each once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import Count, Q

from jump.base.actors import ROLES, Actor
from jump.engines.parties.models import (
    Engagement,
    Person,
)
from jump.engines.parties.queries.same import cluster_of
from jump.engines.parties.types import (
    HeadCount,
    ScopeCount,
    Sex,
)


def head_count(actor: Actor, *, scope: str = "", as_of: date | None = None) -> HeadCount:
    """People at and under a node by sex, each once, however many records, places or groups they are in."""
    total: dict[str, int] = defaultdict(int)
    paths = _counting_paths(actor)
    for path, sex, number in _settled_people(as_of):
        if path.startswith(scope) and any(path.startswith(one) for one in paths):
            total[sex] += number
    for places_of, sex in _unsettled_people(as_of):
        if any(path.startswith(scope) and any(path.startswith(one) for one in paths) for path in places_of):
            total[sex] += 1
    return HeadCount(
        total=sum(total.values()),
        women=total[Sex.FEMALE],
        men=total[Sex.MALE],
        other=total[Sex.OTHER],
        not_stated=total[Sex.NOT_STATED],
    )


def roll_up(actor: Actor, *, as_of: date | None = None) -> list[ScopeCount]:
    """The tree of scopes with people counted at each node: recorded there, and distinct at and under it.

    The distinct count is the union of the sets below, never the sum of their sizes.
    """
    from jump.base.scopes import ScopeNode

    paths = _counting_paths(actor)
    nodes = [
        node
        for node in ScopeNode.objects.order_by("path").values("path", "title", "parent__path")
        if any(node["path"].startswith(path) for path in paths)
    ]
    own: dict[str, int] = defaultdict(int)
    distinct: dict[str, int] = defaultdict(int)
    for path, _sex, number in _settled_people(as_of):
        own[path] += number
        for above in _ancestors(path):
            distinct[above] += number
    for places_of, _sex in _unsettled_people(as_of):
        for path in places_of:
            own[path] += 1
        for above in {one for path in places_of for one in _ancestors(path)}:
            distinct[above] += 1
    children: dict[str, list[str]] = defaultdict(list)
    for node in nodes:
        children[node["parent__path"] or ""].append(node["path"])
    return [
        ScopeCount(
            node["path"], node["title"], own[node["path"]], distinct[node["path"]], tuple(children[node["path"]])
        )
        for node in nodes
    ]


def _ancestors(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/".join(parts[: number + 1]) + "/" for number in range(len(parts))]


def _counting_paths(actor: Actor) -> list[str]:
    """Where people may be counted: roles that see P2 rows, or P2 in aggregates."""
    if actor.is_system:
        return [""]
    return [grant.path for grant in actor.grants if {"v", "agg"} & set(ROLES[grant.role].sees.get("P2", "").split(" "))]


def _settled_people(as_of: date | None) -> list[tuple[str, str, int]]:
    """People with one record at one place, counted by place and sex in the database."""
    rows = Person.objects.standing().filter(same_as__isnull=True, duplicates__isnull=True)
    if as_of is not None:
        rows = rows.filter(registered_on__lte=as_of)
    rows = rows.exclude(ref__in=Engagement.objects.filter(is_away=True).values("party_ref"))
    return list(rows.values_list("scope__path", "sex").annotate(Count("pk")).order_by("scope__path", "sex"))


def _unsettled_people(as_of: date | None) -> list[tuple[set[str], str]]:
    """The few who have several records or are engaged away from home: each with all of their places."""
    away = Engagement.objects.filter(is_away=True).values("party_ref")
    several = Q(same_as__isnull=False) | Q(duplicates__isnull=False) | Q(ref__in=away)
    rows = Person.objects.standing().filter(several).distinct()
    if as_of is not None:
        rows = rows.filter(registered_on__lte=as_of)
    found = {ref: (path, sex) for ref, path, sex in rows.values_list("ref", "scope__path", "sex")}
    kept = cluster_of(found)
    places_of: dict[str, set[str]] = defaultdict(set)
    sexes: dict[str, str] = {}
    for ref, (path, sex) in found.items():
        places_of[kept[ref]].add(path)
        if ref == kept[ref] or kept[ref] not in sexes:
            sexes[kept[ref]] = sex
    engaged = Engagement.objects.filter(is_away=True, party_ref__startswith="per-")
    if as_of is not None:
        engaged = engaged.filter(starts_on__lte=as_of)
    for ref, path in engaged.values_list("party_ref", "scope__path"):
        if ref in kept:
            places_of[kept[ref]].add(path)
    return [(places_of[ref], sexes[ref]) for ref in places_of]
