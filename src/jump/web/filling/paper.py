"""An empty form as a PDF to be filled by hand: choices as boxes to tick, repeats as lines of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from jump.engines.evidence import api as evidence
from jump.engines.reports import api as reports
from jump.web.filling.conditions import in_words
from jump.web.filling.sheet import FILES, flat

UNASKED = frozenset({"calculate", "hidden"})
ROWS = 8
COLUMNS_MAX = 6
BLOCKS = 3
CHOICES_IN_TABLE_MAX = 4
LONG = ("multiline", "textarea")


def paper(view: evidence.FormView, about: str = "") -> HttpResponse:
    """The form as a file. Raises reports.PdfUnavailable."""
    answer = HttpResponse(reports.make_pdf(paper_html(view, about)), content_type="application/pdf")
    name = slugify(f"{view.title} {view.version}") or "form"
    answer.headers["Content-Disposition"] = f'inline; filename="{name[:80]}.pdf"'
    return answer


def paper_html(view: evidence.FormView, about: str = "") -> str:
    """The page that becomes the PDF."""
    by_name = {one.name: one for one in flat(view.fields)}
    page = {
        "title": view.title,
        "said": [f"{view.id} · {_('version')} {view.version}"],
        "about": about,
        "language": (get_language() or "en").split("-")[0],
        "direction": "rtl" if get_language_bidi() else "ltr",
        "parts": list(_parts(view.fields, by_name, 2)),
    }
    return render_to_string("printed/form.html", page)


def _parts(
    fields: Sequence[evidence.FieldView], by_name: Mapping[str, evidence.FieldView], level: int
) -> Iterator[dict[str, Any]]:
    for one in fields:
        when = in_words(one.relevant, by_name) if one.relevant else ""
        if one.type == "group":
            inside = list(_parts(one.children, by_name, level + 1))
            if inside:
                yield {"is": "group", "title": one.label, "when": when, "parts": inside, "level": level}
        elif one.type == "repeat":
            yield _repeat(one, by_name, level, when)
        elif one.type == "note":
            if one.label and "${" not in one.label:
                yield {"is": "note", "text": one.label, "when": when}
        elif one.type not in UNASKED and one.label:
            yield {
                "is": "question",
                "label": one.label,
                "hint": one.hint,
                "required": one.required,
                "when": when,
                "several": one.type in ("select_multiple", "rank"),
                **_room(one),
            }


def _room(one: evidence.FieldView) -> dict[str, Any]:
    """How much room an answer gets, and of which kind."""
    if one.choices:
        return {"room": "choices", "choices": [choice.label or choice.code for choice in one.choices]}
    if one.type == "acknowledge":
        return {"room": "choices", "choices": [_("Yes")]}
    if one.type in ("date", "datetime"):
        return {"room": "date"}
    if one.type in FILES:
        return {"room": "file"}
    if one.type in ("integer", "decimal", "range", "time", "barcode"):
        return {"room": "short"}
    return {"room": "long" if any(word in one.appearance for word in LONG) else "line"}


def _repeat(
    one: evidence.FieldView, by_name: Mapping[str, evidence.FieldView], level: int, when: str
) -> dict[str, Any]:
    """Few short questions are the columns of a table; many are asked again and again, block by block."""
    asked = [child for child in flat(one.children) if child.type not in UNASKED and child.label]
    simple = [child for child in asked if child.type not in ("group", "repeat", "note")]
    is_table = len(simple) <= COLUMNS_MAX and not any(child.type == "repeat" for child in asked)
    title = one.label or one.name
    if is_table:
        head = [
            {
                "label": child.label,
                "choices": [choice.label or choice.code for choice in child.choices]
                if len(child.choices) <= CHOICES_IN_TABLE_MAX
                else [],
            }
            for child in simple
        ]
        return {"is": "table", "title": title, "when": when, "head": head, "rows": range(ROWS), "level": level}
    blocks = [
        {"number": number + 1, "parts": list(_parts(one.children, by_name, level + 1))} for number in range(BLOCKS)
    ]
    return {"is": "blocks", "title": title, "when": when, "blocks": blocks, "level": level}
