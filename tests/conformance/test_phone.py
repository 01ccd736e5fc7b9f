"""The phone, the server and ODK's own engine work the same fillings of the same forms out alike.

The server is held against ODK's engine in test_oracle; here the field app's engine (xform.js) is held against the
server on the same generated fillings, so that all three say the same. On the large form the phone is timed as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any

import pytest

from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import xlsform, xpath
from jump.engines.evidence.definitions.xlsform import can_answer
from jump.web.field import shell
from tests.conformance.fillings import Filler, copied
from tests.conformance.oracle import instance_of, references
from tests.conformance.test_oracle import BY_CHANCE, FILLED, SAME, alike, all_functions
from tests.conformance.test_xlsforms import CONVERT, FOLDER
from tests.journeys.conftest import ARGUMENTS

LEFT_TO_THE_SERVER = r"\bf_digest"  # no synchronous digest in a browser: the answer stays empty until the form arrives
ORIGIN = "https://phone.test"  # answered by the test itself
LARGE, SMALL = "sofala_s3m.xlsx", "kobo_nested_repeats.xls"
QUESTIONS_MORE = CONVERT[LARGE] / CONVERT[SMALL]
ASK = """async ([xml, instance, now]) => {
    const {Form} = await import('/xform.js');
    const form = new Form(xml, {language: 'en', today: () => now.slice(0, 10), now: () => now});
    form.open(instance);
    const wrong = new Map(form.problems().map((one) => [one.node, one.code]));
    const root = form.root.documentElement;
    const named = (node) => {
        if (node === root) { return '/data'; }
        const rows = [...node.parentNode.children].filter((one) => one.localName === node.localName);
        const number = form.templates.has(form.pathOf(node)) ? `[${rows.indexOf(node) + 1}]` : '';
        return `${named(node.parentNode)}/${node.localName}${number}`;
    };
    const told = (one) => ({relevant: form.isAsked(one), value: one.textContent, violation: wrong.get(one) || null});
    const leaves = [...root.getElementsByTagName('*')].filter((one) => !one.children.length);
    return {faults: form.faults, nodes: Object.fromEntries(leaves.map((one) => [named(one), told(one)]))};
}"""
# Opened as a person opens it, then answered: the middle one of all that take a number or words.
TIMED = """async ([xml, instance]) => {
    const [{Form}, {sheet}] = [await import('/xform.js'), await import('/sheet.js')];
    const now = '2004-06-30T10:00:00.000Z';
    const nothing = () => '';
    const kit = {keepFile: nothing, dropFile: nothing, fileUrl: nothing, mediaUrl: nothing, remarks: {}};
    kit.changed = () => view.refresh();
    const begun = performance.now();
    const form = new Form(xml, {language: 'en', today: () => now.slice(0, 10), now: () => now});
    form.open(instance);
    const view = sheet(form, kit);
    document.body.replaceChildren(view.body);
    document.body.getBoundingClientRect();
    const opened = performance.now() - begun;
    const boxes = [...document.querySelectorAll('input.in')].filter((one) => one.offsetParent);
    const times = [];
    for (const box of boxes.slice(0, 15)) {
        const at = performance.now();
        box.value = '5';
        box.dispatchEvent(new Event('input'));
        document.body.getBoundingClientRect();
        times.push(performance.now() - at);
    }
    return {opened, times};
}"""


@pytest.fixture(scope="module")
def phone(chromium: str) -> Iterator[Any]:
    """A page with the app's own files, and nothing else."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in requirements/test-all.txt")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_context(timezone_id="UTC", locale="en").new_page()
        page.route(f"{ORIGIN}/**", _serve)
        page.goto(f"{ORIGIN}/")
        yield page
        browser.close()


