"""The field app on a cheap phone: installed, used without a network, closed, opened again; everything arrives once."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.journeys.conftest import Site, sign_in
from tests.journeys.field_person import READY, SLOW, Line, fill, go, photo, states

pytestmark = pytest.mark.journey

INSTALL_BYTES_MAX = 100_000
WAIT_SECONDS = 240
WHOLE_DRAFT = """async () => {
    const store = await import('/static/jump/field/store.js');
    return (await store.entries()).filter((one) => one.state === 'draft').map((one) => one.xml).join();
}"""
KEPT_OF_ACCEPTED = """async (ref) => {
    const store = await import('/static/jump/field/store.js');
    const one = (await store.entries()).find((each) => each.ref === ref && each.accepted);
    return one ? [one.xml, (await store.files(one.id)).length] : null;
}"""
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "forms": "Forms",
        "ready": "Ready to send",
        "nobody": "Somebody who is not on the list",
        "sent": "Sent",
        "fix": "Needs a fix",
        "waiting": "Waiting",
        "mend": "Open and mend",
        "offline": "No connection. Everything you save is kept on this phone.",
        "oldest": "The oldest unsent entry has waited",
        "blocked": "not sent yet, so you cannot sign out",
        "reviewer": "The reviewer says",
    },
    "ar": {
        "forms": "الاستمارات",
        "ready": "جاهز للإرسال",
        "nobody": "شخص غير موجود في القائمة",
        "sent": "أُرسل",
        "fix": "يحتاج إلى تصحيح",
        "waiting": "بالانتظار",
        "mend": "افتح وصحّح",
        "offline": "لا يوجد اتصال. كل ما تحفظه يبقى في هذا الهاتف.",
        "oldest": "أقدم إدخال لم يُرسل ينتظر منذ",
        "blocked": "لا يمكنك تسجيل الخروج",
        "reviewer": "يقول المراجع",
    },
}


class Phone:
    """A browser at 360 x 780 with the field app; it can lose its network, its page and its battery."""

    def __init__(self, browser: Any, site: Site, language: str) -> None:
        self.site, self.language, self.words = site, language, WORDS[language]
        self.context = browser.new_context(viewport={"width": 360, "height": 780}, locale=language)
        self.context.grant_permissions(["geolocation", "microphone"])
        self.troubles: list[str] = []
        self.page = self.open_page()

    def open_page(self) -> Any:
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda one: self._heard(one))
        return page

    def _heard(self, one: Any) -> None:
        if one.type == "error" and "Content Security Policy" in one.text:
            self.troubles.append(one.text)

    def install(self, username: str) -> None:
        sign_in(self.page, self.site.url, username)
        self.page.goto(f"{self.site.url}/field/")
        self.page.wait_for_selector(READY)
        self.page.evaluate("() => navigator.serviceWorker.ready")

    def reopen(self) -> None:
        """The tab is closed (or the battery died) and the app is opened again."""
        self.page.close(run_before_unload=False)
        self.page = self.open_page()
        self.page.goto(f"{self.site.url}/field/")
        self.page.wait_for_selector(READY)

    def offline(self, is_offline: bool = True) -> None:
        self.context.set_offline(is_offline)

    def slow_line(self) -> None:
        self.context.new_cdp_session(self.page).send("Network.emulateNetworkConditions", SLOW)

    def contact(self) -> None:
        """Ask the office now, as a person does under Help."""
        go(self.page, "help")
        self.page.locator("main section").filter(has=self.page.locator(".note")).get_by_role("button").last.click()
        self.page.wait_for_timeout(300)
        self.page.wait_for_load_state("networkidle")

    def press_go_on(self) -> None:
        """A draft is opened from its page."""
        self.page.locator("main .btn.wide:not(.quiet)").click()
        self.page.get_by_role("button", name=self.words["ready"]).wait_for()

    def fill_in(self, form: str, about: str = "", answers: dict[str, str] | None = None, picture: bytes = b"") -> None:
        go(self.page, "forms")
        self.page.get_by_role("link", name=form, exact=True).click()
        if about:
            self.page.get_by_role("link", name=about, exact=True).click()
        else:
            self.page.get_by_role("button", name=self.words["nobody"]).click()
        self.page.get_by_role("button", name=self.words["ready"]).wait_for()
        fill(self.page, answers, language=self.language, picture=picture)
        self.page.get_by_role("button", name=self.words["ready"]).click()
        self.page.locator("nav.tabs a[href='#/send'][aria-current]").wait_for()

    def says(self, words: str, where: str = "main") -> None:
        """The page comes to say it; a page that is still being drawn is waited for."""
        self.page.locator(where).filter(has_text=words).first.wait_for()

    def wait_for(self, **wanted: int) -> None:
        """Until the entries stand as wanted."""
        self.until(lambda: states(self.page) == wanted, lambda: f"{states(self.page)}, not {wanted}")

    def until(self, holds: Callable[[], bool], tell: Callable[[], str]) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while not holds():
            assert time.monotonic() < end, tell()
            self.page.wait_for_timeout(100)

    def look(self, name: str) -> None:
        if os.environ.get("JUMP_JOURNEY_PICTURES"):
            path = Path(os.environ["JUMP_JOURNEY_PICTURES"]) / f"field_{self.language}_{name}.png"
            self.page.screenshot(path=path, full_page=True)


@pytest.fixture
def phone(chrome: Any, site: Site) -> Iterator[Callable[..., Phone]]:
    made: list[Phone] = []

    def take(language: str = "en") -> Phone:
        made.append(Phone(chrome, site, language))
        return made[-1]

    yield take
    for one in made:
        one.context.close()


def office_rows(site: Site, question: str, *values: int | str) -> list[Any]:
    """What the office's database holds, read beside the running server."""
    with closing(sqlite3.connect(f"file:{site.data}/jump.sqlite3?mode=ro", uri=True, timeout=20)) as base:
        return base.execute(question, values).fetchall()


