"""This engine's answers to the questions every engine is asked. It gives no facts: it counts those of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists
from django.utils.translation import gettext as _

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Waiting, told
from jump.base.i18n import text
from jump.base.refusals import Refusal
from jump.core.calendars import add_months
from jump.core.units import Ref
from jump.engines.results.models import (
    Activity,
    Assumption,
    Figure,
    FigureSet,
    FrameworkVersion,
    IndicatorVersion,
    OutputProof,
    Plan,
    Reading,
    ReferenceFigure,
    Value,
)
from jump.engines.results.queries.activities import late_activities
from jump.engines.results.queries.assumptions import due_for_a_look
from jump.engines.results.queries.figures import figure, source_refs
from jump.engines.results.queries.indicators import plain_or_none
from jump.engines.results.queries.references import figure_view
from jump.engines.results.queries.values import category_title
from jump.engines.results.services.compute.run import programme_start
from jump.engines.results.types import PlanKind

REF_KINDS = frozenset({"fwk", "ind", "val", "fig", "fgs", "act", "pln", "asm", "rfg", "rdg", "opr"})
SOURCES_SHOWN = 200
LATE_SHOWN = 200


def describe(actor: Actor, ref: Ref) -> Description | None:
    """What a reference is. The sources of a figure are the records it was computed from."""
    match Ref(ref).kind:
        case "val" | "fig":
            return _describe_figure(actor, Ref(ref))
        case "act" | "pln" | "opr":
            return _describe_planned(actor, Ref(ref))
    return _describe_defined(actor, Ref(ref))


def _describe_figure(actor: Actor, ref: Ref) -> Description | None:
    try:
        view = figure(actor, ref, limit=0)
    except Refusal:
        return None
    model: type[Value] | type[Figure] = Figure if ref.kind == "fig" else Value
    row = model.objects.select_related("indicator", "version", "scope").get(ref=ref)
    shown = _("hidden") if view.is_hidden else str(plain_or_none(view.value)) if view.value is not None else "–"
    category = f", {category_title(view.category)}" if view.dimension else ""
    when = _("as of %(day)s") % {"day": view.as_of.isoformat()}
    indicator = (Ref(row.indicator.ref),)
    return Description(
        ref=ref,
        kind=_("frozen figure") if view.set_ref else _("current figure"),
        title=f"{view.indicator_title}{category}: {shown}",
        detail=f"{view.place}, {when}",
        on=view.as_of,
        place=view.place,
        url_name="results:figure",
        url_args=(ref,),
        sources=indicator if view.is_hidden else (*indicator, *source_refs(row, SOURCES_SHOWN)),
    )


def _describe_planned(actor: Actor, ref: Ref) -> Description | None:
    if ref.kind == "act":
        row: Activity | None = (
            Activity.objects.visible_to(actor).select_related("scope", "plan").filter(ref=ref).first()
        )
        return (
            None
            if row is None
            else Description(
                ref=ref,
                kind=_("activity"),
                title=row.title or row.node_id,
                detail=row.state,
                on=row.done_on or row.starts_on,
                place=row.scope.title,
                sources=tuple(Ref(one) for one in (row.evidence_ref, row.plan.ref if row.plan else "") if one),
            )
        )
    if ref.kind == "pln":
        plan: Plan | None = Plan.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
        return (
            None
            if plan is None
            else Description(
                ref=ref,
                kind=_("work plan"),
                title=plan.title,
                on=plan.approved_on or plan.made_on,
                place=plan.scope.title,
                sources=tuple(Ref(one) for one in plan.rolled_up_from),
            )
        )
    proof: OutputProof | None = OutputProof.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    return (
        None
        if proof is None
        else Description(
            ref=ref,
            kind=_("judgement of an output"),
            title=proof.node_id,
            on=proof.on,
            place=proof.scope.title,
            sources=(Ref(proof.evidence_ref),),
        )
    )


def _describe_defined(actor: Actor, ref: Ref) -> Description | None:
    """What packages declare: open to everyone who reads results, references to all."""
    match ref.kind:
        case "ind":
            version = (
                IndicatorVersion.objects.filter(indicator__ref=ref).select_related("indicator").order_by("pk").last()
            )
            return (
                None
                if version is None
                else Description(
                    ref=ref,
                    kind=_("indicator"),
                    title=text(version.data["title"]),
                    detail=text(version.data["definition"]),
                    url_name="results:indicator",
                    url_args=(version.indicator.full_id,),
                )
            )
        case "fwk":
            framework = FrameworkVersion.objects.filter(ref=ref).first()
            return (
                None
                if framework is None
                else Description(
                    ref=ref,
                    kind=_("framework"),
                    title=f"{framework.package} {framework.version}",
                    on=framework.approved_on,
                )
            )
        case "fgs":
            frozen = FigureSet.objects.filter(ref=ref).first()
            return (
                None
                if frozen is None
                else Description(
                    ref=ref,
                    kind=_("frozen figures"),
                    title=_("Figures of %(period)s") % {"period": frozen.period},
                    on=frozen.frozen_on,
                )
            )
        case "asm":
            assumption = Assumption.objects.filter(ref=ref).first()
            return (
                None if assumption is None else Description(ref=ref, kind=_("assumption"), title=text(assumption.text))
            )
        case "rfg":
            printed = ReferenceFigure.objects.filter(ref=ref).first()
            if printed is None:
                return None
            view = figure_view(printed)
            return Description(
                ref=ref,
                kind=_("printed figure"),
                title=f"{view.claim}: {view.value_text} {view.unit}",
                detail=f"{view.source} {view.section}",
            )
    reading = Reading.objects.filter(ref=ref).first()
    return None if reading is None else Description(ref=ref, kind=_("reading"), title=text(reading.data["text"]))


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    return {ref: found for ref in refs if (found := describe(actor, ref)) is not None}


def due(actor: Actor, as_of: date) -> list[Due]:
    return told(actor, waiting(actor, as_of))


def waiting(actor: Actor, as_of: date) -> Iterator[Waiting]:
    """Assumptions to look at in this half-year, late activities, and the overall plan within a month of the start."""
    if can(actor, "reports.write"):
        yield Waiting((Question(due_for_a_look(actor, as_of), ("ref", "text")),), _to_look_at)
    if can(actor, "cases.work"):
        columns = ("ref", "title", "node_id", "node_words", "scope__title", "ends_on")
        yield Waiting((Question(late_activities(actor)[:LATE_SHOWN], columns),), _late)
    if can(actor, "results.freeze"):
        made = Plan.objects.filter(kind=PlanKind.OVERALL)
        frameworks = FrameworkVersion.objects.filter(~Exists(made)).order_by("-pk")[:1]
        yield Waiting(
            (Question(frameworks, ("ref",)),), lambda _called, found: [_plan_due(row["ref"], as_of) for row in found]
        )


def _to_look_at(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
    for row in found:
        yield Due(
            ref=Ref(row["ref"]),
            title=_("Look at an assumption: %(text)s") % {"text": text(row["text"])[:120]},
            detail=_("Each is looked at once in every half-year."),
            on=None,
            severity="blue",
            url_name="results:table",
        )


def _late(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
    for row in found:
        title = row["title"] or text(row["node_words"] or {}) or row["node_id"]
        yield Due(
            ref=Ref(row["ref"]),
            title=_("Late: %(title)s") % {"title": title[:120]},
            detail=row["scope__title"],
            on=row["ends_on"],
            severity="warn",
            url_name="results:table",
        )


def _plan_due(framework: str, as_of: date) -> Due:
    """WORKPLAN-01: the overall work plan within one month of the start (programme document 10.2)."""
    last_day = add_months(programme_start(as_of), 1)
    return Due(
        ref=Ref(framework),
        title=_("Make the overall work plan"),
        detail=_("It is due within one month of the start of the programme."),
        on=last_day,
        severity="bad" if as_of > last_day else "warn",
        url_name="results:table",
    )


def export(actor: Actor, scope: str, as_of: date) -> Iterator[Mapping[str, Any]]:
    """Plans, activities and frozen figures at and under a place."""
    for row in Activity.objects.visible_to(actor).under(scope).select_related("scope").order_by("pk").iterator(2_000):
        yield {
            "table": "activity",
            "ref": row.ref,
            "node": row.node_id,
            "scope": row.scope.path,
            "state": row.state,
            "starts_on": row.starts_on.isoformat() if row.starts_on else "",
            "done_on": row.done_on.isoformat() if row.done_on else "",
            "evidence": row.evidence_ref,
        }
    frozen = Figure.objects.visible_to(actor).under(scope).filter(figure_set__as_of__lte=as_of)
    for one in frozen.select_related("scope", "indicator", "figure_set").order_by("pk").iterator(2_000):
        yield {
            "table": "figure",
            "ref": one.ref,
            "period": one.figure_set.period,
            "indicator": one.indicator.full_id,
            "scope": one.scope.path,
            "dimension": one.dimension,
            "category": one.category,
            "value": str(plain_or_none(one.value)) if one.value is not None else "",
        }


def forget(person: Ref, as_of: date) -> int:
    """Figures hold references and no names; what was frozen stays as it was published."""
    return 0
