"""What a phone in the field needs of forms: which there are, in all their languages, and what became of those sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jump.base.actors import Actor, require
from jump.engines.evidence.definitions.kept import versions_of
from jump.engines.evidence.models import FormMedia, FormVersion
from jump.engines.evidence.types import FieldForm

# What is decided or paid is written in the office: forms of classes F and D do not go to the field.
CLASSES = frozenset({"P0", "P1", "P2"})
LISTS = (".csv", ".xml", ".geojson")


def field_forms(actor: Actor, *, about: Sequence[str], scopes: Sequence[str]) -> list[FieldForm]:
    """The latest version of every form about such a subject (`place`, `group`, … or nothing), by id.

    At most four statements. A form that a coordinator made for one place goes only to those who work there.
    """
    require(actor, "evidence.submit")
    rows = FormVersion.objects.order_by("installed_at", "pk")
    newest = {form: pk for pk, form in rows.values_list("pk", "form_id")}
    held = versions_of(FormVersion.objects.filter(pk__in=newest.values())).values()
    here = [
        one
        for one in held
        if str(one.settings.get("about") or "") in about
        and str(one.settings.get("data_class") or "P1") in CLASSES
        and _is_offered(one, scopes)
    ]
    lists: dict[int, list[str]] = {}
    names = FormMedia.objects.filter(version__in=here).order_by("name").values_list("version_id", "name")
    for version, name in names:
        if name.endswith(LISTS):
            lists.setdefault(version, []).append(name)
    return sorted((_field_form(one, lists.get(one.pk, ())) for one in here), key=lambda one: one.id)


def _is_offered(one: FormVersion, scopes: Sequence[str]) -> bool:
    home = one.form.home.path if one.form.home is not None else ""
    return any(scope.startswith(home) or home.startswith(scope) for scope in scopes)


def _field_form(one: FormVersion, lists: Sequence[str]) -> FieldForm:
    title: Mapping[str, str] = one.title if isinstance(one.title, Mapping) else {"en": str(one.title)}
    said = {name: str(one.settings.get(name) or "") for name in ("about", "subject")}
    return FieldForm(one.form.form_id, one.version, dict(title), **said, lists=tuple(lists))
