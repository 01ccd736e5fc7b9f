"""Indicators as people read them, with their targets and baselines."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import get_language

from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.packages import remembered
from jump.base.scopes import ScopeNode
from jump.core.units import Ref
from jump.engines.results.models import Baseline, Indicator, IndicatorVersion, Node, Target
from jump.engines.results.queries.access import may_read
from jump.engines.results.services.refusals import UnknownIndicator
from jump.engines.results.types import BaselineView, IndicatorView, TargetView


def indicators(actor: Actor, *, package: str = "") -> list[IndicatorView]:
    """Every indicator in the order of its package. Two queries."""
    may_read(actor)
    return [view for view, _row in indicator_rows(package=package)]


def indicator(actor: Actor, id: str) -> IndicatorView:
    """One indicator by its id, its reference or its short id. Raises results.unknown_indicator."""
    may_read(actor)
    return one_indicator(id)[0]


def one_indicator(id: str) -> tuple[IndicatorView, Indicator]:
    rows = indicator_rows()
    for view, row in rows:
        if id in (view.id, str(view.ref)):
            return view, row
    for view, row in rows:
        if view.id.endswith(f".{id}"):
            return view, row
    raise UnknownIndicator(indicator=id)


def indicator_rows(package: str = "") -> list[tuple[IndicatorView, Indicator]]:
    """Views of the latest versions beside their rows, in the reader's language. Two queries, then none for a bit."""
    rows = remembered(f"results.indicator_rows.{get_language()}", _indicator_rows)
    return [(view, row) for view, row in rows if package in ("", row.package)]


def _indicator_rows() -> list[tuple[IndicatorView, Indicator]]:
    latest = Indicator.objects.annotate(last=Max("versions__pk")).values_list("last", flat=True)
    found = list(IndicatorVersion.objects.filter(pk__in=latest).select_related("indicator"))
    found.sort(key=lambda row: (row.indicator.package, row.indicator.position))
    nodes = node_texts({row.data["node"] for row in found})
    return [(view_of(row, nodes), row.indicator) for row in found]


def node_texts(ids: Iterable[str]) -> dict[str, str]:
    rows = Node.objects.filter(node_id__in=list(ids)).order_by("framework_id").values_list("node_id", "text")
    return {node_id: text(words) for node_id, words in rows}


def view_of(row: IndicatorVersion, nodes: Mapping[str, str]) -> IndicatorView:
    data: Mapping[str, Any] = row.data
    return IndicatorView(
        ref=Ref(row.indicator.ref),
        id=row.indicator.full_id,
        version=row.version,
        title=text(data["title"]),
        definition=text(data["definition"]),
        unit=str(data["unit"]),
        node=str(data["node"]),
        node_text=nodes.get(data["node"], ""),
        number=str(data.get("source") or ""),
        aggregate=str((data.get("measure") or {}).get("aggregate", "")),
        window=str(data.get("window") or "as_of"),
        disaggregate=tuple(data.get("disaggregate") or ()),
        source_of_verification=text(data["source_of_verification"]),
        frequency=str(data["frequency"]),
        owner=str(data["owner"]),
        is_planned=bool(data.get("planned")),
        planned_reason=text(data.get("planned_reason") or ""),
        is_headline=bool(data.get("headline")),
        good_direction=str(data.get("good_direction") or "up"),
        provenance=str(data.get("provenance") or ""),
        source=str(data.get("source") or ""),
    )


def targets(actor: Actor, *, indicator: str = "", scope: str = "") -> list[TargetView]:
    """The targets in force: per place, category and day the latest one set."""
    may_read(actor)
    rows = Target.objects.select_related("indicator").order_by("pk")
    if indicator:
        rows = rows.filter(indicator=one_indicator(indicator)[1])
    if scope:
        rows = rows.filter(scope_path__startswith=scope)
    latest: dict[tuple[int, str, str, str, date], Target] = {}
    for row in rows:
        latest[row.indicator_id, row.scope_path, row.dimension, row.category, row.by] = row
    titles = dict(
        ScopeNode.objects.filter(path__in={row.scope_path for row in latest.values()}).values_list("path", "title")
    )
    return [
        TargetView(
            ref=Ref(row.ref),
            indicator=row.indicator.full_id,
            scope=row.scope_path,
            place=titles.get(row.scope_path, row.scope_path),
            category=row.category,
            by=row.by,
            value=plain(row.value),
            set_by=row.set_by,
            set_at=row.set_at,
            why=row.why,
        )
        for row in sorted(
            latest.values(), key=lambda one: (one.indicator.full_id, one.scope_path, one.by, one.category)
        )
    ]


def baselines(actor: Actor, *, indicator: str = "", scope: str = "") -> list[BaselineView]:
    """The baselines in force: per place the latest one kept."""
    may_read(actor)
    rows = Baseline.objects.standing().select_related("indicator").order_by("pk")
    if indicator:
        rows = rows.filter(indicator=one_indicator(indicator)[1])
    if scope:
        rows = rows.filter(scope_path__startswith=scope)
    latest = {(row.indicator_id, row.scope_path): row for row in rows}
    titles = dict(
        ScopeNode.objects.filter(path__in={row.scope_path for row in latest.values()}).values_list("path", "title")
    )
    return [
        BaselineView(
            ref=Ref(row.ref),
            indicator=row.indicator.full_id,
            scope=row.scope_path,
            place=titles.get(row.scope_path, row.scope_path),
            value=plain(row.value),
            on=row.on,
            source_ref=Ref(row.source_ref) if row.source_ref else None,
            note=row.note,
        )
        for row in sorted(latest.values(), key=lambda one: (one.indicator.full_id, one.scope_path))
    ]


def plain(value: Decimal) -> Decimal:
    """A decimal without the zeros that the column adds: 20000, not 2E+4 or 20000.000000."""
    if value == value.to_integral_value():
        return value.quantize(Decimal(1))
    return value.normalize()


def plain_or_none(value: Decimal | None) -> Decimal | None:
    return None if value is None else plain(value)
