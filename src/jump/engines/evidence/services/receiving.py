"""What a device sends is kept first, byte for byte, under its own number; then it becomes a submission.

One number, one submission: the first under a unique key stays, the same again changes nothing, other content under the
same number is held for a person. Bytes of files are safe on the disk before any row names them, and everything else of
one request is one durable transaction: after a crash at any moment the device's own resend completes what is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from jump.base import clock, files, keys, photos
from jump.base.actors import Actor, Grant, actor_for, require
from jump.base.db import write_transaction
from jump.base.prepared import Prepared, add
from jump.base.refs import new_ref
from jump.base.refusals import NotAllowed, Refusal
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import instance as instances
from jump.engines.evidence.definitions import quality
from jump.engines.evidence.definitions.kept import UnknownForm, form_version, version_of
from jump.engines.evidence.models import (
    AppUser,
    FormVersion,
    HeldBack,
    SentFile,
    SentInstance,
    Submission,
)
from jump.engines.evidence.queries.forms import home_of_form
from jump.engines.evidence.services import submit as submitting
from jump.engines.evidence.services.devices import DeviceRevoked, is_out_of_use
from jump.engines.evidence.services.merging import Basis
from jump.engines.evidence.services.refusals import FormNotOffered, TooMuchHeld
from jump.engines.evidence.services.revise import revise
from jump.engines.evidence.types import (
    Arrival,
    HeldReason,
    HeldState,
    NewFile,
    Receipt,
    SentAttachment,
)

HELD_MAX = 500
_DEVICE = Prepared(lambda ref: AppUser.objects.select_related("scope", "carrier").filter(ref=ref))
_INSTANCE = Prepared(
    lambda form, number: (
        SentInstance.objects.select_related("submission").locked().filter(form_id=form, instance_id=number)
    )
)
_NUMBER = Prepared(lambda ref: Submission.objects.filter(ref=ref).values_list("pk"))


@dataclass(frozen=True, slots=True)
class _Written:
    """A file that came: its bytes lie on the disk, `sha256` is of the bytes as they were sent."""

    name: str
    sha256: str
    kept: files.Written


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One request: who sends what, from where, about what."""

    actor: Actor
    scope: str
    source: str
    about: Ref | None
    device: AppUser | None
    xml: bytes
    clock_ahead: int = 0
    known_to: int | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.xml).hexdigest()


def receive(
    actor: Actor,
    *,
    xml: bytes,
    files: Sequence[SentAttachment] = (),
    scope: str,
    about: Ref | None = None,
    source: str = "odk",
    is_incomplete: bool = False,
    is_placed: bool = False,
    clock_ahead: int = 0,
    known_to: int | None = None,
) -> Receipt:
    """Keep one filled form as a device sent it, and make a submission of it as soon as its files are there.

    `is_incomplete` says that the device has more files to send; without it what is missing becomes a flag. Every
    version of a form that was ever published is taken. Refuses what is no instance, a form that is not known or not
    offered to this device, and a device that was taken out of use: what a known device sent is then held for a person,
    with its bytes. `is_placed` says that a person has placed it: then the device and its forms are not asked. Answers
    that the form does not allow are flagged and never refused. `clock_ahead`: by how many seconds the phone's clock was
    ahead of ours where it has set its times right by ours; that is flagged too. `known_to`: see submit.
    """
    device = _DEVICE.first(actor.device_ref) if actor.device_ref is not None else None
    parcel = _Parcel(actor, scope, source, about, device, xml, clock_ahead, known_to)
    try:
        if device is not None and not is_placed and is_out_of_use(device, actor_for(device.carrier)):
            raise DeviceRevoked()
        sent = instances.read(xml)
        held = _version(sent)
        is_narrowed = device is not None and bool(device.forms) and held.form.form_id not in device.forms
        is_narrowed = is_narrowed and not is_placed
        if is_narrowed or not scope.startswith(home_of_form(held)):
            raise FormNotOffered(form=sent.form_id)
        require(actor, "evidence.submit", scope)
    except (DeviceRevoked, instances.InstanceUnreadable, UnknownForm, FormNotOffered, NotAllowed) as refusal:
        if device is not None and not is_placed:
            _hold_refused(parcel, refusal, files)
        raise
    written = [_write(held, one) for one in files]
    reading = instances.answers_of(held.schema, sent.root)
    with write_transaction(durable=True):
        row, is_new = _first(parcel, sent, held)
        if row.sha256 != parcel.sha256:
            return _other_content(parcel, sent, row, written)
        known = {} if is_new else {one.name: one for one in row.files.all()}
        more, other = _keep_files(parcel, row, written, known)
        missing = tuple(sorted({name for name in reading.files.values() if name not in known}))
        if row.submission_id is None and not (is_incomplete and missing):
            ref: Ref | None = _make_submission(parcel, row, held, sent, reading, list(known.values()))
        else:
            ref = Ref(row.submission.ref) if row.submission is not None else None
            if ref is not None and more:
                _attach(parcel, row, held, reading, more)
    arrival = Arrival.NEW if is_new else Arrival.CONFLICT if other else Arrival.MORE if more else Arrival.SAME
    return Receipt(arrival, sent.instance_id, ref, missing, other)


