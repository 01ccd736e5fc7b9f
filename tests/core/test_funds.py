"""Figures of a lending fund, each worked example with the text it comes from."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.bounds import BelowZero, NotAShare, NotExact, NotPositive, NotWhole
from jump.core.funds import (
    FUND_GOALS,
    PROVISION_SCALE,
    DueAndPaid,
    FundFigureRefused,
    FundYear,
    LoanLateness,
    PaidMoreThanDue,
    ProvisionBand,
    ScaleBroken,
    SeriesTooShort,
    SubsidyAdjustments,
    annual_loss_rate,
    arrears_rate,
    average_balance,
    borrower_ceiling_minor,
    capital_preserved,
    cost_of_funds_adjustment,
    cost_per_borrower,
    cost_per_job,
    current_recovery,
    depth,
    financial_self_sufficiency,
    fund_sustainability,
    fund_value_minor,
    idle_cash_minor,
    imputed_capital_cost,
    in_kind_subsidy,
    inflation_adjustment,
    job_ceiling_minor,
    lending_rate,
    leverage,
    net_loss_ratio,
    on_time_rate,
    operating_expense_ratio,
    operational_self_sufficiency,
    par_table,
    portfolio_yield,
    provision_expense,
    provisioning,
    real_growth,
    real_value,
    revolving_speed,
    risk_coverage,
    write_off_ratio,
)
from jump.core.ratios import Goal, NothingToAverage, Verdict, growth, mean, ratio

loans = st.lists(
    st.builds(
        LoanLateness,
        principal_minor=st.integers(0, 10**12),
        days_late=st.integers(0, 800),
        is_rescheduled=st.booleans(),
    ),
    max_size=40,
)

# finance rules, section 1, "PAR example" (a page on PAR, published): band by band, from 30 days on.
PUBLISHED = [(30, 100_950), (60, 82_022), (90, 73_009), (120, 55_880), (180, 27_020)]
PORTFOLIO = 9_013_400


def published() -> list[LoanLateness]:
    late = [LoanLateness(balance, days) for days, balance in PUBLISHED]
    return [*late, LoanLateness(PORTFOLIO - 338_881, 0)]


@pytest.mark.covers("RLF-08")
def test_the_published_portfolio_has_its_published_risk() -> None:
    """finance rules 1: 338,881 / 9,013,400 = 3.76 %; 237,931 = 2.64 %; 155,909 = 1.73 %.

    The page counts a loan of exactly 30 days in its PAR 30, so the limits here are 29, 59 and 89.
    """
    found = par_table(published(), days=(29, 59, 89))
    assert [int(one.numerator) for one in found.values()] == [338_881, 237_931, 155_909]
    assert [one.percent() for one in found.values()] == [Decimal("3.76"), Decimal("2.64"), Decimal("1.73")]


def test_the_page_that_printed_the_portfolio_added_wrongly_by_one() -> None:
    """finance rules 1: the page prints 338,882."""
    assert sum(balance for _, balance in PUBLISHED) == 338_881 == 338_882 - 1


def test_risk_takes_whole_balances_keeps_rescheduled_loans_and_ignores_the_number_of_loans() -> None:
    """finance rules 1, "Common errors to test for"."""
    some = [LoanLateness(900, 91, 1), *[LoanLateness(1, 0)] * 50, LoanLateness(50, 0, is_rescheduled=True)]
    assert par_table(some, days=(90,))[90].numerator == 900
    assert par_table(some, days=(90,), with_rescheduled=True)[90] == ratio(950, 1_000)


def test_a_write_off_lowers_the_risk_and_shows_in_the_write_off_ratio() -> None:
    """finance rules 1, "Common errors": improving PAR by a write-off."""
    before = [LoanLateness(900, 0), LoanLateness(100, 400)]
    after = [LoanLateness(900, 0)]
    assert par_table(before, days=(30,))[30].percent() == Decimal("10.00")
    assert par_table(after, days=(30,))[30].percent() == 0
    shown = write_off_ratio(written_off_minor=100, average_portfolio=mean([1_000, 900]))
    assert shown.percent() == Decimal("10.53")


@given(loans, st.booleans())
def test_risk_never_grows_with_the_days_and_never_passes_the_whole(some: list[LoanLateness], strict: bool) -> None:
    found = par_table(some, with_rescheduled=strict)
    values = [one.numerator for one in found.values()]
    assert list(found) == [1, 30, 60, 90]
    assert values == sorted(values, reverse=True)
    assert all(0 <= one.numerator <= one.denominator for one in found.values())


@given(loans, st.randoms(use_true_random=False))
def test_the_order_of_loans_does_not_matter_and_one_pass_agrees_with_one_by_one(
    some: list[LoanLateness], chance: Random
) -> None:
    turned = list(some)
    chance.shuffle(turned)
    assert par_table(some) == par_table(turned)
    assert provisioning(some) == provisioning(turned)
    for days, found in par_table(some).items():
        assert found.numerator == sum(loan.principal_minor for loan in some if loan.days_late > days)


def test_a_negative_balance_or_day_is_refused() -> None:
    with pytest.raises(BelowZero) as refused:
        par_table([LoanLateness(-1, 0)])
    assert refused.value.facts == {"name": "principal_minor", "value": -1}
    with pytest.raises(BelowZero):
        par_table([], days=(-1,))
    with pytest.raises(BelowZero):
        provisioning([LoanLateness(1, -1)])


# --- rates over instalments ------------------------------------------------------------------------------------------


@pytest.mark.covers("RLF-08")
def test_the_on_time_rate_counts_money_paid_by_the_due_date() -> None:
    rows = [DueAndPaid(1_000, 1_000, 1_000), DueAndPaid(1_000, 400, 900), DueAndPaid(500, 0, 0)]
    assert on_time_rate(rows) == ratio(1_400, 2_500)
    assert current_recovery(rows) == ratio(1_900, 2_500)
    assert on_time_rate([]).percent() is current_recovery([]).percent() is None


@pytest.mark.parametrize(("by_due", "so_far"), [(101, 101), (0, 101), (50, 40)])
def test_no_more_is_paid_of_an_instalment_than_is_due(by_due: int, so_far: int) -> None:
    with pytest.raises(PaidMoreThanDue) as refused:
        DueAndPaid(100, by_due, so_far)
    assert refused.value.facts == {"due_minor": 100, "paid_by_due_minor": by_due, "paid_minor": so_far}


@pytest.mark.covers("RLF-08")
def test_the_arrears_rate_takes_late_principal_over_all_of_it() -> None:
    some = [LoanLateness(900, 31, 50), LoanLateness(50, 0, is_rescheduled=True), LoanLateness(50, 30, 10)]
    assert arrears_rate(some) == ratio(60, 1_000)
    assert arrears_rate([]).percent() is None


def test_ninety_five_percent_on_three_month_loans_is_a_loss_of_forty_percent_a_year() -> None:
    """finance rules 1, row "Annual loss rate": (0.05 / 0.25) x 2."""
    recovery = current_recovery([DueAndPaid(100, 80, 95)])
    assert annual_loss_rate(recovery, term_years=Fraction(3, 12)) == Fraction(2, 5)
    assert annual_loss_rate(current_recovery([]), term_years=Fraction(1)) is None


@pytest.mark.covers("RLF-08")
def test_the_plain_ratios_of_the_consensus_guidelines() -> None:
    """finance rules 1, table; our own numbers."""
    average = mean([900_000, 1_100_000])
    assert write_off_ratio(written_off_minor=20_000, average_portfolio=average).percent() == Decimal("2.00")
    assert net_loss_ratio(written_off_minor=20_000, recovered_minor=5_000, average_portfolio=average).percent() == (
        Decimal("1.50")
    )
    assert risk_coverage(allowance_minor=40_000, par30_minor=50_000).percent() == Decimal("80.00")
    assert portfolio_yield(interest_and_fees_minor=180_000, average_portfolio=average).percent() == Decimal("18.00")
    assert operating_expense_ratio(operating_expense_minor=90_000, average_portfolio=average).percent() == (
        Decimal("9.00")
    )
    assert cost_per_borrower(operating_expense_minor=90_000, average_borrowers=mean([40, 50])).value == 2_000
    per_head = average_balance(portfolio_minor=1_100_000, active_borrowers=50).value
    assert per_head == 22_000
    assert depth(average_balance_minor=per_head, income_per_head_minor=110_000).percent() == Decimal("20.00")
    assert revolving_speed(disbursed_minor=1_500_000, average_fund=average).rounded() == Decimal("1.50")


def test_a_ratio_over_nothing_is_not_defined_rather_than_zero() -> None:
    """finance rules 1, "Rounding"."""
    nothing = write_off_ratio(written_off_minor=5, average_portfolio=0)
    assert (nothing.value, nothing.percent(), nothing.rounded()) == (None, None, None)
    assert growth(5, 0).value is None
    with pytest.raises(NothingToAverage):
        mean([])


def test_floats_and_numbers_that_are_none_have_no_place() -> None:
    with pytest.raises(NotExact):
        ratio(0.1, 1)  # type: ignore[arg-type]
    with pytest.raises(NotExact):
        ratio(Decimal("NaN"), 1)
    with pytest.raises(NotWhole):
        write_off_ratio(written_off_minor=1.5, average_portfolio=1)  # type: ignore[arg-type]
    with pytest.raises(NotWhole):
        write_off_ratio(written_off_minor=True, average_portfolio=1)


# --- provisioning -----------------------------------------------------------------------------------------------------


def test_the_provisioning_scale_takes_each_band_at_its_rate() -> None:
    """methods 11, 11.5: current 0, to 30 days 10 %, to 60 25 %, to 90 50 %, to 180 75 %, to 365 90 %, then 100 %."""
    ages = [0, 1, 30, 31, 60, 61, 90, 91, 180, 181, 365, 366]
    table = provisioning([LoanLateness(1_000, days) for days in ages])
    assert [(row.days_min, row.days_max, row.loans, row.provision_minor) for row in table.rows] == [
        (0, 0, 1, 0),
        (1, 30, 2, 200),
        (31, 60, 2, 500),
        (61, 90, 2, 1_000),
        (91, 180, 2, 1_500),
        (181, 365, 2, 1_800),
        (366, None, 1, 1_000),
    ]
    assert (table.principal_minor, table.provision_minor) == (12_000, 6_000)


@given(loans)
def test_every_loan_is_in_one_band_and_no_more_is_set_aside_than_is_owed(some: list[LoanLateness]) -> None:
    table = provisioning(some)
    assert table.principal_minor == sum(loan.principal_minor for loan in some)
    assert sum(row.loans for row in table.rows) == len(some)
    assert all(0 <= row.provision_minor <= row.principal_minor for row in table.rows)


@given(loans, st.integers(0, 400))
def test_getting_older_never_needs_less_set_aside(some: list[LoanLateness], days: int) -> None:
    older = [LoanLateness(loan.principal_minor, loan.days_late + days) for loan in some]
    # One minor unit of rounding in each band is all that may differ.
    assert provisioning(older).provision_minor >= provisioning(some).provision_minor - len(PROVISION_SCALE)


@pytest.mark.parametrize(
    "scale",
    [
        (),
        (ProvisionBand(30, 0),),
        (ProvisionBand(None, 0), ProvisionBand(None, 1)),
        (ProvisionBand(30, 0), ProvisionBand(30, 0), ProvisionBand(None, 1)),
        (ProvisionBand(30, Decimal("0.5")), ProvisionBand(None, Decimal("0.4"))),
        (ProvisionBand(-1, 0), ProvisionBand(None, 1)),
    ],
)
def test_a_scale_with_a_hole_is_refused(scale: tuple[ProvisionBand, ...]) -> None:
    with pytest.raises(ScaleBroken):
        provisioning([], scale=scale)


def test_a_rate_above_everything_is_refused() -> None:
    with pytest.raises(NotAShare):
        provisioning([], scale=(ProvisionBand(None, 2),))


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_allowance_ends_where_it_must(opening: int, written_off: int, required: int) -> None:
    expense = provision_expense(opening_minor=opening, written_off_minor=written_off, required_minor=required)
    assert opening + expense - written_off == required


# --- sustainability ---------------------------------------------------------------------------------------------------

YEAR = FundYear(
    financial_revenue_minor=2_710_000,
    financial_expense_minor=1_340_000,
    provision_expense_minor=140_000,
    operating_expense_minor=650_000,
)


def test_operational_self_sufficiency_of_the_published_year() -> None:
    """finance rules 1, "OSS example": 2,710,000 / 2,130,000 = 127.2 %."""
    assert YEAR.expense_minor == 2_130_000
    assert operational_self_sufficiency(YEAR).percent(1) == Decimal("127.2")


def test_capital_cost_imputed_to_the_published_assets() -> None:
    """finance rules 1: 10 million of performing assets, 30 % equity, inflation 5 % -> 150,000."""
    found = imputed_capital_cost(
        performing_assets_minor=10_000_000, equity_share=Decimal("0.30"), inflation=Decimal("0.05")
    )
    assert found == 150_000


def test_financial_self_sufficiency_puts_the_two_together() -> None:
    """finance rules 1, "FSS": 2,710,000 / (2,130,000 + 150,000) = 118.9 %."""
    found = financial_self_sufficiency(YEAR, SubsidyAdjustments(inflation=Fraction(150_000)))
    assert found.percent(1) == Decimal("118.9")


def test_adjustments_follow_their_formulas_and_lower_self_sufficiency() -> None:
    """finance rules 1: inflation, cost of funds and in-kind adjustment; our own numbers."""
    inflation = inflation_adjustment(
        average_equity=mean([3_000_000, 3_400_000]), average_net_fixed_assets=200_000, inflation=Decimal("0.05")
    )
    cheap = cost_of_funds_adjustment(
        average_concessional_debt=1_000_000, market_rate=Decimal("0.12"), interest_paid_minor=20_000
    )
    kind = in_kind_subsidy(market_value_minor=90_000, already_expensed_minor=40_000)
    assert (inflation, cheap, kind) == (150_000, 100_000, 50_000)
    adjustments = SubsidyAdjustments(inflation=inflation, cost_of_funds=cheap, in_kind=kind)
    assert adjustments.total == 300_000
    adjusted = financial_self_sufficiency(YEAR, adjustments, revenue_adjustment=-10_000)
    assert adjusted == ratio(2_700_000, 2_430_000)
    assert in_kind_subsidy(market_value_minor=1, already_expensed_minor=2) == 0


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 10**9))
def test_help_that_is_counted_never_makes_a_fund_look_better(revenue: int, expense: int, help_minor: int) -> None:
    year = FundYear(financial_revenue_minor=revenue, operating_expense_minor=expense)
    plain = operational_self_sufficiency(year).value
    full = financial_self_sufficiency(year, SubsidyAdjustments(in_kind=Fraction(help_minor))).value
    assert plain is not None
    assert full is not None
    assert full <= plain


@pytest.mark.covers("RLF-08")
def test_a_fund_that_grew_in_money_shrank_in_what_it_buys() -> None:
    """finance rules 1, annex A: 50,000 at the start, 55,000 at the end, grants 5,000, inflation 4 % -> -3.85 %."""
    end = fund_value_minor(cash_minor=9_000, portfolio_minor=48_000, allowance_minor=2_000)
    assert end == 55_000
    found = real_growth(start_minor=50_000, end_minor=end, grants_minor=5_000, inflation=Decimal("0.04"))
    assert found == ratio(-2_000, 52_000)
    assert found.percent() == Decimal("-3.85")


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_gifts_and_new_capital_are_no_growth(start: int, end: int, grants: int, capital: int) -> None:
    inflation = Decimal("0.04")
    own = real_growth(start_minor=start, end_minor=end, inflation=inflation)
    helped = real_growth(
        start_minor=start,
        end_minor=end + grants + capital,
        grants_minor=grants,
        member_capital_minor=capital,
        inflation=inflation,
    )
    assert own == helped


def test_real_value_and_preserved_capital_follow_the_price_index() -> None:
    """methods 11, section 11.5, "Capital preserved"; our own numbers."""
    assert real_value(amount_minor=52_000, price_index_start=100, price_index_now=104) == 50_000
    found = capital_preserved(
        fund_minor=49_000, community_grants_minor=1_000, capital_minor=50_000, inflation=Decimal("0.04")
    )
    assert found.percent() == Decimal("96.15")
    assert FUND_GOALS["capital_preserved"].judge(found.value) is Verdict.MET
    with pytest.raises(FundFigureRefused):
        real_value(amount_minor=1, price_index_start=0, price_index_now=1)
    with pytest.raises(FundFigureRefused):
        real_growth(start_minor=1, end_minor=1, inflation=-1)
    with pytest.raises(FundFigureRefused):
        fund_value_minor(cash_minor=0, portfolio_minor=1, allowance_minor=2)


def test_ratios_of_a_revolving_fund_raise_their_alerts() -> None:
    """methods 11, section 11.5, table of ratios; our own numbers."""
    lives = fund_sustainability(
        interest_and_fees_minor=9_000,
        operating_minor=5_000,
        losses_minor=1_000,
        fund_minor=100_000,
        inflation=Decimal("0.04"),
    )
    assert lives == ratio(9_000, 10_000)
    assert FUND_GOALS["sustainability"].judge(lives.value) is Verdict.MISSED
    assert cost_per_job(disbursed_minor=300_000, full_time_jobs=Decimal("2.5")).value == 120_000
    assert FUND_GOALS["leverage"].judge(leverage(other_money_minor=4, fund_money_minor=10).value) is Verdict.MISSED
    speed = revolving_speed(disbursed_minor=70, average_fund=100).value
    assert FUND_GOALS["turnover"].judge(speed) is Verdict.MET
    assert FUND_GOALS["par30"].judge(None) is Verdict.NOT_DEFINED


def test_the_rate_of_the_fund_covers_its_cost_and_inflation() -> None:
    """methods 11, section 11.5: cost of funds + 4 % + inflation, minimum inflation + 2 %."""
    assert lending_rate(cost_of_funds=Decimal("0.03"), inflation=Decimal("0.05")) == Fraction(12, 100)
    assert lending_rate(cost_of_funds=0, inflation=Decimal("0.05"), margin=0) == Fraction(7, 100)


def test_limits_on_one_borrower_and_one_job() -> None:
    """methods 11, section 11.5: one borrower at most 10 % of the fund; 1,500 USD a job."""
    assert borrower_ceiling_minor(fund_minor=999) == 99
    assert job_ceiling_minor(jobs=4, per_job_minor=150_000) == 600_000
    with pytest.raises(NotPositive):
        job_ceiling_minor(jobs=0, per_job_minor=1)


def test_cash_that_lay_idle_for_half_a_year_is_to_be_lent_on() -> None:
    """methods 11, section 11.5: sweep if idle cash is above 30 % for 6 months."""
    months = [(0, 100), *[(45, 100)] * 5, (40, 100)]
    assert idle_cash_minor(months) == 10
    assert idle_cash_minor([*months, (30, 100)]) == 0
    with pytest.raises(SeriesTooShort):
        idle_cash_minor(months[:5])


def test_goals_take_their_ends_in_or_leave_them_out() -> None:
    five = Fraction(5, 100)
    assert Goal.percent(low=5).judge(five) is Verdict.MET
    assert Goal.percent(low=5, is_open=True).judge(five) is Verdict.MISSED
    assert Goal.percent(low=1, high=5, is_open=True).judge(Fraction(4, 100)) is Verdict.MET
