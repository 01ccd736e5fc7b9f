"""Keeping form versions, and finding the one that is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jump.base import clock
from jump.base.refusals import Refusal
from jump.engines.evidence.definitions.xlsform import Converted
from jump.engines.evidence.models import Form, FormVersion


class UnknownForm(Refusal):
    """No installed package has this form in this version."""

    code = "evidence.unknown_form"
    http_status = 404
    message = _("There is no form %(form)s.")
    what_to_do = _("Check the name, or load its package with `jump load`.")


_kept: dict[tuple[Any, ...], FormVersion] = {}
KEPT_MAX = 500


def keep_form(
    *, form_id: str, package: str, version: str, settings: Mapping[str, Any], converted: Converted
) -> FormVersion:
    """Keep a form of a package version. Called while the package is installed, in its transaction."""
    form, _made = Form.objects.get_or_create(form_id=form_id)
    return FormVersion.objects.create(
        form=form,
        version=version,
        title=settings.get("title") or {"en": converted.title},
        xform=converted.xform,
        schema=converted.schema,
        settings=dict(settings),
        digest=converted.digest,
        installed_at=clock.now(),
    )


def form_version(form_id: str, version: str | None = None) -> FormVersion:
    """The version of a form: the latest unless one is named. A short id is enough where only one package has it.

    A form version never changes, so it is remembered in this process. Raises UnknownForm.
    """
    rows = FormVersion.objects.filter(form__form_id=form_id)
    if "." not in form_id:
        rows = FormVersion.objects.filter(form__form_id__endswith=f".{form_id}")
    if version is not None:
        rows = rows.filter(version=version)
    found = rows.order_by("-installed_at", "-pk").values_list("pk", "ref", "installed_at").first()
    if found is None:
        raise UnknownForm(form=form_id)
    return _whole(found)


def versions_of(rows: QuerySet[FormVersion]) -> dict[int, FormVersion]:
    """Form versions by their row, each read once in this process."""
    return {found[0]: _whole(found) for found in rows.values_list("pk", "ref", "installed_at")}


def _whole(key: tuple[Any, ...]) -> FormVersion:
    held = _kept.get(key)
    if held is None:
        held = FormVersion.objects.select_related("form").defer("xform").get(pk=key[0])
        if len(_kept) >= KEPT_MAX:
            _kept.clear()
        _kept[key] = held
    return held
