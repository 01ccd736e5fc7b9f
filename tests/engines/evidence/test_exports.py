"""Submissions leave masked as on a page, whole with their repeats, harmless in a spreadsheet, and the trail says so."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from jump.base.actors import ANONYMOUS
from jump.base.models import AuditEvent
from jump.base.refusals import NotAllowed
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence.queries import exports
from tests import makers
from tests.engines.evidence.sheets import upload
from tests.makers import Ground

pytestmark = pytest.mark.django_db
PERSON = Ref("per-00000001")


def worker(scope: str = "trial/asia/PH/") -> Any:
    return makers.someone("extension_worker", scope, user_id=7)


def taken(actor: Any, kind: str, **asked: Any) -> bytes:
    content = {"form": "trial.visit", **asked}
    made = evidence.export(actor, asked=evidence.ExportAsked(**content), kind=evidence.ExportFormat(kind))
    return b"".join(made.chunks)


def files_of(content: bytes) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {
            name: list(csv.reader(archive.read(name).decode("utf-8-sig").splitlines())) for name in archive.namelist()
        }


def test_a_form_with_repeats_is_a_zip_of_tables_tied_by_the_number_of_the_submission(ground: Ground) -> None:
    makers.form()
    sent = makers.submission(worker(), by_name="")
    found = files_of(taken(worker(), "csv"))
    head, row = found["submissions.csv"]
    assert head[:9] == ["submission", "version", "day", "received_at", "state", "place", "about", "by", "source"]
    assert dict(zip(head, row, strict=True)) | {"received_at": ""} == {
        "submission": sent.ref, "version": "1", "day": "2004-03-01", "received_at": "", "state": "received",
        "place": ground.scope, "about": "", "by": "extension_worker 7", "source": "web", "visited_on": "2004-03-01",
        "host": "Maria Santos", "is_open": "yes", "why_closed": "", "sales": "120.50", "hours_total": "60", "photo": "",
    }  # fmt: skip
    assert found["worker.csv"] == [
        ["submission", "row", "worker_name", "hours"],
        [sent.ref, "1", "Jose Cruz", "40"],
        [sent.ref, "2", "Ana Lim", "20"],
    ]


def test_in_words_headings_and_choices_are_labels(ground: Ground) -> None:
    makers.form()
    makers.submission(worker())
    head, row = files_of(taken(worker(), "csv", in_words=True))["submissions.csv"]
    assert (row[head.index("Is it open?")], "Sales of the week" in head) == ("Yes", True)


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "xlsx", "geojson"])
def test_what_a_reader_may_not_see_leaves_in_no_format(ground: Ground, kind: str) -> None:
    written = makers.VISIT.replace(
        "| | image | photo | Photo | Photo |",
        "| | geopoint | home | Home | Maison | | | | | | P2 |\n| | image | photo | Photo | Photo |",
    )
    makers.form(written=written)
    sent = makers.submission(worker(), answers=makers.visit_answers(home="14.6 121.0"))
    team = makers.someone("core_team", ground.scope)
    clear, masked = taken(worker(), kind), taken(team, kind)
    if kind == "csv":
        clear, masked = (repr(files_of(one)).encode() for one in (clear, masked))
    elif kind == "xlsx":
        clear, masked = (b"".join(text_of_book(one)) for one in (clear, masked))
    wanted = b"121.0" if kind == "geojson" else b"Maria Santos"
    assert wanted in clear
    assert (sent.ref.encode() in masked) is (kind != "geojson"), "without the place on the map it is no feature"
    for secret in (b"Maria Santos", b"Jose Cruz", b"121.0"):
        assert secret not in masked
    assert taken(makers.someone("partner", ground.foreign_scope), "jsonl") == b""


def test_who_has_no_letter_x_takes_out_what_they_sent_and_not_what_they_may_look_at(ground: Ground) -> None:
    makers.form()
    own = makers.submission(worker()).ref
    other = makers.submission(makers.someone("extension_worker", "trial/asia/PH/", user_id=8)).ref
    assert {view.ref for view in evidence.submissions(worker(), form="trial.visit")} == {own, other}
    assert [one["ref"] for one in json.loads(taken(worker(), "json"))["submissions"]] == [own]
    office = makers.someone("national_coordinator", "trial/asia/PH/")
    assert {one["ref"] for one in json.loads(taken(office, "json"))["submissions"]} == {own, other}
    assert json.loads(taken(makers.someone("national_coordinator", "trial/asia/TH/"), "json"))["submissions"] == []


def text_of_book(content: bytes) -> list[bytes]:
    book = load_workbook(io.BytesIO(content))
    return [str(cell.value).encode() for sheet in book for row in sheet for cell in row]


SAYS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "plain"]


def test_a_cell_that_begins_like_a_formula_is_text_in_csv_and_in_excel(ground: Ground) -> None:
    makers.form("plain", makers.question("story"))
    for text in SAYS:
        row = makers.submission(worker(), form="trial.plain", answers={"story": "x"})
        from jump.engines.evidence.models import Submission

        Submission.objects.filter(ref=row.ref).update(answers={"story": text})
    rows = list(csv.DictReader(io.StringIO(taken(worker(), "csv", form="trial.plain").decode("utf-8-sig"), newline="")))
    assert [row["story"] for row in rows] == [*(f"'{text}" for text in SAYS[:-1]), "plain"]
    book = load_workbook(io.BytesIO(taken(worker(), "xlsx", form="trial.plain")))
    cells = [row[-1] for row in book["submissions"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells][:4] == SAYS[:4]


def test_numbers_and_days_are_numbers_and_days_in_excel(ground: Ground) -> None:
    makers.form()
    makers.submission(worker())
    book = load_workbook(io.BytesIO(taken(worker(), "xlsx")))
    head, row = ([cell.value for cell in line] for line in book["submissions"].iter_rows())
    said = dict(zip(head, row, strict=True))
    assert (float(said["sales"]), said["hours_total"], said["day"].date()) == (120.5, 60, date(2004, 3, 1))
    assert [[cell.value for cell in line] for line in book["worker"]][1][1:] == ["1", "Jose Cruz", 40]


def test_json_and_json_lines_tell_the_same(ground: Ground) -> None:
    makers.form()
    for _number in range(3):
        makers.submission(worker())
    whole = json.loads(taken(worker(), "json"))
    lines = [json.loads(line) for line in taken(worker(), "jsonl").splitlines()]
    assert whole == {"form": "trial.visit", "submissions": lines}
    assert lines[0]["answers"]["worker"][0] == {"worker_name": "Jose Cruz", "hours": 40}
    assert json.loads(taken(worker(), "json", state="rejected"))["submissions"] == []


PLACES = makers.question("spot", "geopoint") + "| | geotrace | path | Path |\n| | geoshape | field | Field |\n"


def test_places_on_the_map_are_geojson_with_longitude_first(ground: Ground) -> None:
    makers.form("plots", PLACES)
    answers = {"spot": "14.6 121.0 30 5", "path": "1 2 0 0; 3 4 0 0", "field": "0 0; 0 1; 1 1"}
    makers.submission(worker(), form="trial.plots", answers=answers)
    found = json.loads(taken(worker(), "geojson", form="trial.plots"))
    assert found["type"] == "FeatureCollection"
    assert [(one["properties"]["question"], one["geometry"]) for one in found["features"]] == [
        ("spot", {"type": "Point", "coordinates": [121.0, 14.6, 30.0]}),
        ("path", {"type": "LineString", "coordinates": [[2.0, 1.0], [4.0, 3.0]]}),
        ("field", {"type": "Polygon", "coordinates": [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]}),
    ]


def test_form_place_period_and_state_say_what_is_in_it_and_drafts_never_are(ground: Ground) -> None:
    makers.form()
    makers.form("plain", makers.question("story"))
    actor = worker()
    here = makers.submission(actor, on=date(2004, 1, 5)).ref
    there = makers.submission(actor, scope=ground.other_scope, on=date(2004, 2, 5)).ref
    makers.submission(actor, form="trial.plain", answers={"story": "x"})
    evidence.save_draft(actor, form="trial.visit", answers={"host": "Half"}, scope=ground.scope, on=makers.DAY, key="d")
    evidence.accept(makers.someone("national_coordinator", "trial/"), ref=here)

    def refs(**asked: Any) -> list[str]:
        return [json.loads(line)["ref"] for line in taken(actor, "jsonl", **asked).splitlines()]

    assert refs() == [here, there]
    assert refs(scope=ground.scope) == [here]
    assert refs(since=date(2004, 2, 1)) == [there]
    assert refs(until=date(2004, 1, 5)) == [here]
    assert refs(state="received") == [there]
    assert evidence.count_export(actor, evidence.ExportAsked("trial.visit")) == 2


def test_what_earlier_versions_asked_stands_after_what_is_asked_now(ground: Ground) -> None:
    makers.form()
    makers.submission(worker())
    makers.form(written=makers.VISIT.replace("| | decimal | sales |", "| | decimal | takings |"), version="2")
    answers = makers.visit_answers(sales=None, takings="3")
    makers.submission(worker(), answers=answers)
    head, first, second = files_of(taken(worker(), "csv"))["submissions.csv"]
    assert head[-3:] == ["hours_total", "photo", "sales"]
    assert (first[head.index("sales")], first[head.index("takings")]) == ("120.50", "")
    assert (second[head.index("sales")], second[head.index("takings")]) == ("", "3")


def test_a_full_sheet_has_a_next_one_and_pages_leave_nothing_out(ground: Ground, monkeypatch: Any) -> None:
    monkeypatch.setattr(exports, "SHEET_ROWS_MAX", 2)
    monkeypatch.setattr(exports, "PAGE", 2)
    monkeypatch.setattr(exports.pages_of, "__kwdefaults__", {"size": 2, "after": 0})
    makers.form()
    sent = [makers.submission(worker()).ref for _number in range(5)]
    book = load_workbook(io.BytesIO(taken(worker(), "xlsx")))
    found = [
        row[0].value
        for title in ("submissions", "submissions 2", "submissions 3")
        for row in book[title].iter_rows(min_row=2)
    ]
    assert found == sent


def test_the_trail_says_who_took_what_out(ground: Ground) -> None:
    makers.form()
    makers.submission(worker())
    taken(worker(), "csv", state="received", since=date(2004, 1, 1))
    event = AuditEvent.objects.get(action="evidence.export")
    assert event.who == "user:7"
    asked = {"form": "trial.visit", "scope": "", "since": "2004-01-01", "until": "", "state": "received"}
    assert event.facts == {**asked, "as": "csv", "rows": 1}
    with pytest.raises(NotAllowed):
        taken(ANONYMOUS, "csv")


def test_an_export_in_excel_and_an_upload_understand_each_others_cells(ground: Ground) -> None:
    """What a spreadsheet brought in leaves with the same answers."""
    from tests.engines.evidence.sheets import filled, take_in, visit

    makers.form()
    actor = worker()
    file = filled(
        actor, [visit(**{"#key": "k"})], repeats={"Workers": [{"#parent": "k", "worker_name": "Jo", "hours": 3}]}
    )
    take_in(actor, upload(actor, file, scope=ground.country_scope))
    line = json.loads(taken(actor, "jsonl"))
    assert line["answers"] == {
        "visited_on": "2004-03-01", "host": "Maria Santos", "is_open": "yes", "sales": 120.5,
        "worker": [{"worker_name": "Jo", "hours": 3}], "hours_total": 3,
    }  # fmt: skip
