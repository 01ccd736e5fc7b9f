"""A spreadsheet comes in: checked as a page would, marked where it is wrong, taken in once, taken back in time."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from openpyxl import Workbook, load_workbook

from jump.base import clock, files, outbox
from jump.base.models import AuditEvent, StoredFile
from jump.base.refusals import NotAllowed, NotFound
from jump.engines.evidence import api as evidence
from jump.engines.evidence.definitions.spreadsheet.reading import NotASpreadsheet, SpreadsheetTooLarge
from jump.engines.evidence.models import SheetBatch, Submission
from jump.engines.evidence.services import spreadsheets
from jump.engines.evidence.services.refusals import (
    DateImpossible,
    ReasonMissing,
    SheetBusy,
    SheetHasProblems,
    SheetOfAnotherForm,
    SheetSettled,
    SheetUnreadable,
)
from tests import makers
from tests.engines.evidence.sheets import FIRST, filled, take_in, template, told, upload, visit
from tests.makers import DAY, Ground

pytestmark = pytest.mark.django_db


def worker(scope: str = "trial/asia/PH/", number: int = 7) -> Any:
    return makers.someone("extension_worker", scope, user_id=number)


def coordinator() -> Any:
    return makers.someone("national_coordinator", "trial/asia/PH/", user_id=8)


# The template -----------------------------------------------------------------------------------------


def test_a_template_has_a_column_for_each_question_in_the_readers_language_and_a_sheet_for_each_repeat(
    ground: Ground,
) -> None:
    makers.form(about="place")
    book = template(worker(), language="fr")
    main, workers = book.worksheets[0], book["Travailleurs"]
    assert [cell.value for cell in main[1]] == [
        "#key", "#day", "#place", "visited_on", "host", "is_open", "why_closed", "sales",
    ]  # fmt: skip
    assert [cell.value for cell in main[2]][3:] == [
        "Jour de la visite *", "Qui vous a reçu", "Est-ce ouvert ? *", "Pourquoi ?", "Ventes",
    ]  # fmt: skip
    assert [cell.value for cell in workers[1]] == ["#parent worker", "worker_name", "hours"]
    assert main.row_dimensions[1].hidden
    assert main.protection.sheet
    assert main["A2"].protection.locked
    assert not main.column_dimensions["A"].protection.locked
    assert book["_jump"].sheet_state == "hidden"
    assert [[cell.value for cell in row] for row in book["_jump"]][:2] == [["form", "trial.visit"], ["version", "1"]]


def test_types_and_limits_are_rules_of_the_cells_and_choices_are_drop_downs(ground: Ground) -> None:
    makers.form(about="place")
    book = template(worker())
    rules = {str(rule.sqref).split(":")[0]: rule for rule in book.worksheets[0].data_validations.dataValidation}
    assert (rules["F4"].type, rules["F4"].formula1) == ("list", "'Lists'!$C$2:$C$3")
    assert [cell.value for cell in book["Lists"]["C"]][:3] == ["yes_no", "Yes", "No"]
    assert [cell.value for cell in book["Lists"]["A"]][:3] == ["Place", "Philippines", "Hilltop"]
    assert (rules["H4"].type, rules["H4"].operator, rules["H4"].formula1) == ("decimal", "greaterThanOrEqual", "0")
    assert rules["H4"].error == "0 or more."
    assert rules["D4"].type == "date"
    hours = book["Workers"].data_validations.dataValidation[-1]
    assert (hours.type, hours.operator, hours.formula1, hours.formula2) == ("whole", "between", "0", "100")


def test_the_empty_template_sent_back_holds_nothing(ground: Ground) -> None:
    makers.form()
    view = upload(worker(), filled(worker(), []))
    assert (view.state, view.rows_read, view.problems_count) == ("checked", 0, 0)


@pytest.mark.parametrize(
    "name", ["kobo_nested_repeats.xls", "all_question_types.xlsx", "ifrc_distribution_site_assessment.xlsx"]
)
def test_forms_of_other_houses_become_templates_that_open(ground: Ground, name: str) -> None:
    from jump.engines.evidence.definitions import xlsform
    from jump.engines.evidence.definitions.kept import keep_form
    from tests.conftest import SHARED

    file = SHARED / "data" / "xlsforms" / name
    if not file.exists():
        pytest.skip(f"{file} is not here")
    converted = xlsform.convert(file.read_bytes())
    keep_form(
        form_id="trial.theirs", package="trial", version="1", settings={"title": {"en": "Theirs"}}, converted=converted
    )
    view = upload(worker(), filled(worker(), [], form="trial.theirs"), form="trial.theirs")
    assert view.state == "checked", view.refused_words


# A row is checked as a page would ----------------------------------------------------------------------


def test_rows_become_forms_with_their_repeats_at_their_place_on_their_day(ground: Ground) -> None:
    makers.form(about="place")
    actor = worker()
    file = filled(
        actor,
        [visit(**{"#key": "A1"}), visit(**{"#key": "A2", "#day": date(2004, 2, 1), "#place": "Hilltop", "host": None})],
        repeats={
            "Workers": [
                {"#parent": "A1", "worker_name": "Jose", "hours": 40},
                {"#parent": "A1", "worker_name": "Ana", "hours": 20},
            ]
        },
    )
    checked = upload(actor, file, scope=ground.country_scope)
    assert told(checked) == []
    view = take_in(actor, checked)
    assert (view.state, view.rows_read, view.rows_good, view.rows_bad, view.rows_made) == ("imported", 2, 2, 0, 2)
    first, second = sorted(evidence.submissions(actor, form="trial.visit"), key=lambda one: one.on, reverse=True)
    assert first.answers == {
        "visited_on": "2004-03-01",
        "host": "Maria Santos",
        "is_open": "yes",
        "sales": Decimal("120.5"),
        "worker": [{"worker_name": "Jose", "hours": 40}, {"worker_name": "Ana", "hours": 20}],
        "hours_total": 60,
    }
    assert (first.scope, first.on, first.about, first.source, first.state) == (
        ground.country_scope, DAY, ground.philippines, "sheet", "received",
    )  # fmt: skip
    assert (second.scope, second.on, second.about) == (ground.other_scope, date(2004, 2, 1), ground.hilltop)


def test_every_problem_is_named_by_sheet_row_and_column_all_at_once(ground: Ground) -> None:
    makers.form()
    actor = worker()
    file = filled(
        actor,
        [
            visit(**{"#key": "A1"}),
            visit(**{"#key": "A2", "is_open": "perhaps", "sales": -3}),
            visit(**{"#key": "A1"}),
            visit(is_open="No"),
            visit(**{"#place": "Atlantis", "#about": "x", "#day": "30 February"}),
        ],
        repeats={
            "Workers": [
                {"#parent": "A2", "worker_name": "Jo", "hours": 140},
                {"#parent": "Z", "worker_name": "Jo", "hours": 1},
                {"worker_name": "Jo", "hours": 1},
            ]
        },
    )
    view = upload(actor, file)
    assert told(view) == [
        ("Visit", 5, "G", "perhaps is not among the choices."),
        ("Visit", 5, "I", "0 or more."),
        ("Visit", 6, "A", "The key A1 stands in row 4 already."),
        ("Visit", 7, "H", "This answer is missing."),
        ("Visit", 8, "B", "There is no such date: 30 February."),
        ("Visit", 8, "C", "There is no place Atlantis here."),
        ("Visit", 8, "D", "x is not a number of JUMP."),
        ("Workers", 4, "C", "0 to 100."),
        ("Workers", 5, "A", "No row on the sheet Visit has the key Z."),
        ("Workers", 6, "A", "It does not say which row it belongs to."),
    ]
    assert [one.heading for one in view.problems][:2] == ["Is it open?", "Sales of the week"]
    assert (view.rows_read, view.rows_good, view.rows_bad) == (5, 1, 6)
    assert Submission.objects.count() == 0


def test_the_same_file_comes_back_with_what_is_wrong_marked_in_its_cells_and_can_be_mended_and_sent(
    ground: Ground,
) -> None:
    makers.form()
    actor = worker()

    def own_column(book: Any) -> None:
        sheet = book.worksheets[0]
        sheet.cell(2, 12, "My notes")
        sheet.cell(FIRST + 1, 12, "=not a formula").data_type = "s"
        sheet.cell(FIRST + 1, 6, "=Bad()").data_type = "s"

    rows = [visit(host="Good"), visit(sales=-3), visit(host="Good too")]
    view = upload(actor, filled(actor, rows, change=own_column))
    assert view.has_marked
    file, name = evidence.sheet_file(actor, view.ref, marked=True)
    with file:
        book = load_workbook(io.BytesIO(file.read()))
    assert name == "marked-visits.xlsx"
    assert [cell.value for cell in book["Problems"][2]] == [
        "Visit", 5, "I", "0 or more.", "Correct it.",
    ]  # fmt: skip
    sheet = book["Visit"]
    assert sheet["I5"].comment.text == "0 or more. Correct it."
    assert sheet["I5"].fill.fgColor.rgb.endswith("F8D7D3")
    assert (sheet["F5"].value, sheet["F5"].data_type) == ("=Bad()", "s")
    assert (sheet["L2"].value, sheet["L5"].value, sheet["L5"].data_type) == ("My notes", "=not a formula", "s")

    taken = take_in(actor, view, only_valid=True)
    assert taken.rows_made == 2
    sheet["I5"].value = 3
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    mended = upload(actor, out)
    assert (mended.rows_good, mended.rows_known, mended.problems_count) == (1, 2, 0)
    assert take_in(actor, mended).rows_made == 1
    assert Submission.objects.count() == 3


def test_cells_as_people_write_them_are_understood(ground: Ground) -> None:
    makers.form()
    actor = worker()
    rows = [
        visit(visited_on=datetime(2004, 3, 1), sales="١٢٫٥", is_open="yes"),
        visit(visited_on="1.3.2004", sales=0.1 + 0.2, is_open="OUI"),
        visit(visited_on="30/01/2004", sales=" 7 ", is_open=" yes "),
        visit(visited_on="2004/3/1", sales=12.0, host=639171234567),
    ]
    view = take_in(actor, upload(actor, filled(actor, rows)))
    assert told(view) == []
    found = [one.answers for one in evidence.submissions(actor, form="trial.visit")][::-1]
    assert [one["visited_on"] for one in found] == ["2004-03-01", "2004-03-01", "2004-01-30", "2004-03-01"]
    assert [one["sales"] for one in found] == [Decimal("12.5"), Decimal("0.3"), Decimal("7"), Decimal("12")]
    assert {one["is_open"] for one in found} == {"yes"}
    assert found[3]["host"] == "639171234567"


def test_a_day_that_can_be_read_in_two_ways_is_asked_about(ground: Ground) -> None:
    makers.form()
    view = upload(worker(), filled(worker(), [visit(visited_on="03/04/2004"), visit(visited_on=38047)]))
    assert [one.message for one in view.problems] == [
        "03/04/2004 can be read as two different days.",
        "38047 is a number, not a day.",
    ]


def test_a_formula_counts_as_what_was_last_saved_and_one_without_result_is_named(ground: Ground) -> None:
    makers.form()
    actor = worker()
    file = filled(actor, [visit(), visit()], change=lambda book: book.worksheets[0].cell(FIRST + 1, 9, "=1+1"))
    view = upload(actor, file)
    assert told(view) == [("Visit", 5, "I", "This cell holds a formula whose result is not in the file.")]

    file.seek(0)
    saved = rewritten(file, "xl/worksheets/sheet1.xml", b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    view = upload(actor, saved)
    assert told(view) == []
    take_in(actor, view)
    assert sorted(one.answers["sales"] for one in evidence.submissions(actor)) == [2, Decimal("120.5")]


def rewritten(file: io.BytesIO, part: str, old: bytes, new: bytes) -> io.BytesIO:
    """The workbook with some bytes of one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == part:
                content = content.replace(b"<v />", b"<v></v>")
                assert old in content, content[-900:]
                content = content.replace(old, new)
            after.writestr(name, content)
    out.seek(0)
    return out


