"""Rounds as pages: opening with frozen criteria, interests, sealed scores, ranking with ties, decision, telling it."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from openpyxl import load_workbook

from jump.base import outbox
from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions import api as decisions
from tests import makers
from tests.web import road_fixtures as road

shipped, programme = road.shipped, road.road_db
pytestmark = pytest.mark.usefixtures("programme")
QUERIES_MAX = 30
KIND = "jump.pilot_communities"
PH = "jump/asia/PH/"


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


class Board:
    """A coordinator, three panel members, two communities that wait."""

    def __init__(self) -> None:
        self.boss, self.boss_actor = road.as_("jose", "national_coordinator", PH)
        self.panel: list[tuple[Client, Actor]] = [
            road.as_(name, "selection_panel") for name in ("ingrid", "moses", "chitra")
        ]
        self.cases = [road.community(), road.community(community_name="Masagana")]
        self.ref = ""

    def ids(self) -> list[str]:
        return [str(actor.user_id) for _client, actor in self.panel]

    def open(self, **changes: Any) -> Any:
        data = {
            "_key": "r" * 32,
            "kind": KIND,
            "scope": PH,
            "title": "Pilot places",
            "opens_on": "2002-10-01",
            "closes_on": "2002-10-20",
            "panel": self.ids(),
            **changes,
        }
        answer = self.boss.post("/rounds/open/", data)
        if answer.status_code == 302:
            self.ref = answer.headers["Location"].strip("/").split("/")[-1]
        return answer

    def round(self) -> decisions.RoundView:
        return decisions.round_(makers.MAKER, Ref(self.ref))

    def candidates(self) -> list[Ref]:
        return [one.ref for one in self.round().candidates]

    def sheet(self, value: int) -> dict[str, str]:
        data = {}
        for one in self.round().criteria:
            data[f"s-{one.id}"] = "1" if one.screening else str(value)
            data[f"c-{one.id}"] = "Seen in the letter."
        return data

    def free(self, client: Client, candidate: Ref, answer: str = "no") -> Any:
        return client.post(f"/rounds/{self.ref}/interest/{candidate}/", {"has_interest": answer, "what": ""})

    def score(self, client: Client, candidate: Ref, value: int) -> Any:
        return client.post(f"/rounds/{self.ref}/score/{candidate}/", self.sheet(value))

    def score_all(self, values: dict[int, int]) -> None:
        """Every member gives candidate number n the value named."""
        for client, _actor in self.panel:
            for number, candidate in enumerate(self.candidates()):
                self.free(client, candidate)
                self.score(client, candidate, values[number])

    def decide(self, client: Client, outcomes: dict[int, tuple[str, str]], **changes: Any) -> Any:
        data: dict[str, Any] = {"present": self.ids(), "minutes": "Read and discussed one by one."}
        for number, candidate in enumerate(self.candidates()):
            data[f"o-{candidate}"], data[f"r-{candidate}"] = outcomes[number]
        return client.post(f"/rounds/{self.ref}/decide/", {**data, **changes})


@pytest.fixture
def board(programme: None) -> Board:
    return Board()


def test_who_waits_is_listed_with_the_address_to_open_a_round(board: Board) -> None:
    page = board.boss.get("/rounds/").content.decode()
    assert "2 wait, the first since 1 October 2002" in page
    assert "Bagong Pag-asa" in page
    assert f'href="/rounds/open/?kind={KIND}"' in page
    panel = board.panel[0][0].get("/rounds/").content.decode()
    assert f'href="/rounds/open/?kind={KIND}"' not in panel
    assert "No rounds yet" in page


def test_strangers_sign_in_first_and_other_countries_see_no_round(board: Board) -> None:
    board.open()
    assert Client().get(f"/rounds/{board.ref}/").status_code == 302
    other, _actor = road.as_("mali", "national_coordinator", "jump/asia/TH/")
    assert other.get(f"/rounds/{board.ref}/").status_code == 404


@pytest.mark.covers("SELECT-07")
def test_a_round_is_opened_with_its_panel_and_its_criteria_are_copied(board: Board) -> None:
    page = board.boss.get(f"/rounds/open/?kind={KIND}&scope={PH}").content.decode()
    assert "These are copied when the round opens. Nobody can change them afterwards." in page
    assert "2 candidates are taken in." in page
    assert "Ingrid" in page
    answer = board.open()
    assert answer.status_code == 302
    found = board.round()
    assert (found.title, found.scope, found.state) == ("Pilot places", PH, "open")
    assert sum(one.weight for one in found.criteria) == 100
    assert len(found.candidates) == 2
    shown = board.boss.get(f"/rounds/{board.ref}/").content.decode()
    for one in found.criteria:
        assert one.title in shown
    again = board.open()
    assert again.headers["Location"] == answer.headers["Location"], "pressed twice is one round"
    assert decisions.count_rounds(makers.MAKER) == 1


def test_a_round_with_too_small_a_panel_is_refused_and_the_page_keeps_what_was_typed(board: Board) -> None:
    answer = board.open(panel=board.ids()[:1])
    page = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert 'value="Pilot places"' in page
    assert decisions.count_rounds(makers.MAKER) == 0
    late = board.open(closes_on="2002-09-01")
    assert late.status_code == 422
    assert "It lies before the first day." in late.content.decode()
    assert decisions.count_rounds(makers.MAKER) == 0


def test_who_may_not_open_rounds_is_offered_none(board: Board) -> None:
    client, _actor = board.panel[0]
    page = client.get("/rounds/open/").content.decode()
    assert "You cannot open a round" in page
    data = {"kind": KIND, "scope": PH, "opens_on": "2002-10-01", "closes_on": "2002-10-20", "panel": board.ids()}
    client.post("/rounds/open/", data)
    assert decisions.count_rounds(makers.MAKER) == 0


@pytest.mark.covers("SELECT-07")
def test_interests_are_asked_before_scores_and_who_has_one_does_not_score(board: Board) -> None:
    board.open()
    client, _actor = board.panel[0]
    first, second = board.candidates()
    page = client.get(f"/rounds/{board.ref}/score/{first}/").content.decode()
    assert "Do you have an interest in this candidate?" in page
    assert 'name="s-need"' not in page
    board.free(client, first, "yes")
    refused = board.score(client, first, 5)
    assert refused.status_code in (403, 409, 422)
    assert "Seen in the letter." in refused.content.decode(), "what was typed stays on the page"
    mine = {one.candidate_ref: one for one in decisions.my_scores(board.panel[0][1], Ref(board.ref))}
    assert (mine[first].has_interest, mine[first].scores) == (True, {})
    board.free(client, second)
    assert board.score(client, second, 4).status_code == 302
    page = client.get(f"/rounds/{board.ref}/").content.decode()
    assert "Interest declared" in page
    assert "Given" in page


def test_a_score_outside_its_scale_is_refused_and_nothing_is_kept(board: Board) -> None:
    board.open()
    client, actor = board.panel[0]
    first = board.candidates()[0]
    board.free(client, first)
    answer = client.post(f"/rounds/{board.ref}/score/{first}/", {**board.sheet(4), "s-need": "9"})
    assert answer.status_code == 422
    assert decisions.my_scores(actor, Ref(board.ref))[0].scores == {}


@pytest.mark.covers("SELECT-07")
def test_scores_are_sealed_until_all_are_in(board: Board) -> None:
    board.open()
    client, _actor = board.panel[0]
    for candidate in board.candidates():
        board.free(client, candidate)
        board.score(client, candidate, 5)
    for reader in (board.boss, client):
        answer = reader.get(f"/rounds/{board.ref}/ranking/")
        assert answer.status_code == 403
        assert "See the ranking" not in reader.get(f"/rounds/{board.ref}/").content.decode()
    other = board.panel[1][0]
    page = other.get(f"/rounds/{board.ref}/score/{board.candidates()[0]}/").content.decode()
    assert "Seen in the letter." not in page, "nobody reads another member's sheet"


@pytest.mark.covers("SELECT-07")
def test_the_ranking_shows_places_points_and_ties(board: Board) -> None:
    board.open()
    board.score_all({0: 3, 1: 3})
    page = board.boss.get(f"/rounds/{board.ref}/ranking/").content.decode()
    assert page.count("(tie)") == 2
    assert "the same points. The panel chooses and gives its reason." in page
    assert board.round().scores_complete
    answer = board.boss.get(f"/rounds/{board.ref}/ranking/", {"as": "excel"})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert [row[1] for row in list(sheet.values)[1:]] == [1, 1]


def test_a_departure_from_the_ranking_needs_its_reason_and_the_form_keeps_its_words(board: Board) -> None:
    board.open()
    board.score_all({0: 2, 1: 5})
    answer = board.decide(board.boss, {0: ("selected", ""), 1: ("not_selected", "Too far away.")})
    page = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert "Too far away." in page
    assert "Read and discussed one by one." in page
    assert board.round().state == "open"
    taken = board.decide(board.boss, {0: ("selected", "No other help reaches it."), 1: ("not_selected", "Too far.")})
    assert taken.status_code == 302
    shown = board.boss.get(f"/rounds/{board.ref}/").content.decode()
    assert "No other help reaches it." in shown
    assert "This departs from the ranking." in shown


@pytest.mark.parametrize("changes", [{"minutes": " "}, {"present": []}])
def test_a_decision_without_minutes_or_quorum_is_refused(board: Board, changes: dict[str, Any]) -> None:
    board.open()
    board.score_all({0: 5, 1: 2})
    answer = board.decide(board.boss, {0: ("selected", ""), 1: ("reserve", "Next year.")}, **changes)
    assert answer.status_code in (409, 422)
    assert 'role="alert"' in answer.content.decode()
    assert board.round().state == "open"


@pytest.mark.covers("SELECT-07", "CER-13")
def test_outcomes_are_told_once_and_the_road_of_the_chosen_goes_on(board: Board) -> None:
    board.open()
    board.score_all({0: 5, 1: 2})
    board.decide(board.boss, {0: ("selected", "Best in the scores."), 1: ("reserve", "Next year.")})
    page = board.boss.get(f"/rounds/{board.ref}/").content.decode()
    assert "The panel has decided. Nobody has been told yet." in page
    outsider, _actor = road.as_("liza", "extension_worker", PH)
    chosen = board.cases[0]
    assert "Best in the scores." not in outsider.get(f"/cases/{chosen.ref}/").content.decode()
    board.boss.post(f"/rounds/{board.ref}/publish/")
    outbox.drain()
    assert board.round().state == "published"
    case = cases.case(makers.MAKER, chosen.ref)
    assert [step.key for step in case.here] == ["stakeholder_map"]
    assert cases.case(makers.MAKER, board.cases[1].ref).state == "closed"
    assert "Best in the scores." in outsider.get(f"/cases/{chosen.ref}/").content.decode()
    again = board.decide(board.boss, {0: ("selected", "x"), 1: ("selected", "x")})
    assert again.status_code == 409
    assert len(decisions.outcomes(makers.MAKER, round_ref=Ref(board.ref))) == 2


def test_publishing_before_a_decision_is_refused(board: Board) -> None:
    board.open()
    answer = board.boss.post(f"/rounds/{board.ref}/publish/")
    assert answer.status_code == 409
    assert board.round().state == "open"


def test_closing_the_scoring_leaves_out_sheets_that_did_not_come(board: Board) -> None:
    board.open()
    client, _actor = board.panel[0]
    for candidate in board.candidates():
        board.free(client, candidate)
        board.score(client, candidate, 4)
    answer = board.boss.post(f"/rounds/{board.ref}/close/", follow=True)
    page = answer.content.decode()
    assert "Scoring is closed." in page
    assert re.search(r"Points", page)
    assert board.round().state == "scored"


def test_a_round_stays_within_its_queries_whatever_its_size(board: Board, django_assert_max_num_queries: Any) -> None:
    for number in range(6):
        road.community(community_name=f"Purok {number}")
    board.open()
    board.score_all(dict.fromkeys(range(8), 4))
    client, _actor = board.panel[0]
    for reader in (client, board.boss):
        reader.get("/rounds/")
        for address in ("", "ranking/", "decide/"):
            with django_assert_max_num_queries(QUERIES_MAX):
                assert reader.get(f"/rounds/{board.ref}/{address}").status_code == 200
    with django_assert_max_num_queries(QUERIES_MAX):
        client.get(f"/rounds/{board.ref}/score/{board.candidates()[0]}/")
    with django_assert_max_num_queries(QUERIES_MAX):
        board.boss.get("/rounds/")
