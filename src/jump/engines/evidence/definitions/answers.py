"""What a form demands of answers: types, choices, what is asked at all, what is required, constraints, calculations.

The same checks run in the field; they are run again here, so that a hand-made request gets no further than a page.
An answer to a question that is not asked (not relevant) is dropped, as on a device. Where the device worked something
out, its result is compared with ours; a difference is a flag. What cannot be answered within its bounds is a flag too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from jump.base import i18n
from jump.engines.evidence.definitions import xpath
from jump.engines.evidence.definitions.tables import Table, Tables, stem_of
from jump.engines.evidence.definitions.xlsform import can_answer
from jump.engines.evidence.definitions.xpath import Node, Setting
from jump.engines.evidence.types import FieldError, Outcome

PASSES_MAX = 12
YEAR_MIN, YEAR_MAX = 1900, 2100
INTEGER_DIGITS_MAX = 18
FILE_TYPES = frozenset({"image", "audio", "video", "file"})
UNASKED = frozenset({"note", "hidden", "external", "calculate"})
_INTEGER = re.compile(r"[+-]?\d+$")
_DECIMAL = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)$")
_POINT = re.compile(r"-?\d+(\.\d+)?( -?\d+(\.\d+)?){1,3}$")

WRONG_TYPE = "wrong_type"
DATE_IMPOSSIBLE = "date_impossible"
REQUIRED = "required"
CONSTRAINT = "constraint"
NOT_A_CHOICE = "not_a_choice"
UNKNOWN_QUESTION = "unknown_question"
ATTACHMENT_MISSING = "attachment_missing"
UNLIKELY = "unlikely"
CALCULATED_OTHERWISE = "calculated_otherwise"
NOT_CHECKED = "not_checked"
NEAR_ENOUGH = Decimal("1e-9")


@dataclass(slots=True)
class Place:
    """One question, group or repeat instance in the answers, with its node and where its value goes."""

    field: Mapping[str, Any]
    node: Node
    path: str
    into: dict[str, Any]
    value: Any = None
    error: FieldError | None = None
    given: Any = None
    is_parent_relevant: bool | None = None


class NotUnderstood(ValueError):
    """An answer that is not of the question's type."""

    def __init__(self, message: str, what_to_do: str, code: str = WRONG_TYPE) -> None:
        super().__init__(message)
        self.message = message
        self.what_to_do = what_to_do
        self.code = code


def outcome(
    schema: Mapping[str, Any],
    answers: Mapping[str, Any],
    *,
    today: date,
    now: datetime,
    language: str | None = None,
    files: frozenset[str] | None = None,
    tables: Mapping[str, Table] | None = None,
) -> Outcome:
    """Apply a form to answers: put in order and calculated, with every error and every oddity.

    `files` are the names of attachments that came along; None leaves attachments unchecked (a draft, a preview).
    `tables` are the files beside the form, by the id that its expressions use.
    """
    return _Sheet(schema, answers, today, now, language, files, tables or {}).outcome()


def offered(
    schema: Mapping[str, Any],
    answers: Mapping[str, Any],
    *,
    today: date,
    now: datetime,
    tables: Mapping[str, Table] | None = None,
) -> dict[str, list[str]]:
    """The codes that each question of choices offers beside these answers, by path, in the order of the form.

    A question that is not asked, or whose list is not here, is left out.
    """
    sheet = _Sheet(schema, answers, today, now, None, None, tables or {})
    sheet._settle()
    found: dict[str, list[str]] = {}
    for place in sheet.places:
        if place.node.is_relevant and place.field.get("list"):
            allowed = sheet._allowed(place)
            if allowed is not None:
                name = place.field["list"]
                table = sheet.setting.tables.get(stem_of(name) if "." in name else name)
                key = place.field.get("itemset_value", "name")
                rows = table.rows if table is not None else ()
                found[place.path] = [row[key] for row in rows if row.get(key) in allowed] or sorted(allowed)
    return found


