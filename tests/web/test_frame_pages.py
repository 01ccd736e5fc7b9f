"""The frame of every page: policy, navigation by right, languages, small pages, size, and templates without styles."""

from __future__ import annotations

import gzip
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

import jump.web
from jump.base import clock, duties
from jump.base.actors import actor_for
from jump.base.duties import Due
from jump.base.tokens import owner_of
from jump.core.units import Ref
from jump.web.drawings import tokens
from tests.web.frame_fixtures import PASSWORD, person, sign_in

pytestmark = pytest.mark.usefixtures("frame")
WEB = Path(jump.web.__file__).parent
STYLESHEET = (WEB / "static/jump/jump.css").read_text()
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def nav_of(page: str) -> list[str]:
    bar = re.search(r'<nav class="nav".*?</nav>', page, re.S)
    return re.findall(r"<a [^>]*>([^<]+)", bar[0]) if bar else []


@pytest.mark.parametrize("address", ["/account/login/", "/help/", "/privacy/", "/accessibility/", "/nowhere/"])
def test_every_page_carries_the_strict_policy_and_says_no_more_than_needed_to_others(
    client: Client, address: str
) -> None:
    answer = client.get(address)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_only_a_page_with_htmx_may_connect_to_us_and_htmx_neither_styles_nor_evaluates(client: Client) -> None:
    answer = client.get("/with-htmx/")
    assert answer.headers["Content-Security-Policy"] == POLICY + "; connect-src 'self'"
    page = answer.content.decode()
    assert "django_htmx/htmx-2.min.js" in page
    assert "&quot;includeIndicatorStyles&quot;:false,&quot;allowEval&quot;:false" in page


def test_no_template_of_ours_has_a_style_a_handler_or_a_script_body() -> None:
    for template in WEB.rglob("templates/**/*.html"):
        text = template.read_text()
        assert not re.search(r"\sstyle\s*=", text), template
        assert not re.search(r"<style", text), template
        assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), template
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), template
        assert "data:image" not in text, template


def test_the_stylesheet_knows_no_left_and_right_except_where_the_design_does() -> None:
    for rule in ("margin-left", "margin-right", "padding-left", "padding-right", "text-align:left", "text-align:right"):
        assert rule not in STYLESHEET
    assert not re.search(r"[;{](left|right|top|bottom|float):", STYLESHEET)


def test_drawings_use_the_values_of_the_stylesheet() -> None:
    declared = dict(re.findall(r"(--[a-z0-9-]+):(#[0-9a-f]{3,6})\b", STYLESHEET))
    for name, value in tokens.IN_STYLESHEET.items():
        assert declared[name] == value, name


def test_the_first_visit_stays_below_its_budget(client: Client, settings: Any) -> None:
    settings.DEBUG = True
    page = client.get("/design/home/").content
    parts = [page, STYLESHEET.encode(), *((WEB / "static/jump" / n).read_bytes() for n in ("frame.js", "icon.svg"))]
    sizes = [len(gzip.compress(part)) for part in parts]
    assert sum(sizes) < 60_000
    assert sizes[1] < 15_000


def test_a_stranger_sees_no_navigation_beyond_the_first_page_and_no_search(client: Client) -> None:
    page = client.get("/help/").content.decode()
    assert nav_of(page) == ["Home"]
    assert 'role="search"' not in page


def test_the_navigation_shows_what_the_role_may_use(client: Client) -> None:
    person("fatou", "fund_manager")
    sign_in(client, "fatou")
    shown = nav_of(client.get("/help/").content.decode())
    assert shown == ["Home", "My tasks", "Communities", "People and groups", "Loan funds", "Results"]
    person("rosa", "selection_panel")
    client.post("/account/logout/")
    sign_in(client, "rosa")
    assert nav_of(client.get("/help/").content.decode()) == [
        "Home",
        "My tasks",
        "Communities",
        "Proposals",
        "Results",
    ]


