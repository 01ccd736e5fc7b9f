"""An XLSForm becomes a form, or a list of problems that name sheet, row and column."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.base import packages
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import xlsform, xpath
from jump.engines.evidence.definitions.xpath import Node, Setting
from tests import makers

NOW = datetime(2004, 3, 10, 9, 0, tzinfo=UTC)


def converted(written: str) -> xlsform.Converted:
    return xlsform.convert(written.encode())


def errors_of(written: str, answers: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    outcome = answered.outcome(converted(written).schema, answers, today=NOW.date(), now=NOW, **more)
    return [(one.path, one.code) for one in outcome.errors]


def answers_of(written: str, answers: dict[str, Any]) -> dict[str, Any]:
    outcome = answered.outcome(converted(written).schema, answers, today=NOW.date(), now=NOW)
    assert not outcome.errors
    return dict(outcome.answers)


# Conversion -------------------------------------------------------------------------------------------


def test_a_form_keeps_labels_in_each_language_choices_conditions_and_repeats() -> None:
    schema = converted(makers.VISIT).schema
    fields = {field["name"]: field for field in xlsform.fields_of(schema)}

    assert schema["languages"] == ["en", "fr"]
    assert fields["host"]["label"] == {"en": "Who received you", "fr": "Qui vous a reçu"}
    assert fields["host"]["data_class"] == "P2"
    assert [one["code"] for one in schema["lists"]["yes_no"]] == ["yes", "no"]
    assert fields["why_closed"]["relevant"] == "/data/is_open  = 'no'"
    assert fields["worker"]["type"] == "repeat"
    assert [one["name"] for one in fields["worker"]["children"]] == ["worker_name", "hours"]
    assert fields["hours_total"]["type"] == "calculate"


@pytest.mark.parametrize(
    ("broken", "sheet", "row", "column", "part"),
    [
        ("| | select_one colour | c | C |", "survey", 2, "type", "The list colour is not on the sheet choices"),
        ("| | txt | c | C |", "survey", 2, "type", "no question type 'txt'"),
        ("| | text | | C |", "survey", 2, "name", "has no name"),
        ("| | text | my name | C |", "survey", 2, "name", "cannot be a name"),
        ("| | begin_group | g | G |", "survey", 2, "type", "never closed"),
        ("| | end_group | | |", "survey", 2, "type", "closes what is not open"),
        ("| | text | a | A |\n| | text | a | B |", "survey", 3, "name", "stands twice"),
    ],
)
def test_a_broken_form_names_sheet_row_and_column(broken: str, sheet: str, row: int, column: str, part: str) -> None:
    with pytest.raises(xlsform.FormBroken) as found:
        converted(f"| survey |\n| | type | name | label |\n{broken}\n")

    problem = found.value.problems[0]
    assert (problem.sheet, problem.row, problem.column) == (sheet, row, column)
    assert problem.line == row + 1  # the sheet's name takes a line of the file
    assert part in problem.message
    assert problem.what_to_do


def test_a_name_that_no_question_has_and_an_expression_that_cannot_be_read_are_found_in_their_cells() -> None:
    written = (
        "| survey |\n| | type | name | label | relevant | calculation |\n"
        "| | text | a | A | ${b} = 1 | |\n"
        "| | calculate | c | | | sum(${a} |\n"
        "| | calculate | d | | | nonsense(1) |\n"
    )
    with pytest.raises(xlsform.FormBroken) as found:
        converted(written)

    assert [(one.row, one.column) for one in found.value.problems] == [
        (2, "relevant"),
        (3, "calculation"),
        (4, "calculation"),
    ]


@pytest.mark.parametrize(
    ("parameters", "part"),
    [
        ("| | audio | voice | Voice | quality=loud |", "quality"),
        ("| | image | photo | Photo | max-pixels=big |", "max-pixels"),
        ("| | audit | audit | | location-priority=foo location-min-interval=1 location-max-age=2 |", "priority"),
    ],
)
def test_what_only_the_converter_finds_is_told_with_its_row_too_and_alone(parameters: str, part: str) -> None:
    head = "| survey |\n| | type | name | label | parameters |\n| | text | first | First | |\n"
    with pytest.raises(xlsform.FormBroken) as found:
        converted(f"{head}{parameters}\n| | text | last | Last | |\n")
    [problem] = found.value.problems
    assert (problem.sheet, problem.row) == ("survey", 3)
    assert part in problem.message


def test_a_form_that_has_labels_in_one_language_only_is_told_no_fault_of_our_making() -> None:
    written = (
        "| survey |\n| | type | name | label::English (en) | parameters |\n"
        "| | audio | voice | Voice | quality=loud |\n| | text | last | Last | |\n"
    )
    with pytest.raises(xlsform.FormBroken) as found:
        converted(written)
    assert [problem.row for problem in found.value.problems] == [2]


def test_two_headings_in_one_cell_are_found_in_the_first_row() -> None:
    heading = "required_message::French (fr)required_message::English (en)"
    with pytest.raises(xlsform.FormBroken) as found:
        converted(f"| survey |\n| | type | name | label | {heading} |\n| | text | a | A | needed |\n")
    problem = found.value.problems[0]
    assert (problem.sheet, problem.row, problem.column) == ("survey", 1, heading)


def test_a_note_needs_no_name() -> None:
    form = converted("| survey |\n| | type | name | label |\n| | note | | Good morning |\n| | text | a | A |\n")
    assert [field["type"] for field in form.schema["fields"]] == ["note", "text"]


def test_a_choice_that_stands_twice_in_a_list_is_found_in_its_row() -> None:
    written = makers.VISIT.replace(
        "| | yes_no | no | No | Non |", "| | yes_no | no | No | Non |\n| | yes_no | no | N | N |"
    )
    with pytest.raises(xlsform.FormBroken) as found:
        converted(written)

    [problem] = found.value.problems
    assert (problem.sheet, problem.row, problem.column) == ("choices", 4, "name")


def test_bytes_that_are_no_form_are_refused_in_words() -> None:
    for content in (b"PK\x03\x04 this is no workbook", b"\xd0\xcf\x11\xe0 nor this", b"just text", b""):
        with pytest.raises(xlsform.FormBroken) as found:
            xlsform.convert(content)
        assert found.value.problems[0].what_to_do


CONVERT = {
    "socio_economic_survey.xlsx",
    "ifrc_distribution_site_assessment.xlsx",
    "all_question_types.xlsx",
    "pma_bfr5_selection.xlsx",
    "sofala_s3m.xlsx",
    "kobo_nested_repeats.xls",
}


def test_real_forms_of_others_convert_or_are_refused_cell_by_cell(shared: Path) -> None:
    seen: dict[str, list[Any]] = {}
    for path in sorted((shared / "data/xlsforms").glob("*.xls*")):
        try:
            schema = xlsform.convert(path.read_bytes()).schema
            seen[path.name] = []
            assert list(xlsform.fields_of(schema)), path.name
            answered.outcome(schema, {}, today=NOW.date(), now=NOW)  # an empty filling ends without an exception
        except xlsform.FormBroken as broken:
            seen[path.name] = broken.problems

    assert {name for name, problems in seen.items() if not problems} == CONVERT
    refused = {name: problems for name, problems in seen.items() if problems}
    assert {problem.row for problem in refused["rhomis_core_livelihoods_v1_6.xlsx"]} >= {67, 68, 69}
    assert {(one.sheet, one.row) for one in refused["unhcr_mena_household.xls"]} >= {("choices", 160)}
    assert {(one.sheet, one.row) for one in refused["surveycto_head_aggregation.xlsx"]} >= {("survey", 22)}
    assert {(one.sheet, one.row) for one in refused["pma_household_questionnaire.xlsx"]} >= {("survey", 9)}
    assert all(one.message for problems in refused.values() for one in problems)


# Answers ----------------------------------------------------------------------------------------------


def test_answers_come_back_typed_in_the_order_of_the_form_and_calculated() -> None:
    answers = answers_of(makers.VISIT, dict(reversed(makers.visit_answers().items())))

    assert list(answers) == ["visited_on", "host", "is_open", "sales", "worker", "hours_total"]
    assert answers["sales"] == Decimal("120.50")
    assert answers["worker"][0] == {"worker_name": "Jose Cruz", "hours": 40}
    assert answers["hours_total"] == 60


def test_every_kind_of_wrong_answer_is_found_at_its_path() -> None:
    answers = makers.visit_answers(
        visited_on="2004-02-30",
        is_open="perhaps",
        sales="-1",
        worker=[{"worker_name": "Jose", "hours": 101}, {"hours": "many"}],
        colour="red",
    )

    assert sorted(errors_of(makers.VISIT, answers)) == [
        ("colour", "unknown_question"),
        ("is_open", "not_a_choice"),
        ("sales", "constraint"),
        ("visited_on", "date_impossible"),
        ("worker.0.hours", "constraint"),
        ("worker.1.hours", "wrong_type"),
        ("worker.1.worker_name", "required"),
    ]


def test_a_question_that_is_not_asked_is_neither_required_nor_kept() -> None:
    open_ = makers.visit_answers(why_closed="typed before it was open")
    closed = makers.visit_answers(is_open="no")

    assert "why_closed" not in answers_of(makers.VISIT, open_)
    assert errors_of(makers.VISIT, closed) == [("why_closed", "required")]


def test_a_message_of_the_form_is_said_in_the_readers_language() -> None:
    written = makers.VISIT.replace("| constraint_message |", "| constraint_message::French (fr) |")
    schema = converted(written).schema
    outcome = answered.outcome(schema, makers.visit_answers(sales="-1"), today=NOW.date(), now=NOW, language="fr")
    assert [one.message for one in outcome.errors] == ["0 or more."]


def test_a_choice_filter_decides_which_choices_are_on_offer() -> None:
    written = (
        "| survey |\n| | type | name | label | choice_filter |\n"
        "| | select_one country | country | Country | |\n"
        "| | select_one town | town | Town | country = ${country} |\n\n"
        "| choices |\n| | list_name | name | label | country |\n"
        "| | country | ph | Philippines | |\n| | country | th | Thailand | |\n"
        "| | town | cebu | Cebu | ph |\n| | town | trat | Trat | th |\n"
    )
    assert answers_of(written, {"country": "th", "town": "trat"})["town"] == "trat"
    assert errors_of(written, {"country": "th", "town": "cebu"}) == [("town", "not_a_choice")]


def test_a_group_that_is_not_asked_takes_all_its_questions_with_it() -> None:
    written = (
        "| survey |\n| | type | name | label | relevant | required |\n"
        "| | select_one yn | more | More? | | yes |\n"
        "| | begin_group | part | Part | ${more} = 'yes' | |\n"
        "| | text | inside | Inside | | yes |\n"
        "| | begin_repeat | line | Lines | | |\n| | text | what | What | | yes |\n| | end_repeat | | | | |\n"
        "| | end_group | | | | |\n\n"
        "| choices |\n| | list_name | name | label |\n| | yn | yes | Yes |\n| | yn | no | No |\n"
    )
    assert answers_of(written, {"more": "no", "inside": "x", "line": [{"what": "y"}]}) == {"more": "no", "line": []}
    assert errors_of(written, {"more": "yes", "line": [{}]}) == [("inside", "required"), ("line.0.what", "required")]


def test_two_groups_may_use_one_name_and_both_answers_are_kept() -> None:
    written = (
        "| survey |\n| | type | name | label |\n"
        "| | begin_group | women | Women |\n| | integer | count | Count |\n| | end_group | | |\n"
        "| | begin_group | men | Men |\n| | integer | count | Count |\n| | end_group | | |\n"
    )
    assert answers_of(written, {"count": 3, "men/count": 4}) == {"count": 3, "men/count": 4}


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("integer", "12", 12),
        ("integer", 12, 12),
        ("decimal", "2,50", Decimal("2.50")),
        ("decimal", 3, Decimal(3)),
        ("date", date(2004, 2, 29), "2004-02-29"),
        ("time", "09:30", "09:30:00"),
        ("geopoint", "14.5 121.0", "14.5 121.0"),
        ("text", "  ", None),
    ],
)
def test_answers_are_read_in_their_own_type(kind: str, given: Any, kept: Any) -> None:
    assert answers_of(makers.question("q", kind), {"q": given}).get("q") == kept


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("integer", "1.5", "wrong_type"),
        ("integer", "9" * 19, "wrong_type"),
        ("decimal", "NaN", "wrong_type"),
        ("decimal", "1e9", "wrong_type"),
        ("date", "2003-02-29", "date_impossible"),
        ("date", "yesterday", "date_impossible"),
        ("dateTime", "2004-13-01T00:00", "date_impossible"),
        ("geopoint", "91 0", "wrong_type"),
        ("text", ["a"], "wrong_type"),
    ],
)
def test_what_is_not_of_the_type_is_refused_with_a_code(kind: str, given: Any, code: str) -> None:
    assert errors_of(makers.question("q", kind), {"q": given}) == [("q", code)]


def test_a_year_far_off_is_accepted_and_flagged() -> None:
    outcome = answered.outcome(
        converted(makers.question("born", "date")).schema, {"born": "1801-01-01"}, today=NOW.date(), now=NOW
    )
    assert (outcome.errors, [one.code for one in outcome.flags]) == ((), ["unlikely"])
    assert outcome.answers == {"born": "1801-01-01"}


# Expressions ------------------------------------------------------------------------------------------


def setting() -> Setting:
    root = Node("")
    data = root.add(Node("data"))
    for name, kind, text in (
        ("n", "integer", "5"),
        ("d", "decimal", "2.5"),
        ("day", "date", "2004-03-01"),
        ("many", "select_multiple", "a b c"),
        ("empty", "text", ""),
    ):
        data.add(Node(name, kind, text))
    for number, sex in enumerate(("female", "male", "female")):
        member = data.add(Node("member", "repeat"))
        member.add(Node("sex", "select_one", sex))
        member.add(Node("age", "integer", str(20 + number)))
    return Setting(root, NOW.date(), NOW)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("/data/n + 1 = 6", True),
        ("0.1 + 0.2 = 0.3", True),
        ("/data/day <= today()", True),
        ("today() - /data/day", "9"),
        ("(today() - /data/day) div 3", "3"),
        ("format-date(/data/day, '%d/%m/%Y')", "01/03/2004"),
        ("selected(/data/many, 'b')", True),
        ("selected(/data/many, 'x')", False),
        ("count-selected(/data/many)", "3"),
        ("selected-at(/data/many, 1)", "b"),
        ("count(/data/member)", "3"),
        ("count(/data/member[sex = 'female'])", "2"),
        ("sum(/data/member/age)", "63"),
        ("max(/data/member/age, 30)", "30"),
        ("min(/data/member/age)", "20"),
        ("/data/member[2]/sex", "male"),
        ("indexed-repeat(/data/member/age, /data/member, 3)", "22"),
        ("join(', ', /data/member/sex)", "female, male, female"),
        ("if(/data/n > 3, 'big', 'small')", "big"),
        ("coalesce(/data/empty, 'none')", "none"),
        ("/data/empty != 'yes'", True),
        ("/data/missing != 'yes'", True),
        ("/data/missing = 'yes'", False),
        ("not(/data/n = 5) or /data/d > 2", True),
        ("round(2.345, 2)", "2.35"),
        ("round(-2.5)", "-2"),
        ("int(-2.7)", "-2"),
        ("floor(-2.1)", "-3"),
        ("7 mod 3", "1"),
        ("-7 mod 3", "-1"),
        ("1 div 0 > 1000000", True),
        ("number('x') = number('x')", False),
        ("string-length('héros')", "5"),
        ("substr('abcdef', 1, 3)", "bc"),
        ("substring('abcdef', 2, 3)", "bcd"),
        ("substring-before('a-b', '-')", "a"),
        ("translate('abc', 'ab', 'x')", "xc"),
        ("regex('TH', '^[A-Z]{2}$')", True),
        ("concat(/data/n, '/', /data/d)", "5/2.5"),
        ("checklist(1, 2, /data/n = 5, /data/n = 6)", True),
        ("boolean(/data/empty)", False),
        ("date('2004-03-01') + 1 = number(date('2004-03-02'))", True),
        ("decimal-time('12:00:00')", "0.5"),
        ("/data/member[position() = 3]/age", "22"),
        ("/data/member[last()]/age", "22"),
    ],
)
def test_expressions_answer_as_odk_does(text: str, value: str | bool) -> None:
    here = setting()
    found = xpath.evaluate(text, here.root.children[0], here)
    assert (found if isinstance(value, bool) else xpath.text_of(found)) == value


@pytest.mark.parametrize("text", ["1 +", "foo(1)", "if(1, 2)", "/data/[", "'open", ")", ""])
def test_what_is_no_expression_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(xpath.BadExpression):
        xpath.parse(text)


def test_current_and_parent_steps_start_at_the_question() -> None:
    here = setting()
    age = here.root.children[0].children[6].children[1]  # the second member's age
    assert xpath.text_of(xpath.evaluate("../sex", age, here)) == "male"
    assert xpath.text_of(xpath.evaluate("position(..)", age, here)) == "2"
    assert xpath.text_of(xpath.evaluate("count(/data/member[age = current()/../age])", age, here)) == "1"


@given(left=st.integers(-(10**9), 10**9), right=st.integers(-(10**9), 10**9), sign=st.sampled_from("+-*"))
def test_whole_numbers_are_exact(left: int, right: int, sign: str) -> None:
    here = setting()
    expected = {"+": left + right, "-": left - right, "*": left * right}[sign]
    assert xpath.evaluate(f"({left}) {sign} ({right})", here.root, here) == expected


@given(days=st.integers(-40_000, 40_000))
def test_a_date_is_the_number_of_its_days(days: int) -> None:
    day = date(1970, 1, 1) + timedelta(days=days)
    assert xpath.number_of(day.isoformat()) == days


@given(amounts=st.lists(st.decimals(0, 10**6, places=2), max_size=8))
def test_a_calculated_sum_is_the_sum_to_the_cent(amounts: list[Decimal]) -> None:
    written = (
        "| survey |\n| | type | name | label | calculation |\n"
        "| | begin_repeat | line | Lines | |\n| | decimal | amount | Amount | |\n| | end_repeat | | | |\n"
        "| | calculate | total | | sum(${amount}) |\n"
    )
    schema = SUM_FORM or SUM_FORM.update(converted(written).schema) or SUM_FORM
    outcome = answered.outcome(schema, {"line": [{"amount": str(one)} for one in amounts]}, today=NOW.date(), now=NOW)
    assert outcome.answers.get("total", 0) == sum(amounts)


SUM_FORM: dict[str, Any] = {}


# forms.yaml, registers.yaml, dossiers.yaml -----------------------------------------------------------


def package(folder: Path, **files: str) -> Path:
    root = folder / "orchard"
    (root / "forms").mkdir(parents=True)
    (root / "programme.yaml").write_text(
        'name: orchard\nversion: "1"\ntitle: {en: Orchard}\nlanguages: [en]\nengines: [evidence]\n'
    )
    (root / "forms/visit.md").write_text(makers.VISIT)
    for name, text in files.items():
        (root / f"{name}.yaml").write_text(text)
    return root


FORMS = """visit:
  file: forms/visit.md
  title: {en: Visit}
  review: none
