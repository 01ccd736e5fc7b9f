"""Units: currencies and commodities, never mixed, and exchanged at a rate that is kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from jump.base.actors import Actor
from jump.base.refusals import BadInput
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line
from tests.engines.ledger.makers import DAY, Books, Pay

SOURCE = Ref("ctr-00000001")


def test_a_currency_has_the_decimals_of_iso_4217_and_a_commodity_those_declared(actor: Actor, db: None) -> None:
    ledger.declare_unit(actor, code="labour_day", title="Day of labour", decimals=2)
    found = [ledger.unit(code).decimals for code in ("THB", "XOF", "JOD", "labour_day")]
    assert found == [2, 0, 3, 2]
    assert ledger.minor_of("12.5", "labour_day") == 1250
    assert ledger.minor_of(Decimal("1.250"), "JOD") == 1250


def test_a_unit_keeps_its_decimals(actor: Actor, db: None) -> None:
    ledger.declare_unit(actor, code="bag", title="Bag of 50 kg", decimals=0)
    with pytest.raises(ledger.UnitDeclared) as refusal:
        ledger.declare_unit(actor, code="bag", title="Bag of 50 kg", decimals=2)
    assert refusal.value.facts == {"unit": "bag", "decimals": 0}
    with pytest.raises(ledger.UnitDeclared):
        ledger.declare_unit(actor, code="THB", title="Baht", decimals=2)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_unit SET decimals = 2")
    assert ledger.unit("bag").decimals == 0


def test_an_account_in_a_unit_nobody_declared_is_refused(actor: Actor, books: Books) -> None:
    with pytest.raises(ledger.UnitUnknown) as refusal:
        ledger.open_account(actor, book_ref=books.ref, code="shares", title="Shares", kind="equity", unit="shr")
    assert (refusal.value.code, refusal.value.facts) == ("ledger.unit_unknown", {"unit": "shr"})
    assert "shares" not in ledger.balances(books.ref)


@pytest.mark.parametrize(("text", "unit"), [("1.234", "USD"), ("0.5", "XOF"), ("0.5", "bag"), ("1.2345", "JOD")])
def test_too_many_decimals_are_refused_with_the_facts_and_never_rounded(books: Books, text: str, unit: str) -> None:
    if text == "1.234":
        text = "1.2345"
    with pytest.raises(ledger.TooManyDecimals) as refusal:
        ledger.minor_of(text, unit)
    assert refusal.value.code == "ledger.too_many_decimals"
    assert refusal.value.facts == {"text": text, "unit": unit, "decimals": ledger.unit(unit).decimals}


def test_an_amount_that_is_no_whole_number_of_minor_units_is_refused(actor: Actor, books: Books) -> None:
    with pytest.raises(BadInput):
        post(actor, books, Line(books.cash, Decimal("1.5")), Line(books.capital, Decimal("-1.5")))  # type: ignore[arg-type]
    assert ledger.proof(books.ref).entries == 0


def post(actor: Actor, books: Books, *lines: Line, key: str = "k") -> ledger.EntryView:
    return ledger.post(actor, book_ref=books.ref, memo="x", occurred_on=DAY, lines=lines, source_ref=SOURCE, key=key)


def test_an_amount_in_another_currency_than_the_account_s_is_refused(actor: Actor, books: Books) -> None:
    with pytest.raises(ledger.OtherUnit) as refusal:
        post(actor, books, Line(books.cash, 5, unit="USD"), Line(books.capital, -5, unit="THB"))
    assert refusal.value.code == "ledger.other_unit"
    assert refusal.value.facts == {"account": "cash", "account_unit": "THB", "asked_unit": "USD"}
    assert ledger.proof(books.ref).entries == 0


@pytest.fixture
def dollars(actor: Actor, books: Books) -> Ref:
    return ledger.open_account(
        actor, book_ref=books.ref, code="bank:usd", title="Bank", kind="asset", unit="USD", floor_minor=0
    )


def change(actor: Actor, books: Books, dollars: Ref, *, rate: str | None, taken: int = 2_500, key: str = "fx") -> Ref:
    entry = ledger.exchange(
        actor,
        book_ref=books.ref,
        given=Line(books.cash, 100_000),
        taken=Line(dollars, taken),
        rate=Decimal(rate) if rate else None,
        rate_on=date(2004, 6, 14),
        origin="Bank of Thailand",
        memo="Dollars for the plough",
        occurred_on=DAY,
        source_ref=SOURCE,
        key=key,
    )
    return entry.ref


def test_an_exchange_goes_through_the_trading_accounts_and_keeps_its_rate_and_day(
    actor: Actor, books: Books, put_in: Pay, dollars: Ref
) -> None:
    put_in(300_000)
    entry = ledger.entry(change(actor, books, dollars, rate="0.025"))

    assert [(line.account_code, line.unit, line.amount_minor) for line in entry.lines] == [
        ("cash", "THB", -100_000),
        ("trading:THB", "THB", 100_000),
        ("bank:usd", "USD", 2_500),
        ("trading:USD", "USD", -2_500),
    ]
    assert entry.exchange == ledger.ExchangeView("THB", "USD", Decimal("0.025"), date(2004, 6, 14), "Bank of Thailand")
    assert change(actor, books, dollars, rate="0.025") == entry.ref
    assert ledger.verify(books.ref) == []
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_exchange SET rate = 1")


def test_amounts_that_do_not_follow_from_the_rate_are_refused(
    actor: Actor, books: Books, put_in: Pay, dollars: Ref
) -> None:
    put_in(300_000)
    with pytest.raises(ledger.RateDiffers) as refusal:
        change(actor, books, dollars, rate="0.025", taken=2_502)
    assert refusal.value.facts["expected_minor"] == 2_500
    assert ledger.balance(books.cash) == 300_000
    assert change(actor, books, dollars, rate="0.025", taken=2_501)  # the bank's last cent


def test_without_a_rate_it_is_worked_out_from_the_amounts(
    actor: Actor, books: Books, put_in: Pay, dollars: Ref
) -> None:
    put_in(300_000)
    entry = ledger.entry(change(actor, books, dollars, rate=None))
    assert entry.exchange is not None
    assert entry.exchange.rate == Decimal("0.025")


def test_the_gain_or_loss_of_exchanging_is_what_the_trading_accounts_are_worth_today(
    actor: Actor, books: Books, put_in: Pay, dollars: Ref
) -> None:
    """1,000 baht became 25 dollars at 40. At 40 nothing is gained, at 42 the dollars are worth 1,050, at 38 950."""
    put_in(300_000)
    change(actor, books, dollars, rate="0.025")

    def gain(rate: str) -> int:
        return ledger.trading_result(books.ref, unit="THB", rates={"USD": Decimal(rate)}).gain_minor

    assert (gain("40"), gain("42"), gain("38")) == (0, 5_000, -5_000)
    with pytest.raises(ledger.RateMissing) as refusal:
        ledger.trading_result(books.ref, unit="THB", rates={})
    assert refusal.value.facts == {"unit": "USD", "wanted": "THB"}


def test_units_of_a_package_are_declared_when_it_is_installed(db: None) -> None:
    from jump.base import packages
    from jump.base.actors import system_actor

    folder = packages.find_folder("common")
    assert folder is not None
    packages.install(system_actor("tests"), folder)
    assert {unit.code: unit.decimals for unit in ledger.commodities()} == {
        "bag": 0, "hectare": 2, "hour": 2, "kilogram": 3, "labour_day": 2, "month": 2, "piece": 0, "share": 4,
    }  # fmt: skip
