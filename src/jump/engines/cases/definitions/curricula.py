"""What a course or workshop teaches, in which order, who may begin it, and what counts as having completed it.

Gates name what is known of one person: `age`, `sex`, `completed` (short ids of curricula), `certified` (codes of
certificates in force), `hours_percent` of this course, `tests.<form>.<question>` of the last accepted form of this kind
about the person since the course began. An entry gate guards the enrolment, an exit gate the certificate.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jump.base.actors import ROLES
from jump.base.i18n import text
from jump.base.packages import (
    CheckContext,
    DefinitionKind,
    Entry,
    Finding,
    PackageSource,
    UnknownDefinition,
    definition,
    definitions,
)
from jump.core import expressions
from jump.engines.cases.definitions.common import FULL_ID, ID, TEXT, WHERE_FROM

COMPLETION_PERCENT = 75  # our default: attended hours over the hours of the curriculum
PERSON_FACTS = frozenset({"age", "sex", "completed", "certified", "hours_percent", "tests.*"})

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
        "expires_months": {"type": "integer", "minimum": 1, "maximum": 240},
        "evaluation": FULL_ID,
        "rating": ID,
        "revise_by": {"type": "string"},
        "before": FULL_ID,
        "gates": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "text", "needs", "at"],
                "additionalProperties": False,
                "properties": {
                    "id": ID,
                    "text": TEXT,
                    "needs": {"type": "string"},
                    "at": {"enum": ["entry", "exit"]},
                    **WHERE_FROM,
                },
            },
        },
        "products": {"type": "array", "items": {"type": ["string", "object"]}},
        "after": {"type": "array", "items": FULL_ID},
        **WHERE_FROM,
    },
}


@dataclass(frozen=True, slots=True)
class CourseGate:
    """What must hold of a person before they begin (`entry`) or before they are certified (`exit`)."""

    id: str
    text: str
    needs: str
    at: str

    @property
    def forms(self) -> frozenset[str]:
        """The short ids of the forms whose answers it names."""
        names = expressions.parse(self.needs).names
        return frozenset(name.split(".")[1] for name in names if name.startswith("tests."))


@dataclass(frozen=True, slots=True)
class Module:
    """One part of a curriculum."""

    title: str
    hours: Decimal
    method: str = ""
    worksheet: str = ""


@dataclass(frozen=True, slots=True)
class Curriculum:
    """One version of a declared curriculum.

    `evaluation` is the form by which participants judge a course, `rating` the question of it that is averaged;
    `revise_by` is the role that revises curriculum and materials after each course; `before` is the entry of a
    calendar whose first day must find the training done.
    """

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
    package: str = ""
    level: str = ""
    purpose: str = ""
    audience: str = ""
    modules: tuple[Module, ...] = ()
    gates: tuple[CourseGate, ...] = ()
    evaluation: str = ""
    rating: str = "rating"
    revise_by: str = ""
    before: str = ""
    expires_months: int | None = None

    def gates_at(self, at: str) -> tuple[CourseGate, ...]:
        return tuple(gate for gate in self.gates if gate.at == at)

    def full(self, short: str) -> str:
        return short if "." in short else f"{self.package}.{short}"


def curricula() -> list[Curriculum]:
    """Every curriculum that is installed, each in its latest version."""
    return [curriculum(found.id) for found in definitions("curricula")]


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
        package=found.package,
        level=str(data.get("level") or ""),
        purpose=text(data["purpose"]) if data.get("purpose") else "",
        audience=text(data["audience"]) if data.get("audience") else "",
        modules=tuple(
            Module(
                text(one["title"]),
                Decimal(str(one.get("hours") or 0)),
                text(one["method"]) if one.get("method") else "",
                found.full(str(one["worksheet"])) if one.get("worksheet") else "",
            )
            for one in data.get("modules") or ()
        ),
        gates=tuple(
            CourseGate(str(gate["id"]), text(gate["text"]), str(gate["needs"]), str(gate["at"]))
            for gate in data.get("gates") or ()
        ),
        evaluation=found.full(str(data["evaluation"])) if data.get("evaluation") else "",
        rating=str(data.get("rating") or "rating"),
        revise_by=str(data.get("revise_by") or ""),
        before=found.full(str(data["before"])) if data.get("before") else "",
        expires_months=data.get("expires_months"),
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
        yield from _check_asks(entry, source, context)
        if _comes_before_itself(entry.full_id, after):
            yield entry.finding(("after",), f"{entry.full_id} comes after itself, by way of others.", "Break the ring.")


def _check_asks(entry: Entry, source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    """Forms, roles and days that a curriculum names exist; its gates can be read and ask for what is known."""
    form = entry.data.get("evaluation")
    if form and not context.has("form", source.full(str(form))):
        yield entry.finding(("evaluation",), f"Nobody declares the form {source.full(str(form))}.", "Check its id.")
    before = entry.data.get("before")
    if before and not context.has("calendar", source.full(str(before))):
        yield entry.finding(("before",), f"No calendar has {source.full(str(before))}.", "Check its id.")
    role = entry.data.get("revise_by")
    if role and role not in ROLES:
        yield entry.finding(("revise_by",), f"{role} is not a role.", f"Use one of: {', '.join(sorted(ROLES))}.")
    for number, gate in enumerate(entry.data.get("gates") or ()):
        where = ("gates", number, "needs")
        for problem in expressions.check(str(gate["needs"]), PERSON_FACTS):
            yield entry.finding(where, f"The gate {gate['id']}: {problem}.", "Mend the condition.")
        try:
            names = expressions.parse(str(gate["needs"])).names
        except expressions.ExpressionError:
            continue
        for name in sorted(one for one in names if one.startswith("tests.")):
            form = source.full(name.split(".")[1])
            if not context.has("form", form):
                yield entry.finding(
                    where, f"The gate {gate['id']} asks for the form {form}, which nobody declares.", "Check its id."
                )


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
