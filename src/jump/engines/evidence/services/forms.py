"""Forms that a coordinator uploads: drawn up, looked at, published as a version that never changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from jump.base import audit, clock, files
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence import queries
from jump.engines.evidence.definitions import comparing, xlsform
from jump.engines.evidence.definitions.kept import keep_draft, keep_media, latest_of, missing_of
from jump.engines.evidence.models import Form, FormDraft, FormMedia, FormVersion, Submission
from jump.engines.evidence.services.form_refusals import (
    FormIdTaken,
    FormLosesAnswers,
    FormMediaMissing,
    FormRefused,
    FormVersionTaken,
)
from jump.engines.evidence.types import FormDraftView, FormView, ReviewPolicy

OWN = "own"  # uploaded forms are `own.household_survey`; no package may be called so
VERSION_MAX = 20
SHEET_TYPES = frozenset({"application/zip", "application/vnd.ms-excel", "text/plain"})
SHOWN = 5


def draft_form(
    actor: Actor,
    *,
    scope: str,
    content: bytes,
    name: str,
    media: Mapping[str, bytes] | None = None,
    data_class: str = "P1",
    review: ReviewPolicy = ReviewPolicy.ALL,
    sample_percent: int | None = None,
) -> FormDraftView:
    """Read an XLSForm and keep it as a draft; the next upload of the same form takes its place.

    The form's id is its form_id under `own.`; its version is that of the sheet settings, else the next number. Files
    beside the form (`media`, by name) that are not sent again are taken from the draft or version before. Refuses, with
    every problem and keeping nothing, a form that cannot be used (FormRefused); the id of a form that lives elsewhere;
    a version that is published.
    """
    require(actor, "evidence.forms", scope)
    try:
        converted = xlsform.convert(content)
    except xlsform.FormBroken as error:
        raise FormRefused(name, error.problems) from error
    settings: dict[str, Any] = {"data_class": data_class, "review": str(review)}
    if sample_percent is not None:
        settings["sample_percent"] = sample_percent
    form_id = form_id_of(converted, name)
    with write_transaction():
        form = Form.objects.filter(form_id=form_id).select_related("home").first()
        present = FormDraft.objects.filter(form_id=form_id).select_related("scope").first()
        home = form.home if form is not None else (present.scope if present is not None else None)
        if (home is not None and home.path != scope) or (form is not None and form.home is None):
            raise FormIdTaken(form=form_id)
        version = _version_of(form, converted)
        kept = files.store(actor, BytesIO(content), name=name, max_bytes=xlsform.BYTES_MAX, allowed=SHEET_TYPES)
        row, _made = FormDraft.objects.update_or_create(
            form_id=form_id,
            defaults={
                "scope_id": node_id(scope),
                "version": version,
                "title": converted.titles,
                "xform": converted.xform,
                "schema": converted.schema,
                "settings": settings,
                "digest": converted.digest,
                "warnings": [one.as_row() for one in converted.warnings],
                "file_ref": kept.ref,
                "file_name": name[:200],
                "by_key": actor.key,
                "by_title": actor.name,
                "at": clock.now(),
            },
        )
        if converted.itemsets:
            media = {**(media or {}), xlsform.ITEMSETS: converted.itemsets.encode()}
        _keep_beside(actor, row, media or {})
        _take_over(row, form)
        audit.record(actor, "evidence.draft_form", row.ref, facts={"form": form_id, "version": version})
    return queries.form_draft(actor, Ref(row.ref))


def add_media(actor: Actor, *, ref: Ref, media: Mapping[str, bytes]) -> FormDraftView:
    """Put files beside a draft; a file of the same name takes the place of the one before."""
    with write_transaction():
        row = _draft(actor, ref)
        _keep_beside(actor, row, media)
    return queries.form_draft(actor, ref)


def drop_draft(actor: Actor, *, ref: Ref) -> None:
    """Throw a draft away; what is published stays."""
    with write_transaction():
        row = _draft(actor, ref)
        audit.record(actor, "evidence.drop_draft", row.ref, facts={"form": row.form_id})
        row.delete()


def publish_form(actor: Actor, *, ref: Ref, agreed: bool = False) -> FormView:
    """Publish a draft as a version that never changes.

    Refuses while a table that the form looks into is missing, and, unless `agreed`, while filled forms have answers to
    questions that the new version drops, retypes or offers fewer choices for.
    """
    with write_transaction():
        row = _draft(actor, ref)
        tables, _pictures = missing_of(row.schema, {one.name for one in row.media.all()})
        if tables:
            raise FormMediaMissing(names=", ".join(tables))
        form, _made = Form.objects.get_or_create(form_id=row.form_id, defaults={"home_id": row.scope_id})
        if FormVersion.objects.filter(form=form, version=row.version).exists():
            raise FormVersionTaken(form=row.form_id, version=row.version)
        latest = latest_of(form)
        if latest is not None and not agreed:
            lost = comparing.compare(latest.schema, row.schema).lost
            count = Submission.objects.filter(form_version__form=form).count() if lost else 0
            if count:
                raise FormLosesAnswers(count=count, questions=", ".join(one.path for one in lost[:SHOWN]))
        held = keep_draft(form, row, by=actor.key)
        audit.record(actor, "evidence.publish_form", held.ref, facts={"form": row.form_id, "version": row.version})
        row.delete()
    return queries.form(form.form_id, held.version)


# Parts -----------------------------------------------------------------------------------------------


def form_id_of(converted: xlsform.Converted, name: str) -> str:
    """The id of an uploaded form: its form_id, where it has one of its own, else its file's name."""
    stated = str(converted.schema.get("form_id") or "")
    if stated in ("", "data"):
        stated = name.rpartition(".")[0] or name
    return f"{OWN}.{re.sub(r'[^a-z0-9_-]+', '_', stated.lower()).strip('_')[:90] or 'form'}"


def _version_of(form: Form | None, converted: xlsform.Converted) -> str:
    held = list(form.versions.values_list("version", "digest")) if form is not None else []
    stated = str(converted.schema.get("form_version") or "").strip()[:VERSION_MAX]
    if not stated:
        taken = {version for version, _digest in held}
        return next(str(number) for number in range(1, len(held) + 2) if str(number) not in taken)
    if any(version == stated for version, _digest in held):
        raise FormVersionTaken(form=form.form_id if form is not None else "", version=stated)
    return stated


def _draft(actor: Actor, ref: Ref) -> FormDraft:
    rows = FormDraft.objects.visible_to(actor).locked().select_related("scope").filter(ref=ref)
    row: FormDraft | None = rows.first()
    if row is None:
        raise NotFound(ref=ref)
    require(actor, "evidence.forms", row.scope.path)
    return row


def _keep_beside(actor: Actor, row: FormDraft, media: Mapping[str, bytes]) -> None:
    row.media.filter(name__in=list(media)).delete()
    for name, content in media.items():
        keep_media(actor, name, content, draft=row)


def _take_over(row: FormDraft, form: Form | None) -> None:
    """Files that the form still needs are taken from its latest version."""
    latest = latest_of(form) if form is not None else None
    if latest is None:
        return
    here = set(row.media.values_list("name", flat=True))
    for one in FormMedia.objects.filter(version=latest, name__in=row.schema["media"]).exclude(name__in=here):
        one.pk, one.version, one.draft = None, None, row
        one.save(force_insert=True)
