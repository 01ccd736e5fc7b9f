"""The IATI writer: what it writes is valid, sums exactly, and it refuses what the standard refuses."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from jump.core.money import Money
from jump.engines.reports.services import iati_file as iati
from tests.conformance import iati_rules

REPORTER = iati.Organisation("International Labour Organization", "40", "XM-DAC-41302")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def activity(**changed: object) -> iati.Activity:
    plain: dict[str, object] = {
        "identifier": "XM-DAC-41302-JUMP",
        "reporter": REPORTER,
        "title": "Jobs",
        "description": "Decent jobs through cooperatives.",
        "status": "2",
        "scope": "3",
        "hierarchy": 1,
        "starts_on": date(2002, 1, 1),
        "ends_on": date(2004, 12, 31),
        "updated_at": NOW,
        "participants": (iati.Participant(REPORTER, "2"),),
        "sector": "16020",
        "countries": ("TH", "PH", "FJ"),
        "budgets": (iati.Budget(date(2002, 1, 1), date(2002, 12, 31), Money(1_620_000_00, "USD")),),
        "transactions": (iati.Transaction("IN-1", "1", date(2002, 1, 15), Money(833_333_33, "USD"), "Received"),),
        "results": (
            iati.Result(
                "Decent jobs",
                "2",
                (
                    iati.Indicator(
                        "Decent jobs",
                        "Jobs that pass the test.",
                        "1",
                        True,
                        (
                            iati.IndicatorPeriod(
                                date(2002, 1, 1),
                                date(2004, 6, 30),
                                (iati.Reading(Decimal(20_000)),),
                                (iati.Reading(Decimal(55)), iati.Reading(Decimal(27), ("sex", "female"))),
                            ),
                        ),
                        (2002, Decimal(0)),
                    ),
                ),
            ),
        ),
    }
    return iati.Activity(**{**plain, **changed})  # type: ignore[arg-type]


@pytest.mark.covers("REPORT-03")
def test_a_full_activity_is_valid_and_breaks_no_rule_of_the_standard(shared: Path) -> None:
    content = iati.write([activity()], generated_at=NOW)
    folder = shared / "data/iati"
    assert iati_rules.validate(content, folder) == []
    assert iati_rules.rules(content, folder) == []
    assert iati_rules.codes(content, folder) == []


def test_amounts_have_the_currencys_own_decimals_and_no_separators() -> None:
    assert iati.amount(Money(833_333_33, "USD")) == "833333.33"
    assert iati.amount(Money(-5, "USD")) == "-0.05"
    assert iati.amount(Money(600_000, "XOF")) == "600000"


def test_a_total_carries_no_dimension_and_a_part_names_its_own() -> None:
    root = etree.fromstring(iati.write([activity()], generated_at=NOW))
    total, women = root.findall(".//actual")
    assert (total.get("value"), total.find("dimension")) == ("55", None)
    part = women.find("dimension")
    assert part is not None
    assert (women.get("value"), part.get("name"), part.get("value")) == ("27", "sex", "female")


def test_an_identifier_that_is_not_the_reporters_is_refused() -> None:
    with pytest.raises(ValueError, match="does not begin"):
        iati.write([activity(identifier="GB-1-JUMP")], generated_at=NOW)


def test_a_budget_longer_than_a_year_is_refused() -> None:
    too_long = iati.Budget(date(2002, 1, 1), date(2003, 6, 30), Money(1, "USD"))
    with pytest.raises(ValueError, match="365"):
        iati.write([activity(budgets=(too_long,))], generated_at=NOW)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=40))
def test_percentages_of_countries_always_sum_to_exactly_one_hundred(weights: list[int]) -> None:
    assert sum(map(Decimal, iati.percentages(weights))) == Decimal(100)
