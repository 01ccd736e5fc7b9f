"""An IATI 2.03 activity file from plain dataclasses: element order, dates, amounts and codes as the standard asks.

Source: IATI Standard 2.03 (activity schema, standard ruleset). Nothing here knows a database; what is given is
written. Rules that bite: the order of elements inside an activity is fixed; percentages of countries and regions sum to
exactly 100; a budget period is at most 365 days; sectors and places stand on the activity and never also on its
transactions; a target or actual of a number carries a value, and none where there is none to tell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from lxml import etree

from jump.core.money import Money, allocate

VERSION = "2.03"
HUNDREDTHS = 10_000  # 100.00 percent in hundredths
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as IATI names it: reference ("" where it has none), type code, name."""

    name: str
    type: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    """An organisation with its role: 1 funding, 2 accountable, 3 extending, 4 implementing."""

    organisation: Organisation
    role: str


@dataclass(frozen=True, slots=True)
class Location:
    """A place inside a country; `point` is (latitude, longitude) where it is known."""

    ref: str
    name: str
    point: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    starts_on: date
    ends_on: date
    value: Money
    status: str = "1"  # indicative


@dataclass(frozen=True, slots=True)
class Transaction:
    """Money that moved: type 1 incoming funds, 3 disbursement, 4 expenditure, 5 interest payment, 6 loan repayment."""

    ref: str
    type: str
    on: date
    value: Money
    description: str
    provider: Organisation | None = None
    receiver: Organisation | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A target or an actual: the total has no dimension, a part names its dimension and category."""

    value: Decimal
    dimension: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class IndicatorPeriod:
    starts_on: date
    ends_on: date
    targets: tuple[Reading, ...] = ()
    actuals: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """Measure 1 unit, 2 percentage. `baseline` is (year, value)."""

    title: str
    description: str
    measure: str
    ascending: bool
    periods: tuple[IndicatorPeriod, ...]
    baseline: tuple[int, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Type 1 output, 2 outcome, 3 impact."""

    title: str
    type: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity: the programme, a country programme, or a community's project."""

    identifier: str
    reporter: Organisation
    title: str
    description: str
    status: str  # 2 implementation, 3 finalisation, 4 closed
    scope: str  # 3 multi-national, 4 national, 8 single location
    hierarchy: int
    starts_on: date
    ends_on: date
    updated_at: datetime
    participants: tuple[Participant, ...]
    sector: str
    language: str = "en"
    currency: str = "USD"
    countries: tuple[str, ...] = ()
    country_weights: tuple[int, ...] = ()
    locations: tuple[Location, ...] = ()
    budgets: tuple[Budget, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    ends_planned_on: date | None = None
    flow_type: str = "10"
    finance_type: str = "110"
    aid_type: str = "C01"
    tied_status: str = "5"
    sources: tuple[str, ...] = field(default=())


def percentages(weights: Sequence[int]) -> list[str]:
    """Shares in percent with two decimals that sum to exactly 100.

    >>> percentages([1, 1, 1])
    ['33.34', '33.33', '33.33']
    >>> percentages([7])
    ['100.00']
    """
    return [f"{part // 100}.{part % 100:02d}" for part in allocate(HUNDREDTHS, weights)]


def number(value: Decimal | Fraction | int) -> str:
    """A plain number: no thousands separator, no exponent, at most four decimals, no trailing zeros.

    >>> number(Decimal("1234.500")), number(0), number(Decimal("1E+3"))
    ('1234.5', '0', '1000')
    """
    plain = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)
    text = f"{plain.quantize(Decimal('0.0001')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(money: Money) -> str:
    """An amount in major units with the currency's own decimals."""
    scale = 10**money.exponent
    sign = "-" if money.amount_minor < 0 else ""
    whole, part = divmod(abs(money.amount_minor), scale)
    return f"{sign}{whole}.{part:0{money.exponent}d}" if money.exponent else f"{sign}{whole}"


