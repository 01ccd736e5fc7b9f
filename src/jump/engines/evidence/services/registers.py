"""Lines of registers: what accepted forms say of them, in the order of the days in the field.

The current values of a line are worked out from what all accepted submissions say of it, oldest day first: they do not
depend on the order in which these were accepted, and what a submission said goes with its acceptance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jump.base.outbox import resolve
from jump.base.packages import UnknownDefinition
from jump.engines.evidence import definitions
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.models import Entity, EntityVersion, FormVersion, Submission
from jump.engines.evidence.services.lines import keep_contradictions, settled


def write_register(row: Submission, held: FormVersion, scope: str, answers: Mapping[str, Any]) -> None:
    """Add what a submission says of a line of its form's register, and bring the line up to date."""
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
    entity, _made = Entity.objects.get_or_create(
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
    version = EntityVersion.objects.create(entity=entity, submission=row, label=label, values=values, on=row.on)
    keep_contradictions(row, held, entity, version)
    settle_line(entity)


def unwrite_register(row: Submission) -> None:
    """What a submission said of lines is said no more."""
    for version in EntityVersion.objects.filter(submission=row).select_related("entity"):
        EntityVersion.objects.filter(pk=version.pk).delete()
        settle_line(version.entity)


def settle_line(entity: Entity) -> None:
    """Work the current values of a line out anew. A line of which nothing is said any more goes."""
    said = list(
        EntityVersion.objects.filter(entity=entity).select_related("submission").order_by("on", "submission_id")
    )
    if not said:
        Entity.objects.filter(pk=entity.pk).delete()
        return
    last = said[-1]
    Entity.objects.filter(pk=entity.pk).update(
        values=settled(said), label=last.label or entity.label, on=last.on, submission=last.submission
    )


def _looked_up(name: str, facts: Mapping[str, Any]) -> Any:
    """A register's key or label: the name of a question, "$answers.x", or several with blanks between."""
    if name.startswith("$"):
        return " ".join(str(resolve(part, facts, effect="register") or "") for part in name.split()).strip()
    return facts["answers"].get(name)
