"""The results table, an indicator's page, reference figures with their contradictions."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jump.engines.results import api as results
from jump.web import drawings
from jump.web.access import actor_of, needs
from jump.web.context import programme_of
from jump.web.templatetags.figures import figure


@needs("results.read")
@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """Objectives, outputs and their indicators: baseline, target, actual, gap; for the programme or a part of it."""
    actor = actor_of(request)
    programme = programme_of(actor)
    scope = request.GET.get("scope") or programme.scope
    framework = results.framework(actor)
    ground = results.ground_of(actor, scope=scope)
    rows = results.table(actor, ground=ground)
    by_node: dict[str, list[results.TableRow]] = {}
    for row in rows:
        by_node.setdefault(row.indicator.node, []).append(row)
    states = {one.node: one for one in results.output_status(actor, ground=ground)}
    page = {
        "framework": framework,
        "sections": _sections(framework.roots, by_node, states),
        "scope": scope,
        "places": [(programme.scope, programme.title), *programme.countries.items()],
        "computation": results.computation(actor, ground=ground),
        "measured": sum(1 for row in rows if not row.indicator.is_planned),
        "on_course": sum(1 for row in rows if row.light is results.Light.GOOD),
        "with_target": sum(1 for row in rows if row.target is not None),
    }
    return render(request, "results/table.html", page)


def _sections(
    nodes: tuple[results.NodeView, ...],
    by_node: dict[str, list[results.TableRow]],
    states: dict[str, results.OutputStatus],
) -> list[dict[str, Any]]:
    """The framework down to its outputs, flat, each node with its rows and its state."""
    found = []
    for node in nodes:
        if node.level is results.Level.ACTIVITY:
            continue
        activities = [child for child in node.children if child.level is results.Level.ACTIVITY]
        found.append(
            {
                "node": node,
                "rows": by_node.get(node.id, []),
                "state": states.get(node.id),
                "activities": activities,
                "heading": 3 if node.level is results.Level.OUTPUT else 2,
            }
        )
        found.extend(_sections(node.children, by_node, states))
    return found


@needs("results.read")
@require_GET
def indicator(request: HttpRequest, indicator: str) -> HttpResponse:
    """One indicator: definition, course over time, by country, split by sex and age, with every figure's source."""
    actor = actor_of(request)
    programme = programme_of(actor)
    scope = request.GET.get("scope") or programme.scope
    view = results.indicator(actor, indicator)
    ground = results.ground_of(actor, scope=scope)
    value = results.current(actor, indicator=indicator, ground=ground)
    below = scope != programme.scope  # countries of the programme, communities of a country
    points = results.series(actor, indicator=indicator, ground=ground)
    drawn = [drawings.Point(one.ends_on, float(one.value)) for one in points if one.value is not None]
    finding = _("%(title)s: %(value)s") % {"title": view.title, "value": figure(value.value, view.unit)}
    chart = ""
    if len(drawn) > 1:
        chart = drawings.line_chart(
            key="course",
            title=view.title,
            finding=finding,
            points=drawn,
            target=float(value.target) if value.target is not None else None,
            target_label=_("Target %(n)s") % {"n": figure(value.target, view.unit)} if value.target is not None else "",
            now_label=figure(value.value, view.unit),
        )
    page = {
        "view": view,
        "value": value,
        "scope": scope,
        "points": points,
        "chart": chart,
        "twin_head": [_("Period"), _("Value")],
        "twin_rows": [(one.period, figure(one.value, view.unit)) for one in points],
        "countries": [] if below else results.by_scope(actor, indicator=indicator, ground=ground),
        "communities": results.by_scope(actor, indicator=indicator, kind="project", ground=ground) if below else [],
        "gap": _gap(value),
    }
    return render(request, "results/indicator.html", page)


def _gap(value: results.ValueView) -> Decimal | None:
    if value.value is None or value.target is None:
        return None
    return value.target - value.value


@needs("results.read")
@require_GET
def references(request: HttpRequest) -> HttpResponse:
    """Figures that others printed, and where they contradict each other."""
    actor = actor_of(request)
    page = {"figures": results.reference_figures(actor), "readings": results.readings(actor)}
    return render(request, "results/references.html", page)


@needs("results.read")
@require_GET
def logframe(request: HttpRequest) -> HttpResponse:
    """The framework as a table for donors (LOGFRAME-06)."""
    text = results.export_logframe(actor_of(request))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="framework.csv"'
    return response
