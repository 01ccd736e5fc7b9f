"""Who may sit on a panel: the people who hold its role at the place or above it."""

from __future__ import annotations

from collections.abc import Sequence

from jump.base import clock


def may_sit(role: str, scope: str) -> list[tuple[str, str]]:
    """User number and name of everybody who holds the role there today; without a role, of everybody who holds any."""
    by_role = holders((role,) if role else (), scope)
    return list(dict(one for held in by_role.values() for one in held).items())


def holders(roles: Sequence[str], scope: str) -> dict[str, list[tuple[str, str]]]:
    """User number and name of those who hold each of these roles there today (all roles where none is named)."""
    from jump.base.models import RoleAssignment

    rows = (
        RoleAssignment.objects.held_on(clock.today()).select_related("user", "node").order_by("user__last_name", "pk")
    )
    if roles:
        rows = rows.filter(role__in=roles)
    found: dict[str, dict[str, str]] = {}
    for row in rows[:500]:
        if scope.startswith(row.node.path) and row.user.is_active:
            name = row.user.get_full_name() or row.user.get_username()
            found.setdefault(row.role, {})[str(row.user_id)] = name
    return {role: list(held.items()) for role, held in found.items()}
