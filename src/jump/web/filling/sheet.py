"""A form of a package as fields of a page: what is drawn, what was typed, and the answers that come of it.

Every question is one field, named by its path (`members.0.given_name`). What a question demands is judged by evidence
alone; here only the day in three boxes and the marks in numbers are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jump.base import clock, files
from jump.base.actors import Actor
from jump.base.refusals import Refusal
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.web import formats
from jump.web.filling.conditions import in_words
from jump.web.forms import DayField, DayWidget, PageForm, PickManyWidget, PickWidget

PREFIX = "a"
KEPT = "k"
COUNT = "n"
ROWS_MAX = 200
PICK_MAX = 6
MORE = 10
SALT = "jump.web.filling"
KEPT_SECONDS = 86_400
UNASKED = frozenset({"note", "calculate", "hidden"})
FILES = frozenset({"image", "audio", "video", "file"})
ACCEPT = {"image": "image/*", "audio": "audio/*", "video": "video/*"}

Tree = dict[str, Any]


class _Asked:
    """A field that takes what was typed; evidence judges it."""

    required = True

    def clean(self, value: Any, initial: Any = None) -> Any:
        return value


class TextAnswer(_Asked, forms.CharField):
    pass


class NumberAnswer(_Asked, forms.CharField):
    """A number as the reader's language writes it; marks between thousands are taken out."""

    def clean(self, value: Any, initial: Any = None) -> Any:
        return plain_number(str(value or ""))


class ChoiceAnswer(_Asked, forms.ChoiceField):
    pass


class ManyAnswer(_Asked, forms.MultipleChoiceField):
    pass


class TickAnswer(_Asked, forms.BooleanField):
    pass


class FileAnswer(_Asked, forms.Field):
    widget = forms.FileInput


class DayAnswer(DayField):
    """A day in three boxes. Whether it may be empty or lie ahead is for the form to say."""

    def clean(self, value: Any) -> date | None:
        return self.to_python(value)


def plain_number(text: str) -> str:
    """What was typed, without marks between thousands and with a point before decimals; other text stays as it is.

    >>> plain_number("1 200")
    '1200'
    """
    typed = "".join(text.split()).replace("−", "-")
    thousands, mark = formats.decimal_marks()
    thousands = thousands.strip()
    if thousands and re.fullmatch(rf"-?\d{{1,3}}({re.escape(thousands)}\d{{3}})+({re.escape(mark)}\d+)?", typed):
        typed = typed.replace(thousands, "")
    return typed.replace(mark, ".") if mark != "." else typed


def key_of(field: evidence.FieldView) -> str:
    """The name under which the answer stands among its neighbours."""
    return field.name if field.path.startswith("/") else field.path.rsplit(".", 1)[-1]


class AnswerForm(PageForm):
    """The fields of one filling, named by their paths."""

    def __init__(self, questions: Mapping[str, forms.Field], **kwargs: Any) -> None:
        super().__init__(prefix=PREFIX, **kwargs)
        today = clock.today()
        for path, field in questions.items():
            if isinstance(field, DayField):
                field.at(today)
                field.initial = None
            self.fields[path] = field


