"""What every page shows around its content: programme, navigation, tasks waiting, as-of, languages.

At most seven queries of its own: two for the programme, one for the communities chosen, and one for the tasks with up
to three for the names in them. The programme line and the number of tasks are kept for a minute per actor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_bidi, get_language_info, ngettext
from django.utils.translation import gettext_lazy as _

from jump.base import clock, packages
from jump.base.actors import ANONYMOUS, Actor, can
from jump.base.duties import Due
from jump.base.i18n import text
from jump.base.packages import UnknownDefinition
from jump.base.refusals import NotFound

if TYPE_CHECKING:
    from jump.engines.parties.api import ProgrammeBrief

KEPT_SECONDS = 60
CHOSEN = "communities_selected"  # the indicator by which a programme's package counts the communities it chose


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the navigation: shown where its page exists and the actor holds one of the rights or roles."""

    key: str
    title: Any  # a lazy translation, which has no public type
    route: str
    rights: tuple[str, ...] = ()
    signed_in: bool = True
    detail: Any = ""
    icon: str = ""
    roles: Callable[[], frozenset[str]] = frozenset

    def may(self, actor: Actor) -> bool:
        if not self.signed_in:
            return True
        if actor.user_id is None:
            return False
        roles = self.roles()
        is_for_all = not self.rights and not roles
        return is_for_all or any(can(actor, right) for right in self.rights) or bool(actor.roles & roles)


def opening_roles() -> frozenset[str]:
    """The roles that open rounds of some kind, as the packages declare it: credit committees are the fund manager's."""
    return frozenset(str(one.data.get("opens_by") or "") for one in packages.definitions("rounds"))


def visiting_roles() -> frozenset[str]:
    """Who goes to see communities and groups, and so has a week of visits."""
    return frozenset({"extension_worker"})


NAVIGATION = (
    Item("home", _("Home"), "home", signed_in=False),
    Item("tasks", _("My tasks"), "tasks:list"),
    Item("communities", _("Communities"), "communities:list", ("cases.work", "cases.open", "results.read")),
    Item("people", _("People and groups"), "people:list", ("parties.write", "evidence.submit", "jobs.verify")),
    Item(
        "decisions",
        _("Proposals"),
        "decisions:rounds",
        ("decisions.open", "decisions.score", "decisions.decide"),
        roles=opening_roles,
    ),
    Item("money", _("Loan funds"), "money:funds", ("finance.read",)),
    Item("week", _("My week"), "workers:mine", roles=visiting_roles),
    Item("training", _("Training"), "training:list", ("cases.work",)),
    Item("workers", _("Workers"), "workers:list", ("evidence.review",)),
    Item("jobs", _("Jobs"), "jobs:list", ("jobs.claim", "jobs.verify")),
    Item("results", _("Results"), "results:table", ("results.read",)),
    Item("reports", _("Reports"), "reports:list", ("reports.read",)),
    Item("library", _("Library"), "library:list", signed_in=False),
)
SETUP = (
    Item(
        "questionnaires",
        _("Forms"),
        "questionnaires:list",
        ("evidence.forms",),
        detail=_("What is asked in the field: upload a form, compare its versions, publish it."),
        icon="paper",
    ),
    Item(
        "devices",
        _("Devices"),
        "devices:list",
        ("evidence.review",),
        detail=_("Phones with ODK Collect, each for one place. A lost phone is revoked here."),
        icon="map",
    ),
    Item(
        "packages",
        _("Packages"),
        "packages:list",
        ("base.packages",),
        detail=_("The programmes installed here: their methods, procedures, indicators and texts."),
        icon="copy",
    ),
    Item(
        "users",
        _("Users"),
        "users:list",
        ("base.users",),
        detail=_("Who may sign in, and which role each holds where."),
        icon="people",
    ),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The names that `base.html` uses. Lazy, so that a page without the frame pays nothing."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    return {
        "actor": actor,
        "nav_items": SimpleLazyObject(lambda: navigation(actor)),
        "tasks_waiting": SimpleLazyObject(lambda: tasks_waiting(actor)),
        "programme_line": SimpleLazyObject(lambda: programme_line(actor)),
        "frame_as_of": SimpleLazyObject(as_of),
        "sample_data": SimpleLazyObject(lambda: clock.pinned() is not None),
        "page_language": get_language() or "en",
        "page_direction": "rtl" if get_language_bidi() else "ltr",
        "languages": SimpleLazyObject(lambda: other_languages(request)),
        "search_url": SimpleLazyObject(lambda: address("people:search") or address("search")),
        "words_kept": SimpleLazyObject(lambda: bool(request.get_signed_cookie("jump_kept", "", salt="jump_kept"))),
        "trace_url": SimpleLazyObject(lambda: address("trace:about") or address("trace:start")),
    }


