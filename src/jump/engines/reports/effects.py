"""What declared data may trigger in reports. Safe to repeat: keyed by the cause."""

from collections.abc import Mapping
from typing import Any

from jump.base.outbox import Cause
from jump.core.units import Ref
from jump.engines.reports import services
from jump.engines.reports.models import Lesson


def add_lesson(
    cause: Cause, *, title: str, text: str, scope: str, context: str | None = "", proof: str | None = None
) -> Mapping[str, Any]:
    """Write a lesson that a form tells; its proof is the form. Again for the same form changes nothing."""
    proof_ref = Ref(proof) if proof else cause.ref
    known = (
        Lesson.objects.filter(proof=proof_ref or "", title=title.strip()[:200]).values_list("ref", flat=True).first()
    )
    if known is not None:
        return {"ref": known}
    ref = services.add_lesson(
        cause.actor, title=title, text=text, scope=scope, context=context or "", on=cause.on, proof_ref=proof_ref
    )
    return {"ref": str(ref)}


EFFECTS = {"reports.add_lesson": add_lesson}
