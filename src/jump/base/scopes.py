"""One tree of places and programmes; every scoped row hangs on one node, every role is held at one node.

A node's path ends with a slash ("jump/asia/PH/riverside/"), so that "under" is a prefix. Parties declares the nodes.
"""

from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self, cast

from django.db import models

from jump.base.actors import ROOT, Actor
from jump.base.db import locked
from jump.base.prepared import Prepared
from jump.base.refusals import NotFound

KINDS = ("programme", "region", "country", "project", "enterprise")

_nodes: dict[str, int] = {}


class ScopeNode(models.Model):
    """A node of the scope tree: programme, region, country, project (community) or enterprise."""

    path = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in KINDS])
    title = models.CharField(max_length=200)
    ref = models.CharField(max_length=24, blank=True, default="", db_index=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")

    class Meta:
        app_label = "base"
        ordering = ("path",)

    def __str__(self) -> str:
        return self.path


def declare_node(parent_path: str | None, slug: str, kind: str, title: str, ref: str = "") -> ScopeNode:
    """Make a node under its parent, or return the one that is there. Called inside a write transaction."""
    assert slug, "a node needs a slug"
    assert "/" not in slug, f"a slug has no slash: {slug!r}"
    assert kind in KINDS, kind
    parent = ScopeNode.objects.get(path=parent_path) if parent_path else None
    path = f"{parent_path or ROOT}{slug}/"
    made, _created = ScopeNode.objects.get_or_create(
        path=path, defaults={"kind": kind, "title": title, "ref": ref, "parent": parent}
    )
    return made


def node(path: str) -> ScopeNode:
    """The node with this path. Raises NotFound."""
    found = _NODE.first(path)
    if found is None:
        raise NotFound(ref=path)
    return found


_NODE = Prepared(lambda path: ScopeNode.objects.filter(path=path))


def node_id(path: str) -> int:
    """The row of this path, remembered in this process. Raises NotFound."""
    known = _nodes.get(path)
    if known is None:
        known = node(path).pk
        _nodes[path] = known
    return known


def forget_nodes() -> None:
    """Drop what this process remembers of the tree (tests, restore)."""
    _nodes.clear()


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows with a home node. What leaves an engine has passed ``visible_to``."""

    def visible_to(self, actor: Actor, data_class: str | None = None) -> Self:
        """The rows that this actor may see one by one, by place and class of data, and those granted singly."""
        wanted = data_class or self.model.data_class
        paths = actor.paths_viewing(wanted)
        if ROOT in paths:
            return self
        rules = [models.Q(scope__path__startswith=path) for path in paths]
        if actor.row_refs and any(field.name == "ref" for field in self.model._meta.fields):
            rules.append(models.Q(ref__in=actor.row_refs))
        return self.filter(reduce(or_, rules)) if rules else self.none()

    def under(self, path: str) -> Self:
        """The rows at this node or below it; "" is everywhere."""
        return self.filter(scope__path__startswith=path) if path else self

    def locked(self) -> Self:
        """Rows kept as they are until the transaction ends."""
        return cast(Self, locked(self))


class Scoped(models.Model):
    """A row that belongs to one node of the tree and one class of data."""

    data_class: ClassVar[str] = "P1"

    scope = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
