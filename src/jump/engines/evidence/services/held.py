"""What could not be placed waits for a person, who takes it or lays it aside. Nothing is thrown away."""

from __future__ import annotations

from jump.base import audit, clock
from jump.base.actors import Actor, Grant, require
from jump.base.db import write_transaction
from jump.base.files import KeptFile, kept
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.evidence.definitions import instance as instances
from jump.engines.evidence.definitions.kept import form_version
from jump.engines.evidence.models import HeldBack, SentFile, SentInstance
from jump.engines.evidence.services import receiving
from jump.engines.evidence.services.refusals import HeldNotTakeable, NotWaiting, OwnWork, ReasonMissing
from jump.engines.evidence.services.revise import revise
from jump.engines.evidence.types import Arrival, HeldReason, HeldState, NewFile, Receipt, SentAttachment

PLACEABLE = frozenset({HeldReason.UNKNOWN_FORM, HeldReason.NOT_OFFERED, HeldReason.REVOKED})
TAKEABLE = PLACEABLE | {HeldReason.CONFLICT, HeldReason.REVISION, HeldReason.FILE_CONFLICT}


def take_held(actor: Actor, *, ref: Ref, scope: str = "", note: str = "") -> Receipt:
    """Take what was held: other answers become the form's next answers, what had no place is placed at `scope`.

    It stays the work of who sent it, and is reviewed as such. Refuses one's own, what was decided already, and what
    cannot be taken: bytes that are no form, a file that is not of its question's kind.
    """
    with write_transaction(durable=True):
        row = _waiting(actor, ref)
        if HeldReason(row.reason) not in TAKEABLE:
            raise HeldNotTakeable()
        if row.reason in PLACEABLE:
            receipt = _place(actor, row, scope or row.scope.path)
        elif row.reason == HeldReason.FILE_CONFLICT:
            receipt = _take_file(row)
        else:
            receipt = _take_answers(row)
        _decide(actor, row, HeldState.TAKEN, note)
    return receipt


def dismiss_held(actor: Actor, *, ref: Ref, note: str) -> None:
    """Lay aside what was held, with a reason. Its bytes stay."""
    if not note.strip():
        raise ReasonMissing()
    with write_transaction():
        _decide(actor, _waiting(actor, ref), HeldState.DISMISSED, note)


def _waiting(actor: Actor, ref: Ref) -> HeldBack:
    rows = HeldBack.objects.visible_to(actor).locked().select_related("scope", "device", "sent")
    row: HeldBack | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    require(actor, "evidence.review", row.scope.path)
    if row.by_key == actor.key:
        raise OwnWork(ref=ref)
    if row.state != HeldState.WAITING:
        raise NotWaiting(state=row.state)
    return row


def _decide(actor: Actor, row: HeldBack, state: HeldState, note: str) -> None:
    row.state, row.decided_at, row.decided_by, row.note = state, clock.now(), actor.key, note
    row.save(update_fields=["state", "decided_at", "decided_by", "note"])
    audit.record(actor, f"evidence.held_{state}", Ref(row.ref), why=note)


def _place(actor: Actor, row: HeldBack, scope: str) -> Receipt:
    """Receive it again, as its sender, at the place that the person chose and answers for."""
    require(actor, "evidence.review", scope)
    sender = receiving.sender_of(row)
    placed = Actor(
        sender.user_id, sender.name, sender.party_ref, (Grant("app_user", scope),), device_ref=sender.device_ref
    )
    sent = [_sent(one) for one in row.files]
    about = Ref(row.about_ref) if row.about_ref else None
    return receiving.receive(
        placed, xml=receiving.raw_instance(row), files=sent, scope=scope, about=about, source=row.source, is_placed=True
    )


def _sent(one: dict[str, str]) -> SentAttachment:
    from jump.base import files

    with files.opened(Ref(one["ref"])) as stored:
        return SentAttachment(one["name"], stored.read())


def _take_answers(row: HeldBack) -> Receipt:
    first = row.sent
    assert first is not None
    first = SentInstance.objects.select_related("submission", "form").get(pk=first.pk)
    sent = instances.read(receiving.raw_instance(row))
    held = form_version(first.form.form_id, sent.version or None)
    reading = instances.answers_of(held.schema, sent.root)
    if first.submission is None:
        raise HeldNotTakeable()
    by_name = {one["name"]: kept(Ref(one["ref"])) for one in row.files}
    there = {(one.path, one.name) for one in first.submission.attachments.all()}
    attached = [
        NewFile(path, name, _named(by_name[name], name))
        for path, name in reading.files.items()
        if name in by_name and (path, name) not in there
    ]
    ref = Ref(first.submission.ref)
    revise(
        receiving.sender_of(row).seeing(ref),  # whose form it was first does not matter
        ref=ref,
        answers=reading.answers,
        on=instances.day_of(held.schema, reading.answers, clock.today()),
        key=f"held:{row.ref}",
        files=attached,
        source=row.source,
        version=held.version,
        basis=receiving.basis_of(held, first) if row.reason == HeldReason.REVISION else None,
    )
    return Receipt(Arrival.MORE, first.instance_id, ref)


def _named(one: KeptFile, name: str) -> KeptFile:
    return KeptFile(one.ref, one.sha256, one.mime, one.size, name)


def _take_file(row: HeldBack) -> Receipt:
    """The second photo takes the place of the first under its name; the first stays on the disk."""
    first = row.sent
    assert first is not None
    for one in row.files:
        found = kept(Ref(one["ref"]))
        SentFile.objects.filter(instance=first, name=one["name"]).update(
            sha256=one["sha256"], mime=found.mime, size=found.size, file_ref=found.ref
        )
        if first.submission is not None:
            first.submission.attachments.filter(name=one["name"]).update(
                mime=found.mime, size=found.size, sha256=found.sha256, file_ref=found.ref
            )
    submission = Ref(first.submission.ref) if first.submission is not None else None
    return Receipt(Arrival.MORE, first.instance_id, submission)


__all__ = ["TAKEABLE", "dismiss_held", "take_held"]
