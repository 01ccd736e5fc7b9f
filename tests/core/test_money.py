"""Money: exact, never mixed, nothing lost."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.money import (
    CURRENCY_EXPONENTS,
    AmbiguousAmount,
    AmountOutOfRange,
    CurrencyMismatch,
    Money,
    NegativeAmount,
    NotANumber,
    TooManyDecimals,
    UnknownCurrency,
    allocate,
    parse_amount,
    round_to_multiple,
    share_percent,
    sum_money,
)
from jump.core.units import BadRef, RateYearly, Ref, Share


def test_amounts_in_one_currency_add_and_subtract_exactly() -> None:
    assert Money(10, "THB") + Money(20, "THB") - Money(5, "THB") == Money(25, "THB")
    assert 3 * Money(10, "THB") == Money(30, "THB")
    assert -Money(10, "THB") == Money(-10, "THB")
    assert Money(10, "THB") < Money(11, "THB")


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_are_never_mixed(operation: str) -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        getattr(Money(1, "THB"), operation)(Money(1, "PHP"))
    assert refused.value.facts == {"left": "THB", "right": "PHP"}


def test_the_same_number_in_two_currencies_is_not_the_same_money() -> None:
    assert Money(1, "THB") != Money(1, "PHP")


def test_an_amount_that_does_not_fit_64_bits_is_refused() -> None:
    with pytest.raises(AmountOutOfRange):
        Money(2**63, "THB")
    with pytest.raises(AmountOutOfRange):
        Money(2**63 - 1, "THB") + Money(1, "THB")


def test_fractions_of_a_minor_unit_and_unknown_currencies_cannot_be_made() -> None:
    with pytest.raises(TypeError):
        Money(1.5, "THB")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(True, "THB")
    with pytest.raises(UnknownCurrency):
        Money(1, "XXX")


def test_a_rate_is_applied_exactly_and_rounded_once_to_even() -> None:
    assert Money(250, "EUR").at_rate(Decimal("0.01")) == Money(2, "EUR")
    assert Money(350, "EUR").at_rate(Decimal("0.01")) == Money(4, "EUR")
    assert Money(2**62, "EUR").at_rate(Fraction(1, 3)).amount_minor == round(Fraction(2**62, 3))


def test_major_units_are_exact_for_currencies_with_no_two_and_three_decimals() -> None:
    assert str(Money(1234, "JPY")) == "1234 JPY"
    assert str(Money(1234, "USD")) == "12.34 USD"
    assert str(Money(1234, "JOD")) == "1.234 JOD"
    assert Money.from_major("12.34", "USD") == Money(1234, "USD")
    with pytest.raises(TooManyDecimals):
        Money.from_major("12.345", "USD")


def test_a_sum_of_nothing_has_the_currency_asked_for() -> None:
    assert sum_money([], "PHP") == Money(0, "PHP")
    assert sum_money([Money(1, "PHP"), Money(2, "PHP")], "PHP") == Money(3, "PHP")


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [
        ("1,234.50", "THB", 123_450),
        ("1 234,50", "EUR", 123_450),
        ("1.234,50", "EUR", 123_450),
        ("1'234.50", "CHF", 123_450),
        ("1\u202f234,5", "EUR", 123_450),
        ("1,23,456.50", "INR", 12_345_650),
        ("1,234", "PHP", 123_400),
        ("1,234,567", "PHP", 123_456_700),
        ("1.234.567", "EUR", 123_456_700),
        ("12,5", "EUR", 1_250),
        (".5", "USD", 50),
        ("5.", "USD", 500),
        ("+7", "USD", 700),
        ("0", "USD", 0),
        ("  42  ", "JPY", 42),
        ("42.00", "JPY", 42),
        ("1.5000", "USD", 150),
        ("1.0500", "USD", 105),
        ("12 345,6", "EUR", 1_234_560),
        ("123,456", "PHP", 12_345_600),
        ("123 456.7", "USD", 12_345_670),
        ("12,34,56,789", "INR", 12_345_678_900),
        ("-0", "USD", 0),
        ("0,50", "USD", 50),
        ("0,500", "JOD", 500),
        ("1.234", "JOD", 1_234),
        ("\u0661\u0662\u0663\u066b\u0665", "USD", 12_350),
        ("\u0967\u0968\u0969", "INR", 12_300),
        ("\u0e51\u0e52.\u0e53\u0e54", "THB", 1_234),
    ],
)
def test_an_amount_is_read_in_the_ways_people_write_it(text: str, currency: str, amount_minor: int) -> None:
    assert parse_amount(text, currency) == amount_minor


@pytest.mark.parametrize(
    ("text", "currency", "refusal"),
    [
        ("", "USD", NotANumber),
        ("abc", "USD", NotANumber),
        ("12a", "USD", NotANumber),
        ("1e5", "USD", NotANumber),
        ("1,2,3", "USD", NotANumber),
        ("1,234,56", "USD", NotANumber),
        ("1.2.3", "USD", NotANumber),
        ("1  234", "EUR", NotANumber),
        ("1234 567", "EUR", NotANumber),
        ("12345,678.00", "USD", NotANumber),
        ("1,2345,678", "USD", NotANumber),
        ("1,234,5,678", "USD", NotANumber),
        ("1.234,5,6", "EUR", NotANumber),
        ("1 234.567,8", "EUR", NotANumber),
        (".5,5", "EUR", NotANumber),
        (",5.5", "USD", NotANumber),
        ("1234,567", "USD", TooManyDecimals),
        ("0,123", "USD", TooManyDecimals),
        (".", "USD", NotANumber),
        ("--5", "USD", NotANumber),
        ("-5", "USD", NegativeAmount),
        ("\u22125", "USD", NegativeAmount),
        ("1.234", "USD", TooManyDecimals),
        ("1.000", "USD", TooManyDecimals),
        ("0.5", "JPY", TooManyDecimals),
        ("1,234", "JOD", AmbiguousAmount),
        ("9" * 30, "USD", AmountOutOfRange),
    ],
)
def test_what_is_not_clearly_an_amount_is_refused_by_name(text: str, currency: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as refused:
        parse_amount(text, currency)
    assert type(refused.value) is refusal


def test_a_reader_who_says_how_they_write_is_not_asked_again() -> None:
    assert parse_amount("1.000", "VND", decimal_mark=",") == 1_000
    assert parse_amount("1,234", "JOD", decimal_mark=".") == 1_234_000
    assert parse_amount("1,234", "JOD", decimal_mark=",") == 1_234
    assert parse_amount("-5", "USD", allow_negative=True) == -500


def test_arabic_marks_follow_how_the_reader_writes() -> None:
    for mark in (None, ".", ","):
        assert parse_amount("\u0661\u0662\u066c\u0663\u0664\u0665\u066b\u0665", "USD", decimal_mark=mark) == 1_234_550
    with pytest.raises(ValueError, match="decimal mark"):
        parse_amount("1", "USD", decimal_mark=";")


def test_a_refused_amount_says_what_was_typed_and_what_the_currency_takes() -> None:
    for text, refusal, facts in (
        ("1.239", TooManyDecimals, {"text": "1.239", "currency": "USD", "decimals": 2}),
        ("-5", NegativeAmount, {"text": "-5"}),
        ("abc", NotANumber, {"text": "abc"}),
        ("9" * 20, AmountOutOfRange, {"amount_minor": int("9" * 20) * 100}),
    ):
        with pytest.raises(refusal) as refused:
            parse_amount(text, "USD")
        assert refused.value.facts == facts
        assert str(refused.value), "a sentence for whoever reads the log"
    with pytest.raises(AmbiguousAmount) as ambiguous:
        parse_amount("1,234", "JOD")
    assert ambiguous.value.facts == {"text": "1,234"}
    with pytest.raises(TooManyDecimals) as decimals:
        Money.from_major("1.005", "USD")
    assert decimals.value.facts == {"text": "1.005", "decimals": 2}


def test_equal_amounts_are_neither_below_nor_above_each_other() -> None:
    one, same, more = Money(5, "THB"), Money(5, "THB"), Money(6, "THB")
    assert [one < same, one <= same, one > same, one >= same] == [False, True, False, True]
    assert [one < more, one <= more, one > more, one >= more] == [True, True, False, False]


def test_money_is_multiplied_by_whole_numbers_only() -> None:
    for times in (True, 1.5, Decimal("2")):
        with pytest.raises(TypeError):
            Money(5, "THB") * times  # type: ignore[operator]


@pytest.mark.parametrize("amount_minor", [2**63 - 1, -(2**63)])
def test_the_first_and_the_last_amount_of_64_bits_can_be_kept(amount_minor: int) -> None:
    assert Money(amount_minor, "THB").amount_minor == amount_minor
    beyond = amount_minor + (1 if amount_minor > 0 else -1)
    with pytest.raises(AmountOutOfRange) as refused:
        Money(beyond, "THB")
    assert refused.value.facts == {"amount_minor": beyond}


def test_what_is_left_over_goes_to_the_largest_fraction_lost() -> None:
    assert allocate(100, [1, 2, 4]) == (14, 29, 57)
    assert allocate(-100, [1, 2, 4]) == (-14, -29, -57)
    assert allocate(10, [3, 3, 1]) == (4, 4, 2)
    assert allocate(1, [1, 1, 1]) == (1, 0, 0)
    assert allocate(0, [1, 2]) == (0, 0)


amounts = st.integers(-(10**15), 10**15)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


@given(amounts, weights)
def test_a_split_adds_up_to_exactly_the_amount(amount_minor: int, shares: list[int]) -> None:
    parts = allocate(amount_minor, shares)
    assert sum(parts) == amount_minor
    assert len(parts) == len(shares)


@given(amounts, weights)
def test_no_part_of_a_split_is_a_whole_unit_away_from_its_exact_share(amount_minor: int, shares: list[int]) -> None:
    total = sum(shares)
    for part, share in zip(allocate(amount_minor, shares), shares, strict=True):
        assert abs(part - Fraction(amount_minor * share, total)) < 1
        assert share or part == 0


@given(amounts, weights)
def test_a_split_is_the_same_every_time_and_opposite_for_the_opposite_amount(amount: int, shares: list[int]) -> None:
    assert allocate(amount, shares) == allocate(amount, shares)
    assert allocate(-amount, shares) == tuple(-part for part in allocate(amount, shares))


@given(st.integers(0, 10**12), st.integers(1, 20))
def test_equal_weights_never_differ_by_more_than_one_unit(amount_minor: int, count: int) -> None:
    parts = allocate(amount_minor, [1] * count)
    assert max(parts) - min(parts) <= 1
    assert list(parts) == sorted(parts, reverse=True), "earlier positions get what is left over"


def test_a_surplus_is_split_by_labour_as_published() -> None:
    """45/10/45 of 200,000; the members' part by pay index times hours (finance rules, 5)."""
    assert allocate(20_000_000, [45, 10, 45]) == (9_000_000, 2_000_000, 9_000_000)
    assert allocate(9_000_000, [1700, 2550, 850]) == (3_000_000, 4_500_000, 1_500_000)


