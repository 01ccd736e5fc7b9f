"""What others may ask of parties. Lists are scoped; a name that is not for the reader is masked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from jump.base import audit, clock, i18n, keys, search
from jump.base.actors import ROLES, Actor
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.calendars import age_at, age_band, age_band_of_birth_year
from jump.core.units import Ref
from jump.engines.parties.models import (
    TABLES,
    Consent,
    Engagement,
    Flag,
    Group,
    Membership,
    Notice,
    Organisation,
    Person,
    Place,
    PlaceAttribute,
    Programme,
    Project,
    Qualification,
    Relation,
    Status,
    on_day,
)
from jump.engines.parties.types import (
    Basis,
    CaseloadView,
    Claim,
    ConsentView,
    EngagementView,
    FlagView,
    GroupView,
    HeadCount,
    Member,
    MembershipView,
    NoticeView,
    OrganisationView,
    PartnerClass,
    PersonView,
    PhaseView,
    PlaceKind,
    PlaceView,
    Pledge,
    ProgrammeView,
    ProjectView,
    QualificationView,
    RelationView,
    ScopeCount,
    SettlementType,
    Sex,
    StatusCode,
    StatusView,
)

IN_CHUNK = 5_000  # references in one IN (...): well under SQLite's limit of 32,766 values
SEARCH_HITS_MAX = 500


def _chunks(refs: Iterable[str]) -> Iterable[list[str]]:
    distinct = list(dict.fromkeys(refs))
    for start in range(0, len(distinct), IN_CHUNK):
        yield distinct[start : start + IN_CHUNK]


# People ---------------------------------------------------------------------------------------------


def person(actor: Actor, ref: Ref) -> PersonView:
    """One person, as far as this reader may know them. Showing sensitive flags is written to the trail."""
    row = Person.objects.visible_to(actor).select_related("scope", "place", "same_as").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    view = _person_views(actor, [row])[0]
    if any(one.data_class == "P3" for one in view.flags):
        with write_transaction():
            audit.record(actor, "parties.read_sensitive", ref)
    return view


def people(actor: Actor, *, q: str = "", scope: str = "", limit: int = 50, offset: int = 0) -> list[PersonView]:
    """People at and under a node, newest first; `q` looks for words of the name. A fixed number of statements."""
    rows = _people(actor, q, scope).select_related("scope", "place", "same_as")
    return _person_views(actor, list(rows.order_by("-registered_on", "ref")[offset : offset + limit]))


def count_people(actor: Actor, *, q: str = "", scope: str = "") -> int:
    return int(_people(actor, q, scope).count())


def _people(actor: Actor, q: str, scope: str) -> QuerySet[Person]:
    rows = Person.objects.visible_to(actor).under(scope)
    if q.strip():
        hits = search.find(actor, q, kinds=("per",), limit=SEARCH_HITS_MAX)
        rows = rows.filter(ref__in=[hit.ref for hit in hits])
    found: QuerySet[Person] = rows
    return found


def _person_views(actor: Actor, rows: Sequence[Person]) -> list[PersonView]:
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
        groups[held.member_ref].append(_membership_view(held))
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
    opened: dict[str, tuple[str, str]] = {}
    held = keys.keys_of([Ref(ref) for ref in refs])
    for row in rows:
        if row.ref in held and row.name_sealed:
            content = json.loads(keys.decrypt(held[row.ref], row.name_sealed))
            opened[row.ref] = (f"{content['given']} {content['family']}".strip(), content.get("phone", ""))
    return opened


def names(actor: Actor, refs: Iterable[str]) -> dict[str, str]:
    """What to call each of these parties and places. A person the reader may not see is "Person per-…"."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for ref in dict.fromkeys(str(one) for one in refs if one):
        by_kind[Ref(ref).kind].append(ref)
    called: dict[str, str] = {}
    for ref in by_kind.pop("per", []):
        called[ref] = _("Person %(ref)s") % {"ref": ref}
    for chunk in _chunks(called):
        rows = list(Person.objects.visible_to(actor).filter(ref__in=chunk).only("ref", "name_sealed"))
        called.update({ref: name for ref, (name, _phone) in _open_names([row.ref for row in rows], rows).items()})
    for kind, model, title in (
        ("grp", Group, "name"),
        ("org", Organisation, "name"),
        ("plc", Place, "name"),
        ("prj", Project, "title"),
        ("prg", Programme, "title"),
    ):
        for chunk in _chunks(by_kind.get(kind, ())):
            found = model.objects.visible_to(actor).filter(ref__in=chunk).values_list("ref", title)
            called.update({ref: i18n.text(text) for ref, text in found})
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
    for chunk in _chunks(everybody):
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


