"""What a form demands of answers: types, choices, what is asked at all, what is required, constraints, calculations.

The same checks run in the field; they are run again here, so that a hand-made request gets no further than a page.
An answer to a question that is not asked (not relevant) is dropped, as on a device.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from jump.base import i18n
from jump.engines.evidence.definitions import xpath
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


@dataclass(slots=True)
class Place:
    """One question, group or repeat instance in the answers, with its node and where its value goes."""

    field: Mapping[str, Any]
    node: Node
    path: str
    into: dict[str, Any]
    value: Any = None
    error: FieldError | None = None


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
) -> Outcome:
    """Apply a form to answers: put in order and calculated, with every error and every oddity.

    `files` are the names of attachments that came along; None leaves attachments unchecked (a draft, a preview).
    """
    return _Sheet(schema, answers, today, now, language, files).outcome()


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
    ) -> None:
        self.schema = schema
        self.language = language
        self.files = files
        self.errors: list[FieldError] = []
        self.flags: list[FieldError] = []
        self.places: list[Place] = []
        self.result: dict[str, Any] = {}
        self.by_xpath: dict[str, Mapping[str, Any]] = {}
        root = Node("")
        data = root.add(Node("data", path="/data"))
        self.setting = Setting(
            root=root, today=today, now=now, instances=self._instances(), choice_name=self._choice_name
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
            return
        try:
            place.value = read_answer(field, given)
        except NotUnderstood as error:
            place.error = FieldError(place.path, error.message, error.what_to_do, error.code)
            place.value = None
        place.node.text = node_text(place.value)

    # Answering expressions -----------------------------------------------------------------------

    def _settle(self) -> None:
        """Relevance and calculations until nothing changes: a form may refer forwards."""
        for _pass in range(PASSES_MAX):
            changed = False
            for place in self.places:
                field, node = place.field, place.node
                relevant = node.parent is None or node.parent.is_relevant
                if relevant and field.get("relevant") and can_answer(field["relevant"]):
                    relevant = xpath.holds(field["relevant"], node, self.setting)
                if relevant != node.is_relevant:
                    node.is_relevant = relevant
                    changed = True
                if relevant and field.get("calculate") and can_answer(field["calculate"]):
                    changed |= self._calculate(place)
            if not changed:
                return

    def _calculate(self, place: Place) -> bool:
        value = xpath.evaluate(place.field["calculate"], place.node, self.setting)
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
        if field["type"] in UNASKED:
            return
        if value is None or value == "" or value == []:
            if self._needs(place):
                self._miss(place)
            return
        if field.get("list"):
            self._judge_choice(place)
        if field["type"] in FILE_TYPES and self.files is not None and value not in self.files:
            self._miss(place, named=str(value))
        if field.get("constraint") and can_answer(field["constraint"]):
            if not xpath.holds(field["constraint"], place.node, self.setting):
                told = i18n.text(field.get("constraint_message"), self.language)
                self._error(place, told or _("This answer does not fit."), _("Correct it."), CONSTRAINT)
        self._wonder(place)

    def _needs(self, place: Place) -> bool:
        asked = place.field.get("required", "")
        return bool(asked) and can_answer(asked) and xpath.holds(asked, place.node, self.setting)

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
        if "[" in nodeset or nodeset.startswith("/data"):
            if not can_answer(nodeset):
                return None
            found = xpath.evaluate(nodeset, place.node, self.setting)
            items = found if isinstance(found, list) else []
            key = place.field.get("itemset_value", "name")
            return frozenset(child.text for item in items for child in item.children if child.name == key)
        choices = self.schema["lists"].get(place.field["list"])
        return frozenset(choice["code"] for choice in choices) if choices else None

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

    def _instances(self) -> dict[str, Node]:
        made = {}
        for name, choices in self.schema["lists"].items():
            instance = Node(name)
            root = instance.add(Node("root"))
            for choice in choices:
                item = root.add(Node("item"))
                item.add(Node("name", "text", choice["code"]))
                item.add(Node("label", "text", i18n.text(choice.get("label"), self.language)))
                for key, text in choice.get("extra", {}).items():
                    item.add(Node(key, "text", text))
            made[name] = instance
        return made

    def _choice_name(self, path: str, code: str) -> str:
        field = self.by_xpath.get(path, {})
        for choice in self.schema["lists"].get(field.get("list", ""), ()):
            if choice["code"] == code:
                return i18n.text(choice.get("label"), self.language)
        return code


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
    reader = _READERS.get(kind)
    if reader is None and kind == "range":
        step = Decimal(field.get("parameters", {}).get("step", "1"))
        reader = _read_integer if step == step.to_integral_value() else _read_decimal
    return reader(text) if reader is not None else text


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
