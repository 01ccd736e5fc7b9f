"""Reads of dossiers and their versions."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from jump.base import i18n
from jump.base.actors import Actor, system_actor
from jump.base.refusals import NotFound
from jump.core import expressions
from jump.core.units import Ref
from jump.engines.evidence import definitions
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions.kept import form_version, versions_of
from jump.engines.evidence.models import (
    Dossier,
    DossierVersion,
    FormVersion,
    Submission,
)
from jump.engines.evidence.queries.submissions import latest
from jump.engines.evidence.types import (
    Change,
    DossierCheckView,
    DossierVersionView,
    DossierView,
    SectionState,
    SectionView,
    SignatureView,
    SubmissionState,
)

_RULES = system_actor("rules")


def dossier(actor: Actor, ref: Ref) -> DossierView:
    """A dossier with what is there and what is missing, counted and never guessed."""
    row = Dossier.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return dossier_view(row)


def dossiers(actor: Actor, *, definition: str = "", about: Ref | None = None, scope: str = "") -> list[DossierView]:
    rows = Dossier.objects.visible_to(actor).under(scope).select_related("scope")
    if definition:
        rows = (
            rows.filter(definition=definition)
            if "." in definition
            else rows.filter(definition__endswith=f".{definition}")
        )
    if about is not None:
        rows = rows.filter(about_ref=about)
    return [dossier_view(row) for row in rows.order_by("opened_on", "pk")]


def dossier_of(about: Ref, definition: str) -> Ref | None:
    """The dossier of this kind about something, if one was opened."""
    rows = Dossier.objects.filter(about_ref=about)
    rows = (
        rows.filter(definition=definition) if "." in definition else rows.filter(definition__endswith=f".{definition}")
    )
    found = rows.values_list("ref", flat=True).first()
    return Ref(found) if found else None


def is_complete(dossier_ref: Ref) -> bool:
    """Whether every mandatory part is there and every condition holds: what a gate asks."""
    state = dossier(_RULES, dossier_ref)
    return state.is_complete and all(one.met is True for one in state.checks)


def dossier_view(row: Dossier) -> DossierView:
    declared = definitions.dossier(row.definition, row.definition_version)
    sections = definitions.sections_of(declared)
    known: dict[str, list[tuple[str, str]]] = defaultdict(list)
    rows = Submission.objects.filter(
        about_ref=row.about_ref,
        form_version__form__form_id__in=[one["form"] for one in sections],
        state__in=[SubmissionState.ACCEPTED, SubmissionState.RECEIVED, SubmissionState.SENT_BACK],
    )
    for form_id, ref, state in rows.order_by("on", "pk").values_list("form_version__form__form_id", "ref", "state"):
        known[form_id].append((ref, state))
    views = tuple(_section_view(one, known[one["form"]]) for one in sections)
    view = DossierView(
        ref=Ref(row.ref),
        definition=row.definition,
        definition_version=row.definition_version,
        title=i18n.text(declared.data["title"]),
        about=Ref(row.about_ref),
        scope=row.scope.path,
        opened_on=row.opened_on,
        sections=views,
        numerator=sum(min(one.filled, one.needed) for one in views if one.mandatory),
        denominator=sum(one.needed for one in views if one.mandatory),
        versions=tuple(_version_view(one) for one in row.versions.select_related("dossier").order_by("number")),
        signed_by=row.signed_title,
        signed_on=row.signed_on,
        checks=_dossier_checks(row, declared.data.get("checks", ()), sections),
    )
    signers = declared.data.get("signers")
    return _with_signatures(view, row, signers) if signers else view


def _with_signatures(view: DossierView, row: Dossier, signers: Sequence[Mapping[str, Any]]) -> DossierView:
    """Who of several parties signed what is there now; a signature under an older version no longer counts."""
    last = row.versions.prefetch_related("signatures").order_by("-number").first()
    given = {}
    if last is not None and last.signatures.all() and last.digest == digest_of(content_of(view)):
        given = {one.signer: one for one in last.signatures.all()}
    signatures = tuple(
        SignatureView(
            signer=str(one["id"]),
            title=i18n.text(one["title"]),
            role=str(one["role"]),
            by=given[one["id"]].by_title if one["id"] in given else "",
            by_key=given[one["id"]].by_key if one["id"] in given else "",
            on=given[one["id"]].on if one["id"] in given else None,
        )
        for one in signers
    )
    is_signed = all(one.on is not None for one in signatures)
    return replace(
        view,
        signatures=signatures,
        signed_by=view.signed_by if is_signed else "",
        signed_on=max(one.on for one in signatures if one.on is not None) if is_signed else None,
    )


def is_signed(dossier_ref: Ref) -> bool:
    """Whether it is signed, by all who must sign, as it is now: what a gate asks."""
    return dossier(_RULES, dossier_ref).is_signed


def _section_view(section: Mapping[str, Any], known: Sequence[tuple[str, str]]) -> SectionView:
    accepted = [ref for ref, state in known if state == SubmissionState.ACCEPTED]
    needed = max(int(section.get("min", 1)), 1) if section.get("mandatory", True) else int(section.get("min", 0))
    mandatory = bool(section.get("mandatory", True))
    if len(accepted) >= max(needed, 1):
        state = SectionState.COMPLETE
    elif known:
        state = SectionState.STARTED
    else:
        state = SectionState.EMPTY if mandatory else SectionState.OPTIONAL
    lacking = needed - len(accepted)
    return SectionView(
        key=section["key"],
        title=i18n.text(section["title"]),
        form=section["form"],
        mandatory=mandatory,
        min=needed,
        state=state,
        submissions=tuple(Ref(ref) for ref, _state in known),
        filled=len(accepted),
        needed=needed,
        missing=(_("%(number)s more") % {"number": lacking},) if mandatory and lacking > 0 else (),
    )


def _dossier_checks(
    row: Dossier, checks: Iterable[Mapping[str, Any]], sections: Sequence[Mapping[str, Any]]
) -> tuple[DossierCheckView, ...]:
    if not checks:
        return ()
    answers: dict[str, Mapping[str, object]] = {}
    for section in sections:
        short = section["form"].rpartition(".")[2]
        if any(short in check["needs"] for check in checks):  # only what a condition speaks of is read
            found = latest(Ref(row.about_ref), section["form"])
            answers[short] = found.answers if found is not None else {}
    views = []
    for check in checks:
        met, why = None, ""
        try:
            met = expressions.parse(check["needs"]).holds({"answers": answers, "about": row.about_ref})
        except expressions.ExpressionError as error:  # not answered yet, so not met yet
            why = error.message
        views.append(DossierCheckView(check["id"], i18n.text(check["text"]), met, why))
    return tuple(views)


def content_of(state: DossierView) -> dict[str, Any]:
    """What a frozen version holds: per section the submissions with their open answers. Names stay in submissions."""
    refs = [ref for section in state.sections for ref in section.submissions]
    rows = {row.ref: row for row in Submission.objects.filter(ref__in=refs, state=SubmissionState.ACCEPTED)}
    versions = versions_of(FormVersion.objects.filter(pk__in={row.form_version_id for row in rows.values()}))
    return {
        section.key: [
            {
                "submission": ref,
                "form": section.form,
                "version": versions[rows[ref].form_version_id].version,
                "on": rows[ref].on.isoformat(),
                "answers": rows[ref].answers,
            }
            for ref in section.submissions
            if ref in rows
        ]
        for section in state.sections
    }


def digest_of(content: Mapping[str, Any]) -> str:
    """By which two states of a dossier are known to be the same."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def dossier_version(actor: Actor, ref: Ref) -> DossierVersionView:
    row = DossierVersion.objects.select_related("dossier").filter(ref=ref).first()
    if row is None or not Dossier.objects.visible_to(actor).filter(pk=row.dossier_id).exists():
        raise NotFound(ref=ref)
    return _version_view(row)


