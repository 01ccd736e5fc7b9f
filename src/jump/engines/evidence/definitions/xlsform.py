"""An XLSForm becomes an XForm and a field schema, or a list of problems; never half a form."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import unescape

from django.utils.translation import gettext as _
from lxml import etree

from jump.engines.evidence.definitions import faults, xpath
from jump.engines.evidence.definitions import sheets as forms
from jump.engines.evidence.definitions.sheets import METADATA, QUESTION_TYPES, Problem

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
JAVAROSA = "http://openrosa.org/javarosa"
_NS = {"x": XFORMS, "h": XHTML}
_MEDIA = re.compile(r"jr://(?:images|audio|video|file|file-csv)/([^\"<>]+)")
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

    @property
    def titles(self) -> dict[str, str]:
        """The title as forms keep it: an XLSForm has it in one language only."""
        return {str(self.schema["languages"][0]): self.title, "en": self.title}


def convert(content: bytes) -> Converted:
    """Convert an XLSForm (.xlsx, .xls or Markdown; judged by its bytes).

    Raises FormBroken with every problem that was found: those that can be seen in the cells, and what pyxform finds
    one after the other while the rows it complained of are set aside.
    """
    sheets = _read(content)
    found = faults.problems(sheets)
    deadline = time.monotonic() + SECONDS_MAX
    result = None
    if not any(one.sheet == "survey" and one.row <= 1 for one in found):
        result, more = _converted(sheets, found, deadline)
        places = {(one.sheet, one.row) for one in found}
        found += [one for one in more if (one.sheet, one.row) not in places]
    if found or result is None:
        raise FormBroken(sorted(map(_with_remedy, found), key=lambda one: (_SHEET_ORDER.get(one.sheet, 9), one.row)))
    survey: Mapping[str, Any] = result._pyxform
    schema = _Schema(survey, result.xform, forms.data_classes(sheets)).build()
    if result.itemsets:
        schema["media"].append(ITEMSETS)
    return Converted(
        title=_plain_title(survey),
        xform=result.xform,
        schema=schema,
        digest=hashlib.sha256(content).hexdigest(),
        warnings=(*(_problem_of(one, {}, sheets) for one in result.warnings), *faults.translations(sheets)),
        itemsets=result.itemsets or "",
    )


SECONDS_MAX = 60.0
TRIES_MAX = 40
_SHEET_ORDER = {name: number for number, name in enumerate(forms.SHEETS)}
_NEEDED = frozenset({"type", "name", "label", "list_name", ""})


def _read(content: bytes) -> forms.Sheets:
    try:
        return forms.read(content)
    except forms.NotAForm as error:
        raise FormBroken([Problem(error.sheet or "survey", error.row, "", str(error), error.what_to_do)]) from None
    except Exception as error:  # a damaged workbook fails in many ways; all mean the same
        raise FormBroken(
            [
                Problem(
                    "survey",
                    0,
                    "",
                    _("The workbook is damaged."),
                    _("Open it in a spreadsheet program and save it again as .xlsx."),
                )
            ]
        ) from error


def _converted(sheets: forms.Sheets, found: list[Problem], deadline: float) -> tuple[Any, list[Problem]]:
    """pyxform's result, and what it complained of. Rows with problems are set aside so that it goes on to the next."""
    from pyxform.errors import PyXFormError  # half a second, and only needed where a form comes in
    from pyxform.xls2xform import convert as pyxform_convert

    written = sheets.workbook()
    for problem in found:
        _set_aside(written, sheets, problem)
    more: list[Problem] = []
    for _try in range(TRIES_MAX):
        try:
            copy = {
                name: [dict(row) for row in rows] if name in forms.SHEETS else rows for name, rows in written.items()
            }
            return pyxform_convert(xlsform=copy, validate=False, form_name="data"), more
        except PyXFormError as error:
            problem = _problem_of(str(error), error.context, sheets)
        except Exception as error:  # what pyxform did not foresee is still about this form
            problem = Problem("survey", 0, "", _("pyxform cannot convert the form: %(error)s.") % {"error": error}, "")
        if problem in more or (found and not problem.row):
            return None, more
        more.append(problem)
        if time.monotonic() > deadline or not _set_aside(written, sheets, problem):
            return None, more
    return None, more


