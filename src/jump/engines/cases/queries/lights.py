"""The traffic light of something with a due date (CER-12)."""

from datetime import date

from jump.engines.cases.types import Light

WARN_DAYS = 14  # our default: so many days before its date a thing turns amber


def light(due_on: date | None, as_of: date, *, is_open: bool) -> Light:
    """Green when done or dateless, red when late, amber in the last 14 days, blue before.

    >>> light(date(2004, 6, 30), date(2004, 7, 1), is_open=True).value
    'bad'
    >>> light(date(2004, 6, 30), date(2004, 6, 16), is_open=True).value
    'warn'
    >>> light(date(2004, 6, 30), date(2004, 6, 15), is_open=True).value
    'blue'
    """
    if not is_open or due_on is None:
        return Light.BLUE if is_open else Light.GOOD
    if as_of > due_on:
        return Light.BAD
    return Light.WARN if (due_on - as_of).days <= WARN_DAYS else Light.BLUE