def test_weights_that_cannot_split_are_refused() -> None:
    for bad in ([], [0, 0], [-1, 2]):
        with pytest.raises(ValueError, match="weight"):
            allocate(10, bad)


@given(amounts, st.sampled_from(sorted(CURRENCY_EXPONENTS)))
def test_what_is_written_out_is_read_back(amount_minor: int, currency: str) -> None:
    money = Money(amount_minor, currency)
    text = str(money).removesuffix(f" {currency}")
    assert Money.parse(text, currency, allow_negative=True) == money
    assert Money.from_major(text, currency) == money


def test_a_share_of_nothing_is_not_defined() -> None:
    assert share_percent(1, 0) is None
    assert share_percent(338_881, 9_013_400) == Decimal("3.76")
    with pytest.raises(ValueError, match="not defined"):
        Share.of(1, 0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        Share.from_percent(101)


@given(st.integers(-(10**9), 10**9), st.integers(1, 1000))
def test_rounding_to_a_multiple_moves_at_most_half_of_it(amount: int, multiple: int) -> None:
    rounded = round_to_multiple(amount, multiple)
    assert rounded % multiple == 0
    assert 2 * abs(rounded - amount) <= multiple


def test_a_reference_is_read_as_typed_and_knows_its_kind() -> None:
    assert Ref("job-7K2M9QXA").kind == "job"
    assert Ref.parse("JOB-7k2m9qxa") == "job-7K2M9QXA"
    assert Ref.parse("job-O1L2I3AB") == "job-01121" + "3AB"
    for bad in ("", "job", "job-", "job-123", "-7K2M9QXA", "1ob-7K2M9QXA", "job-7K2M9QX!"):
        with pytest.raises(BadRef):
            Ref.parse(bad)


def test_a_yearly_rate_is_twelve_months_of_the_monthly_one() -> None:
    rate = RateYearly.from_percent("12")
    assert rate.monthly.value == Decimal("0.01")
    assert rate.monthly.yearly == rate
