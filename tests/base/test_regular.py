"""What nobody asks for happens all the same: once a minute, once a day, and one failure holds up nothing else."""

import datetime
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from jump.base import clock, outbox, regular

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.date(2004, 6, 30)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The work declared by the test alone, and what was done, in order."""
    seen: list[str] = []
    monkeypatch.setattr(regular, "_declared", {})
    regular.forget()
    regular.every_minute("minute", lambda actor: seen.append(actor.key))

    def breaks(_actor: Any) -> None:
        seen.append("broken")
        raise RuntimeError("no")

    regular.every_minute("broken", breaks)
    regular.every_day("day", lambda actor: seen.append(actor.key))
    yield seen
    regular.forget()
    clock.forget_pin()


def test_each_piece_is_done_when_it_is_due_and_a_failure_holds_up_no_other(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(regular.time, "monotonic", lambda: now[0])
    clock.pin(DAY)
    assert regular.run_due() == ["minute", "day"]
    assert done == ["system:regular.minute", "broken", "system:regular.day"]
    assert regular.run_due() == []

    now[0] += regular.MINUTE_SECONDS
    assert regular.run_due() == ["minute"]
    clock.pin(DAY + datetime.timedelta(days=1))
    assert regular.run_due() == ["day"]


def test_the_worker_does_what_is_due_when_it_starts(done: list[str]) -> None:
    stop = threading.Event()

    def last(_actor: Any) -> None:
        stop.set()

    regular.every_minute("last", last)
    worker = threading.Thread(target=outbox.work_for_ever, args=(stop,))
    worker.start()
    outbox._wake.set()
    worker.join(timeout=30)
    assert not worker.is_alive()
    assert "system:regular.day" in done


def test_what_is_declared_links_the_chain_ends_waits_and_counts_a_new_day() -> None:
    assert set(regular._declared) == {"chain", "holds", "cases", "figures", "loans", "sheets"}
    regular.forget()
    assert set(regular.run_due()) == {"chain", "holds", "cases", "figures", "loans", "sheets"}