def write(activities: Iterable[Activity], *, generated_at: datetime) -> bytes:
    """The file, as UTF-8 bytes. Raises ValueError where an activity breaks a rule that the writer can see."""
    root = etree.Element("iati-activities", version=VERSION)
    root.set("generated-datetime", _instant(generated_at))
    for activity in activities:
        root.append(_activity(activity))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _instant(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _narrative(parent: etree._Element, name: str, text: str, **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, name, {key.replace("_", "-"): value for key, value in attributes.items() if value})
    etree.SubElement(made, "narrative").text = text
    return made


def _activity(one: Activity) -> etree._Element:
    if not one.identifier.startswith(f"{one.reporter.ref}-"):
        raise ValueError(f"{one.identifier} does not begin with the reporter's reference {one.reporter.ref}-")
    node = etree.Element("iati-activity")
    node.set("default-currency", one.currency)
    node.set("last-updated-datetime", _instant(one.updated_at))
    node.set(XML_LANG, one.language)
    node.set("hierarchy", str(one.hierarchy))
    node.set("humanitarian", "0")
    etree.SubElement(node, "iati-identifier").text = one.identifier
    _narrative(node, "reporting-org", one.reporter.name, ref=one.reporter.ref, type=one.reporter.type)
    _narrative(node, "title", one.title)
    _narrative(node, "description", one.description, type="1")
    for participant in one.participants:
        organisation = participant.organisation
        _narrative(
            node,
            "participating-org",
            organisation.name,
            ref=organisation.ref,
            type=organisation.type,
            role=participant.role,
        )
    etree.SubElement(node, "activity-status", code=one.status)
    etree.SubElement(node, "activity-date", {"type": "1", "iso-date": one.starts_on.isoformat()})
    etree.SubElement(node, "activity-date", {"type": "2", "iso-date": one.starts_on.isoformat()})
    etree.SubElement(node, "activity-date", {"type": "3", "iso-date": (one.ends_planned_on or one.ends_on).isoformat()})
    if one.status == "4":
        etree.SubElement(node, "activity-date", {"type": "4", "iso-date": one.ends_on.isoformat()})
    etree.SubElement(node, "activity-scope", code=one.scope)
    weights = one.country_weights or tuple(1 for _ in one.countries)
    for code, share in zip(one.countries, percentages(weights) if one.countries else [], strict=True):
        etree.SubElement(node, "recipient-country", code=code, percentage=share)
    for place in one.locations:
        _location(node, place)
    etree.SubElement(node, "sector", vocabulary="1", code=one.sector, percentage="100")
    for tag, code in (
        ("default-flow-type", one.flow_type),
        ("default-finance-type", one.finance_type),
        ("default-aid-type", one.aid_type),
        ("default-tied-status", one.tied_status),
    ):
        etree.SubElement(node, tag, code=code)
    for budget in one.budgets:
        _budget(node, budget)
    for transaction in one.transactions:
        _transaction(node, transaction)
    for parent in one.parents:
        etree.SubElement(node, "related-activity", ref=parent, type="1")
    for child in one.children:
        etree.SubElement(node, "related-activity", ref=child, type="2")
    for result in one.results:
        _result(node, result)
    return node


def _location(node: etree._Element, place: Location) -> None:
    made = etree.SubElement(node, "location", ref=place.ref)
    etree.SubElement(made, "location-reach", code="1")
    _narrative(made, "name", place.name)
    if place.point is not None:
        point = etree.SubElement(made, "point", srsName="http://www.opengis.net/def/crs/EPSG/0/4326")
        etree.SubElement(point, "pos").text = f"{number(place.point[0])} {number(place.point[1])}"
        etree.SubElement(made, "exactness", code="2")


def _budget(node: etree._Element, budget: Budget) -> None:
    if not 0 <= (budget.ends_on - budget.starts_on).days <= 365:
        raise ValueError(f"a budget period is at most 365 days: {budget.starts_on} to {budget.ends_on}")
    made = etree.SubElement(node, "budget", type="1", status=budget.status)
    etree.SubElement(made, "period-start", {"iso-date": budget.starts_on.isoformat()})
    etree.SubElement(made, "period-end", {"iso-date": budget.ends_on.isoformat()})
    etree.SubElement(
        made, "value", {"currency": budget.value.currency, "value-date": budget.starts_on.isoformat()}
    ).text = amount(budget.value)


def _transaction(node: etree._Element, one: Transaction) -> None:
    made = etree.SubElement(node, "transaction", ref=one.ref)
    etree.SubElement(made, "transaction-type", code=one.type)
    etree.SubElement(made, "transaction-date", {"iso-date": one.on.isoformat()})
    etree.SubElement(made, "value", {"currency": one.value.currency, "value-date": one.on.isoformat()}).text = amount(
        one.value
    )
    _narrative(made, "description", one.description)
    for tag, organisation in (("provider-org", one.provider), ("receiver-org", one.receiver)):
        if organisation is not None:
            _narrative(made, tag, organisation.name, ref=organisation.ref, type=organisation.type)


def _result(node: etree._Element, result: Result) -> None:
    made = etree.SubElement(node, "result", {"type": result.type, "aggregation-status": "0"})
    _narrative(made, "title", result.title)
    for indicator in result.indicators:
        _indicator(made, indicator)


def _indicator(node: etree._Element, one: Indicator) -> None:
    made = etree.SubElement(
        node,
        "indicator",
        {"measure": one.measure, "ascending": "1" if one.ascending else "0", "aggregation-status": "0"},
    )
    _narrative(made, "title", one.title)
    if one.description:
        _narrative(made, "description", one.description)
    if one.baseline is not None:
        year, value = one.baseline
        etree.SubElement(made, "baseline", year=str(year), value=number(value))
    for period in one.periods:
        inside = etree.SubElement(made, "period")
        etree.SubElement(inside, "period-start", {"iso-date": period.starts_on.isoformat()})
        etree.SubElement(inside, "period-end", {"iso-date": period.ends_on.isoformat()})
        for tag, readings in (("target", period.targets), ("actual", period.actuals)):
            for reading in readings:
                told = etree.SubElement(inside, tag, value=number(reading.value))
                if reading.dimension is not None:
                    dimension, category = reading.dimension
                    etree.SubElement(told, "dimension", name=dimension, value=category)
