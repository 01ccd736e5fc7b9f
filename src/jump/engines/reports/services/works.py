"""Works and their editions: begun, translated, adapted, revised after a course, tested, published, withdrawn."""

from collections.abc import Sequence
from datetime import date
from typing import IO

from django.db.models import Max
from django.utils.translation import gettext as _

from jump.base import clock, files
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.reports.models import Work, WorkEdition
from jump.engines.reports.types.works import (
    ChangeUnsaid,
    EditionFixed,
    NothingToPublish,
    NotTested,
    ParentMissing,
    WorkKeyReused,
    WorkState,
)


def add_work(actor: Actor, *, title: str, kind: str, scope: str, curriculum: str = "", key: str = "") -> Ref:
    """Begin a work: the material of a curriculum, a guideline, a tool. The same key gives the same work."""
    require(actor, "reports.write", scope)
    if not title.strip():
        raise BadInput({"title": [_("Give it a title.")]})
    with write_transaction():
        known = Work.objects.filter(key=key).first() if key else None
        if known is not None:
            if (known.title, known.kind, known.curriculum) != (title.strip()[:200], kind, curriculum):
                raise WorkKeyReused(key=key)
            return Ref(known.ref)
        row = Work.objects.create(
            scope_id=node_id(scope),
            kind=kind,
            title=title.strip()[:200],
            curriculum=curriculum,
            made_at=clock.now(),
            made_by=actor.key,
            key=key or None,
        )
        record(actor, "reports.work_added", row.ref, facts={"kind": kind, "curriculum": curriculum})
    return Ref(row.ref)


def begin_edition(
    actor: Actor,
    *,
    work_ref: Ref,
    language: str,
    scope: str,
    on: date,
    parent_ref: Ref | None = None,
    change: str = "",
    because: Sequence[Ref] = (),
    authors: Sequence[Ref] = (),
    licence: str = "",
    due_on: date | None = None,
    asked_only: bool = False,
    key: str = "",
) -> Ref:
    """Begin the first edition of a work, or the next one from a parent: a translation, adaptation or revision.

    It keeps the link to its parent, says what it changes and why, and names the courses that asked for it.
    `asked_only` puts it on the list of what is to be translated. Raises ParentMissing and ChangeUnsaid.
    """
    require(actor, "reports.write", scope)
    with write_transaction():
        known = WorkEdition.objects.filter(key=key).first() if key else None
        if known is not None:
            return Ref(known.ref)
        work = Work.objects.locked().visible_to(actor).filter(ref=work_ref).first()
        if work is None:
            raise NotFound(ref=work_ref)
        parent = _parent(work, parent_ref)
        if parent is not None and not change.strip():
            raise ChangeUnsaid(parent=parent.number)
        row = WorkEdition.objects.create(
            work=work,
            scope_id=node_id(scope),
            number=(work.editions.aggregate(last=Max("number"))["last"] or 0) + 1,
            language=language,
            parent=parent,
            change=change.strip(),
            because=[str(one) for one in because],
            authors=[str(one) for one in authors],
            state=(WorkState.ASKED if asked_only else WorkState.DRAFT).value,
            begun_on=on,
            due_on=due_on,
            licence=licence.strip(),
            made_by=actor.key,
            key=key or None,
        )
        record(actor, "reports.edition_begun", row.ref, facts={"work": work_ref, "language": language})
    return Ref(row.ref)


def write_edition(
    actor: Actor,
    *,
    edition_ref: Ref,
    file: IO[bytes] | None = None,
    file_name: str = "",
    address: str = "",
    licence: str = "",
    authors: Sequence[Ref] = (),
    cost_minor: int | None = None,
    currency: str = "",
) -> None:
    """Put the file or the address of an edition in the making, with its authors, licence and cost."""
    if cost_minor is not None and (cost_minor < 0 or not currency):
        raise BadInput({"cost": [_("Give the cost as a positive amount with its currency.")]})
    with write_transaction():
        row = _open(actor, edition_ref)
        if file is not None:
            row.file_ref = files.store(actor, file, name=file_name or "material").ref
        row.address = address.strip() or row.address
        row.licence = licence.strip() or row.licence
        row.authors = [str(one) for one in authors] or row.authors
        row.cost_minor = cost_minor if cost_minor is not None else row.cost_minor
        row.currency = currency or row.currency
        if row.state == WorkState.ASKED:
            row.state = WorkState.DRAFT.value
        row.save()
        record(actor, "reports.edition_written", edition_ref)


