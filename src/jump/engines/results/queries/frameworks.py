"""Frameworks as trees and as tables."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties import api as parties
from jump.engines.results.models import FrameworkVersion, Node
from jump.engines.results.queries.access import may_read
from jump.engines.results.queries.indicators import indicator_rows
from jump.engines.results.services.frameworks import FIXED
from jump.engines.results.types import FrameworkView, Level, NodeView, Wording


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node that is not the same in two versions."""

    node: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Gap:
    """An output without an indicator: with its stated reason, or without one."""

    node: str
    text: str
    reason: str


def frameworks(actor: Actor) -> list[FrameworkView]:
    """Every version, the newest first, without their trees."""
    may_read(actor)
    rows = FrameworkVersion.objects.order_by("package", "-pk")
    return [_view(row, (), {}) for row in rows]


def framework(actor: Actor, version: str | None = None, *, package: str = "") -> FrameworkView:
    """A framework as a tree; the programme's own, in its latest version, unless named. Four queries."""
    may_read(actor)
    row = _find(version, package)
    nodes = list(Node.objects.filter(framework=row).select_related("parent").order_by("position"))
    by_node: dict[str, list[str]] = {}
    for view, _row in indicator_rows(package=row.package):
        by_node.setdefault(view.node, []).append(view.id)
    counts: dict[str, int] = {}
    for node in nodes:
        counts[node.level] = counts.get(node.level, 0) + 1
    return _view(row, _tree(nodes, by_node), counts)


def node(actor: Actor, id: str, *, package: str = "") -> NodeView:
    """One node with what stands below it."""

    def found_in(views: Sequence[NodeView]) -> NodeView | None:
        for view in views:
            inner = view if view.id == id else found_in(view.children)
            if inner is not None:
                return inner
        return None

    found = found_in(framework(actor, package=package).roots)
    if found is None:
        raise NotFound(ref=id)
    return found


def _find(version: str | None, package: str) -> FrameworkVersion:
    rows = list(FrameworkVersion.objects.order_by("-pk"))
    if not package:
        programme = parties.first_programme()
        package = programme[0].partition(".")[0] if programme is not None else ""
        if all(one.package != package for one in rows):
            package = ""
    row = next(
        (one for one in rows if package in ("", one.package) and version in (None, one.version)),
        None,
    )
    if row is None:
        raise NotFound(ref=f"framework {package} {version or ''}".strip())
    return row


def _tree(nodes: Sequence[Node], by_node: Mapping[str, Sequence[str]]) -> tuple[NodeView, ...]:
    children: dict[str | None, list[Node]] = {}
    for one in nodes:
        children.setdefault(one.parent.node_id if one.parent is not None else None, []).append(one)

    def grown(one: Node) -> NodeView:
        view = node_view(one, by_node)
        return replace(view, children=tuple(grown(child) for child in children.get(one.node_id, ())))

    return tuple(grown(one) for one in children.get(None, ()))


def node_view(one: Node, by_node: Mapping[str, Sequence[str]]) -> NodeView:
    return NodeView(
        id=one.node_id,
        number=number_of(one.node_id),
        level=Level(one.level),
        text=text(one.text),
        parent=one.parent.node_id if one.parent is not None else None,
        variants=tuple(Wording(text(wording["text"]), wording["source"]) for wording in one.variants),
        activity_group=one.activity_group,
        focus_area=one.focus_area,
        source=one.source,
        no_indicator_reason=text(one.no_indicator_reason),
        indicators=tuple(by_node.get(one.node_id, ())),
    )


def number_of(node_id: str) -> str:
    """The number people say: `out.01` is 1, `act.01.02` is 1.2.

    >>> number_of("out.01"), number_of("act.01.12"), number_of("io.3")
    ('1', '1.12', '3')
    """
    parts = [part for part in node_id.replace("-", ".").split(".") if part.isdigit()]
    return ".".join(str(int(part)) for part in parts) or node_id


def _view(row: FrameworkVersion, roots: tuple[NodeView, ...], counts: Mapping[str, int]) -> FrameworkView:
    return FrameworkView(
        ref=Ref(row.ref),
        id=f"{row.package}.framework",
        package=row.package,
        version=row.version,
        title=text(row.title),
        installed_on=row.installed_at.date(),
        approved_on=row.approved_on,
        approved_by=row.approved_by,
        what_changed=row.what_changed,
        roots=roots,
        counts=counts,
    )


def compare_frameworks(actor: Actor, *, old: Ref, new: Ref) -> list[NodeChange]:
    """What a version changes: nodes added, taken out, moved, and words changed (LOGFRAME-02)."""
    may_read(actor)
    before, after = (
        {one.node_id: one for one in Node.objects.filter(framework__ref=ref).select_related("parent")}
        for ref in (old, new)
    )
    changes = [NodeChange(id, "added", "", text(after[id].text)) for id in after if id not in before]
    changes += [NodeChange(id, "removed", text(before[id].text), "") for id in before if id not in after]
    for id in after:
        if id not in before:
            continue
        one, other = before[id], after[id]
        parents = tuple(row.parent.node_id if row.parent else "" for row in (one, other))
        if parents[0] != parents[1]:
            changes.append(NodeChange(id, "moved", parents[0], parents[1]))
        if one.text != other.text:
            changes.append(NodeChange(id, "wording", text(one.text), text(other.text)))
    return sorted(changes, key=lambda change: (change.node, change.what))


def gaps(actor: Actor, *, package: str = "") -> list[Gap]:
    """Outputs that have no indicator, with the reason stated (LOGFRAME-05). None may be without a reason."""
    found: list[Gap] = []

    def look(views: Sequence[NodeView]) -> None:
        for view in views:
            if view.level is Level.OUTPUT and not view.indicators:
                found.append(Gap(view.id, view.text, view.no_indicator_reason))
            look(view.children)

    look(framework(actor, package=package).roots)
    return found


def export_logframe(actor: Actor, version: str | None = None, *, package: str = "") -> str:
    """The framework as a table (CSV) that a donor can edit and `import_logframe` reads back without loss."""
    may_read(actor)
    row = _find(version, package)
    nodes = list(Node.objects.filter(framework=row).select_related("parent").order_by("position"))
    languages = sorted({code for one in nodes for code in one.text} | {"en"})
    reasons = sorted({code for one in nodes for code in one.no_indicator_reason})
    most = max((len(one.variants) for one in nodes), default=0)
    wordings = [
        (number, sorted({code for one in nodes for code in _variant(one, number).get("text", {})}))
        for number in range(1, most + 1)
    ]
    columns = [*FIXED, *(f"text:{code}" for code in languages), *(f"no_indicator_reason:{code}" for code in reasons)]
    for number, codes in wordings:
        columns += [*(f"variant_{number}:{code}" for code in codes), f"variant_{number}_source"]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    for one in nodes:
        line: dict[str, Any] = {
            "id": one.node_id,
            "level": one.level,
            "parent": one.parent.node_id if one.parent is not None else "",
            **{name: getattr(one, name) for name in FIXED[3:]},
            **{f"text:{code}": words for code, words in one.text.items()},
            **{f"no_indicator_reason:{code}": words for code, words in one.no_indicator_reason.items()},
        }
        for number, _codes in wordings:
            variant = _variant(one, number)
            line.update({f"variant_{number}:{code}": words for code, words in variant.get("text", {}).items()})
            line[f"variant_{number}_source"] = variant.get("source", "")
        writer.writerow(line)
    return out.getvalue()


def _variant(one: Node, number: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] = one.variants[number - 1] if len(one.variants) >= number else {}
    return found
