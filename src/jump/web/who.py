"""Names of those who acted: rows keep "user:12", people read "Liza Reyes"."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """What to call each of these actors. One query, none where nobody is a user."""
    wanted = {key for key in keys if key}
    called = {key: _("the programme itself") if key.startswith("system:") else key for key in wanted}
    ids = {int(key[5:]): key for key in wanted if key.startswith("user:") and key[5:].isdigit()}
    if ids:
        users = get_user_model()._default_manager.filter(pk__in=ids)
        for user in users:
            called[ids[user.pk]] = user.get_full_name() or user.get_username()
        called.update({key: _("a former colleague") for key in ids.values() if called[key] == key})
    return called
