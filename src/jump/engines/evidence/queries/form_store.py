"""Reads of forms as things that are kept: drafts, versions, what one version changes against another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count

from jump.base import i18n
from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions import comparing
from jump.engines.evidence.definitions.kept import form_version, latest_of, latest_versions, missing_of
from jump.engines.evidence.definitions.xlsform import fields_of
from jump.engines.evidence.models import Form, FormDraft, FormVersion, Submission
from jump.engines.evidence.queries.forms import form_view, media_view
from jump.engines.evidence.types import FormChanges, FormDraftView, FormLine, FormProblem, FormVersionView

NO_QUESTION = frozenset({"group", "repeat", "note", "hidden", "calculate", "external"})


def form_lines(actor: Actor, language: str | None = None) -> list[FormLine]:
    """All forms in their latest version, by title; filled ones counted as far as the reader may see them.

    A fixed number of statements.
    """
    versions = dict(FormVersion.objects.values_list("form_id").annotate(Count("pk")))
    filled = Counter(
        dict(Submission.objects.visible_to(actor).values_list("form_version__form_id").annotate(Count("pk")))
    )
    lines = [
        FormLine(
            id=held.form.form_id,
            version=held.version,
            title=i18n.text(held.title, language),
            home=held.form.home.title if held.form.home is not None else "",
            is_uploaded=held.form.home is not None,
            languages=tuple(held.schema["languages"]),
            questions=questions_in(held.schema),
            versions=versions.get(held.form_id, 0),
            submissions=filled[held.form_id],
            at=held.installed_at,
        )
        for held in latest_versions(FormVersion.objects.all())
    ]
    return sorted(lines, key=lambda one: (one.title.casefold(), one.id))


def form_versions(actor: Actor, form_id: str, language: str | None = None) -> list[FormVersionView]:
    """Every version of a form, newest first; filled ones counted as far as the reader may see them."""
    held = form_version(form_id)
    rows = FormVersion.objects.filter(form=held.form_id).defer("xform").order_by("-installed_at", "-pk")
    sent = Submission.objects.visible_to(actor).filter(form_version__form=held.form_id)
    filled = Counter(dict(sent.values_list("form_version").annotate(Count("pk"))))
    return [
        FormVersionView(
            form=held.form.form_id,
            version=row.version,
            title=i18n.text(row.title, language),
            at=row.installed_at,
            by=row.published_by,
            digest=row.digest,
            questions=questions_in(row.schema),
            submissions=filled[row.pk],
            is_latest=number == 0,
            file_ref=Ref(row.file_ref) if row.file_ref else None,
            warnings=_problems(row.warnings),
        )
        for number, row in enumerate(rows)
    ]


def compare_forms(form_id: str, before: str, after: str) -> FormChanges:
    """What one version of a form changes against another."""
    old, new = form_version(form_id, before), form_version(form_id, after)
    return comparing.compare(old.schema, new.schema, versions=(old.version, new.version))


def form_drafts(actor: Actor, language: str | None = None) -> list[FormDraftView]:
    """The drafts at places of this actor, newest first."""
    rows = FormDraft.objects.visible_to(actor).select_related("scope").prefetch_related("media").order_by("-at", "-pk")
    return [_draft_view(row, language) for row in rows]


def form_draft(actor: Actor, ref: Ref, language: str | None = None) -> FormDraftView:
    """One draft with what it changes and what is missing. Raises NotFound."""
    row = FormDraft.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _draft_view(row, language)


def _draft_view(row: FormDraft, language: str | None) -> FormDraftView:
    form = Form.objects.filter(form_id=row.form_id).first()
    latest = latest_of(form) if form is not None else None
    media = sorted(row.media.all(), key=lambda one: one.name)
    tables, pictures = missing_of(row.schema, {one.name for one in media})
    as_version = FormVersion(
        form=Form(form_id=row.form_id, home=row.scope),
        ref=row.ref,
        version=row.version,
        title=row.title,
        schema=row.schema,
        settings=row.settings,
        digest=row.digest,
    )
    return FormDraftView(
        ref=Ref(row.ref),
        form=form_view(as_version, language),
        scope=row.scope.path,
        file_name=row.file_name,
        file_ref=Ref(row.file_ref),
        by=row.by_title,
        at=row.at,
        questions=questions_in(row.schema),
        warnings=_problems(row.warnings),
        media=tuple(media_view(one) for one in media),
        missing_tables=tuple(tables),
        missing_media=tuple(pictures),
        changes=comparing.compare(latest.schema, row.schema, versions=(latest.version, row.version))
        if latest is not None
        else None,
        submissions=Submission.objects.filter(form_version__form=form).count() if form is not None else 0,
    )


def questions_in(schema: Mapping[str, Any]) -> int:
    """How many questions a form can ask, those of a repeat counted once."""
    return sum(field["type"] not in NO_QUESTION for field in fields_of(schema))


def _problems(rows: Sequence[Mapping[str, Any]]) -> tuple[FormProblem, ...]:
    return tuple(FormProblem(**row) for row in rows)
