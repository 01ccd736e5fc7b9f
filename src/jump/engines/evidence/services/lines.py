"""What two forms say of one line of a register, the later sender not having heard of the first: a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.refs import new_ref
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.models import (
    EditConflict,
    Entity,
    EntityVersion,
    FormVersion,
    SentInstance,
    Submission,
)
from jump.engines.evidence.services.merging import EDITED_AT_ONCE
from jump.engines.evidence.types import ConflictState


def settled(said: Iterable[EntityVersion]) -> dict[str, Any]:
    """The values of a line after what was said of it, in this order. What was overruled does not count."""
    values: dict[str, Any] = {}
    for version in said:
        counts = {
            name: value for name, value in version.values.items() if value is not None and name not in version.overruled
        }
        values = {**dict.fromkeys(version.values), **values, **counts}
    return values


def keep_contradictions(row: Submission, held: FormVersion, entity: Entity, version: EntityVersion) -> None:
    """Hold back what a form says of a line against what others said of it since its sender last heard.

    A value that only one of them changed counts; where both did, what stands counts until somebody has decided. Forms
    that were not filled offline, and corrections, say what they say knowing of the line.
    """
    if row.known_to is None or row.revision > 1:
        return
    others = list(
        EntityVersion.objects.filter(entity=entity)
        .exclude(submission=row)
        .select_related("submission")
        .order_by("on", "submission_id")
    )
    since = [one for one in others if one.pk > row.known_to]
    base, first = settled(one for one in others if one.pk <= row.known_to), settled(others)
    said = version.values.items()
    hard = [name for name, value in said if _contradict(base.get(name), first.get(name), value)]
    if not (since and hard):
        return
    conflict = _kept(row, held, entity, version, base, first, hard, since)
    version.overruled = [name for name in hard if conflict.chosen.get(name) != "later"]
    version.save(update_fields=["overruled"])


def choose_later(conflict: EditConflict, names: Sequence[str]) -> None:
    """What the later form says of a line counts, and what others said of it since its sender last heard does not."""
    of_line = EntityVersion.objects.filter(entity=conflict.entity)
    mine = of_line.filter(submission_id=conflict.submission_id).first()
    if mine is None:  # the form stands no more
        return
    mine.overruled = [name for name in mine.overruled if name not in names]
    mine.save(update_fields=["overruled"])
    for one in of_line.exclude(pk=mine.pk).filter(pk__gt=conflict.submission.known_to or 0, pk__lt=mine.pk):
        one.overruled = sorted({*one.overruled, *(name for name in names if name in one.values)})
        one.save(update_fields=["overruled"])


def _contradict(base: Any, first: Any, later: Any) -> bool:
    said = [answered.node_text(one) for one in (base, first, later)]
    return bool(said[2]) and len(set(said)) == 3


def _kept(
    row: Submission,
    held: FormVersion,
    entity: Entity,
    version: EntityVersion,
    base: dict[str, Any],
    first: dict[str, Any],
    hard: Sequence[str],
    since: Sequence[EntityVersion],
) -> EditConflict:
    key = f"line:{entity.ref}:{row.ref}"
    found: EditConflict | None = EditConflict.objects.filter(key=key).first()
    if found is not None:  # the form was accepted, withdrawn and accepted again
        return found
    said = next((one for one in reversed(since) if any(one.values.get(name) is not None for name in hard)), since[-1])
    values = {name: {"base": base.get(name), "first": first.get(name), "later": version.values[name]} for name in hard}
    flags = [
        {
            "path": name,
            "message": _("Another form says otherwise of the same line, and neither sender knew of the other."),
            "what_to_do": _("Decide which answer holds."),
            "code": EDITED_AT_ONCE,
        }
        for name in hard
    ]
    row.flags = [*row.flags, *flags]
    row.save(update_fields=["flags"])
    made: EditConflict = EditConflict.objects.create(
        ref=new_ref("cfl"),
        scope_id=row.scope_id,
        submission=row,
        entity=entity,
        form_version=held,
        sent=SentInstance.objects.get(ref=row.key.removeprefix("instance:")),
        key=key,
        state=ConflictState.WAITING,
        first_key=said.submission.by_key,
        first_title=said.submission.by_title,
        first_party=said.submission.by_party,
        first_at=said.submission.received_at,
        by_key=row.by_key,
        by_title=row.by_title,
        by_party=row.by_party,
        at=clock.now(),
        on=row.on,
        paths=dict.fromkeys(hard, True),
        sealed=personal.seal(Ref(row.ref), values, ""),
    )
    return made


__all__ = ["choose_later", "keep_contradictions", "settled"]
