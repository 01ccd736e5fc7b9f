"""Dated links between parties; a worker's assignment is a link and a right in one."""

from __future__ import annotations

from datetime import date

from django.contrib.auth import get_user_model

from jump.base import audit
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.models import RoleAssignment, RowGrant
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties.models import Relation, on_day
from jump.engines.parties.services._find import found
from jump.engines.parties.services.refusals import AlreadyRelated, CaseloadFull

ASSIGNMENT = "assignment"
WORKER_ROLE = "extension_worker"


def relate(
    actor: Actor,
    *,
    kind: str,
    from_ref: Ref,
    to_ref: Ref,
    on: date,
    until: date | None = None,
    proof_ref: Ref | None = None,
    note: str = "",
) -> Ref:
    """Link one party with another (or a place) from this day on. The same link twice is refused."""
    with write_transaction():
        start = found(from_ref)
        found(to_ref)
        require(actor, "parties.write", start.scope.path)
        present = Relation.objects.filter(kind=kind, from_ref=from_ref, to_ref=to_ref, ends_on__isnull=True).first()
        if present is not None:
            if present.starts_on == on:
                return Ref(present.ref)
            raise AlreadyRelated(since=present.starts_on)
        row = Relation.objects.create(
            kind=kind,
            from_ref=from_ref,
            to_ref=to_ref,
            scope=start.scope,
            starts_on=on,
            ends_on=until,
            proof_ref=proof_ref or "",
            note=note,
        )
        audit.record(actor, "parties.relate", row.ref, facts={"kind": kind, "from": from_ref, "to": to_ref})
        return Ref(row.ref)


def end_relation(actor: Actor, *, ref: Ref, on: date) -> None:
    """End a link on this day; it stays in the books."""
    with write_transaction():
        row = Relation.objects.select_related("scope").filter(ref=ref, ends_on__isnull=True).first()
        if row is None:
            raise NotFound(ref=ref)
        require(actor, "parties.write", row.scope.path)
        Relation.objects.filter(pk=row.pk).update(ends_on=on)
        audit.record(actor, "parties.end_relation", ref)


def assign_worker(
    actor: Actor, *, worker_ref: Ref, to_ref: Ref, on: date, limit: int | None = None, why: str = ""
) -> Ref:
    """Put an extension worker in charge of a community or group, and give the right to work there with it.

    Over the caseload limit only with a reason, which is kept on the link.
    """
    with write_transaction():
        target = found(to_ref, "plc", "grp")
        require(actor, "parties.write", target.scope.path)
        worker = found(worker_ref, "per")
        present = (
            Relation.objects.filter(kind=ASSIGNMENT, from_ref=worker_ref, to_ref=to_ref).filter(on_day(on)).first()
        )
        if present is not None:
            return Ref(present.ref)
        assigned = Relation.objects.filter(kind=ASSIGNMENT, from_ref=worker_ref).filter(on_day(on)).count()
        if limit is not None and assigned >= limit and not why:
            raise CaseloadFull(assigned=assigned, limit=limit)
        row = Relation.objects.create(
            kind=ASSIGNMENT,
            from_ref=worker_ref,
            to_ref=to_ref,
            scope=target.scope,
            starts_on=on,
            note=why,
            role_assignment=_give_right(worker.ref, target.scope_id, on),
        )
        audit.record(actor, "parties.assign_worker", row.ref, why=why, facts={"worker": worker_ref, "to": to_ref})
        return Ref(row.ref)


def end_assignment(actor: Actor, *, ref: Ref, on: date) -> None:
    """End an assignment and, with it, the right to work there."""
    with write_transaction():
        row = Relation.objects.select_related("scope").filter(ref=ref, kind=ASSIGNMENT, ends_on__isnull=True).first()
        if row is None:
            raise NotFound(ref=ref)
        require(actor, "parties.write", row.scope.path)
        Relation.objects.filter(pk=row.pk).update(ends_on=on)
        if row.role_assignment_id is not None:
            others = Relation.objects.filter(role_assignment=row.role_assignment_id, ends_on__isnull=True)
            if not others.exists():
                RoleAssignment.objects.filter(pk=row.role_assignment_id).update(ends_on=on)
        audit.record(actor, "parties.end_assignment", ref)


def _give_right(worker_ref: str, node_pk: int, on: date) -> RoleAssignment | None:
    """The right of the worker's own sign-in at this node; None where the worker has no sign-in yet."""
    user_id = RowGrant.objects.filter(ref=worker_ref).order_by("pk").values_list("user_id", flat=True).first()
    if user_id is None or not get_user_model()._default_manager.filter(pk=user_id).exists():
        return None
    held = RoleAssignment.objects.held_on(on).filter(user_id=user_id, role=WORKER_ROLE, node_id=node_pk).first()
    if held is not None:
        return held
    return RoleAssignment.objects.create(user_id=user_id, role=WORKER_ROLE, node_id=node_pk, starts_on=on)
