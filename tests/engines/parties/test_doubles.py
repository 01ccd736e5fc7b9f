"""Is it one of these? Look-alikes at registration, a search through everybody, and what a person decides."""

from __future__ import annotations

import pytest

from jump.base import clock, outbox
from jump.base.refusals import NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.parties import api as parties
from jump.engines.parties import duties, services
from jump.engines.parties.models import DoublesSearch, PossibleDouble, SearchKey
from jump.engines.parties.services.refusals import DoubleDecided
from jump.engines.parties.types import CONSENT_SHARING, Band, DoubleState
from tests import makers
from tests.makers import DAY, MAKER, Ground

pytestmark = pytest.mark.django_db


def amina(**said: object) -> Ref:
    known = {"given_name": "Amina", "family_name": "Tarawneh", "birth_year": 1990, "phone": "0791234567"}
    return makers.person(**{**known, **said})


def asked(actor: object = MAKER, **said: object) -> parties.LookAlikes:
    known: dict[str, object] = {"given_name": "Amina", "family_name": "Tarawneh", "sex": "female", "birth_year": 1990}
    return parties.look_alikes(actor, **{**known, **said})


def search(ground: Ground) -> None:
    parties.ask_for_doubles(MAKER, scope=ground.scope)
    outbox.drain()


# At registration ----------------------------------------------------------------------------------------------


@pytest.mark.covers("EMPUNIT-02")
@pytest.mark.parametrize(
    "said",
    [
        {"given_name": "أمينة", "family_name": "الطراونة"},
        {"given_name": "Tarawneh", "family_name": "Amina"},
        {"given_name": "Ameena", "family_name": "Tarawnah", "phone": "079 123 45 67"},
        {"birth_year": 1991, "phone": "٠٧٩١٢٣٤٥٦٧"},
    ],
)
def test_who_is_there_already_is_shown_however_the_name_is_written(ground: Ground, said: dict[str, object]) -> None:
    ref = amina()
    makers.person(given_name="Rosa", family_name="Diallo")
    [found] = asked(scope=ground.scope, **said).seen
    assert found.person.ref == ref
    assert found.band is not Band.DIFFERENT
    assert {each.field for each in found.why} >= {"given", "family", "sex"}


def test_a_brother_with_the_same_telephone_is_not_taken_for_the_same_person(ground: Ground) -> None:
    amina()
    found = asked(scope=ground.scope, given_name="Rashid", sex="male", birth_year=1993, phone="0791234567").seen
    assert [one for one in found if one.band is Band.SAME] == []


def test_who_may_not_see_a_person_is_not_shown_them_and_hears_of_them_only_by_consent(ground: Ground) -> None:
    ref = amina(born_on=None)
    stranger = makers.someone("extension_worker", ground.foreign_scope)
    said = {"scope": ground.scope, "phone": "0791234567"}
    assert asked(stranger, **said) == parties.LookAlikes((), 0)
    parties.give_consent(MAKER, person_ref=ref, purpose=CONSENT_SHARING, on=DAY)
    assert asked(stranger, **said) == parties.LookAlikes((), 1)


def test_a_new_name_is_found_and_the_old_one_is_not(ground: Ground) -> None:
    ref = amina(phone="")
    parties.rename_person(
        MAKER, person_ref=ref, given_name="Salma", family_name="Haddad", phone="", on=DAY, why="Married"
    )
    assert asked().seen == ()
    assert [one.person.ref for one in asked(given_name="Selma", family_name="Hadad").seen] == [ref]


def test_who_was_forgotten_is_found_under_no_key(ground: Ground) -> None:
    ref = amina()
    assert SearchKey.objects.filter(person__ref=ref).exists()
    duties.forget(ref, DAY)
    assert not SearchKey.objects.filter(person__ref=ref).exists()
    assert asked().seen == ()


def test_from_a_search_key_nothing_can_be_read(ground: Ground, settings: object) -> None:
    first = set(SearchKey.objects.filter(person__ref=amina()).values_list("digest", flat=True))
    settings.SECRET_KEY = "another installation"  # type: ignore[attr-defined]
    second = set(SearchKey.objects.filter(person__ref=amina()).values_list("digest", flat=True))
    assert first.isdisjoint(second)


# Everybody ----------------------------------------------------------------------------------------------------


