"""Keeping form versions, and finding the one that is meant."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jump.base import clock, files
from jump.base.actors import Actor, system_actor
from jump.base.prepared import Prepared
from jump.base.refusals import Refusal
from jump.core.units import Ref
from jump.engines.evidence.definitions import xlsform
from jump.engines.evidence.definitions.tables import Table, Tables, read_table, stem_of
from jump.engines.evidence.definitions.xlsform import Converted
from jump.engines.evidence.models import (
    Correction,
    Form,
    FormDraft,
    FormMedia,
    FormVersion,
    SentInstance,
    SheetBatch,
    Submission,
)


class UnknownForm(Refusal):
    """No installed package has this form in this version."""

    code = "evidence.unknown_form"
    http_status = 404
    message = _("There is no form %(form)s.")
    what_to_do = _("Check the name, or load its package with `jump load`.")


_kept: dict[tuple[Any, ...], FormVersion] = {}
KEPT_MAX = 500
TABLE_ENDINGS = (".csv", ".xml", ".geojson")
TABLES_KEPT_MAX = 20
_tables: dict[int, Mapping[str, Table]] = {}


MEDIA_BYTES_MAX = 20_000_000
MEDIA_KINDS = files.PHOTOS | {
    "audio/ogg",
    "audio/mpeg",
    "video/mp4",
    "text/plain",
    "image/gif",
}


def keep_form(
    *,
    form_id: str,
    package: str,
    version: str,
    settings: Mapping[str, Any],
    converted: Converted,
    media: Mapping[str, bytes] | None = None,
) -> FormVersion:
    """Keep a form of a package version. Called while the package is installed, in its transaction.

    The XForm is kept under the full id and this version, so that what a device sends names both. `media` are the files
    that lie beside the form, by name.
    """
    form, _made = Form.objects.get_or_create(form_id=form_id)
    held = FormVersion.objects.create(
        form=form,
        version=version,
        title=settings.get("title") or {"en": converted.title},
        xform=xlsform.named(converted.xform, form_id, version),
        schema=converted.schema,
        settings=dict(settings),
        digest=converted.digest,
        installed_at=clock.now(),
        warnings=[one.as_row() for one in converted.warnings],
        published_by=system_actor("packages").key,
    )
    for name, content in (media or {}).items():
        keep_media(system_actor("packages"), name, content, version=held)
    return held


def keep_draft(form: Form, draft: FormDraft, *, by: str) -> FormVersion:
    """A draft as a version of its form, with its files. Called while the draft is published, in its transaction."""
    held = FormVersion.objects.create(
        form=form,
        version=draft.version,
        title=draft.title,
        xform=xlsform.named(draft.xform, form.form_id, draft.version),
        schema=draft.schema,
        settings=draft.settings,
        digest=draft.digest,
        installed_at=clock.now(),
        warnings=draft.warnings,
        file_ref=draft.file_ref,
        published_by=by,
    )
    FormMedia.objects.filter(draft=draft).update(version=held, draft=None)
    return held


def latest_of(form: Form) -> FormVersion | None:
    """The latest version of a form."""
    return form.versions.order_by("-installed_at", "-pk").first()


def missing_of(schema: Mapping[str, Any], names: set[str]) -> tuple[list[str], list[str]]:
    """Files that a form needs and that are not among these: tables, without which it cannot be checked, and others."""
    missing = sorted(set(schema["media"]) - names)
    tables = [name for name in missing if name.lower().endswith(TABLE_ENDINGS)]
    return tables, [name for name in missing if name not in tables]


def keep_media(
    actor: Actor, name: str, content: bytes, *, version: FormVersion | None = None, draft: FormDraft | None = None
) -> FormMedia:
    """Keep a file that a form needs on the device. Raises FileTooLarge and FileType."""
    kept = files.store(actor, BytesIO(content), name=name, max_bytes=MEDIA_BYTES_MAX, allowed=MEDIA_KINDS)
    return FormMedia.objects.create(
        version=version,
        draft=draft,
        name=name,
        mime="text/csv" if kept.mime == "text/plain" and name.lower().endswith(".csv") else kept.mime,
        size=kept.size,
        sha256=kept.sha256,
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        file_ref=kept.ref,
    )


def tables_of(held: FormVersion) -> Mapping[str, Table]:
    """The tables among the files beside a form, by the id that its expressions use. Read once in this process."""
    if not any(name.lower().endswith(TABLE_ENDINGS) for name in held.schema["media"]):
        return {}
    known = _tables.get(held.pk)
    if known is None:
        rows = [row for row in held.media.all() if row.name.lower().endswith(TABLE_ENDINGS)]
        known = Tables({stem_of(row.name): _table_maker(row) for row in rows})
        if len(_tables) >= TABLES_KEPT_MAX:
            _tables.clear()
        _tables[held.pk] = known
    return known


def _table_maker(row: FormMedia) -> Callable[[], Table]:
    def make() -> Table:
        with files.opened(Ref(row.file_ref)) as content:
            return read_table(row.name, content.read())

    return make


def latest_versions(rows: QuerySet[FormVersion]) -> list[FormVersion]:
    """The latest version of each form among these rows, by form id, in two statements."""
    latest: dict[str, tuple[Any, ...]] = {}
    for form_id, *key in rows.order_by("installed_at", "pk").values_list("form__form_id", "pk", "ref", "installed_at"):
        latest[form_id] = tuple(key)
    return _all([latest[form_id] for form_id in sorted(latest)])


def _latest_key(rows: QuerySet[FormVersion]) -> QuerySet[FormVersion, tuple[Any, ...]]:
    return rows.order_by("-installed_at", "-pk").values_list("pk", "ref", "installed_at")[:1]


_LATEST = Prepared(lambda form_id: _latest_key(FormVersion.objects.filter(form__form_id=form_id)))
_NAMED = Prepared(
    lambda form_id, version: _latest_key(FormVersion.objects.filter(form__form_id=form_id, version=version))
)
_OF_ROW = Prepared(lambda pk: _latest_key(FormVersion.objects.filter(pk=pk)))


def form_version(form_id: str, version: str | None = None) -> FormVersion:
    """The version of a form: the latest unless one is named. A short id is enough where only one package has it.

    A form version never changes, so it is remembered in this process. Raises UnknownForm.
    """
    if "." not in form_id:
        rows = FormVersion.objects.filter(form__form_id__endswith=f".{form_id}")
        found = _latest_key(rows if version is None else rows.filter(version=version)).first()
    elif version is None:
        found = _LATEST.first(form_id)
    else:
        found = _NAMED.first(form_id, version)
    if found is None:
        raise UnknownForm(form=form_id)
    return _whole(found)


def version_of(row: Submission | Correction | SentInstance | SheetBatch) -> FormVersion:
    """The version that a row was filled in, remembered in this process as `form_version` is."""
    found = _OF_ROW.first(row.form_version_id)
    assert found is not None, "a row's version is never deleted"
    return _whole(found)


def versions_of(rows: QuerySet[FormVersion]) -> dict[int, FormVersion]:
    """Form versions by their row, each read once in this process."""
    return {held.pk: held for held in _all(list(rows.values_list("pk", "ref", "installed_at")))}


def _whole(key: tuple[Any, ...]) -> FormVersion:
    return _all([key])[0]


def _all(keys: Sequence[tuple[Any, ...]]) -> list[FormVersion]:
    unknown = [key for key in keys if key not in _kept]
    found = {}
    if unknown:
        rows = FormVersion.objects.select_related("form__home").defer("xform").in_bulk([key[0] for key in unknown])
        found = {key: rows[key[0]] for key in unknown}
        if len(_kept) + len(found) > KEPT_MAX:
            _kept.clear()
        _kept.update(found)
    return [found.get(key) or _kept[key] for key in keys]
