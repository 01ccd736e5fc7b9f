"""The decent-work test of a country, as its package declares it, and what a job lacks under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jump.base.i18n import text
from jump.base.packages import UnknownDefinition, definition, definitions
from jump.base.scopes import ScopeNode
from jump.core.jobs import DecentWorkFloor, decent_work_test
from jump.core.jobs import Missing as Item
from jump.core.money import Money
from jump.engines.jobs.types import Floor, Floors, MissingView, Terms

ITEM_TITLES: Mapping[str, Any] = {
    Item.PAY: gettext_lazy("Pay in a month"),
    Item.HOURS: gettext_lazy("Hours in a week"),
    Item.WRITTEN_TERMS: gettext_lazy("Written terms"),
    Item.SOCIAL_PROTECTION: gettext_lazy("Social protection"),
    Item.SAFETY: gettext_lazy("Safety at work"),
    Item.RIGHTS: gettext_lazy("Rights and a voice"),
    Item.DURATION: gettext_lazy("Months the job should last"),
    Item.FREELY_CHOSEN: gettext_lazy("Freely chosen"),
    Item.NO_HAZARD: gettext_lazy("Nobody under 18 in hazardous work"),
    Item.PAID_ON_TIME: gettext_lazy("Paid on time"),
    Item.EQUAL_TREATMENT: gettext_lazy("Equal treatment"),
    "legal_age": gettext_lazy("Age at which the country allows work"),
    "no_test": gettext_lazy("The country has no decent-work test yet"),
}
NOT_STATED = gettext_lazy("not stated")
NO_TEST = "no_test"
LEGAL_AGE = "legal_age"


@dataclass(frozen=True, slots=True)
class Lack:
    """An item not passed: what was asked for and what was found, as plain text that needs no language."""

    item: str
    asked: str
    found: str


@dataclass(frozen=True, slots=True)
class Test:
    """One country's test. Where a country has none, no job is decent, and the one thing missing is the test."""

    __test__ = False  # not a test of ours

    definition: str
    version: str
    floor: DecentWorkFloor | None
    minimum_age: int | None = None

    @property
    def exists(self) -> bool:
        return self.floor is not None

    @property
    def mandatory(self) -> frozenset[str]:
        return frozenset({LEGAL_AGE, *map(str, self.floor.mandatory)}) if self.floor else frozenset({NO_TEST})

    def under_age(self, age_at_most: int | None) -> list[Lack]:
        """Work of somebody who is surely younger than the country allows is never decent, whatever its terms."""
        if self.minimum_age is None or age_at_most is None or age_at_most >= self.minimum_age:
            return []
        return [Lack(LEGAL_AGE, str(self.minimum_age), str(age_at_most))]

    def missing(self, terms: Terms) -> list[Lack]:
        """Every item that is not passed, the mandatory ones first, in the order of the test."""
        if self.floor is None:
            return [Lack(NO_TEST, "", "")]
        result = decent_work_test(terms, self.floor)
        lacking = result.missing | result.advisory
        items = [one for one in self.floor.items if one.item in lacking]
        return [
            Lack(str(one.item), _asked(one.item, one.value, self.floor.currency), _found(one.item, terms))
            for one in sorted(items, key=lambda one: not one.mandatory)
        ]


def _asked(item: Item, value: Decimal | int | None, currency: str) -> str:
    if value is None:
        return "yes" if item not in (Item.PAY, Item.HOURS, Item.DURATION) else ""
    if item is Item.PAY:
        return str(Money(int(value), currency))
    return str(value)


def _found(item: Item, terms: Terms) -> str:
    match item:
        case Item.PAY:
            known = terms.pay_minor_monthly is not None and terms.currency
            return str(Money(terms.pay_minor_monthly or 0, terms.currency)) if known else ""
        case Item.HOURS:
            return "" if terms.hours_weekly is None else str(terms.hours_weekly)
        case Item.DURATION:
            return "" if terms.months_expected is None else str(terms.months_expected)
    value = {
        Item.WRITTEN_TERMS: terms.has_written_terms,
        Item.SOCIAL_PROTECTION: terms.has_social_protection,
        Item.SAFETY: terms.is_safe,
        Item.RIGHTS: terms.has_rights,
        Item.FREELY_CHOSEN: terms.is_freely_chosen,
        Item.NO_HAZARD: terms.is_free_of_hazard,
        Item.PAID_ON_TIME: terms.is_paid_on_time,
        Item.EQUAL_TREATMENT: terms.is_equal,
    }[item]
    return "" if value is None else ("yes" if value else "no")


def missing_views(stored: list[list[str]]) -> tuple[MissingView, ...]:
    """What a job lacks, in the reader's language."""
    words = {"yes": _("yes"), "no": _("no"), "": str(NOT_STATED)}
    return tuple(
        MissingView(
            item=item,
            title=str(ITEM_TITLES[item]),
            asked=words.get(asked, asked),
            found=words.get(found, found),
        )
        for item, asked, found in stored
    )


def country_of(scope: str) -> str:
    """The code of the country a place lies in; empty above the countries."""
    parts = scope.strip("/").split("/")
    paths = ["/".join(parts[: end + 1]) + "/" for end in range(len(parts))]
    path = ScopeNode.objects.filter(path__in=paths, kind="country").values_list("path", flat=True).first()
    return str(path).rstrip("/").rpartition("/")[2] if path else ""


def local_test(scope: str) -> Test:
    """The test that holds at a place today."""
    return country_test(country_of(scope))


def country_test(country: str, version: str | None = None) -> Test:
    """The latest test of a country, or the one of the package version named."""
    found = _country_definition(country)
    if found is None:
        return Test(definition="", version="", floor=None)
    if version is not None:
        found = definition("countries", found.id, version)
    test = found.data["decent_work"]
    minimum_age = found.data.get("minimum_age")
    return Test(
        minimum_age=minimum_age if isinstance(minimum_age, int) else None,
        definition=found.id,
        version=f"{found.id}@{found.version}:{test['version']}",
        floor=DecentWorkFloor.from_items(
            country=country,
            version=str(test["version"]),
            currency=str(found.data["currency"]),
            items=test["items"],
        ),
    )


def _country_definition(country: str) -> Any:
    """The definition of a country that has a decent-work test; of several packages the last by name."""
    found = [
        one
        for one in definitions("countries")
        if str(one.data.get("iso", "")).lower() == country.lower() and one.data.get("decent_work")
    ]
    return found[-1] if country and found else None


def floors(country: str, version: str | None = None) -> Floors:
    """A country's decent-work test in words. Raises base.unknown_definition where it has none."""
    found = _country_definition(country)
    if found is None:
        raise UnknownDefinition(kind="countries", id=country)
    if version is not None:
        found = definition("countries", found.id, version)
    test = found.data["decent_work"]
    return Floors(
        country=country,
        currency=str(found.data["currency"]),
        definition=found.id,
        version=str(test["version"]),
        items=tuple(
            Floor(
                id=str(item["id"]),
                title=_words(item.get("title")) or str(ITEM_TITLES[item["id"]]),
                mandatory=bool(item["mandatory"]),
                value=item.get("value"),
                unit=str(item.get("unit", "")),
                provenance=str(item.get("provenance", "")),
                source_title=_words(item.get("source_title")),
            )
            for item in test["items"]
        ),
    )


def _words(value: Any) -> str:
    return text(value) if isinstance(value, Mapping) else str(value or "")
