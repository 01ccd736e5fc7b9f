"""People and groups as readers use them: who sees whom, consent before records, one person one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, hidden, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.makers import Ground

pytestmark = pytest.mark.django_db
PLACE = "trial/asia/PH/riverside/"


@pytest.fixture
def ground(db: None) -> Ground:
    from tests import makers

    return makers.ground()


@pytest.fixture
def worker(ground: Ground) -> Reader:
    return reader("extension_worker", "trial/asia/PH/", "Liza")


@pytest.fixture
def coordinator(ground: Ground) -> Reader:
    return reader("national_coordinator", "trial/asia/PH/", "Jose")


@pytest.fixture
def maria(ground: Ground) -> Ref:
    from tests import makers

    return makers.person(given_name="María", family_name="Santos", flags=("unemployed",), birth_year=1979)


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "key": "new-person",
        "given_name": "Rosa",
        "family_name": "Lim",
        "sex": "female",
        "birth_year": "1984",
        "scope": PLACE,
        "consents": ["records"],
        "on": "2004-03-01",
        **changes,
    }


# Seeing -----------------------------------------------------------------------------------------------


@pytest.mark.covers("CROSS-03")
@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("programme_coordinator", True),
        ("national_coordinator", True),
        ("extension_worker", True),
        ("partner", True),
        ("fund_manager", True),
        ("core_team", False),
        ("donor", False),
        ("selection_panel", False),
        ("administrator", False),
    ],
)
def test_a_persons_page_is_for_roles_that_may_see_single_people(maria: Ref, role: str, sees: bool) -> None:
    answer = reader(role, "trial/").client.get(f"/people/{maria}/")
    assert answer.status_code == (200 if sees else 404)
    assert ("María Santos" in words(answer)) is sees


def test_a_strangers_way_leads_to_the_sign_in_page(maria: Ref, client: Any) -> None:
    assert client.get(f"/people/{maria}/").status_code == 302


def test_the_neighbour_country_finds_nobody(maria: Ref, ground: Ground) -> None:
    neighbour = reader("extension_worker", "trial/asia/TH/")
    assert neighbour.client.get(f"/people/{maria}/").status_code == 404
    assert "Santos" not in words(neighbour.client.get("/people/"))
    assert "Closest name" not in words(neighbour.client.get("/people/search/?q=Santos"))


@pytest.mark.covers("PROG-09")
def test_the_page_of_a_person_tells_situation_with_its_basis_consent_groups_and_jobs(
    worker: Reader, maria: Ref
) -> None:
    from tests import makers

    makers.group(members=[maria], name="Rice mill")
    text = words(worker.client.get(f"/people/{maria}/"))
    assert "María Santos Woman · born 1979 · Riverside" in text
    assert "Unemployed as the person says · 1 March 2004" in text
    assert "The programme may keep this record 1 March 2004" in text
    assert "Rice mill Member · 1 March 2004" in text
    assert "No job is reported." in text


@pytest.mark.covers("CROSS-04")
def test_sensitive_facts_are_not_on_the_page_of_a_reader_who_was_not_given_the_row(
    worker: Reader, ground: Ground
) -> None:
    from tests import makers

    ref = makers.person(flags=("disability",), consents=("records", "sensitive"))
    assert "Disability" not in words(worker.client.get(f"/people/{ref}/"))


def test_a_forgotten_person_has_no_name_anywhere(worker: Reader, maria: Ref) -> None:
    from datetime import date

    from jump.base import duties

    duties.forget(maria, date(2004, 5, 1))
    text = words(worker.client.get(f"/people/{maria}/"))
    assert "Santos" not in text
    assert f"Person {maria}" in text
    assert "What named them is destroyed; counts stay." in text
    assert "Santos" not in words(worker.client.get("/people/"))


# Finding ----------------------------------------------------------------------------------------------


def test_search_finds_people_groups_and_places_without_accents_and_case(worker: Reader, maria: Ref) -> None:
    from tests import makers

    group = makers.group(name="Santos weavers")
    text = words(worker.client.get("/people/search/?q=SANTOS"))
    assert "2 things begin with these words." in text
    assert text.index("María Santos") < text.index("Santos weavers")
    assert str(group) in text
    assert "María Santos" in words(worker.client.get("/people/search/?q=maria san"))


def test_a_slip_of_the_keys_offers_the_nearest_name(worker: Reader, maria: Ref) -> None:
    text = words(worker.client.get("/people/search/?q=Maria Sanots"))
    assert "Nothing is called “Maria Sanots”" in text
    assert "Closest name: María Santos" in text
    assert "Closest name: María Santos" in words(worker.client.get("/people/?q=Maria Sanots"))


def test_a_number_leads_straight_to_its_page(worker: Reader, maria: Ref) -> None:
    answer = worker.client.get(f"/people/search/?q={str(maria).upper()}")
    assert answer.status_code == 302
    assert answer["Location"] == f"/people/{maria}/"


def test_an_empty_search_says_what_can_be_found(worker: Reader) -> None:
    assert "Search by a name or a number" in words(worker.client.get("/people/search/"))


def test_an_empty_list_says_what_will_be_there(worker: Reader) -> None:
    assert "Nobody here yet" in words(worker.client.get("/people/"))
    assert "No group yet" in words(worker.client.get("/groups/"))
    assert "No organisation yet" in words(worker.client.get("/organisations/"))


# Registering ------------------------------------------------------------------------------------------


def test_a_person_is_registered_with_consent_and_gets_a_number(worker: Reader) -> None:
    from jump.engines.parties import api as parties

    done = worker.client.post("/people/new/", typed(), follow=True)
    assert "Rosa Lim is in the books." in words(done)
    (one,) = parties.people(worker.actor, q="Rosa Lim")
    assert (one.sex, one.birth_year, one.scope) == ("female", 1984, PLACE)


def test_sent_twice_it_is_one_person(worker: Reader) -> None:
    from jump.engines.parties import api as parties

    worker.client.post("/people/new/", typed(new="1"))
    worker.client.post("/people/new/", typed(new="1"))
    assert parties.count_people(worker.actor, q="Rosa Lim") == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"consents": []}, "Without the person’s word that the record may be kept, nothing is saved"),
        ({"sensitive": ["disability"]}, "There is no consent for this: sensitive."),
        ({"birth_year": "1881"}, "1881 cannot be the birth of a person registered on 1 March 2004."),
        ({"sex": ""}, "Choose one"),
        ({"scope": "trial/asia/TH/lamai/"}, "Select a valid choice"),
    ],
)
def test_without_consent_or_with_the_impossible_nobody_is_registered_and_the_words_stay(
    worker: Reader, changes: dict[str, Any], sentence: str
) -> None:
    from jump.engines.parties import api as parties

    answer = worker.client.post("/people/new/", typed(new="1", **changes))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'value="Rosa"' in answer.content.decode()
    assert parties.count_people(worker.actor) == 0


def test_somebody_with_a_like_name_is_shown_before_a_second_record_is_made(worker: Reader, maria: Ref) -> None:
    from jump.engines.parties import api as parties

    sent = typed(given_name="Maria", family_name="Santoz")
    asked = worker.client.post("/people/new/", sent)
    text = words(asked)
    assert "Is it one of these?" in text
    assert "María Santos Woman · 1979 · Riverside" in text
    assert parties.count_people(worker.actor) == 1
    assert hidden(asked, "key") == "new-person"
    worker.client.post("/people/new/", {**sent, "new": "1"})
    assert parties.count_people(worker.actor) == 2


@pytest.mark.parametrize("role", ["core_team", "donor", "selection_panel", "administrator"])
def test_only_those_who_may_write_register(ground: Ground, role: str) -> None:
    other = reader(role, "trial/")
    assert other.client.get("/people/new/").status_code == 403
    assert other.client.post("/people/new/", typed()).status_code == 403


# Consent and situation --------------------------------------------------------------------------------


def test_a_consent_is_added_and_withdrawn_with_its_days(worker: Reader, maria: Ref) -> None:
    from jump.engines.parties import api as parties

    worker.client.post(f"/people/{maria}/consents/", {"key": "c", "purpose": "photograph", "on": "2004-04-01"})
    worker.client.post(f"/people/{maria}/consents/photograph/end/", {"key": "c", "on": "2004-05-01"})
    given = {one.purpose: one for one in parties.consents(worker.actor, maria)}["photograph"]
    assert given.given_on.isoformat() == "2004-04-01"
    assert given.withdrawn_on is not None
    assert given.withdrawn_on.isoformat() == "2004-05-01"


def test_a_sensitive_fact_needs_consent_to_sensitive_facts(worker: Reader, maria: Ref) -> None:
    sent = {"key": "f", "code": "disability", "basis": "declared", "on": "2004-04-01"}
    answer = worker.client.post(f"/people/{maria}/flags/", sent)
    assert answer.status_code == 422
    assert "There is no consent for this" in words(answer)


# Groups -----------------------------------------------------------------------------------------------


def test_a_group_is_registered_joined_and_left(worker: Reader, maria: Ref) -> None:
    from jump.engines.parties import api as parties

    sent = {"key": "g", "name": "Rice mill", "kind": "self_help_group", "scope": PLACE, "on": "2004-03-01"}
    made = worker.client.post("/groups/new/", sent)
    ref = made["Location"].strip("/").split("/")[-1]
    found = words(worker.client.get(f"/groups/{ref}/join/?q=Maria Santos"))
    assert "María Santos" in found
    worker.client.post(f"/groups/{ref}/join/?person={maria}", {"key": "j", "role": "treasurer", "on": "2004-03-02"})
    text = words(worker.client.get(f"/groups/{ref}/"))
    assert "Members 1 1 women, 0 men" in text
    assert "María Santos Woman Treasurer 2 Mar 2004" in text
    again = worker.client.post(
        f"/groups/{ref}/join/?person={maria}", {"key": "k", "role": "member", "on": "2004-03-03"}
    )
    assert again.status_code == 409
    assert "is already a member since 2 March 2004." in words(again)
    worker.client.post(f"/groups/{ref}/members/{maria}/leave/", {"key": "l", "on": "2004-03-10", "why": "Moved"})
    view = parties.members(worker.actor, parties.groups(worker.actor)[0].ref, as_of=view_day())
    assert view == []


def view_day() -> Any:
    from datetime import date

    return date(2004, 4, 1)


def test_a_status_is_dated_and_stays_on_record(worker: Reader) -> None:
    from tests import makers

    ref = makers.group(name="Rice mill")
    worker.client.post(f"/groups/{ref}/status/", {"key": "s", "status": "dormant", "on": "2004-06-01"})
    assert "Today Asleep" in words(worker.client.get(f"/groups/{ref}/"))
    assert "Asleep since 1 June 2004 Active since 1 March 2004" in words(worker.client.get(f"/groups/{ref}/status/"))


def test_organisations_are_registered_and_listed_by_class(coordinator: Reader) -> None:
    sent = {
        "key": "o",
        "name": "Barangay bank",
        "kind": "bank",
        "partner_class": "local_facilitator",
        "scope": "trial/asia/PH/",
        "on": "2004-03-01",
    }
    coordinator.client.post("/organisations/new/", sent)
    text = words(coordinator.client.get("/organisations/?class=local_facilitator"))
    assert "Barangay bank Bank Local facilitator Active" in text
    assert "Barangay bank" not in words(coordinator.client.get("/organisations/?class=national_apex"))


def test_an_organisations_number_leads_to_its_page_from_the_group_address(coordinator: Reader) -> None:
    from tests import makers

    ref = makers.organisation()
    assert coordinator.client.get(f"/groups/{ref}/")["Location"] == f"/organisations/{ref}/"
    assert coordinator.client.get(f"/organisations/{ref}/").status_code == 200


# One person, two records ------------------------------------------------------------------------------


def test_two_records_are_marked_as_one_with_the_reason_and_the_mark_is_taken_back(
    coordinator: Reader, maria: Ref
) -> None:
    from jump.engines.parties import api as parties
    from tests import makers

    double = makers.person(given_name="Maria", family_name="Santos", birth_year=1979)
    assert "Maria Santos" in words(coordinator.client.get(f"/people/{maria}/same/"))
    both = words(coordinator.client.get(f"/people/{maria}/same/?other={double}"))
    assert "Woman, 1979, Riverside" in both
    nothing = coordinator.client.post(f"/people/{maria}/same/?other={double}", {"key": "m", "keep": maria, "why": ""})
    assert nothing.status_code == 422
    coordinator.client.post(
        f"/people/{maria}/same/?other={double}", {"key": "m", "keep": maria, "why": "Same card and birthday"}
    )
    assert parties.person(coordinator.actor, double).same_as == maria
    assert parties.head_count(coordinator.actor).total == 1
    assert "They are counted once, there." in words(coordinator.client.get(f"/people/{double}/"))
    coordinator.client.post(f"/people/{double}/not-same/", {"key": "u", "why": "Two sisters"})
    assert parties.person(coordinator.actor, double).same_as is None
    assert parties.head_count(coordinator.actor).total == 2


def test_a_worker_may_not_mark_records_as_one(worker: Reader, maria: Ref) -> None:
    from jump.engines.parties import api as parties
    from tests import makers

    double = makers.person()
    sent = {"key": "m", "keep": maria, "why": "Same"}
    assert worker.client.post(f"/people/{maria}/same/?other={double}", sent).status_code == 403
    assert parties.person(worker.actor, double).same_as is None


# Costs ------------------------------------------------------------------------------------------------


def test_no_page_asks_the_database_more_often_when_there_are_more_people(
    worker: Reader, maria: Ref, django_assert_max_num_queries: Any
) -> None:
    from tests import makers

    people = [makers.person(flags=("unemployed",)) for _number in range(12)]
    group = makers.group(members=[maria, *people])
    for _number in range(5):
        makers.group(members=people[:3])
        makers.organisation()
    paths = ["/people/", "/groups/", "/organisations/", "/people/search/?q=ana", f"/groups/{group}/"]
    for path in [*paths, f"/people/{maria}/", "/people/?q=zzz"]:
        with django_assert_max_num_queries(QUERIES_MAX):
            assert worker.client.get(path).status_code == 200, path


def test_lists_come_as_spreadsheets(worker: Reader, maria: Ref) -> None:
    import io

    from openpyxl import load_workbook

    answer = worker.client.get("/people/?as=excel")
    rows = list(load_workbook(io.BytesIO(answer.content)).worksheets[0].values)
    assert rows[0][:3] == ("Number", "Name", "Sex")
    assert rows[1][:3] == (str(maria), "María Santos", "Woman")
    assert worker.client.get("/groups/?as=excel").status_code == 200
    assert worker.client.get("/organisations/?as=excel").status_code == 200