class _Sheet:
    """One filling of a form."""

    def __init__(
        self,
        schema: Mapping[str, Any],
        answers: Mapping[str, Any],
        today: date,
        now: datetime,
        language: str | None,
        files: frozenset[str] | None,
        tables: Mapping[str, Table],
    ) -> None:
        self.schema = schema
        self.language = language
        self.files = files
        self.errors: list[FieldError] = []
        self.flags: list[FieldError] = []
        self.places: list[Place] = []
        self.result: dict[str, Any] = {}
        self.by_xpath: dict[str, Mapping[str, Any]] = {}
        self.codes: dict[str, frozenset[str] | None] = {}
        root = Node("")
        data = root.add(Node("data", path="/data"))
        self.tables = tables
        self.setting = Setting(
            root=root,
            today=today,
            now=now,
            tables=self._all_tables(),
            choice_name=self._choice_name,
            itext=self._itext,
        )
        self._lay_out(schema["fields"], answers, data, self.result, "")

    # Laying out ----------------------------------------------------------------------------------

    def _lay_out(
        self,
        fields: Sequence[Mapping[str, Any]],
        answers: Mapping[str, Any],
        parent: Node,
        into: dict[str, Any],
        prefix: str,
    ) -> None:
        self._look_for_strangers(fields, answers, prefix)
        self._lay_fields(fields, answers, parent, into, prefix)

    def _lay_fields(
        self,
        fields: Sequence[Mapping[str, Any]],
        answers: Mapping[str, Any],
        parent: Node,
        into: dict[str, Any],
        prefix: str,
    ) -> None:
        for field in fields:
            self.by_xpath[field["xpath"]] = field
            kind = field["type"]
            node_type = "calculate" if kind == "hidden" else kind
            if kind == "group":
                node = parent.add(Node(field["name"], node_type, path=field["xpath"]))
                self.places.append(Place(field, node, f"{prefix}{field['key']}", into))
                self._lay_fields(field["children"], answers, node, into, prefix)
            elif kind == "repeat":
                self._lay_repeat(field, answers, parent, into, prefix)
            else:
                node = parent.add(Node(field["name"], node_type, path=field["xpath"]))
                place = Place(field, node, f"{prefix}{field['key']}", into)
                self.places.append(place)
                self._read(place, answers.get(field["key"]))

    def _lay_repeat(
        self,
        field: Mapping[str, Any],
        answers: Mapping[str, Any],
        parent: Node,
        into: dict[str, Any],
        prefix: str,
    ) -> None:
        given = answers.get(field["key"]) or []
        path = f"{prefix}{field['key']}"
        if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(i, Mapping) for i in given):
            self.errors.append(
                FieldError(path, _("This is not a list of entries."), _("Give a list, one entry each."), WRONG_TYPE)
            )
            return
        rows: list[dict[str, Any]] = []
        into[field["key"]] = rows
        for number, item in enumerate(given):
            node = parent.add(Node(field["name"], "repeat", path=field["xpath"]))
            row: dict[str, Any] = {}
            rows.append(row)
            self.places.append(Place(field, node, f"{path}.{number}", into, value=row))
            self._lay_out(field["children"], item, node, row, f"{path}.{number}.")

    def _look_for_strangers(self, fields: Sequence[Mapping[str, Any]], answers: Mapping[str, Any], prefix: str) -> None:
        known = set(keys_of(fields))
        for key in answers:
            if key not in known:
                self.errors.append(
                    FieldError(
                        f"{prefix}{key}",
                        _("This form has no question of this name."),
                        _("Check the name, or use the current version of the form."),
                        UNKNOWN_QUESTION,
                    )
                )

    def _read(self, place: Place, given: Any) -> None:
        field = place.field
        if field["type"] in UNASKED:
            if field.get("meta") == "today":
                given = self.setting.today.isoformat()
            place.value = given if given is None or isinstance(given, str | int | Decimal) else str(given)
            place.node.text = node_text(place.value)
            place.given = place.node.text if field.get("calculate") else None
            return
        try:
            place.value = read_answer(field, given)
        except NotUnderstood as error:
            place.error = FieldError(place.path, error.message, error.what_to_do, error.code)
            place.value = None
        place.node.text = node_text(place.value)

    # Answering expressions -----------------------------------------------------------------------

    def _settle(self) -> None:
        """Relevance and calculations until nothing changes: a form may refer forwards.

        Question by question, each in all rows of its repeat: a sum over the rows is then worked out once and not in
        every row. After the first pass only what speaks of something that changed is answered again.
        """
        by_question: dict[str, list[Place]] = {}
        for place in self.places:
            by_question.setdefault(place.field["xpath"], []).append(place)
        ordered = [place for path in self.by_xpath for place in by_question.get(path, ())]
        changed: set[str] | None = None
        for _pass in range(PASSES_MAX):
            found: set[str] = set()
            for place in ordered:
                if changed is not None and not self._is_touched(place, changed | found):
                    continue
                self._answer(place, found)
            if not found:
                return
            changed = found
        if changed:
            self._note(self.places[-1], _("The calculations of this form do not come to rest."))

    def _is_touched(self, place: Place, changed: set[str]) -> bool:
        parent = place.node.parent
        if parent is not None and parent.is_relevant != place.is_parent_relevant:
            return True
        names = _depends_on(place.field)
        return xpath.ANYTHING in names or not names.isdisjoint(changed)

    def _answer(self, place: Place, changed: set[str]) -> None:
        """Whether the place is asked, and its calculation; names of what changed are put into `changed`."""
        field, node = place.field, place.node
        parent = node.parent
        relevant = place.is_parent_relevant = parent is None or parent.is_relevant
        if relevant and field.get("relevant"):
            relevant = self._holds(place, "relevant", otherwise=True)
        if relevant != node.is_relevant:
            node.is_relevant = relevant
            names = _names_below(field)
            changed |= names
            self._count_changes(names)
        calculation = field.get("calculate")
        if relevant and calculation and can_answer(calculation) and not self._is_of_the_device(place):
            if self._calculate(place):
                changed.add(node.name)
                self._count_changes([node.name])

    def _is_of_the_device(self, place: Place) -> bool:
        """What may come out differently each time stands as the device worked it out."""
        return bool(place.given) and xpath.is_changeful(place.field["calculate"])

    def _count_changes(self, names: Iterable[str]) -> None:
        counted = self.setting.changes
        for name in names:
            counted[name] = counted.get(name, 0) + 1

    def _calculate(self, place: Place) -> bool:
        try:
            value = xpath.evaluate(place.field["calculate"], place.node, self.setting)
        except UNANSWERED as error:
            self._note(place, str(error))
            return False
        if isinstance(value, Decimal):
            value = xpath.rounded(value)
            typed: Any = None if not value.is_finite() else int(value) if value == int(value) else value
            text = xpath.number_text(value) if value.is_finite() else ""
        else:
            text = xpath.text_of(value)
            typed = _typed_text(place.field["type"], text)
        if text == place.node.text and place.value == typed:
            return False
        changed = text != place.node.text
        place.node.text, place.value = text, typed
        return changed

    def _holds(self, place: Place, kind: str, otherwise: bool) -> bool:
        """The answer to a condition of the question; `otherwise` where the server cannot answer it."""
        text = place.field[kind]
        if not can_answer(text):
            return otherwise
        try:
            return xpath.holds(text, place.node, self.setting)
        except UNANSWERED as error:
            self._note(place, str(error))
            return otherwise

    def _note(self, place: Place, why: str) -> None:
        """What could not be checked here: accepted as the device has it, and shown to the reviewer once."""
        if not any(one.code == NOT_CHECKED and one.message == why for one in self.flags):
            self.flags.append(FieldError(place.path, why, _("Look at this answer yourself."), NOT_CHECKED))

    # Judging -------------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        self._settle()
        for place in self.places:
            if place.node.is_relevant and place.field["type"] not in ("group", "repeat"):
                self._judge(place)
        self._collect()
        return Outcome(
            answers=self.result,
            errors=tuple(self.errors),
            flags=tuple(self.flags),
            relevant=frozenset(place.path for place in self.places if place.node.is_relevant),
        )

    def _judge(self, place: Place) -> None:
        field, value = place.field, place.value
        if place.error is not None:
            self.errors.append(place.error)
            return
        if place.given:
            self._compare(place)
        if field["type"] in UNASKED:
            return
        if value is None or value == "" or value == []:
            if self._needs(place):
                self._miss(place)
            return
        if field.get("list") and not field.get("calculate"):  # what a form works out nobody can put right
            self._judge_choice(place)
        if field["type"] in FILE_TYPES and self.files is not None and value not in self.files:
            self._miss(place, named=str(value))
        if field.get("constraint"):
            if not self._holds(place, "constraint", otherwise=True):
                told = i18n.text(field.get("constraint_message"), self.language)
                self._error(place, told or _("This answer does not fit."), _("Correct it."), CONSTRAINT)
        self._wonder(place)

    def _needs(self, place: Place) -> bool:
        return bool(place.field.get("required")) and self._holds(place, "required", otherwise=False)

    def _compare(self, place: Place) -> None:
        """What the device worked out beside what comes out here. A difference is shown, and ours is kept."""
        given, ours = place.given, place.node.text
        if given == ours or not can_answer(place.field["calculate"]):
            return
        one, other = xpath.number_of(given), xpath.number_of(ours)
        if (
            one.is_finite()
            and other.is_finite()
            and abs(one - other) <= NEAR_ENOUGH * max(Decimal(1), abs(one), abs(other))
        ):
            return
        facts = {"device": given[:80], "server": ours[:80] or "—"}
        told = _("The device worked out %(device)s, and here it is %(server)s.") % facts
        self.flags.append(
            FieldError(place.path, told, _("Look at the answers that it follows from."), CALCULATED_OTHERWISE)
        )

    def _miss(self, place: Place, named: str = "") -> None:
        if place.field["type"] in FILE_TYPES:
            what = _("The file %(name)s did not come with the form.") % {"name": named} if named else ""
            message = what or _("A photo or file is missing here.")
            self._error(place, message, _("Add it and send again."), ATTACHMENT_MISSING)
            return
        told = i18n.text(place.field.get("required_message"), self.language)
        self._error(place, told or _("This answer is missing."), _("Please answer it."), REQUIRED)

    def _judge_choice(self, place: Place) -> None:
        allowed = self._allowed(place)
        if allowed is None:
            return
        for code in place.value if isinstance(place.value, list) else [place.value]:
            if code not in allowed:
                self._error(
                    place,
                    _("%(code)s is not among the choices.") % {"code": code},
                    _("Choose one from the list."),
                    NOT_A_CHOICE,
                )

    def _allowed(self, place: Place) -> frozenset[str] | None:
        """The codes on offer at this place; None where the list lies in a file that the server does not hold."""
        nodeset = place.field.get("itemset", "")
        key = place.field.get("itemset_value", "name")
        if "[" in nodeset or nodeset.startswith("/data"):
            if not can_answer(nodeset):
                return None
            table = xpath.instance_named(nodeset)
            if table and table not in self.setting.tables:
                return None
            try:
                found = xpath.evaluate(nodeset, place.node, self.setting)
            except UNANSWERED as error:
                self._note(place, str(error))
                return None
            items = found if isinstance(found, list) else []
            return frozenset(child.text for item in items for child in item.called(key))
        name = stem_of(place.field["list"]) if "." in place.field["list"] else place.field["list"]
        if name not in self.codes:
            table_of = self.setting.tables.get(name)
            self.codes[name] = frozenset(row.get(key, "") for row in table_of.rows) if table_of is not None else None
        return self.codes[name] or None

    def _wonder(self, place: Place) -> None:
        """What is accepted and shown as odd: a year far off."""
        if place.field["type"] in ("date", "datetime") and isinstance(place.value, str):
            year = int(place.value[:4])
            if not YEAR_MIN <= year <= YEAR_MAX:
                self.flags.append(
                    FieldError(place.path, _("The year %(year)s is unlikely.") % {"year": year}, "", UNLIKELY)
                )

    def _error(self, place: Place, message: str, what_to_do: str, code: str) -> None:
        self.errors.append(FieldError(place.path, message, what_to_do, code))

    def _collect(self) -> None:
        """Put relevant answers into the result, in the order of the form; nothing is kept for what was not asked."""
        ordered: dict[int, dict[str, Any]] = {}
        dropped: list[tuple[list[Any], dict[str, Any]]] = []
        for place in self.places:
            kind = place.field["type"]
            if kind == "group":
                continue
            if kind == "repeat":
                if not place.node.is_relevant:
                    dropped.append((place.into[place.field["key"]], place.value))
                continue
            if place.node.is_relevant and place.value not in (None, "", []):
                place.into[place.field["key"]] = place.value
                ordered.setdefault(id(place.into), place.into)
        for rows, row in dropped:
            rows[:] = [one for one in rows if one is not row]
        _put_in_order(self.schema["fields"], self.result)

    # Lists ---------------------------------------------------------------------------------------

    def _all_tables(self) -> Tables:
        """The lists of choices and the files beside the form, by the ids that expressions use."""

        def maker(name: str) -> Callable[[], Table]:
            return lambda: Table([self._choice_row(name, *one) for one in enumerate(self.schema["lists"][name])])

        def file(name: str) -> Callable[[], Table]:
            return lambda: self.tables[name]

        return Tables(
            {
                **{name: file(name) for name in self.tables},
                **{name: maker(name) for name, choices in self.schema["lists"].items() if choices},
            }
        )

    def _choice_row(self, name: str, number: int, choice: Mapping[str, Any]) -> dict[str, str]:
        return {
            "itextId": f"{name}-{number}",
            "name": choice["code"],
            "label": i18n.text(choice.get("label"), self.language),
            **choice.get("extra", {}),
        }

    def _itext(self, text_id: str) -> str:
        """A text of the form by the id that pyxform gives it: `list-3` or `/data/question:label`."""
        name, _dash, number = text_id.rpartition("-")
        choices = self.schema["lists"].get(name, ())
        if number.isdecimal() and int(number) < len(choices):
            return i18n.text(choices[int(number)].get("label"), self.language)
        path, _colon, kind = text_id.rpartition(":")
        return i18n.text(self.by_xpath.get(path, {}).get(kind), self.language)

    def _choice_name(self, path: str, code: str) -> str:
        field = self.by_xpath.get(path, {})
        name = field.get("list", "")
        table = self.setting.tables.get(stem_of(name) if "." in name else name)
        found = table.where("name", code) if table is not None else ()
        return found[0].get("label") or code if found else code