class Sheet:
    """One filling of a form: draws itself (`parts`), tells its answers, keeps files that came with a form in error."""

    def __init__(
        self,
        view: evidence.FormView,
        *,
        data: Any = None,
        files: Any = None,
        initial: Mapping[str, Any] | None = None,
        preset: Mapping[str, Any] | None = None,
        remarks: Mapping[str, str] | None = None,
        attachments: Sequence[evidence.AttachmentView] = (),
        actor: Actor,
        key: str,
        address: str = "",
        changing: bool = False,
    ) -> None:
        self.view = view
        self.actor = actor
        self.key = key
        self.address = address
        self.preset = dict(preset or {})
        self.remarks = dict(remarks or {})
        self.attachments = {one.path: {"ref": str(one.file_ref), "name": one.name} for one in attachments}
        self.is_sent = data is not None
        # A row that is still empty stays while rows are added; when the form is sent it is no answer.
        self.keeps_empty_rows = changing
        self.by_name = {one.name: one for one in flat(view.fields)}
        self.tree: Tree = (
            self._read(view.fields, data, files or {}, "")
            if data is not None
            else self._typed(view.fields, dict(initial or {}), "")
        )
        self.form = self._form()

    # What was typed ----------------------------------------------------------------------------

    def _read(self, fields: Sequence[evidence.FieldView], data: Any, given: Any, prefix: str) -> Tree:
        """What a request holds; when it is sent, without the empty rows of repeats."""
        tree: Tree = {}
        for field in fields:
            key = key_of(field)
            path = f"{prefix}{key}"
            name = f"{PREFIX}-{path}"
            if field.type == "group":
                tree.update(self._read(field.children, data, given, prefix))
            elif field.type == "repeat":
                count = min(_whole(data.get(f"{COUNT}-{path}")), ROWS_MAX)
                rows = (self._read(field.children, data, given, f"{path}.{number}.") for number in range(count))
                tree[key] = [row for row in rows if self.keeps_empty_rows or _holds(row)]
            elif key in self.preset or field.type in UNASKED:
                continue
            elif field.type in FILES:
                tree[key] = given.get(name) or _kept_token(data.get(f"{KEPT}-{path}", ""))
            elif field.type in ("date",):
                tree[key] = DayWidget().value_from_datadict(data, given, name)
            elif field.type in ("select_multiple", "rank"):
                tree[key] = data.getlist(name)
            else:
                tree[key] = data.get(name, "")
        return tree

    def _typed(self, fields: Sequence[evidence.FieldView], answers: Mapping[str, Any], prefix: str) -> Tree:
        """Answers as a form shows them at first; a question without one shows its default."""
        tree: Tree = {}
        for field in fields:
            key = key_of(field)
            if field.type == "group":
                tree.update(self._typed(field.children, answers, prefix))
            elif field.type == "repeat":
                tree[key] = [
                    self._typed(field.children, row, f"{prefix}{key}.{number}.")
                    for number, row in enumerate(answers.get(key) or ())
                ]
            elif field.type in FILES:
                tree[key] = self.attachments.get(f"{prefix}{key}")
            elif field.type not in UNASKED:
                value = answers.get(key)
                if value is None and field.default and not answers:
                    value = field.default
                tree[key] = _shown(field, value)
        return tree

    def change_rows(self, add: str, remove: str) -> bool:
        """Add a row to a repeat, or take one out. Whether the request asked for that."""
        if remove:
            path, _dot, number = remove.rpartition(".")
            rows = self._rows(path)
            if rows is not None and number.isdigit() and int(number) < len(rows):
                del rows[int(number)]
        elif add:
            path, _star, count = add.partition("*")
            rows = self._rows(path)
            if rows is not None:
                more = min(int(count) if count.isdigit() else 1, MORE) + (0 if rows else 1)  # one empty row was shown
                rows += [{} for _number in range(min(more, ROWS_MAX - len(rows)))]
        else:
            return False
        self.form = self._form()
        return True

    def _rows(self, path: str) -> list[Tree] | None:
        """The rows of the repeat at this path, made where the way there is."""
        at: Any = self.tree
        for part in path.split("."):
            if isinstance(at, list):
                at = at[int(part)] if part.isdigit() and int(part) < len(at) else None
            else:
                at = at.setdefault(part, []) if isinstance(at, dict) else None
            if at is None:
                return None
        return at if isinstance(at, list) else None

    # The fields --------------------------------------------------------------------------------

    def _form(self) -> AnswerForm:
        questions: dict[str, forms.Field] = {}
        data: MultiValueDict[str, Any] = MultiValueDict()
        given: MultiValueDict[str, Any] = MultiValueDict()
        for path, field, value in self._leaves(self.view.fields, self.tree, ""):
            questions[path] = made = self._field(field)
            name = f"{PREFIX}-{path}"
            if isinstance(value, UploadedFile):
                given.setlist(name, [value])
            elif isinstance(value, tuple):
                data[name] = "other"
                for part, text in zip(("day", "month", "year"), value, strict=True):
                    data[f"{name}_{part}"] = text
            elif isinstance(value, list):
                data.setlist(name, value)
            elif value not in (None, "") and not isinstance(made, FileAnswer):
                data[name] = value
        return AnswerForm(questions, data=data, files=given) if self.is_sent or data else AnswerForm(questions)

    def _leaves(
        self, fields: Sequence[evidence.FieldView], tree: Tree, prefix: str
    ) -> Iterator[tuple[str, evidence.FieldView, Any]]:
        for field in fields:
            key = key_of(field)
            if field.type == "group":
                yield from self._leaves(field.children, tree, prefix)
            elif field.type == "repeat":
                for number, row in enumerate(tree.get(key) or [{}]):
                    yield from self._leaves(field.children, row, f"{prefix}{key}.{number}.")
            elif field.type not in UNASKED and key not in self.preset:
                yield f"{prefix}{key}", field, tree.get(key)

    def _field(self, field: evidence.FieldView) -> forms.Field:
        said: dict[str, Any] = {
            "label": field.label or field.name,
            "help_text": " ".join(part for part in (field.hint, self._when(field)) if part),
            "required": field.required,
        }
        choices = [(choice.code, choice.label or choice.code) for choice in field.choices]
        if field.type == "select_one" and choices:
            if len(choices) <= PICK_MAX:
                return ChoiceAnswer(choices=choices, widget=PickWidget, **said)
            return ChoiceAnswer(choices=[("", _("Choose one")), *choices], **said)
        if field.type in ("select_multiple", "rank") and choices:
            return ManyAnswer(choices=choices, widget=PickManyWidget, **said)
        if field.type == "date":
            return DayAnswer(future=True, **said)
        if field.type == "acknowledge":
            return TickAnswer(widget=forms.CheckboxInput({"value": "OK"}), **said)
        if field.type in FILES:
            return FileAnswer(widget=forms.FileInput({"accept": ACCEPT.get(field.type, "")}), **said)
        if field.type in ("integer", "decimal", "range"):
            keypad = "numeric" if field.type == "integer" else "decimal"
            return NumberAnswer(widget=forms.TextInput({"inputmode": keypad, "autocomplete": "off"}), **said)
        if field.type == "geopoint":
            place = gettext("Latitude and longitude with a space between, for example 14.80 120.93.")
            said["help_text"] = f"{said['help_text']} {place}".strip()
        if field.type == "time":
            return TextAnswer(widget=forms.TimeInput({"type": "time"}), **said)
        if "multiline" in field.appearance:
            return TextAnswer(widget=forms.Textarea({"rows": "4"}), **said)
        attrs = {"autocomplete": "off"}
        if "numbers" in field.appearance:
            attrs["inputmode"] = "numeric"
        return TextAnswer(widget=forms.TextInput(attrs), **said)

    def _when(self, field: evidence.FieldView) -> str:
        """When the question is asked; not told where it hangs on something that the page answered itself."""
        if not field.relevant or any(re.search(rf"\b{name}\b", field.relevant) for name in self.preset):
            return ""
        return in_words(field.relevant, self.by_name)

    # Answers -----------------------------------------------------------------------------------

    def answers(self) -> dict[str, Any]:
        """What goes to evidence: one mapping, groups opened, repeats as lists."""
        _ = self.form.errors  # cleans once; errors that were added since stay
        taken = getattr(self.form, "cleaned_data", {})
        return {**self._gather(self.view.fields, self.tree, taken, ""), **self.preset}

    def _gather(
        self, fields: Sequence[evidence.FieldView], tree: Tree, taken: Mapping[str, Any], prefix: str
    ) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for field in fields:
            key = key_of(field)
            path = f"{prefix}{key}"
            if field.type == "group":
                made.update(self._gather(field.children, tree, taken, prefix))
            elif field.type == "repeat":
                rows = [
                    self._gather(field.children, row, taken, f"{path}.{number}.")
                    for number, row in enumerate(tree.get(key) or ())
                ]
                if rows:
                    made[key] = rows
            elif field.type in FILES:
                name = _file_name(tree.get(key), path)
                if name:
                    made[key] = name
            elif path in taken:
                value = taken[path]
                if isinstance(value, date):
                    value = value.isoformat()
                elif field.type == "acknowledge":
                    value = "OK" if value else ""
                if value not in (None, "", []):
                    made[key] = value
        return made

    def new_files(self) -> tuple[evidence.NewFile, ...]:
        """The files that came along, now or with an earlier try that was not taken."""
        made = []
        for path, field, value in self._leaves(self.view.fields, self.tree, ""):
            if field.type not in FILES or not value:
                continue
            content = value
            if isinstance(value, dict):
                content = files.opened(Ref(value["ref"]))
            made.append(evidence.NewFile(path, _file_name(value, path), content))
        return tuple(made)

    def show_errors(self, errors: Sequence[evidence.FieldError]) -> None:
        """Put what evidence found on the fields, beside what could not be read."""
        for error in errors:
            known = error.path in self.form.fields
            if known and error.path in self.form.errors:
                continue
            words = f"{error.message} {error.what_to_do}".strip()
            self.form.add_error(error.path if known else None, words)

    # Drawing -----------------------------------------------------------------------------------

    def errors(self) -> list[dict[str, str]]:
        """Everything to put right, each with its question's own words and the id of its control."""
        if not self.form.is_bound:
            return []
        listed = [{"label": "", "text": text, "id": ""} for text in self.form.non_field_errors()]
        for path, texts in self.form.errors.items():
            if path in self.form.fields:
                bound = self.form[path]
                first = isinstance(bound.field.widget, DayWidget | PickWidget | PickManyWidget)
                control = f"{bound.auto_id}_0" if first else bound.auto_id
                listed += [{"label": str(bound.label), "text": str(text), "id": control} for text in texts]
        return listed

    @cached_property
    def relevant(self) -> frozenset[str]:
        """What applies to the answers so far, for warnings; nothing before anything was sent."""
        if not self.is_sent:
            return frozenset()
        return evidence.outcome_of(self.view.id, self.answers(), self.view.version).relevant

    def parts(self) -> list[dict[str, Any]]:
        """What the template draws, in the order of the form."""
        return self._parts(self.view.fields, self.tree, "")

    def _parts(self, fields: Sequence[evidence.FieldView], tree: Tree, prefix: str) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for field in fields:
            key = key_of(field)
            path = f"{prefix}{key}"
            if field.type == "group":
                inside = self._parts(field.children, tree, prefix)
                if inside:
                    made.append({"is": "group", "title": field.label, "when": self._when(field), "parts": inside})
            elif field.type == "repeat":
                made.append(self._repeat(field, tree, path))
            elif field.type == "note" and field.label:
                if not field.relevant or path in self.relevant:
                    made.append({"is": "note", "text": field.label})
            elif path in self.form.fields:
                value = tree.get(key)
                made.append(
                    {
                        "is": "question",
                        "field": self.form[path],
                        "optional": not field.required,
                        "remark": self.remarks.get(path, ""),
                        "kept": self._keep(value, path) if field.type in FILES and value else None,
                    }
                )
        return made

    def _repeat(self, field: evidence.FieldView, tree: Tree, path: str) -> dict[str, Any]:
        rows = tree.get(key_of(field)) or [{}]
        return {
            "is": "repeat",
            "title": field.label or field.name,
            "when": self._when(field),
            "path": path,
            "id": f"rows-{path.replace('.', '-').replace('/', '-')}",
            "count": f"{COUNT}-{path}",
            "more": MORE if len(rows) > 1 else 0,
            "rows": [
                {
                    "number": number + 1,
                    "remove": f"{path}.{number}",
                    "parts": self._parts(field.children, row, f"{path}.{number}."),
                }
                for number, row in enumerate(rows)
            ],
        }

    def _keep(self, value: Any, path: str) -> dict[str, str] | None:
        """Keep a file that came with a form in error, so that nobody sends a photograph twice over a slow line."""
        if isinstance(value, dict):
            return {"name": f"{KEPT}-{path}", "file": value["name"], "token": signing.dumps(value, salt=SALT)}
        if not isinstance(value, UploadedFile):
            return None
        try:
            value.seek(0)
            row = files.store(self.actor, value, name=_file_name(value, path))
        except Refusal:
            return None  # evidence says why; the file cannot be used anyway
        held = {"ref": str(row.ref), "name": row.name}
        return {"name": f"{KEPT}-{path}", "file": row.name, "token": signing.dumps(held, salt=SALT)}


def flat(fields: Sequence[evidence.FieldView]) -> Iterator[evidence.FieldView]:
    """Every question, group and repeat, with what is inside."""
    for field in fields:
        yield field
        yield from flat(field.children)


def _whole(text: Any) -> int:
    return int(text) if str(text or "").isdigit() else 0


def _holds(row: Tree) -> bool:
    """Whether anything was typed in a row."""
    for value in row.values():
        if isinstance(value, tuple):
            value = any(value)
        if value:
            return True
    return False


def _kept_token(token: str) -> dict[str, str] | None:
    try:
        found = signing.loads(token, salt=SALT, max_age=KEPT_SECONDS) if token else None
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None


def _file_name(value: Any, path: str) -> str:
    """The name of a file without its folders; what lies in a row of a repeat gets its place before the name."""
    if not value:
        return ""
    if isinstance(value, dict):
        return str(value["name"])
    name = PurePosixPath(str(value.name).replace("\\", "/")).name
    return f"{path.replace('.', '-')}-{name}"


def _shown(field: evidence.FieldView, value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    if isinstance(value, Decimal):
        text = format(value.normalize(), "f")
        return text.replace(".", formats.decimal_marks()[1])
    return value.isoformat() if isinstance(value, date) else str(value)
