"""The work of extension workers: visits planned and made, their month signed and read."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node
from jump.core.calendars import month_end
from jump.core.units import Ref
from jump.engines.cases.models import WorkerMonth
from jump.engines.cases.queries.fieldwork import counts_of_month, first_of_month
from jump.engines.cases.services.gatherings import plan_session, record_session
from jump.engines.cases.services.keys import one_at_a_time
from jump.engines.cases.services.refusals import MonthNotOver, MonthSigned, NotTheirOwn
from jump.engines.cases.types import AgendaItem, Attendee, Product
from jump.engines.cases.types.fieldwork import SUPERVISION, VISIT
from jump.engines.parties import api as parties


def plan_visit(
    actor: Actor,
    *,
    worker_ref: Ref,
    to_ref: Ref,
    planned_on: date,
    purpose: str,
    agenda: Sequence[AgendaItem] = (),
    task_refs: Sequence[Ref] = (),
    key: str = "",
) -> Ref:
    """Plan a visit of a worker to a community or group: it stands in their week, and on their phone."""
    scope = parties.scope_of(to_ref)
    return plan_session(
        actor,
        kind=VISIT,
        title=_("Visit: %s") % parties.names(actor, [to_ref])[to_ref],
        scope=scope,
        planned_on=planned_on,
        hosts=[worker_ref],
        about=[to_ref, *task_refs],
        agenda=agenda,
        purpose=purpose,
        key=key,
    )


def record_visit(
    actor: Actor,
    *,
    worker_ref: Ref,
    to_ref: Ref | None = None,
    held_on: date,
    purpose: str = "",
    minutes: str = "",
    products: Sequence[Product] = (),
    issues: Sequence[str] = (),
    attendance: Sequence[Attendee] = (),
    travel_km: int | None = None,
    travel_by: str = "",
    cost_minor: int | None = None,
    currency: str = "",
    planned_ref: Ref | None = None,
    key: str,
) -> Ref:
    """Record a visit that was made: what was found, how far the way was and what it cost.

    With `planned_ref` the plan becomes the record. Refuses a visit that names neither a plan nor a place.
    """
    if planned_ref is None and to_ref is None:
        raise NotFound(ref="")
    scope = parties.scope_of(to_ref) if to_ref is not None else ""
    return record_session(
        actor,
        kind=VISIT,
        title="" if to_ref is None else _("Visit: %s") % parties.names(actor, [to_ref])[to_ref],
        scope=scope,
        held_on=held_on,
        hosts=[worker_ref],
        about=[to_ref] if to_ref is not None else [],
        products=products,
        issues=issues,
        attendance=attendance,
        purpose=purpose,
        minutes=minutes,
        travel_km=travel_km,
        travel_by=travel_by,
        cost_minor=cost_minor,
        currency=currency,
        planned_ref=planned_ref,
        key=key,
    )


def record_supervision(
    actor: Actor,
    *,
    worker_ref: Ref,
    by_ref: Ref | None = None,
    held_on: date,
    minutes: str,
    agreed: Sequence[str] = (),
    submission_ref: Ref | None = None,
    scope: str = "",
    key: str,
) -> Ref:
    """Record a supervision of a worker: what was seen and what was agreed (EXTWORK-05)."""
    return record_session(
        actor,
        kind=SUPERVISION,
        title=_("Supervision"),
        scope=scope or parties.scope_of(worker_ref),
        held_on=held_on,
        hosts=[by_ref] if by_ref is not None else [],
        about=[worker_ref],
        products=[Product(line) for line in agreed if line.strip()]
        + ([Product(_("Supervision note"), submission_ref)] if submission_ref is not None else []),
        minutes=minutes,
        key=key,
    )


def sign_month(actor: Actor, *, worker_ref: Ref, month: date, scope: str, on: date, note: str = "") -> Ref:
    """A worker signs their month: its counts are kept as they are now, each with the records that it counts.

    Only the worker themselves signs, once, and not before the last day of the month. Signed twice changes nothing.
    """
    first = first_of_month(month)
    require(actor, "cases.work", scope)
    if actor.party_ref != worker_ref:
        raise NotTheirOwn(worker=worker_ref)
    if on < month_end(first):
        raise MonthNotOver(month=f"{first:%Y-%m}")
    with write_transaction():
        one_at_a_time(f"month {worker_ref} {first}")
        known = WorkerMonth.objects.filter(worker_ref=worker_ref, month=first).first()
        if known is not None:
            return Ref(known.ref)
        row = WorkerMonth.objects.create(
            scope=node(scope),
            worker_ref=worker_ref,
            month=first,
            counts={
                one.key: {"number": one.number, "refs": list(one.refs)} for one in counts_of_month(worker_ref, first)
            },
            note=note.strip(),
            signed_on=on,
            signed_by=actor.key,
        )
        audit.record(actor, "cases.sign_month", row.ref, facts={"worker": worker_ref, "month": first.isoformat()})
    return Ref(row.ref)


def read_month(actor: Actor, *, ref: Ref, on: date, answer: str = "") -> None:
    """A coordinator has read a signed month, with a word back to the worker. Read twice changes nothing."""
    with write_transaction():
        row = WorkerMonth.objects.locked().visible_to(actor).select_related("scope").filter(ref=ref).first()
        if row is None:
            raise NotFound(ref=ref)
        require(actor, "evidence.review", row.scope.path)
        if row.signed_by == actor.key:
            raise NotTheirOwn(worker=row.worker_ref)
        if row.read_on is not None:
            if answer.strip() and answer.strip() != row.answer:
                raise MonthSigned(signed_on=row.read_on)
            return
        row.read_on = on
        row.read_by = actor.key
        row.answer = answer.strip()
        row.save(update_fields=["read_on", "read_by", "answer"])
        audit.record(actor, "cases.read_month", ref, facts={"at": clock.today().isoformat()})
