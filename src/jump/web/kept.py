"""Nothing typed is lost: a form that arrives after the sign-in ran out is kept and can be sent after signing in again.

Only words of a browser in which somebody was signed in before are kept (a signed cookie says who), so a stranger
cannot fill the table; only that person sees them again; and they are sent only when that person presses the button.
They are kept for a week.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jump.base import clock
from jump.base.db import write_transaction
from jump.web.forms import all_fields
from jump.web.models import KeptFile, KeptText

DAYS = 7
FILES_BYTES_MAX = 10_000_000
PER_WRITER_MAX = 20
KEPT_COOKIE = "jump_kept"
WRITER_COOKIE = "jump_writer"
WRITER_DAYS = 60
# Never kept: what a person types to sign in.
_SECRET = ("password", "otp", "code", "secret", "pin")


def writer_of(request: HttpRequest) -> int | None:
    """Who was last signed in with this browser, by a cookie we signed."""
    found = request.get_signed_cookie(WRITER_COOKIE, default="", salt=WRITER_COOKIE, max_age=WRITER_DAYS * 86400)
    return int(found) if found and found.isdigit() else None


def remember_writer(request: HttpRequest, response: HttpResponseBase) -> None:
    """Note in the browser who is signed in, so that later words can be given back to the right person."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or writer_of(request) == user.pk:
        return
    response.set_signed_cookie(
        WRITER_COOKIE,
        str(user.pk),
        salt=WRITER_COOKIE,
        max_age=WRITER_DAYS * 86400,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def keep(request: HttpRequest) -> KeptText | None:
    """Keep what this request brought; None where nobody it could be given back to is known."""
    writer = request.user.pk if request.user.is_authenticated else writer_of(request)
    if writer is None or not request.POST:
        return None
    typed = all_fields(request.POST)
    fields = {name: values for name, values in typed.lists() if not any(word in name.lower() for word in _SECRET)}
    files = [(name, file) for name, several in request.FILES.lists() for file in several]
    fits = sum(file.size or 0 for _name, file in files) <= FILES_BYTES_MAX
    with write_transaction():
        from django.contrib.auth import get_user_model

        if not get_user_model().objects.filter(pk=writer, is_active=True).exists():
            return None
        KeptText.objects.filter(kept_at__lt=clock.now() - timedelta(days=DAYS)).delete()
        stale = KeptText.objects.filter(writer_id=writer).order_by("-kept_at", "-pk")[PER_WRITER_MAX - 1 :]
        KeptText.objects.filter(pk__in=[row.pk for row in stale]).delete()
        kept = KeptText.objects.create(
            token=secrets.token_urlsafe(32),
            writer_id=writer,
            path=request.get_full_path()[:2000],
            fields=fields,
            dropped_files=[] if fits else [file.name for _name, file in files],
            kept_at=clock.now(),
        )
        if fits:
            KeptFile.objects.bulk_create(_row(kept, name, file) for name, file in files)
    return kept


def _row(kept: KeptText, field: str, file: Any) -> KeptFile:  # an uploaded file; its class is generic only in the stubs
    file.seek(0)
    return KeptFile(
        kept=kept,
        field=field,
        name=(file.name or "file")[:255],
        content_type=(file.content_type or "")[:200],
        content=file.read(),
    )


def mark(request: HttpRequest, response: HttpResponse, kept: KeptText) -> None:
    """Give the browser the key to what was kept."""
    response.set_signed_cookie(
        KEPT_COOKIE,
        kept.token,
        salt=KEPT_COOKIE,
        max_age=DAYS * 86400,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def token_of(request: HttpRequest) -> str:
    """The key to kept words that this browser holds, or nothing."""
    return request.get_signed_cookie(KEPT_COOKIE, default="", salt=KEPT_COOKIE, max_age=DAYS * 86400) or ""


def kept_for(request: HttpRequest) -> KeptText | None:
    """The words kept for the one who is signed in now, in this browser."""
    token = token_of(request)
    if not token or not request.user.is_authenticated:
        return None
    return KeptText.objects.filter(token=token, writer_id=request.user.pk).first()


def give_back_files(request: HttpRequest, kept: KeptText) -> None:
    """Put kept files back into a request that sends kept words, since a page cannot fill a file field."""
    files: MultiValueDict[str, Any] = MultiValueDict(dict(request.FILES.lists()))
    for row in kept.files.all():
        if row.field not in request.FILES:
            files.appendlist(
                row.field,
                SimpleUploadedFile(row.name, bytes(row.content), row.content_type or "application/octet-stream"),
            )
    request._files = files  # type: ignore[attr-defined]  # Django keeps what it has parsed under this name


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Where a request goes whose sign-in ran out; htmx is told to load the whole page."""
    address = f"{reverse('account_login')}?next={reverse('kept')}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


@login_required
@require_safe
def kept_page(request: HttpRequest) -> HttpResponse:
    """What was typed, with one button that sends it to where it was going."""
    kept = kept_for(request)
    if kept is None:
        return render(request, "states/nothing_kept.html")
    page = {
        "kept": kept,
        "files": kept.files.all(),
        "typed": [(label(name), value) for name, values in kept.fields.items() for value in values if value],
        "hidden": [(name, value) for name, values in kept.fields.items() for value in values],
    }
    return render(request, "states/kept.html", page)


@login_required
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Throw kept words away, because their writer says so."""
    kept = kept_for(request)
    if kept is not None:
        forget(kept)
    answer = redirect("/")
    answer.delete_cookie(KEPT_COOKIE)
    return answer


def forget(kept: KeptText) -> None:
    """The words have arrived, or are not wanted."""
    with write_transaction():
        kept.delete()


def label(name: str) -> str:
    """A field's name as words, where only its name is known."""
    words = name.removesuffix("_minor").rsplit("-", 1)[-1].replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else _("Words")
