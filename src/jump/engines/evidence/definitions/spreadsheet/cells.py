"""What a cell says, as an answer: digits of any script, days as Excel or people write them, choices by code or name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jump.engines.evidence.definitions.answers import DATE_IMPOSSIBLE, NOT_A_CHOICE, WRONG_TYPE, NotUnderstood

NUMERIC = frozenset({"integer", "decimal", "range"})
NO_RESULT = "no_result"
AMBIGUOUS = "ambiguous"
_SEPARATORS = re.compile(r"[;,،؛\n]+")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_DAY_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$")
_SIGNS = str.maketrans(
    {"\u066b": ".", "\u066c": "", "\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u200f": "", "\u200e": ""}
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell without a value that could be read: Excel's own error, or a formula whose result was never saved."""

    text: str
    is_formula: bool = False


def text_of(value: Any) -> str:
    """A cell's value as text, as a person sees it: no noise of binary fractions, no time on a plain day.

    >>> text_of(0.1 + 0.2), text_of(639171234567.0), text_of(datetime(2004, 3, 1)), text_of(True)
    ('0.3', '639171234567', '2004-03-01', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(f"{value:.15g}"), "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.replace(microsecond=0).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value).strip()


def latin_digits(text: str) -> str:
    """Figures of any script as 0 to 9, with the decimal sign and the signs that come with them.

    >>> latin_digits("١٢٫٥"), latin_digits("۳۰"), latin_digits("१२")
    ('12.5', '30', '12')
    """
    if text.isascii():
        return text
    plain = text.translate(_SIGNS).strip()
    return "".join(str(unicodedata.digit(one)) if unicodedata.category(one) == "Nd" else one for one in plain)


def day_of(text: str) -> str:
    """A day that was written as text, as year-month-day. Raises NotUnderstood where it can be read in two ways.

    >>> day_of("2004/3/1"), day_of("30/06/2004"), day_of("1.3.2004")
    ('2004-03-01', '2004-06-30', '2004-03-01')
    """
    plain = latin_digits(text)
    found = _YEAR_FIRST.match(plain)
    if found:
        return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    found = _DAY_FIRST.match(plain)
    if found is None:
        return plain
    first, second = int(found[1]), int(found[3])
    if found[2] != "." and first <= 12 and second <= 12 and first != second:
        raise NotUnderstood(
            _("%(text)s can be read as two different days.") % {"text": text[:40]},
            _("Write the date as year-month-day, for example 2004-03-01."),
            DATE_IMPOSSIBLE,
        )
    day, month = (second, first) if found[2] != "." and second > 12 else (first, second)
    return f"{found[4]}-{month:02}-{day:02}"


class Choices:
    """The choices of a list by what a person may write for them: the code, a label in any language, or both."""

    def __init__(self, choices: list[Mapping[str, Any]]) -> None:
        self.codes = {str(one["code"]) for one in choices}
        labelled: dict[str, set[str]] = {}
        for one in choices:
            code = str(one["code"])
            for label in (one.get("label") or {}).values():
                for written in (label, with_code(label, code)):
                    labelled.setdefault(_plain(written), set()).add(code)
            labelled.setdefault(_plain(code), set()).add(code)
        self.by_label = labelled

    def code_of(self, text: str) -> str | None:
        """The code that this text means; None where there is none. Raises NotUnderstood where it means several."""
        if text in self.codes:
            return text
        found = self.by_label.get(_plain(text), set())
        if len(found) > 1:
            raise NotUnderstood(
                _("%(text)s stands for several choices.") % {"text": text[:40]},
                _("Write the code: %(codes)s.") % {"codes": ", ".join(sorted(found))},
                AMBIGUOUS,
            )
        return next(iter(found), None)


def with_code(label: str, code: str) -> str:
    """A choice in the drop-down where its label alone would not tell it from another."""
    return f"{label} ({code})"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def answer_of(field: Mapping[str, Any], value: Any, choices: Choices | None) -> Any:
    """What a cell answers, in the shape that `submit` takes; None where it is empty. Raises NotUnderstood.

    Only what a cell adds to an answer is dealt with here; whether the answer fits its question is for the form.
    """
    if isinstance(value, Broken):
        raise _broken(value)
    kind = field["type"]
    text = text_of(value)
    if not text:
        return None
    if kind in ("select_multiple", "rank"):
        return _several(text, choices)
    if kind == "select_one":
        return _one(text, choices)
    if kind in NUMERIC:
        if isinstance(value, date | time | timedelta):
            raise NotUnderstood(
                _("This cell holds a date or time, not a number: %(text)s.") % {"text": text},
                _("Give the cell the format Number and write it again."),
                WRONG_TYPE,
            )
        return latin_digits(text)
    if kind == "date":
        if isinstance(value, bool | int | float):
            raise NotUnderstood(
                _("%(text)s is a number, not a day.") % {"text": text},
                _("Write the date as year-month-day, for example 2004-03-01."),
                DATE_IMPOSSIBLE,
            )
        return text if isinstance(value, date) else day_of(text)
    if kind == "acknowledge":
        return "OK" if text.casefold() in ("true", "yes", "ok", "1") else text
    if kind in ("time", "datetime", "geopoint"):
        return latin_digits(text)
    return text


def _one(text: str, choices: Choices | None) -> str:
    if choices is None:
        return text
    return choices.code_of(text) or choices.code_of(latin_digits(text)) or text


def _several(text: str, choices: Choices | None) -> list[str]:
    """Several choices in one cell: parted by commas, semicolons or lines; codes by blanks, too."""
    chosen: list[str] = []
    for part in filter(None, (one.strip() for one in _SEPARATORS.split(text))):
        code = choices.code_of(part) if choices is not None else None
        if code is not None:
            chosen.append(code)
        else:
            chosen += [_one(word, choices) for word in part.split()]
    return chosen


def _broken(value: Broken) -> NotUnderstood:
    if value.is_formula:
        return NotUnderstood(
            _("This cell holds a formula whose result is not in the file."),
            _("Open the file in Excel or LibreOffice and save it, or write the value instead of the formula."),
            NO_RESULT,
        )
    return NotUnderstood(
        _("This cell shows an error of the spreadsheet: %(text)s.") % {"text": value.text[:20]},
        _("Mend the formula, or write the value."),
        NO_RESULT,
    )


__all__ = [
    "AMBIGUOUS",
    "NOT_A_CHOICE",
    "NO_RESULT",
    "Broken",
    "Choices",
    "answer_of",
    "day_of",
    "latin_digits",
    "text_of",
    "with_code",
]
