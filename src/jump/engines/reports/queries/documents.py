"""Reading editions, lessons and distribution."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from jump.base import clock, packages
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.calendars import Period, half_years
from jump.core.units import Ref
from jump.engines.parties import api as parties
from jump.engines.reports.models import Distribution, Edition, Lesson
from jump.engines.reports.types import (
    Block,
    DistributionView,
    EditionState,
    EditionView,
    Facts,
    Figure,
    LessonState,
    LessonView,
    Paragraph,
    PeriodNotOver,
    PeriodUnknown,
    Table,
    from_data,
)

HALF_YEARS_MAX = 40


def editions(
    actor: Actor,
    *,
    template: str = "",
    period: str = "",
    published_only: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[EditionView]:
    """Editions without their blocks, newest period first. One statement."""
    rows = _editions(actor).defer("blocks")
    if template:
        rows = rows.filter(template=template)
    if period:
        rows = rows.filter(period=period)
    if published_only:
        rows = rows.filter(state=EditionState.PUBLISHED.value)
    return [_view(row, ()) for row in rows.order_by("-period", "template", "-number")[offset : offset + limit]]


def edition(actor: Actor, ref: Ref) -> EditionView:
    """An edition with its blocks. Raises NotFound."""
    row = _editions(actor).filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _view(row, from_data(row.blocks))


def _editions(actor: Actor) -> QuerySet[Edition]:
    """What an actor may see: drafts by the class of working papers, published ones by all who may read reports."""
    rows: QuerySet[Edition] = Edition.objects.visible_to(actor).select_related("scope")
    paths = actor.paths_with("reports.read")
    if paths:
        published = Edition.objects.select_related("scope").filter(state=EditionState.PUBLISHED.value)
        for path in paths:
            rows = rows | published.under(path)
    return rows


def _view(row: Edition, blocks: tuple[Block, ...]) -> EditionView:
    return EditionView(
        ref=Ref(row.ref),
        template=row.template,
        title=row.title,
        period=row.period,
        scope=row.scope.path,
        place=row.scope.title,
        number=row.number,
        language=row.language,
        state=EditionState(row.state),
        made_at=row.made_at,
        made_by=row.made_by,
        as_of=row.as_of,
        published_on=row.published_on,
        published_by=row.published_by,
        check_code=row.check_code,
        figure_set_ref=Ref(row.figure_set) if row.figure_set else None,
        missing_inputs=tuple(row.missing_inputs),
        blocks=blocks,
        sources=sources_of(blocks),
    )


def sources_of(blocks: Sequence[Block]) -> tuple[Ref, ...]:
    """The figures that a document tells, each once, in the order of telling."""
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            found.extend(block.refs)
        elif isinstance(block, Facts):
            found.extend(one.ref for one in block.items if isinstance(one, Figure))
        elif isinstance(block, Table):
            found.extend(cell.ref for row in block.rows for cell in row)
    return tuple(Ref(ref) for ref in dict.fromkeys(found) if ref)


def distributions(actor: Actor, edition_ref: Ref) -> list[DistributionView]:
    """Who got an edition, first ones first."""
    one = edition(actor, edition_ref)
    rows = list(Distribution.objects.filter(edition__ref=one.ref).order_by("on", "pk"))
    names = parties.names(actor, [row.to for row in rows if row.to])
    return [
        DistributionView(
            Ref(row.ref),
            one.ref,
            Ref(row.to) if row.to else None,
            names.get(row.to, row.to_class),
            row.how,
            row.on,
            row.read_on,
        )
        for row in rows
    ]


def lessons(
    actor: Actor, *, q: str = "", state: str = "", scope: str = "", limit: int = 50, offset: int = 0
) -> list[LessonView]:
    """Lessons, newest first. Published ones are seen by all who read reports."""
    rows = _lessons(actor).under(scope) if scope else _lessons(actor)
    if state:
        rows = rows.filter(state=state)
    if q:
        rows = rows.filter(title__icontains=q) | rows.filter(text__icontains=q)
    return [_lesson_view(row) for row in rows.order_by("-on", "ref")[offset : offset + limit]]


def lesson(actor: Actor, ref: Ref) -> LessonView:
    """One lesson. Raises NotFound."""
    row = _lessons(actor).filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _lesson_view(row)


def _lessons(actor: Actor) -> Any:
    """Drafts by the class of working papers, published ones for all who may read reports. Any: a scoped queryset."""
    rows = Lesson.objects.visible_to(actor).select_related("scope")
    for path in actor.paths_with("reports.read"):
        rows = rows | Lesson.objects.select_related("scope").filter(state=LessonState.PUBLISHED.value).under(path)
    return rows


def _lesson_view(row: Lesson) -> LessonView:
    return LessonView(
        Ref(row.ref),
        row.title,
        row.text,
        row.context,
        row.scope.path,
        row.scope.title,
        row.about,
        Ref(row.proof) if row.proof else None,
        LessonState(row.state),
        row.on,
        row.by,
        row.used_in,
    )


# Half-years ---------------------------------------------------------------------------------------------


def half_year(actor: Actor, name: str) -> Period:
    """The days of a half-year such as "2004-H1": the first or second that begins in that calendar year.

    Raises PeriodUnknown and PeriodNotOver (it must at least have begun).
    """
    wanted = dict(half_years_of(actor))
    period = wanted.get(name)
    if period is None:
        example = next(iter(wanted), "2004-H1")
        raise PeriodUnknown(period=name, example=example)
    if period.start > clock.today():
        raise PeriodNotOver(period=name, today=clock.today().isoformat())
    return period


def half_years_of(actor: Actor) -> list[tuple[str, Period]]:
    """Every half-year of the programme with its name, first one first."""
    programme = parties.programme(actor)
    ends_on = programme.phases[-1].ends_on if programme.phases else clock.today()
    counted: dict[int, int] = {}
    found = []
    for period in half_years(programme.starts_on, HALF_YEARS_MAX):
        if period.start > ends_on:
            break
        counted[period.start.year] = counted.get(period.start.year, 0) + 1
        found.append((f"{period.start.year}-H{counted[period.start.year]}", period))
    return found


def last_half_year(actor: Actor, as_of: date | None = None) -> str:
    """The last half-year that has ended by this day, else the first one."""
    day = as_of or clock.today()
    ended = [name for name, period in half_years_of(actor) if period.end <= day]
    return ended[-1] if ended else half_years_of(actor)[0][0]


def template(full_id: str) -> packages.Definition:
    """An installed report template. Raises UnknownDefinition."""
    return packages.definition("report", full_id)
