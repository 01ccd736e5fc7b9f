"""Groups, organisations and who belongs to them."""

from __future__ import annotations

from datetime import date

from jump.base import audit, clock, search
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refs import new_ref
from jump.base.refusals import NotFound
from jump.base.scopes import declare_node, node_id
from jump.core.units import Ref
from jump.engines.parties.models import Group, Membership, Organisation, Status
from jump.engines.parties.services._find import found
from jump.engines.parties.services._once import once
from jump.engines.parties.services.refusals import AlreadyMember, DegreeNeedsOrganisations
from jump.engines.parties.types import PartnerClass, StatusCode


def register_group(
    actor: Actor,
    *,
    scope: str,
    name: str,
    kind: str,
    legal_form: str = "",
    place_ref: Ref | None = None,
    degree: int = 1,
    on: date,
    key: str = "",
) -> Ref:
    """A group in the books, active from this day. Degree 2 and more are unions of groups or organisations."""
    require(actor, "parties.write", scope)
    content = {"scope": scope, "name": name, "kind": kind, "legal_form": legal_form, "degree": degree}

    def make(digest: str) -> Ref:
        ref = new_ref("grp")
        Group.objects.create(
            ref=ref,
            scope_id=node_id(scope),
            name=name.strip(),
            kind=kind,
            legal_form=legal_form,
            degree=degree,
            place=found(place_ref, "plc") if place_ref else None,
            registered_on=on,
            registered_at=clock.now(),
            registered_by=actor.key,
            key=key,
            key_digest=digest,
        )
        Status.objects.create(party_ref=ref, code=StatusCode.ACTIVE, on=on, recorded_at=clock.now())
        search.put(ref, title=name.strip(), scope=scope, data_class="P1", detail=kind)
        audit.record(actor, "parties.register_group", ref)
        return ref

    with write_transaction():
        return once(Group, key, content, make)


def register_organisation(
    actor: Actor,
    *,
    scope: str,
    name: str,
    kind: str,
    partner_class: PartnerClass | str = "",
    on: date,
    key: str = "",
) -> Ref:
    """An organisation in the books: its class among the four partner classes, its sub-type as kind."""
    require(actor, "parties.write", scope)
    content = {"scope": scope, "name": name, "kind": kind, "partner_class": str(partner_class)}

    def make(digest: str) -> Ref:
        ref = new_ref("org")
        Organisation.objects.create(
            ref=ref,
            scope_id=node_id(scope),
            name=name.strip(),
            kind=kind,
            partner_class=PartnerClass(partner_class),
            registered_on=on,
            registered_at=clock.now(),
            registered_by=actor.key,
            key=key,
            key_digest=digest,
        )
        Status.objects.create(party_ref=ref, code=StatusCode.ACTIVE, on=on, recorded_at=clock.now())
        search.put(ref, title=name.strip(), scope=scope, data_class="P1", detail=kind)
        audit.record(actor, "parties.register_organisation", ref)
        return ref

    with write_transaction():
        return once(Organisation, key, content, make)


def declare_enterprise_node(actor: Actor, *, group_ref: Ref) -> str:
    """Give a group its own node under its place, so that roles can be held at it. Returns the node's path."""
    with write_transaction():
        group = found(group_ref, "grp")
        require(actor, "parties.write", group.scope.path)
        if group.scope.kind == "enterprise":
            return str(group.scope.path)
        node = declare_node(group.scope.path, group_ref.code.lower(), "enterprise", group.name, group_ref)
        Group.objects.filter(pk=group.pk).update(scope=node)
        search.put(group_ref, title=group.name, scope=node.path, data_class="P1", detail=group.kind)
        return node.path


def join(
    actor: Actor,
    *,
    group_ref: Ref,
    person_ref: Ref,
    role: str,
    on: date,
    until: date | None = None,
    proof_ref: Ref | None = None,
) -> Ref:
    """Make a person a member; in a union (degree 2 and more) a group or organisation. Joining twice is refused."""
    with write_transaction():
        group = found(group_ref, "grp")
        require(actor, "parties.write", group.scope.path)
        member = found(person_ref, "per", "grp", "org")
        kind = Ref(person_ref).kind
        if group.degree > 1 and kind == "per":
            raise DegreeNeedsOrganisations(group=group_ref)
        present = group.memberships.filter(member_ref=person_ref, ends_on__isnull=True).first()
        if present is not None:
            if (present.role, present.starts_on) == (role, on):
                return Ref(present.ref)
            raise AlreadyMember(member=person_ref, since=present.starts_on)
        row = Membership.objects.create(
            group=group,
            group_degree=group.degree,
            member_ref=person_ref,
            member_kind=kind,
            person=member if kind == "per" else None,
            role=role,
            starts_on=on,
            ends_on=until,
            proof_ref=proof_ref or "",
        )
        audit.record(actor, "parties.join", group_ref, facts={"member": person_ref, "role": role})
        return Ref(row.ref)


def leave(actor: Actor, *, group_ref: Ref, person_ref: Ref, on: date, why: str = "") -> None:
    """End a membership on this day; it stays in the books."""
    with write_transaction():
        group = found(group_ref, "grp")
        require(actor, "parties.write", group.scope.path)
        ended = group.memberships.filter(member_ref=person_ref, ends_on__isnull=True).update(
            ends_on=on, why_ended=why[:200]
        )
        if not ended:
            raise NotFound(ref=person_ref)
        audit.record(actor, "parties.leave", group_ref, why=why, facts={"member": person_ref})