def finish_incomplete(actor: Actor, *, ref: Ref) -> Receipt:
    """Take a form whose files never came as it is: what is missing becomes a flag."""
    with write_transaction(durable=True):
        row = SentInstance.objects.visible_to(actor).locked().select_related("scope", "device").get(ref=ref)
        require(actor, "evidence.review", row.scope.path)
        held = version_of(row)
        xml = raw_instance(row)
        sent = instances.read(xml)
        reading = instances.answers_of(held.schema, sent.root)
        about = Ref(row.about_ref) if row.about_ref else None
        parcel = _Parcel(sender_of(row), row.scope.path, row.source, about, row.device, xml)
        if row.submission_id is None:
            _make_submission(parcel, row, held, sent, reading, list(row.files.all()))
        return Receipt(Arrival.SAME, row.instance_id, Ref(row.submission.ref) if row.submission else None)


def raw_instance(row: SentInstance | HeldBack) -> bytes:
    """The very bytes that a device sent; nothing where their key was destroyed."""
    found = keys.keys_of([Ref(row.ref)]).get(row.ref)
    return keys.decrypt_bytes(found, row.sealed) if found is not None and row.sealed else b""


def sender_of(row: SentInstance | HeldBack) -> Actor:
    """Who sent it, with the right to send at its place: for what a person places later."""
    user = None
    if row.by_key.startswith("user:"):
        user = get_user_model().objects.filter(pk=int(row.by_key[5:])).first()
    device = Ref(row.device.ref) if row.device is not None else None
    known = actor_for(user) if user is not None else Actor(None, row.by_title)
    return replace(known, grants=(Grant("app_user", row.scope.path),), row_refs=frozenset(), device_ref=device)


# Parts -----------------------------------------------------------------------------------------------


def _version(sent: instances.Instance) -> FormVersion:
    """The version that the device filled. Raises UnknownForm."""
    try:
        return form_version(sent.form_id, sent.version or None)
    except UnknownForm:
        found = (
            FormVersion.objects.filter(schema__form_id=sent.form_id, schema__form_version=sent.version)
            .order_by("-installed_at", "-pk")
            .values_list("form__form_id", "version")
            .first()
        )  # as its package numbered it, before the server wrote its own number into the form
        if found is None:
            raise
        return form_version(*found)


