"""This engine's answers to the six questions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting, told
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.reports import queries
from jump.engines.reports.models import Distribution, Edition, Lesson, WorkEdition
from jump.engines.reports.types import EditionState, LessonState

REF_KINDS = frozenset({"edn", "les", "dis", "wrk", "wed"})


def describe(actor: Actor, ref: Ref) -> Description | None:
    """An edition rests on its figures; a lesson on the record that proves it."""
    try:
        if ref.kind == "edn":
            one = queries.edition(actor, ref)
            detail = f"{one.place}, {one.state.value}"
            return Description(
                ref, "report", one.title, detail, one.as_of, one.place, "reports:edition", (ref,), one.sources
            )
        if ref.kind == "les":
            found = queries.lesson(actor, ref)
            sources = (found.proof_ref,) if found.proof_ref else ()
            return Description(
                ref, "lesson", found.title, found.text, found.on, found.place, "library:lesson", (ref,), sources
            )
        if ref.kind == "wrk":
            work = queries.work(actor, ref)
            held = tuple(one.ref for one in work.editions)
            return Description(ref, "material", work.title, url_name="training:material", url_args=(ref,), sources=held)
        if ref.kind == "wed":
            made = queries.work_edition(actor, ref)
            rests = tuple(one for one in (made.parent_ref, made.test_ref, *made.because) if one is not None)
            return Description(
                ref,
                "edition",
                f"{made.number}, {made.language}",
                made.change,
                made.published_on or made.begun_on,
                made.place,
                "training:material",
                (made.work_ref,),
                rests,
            )
    except NotFound:
        return None
    row = Distribution.objects.select_related("edition").filter(ref=ref).first()
    if row is None or not can(actor, "reports.write"):
        return None
    return Description(ref, "distribution", row.to_class or "sent", row.how, row.on, sources=(Ref(row.edition.ref),))


def due(actor: Actor, as_of: date) -> list[Due]:
    return told(actor, waiting(actor, as_of))


def waiting(actor: Actor, as_of: date) -> Iterator[Waiting]:
    """Drafts that wait to be published, for those who may publish them."""
    if not can(actor, "reports.publish"):
        return
    rows = Edition.objects.visible_to(actor).filter(state=EditionState.DRAFT.value).order_by("-made_at")

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            ref = Ref(row["ref"])
            words = "A draft: read it and publish it."
            yield Due(ref, row["title"], words, row["made_at"].date(), "blue", "reports:edition", (ref,))

    yield Waiting((Question(rows[:10], ("ref", "title", "made_at")),), tell)


def facts(*, as_of: date) -> Iterator[Fact]:
    """Published editions and lessons, and who got them."""
    rows = Edition.objects.filter(state=EditionState.PUBLISHED.value, published_on__lte=as_of).select_related("scope")
    for row in rows.defer("blocks").iterator():
        codes = {"template": row.template, "language": row.language}
        yield Fact("reports.edition", Ref(row.ref), row.scope.path, row.published_on, Decimal(1), codes=codes)
    for lesson in (
        Lesson.objects.filter(state=LessonState.PUBLISHED.value, on__lte=as_of).select_related("scope").iterator()
    ):
        yield Fact(
            "reports.lesson", Ref(lesson.ref), lesson.scope.path, lesson.on, codes={"used": bool(lesson.used_in)}
        )
    for made in WorkEdition.objects.filter(published_on__lte=as_of).select_related("scope", "work").iterator():
        codes = {"kind": made.work.kind, "language": made.language, "revised": made.parent_id is not None}
        yield Fact("reports.work_edition", Ref(made.ref), made.scope.path, made.published_on, codes=codes)
    sent = Distribution.objects.filter(on__lte=as_of).select_related("edition__scope")
    for one in sent.iterator():
        codes = {"how": one.how, "read": one.read_on is not None}
        yield Fact("reports.distribution", Ref(one.ref), one.edition.scope.path, one.on, codes=codes)


def export(actor: Actor, scope: str, as_of: date) -> Iterator[Mapping[str, Any]]:
    """Editions and lessons at and under a node."""
    for row in Edition.objects.visible_to(actor).under(scope).filter(as_of__lte=as_of).iterator():
        yield {"kind": "edition", "ref": row.ref, "title": row.title, "period": row.period, "blocks": row.blocks}
    for lesson in Lesson.objects.visible_to(actor).under(scope).filter(on__lte=as_of).iterator():
        yield {"kind": "lesson", "ref": lesson.ref, "title": lesson.title, "text": lesson.text, "proof": lesson.proof}