def test_merged_cells_and_errors_of_the_spreadsheet_are_named(ground: Ground) -> None:
    makers.form()
    actor = worker()

    def change(book: Any) -> None:
        sheet = book.worksheets[0]
        sheet.merge_cells("F4:F5")
        cell = sheet.cell(FIRST + 2, 9, "#DIV/0!")
        cell.data_type = "e"

    view = upload(actor, filled(actor, [visit(), visit(host=None), visit()], change=change))
    assert told(view) == [
        ("Visit", 4, "F", "The cells F4:F5 are merged."),
        ("Visit", 6, "I", "This cell shows an error of the spreadsheet: #DIV/0!."),
    ]
    assert (view.rows_good, view.rows_bad) == (0, 3)


CASCADE = """
| survey |
| | type | name | label | required | choice_filter |
| | select_one district | district | District | yes | |
| | select_one village | village | Village | yes | district=${district} |
| | select_multiple crop | crops | Crops | | |

| choices |
| | list_name | name | label | district |
| | district | n | North | |
| | district | s | South | |
| | village | n1 | Riverside | n |
| | village | s1 | Riverside | s |
| | village | s2 | Hilltop | s |
| | crop | 1 | Maize | |
| | crop | 2 | Sweet potato | |
"""


def test_a_cascade_is_checked_and_several_choices_stand_in_one_cell(ground: Ground) -> None:
    makers.form("plots", CASCADE)
    actor = worker()
    book = template(actor, "trial.plots")
    shown = [cell.value for row in book["Lists"].iter_rows(min_row=2) for cell in row]
    assert "Riverside (n1)" in shown
    rows = [
        {"district": "South", "village": "Hilltop", "crops": "Maize; Sweet potato"},
        {"district": "North", "village": "Riverside (n1)", "crops": "1 2"},
        {"district": "North", "village": "Hilltop", "crops": "Maize, 2"},
        {"district": "South", "village": "Riverside", "crops": "Rice"},
    ]
    view = upload(actor, filled(actor, rows, form="trial.plots"), form="trial.plots")
    assert [(one.row, one.heading, one.message) for one in view.problems] == [
        (6, "Village", "s2 is not among the choices."),
        (7, "Village", "Riverside stands for several choices."),
        (7, "Crops", "Rice is not among the choices."),
    ]
    take_in(actor, view, only_valid=True)
    found = sorted((one.answers["village"], tuple(one.answers["crops"])) for one in evidence.submissions(actor))
    assert found == [("n1", ("1", "2")), ("s2", ("1", "2"))]


