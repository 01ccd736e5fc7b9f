"""What a phone in the field needs of forms: which there are, in all their languages, and what became of those sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from jump.base.actors import Actor, require
from jump.core.units import Ref
from jump.engines.evidence.definitions.kept import versions_of
from jump.engines.evidence.models import FormMedia, FormVersion, Review, SentInstance
from jump.engines.evidence.queries.conflicts import conflicts_of_sender
from jump.engines.evidence.types import FieldForm, SentState, SubmissionState

# What is decided or paid is written in the office: forms of classes F and D do not go to the field.
CLASSES = frozenset({"P0", "P1", "P2"})
TOLD_WITH_REASONS = frozenset({SubmissionState.SENT_BACK, SubmissionState.REJECTED})
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
    media: dict[int, list[str]] = {}
    names = FormMedia.objects.filter(version__in=here).order_by("name").values_list("version_id", "name", "mime")
    for version, name, mime in names:
        if name.endswith(LISTS):
            lists.setdefault(version, []).append(name)
        elif mime.startswith(("image/", "audio/")):
            media.setdefault(version, []).append(name)
    made = (_field_form(one, lists.get(one.pk, ()), media.get(one.pk, ())) for one in here)
    return sorted(made, key=lambda one: one.id)


def _is_offered(one: FormVersion, scopes: Sequence[str]) -> bool:
    home = one.form.home.path if one.form.home is not None else ""
    return any(scope.startswith(home) or home.startswith(scope) for scope in scopes)


def _field_form(one: FormVersion, lists: Sequence[str], media: Sequence[str]) -> FieldForm:
    title: Mapping[str, str] = one.title if isinstance(one.title, Mapping) else {"en": str(one.title)}
    said = {name: str(one.settings.get(name) or "") for name in ("about", "subject")}
    return FieldForm(one.form.form_id, one.version, dict(title), **said, lists=tuple(lists), media=tuple(media))


def sent_states(actor: Actor, *, since: datetime) -> list[SentState]:
    """What became of the forms that this sender's phone sent since then, the last word on each. Four statements, six
    where edits crossed.

    Only the instance that a submission says now is told of; the ones that it took the place of are not.
    """
    if actor.user_id is None:
        return []
    rows = SentInstance.objects.filter(by_key=actor.key, received_at__gte=since, submission__isnull=False)
    shown = rows.order_by("pk").values_list("instance_id", "submission_id", "submission__ref", "submission__state")
    last = {submission: (instance, ref, state) for instance, submission, ref, state in shown}
    asked = [key for key, (_instance, _ref, state) in last.items() if state in TOLD_WITH_REASONS]
    said = Review.objects.filter(submission__in=asked, correction__isnull=True).order_by("at", "pk")
    reviews = {row.submission_id: row for row in said}
    crossed = conflicts_of_sender(actor, last)
    return [
        SentState(
            instance_id=instance,
            ref=Ref(ref),
            state=SubmissionState(state),
            at=reviews[key].at if key in reviews else None,
            by=reviews[key].by_title if key in reviews else "",
            why=reviews[key].why if key in reviews else "",
            comments=reviews[key].comments if key in reviews else {},
            conflicts=crossed.get(key, ()),
        )
        for key, (instance, ref, state) in last.items()
    ]