def cluster_of(refs: Iterable[str]) -> dict[str, str]:
    """For each reference the record it is the same as, at the end of the chain; itself where it is nobody's double."""
    kept = {str(ref): str(ref) for ref in refs}
    for kind, model in (("per", Person), ("grp", Group), ("org", Organisation)):
        waiting = {ref: ref for ref in kept if Ref(ref).kind == kind}
        while waiting:
            step: dict[str, str] = {}
            for chunk in _chunks(waiting.values()):
                pairs = model.objects.filter(ref__in=chunk, same_as__isnull=False).values_list("ref", "same_as__ref")
                step.update(dict(pairs))
            waiting = {start: step[at] for start, at in waiting.items() if at in step}
            kept.update(waiting)
    return kept


def cluster_members(refs: Iterable[str]) -> dict[str, list[str]]:
    """For each canonical reference every record that is the same, itself first."""
    members_of = {str(ref): [str(ref)] for ref in refs}
    for kind, model in (("per", Person), ("grp", Group), ("org", Organisation)):
        level = {ref: ref for ref in members_of if Ref(ref).kind == kind}
        while level:
            following: dict[str, str] = {}
            for chunk in _chunks(level):
                for ref, above in model.objects.filter(same_as__ref__in=chunk).values_list("ref", "same_as__ref"):
                    following[ref] = level[above]
                    members_of[level[above]].append(ref)
            level = following
    return members_of


# Counting people ------------------------------------------------------------------------------------


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
    rows = Person.objects.filter(same_as__isnull=True, duplicates__isnull=True)
    if as_of is not None:
        rows = rows.filter(registered_on__lte=as_of)
    rows = rows.exclude(ref__in=Engagement.objects.filter(is_away=True).values("party_ref"))
    return list(rows.values_list("scope__path", "sex").annotate(Count("pk")).order_by("scope__path", "sex"))


def _unsettled_people(as_of: date | None) -> list[tuple[set[str], str]]:
    """The few who have several records or are engaged away from home: each with all of their places."""
    away = Engagement.objects.filter(is_away=True).values("party_ref")
    rows = Person.objects.filter(Q(same_as__isnull=False) | Q(duplicates__isnull=False) | Q(ref__in=away)).distinct()
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


# Groups and organisations ---------------------------------------------------------------------------


def group(actor: Actor, ref: Ref) -> GroupView:
    rows = list(_with_members(Group.objects.visible_to(actor).filter(ref=ref), clock.today()))
    if not rows:
        raise NotFound(ref=ref)
    return _group_views(rows)[0]


def groups(
    actor: Actor, *, q: str = "", scope: str = "", kind: str = "", limit: int = 50, offset: int = 0
) -> list[GroupView]:
    """Groups at and under a node by name, with how many members and women they have today."""
    rows = _with_members(_groups(actor, q, scope, kind), clock.today())
    return _group_views(list(rows.order_by("name", "ref")[offset : offset + limit]))


def count_groups(actor: Actor, *, q: str = "", scope: str = "", kind: str = "") -> int:
    return int(_groups(actor, q, scope, kind).count())


def _groups(actor: Actor, q: str, scope: str, kind: str) -> Any:
    rows = Group.objects.visible_to(actor).under(scope)
    if kind:
        rows = rows.filter(kind=kind)
    if q.strip():
        hits = search.find(actor, q, kinds=("grp",), limit=SEARCH_HITS_MAX)
        rows = rows.filter(ref__in=[hit.ref for hit in hits])
    return rows