def navigation(actor: Actor) -> list[dict[str, Any]]:
    """The pages this actor may go to, in the order of the design."""
    items = []
    for item in NAVIGATION:
        if item.may(actor) and (url := address(item.route)):
            items.append({"key": item.key, "sections": (item.key,), "title": item.title, "url": url})
    if setup := setup_of(actor):
        sections = ("setup", *(item.key for item, _url in setup))
        items.append({"key": "setup", "sections": sections, "title": _("Set-up"), "url": address("setup")})
    return items


def setup_of(actor: Actor) -> list[tuple[Item, str]]:
    """What this actor may set up, each with its address."""
    return [(item, url) for item in SETUP if item.may(actor) and (url := address(item.route))]


def address(route: str) -> str:
    """The address of a named page, or nothing where that page does not exist (yet)."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def tasks_waiting(actor: Actor) -> int:
    """How many things wait for this actor; counted at most once a minute."""
    if actor.user_id is None:
        return 0

    return len(waiting_for(actor))


def waiting_for(actor: Actor) -> list[Due]:
    """What waits for this actor, worst first; asked of the engines at most once a minute."""

    def ask() -> list[Due]:
        from jump.base import duties

        return duties.due(actor, clock.today())

    return list(kept(_tasks_key(actor, get_language()), ask))


def forget_tasks(actor: Actor) -> None:
    """Count again at the next page: something was just done."""
    cache.delete_many([_tasks_key(actor, code) for code, _name in settings.LANGUAGES])


def _tasks_key(actor: Actor, language: str | None) -> str:
    return f"web.tasks.{language}.{actor.key}"


def programme_of(actor: Actor) -> ProgrammeBrief:
    """The programme that this actor works in, with how many places it has. Raises NotFound."""
    from jump.engines.parties import api as parties

    found: ProgrammeBrief = kept(f"web.brief.{get_language()}.{actor.key}", lambda: parties.programme_brief(actor))
    return found


def chosen_figure(programme: ProgrammeBrief) -> str:
    """The indicator by which the programme's own package counts the communities it chose."""
    return f"{programme.definition.partition('.')[0]}.{CHOSEN}"


def programme_line(actor: Actor) -> dict[str, str]:
    """Name of the programme, how many countries it has, and how many communities were chosen in them.

    A community that only wrote a letter, stands in reserve or was declined is not counted. A programme whose package
    has no figure for it tells how many communities it knows.
    """

    def read() -> dict[str, str]:
        from jump.engines.results import api as results

        try:
            seen = programme_of(actor)
        except NotFound:  # Nothing is declared yet, or none that this actor may see.
            return {"title": "", "size": ""}
        countries, known = len(seen.countries), sum(seen.communities.values())
        chosen = results.whole_value(actor, indicator=chosen_figure(seen), scope=seen.scope)
        size = " · ".join(
            (
                ngettext("%(n)s country", "%(n)s countries", countries) % {"n": countries},
                ngettext("%(n)s community", "%(n)s communities", known) % {"n": known}
                if chosen is None
                else ngettext("%(n)s community chosen", "%(n)s communities chosen", int(chosen)) % {"n": int(chosen)},
            )
        )
        try:  # the package's own short title; the document's full one is for reports
            title = text(packages.definition("programme", seen.definition).data["title"])
        except UnknownDefinition:
            title = str(seen.title)
        return {"title": title, "size": size}

    return dict(kept(f"web.programme.{get_language()}.{actor.key}", read))


def as_of() -> Any:
    """The day the figures stand for: the pinned day, else now."""
    return clock.pinned() or clock.now()


def other_languages(request: HttpRequest) -> list[dict[str, str]]:
    """Every language in itself, with the address that changes to it."""
    current = get_language()
    return [
        {"code": code, "name": str(get_language_info(code)["name_local"]).capitalize(), "on": str(code == current)}
        for code, _name in settings.LANGUAGES
    ]


def kept(key: str, make: Callable[[], Any]) -> Any:
    """A value kept for a minute in this process."""
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, KEPT_SECONDS)
    return found
