"""What the nodes of the tree of places are called."""

from __future__ import annotations

from collections.abc import Iterable

from jump.base.scopes import ScopeNode


def titles_of(paths: Iterable[str]) -> dict[str, str]:
    """Path to title, asked once for all."""
    return dict(ScopeNode.objects.filter(path__in=sorted(set(paths))).values_list("path", "title"))
