"""A spreadsheet of filled forms: taken, checked row by row as a page would, taken in whole or in part, taken back.

A check writes nothing but what it found. An import reads the file again and asks every rule again, for the world may
have changed since; rows that are there already are left alone, so the same file, or a mended one, may come as often as
it likes. Each step of a thousand rows is a transaction of its own: a killed process leaves whole steps, and the job,
taken up again, finds them done.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import date, timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import translation
from django.utils.translation import gettext as _

from jump.base import audit, clock, files
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.outbox import EffectCall, after_commit
from jump.base.refs import new_ref
from jump.base.refusals import NotFound, Refusal
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence import queries
from jump.engines.evidence.definitions.kept import form_version, version_of
from jump.engines.evidence.definitions.spreadsheet import reading
from jump.engines.evidence.definitions.spreadsheet.writing import LISTED_MAX, Mark, write
from jump.engines.evidence.models import FormVersion, SheetBatch, SheetRow, Submission
from jump.engines.evidence.services.many import keep_many
from jump.engines.evidence.services.refusals import (
    ReasonMissing,
    SheetBusy,
    SheetHasProblems,
    SheetSettled,
)
from jump.engines.evidence.services.sheet_reading import SOURCE, Reading, RowFound
from jump.engines.evidence.services.submit import check_day
from jump.engines.evidence.types import SheetState, SheetView, SubmissionState

EXCEL = frozenset({"application/zip"})
AT_ONCE_BYTES = 40_000  # our default: a file of this size is checked while the page waits, a larger one behind it
SHOWN_MAX = 200
STEP = 1_000
KEPT_DAYS = 30  # our default: a file full of names lies here no longer than it takes to mend and to look back
RESTING = (SheetState.CHECKED, SheetState.IMPORTED, SheetState.UNDONE, SheetState.REFUSED)
WAITING = (SubmissionState.RECEIVED, SubmissionState.SENT_BACK)


def upload_sheet(
    actor: Actor, *, form: str, scope: str, on: date, file: IO[bytes], name: str, language: str
) -> SheetView:
    """Keep a spreadsheet and check it: at once where it is small, else in the background. Nothing is submitted.

    `on` and `scope` hold where a row names no day and no place of its own; a row's place lies at or below `scope`.
    Raises NotASpreadsheet, SpreadsheetTooLarge, SheetOfAnotherForm, SheetUnreadable, DateImpossible: then nothing is
    kept.
    """
    require(actor, "evidence.submit", scope)
    check_day(on)
    held = form_version(form)
    with reading.opened(file, name=name) as book:
        held = Reading.version_of(book, held)
    size = file.seek(0, 2)
    file.seek(0)
    with write_transaction():
        kept = files.store(actor, file, name=name, max_bytes=reading.BYTES_MAX, allowed=EXCEL)
        batch = SheetBatch.objects.create(
            ref=new_ref("sht"),
            form_version=held,
            scope_id=node_id(scope),
            file_ref=kept.ref,
            name=name[:200],
            on=on,
            language=language,
            state=SheetState.CHECKING,
            by_key=actor.key,
            by_title=actor.name,
            made_at=clock.now(),
            changed_at=clock.now(),
        )
        audit.record(actor, "evidence.upload_sheet", batch.ref, facts={"form": held.form.form_id, "file": kept.ref})
        _start(actor, batch, "evidence.check_sheet", is_small=size <= AT_ONCE_BYTES)
    return queries.sheet(actor, Ref(batch.ref))


def import_sheet(actor: Actor, *, ref: Ref, only_valid: bool = False) -> SheetView:
    """Take in the rows of a checked spreadsheet: all of them, or `only_valid` ones. Pressed twice, it happens once.

    Raises SheetHasProblems where all are asked for and some cannot be taken; SheetBusy.
    """
    with write_transaction():
        batch = _own(actor, ref)
        if batch.state in (SheetState.IMPORTING, SheetState.IMPORTED):
            return queries.sheet(actor, ref)
        if batch.state != SheetState.CHECKED:
            raise SheetBusy(state=batch.state)
        require(actor, "evidence.submit", batch.scope.path)
        if batch.problems_count and not only_valid:
            raise SheetHasProblems(bad=batch.rows_bad, problems=batch.problems_count)
        _turn(batch, SheetState.IMPORTING)
        audit.record(actor, "evidence.import_sheet", ref, facts={"rows": batch.rows_good, "only_valid": only_valid})
        _start(actor, batch, "evidence.import_sheet", is_small=batch.rows_read <= STEP // 4)
    return queries.sheet(actor, ref)


def undo_sheet(actor: Actor, *, ref: Ref, why: str) -> SheetView:
    """Take back the forms of a spreadsheet that nobody has approved yet: they are rejected, the reason in the trail.

    What was approved stays. The rows may come again, mended, in another file. Raises ReasonMissing, SheetSettled,
    SheetBusy.
    """
    if not why.strip():
        raise ReasonMissing()
    with write_transaction():
        batch = _own(actor, ref)
        if batch.state in (SheetState.UNDOING, SheetState.UNDONE):
            return queries.sheet(actor, ref)
        if batch.state != SheetState.IMPORTED:
            raise SheetBusy(state=batch.state)
        require(actor, "evidence.submit", batch.scope.path)
        waiting = Submission.objects.filter(sheet_row__batch=batch, state__in=WAITING).count()
        if not waiting:
            raise SheetSettled(ref=ref)
        batch.why_undone = why.strip()
        _turn(batch, SheetState.UNDOING, "why_undone")
        audit.record(actor, "evidence.undo_sheet", ref, why=why.strip(), facts={"rows": waiting})
        _start(actor, batch, "evidence.undo_sheet", is_small=waiting <= STEP)
    return queries.sheet(actor, ref)


def _own(actor: Actor, ref: Ref) -> SheetBatch:
    """The spreadsheet of this actor, kept as it is until the transaction ends."""
    rows = SheetBatch.objects.all().locked().select_related("scope", "form_version__form")
    batch: SheetBatch | None = (rows if actor.is_system else rows.filter(by_key=actor.key)).filter(ref=ref).first()
    if batch is None:
        raise NotFound(ref=ref)
    return batch


def _turn(batch: SheetBatch, state: SheetState, *more: str) -> None:
    batch.state, batch.changed_at = state, clock.now()
    batch.save(update_fields=["state", "changed_at", *more])


def _start(actor: Actor, batch: SheetBatch, effect: str, *, is_small: bool) -> None:
    call = EffectCall(effect, {"sheet": batch.ref})
    key = f"{effect}:{batch.ref}"
    after_commit([call], key=key, ref=Ref(batch.ref), actor=actor, on=clock.today(), once=not is_small)


def drop_old_sheets(actor: Actor) -> int:
    """Take away the files of spreadsheets that nobody touched for 30 days; what came of them stays. Safe to repeat."""
    untouched = SheetBatch.objects.filter(changed_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).exclude(file_ref="")
    dropped = 0
    for batch in untouched.filter(state__in=RESTING).order_by("pk")[:STEP]:
        with write_transaction():
            for ref in filter(None, (batch.file_ref, batch.marked_ref)):
                files.drop(Ref(ref))
            batch.file_ref = batch.marked_ref = ""
            if batch.state == SheetState.CHECKED:
                batch.state, batch.refused_code = SheetState.REFUSED, "evidence.sheet_expired"
                batch.refused_words = _(
                    "Nobody took it in for 30 days, so the file is not kept any more. Send it again."
                )
            batch.save(update_fields=["file_ref", "marked_ref", "state", "refused_code", "refused_words"])
            audit.record(actor, "evidence.drop_sheet_file", batch.ref)
        dropped += 1
    return dropped


# The work, as effects ------------------------------------------------------------------------------------


def check(actor: Actor, ref: Ref) -> None:
    """Read a spreadsheet and ask every rule of its form of every row. Safe to repeat."""
    batch = SheetBatch.objects.select_related("scope", "form_version__form").get(ref=ref)
    if batch.state != SheetState.CHECKING:
        return
    with translation.override(batch.language), files.opened(Ref(batch.file_ref)) as file:
        try:
            with reading.opened(file, name=batch.name) as book, closing(_reading(batch, book)) as found:
                _read_through(batch, found)
                marked = _marked(actor, batch, found) if found.problems_count else ""
                with write_transaction():
                    batch.problems = [_told(found, mark) for mark in found.problems(SHOWN_MAX)]
                    batch.problems_count, batch.rows_bad = found.problems_count, found.rows_bad
                    batch.marked_ref = marked
                    _turn(batch, SheetState.CHECKED, "problems", "problems_count", "rows_bad", "marked_ref")
        except Refusal as refusal:
            batch.refused_code, batch.refused_words = refusal.code, f"{refusal.sentence()} {refusal.advice()}".strip()
            with write_transaction():
                _turn(batch, SheetState.REFUSED, "refused_code", "refused_words")


def _reading(batch: SheetBatch, book: reading.Workbook) -> Reading:
    held = version_of(batch)
    return Reading(book, held, scope=batch.scope.path, on=batch.on, language=batch.language)


def _read_through(batch: SheetBatch, found: Reading) -> None:
    batch.rows_read = batch.rows_good = batch.rows_known = 0
    for rows in found.steps(STEP):
        fresh, known = _sorted_out(found, rows)
        batch.rows_read += len(rows)
        batch.rows_good += len(fresh)
        batch.rows_known += len(known)
        with write_transaction():
            batch.changed_at = clock.now()
            batch.save(update_fields=["rows_read", "rows_good", "rows_known", "changed_at"])


def _sorted_out(found: Reading, rows: Iterable[RowFound]) -> tuple[list[RowFound], list[RowFound]]:
    """The rows without problems that are new, and those that are there already; a changed one becomes a problem."""
    good = [row for row in rows if row.judged is not None]
    asked = SheetRow.objects.filter(submission__key__in=[row.key for row in good])
    there = dict(asked.values_list("submission__key", "digest"))
    fresh, known = [], []
    for row in good:
        if row.key not in there:
            fresh.append(row)
        elif there[row.key] == row.digest:
            known.append(row)
        else:
            found.add_changed(row)
    return fresh, known


def _told(found: Reading, mark: Mark) -> list[Any]:
    return [mark.title, mark.row, mark.column, found.heading_of(mark), mark.message, mark.what_to_do]


def _marked(actor: Actor, batch: SheetBatch, found: Reading) -> Ref:
    """The same rows with what is wrong marked in them, kept beside the file that came in."""
    with TemporaryFile() as out:
        write(
            found.template,
            out,
            rows={path: found.raw_rows(path) for path in found.titles},
            marks={path: found.problems_of(path) for path in found.titles},
            listed=found.problems(LISTED_MAX),
        )
        out.seek(0)
        with write_transaction():
            name = f"marked-{batch.name}"[:200]
            return files.store(actor, out, name=name, max_bytes=4 * reading.BYTES_MAX, allowed=EXCEL).ref


def take_in(actor: Actor, ref: Ref) -> None:
    """Take in the rows of a spreadsheet that are right and new. Safe to repeat: what is there already stays."""
    batch = SheetBatch.objects.select_related("scope", "form_version__form").get(ref=ref)
    if batch.state != SheetState.IMPORTING:
        return
    held = version_of(batch)
    with (
        translation.override(batch.language),
        files.opened(Ref(batch.file_ref)) as file,
        reading.opened(file, name=batch.name) as book,
        closing(_reading(batch, book)) as found,
    ):
        for rows in found.steps(STEP):
            with write_transaction():
                SheetBatch.objects.all().locked().get(pk=batch.pk)  # two workers with one job go one by one
                _take_step(actor, batch, held, found, rows)
    with write_transaction():
        _turn(batch, SheetState.IMPORTED)


def _take_step(actor: Actor, batch: SheetBatch, held: FormVersion, found: Reading, rows: list[RowFound]) -> None:
    fresh, _known = _sorted_out(found, rows)
    refs = keep_many(actor, held, [row.judged for row in fresh if row.judged is not None], SOURCE)
    made = dict(Submission.objects.filter(ref__in=refs).values_list("ref", "pk"))
    SheetRow.objects.bulk_create(
        [
            SheetRow(batch=batch, submission_id=made[ref], number=row.number, digest=row.digest)
            for ref, row in zip(refs, fresh, strict=True)
        ]
    )
    batch.rows_made += len(fresh)
    batch.changed_at = clock.now()
    batch.save(update_fields=["rows_made", "changed_at"])


def take_back(actor: Actor, ref: Ref) -> None:
    """Reject the forms of a spreadsheet that still wait, and free their keys for the mended rows. Safe to repeat."""
    batch = SheetBatch.objects.get(ref=ref)
    if batch.state != SheetState.UNDOING:
        return
    while True:
        with write_transaction():
            waiting = Submission.objects.filter(sheet_row__batch=batch, state__in=WAITING).order_by("pk").locked()
            found = list(waiting.values_list("pk", "ref")[:STEP])
            if not found:
                break
            Submission.objects.filter(pk__in=[pk for pk, _ref in found]).update(
                state=SubmissionState.REJECTED, key=Concat(Value("withdrawn:"), F("ref"))
            )
            refs = [Ref(one) for _pk, one in found]
            audit.record_many(actor, "evidence.withdraw", refs, why=batch.why_undone, facts={"sheet": batch.ref})
            SheetBatch.objects.filter(pk=batch.pk).update(rows_undone=F("rows_undone") + len(found))
    with write_transaction():
        _turn(batch, SheetState.UNDONE)


__all__ = ["check", "drop_old_sheets", "import_sheet", "take_back", "take_in", "undo_sheet", "upload_sheet"]