def test_what_is_set_up_for_others_stands_behind_one_item_and_shows_what_the_role_may_set_up(client: Client) -> None:
    person("omar", "administrator")
    sign_in(client, "omar")
    assert "Set-up" in nav_of(client.get("/help/").content.decode())
    page = client.get("/setup/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert re.findall(r"<a href=\"(/[a-z/]+)\">", main) == ["/packages/list/"]
    assert re.search(r'<a href="/setup/" aria-current="page">Set-up', page)
    person("liza", "extension_worker")
    client.post("/account/logout/")
    sign_in(client, "liza")
    page = client.get("/setup/").content.decode()
    assert "Set-up" not in nav_of(page)
    assert "Nothing to set up" in page


def test_the_badge_counts_what_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = [Due(Ref("tsk-1"), "Visit", "", date(2004, 6, 1), "warn", "home", ())] * 6
    monkeypatch.setattr(duties, "due", lambda actor, as_of: waiting)
    person("liza", "extension_worker")
    sign_in(client, "liza")
    page = client.get("/help/").content.decode()
    assert '<span class="badge">6<span class="vh"> waiting</span></span>' in page


def test_the_current_item_is_marked_for_readers_too(client: Client) -> None:
    person("liza", "extension_worker")
    sign_in(client, "liza")
    page = client.get("/visit/").content.decode()
    assert re.search(r'<a href="/tasks/list/" aria-current="page">My tasks', page)
    assert page.count('aria-current="page"') == 1


def test_the_footer_says_that_the_day_is_pinned(client: Client) -> None:
    assert "Sample data" not in client.get("/help/").content.decode()
    clock.pin(date(2004, 6, 30))
    try:
        page = client.get("/help/").content.decode()
    finally:
        clock.pin(None)
    assert "<span>Sample data</span><span>Figures as of 30 June 2004</span>" in page