UNANSWERED = (xpath.OutOfTime, xpath.BadExpression, RecursionError, ArithmeticError)


def _depends_on(field: Mapping[str, Any]) -> frozenset[str]:
    return _names_of(field.get("relevant", ""), field.get("calculate", ""))


@lru_cache(maxsize=8_192)
def _names_of(relevant: str, calculation: str) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for text in (relevant, calculation):
        if text and can_answer(text):
            found |= xpath.depends_on(text)
    return found


def _names_below(field: Mapping[str, Any]) -> set[str]:
    """The names of a field and of all that is inside."""
    found = {str(field["name"])}
    for child in field.get("children", ()):
        found |= _names_below(child)
    return found


def keys_of(fields: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The names under which answers of these questions stand: those of groups among their neighbours."""
    for field in fields:
        if field["type"] == "group":
            yield from keys_of(field["children"])
        else:
            yield field["key"]


def _put_in_order(fields: Sequence[Mapping[str, Any]], answers: dict[str, Any]) -> None:
    repeats = {field["key"]: field for field in _flat(fields) if field["type"] == "repeat"}
    held = dict(answers)
    answers.clear()
    for key in keys_of(fields):
        if key in held:
            answers[key] = held[key]
            if key in repeats:
                for row in held[key]:
                    _put_in_order(repeats[key]["children"], row)


def _flat(fields: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for field in fields:
        yield field
        if field["type"] == "group":
            yield from _flat(field["children"])


def _typed_text(kind: str, text: str) -> Any:
    if kind == "integer" and _INTEGER.match(text):
        return int(text)
    if kind == "decimal" and _DECIMAL.match(text):
        return Decimal(text)
    return text or None


def node_text(value: Any) -> str:
    """An answer as the instance holds it: lists with blanks between, numbers plainly."""
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, Decimal):
        return xpath.number_text(value)
    return str(value)


# One answer ------------------------------------------------------------------------------------------


def read_answer(field: Mapping[str, Any], given: Any) -> Any:
    """An answer in its question's own type; None where nothing was answered. Raises NotUnderstood."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    kind = field["type"]
    if kind in ("select_multiple", "rank"):
        chosen = given.split() if isinstance(given, str) else given
        if not isinstance(chosen, list | tuple):
            raise NotUnderstood(_("This is not a list of choices."), _("Choose from the list."))
        return [str(code) for code in dict.fromkeys(chosen) if str(code).strip()]
    if isinstance(given, Mapping | list | tuple):
        raise NotUnderstood(_("One answer is expected here."), _("Give one value."))
    text = str(given.isoformat() if isinstance(given, date | datetime | time) else given).strip()
    if kind in _IN_DIGITS:
        text = plain_digits(text)
    reader = _READERS.get(kind)
    if reader is None and kind == "range":
        step = Decimal(field.get("parameters", {}).get("step", "1"))
        reader = _read_integer if step == step.to_integral_value() else _read_decimal
    return reader(text) if reader is not None else text


_IN_DIGITS = frozenset({"integer", "decimal", "range", "date", "time", "datetime", "geopoint"})
_MARKS = {"٫": ".", "٬": "", "−": "-"}  # Arabic marks of decimals and thousands; the minus of typesetters


def plain_digits(text: str) -> str:
    """A number or day in European digits, whatever digits it was written in: Eastern Arabic, Persian, Bangla, Thai.

    >>> plain_digits("١٢٫٥"), plain_digits("۲۰۰۴-۰۳-۰۱")
    ('12.5', '2004-03-01')
    """
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else _MARKS.get(letter, letter) for letter in text
    )


