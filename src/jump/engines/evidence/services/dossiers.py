"""Dossiers: several forms about one subject, signed when complete, frozen as versions."""

from __future__ import annotations

from datetime import date

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence import definitions, queries
from jump.engines.evidence.models import Dossier, DossierSignature, DossierVersion
from jump.engines.evidence.services.refusals import AlreadySigned, DossierIncomplete, NotTheSigner, SignedForAnother
from jump.engines.evidence.types import DossierView


def open_dossier(actor: Actor, *, definition: str, about: Ref, scope: str, on: date, key: str = "") -> Ref:
    """Begin a dossier about a subject; a subject has one of each kind. It keeps the version it began with."""
    require(actor, "evidence.submit", scope)
    declared = definitions.dossier(definition)
    with write_transaction():
        row, made = Dossier.objects.get_or_create(
            definition=declared.id,
            about_ref=about,
            defaults={
                "scope_id": node_id(scope),
                "definition_version": declared.version,
                "opened_on": on,
                "opened_by": actor.key,
                "data_class": declared.data.get("data_class") or "P1",
            },
        )
        if made:
            audit.record(actor, "evidence.open_dossier", row.ref, facts={"about": about})
        return Ref(row.ref)


def sign_dossier(actor: Actor, *, ref: Ref, on: date) -> None:
    """Sign a complete dossier whose conditions hold, as the role that the package names.

    Where the package names several parties, each signs once, by a person of its own, under the version that holds what
    is there now: it is frozen with the first signature. Once something in it changes, all sign the new version.
    """
    with write_transaction():
        row = _found(actor, ref)
        declared = definitions.dossier(row.definition, row.definition_version)
        if declared.data.get("signers"):
            _sign_for_a_party(actor, row, on)
            return
        role = declared.data.get("sign_off_by")
        if role and not _holds(actor, str(role), row):
            raise NotTheSigner(role=str(role).replace("_", " "))
        if row.signed_on is not None:
            if row.signed_by == actor.key:
                return
            raise AlreadySigned(on=row.signed_on)
        _require_whole(queries.dossier(actor, ref))
        Dossier.objects.filter(pk=row.pk).update(signed_on=on, signed_by=actor.key, signed_title=actor.name)
        audit.record(actor, "evidence.sign_dossier", ref)


def _sign_for_a_party(actor: Actor, row: Dossier, on: date) -> None:
    """One signature of several. The last one signs the dossier."""
    state = queries.dossier(actor, Ref(row.ref))
    open_ = [one for one in state.signatures if one.on is None]
    mine = [one for one in open_ if _holds(actor, one.role, row)]
    given = next((one for one in state.signatures if one.by_key == actor.key), None)
    if given is not None:
        if not mine:
            return
        raise SignedForAnother(party=given.title)
    if not open_:
        raise AlreadySigned(on=state.signed_on)
    if not mine:
        raise NotTheSigner(role=", ".join(one.role.replace("_", " ") for one in open_))
    _require_whole(state)
    version = _freeze(actor, row, state, on)
    DossierSignature.objects.create(
        version=version, signer=mine[0].signer, by_key=actor.key, by_title=actor.name, on=on, at=clock.now()
    )
    audit.record(actor, "evidence.sign_dossier", row.ref, facts={"version": version.number, "for": mine[0].signer})
    if len(open_) == 1:
        names = [one.by for one in state.signatures if one.on is not None] + [actor.name]
        Dossier.objects.filter(pk=row.pk).update(signed_on=on, signed_by=actor.key, signed_title=", ".join(names)[:150])


def _holds(actor: Actor, role: str, row: Dossier) -> bool:
    return actor.is_system or any(
        grant.role == role and row.scope.path.startswith(grant.path) for grant in actor.grants
    )


def _require_whole(state: DossierView) -> None:
    missing = [one.title for one in state.sections if one.mandatory and one.filled < one.needed]
    missing += [one.text for one in state.checks if one.met is not True]
    if missing:
        raise DossierIncomplete(numerator=state.numerator, denominator=state.denominator, missing="; ".join(missing))


def freeze_dossier(actor: Actor, *, ref: Ref, on: date, key: str = "") -> Ref:
    """Keep the dossier as it is now as its next version; where nothing changed, the last version is the answer."""
    with write_transaction():
        row = _found(actor, ref)
        require(actor, "evidence.submit", row.scope.path)
        return Ref(_freeze(actor, row, queries.dossier(actor, ref), on).ref)


def _freeze(actor: Actor, row: Dossier, state: DossierView, on: date) -> DossierVersion:
    content = queries.content_of(state)
    digest = queries.digest_of(content)
    last: DossierVersion | None = row.versions.order_by("-number").first()
    if last is not None and last.digest == digest:
        return last
    made = DossierVersion.objects.create(
        dossier=row,
        number=(last.number if last is not None else 0) + 1,
        frozen_on=on,
        frozen_at=clock.now(),
        frozen_by=actor.key,
        content=content,
        digest=digest,
        numerator=state.numerator,
        denominator=state.denominator,
    )
    audit.record(actor, "evidence.freeze_dossier", made.ref)
    return made


def _found(actor: Actor, ref: Ref) -> Dossier:
    row: Dossier | None = Dossier.objects.visible_to(actor).locked().select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row
