"""Lessons: a draft until a record proves it (EVAL-10)."""

from datetime import date

from django.utils.translation import gettext as _

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.duties import describe
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.reports.models import Lesson
from jump.engines.reports.types import LessonState, ProofMissing


def add_lesson(
    actor: Actor,
    *,
    title: str,
    text: str,
    scope: str,
    on: date,
    context: str = "",
    about: str = "",
    proof_ref: Ref | None = None,
) -> Ref:
    """Write down a lesson. It begins as a draft, with or without its proof."""
    require(actor, "reports.write", scope)
    if not title.strip() or not text.strip():
        raise BadInput({"title": [_("Give the lesson a title and a text.")]})
    _known(actor, proof_ref)
    with write_transaction():
        row = Lesson.objects.create(
            scope_id=node_id(scope),
            title=title.strip()[:200],
            text=text.strip(),
            context=context.strip(),
            about=about,
            proof=proof_ref or "",
            state=LessonState.DRAFT.value,
            on=on,
            by=actor.key,
        )
    return Ref(row.ref)


def publish_lesson(actor: Actor, *, lesson_ref: Ref, proof_ref: Ref | None = None) -> None:
    """Publish a lesson. Raises ProofMissing where no record proves it."""
    _known(actor, proof_ref)
    with write_transaction():
        row: Lesson | None = (
            Lesson.objects.locked().visible_to(actor).select_related("scope").filter(ref=lesson_ref).first()
        )
        if row is None:
            raise NotFound(ref=lesson_ref)
        require(actor, "reports.write", row.scope.path)
        row.proof = proof_ref or row.proof
        if not row.proof:
            raise ProofMissing(ref=lesson_ref)
        row.state = LessonState.PUBLISHED.value
        row.save(update_fields=["proof", "state"])
        record(actor, "reports.lesson_published", lesson_ref)


def note_use(actor: Actor, *, lesson_ref: Ref, used_in: str) -> None:
    """Note where a lesson was used: a package version, a policy, another country."""
    with write_transaction():
        row: Lesson | None = (
            Lesson.objects.locked().visible_to(actor).select_related("scope").filter(ref=lesson_ref).first()
        )
        if row is None:
            raise NotFound(ref=lesson_ref)
        require(actor, "reports.write", row.scope.path)
        row.used_in = "\n".join(part for part in (row.used_in, used_in.strip()) if part)
        row.save(update_fields=["used_in"])


def _known(actor: Actor, proof_ref: Ref | None) -> None:
    if proof_ref and describe(actor, proof_ref) is None:
        raise NotFound(ref=proof_ref)
