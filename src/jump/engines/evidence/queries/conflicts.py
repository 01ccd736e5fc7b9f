"""Reads of edits that crossed: the list of a reviewer's places, one with both answers, those of one sender."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from jump.base import i18n, keys
from jump.base.actors import Actor, require
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.definitions.kept import versions_of
from jump.engines.evidence.models import EditConflict, FormVersion, Submission
from jump.engines.evidence.queries.authors import identities_of
from jump.engines.evidence.queries.submissions import MASK, classes_seen
from jump.engines.evidence.types import ConflictLine, ConflictState, ConflictView

RIGHT = "evidence.review"


def conflicts(
    actor: Actor, *, state: str = ConflictState.WAITING, limit: int = 50, offset: int = 0
) -> list[ConflictView]:
    """Edits that crossed at this actor's places, oldest first, without their answers. Two statements."""
    rows = list(_of_state(actor, state).order_by("at", "pk")[offset : offset + limit])
    return _views(actor, rows, frozenset(), is_bare=True)


def count_conflicts(actor: Actor, *, state: str = ConflictState.WAITING) -> int:
    return int(_of_state(actor, state).count())


def to_decide(actor: Actor) -> Any:
    """The rows that wait for this actor's decision, oldest first: nobody decides about their own answer."""
    rows = decidable(actor).filter(state=ConflictState.WAITING)
    return rows.exclude(by_key=actor.key).exclude(first_key=actor.key).order_by("at", "pk")


def conflict(actor: Actor, ref: Ref) -> ConflictView:
    """One, with both answers of every question as far as this reader may see them. For whoever may decide, and for
    the two whose edits crossed."""
    mine = Q(by_key=actor.key) | Q(first_key=actor.key) if actor.user_id is not None else Q(pk__in=[])
    rows = list(_rows().filter(Q(pk__in=decidable(actor).values("pk")) | mine, ref=ref))
    if not rows:
        raise NotFound(ref=ref)
    return _views(actor, rows, identities_of([(actor.key, actor.party_ref or "")]))[0]


def conflicts_of(actor: Actor, submission: Ref) -> list[ConflictView]:
    """The edits that crossed on a form which the actor may see, oldest first, without their answers."""
    if not Submission.objects.visible_to(actor).filter(ref=submission).exists():
        raise NotFound(ref=submission)
    rows = list(_rows().filter(submission__ref=submission).order_by("at", "pk"))
    return _views(actor, rows, frozenset(), is_bare=True)


def conflicts_of_sender(actor: Actor, submissions: Iterable[int]) -> Mapping[int, tuple[ConflictView, ...]]:
    """For a sender's phone: what crossed on these forms and where the sender wrote one of the two, by the row's number.

    Two statements where something crossed, else one.
    """
    mine = Q(by_key=actor.key) | Q(first_key=actor.key)
    rows = list(_rows().filter(mine, submission__in=list(submissions)).order_by("at", "pk"))
    found: dict[int, list[ConflictView]] = defaultdict(list)
    for row, view in zip(rows, _views(actor, rows, frozenset()), strict=True):
        found[row.submission_id].append(view)
    return {key: tuple(views) for key, views in found.items()}


def _rows() -> Any:
    return EditConflict.objects.select_related("scope", "submission__scope", "entity")


def _of_state(actor: Actor, state: str) -> Any:
    require(actor, RIGHT)
    rows = decidable(actor).select_related("scope", "submission__scope", "entity")
    return rows.filter(state=ConflictState(state)) if state else rows


def decidable(actor: Actor) -> Any:
    """The rows at the places where this actor reviews, of forms that they may see."""
    wanted = Q(pk__in=[])
    for path in actor.paths_with(RIGHT):
        wanted |= Q(scope__path__startswith=path)
    return EditConflict.objects.filter(wanted, submission__in=Submission.objects.visible_to(actor).values("pk"))


def _views(
    actor: Actor, rows: Sequence[EditConflict], me: frozenset[str], *, is_bare: bool = False
) -> list[ConflictView]:
    if not rows:
        return []
    versions = versions_of(FormVersion.objects.filter(pk__in={row.form_version_id for row in rows}))
    held = {} if is_bare else keys.keys_of([Ref(row.submission.ref) for row in rows])
    views = []
    for row in rows:
        version = versions[row.form_version_id]
        authors = identities_of([(row.by_key, row.by_party), (row.first_key, row.first_party)]) if me else frozenset()
        views.append(
            ConflictView(
                ref=Ref(row.ref),
                submission=Ref(row.submission.ref),
                form=version.form.form_id,
                version=version.version,
                title=" · ".join(filter(None, [i18n.text(version.title), row.entity.label if row.entity else ""])),
                scope=row.scope.path,
                state=ConflictState(row.state),
                first_by=row.first_title,
                first_at=row.first_at,
                later_by=row.by_title,
                later_at=row.at,
                lines=() if is_bare else tuple(_lines(actor, row, version, held)),
                decided_at=row.decided_at,
                decided_by=row.decided_title,
                why=row.why,
                may_decide=bool(me)
                and row.state == ConflictState.WAITING
                and not (me & authors)
                and any(row.scope.path.startswith(path) for path in actor.paths_with(RIGHT)),
            )
        )
    return views


def _lines(actor: Actor, row: EditConflict, version: FormVersion, held: Mapping[str, bytes]) -> Iterable[ConflictLine]:
    values, _by_name = personal.unseal(held, row.submission.ref, row.sealed)
    sees = classes_seen(actor, row.submission)
    asked = _questions(version.schema["fields"])
    for path, is_hard in row.paths.items():
        field = asked.get(".".join(step for step in path.split(".") if not step.isdigit()), {})
        is_masked = bool(_classes(version, field) - sees)
        said = values.get(path) or {}
        base, first, later = (MASK,) * 3 if is_masked else (said.get("base"), said.get("first"), said.get("later"))
        yield ConflictLine(
            path=path,
            label=i18n.text(field.get("label")) or str(field.get("name") or path),
            base=base,
            first=first,
            later=later,
            is_hard=bool(is_hard),
            chosen=str(row.chosen.get(path) or ""),
            is_masked=is_masked,
        )


def _questions(fields: Sequence[Mapping[str, Any]], prefix: str = "") -> dict[str, Mapping[str, Any]]:
    """Questions and repeats by their path without the numbers of rows."""
    found: dict[str, Mapping[str, Any]] = {}
    for field in fields:
        if field["type"] == "group":
            found.update(_questions(field["children"], prefix))
            continue
        found[f"{prefix}{field['key']}"] = field
        if field["type"] == "repeat":
            found.update(_questions(field["children"], f"{prefix}{field['key']}."))
    return found


def _classes(version: FormVersion, field: Mapping[str, Any]) -> frozenset[str]:
    """The personal classes of a question, of a repeat those of all its questions."""
    inside = _questions(field["children"]).values() if field.get("type") == "repeat" else (field,)
    return frozenset(personal.class_of(version, one) for one in inside if one) & personal.PERSONAL
