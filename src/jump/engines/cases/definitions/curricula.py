"""What a course or workshop teaches, in which order, and what counts as having completed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jump.base.i18n import text
from jump.base.packages import CheckContext, DefinitionKind, Finding, PackageSource, UnknownDefinition, definition
from jump.engines.cases.definitions.common import FULL_ID, TEXT, WHERE_FROM

COMPLETION_PERCENT = 75  # our default: attended hours over the hours of the curriculum

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": TEXT,
        "purpose": TEXT,
        "audience": {"type": ["string", "object"]},
        "level": {"enum": ["grassroots", "national", "regional", "interregional"]},
        "session": {"type": "string"},
        "modules": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title"],
                "properties": {
                    "id": {"type": "string"},
                    "title": TEXT,
                    "hours": {"type": ["integer", "string"]},
                    "worksheet": {"type": "string"},
                    "method": {"type": ["string", "object"]},
                },
            },
        },
        "attendance_min": {"type": "integer", "minimum": 0},
        "waivable_by": {"type": "string"},
        "completion_percent": {"type": "integer", "minimum": 0, "maximum": 100},
        "qualification": {"type": "string"},
        "products": {"type": "array", "items": {"type": ["string", "object"]}},
        "after": {"type": "array", "items": FULL_ID},
        **WHERE_FROM,
    },
}


@dataclass(frozen=True, slots=True)
class Curriculum:
    """One version of a declared curriculum."""

    id: str
    version: str
    title: str
    hours: Decimal
    attendance_min: int
    completion_percent: int
    qualification: str
    waivable_by: str
    products: tuple[str, ...]
    after: tuple[str, ...]
    session: str


def curriculum(full_id: str, version: str | None = None) -> Curriculum:
    """The curriculum in this version; of another package than the asking one, in its latest.

    Raises UnknownDefinition.
    """
    try:
        found = definition("curricula", full_id, version)
    except UnknownDefinition:
        found = definition("curricula", full_id)
    data = found.data
    return Curriculum(
        id=found.id,
        version=found.version,
        title=text(data["title"]),
        hours=sum((Decimal(str(module.get("hours") or 0)) for module in data.get("modules") or ()), Decimal(0)),
        attendance_min=int(data.get("attendance_min") or 0),
        completion_percent=int(data.get("completion_percent", COMPLETION_PERCENT)),
        qualification=str(data.get("qualification") or ""),
        waivable_by=str(data.get("waivable_by") or "national_coordinator"),
        products=tuple(text(product) for product in data.get("products") or ()),
        after=tuple(found.full(str(other)) for other in data.get("after") or ()),
        session=str(data.get("session") or "workshop"),
    )


def _check(source: PackageSource, context: CheckContext) -> Iterable[Finding]:
    after: dict[str, list[str]] = {}
    for entry in source.of("curricula"):
        after[entry.full_id] = [source.full(str(other)) for other in entry.data.get("after") or ()]
        for number, other in enumerate(after[entry.full_id]):
            if not context.has("curricula", other):
                yield entry.finding(
                    ("after", number),
                    f"{entry.full_id} comes after the curriculum {other}, which nobody declares.",
                    "Check its id.",
                )
    for entry in source.of("curricula"):
        if _comes_before_itself(entry.full_id, after):
            yield entry.finding(("after",), f"{entry.full_id} comes after itself, by way of others.", "Break the ring.")


def _comes_before_itself(start: str, after: Mapping[str, list[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(after.get(start, ()))
    while waiting:
        one = waiting.pop()
        if one == start:
            return True
        if one not in seen:
            seen.add(one)
            waiting.extend(after.get(one, ()))
    return False


CURRICULA = DefinitionKind("curricula", "curricula.yaml", "mapping", _SCHEMA, _check)
