"""ODK's own engine judges ours: the same fillings of the same forms are asked, worked out and found valid alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import xlsform, xpath
from jump.engines.evidence.definitions.xlsform import can_answer
from tests.conformance.fillings import Filler, copied
from tests.conformance.oracle import NoOracle, Oracle, instance_of, references
from tests.conformance.test_xlsforms import CONVERT, FOLDER
from tests.journeys.conftest import ARGUMENTS

SAME = {"constraint": "constraint", "required": "required", "attachment_missing": "required"}

# One calculation for each function that forms use; `a` to `e` are answers, the repeat `row` has three rows.
FUNCTIONS = {
    "arithmetic": "${a} * 2 + ${b} div 4 - 1",
    "remainder": "-7 mod 3",
    "rounded": "round(${b} * 3, 2)",
    "whole": "int(${b})",
    "floor": "floor(-2.5)",
    "ceiling": "ceiling(2.1)",
    "power": "pow(${a}, 3)",
    "root": "sqrt(16)",
    "absolute": "abs(-3)",
    "condition": "if(${a} > 3 and ${c} = 'x y', 'yes', 'no')",
    "either": "if(${a} = 0 or not(${b} > 100), 1, 2)",
    "first_known": "coalesce(${empty}, ${c})",
    "chosen": "if(selected(${many}, 'q'), 'q', '-')",
    "chosen_count": "count-selected(${many})",
    "chosen_second": "selected-at(${many}, 1)",
    "joined": "concat(${c}, '-', ${a})",
    "joined_rows": "join(',', ${age})",
    "rows": "count(${row})",
    "rows_filled": "count-non-empty(${age})",
    "total": "sum(${age})",
    "most": "max(${age})",
    "least": "min(${age})",
    "second_row": "indexed-repeat(${age}, ${row}, 2)",
    "part": "substr(${c}, 0, 1)",
    "length": "string-length(${c})",
    "before": "substring-before(${c}, ' ')",
    "after": "substring-after(${c}, ' ')",
    "contains": "if(contains(${c}, 'y'), 1, 0)",
    "starts": "if(starts-with(${c}, 'x'), 1, 0)",
    "ends": "if(ends-with(${c}, 'x'), 1, 0)",
    "translated": "translate(${c}, 'xy', 'ab')",
    "pattern": "if(regex(${c}, '^[a-z] [a-z]$'), 1, 0)",
    "normal": "normalize-space('  a   b ')",
    "day": "format-date(${day}, '%Y/%m/%d %n %e %b')",
    "later": "format-date(date(decimal-date-time(${day}) + 40), '%Y-%m-%d')",
    "days": "int(decimal-date-time(${day})) - int(decimal-date-time('2004-01-01'))",
    "digest": "digest(${c}, 'SHA-256', 'hex')",
    "digest_base64": "digest(${c}, 'MD5')",
    "decoded": "base64-decode('SGVsbG8=')",
    "length_of_way": "distance('14.5 121.0 0 0; 14.6 121.1 0 0; 14.7 121.1 0 0')",
    "field_size": "area('14.5 121.0 0 0; 14.5 121.001 0 0; 14.501 121.001 0 0; 14.5 121.0 0 0')",
    "ticked": "if(checklist(1, 2, ${a} = 4, ${b} = 0), 1, 0)",
    "weighed": "if(weighted-checklist(2, 9, ${a} = 4, 3, ${b} = 0, 9), 1, 0)",
    "named": "jr:choice-name(${one}, '${one}')",
    "number": "number('12.50')",
    "no_number": "if(number('x') = number('x'), 1, 0)",
    "truth": "if(boolean-from-string('1'), 'y', 'n')",
    "circle": "round(pi() * 100, 1)",
    "shuffled": "join(' ', randomize(${age}, 42))",
    "logarithm": "round(log10(1000), 3)",
    "waves": "round(sin(1) + cos(1) + tan(1), 6)",
}
ROWS = [
    ("integer", "a", ""),
    ("decimal", "b", ""),
    ("text", "c", ""),
    ("text", "empty", ""),
    ("date", "day", ""),
    ("select_multiple l", "many", ""),
    ("select_one l", "one", ""),
    ("begin_repeat", "row", ""),
    ("integer", "age", ""),
    ("calculate", "place", "position(..)"),
    ("calculate", "previous", "indexed-repeat(${age}, ${row}, position(..) - 1)"),
    ("end_repeat", "", ""),
    *(("calculate", f"f_{name}", calculation) for name, calculation in FUNCTIONS.items()),
]
FILLED = {
    "a": 4,
    "b": "2.5",
    "c": "x y",
    "day": "2004-03-01",
    "many": ["p", "q"],
    "one": "q",
    "row": [{"age": 30}, {"age": 25}, {"age": 41}],
}


def all_functions() -> str:
    rows = "".join(f"| | {kind} | {name} | {name.capitalize()} | {text} |\n" for kind, name, text in ROWS)
    return (
        f"| survey |\n| | type | name | label | calculation |\n{rows}\n"
        "| choices |\n| | list_name | name | label |\n| | l | p | Pea |\n| | l | q | Quince |\n| | l | r | Rye |\n"
    )


@pytest.fixture(scope="module")
def oracle(chromium: str) -> Iterator[Oracle]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in requirements/test-all.txt")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            yield Oracle(browser.new_context(timezone_id="UTC", locale="en").new_page())
        except NoOracle as reason:
            pytest.skip(f"ODK's engine is not here: {reason}")
        finally:
            browser.close()


def differences(oracle: Oracle, converted: xlsform.Converted, answers: Mapping[str, Any], now: datetime) -> list[str]:
    """Where the engine and we do not agree on a filling."""
    instance = instance_of(converted.xform, converted.schema, answers)
    theirs = {row["reference"]: row for row in oracle.ask(converted.xform, instance)}
    sent = copied(answers)
    for reference, path, field, _value in references(converted.schema["fields"], answers):
        if field.get("calculate") and xpath.is_changeful(field["calculate"]) and reference in theirs:
            Filler.put(sent, path, str(theirs[reference]["value"] or "") or None)  # chance stays with the device
    ours = answered.outcome(converted.schema, sent, today=now.date(), now=now)
    errors = {error.path: SAME.get(error.code, error.code) for error in ours.errors}
    found = []
    kept = {path: value for path, _field, value in answered.leaves(converted.schema["fields"], ours.answers)}
    for reference, path, field, _value in references(converted.schema["fields"], answers):
        node = theirs.get(reference)
        if node is None or field.get("meta") or field["type"] in ("note", "external"):
            continue
        if node["relevant"] != (path in ours.relevant):
            found.append(f"{path}: asked there {node['relevant']}, here {path in ours.relevant}")
        if not node["relevant"]:
            continue
        text = field.get("calculate", "")
        if text and can_answer(text) and not xpath.is_changeful(text):
            mine = answered.node_text(kept.get(path))
            if not alike(str(node["value"] or ""), mine):
                found.append(f"{path} = {text}: there {node['value']!r}, here {mine!r}")
        error = errors.get(path)
        if error in (None, "constraint", "required") and (node["violation"] or None) != error:
            found.append(f"{path}: violated there {node['violation']}, here {error}")
    return found


def alike(one: str, other: str) -> bool:
    """The same text, or the same number but for what a float cannot hold."""
    if one == other:
        return True
    try:
        return abs(float(one) - float(other)) <= 1e-9 * max(1.0, abs(float(one)))
    except ValueError:
        return False


def test_every_function_is_worked_out_as_odk_does(oracle: Oracle) -> None:
    converted = xlsform.convert(all_functions().encode())
    now = datetime.now(UTC)
    assert differences(oracle, converted, FILLED, now) == []


# The large form asks by chance who is asked next; until both are given the same chance it is no comparison.
BY_CHANCE = {"sofala_s3m.xlsx"}


@pytest.mark.parametrize("name", sorted(CONVERT.keys() - BY_CHANCE))
def test_generated_fillings_of_open_forms_are_judged_as_odk_does(oracle: Oracle, name: str) -> None:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not under {FOLDER}")
    converted = xlsform.convert(path.read_bytes())
    now = datetime.now(UTC)
    filler = Filler(converted.schema, now=now)
    valid = filler.valid()
    blank = filler._rows(converted.schema["fields"])
    _at, spoiled = filler.invalid(valid)
    for filling in (valid, blank, {key: value for key, value in spoiled.items() if key != "no_such_question"}):
        assert differences(oracle, converted, filling, now) == []
