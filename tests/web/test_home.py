"""The first page: what it says to each role, and that it asks the database no more than thirty times."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jump.base import clock, packages
from jump.base.models import RoleAssignment
from jump.base.scopes import ScopeNode, forget_nodes
from jump.engines.results import api as results
from tests.web import area_ground
from tests.web.area_ground import PHILIPPINES, SYSTEM, TODAY, Site
from tests.web.frame_fixtures import person, sign_in

pytestmark = pytest.mark.django_db

QUERIES_MAX = 30
MORE_STAFF = {
    "core": ("core_team", "jump/asia/PH/riverside/"),
    "panel": ("selection_panel", "jump/"),
    "partner": ("partner", PHILIPPINES),
    "admin": ("administrator", "jump/"),
}
EVERYBODY = (*area_ground.STAFF, *MORE_STAFF)


@pytest.fixture
def site() -> Any:
    """A country at work, with its figures computed."""
    stands = area_ground.stand()
    for name, (role, path) in MORE_STAFF.items():
        person(name, role, path)
    results.compute(SYSTEM, as_of=TODAY)
    yield stands
    clock.forget_pin()


def forget_everything() -> None:
    """As in a process that has just begun."""
    cache.clear()
    packages.forget()
    clock.forget_pin()
    forget_nodes()


def first_page(name: str) -> tuple[str, int]:
    """The page as this person sees it, and what it cost when nothing was remembered."""
    client = Client()
    sign_in(client, name)
    forget_everything()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/")
    assert answer.status_code == (302 if name == "admin" else 200)
    return answer.content.decode(), len(asked)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_first_page_asks_at_most_thirty_times_whoever_asks(site: Site) -> None:
    cost = {name: first_page(name)[1] for name in EVERYBODY}
    assert {name: number for name, number in cost.items() if number > QUERIES_MAX} == {}


def test_more_people_groups_loans_and_jobs_do_not_make_the_first_page_ask_more(site: Site) -> None:
    from jump.engines.finance.models import Contract
    from jump.engines.jobs.models import JobSpell
    from jump.engines.parties import api as parties

    before = {name: first_page(name)[1] for name in ("ana", "jose", "grace")}
    for number in range(12):
        group = parties.register_group(
            SYSTEM, scope=site.scope, name=f"Weavers {number}", kind="self_help_group", on=date(2003, 2, 3)
        )
        claim = JobSpell.objects.get(ref=site.claim)
        claim.pk, claim.ref, claim.employer_ref = None, f"job-0000000{number:x}", group
        claim.key = f"more-{number}"
        claim.save()
        loan = Contract.objects.get(ref=site.loan)
        loan.pk, loan.ref, loan.first_unpaid_on = None, f"ctr-0000000{number:x}", date(2004, 3, 1)
        loan.key = f"more-{number}"
        loan.save()
    after = {name: first_page(name) for name in ("ana", "jose", "grace")}
    assert {name: asked for name, (_page, asked) in after.items()} == before
    assert re.findall(r'data-l="Loans late">([^<–]+)<', after["grace"][0]) == ["13 of 13"]


def test_the_table_of_countries_tells_late_loans_only_of_a_country_that_is_seen_as_a_whole(site: Site) -> None:
    from jump.engines.finance.models import Contract

    Contract.objects.filter(ref=site.loan).update(first_unpaid_on=date(2004, 5, 27))
    for name in ("ana", "jose", "grace", "donor"):
        assert 'data-l="Loans late">1 of 1<' in first_page(name)[0], name
    assert "Loans late" not in first_page("panel")[0]  # sees no single loan anywhere
    assert "Loans late" not in first_page("core")[0]  # sees those of one community, which are not the country's


def test_the_head_of_a_page_counts_the_communities_that_were_chosen(site: Site) -> None:
    from jump.engines.results.models import Computation, Indicator, Value

    page, _asked = first_page("ana")
    assert "9 countries · 1 community<" in page  # it is on record; nobody has chosen one yet
    chosen = Indicator.objects.get(full_id="jump.communities_selected")
    for path, number in (("jump/", 3), (PHILIPPINES, 3)):
        Value.objects.create(
            ref=f"val-0000000{len(path) % 10}",
            computation=Computation.objects.get(slot="current"),
            indicator=chosen,
            version=chosen.versions.latest("pk"),
            scope=ScopeNode.objects.get(path=path),
            value=number,
            n=number,
            run=1,
        )
    page, _asked = first_page("ana")
    assert "9 countries · 3 communities chosen<" in page
    assert "Communities chosen" in page


def test_one_who_reads_no_results_is_led_to_what_waits_for_them(site: Site) -> None:
    client = Client()
    sign_in(client, "admin")
    assert client.get("/").headers["Location"] == "/tasks/"
    RoleAssignment.objects.filter(user__username="admin").delete()
    assert client.get("/").headers["Location"] == "/tasks/"
