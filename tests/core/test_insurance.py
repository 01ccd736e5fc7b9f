"""Micro-insurance: contributions, claims, premium, reserve, the ten indicators."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.bounds import BelowZero, NotAShare, NotPositive
from jump.core.calendars import Period
from jump.core.insurance import (
    TEN_GOALS,
    Alarm,
    Benefit,
    BenefitPackage,
    Claim,
    ClaimLine,
    ClaimState,
    ClaimStep,
    Cover,
    Due,
    InsuranceRefused,
    Loadings,
    PaidBenefit,
    Promptness,
    Reason,
    SamePerson,
    SchemeYear,
    ServiceRisk,
    StepNotAllowed,
    TenIndicator,
    advance,
    alarms,
    benefit_from,
    blended,
    chain_ladder,
    combined_ratio,
    contribution_state,
    credibility,
    earned_premium,
    family_premium_minor,
    fraud_sample,
    half_year_factor,
    incurred_claims,
    premium,
    promptness,
    pure_premium,
    reserve_needed,
    sensitivity,
    simulated_claims,
    ten_indicators,
    unearned_premium,
    unreported_by_delay,
    value_claim,
)
from jump.core.ratios import Verdict, ratio

DAY = date(2026, 1, 1)


# --- contributions ----------------------------------------------------------------------------------------------------

DUES = [Due(date(2026, month, 1), 100) for month in range(1, 7)]


def test_payments_cover_the_oldest_due_and_benefit_stops_after_grace() -> None:
    """Requirement MICROINS-03; our own numbers."""
    paid = [(date(2026, 1, 2), 100), (date(2026, 3, 5), 150)]
    state = contribution_state(dues=DUES, payments=paid, as_of=date(2026, 3, 10), grace_days=10)
    assert (state.due_minor, state.paid_minor, state.arrears_minor) == (300, 250, 50)
    assert (state.oldest_unpaid_on, state.is_suspended) == (date(2026, 3, 1), False)
    later = contribution_state(dues=DUES, payments=paid, as_of=date(2026, 3, 12), grace_days=10)
    assert later.is_suspended
    ahead = contribution_state(dues=DUES, payments=[(DAY, 250)], as_of=DAY)
    assert (ahead.ahead_minor, ahead.arrears_minor, ahead.is_suspended) == (150, 0, False)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 300)), max_size=8),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 300)), max_size=8),
    st.integers(0, 200),
    st.randoms(use_true_random=False),
)
def test_arrears_and_payments_make_what_was_due_in_any_order(
    dues: list[tuple[int, int]], payments: list[tuple[int, int]], offset: int, chance: Random
) -> None:
    owed = [Due(DAY + timedelta(on), amount) for on, amount in dues]
    paid = [(DAY + timedelta(on), amount) for on, amount in payments]
    as_of = DAY + timedelta(offset)
    state = contribution_state(dues=owed, payments=paid, as_of=as_of)
    assert state.due_minor - state.paid_minor == state.arrears_minor - state.ahead_minor
    assert min(state.arrears_minor, state.ahead_minor) == 0
    assert (state.oldest_unpaid_on is None) == (state.arrears_minor == 0)
    chance.shuffle(owed)
    chance.shuffle(paid)
    assert contribution_state(dues=owed, payments=paid, as_of=as_of) == state


# --- claims -----------------------------------------------------------------------------------------------------------

PACKAGE = BenefitPackage(
    "2026-1",
    (
        Benefit("visit", copay=Decimal("0.20"), waiting_months=3, events_year_max=2),
        Benefit("ward", copay=Decimal("0.10"), waiting_months=3, ceiling_event_minor=50_000),
        Benefit("delivery", waiting_months=9, ceiling_year_minor=30_000),
    ),
    ceiling_year_minor=80_000,
)
COVER = Cover("p", DAY, date(2026, 12, 31), suspended=((date(2026, 6, 1), date(2026, 6, 30)),))
MAY = date(2026, 5, 4)


def claim(*lines: ClaimLine, on: date = MAY) -> Claim:
    return Claim("c1", "p", "clinic", on, lines)


def paid(benefit: str, amount: int, *, day: int = 1) -> PaidBenefit:
    return PaidBenefit("p", "clinic", date(2026, 4, day), benefit, amount)


def test_a_claim_pays_the_tariff_less_the_copayment_up_to_its_ceiling() -> None:
    """methods 07, 7.1 and 7.4; requirement MICROINS-04; our own numbers."""
    value = value_claim(
        claim(ClaimLine("visit", 1_000, tariff_minor=900), ClaimLine("ward", 60_000)), cover=COVER, package=PACKAGE
    )
    visit, ward = value.lines
    assert (visit.paid_minor, visit.copay_minor, visit.refused_minor) == (720, 180, 100)
    assert visit.reasons == {Reason.TARIFF_EXCEEDED}
    assert (ward.paid_minor, ward.copay_minor, ward.refused_minor) == (50_000, 6_000, 4_000)
    assert value.reasons == {Reason.TARIFF_EXCEEDED, Reason.CEILING_USED}
    assert (value.asked_minor, value.paid_minor, value.by_member_minor) == (61_000, 50_720, 10_280)
    assert not value.is_rejected


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"on": date(2025, 12, 31)}, Reason.NOT_INSURED),
        ({"on": date(2027, 1, 1)}, Reason.NOT_INSURED),
        ({"on": date(2026, 6, 30)}, Reason.NOT_INSURED),
        ({"person": "q"}, Reason.NOT_INSURED),
        ({"on": date(2026, 3, 31)}, Reason.WAITING_PERIOD),
        ({"lines": (ClaimLine("teeth", 100),)}, Reason.OUTSIDE_PACKAGE),
        ({"has_documents": False}, Reason.DOCUMENT_MISSING),
        ({"is_suspect": True}, Reason.SUSPECTED_FRAUD),
        ({"on": date(2026, 4, 1), "lines": (ClaimLine("ward", 1),)}, Reason.DUPLICATE),
    ],
)
def test_a_rejected_claim_names_its_reason_and_pays_nothing(changed: dict[str, object], reason: Reason) -> None:
    """methods 07, 7.4, reason codes."""
    found = value_claim(
        replace(claim(ClaimLine("visit", 1_000)), **changed),  # type: ignore[arg-type]
        cover=COVER,
        package=PACKAGE,
        paid_before=[paid("ward", 500)],
    )
    assert (found.paid_minor, found.reasons, found.is_rejected) == (0, {reason}, True)


def test_the_waiting_period_ends_on_the_same_day_months_later() -> None:
    """methods 07, 7.1: default 3 months; deliveries 9."""
    assert benefit_from(COVER, PACKAGE.benefits[0]) == date(2026, 4, 1)
    assert benefit_from(COVER, PACKAGE.benefits[2]) == date(2026, 10, 1)
    assert not value_claim(
        claim(ClaimLine("visit", 100), on=date(2026, 4, 1)), cover=COVER, package=PACKAGE
    ).is_rejected
    assert [COVER.is_in_force(day) for day in (DAY - timedelta(1), DAY, date(2026, 5, 31), date(2026, 6, 1))] == [
        False,
        True,
        True,
        False,
    ]
    assert [COVER.is_in_force(date(2026, 7, 1)), COVER.is_in_force(date(2026, 12, 31))] == [True, True]


def test_ceilings_of_the_year_and_numbers_of_events_are_used_up() -> None:
    october = date(2026, 10, 5)
    delivery = value_claim(
        claim(ClaimLine("delivery", 25_000), on=october),
        cover=COVER,
        package=PACKAGE,
        paid_before=[paid("delivery", 20_000)],
    )
    assert (delivery.paid_minor, delivery.reasons) == (10_000, {Reason.CEILING_USED})
    whole = value_claim(
        claim(ClaimLine("ward", 40_000)), cover=COVER, package=PACKAGE, paid_before=[paid("delivery", 60_000)]
    )
    assert whole.paid_minor == 20_000
    third = value_claim(
        claim(ClaimLine("visit", 1_000)),
        cover=COVER,
        package=PACKAGE,
        paid_before=[paid("visit", 800), paid("visit", 800, day=2)],
    )
    assert (third.paid_minor, third.lines[0].copay_minor, third.is_rejected) == (0, 200, True)


claim_lines = st.lists(
    st.builds(
        ClaimLine,
        st.sampled_from(["visit", "ward", "delivery", "teeth"]),
        st.integers(0, 100_000),
        st.none() | st.integers(0, 100_000),
    ),
    max_size=6,
)
history = st.lists(
    st.builds(
        PaidBenefit,
        st.sampled_from(["p", "q"]),
        st.just("clinic"),
        st.dates(date(2026, 4, 1), date(2026, 4, 30)),
        st.sampled_from(["visit", "ward", "delivery"]),
        st.integers(0, 40_000),
    ),
    max_size=5,
)


@given(claim_lines, history, st.dates(DAY, date(2027, 2, 1)))
def test_every_claim_is_paid_borne_or_refused_and_no_ceiling_is_passed(
    lines: list[ClaimLine], before: list[PaidBenefit], on: date
) -> None:
    value = value_claim(claim(*lines, on=on), cover=COVER, package=PACKAGE, paid_before=before)
    for line in value.lines:
        assert line.asked_minor == line.paid_minor + line.copay_minor + line.refused_minor
        assert min(line.paid_minor, line.copay_minor, line.refused_minor) >= 0
        assert bool(line.refused_minor) <= bool(line.reasons)
    own = sum(row.paid_minor for row in before if row.person == "p")
    assert value.paid_minor <= max(0, 80_000 - own)
    assert sum(line.paid_minor for line in value.lines if line.benefit == "ward") <= 50_000


def test_a_package_names_each_benefit_once_and_with_sense() -> None:
    with pytest.raises(InsuranceRefused):
        BenefitPackage("x", (Benefit("a"), Benefit("a")))
    with pytest.raises(NotAShare):
        Benefit("a", copay=2)
    with pytest.raises(BelowZero):
        Benefit("a", ceiling_year_minor=-1)


def test_a_claim_goes_its_way_through_three_hands() -> None:
    """methods 07, 7.4 (states) and 7.5 (enter, verify, pay)."""
    steps: tuple[ClaimStep, ...] = ()
    for to, by in [
        (ClaimState.ENTERED, "clerk"),
        (ClaimState.CHECKED, "manager"),
        (ClaimState.REVIEWED, "doctor"),
        (ClaimState.VALUED, "manager"),
        (ClaimState.PAID, "treasurer"),
    ]:
        steps = advance(steps, to=to, by=by)
    assert [step.state for step in steps] == list(ClaimState)[:5]
    with pytest.raises(StepNotAllowed):
        advance(steps, to=ClaimState.REJECTED, by="manager")
    with pytest.raises(SamePerson):
        advance(steps[:1], to=ClaimState.CHECKED, by="clerk")
    with pytest.raises(SamePerson):
        advance(steps[:4], to=ClaimState.PAID, by="doctor")
    with pytest.raises(StepNotAllowed):
        advance(steps[:2], to=ClaimState.VALUED, by="manager", needs_review=True)
    assert advance(steps[:2], to=ClaimState.VALUED, by="manager")[-1].state is ClaimState.VALUED
    with pytest.raises(StepNotAllowed):
        advance((), to=ClaimState.CHECKED, by="manager")


def test_the_fraud_sample_is_a_twentieth_and_can_be_drawn_again() -> None:
    """methods 07, 7.1."""
    refs = [f"c{number}" for number in range(101)]
    drawn = fraud_sample(refs, seed=7)
    assert (len(drawn), drawn <= set(refs)) == (6, True)
    assert fraud_sample(reversed(refs), seed=7) == drawn
    assert fraud_sample([], seed=7) == frozenset()


# --- accruals ---------------------------------------------------------------------------------------------------------

COVER_YEAR = Period(date(2025, 10, 1), date(2026, 9, 30))


def test_a_premium_is_earned_day_by_day() -> None:
    """finance rules 6, example: 12.00 for a year from 1 October; by 31 December 12 x 92/365 = 3.02."""
    earned = earned_premium(premium_minor=12_00, cover=COVER_YEAR, within=Period(date(2025, 10, 1), date(2025, 12, 31)))
    assert earned == Fraction(1_200 * 92, 365)
    assert round(earned) == 302


@given(st.integers(0, 10**9), st.dates(date(2025, 9, 1), date(2026, 10, 31)))
def test_earned_and_unearned_make_the_premium(amount: int, as_of: date) -> None:
    start = date(2025, 9, 1)
    earned = earned_premium(premium_minor=amount, cover=COVER_YEAR, within=Period(start, as_of))
    unearned = unearned_premium(premium_minor=amount, cover=COVER_YEAR, as_of=as_of)
    assert earned + unearned == amount
    assert min(earned, unearned) >= 0


def test_claims_are_incurred_when_they_happen() -> None:
    """finance rules 6: paid + change in outstanding; methods 07, 7.3: mean delay of the last three months."""
    assert incurred_claims(paid_minor=700, outstanding_open=100, outstanding_close=250) == 850
    estimate = unreported_by_delay(monthly_claims=[5_000, 900, 1_000, 1_100], mean_delay_months=Decimal("1.5"))
    assert estimate == 1_500
    with pytest.raises(InsuranceRefused):
        unreported_by_delay(monthly_claims=[1, 2], mean_delay_months=1)


def test_the_chain_ladder_carries_young_months_on() -> None:
    """methods 07, 7.3; our own triangle: factors 300/200 and 180/150."""
    triangle = [[100, 150, 180], [100, 150], [120]]
    assert chain_ladder(triangle) == 30 + (120 * Fraction(3, 2) * Fraction(6, 5) - 120)
    assert chain_ladder([[0, 5], [0]]) == 0
    assert chain_ladder([]) == 0
    for broken in ([[1, 2], [1, 2]], [[2, 1], [1]]):
        with pytest.raises(InsuranceRefused):
            chain_ladder(broken)


# --- the ten ----------------------------------------------------------------------------------------------------------

SCHEME = SchemeYear(
    earned_premium=Fraction(100_000),
    incurred_claims=Fraction(70_000),
    incurred_expenses_minor=28_000,
    other_income_minor=2_000,
    subsidy_minor=6_000,
    renewals=300,
    potential_renewals=400,
    claims_reported=250,
    claims_rejected=10,
    insured_before=2_000,
    insured_now=2_300,
    target_population=10_000,
    admitted_assets_minor=60_000,
    liabilities_minor=50_000,
    cash_minor=19_000,
    payables_3_months_minor=20_000,
)


def test_the_ten_indicators_follow_their_formulas() -> None:
    """finance rules 6 and methods 07, 7.3; our own numbers."""
    found = ten_indicators(SCHEME, days_to_payment=[*[5] * 60, *[20] * 32, *[60] * 6, *[120] * 2])
    assert {name.value: str(one.percent()) for name, one in found.items()} == {
        "net_income": "10.00",
        "incurred_expenses": "28.00",
        "incurred_claims": "70.00",
        "renewal": "75.00",
        "promptness": "92.00",
        "claims_rejection": "4.00",
        "growth": "15.00",
        "coverage": "23.00",
        "solvency": "120.00",
        "liquidity": "95.00",
    }
    missed = {name for name, goal in TEN_GOALS.items() if goal.judge(found[name].value) is Verdict.MISSED}
    assert missed == {TenIndicator.EXPENSES, TenIndicator.LIQUIDITY}
    own = ten_indicators(SCHEME, with_subsidy=False)[TenIndicator.NET_INCOME]
    assert own.percent() == Decimal("4.00")
    assert combined_ratio(SCHEME).percent() == Decimal("98.00")


def test_a_scheme_without_premium_has_ratios_that_are_not_defined() -> None:
    empty = SchemeYear(earned_premium=Fraction(0), incurred_claims=Fraction(0), incurred_expenses_minor=0)
    assert all(one.value is None for one in ten_indicators(empty).values())
    with pytest.raises(InsuranceRefused):
        replace(SCHEME, renewals=401)


def test_classes_of_promptness_end_on_their_last_day() -> None:
    """methods 07, 7.3: within 7 / 8-30 / 31-90 / over 90 days."""
    found = promptness([7, 8, 30, 31, 90, 91])
    assert [int(one.numerator) for one in found.values()] == [1, 2, 2, 1]


def test_a_scheme_that_says_nothing_more_has_premium_claims_and_expenses_alone() -> None:
    plain = SchemeYear(earned_premium=Fraction(100), incurred_claims=Fraction(60), incurred_expenses_minor=20)
    assert plain.net_income() == plain.net_income(with_subsidy=False) == 20
    found = ten_indicators(plain)
    assert found[TenIndicator.NET_INCOME] == ratio(20, 100)
    assert all(found[name].numerator == 0 for name in list(TenIndicator)[3:])
    assert ten_indicators(SCHEME)[TenIndicator.NET_INCOME].percent() == Decimal("10.00")


@given(st.lists(st.integers(0, 400)))
def test_classes_of_promptness_make_the_whole(days: list[int]) -> None:
    found = promptness(days)
    assert sum(one.numerator for one in found.values()) == len(days)
    assert list(found) == list(Promptness)


def test_alarms_are_raised_by_their_rules() -> None:
    """methods 07, 7.7, alarm rules."""
    calm = {
        "monthly_claims_ratios": [ratio(95, 100), ratio(90, 100), ratio(95, 100)],
        "liquidity": ratio(1, 1),
        "insured": 200,
        "cost_by_provider_minor": {"a": 70, "b": 30},
        "renewal": ratio(60, 100),
    }
    assert alarms(**calm) == frozenset()  # type: ignore[arg-type]
    loud = {
        "monthly_claims_ratios": [ratio(91, 100)] * 3,
        "liquidity": ratio(99, 100),
        "insured": 199,
        "cost_by_provider_minor": {"a": 71, "b": 29},
        "renewal": ratio(59, 100),
    }
    assert alarms(**loud) == frozenset(Alarm)  # type: ignore[arg-type]
    unknown = {**calm, "monthly_claims_ratios": [ratio(1, 0)] * 3, "liquidity": ratio(1, 0), "renewal": ratio(0, 0)}
    assert alarms(**unknown) == frozenset()  # type: ignore[arg-type]
    assert Alarm.CLAIMS_3_MONTHS not in alarms(**{**loud, "monthly_claims_ratios": [ratio(2, 1)] * 2})  # type: ignore[arg-type]


# --- premium ----------------------------------------------------------------------------------------------------------

SERVICES = [
    ServiceRisk("visit", Decimal("1.5"), 400, Decimal("0.25")),
    ServiceRisk("ward", Decimal("0.05"), 40_000, Decimal("0.10"), ceiling_minor=30_000),
    ServiceRisk("delivery", Decimal("0.03"), 20_000),
]


def test_a_premium_is_frequency_times_cost_with_its_loadings() -> None:
    """methods 07, 7.2: sum of frequency x cost x (1 - copay), ceiling; x (1 + safety) + operating + surplus."""
    assert [pure_premium(service) for service in SERVICES] == [450, 1_500, 600]
    found = premium(SERVICES, Loadings(operating_minor=500, surplus_minor=95))
    assert (found.pure, found.safety, found.total) == (2_550, 255, 3_400)
    assert family_premium_minor(found.total, mean_insured=Decimal("5.2"), coin_minor=500) == 18_000


def test_voluntary_schemes_and_rising_prices_cost_more() -> None:
    """methods 07, 7.2: +20 % on frequency in voluntary schemes; (1 + i) ^ 0.5."""
    plain = ServiceRisk("visit", 1, 1_000)
    assert pure_premium(plain, selection=Decimal("0.20")) == 1_200
    assert half_year_factor(Decimal("0.0404")) ** 2 == pytest.approx(1.0404)
    assert pure_premium(plain, inflation=Decimal("0.44")) == 1_200
    with pytest.raises(InsuranceRefused):
        half_year_factor(-1)


def test_the_premium_sheet_shows_what_a_fifth_more_or_less_would_do() -> None:
    """methods 07, 7.7: sensitivity at +-20 % frequency and cost."""
    table = sensitivity([ServiceRisk("visit", 1, 1_000)], Loadings(safety=0))
    assert {place: int(found.total) for place, found in table.items()} == {
        (-1, -1): 640, (-1, 0): 800, (-1, 1): 960,
        (0, -1): 800, (0, 0): 1_000, (0, 1): 1_200,
        (1, -1): 960, (1, 0): 1_200, (1, 1): 1_440,
    }  # fmt: skip


@given(st.permutations(SERVICES), st.integers(0, 50), st.integers(0, 50))
def test_a_premium_covers_its_claims_in_any_order(services: list[ServiceRisk], safety: int, operating: int) -> None:
    loadings = Loadings(safety=Fraction(safety, 100), operating_minor=operating)
    found = premium(services, loadings)
    assert found == premium(SERVICES, loadings)
    assert found.total >= found.pure == 2_550


@given(st.fractions(0, 10**6), st.fractions(0, 10), st.integers(1, 1_000))
def test_a_family_pays_in_coins_and_never_too_little(total: Fraction, insured: Fraction, coin: int) -> None:
    asked = family_premium_minor(total, mean_insured=insured, coin_minor=coin)
    assert asked % coin == 0
    assert asked - coin < total * insured <= asked


def test_own_experience_counts_as_far_as_there_is_enough_of_it() -> None:
    """Limited-fluctuation credibility: square root of claims / full standard; a default of ours."""
    assert credibility(0) == 0
    assert credibility(271, full_at=1_084) == Fraction(1, 2)
    assert credibility(1_082) == credibility(10**6) == 1
    assert blended(own=Decimal("1.4"), assumed=1, weight=credibility(271, full_at=1_084)) == Fraction(6, 5)
    with pytest.raises(NotPositive):
        credibility(1, full_at=0)
    with pytest.raises(NotAShare):
        blended(own=1, assumed=1, weight=2)


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_more_claims_are_never_less_credible(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert 0 <= credibility(low) <= credibility(high) <= 1


# --- reserve ----------------------------------------------------------------------------------------------------------


def test_the_reserve_is_mean_and_spread_and_at_least_six_months() -> None:
    """methods 07, 7.2: mean + 1.65 x sd; minimum 6 months of expected claims."""
    found = reserve_needed(mean_minor=2_000_000, deviation_minor=300_000)
    assert (found.needed_minor, found.six_months_minor) == (2_495_000, 1_000_000)
    assert reserve_needed(mean_minor=0, deviation_minor=0).needed_minor == 0
    least = reserve_needed(mean_minor=1_200, deviation_minor=0, factor=0, months_min=24)
    assert least.needed_minor == 2_400


def test_simulated_claims_agree_with_the_closed_form_and_with_themselves() -> None:
    """Compound Poisson: mean n f c; variance n f c^2 (1 + spread^2); within 3 % of both at 4,000 runs."""
    service = ServiceRisk("ward", Decimal("0.05"), 40_000)
    mean, deviation = simulated_claims([service], insured=2_000, cost_spread=0.5, runs=4_000, seed=11)
    assert mean == pytest.approx(2_000 * 0.05 * 40_000, rel=0.03)
    assert deviation == pytest.approx((2_000 * 0.05 * 40_000**2 * 1.25) ** 0.5, rel=0.03)
    assert simulated_claims([service], insured=2_000, cost_spread=0.5, runs=4_000, seed=11) == (mean, deviation)
    capped = replace(service, ceiling_minor=30_000, copay=Decimal("0.1"))
    assert simulated_claims([capped], insured=2_000, cost_spread=0.5, runs=400, seed=11)[0] < mean * 3 // 4
    free = replace(service, cost_minor=0)
    assert simulated_claims([free], insured=10, runs=3, seed=1) == (0, 0)
    with pytest.raises(InsuranceRefused):
        simulated_claims([service], insured=1, cost_spread=0, runs=1, seed=1)