def _with_members(rows: Any, as_of: date) -> Any:
    present = Q(memberships__starts_on__lte=as_of) & (
        Q(memberships__ends_on__isnull=True) | Q(memberships__ends_on__gte=as_of)
    )
    return rows.select_related("scope", "place", "same_as").annotate(
        members_now=Count("memberships", filter=present, distinct=True),
        women_now=Count("memberships", filter=present & Q(memberships__person__sex="female"), distinct=True),
    )


def _group_views(rows: Sequence[Any]) -> list[GroupView]:
    standing = _statuses([row.ref for row in rows], clock.today())
    return [
        GroupView(
            ref=Ref(row.ref),
            name=row.name,
            kind=row.kind,
            legal_form=row.legal_form,
            scope=row.scope.path,
            place_ref=Ref(row.place.ref) if row.place else None,
            place_name=row.place.name if row.place else row.scope.title,
            status=standing.get(row.ref, StatusCode.ACTIVE),
            members_count=row.members_now,
            women_count=row.women_now,
            degree=row.degree,
            founded_on=row.registered_on,
            same_as=Ref(row.same_as.ref) if row.same_as else None,
        )
        for row in rows
    ]


def members(actor: Actor, group_ref: Ref, as_of: date) -> list[Member]:
    """Who belongs to a group on a day. The list follows the group; names are asked with `names`."""
    if not Group.objects.visible_to(actor).filter(ref=group_ref).exists():
        raise NotFound(ref=group_ref)
    rows = Membership.objects.filter(on_day(as_of), group__ref=group_ref).order_by("starts_on", "pk")
    return [Member(Ref(row.member_ref), row.role, row.starts_on, row.ends_on) for row in rows]


def memberships(actor: Actor, party_ref: Ref, as_of: date | None = None) -> list[MembershipView]:
    """The groups that a party belongs to: those seen by the reader, on a day or ever."""
    rows = Membership.objects.filter(member_ref=party_ref, group__in=Group.objects.visible_to(actor)).select_related(
        "group"
    )
    if as_of is not None:
        rows = rows.filter(on_day(as_of))
    return [_membership_view(row) for row in rows.order_by("starts_on", "pk")]


def _membership_view(row: Membership) -> MembershipView:
    return MembershipView(
        ref=Ref(row.ref),
        group_ref=Ref(row.group.ref),
        group_name=row.group.name,
        member_ref=Ref(row.member_ref),
        role=row.role,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        proof_ref=Ref(row.proof_ref) if row.proof_ref else None,
    )


def organisation(actor: Actor, ref: Ref) -> OrganisationView:
    rows = list(Organisation.objects.visible_to(actor).select_related("scope", "same_as").filter(ref=ref))
    if not rows:
        raise NotFound(ref=ref)
    return _organisation_views(rows)[0]


def organisations(
    actor: Actor, *, q: str = "", scope: str = "", partner_class: str = "", limit: int = 50, offset: int = 0
) -> list[OrganisationView]:
    """Organisations at and under a node, by name; `partner_class` is one of the four classes of partner."""
    rows = Organisation.objects.visible_to(actor).under(scope).select_related("scope", "same_as")
    if partner_class:
        rows = rows.filter(partner_class=partner_class)
    if q.strip():
        hits = search.find(actor, q, kinds=("org",), limit=SEARCH_HITS_MAX)
        rows = rows.filter(ref__in=[hit.ref for hit in hits])
    return _organisation_views(list(rows.order_by("name", "ref")[offset : offset + limit]))


def _organisation_views(rows: Sequence[Any]) -> list[OrganisationView]:
    standing = _statuses([row.ref for row in rows], clock.today())
    return [
        OrganisationView(
            ref=Ref(row.ref),
            name=row.name,
            kind=row.kind,
            partner_class=PartnerClass(row.partner_class),
            scope=row.scope.path,
            status=standing.get(row.ref, StatusCode.ACTIVE),
            since=row.registered_on,
            same_as=Ref(row.same_as.ref) if row.same_as else None,
        )
        for row in rows
    ]


# Places and programmes ------------------------------------------------------------------------------


