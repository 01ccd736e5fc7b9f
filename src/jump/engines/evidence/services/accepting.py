"""What an accepted submission writes: its register line, its facts, and the effects that its form declares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jump.base import clock, keys
from jump.base.actors import Actor
from jump.base.outbox import EffectCall, after_commit, resolve
from jump.base.prepared import add
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.models import DeclaredFact, FormVersion, Submission
from jump.engines.evidence.services.registers import unwrite_register, write_register
from jump.engines.evidence.types import SubmissionState

FEW = 3  # rows that are written sooner one by one


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
    """Write what acceptance writes, and let what the form declares come about. Once per revision, in its transaction.

    What an earlier revision wrote is superseded; see `consequences` for what it caused in other engines.
    """
    whole = whole_answers(row, held) if whole is None else whole
    if row.revision > 1 or row.turn > 1:
        unwrite(row)
    write_register(row, held, scope, whole)
    write_facts(row, held, scope, whole)
    cause(actor, row)


def take_back(actor: Actor, row: Submission) -> None:
    """Unwrite what acceptance wrote, and let what the form caused be taken back. In the transaction of the change."""
    unwrite(row)
    cause(actor, row)


def cause(actor: Actor, row: Submission) -> None:
    """Bring about what a submission declares as it stands when this runs: nothing of it lies in the queue."""
    after_commit(
        [EffectCall("evidence.bring_about", {"submission": row.ref})],
        key=f"evidence.accepted:{row.ref}:{row.revision}.{row.turn}",
        ref=Ref(row.ref),
        actor=actor,
        on=row.on,
    )


def unwrite(row: Submission) -> None:
    """Supersede the facts and the register lines of a submission that no longer says so."""
    row.facts.all().delete()
    unwrite_register(row)


def whole_answers(row: Submission, held: FormVersion) -> dict[str, Any]:
    """All answers of a submission, the personal ones too: for rules and effects, never for a page."""
    private, _by_name = personal.unseal(keys.keys_of([Ref(row.ref)]) if row.sealed else {}, row.ref, row.sealed)
    return personal.join(row.answers, private)


# Facts -----------------------------------------------------------------------------------------------


def write_facts(row: Submission, held: FormVersion, scope: str, answers: Mapping[str, Any]) -> None:
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
    if len(rows) > FEW:
        DeclaredFact.objects.bulk_create(rows)
    else:
        for row_of_fact in rows:
            add(row_of_fact)


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