SENT_SINCE = """select instance.instance_id, form.form_id, submission.ref, submission.state,
    (select count(*) from evidence_attachment where submission_id = submission.id)
    from evidence_sentinstance instance join evidence_form form on form.id = instance.form_id
    left join evidence_submission submission on submission.id = instance.submission_id where instance.id > ?"""


def last_sent(site: Site) -> int:
    return int(office_rows(site, "select coalesce(max(id), 0) from evidence_sentinstance")[0][0])


@pytest.mark.covers("CROSS-05")
def test_the_first_install_is_small_and_can_be_installed(chrome: Any, site: Site) -> None:
    """Every byte that comes down the line is counted, with the headers and with what the service worker fetches."""
    line = Line(int(site.url.rpartition(":")[2]))
    one = Phone(chrome, Site(line.url, site.data), "en")
    try:
        sign_in(one.page, line.url, "liza")
        before = line.down
        one.page.goto(f"{line.url}/field/")
        one.page.wait_for_selector(READY)
        one.page.evaluate("() => navigator.serviceWorker.ready")
        installed = line.down - before
        print(f"first install: {installed} bytes; lists and forms of the programme: {line.other} bytes")
        assert installed < INSTALL_BYTES_MAX
        session = one.context.new_cdp_session(one.page)
        faults = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert [one["errorId"] for one in faults if one["errorId"] != "in-incognito"] == []
        assert session.send("Page.getAppManifest")["errors"] == []
        again = line.down
        one.reopen()
        assert line.down - again < 3_000, "a second start asks only whether something changed"
    finally:
        one.context.close()
        line.close()


FORMS = {"en": {"visit": "Visit report", "letter": "Letter of interest (CER-00)"}}


def title_of(one: Phone, form: str) -> str:
    """Forms that have no Arabic keep the words of their own first language; the app's own words are Arabic."""
    return FORMS["en"][form]


def review(
    office: Any, site: Site, ref: str, verdict: str, why: str = "", remarks: dict[str, str] | None = None
) -> None:
    """The coordinator looks at a form and says what he finds."""
    office.goto(f"{site.url}/submissions/{ref}/")
    office.get_by_label(verdict, exact=True).check()
    office.fill("[name=why]", why)
    if remarks:
        office.locator("details summary").filter(has_text="A remark to single answers").click()
    for path, words in (remarks or {}).items():
        office.fill(f'[name="remark-{path}"]', words)
    office.get_by_role("button", name="Save what you found").click()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.covers("EXTWORK-03", "CROSS-05", "CROSS-02")
