"""Sign-in: by invitation only, in the words of the design."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not annotated
    """Nobody signs up by themselves: a coordinator gives a role at a place."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Name and password do not fit together. Check both."),
        "username_password_mismatch": _("Name and password do not fit together. Check both."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No notices about signing in and out: the page shows it."""


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is not annotated
    """Name and password, labels instead of placeholders; "stay signed in" is left to the length of the session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or mail address")
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields.pop("remember", None)
        for name, hint in (("login", "username"), ("password", "current-password")):
            attrs = self.fields[name].widget.attrs
            attrs.pop("placeholder", None)
            attrs["autocomplete"] = hint
            self.fields[name].error_messages["required"] = _("This is needed")
