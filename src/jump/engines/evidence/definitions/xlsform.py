"""An XLSForm becomes an XForm and a field schema, or a list of problems; never half a form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import unescape

from lxml import etree

from jump.engines.evidence.definitions import sheets as forms
from jump.engines.evidence.definitions import xpath
from jump.engines.evidence.definitions.sheets import METADATA, QUESTION_TYPES, Problem

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
JAVAROSA = "http://openrosa.org/javarosa"
_NS = {"x": XFORMS, "h": XHTML}
_MEDIA = re.compile(r"jr://(?:images|audio|video|file|file-csv)/([^\"<>]+)")
_ROW = re.compile(r"\[row : (\d+)\]|row (\d+)", re.IGNORECASE)
_LANGUAGE = re.compile(r"\(([A-Za-z-]+)\)\s*$")
_TYPES = {
    "select one": "select_one",
    "select all that apply": "select_multiple",
    "select one external": "select_one",
    "rank": "rank",
    "odk:rank": "rank",
    "photo": "image",
    "group": "group",
    "repeat": "repeat",
    "trigger": "acknowledge",
    "xml-external": "external",
    "csv-external": "external",
    "dateTime": "datetime",
}
META_TYPES = {"start", "end", "today", "deviceid", "username", "phonenumber", "email", "simserial", "subscriberid"}


class FormBroken(ValueError):
    """The form cannot be used; `problems` says where and what to do, cell by cell."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True, slots=True)
class Converted:
    """A form ready to be kept: the XForm for devices, the schema for our pages and checks."""

    title: str
    xform: str
    schema: dict[str, Any]
    digest: str
    warnings: tuple[Problem, ...] = ()
    itemsets: str = ""


def convert(content: bytes) -> Converted:
    """Convert an XLSForm (.xlsx, .xls or Markdown; judged by its bytes). Raises FormBroken."""
    from pyxform.errors import PyXFormError  # half a second, and only needed where a form comes in
    from pyxform.xls2xform import convert as pyxform_convert

    try:
        sheets = forms.read(content)
    except Exception as error:  # a workbook that is no workbook fails in many ways; all mean the same
        raise FormBroken(
            [Problem("survey", 0, "", f"The file cannot be read: {error}.", "Save it again as .xlsx.")]
        ) from error
    found = forms.problems(sheets)
    if found:
        raise FormBroken(found)
    try:
        result = pyxform_convert(
            xlsform=content.decode("utf-8-sig") if sheets.kind == ".md" else BytesIO(content),
            file_type=sheets.kind,
            validate=False,
            form_name="data",
        )
    except PyXFormError as error:
        raise FormBroken([_problem_of(str(error), sheets)]) from error
    survey: Mapping[str, Any] = result._pyxform
    schema = _Schema(survey, result.xform, forms.data_classes(sheets)).build()
    if result.itemsets:
        schema["media"].append(ITEMSETS)
    return Converted(
        title=_plain_title(survey),
        xform=result.xform,
        schema=schema,
        digest=hashlib.sha256(content).hexdigest(),
        warnings=tuple(_problem_of(one, sheets) for one in result.warnings),
        itemsets=result.itemsets or "",
    )


ITEMSETS = "itemsets.csv"  # the name that ODK Collect looks for


def named(xform: str, form_id: str, version: str) -> str:
    """The XForm under this id and version: what a device sends back names both."""
    tree = etree.fromstring(xform.encode())
    instance = tree.find(".//x:model/x:instance", _NS)
    assert instance is not None, "pyxform writes the main instance first"
    instance[0].set("id", form_id)
    instance[0].set("version", version)
    return '<?xml version="1.0"?>\n' + etree.tostring(tree, encoding="unicode")


def _plain_title(survey: Mapping[str, Any]) -> str:
    title = survey.get("title") or survey.get("id_string") or ""
    return str(next(iter(title.values()), "")) if isinstance(title, Mapping) else str(title)


