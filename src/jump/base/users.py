"""Who may sign in, and which role they hold where: given and ended by administrators (actors.md, role 52, rule 8).

An administrator gives no role to himself: who keeps the keys does not enter the rooms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model, password_validation
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jump.base import audit, clock
from jump.base.actors import ROLES, Actor, require
from jump.base.db import write_transaction
from jump.base.models import RoleAssignment
from jump.base.refusals import BadInput, NotFound, Refusal
from jump.base.scopes import ScopeNode, node

RIGHT = "base.users"
NOT_GIVEN = frozenset({"public", "app_user"})  # nobody signs in as these


class OwnRole(Refusal):
    """An administrator wanted a role for himself."""

    code = "base.own_role"
    message = _("Nobody gives a role to himself.")
    what_to_do = _("Ask another administrator.")


class RoleHeld(Refusal):
    """The same role at the same place is held already."""

    code = "base.role_held"
    message = _("This person holds that role at this place already.")
    what_to_do = _("Nothing is to be done.")


class NoSuchRole(Refusal):
    """A role that the access matrix does not have, or that is not given."""

    code = "base.no_such_role"
    http_status = 422
    message = _("There is no role %(role)s.")
    what_to_do = _("Choose one of the list.")


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role held at a place."""

    id: int
    role: str
    title: str
    place: str
    path: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class UserView:
    """Somebody who may sign in, with the roles held today."""

    id: int
    username: str
    name: str
    roles: tuple[HeldRole, ...]


@dataclass(frozen=True, slots=True)
class RolePlace:
    """A place at which a role may be held; ``depth`` 0 is the programme."""

    path: str
    title: str
    depth: int


def count_users(actor: Actor, *, q: str = "") -> int:
    """How many users there are whose name or user name has these words."""
    require(actor, RIGHT)
    return int(_found(q).count())


def users(actor: Actor, *, q: str = "", limit: int = 50, offset: int = 0) -> list[UserView]:
    """The users by family name, each with the roles held today. Two queries."""
    require(actor, RIGHT)
    rows = list(_found(q).order_by("last_name", "first_name", "pk")[offset : offset + limit])
    roles = _roles_of([row.pk for row in rows])
    return [_view(row, roles) for row in rows]


def user(actor: Actor, user_id: int) -> UserView:
    """One user. Raises NotFound."""
    require(actor, RIGHT)
    row = _row(user_id)
    return _view(row, _roles_of([row.pk]))


def role_places(actor: Actor) -> list[RolePlace]:
    """The places at which the actor may give roles, the programme first, each below the one that holds it."""
    require(actor, RIGHT)
    return places_under(actor.paths_with(RIGHT))


def places_under(paths: Sequence[str]) -> list[RolePlace]:
    """These places and those inside them, without enterprises, each below the one that holds it."""
    rows = ScopeNode.objects.exclude(kind="enterprise").order_by("path").values_list("path", "title")
    return [
        RolePlace(path, title, path.count("/") - 1)
        for path, title in rows
        if any(path.startswith(own) for own in paths)
    ]


def add_user(
    actor: Actor, *, username: str, first_name: str, last_name: str, password: str, role: str, path: str
) -> int:
    """Let somebody sign in, with a first password and one role. Refused where the user name is taken."""
    require(actor, RIGHT, path)
    known = get_user_model().objects
    made = get_user_model()(username=username.strip(), first_name=first_name.strip(), last_name=last_name.strip())
    errors: dict[str, Sequence[str]] = {}
    if known.filter(username__iexact=made.get_username()).exists():
        errors["username"] = [str(_("Somebody has this user name already. Choose another"))]
    try:
        made.clean_fields(exclude=["password"])
    except ValidationError as problem:
        errors = {**problem.message_dict, **errors}
    try:
        password_validation.validate_password(password, made)
    except ValidationError as problem:
        errors["password"] = problem.messages
    if errors:
        raise BadInput(errors)
    made.set_password(password)  # slow on purpose: before the transaction
    with write_transaction():
        made.save()
        audit.record(actor, "base.add_user", facts={"user": made.pk})
        _give(actor, made, role, path)
    return int(made.pk)


def give_role(actor: Actor, *, user_id: int, role: str, path: str) -> None:
    """Let a user hold a role at a place from today on."""
    require(actor, RIGHT, path)
    with write_transaction():
        _give(actor, _row(user_id), role, path)


def end_role(actor: Actor, *, held_id: int) -> None:
    """End a role: it was held until yesterday; one that began today is as if it had never been given."""
    with write_transaction():
        held = RoleAssignment.objects.select_related("node", "user").filter(pk=held_id).first()
        if held is None:
            raise NotFound(ref=held_id)
        require(actor, RIGHT, held.node.path)
        facts: Mapping[str, Any] = {"user": held.user_id, "role": held.role, "path": held.node.path}
        audit.record(actor, "base.end_role", facts=facts)
        yesterday = clock.today() - timedelta(days=1)
        if held.starts_on > yesterday:
            held.delete()
        else:
            held.ends_on = yesterday
            held.save(update_fields=["ends_on"])


def _give(actor: Actor, holder: AbstractUser, role: str, path: str) -> None:
    if role not in ROLES or role in NOT_GIVEN:
        raise NoSuchRole(role=role)
    if actor.user_id == holder.pk:
        raise OwnRole()
    today, place = clock.today(), node(path)
    if RoleAssignment.objects.held_on(today).filter(user_id=holder.pk, role=role, node=place).exists():
        raise RoleHeld(role=role, path=path)
    RoleAssignment.objects.create(user_id=holder.pk, role=role, node=place, starts_on=today)
    audit.record(actor, "base.give_role", facts={"user": holder.pk, "role": role, "path": path})


def _found(q: str) -> Any:
    rows = get_user_model().objects.filter(is_active=True)
    for word in q.split():
        rows = rows.filter(Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return rows


def _row(user_id: int) -> Any:
    row = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if row is None:
        raise NotFound(ref=user_id)
    return row


def _view(row: Any, roles: Mapping[int, list[HeldRole]]) -> UserView:
    return UserView(row.pk, row.get_username(), row.get_full_name() or row.get_username(), tuple(roles.get(row.pk, ())))


def _roles_of(user_ids: Sequence[int]) -> dict[int, list[HeldRole]]:
    held = RoleAssignment.objects.held_on(clock.today()).filter(user_id__in=user_ids).select_related("node")
    found: dict[int, list[HeldRole]] = {}
    for one in held.order_by("pk"):
        title = ROLES[one.role].title if one.role in ROLES else one.role
        found.setdefault(one.user_id, []).append(
            HeldRole(one.pk, one.role, title, one.node.title, one.node.path, one.starts_on)
        )
    return found
