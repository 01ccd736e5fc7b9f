"""What is known about a case: the facts that gates, waits and the arguments of effects may name.

Only what a condition names is looked up, so a gate costs what it asks for. Answers are read unmasked: rules may
see what a reader may not, and nothing of it is stored with the case.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from jump.base.actors import Actor, system_actor
from jump.base.prepared import Prepared
from jump.core import expressions
from jump.core.units import Ref
from jump.engines.cases.definitions import Procedure
from jump.engines.cases.definitions.procedures import looked_up
from jump.engines.cases.models import Case, Session, Step, Task
from jump.engines.cases.types import AttendanceCount, SessionState, StepKind, TaskState
from jump.engines.evidence import api as evidence
from jump.engines.parties import api as parties

_RULES: Actor = system_actor("rules of a procedure")
CERTIFIED_MAX = 10_000  # more people of one place with one certificate are not looked through


_OF_STEPS = frozenset({"steps", "answers", "submissions", "sessions", "held", "tasks"})
_STEPS = Prepared(lambda pk: Step.objects.filter(case_id=pk).order_by("pk"))


def of_case(case: Case, procedure: Procedure, names: Iterable[str], *, as_of: date) -> dict[str, object]:
    """The facts that these dotted names ask for, as nested mappings. What does not exist yet is missing."""
    wanted: dict[str, set[str]] = {}
    for name in names:
        first, _, rest = name.partition(".")
        wanted.setdefault(first, set()).add(rest)
    known: dict[str, object] = dict(case.bound)
    known["as_of"] = known["on"] = as_of
    known["scope"] = case.scope.path
    known["title"] = case.title
    known["case"] = {
        "ref": case.ref,
        "opened_on": case.opened_on,
        "procedure": case.procedure,
        "title": case.title,
    }
    steps = _STEPS.rows(case.pk) if wanted.keys() & _OF_STEPS else []
    if "subject" in wanted:
        known["subject"] = subject_facts(Ref(case.subject_ref), as_of=as_of)
    if "steps" in wanted:
        known["steps"] = _step_facts(steps)
    if "answers" in wanted:
        known["answers"] = _answers(case, procedure, steps, {rest.split(".")[0] for rest in wanted["answers"]})
    if "submissions" in wanted:
        known["submissions"] = _submissions(case, procedure, steps, wanted["submissions"])
    if "tasks" in wanted:
        known["tasks"] = {
            short: _tasks(procedure, steps, short) for short in {rest.split(".")[0] for rest in wanted["tasks"]}
        }
    if wanted.keys() & {"sessions", "held"}:
        by_step = _sessions(case)
        if "sessions" in wanted:
            clusters = clusters_of([one for many in by_step.values() for one in many])
            known["sessions"] = {
                key: _session_facts(by_step.get(key, []), clusters)
                for key, step in procedure.steps.items()
                if step.kind is StepKind.SESSION
            }
        if "held" in wanted:
            given = {one.curriculum.rpartition(".")[2] for rows in by_step.values() for one in rows}
            known["held"] = {rest.split(".")[0]: rest.split(".")[0] in given for rest in wanted["held"]}
    if "dossiers" in wanted:
        asked: dict[str, set[str]] = {}
        for rest in wanted["dossiers"]:
            short, _, said = rest.partition(".")
            asked.setdefault(short, set()).add(said)
        known["dossiers"] = {short: _dossier_facts(case, procedure.full(short), said) for short, said in asked.items()}
    if "certified" in wanted:
        known["certified"] = {code: _certified(case, code, as_of) for code in wanted["certified"]}
    if "settled" in wanted:
        known["settled"] = {short: _settled(case, procedure.full(short), as_of) for short in wanted["settled"]}
    return known


def holds(condition: str, case: Case, procedure: Procedure, *, as_of: date) -> tuple[bool, str]:
    """Whether a condition holds, and if not, what is in the way, where that can be said."""
    return holds_with(condition, of_case(case, procedure, expressions.parse(condition).names, as_of=as_of))


def holds_with(condition: str, known: Mapping[str, object]) -> tuple[bool, str]:
    """The same, over facts that were already gathered."""
    try:
        return expressions.parse(condition).holds(known), ""
    except (expressions.MissingName, expressions.NotKnown) as gap:
        return False, gap.message


def value(expression: str, case: Case, procedure: Procedure, *, as_of: date) -> object:
    """The value of an expression, or None where something it names is not known yet."""
    parsed = expressions.parse(expression)
    try:
        return parsed.evaluate(of_case(case, procedure, parsed.names, as_of=as_of))
    except (expressions.MissingName, expressions.NotKnown):
        return None


def for_calls(
    case: Case, procedure: Procedure, arguments: Sequence[Mapping[str, Any]], *, as_of: date
) -> dict[str, object]:
    """The facts that these arguments of effects look up. Of answers only the questions that are named travel."""
    names = {name for one in arguments for name in looked_up(one)}
    known = of_case(case, procedure, names, as_of=as_of)
    answers = known.get("answers")
    if isinstance(answers, Mapping):
        asked = {tuple(name.split(".")[1:3]) for name in names if name.startswith("answers.")}
        known["answers"] = {
            form: {field: given for field, given in fields.items() if (form, field) in asked or (form,) in asked}
            for form, fields in answers.items()
        }
    for name in ("subject", "case"):  # "$subject" alone is the reference; "$subject.population" one of its facts
        if name in names:
            known[name] = str(case.subject_ref if name == "subject" else case.ref)
    return known


def subject_facts(ref: Ref, *, as_of: date) -> dict[str, object]:
    """What rules may ask about the subject of a case: its kind, and what parties know of it."""
    facts: dict[str, object] = {"ref": str(ref), "kind": ref.kind}
    if ref.kind == "plc":
        place = parties.place(_RULES, ref)
        facts.update(place.attributes)
        facts.update(
            name=place.name,
            population=place.population,
            unemployment_rate=place.unemployment_rate,
            settlement_type=str(place.settlement_type),
            country=place.country,
        )
    elif ref.kind == "grp":
        group = parties.group(_RULES, ref)
        facts.update(members=group.members_count, women=group.women_count, kind=group.kind, legal_form=group.legal_form)
    return facts


def _step_facts(steps: Sequence[Step]) -> dict[str, object]:
    """Per key the latest round; a key that was not entered yet is missing."""
    return {
        step.key: {
            "outcome": step.outcome,
            "on": step.done_on,
            "entered_on": step.entered_on,
            "state": step.state,
            "round": step.round,
            "proof": step.proof_ref or None,
        }
        for step in steps
    }


def _form_of(procedure: Procedure, short: str) -> str:
    for step in procedure.steps.values():
        if step.kind is StepKind.FORM and step.asks.rpartition(".")[2] == short:
            return step.asks
    return procedure.full(short)


def _answers(case: Case, procedure: Procedure, steps: Sequence[Step], forms: set[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for short in forms:
        full = _form_of(procedure, short)
        own = [Ref(ref) for step in steps if step.kind == StepKind.FORM and step.asks == full for ref in step.proofs]
        submission = evidence.submission(_RULES, own[-1]) if own else None
        if submission is None:
            submission = evidence.latest(Ref(case.ref), full) or evidence.latest(Ref(case.subject_ref), full)
        if submission is not None:
            found[short] = dict(submission.answers)
    return found


def _submissions(case: Case, procedure: Procedure, steps: Sequence[Step], forms: set[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for short in forms:
        full = _form_of(procedure, short)
        own = {ref for step in steps if step.kind == StepKind.FORM and step.asks == full for ref in step.proofs}
        about = sum(
            evidence.count_submissions(_RULES, form=full, about=ref, state="accepted")
            for ref in (Ref(case.ref), Ref(case.subject_ref))
        )
        found[short] = max(len(own), about)
    return found


def _tasks(procedure: Procedure, steps: Sequence[Step], short: str) -> dict[str, int]:
    """How many tasks the forms that this case was given caused. One that was dropped, with a reason, counts no more."""
    full = _form_of(procedure, short)
    own = {ref for step in steps if step.kind == StepKind.FORM and step.asks == full for ref in step.proofs}
    states = list(Task.objects.filter(source__in=own).values_list("state", flat=True)) if own else []
    return {"open": states.count(TaskState.OPEN), "done": states.count(TaskState.DONE)}


def clusters_of(sessions: Sequence[Session]) -> Mapping[str, str]:
    """Which records are one person, of all these gatherings, asked once."""
    from jump.engines.cases.queries.gatherings import clusters

    return clusters(sessions)


def _sessions(case: Case) -> dict[str, list[Session]]:
    found: dict[str, list[Session]] = {}
    for session in (
        Session.objects.filter(step__case=case, state=SessionState.HELD)
        .select_related("step")
        .prefetch_related("attendance")
    ):
        assert session.step is not None
        found.setdefault(session.step.key, []).append(session)
    return found


def _session_facts(sessions: Sequence[Session], clusters: Mapping[str, str]) -> dict[str, object]:
    from jump.engines.cases.queries.gatherings import count_of

    count: AttendanceCount = count_of(sessions, clusters)
    return {
        "held": bool(sessions),
        "people": count.people_min,  # where only totals are known, the lowest possible number counts
        "women": count.by_sex.get("female", 0),
        "men": count.by_sex.get("male", 0),
        "not_stated": count.by_sex.get("not_stated", 0),
        "minutes": any(one.minutes.strip() for one in sessions),
        "products": sum(len(one.products) for one in sessions),
        "issues": sum(len(one.issues) for one in sessions),
        "on": max((one.held_on for one in sessions), default=None),
    }


def _dossier_facts(case: Case, definition: str, asked: set[str]) -> dict[str, bool]:
    for about in (Ref(case.ref), Ref(case.subject_ref)):
        dossier = evidence.dossier_of(about, definition)
        if dossier is not None:
            found = {}
            if "complete" in asked:
                found["complete"] = evidence.is_complete(dossier)
            if "signed" in asked:
                found["signed"] = evidence.is_signed(dossier)
            return found
    return {"complete": False, "signed": False}


def _certified(case: Case, code: str, as_of: date) -> list[str]:
    """Who of this place holds the certificate, proved and in force; for `answers.x.person_ref in certified.y`."""
    held = parties.qualifications(
        _RULES, code=code, kind="certificate", scope=case.scope.path, as_of=as_of, limit=CERTIFIED_MAX
    )
    return [str(one.party_ref) for one in held if one.claim == parties.Claim.PROVED]


def _settled(case: Case, wanted: str, as_of: date) -> bool:
    """Whether each extension worker at and under this place has a closed case of that procedure."""
    from jump.engines.cases.queries.fieldwork import absorption

    view = absorption(_RULES, procedure=wanted, scope=case.scope.path, as_of=as_of)
    return view.settled == len(view.rows)
