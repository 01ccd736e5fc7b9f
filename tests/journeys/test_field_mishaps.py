"""What happens to phones: a wrong clock, an empty battery, a new version, two people in one form; and what they can
hear, say and draw. A real Chromium with a microphone that plays a tone."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.journeys.conftest import ARGUMENTS, Site, _environment
from tests.journeys.field_person import READY, Line, answer, go, photo, states
from tests.journeys.test_field import PACKET, Phone, last_sent, office_rows

pytestmark = pytest.mark.journey

MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SILENCE = (b"\xff\xfb\x90\x00" + bytes(413)) * 60  # a second and a half of MP3 frames
NEW_VERSION = b"0123456789abcdef"
ENTRIES = """async () => {
    const store = await import('/static/jump/field/store.js');
    return await store.entries();
}"""
SEND_AS_ANOTHER_DEVICE = """async ([xml, where]) => {
    const form = new FormData();
    form.append('xml_submission_file', new Blob([xml], {type: 'text/xml'}), 'submission.xml');
    const token = /csrftoken=([^;]+)/.exec(document.cookie)[1];
    const headers = {'X-CSRFToken': token, 'X-OpenRosa-Version': '1.0'};
    const to = `/openrosa/submission?${new URLSearchParams(where)}`;
    const answer = await fetch(to, {method: 'POST', body: form, headers});
    return answer.status;
}"""
PICTURES = """
| survey |
| | type | name | label::English (en) | image::English (en) | audio::English (en) | appearance |
| | text | seen | What do you see? | house.png | ask.mp3 | |
| | select_one roof | roof | Which roof? | | | |
| | audio | story | Tell how it was | | | |
| | image | signature | Sign here | | | signature |

| choices |
| | list_name | name | label::English (en) | image::English (en) |
| | roof | thatch | Thatch | thatch.png |
| | roof | tin | Tin | tin.png |

| settings |
| | form_title | form_id | version |
| | House with pictures | house_pictures | 1 |
"""
PUBLISH = """
import sys, django
django.setup()
from pathlib import Path
from django.contrib.auth import get_user_model
from jump.base.actors import actor_for
from jump.engines.evidence import api as evidence
actor = actor_for(get_user_model().objects.get(username="jose"))
folder = Path(sys.argv[1])
media = {one.name: one.read_bytes() for one in folder.iterdir() if one.suffix != ".md"}
draft = evidence.draft_form(
    actor, scope=actor.paths_with("evidence.forms")[0], content=(folder / "form.md").read_bytes(), name="form.md",
    media=media,
)
evidence.publish_form(actor, ref=draft.ref, agreed=True)
"""


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Any]:
    """Chromium with a microphone of its own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is in requirements/test-all.txt")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, *MICROPHONE])
        yield launched
        launched.close()


@pytest.fixture
def phone(chrome: Any, site: Site) -> Iterator[Callable[..., Phone]]:
    made: list[Phone] = []

    def take(language: str = "en", at: Site | None = None) -> Phone:
        made.append(Phone(chrome, at or site, language))
        return made[-1]

    yield take
    for one in made:
        one.context.close()