NESTED = """
| survey |
| | type | name | label |
| | text | household | Household |
| | begin_repeat | member | Members |
| | text | name | Name |
| | begin_repeat | job | Jobs |
| | integer | hours | Hours |
| | end_repeat | | |
| | end_repeat | | |
"""


def test_repeats_within_repeats_stand_on_sheets_of_their_own(ground: Ground) -> None:
    makers.form("household", NESTED)
    actor = worker()
    file = filled(
        actor,
        [{"#key": "h1", "household": "Reyes"}],
        form="trial.household",
        repeats={
            "Members": [{"#parent": "h1", "#key": "m1", "name": "Ana"}, {"#parent": "h1", "name": "Jo"}],
            "Jobs": [{"#parent": "m1", "hours": 10}, {"#parent": "m1", "hours": "x"}],
        },
    )
    view = upload(actor, file, form="trial.household")
    assert told(view) == [("Jobs", 5, "B", "x is not a whole number.")]


# All, or the right ones; once, and back -----------------------------------------------------------------


def test_all_rows_are_taken_only_where_all_are_right(ground: Ground) -> None:
    makers.form()
    actor = worker()
    view = upload(actor, filled(actor, [visit(), visit(sales=-1)]))
    with pytest.raises(SheetHasProblems) as refusal:
        evidence.import_sheet(actor, ref=view.ref)
    assert refusal.value.facts["bad"] == 1
    assert Submission.objects.count() == 0
    assert take_in(actor, view, only_valid=True).rows_made == 1