def test_a_search_finds_doubles_says_why_and_asked_twice_finds_the_same(ground: Ground) -> None:
    one, other = amina(), amina(given_name="Ameena", birth_year=1991)
    makers.person(given_name="Rosa", family_name="Diallo")
    search(ground)
    [found] = parties.possible_doubles(MAKER)
    assert {found.one.ref, found.other.ref} == {one, other}
    assert {each.field: each.level for each in found.why}["phone"] == "same"
    before = PossibleDouble.objects.values_list("ref", flat=True).get()
    search(ground)
    assert PossibleDouble.objects.values_list("ref", flat=True).get() == before
    [latest, _first] = parties.doubles_searches(MAKER)
    assert (latest.people, latest.finished_at is not None, latest.sure + latest.to_ask) == (3, True, 1)


def test_people_of_before_there_were_keys_are_put_under_them_by_the_search(ground: Ground) -> None:
    ref = amina()
    SearchKey.objects.all().delete()
    assert asked().seen == ()
    search(ground)
    assert [one.person.ref for one in asked(scope=ground.scope).seen] == [ref]


def test_what_is_decided_is_one_person_in_every_count_and_can_be_taken_back(ground: Ground) -> None:
    older, newer = amina(), amina(given_name="Ameena")
    search(ground)
    [found] = parties.possible_doubles(MAKER)
    parties.decide_double(MAKER, ref=found.ref, same=True, why="I know her.")
    assert parties.cluster_of([newer]) == {newer: older}, "the older record counts"
    assert parties.head_count(MAKER, scope=ground.scope).total == 1
    decided = parties.possible_double(MAKER, found.ref)
    assert (decided.state, decided.why_decided) == (DoubleState.SAME, "I know her.")
    parties.unmark_same(MAKER, duplicate=newer, why="Two sisters after all.")
    assert parties.head_count(MAKER, scope=ground.scope).total == 2
    assert parties.possible_double(MAKER, found.ref).state is DoubleState.DIFFERENT


def test_the_record_that_was_chosen_is_kept(ground: Ground) -> None:
    older, newer = amina(), amina(given_name="Ameena")
    search(ground)
    [found] = parties.possible_doubles(MAKER)
    parties.decide_double(MAKER, ref=found.ref, same=True, why="The newer has the right birthday.", keep=newer)
    assert parties.cluster_of([older]) == {older: newer}


def test_two_people_stay_two_and_are_not_asked_again(ground: Ground) -> None:
    amina()
    amina(given_name="Ameena")
    search(ground)
    [found] = parties.possible_doubles(MAKER)
    parties.decide_double(MAKER, ref=found.ref, same=False, why="Twins, I visited them.")
    search(ground)
    assert parties.possible_doubles(MAKER) == []
    assert parties.head_count(MAKER, scope=ground.scope).total == 2


def test_a_pair_is_decided_once(ground: Ground) -> None:
    amina()
    amina(given_name="Ameena")
    search(ground)
    [found] = parties.possible_doubles(MAKER)
    parties.decide_double(MAKER, ref=found.ref, same=False, why="Twins.")
    with pytest.raises(DoubleDecided):
        parties.decide_double(MAKER, ref=found.ref, same=True, why="No.")
    assert parties.head_count(MAKER, scope=ground.scope).total == 2


def test_three_records_of_one_person_end_in_one(ground: Ground) -> None:
    refs = [amina(), amina(given_name="Ameena"), amina(given_name="أمينة", family_name="الطراونة")]
    search(ground)
    for found in parties.possible_doubles(MAKER):
        parties.decide_double(MAKER, ref=found.ref, same=True, why="One person.")
    assert set(parties.cluster_of(refs).values()) == {refs[0]}
    assert parties.head_count(MAKER, scope=ground.scope).total == 1


def test_who_may_not_merge_neither_searches_nor_decides_and_who_sees_one_of_two_sees_no_pair(ground: Ground) -> None:
    amina()
    amina(given_name="Ameena")
    search(ground)
    [found] = parties.possible_doubles(MAKER)
    worker = makers.someone("extension_worker", ground.scope)
    with pytest.raises(NotAllowed):
        parties.ask_for_doubles(worker, scope=ground.scope)
    with pytest.raises(NotAllowed):
        parties.decide_double(worker, ref=found.ref, same=True, why="So it seems.")
    stranger = makers.someone("national_coordinator", ground.foreign_scope)
    assert parties.possible_doubles(stranger) == []
    with pytest.raises(NotFound):
        parties.possible_double(stranger, found.ref)
    assert parties.head_count(MAKER, scope=ground.scope).total == 2


def test_a_withdrawn_person_is_in_no_pair(ground: Ground) -> None:
    ref = amina()
    amina(given_name="Ameena")
    search(ground)
    services.withdraw_party(MAKER, ref=ref, why="The form was rejected.")
    assert parties.count_possible_doubles(MAKER) == 0
    assert DoublesSearch.objects.filter(finished_at__lte=clock.now()).exists()
