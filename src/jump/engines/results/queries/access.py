"""Who may read figures, and who sees only those that are large enough."""

from collections.abc import Sequence

from jump.base.actors import ROOT, Actor, require
from jump.base.refusals import NotFound
from jump.base.scopes import ScopeNode
from jump.engines.parties import api as parties

PUBLIC_KINDS = ("programme", "region", "country", "project")


def may_read(actor: Actor) -> None:
    """Values are aggregates: whoever reads results somewhere reads them of every place, small ones hidden."""
    require(actor, "results.read")


def sees_all(actor: Actor, scope: str, dimension: str = "") -> bool:
    """Whether this actor sees single people at the place, and so also figures about fewer than five.

    Of a split by something sensitive, such as belonging to a tribal people, that is class P3: no role sees it by place.
    """
    data_class = "P3" if dimension in parties.SENSITIVE_FLAGS else "P2"
    return any(scope.startswith(path) or path == ROOT for path in actor.paths_viewing(data_class))


def place_of(actor: Actor, scope: str) -> ScopeNode:
    """The node of a place; "" is the programme. A place below a community is for those who see its people."""
    if scope:
        found = ScopeNode.objects.filter(path=scope).first()
    else:
        found = root_among(actor, list(ScopeNode.objects.filter(kind="programme").order_by("path")))
    if found is None:
        raise NotFound(ref=scope or "programme")
    return place_seen(actor, found)


def place_seen(actor: Actor, place: ScopeNode) -> ScopeNode:
    """The place, if this reader may see its figures; otherwise it is not found."""
    if place.kind not in PUBLIC_KINDS and not sees_all(actor, place.path):
        raise NotFound(ref=place.path)
    return place


def root_among(actor: Actor, roots: Sequence[ScopeNode]) -> ScopeNode | None:
    """Of the programmes, by path, the one that the actor works in, else the first."""
    reach = [grant.path for grant in actor.grants if grant.path]
    found = next((root for root in roots if any(path.startswith(root.path) for path in reach)), None)
    return found or next(iter(roots), None)