@pytest.fixture(scope="module")
def pictures(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A form with pictures and a recording at its questions, as a coordinator publishes it. Its title."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "form.md").write_text(PICTURES)
    (folder / "ask.mp3").write_bytes(SILENCE)
    for number, name in enumerate(("house", "thatch", "tin")):
        (folder / f"{name}.png").write_bytes(photo(60 + number, 40))
    environment = {**_environment(site.data), "DJANGO_SETTINGS_MODULE": "jump.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH, str(folder)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return "House with pictures"


# What can be seen, heard, said and drawn ------------------------------------------------------------------


SEEN = "() => [...document.querySelectorAll('main img.told')].map((one) => one.naturalWidth).filter(Boolean)"
HEARD = """() => {
    const Real = window.Audio;
    window.heard = [];
    window.Audio = function (url) { const one = new Real(url); window.heard.push(one); return one; };
}"""


@pytest.mark.covers("EXTWORK-03")
def test_pictures_and_recordings_of_questions_are_there_without_a_network(
    phone: Callable[..., Phone], pictures: str
) -> None:
    one = phone()
    one.context.add_init_script(f"({HEARD})()")
    one.install("liza")
    one.offline()
    one.reopen()
    go(one.page, "forms")
    one.page.get_by_role("link", name=pictures, exact=True).click()
    one.page.get_by_role("button", name=one.words["ready"]).wait_for()
    one.until(lambda: one.page.evaluate(SEEN) == [60, 61, 62], lambda: f"pictures: {one.page.evaluate(SEEN)}")
    one.look("pictures")
    one.page.locator(".f", has_text="What do you see?").get_by_role("button", name="Listen").click()
    sounding = "() => window.heard.some((one) => one.currentTime > 0.1)"
    one.until(lambda: one.page.evaluate(sounding), lambda: "nothing is to be heard")
    assert one.troubles == []


@pytest.mark.covers("EXTWORK-03", "CROSS-05")
def test_a_voice_is_recorded_and_a_signature_drawn_and_both_arrive(
    phone: Callable[..., Phone], site: Site, pictures: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    one, before = phone(), last_sent(site)
    one.install("liza")
    one.offline()
    go(one.page, "forms")
    one.page.get_by_role("link", name=pictures, exact=True).click()
    one.page.get_by_role("button", name=one.words["ready"]).wait_for()
    voice = one.page.locator(".f", has_text="Tell how it was")
    voice.get_by_role("button", name="Record a voice").click()
    stop = voice.get_by_role("button", name="Stop")
    stop.wait_for()
    one.page.wait_for_timeout(1_500)
    stop.click()
    voice.locator("audio").wait_for()

    sheet = one.page.locator(".f", has_text="Sign here").last
    canvas = one.page.locator("canvas.pad")
    canvas.scroll_into_view_if_needed()
    place = canvas.bounding_box()
    mouse = one.page.mouse
    mouse.move(place["x"] + 40, place["y"] + 40)
    mouse.down()
    mouse.move(place["x"] + 160, place["y"] + 90, steps=8)
    mouse.up()
    one.page.get_by_text("Kept on this phone", exact=False).first.wait_for()
    one.until(lambda: bool(one.page.evaluate(DRAWN)), lambda: "the drawing is not kept")
    drawn = one.page.evaluate(DRAWN)
    one.look("signature")
    assert Axe().run(one.page).response["violations"] == []
    # Who has only keys writes the name; it takes the place of the drawing.
    sheet.get_by_label("Or write it with the keyboard").fill("Liza Cruz")
    one.page.keyboard.press("Tab")
    one.until(lambda: one.page.evaluate(DRAWN) not in ("", drawn), lambda: "what was written is not kept")
    one.page.get_by_role("button", name=one.words["ready"]).click()
    one.wait_for(waiting=1)
    one.offline(False)
    one.wait_for(sent=1)
    (ref,) = {row[2] for row in _rows(site, before)}
    kinds = office_rows(site, KINDS, ref)
    sound, picture = sorted((kind for (kind,) in kinds), key=lambda kind: kind == "image/png")
    assert picture == "image/png"
    assert sound in ("audio/ogg", "video/mp4", "video/webm")
    assert one.troubles == []


DRAWN = """async () => {
    const store = await import('/static/jump/field/store.js');
    const [one] = await store.entries();
    return /<signature>(.+?)<\\/signature>/.exec(one.xml)?.[1] || '';
}"""
KINDS = """select attachment.mime from evidence_attachment attachment
    join evidence_submission submission on submission.id = attachment.submission_id where submission.ref = ?"""


def _rows(site: Site, before: int) -> list[Any]:
    from tests.journeys.test_field import SENT_SINCE

    return office_rows(site, SENT_SINCE, before)


# What happens to phones -------------------------------------------------------------------------------------


class Renewed(Line):
    """A line to the server on which, from one moment on, there is a new version of the app."""

    def __init__(self, port: int, version: str) -> None:
        self.version, self.is_new = version.encode(), False
        super().__init__(port)

    def _carry(self, one: Any, other: Any, asked: list[bool], is_down: bool) -> None:
        try:
            while some := one.recv(65536):
                if not is_down:
                    some = some.replace(b"Accept-Encoding", b"Accept-Plainly!")
                elif self.is_new:
                    some = some.replace(self.version, NEW_VERSION)
                other.sendall(some)
            other.shutdown(2)
        except OSError:  # either side hung up
            pass


@pytest.mark.covers("CROSS-05")
def test_a_new_version_of_the_app_takes_over_and_the_drafts_are_there_and_can_be_sent(
    phone: Callable[..., Phone], site: Site
) -> None:
    with urlopen(f"{site.url}/field/worker.js") as told:
        version = re.search(r'VERSION = "([0-9a-f]{16})"', told.read().decode())
    assert version is not None
    line = Renewed(int(site.url.rpartition(":")[2]), version[1])
    one = phone(at=Site(line.url, site.data))
    try:
        one.install("liza")
        one.offline()
        one.fill_in("Visit report", "Riverside")
        go(one.page, "forms")
        one.page.get_by_role("link", name="Visit report", exact=True).first.click()
        one.page.get_by_role("link", name="Tabing Ilog", exact=True).click()
        one.page.get_by_role("button", name=one.words["ready"]).wait_for()
        one.wait_for(waiting=1, draft=1)
        one.page.route("**/openrosa/**", lambda route: route.abort())
        line.is_new = True
        one.offline(False)
        one.page.close()
        one.page = one.open_page()
        one.page.route("**/openrosa/**", lambda route: route.abort())
        one.page.goto(f"{line.url}/field/")
        one.page.wait_for_selector(READY)
        go(one.page, "today")
        with one.page.expect_navigation():
            one.page.locator("main .box", has_text="new version").get_by_role("button").click()
        one.page.wait_for_selector(READY)
        go(one.page, "help")
        one.says(NEW_VERSION.decode()[:8])
        kept = states(one.page)
        assert kept.get("draft") == 1
        assert kept.get("waiting", 0) + kept.get("sending", 0) == 1, kept
        one.page.unroute("**/openrosa/**")
        one.page.evaluate("() => dispatchEvent(new Event('online'))")
        one.wait_for(sent=1, draft=1)
        go(one.page, "forms")
        one.page.locator("main .items a").first.click()
        one.press_go_on()
        assert one.troubles == []
    finally:
        one.context.close()
        line.close()


@pytest.mark.covers("CROSS-05")
def test_a_clock_that_is_years_wrong_changes_neither_times_nor_their_order(
    phone: Callable[..., Phone], site: Site
) -> None:
    one, before = phone(), last_sent(site)
    now = datetime.now(UTC)
    one.context.clock.set_system_time(now.replace(year=now.year + 3, day=1))
    one.install("liza")
    office = parsedate_to_datetime(one.page.evaluate("async () => (await fetch('/field/packet/')).headers.get('Date')"))
    one.offline()
    one.fill_in("Visit report", "Riverside")
    # The battery is empty: the clock begins at some day long ago.
    one.context.clock.set_system_time(datetime(2001, 1, 1, tzinfo=UTC))
    one.reopen()
    one.fill_in("Visit report", "Tabing Ilog")
    one.wait_for(waiting=2)
    kept = sorted(one.page.evaluate(ENTRIES), key=lambda entry: entry["made_at"])
    assert [entry["about"]["name"] for entry in kept] == ["Riverside", "Tabing Ilog"]
    for entry in kept:
        assert abs(entry["made_at"] / 1000 - office.timestamp()) < 3_600, "the office's time, whatever the phone's says"
        assert entry["on"] == one.page.evaluate(PACKET)["day"]
    one.offline(False)
    one.page.evaluate("() => dispatchEvent(new Event('online'))")
    one.wait_for(sent=2)
    assert len(_rows(site, before)) == 2
    assert one.troubles == []


@pytest.mark.covers("CROSS-05")
def test_a_battery_that_dies_while_sending_sends_nothing_twice(phone: Callable[..., Phone], site: Site) -> None:
    one, before = phone(), last_sent(site)
    one.install("liza")
    one.offline()
    one.fill_in("Visit report", "Riverside", picture=photo(300, 200))
    one.wait_for(waiting=1)
    arrived: list[int] = []
    one.page.route("**/openrosa/**", lambda route: arrived.append(route.fetch().status))  # and no answer comes back
    one.offline(False)
    one.page.evaluate("() => dispatchEvent(new Event('online'))")
    one.until(lambda: bool(arrived), lambda: "nothing was sent")
    assert arrived == [201]
    assert states(one.page) == {"sending": 1}
    one.reopen()
    one.wait_for(sent=1)
    rows = _rows(site, before)
    assert (len(rows), rows[0][4]) == (1, 1), "one form, one photograph"


def test_lasting_storage_is_asked_for_and_help_says_whether_it_was_granted(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.context.add_init_script(
        "navigator.storage.persist = async () => { window.asked = true; return true; };"
        "navigator.storage.persisted = async () => Boolean(window.asked);"
    )
    one.install("liza")
    assert one.page.evaluate("() => window.asked") is True
    go(one.page, "help")
    one.says("has promised not to clear")


# Two in one form --------------------------------------------------------------------------------------------


@pytest.mark.covers("CROSS-05")
def test_the_same_number_with_other_content_is_told_with_what_to_do_and_both_are_kept(
    phone: Callable[..., Phone], site: Site
) -> None:
    one, other = phone(), phone()
    other.install("liza")
    one.install("liza")
    one.offline()
    one.fill_in("Visit report", "Riverside")
    (entry,) = one.page.evaluate(ENTRIES)
    changed = entry["xml"].replace("As agreed", "As another device says")
    assert changed != entry["xml"]
    where = {"scope": entry["about"]["scope"], "about": entry["about"]["ref"]}
    assert other.page.evaluate(SEND_AS_ANOTHER_DEVICE, [changed, where]) == 201
    one.offline(False)
    one.wait_for(fix=1)
    go(one.page, "send")
    one.page.locator("main .items a").first.click()
    one.says("Both are kept")
    one.says("the coordinator sees both")
    one.look("conflict")
    held = office_rows(site, "select reason, state from evidence_heldback order by id desc limit 1")
    assert held == [("conflict", "waiting")]
    one.page.get_by_role("button", name=one.words["mend"]).click()
    one.page.get_by_role("button", name=one.words["ready"]).click()
    one.wait_for(sent=1)


@pytest.mark.covers("CROSS-05")
def test_two_answers_to_one_question_are_decided_in_the_office_and_the_phone_hears_of_it(
    phone: Callable[..., Phone], person: Callable[..., Any], site: Site, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    one, other = phone(), phone()
    other.install("liza")
    one.install("liza")
    one.fill_in("Community improvement", "Riverside")  # somebody looks at each: none is accepted as it comes in
    one.wait_for(sent=1)
    (entry,) = one.page.evaluate(ENTRIES)
    where = {"scope": entry["about"]["scope"], "about": entry["about"]["ref"]}
    xml = entry["xml"].replace("As agreed", "As the other phone says")
    xml = xml.replace(entry["id"], "uuid:other-phone").replace(
        "</meta>", f"<deprecatedID>{entry['id']}</deprecatedID></meta>"
    )
    assert "deprecatedID" in xml
    one.offline()
    assert other.page.evaluate(SEND_AS_ANOTHER_DEVICE, [xml, where]) == 201
    go(one.page, "send")
    one.page.locator("main .items a").first.click()
    one.page.get_by_role("button", name="Change it and send it again").click()
    one.page.get_by_role("button", name=one.words["ready"]).wait_for()
    mine = one.page.locator("main form .f").filter(has=one.page.locator("input.in[type=text], textarea.in"))
    answer(mine.first, "As this phone says")
    one.page.get_by_role("button", name=one.words["ready"]).click()
    one.wait_for(waiting=1)
    one.offline(False)
    one.wait_for(sent=1)
    one.contact()
    go(one.page, "send")
    one.page.locator("main .items a").first.click()
    one.says("the office decides")
    one.look("crossed")

    (ref,) = office_rows(site, "select ref from evidence_editconflict order by id desc limit 1")[0]
    for width in (360, 1280):
        office = person("jose", width=width, script=True)
        for path in ("/conflicts/", f"/conflicts/{ref}/"):
            office.goto(f"{site.url}{path}")
            office.screenshot(path=tmp_path / f"{width}{path.strip('/').replace('/', '-')}.png", full_page=True)
            found = Axe().run(office)
            words = [f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in found.response["violations"]]
            assert words == [], path
            assert office.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    office = person("jose")  # without JavaScript
    office.goto(f"{site.url}/tasks/")
    office.get_by_role("link", name=re.compile("Decide which answer holds")).first.click()
    for box in office.locator("main fieldset").all():
        box.get_by_text("As this phone says").or_(box.locator("label").last).first.click()
    office.fill("[name=why]", "I asked the secretary of the group.")
    office.get_by_role("button", name="Decide").click()
    office.get_by_text("I asked the secretary of the group.").first.wait_for()
    one.contact()
    go(one.page, "send")
    one.page.locator("main .items a").first.click()
    one.says("I asked the secretary of the group.")
    assert one.troubles == []
