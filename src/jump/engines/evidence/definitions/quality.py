"""What is odd about a filled form although the form takes it: shown to the reviewer, never a reason to refuse.

Every rule is ours and has a default; a form's `quality` in forms.yaml sets its own: `seconds_min` for the whole form,
`days_late_max` between filling in and arriving, `metres_max` from where the place's earlier forms were filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median, quantiles
from typing import Any

from django.utils.translation import gettext as _

from jump.engines.evidence.definitions.answers import leaves
from jump.engines.evidence.definitions.xpath import metres_between
from jump.engines.evidence.types import FieldError

TOO_FAST, CLOCK_WRONG, SENT_LATE = "too_fast", "clock_wrong", "sent_late"
FAR_AWAY, IDENTICAL, OUTLIER = "far_away", "identical", "outlier"

SECONDS_PER_ANSWER = Decimal("1.5")
ANSWERS_FOR_PACE = 5
DAYS_LATE_MAX = 7
CLOCK_AHEAD = timedelta(days=1)  # it may be tomorrow already where the device is
METRES_MAX = 5_000
POINTS_NEEDED = 5
VALUES_NEEDED = 20
ANSWERS_FOR_IDENTICAL = 3
FENCE = 3  # quartile distances beyond the quartiles (Tukey's outer fence)

Answers = Mapping[str, Any]


def of_one(
    schema: Mapping[str, Any], answers: Answers, *, received_on: date, rules: Mapping[str, Any]
) -> Iterator[FieldError]:
    """What the form's own times tell: filled in too fast, sent late, a clock that runs ahead."""
    times = {str(field.get("meta")): value for _path, field, value in leaves(schema["fields"], answers)}
    start, end = _moment(times.get("start")), _moment(times.get("end"))
    asked = sum(1 for _path, field, _value in leaves(schema["fields"], answers) if field["type"] not in _NOT_TYPED)
    if start is not None and end is not None and asked >= ANSWERS_FOR_PACE:
        seconds = int((end - start).total_seconds())
        least = int(rules.get("seconds_min") or asked * SECONDS_PER_ANSWER)
        if seconds < least:
            told = _("Filled in within %(seconds)s seconds; %(count)s answers take at least %(least)s.")
            yield _odd(told % {"seconds": max(seconds, 0), "count": asked, "least": least}, TOO_FAST)
    last = end or start
    if last is not None and last.date() > received_on + CLOCK_AHEAD:
        yield _odd(
            _("The clock of the device is ahead: it says %(day)s.") % {"day": last.date().isoformat()}, CLOCK_WRONG
        )
    most = int(rules.get("days_late_max") or DAYS_LATE_MAX)
    days = (received_on - last.date()).days if last is not None else 0
    if days > most:
        yield _odd(_("It arrived %(days)s days after it was filled in.") % {"days": days}, SENT_LATE)


def corrected_clock(seconds: int) -> FieldError:
    """A phone whose clock was wrong by so many seconds (ahead where positive), and whose times were set right."""
    told = (
        _("The clock of the phone was %(days)s days ahead. Its times were set right by the office's clock.")
        if seconds > 0
        else _("The clock of the phone was %(days)s days behind. Its times were set right by the office's clock.")
    )
    return _odd(told % {"days": f"{abs(seconds) / 86_400:.1f}"}, CLOCK_WRONG)


_NOT_TYPED = frozenset({"calculate", "hidden", "note"})


def against_earlier(
    schema: Mapping[str, Any], answers: Answers, earlier: Sequence[tuple[bool, Answers]], rules: Mapping[str, Any]
) -> Iterator[FieldError]:
    """What earlier forms of the same place tell; each with whether the same person sent it, newest first."""
    yield from _identical(schema, answers, [held for is_own, held in earlier if is_own])
    metres_max = int(rules.get("metres_max") or METRES_MAX)
    for path, field, value in leaves(schema["fields"], answers):
        if "." in path:
            continue
        before = [held[field["key"]] for _own, held in earlier if held.get(field["key"]) not in (None, "")]
        if field["type"] == "geopoint":
            yield from _far(path, str(value), [str(one) for one in before], metres_max)
        elif field["type"] in ("integer", "decimal"):
            yield from _outlying(path, value, before)


def _identical(schema: Mapping[str, Any], answers: Answers, own: Sequence[Answers]) -> Iterator[FieldError]:
    mine = _typed(schema, answers)
    if len(mine) >= ANSWERS_FOR_IDENTICAL and any(_typed(schema, held) == mine for held in own):
        yield _odd(_("Every answer is the same as in an earlier form of the same person."), IDENTICAL)


def _typed(schema: Mapping[str, Any], answers: Answers) -> dict[str, str]:
    return {
        path: str(value) for path, field, value in leaves(schema["fields"], answers) if field["type"] not in _NOT_TYPED
    }


def _far(path: str, value: str, before: Sequence[str], metres_max: int) -> Iterator[FieldError]:
    here, points = _point(value), [point for point in map(_point, before) if point is not None]
    if here is None or len(points) < POINTS_NEEDED:
        return
    usual = median(lat for lat, _lon in points), median(lon for _lat, lon in points)
    metres = round(metres_between(here, usual))
    if metres > metres_max:
        told = _("Filled in %(km)s km from where forms of this place are filled in.")
        yield _odd(told % {"km": round(metres / 1_000)}, FAR_AWAY, path)


def _outlying(path: str, value: Any, before: Sequence[Any]) -> Iterator[FieldError]:
    try:
        number, numbers = float(value), [float(one) for one in before]
    except (TypeError, ValueError):
        return
    if len(numbers) < VALUES_NEEDED:
        return
    low, _middle, high = quantiles(numbers, n=4)
    reach = FENCE * (high - low)
    if reach and not low - reach <= number <= high + reach:
        told = _("%(value)s is far from earlier answers, which mostly lie between %(low)g and %(high)g.")
        yield _odd(told % {"value": value, "low": low, "high": high}, OUTLIER, path)


def _odd(message: str, code: str, path: str = "") -> FieldError:
    return FieldError(path, message, "", code)


def _point(text: str) -> tuple[float, float] | None:
    try:
        latitude, longitude, *_rest = (float(part) for part in text.split())
    except ValueError:
        return None
    return latitude, longitude


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