def test_three_forms_without_a_network_arrive_once_and_the_mended_one_becomes_what_it_says(
    phone: Callable[..., Phone], person: Callable[..., Any], site: Site, language: str
) -> None:
    one, before = phone(language), last_sent(site)
    words, community = one.words, {"en": "Cerro Alto", "ar": "Bagong Silang"}[language]
    one.install("liza")
    assert one.page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    one.look("today")
    picture = photo(2400, 1600)

    one.offline()
    one.page.locator("#net").get_by_text(words["offline"]).wait_for()
    visit, letter = title_of(one, "visit"), title_of(one, "letter")
    one.fill_in(visit, "Riverside", picture=picture)
    one.fill_in(visit, "Tabing Ilog", picture=picture)
    # The third is begun; the tab closes in the middle of it.
    go(one.page, "forms")
    one.page.get_by_role("link", name=letter, exact=True).click()
    one.page.get_by_role("button", name=words["nobody"]).click()
    one.page.get_by_label("Name of the community").fill(community)
    one.wait_for(waiting=2, draft=1)
    one.until(lambda: community in one.page.evaluate(WHOLE_DRAFT), lambda: "the draft is not kept")
    one.reopen()
    assert states(one.page) == {"waiting": 2, "draft": 1}
    one.says(words["oldest"], "#net")
    go(one.page, "forms")
    one.page.locator("main .items a").first.click()
    one.press_go_on()
    assert one.page.get_by_label("Name of the community").input_value() == community
    fill(
        one.page,
        {"Name of the community": community, "Country": "Philippines", "work here now": "No"},
        language=language,
        picture=picture,
    )
    one.look("letter")
    one.page.get_by_role("button", name=words["ready"]).click()
    one.wait_for(waiting=3)
    one.look("send")

    # Signing out is not possible while work is unsent.
    go(one.page, "help")
    one.says(words["blocked"])

    # Back on a slow line: each arrives once.
    one.slow_line()
    one.offline(False)
    one.wait_for(sent=3)
    rows = office_rows(site, SENT_SINCE, before)
    assert sorted(row[1] for row in rows) == [
        "jump_cer.letter_of_interest",
        "jump_cer.visit_report",
        "jump_cer.visit_report",
    ]
    assert len({row[2] for row in rows}) == 3
    assert [row[4] for row in rows] == [1, 1, 1], "each with its photograph"
    (ref,) = [row[2] for row in rows if row[1] == "jump_cer.letter_of_interest"]

    # The coordinator sends the letter back; the phone hears it with the reason at the question.
    office = person("jose")
    review(office, site, ref, "Send it back", "Two figures do not fit.", {"population": "The census says 4,200."})
    one.contact()
    one.wait_for(sent=2, fix=1)
    go(one.page, "send")
    one.look("fix")
    one.page.get_by_role("link", name=re.compile("Letter of interest")).click()
    one.page.locator("main").get_by_text("Two figures do not fit.").first.wait_for()
    one.offline()
    one.page.get_by_role("button", name=words["mend"]).click()
    box = one.page.locator(".f").filter(has_text="People living in the community")
    box.filter(has_text=words["reviewer"]).filter(has_text="The census says 4,200.").wait_for()
    box.locator("input").fill("٤٢٠٠" if language == "ar" else "4,200")
    one.page.get_by_role("button", name=words["ready"]).click()
    one.wait_for(sent=2, waiting=1)
    one.reopen()
    one.offline(False)
    one.wait_for(sent=3)
    rows = office_rows(site, SENT_SINCE, before)
    assert len({row[2] for row in rows}) == 3, "the mended letter takes the place of the first, and is no fourth form"
    assert {row[3] for row in rows if row[2] == ref} == {"received"}

    # Approved, it becomes what it says: a community with its case at the first step.
    review(office, site, ref, "It is right")
    office.goto(f"{site.url}/submissions/{ref}/")
    assert "4,200" in office.inner_text("main")
    office.get_by_role("link", name=f"Go to {community}").click()
    assert community in office.inner_text("h1")
    assert "Screening and choice of pilot communities" in office.inner_text("main")
    one.contact()
    go(one.page, "send")
    one.page.get_by_role("link", name=re.compile("Letter of interest")).click()
    one.look("accepted")
    one.until(lambda: one.page.evaluate(KEPT_OF_ACCEPTED, ref) == ["", 0], lambda: "answers of an accepted form stay")
    assert one.troubles == []


PACKET = """async () => {
    const store = await import('/static/jump/field/store.js');
    return (await store.get('packet')).packet;
}"""


