"""What an accepted submission writes: its register line, its facts, and the effects that its form declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jump.base import clock, keys
from jump.base.actors import Actor
from jump.base.outbox import EffectCall, after_commit, resolve
from jump.base.packages import UnknownDefinition
from jump.core.units import Ref
from jump.engines.evidence import definitions
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.models import DeclaredFact, Entity, EntityVersion, FormVersion, Submission
from jump.engines.evidence.types import SubmissionState

FORM_ACCEPTED = "cases.form_accepted"


def settle(actor: Actor, row: Submission, held: FormVersion) -> bool:
    """Accept a submission that nobody (more) has to look at. Called in the transaction of its last change."""
    if row.state != SubmissionState.RECEIVED:
        return False
    if row.reviews_needed:
        said = row.reviews.filter(verdict="accept", correction__isnull=True, turn=row.turn)
        approvals = said.values("by_key").distinct().count()
        if approvals < row.reviews_needed:
            return False
    row.state, row.accepted_at = SubmissionState.ACCEPTED, clock.now()
    row.save(update_fields=["state", "accepted_at"])
    write_accepted(actor, row, held, row.scope.path)
    return True


def write_accepted(
    actor: Actor, row: Submission, held: FormVersion, scope: str, whole: Mapping[str, Any] | None = None
) -> None:
    """Write what acceptance writes, and cause what the form declares. Once per revision, in its transaction."""
    whole = whole_answers(row, held) if whole is None else whole
    _write_register(row, held, scope, whole)
    _write_facts(row, held, scope, whole)
    calls = [EffectCall.from_data(call) for call in held.settings.get("on_accept", ())]
    form = held.form.form_id
    calls.append(EffectCall(FORM_ACCEPTED, {"submission": row.ref, "form": form, "about": row.about_ref or None}))
    after_commit(
        calls,
        key=f"evidence.accepted:{row.ref}",
        ref=Ref(row.ref),
        actor=actor,
        on=row.on,
        facts={
            "submission": row.ref,
            "form": form,
            "answers": _named_only(calls, answered.with_blanks(held.schema["fields"], whole)),
            "about": row.about_ref or None,
            "scope": scope,
            "on": row.on,
        },
    )


def whole_answers(row: Submission, held: FormVersion) -> dict[str, Any]:
    """All answers of a submission, the personal ones too: for rules and effects, never for a page."""
    private, _by_name = personal.unseal(keys.keys_of([Ref(row.ref)]) if row.sealed else {}, row.ref, row.sealed)
    return personal.join(row.answers, private)


def _named_only(calls: list[EffectCall], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Only the answers that the calls ask for: nothing more of a form lies in the queue."""
    wanted: set[str] = set()
    for call in calls:
        for text in _texts([dict(call.args), call.for_each]):
            path = text.lstrip("$?").split(".") if text.startswith("$") else [""]
            if path[0] == "answers":
                wanted.add(path[1] if len(path) > 1 else "*")
    return dict(answers) if "*" in wanted else {key: value for key, value in answers.items() if key in wanted}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


# Registers -------------------------------------------------------------------------------------------


def _write_register(row: Submission, held: FormVersion, scope: str, answers: Mapping[str, Any]) -> None:
    """Bring the line of the register up to date; an older submission only adds to its history."""
    register_id = held.settings.get("register")
    if not register_id:
        return
    try:
        declared = definitions.register(register_id).data
    except UnknownDefinition:
        declared = {"key": "key", "label": "label"}
    facts = {"answers": answers, "about": row.about_ref, "scope": scope, "submission": row.ref}
    private = {
        field["key"]
        for _path, field, _value in answered.leaves(held.schema["fields"], answers)
        if personal.class_of(held, field) in personal.PERSONAL
    }
    fields = declared.get("fields") or [key for key in answers if key not in private]
    values = {name: answers.get(name) for name in fields if name not in private}
    key = str(_looked_up(held.settings.get("key") or declared["key"], facts) or row.ref)[:300]
    label = str(_looked_up(declared["label"], facts) or key)[:300]
    entity, made = Entity.objects.get_or_create(
        register=register_id,
        scope_id=row.scope_id,
        about_ref=row.about_ref,
        key=key,
        defaults={
            "label": label,
            "values": values,
            "on": row.on,
            "submission": row,
            "data_class": declared.get("data_class") or "P1",
        },
    )
    EntityVersion.objects.create(entity=entity, submission=row, values=values, on=row.on)
    if not made and row.on >= entity.on:
        known = {name: value for name, value in values.items() if value is not None}
        Entity.objects.filter(pk=entity.pk).update(
            values={**entity.values, **known}, label=label, on=row.on, submission=row
        )


def _looked_up(name: str, facts: Mapping[str, Any]) -> Any:
    """A register's key or label: the name of a question, "$answers.x", or several with blanks between."""
    if name.startswith("$"):
        return " ".join(str(resolve(part, facts, effect="register") or "") for part in name.split()).strip()
    return facts["answers"].get(name)


# Facts -----------------------------------------------------------------------------------------------


def _write_facts(row: Submission, held: FormVersion, scope: str, answers: Mapping[str, Any]) -> None:
    """Write the facts that the form declares: one, or one per entry of a repeat."""
    if not held.settings.get("facts"):
        return
    base = {
        "answers": answered.with_blanks(held.schema["fields"], answers),
        "about": row.about_ref or None,
        "scope": scope,
        "on": row.on.isoformat(),
        "submission": row.ref,
    }
    rows = []
    for declared in held.settings.get("facts", ()):
        items: list[Any] = [None]
        if declared.get("for_each"):
            items = resolve(declared["for_each"], base, effect=declared["kind"]) or []
        for item in items:
            facts = {**base, "item": item}

            def value_of(given: Any, facts: Mapping[str, Any] = facts, kind: str = declared["kind"]) -> Any:
                return resolve(given, facts, effect=kind)

            amount = _amount(value_of(declared.get("value", "1")))
            on = _day(value_of(declared.get("on", "$on")))
            if amount is None or on is None:
                continue  # an unanswered question is no fact
            until = value_of(declared.get("until"))
            rows.append(
                DeclaredFact(
                    submission=row,
                    kind=declared["kind"],
                    value=amount,
                    on=on,
                    until=_day(until) if until else None,
                    party_ref=value_of(declared.get("party")) or "",
                    codes={
                        name: _code(found)
                        for name, given in declared.get("codes", {}).items()
                        if (found := value_of(given)) is not None
                    },
                )
            )
    DeclaredFact.objects.bulk_create(rows)


def _amount(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return Decimal(int(value))
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _code(value: Any) -> str | bool | int:
    if isinstance(value, bool | int):
        return value
    return " ".join(value) if isinstance(value, list) else str(value)