def test_a_warm_frame_asks_the_database_for_the_reader_alone(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    person("liza", "extension_worker")
    sign_in(client, "liza")
    client.get("/help/")
    with django_assert_max_num_queries(5):  # session, user, two for the actor, the clock's pin at most
        client.get("/help/")


@pytest.mark.covers("CROSS-02")
@pytest.mark.parametrize(
    ("code", "direction", "words"),
    [("fr", "ltr", "Se connecter"), ("es", "ltr", "Entrar"), ("ar", "rtl", "تسجيل الدخول"), ("en", "ltr", "Sign in")],
)
def test_pages_speak_four_languages_in_their_own_direction(
    client: Client, code: str, direction: str, words: str
) -> None:
    client.get(f"/language/{code}/")
    page = client.get("/account/login/").content.decode()
    assert f'<html lang="{code}" dir="{direction}">' in page
    assert f"<h1>{words}</h1>" in page


@pytest.mark.covers("CROSS-02")
def test_a_language_we_lack_falls_back_to_english(client: Client) -> None:
    page = client.get("/help/", headers={"accept-language": "fil"}).content.decode()
    assert '<html lang="en" dir="ltr">' in page
    assert client.get("/language/tlh/").status_code == 404


def test_changing_the_language_leads_back_and_never_to_another_site(client: Client) -> None:
    assert client.get("/language/fr/?next=/help/").headers["Location"] == "/help/"
    assert client.get("/language/fr/?next=https://elsewhere.example/").headers["Location"] == "/"


def test_a_stranger_who_lacks_a_right_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/trial-funds/").headers["Location"] == "/account/login/?next=/trial-funds/"


def test_one_who_lacks_a_right_learns_who_can_give_it_and_can_ask(client: Client) -> None:
    person("ana", "programme_coordinator")
    person("liza", "extension_worker")
    sign_in(client, "liza")
    answer = client.get("/trial-funds/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This needs a right that you do not have" in page
    assert "Ana can give it to you." in page
    assert 'name="right" value="finance.release"' in page
    assert "Ask for the right" in page


def test_a_page_that_is_not_here_says_so_plainly(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "This page is not here" in answer.content.decode()


def test_the_gallery_is_for_those_who_build_pages(client: Client) -> None:
    assert client.get("/design/").status_code == 404
    user = person("bea")
    user.is_staff = True
    user.save()
    sign_in(client, "bea")
    for page in ("", "home/", "community/", "loan/", "states/"):
        answer = client.get(f"/design/{page}")
        assert answer.status_code == 200
        assert " style=" not in answer.content.decode()


def test_nobody_signs_up_alone(client: Client) -> None:
    page = client.post("/account/signup/", {"username": "x", "password1": "abcdefghij", "password2": "abcdefghij"})
    assert "Accounts are by invitation" in page.content.decode()


def test_a_wrong_password_is_told_in_plain_words_and_the_name_stays(client: Client) -> None:
    person("liza")
    page = client.post("/account/login/", {"login": "liza", "password": "wrong"}).content.decode()
    assert "Name and password do not fit together. Check both." in page
    assert 'value="liza"' in page


def test_the_code_app_is_set_up_with_a_square_drawn_in_the_page_and_then_asked_at_sign_in(client: Client) -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    def code(secret: str) -> str:
        return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))

    person("liza")
    sign_in(client, "liza")
    asked = client.get("/account/2fa/totp/activate/")
    page = client.post(asked.headers["Location"], {"password": PASSWORD}, follow=True).content.decode()
    assert '<svg class="qr"' in page
    assert "data:" not in page
    assert "style=" not in page
    secret = re.search(r'class="secret isolate" dir="ltr">([A-Z2-7]+)<', page)
    assert secret is not None
    client.post("/account/2fa/totp/activate/", {"code": code(secret[1])})
    codes = client.get("/account/2fa/recovery-codes/").content.decode()
    kept = re.findall(r"<li>([0-9A-Za-z-]{6,})</li>", codes)
    assert len(kept) == 10

    client.post("/account/logout/")
    cache.clear()
    asked = sign_in(client, "liza")
    assert asked.headers["Location"] == "/account/2fa/authenticate/"
    assert "The second step" in client.get(asked.headers["Location"]).content.decode()
    assert client.get("/me/").status_code == 302
    client.post("/account/2fa/authenticate/", {"code": kept[0]})
    assert client.get("/me/").status_code == 200


def test_a_token_is_made_with_the_password_shown_once_opens_the_api_and_is_ended_by_its_owner_alone(
    client: Client,
) -> None:
    person("liza")
    sign_in(client, "liza")
    asked = client.get("/me/tokens/")
    assert asked.headers["Location"].startswith("/account/reauthenticate/")
    page = client.post(asked.headers["Location"], {"password": PASSWORD}, follow=True).content.decode()
    assert "No program acts for you" in page
    answer = client.post("/me/tokens/", {"label": "Excel in the office"})
    assert "no-store" in answer.headers["Cache-Control"]
    found = re.search(r'class="secret isolate" dir="ltr">([\w-]{40,})<', answer.content.decode())
    assert found is not None
    token = found[1]
    assert owner_of(token) is not None
    page = client.get("/me/tokens/").content.decode()
    assert "Excel in the office" in page
    assert token not in page
    end = re.search(r'action="(/me/tokens/\d+/end/)"', page)
    assert end is not None
    stranger = Client()
    person("ana")
    sign_in(stranger, "ana")
    assert "Excel in the office" not in stranger.get("/me/tokens/").content.decode()
    assert stranger.post(end[1]).status_code == 404
    client.post(end[1])
    assert owner_of(token) is None


def test_the_error_page_needs_neither_session_nor_database(rf: RequestFactory) -> None:
    from jump.web.errors import server_trouble

    request = rf.get("/anything/")
    answer = server_trouble(request)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


def test_asking_for_a_right_makes_one_task_for_the_coordinator(client: Client) -> None:
    from jump.engines.cases import api as cases

    coordinator = person("ana", "programme_coordinator")
    person("liza", "extension_worker")
    sign_in(client, "liza")
    for _time in range(2):
        answer = client.post("/ask/", {"right": "finance.release", "scope": "trial/", "page": "/trial-funds/"})
        assert answer.status_code == 302
    found = [
        task
        for task in cases.tasks(actor_for(coordinator), state="open", as_of=clock.today())
        if "asks for a right" in task.title
    ]
    assert [task.title for task in found] == ["Liza asks for a right: finance.release"]