def _write(held: FormVersion, one: SentAttachment) -> _Written:
    """Bytes to the disk, outside any transaction; a photo without its place where the form says so."""
    content: Any = BytesIO(one.content) if isinstance(one.content, bytes) else one.content
    whole = content.read(submitting.FILE_BYTES_MAX + 1)
    if len(whole) > submitting.FILE_BYTES_MAX:
        size = -(-(getattr(content, "size", None) or len(whole)) // 1_000_000)
        raise files.FileTooLarge(name=one.name, size_mb=size, max_mb=submitting.FILE_BYTES_MAX // 1_000_000)
    kept = photos.without_place(whole) if submitting.drops_place(held) else whole
    return _Written(
        one.name[:200],
        hashlib.sha256(whole).hexdigest(),
        files.write(BytesIO(kept), name=one.name, max_bytes=submitting.FILE_BYTES_MAX + 100_000),
    )


def _first(parcel: _Parcel, sent: instances.Instance, held: FormVersion) -> tuple[SentInstance, bool]:
    """The row of this number: made now, or the one that was first."""
    found = _INSTANCE.first(held.form_id, sent.instance_id)
    if found is not None:
        return found, False
    ref = new_ref("ins")
    try:
        with transaction.atomic():
            made = SentInstance(
                ref=ref,
                scope_id=node_id(parcel.scope),
                form_id=held.form_id,
                form_version=held,
                instance_id=sent.instance_id,
                deprecated_id=sent.deprecated_id,
                about_ref=parcel.about or "",
                source=parcel.source,
                device=parcel.device,
                by_key=parcel.actor.key,
                by_title=parcel.actor.name,
                sha256=parcel.sha256,
                sealed=keys.encrypt_bytes(keys.make(ref), parcel.xml),
                received_at=clock.now(),
            )
            return add(made), True
    except IntegrityError:  # the same number came at the same moment and was first
        first = _INSTANCE.first(held.form_id, sent.instance_id)
        if first is None:
            raise
        return first, False


def _keep_files(
    parcel: _Parcel, row: SentInstance, written: Sequence[_Written], known: dict[str, SentFile]
) -> tuple[list[SentFile], Ref | None]:
    """The files that are new to this instance, and what is held because another of its name was there.

    They join those that are `known` already, by name.
    """
    made: list[SentFile] = []
    other: Ref | None = None
    for one in written:
        before = known.get(one.name)
        if before is None:
            kept = files.own(parcel.actor, one.kept, name=one.name)
            known[one.name] = SentFile.objects.create(
                instance=row, name=one.name, sha256=one.sha256, mime=kept.mime, size=kept.size, file_ref=kept.ref
            )
            made.append(known[one.name])
        elif before.sha256 != one.sha256:
            held = _hold(
                parcel,
                HeldReason.FILE_CONFLICT,
                one.name,
                form_id=row.form.form_id,
                version=row.form_version.version,
                sent=row,
                digest=f"{row.ref} {one.name} {one.sha256}",
                written=[one],
            )
            other = Ref(held.ref) if held.state == HeldState.WAITING else other
    return made, other


def _make_submission(
    parcel: _Parcel,
    row: SentInstance,
    held: FormVersion,
    sent: instances.Instance,
    reading: instances.Reading,
    kept: Sequence[SentFile],
) -> Ref:
    """A new submission, or a new turn of the one that this instance takes the place of. `kept` came with it."""
    attached = _new_files(parcel, row, held, reading, kept)
    on = instances.day_of(held.schema, reading.answers, clock.today())
    before = _before(row, sent.deprecated_id, sent.instance_id)
    if before is not None and before.submission is not None:
        row.submission = before.submission
        row.save(update_fields=["submission"])
        basis = _basis(held, before, row)
        if before.by_key == parcel.actor.key and (basis is not None or _is_last(row, before)):
            there = set(before.submission.attachments.values_list("path", "sha256"))
            revise(
                parcel.actor.seeing(Ref(before.submission.ref)),
                ref=Ref(before.submission.ref),
                answers=reading.answers,
                on=on,
                key=f"instance:{row.ref}",
                files=[one for one in attached if (one.path, _digest_of(one)) not in there],
                source=parcel.source,
                version=held.version,
                basis=basis,
            )
        else:
            _hold(
                parcel,
                HeldReason.REVISION,
                "",
                form_id=held.form.form_id,
                version=held.version,
                sent=row,
                digest=f"revision {row.ref}",
                keeps_bytes=True,
            )
        return Ref(before.submission.ref)
    view = submitting.submit(
        parcel.actor,
        form=held.form.form_id,
        version=held.version,
        answers=reading.answers,
        scope=parcel.scope,
        about=parcel.about,
        on=on,
        key=f"instance:{row.ref}",
        files=attached,
        source=parcel.source,
        known_to=parcel.known_to,
    )
    number = _NUMBER.first(view.ref)
    assert number is not None, "it was kept a moment ago"
    row.submission_id = number[0]
    row.save(update_fields=["submission"])
    if parcel.clock_ahead and clock.pinned() is None and row.submission is not None:
        row.submission.flags = [*row.submission.flags, submitting.flag_row(quality.corrected_clock(parcel.clock_ahead))]
        row.submission.save(update_fields=["flags"])
    return view.ref


def _digest_of(one: NewFile) -> str:
    return one.content.sha256 if isinstance(one.content, files.KeptFile) else ""


def _before(row: SentInstance, deprecated_id: str, instance_id: str) -> SentInstance | None:
    if not deprecated_id or deprecated_id == instance_id:
        return None
    rows = SentInstance.objects.select_related("submission")
    return rows.filter(form_id=row.form_id, instance_id=deprecated_id).exclude(pk=row.pk).first()


def _basis(held: FormVersion, before: SentInstance, row: SentInstance) -> Basis | None:
    """What the edit that came as `row` began from; None where the words of the instance before were forgotten."""
    raw = raw_instance(before)
    return Basis(instances.answers_of(held.schema, instances.read(raw).root).answers, row) if raw else None


def basis_of(held: FormVersion, row: SentInstance) -> Basis | None:
    """The same, of an edit that was held for a person."""
    before = _before(row, row.deprecated_id, row.instance_id)
    return _basis(held, before, row) if before is not None else None


def _is_last(row: SentInstance, before: SentInstance) -> bool:
    others = SentInstance.objects.filter(submission=before.submission).exclude(pk=row.pk)
    return bool(others.order_by("-pk").values_list("pk", flat=True).first() == before.pk)


def _new_files(
    parcel: _Parcel, row: SentInstance, held: FormVersion, reading: instances.Reading, kept: Sequence[SentFile]
) -> list[NewFile]:
    """Files under the questions that name them; one that is not of its question's kind is held and stays away."""
    kinds = {one["key"]: one["type"] for one in submitting.file_questions(held.schema["fields"])}
    by_name = {one.name: one for one in kept}
    made = []
    for path, name in reading.files.items():
        one = by_name.get(name)
        if one is None:
            continue
        if one.mime not in submitting.FILE_KINDS[kinds[path.rpartition(".")[2]]]:
            _hold(
                parcel,
                HeldReason.FILE,
                f"{name}: {one.mime}",
                form_id=held.form.form_id,
                version=held.version,
                sent=row,
                digest=f"{row.ref} {name} {one.sha256} kind",
                file_rows=[{"name": name, "ref": one.file_ref, "sha256": one.sha256}],
            )
            continue
        content = files.KeptFile(Ref(one.file_ref), one.sha256, one.mime, one.size, name)
        made.append(NewFile(path, name, content))
    return made


def _attach(
    parcel: _Parcel, row: SentInstance, held: FormVersion, reading: instances.Reading, more: Sequence[SentFile]
) -> None:
    """Files that came after the form: they join it, and what was said to be missing is missing no longer."""
    assert row.submission is not None
    target = Submission.objects.locked().get(pk=row.submission_id)
    there = set(target.attachments.values_list("path", flat=True))
    arrived = [one for one in _new_files(parcel, row, held, reading, more) if one.path not in there]
    submitting.keep_files(parcel.actor, target, held, arrived)
    paths = {one.path for one in arrived}
    target.flags = [
        one for one in target.flags if not (one["path"] in paths and one["code"] == answered.ATTACHMENT_MISSING)
    ]
    target.save(update_fields=["flags"])


# Holding ---------------------------------------------------------------------------------------------


def _other_content(
    parcel: _Parcel, sent: instances.Instance, row: SentInstance, written: Sequence[_Written]
) -> Receipt:
    """The number is taken by other answers: both are kept. What a person has decided about is answered so."""
    held = _hold(
        parcel,
        HeldReason.CONFLICT,
        "",
        form_id=row.form.form_id,
        version=sent.version,
        instance_id=sent.instance_id,
        sent=row,
        digest=f"conflict {row.ref} {parcel.sha256}",
        keeps_bytes=True,
        written=written,
    )
    is_open = held.state == HeldState.WAITING
    submission = Ref(row.submission.ref) if row.submission is not None else None
    return Receipt(
        Arrival.CONFLICT if is_open else Arrival.SAME,
        sent.instance_id,
        submission,
        (),
        Ref(held.ref) if is_open else None,
    )


_REASONS: Mapping[type[Refusal], HeldReason] = {
    DeviceRevoked: HeldReason.REVOKED,
    instances.InstanceUnreadable: HeldReason.UNREADABLE,
    UnknownForm: HeldReason.UNKNOWN_FORM,
    FormNotOffered: HeldReason.NOT_OFFERED,
    NotAllowed: HeldReason.NOT_OFFERED,
}


def _hold_refused(parcel: _Parcel, refusal: Refusal, sent: Sequence[SentAttachment]) -> None:
    """Keep what a known device sent and nobody could place, so that no village is asked twice."""
    form_id = version = instance_id = ""
    try:
        found = instances.read(parcel.xml)
        form_id, version, instance_id = found.form_id, found.version, found.instance_id
    except instances.InstanceUnreadable:
        pass
    written = []
    for one in sent:
        content: Any = BytesIO(one.content) if isinstance(one.content, bytes) else one.content
        kept = files.write(content, name=one.name, max_bytes=submitting.FILE_BYTES_MAX)
        written.append(_Written(one.name[:200], kept.sha256, kept))
    with write_transaction(durable=True):
        _hold(
            parcel,
            _REASONS[type(refusal)],
            refusal.sentence(),
            form_id=form_id,
            version=version,
            instance_id=instance_id,
            digest=f"{_REASONS[type(refusal)]} {parcel.sha256}",
            keeps_bytes=True,
            written=written,
        )


def _hold(
    parcel: _Parcel,
    reason: HeldReason,
    why: str,
    *,
    form_id: str,
    version: str,
    digest: str,
    instance_id: str = "",
    sent: SentInstance | None = None,
    keeps_bytes: bool = False,
    written: Sequence[_Written] = (),
    file_rows: Sequence[Mapping[str, Any]] = (),
) -> HeldBack:
    """Hold something for a person; the same thing again adds only files that are new. Raises TooMuchHeld."""
    hashed = hashlib.sha256(digest.encode()).hexdigest()
    place = node_id(parcel.scope)
    row = HeldBack.objects.locked().filter(scope_id=place, digest=hashed).first()
    if row is None:
        if parcel.device is not None and parcel.device.pk:
            waiting = HeldBack.objects.filter(device=parcel.device, state=HeldState.WAITING).count()
            if waiting >= HELD_MAX:
                raise TooMuchHeld(most=HELD_MAX)
        ref = new_ref("hld")
        row, _made = HeldBack.objects.get_or_create(
            scope_id=place,
            digest=hashed,
            defaults={
                "ref": ref,
                "reason": reason,
                "why": why,
                "form_id": form_id[:120],
                "version": version[:120],
                "instance_id": instance_id or (sent.instance_id if sent is not None else ""),
                "sent": sent,
                "about_ref": parcel.about or "",
                "source": parcel.source,
                "device": parcel.device,
                "by_key": parcel.actor.key,
                "by_title": parcel.actor.name,
                "sealed": keys.encrypt_bytes(keys.make(ref), parcel.xml) if keeps_bytes else "",
                "size": len(parcel.xml) if keeps_bytes else 0,
                "at": clock.now(),
            },
        )
    known = {(one["name"], one["sha256"]) for one in row.files}
    added = [dict(one) for one in file_rows if (one["name"], one["sha256"]) not in known]
    for one in written:
        if (one.name, one.sha256) not in known:
            kept = files.own(parcel.actor, one.kept, name=one.name)
            added.append({"name": one.name, "ref": str(kept.ref), "sha256": one.sha256})
    if added:
        row.files = [*row.files, *added]
        row.save(update_fields=["files"])
    return row


__all__ = ["basis_of", "finish_incomplete", "raw_instance", "receive", "sender_of"]
