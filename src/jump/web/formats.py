"""Numbers, dates, money and shares as a reader of the active language writes them.

The rules are those of the design: minus is "−", a missing figure is "–", zero is "0"; dates in words, never 06/07/05;
the currency's code before the amount with a hard space and the currency's own number of decimals; ranges with an en
dash. Digits are 0 to 9 in every language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as date_words
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _

from jump.core.money import Money, exponent_of

MISSING = "–"
MINUS = "−"
HARD_SPACE = "\u00a0"
THIN_HARD_SPACE = "\u202f"
EN_DASH = "–"

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Habit:
    """How one language writes numbers and dates (patterns of Django's date format)."""

    thousands: str
    decimal: str
    percent: str
    day: str
    day_short: str
    day_month: str
    weekday: str


_HABITS = {
    "en": Habit(",", ".", "%", "j F Y", "j M Y", "j F", "l j F"),
    "fr": Habit(THIN_HARD_SPACE, ",", HARD_SPACE + "%", "j F Y", "j M Y", "j F", "l j F"),
    # as in Peru, Honduras and Nicaragua, where the programme speaks Spanish; Spain writes 1.234,50
    "es": Habit(",", ".", HARD_SPACE + "%", r"j \d\e F \d\e Y", "j M Y", r"j \d\e F", r"l j \d\e F"),
    "ar": Habit(",", ".", "%", "j F Y", "j F Y", "j F", "l j F"),
}

# People say the sign of this one, not its code.
_CODES = {"USD": "US$"}


def habit() -> Habit:
    """The habit of the active language; English where we know none."""
    return _HABITS.get((get_language() or "en").split("-")[0], _HABITS["en"])


def number(value: Number | str | None, decimals: int | None = None) -> str:
    """A number grouped by thousands; `decimals` fixes how many are shown.

    >>> number(11482), number(-3), number(None), number(0), number(6.75, 1)
    ('11,482', '−3', '–', '0', '6.8')
    """
    exact = _decimal(value)
    if exact is None:
        return MISSING
    if decimals is None:
        decimals = max(0, -int(exact.normalize().as_tuple().exponent)) if exact != exact.to_integral_value() else 0
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    whole, _point, rest = f"{abs(rounded):f}".partition(".")
    groups = f"{int(whole):,}".replace(",", habit().thousands)
    written = groups + (habit().decimal + rest if decimals else "")
    return _isolated(MINUS + written) if rounded < 0 else written


def amount(minor: int | str | None, currency: str) -> str:
    """Minor units as a number with the currency's own decimals, without the code.

    >>> amount(2_132_371, "PHP"), amount(4500, "CLP")
    ('21,323.71', '4,500')
    """
    if minor is None or minor == "":
        return MISSING
    places = exponent_of(currency)
    return number(Decimal(int(minor)).scaleb(-places), places)


def money(value: Money | int | str | None, currency: str = "") -> str:
    """Code, hard space, amount: an amount never breaks over two lines.

    >>> money(Money(2_132_371, "PHP")), money(14_100, "USD"), money(None)
    ('PHP\\xa021,323.71', 'US$\\xa0141.00', '–')
    """
    if value is None or value == "":
        return MISSING
    minor, currency = _parts(value, currency)
    return f"{_CODES.get(currency, currency)}{HARD_SPACE}{amount(minor, currency)}"


def quantity(value: Any) -> str:
    """A quantity with the unit as people call it, no decimals that say nothing: 1,250 kg."""
    if value is None:
        return MISSING
    exact = value.major.normalize()
    return f"{number(exact, max(0, -int(exact.as_tuple().exponent)))}\u00a0{value.label or value.unit}"


def money_round(value: Money | int | str | None, currency: str = "") -> str:
    """A large amount for a dashboard: whole units, or millions with one decimal.

    >>> money_round(Money(123_456_789, "USD")), money_round(Money(814_000, "USD"))
    ('US$\\xa01.2 million', 'US$\\xa08,140')
    """
    if value is None or value == "":
        return MISSING
    minor, currency = _parts(value, currency)
    units = Decimal(minor).scaleb(-exponent_of(currency))
    code = _CODES.get(currency, currency) + HARD_SPACE
    if abs(units) >= 1_000_000:
        millions = (units / 1_000_000).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        return code + ngettext("%(amount)s million", "%(amount)s million", int(millions)) % {
            "amount": number(millions, 1)
        }
    return code + number(units, 0)


def _isolated(text: str) -> str:
    """On a right-to-left page a range or a minus would turn round; inside an isolate it does not."""
    return f"\u2066{text}\u2069" if get_language_bidi() else text


def _parts(value: Money | int | str, currency: str) -> tuple[int, str]:
    """Minor units and code, whether they came together or apart."""
    return (value.amount_minor, value.currency) if isinstance(value, Money) else (int(value), currency)


def share(value: Number | str | None, decimals: int = 0) -> str:
    """A part of one as per cent.

    >>> share(0.52), share("0.068", 1), share(None)
    ('52%', '6.8%', '–')
    """
    exact = _decimal(value)
    return MISSING if exact is None else number(exact * 100, decimals) + habit().percent


def share_of(part: Number | None, whole: Number | None, decimals: int = 0) -> str:
    """How much of the whole the part is, as per cent; missing where there is no whole.

    >>> share_of(5970, 11482), share_of(1, 0)
    ('52%', '–')
    """
    if part is None or not whole:
        return MISSING
    return share(Decimal(str(part)) / Decimal(str(whole)), decimals)


def span(low: Number | None, high: Number | None, decimals: int | None = None) -> str:
    """A range with an en dash.

    >>> span(15900, 20300)
    '15,900–20,300'
    """
    if low is None or high is None:
        return MISSING
    return _isolated(f"{number(low, decimals)}{EN_DASH}{number(high, decimals)}")


def day(value: date | str | None) -> str:
    """A date in words: 30 June 2005."""
    return _written(value, habit().day)


def day_short(value: date | str | None) -> str:
    """A date for a narrow column: 30 Jun 2005."""
    return _written(value, habit().day_short)


def day_month(value: date | str | None) -> str:
    """A day whose year is plain from the page: 30 June."""
    return _written(value, habit().day_month)


def day_week(value: date | str | None, today: date | None = None) -> str:
    """With the weekday for the next fortnight, otherwise as `day`."""
    on = _as_date(value)
    start = today or _today()
    if on is not None and start <= on <= start + timedelta(days=14):
        return _written(on, habit().weekday)
    return day(on)


def month(value: date | str | None) -> str:
    """June 2005."""
    return _written(value, "F Y" if habit() is not _HABITS["es"] else r"F \d\e Y")


def moment(value: datetime | date | None) -> str:
    """An instant with its zone: 30 June 2005, 18:00 UTC. A mere day is written as a day."""
    if not value:
        return MISSING
    if not isinstance(value, datetime):
        return day(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    zone = date_words(local, "T") if timezone.is_aware(value) else ""
    return f"{day(local)}, {local:%H:%M} {zone}".strip()


def clock_time(value: datetime | None) -> str:
    """Time of day in 24 hours: 09:40."""
    if not value:
        return MISSING
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{local:%H:%M}"


def chance(value: float | None) -> str:
    """A probability as people say it, in the smallest whole numbers that tell it closely enough.

    >>> chance(0.125), chance(0.38), chance(0.93), chance(None)
    ('1 chance in 8', '3 chances in 8', '93 chances in 100', '–')
    """
    if value is None:
        return MISSING
    if value < 0.005:
        return _("less than 1 chance in 100")
    if value > 0.995:
        return _("almost certain")
    close_enough = max(0.0051, 0.05 * min(value, 1 - value))
    for whole in (2, 3, 4, 5, 8, 10, 20, 50, 100):
        part = round(value * whole)
        if 0 < part < whole and abs(part / whole - value) <= close_enough:
            break
    return ngettext("%(n)s chance in %(d)s", "%(n)s chances in %(d)s", part) % {"n": part, "d": whole}


def _written(value: date | str | None, pattern: str) -> str:
    on = _as_date(value)
    return MISSING if on is None else date_words(on, pattern)


def _as_date(value: date | str | None) -> date | None:
    if not value:
        return None
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value).date()
    return value


def _today() -> date:
    from jump.base import clock

    return clock.today()


def _decimal(value: Number | str | None) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return exact if exact.is_finite() else None


@lru_cache(maxsize=8)
def month_names(language: str) -> tuple[str, ...]:
    """The twelve months in a language, for the boxes of a date."""
    from django.utils.translation import override

    with override(language):
        return tuple(date_words(date(2005, position, 1), "F") for position in range(1, 13))


def decimal_marks() -> tuple[str, str]:
    """Thousands and decimal mark of the active language, for reading what a person typed."""
    marks = habit()
    return marks.thousands, marks.decimal


__all__ = [
    "amount",
    "chance",
    "clock_time",
    "day",
    "day_month",
    "day_short",
    "day_week",
    "decimal_marks",
    "moment",
    "money",
    "money_round",
    "month",
    "month_names",
    "number",
    "share",
    "share_of",
    "span",
]