def test_the_same_file_again_changes_nothing_and_twins_in_one_file_are_two(ground: Ground) -> None:
    makers.form()
    actor = worker()
    file = filled(actor, [visit(), visit(), visit(**{"#key": "A"})])
    assert take_in(actor, upload(actor, file)).rows_made == 3
    for someone, day in ((actor, DAY), (worker(number=9), date(2004, 2, 2))):
        file.seek(0)
        again = upload(someone, file, on=day)
        assert (again.rows_good, again.rows_known, again.problems_count) == (0, 3, 0)
        assert take_in(someone, again).rows_made == 0
    assert Submission.objects.count() == 3


def test_a_key_that_was_sent_with_other_answers_is_a_problem_of_its_row(ground: Ground) -> None:
    makers.form()
    actor = worker()
    take_in(actor, upload(actor, filled(actor, [visit(**{"#key": "A"})])))
    view = upload(actor, filled(actor, [visit(**{"#key": "A", "sales": 5}), visit(**{"#key": "B"})]))
    assert told(view) == [("Visit", 4, "A", "The key A was sent before, with other answers.")]
    assert (view.rows_good, view.rows_bad) == (1, 1)
    assert take_in(actor, view, only_valid=True).rows_made == 1


def test_pressed_twice_it_happens_once(ground: Ground) -> None:
    makers.form()
    actor = worker()
    view = upload(actor, filled(actor, [visit()]))
    evidence.import_sheet(actor, ref=view.ref)
    evidence.import_sheet(actor, ref=view.ref)
    outbox.drain()
    evidence.import_sheet(actor, ref=view.ref)
    outbox.drain()
    assert Submission.objects.count() == 1


