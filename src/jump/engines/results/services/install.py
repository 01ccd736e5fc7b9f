"""What a package declares becomes rows: a framework version, indicator versions, reference figures.

Runs inside the transaction that installs the package, after all checks. The same version again changes nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base import clock
from jump.base.actors import Actor
from jump.engines.results.models import (
    Assumption,
    Baseline,
    FrameworkVersion,
    Indicator,
    IndicatorVersion,
    Node,
    Reading,
    ReferenceFigure,
    Target,
)

PACKAGE = "package"


def texts(value: Any) -> dict[str, str]:
    """A text as a mapping by language, also where the package wrote one language only."""
    if not value:
        return {}
    return dict(value) if isinstance(value, Mapping) else {"en": str(value)}


def digest_of(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def install_framework(actor: Actor, *, package: str, version: str, data: Mapping[str, Any], digest: str) -> None:
    """One framework version with all its nodes, and its assumptions."""
    framework, is_new = FrameworkVersion.objects.get_or_create(
        package=package,
        version=version,
        defaults={
            "title": texts(data.get("title")),
            "source": data.get("source") or {},
            "digest": digest_of(data["nodes"]),
            "installed_at": clock.now(),
            "installed_by": actor.key,
            "what_changed": str(data.get("what_changed") or ""),
        },
    )
    if is_new:
        make_nodes(framework, data["nodes"])
    for position, one in enumerate(data.get("assumptions") or ()):
        Assumption.objects.update_or_create(
            full_id=f"{package}.{one['id']}",
            defaults={
                "package": package,
                "group": one["group"],
                "text": texts(one["text"]),
                "fallback": texts(one.get("fallback")),
                "about": one.get("about") or "",
                "owner": one.get("owner") or "programme_coordinator",
                "source": str(one.get("source") or ""),
                "position": position,
            },
        )


def make_nodes(framework: FrameworkVersion, nodes: Any) -> None:
    """The tree, parents before children; one insert a level."""
    made: dict[str, Node] = {}
    waiting = list(enumerate(nodes))
    while waiting:
        ready = [(position, one) for position, one in waiting if not one.get("parent") or one["parent"] in made]
        assert ready, "the tree was checked: every node has its parent"
        rows = Node.objects.bulk_create(
            Node(
                framework=framework,
                node_id=one["id"],
                level=one["level"],
                parent=made.get(one.get("parent") or ""),
                position=position,
                text=texts(one["text"]),
                variants=[{"text": texts(v["text"]), "source": str(v["source"])} for v in one.get("variants") or ()],
                activity_group=one.get("activity_group") or "",
                focus_area=one.get("focus_area") or "",
                owner=one.get("owner") or "",
                source=str(one.get("source") or ""),
                provenance=one.get("provenance") or "",
                no_indicator_reason=texts(one.get("no_indicator_reason")),
            )
            for position, one in ready
        )
        made.update({row.node_id: row for row in rows})
        waiting = [(position, one) for position, one in waiting if one["id"] not in made]


def install_indicators(actor: Actor, *, package: str, version: str, data: Mapping[str, Mapping[str, Any]]) -> None:
    """A version of each indicator, and the targets and baselines that the package states and that are new."""
    now = clock.now()
    for position, (full_id, one) in enumerate(data.items()):
        indicator, _made = Indicator.objects.update_or_create(
            full_id=full_id, defaults={"package": package, "position": position}
        )
        IndicatorVersion.objects.get_or_create(
            indicator=indicator,
            version=version,
            defaults={"digest": digest_of(one), "data": dict(one), "installed_at": now},
        )
        for target in one.get("targets") or ():
            by, value = date.fromisoformat(str(target["by"])[:10]), Decimal(str(target["value"]))
            latest = (
                Target.objects.filter(indicator=indicator, scope_path=target["scope"], by=by, dimension="")
                .order_by("pk")
                .last()
            )
            if latest is None or (latest.value != value and latest.set_by == PACKAGE):
                Target.objects.create(
                    indicator=indicator,
                    scope_path=target["scope"],
                    by=by,
                    value=value,
                    set_at=now,
                    set_by=PACKAGE,
                    why=f"{package} {version}",
                )
        _install_baseline(indicator, one, package=package, version=version)


def _install_baseline(indicator: Indicator, data: Mapping[str, Any], *, package: str, version: str) -> None:
    stated = data.get("baseline")
    if stated is None:
        return
    given = stated if isinstance(stated, Mapping) else {"value": stated}
    scope = str(given.get("scope") or f"{package}/")
    if not Baseline.objects.filter(indicator=indicator, scope_path=scope).exists():
        on = str(given.get("on") or data.get("baseline_on") or "")
        Baseline.objects.create(
            indicator=indicator,
            scope_path=scope,
            value=Decimal(str(given["value"])),
            on=date.fromisoformat(on[:10]) if on else clock.today(),
            note=f"{package} {version}",
            set_at=clock.now(),
            set_by=PACKAGE,
        )


def install_references(*, package: str, version: str, data: Mapping[str, Any]) -> None:
    """Printed figures and readings; a newer package version replaces what stood under the same id."""
    for model, rows in ((ReferenceFigure, data.get("figures")), (Reading, data.get("readings"))):
        for position, one in enumerate(rows or ()):
            model.objects.update_or_create(
                full_id=f"{package}.{one['id']}",
                defaults={"package": package, "version": version, "data": dict(one), "position": position},
            )
