"""Which records are one person: spellings, scripts, slips and gaps; what weighs how much; and what is only asked."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.duplicates import Band, Bands, Field, Kind, Model, clusters, find, folded, search_keys, skeleton, weigh
from tests.population import SCRIPTS, Population, population

FIELDS = (
    Field("given", Kind.GIVEN),
    Field("family", Kind.FAMILY),
    Field("sex", Kind.CODE, household_share=0.5),
    Field("born", Kind.DATE),
    Field("place", Kind.CODE),
    Field("phone", Kind.NUMBER),
)
Record = dict[str, str]


@pytest.fixture(scope="module")
def people() -> Population:
    return population(20_000, doubles=0.2, seed=3)


@pytest.fixture(scope="module")
def model(people: Population) -> Model:
    return find(FIELDS, people.values).model


def true_pairs(people: Population) -> set[tuple[int, int]]:
    of: dict[int, list[int]] = {}
    for place, who in enumerate(people.person.tolist()):
        of.setdefault(who, []).append(place)
    return {(one, other) for held in of.values() for k, one in enumerate(held) for other in held[k + 1 :]}


def somebody(**said: str) -> Record:
    known = {"given": "Amina", "family": "Tarawneh", "sex": "female", "born": "1990-04-12", "place": "plc-1"}
    return {"phone": "0791234567", **known, **said}


def probability(model: Model, one: Record, other: Record, people: int = 1_000_000) -> float:
    return weigh(FIELDS, one, [other], model=model, people=people)[0][0]


# Names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spellings",
    [
        ["Mohammed", "Muhammad", "Mohamad", "محمد", "مُحَمَّد", "Мухаммад", "MOHAMED"],
        ["Hussein", "Husain", "حسين", "Хусейн"],
        ["Khalid", "Khaled", "خالد", "Халид"],
        ["Yousef", "Yusuf", "Youssef", "يوسف", "Юсуф"],
        ["Al-Najjar", "al najjar", "النجار", "Najar"],
        ["Shevchenko", "Шевченко", "Ševchenko"],
        ["Żółć", "Zolc"],
    ],
)
def test_one_name_sounds_the_same_in_every_script_and_spelling(spellings: list[str]) -> None:
    assert len({skeleton(one) for one in spellings}) == 1, {one: skeleton(one) for one in spellings}


@pytest.mark.parametrize(("one", "other"), [("Ali", "Omar"), ("Maria", "Marta"), ("Diallo", "Diop"), ("Иван", "Юрий")])
def test_two_names_do_not_sound_the_same(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text(max_size=40))
def test_any_text_can_be_a_name(text: str) -> None:
    assert folded(text).isascii()
    assert folded(folded(text)) == folded(text)
    assert skeleton(text).isascii()


# Weights ----------------------------------------------------------------------------------------------------


def test_slips_swaps_gaps_and_another_script_still_make_one_person(model: Model) -> None:
    one = somebody()
    for other in (
        somebody(given="أمينة", family="الطراونة"),
        somebody(given="Tarawneh", family="Amina"),
        somebody(given="Ameena", phone=""),
        somebody(born="1990-12-04"),
        somebody(born="1990", place="plc-2"),
        somebody(family="Tarawnah", born="1990-04-13"),
    ):
        assert probability(model, one, other) > 0.9, other


def test_a_sister_a_twin_and_a_namesake_are_somebody_else(model: Model) -> None:
    one = somebody()
    for other in (
        somebody(given="Khadija", born="1994-11-02", phone=""),  # a sister
        somebody(given="Salma", phone=""),  # a twin
        somebody(given="Rashid", sex="male", phone=""),  # a twin brother
        somebody(born="1961-01-30", place="plc-99", phone="0770000001"),  # a namesake
    ):
        assert probability(model, one, other) < 0.5, other


def test_an_agreement_on_a_rare_name_weighs_more_than_on_a_common_one(model: Model) -> None:
    weights = {}
    for name in ("Garcia", "Tarawneh"):
        one = somebody(family=name)
        ((_share, why),) = weigh(FIELDS, one, [somebody(family=name, phone="")], model=model, people=1_000_000)
        weights[name] = next(each.weight for each in why if each.field == "family")
    assert weights["Garcia"] + 2 < weights["Tarawneh"]


def test_it_says_why_the_heaviest_first_and_keeps_silent_about_what_is_unknown(model: Model) -> None:
    ((share, why),) = weigh(FIELDS, somebody(), [somebody(phone="", born="1990-12-04")], model=model, people=1_000)
    assert 0 <= share <= 1
    assert "phone" not in {each.field for each in why}
    assert {each.field: each.level for each in why}["born"] == "one_slip"
    assert [abs(each.weight) for each in why] == sorted((abs(each.weight) for each in why), reverse=True)


def test_the_more_people_there_are_the_less_one_agreement_proves(model: Model) -> None:
    one, other = somebody(phone=""), somebody(phone="", born="1990")
    assert probability(model, one, other, people=1_000) > probability(model, one, other, people=10_000_000)


def test_kept_weights_are_the_weights(model: Model) -> None:
    kept = Model.from_data(json.loads(json.dumps(model.as_data())))
    assert probability(kept, somebody(), somebody(born="1991-04-12")) == probability(
        model, somebody(), somebody(born="1991-04-12")
    )


# Many -------------------------------------------------------------------------------------------------------


def test_among_twenty_thousand_records_doubles_are_found_in_every_script(people: Population) -> None:
    found = find(FIELDS, people.values)
    left, right = found.pairs(0.5)
    said, true = set(zip(left.tolist(), right.tolist(), strict=True)), true_pairs(people)
    assert 2 * len(said & true) / (len(said) + len(true)) >= 0.98
    for number, script in enumerate(SCRIPTS):
        here = {pair for pair in true if people.script[pair[0]] == number}
        assert len(said & here) / len(here) >= (0.9 if script == "arabic" else 0.97), script
    assert found.compared < 5 * len(people.person), "not everybody with everybody"


def test_what_is_sure_is_nearly_always_right_and_what_is_asked_is_little(people: Population) -> None:
    found, true = find(FIELDS, people.values), true_pairs(people)
    bands = [Bands().of(share) for share in found.probability.tolist()]
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    sure = [pair for pair, band in zip(pairs, bands, strict=True) if band is Band.SAME]
    assert sum(pair in true for pair in sure) / len(sure) >= 0.995
    assert bands.count(Band.ASK) <= 0.1 * len(true)


def test_the_same_records_in_another_order_give_the_same_doubles(people: Population) -> None:
    order = np.random.default_rng(5).permutation(len(people.person))
    turned = {name: [column[k] for k in order] for name, column in people.values.items()}
    known = find(FIELDS, people.values).model
    first, second = find(FIELDS, people.values, model=known), find(FIELDS, turned, model=known)
    one = {frozenset(pair) for pair in zip(*(part.tolist() for part in first.pairs(0.5)), strict=True)}
    other = {
        frozenset((int(order[a]), int(order[b])))
        for a, b in zip(*(part.tolist() for part in second.pairs(0.5)), strict=True)
    }
    assert len(one ^ other) <= 0.005 * len(one), "a window within a key that many share may end elsewhere"


def test_with_two_lists_only_pairs_across_are_proposed(people: Population) -> None:
    sides = [place % 2 for place in range(len(people.person))]
    left, right = find(FIELDS, people.values, sides=sides).pairs(0.5)
    assert len(left) > 1_000
    assert ((left % 2) != (right % 2)).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_records_are_no_trouble(count: int) -> None:
    values = {field.name: [somebody()[field.name]] * count for field in FIELDS}
    found = find(FIELDS, values)
    assert len(found.left) <= 1


def test_records_of_which_nothing_is_known_are_never_doubles() -> None:
    found = find(FIELDS, {field.name: [""] * 50 for field in FIELDS})
    assert found.compared == 0


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="a value for each record"):
        find(FIELDS[:2], {"given": ["a"], "family": []})
    with pytest.raises(ValueError, match="a value for each record"):
        find(FIELDS[:2], {"given": ["a"]})


def test_one_record_is_kept_under_keys_that_survive_a_wrong_letter_a_wrong_day_and_swapped_names() -> None:
    keys = set(search_keys(somebody(), FIELDS))
    for other in (
        somebody(given="Aminah"),
        somebody(born="1990-05-12"),
        somebody(given="Tarawneh", family="Amina"),
        somebody(given="Xxxx", born=""),
        somebody(phone=""),
    ):
        assert keys & set(search_keys(other, FIELDS)), other


# Clusters ---------------------------------------------------------------------------------------------------

PAIRS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40)


@given(PAIRS, st.randoms(use_true_random=False))
def test_clusters_are_the_same_in_whatever_order_pairs_are_joined(pairs: list[tuple[int, int]], chance: object) -> None:
    def joined(some: list[tuple[int, int]]) -> list[int]:
        both = np.array(some, dtype=np.int64).reshape(-1, 2)
        return clusters(20, both[:, 0], both[:, 1]).tolist()

    turned = [(b, a) for a, b in pairs]
    chance.shuffle(turned)  # type: ignore[attr-defined]
    assert joined(pairs) == joined(turned)
    expected = list(range(20))
    for _round in range(20):
        for a, b in pairs:
            expected[a] = expected[b] = min(expected[a], expected[b])
    assert joined(pairs) == expected


def test_bands_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="ask_from"):
        Bands(same_from=0.1, ask_from=0.5)