def _read_integer(text: str) -> int:
    if text.endswith(".0"):
        text = text[:-2]
    if not _INTEGER.match(text) or len(text) > INTEGER_DIGITS_MAX:
        raise NotUnderstood(
            _("%(text)s is not a whole number.") % {"text": text[:40]}, _("Write a whole number, for example 12.")
        )
    return int(text)


def _read_decimal(text: str) -> Decimal:
    try:
        if not _DECIMAL.match(text):
            raise InvalidOperation
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise NotUnderstood(
            _("%(text)s is not a number.") % {"text": text[:40]}, _("Write a number, for example 12.5.")
        ) from None
    return value


def _read_date(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat() if len(text) >= 10 else date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotUnderstood(
            _("There is no such date: %(text)s.") % {"text": text[:40]},
            _("Write the date as year-month-day, for example 2004-03-01."),
            DATE_IMPOSSIBLE,
        ) from None


def _read_time(text: str) -> str:
    try:
        return time.fromisoformat(text).isoformat()
    except ValueError:
        raise NotUnderstood(_("There is no such time: %(text)s.") % {"text": text[:40]}, _("Write 14:30.")) from None


def _read_datetime(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise NotUnderstood(
            _("There is no such date and time: %(text)s.") % {"text": text[:40]},
            _("Write 2004-03-01T14:30."),
            DATE_IMPOSSIBLE,
        ) from None


def _read_point(text: str) -> str:
    parts = text.replace(",", " ").split()
    if not _POINT.match(" ".join(parts)) or abs(float(parts[0])) > 90 or abs(float(parts[1])) > 180:
        raise NotUnderstood(
            _("This is not a place on the map."), _("Give latitude and longitude, with a blank between.")
        )
    return " ".join(parts)


_READERS = {
    "integer": _read_integer,
    "decimal": _read_decimal,
    "date": _read_date,
    "time": _read_time,
    "datetime": _read_datetime,
    "geopoint": _read_point,
}


def to_json(value: Any) -> Any:
    """Answers as rows and effects carry them: decimals as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {key: to_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [to_json(inner) for inner in value]
    return value


def from_json(fields: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Stored answers with their decimals back."""
    by_key = {field["key"]: field for field in _flat(fields) if field["type"] != "group"}
    made: dict[str, Any] = {}
    for key, value in answers.items():
        field = by_key.get(key, {})
        kind = field.get("type")
        if kind == "repeat" and isinstance(value, list):
            made[key] = [from_json(field["children"], row) for row in value]
        elif isinstance(value, str) and (
            kind in ("decimal", "range") or (kind == "calculate" and "." in value and _DECIMAL.match(value))
        ):
            made[key] = Decimal(value)
        else:
            made[key] = value
    return made


def with_blanks(fields: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers with None where nothing was answered, so that a declared look-up finds every question of the form."""
    made: dict[str, Any] = {}
    for field in _flat(fields):
        key = field["key"]
        if field["type"] == "repeat":
            made[key] = [with_blanks(field["children"], row) for row in answers.get(key) or []]
        elif field["type"] not in ("group", "note", "external"):
            made[key] = answers.get(key)
    return made


def leaves(
    fields: Sequence[Mapping[str, Any]], answers: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Every single answer with its path and question, repeats opened."""
    for field in _flat(fields):
        key = field["key"]
        if field["type"] == "repeat":
            for number, row in enumerate(answers.get(key) or []):
                yield from leaves(field["children"], row, f"{prefix}{key}.{number}.")
        elif field["type"] != "group" and answers.get(key) is not None:
            yield f"{prefix}{key}", field, answers[key]