def test_what_nobody_approved_is_taken_back_with_a_reason_and_the_mended_file_may_come(ground: Ground) -> None:
    makers.form()
    actor = worker()
    file = filled(actor, [visit(host="One"), visit(host="Two"), visit(host="Three")])
    view = take_in(actor, upload(actor, file))
    approved = evidence.submissions(actor, form="trial.visit")[0]
    evidence.accept(coordinator(), ref=approved.ref)
    with pytest.raises(ReasonMissing):
        evidence.undo_sheet(actor, ref=view.ref, why=" ")

    evidence.undo_sheet(actor, ref=view.ref, why="Wrong month")
    outbox.drain()

    undone = evidence.sheet(actor, view.ref)
    assert (undone.state, undone.rows_undone, undone.rows_waiting, undone.why_undone) == ("undone", 2, 0, "Wrong month")
    states = sorted(Submission.objects.values_list("state", flat=True))
    assert states == ["accepted", "rejected", "rejected"]
    trail = AuditEvent.objects.filter(action="evidence.withdraw")
    assert set(trail.values_list("why", "who")) == {("Wrong month", actor.key)}
    assert trail.count() == 2
    file.seek(0)
    again = upload(actor, file)
    assert (again.rows_good, again.rows_known) == (2, 1)
    assert take_in(actor, again).rows_made == 2


def test_what_counts_already_is_not_taken_back(ground: Ground) -> None:
    makers.form(review="none")
    actor = worker()
    view = take_in(actor, upload(actor, filled(actor, [visit()])))
    with pytest.raises(SheetSettled):
        evidence.undo_sheet(actor, ref=view.ref, why="Mistake")
    assert Submission.objects.get().state == "accepted"