def note_test(actor: Actor, *, edition_ref: Ref, on: date, result: str, proof_ref: Ref | None = None) -> None:
    """Write down how an edition did when it was tried with people; the course or form where it was is its proof."""
    if not result.strip():
        raise BadInput({"result": [_("Write down how it went.")]})
    with write_transaction():
        row = _open(actor, edition_ref)
        row.tested_on = on
        row.test_result = result.strip()
        row.test_ref = str(proof_ref or "")
        row.state = WorkState.TESTED.value
        row.save(update_fields=["tested_on", "test_result", "test_ref", "state"])
        record(actor, "reports.edition_tested", edition_ref, facts={"proof": str(proof_ref or "")})


def publish_edition(actor: Actor, *, edition_ref: Ref, on: date) -> None:
    """Publish a tested edition; the courses that asked for it have their revision. Publishing twice changes nothing.

    From now on the database refuses every change to it. Raises NotTested and NothingToPublish.
    """
    with write_transaction():
        row = _edition(actor, edition_ref)
        if row.state == WorkState.PUBLISHED:
            return
        if row.state == WorkState.WITHDRAWN:
            raise EditionFixed(number=row.number, state=row.state)
        if row.state != WorkState.TESTED:
            raise NotTested(number=row.number)
        if not row.file_ref and not row.address:
            raise NothingToPublish(number=row.number)
        row.state = WorkState.PUBLISHED.value
        row.published_on = on
        row.published_by = actor.key
        row.save(update_fields=["state", "published_on", "published_by"])
        record(actor, "reports.edition_published", edition_ref)
        for asked in row.because:
            course = Ref(asked) if Ref(asked).kind == "crs" else None
            if course is not None and cases.course_evaluation(actor, course).revision_task is not None:
                cases.revision_done(actor, course_ref=course, on=on, note="", proof_ref=edition_ref)


def withdraw_edition(actor: Actor, *, edition_ref: Ref, why: str) -> None:
    """Take an edition back, with the reason. It stays on record and is no longer offered."""
    if not why.strip():
        raise BadInput({"why": [_("Say why.")]})
    with write_transaction():
        row = _edition(actor, edition_ref)
        if row.state in (WorkState.ASKED, WorkState.DRAFT):
            raise EditionFixed(number=row.number, state=row.state)
        row.state = WorkState.WITHDRAWN.value
        row.withdrawn_why = why.strip()
        row.save(update_fields=["state", "withdrawn_why"])
        record(actor, "reports.edition_withdrawn", edition_ref, why=why.strip())


def _parent(work: Work, parent_ref: Ref | None) -> WorkEdition | None:
    if parent_ref is None:
        if work.editions.exists():
            raise ParentMissing(work=work.ref)
        return None
    parent: WorkEdition | None = work.editions.filter(ref=parent_ref).first()
    if parent is None:
        raise NotFound(ref=parent_ref)
    return parent


def _open(actor: Actor, ref: Ref) -> WorkEdition:
    """An edition that is still in the making."""
    row = _edition(actor, ref)
    if row.state in (WorkState.PUBLISHED, WorkState.WITHDRAWN):
        raise EditionFixed(number=row.number, state=row.state)
    return row


def _edition(actor: Actor, ref: Ref) -> WorkEdition:
    row: WorkEdition | None = (
        WorkEdition.objects.locked().visible_to(actor).select_related("scope").filter(ref=ref).first()
    )
    if row is None:
        raise NotFound(ref=ref)
    require(actor, "reports.write", row.scope.path)
    return row