def place(actor: Actor, ref: Ref, as_of: date | None = None) -> PlaceView:
    rows = list(_place_rows(actor, as_of).filter(ref=ref))
    if not rows:
        raise NotFound(ref=ref)
    return _place_views(rows, as_of)[0]


def places(actor: Actor, *, kind: str = "", scope: str = "", as_of: date | None = None) -> list[PlaceView]:
    """Places under a node, in the order of the tree; with `as_of` those there already, as they were known then."""
    rows = _place_rows(actor, as_of).under(scope)
    if kind:
        rows = rows.filter(kind=PlaceKind(kind))
    return _place_views(list(rows.order_by("scope__path", "pk")), as_of)


def communities(
    actor: Actor, *, scope: str = "", as_of: date | None = None, limit: int = 500, offset: int = 0
) -> list[PlaceView]:
    """Communities under a node, by country and name."""
    rows = _place_rows(actor, as_of).under(scope).filter(kind=PlaceKind.COMMUNITY)
    return _place_views(list(rows.order_by("country_code", "name", "pk")[offset : offset + limit]), as_of)


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


def _place_views(rows: Sequence[Place], as_of: date | None) -> list[PlaceView]:
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
    rows = list(Programme.objects.visible_to(actor).select_related("scope").order_by("pk"))
    mine = [row for row in rows if scope and scope.startswith(row.scope.path)] or [
        row for row in rows if any(grant.path.startswith(row.scope.path) for grant in actor.grants)
    ]
    row = next(iter(mine or rows), None)
    if row is None:
        raise NotFound(ref=scope or "programme")
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


# What is dated --------------------------------------------------------------------------------------


def relations(
    actor: Actor, *, of: Ref | None = None, kind: str = "", scope: str = "", as_of: date | None = None
) -> list[RelationView]:
    """Links from or to a party, or under a node; on a day, or all there ever were."""
    rows = Relation.objects.visible_to(actor).under(scope)
    if of is not None:
        rows = rows.filter(Q(from_ref=of) | Q(to_ref=of))
    if kind:
        rows = rows.filter(kind=kind)
    if as_of is not None:
        rows = rows.filter(on_day(as_of))
    return [_relation_view(row) for row in rows.order_by("starts_on", "ref")]


def _relation_view(row: Relation) -> RelationView:
    return RelationView(
        ref=Ref(row.ref),
        kind=row.kind,
        from_ref=Ref(row.from_ref),
        to_ref=Ref(row.to_ref),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        proof_ref=Ref(row.proof_ref) if row.proof_ref else None,
        note=row.note,
    )


def engagements(actor: Actor, party_ref: Ref) -> list[EngagementView]:
    rows = Engagement.objects.visible_to(actor).select_related("scope").filter(party_ref=party_ref)
    return [
        EngagementView(Ref(row.ref), Ref(row.party_ref), row.scope.path, row.role, row.starts_on, row.ends_on)
        for row in rows.order_by("starts_on", "pk")
    ]


def statuses(actor: Actor, party_ref: Ref) -> list[StatusView]:
    """Every status a party ever had, oldest first."""
    if party_ref not in names(actor, [party_ref]):
        raise NotFound(ref=party_ref)
    rows = Status.objects.filter(party_ref=party_ref).order_by("on", "pk")
    return [
        StatusView(
            Ref(row.ref),
            Ref(row.party_ref),
            StatusCode(row.code),
            row.on,
            Ref(row.proof_ref) if row.proof_ref else None,
        )
        for row in rows
    ]


def status_of(ref: Ref | str, as_of: date) -> StatusCode:
    """The status in force on a day; active where nothing was said."""
    return _statuses([str(ref)], as_of).get(str(ref), StatusCode.ACTIVE)


def _statuses(refs: Sequence[str], as_of: date) -> dict[str, StatusCode]:
    standing: dict[str, StatusCode] = {}
    for chunk in _chunks(refs):
        rows = Status.objects.filter(party_ref__in=chunk, on__lte=as_of).order_by("on", "pk")
        for ref, code in rows.values_list("party_ref", "code"):
            standing[ref] = StatusCode(code)
    return standing


