"""Everything wrong that can be seen in the cells of a form, all at once: a form is mended in one go.

pyxform stops at the first error. What is common is looked for here, in every row; what pyxform finds beyond that is
joined to it by `xlsform`.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from jump.engines.evidence.definitions import xpath
from jump.engines.evidence.definitions.sheets import (
    BEGIN,
    END,
    EXPRESSIONS,
    FROM_FILE,
    METADATA,
    QUESTION_TYPES,
    SELECTS,
    Problem,
    Row,
    Sheets,
    type_of,
)

DEPTH_MAX = 20
EXPRESSION_MAX = 20_000
TRANSLATIONS_SHOWN = 200
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?\s*([^}\s]*)\s*\}")
_XML_NAME = re.compile(r"^[A-Za-z_][\w.\-]*$")
_EXCEL_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)$")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
_BARE = frozenset({"yes", "no", "true", "false", "true()", "false()", "1", "0"})
TRANSLATED = frozenset(
    {
        "label",
        "hint",
        "guidance_hint",
        "constraint_message",
        "required_message",
        "image",
        "audio",
        "video",
        "media::image",
        "media::audio",
        "media::video",
    }
)


def problems(sheets: Sheets) -> list[Problem]:
    """What makes the form unusable, in the order of the sheets."""
    return list(_problems(sheets))


def _problems(sheets: Sheets) -> Iterator[Problem]:
    if not sheets.of("survey"):
        like = difflib.get_close_matches("survey", [name.lower() for name in sheets.names if name != "survey"], n=1)
        what = _("Rename the sheet %(name)s to survey.") % {"name": like[0]} if like else _("Add it.")
        yield Problem("survey", 0, "", _("There is no sheet called survey with rows in it."), what)
        return
    yield from _heading_problems(sheets)
    if "type" not in sheets.headings["survey"]:
        yield Problem("survey", 1, "type", _("The heading row has no column type."), _("Add the column."))
        return
    yield from _cell_problems(sheets)
    yield from _row_problems(sheets)
    yield from _nesting_problems(sheets)
    yield from _choice_problems(sheets)
    yield from _reference_problems(sheets)


def _problem(sheet: str, row: Row, column: str, message: str, what_to_do: str) -> Problem:
    return Problem(sheet, row.number, column, message, what_to_do, row.line)


def _is_yes(text: str) -> bool:
    return text.strip().lower() in ("yes", "true", "1", "true()", "on")


def _heading_problems(sheets: Sheets) -> Iterator[Problem]:
    for sheet, headings in sheets.headings.items():
        for heading, count in Counter(headings).items():
            if heading and count > 1:
                yield Problem(
                    sheet,
                    1,
                    heading,
                    _("The column %(name)s stands twice.") % {"name": heading},
                    _("Keep one of them."),
                )
            if heading.count("::") > 1 and not heading.lower().startswith("media::"):
                yield Problem(
                    sheet,
                    1,
                    heading,
                    _("The heading %(name)s is two headings in one cell.") % {"name": heading[:60]},
                    _("Give each its own column."),
                )


def _cell_problems(sheets: Sheets) -> Iterator[Problem]:
    for sheet, rows in sheets.rows.items():
        for row in rows:
            for heading, cell in row.cells.items():
                if cell[0] == "#" and _EXCEL_ERROR.match(cell):
                    yield _problem(
                        sheet,
                        row,
                        heading,
                        _("The cell holds the error %(error)s.") % {"error": cell},
                        _("Mend its formula, or write the value itself."),
                    )


# Choices ---------------------------------------------------------------------------------------------


def _choice_problems(sheets: Sheets) -> Iterator[Problem]:
    rows = sheets.of("choices")
    if rows and "list_name" not in sheets.headings["choices"]:
        yield Problem("choices", 1, "list_name", _("The heading row has no column list_name."), _("Add the column."))
        return
    if rows and "name" not in sheets.headings["choices"]:
        yield Problem("choices", 1, "name", _("The heading row has no column name."), _("Add the column."))
        return
    settings = sheets.of("settings")
    allowed = bool(settings) and _is_yes(settings[0].get("allow_choice_duplicates"))
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        name, code = row.get("list_name"), row.get("name")
        if not name and code:
            yield _problem(
                "choices", row, "list_name", _("The choice belongs to no list."), _("Fill list_name, or clear the row.")
            )
        elif name and not code:
            yield _problem(
                "choices",
                row,
                "name",
                _("A choice of the list %(list)s has no name.") % {"list": name},
                _("Give it one."),
            )
        elif name and (name, code) in first and not allowed:
            yield _problem(
                "choices",
                row,
                "name",
                _("The list %(list)s has the choice %(code)s twice; the first is in row %(row)s.")
                % {"list": name, "code": code, "row": first[name, code]},
                _("Give each choice its own name, or set allow_choice_duplicates to yes."),
            )
        first.setdefault((name, code), row.number)


# Questions -------------------------------------------------------------------------------------------


def _is_known(kind: str, row: Row) -> bool:
    if kind in BEGIN or kind in SELECTS or kind in QUESTION_TYPES or kind in METADATA:
        return True
    from pyxform.question_type_dictionary import QUESTION_TYPE_DICT  # half a second, and seldom needed

    return " ".join(row.get("type").split()) in QUESTION_TYPE_DICT


def _row_problems(sheets: Sheets) -> Iterator[Problem]:
    lists = {row.get("list_name") for row in sheets.of("choices")}
    outside = {row.get("list_name") for row in sheets.of("external_choices")}
    names = {row.get("name") for row in sheets.of("survey") if type_of(row)[0] not in END}
    for row in sheets.of("survey"):
        kind, chosen = type_of(row)
        name = row.get("name")
        if not kind:
            if name:
                yield _problem(
                    "survey", row, "type", _("The question %(name)s has no type.") % {"name": name}, _("Give it one.")
                )
            continue
        if kind in END:
            continue
        if not _is_known(kind, row):
            known = [*QUESTION_TYPES, *SELECTS, *BEGIN, *END]
            like = difflib.get_close_matches(kind, known, n=1)
            yield _problem(
                "survey",
                row,
                "type",
                _("There is no question type '%(type)s'.") % {"type": row.get("type")[:60]},
                _("Did you mean %(type)s?") % {"type": like[0]} if like else _("Use one such as text or date."),
            )
            continue
        if not name and kind not in METADATA and kind not in BEGIN and kind != "note":  # pyxform names notes itself
            yield _problem(
                "survey",
                row,
                "name",
                _("A question of type %(type)s has no name.") % {"type": row.get("type")[:60]},
                _("Give it one."),
            )
        if name and not _XML_NAME.match(name):
            yield _problem(
                "survey",
                row,
                "name",
                _("'%(name)s' cannot be a name.") % {"name": name[:60]},
                _("Begin with a letter; use letters, figures, - and _ and no blank."),
            )
        if kind in SELECTS and kind not in FROM_FILE:
            yield from _list_problems(row, chosen, lists, names)
        if kind == "select_one_external" and chosen and chosen not in outside:
            yield _problem(
                "survey",
                row,
                "type",
                _("The list %(list)s is not on the sheet external_choices.") % {"list": chosen},
                _("Add its choices, or correct the name."),
            )


def _list_problems(row: Row, chosen: str, lists: set[str], names: set[str]) -> Iterator[Problem]:
    reference = _REFERENCE.match(chosen)
    if not chosen:
        yield _problem("survey", row, "type", _("The question names no list of choices."), _("Add it after the type."))
    elif reference:
        if reference[1] not in names:
            yield _problem(
                "survey",
                row,
                "type",
                _("There is no question %(name)s.") % {"name": reference[1]},
                _("Check the name in ${ }."),
            )
    elif chosen not in lists:
        like = difflib.get_close_matches(chosen, lists, n=1)
        yield _problem(
            "survey",
            row,
            "type",
            _("The list %(list)s is not on the sheet choices.") % {"list": chosen},
            _("Did you mean %(list)s?") % {"list": like[0]} if like else _("Add its choices, or correct the name."),
        )


def _nesting_problems(sheets: Sheets) -> Iterator[Problem]:
    open_: list[tuple[str, Row, dict[str, int]]] = [("", Row(0, {}), {})]
    for row in sheets.of("survey"):
        kind, _chosen = type_of(row)
        if kind in END:
            began = open_[-1][0]
            if began == END[kind]:
                open_.pop()
                continue
            wanted = f"end_{began}" if began else _("nothing")
            yield _problem(
                "survey",
                row,
                "type",
                _("%(kind)s closes what is not open.") % {"kind": kind},
                _("Here %(wanted)s is expected.") % {"wanted": wanted},
            )
            if any(one == END[kind] for one, _row, _names in open_):
                while open_.pop()[0] != END[kind]:
                    pass
            continue
        name = row.get("name")
        here = open_[-1][2]
        if name and name in here:
            yield _problem(
                "survey",
                row,
                "name",
                _("The name %(name)s stands twice in the same part; the first is in row %(row)s.")
                % {"name": name, "row": here[name]},
                _("Give one of them another."),
            )
        if name:
            here.setdefault(name, row.number)
        if kind in BEGIN:
            if len(open_) == DEPTH_MAX + 1:
                yield _problem(
                    "survey",
                    row,
                    "type",
                    _("Groups and repeats lie deeper than %(max)s in one another.") % {"max": DEPTH_MAX},
                    _("Take groups apart."),
                )
            open_.append((BEGIN[kind], row, {}))
    for began, start, _names in open_[1:]:
        yield _problem(
            "survey",
            start,
            "type",
            _("This %(kind)s is never closed.") % {"kind": began},
            _("Add a row end_%(kind)s.") % {"kind": began},
        )


# References and expressions --------------------------------------------------------------------------


def _reference_problems(sheets: Sheets) -> Iterator[Problem]:
    names = Counter(row.get("name") for row in sheets.of("survey") if row.get("name") and type_of(row)[0] not in END)
    names.update({type_of(row)[0] for row in sheets.of("survey")} & METADATA - names.keys())
    for sheet, rows in sheets.rows.items():
        for row in rows:
            for heading, cell in row.cells.items():
                if "${" in cell:
                    yield from _unknown_names(sheet, row, heading, cell, names)
                if sheet == "survey" and heading in EXPRESSIONS and cell.lower() not in _BARE:
                    yield from _expression_problems(row, heading, cell)


def _unknown_names(sheet: str, row: Row, heading: str, cell: str, names: Mapping[str, int]) -> Iterator[Problem]:
    for reference in dict.fromkeys(_REFERENCE.findall(cell)):
        if not reference:
            yield _problem(sheet, row, heading, _("${ } names no question."), _("Write the name between the braces."))
        elif reference not in names:
            like = difflib.get_close_matches(reference, names, n=1)
            yield _problem(
                sheet,
                row,
                heading,
                _("${%(name)s} is not a question of this form.") % {"name": reference},
                _("Did you mean ${%(name)s}?") % {"name": like[0]} if like else _("Check the name."),
            )
        elif names[reference] > 1:
            yield _problem(
                sheet,
                row,
                heading,
                _("${%(name)s} may mean %(count)s questions.") % {"name": reference, "count": names[reference]},
                _("Give these questions different names."),
            )


def _expression_problems(row: Row, heading: str, cell: str) -> Iterator[Problem]:
    if len(cell) > EXPRESSION_MAX:
        yield _problem(
            "survey", row, heading, _("The expression is too long."), _("Work out parts of it in calculate questions.")
        )
        return
    plain = _REFERENCE.sub("/data/x", cell.translate(_QUOTES))
    try:
        xpath.check(plain)
    except xpath.BadExpression as error:
        stranger = "unknown function" in str(error)
        yield _problem(
            "survey",
            row,
            heading,
            _("This cannot be read: %(error)s.") % {"error": str(error).rstrip(".")},
            _("Use a function that ODK forms have.") if stranger else _("Check brackets, quotes and names."),
        )


# Translations ----------------------------------------------------------------------------------------


def translations(sheets: Sheets) -> list[Problem]:
    """Where a text stands in one language and not in another of the form: row, column and language, as warnings."""
    found = list(_untranslated(sheets))
    if len(found) > TRANSLATIONS_SHOWN:
        more = len(found) - TRANSLATIONS_SHOWN
        found[TRANSLATIONS_SHOWN:] = [
            Problem(
                "survey", 0, "", _("%(count)s more texts are not translated.") % {"count": more}, _("Translate them.")
            )
        ]
    return found


def languages(headings: Sequence[str]) -> dict[str, dict[str, str]]:
    """The columns of each text that has languages: `{"label": {"French (fr)": "label::French (fr)"}}`.

    >>> languages(["type", "label::English (en)", "label::French (fr)", "hint"])
    {'label': {'English (en)': 'label::English (en)', 'French (fr)': 'label::French (fr)'}, 'hint': {'': 'hint'}}
    """
    found: dict[str, dict[str, str]] = {}
    for heading in headings:
        if not heading:
            continue
        base, separator, language = heading.rpartition("::")
        base = base.strip().lower()
        if separator and base in TRANSLATED:
            found.setdefault(base, {})[language.strip()] = heading
        elif heading.lower() in TRANSLATED:
            found.setdefault(heading.lower(), {})[""] = heading
    return found


def _untranslated(sheets: Sheets) -> Iterator[Problem]:
    columns = {sheet: languages(sheets.headings.get(sheet, [])) for sheet in ("survey", "choices")}
    spoken = {one for held in columns.values() for by_language in held.values() for one in by_language if one}
    settings = sheets.of("settings")
    default = settings[0].get("default_language") if settings else ""
    for sheet, held in columns.items():
        for row in sheets.of(sheet):
            for base, by_language in held.items():
                said = {language or default for language, heading in by_language.items() if row.get(heading)}
                if not said:
                    continue
                for language in sorted(spoken - said):
                    yield _problem(
                        sheet,
                        row,
                        by_language.get(language, f"{base}::{language}"),
                        _("%(column)s is not translated into %(language)s.") % {"column": base, "language": language},
                        _("Fill the cell, or leave it: the text is then shown in another language."),
                    )
