"""What the server checks of a filled form: the functions that ODK forms use, bounds on what a form may cost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import xlsform, xpath
from jump.engines.evidence.definitions.tables import Table, read_table
from jump.engines.evidence.definitions.xpath import Node, Setting
from jump.engines.evidence.types import Outcome

NOW = datetime(2004, 3, 10, 9, 0, tzinfo=UTC)
TOWNS = Table([{"name": "cebu", "country": "ph", "people": "800"}, {"name": "trat", "country": "th", "people": "11"}])


def outcome_of(written: str, answers: Mapping[str, Any], **more: Any) -> Outcome:
    return answered.outcome(xlsform.convert(written.encode()).schema, answers, today=NOW.date(), now=NOW, **more)


def calculated(calculation: str, *rows: str, **answers: Any) -> Any:
    """What a calculation comes to beside these rows of a survey."""
    written = "| survey |\n| | type | name | label | calculation |\n" + "".join(f"| | {row} |\n" for row in rows)
    outcome = outcome_of(written + f"| | calculate | found | | {calculation} |\n", answers, tables={"towns": TOWNS})
    assert not outcome.errors, outcome.errors
    return outcome.answers.get("found")


@pytest.mark.parametrize(
    ("calculation", "expected"),
    [
        ("pulldata('towns', 'people', 'name', ${town})", "800"),
        ("pulldata('towns', 'people', 'name', 'nowhere')", None),
        ("digest('abc', 'MD5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"),
        ("digest('abc', 'SHA-1')", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
        ("base64-decode('SGVsbG8=')", "Hello"),
        ("distance('0 0 0 0; 0 0.5 0 0')", Decimal("55659.42")),
        ("area('0 0 0 0; 0 0.002 0 0; 0.001 0.002 0 0; 0.001 0 0 0; 0 0 0 0')", Decimal("24783.77")),
        ("enclosed-area('0 0 0 0; 0 0.002 0 0; 0.001 0.002 0 0; 0.001 0 0 0; 0 0 0 0')", Decimal("24783.77")),
        ("if(geofence('0.5 0.5', '0 0; 0 1; 1 1; 1 0; 0 0'), 'in', 'out')", "in"),
        ("format-date('2004-03-01', '%e %b %Y')", "1 Mar 2004"),
        ("decimal-date-time('1970-01-02T12:00:00Z')", Decimal("1.5")),
        ("round(pi(), 2)", Decimal("3.14")),
        ("substr('abcdef', -2)", "ef"),
        ("string-length(${town})", 4),
        ("once('first')", "first"),
    ],
)
def test_functions_of_odk_forms_are_answered(calculation: str, expected: Any) -> None:
    assert calculated(calculation, "text | town | Town |", town="cebu") == expected


def test_what_the_form_works_out_for_a_choice_is_no_fault_of_who_fills_it() -> None:
    written = (
        "| survey |\n| | type | name | label | calculation |\n| | select_one yes_no | a | A | concat('a', 'b') |\n"
        "| choices |\n| | list_name | name | label |\n| | yes_no | yes | Yes |\n"
    )
    outcome = outcome_of(written, {})
    assert (outcome.errors, outcome.answers) == ((), {"a": "ab"})
    assert outcome_of(written.replace("concat('a', 'b')", ""), {"a": "ab"}).errors[0].path == "a"


def test_a_text_of_the_form_is_told_in_the_readers_language() -> None:
    written = (
        "| survey |\n| | type | name | label::English (en) | label::French (fr) | calculation |\n"
        "| | select_one yn | open | Open? | Ouvert ? | |\n"
        "| | calculate | said | | | jr:choice-name(${open}, '${open}') |\n"
        "| | calculate | text | | | jr:itext(instance('yn')/root/item[name = ${open}]/itextId) |\n\n"
        "| choices |\n| | list_name | name | label::English (en) | label::French (fr) |\n"
        "| | yn | yes | Yes | Oui |\n| | yn | no | No | Non |\n"
    )
    french = outcome_of(written, {"open": "no"}, language="fr").answers
    assert (french["said"], french["text"]) == ("Non", "Non")
    assert outcome_of(written, {"open": "yes"}, language="en").answers["text"] == "Yes"


def test_a_file_beside_the_form_says_which_choices_there_are() -> None:
    written = (
        "| survey |\n| | type | name | label | choice_filter |\n| | text | country | Country | |\n"
        "| | select_one_from_file towns.csv | town | Town | country = ${country} |\n"
    )
    tables = {"towns": read_table("towns.csv", b"name,label,country\ncebu,Cebu,ph\ntrat,Trat,th\n")}
    assert not outcome_of(written, {"country": "th", "town": "trat"}, tables=tables).errors
    [error] = outcome_of(written, {"country": "th", "town": "cebu"}, tables=tables).errors
    assert (error.path, error.code) == ("town", "not_a_choice")
    assert not outcome_of(written, {"country": "th", "town": "cebu"}).errors  # the file is not here: the device knew


def test_values_of_other_rows_are_reached_by_their_number() -> None:
    written = (
        "| survey |\n| | type | name | label | calculation |\n| | begin_repeat | day | Day | |\n"
        "| | integer | eggs | Eggs | |\n"
        "| | calculate | before | | if(position(..) > 1, indexed-repeat(${eggs}, ${day}, position(..) - 1), 0) |\n"
        "| | end_repeat | | | |\n"
    )
    rows = outcome_of(written, {"day": [{"eggs": 3}, {"eggs": 5}, {"eggs": 7}]}).answers["day"]
    assert [str(row["before"]) for row in rows] == ["0", "3", "5"]  # type: ignore[attr-defined]


@given(seed=st.integers(-(10**12), 10**12), count=st.integers(0, 12))
def test_shuffling_keeps_every_choice_and_follows_from_its_seed(seed: int, count: int) -> None:
    root = Node("")
    data = root.add(Node("data"))
    for number in range(count):
        data.add(Node("one", "text", str(number)))
    here = Setting(root, NOW.date(), NOW)
    once, again = (xpath.evaluate(f"randomize(/data/one, {seed})", data, here) for _time in range(2))
    assert isinstance(once, list)
    assert isinstance(again, list)
    assert [node.text for node in once] == [node.text for node in again]
    assert sorted(node.text for node in once) == sorted(str(number) for number in range(count))


# Digits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("integer", "١٢", 12),
        ("integer", "۱۲", 12),
        ("decimal", "١٢٫٥", Decimal("12.5")),
        ("decimal", "١٬٢٠٠", Decimal(1200)),
        ("date", "٢٠٠٤-٠٣-٠١", "2004-03-01"),
        ("geopoint", "١٤٫٥ ١٢١", "14.5 121"),
        ("text", "الصف ١٢", "الصف ١٢"),
    ],
)
def test_eastern_digits_are_read_as_digits_where_a_number_is_asked_and_kept_in_texts(
    kind: str, given: str, kept: Any
) -> None:
    outcome = outcome_of(f"| survey |\n| | type | name | label |\n| | {kind} | q | Q |\n", {"q": given})
    assert (outcome.errors, outcome.answers["q"]) == ((), kept)


# What the device worked out ----------------------------------------------------------------------------

PRICE = (
    "| survey |\n| | type | name | label | calculation |\n| | decimal | price | Price | |\n"
    "| | calculate | double | | ${price} * 2 |\n| | calculate | lot | | random() |\n"
)


def test_what_the_device_worked_out_otherwise_is_flagged_and_ours_is_kept() -> None:
    outcome = outcome_of(PRICE, {"price": "1.5", "double": "4"})
    assert (outcome.errors, outcome.answers["double"]) == ((), 3)
    [flag] = outcome.flags
    assert (flag.path, flag.code) == ("double", "calculated_otherwise")
    assert "4" in flag.message


def test_the_same_number_in_another_spelling_is_no_difference_and_chance_stays_with_the_device() -> None:
    outcome = outcome_of(PRICE, {"price": "1.5", "double": "3.0000000000001", "lot": "0.25"})
    assert (outcome.errors, outcome.flags, outcome.answers["lot"]) == ((), (), "0.25")


# Bounds ------------------------------------------------------------------------------------------------


def test_a_pattern_that_would_run_for_ever_ends_and_is_flagged_for_the_reviewer() -> None:
    written = "| survey |\n| | type | name | label | constraint |\n| | text | q | Q | regex(., '(a\\|a?)+b') |\n"
    began = time.perf_counter()
    outcome = outcome_of(written, {"q": "a" * 5_000 + "c"})
    assert time.perf_counter() - began < 5
    assert {one.code for one in (*outcome.errors, *outcome.flags)} <= {"not_checked", "constraint"}
    assert outcome_of(written, {"q": "aab"}).errors == ()


def test_a_repeat_of_twenty_thousand_nodes_is_worked_out_in_bounded_time() -> None:
    written = (
        "| survey |\n| | type | name | label | calculation | relevant |\n| | begin_repeat | row | Row | | |\n"
        "| | integer | a | A | | |\n| | integer | b | B | | ${a} > 5 |\n"
        "| | calculate | before | | indexed-repeat(${a}, ${row}, position(..) - 1) | |\n"
        "| | calculate | share | | ${a} div sum(/data/row/a) | |\n| | end_repeat | | | | |\n"
        "| | calculate | total | | sum(${a}) | |\n"
    )
    schema = xlsform.convert(written.encode()).schema
    rows = [{"a": number % 10 + 1, "b": number} for number in range(5_000)]
    began = time.perf_counter()
    outcome = answered.outcome(schema, {"row": rows}, today=NOW.date(), now=NOW)
    assert time.perf_counter() - began < 30
    assert (outcome.errors, outcome.flags) == ((), ())
    assert outcome.answers["total"] == sum(row["a"] for row in rows)


def test_a_form_that_asks_for_endless_work_is_accepted_and_flagged() -> None:
    written = (
        "| survey |\n| | type | name | label | calculation |\n| | begin_repeat | row | Row | |\n"
        "| | integer | a | A | |\n| | calculate | rank | | count(/data/row[a > current()/../a]) |\n"
        "| | end_repeat | | | |\n"
    )
    schema = xlsform.convert(written.encode()).schema
    rows = [{"a": number, "rank": "1"} for number in range(3_000)]
    began = time.perf_counter()
    outcome = answered.outcome(schema, {"row": rows}, today=NOW.date(), now=NOW)
    assert time.perf_counter() - began < 60
    assert outcome.errors == ()
    assert "not_checked" in {one.code for one in outcome.flags}


def test_an_expression_nested_without_end_is_refused_in_its_cell() -> None:
    written = (
        "| survey |\n| | type | name | label | calculation |\n" + f"| | calculate | q | | {'(' * 3000}1{')' * 3000} |\n"
    )
    with pytest.raises(xlsform.FormBroken) as found:
        xlsform.convert(written.encode())
    assert [(one.row, one.column) for one in found.value.problems] == [(2, "calculation")]