def qualifications(
    actor: Actor,
    *,
    party_ref: Ref | None = None,
    code: str = "",
    kind: str = "",
    scope: str = "",
    as_of: date | None = None,
    limit: int = 500,
    offset: int = 0,
) -> list[QualificationView]:
    """Skills and certificates: of a party, or of everybody under a node; with `as_of` those in force then."""
    rows = Qualification.objects.visible_to(actor).under(scope)
    if party_ref is not None:
        rows = rows.filter(party_ref=party_ref)
    if code:
        rows = rows.filter(code=code)
    if kind:
        rows = rows.filter(kind=kind)
    if as_of is not None:
        rows = rows.filter(on__lte=as_of).filter(Q(expires_on__isnull=True) | Q(expires_on__gte=as_of))
    return [
        QualificationView(
            ref=Ref(row.ref),
            party_ref=Ref(row.party_ref),
            kind=row.kind,
            code=row.code,
            level=row.level,
            claim=Claim(row.claim),
            on=row.on,
            expires_on=row.expires_on,
            proof_ref=Ref(row.proof_ref) if row.proof_ref else None,
        )
        for row in rows.order_by("code", "on", "ref")[offset : offset + limit]
    ]


def may_work_alone(person_ref: Ref, *, needs: Sequence[str], as_of: date) -> bool:
    """Whether a worker has proof of every competence needed before lone work, in force on the day."""
    held = (
        Qualification.objects.filter(party_ref=person_ref, code__in=needs, claim=Claim.PROVED, on__lte=as_of)
        .filter(Q(expires_on__isnull=True) | Q(expires_on__gte=as_of))
        .values_list("code", flat=True)
    )
    return set(needs) <= set(held)


def consents(actor: Actor, person_ref: Ref) -> list[ConsentView]:
    if not Person.objects.visible_to(actor).filter(ref=person_ref).exists():
        raise NotFound(ref=person_ref)
    rows = Consent.objects.filter(person__ref=person_ref).order_by("given_on", "pk")
    return [
        ConsentView(Ref(row.ref), Ref(person_ref), row.purpose, row.given_on, row.withdrawn_on, row.how) for row in rows
    ]


def notices(actor: Actor, *, to_ref: Ref | None = None, about_ref: Ref | None = None) -> list[NoticeView]:
    """What a party was told, or what was told about something; newest first."""
    rows = Notice.objects.visible_to(actor)
    if to_ref is not None:
        rows = rows.filter(to_ref=to_ref)
    if about_ref is not None:
        rows = rows.filter(about_ref=about_ref)
    return [
        NoticeView(
            Ref(row.ref),
            Ref(row.to_ref),
            row.template,
            row.on,
            row.facts,
            Ref(row.about_ref) if row.about_ref else None,
        )
        for row in rows.order_by("-on", "-pk")[:200]
    ]


def caseload(actor: Actor, *, scope: str = "", as_of: date, limit: int | None = None) -> list[CaseloadView]:
    """How many communities and groups each worker looks after on a day, the busiest first."""
    held: dict[str, list[RelationView]] = defaultdict(list)
    for view in relations(actor, kind="assignment", scope=scope, as_of=as_of):
        held[view.from_ref].append(view)
    called = names(actor, held)
    loads = [
        CaseloadView(Ref(ref), called[ref], len(assigned), limit, tuple(assigned)) for ref, assigned in held.items()
    ]
    return sorted(loads, key=lambda one: (-one.assigned, one.worker_ref))


def last_registered(model: Any = Person) -> Any:
    """When the last row was registered: what a cached count must be newer than."""
    return model.objects.aggregate(last=Max("registered_at"))["last"]


def is_known(ref: Ref | str) -> bool:
    """Whether parties has a row with this reference."""
    try:
        scope_of(ref)
    except NotFound:
        return False
    return True


def attributes_of(view: PlaceView) -> Mapping[str, object]:
    """The attributes of a place as an expression sees them: with settlement type, population and rate by name."""
    return {
        **view.attributes,
        "settlement_type": view.settlement_type.value,
        "population": view.population,
        "unemployment_rate": view.unemployment_rate,
    }