def _serve(route: Any) -> None:
    own = shell.OWN / route.request.url.removeprefix(f"{ORIGIN}/")
    if own.is_file():
        route.fulfill(body=own.read_text(), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>Phone</title>", content_type="text/html")


def differences(phone: Any, converted: xlsform.Converted, answers: Mapping[str, Any], now: datetime) -> list[str]:
    """Where the phone and the server do not agree on a filling."""
    instance = instance_of(converted.xform, converted.schema, answers)
    told = phone.evaluate(ASK, [converted.xform, instance, now.isoformat(timespec="milliseconds")])
    theirs = told["nodes"]
    sent = copied(answers)
    asked = list(references(converted.schema["fields"], answers))
    for reference, path, field, _value in asked:
        if field.get("calculate") and xpath.is_changeful(field["calculate"]) and reference in theirs:
            Filler.put(sent, path, theirs[reference]["value"] or None)  # chance and the clock stay with the phone
    ours = answered.outcome(converted.schema, sent, today=now.date(), now=now)
    errors = {error.path: SAME.get(error.code, error.code) for error in ours.errors}
    kept = {path: value for path, _field, value in answered.leaves(converted.schema["fields"], ours.answers)}
    found = [f"not understood: {fault}" for fault in told["faults"]]
    for reference, path, field, _value in asked:
        node = theirs.get(reference)
        if field.get("meta") or field["type"] in ("note", "external"):
            continue
        if node is None:
            found.append(f"{path}: not there on the phone")
            continue
        if node["relevant"] != (path in ours.relevant):
            found.append(f"{path}: asked there {node['relevant']}, here {path in ours.relevant}")
        if not node["relevant"]:
            continue
        text = field.get("calculate", "")
        if text and can_answer(text) and not xpath.is_changeful(text):
            mine = answered.node_text(kept.get(path))
            if not alike(node["value"], mine):
                found.append(f"{path} = {text}: there {node['value']!r}, here {mine!r}")
        error = errors.get(path)
        if field["type"] != "calculate" and error in (None, "constraint", "required") and node["violation"] != error:
            found.append(f"{path}: violated there {node['violation']}, here {error}")
    return found


@pytest.mark.covers("CROSS-05")
def test_every_function_is_worked_out_on_the_phone_as_on_the_server(phone: Any) -> None:
    converted = xlsform.convert(all_functions().encode())
    found = differences(phone, converted, FILLED, datetime.now(UTC))
    assert [one for one in found if not re.search(LEFT_TO_THE_SERVER, one)] == []


@pytest.mark.parametrize("name", sorted(CONVERT.keys() - BY_CHANCE))
def test_generated_fillings_of_open_forms_are_judged_on_the_phone_as_on_the_server(phone: Any, name: str) -> None:
    converted, filler, now = _form(name)
    valid = filler.valid()
    blank = filler._rows(converted.schema["fields"])
    _at, spoiled = filler.invalid(valid)
    for filling in (valid, blank, {key: value for key, value in spoiled.items() if key != "no_such_question"}):
        assert differences(phone, converted, filling, now) == []


def test_a_form_of_520_questions_opens_and_answers_in_a_time_that_grows_no_faster_than_the_form(phone: Any) -> None:
    """As a ratio against a small form, measured in the same browser: whatever the machine."""
    told = {}
    for name in (SMALL, LARGE):
        converted, filler, _now = _form(name)
        filling = instance_of(converted.xform, converted.schema, filler._rows(converted.schema["fields"]))
        seen = [phone.evaluate(TIMED, [converted.xform, filling]) for _round in range(5)]
        told[name] = (median(one["opened"] for one in seen), median(time for one in seen for time in one["times"]))
    opened, answer = (told[LARGE][at] / told[SMALL][at] for at in (0, 1))
    print(
        f"520 questions: opened in {told[LARGE][0]:.0f} ms ({opened:.1f} times the small form),"
        f" an answer takes {told[LARGE][1]:.1f} ms ({answer:.1f} times)"
    )
    assert opened < 2 * QUESTIONS_MORE
    assert answer < 2 * QUESTIONS_MORE


def _form(name: str) -> tuple[xlsform.Converted, Filler, datetime]:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not under {FOLDER}")
    converted = xlsform.convert(path.read_bytes())
    now = datetime.now(UTC)
    return converted, Filler(converted.schema, now=now), now
