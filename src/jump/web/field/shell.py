"""The files of the app itself and their version: what the phone keeps so that it starts without a network."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse

HERE = Path(__file__).resolve().parent.parent / "static" / "jump"
OWN = HERE / "field"


def address(name: str) -> str:
    """The address of one of the app's own files: without a hash in its name, since modules name one another."""
    return f"{settings.STATIC_URL}jump/field/{name}"


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The app's own files."""
    return tuple(
        sorted(one.name for one in OWN.iterdir() if one.suffix in {".js", ".json"} and one.name != "worker.js")
    )


@lru_cache(maxsize=1)
def files() -> tuple[str, ...]:
    """Everything that is kept for a start without a network: the page, its style, its script, its words."""
    return (reverse("field:app"), static("jump/jump.css"), static("jump/icon.svg"), *(address(one) for one in names()))


@lru_cache(maxsize=1)
def _digest() -> str:
    whole = hashlib.sha256()
    for path in (*(OWN / name for name in (*names(), "worker.js")), HERE / "jump.css", HERE / "icon.svg"):
        whole.update(path.read_bytes())
    whole.update(render_to_string("field/shell.html", page("")).encode())
    return whole.hexdigest()[:16]


def version() -> str:
    """Changes whenever one of the files does."""
    if settings.DEBUG:
        _digest.cache_clear()
    return _digest()


def page(version: str) -> dict[str, str]:
    """What the page tells its script: addresses and the version, nothing about anybody."""
    return {
        "version": version,
        "app": address("start.js"),
        "words": address("words.json"),
        "worker": reverse("field:worker"),
        "manifest": reverse("field:manifest"),
        "packet": reverse("field:packet"),
        "scope": reverse("field:app"),
        "sign_in": f"{reverse('account_login')}?next={reverse('field:app')}",
        "sign_out": reverse("account_logout"),
    }
