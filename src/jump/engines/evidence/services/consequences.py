"""What an accepted form causes in other engines, by the mapping of its version (`on_accept` in forms.yaml)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from jump.base import consequences, keys
from jump.base.actors import Actor
from jump.base.consequences import Brought
from jump.base.db import write_transaction
from jump.base.outbox import EffectCall, after_commit
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions.kept import form_version
from jump.engines.evidence.models import FormVersion, Submission
from jump.engines.evidence.services.accepting import whole_answers
from jump.engines.evidence.types import SubmissionState

FORM_ACCEPTED, FORM_WITHDRAWN, ADD_TASK = "cases.form_accepted", "cases.form_withdrawn", "cases.add_task"
LOOKED_AT_BY = "national_coordinator"


def bring_about(actor: Actor, *, ref: Ref) -> Brought:
    """Let what a submission declares stand: all of it while it is accepted, nothing of it while it is not.

    What stands already is left alone, so this may run as often as it likes and in any order. What could not be taken
    back is told to the coordinator as a task. A submission whose people were forgotten is not read again: what it
    caused stands as it is.
    """
    with write_transaction():
        row = Submission.objects.locked().select_related("scope").get(ref=ref)
        held = form_version(row.form_version.form.form_id, row.form_version.version)
        is_accepted = row.state == SubmissionState.ACCEPTED
        calls = declared_calls(row, held) if is_accepted else []
        if row.forgotten_at is not None and is_accepted:
            return Brought()
        plain, exact = facts_of(row, held) if is_accepted else ({}, {})
        done = consequences.bring_about(
            calls,
            ref=ref,
            key=f"evidence.accepted:{ref}",
            actor=actor,
            on=row.on,
            facts=plain,
            exact=exact,
            secret=keys.keys_of([ref]).get(ref, b"") if row.sealed else b"",
        )
        told = [
            EffectCall(
                ADD_TASK,
                {
                    "title": _("Look at %(what)s: the form it came from was changed or taken back") % {"what": one.ref},
                    "about": one.ref or ref,
                    "owner_role": LOOKED_AT_BY,
                    "scope": row.scope.path,
                },
            )
            for one in done.left
        ]
        if not is_accepted:
            told.append(EffectCall(FORM_WITHDRAWN, {"submission": ref, "about": row.about_ref or None}))
        if told:
            key = f"evidence.left:{ref}:{row.revision}.{row.turn}"
            after_commit(told, key=key, actor=actor, on=row.on, ref=ref)
        return done


def declared_calls(row: Submission, held: FormVersion) -> list[EffectCall]:
    """What a form's version declares, and last that the form was accepted: whatever waits for it goes on."""
    calls = [EffectCall.from_data(call) for call in held.settings.get("on_accept", ())]
    asked = {"submission": row.ref, "form": held.form.form_id, "about": row.about_ref or None}
    return [*calls, EffectCall(FORM_ACCEPTED, asked, repeat=True)]


def facts_of(row: Submission, held: FormVersion) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the calls of a submission may look up, as text travels; and the same with numbers as numbers."""
    fields = held.schema["fields"]
    whole = answered.with_blanks(fields, whole_answers(row, held))
    facts = {
        "submission": row.ref,
        "form": held.form.form_id,
        "answers": whole,
        "about": row.about_ref or None,
        "scope": row.scope.path,
    }
    return facts, {**facts, "answers": answered.from_json(fields, whole), "on": row.on}


def mapping_version(settings: Mapping[str, Any]) -> str:
    """A short fingerprint of what a form's acceptance makes: two versions of a form may share it."""
    parts = {name: settings.get(name) for name in ("register", "key", "facts", "on_accept")}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]
