"""Writers wait for their turn, and each gets it."""

import threading
import time

import pytest
from django.db import transaction

from jump.base.db import DiskFull, FairLock, says_disk_full, write_transaction


def test_waiters_are_served_in_the_order_in_which_they_came() -> None:
    lock = FairLock()
    served: list[int] = []
    lock.acquire()

    def wait(number: int) -> None:
        lock.acquire()
        served.append(number)
        lock.release()

    threads = []
    for number in range(6):
        thread = threading.Thread(target=wait, args=(number,))
        thread.start()
        threads.append(thread)
        while len(lock._waiters) <= number:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4, 5]


def test_the_holder_may_take_the_lock_again_and_keeps_it_until_the_last_release() -> None:
    lock = FairLock()
    lock.acquire()
    lock.acquire()
    lock.release()
    assert lock.held
    lock.release()
    assert not lock.held


def test_no_two_threads_are_ever_inside() -> None:
    lock = FairLock()
    inside = 0
    worst = 0
    turns = dict.fromkeys(range(8), 0)
    stop = time.monotonic() + 0.5

    def work(number: int) -> None:
        nonlocal inside, worst
        while time.monotonic() < stop:
            lock.acquire()
            inside += 1
            worst = max(worst, inside)
            turns[number] += 1
            inside -= 1
            lock.release()

    threads = [threading.Thread(target=work, args=(number,)) for number in turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == 1
    assert min(turns.values()) > 0


@pytest.mark.django_db(transaction=True)
def test_a_failed_transaction_leaves_the_lock_free_and_nothing_written() -> None:
    from jump.base.models import ScopeNode

    with pytest.raises(RuntimeError), write_transaction():
        ScopeNode.objects.create(path="x/", kind="programme", title="X")
        raise RuntimeError("stop")
    assert not ScopeNode.objects.filter(path="x/").exists()
    with write_transaction():
        ScopeNode.objects.create(path="x/", kind="programme", title="X")
    assert ScopeNode.objects.filter(path="x/").exists()


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_refused_by_name_and_leaves_nothing_half_done() -> None:
    from django.db import connection

    from jump.base.models import ScopeNode

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL: needs a small file system of its own")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA max_page_count")
        limit = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
    try:
        with pytest.raises(DiskFull) as refusal, write_transaction():
            for number in range(400):
                ScopeNode.objects.create(path=f"{number}/" + "x" * 150, kind="programme", title="t" * 200)
        assert refusal.value.code == "base.disk_full"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {limit}")
    assert ScopeNode.objects.count() == 0


def test_other_database_errors_are_not_taken_for_a_full_disk() -> None:
    assert not says_disk_full(transaction.TransactionManagementError("no"))
