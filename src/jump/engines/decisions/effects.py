"""What declared data may trigger in decisions. Safe to repeat: keyed by the cause."""

from collections.abc import Mapping
from typing import Any

from jump.base.outbox import Cause
from jump.core.units import Ref
from jump.engines.decisions import services


def enter(
    cause: Cause,
    *,
    round: str,
    candidate: str,
    subject: str,
    scope: str,
    answer_to: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """Enter a candidate for the round of this definition; the outcome is answered to `answer_to`."""
    ref = services.enter(
        cause.actor,
        definition=round,
        candidate_ref=Ref(candidate),
        subject_ref=Ref(subject),
        scope=scope,
        answer_to=answer_to,
        facts=facts,
        on=cause.on,
        key=cause.key,
    )
    return {"ref": str(ref)}


def withdraw(cause: Cause, *, candidate: str, why: str) -> None:
    """Take a candidate out before it is decided about."""
    services.withdraw(cause.actor, candidate_ref=Ref(candidate), why=why, on=cause.on)


EFFECTS = {
    "decisions.enter": enter,
    "decisions.withdraw": withdraw,
}
