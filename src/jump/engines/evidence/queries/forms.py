"""Reads of forms and what they make of answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from jump.base import clock, i18n
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.definitions.kept import form_version, latest_versions, tables_of, versions_of
from jump.engines.evidence.models import (
    FormMedia,
    FormVersion,
)
from jump.engines.evidence.types import (
    ChoiceView,
    FieldError,
    FieldView,
    FormView,
    MediaView,
    OfferedForm,
    Outcome,
    ReviewPolicy,
)


def form(form_id: str, version: str | None = None, language: str | None = None) -> FormView:
    """A form in one language, as a page shows it: the latest version unless one is named."""
    return form_view(form_version(form_id, version), language)


def forms(language: str | None = None, scope: str | None = None) -> list[FormView]:
    """The latest version of every form, by id; with a scope only those that are offered there."""
    held = latest_versions(FormVersion.objects.all())
    return [form_view(one, language) for one in held if scope is None or scope.startswith(home_of_form(one))]


def media_of(form_id: str, version: str | None = None) -> list[MediaView]:
    """The files that a version of a form needs on the device, by name."""
    rows = FormMedia.objects.filter(version_id=form_version(form_id, version).pk).order_by("name")
    return [media_view(row) for row in rows]


def media_view(row: FormMedia) -> MediaView:
    return MediaView(row.name, row.mime, row.size, row.sha256, row.md5, Ref(row.file_ref))


def home_of_form(held: FormVersion) -> str:
    """The place where a form is offered, and below; "" is everywhere."""
    return held.form.home.path if held.form.home is not None else ""


def form_view(held: FormVersion, language: str | None) -> FormView:
    """A version as a page shows it in one language."""
    settings = held.settings
    return FormView(
        id=held.form.form_id,
        version=held.version,
        title=i18n.text(held.title, language),
        languages=tuple(held.schema["languages"]),
        fields=_field_views(held, held.schema["fields"], language, ""),
        ref=Ref(held.ref),
        digest=held.digest,
        language=language or "",
        public=bool(settings.get("public")),
        subject=str(settings.get("subject") or ""),
        data_class=str(settings.get("data_class") or "P1"),
        review=ReviewPolicy(settings.get("review") or "all"),
        about=str(settings.get("about") or ""),
        provenance=str(settings.get("provenance") or ""),
        source_title=str(settings.get("source_title") or ""),
        home=home_of_form(held),
    )


def _field_views(
    held: FormVersion, fields: Sequence[Mapping[str, Any]], language: str | None, prefix: str
) -> tuple[FieldView, ...]:
    views = []
    for field in fields:
        path = f"{prefix}{field['key']}"
        below = f"{path}." if field["type"] == "repeat" else prefix
        choices = held.schema["lists"].get(field.get("list", ""), ())
        views.append(
            FieldView(
                path=path,
                name=field["name"],
                type=field["type"],
                label=i18n.text(field.get("label"), language),
                hint=i18n.text(field.get("hint"), language),
                required=bool(field.get("required")) and field["required"] != "false()",
                choices=tuple(ChoiceView(one["code"], i18n.text(one.get("label"), language)) for one in choices),
                relevant=field.get("relevant", ""),
                constraint=field.get("constraint", ""),
                constraint_message=i18n.text(field.get("constraint_message"), language),
                appearance=field.get("appearance", ""),
                children=_field_views(held, field["children"], language, below) if "children" in field else (),
                data_class=personal.class_of(held, field),
                default=field.get("default", ""),
                calculation=field.get("calculate", ""),
                required_message=i18n.text(field.get("required_message"), language),
                read_only=field.get("read_only") == "true()",
                choice_filter=field["itemset"] if "[" in field.get("itemset", "") else "",
                parameters=field.get("parameters"),
            )
        )
    return tuple(views)


def xform(form_id: str, version: str | None = None) -> str:
    """The XForm of a form, for devices."""
    return str(FormVersion.objects.values_list("xform", flat=True).get(pk=form_version(form_id, version).pk))


def offered(language: str | None = None, *, scope: str | None = None, forms: Sequence[str] = ()) -> list[OfferedForm]:
    """The latest version of the forms named, or of all that are offered at a place, as a device's list has it."""
    rows = FormVersion.objects.all()
    held = latest_versions(rows.filter(form__form_id__in=forms) if forms else rows)
    return _offered([one for one in held if scope is None or scope.startswith(home_of_form(one))], language)


def offered_versions(form_id: str, language: str | None = None) -> list[OfferedForm]:
    """Every version of a form that was ever published, the latest first."""
    rows = FormVersion.objects.filter(form__form_id=form_id).order_by("-installed_at", "-pk")
    return _offered(list(versions_of(rows).values()), language)


_hashes: dict[int, str] = {}


def _offered(versions: Sequence[FormVersion], language: str | None) -> list[OfferedForm]:
    """A version never changes, so the hash of its XForm is made once in this process."""
    unknown = [held.pk for held in versions if held.pk not in _hashes]
    for pk, text in FormVersion.objects.filter(pk__in=unknown).values_list("pk", "xform"):
        _hashes[pk] = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return [
        OfferedForm(
            id=held.form.form_id,
            version=held.version,
            title=i18n.text(held.title, language),
            description=str(held.settings.get("source_title") or ""),
            md5=_hashes[held.pk],
        )
        for held in versions
    ]


def check_answers(form: str, answers: Mapping[str, Any], version: str | None = None) -> list[FieldError]:
    """What is wrong with these answers; attachments are not looked for."""
    return list(outcome_of(form, answers, version).errors)


def outcome_of(form: str, answers: Mapping[str, Any], version: str | None = None) -> Outcome:
    """The answers as the form orders and calculates them, with errors, oddities and what is asked at all."""
    held = form_version(form, version)
    return answered.outcome(held.schema, answers, today=clock.today(), now=clock.now(), tables=tables_of(held))