@pytest.mark.covers("EXTWORK-03", "RLF-06")
def test_a_meetings_collection_is_written_without_a_network_and_counted_by_another_person_in_the_office(
    phone: Callable[..., Phone], person: Callable[..., Any], site: Site
) -> None:
    one = phone()
    one.install("liza")
    packet = one.page.evaluate(PACKET)
    sheet = next(sheet for sheet in packet["sheets"] if any(row["due"] or row["most"] is None for row in sheet["rows"]))
    row = next(place for place, row in enumerate(sheet["rows"]) if row["due"] or row["most"] is None)
    group = next(one["name"] for one in packet["groups"] if one["ref"] == sheet["group"])
    one.offline()
    go(one.page, "people")
    one.page.get_by_role("link", name=group, exact=True).click()
    one.page.get_by_role("link", name="Write the collection of a meeting").click()
    box = one.page.locator("main form input.in").nth(row)
    box.fill("a lot")
    one.page.get_by_role("button", name=one.words["ready"]).click()
    one.says("One thing to put right", "[role=alert]")
    box.fill("12.50")
    one.look("collection")
    one.page.get_by_role("button", name=one.words["ready"]).click()
    one.wait_for(waiting=1)
    one.offline(False)
    one.wait_for(sent=1)

    go(one.page, "send")
    one.page.get_by_role("link", name=re.compile("Collection of a meeting")).click()
    told = one.page.locator("main").get_by_text(re.compile("col-[0-9A-Z]{8}")).first.inner_text()
    ref = re.findall("col-[0-9A-Z]{8}", told)[0]
    office = person("grace")
    office.goto(f"{site.url}/collections/{ref}/")
    assert "12.50" not in office.inner_text("main"), "who counts does not see the sum before"
    office.get_by_role("link", name="Count the money").click()
    office.fill("[name=counted]", "12.50")
    office.get_by_role("button", name="Book it").click()
    assert "PHP 12.50 is booked." in office.inner_text("body").replace("\u00a0", " ")
    assert one.troubles == []


