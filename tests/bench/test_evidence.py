"""Forms a second through the whole path (HTTP, XML, checks, rows, commit) beside a bare insert of the same run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.engines.evidence.sending import instance, post

COUNT = int(os.environ.get("JUMP_BENCH_COUNT", "200"))
TIMES_BARE_MAX = 80  # processor of this process for a form, in bare inserts of the same run; 54 where much else ran


def cost(work: Callable[[int], None], count: int = COUNT) -> tuple[float, float]:
    """How often a second, and the processor time of each in ms, after three that warm up."""
    for number in (-3, -2, -1):
        work(number)
    began, busy = time.perf_counter(), time.process_time()
    for number in range(count):
        work(number)
    return count / (time.perf_counter() - began), (time.process_time() - busy) / count * 1000


@pytest.mark.django_db(transaction=True)
def test_forms_sent_by_a_device_beside_bare_inserts(capsys: pytest.CaptureFixture[str]) -> None:
    from django.db import connection
    from django.test import Client

    from jump.base.db import write_transaction
    from jump.engines.evidence import api as evidence
    from jump.engines.evidence.models import Submission
    from tests import makers

    makers.ground()
    makers.form()
    coordinator = makers.someone("national_coordinator", "trial/asia/PH/")
    token = evidence.make_app_user(coordinator, name="Phone", scope="trial/asia/PH/riverside/")[1]
    client: Any = Client()

    def through_the_door(number: int) -> None:
        assert post(client, f"/openrosa/key/{token}/submission", instance(f"uuid:{number}")).status_code == 201

    with write_transaction(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (number varchar(40) UNIQUE, content text)")

    def bare(number: int) -> None:
        with write_transaction(durable=True), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bare (number, content) VALUES (%s, %s)", [f"uuid:{number}", instance(str(number)).decode()]
            )

    try:
        (whole, ours), (raw, theirs) = cost(through_the_door), cost(bare)
    finally:
        with write_transaction(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE bare")
    with capsys.disabled():
        print(
            f"\n{connection.vendor}: {whole:.0f} forms/s through the whole path, {raw:.0f} bare inserts/s; "
            f"{ours:.1f} ms and {theirs:.2f} ms of processor each, {ours / theirs:.0f} times (limit {TIMES_BARE_MAX}); "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()}"
        )
    assert Submission.objects.count() == COUNT + 3
    assert ours < TIMES_BARE_MAX * theirs
