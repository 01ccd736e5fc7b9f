"""What the machine does by itself: every minute, and once a day.

The worker asks ``run_due`` whenever nothing else waits. Each piece of work is safe to repeat and to interrupt, so it is
kept in memory alone when it was last done: a worker that starts does everything once.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jump.base import clock
from jump.base.actors import Actor, system_actor

logger = logging.getLogger("jump")
MINUTE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Regular:
    """A piece of work: every minute, or on the first look of a day."""

    function: Callable[[Actor], Any]
    is_daily: bool


_declared: dict[str, Regular] = {}
_done: dict[str, Any] = {}


def every_minute(name: str, function: Callable[[Actor], Any]) -> None:
    """Do this about once a minute while the worker has nothing else to do. Called by wiring alone."""
    _declared[name] = Regular(function, is_daily=False)


def every_day(name: str, function: Callable[[Actor], Any]) -> None:
    """Do this when a day begins, and when the worker starts. Called by wiring alone."""
    _declared[name] = Regular(function, is_daily=True)


def run_due() -> list[str]:
    """Do what is due now; returns the names. Work that fails is logged and tried again when it is due next."""
    ran = []
    for name, work in _declared.items():
        now = clock.today() if work.is_daily else time.monotonic()
        last = _done.get(name)
        if last is not None and (last == now if work.is_daily else now - last < MINUTE_SECONDS):
            continue
        _done[name] = now
        try:
            work.function(system_actor(f"regular.{name}"))
            ran.append(name)
        except Exception:
            logger.exception("regular work %s failed", name)
    return ran


def forget() -> None:
    """As if nothing had been done yet: for a new worker, and for tests."""
    _done.clear()
