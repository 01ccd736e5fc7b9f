"""Who may see and do what, and where."""

from collections.abc import Callable

import pytest

from jump.base.actors import ANONYMOUS, RIGHTS, ROLES, Actor, can, require, system_actor
from jump.base.models import AuditEvent, SearchRow
from jump.base.refusals import NotAllowed
from jump.base.scopes import node_id

pytestmark = pytest.mark.django_db
Maker = Callable[..., Actor]


def rows() -> None:
    """Three rows of a scoped table at three nodes."""
    for number, path in enumerate(("jump/asia/PH/riverside/", "jump/asia/TH/", "ipec/")):
        SearchRow.objects.create(about=f"per-{number}", kind="per", title=path, data_class="P2", scope_id=node_id(path))


@pytest.mark.covers("CROSS-04")
def test_a_right_reaches_down_the_tree_and_not_sideways(user_with: Maker) -> None:
    coordinator = user_with("national_coordinator", "jump/asia/PH/")
    assert can(coordinator, "cases.open", "jump/asia/PH/riverside/")
    assert not can(coordinator, "cases.open", "jump/asia/TH/")
    assert not can(coordinator, "cases.open", "jump/")
    with pytest.raises(NotAllowed) as refusal:
        require(coordinator, "cases.open", "jump/asia/TH/")
    assert refusal.value.code == "base.not_allowed"
    assert refusal.value.http_status == 403


def test_an_ended_assignment_gives_nothing(user_with: Maker) -> None:
    worker = user_with("extension_worker", "jump/asia/PH/", ends_on="2001-12-31")
    assert worker.grants == ()
    assert not can(worker, "evidence.submit")


def test_an_assignment_that_has_not_begun_gives_nothing(user_with: Maker) -> None:
    assert user_with("extension_worker", "jump/asia/PH/", starts_on="2999-01-01").grants == ()


@pytest.mark.covers("CROSS-04")
@pytest.mark.parametrize(
    ("role", "data_class", "sees"),
    [
        ("programme_coordinator", "P2", True),
        ("programme_coordinator", "P3", False),  # aggregates only
        ("national_coordinator", "P3", False),  # case by case, by a grant on the row
        ("extension_worker", "P2", True),
        ("extension_worker", "D", False),
        ("core_team", "P2", False),
        ("fund_manager", "F", True),
        ("donor", "P1", False),
        ("donor", "P2", False),
        ("donor", "F", True),
        ("selection_panel", "F", False),
        ("administrator", "P1", False),
        ("public", "P1", False),
    ],
)
def test_the_matrix_of_roles_and_data_classes_is_kept(role: str, data_class: str, sees: bool) -> None:
    assert ROLES[role].views(data_class) is sees
    assert ROLES[role].views("P0")


def test_the_public_and_strangers_have_no_rights() -> None:
    assert not any(can(ANONYMOUS, right) for right in RIGHTS)
    assert ANONYMOUS.paths_viewing("P1") == ()


def test_an_unknown_right_is_a_mistake_of_ours_and_not_a_no() -> None:
    with pytest.raises(AssertionError):
        can(ANONYMOUS, "finance.everything")


def test_nested_grants_give_the_widest_place_once(user_with: Maker) -> None:
    actor = Actor(
        1, "x", grants=(*user_with("partner", "jump/asia/").grants, *user_with("partner", "jump/asia/PH/").grants)
    )
    assert actor.paths_viewing("P2") == ("jump/asia/",)


def test_rows_are_seen_under_the_actors_nodes_only(user_with: Maker) -> None:
    worker = user_with("extension_worker", "jump/asia/PH/")
    rows()
    from jump.base.search import find

    assert [found.scope for found in find(worker, "")] == []
    assert system_actor("test").paths_viewing("P3") == ("",)
    assert worker.paths_viewing("P2") == ("jump/asia/PH/",)


def test_the_audit_trail_refuses_change_and_deletion() -> None:
    from django.db import DatabaseError, transaction

    from jump.base.audit import record, trail
    from jump.core.units import Ref

    record(system_actor("test"), "tested", Ref("per-00000000"), why="to see")
    for attempt in (lambda: AuditEvent.objects.update(why="other"), lambda: AuditEvent.objects.all().delete()):
        with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
            attempt()
    assert [event.why for event in trail(Ref("per-00000000"))] == ["to see"]