def test_what_is_not_ready_is_refused_by_its_state(ground: Ground) -> None:
    makers.form()
    actor = worker()
    view = upload(actor, filled(actor, [visit()]))
    with pytest.raises(SheetBusy):
        evidence.undo_sheet(actor, ref=view.ref, why="Mistake")


def test_a_killed_import_is_taken_up_again_and_keeps_each_row_once(ground: Ground, monkeypatch: Any) -> None:
    monkeypatch.setattr(spreadsheets, "STEP", 2)
    makers.form()
    actor = worker()
    view = upload(actor, filled(actor, [visit(host=str(n)) for n in range(7)]))
    SheetBatch.objects.filter(ref=view.ref).update(state="importing")
    real, turns = spreadsheets._take_step, []

    def dies(*args: Any) -> None:
        turns.append(1)
        if len(turns) == 3:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr(spreadsheets, "_take_step", dies)
    with pytest.raises(KeyboardInterrupt):
        spreadsheets.take_in(actor, view.ref)
    assert evidence.sheet(actor, view.ref).rows_made == 4
    spreadsheets.take_in(actor, view.ref)
    assert evidence.sheet(actor, view.ref).rows_made == 7
    assert Submission.objects.count() == 7


# Who may, and files that are none -----------------------------------------------------------------------


def test_only_who_sent_a_spreadsheet_acts_on_it_and_reviewers_of_its_place_see_it_without_the_file(
    ground: Ground,
) -> None:
    makers.form()
    actor = worker()
    view = upload(actor, filled(actor, [visit(sales=-1)]))
    assert evidence.sheet(coordinator(), view.ref).rows_bad == 1
    with pytest.raises(NotFound):
        evidence.sheet_file(coordinator(), view.ref)
    for stranger in (worker(number=9), makers.someone("donor", "trial/"), makers.someone("partner", "trial/")):
        with pytest.raises(NotFound):
            evidence.sheet(stranger, view.ref)
        with pytest.raises(NotFound):
            evidence.import_sheet(stranger, ref=view.ref, only_valid=True)
    with pytest.raises(NotAllowed):
        upload(worker(ground.foreign_scope), filled(actor, [visit()]))


