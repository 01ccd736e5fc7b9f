"""Users: a list with their roles, adding one, giving a role and ending it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jump.base import users
from jump.web.access import actor_of, needs
from jump.web.acting import act_page
from jump.web.cases import words
from jump.web.forms import saved
from jump.web.paging import offset_of, page_of_list
from jump.web.users.forms import RoleForm, UserForm

RIGHT = users.RIGHT


@require_safe
@needs(RIGHT)
def listing(request: HttpRequest) -> HttpResponse:
    """Everybody who may sign in, with the roles held today; found by name."""
    actor, q = actor_of(request), request.GET.get("q", "").strip()
    total = users.count_users(actor, q=q)
    page = page_of_list(request, total)
    rows = users.users(actor, q=q, offset=offset_of(page))
    shown = [{"one": one, "roles": [_words(held) for held in one.roles]} for one in rows]
    return render(request, "users/list.html", {"rows": shown, "page": page, "total": total, "q": q})


def _words(held: users.HeldRole) -> dict[str, Any]:
    title = words.role(held.role)
    return {"held": held, "title": f"{title[:1].upper()}{title[1:]}", "place": held.place}


@needs(RIGHT)
def add(request: HttpRequest) -> HttpResponse:
    """Let somebody sign in."""
    actor = actor_of(request)

    def do(given: dict[str, Any]) -> HttpResponse:
        made = users.add_user(actor, **given)
        saved(request, _("%(name)s can sign in now.") % {"name": users.user(actor, made).name})
        return redirect("users:user", made)

    page = {
        "heading": _("Who shall be able to sign in?"),
        "sub": _("Every user has a role at a place. More roles can be given afterwards."),
        "send": _("Add the user"),
        "back": reverse("users:list"),
        "crumbs": [{"label": _("Users"), "url": reverse("users:list")}],
        "section": "users",
    }
    return act_page(request, UserForm(request.POST or None, actor=actor), do=do, page=page)


@needs(RIGHT)
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One user: the roles held, and a form for one more."""
    actor = actor_of(request)
    one = users.user(actor, number)

    def do(given: dict[str, Any]) -> HttpResponse:
        users.give_role(actor, user_id=number, **given)
        saved(request, _("The role is given from today on."))
        return redirect("users:user", number)

    page = {"user": one, "roles": [_words(held) for held in one.roles], "own": actor.user_id == number}
    return act_page(request, RoleForm(request.POST or None, actor=actor), do=do, page=page, template="users/user.html")


@require_POST
@needs(RIGHT)
def end(request: HttpRequest, number: int, held: int) -> HttpResponse:
    """End a role."""
    users.end_role(actor_of(request), held_id=held)
    saved(request, _("The role has ended. What was done in it stays."))
    return redirect("users:user", number)
