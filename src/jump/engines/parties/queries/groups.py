"""Groups, organisations, and who belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from jump.base import clock, search
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties.models import (
    Group,
    Membership,
    Organisation,
    Status,
    on_day,
)
from jump.engines.parties.queries.same import chunks
from jump.engines.parties.types import (
    GroupView,
    Member,
    MembershipView,
    OrganisationView,
    PartnerClass,
    StatusCode,
)

SEARCH_HITS_MAX = 500


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
    standing = Status.objects.filter(party_ref=OuterRef("ref"), on__lte=as_of).order_by("-on", "-pk")
    return rows.select_related("scope", "place", "same_as").annotate(
        status_now=Subquery(standing.values("code")[:1]),
        members_now=Count("memberships", filter=present, distinct=True),
        women_now=Count("memberships", filter=present & Q(memberships__person__sex="female"), distinct=True),
    )


def _group_views(rows: Sequence[Any]) -> list[GroupView]:
    return [
        GroupView(
            ref=Ref(row.ref),
            name=row.name,
            kind=row.kind,
            legal_form=row.legal_form,
            scope=row.scope.path,
            place_ref=Ref(row.place.ref) if row.place else None,
            place_name=row.place.name if row.place else row.scope.title,
            status=StatusCode(row.status_now or StatusCode.ACTIVE),
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
    return [membership_view(row) for row in rows.order_by("starts_on", "pk")]


def membership_view(row: Membership) -> MembershipView:
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
    standing = statuses_on([row.ref for row in rows], clock.today())
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


def statuses_on(refs: Sequence[str], as_of: date) -> dict[str, StatusCode]:
    standing: dict[str, StatusCode] = {}
    for chunk in chunks(refs):
        rows = Status.objects.filter(party_ref__in=chunk, on__lte=as_of).order_by("on", "pk")
        for ref, code in rows.values_list("party_ref", "code"):
            standing[ref] = StatusCode(code)
    return standing
