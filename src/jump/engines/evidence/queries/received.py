"""Reads of devices, of what waits for its files, and of what could not be placed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from jump.base import clock, i18n, keys
from jump.base.actors import ROLES, Actor, require
from jump.base.models import RoleAssignment
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import instance as instances
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.definitions.kept import UnknownForm, form_version
from jump.engines.evidence.models import AppUser, FormVersion, HeldBack, SentInstance
from jump.engines.evidence.queries.submissions import MASK, submission
from jump.engines.evidence.types import (
    AppUserView,
    Change,
    HeldReason,
    HeldState,
    HeldView,
    IncompleteView,
)

RIGHT = "evidence.review"


def app_users(actor: Actor) -> list[AppUserView]:
    """The devices of this actor's places: those in use first, newest first."""
    rows = _under_right(actor, AppUser.objects.all()).select_related("scope", "carrier")
    return [_app_user(row) for row in rows.order_by("revoked_at", "-made_at", "-pk")]


def app_user(actor: Actor, ref: Ref) -> AppUserView:
    row = _under_right(actor, AppUser.objects.all()).select_related("scope", "carrier").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _app_user(row)


def _app_user(row: AppUser) -> AppUserView:
    carrier = row.carrier
    return AppUserView(
        ref=Ref(row.ref),
        name=row.name,
        scope=row.scope.path,
        forms=tuple(row.forms),
        made_at=row.made_at,
        made_by=row.made_by,
        seen_at=row.seen_at,
        revoked_at=row.revoked_at,
        carrier=(carrier.get_full_name() or carrier.get_username()) if carrier is not None else "",
    )


def carriers(actor: Actor) -> list[tuple[int, str]]:
    """Who may send forms at this actor's places today: (account, name), by name."""
    require(actor, RIGHT)
    roles = [code for code, role in ROLES.items() if "evidence.submit" in role.rights]
    here = Q(pk__in=[])
    for path in actor.paths_with(RIGHT):
        here |= Q(node__path__startswith=path)
    rows = RoleAssignment.objects.held_on(clock.today()).filter(here, role__in=roles, user__is_active=True)
    known = {row.user_id: row.user.get_full_name() or row.user.get_username() for row in rows.select_related("user")}
    return sorted(known.items(), key=lambda one: one[1])


def incomplete(actor: Actor, *, limit: int = 50, offset: int = 0) -> list[IncompleteView]:
    """Forms of this actor's places whose photos have not come yet, oldest first."""
    rows = _under_right(actor, SentInstance.objects.filter(submission__isnull=True))
    page = rows.select_related("scope", "form_version").order_by("received_at", "pk")[offset : offset + limit]
    return [
        IncompleteView(
            ref=Ref(row.ref),
            title=i18n.text(row.form_version.title),
            scope=row.scope.path,
            by=row.by_title,
            received_at=row.received_at,
            days=(clock.now() - row.received_at).days,
        )
        for row in page
    ]


def count_held(actor: Actor, *, state: str = HeldState.WAITING) -> int:
    return int(_held_rows(actor, state).count())


def held(actor: Actor, *, state: str = HeldState.WAITING, limit: int = 50, offset: int = 0) -> list[HeldView]:
    """What could not be placed at this actor's places, oldest first, without its answers. Two statements."""
    rows = _held_rows(actor, state).select_related("scope", "sent__submission").order_by("at", "pk")
    page = list(rows[offset : offset + limit])
    titles = {
        form_id: i18n.text(title)
        for form_id, title in FormVersion.objects.filter(form__form_id__in={one.form_id for one in page})
        .order_by("installed_at")
        .values_list("form__form_id", "title")
    }
    return [_view(row, titles.get(row.form_id, row.form_id)) for row in page]


def held_one(actor: Actor, ref: Ref) -> HeldView:
    """One thing held, with its answers as far as this reader may see them, and how they differ from the first."""
    row = (
        _under_right(actor, HeldBack.objects.all()).select_related("scope", "sent__submission").filter(ref=ref).first()
    )
    if row is None:
        raise NotFound(ref=ref)
    try:
        version = form_version(row.form_id, row.version or None) if row.form_id else None
    except UnknownForm:
        version = None
    title = i18n.text(version.title) if version is not None else row.form_id
    answers, masked = _answers(actor, row, version)
    return _view(row, title, answers, masked, _changes(actor, row, version, answers, masked))


