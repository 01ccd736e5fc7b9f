"""The OData feed of a form as Excel and Power BI ask for it: described, paged, filtered, scoped, masked, read only."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from jump.base import clock
from jump.base.models import AuditEvent
from jump.base.tokens import make_token
from jump.engines.evidence import api as evidence
from tests import makers
from tests.makers import Ground

pytestmark = pytest.mark.django_db
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
GROUPED = """
| survey |
| | type | name | label | data_class |
| | begin_group | shop | Shop | |
| | text | owner | Owner | P2 |
| | integer | age | Age | P2 |
| | decimal | sales | Sales | |
| | end_group | | | |
| | date | seen-on | Seen on | |
| | geopoint | spot | Spot | |
| | select_multiple kind | kinds | Kinds | |
| | begin_repeat | member | Members | |
| | text | name | Name | |
| | begin_repeat | job | Jobs | |
| | integer | hours | Hours | |
| | end_repeat | | | |
| | end_repeat | | | |

| choices |
| | list_name | name | label |
| | kind | a | A |
| | kind | b | B |
"""
ANSWERS = {
    "owner": "Maria",
    "age": 40,
    "sales": "12.50",
    "seen-on": "2004-03-01",
    "spot": "14.6 121.0 30 5",
    "kinds": ["a", "b"],
    "member": [{"name": "Ana", "job": [{"hours": 1}, {"hours": 2}]}, {"name": "Jo"}],
}


class Excel:
    """A program that signs in with a name and a token in the place of the word."""

    def __init__(self, role: str, path: str = "trial/") -> None:
        from django.contrib.auth import get_user_model

        self.actor = makers.signed_in(role, path)
        token, _row = make_token(get_user_model().objects.get(pk=self.actor.user_id), label="Excel")
        word = base64.b64encode(f"anything:{token}".encode()).decode()
        self.client = Client(headers={"Authorization": f"Basic {word}"})

    def answer(self, address: str) -> Any:
        whole = (
            address
            if address.startswith(("/", "http"))
            else f"/api/v1/forms/trial.shop.svc{'/' + address if address else ''}"
        )
        return self.client.get(whole)

    def get(self, address: str) -> Any:
        answer = self.answer(address)
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def excel(ground: Ground) -> Excel:
    makers.form("shop", GROUPED, data_class="P2")
    return Excel("extension_worker", "trial/asia/PH/")


@pytest.fixture
def ground(db: None) -> Ground:
    return makers.ground()


def sent(actor: Any, **asked: Any) -> str:
    return str(makers.submission(actor, form="trial.shop", **{"answers": ANSWERS, **asked}).ref)


def test_a_program_without_a_token_is_asked_for_one_in_the_way_it_understands(excel: Excel) -> None:
    for client in (Client(), Client(headers={"Authorization": "Basic " + base64.b64encode(b"a:b").decode()})):
        answer = client.get("/api/v1/forms/trial.shop.svc")
        assert (answer.status_code, answer.json()["code"]) == (401, "api.token_unknown")
        assert answer["WWW-Authenticate"].startswith('Basic realm="JUMP"')


def test_the_service_names_a_set_for_the_form_and_for_each_repeat(excel: Excel) -> None:
    answer = excel.answer("")
    assert answer["OData-Version"] == "4.0"
    assert answer.json() == {
        "@odata.context": "http://testserver/api/v1/forms/trial.shop.svc/$metadata",
        "value": [
            {"name": name, "kind": "EntitySet", "url": name}
            for name in ("Submissions", "Submissions.member", "Submissions.member.job")
        ],
    }


def test_the_metadata_describes_exactly_what_the_rows_hold(excel: Excel) -> None:
    sent(excel.actor)
    tree = ElementTree.fromstring(excel.answer("$metadata").content)
    types = {
        kind.get("Name"): {one.get("Name"): one.get("Type") for one in kind.iter(f"{EDM}Property")}
        for tag in ("EntityType", "ComplexType")
        for kind in tree.iter(f"{EDM}{tag}")
    }
    assert types["Submissions"] == {
        "__id": "Edm.String", "__system": "org.jump.trial_shop.System", "shop": "org.jump.trial_shop.Submissions_shop",
        "seen_on": "Edm.Date", "spot": "Edm.GeographyPoint", "kinds": "Edm.String",
    }  # fmt: skip
    assert types["Submissions_shop"] == {"owner": "Edm.String", "age": "Edm.Int64", "sales": "Edm.Decimal"}
    for name, kind in (("Submissions", "Submissions"), ("Submissions.member.job", "Submissions_member_job")):
        row = excel.get(name)["value"][0]
        assert {key for key in row if "@" not in key} == set(types[kind])
    assert set(excel.get("Submissions")["value"][0]["__system"]) == set(types["System"])
    assert [one.get("Name") for one in tree.iter(f"{EDM}EntitySet")] == [
        "Submissions", "Submissions.member", "Submissions.member.job",
    ]  # fmt: skip


def test_rows_have_the_shape_of_odk_central(excel: Excel, ground: Ground) -> None:
    ref = sent(excel.actor)
    row = excel.get("Submissions")["value"][0]
    system = row.pop("__system")
    assert row == {
        "__id": ref,
        "shop": {"owner": "Maria", "age": 40, "sales": 12.5},
        "seen_on": "2004-03-01",
        "spot": {"type": "Point", "coordinates": [121.0, 14.6, 30.0]},
        "kinds": "a b",
        "member@odata.navigationLink": f"Submissions('{ref}')/member",
    }
    assert (system["day"], system["reviewState"], system["place"]) == ("2004-03-01", "received", ground.scope)
    assert excel.get("Submissions.member")["value"] == [
        {"__id": f"{ref}.1", "__Submissions-id": ref, "name": "Ana"},
        {"__id": f"{ref}.2", "__Submissions-id": ref, "name": "Jo"},
    ]
    assert excel.get("Submissions.member.job")["value"] == [
        {"__id": f"{ref}.1.1", "__Submissions-member-id": f"{ref}.1", "hours": 1},
        {"__id": f"{ref}.1.2", "__Submissions-member-id": f"{ref}.1", "hours": 2},
    ]
    assert excel.get(f"Submissions('{ref}')")["__id"] == ref
    assert len(excel.get(f"Submissions('{ref}')/member")["value"]) == 2


def test_the_pages_together_are_every_row_once_while_more_come_in(excel: Excel) -> None:
    refs = [sent(excel.actor) for _number in range(5)]
    excel.client.defaults["HTTP_PREFER"] = "odata.maxpagesize=2"
    for name, wanted in (("Submissions", refs), ("Submissions.member", [f"{ref}.{n}" for ref in refs for n in (1, 2)])):
        found: list[str] = []
        page = excel.get(f"{name}?$count=true")
        assert page["@odata.count"] == len(wanted)
        while True:
            found += [row["__id"] for row in page["value"]]
            if "@odata.nextLink" not in page:
                break
            page = excel.get(page["@odata.nextLink"])
        assert found == wanted
    assert excel.answer("Submissions/$count").content == b"5"
    assert excel.answer("Submissions.member/$count").content == b"10"


def test_top_and_skip_take_a_piece(excel: Excel) -> None:
    refs = [sent(excel.actor) for _number in range(4)]
    page = excel.get("Submissions?$top=2&$skip=1")
    assert [row["__id"] for row in page["value"]] == refs[1:3]
    assert "@odata.nextLink" not in page
    repeats = excel.get("Submissions.member?$top=3&$skip=3")
    assert [row["__id"] for row in repeats["value"]] == [f"{refs[1]}.2", f"{refs[2]}.1", f"{refs[2]}.2"]
    assert excel.get("Submissions?$top=0&$count=true") | {"@odata.context": ""} == {
        "@odata.context": "", "@odata.count": 4, "value": [],
    }  # fmt: skip
    assert set(excel.get("Submissions?$select=kinds")["value"][0]) == {"__id", "kinds"}


def test_a_filter_on_day_state_and_instant_is_answered_and_another_is_refused_by_name(
    excel: Excel, ground: Ground
) -> None:
    clock.pin(date(2004, 6, 30))
    early = sent(excel.actor, on=date(2004, 1, 5))
    late = sent(excel.actor, on=date(2004, 3, 5), scope=ground.other_scope)
    evidence.accept(makers.someone("national_coordinator", "trial/"), ref=early)

    def refs(text: str) -> list[str]:
        return [row["__id"] for row in excel.get(f"Submissions?$filter={text}")["value"]]

    assert refs("__system/reviewState eq 'approved'") == [early]
    assert refs("__system/reviewState ne 'approved'") == [late]
    assert refs("__system/day ge 2004-02-01 and __system/submissionDate gt 2004-01-01T00:00:00Z") == [late]
    assert refs("not (__system/day lt 2004-02-01) or __system/reviewState eq 'approved'") == [early, late]
    assert refs(f"__system/place eq '{ground.scope}'") == [early]
    for bad in (
        "shop/owner eq 'Maria'",
        "__system/day ge x",
        "__system/day",
        "(",
        "__system/day eq 1 garbage '",
        "(" * 99,
    ):
        answer = excel.answer(f"Submissions?$filter={bad}")
        assert (answer.status_code, answer.json()["code"]) == (422, "api.odata_unsupported"), bad
    for bad in ("$orderby=x", "$top=-1", "$expand=*", "$skip=a", "$format=xml"):
        assert excel.answer(f"Submissions?{bad}").json()["code"] == "api.odata_unsupported", bad


def test_a_reader_gets_what_the_pages_would_show_them_and_no_more(excel: Excel, ground: Ground) -> None:
    sent(excel.actor)
    team = Excel("core_team")
    row = team.get("Submissions")["value"][0]
    assert row["shop"] == {"owner": "•••", "age": None, "sales": 12.5}
    assert row["__system"]["masked"] == "age owner"
    panel = Excel("selection_panel")
    assert panel.get("Submissions")["value"] == [], "who may look at forms one by one does not take them out in bulk"
    stranger = Excel("partner", ground.foreign_scope)
    assert stranger.get("Submissions")["value"] == []
    ref = excel.get("Submissions")["value"][0]["__id"]
    assert stranger.answer(f"Submissions('{ref}')").status_code == 404
    for missing in (
        "Nothing",
        "Submissions('sub-00000000')",
        "Submissions.member.nothing",
        "Submissions?$skiptoken=sub-0",
    ):
        assert excel.answer(missing).status_code == 404, missing
    assert excel.client.post("/api/v1/forms/trial.shop.svc/Submissions", {}).status_code == 405
    assert excel.answer("/api/v1/forms/trial.nothing.svc").status_code == 404


def test_the_trail_says_once_who_took_the_feed(excel: Excel) -> None:
    for _number in range(3):
        sent(excel.actor)
    excel.client.defaults["HTTP_PREFER"] = "odata.maxpagesize=2"
    page = excel.get("Submissions")
    excel.get(page["@odata.nextLink"])
    event = AuditEvent.objects.get(action="evidence.export")
    assert (event.who, event.facts["as"], event.facts["rows"]) == (excel.actor.key, "odata", 3)


def test_a_page_asks_the_database_as_often_whatever_its_rows(excel: Excel, django_assert_max_num_queries: Any) -> None:
    for _number in range(10):
        sent(excel.actor)
    with django_assert_max_num_queries(20):
        excel.get("Submissions?$count=true")
