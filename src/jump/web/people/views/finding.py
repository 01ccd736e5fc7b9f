"""Finding people, groups and everything else that has a name or a number."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jump.base import duties, search
from jump.base.actors import Actor
from jump.core.units import BadRef, Ref
from jump.web.access import actor_of, signed_in
from jump.web.links import address_of, page_of

HITS_MAX = 60
NEAR_ENOUGH = 0.6
KINDS: dict[str, tuple[Any, str]] = {
    "per": (gettext_lazy("People"), "people:person"),
    "grp": (gettext_lazy("Groups and enterprises"), "people:group"),
    "org": (gettext_lazy("Organisations"), "people:organisation"),
    "plc": (gettext_lazy("Places"), "communities:detail"),
    "cas": (gettext_lazy("Cases"), "cases:case"),
}


@signed_in
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What begins with these words; a number leads straight to its page; else the nearest name."""
    actor = actor_of(request)
    q = request.GET.get("q", "").strip()
    if found := _by_number(actor, q):
        return redirect(found)
    hits = search.find(actor, q, limit=HITS_MAX) if q else []
    page: dict[str, Any] = {"q": q, "total": len(hits), "groups": _grouped(hits), "is_full": len(hits) == HITS_MAX}
    if q and not hits:
        near = nearest(actor, q)
        page["near"] = near[0] if near else None
        page["near_url"] = url_of(near[0]) if near else ""
    return render(request, "people/search.html", page)


def _by_number(actor: Actor, q: str) -> str:
    """The page of a reference, if this is one that the reader may see."""
    try:
        ref = Ref.parse(q)
    except BadRef:
        return ""
    found = duties.describe(actor, ref)
    return (page_of(found) or address_of("trace:ref", [ref])) if found else ""


def _grouped(hits: list[search.Found]) -> list[dict[str, Any]]:
    """Hits by what they are, people first."""
    order = [*KINDS, *sorted({hit.kind for hit in hits} - set(KINDS))]
    return [
        {
            "title": KINDS[kind][0] if kind in KINDS else _("Other records"),
            "rows": [{"hit": hit, "url": url_of(hit)} for hit in hits if hit.kind == kind],
        }
        for kind in order
        if any(hit.kind == kind for hit in hits)
    ]


def url_of(hit: search.Found) -> str:
    route = KINDS.get(hit.kind, ("", ""))[1]
    return address_of(route, [hit.ref]) or address_of("trace:ref", [hit.ref])


def nearest(actor: Actor, q: str, *, kinds: tuple[str, ...] = (), limit: int = 5) -> list[search.Found]:
    """Names that look like this one, the most alike first: a slip of the keys, another spelling, a part of the name."""
    pool: dict[str, search.Found] = {}
    for word in search.tokens_of(q)[:3]:
        for beginning in dict.fromkeys((word, word[:4], word[:2])):
            if len(beginning) >= 2:
                pool |= {hit.ref: hit for hit in search.find(actor, beginning, kinds=kinds, limit=HITS_MAX)}
    asked = " ".join(search.tokens_of(q))

    def likeness(hit: search.Found) -> float:
        return SequenceMatcher(None, asked, " ".join(search.tokens_of(hit.title))).ratio()

    ranked = sorted(((likeness(hit), hit.title, hit) for hit in pool.values()), key=lambda row: (-row[0], row[1]))
    return [hit for score, _title, hit in ranked if score >= NEAR_ENOUGH][:limit]
