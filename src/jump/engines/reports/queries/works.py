"""Reading works: what is published in which language and for which place, and what is still being made."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet

from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.reports.models import Work, WorkEdition
from jump.engines.reports.types.works import TranslationStatus, WorkEditionView, WorkState, WorkView


def works(
    actor: Actor, *, kind: str = "", curriculum: str = "", q: str = "", limit: int = 50, offset: int = 0
) -> list[WorkView]:
    """Works with the editions that this actor may see, by title. Two statements.

    A published edition is for all who read reports; one in the making for those who work at its place.
    """
    rows = _works(actor)
    if kind:
        rows = rows.filter(kind=kind)
    if curriculum:
        rows = rows.filter(curriculum=curriculum)
    if q:
        rows = rows.filter(title__icontains=q)
    return [_view(row) for row in rows.order_by("title", "pk")[offset : offset + limit]]


def work(actor: Actor, ref: Ref) -> WorkView:
    """One work with its editions. Raises NotFound."""
    row = _works(actor).filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _view(row)


def work_edition(actor: Actor, ref: Ref) -> WorkEditionView:
    """One edition. Raises NotFound."""
    row = _editions(actor).filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _edition_view(row)


def translations(actor: Actor, work_ref: Ref, languages: Sequence[str]) -> list[TranslationStatus]:
    """How a work stands in each of these languages (TRAIN-04). The first edition's language is the original.

    A translation is behind when the original has a published edition that is newer than the one it comes from.
    """
    found = work(actor, work_ref)
    if not found.editions:
        return [TranslationStatus(language, None, False) for language in languages]
    original = found.editions[0].language
    newest = max((one.number for one in found.published if one.language == original), default=0)
    by_ref = {one.ref: one for one in found.editions}

    def origin(one: WorkEditionView) -> int:
        """The number of the edition in the original language that this one goes back to."""
        here: WorkEditionView | None = one
        while here is not None and here.language != original:
            here = by_ref.get(here.parent_ref) if here.parent_ref is not None else None
        return here.number if here is not None else 0

    status = []
    for language in dict.fromkeys([original, *languages]):
        mine = [one for one in found.editions if one.language == language and one.state is not WorkState.WITHDRAWN]
        latest = mine[-1] if mine else None
        behind = latest is not None and language != original and origin(latest) < newest
        status.append(TranslationStatus(language, latest, behind))
    return status


def _editions(actor: Actor) -> QuerySet[WorkEdition]:
    rows: QuerySet[WorkEdition] = WorkEdition.objects.visible_to(actor)
    if can(actor, "reports.read"):
        rows = rows | WorkEdition.objects.filter(state=WorkState.PUBLISHED.value)
    return rows.select_related("scope", "parent", "work").order_by("number")


def _works(actor: Actor) -> QuerySet[Work]:
    seen = Work.objects.visible_to(actor)
    if can(actor, "reports.read"):
        seen = seen | Work.objects.filter(
            pk__in=WorkEdition.objects.filter(state=WorkState.PUBLISHED.value).values("work_id")
        )
    return seen.select_related("scope").prefetch_related(Prefetch("editions", queryset=_editions(actor)))


def _view(row: Work) -> WorkView:
    return WorkView(
        ref=Ref(row.ref),
        kind=row.kind,
        title=row.title,
        curriculum=row.curriculum,
        scope=row.scope.path,
        editions=tuple(_edition_view(one) for one in row.editions.all()),
    )


def _edition_view(row: WorkEdition) -> WorkEditionView:
    return WorkEditionView(
        ref=Ref(row.ref),
        work_ref=Ref(row.work.ref),
        number=row.number,
        language=row.language,
        scope=row.scope.path,
        place=row.scope.title,
        parent_ref=Ref(row.parent.ref) if row.parent is not None else None,
        parent_number=row.parent.number if row.parent is not None else None,
        change=row.change,
        because=tuple(Ref(one) for one in row.because),
        authors=tuple(Ref(one) for one in row.authors),
        state=WorkState(row.state),
        begun_on=row.begun_on,
        due_on=row.due_on,
        file_ref=Ref(row.file_ref) if row.file_ref else None,
        address=row.address,
        licence=row.licence,
        cost_minor=row.cost_minor,
        currency=row.currency,
        tested_on=row.tested_on,
        test_result=row.test_result,
        test_ref=Ref(row.test_ref) if row.test_ref else None,
        published_on=row.published_on,
    )
