"""A procedure as data: its steps, what each asks for, what must hold, what follows.

A running case keeps the version that it started with, so a parsed procedure is always of one package version.

Conditions (`gates`, `until`, `outcome`) may name: `case.*`, `subject.*`, `as_of`,
`steps.<key>.outcome|on|state|round|proof`, `answers.<form>.<field>`, `submissions.<form>` (how many were
accepted), `sessions.<key>.people|women|men|not_stated|held|minutes|products|issues|on`, `held.<curriculum>`,
`dossiers.<id>.complete|signed`, `certified.<certificate>` (who of the place holds it), `settled.<procedure>` (whether
each extension worker of the place has a closed case of it), `tasks.<form>.open|done` (how many of the tasks that the
forms of this case caused are still to be done, or were), and every name that a call of
this procedure binds or that stands under `facts:`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from jump.base import outbox
from jump.base.actors import ROLES
from jump.base.i18n import text
from jump.base.packages import CheckContext, DefinitionKind, Entry, Finding, PackageSource, definition
from jump.core import expressions
from jump.core.calendars import add_months
from jump.engines.cases.definitions.common import CALLS, FULL_ID, ID, TEXT, WHERE_FROM
from jump.engines.cases.types import StepKind

CLOSED = "closed"
OUTSIDERS = frozenset({"community", "system"})  # who may stand under `by` without holding a role in JUMP
SESSION_FACTS = ("people", "women", "men", "not_stated", "held", "minutes", "products", "issues", "on")
DOSSIER_FACTS = ("complete", "signed")
TASK_FACTS = ("open", "done")
RESERVED = frozenset(
    {"case", "subject", "scope", "on", "as_of", "step", "title", "steps", "answers", "submissions", "sessions", "held"}
    | {"certified", "dossiers", "settled", "tasks", "submission", "about", "item", "ref"}
)

_KEYS = {"oneOf": [ID, {"type": "array", "items": ID, "minItems": 1}]}

_STEP: Mapping[str, Any] = {
    "type": "object",
    "required": ["title", "kind"],
    "additionalProperties": False,
    "properties": {
        "title": TEXT,
        "help": TEXT,
        "kind": {"enum": [kind.value for kind in StepKind]},
        "by": {"type": "string"},
        "form": FULL_ID,
        "round": FULL_ID,
        "curriculum": FULL_ID,
        "dossier": FULL_ID,
        "session": {"type": "string"},
        "attendance_min": {"type": "integer", "minimum": 0},
        "min": {"type": "integer", "minimum": 1},
        "effect": {"type": "string"},
        "with": {"type": "object"},
        "bind": ID,
        "calls": CALLS,
        "facts": {"type": "object"},
        "until": {"type": "string"},
        "after_days": {"type": "integer", "minimum": 0},
        "months": {"type": "integer", "minimum": 0},
        "after_months": {"type": "integer", "minimum": 0},
        "due_days": {"type": "integer", "minimum": 0},
        "due_months": {"type": "integer", "minimum": 0},
        "length_months": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "minItems": 2,
            "maxItems": 2,
        },
        "optional": {"type": "boolean"},
        "waivable_by": {"type": "string"},
        "waits_for": {"type": "array", "items": ID},
        "outcome": {"type": "string"},
        "gates": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "text", "needs"],
                "additionalProperties": False,
                "properties": {
                    "id": ID,
                    "text": TEXT,
                    "needs": {"type": "string"},
                    "waivable_by": {"type": "string"},
                    "at": {"enum": ["entry", "exit"]},
                    **WHERE_FROM,
                },
            },
        },
        "next": {"oneOf": [*_KEYS["oneOf"], {"type": "object", "additionalProperties": _KEYS}]},
        "on_refused": ID,
        "products": {"type": "array"},
        **WHERE_FROM,
    },
}

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "subject", "title", "start", "steps"],
    "additionalProperties": False,
    "properties": {
        "id": FULL_ID,
        "version": {"type": ["string", "integer"]},
        "subject": {"type": "string"},
        "title": TEXT,
        "data_class": {"enum": ["P1", "P2", "P3", "F"]},
        "start": _KEYS,
        "facts": {"type": "array", "items": ID},
        "steps": {"type": "object", "minProperties": 1, "propertyNames": ID, "additionalProperties": _STEP},
        **WHERE_FROM,
    },
}


@dataclass(frozen=True, slots=True)
class GateDef:
    """A gate: `entry` gates must hold before the step is worked on, `exit` gates before it is left."""

    id: str
    text: Mapping[str, str] | str
    needs: str
    waivable_by: str
    at: str


@dataclass(frozen=True, slots=True)
class StepDef:
    """One step of a procedure."""

    key: str
    kind: StepKind
    title: Mapping[str, str] | str
    by: str
    asks: str
    session_kind: str
    min: int
    attendance_min: int | None
    calls: tuple[outbox.EffectCall, ...]
    facts: Mapping[str, Any]
    until: str
    after_days: int | None
    after_months: int | None
    due_days: int | None
    due_months: int | None
    length_months: tuple[int, int] | None
    optional: bool
    waivable_by: str
    waits_for: tuple[str, ...]
    outcome: str
    gates: tuple[GateDef, ...]
    next: Mapping[str, tuple[str, ...]] | tuple[str, ...] | None
    on_refused: str
    provenance: str

    def due_on(self, entered_on: date) -> date | None:
        """When the step should be finished, if the procedure says so."""
        if self.after_days is not None:
            return entered_on + timedelta(days=self.after_days)
        if self.after_months is not None:
            return add_months(entered_on, self.after_months)
        if self.due_days is not None:
            return entered_on + timedelta(days=self.due_days)
        if self.due_months is not None:
            return add_months(entered_on, self.due_months)
        return self.planned_end_on(entered_on)

    def planned_end_on(self, entered_on: date) -> date | None:
        """The last day of the planned length of a stage."""
        return add_months(entered_on, self.length_months[1]) if self.length_months else None

    def branches_on(self, outcome: str) -> bool:
        """Whether the step says by name what follows this outcome."""
        return isinstance(self.next, Mapping) and outcome in self.next

    def following(self, outcome: str) -> tuple[str, ...] | None:
        """The keys of what follows this outcome.

        `()` nothing by itself, None where the step does not declare the outcome.
        """
        if self.next is None:
            return ()
        if isinstance(self.next, tuple):
            return self.next
        return self.next.get(outcome)


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version of a declared procedure."""

    id: str
    package: str
    version: str
    title: Mapping[str, str] | str
    subject: str
    data_class: str
    start: tuple[str, ...]
    steps: Mapping[str, StepDef]
    provenance: str

    def full(self, short: str) -> str:
        return short if "." in short else f"{self.package}.{short}"


