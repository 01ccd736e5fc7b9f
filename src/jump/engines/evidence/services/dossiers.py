"""Dossiers: several forms about one subject, signed when complete, frozen as versions."""

from __future__ import annotations

import hashlib
import json
from datetime import date

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence import definitions, queries
from jump.engines.evidence.models import Dossier, DossierVersion
from jump.engines.evidence.services.refusals import AlreadySigned, DossierIncomplete, NotTheSigner


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
            },
        )
        if made:
            audit.record(actor, "evidence.open_dossier", row.ref, facts={"about": about})
        return Ref(row.ref)


def sign_dossier(actor: Actor, *, ref: Ref, on: date) -> None:
    """Sign a complete dossier whose conditions hold, as the role that the package names."""
    with write_transaction():
        row = _found(actor, ref)
        declared = definitions.dossier(row.definition, row.definition_version)
        role = declared.data.get("sign_off_by")
        may = actor.is_system or any(
            grant.role == role and row.scope.path.startswith(grant.path) for grant in actor.grants
        )
        if role and not may:
            raise NotTheSigner(role=str(role).replace("_", " "))
        if row.signed_on is not None:
            if row.signed_by == actor.key:
                return
            raise AlreadySigned(on=row.signed_on)
        state = queries.dossier(actor, ref)
        missing = [one.title for one in state.sections if one.mandatory and one.filled < one.needed]
        missing += [one.text for one in state.checks if one.met is not True]
        if missing:
            raise DossierIncomplete(
                numerator=state.numerator, denominator=state.denominator, missing="; ".join(missing)
            )
        Dossier.objects.filter(pk=row.pk).update(signed_on=on, signed_by=actor.key, signed_title=actor.name)
        audit.record(actor, "evidence.sign_dossier", ref)


def freeze_dossier(actor: Actor, *, ref: Ref, on: date, key: str = "") -> Ref:
    """Keep the dossier as it is now as its next version; where nothing changed, the last version is the answer."""
    with write_transaction():
        row = _found(actor, ref)
        require(actor, "evidence.submit", row.scope.path)
        state = queries.dossier(actor, ref)
        content = queries.content_of(state)
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        last = row.versions.order_by("-number").first()
        if last is not None and last.digest == digest:
            return Ref(last.ref)
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
        return Ref(made.ref)


def _found(actor: Actor, ref: Ref) -> Dossier:
    row: Dossier | None = Dossier.objects.visible_to(actor).locked().select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row