@pytest.mark.covers("CROSS-05")
def test_two_people_who_share_a_phone_have_a_queue_each_and_work_that_is_unsent_goes_to_the_office_as_a_file(
    phone: Callable[..., Phone], person: Callable[..., Any], site: Site, tmp_path: Path
) -> None:
    one = phone()
    one.install("liza")
    one.offline()
    one.fill_in("Visit report", "Riverside", picture=photo(300, 200))
    one.wait_for(waiting=1)
    go(one.page, "send")
    with one.page.expect_download() as saved:
        one.page.get_by_role("button", name="Save all unsent entries to a file").click()
    saved.value.save_as(tmp_path / "from_phone.json")

    # A colleague signs in on the same phone: an empty list of their own.
    one.context.clear_cookies()
    one.page.route("**/openrosa/**", lambda route: route.abort())
    one.offline(False)
    sign_in(one.page, site.url, "pedro")
    one.page.goto(f"{site.url}/field/")
    one.page.wait_for_selector(READY)
    one.until(lambda: one.page.evaluate(PACKET)["worker"]["name"].startswith("Pedro"), lambda: "not Pedro's phone")
    assert states(one.page) == {}

    # The office takes the file in, twice; the phone's own sending later changes nothing.
    office = person("jose")
    for words in ("Received", "Was here already"):
        office.goto(f"{site.url}/field/files/")
        office.set_input_files("[name=file]", tmp_path / "from_phone.json")
        office.get_by_role("button", name="Take it in").click()
        assert words in office.inner_text("main")
    before = office_rows(site, "select count(*) from evidence_submission")
    one.page.unroute("**/openrosa/**")
    one.context.clear_cookies()
    one.install("liza")
    one.wait_for(sent=1)
    assert office_rows(site, "select count(*) from evidence_submission") == before

    # With nothing unsent the worker signs out, and the lists leave the phone.
    go(one.page, "help")
    one.page.get_by_role("button", name="Sign out").click()
    one.page.get_by_role("link", name="Sign in").first.wait_for()
    assert "Riverside" not in one.page.inner_text("body")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_on_its_screens_and_none_scrolls_sideways(phone: Callable[..., Phone], language: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    one = phone(language)
    one.install("liza")
    packet = one.page.evaluate(PACKET)
    screens = [
        "today",
        "people",
        "forms",
        "send",
        "help",
        f"subject/{packet['sheets'][0]['group']}",
        f"person/{packet['people'][0]['ref']}",
        f"collect/{packet['sheets'][0]['group']}",
        "begin/jump_cer.visit_report",
        f"begin/jump_cer.visit_report/{packet['communities'][0]['ref']}",
    ]
    for name in screens:
        one.page.evaluate("(to) => { location.hash = to; }", f"#/{name}")
        one.page.wait_for_timeout(700)
        one.look(name.partition("/")[0])
        found = Axe().run(one.page)
        words = [f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in found.response["violations"]]
        assert words == [], f"{name}: {words}"
        assert one.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    one.page.get_by_role("button", name=one.words["ready"]).click()
    one.page.locator("[role=alert]").wait_for()
    assert Axe().run(one.page).response["violations"] == []
    assert one.troubles == []


def test_a_form_is_begun_filled_and_finished_with_the_keyboard_alone(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.install("liza")
    one.offline()
    keys = one.page.keyboard

    def to(words: str) -> None:
        for _press in range(150):
            keys.press("Tab")
            seen = one.page.evaluate("() => document.activeElement.innerText || ''")
            if seen.strip().startswith(words):
                return
        raise AssertionError(f"{words} is not reached with Tab")

    to("Forms")
    keys.press("Enter")
    one.page.get_by_role("heading", name="Begin a form").wait_for()
    to("Visit report")
    keys.press("Enter")
    one.page.get_by_role("heading", name="Who or what is it about?").wait_for()
    to("Riverside")
    keys.press("Enter")
    one.page.get_by_role("button", name="Ready to send").wait_for()
    to("Ready to send")
    keys.press("Enter")
    one.page.locator("[role=alert]").wait_for()
    assert one.page.evaluate("() => document.activeElement.getAttribute('role')") == "alert", "the list takes the focus"
    keys.press("Tab")
    keys.press("Enter")
    assert one.page.evaluate("() => document.activeElement.type") == "radio", "and leads to the question"
    keys.press("Space")
    assert one.page.evaluate("() => document.activeElement.checked")


def test_names_leave_the_phone_when_their_time_is_over_and_what_was_typed_stays(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.install("liza")
    one.offline()
    one.fill_in("Visit report", "Riverside")
    one.wait_for(waiting=1)
    one.page.evaluate(LATER)
    one.reopen()
    one.says("were too old and have been removed")
    go(one.page, "people")
    assert "Riverside" not in one.page.locator("main").inner_text()
    assert states(one.page) == {"waiting": 1}
    one.offline(False)
    one.page.evaluate("() => dispatchEvent(new Event('online'))")
    one.wait_for(sent=1)


LATER = """async () => {
    const store = await import('/static/jump/field/store.js');
    const clock = await store.get('clock');
    await store.set('clock', {...clock, latest: Date.now() + 20 * 86400000});
}"""


OPENED = """async (xml) => {
    const {Form} = await import('/static/jump/field/xform.js');
    const form = new Form(xml, {language: 'fr', today: () => '2004-06-30', now: () => '2004-06-30T10:00:00.000Z'});
    const faults = new Set();
    form.open();
    for (const one of form.faults) { faults.add(one); }
    for (const control of form.byPath.values()) {
        const held = control.kind === 'repeat' && !control.count && form.templates.get(control.path);
        if (held) { form.addRow(control, form.nodes(held.parent)[0]); }
    }
    form.recompute();
    for (const control of form.byPath.values()) {
        for (const node of control.children ? [] : form.nodes(control.path)) {
            form.labelText(control.label, node);
            form.choices(control, node);
        }
    }
    form.problems();
    for (const one of form.faults) { faults.add(one); }
    const again = new Form(xml, {language: 'en', today: () => '2004-06-30', now: () => '2004-06-30T10:00:00.000Z'});
    again.open(form.xml());
    return {faults: [...faults], same: again.xml() === form.xml(), missing: again.missing};
}"""


def test_every_form_of_the_programmes_opens_on_the_phone_and_every_rule_is_understood(
    phone: Callable[..., Phone], site: Site
) -> None:
    """A draft that was kept opens again as it was."""
    one = phone()
    one.install("liza")
    forms = office_rows(
        site, "select f.form_id, v.xform from evidence_formversion v join evidence_form f on f.id = v.form_id"
    )
    assert len(forms) > 50
    found = {name: one.page.evaluate(OPENED, xform) for name, xform in forms}
    assert {name: seen["faults"] for name, seen in found.items() if seen["faults"]} == {}
    assert [name for name, seen in found.items() if not seen["same"] or seen["missing"]] == []


def test_the_open_forms_of_others_open_on_the_phone(phone: Callable[..., Phone]) -> None:
    from jump.engines.evidence.definitions import xlsform

    folder = SHARED / "data" / "xlsforms"
    if not folder.is_dir():
        pytest.skip("../shared/data/xlsforms is not here")
    one = phone()
    one.install("liza")
    told: dict[str, Any] = {}
    for path in sorted(folder.glob("*.xls*")):
        try:
            form = xlsform.convert(path.read_bytes())
        except xlsform.FormBroken:
            continue
        told[path.name] = one.page.evaluate(OPENED, form.xform)
    assert len(told) >= 5
    assert {name: seen["faults"][:5] for name, seen in told.items() if seen["faults"]} == {}
    assert [name for name, seen in told.items() if not seen["same"] or seen["missing"]] == []
