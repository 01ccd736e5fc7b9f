"""Who may sit on a panel: the people who hold its role at the place or above it."""

from __future__ import annotations

from jump.base import clock


def may_sit(role: str, scope: str) -> list[tuple[str, str]]:
    """User number and name of everybody who holds the role there today."""
    from jump.base.models import RoleAssignment

    held = (
        RoleAssignment.objects.held_on(clock.today()).select_related("user", "node").order_by("user__last_name", "pk")
    )
    if role:
        held = held.filter(role=role)
    found: dict[str, str] = {}
    for row in held[:500]:
        if scope.startswith(row.node.path) and row.user.is_active:
            found[str(row.user_id)] = row.user.get_full_name() or row.user.get_username()
    return list(found.items())