def _problem_of(message: str, sheets: forms.Sheets) -> Problem:
    """pyxform's words, with the row and the sheet that they are about."""
    words = " ".join(message.split())
    number = next((int(found[1] or found[2]) for found in _ROW.finditer(words)), 0)
    sheet = next(
        (name for name in ("choices", "settings", "entities") if f"'{name}'" in words or f" {name} " in words), "survey"
    )
    column = next(
        (
            heading
            for heading in ("choice_filter", "calculation", "relevant", "constraint", "name", "type")
            if heading in words
        ),
        "",
    )
    line = next((row.line for row in sheets.of(sheet) if row.number == number), 0)
    return Problem(sheet, number, column, words, "", line)


class _Schema:
    """Joins what pyxform read from the sheets (labels, choices) with the binds and item sets of the XForm."""

    def __init__(self, survey: Mapping[str, Any], xform: str, classes: Mapping[str, str]) -> None:
        self.survey = survey
        self.classes = classes
        self.tree = etree.fromstring(xform.encode())
        self.binds = {bind.get("nodeset", ""): bind for bind in self.tree.iterfind(".//x:bind", _NS)}
        self.itemsets = self._itemsets()
        self.counts = {
            repeat.get("nodeset", ""): repeat.get(f"{{{JAVAROSA}}}count", "")
            for repeat in self.tree.iterfind(".//x:repeat", _NS)
        }
        self.languages: dict[str, None] = {}
        default = str(survey.get("default_language") or "")
        self.default_language = _language(default) if default and default != "default" else ""
        self.lists: dict[str, list[dict[str, Any]]] = {}
        self.media: list[str] = [unescape(name) for name in _MEDIA.findall(xform)]

    def build(self) -> dict[str, Any]:
        fields = self._children(self.survey, "/data", set())
        self._read_lists()
        languages = [code for code in self.languages if code]
        if self.default_language in languages:
            languages = [self.default_language, *(code for code in languages if code != self.default_language)]
        root = self.tree.find(".//x:instance", _NS)
        first = root[0] if root is not None and len(root) else None
        return {
            "fields": fields,
            "languages": languages or [self.default_language or "en"],
            "lists": self.lists,
            "media": sorted(set(self.media)),
            # What the author called it; the XForm is kept under our own id and version.
            "form_id": first.get("id", "") if first is not None else "",
            "form_version": first.get("version", "") if first is not None else "",
        }

    def _children(self, parent: Mapping[str, Any], above: str, taken: set[str]) -> list[dict[str, Any]]:
        made = []
        for child in parent.get("children") or ():
            if child.get("type") in ("group", "survey") and child.get("name") == "meta":
                continue
            field = self._field(child, above, taken)
            if field is not None:
                made.append(field)
        return made

    def _field(self, child: Mapping[str, Any], above: str, taken: set[str]) -> dict[str, Any] | None:
        name = str(child.get("name") or "")
        written = str(child.get("type") or "")
        kind = _TYPES.get(written) or QUESTION_TYPES.get(written.replace(" ", "_").replace("-", "_")) or written
        if kind == "external":
            return None
        path = f"{above}/{name}"
        bind = self.binds.get(path)
        key = name if name not in taken else path.removeprefix("/data/")
        if kind != "group":
            taken.add(key)
        own = _of(child, "bind")
        field: dict[str, Any] = {
            "name": name,
            "key": key,
            "xpath": path,
            "type": "hidden" if written in META_TYPES or written in METADATA else kind,
            "label": self._texts(child.get("label")),
        }
        more = {
            "hint": self._texts(child.get("hint")),
            "required": _attribute(bind, "required"),
            "relevant": _attribute(bind, "relevant"),
            "constraint": _attribute(bind, "constraint"),
            "calculate": _attribute(bind, "calculate"),
            "read_only": _attribute(bind, "readonly"),
            "constraint_message": self._texts(own.get("jr:constraintMsg")),
            "required_message": self._texts(own.get("jr:requiredMsg")),
            "appearance": str(_of(child, "control").get("appearance") or ""),
            "default": str(child.get("default") or ""),
            "data_class": self.classes.get(name, ""),
            "parameters": {str(name): str(value) for name, value in _of(child, "parameters").items()},
        }
        field.update({name: value for name, value in more.items() if value})
        if written in META_TYPES or written in METADATA:
            field["meta"] = written
        if kind in ("select_one", "select_multiple", "rank"):
            field["list"] = self._list(child)
            if path in self.itemsets:
                field["itemset"], field["itemset_value"] = self.itemsets[path]
        if kind == "group":
            field["children"] = self._children(child, path, taken)
        if kind == "repeat":
            field["children"] = self._children(child, path, set())
            if self.counts.get(path):
                field["count"] = self.counts[path]
        return field

    def _texts(self, value: Any) -> dict[str, str]:
        """A text by language code; one without language stands under the default language."""
        if not value:
            return {}
        if isinstance(value, Mapping):
            made = {_language(str(name)): str(text) for name, text in value.items() if text}
            if "default" in made:
                made[self.default_language or "en"] = made.pop("default")
        else:
            made = {self.default_language or "en": str(value)}
        self.languages.update(dict.fromkeys(made))
        return made

    def _list(self, child: Mapping[str, Any]) -> str:
        name = str(child.get("list_name") or child.get("itemset") or "")
        choices = child.get("choices")
        if choices and name not in self.lists:
            self.lists[name] = [self._choice(choice) for choice in choices]
        return name

    def _choice(self, choice: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {"code": str(choice.get("name")), "label": self._texts(choice.get("label"))}
        extra = {
            str(name): str(value)
            for name, value in choice.items()
            if name not in ("name", "label", "media", "type", "sms_option") and not isinstance(value, Mapping)
        }
        if extra:
            made["extra"] = extra
        return made

    def _read_lists(self) -> None:
        """Extra columns of choices (for choice filters) as the XForm's own instances hold them."""
        for instance in self.tree.iterfind(".//x:model/x:instance[@id]", _NS):
            name = instance.get("id", "")
            items = instance.findall("./x:root/x:item", _NS)
            known = {choice["code"]: choice for choice in self.lists.get(name, [])}
            for item in items:
                cells = {etree.QName(cell).localname: cell.text or "" for cell in item}
                choice = known.get(cells.get("name", ""))
                extra = {key: text for key, text in cells.items() if key not in ("name", "label", "itextId")}
                if choice is not None and extra:
                    choice["extra"] = extra

    def _itemsets(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for control in self.tree.iterfind(".//h:body//*[@ref]", _NS):
            itemset = control.find("./x:itemset", _NS)
            if itemset is not None:
                value = itemset.find("./x:value", _NS)
                found[control.get("ref", "")] = (
                    itemset.get("nodeset", ""),
                    value.get("ref", "name") if value is not None else "name",
                )
        return found


def _of(child: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = child.get(name)
    return value if isinstance(value, Mapping) else {}


def _attribute(bind: Any, name: str) -> str:
    return str(bind.get(name) or "").strip() if bind is not None else ""


def _language(name: str) -> str:
    """The code in a language's name: `French (fr)` is fr; a name without one stays as it is."""
    found = _LANGUAGE.search(name)
    return found[1].lower() if found else name


def fields_of(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every question, group and repeat of a schema, in order, with what is inside."""
    waiting = list(schema["fields"])
    while waiting:
        field = waiting.pop(0)
        yield field
        waiting[:0] = field.get("children", [])


def expressions_of(schema: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    """Every (field, kind of expression, text) of a schema."""
    for field in fields_of(schema):
        for kind in ("relevant", "constraint", "calculate", "required", "read_only", "itemset", "count"):
            if field.get(kind):
                yield field, kind, str(field[kind])


def unanswered(schema: Mapping[str, Any]) -> list[str]:
    """Expressions that the server cannot answer (pulldata, random): what the device sends is then taken as it is."""
    return [f"{field['xpath']}: {text}" for field, _kind, text in expressions_of(schema) if not can_answer(text)]


@lru_cache(maxsize=8_192)
def can_answer(text: str) -> bool:
    """Whether the server can answer an expression of the finished XForm."""
    try:
        return not xpath.unanswered_functions(text)
    except xpath.BadExpression:
        return False