def _version_view(row: DossierVersion) -> DossierVersionView:
    return DossierVersionView(
        ref=Ref(row.ref),
        dossier_ref=Ref(row.dossier.ref),
        number=row.number,
        frozen_on=row.frozen_on,
        digest=row.digest,
        numerator=row.numerator,
        denominator=row.denominator,
        sections=row.content,
        by=row.frozen_by,
    )


def compare_versions(actor: Actor, a: Ref, b: Ref) -> list[Change]:
    """What differs between two frozen versions, answer by answer, with the question's words.

    The last submission of a section is set against the last; a section with more or fewer of them says so.
    """
    one, other = dossier_version(actor, a), dossier_version(actor, b)
    changes: list[Change] = []
    for key in dict.fromkeys([*one.sections, *other.sections]):
        before, after = _section_rows(one, key), _section_rows(other, key)
        if len(before) != len(after):
            changes.append(Change(key, _("Number of forms"), len(before), len(after)))
        changes += _differences(key, before[-1] if before else {}, after[-1] if after else {})
    return changes


def _section_rows(version: DossierVersionView, key: str) -> list[Mapping[str, Any]]:
    rows = version.sections.get(key)
    return list(rows) if isinstance(rows, list) else []


def _differences(section: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    source = after or before
    if not source or before.get("submission") == after.get("submission"):
        return []
    held = form_version(str(source["form"]), str(source["version"]))
    fields = held.schema["fields"]
    old = _leaves(fields, before)
    new = _leaves(fields, after)
    paths = list(dict.fromkeys([*old, *new]))
    return [
        Change(
            f"{section}.{path}",
            (new.get(path) or old[path])[0],
            old[path][1] if path in old else None,
            new[path][1] if path in new else None,
        )
        for path in paths
        if (old[path][1] if path in old else None) != (new[path][1] if path in new else None)
    ]


def _leaves(fields: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    answers = answered.from_json(fields, row.get("answers", {}))
    return {
        path: (i18n.text(field.get("label")) or field["name"], value)
        for path, field, value in answered.leaves(fields, answers)
    }