def _set_aside(written: dict[str, Any], sheets: forms.Sheets, problem: Problem) -> bool:
    """Take out the cell that is wrong, or make the row a plain one, so that the rest can be looked at."""
    rows = written.get(problem.sheet, [])
    at = problem.row - 2
    if not 0 <= at < len(rows) or not rows[at]:
        return False
    headings = dict(zip(sheets.spelled[problem.sheet], sheets.headings[problem.sheet], strict=True))
    row = rows[at]
    cells = [heading for heading in row if headings.get(heading) == problem.column and problem.column not in _NEEDED]
    if cells:
        for heading in cells:
            del row[heading]
        return True
    plain = {headings.get(heading, heading): (heading, cell) for heading, cell in row.items()}
    if problem.sheet != "survey":
        rows[at] = {}
        return True
    kind, _chosen = forms.type_of(forms.Row(0, {name: cell for name, (_heading, cell) in plain.items()}))
    if kind in forms.BEGIN or kind in forms.END or "type" not in plain or kind in _PLAIN:
        return False
    name = plain.get("name", ("name", ""))[1]
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
        name = f"row_{problem.row}"
    spelled = {plain_name: heading for heading, plain_name in headings.items()}
    label = next((heading for plain_name, heading in spelled.items() if plain_name.partition("::")[0] == "label"), "")
    rows[at] = {
        spelled["type"]: _PLAIN[not label],
        spelled.get("name", "name"): name,
        **({label: name} if label else {}),
    }
    return True


_PLAIN = ("text", "hidden")  # what is asked, and what needs no label


BYTES_MAX = forms.BYTES_MAX
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


_LOCATED = re.compile(r"(?:\[row : (?P<row>\d+)\] ?|^Row (?P<old>\d+)[:,]? )", re.IGNORECASE)
_SHEET = re.compile(
    r"On the '(?P<sheet>\w+)' sheet, (?:the '(?P<column>[^']+)' value(?: '[^']*')? is (?:invalid|problematic)\.)? ?"
)
_SHOWN_ROW = re.compile(r":? ?\{'(?:name|type|label)':.*\}")  # a row as Python shows it: the number says which
_REMEDY = re.compile(r"(?= (?:Please|Learn more|See|If this is intentional)\b)")


def _problem_of(message: str, context: Mapping[str, Any], sheets: forms.Sheets) -> Problem:
    """pyxform's words as a cause and a remedy, with the sheet, row and column that they are about."""
    words = _SHOWN_ROW.sub("", " ".join(message.split()))
    located = _LOCATED.search(words)
    number = int(context.get("row") or (located and (located["row"] or located["old"])) or 0)
    words = _LOCATED.sub("", words, count=1)
    on = _SHEET.search(words)
    sheet = str(context.get("sheet") or context.get("sheet_name") or (on["sheet"] if on else "")).lower()
    column = str(context.get("column") or (on["column"] if on else "") or "").lower()
    words = _SHEET.sub("", words, count=1)
    cause, *remedy = _REMEDY.split(words, maxsplit=1)
    if sheet not in forms.SHEETS:
        sheet = next((name for name in ("choices", "settings", "entities") if f"{name} sheet" in words), "survey")
    if column not in sheets.headings.get(sheet, []):
        column = forms.HEADINGS.get(column, column)
        if column not in sheets.headings.get(sheet, []):
            named_in = (name for name in sheets.headings.get(sheet, []) if name and f"'{name}'" in words)
            column = next(named_in, "") if number else ""
    number = number or _row_about(words, sheets.of(sheet))
    line = next((row.line for row in sheets.of(sheet) if row.number == number), 0)
    return Problem(sheet, number, column, cause.strip(), remedy[0].strip() if remedy else "", line)


_QUOTED = re.compile(r"\$\{([\w.-]+)\}|['\"]([^'\"]+)['\"]")
_WORD = re.compile(r"[a-z][\w-]{3,}")
_PARAMETER = re.compile(r"([a-z][\w-]*)\s*=")


def _row_about(words: str, rows: Sequence[forms.Row]) -> int:
    """The number of the row that pyxform means where it gives none: the one that holds most of what it quotes.

    0 where none holds any of it. Of several the last: what stands twice is wrong where it stands again.
    """
    quoted = {one or other for one, other in _QUOTED.findall(words)}
    spoken = set(_WORD.findall(words))
    best, found = 0, 0
    for row in rows:
        held = {word for cell in row.cells.values() for word in cell.replace("${", " ").replace("}", " ").split()}
        weight = 4 * (row.get("name") in quoted) + 2 * len(quoted & held)
        weight += 3 * len(spoken & set(_PARAMETER.findall(row.get("parameters")))) + (row.get("type") in spoken)
        if weight and weight >= best:
            best, found = weight, row.number
    return found


def _with_remedy(problem: Problem) -> Problem:
    """What makes a form unusable always says what to do."""
    if problem.what_to_do:
        return problem
    general = _("Correct this cell, or take the row out.") if problem.row else _("Correct it and send the form again.")
    return replace(problem, what_to_do=general)


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
