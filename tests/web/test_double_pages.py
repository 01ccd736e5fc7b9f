"""Records that may be one person, as a coordinator decides about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jump.base import outbox
from jump.engines.parties import api as parties
from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.makers import Ground

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(db: None) -> Ground:
    from tests import makers

    return makers.ground()


@pytest.fixture
def coordinator(ground: Ground) -> Reader:
    return reader("national_coordinator", "trial/asia/PH/", "Jose")


@pytest.fixture
def two(ground: Ground) -> tuple[Ref, Ref]:
    from tests import makers

    one = makers.person(given_name="Amina", family_name="Tarawneh", birth_year=1990, phone="0791234567")
    other = makers.person(given_name="أمينة", family_name="الطراونة", birth_year=1990, phone="0791234567")
    return one, other


def search(coordinator: Reader) -> None:
    coordinator.client.post("/people/doubles/search/", {"scope": "trial/asia/PH/", "key": "once"})
    outbox.drain()


def test_without_pairs_the_page_says_what_to_do(coordinator: Reader) -> None:
    seen = words(coordinator.client.get("/people/doubles/"))
    assert "No pair waits for a decision" in seen
    assert "Look through everybody" in seen


def test_a_search_puts_the_pair_on_the_list_and_among_the_tasks(coordinator: Reader, two: tuple[Ref, Ref]) -> None:
    search(coordinator)
    seen = words(coordinator.client.get("/people/doubles/"))
    assert "Amina Tarawneh" in seen
    assert "أمينة الطراونة" in seen
    assert "Telephone: the same" in seen
    assert "2 records, 1 pairs compared" in seen
    assert "may be one person: 1" in words(coordinator.client.get("/tasks/"))


@pytest.mark.covers("CROSS-04")
def test_one_person_is_decided_kept_and_can_be_taken_back(coordinator: Reader, two: tuple[Ref, Ref]) -> None:
    search(coordinator)
    [pair] = parties.possible_doubles(coordinator.actor)
    page = coordinator.client.get(f"/people/doubles/{pair.ref}/")
    assert "sounds the same" in words(page)
    sent = {"verdict": two[0], "why": "I asked her.", "key": "decided"}
    done = coordinator.client.post(f"/people/doubles/{pair.ref}/", sent, follow=True)
    assert "Figures are counted again" in words(done)
    assert parties.cluster_of([two[1]]) == {two[1]: two[0]}
    assert "I asked her." in words(coordinator.client.get(f"/people/doubles/{pair.ref}/"))
    coordinator.client.post(f"/people/{two[1]}/not-same/", {"why": "Two sisters.", "key": "back"})
    assert parties.cluster_of([two[1]]) == {two[1]: two[1]}


def test_without_a_word_how_it_is_known_nothing_is_decided(coordinator: Reader, two: tuple[Ref, Ref]) -> None:
    search(coordinator)
    [pair] = parties.possible_doubles(coordinator.actor)
    answer = coordinator.client.post(f"/people/doubles/{pair.ref}/", {"verdict": "different", "key": "k"})
    assert answer.status_code == 422
    assert parties.count_possible_doubles(coordinator.actor) == 1


def test_decided_by_two_at_once_the_second_is_told_who_was_first(coordinator: Reader, two: tuple[Ref, Ref]) -> None:
    search(coordinator)
    [pair] = parties.possible_doubles(coordinator.actor)
    address = f"/people/doubles/{pair.ref}/"
    coordinator.client.post(address, {"verdict": "different", "why": "Twins.", "key": "one"})
    answer = coordinator.client.post(address, {"verdict": two[0], "why": "I asked.", "key": "two"})
    assert answer.status_code == 409
    assert "has decided about these two records" in words(answer)


def test_a_worker_does_not_see_the_list(ground: Ground) -> None:
    worker = reader("extension_worker", "trial/asia/PH/", "Liza")
    assert worker.client.get("/people/doubles/").status_code == 403
    assert "Possible doubles" not in words(worker.client.get("/people/"))


def test_a_list_of_many_pairs_takes_as_many_statements_as_one(
    coordinator: Reader, ground: Ground, django_assert_max_num_queries: object
) -> None:
    from tests import makers

    for number in range(6):
        for given in ("Amina", "Ameena"):
            phone = f"07912345{number}0"
            makers.person(given_name=given, family_name="Tarawneh", birth_year=1960 + 5 * number, phone=phone)
    search(coordinator)
    assert parties.count_possible_doubles(coordinator.actor) >= 6
    with django_assert_max_num_queries(QUERIES_MAX):  # type: ignore[operator]
        coordinator.client.get("/people/doubles/")
