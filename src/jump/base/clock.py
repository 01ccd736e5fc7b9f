"""The two clocks: the day in the field, and the instant of recording.

The day is pinned where an installation holds the example programme, whose story ends on a fixed date; then the page
says so. The instant is always real. Functions in ``core`` read neither: they are told.
"""

import datetime

from django.utils import timezone

_cached: list[datetime.date | None] = []


def now() -> datetime.datetime:
    """The present instant, aware, in UTC."""
    return datetime.datetime.now(tz=datetime.UTC)


def today() -> datetime.date:
    """The day in the field: the pinned one if there is one, else this machine's local date."""
    return pinned() or timezone.localdate()


def pinned() -> datetime.date | None:
    """The fixed day of the example programme, or None in an installation that lives in real time."""
    if not _cached:
        from jump.base.models import Installation

        row = Installation.objects.filter(pk=1).values_list("today_pinned", flat=True).first()
        _cached.append(row)
    return _cached[0]


def pin(day: datetime.date | None) -> None:
    """Fix the day of this installation (None lets it live in real time). Used by the example's loader and by tests."""
    from jump.base.db import write_transaction
    from jump.base.models import Installation

    with write_transaction():
        Installation.objects.update_or_create(pk=1, defaults={"today_pinned": day})
    _cached[:] = [day]


def forget_pin() -> None:
    """Ask the database again at the next reading (after a flush or a restore)."""
    _cached.clear()