def procedure(full_id: str, version: str | None = None) -> Procedure:
    """The procedure in this version, or in the latest installed. Raises UnknownDefinition."""
    found = definition("procedures", full_id, version)
    return _parsed(found.id, found.version, found.package, _Frozen(found.data))


class _Frozen:
    """Package data as a key of a cache: installed content never changes, so its identity is enough."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def __hash__(self) -> int:
        return id(self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and other.data is self.data


@lru_cache(maxsize=512)
def _parsed(full_id: str, version: str, package: str, frozen: _Frozen) -> Procedure:
    data = frozen.data

    def full(short: str) -> str:
        return short if "." in short else f"{package}.{short}"

    steps = {key: _step(key, step, full) for key, step in data["steps"].items()}
    return Procedure(
        id=full_id,
        package=package,
        version=version,
        title=data["title"],
        subject=str(data["subject"]),
        data_class=str(data.get("data_class") or "P1"),
        start=_keys(data["start"]),
        steps=steps,
        provenance=str(data.get("provenance") or ""),
    )


def _keys(value: Any) -> tuple[str, ...]:
    return (str(value),) if isinstance(value, str) else tuple(str(one) for one in value)


def _step(key: str, data: Mapping[str, Any], full: Any) -> StepDef:
    kind = StepKind(data["kind"])
    asked = next((str(data[name]) for name in ("form", "round", "curriculum", "dossier") if data.get(name)), "")
    calls = [outbox.EffectCall.from_data(call) for call in data.get("calls") or ()]
    if data.get("effect"):
        calls.append(outbox.EffectCall(str(data["effect"]), dict(data.get("with") or {}), str(data.get("bind") or "")))
    following = data.get("next")
    months = data.get("after_months", data.get("months"))
    length = data.get("length_months")
    return StepDef(
        key=key,
        kind=kind,
        title=data["title"],
        by=str(data.get("by") or ""),
        asks=full(asked) if asked else "",
        session_kind=str(data.get("session") or ("workshop" if data.get("curriculum") else "meeting")),
        min=int(data.get("min") or 1),
        attendance_min=data.get("attendance_min"),
        calls=tuple(calls),
        facts=dict(data.get("facts") or (data.get("with") if kind is StepKind.DECISION else None) or {}),
        until=str(data.get("until") or ""),
        after_days=data.get("after_days") if kind is StepKind.WAIT else None,
        after_months=months if kind is StepKind.WAIT else None,
        due_days=data.get("due_days"),
        due_months=data.get("due_months"),
        length_months=(int(length[0]), int(length[1])) if length else None,
        optional=bool(data.get("optional")),
        waivable_by=str(data.get("waivable_by") or ""),
        waits_for=tuple(str(one) for one in data.get("waits_for") or ()),
        outcome=str(data.get("outcome") or ""),
        gates=tuple(_gates(key, data, kind, asked)),
        next=(
            None
            if following is None
            else {str(outcome): _keys(keys) for outcome, keys in following.items()}
            if isinstance(following, Mapping)
            else _keys(following)
        ),
        on_refused=str(data.get("on_refused") or ""),
        provenance=str(data.get("provenance") or ""),
    )


def _gates(key: str, data: Mapping[str, Any], kind: StepKind, asked: str) -> Iterator[GateDef]:
    for gate in data.get("gates") or ():
        yield GateDef(
            id=str(gate["id"]),
            text=gate["text"],
            needs=str(gate["needs"]),
            waivable_by=str(gate.get("waivable_by") or ""),
            at=str(gate.get("at") or _when(str(gate["needs"]), key, kind, asked)),
        )


def _when(needs: str, key: str, kind: StepKind, asked: str) -> str:
    """A gate that speaks of what the step itself brings can only be an exit gate; every other one guards the entry."""
    short = asked.rpartition(".")[2]
    own = {f"sessions.{key}.", f"steps.{key}."}
    if kind is StepKind.FORM:
        own |= {f"answers.{short}.", f"submissions.{short}", f"tasks.{short}."}
    if kind is StepKind.DOCUMENT:
        own.add(f"dossiers.{short}.")
    names = expressions.parse(needs).names
    return "exit" if any(name == one or name.startswith(one) for name in names for one in own) else "entry"


# Checking -------------------------------------------------------------------------------------------


def _check(source: PackageSource, context: CheckContext) -> Iterable[Finding]:
    for entry in source.of("procedures"):
        yield from _check_procedure(entry, source, context)


def _check_procedure(entry: Entry, source: PackageSource, context: CheckContext) -> Iterator[Finding]:
    steps: Mapping[str, Mapping[str, Any]] = entry.data["steps"]
    for number, key in enumerate(_keys(entry.data["start"])):
        if key not in steps:
            yield entry.finding(
                ("start", number), f"The procedure starts at {key}, which is not a step.", "Check the key."
            )
    binds = _binds(entry)
    for name in sorted(binds & RESERVED):
        yield entry.finding(
            (), f"The name {name} is taken by the procedure itself.", "Bind the result under another name."
        )
    known = _known_names(entry, source, context, binds)
    for key, step in steps.items():
        at = ("steps", key)
        yield from _check_following(entry, key, step, steps)
        yield from _check_asks(entry, key, step, source, context)
        for number, gate in enumerate(step.get("gates") or ()):
            for problem in expressions.check(str(gate["needs"]), known):
                yield entry.finding(
                    (*at, "gates", number, "needs"), f"The gate {gate['id']}: {problem}.", "Mend the condition."
                )
            yield from _check_role(entry, (*at, "gates", number, "waivable_by"), gate.get("waivable_by"))
        for place in ("until", "outcome"):
            if step.get(place):
                for problem in expressions.check(str(step[place]), known):
                    yield entry.finding((*at, place), f"{key}.{place}: {problem}.", "Mend the condition.")
        yield from _check_role(entry, (*at, "by"), step.get("by"), outsiders=True)
        yield from _check_role(entry, (*at, "waivable_by"), step.get("waivable_by"))
        yield from _check_calls(entry, key, step, binds)
        for other in step.get("waits_for") or ():
            if other not in steps:
                yield entry.finding(
                    (*at, "waits_for"), f"{key} waits for {other}, which is not a step.", "Check the key."
                )
    reached = _reached(_keys(entry.data["start"]), steps)
    for key in steps:
        if key not in reached:
            yield entry.finding(
                ("steps", key),
                f"No way leads to the step {key}.",
                "Name it under `next` of another step, or take it out.",
            )


def _binds(entry: Entry) -> set[str]:
    found = set(map(str, entry.data.get("facts") or ()))
    for step in entry.data["steps"].values():
        found.update(str(call["bind"]) for call in step.get("calls") or () if call.get("bind"))
        if step.get("bind"):
            found.add(str(step["bind"]))
    return found


def _known_names(entry: Entry, source: PackageSource, context: CheckContext, binds: set[str]) -> set[str]:
    known = {"as_of", "on", "scope", "subject.*", "case.ref", "case.opened_on", "case.procedure", "case.title"}
    known.update(binds)
    known.update(f"{name}.*" for name in binds)
    for key, step in entry.data["steps"].items():
        known.update(f"steps.{key}.{name}" for name in ("outcome", "on", "state", "round", "entered_on", "proof"))
        if step["kind"] == StepKind.SESSION:
            known.update(f"sessions.{key}.{name}" for name in SESSION_FACTS)
    forms = {str(step["form"]) for step in entry.data["steps"].values() if step.get("form")}
    forms.update(one.full_id for one in source.of("form"))
    for form in forms:
        short = form.rpartition(".")[2]
        known.update({f"answers.{short}.*", f"submissions.{short}", *(f"tasks.{short}.{name}" for name in TASK_FACTS)})
    dossiers = {str(step["dossier"]) for step in entry.data["steps"].values() if step.get("dossier")}
    dossiers.update(one.full_id for one in source.of("dossier"))
    known.update(f"dossiers.{dossier.rpartition('.')[2]}.{name}" for dossier in dossiers for name in DOSSIER_FACTS)
    known.update(f"settled.{one.full_id.rpartition('.')[2]}" for one in source.of("procedures"))
    known.update(f"held.{one.full_id.rpartition('.')[2]}" for one in source.of("curricula"))
    known.update(
        f"certified.{one.data['qualification']}" for one in source.of("curricula") if one.data.get("qualification")
    )
    return known


def _check_following(entry: Entry, key: str, step: Mapping[str, Any], steps: Mapping[str, Any]) -> Iterator[Finding]:
    following = step.get("next")
    branches = following if isinstance(following, Mapping) else {"": following} if following else {}
    for outcome, keys in branches.items():
        for one in _keys(keys):
            if one != CLOSED and one not in steps:
                where = ("steps", key, "next", outcome) if outcome else ("steps", key, "next")
                yield entry.finding(where, f"After {key} comes {one}, which is not a step.", "Check the key.")
    refused = step.get("on_refused")
    if refused and refused != CLOSED and refused not in steps:
        yield entry.finding(("steps", key, "on_refused"), f"{refused} is not a step.", "Check the key.")


_ASKS = {
    StepKind.FORM: ("form", "form"),
    StepKind.DECISION: ("round", "rounds"),
    StepKind.DOCUMENT: ("dossier", "dossier"),
}


def _check_asks(
    entry: Entry, key: str, step: Mapping[str, Any], source: PackageSource, context: CheckContext
) -> Iterator[Finding]:
    kind = StepKind(step["kind"])
    at = ("steps", key)
    if kind in _ASKS:
        name, declared = _ASKS[kind]
        if not step.get(name):
            yield entry.finding(at, f"The {kind} step {key} names no {name}.", f"Add `{name}:`.")
            return
        full = source.full(str(step[name]))
        data = context.get(declared, full)
        if data is None:
            yield entry.finding((*at, name), f"Nobody declares the {name} {full}.", "Check its id, or declare it.")
        elif kind is StepKind.DECISION:
            yield from _check_outcomes(entry, key, step, data)
    elif kind is StepKind.SESSION:
        if step.get("curriculum") and not context.has("curricula", source.full(str(step["curriculum"]))):
            full = source.full(str(step["curriculum"]))
            yield entry.finding((*at, "curriculum"), f"Nobody declares the curriculum {full}.", "Check its id.")
        if not step.get("curriculum") and not step.get("session"):
            yield entry.finding(at, f"The session step {key} names no curriculum and no kind of session.", "Add one.")
    elif kind is StepKind.EFFECT:
        if not step.get("effect") and not step.get("calls"):
            yield entry.finding(at, f"The effect step {key} names no effect.", "Add `effect:` or `calls:`.")
    elif not any(step.get(name) is not None for name in ("until", "after_days", "months", "after_months")):
        yield entry.finding(
            at, f"The step {key} does not say what it waits for.", "Add `until:`, `after_days:` or `months:`."
        )


def _check_outcomes(
    entry: Entry, key: str, step: Mapping[str, Any], round_data: Mapping[str, Any]
) -> Iterator[Finding]:
    following = step.get("next")
    if not isinstance(following, Mapping):
        return
    declared = {str(one["id"]) for one in [*(round_data.get("outcomes") or ()), *(round_data.get("options") or ())]}
    for missing in sorted(declared - set(following)):
        yield entry.finding(
            ("steps", key, "next"), f"The round can give {missing}, but {key} does not say what follows.", "Add it."
        )
    for extra in sorted(set(following) - declared - {"withdrawn"}):
        yield entry.finding(("steps", key, "next", extra), f"The round never gives {extra}.", "Check the outcome's id.")


def _check_role(
    entry: Entry, where: tuple[str | int, ...], role: object, *, outsiders: bool = False
) -> Iterator[Finding]:
    if role and role not in ROLES and not (outsiders and role in OUTSIDERS):
        yield entry.finding(where, f"{role} is not a role.", f"Use one of: {', '.join(sorted(ROLES))}.")


def _check_calls(entry: Entry, key: str, step: Mapping[str, Any], binds: set[str]) -> Iterator[Finding]:
    offered = outbox.offered()
    calls: list[tuple[tuple[str | int, ...], Any]]
    calls = [(("steps", key, "calls", number), call) for number, call in enumerate(step.get("calls") or ())]
    if step.get("effect"):
        calls.append((("steps", key), step))
    for where, call in calls:
        if call["effect"] not in offered:
            yield entry.finding((*where, "effect"), f"No engine offers the effect {call['effect']}.", "Check its name.")
    for where, call in calls:
        for name in looked_up(call.get("with") or {}):
            if name.split(".")[0] not in RESERVED | binds:
                yield entry.finding((*where, "with"), f"${name} is not among the facts of a case.", "Check the name.")


def looked_up(value: Any) -> Iterator[str]:
    """The names that stand behind "$" in the arguments of a call."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from looked_up(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from looked_up(inner)
    elif isinstance(value, str) and value.startswith("$"):
        yield value.removeprefix("$").removeprefix("?")


def _reached(start: tuple[str, ...], steps: Mapping[str, Mapping[str, Any]]) -> set[str]:
    reached: set[str] = set()
    waiting = [key for key in start if key in steps]
    while waiting:
        key = waiting.pop()
        if key in reached:
            continue
        reached.add(key)
        following = steps[key].get("next")
        keys: list[str] = []
        if isinstance(following, Mapping):
            keys = [one for branch in following.values() for one in _keys(branch)]
        elif following:
            keys = list(_keys(following))
        if steps[key].get("on_refused"):
            keys.append(str(steps[key]["on_refused"]))
        waiting.extend(one for one in keys if one in steps)
    return reached


def title_of(value: Mapping[str, str] | str) -> str:
    """A title in the reader's language."""
    return text(value)


PROCEDURES = DefinitionKind("procedures", "procedure*.yaml", "document", _SCHEMA, _check)