def held_bytes(actor: Actor, ref: Ref) -> bytes:
    """The very bytes that were sent, for those who may see personal data of the place. Raises NotFound, NotAllowed."""
    row = _under_right(actor, HeldBack.objects.all()).select_related("scope").filter(ref=ref).first()
    if row is None or not row.sealed or "P2" not in _classes(actor, row):
        raise NotFound(ref=ref)
    return _raw(row)


def _raw(row: HeldBack) -> bytes:
    key = keys.keys_of([Ref(row.ref)]).get(row.ref)
    return keys.decrypt_bytes(key, row.sealed) if key is not None and row.sealed else b""


def _held_rows(actor: Actor, state: str) -> Any:
    rows = _under_right(actor, HeldBack.objects.all())
    return rows.filter(state=HeldState(state)) if state else rows


def _under_right(actor: Actor, rows: Any) -> Any:
    require(actor, RIGHT)
    wanted = Q(pk__in=[])
    for path in actor.paths_with(RIGHT):
        wanted |= Q(scope__path__startswith=path)
    return rows.filter(wanted)


def _classes(actor: Actor, row: HeldBack) -> frozenset[str]:
    if actor.is_system or row.by_key == actor.key:
        return frozenset({"P2", "P3"})
    under = any(row.scope.path.startswith(one) for one in actor.paths_viewing("P2"))
    return frozenset({"P2"}) if under else frozenset()


def _answers(
    actor: Actor, row: HeldBack, version: FormVersion | None
) -> tuple[Mapping[str, Any] | None, frozenset[str]]:
    if version is None or not row.sealed:
        return None, frozenset()
    try:
        root = instances.read(_raw(row)).root
    except instances.InstanceUnreadable:
        return None, frozenset()
    whole = answered.to_json(dict(instances.answers_of(version.schema, root).answers))
    sees = _classes(actor, row)
    masked = {
        path: MASK
        for path, field, _value in answered.leaves(version.schema["fields"], whole)
        if (one := personal.class_of(version, field)) in personal.PERSONAL and one not in sees
    }
    return personal.join(whole, masked), frozenset(masked)


def _changes(
    actor: Actor,
    row: HeldBack,
    version: FormVersion | None,
    answers: Mapping[str, Any] | None,
    masked: frozenset[str],
) -> tuple[Change, ...]:
    """Answers that differ from those that were first under the number; what is hidden says only that it differs."""
    if version is None or answers is None or row.sent is None or row.sent.submission is None:
        return ()
    try:
        first = submission(actor, Ref(row.sent.submission.ref))
    except NotFound:
        return ()
    before = _leaves(version, answered.to_json(dict(first.answers)))
    after = _leaves(version, answers)
    labels = {
        path: i18n.text(field.get("label")) or field["name"]
        for tree in (answers, answered.to_json(dict(first.answers)))
        for path, field, _value in answered.leaves(version.schema["fields"], tree)
        if field["type"] not in ("hidden", "calculate")
    }
    return tuple(
        Change(path, label, before.get(path), after.get(path))
        for path, label in labels.items()
        if answered.node_text(before.get(path)) != answered.node_text(after.get(path)) and path not in masked
    )


def _leaves(version: FormVersion, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {path: value for path, _field, value in answered.leaves(version.schema["fields"], answers)}


def _view(
    row: HeldBack,
    title: str,
    answers: Mapping[str, Any] | None = None,
    masked: frozenset[str] = frozenset(),
    changes: Sequence[Change] = (),
) -> HeldView:
    first = row.sent.submission if row.sent is not None else None
    return HeldView(
        ref=Ref(row.ref),
        reason=HeldReason(row.reason),
        state=HeldState(row.state),
        why=row.why,
        form=row.form_id,
        version=row.version,
        title=title,
        instance_id=row.instance_id,
        scope=row.scope.path,
        by=row.by_title,
        at=row.at,
        size=row.size,
        files=tuple(one["name"] for one in row.files),
        submission=Ref(first.ref) if first is not None else None,
        answers=answers,
        masked=masked,
        changes=tuple(changes),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        note=row.note,
    )
