"""All figures from 100,000 job spells beside plain SQL counts of the same; and what pages cost."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

DAY = date(2004, 6, 30)
SPELLS = int(os.environ.get("JUMP_BENCH_SPELLS", "100000"))
PLACES = ("trial/asia/PH/riverside/", "trial/asia/PH/hilltop/", "trial/asia/TH/lamai/")
BATCH = 5_000
LEVELS = 4  # programme, region, country, community
LIMIT_TIMES_SQL = 5  # a pass also keeps who the people are and the inputs of every value


def many_spells(count: int) -> None:
    """People and jobs in bulk: three in four verified, four in five of these decent, one in ten ended."""
    from jump.base.scopes import node_id
    from jump.engines.jobs.models import JobSpell, Post
    from jump.engines.parties.models import Person
    from tests import makers

    made_by = Person.objects.get(ref=makers.person())
    employer = makers.group()
    nodes = [node_id(path) for path in PLACES]
    for start in range(0, count, BATCH):
        people, posts, spells = [], [], []
        for number in range(start, min(start + BATCH, count)):
            person = Person(
                scope_id=made_by.scope_id,
                registered_on=made_by.registered_on,
                registered_at=made_by.registered_at,
                registered_by=made_by.registered_by,
                ref=f"per-{number:08d}",
                birth_year=1950 + number % 40,
            )
            person.sex = "female" if number % 2 else "male"
            people.append(person)
            post = Post(scope_id=nodes[number % 3], employer_ref=employer, title="Weaver", ref=f"pst-{number:08d}")
            posts.append(post)
        Person.objects.bulk_create(people)
        Post.objects.bulk_create(posts)
        for number, post in enumerate(posts, start=start):
            verified = number % 4 != 0
            spells.append(
                JobSpell(
                    scope_id=post.scope_id,
                    post=post,
                    ref=f"job-{number:08d}",
                    employer_ref=employer,
                    person_ref=f"per-{number:08d}",
                    kind="created",
                    started_on=date(2002 + number % 2, 1 + number % 12, 1),
                    ended_on=date(2004, 3, 1) if number % 10 == 0 else None,
                    claimed_on=date(2004, 1, 1),
                    claimed_by="user:1",
                    proof="verified" if verified else "claimed",
                    verified_on=date(2004, 2, 1) if verified else None,
                    is_decent=number % 5 != 0 if verified else None,
                )
            )
        JobSpell.objects.bulk_create(spells)


COUNT = """
SELECT s.scope_id, p.sex, COUNT(*) FROM jobs_jobspell s JOIN parties_person p ON p.ref = s.person_ref
WHERE s.kind = 'created' AND s.proof = 'verified' AND s.is_decent AND s.duplicate_of = '' AND s.started_on <= %s
GROUP BY s.scope_id, p.sex
"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


@pytest.mark.django_db(transaction=True)
def test_all_figures_from_many_jobs_and_what_pages_cost(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from jump.base import clock, duties, packages
    from jump.base.actors import system_actor
    from jump.engines.jobs import duties as job_duties
    from jump.engines.results import api as results
    from jump.engines.results.services.compute.run import defined_measures
    from tests import makers

    makers.ground()
    for folder in packages.in_order(["jump"]):
        packages.install(system_actor("bench"), folder)
    clock.pin(DAY)
    many_spells(SPELLS)
    actor = makers.someone("programme_coordinator", "trial/")
    monkeypatch.setattr(duties, "facts", lambda as_of: job_duties.facts(as_of=as_of))

    def plain_sql() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [DAY])
            return list(cursor.fetchall())

    timed(plain_sql)
    sql_seconds, rows = timed(plain_sql)
    asked = [one.measure for one in defined_measures() if any(term.fact == "jobs.spell" for term in one.measure.terms)]
    statements = sum(len(one.terms) * (1 + len(one.dimensions)) for one in asked) * LEVELS
    whole_seconds, _rows = timed(lambda: [plain_sql() for _number in range(statements)])
    facts_seconds, facts = timed(lambda: sum(1 for _fact in job_duties.facts(as_of=DAY)))
    with CaptureQueriesContext(connection) as seen:
        all_seconds, _ref = timed(lambda: results.compute(actor, as_of=DAY))
    value = results.current(actor, indicator="jump.jobs_total", scope="trial/").value
    assert value == sum(row[2] for row in rows)
    assert facts == SPELLS
    computation = results.computation(actor)
    assert computation is not None

    tracemalloc.start()
    results.compute(actor, as_of=DAY)
    peak = tracemalloc.get_traced_memory()[1] / 1_000_000
    tracemalloc.stop()

    pages = {}
    for name, ask in {
        "headline": lambda: results.headline(actor),
        "table": lambda: results.table(actor),
        "by country": lambda: results.by_scope(actor, indicator="jump.jobs_total"),
        "figure with 50 inputs": lambda: results.figure(actor, results.headline(actor).figure_ref, limit=50),
    }.items():
        with CaptureQueriesContext(connection) as queries:
            seconds, _view = timed(ask)
        pages[name] = (len(queries), seconds)
    clock.forget_pin()

    with capsys.disabled():
        print(f"\n{SPELLS:,} job spells, {connection.vendor}")
        print(f"  one count by place and sex, plain SQL   {sql_seconds:8.3f} s")
        print(f"  as many counts as there are job figures {whole_seconds:8.2f} s, {statements} statements")
        print(f"  facts streamed                          {facts_seconds:8.2f} s")
        print(
            f"  all figures, kept with their inputs     {all_seconds:8.2f} s, {len(seen)} queries, "
            f"{computation.values} values: {all_seconds / whole_seconds:.1f} x plain SQL (limit {LIMIT_TIMES_SQL})"
        )
        print(f"  peak memory of a pass                   {peak:8.0f} MB")
        for name, (number, seconds) in pages.items():
            print(f"  {name:<38} {number:4} queries (limit 30) {seconds * 1000:7.1f} ms")
    assert all(number <= 30 for number, _seconds in pages.values())
    assert all_seconds / whole_seconds <= LIMIT_TIMES_SQL