def test_a_row_reaches_no_place_above_or_beside_that_of_the_upload(ground: Ground) -> None:
    makers.form()
    actor = worker()
    file = filled(worker(), [visit(**{"#place": "Hilltop"}), visit(**{"#place": ground.foreign_scope})])
    view = upload(actor, file, scope=ground.scope)
    assert [one.message for one in view.problems] == [
        "There is no place Hilltop here.",
        f"There is no place {ground.foreign_scope} here.",
    ]


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><workbook/>'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "it is empty"),
        (b"a,b\n1,2\n", "it is another kind of file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "an old .xls file, or it has a password"),
        (b"%PDF-1.7", "it is a PDF"),
        (zipped(word__document_xml=b"<a/>"), "a zip file of something else"),
        (zipped(xl__workbook_xml=ENTITIES), "a document type"),
        (zipped(xl__workbook_xml=b"<not closed"), "it is damaged"),
        (b"PK\x03\x04 and nothing", "it is damaged"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_by_what_it_is_and_nothing_is_kept(
    ground: Ground, content: bytes, what: str
) -> None:
    makers.form()
    with pytest.raises(NotASpreadsheet) as refusal:
        upload(worker(), io.BytesIO(content), name="visits.xlsx")
    assert what in refusal.value.sentence()
    assert (SheetBatch.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_a_zip_that_would_fill_the_disk_is_refused_before_it_is_unpacked(ground: Ground, monkeypatch: Any) -> None:
    from jump.engines.evidence.definitions.spreadsheet import reading

    makers.form()
    monkeypatch.setattr(reading, "UNPACKED_MAX", 1_000)
    with pytest.raises(SpreadsheetTooLarge):
        upload(worker(), filled(worker(), [visit()]))


def test_too_many_rows_are_refused_in_words_on_the_page_of_the_spreadsheet(ground: Ground, monkeypatch: Any) -> None:
    from jump.engines.evidence.services import sheet_reading

    makers.form()
    monkeypatch.setattr(sheet_reading, "ROWS_MAX", 3)
    view = upload(worker(), filled(worker(), [visit() for _n in range(4)]))
    assert (view.state, view.refused_code) == ("refused", "evidence.spreadsheet_too_large")
    assert "100,000 rows" in view.refused_words


def test_the_file_of_another_form_and_a_sheet_without_our_headings_are_refused(ground: Ground) -> None:
    makers.form()
    makers.form("plain", makers.question("story"))
    with pytest.raises(SheetOfAnotherForm) as refusal:
        upload(worker(), filled(worker(), [], form="trial.plain"))
    assert refusal.value.facts == {"found": "trial.plain", "wanted": "trial.visit"}
    book = Workbook()
    book.active.append(["Name", "Hours"])
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    with pytest.raises(SheetUnreadable):
        upload(worker(), out)


def test_a_day_to_come_is_refused_for_the_upload_and_named_in_a_row(ground: Ground) -> None:
    clock.pin(date(2004, 6, 30))
    makers.form()
    with pytest.raises(DateImpossible):
        upload(worker(), filled(worker(), [visit()]), on=date(2004, 7, 1))
    view = upload(worker(), filled(worker(), [visit(**{"#day": date(2004, 7, 2)})]))
    assert [(one.row, one.column) for one in view.problems] == [(4, "B")]


def test_an_older_version_of_the_form_is_taken_as_it_was(ground: Ground) -> None:
    makers.form()
    old = filled(worker(), [visit()])
    makers.form(written=makers.VISIT.replace("decimal | sales", "decimal | takings"), version="2")
    view = take_in(worker(), upload(worker(), old))
    assert (view.version, view.rows_made) == ("1", 1)


def test_a_large_file_is_checked_behind_the_page(ground: Ground, monkeypatch: Any) -> None:
    monkeypatch.setattr(spreadsheets, "AT_ONCE_BYTES", 0)
    makers.form()
    actor = worker()
    file = filled(actor, [visit()])
    view = evidence.upload_sheet(
        actor, form="trial.visit", scope=ground.scope, on=DAY, file=file, name="a.xlsx", language="en"
    )
    assert (view.state, view.is_at_work) == ("checking", True)
    outbox.run_pending_of_this_request()
    assert evidence.sheet(actor, view.ref).state == "checking"
    outbox.drain()
    assert evidence.sheet(actor, view.ref).state == "checked"
    assert connection.in_atomic_block  # of this test
    assert files.kept(StoredFile.objects.get().ref).name == "a.xlsx"


@pytest.mark.covers("CROSS-04")
def test_a_file_full_of_names_is_taken_away_after_thirty_days_and_what_came_of_it_stays(
    ground: Ground, django_capture_on_commit_callbacks: Any
) -> None:
    from jump.base.refusals import NotFound as Gone

    clock.pin(date(2004, 3, 1))
    makers.form()
    actor = worker()
    taken = take_in(actor, upload(actor, filled(actor, [visit(host="Taken")])))
    left = upload(actor, filled(actor, [visit(sales=-1)]))
    made_at = clock.now() - timedelta(days=29)
    SheetBatch.objects.update(changed_at=made_at)
    assert evidence.drop_old_sheets(makers.MAKER) == 0
    SheetBatch.objects.update(changed_at=made_at - timedelta(days=3))
    paths = [evidence.sheet_file(actor, one.ref)[0].name for one in (taken, left)]

    with django_capture_on_commit_callbacks(execute=True):
        assert evidence.drop_old_sheets(makers.MAKER) == 2

    assert not any(Path(path).exists() for path in paths)
    assert StoredFile.objects.count() == 0
    assert evidence.drop_old_sheets(makers.MAKER) == 0
    assert evidence.sheet(actor, taken.ref).rows_made == 1
    assert evidence.sheet(actor, left.ref).state == "refused"
    with pytest.raises(Gone):
        evidence.sheet_file(actor, taken.ref)
