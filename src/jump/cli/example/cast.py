"""Who acts in the example: users with roles, and the organisations behind them."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from jump.base.actors import Actor, actor_for
from jump.base.db import write_transaction
from jump.base.models import RoleAssignment
from jump.base.scopes import node
from jump.cli.example import PASSWORD, SIGN_INS, SignIn

BEGINS = date(2002, 1, 1)
PANEL = ("panel1", "panel2", "panel3")


@dataclass(frozen=True, slots=True)
class CountryCast:
    """The people who carry a country programme."""

    coordinator: Actor
    worker: Actor
    second_worker: Actor
    partner: Actor
    fund_manager: Actor


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who acts for the programme."""

    coordinator: Actor
    donor: Actor
    admin: Actor
    panel: tuple[Actor, ...]
    panel_ids: tuple[int, ...]


@cache
def _hashed() -> str:
    """The example's one password, hashed once: slow on purpose."""
    return make_password(PASSWORD)


def make_user(one: SignIn, *, can_sign_in: bool) -> Any:
    """A user with one role at one node. Only those of the printed list have a password."""
    users = get_user_model().objects
    user = users.create(
        username=one.username,
        first_name=one.first_name,
        last_name=one.last_name,
        email=f"{one.username}@example.org",
        password=_hashed() if can_sign_in else make_password(None),
        is_staff=one.role == "administrator",
    )
    RoleAssignment.objects.create(user=user, role=one.role, node=node(one.path), starts_on=BEGINS)
    return user


def make_cast() -> Cast:
    """The programme's own users; their roles begin with the programme."""
    with write_transaction():
        found = {one.username: make_user(one, can_sign_in=True) for one in SIGN_INS if one.path == "jump/"}
    panel = tuple(found[name] for name in PANEL)
    return Cast(
        coordinator=actor_for(found["ana"]),
        donor=actor_for(found["donor"]),
        admin=actor_for(found["admin"]),
        panel=tuple(actor_for(user) for user in panel),
        panel_ids=tuple(user.pk for user in panel),
    )


def make_country_cast(iso: str, path: str, names: dict[str, list[str]]) -> CountryCast:
    """The users of one country: those of the printed list where it is theirs, made-up ones elsewhere."""
    mine = {one.role: one for one in SIGN_INS if one.path == path}
    women, men, family = names["women"], names["men"], names["family"]

    def who(role: str, number: int) -> SignIn:
        given = (women if number % 2 else men)[number % 12]
        return SignIn(f"{iso.lower()}_{role}_{number}", given, family[(number * 5) % 12], role, path)

    roles = ("national_coordinator", "extension_worker", "partner", "fund_manager")
    with write_transaction():
        users = {
            role: make_user(mine.get(role) or who(role, number + 1), can_sign_in=role in mine)
            for number, role in enumerate(roles)
        }
        second = make_user(who("extension_worker", 7), can_sign_in=False)
    return CountryCast(
        coordinator=actor_for(users["national_coordinator"]),
        worker=actor_for(users["extension_worker"]),
        second_worker=actor_for(second),
        partner=actor_for(users["partner"]),
        fund_manager=actor_for(users["fund_manager"]),
    )


def make_core_team_user(iso: str, path: str) -> Actor:
    """The user of a community's core team: who signs its plan and proposals."""
    listed = next((one for one in SIGN_INS if one.path == path), None)
    slug = path.rstrip("/").rpartition("/")[2]
    made = listed or SignIn(
        f"{iso.lower()}_core_{slug}"[:150], "Core team", slug.replace("-", " ").title(), "core_team", path
    )
    with write_transaction():
        return actor_for(make_user(made, can_sign_in=listed is not None))
