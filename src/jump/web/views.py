"""The frame's own pages: language, help, accessibility, privacy, one's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jump.base import tokens
from jump.base.actors import ROLES, can
from jump.web.acting import act_page
from jump.web.context import address, setup_of
from jump.web.forms import PageForm, saved


class TokenForm(PageForm):
    """What a token is for."""

    label = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=100,
        help_text=gettext_lazy("For example: Excel in the office."),
    )


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Change the language of the pages and go back to where the reader was. Changes nothing but a cookie."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    to = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    answer = HttpResponseRedirect(to if safe else "/")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=True,
    )
    return answer


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "frame/help.html", {"tasks_url": address("tasks:list")})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "frame/accessibility.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "frame/privacy.html")


@login_required
@require_safe
def setup(request: HttpRequest) -> HttpResponse:
    """What the reader may set up for others."""
    return render(request, "frame/setup.html", {"rows": setup_of(request.actor)})  # type: ignore[attr-defined]


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Who the reader is here, with the ways to protect the account and to leave."""
    actor = request.actor  # type: ignore[attr-defined]
    roles = [(ROLES[grant.role].title, grant.path.strip("/").replace("/", " / ")) for grant in actor.grants]
    page = {"roles": roles, "in_the_field": can(actor, "evidence.submit")}
    return render(request, "frame/account.html", page)


@login_required
@never_cache
@reauthentication_required  # the password again, where it was asked for more than a few minutes ago
def tokens_page(request: HttpRequest) -> HttpResponse:
    """The tokens by which programs act for the reader, and a form for one more. A new one is on the answer alone."""
    user = cast(User, request.user)

    def do(given: dict[str, Any]) -> HttpResponse:
        token, held = tokens.make_token(user, label=given["label"])
        return render(request, "frame/token.html", {"token": token, "held": held})

    page = {"held": tokens.tokens_of(user), "days": tokens.LIFE.days}
    return act_page(request, TokenForm(request.POST or None), do=do, page=page, template="frame/tokens.html")


@login_required
@require_POST
def end_token(request: HttpRequest, number: int) -> HttpResponse:
    """End one of the reader's own tokens."""
    tokens.end_token(cast(User, request.user), token_id=number)
    saved(request, _("The token opens nothing any more."))
    return redirect("tokens")


@login_required
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a right: a task for the coordinator of the place, due in a week. Asking twice makes one task."""
    from jump.base import clock
    from jump.base.actors import RIGHTS, system_actor
    from jump.engines.cases import api as cases

    actor = request.actor  # type: ignore[attr-defined]
    right, scope = request.POST.get("right", ""), request.POST.get("scope", "")
    page = request.POST.get("page", "")[:200]
    today = clock.today()
    cases.add_task(
        system_actor("request for a right"),
        title=_("%(name)s asks for a right: %(what)s")
        % {"name": actor.name, "what": right if right in RIGHTS else page},
        about=actor.party_ref,
        owner_role="national_coordinator" if scope.strip("/").count("/") > 1 else "programme_coordinator",
        scope=scope or (actor.grants[0].path if actor.grants else ""),
        due_on=today + timedelta(days=7),
        key=f"ask:{actor.key}:{right}:{scope}:{page}:{today.isoformat()}",
    )
    saved(request, _("You have asked. The coordinator will find it among their tasks."))
    return redirect("/")
