"""A filled form comes in: checked, kept once, its files beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jump.base import audit, clock, files, photos
from jump.base.actors import Actor, require, system_actor
from jump.base.db import write_transaction
from jump.base.prepared import Prepared, add
from jump.base.refs import new_ref
from jump.base.refusals import NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence import queries
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import personal, quality
from jump.engines.evidence.definitions.kept import form_version, tables_of
from jump.engines.evidence.models import (
    Attachment,
    Correction,
    EarlierAnswers,
    EditConflict,
    FormVersion,
    HeldBack,
    NamedPerson,
    SentInstance,
    Submission,
)
from jump.engines.evidence.services.accepting import write_accepted
from jump.engines.evidence.services.refusals import (
    AnswersInvalid,
    AttachmentMissing,
    AttachmentUnasked,
    DateImpossible,
    EvidenceKeyReused,
    FormNotPublic,
)
from jump.engines.evidence.types import (
    FieldError,
    NewFile,
    Outcome,
    ReviewPolicy,
    SubmissionState,
    SubmissionView,
)
from jump.engines.parties import api as parties

# What was filled in without us is taken as it is and flagged; a page or the API can still ask the person again.
FIELD_SOURCES = frozenset({"odk", "sync", "import", "paper"})
PHONES = frozenset({"odk", "sync"})
NAMED_SET = 1_000  # rows of one statement
EARLIER_MAX = 60  # forms of a place that a new one is held against
_BY_KEY = Prepared(lambda key: Submission.objects.filter(key=key).values_list("ref", "key_digest"))
_EARLIER = Prepared(
    lambda form_id, scope_id: (
        Submission.objects.filter(form_version__form=form_id, scope_id=scope_id)
        .order_by("-pk")
        .values_list("by_key", "answers")[:EARLIER_MAX]
    )
)
FILE_BYTES_MAX = 10_000_000
FILE_KINDS: Mapping[str, frozenset[str]] = {
    "image": files.PHOTOS,
    "audio": frozenset({"audio/ogg", "audio/mpeg", "video/mp4", "video/webm"}),
    "video": frozenset({"video/mp4", "video/webm"}),
    "file": files.DOCUMENTS,
}


def submit(
    actor: Actor,
    *,
    form: str,
    answers: Mapping[str, Any],
    scope: str,
    about: Ref | None = None,
    on: date,
    key: str,
    files: Sequence[NewFile] = (),
    source: str = "web",
    by_name: str = "",
    version: str | None = None,
    filled_by: str = "",
    known_to: int | None = None,
) -> SubmissionView:
    """Send a filled form. The same key with the same content gives the first submission back; nothing is kept twice.

    Refuses answers that the form does not allow, a day that does not exist or lies ahead, and missing files; then
    nothing is kept here, and the page still holds what was typed. `filled_by`, of a paper form, names who wrote it: a
    person's reference or the key of an account; they review it as little as whoever typed it. `known_to`, of a form
    filled offline, is how far its sender had heard of registers (`known_lines`): what others said of a line since and
    this form says otherwise is decided by a person.
    """
    held = form_version(form, version)
    if not (held.settings.get("public") and actor.user_id is None):
        if actor.user_id is None and not actor.is_system and actor.device_ref is None:
            raise FormNotPublic(form=held.form.form_id)
        require(actor, "evidence.submit", scope)
    digest = digest_of(held, answers, scope, about, on, files)
    with write_transaction():
        present = _present(key, digest)
        if present is not None:
            return queries.own_view(present)
        check_day(on)
        outcome = judged(held, answers, files, source)
        home = home_of(held, outcome.answers, scope)
        if source in PHONES:
            outcome = beside_earlier(actor, held, outcome, home)
        try:
            with transaction.atomic():
                row, stored, private = _keep(
                    actor, held, outcome, home, about, on, key, digest, source, by_name, filled_by, known_to
                )
        except IntegrityError:  # the same key came at the same moment and was first
            present = _present(key, digest)
            if present is None:
                raise
            return queries.own_view(present)
        kept = keep_files(actor, row, held, files)
        audit.record(actor, "evidence.submit", row.ref, facts={"form": held.form.form_id})
        if row.state == SubmissionState.ACCEPTED:
            write_accepted(actor, row, held, home, stored)
    return queries.fresh_view(row, held, home, private, by_name, kept)


def home_of(held: FormVersion, answers: Mapping[str, Any], scope: str) -> str:
    """Where a submission belongs: at the country it names, where the form says which answer names it.

    A letter from a stranger comes in at the programme; the coordinator of its country is to see it (SELECT-06). An
    answer that names no country of the programme leaves it where it came in.
    """
    field = held.settings.get("home_country")
    wanted = str(answers.get(field) or "").upper() if field else ""
    if not wanted:
        return scope
    countries = parties.places(system_actor("evidence"), kind="country", scope=scope)
    return next((one.scope for one in countries if one.country == wanted), scope)


def save_draft(
    actor: Actor,
    *,
    form: str,
    answers: Mapping[str, Any],
    scope: str,
    about: Ref | None = None,
    on: date,
    key: str,
    source: str = "web",
) -> SubmissionView:
    """Keep what was typed so far, unchecked; the same key overwrites the draft until it is sent."""
    held = form_version(form)
    require(actor, "evidence.submit", scope)
    with write_transaction():
        row = Submission.objects.filter(key=key).select_related("scope").first()
        if row is not None and (row.state != SubmissionState.DRAFT or row.by_key != actor.key):
            raise EvidenceKeyReused(key=key)
        plain = json.loads(json.dumps(answered.to_json(dict(answers)), cls=DjangoJSONEncoder))
        ref = Ref(row.ref) if row is not None else new_ref("sub")
        sealed = personal.seal(ref, plain, "")  # unchecked text may name anybody: all of it is sealed
        if row is None:
            row = Submission.objects.create(
                ref=ref,
                form_version=held,
                scope_id=node_id(scope),
                about_ref=about or "",
                on=on,
                received_at=clock.now(),
                by_key=actor.key,
                by_title=actor.name,
                source=source,
                state=SubmissionState.DRAFT,
                data_class=personal.row_class(held),
                sealed=sealed,
                key=key,
                key_digest="",
            )
        else:
            Submission.objects.filter(pk=row.pk).update(sealed=sealed, on=on, received_at=clock.now())
    return queries.own_view(ref)


def link_person(submission_ref: Ref, person_ref: Ref) -> None:
    """Note that a submission names a person, so that forgetting them reaches it. Called by an effect."""
    with write_transaction():
        row = Submission.objects.filter(ref=submission_ref).first()
        if row is None:
            raise NotFound(ref=submission_ref)
        NamedPerson.objects.get_or_create(submission=row, person_ref=person_ref)


def set_about(submission_ref: Ref, about: Ref, scope: str) -> None:
    """Say what a submission is about once that exists: a letter came before its community. Called by an effect."""
    with write_transaction():
        row = Submission.objects.filter(ref=submission_ref).first()
        if row is None:
            raise NotFound(ref=submission_ref)
        changed = {"about_ref": about, **({"scope_id": node_id(scope)} if scope else {})}
        Submission.objects.filter(pk=row.pk).update(**changed)


def forget_submissions(person_ref: Ref) -> int:
    """Destroy what names a person in submissions about them or naming them; the rest of the answers stays."""
    from django.db.models import Q

    from jump.base import keys

    with write_transaction():
        rows = Submission.objects.filter(
            Q(about_ref=person_ref) | Q(people__person_ref=person_ref), forgotten_at__isnull=True
        ).distinct()
        changed = 0
        for row in list(rows):
            keys.destroy(Ref(row.ref))
            changed += Submission.objects.filter(pk=row.pk).update(sealed="", forgotten_at=clock.now())
            EarlierAnswers.objects.filter(submission=row).update(sealed="")
            Correction.objects.filter(submission=row).update(sealed="")
            EditConflict.objects.filter(submission=row).update(sealed="")
            changed += _forget_sent(row)
            if row.about_ref == person_ref:
                changed += Attachment.objects.filter(submission=row).delete()[0]
        return changed


def _forget_sent(row: Submission) -> int:
    """Destroy the very words that devices sent: of a submission and of what was held beside it."""
    from jump.base import keys

    changed = 0
    sent = SentInstance.objects.filter(submission=row)
    held = HeldBack.objects.filter(sent__submission=row)
    for rows in (sent, held):
        for ref in rows.values_list("ref", flat=True):
            changed += keys.destroy(Ref(ref))
    held.update(sealed="")
    sent.update(sealed="")
    return changed


# Parts -----------------------------------------------------------------------------------------------


def _present(key: str, digest: str) -> Ref | None:
    found = _BY_KEY.first(key)
    if found is not None and found[1] != digest:
        raise EvidenceKeyReused(key=key)
    return Ref(found[0]) if found is not None else None


def check_day(on: date) -> None:
    """Refuse a day that lies ahead or long ago."""
    today = clock.today()
    if on > today or on.year < answered.YEAR_MIN:
        message = _("%(day)s lies ahead of today.") if on > today else _("%(day)s is too long ago.")
        raise DateImpossible([FieldError("on", message % {"day": on.isoformat()}, "", answered.DATE_IMPOSSIBLE)])


def judged(
    held: FormVersion,
    answers: Mapping[str, Any],
    sent: Sequence[NewFile],
    source: str,
    already: Submission | None = None,
) -> Outcome:
    """Apply the form. From a page every error is a refusal; from the field errors become flags and somebody looks.

    What is odd about the times that the device noted is flagged as well.
    """
    names = {one.name for one in sent}
    if already is not None:
        names |= set(already.attachments.values_list("name", flat=True))
    outcome = answered.outcome(
        held.schema,
        _with_files(answers, sent),
        today=clock.today(),
        now=clock.now(),
        files=frozenset(names),
        tables=tables_of(held),
    )
    rules = held.settings.get("quality") or {}
    odd = tuple(quality.of_one(held.schema, outcome.answers, received_on=clock.today(), rules=rules))
    if not outcome.errors:
        return replace(outcome, flags=(*outcome.flags, *odd)) if odd else outcome
    if source in FIELD_SOURCES:
        return replace(outcome, flags=(*outcome.flags, *outcome.errors, *odd))
    codes = {one.code for one in outcome.errors}
    if codes == {answered.DATE_IMPOSSIBLE}:
        raise DateImpossible(outcome.errors)
    if codes == {answered.ATTACHMENT_MISSING}:
        raise AttachmentMissing(outcome.errors)
    raise AnswersInvalid(outcome.errors)


def beside_earlier(actor: Actor, held: FormVersion, outcome: Outcome, scope: str) -> Outcome:
    """The outcome with what is odd beside the last forms of the same place. One statement."""
    rows = _EARLIER.rows(held.form_id, node_id(scope))
    earlier = [(by_key == actor.key, answers) for by_key, answers in rows]
    opened, _private = personal.split(held, answered.to_json(dict(outcome.answers)))
    odd = quality.against_earlier(held.schema, opened, earlier, held.settings.get("quality") or {})
    return replace(outcome, flags=(*outcome.flags, *odd))


def _with_files(answers: Mapping[str, Any], sent: Sequence[NewFile]) -> dict[str, Any]:
    """Answers in which every file that came stands under its question."""
    whole: dict[str, Any] = json.loads(json.dumps(answered.to_json(dict(answers)), cls=DjangoJSONEncoder))
    for one in sent:
        at: Any = whole
        *above, last = one.path.split(".")
        try:
            for step in above:
                at = at[int(step)] if isinstance(at, list) else at[step]
            at[last] = one.name
        except (KeyError, IndexError, ValueError, TypeError):
            raise AttachmentUnasked(name=one.name, path=one.path) from None
    return whole


def _keep(
    actor: Actor,
    held: FormVersion,
    outcome: Outcome,
    scope: str,
    about: Ref | None,
    on: date,
    key: str,
    digest: str,
    source: str,
    by_name: str,
    filled_by: str,
    known_to: int | None,
) -> tuple[Submission, dict[str, Any], dict[str, Any]]:
    """The row, all of its answers, and those of them that are about a person. What nobody has to see counts at once."""
    ref = new_ref("sub")
    stored = answered.to_json(dict(outcome.answers))
    opened, private = personal.split(held, stored)
    sealed = personal.seal(ref, private, by_name, is_new=True)
    row = row_of(actor, held, ref, outcome, scope, about, on, key, digest, source, opened, sealed)
    row.filled_by, row.known_to = filled_by, known_to
    add(row)
    name_people([(row, stored)])
    return row, stored, private


def row_of(
    actor: Actor,
    held: FormVersion,
    ref: Ref,
    outcome: Outcome,
    scope: str,
    about: Ref | None,
    on: date,
    key: str,
    digest: str,
    source: str,
    opened: dict[str, Any],
    sealed: str,
) -> Submission:
    """The row of a submission that comes in, not yet written: it counts at once where nobody has to look."""
    drawn, needed = policy_of(held, ref, bool(outcome.errors))
    now = clock.now()
    return Submission(
        ref=ref,
        form_version=held,
        scope_id=node_id(scope),
        about_ref=about or "",
        on=on,
        received_at=now,
        accepted_at=None if needed else now,
        by_key=actor.key,
        by_title=actor.name,
        by_party=actor.party_ref or "",
        source=source,
        state=SubmissionState.RECEIVED if needed else SubmissionState.ACCEPTED,
        data_class=personal.row_class(held),
        answers=opened,
        sealed=sealed,
        flags=[flag_row(one) for one in outcome.flags],
        key=key,
        key_digest=digest,
        is_drawn=drawn,
        reviews_needed=needed,
    )


def name_people(told: Iterable[tuple[Submission, Mapping[str, Any]]]) -> None:
    """Note whom submissions name, so that forgetting them reaches each. Any number of rows, with all their answers."""
    named = [
        NamedPerson(submission=row, person_ref=ref)
        for row, answers in told
        for ref in sorted(personal.people_named(answers))
    ]
    if named:
        NamedPerson.objects.bulk_create(named, ignore_conflicts=True, batch_size=NAMED_SET)


def policy_of(held: FormVersion, ref: Ref, has_errors: bool) -> tuple[bool | None, int]:
    """Whether the submission was drawn, and how many people have to look before it counts.

    The draw follows from the reference, which is random: nobody can choose it, and anybody can repeat it.
    """
    policy = ReviewPolicy(held.settings.get("review") or "all")
    if policy is ReviewPolicy.TWO:
        return None, 2
    if policy is ReviewPolicy.ALL or has_errors:
        return None, 1
    if policy is ReviewPolicy.SAMPLE:
        percent = int(held.settings.get("sample_percent") or 100)
        drawn = int(hashlib.sha256(ref.encode()).hexdigest()[:8], 16) % 100 < percent
        return drawn, int(drawn)
    return None, 0


def keep_files(actor: Actor, row: Submission, held: FormVersion, sent: Sequence[NewFile]) -> list[Attachment]:
    made = []
    questions = {field["key"]: field for field in file_questions(held.schema["fields"])}
    for one in sent:
        field = questions.get(one.path.rpartition(".")[2])
        if field is None:
            raise AttachmentUnasked(name=one.name, path=one.path)
        kept = _kept_file(actor, held, field, one)
        made.append(
            Attachment.objects.create(
                submission=row,
                path=one.path,
                name=one.name,
                mime=kept.mime,
                size=kept.size,
                sha256=kept.sha256,
                file_ref=kept.ref,
            )
        )
    return made


def _kept_file(actor: Actor, held: FormVersion, field: Mapping[str, Any], one: NewFile) -> files.KeptFile:
    if isinstance(one.content, files.KeptFile):  # written before, where it came in
        return one.content
    content: Any = BytesIO(one.content) if isinstance(one.content, bytes) else one.content
    if field["type"] == "image" and drops_place(held):
        whole = content.read(FILE_BYTES_MAX + 1)
        content = BytesIO(photos.without_place(whole) if len(whole) <= FILE_BYTES_MAX else whole)
    return files.store(actor, content, name=one.name, max_bytes=FILE_BYTES_MAX, allowed=FILE_KINDS[field["type"]])


def drops_place(held: FormVersion) -> bool:
    """Whether coordinates leave photos before they are kept: as the form says, else where it is about persons."""
    said = held.settings.get("photo_place")
    return bool(said == "drop" if said else held.settings.get("data_class") in personal.PERSONAL)


def file_questions(fields: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for field in fields:
        if field["type"] in ("group", "repeat"):
            found.extend(file_questions(field["children"]))
        elif field["type"] in answered.FILE_TYPES:
            found.append(field)
    return found


def flag_row(one: FieldError) -> dict[str, str]:
    """A flag as the row of a submission keeps it."""
    return {"path": one.path, "message": str(one.message), "what_to_do": str(one.what_to_do), "code": one.code}


def digest_of(
    held: FormVersion,
    answers: Mapping[str, Any],
    scope: str,
    about: Ref | None,
    on: date,
    sent: Sequence[NewFile] = (),
) -> str:
    """What a submission says, as one short text: the same key may come again with the same and with nothing else."""
    content = {
        "form": held.form.form_id,
        "answers": answered.to_json(dict(answers)),
        "scope": scope,
        "about": about or "",
        "on": on,
        "files": sorted([one.path, one.name] for one in sent),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()
