"""What was answered, as rows for the eye: question, answer in words, and the reviewer's remark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jump.engines.evidence import api as evidence
from jump.web import formats
from jump.web.filling.sheet import UNASKED, flat, key_of

MASKED = "•••"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One line: a heading (of a group or a row of a repeat), or a question with its answer."""

    path: str
    label: str
    answer: str = ""
    is_heading: bool = False
    is_masked: bool = False
    is_long: bool = False
    remark: str = ""
    attachment: evidence.AttachmentView | None = None
    level: int = field(default=0)


def answer_rows(
    view: evidence.FormView, submission: evidence.SubmissionView, remarks: Mapping[str, str] | None = None
) -> list[AnswerRow]:
    """Every question that was answered, in the order of the form."""
    files = {one.path: one for one in submission.attachments}
    return list(_rows(view.fields, submission.answers, "", remarks or {}, files, submission.masked, 0))


def _rows(
    fields: Sequence[evidence.FieldView],
    answers: Mapping[str, Any],
    prefix: str,
    remarks: Mapping[str, str],
    files: Mapping[str, evidence.AttachmentView],
    masked: frozenset[str],
    level: int,
) -> Iterator[AnswerRow]:
    for one in fields:
        key = key_of(one)
        path = f"{prefix}{key}"
        if one.type == "group":
            inside = list(_rows(one.children, answers, prefix, remarks, files, masked, level + 1))
            if inside:
                if one.label:
                    yield AnswerRow(path, one.label, is_heading=True, level=level)
                yield from inside
        elif one.type == "repeat":
            rows = answers.get(key)
            for number, row in enumerate(rows if isinstance(rows, list) else ()):
                title = f"{one.label or one.name} {number + 1}"
                yield AnswerRow(f"{path}.{number}", title, is_heading=True, level=level)
                yield from _rows(one.children, row, f"{path}.{number}.", remarks, files, masked, level + 1)
        elif one.type not in UNASKED or (one.type == "calculate" and one.label):
            value = answers.get(key)
            if value in (None, "", []):
                continue
            hidden = path in masked or value == MASKED
            yield AnswerRow(
                path,
                one.label or one.name,
                _("Not shown to you") if hidden else words_of(one, value),
                is_masked=hidden,
                is_long=isinstance(value, str) and ("\n" in value or len(value) > 80),
                remark=remarks.get(path, ""),
                attachment=files.get(path),
                level=level,
            )


@dataclass(frozen=True, slots=True)
class BothAnswers:
    """One question that two people changed, in words: what it was, both answers, and which was chosen."""

    path: str
    label: str
    base: str
    first: str
    later: str
    is_hard: bool
    chosen: str
    is_masked: bool


def both_answers(view: evidence.FormView, lines: Sequence[evidence.ConflictLine]) -> list[BothAnswers]:
    """Questions of crossing edits as a reader reads them; a row of a repeat by its number."""
    asked = {key_of(one): one for one in flat(view.fields)}
    found = []
    for line in lines:
        steps = line.path.split(".")
        rows = ", ".join(str(int(step) + 1) for step in steps if step.isdigit())
        one = asked.get(steps[-1])
        label = f"{line.label} ({rows})" if rows else line.label
        said = (_of_one(asked, one, value) for value in (line.base, line.first, line.later))
        found.append(BothAnswers(line.path, label, *said, line.is_hard, line.chosen, line.is_masked))
    return found


def _of_one(asked: Mapping[str, evidence.FieldView], one: evidence.FieldView | None, value: Any) -> str:
    """An answer in words; the rows of a repeat one after the other."""
    if value in (None, "", []):
        return ""
    if value == MASKED or one is None:
        return str(value)
    if one.type == "repeat":
        rows = [", ".join(_of_one(asked, asked.get(key), inner) for key, inner in row.items()) for row in value]
        return "; ".join(rows)
    return words_of(one, value)


def words_of(asked: evidence.FieldView, value: Any) -> str:
    """An answer as a reader reads it: labels for codes, dates and numbers in the reader's language."""
    labels = {choice.code: choice.label or choice.code for choice in asked.choices}
    if isinstance(value, list):
        return ", ".join(labels.get(str(one), str(one)) for one in value)
    if labels:
        return labels.get(str(value), str(value))
    if asked.type == "date":
        try:
            return formats.day(date.fromisoformat(str(value)))
        except ValueError:
            return str(value)
    if isinstance(value, Decimal):
        places = max(0, -int(value.normalize().as_tuple().exponent))
        return formats.number(value, min(places, 6))
    if isinstance(value, int) and not isinstance(value, bool):
        year = asked.name.endswith("year") and 1000 <= value <= 9999
        return str(value) if year else formats.number(value)
    return str(value)
