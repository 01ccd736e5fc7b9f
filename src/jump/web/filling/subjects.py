"""What a form is filled about, from the address of the page: `?about=` a community, group or person, or `?scope=`."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.http import urlencode

from jump.base.actors import can, require
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties import api as parties
from jump.web.access import actor_of
from jump.web.links import address_of
from jump.web.places import titles_of

_PAGES = {"plc": "communities:detail", "grp": "people:group", "per": "people:person"}


@dataclass(frozen=True, slots=True)
class Subject:
    """Where a form belongs and what it is about; `others` are further places where this actor may fill."""

    scope: str
    place: str
    about: Ref | None = None
    name: str = ""
    url: str = ""
    others: tuple[tuple[str, str], ...] = ()

    @property
    def query(self) -> str:
        """The same subject in another address."""
        return f"?{urlencode({'about': self.about} if self.about else {'scope': self.scope})}"

    @property
    def door(self) -> str:
        """The subject as the door for devices wants it."""
        return f"?{urlencode({'scope': self.scope, **({'about': self.about} if self.about else {})})}"


def subject_of(request: HttpRequest) -> Subject:
    """The subject that this address names; without one, the first place where this actor may send forms.

    Raises NotFound and NotAllowed.
    """
    actor = actor_of(request)
    about = request.GET.get("about", "")
    if about:
        ref = Ref(about)
        if not ref.is_well_formed:
            raise NotFound(ref=about[:40])
        found: parties.PlaceView | parties.GroupView | parties.PersonView
        if about.startswith("plc-"):
            found = parties.place(actor, ref)
        elif about.startswith("per-"):
            found = parties.person(actor, ref)
        else:
            found = parties.group(actor, ref)
        require(actor, "evidence.submit", found.scope)
        place = titles_of([found.scope]).get(found.scope, found.scope)
        return Subject(found.scope, place, ref, found.name, address_of(_PAGES.get(about[:3], ""), [about]))
    paths = actor.paths_with("evidence.submit")
    scope = request.GET.get("scope", "") or (paths[0] if paths else "")
    require(actor, "evidence.submit", scope)
    if not can(actor, "evidence.submit", scope) or not scope:
        raise NotFound(ref=scope[:40])
    titles = titles_of([scope, *paths])
    if scope not in titles:
        raise NotFound(ref=scope[:40])
    others = tuple((path, titles[path]) for path in paths if path != scope and path in titles)
    return Subject(scope, titles[scope], others=others)