"""


@pytest.mark.django_db
def test_a_sound_package_of_forms_has_no_findings_and_installs_its_forms(tmp_path: Path) -> None:
    from jump.engines.evidence import api as evidence

    root = package(tmp_path, forms=FORMS)

    assert packages.check([root]) == []
    packages.install(makers.MAKER, root)

    assert evidence.form("orchard.visit").version == "1"
    assert evidence.form("visit").fields[0].label == "Day of the visit"
    assert "<h:html" in evidence.xform("orchard.visit")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "line", "part"),
    [
        ("  register: tree\n", 5, "There is no register tree"),
        ("  on_accept:\n    - effect: nobody.offers\n", 6, "No engine offers nobody.offers"),
        ("  on_accept:\n    - effect: parties.notify\n      with: {to: $answers.colour}\n", 6, "no question colour"),
        ("  on_accept:\n    - effect: parties.notify\n      with: {to: $case.ref}\n", 6, "is not known here"),
        ("  facts:\n    - {kind: evidence.visit, value: $answers.kilos}\n", 6, "no question kilos"),
        ("  personal: [nickname]\n", 5, "no question nickname"),
        ("  reviewer: me\n", 1, "a key that nobody reads"),
    ],
)
def test_a_finding_names_the_file_and_the_line(tmp_path: Path, changed: str, line: int, part: str) -> None:
    root = package(tmp_path, forms=FORMS + changed)

    [finding] = packages.check([root])

    assert (finding.file, finding.line) == ("orchard/forms.yaml", line)
    assert part in finding.message


@pytest.mark.django_db
def test_a_broken_form_stops_the_whole_package_and_nothing_is_loaded(tmp_path: Path) -> None:
    from jump.base.models import PackageVersion
    from jump.engines.evidence.models import FormVersion

    root = package(tmp_path, forms=FORMS)
    (root / "forms/visit.md").write_text(makers.VISIT.replace("select_one yes_no", "select_one maybe"))

    with pytest.raises(packages.PackageBroken):
        packages.install(makers.MAKER, root)

    [finding] = packages.check([root])
    assert (finding.file, finding.line) == ("orchard/forms/visit.md", 6)
    assert "sheet survey, row 4, column type: The list maybe is not on the sheet choices." in finding.message
    assert (PackageVersion.objects.count(), FormVersion.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_dossier_names_forms_and_roles_that_exist_and_conditions_that_can_be_read(tmp_path: Path) -> None:
    dossiers = """plan:
  title: {en: Plan}
  sections:
    - {key: a, title: {en: A}, form: visit}
    - {key: b, title: {en: B}, form: absent}
  sign_off_by: king
  checks:
    - {id: c, text: {en: C}, needs: "answers.visit.sales >"}
"""
    found = packages.check([package(tmp_path, forms=FORMS, dossiers=dossiers)])

    assert [(one.file, one.line) for one in found] == [
        ("orchard/dossiers.yaml", 5),
        ("orchard/dossiers.yaml", 6),
        ("orchard/dossiers.yaml", 8),
    ]


@pytest.mark.django_db
def test_a_dossier_is_signed_by_one_role_or_by_several_parties_in_roles_that_exist(tmp_path: Path) -> None:
    dossiers = """rules:
  title: {en: Rules}
  sections:
    - {key: a, title: {en: A}, form: visit}
  sign_off_by: donor
  signers:
    - {id: agency, title: {en: Agency}, role: programme_coordinator}
    - {id: agency, title: {en: Donor}, role: king}
"""
    found = packages.check([package(tmp_path, forms=FORMS, dossiers=dossiers)])

    assert sorted((one.line, one.message) for one in found) == [
        (5, "Both one role and several parties are named to sign."),
        (8, "The signer agency stands twice."),
        (8, "There is no role king."),
    ]
