"""What is asked of who adds a user or gives a role."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jump.base import users
from jump.base.actors import ROLES, Actor
from jump.web.cases import words
from jump.web.forms import PageForm


def role_choices() -> list[tuple[str, str]]:
    """The roles that are given, in the words of the pages."""
    known = [(code, words.role(code)) for code in ROLES if code not in users.NOT_GIVEN]
    return [("", "–"), *((code, f"{title[:1].upper()}{title[1:]}") for code, title in known)]


def place_choices(actor: Actor) -> list[tuple[str, str]]:
    """The places, each set in under the one that holds it."""
    return [("", "–"), *((one.path, "\u2003" * one.depth + one.title) for one in users.role_places(actor))]


class RoleForm(PageForm):
    """Which role, and where it holds."""

    role = forms.ChoiceField(label=_("Role"))
    path = forms.ChoiceField(
        label=_("Place"), help_text=_("The role holds there and at every place inside it."), widget=forms.Select
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]
        self.fields["path"].choices = place_choices(actor)  # type: ignore[attr-defined]


class UserForm(RoleForm):
    """Who signs in, and the first role."""

    first_name = forms.CharField(label=_("Given name"), max_length=150)
    last_name = forms.CharField(label=_("Family name"), max_length=150)
    username = forms.CharField(label=_("User name"), max_length=150, help_text=_("What is typed at the sign-in."))
    password = forms.CharField(
        label=_("First password"),
        max_length=128,
        help_text=_("Ten letters or more. Tell it in person; it can be changed after the first sign-in."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("first_name", "last_name", "username", "password", "role", "path")
