"""What an accepted form causes in other engines, by the mapping of its version (`on_accept` in forms.yaml)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jump.base import clock, consequences, duties, keys, outbox
from jump.base.actors import Actor, require
from jump.base.consequences import Brought
from jump.base.db import write_transaction
from jump.base.outbox import EffectCall, after_commit
from jump.base.prepared import Prepared
from jump.base.refusals import NotFound, Refusal
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions.kept import version_of
from jump.engines.evidence.models import EntityVersion, FormVersion, Submission
from jump.engines.evidence.services.accepting import unwrite, whole_answers, write_facts
from jump.engines.evidence.services.registers import write_register
from jump.engines.evidence.types import Becomes, BecomesLine, CorrectionState, SubmissionState

FORM_ACCEPTED, FORM_WITHDRAWN, ADD_TASK = "cases.form_accepted", "cases.form_withdrawn", "cases.add_task"
LOOKED_AT_BY = "national_coordinator"
_LOCKED = Prepared(lambda ref: Submission.objects.locked().select_related("scope").filter(ref=ref))


def bring_about(actor: Actor, *, ref: Ref) -> Brought:
    """Let what a submission declares stand: all of it while it is accepted, nothing of it while it is not.

    What stands already is left alone, so this may run as often as it likes and in any order. What could not be taken
    back is told to the coordinator as a task. A submission whose people were forgotten is not read again: what it
    caused stands as it is.
    """
    with write_transaction():
        row = _LOCKED.first(ref)
        if row is None:
            raise NotFound(ref=ref)
        held = version_of(row)
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


def would_become(actor: Actor, *, ref: Ref) -> Becomes:
    """What a submission, or the correction that waits for it, would become if it were accepted now.

    It is done as it would be and undone again before anybody can see it: what it says is what would happen, a refusal
    of an effect included. For whoever may review it.
    """
    found = Submission.objects.visible_to(actor).select_related("scope").filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    require(actor, "evidence.review", found.scope.path)
    doer = Actor(user_id=actor.user_id, name=actor.name, party_ref=actor.party_ref, is_system=True)
    with outbox.only_tried():
        row = Submission.objects.locked().select_related("scope").get(ref=ref)
        correction = row.corrections.filter(state=CorrectionState.RECEIVED).first()
        if correction is not None:
            row.form_version, row.answers, row.sealed = correction.form_version, correction.answers, correction.sealed
            row.on, row.revision = correction.on, row.revision + 1
        row.state, row.accepted_at = SubmissionState.ACCEPTED, row.accepted_at or clock.now()
        row.save()
        held = version_of(row)
        try:
            with transaction.atomic():
                unwrite(row)
                write_facts(row, held, row.scope.path, whole_answers(row, held))
                write_register(row, held, row.scope.path, whole_answers(row, held))
                done = bring_about(doer, ref=ref)
        except Refusal as refusal:
            return Becomes((), (), refusal=refusal.sentence())
        line = EntityVersion.objects.filter(submission=row).values_list("label", flat=True).first()
        return Becomes(
            lines=tuple(_lines(actor, ref, done)),
            facts=tuple(row.facts.order_by("pk").values_list("kind", "value", "on")),
            register_line=line or "",
        )


def what_came_of(actor: Actor, *, ref: Ref) -> list[BecomesLine]:
    """What stands because of a submission that the actor may see, or was left standing."""
    if not Submission.objects.visible_to(actor).filter(ref=ref).exists():
        raise NotFound(ref=ref)
    return [line for line in _lines(actor, ref, None) if line.what != consequences.TAKEN_BACK]


def _lines(actor: Actor, ref: Ref, done: Brought | None) -> list[BecomesLine]:
    stands = consequences.standing(ref)
    named = [str(one.result.get("ref") or "") for one in stands]
    known = duties.describe_many(actor, [Ref(one) for one in dict.fromkeys(named) if one])
    lines = []
    for one, name in zip(stands, named, strict=True):
        called = known.get(Ref(name)) if name else None
        lines.append(
            BecomesLine(
                effect=one.effect,
                what=one.state if done is None else done.what(one.slot),
                ref=name,
                title=called.title if called is not None else "",
                kind=str(called.kind) if called is not None else "",
                why=one.why_left,
            )
        )
    return lines


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
        "sender": row.by_party or None,
    }
    return facts, {**facts, "answers": answered.from_json(fields, whole), "on": row.on}
