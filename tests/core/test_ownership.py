"""Capital accounts, results, and the share register of enterprises that belong to their workers."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.bounds import BelowZero, NotAShare
from jump.core.ownership import (
    AccountLine,
    AccountOverdrawn,
    DeductionTooHigh,
    FactIncomplete,
    HoldsTooFew,
    Labour,
    LineKind,
    Notice,
    OwnershipRefused,
    PaidBeforeLeaving,
    PaidTooMuch,
    RegisterFact,
    RegisterKind,
    SplitBroken,
    SurplusRule,
    TooManyInstalments,
    WrongSign,
    account_interest,
    account_statement,
    books_gap_minor,
    entry,
    entry_instalments,
    graded_reserve_share,
    paid_up,
    pay_oldest,
    register_of,
    revaluation,
    settle_exit,
    split_loss,
    split_patronage,
    split_surplus,
    to_refill,
    wind_up,
)
from jump.core.sharing import NobodyToShare

QUARTER, SEVEN = Decimal("0.25"), Decimal("0.07")
RULE = SurplusRule(Decimal("0.45"), Decimal("0.10"))
WORKED = {
    "a": Labour(1_700, Decimal("1.0")),
    "b": Labour(1_700, Decimal("1.5")),
    "c": Labour(850, Decimal("1.0")),
}

names = st.sampled_from(["a", "b", "c", "d", "e"])
labour = st.dictionaries(
    names, st.builds(Labour, st.integers(1, 2_000), st.sampled_from([1, Decimal("1.5"), 3]), st.booleans()), min_size=1
)


# --- the published parameters -----------------------------------------------------------------------------------------


def test_a_surplus_is_split_as_published_and_by_labour() -> None:
    """finance rules 5, example: 200,000 at 45/10/45 -> 90,000, 20,000, 90,000; weights 1,700, 2,550, 850 of 5,100."""
    split = split_surplus(surplus_minor=200_000_00, rule=RULE, labour=WORKED)
    assert (split.reserve_minor, split.education_minor) == (90_000_00, 20_000_00)
    assert split.members_minor == {"a": 30_000_00, "b": 45_000_00, "c": 15_000_00}
    assert sum(worked.weight for worked in WORKED.values()) == 5_100


def test_the_older_published_split_leaves_seventy_percent_to_members() -> None:
    """finance rules 5.2 and methods 02, 2.4: 20/10/70."""
    split = split_surplus(
        surplus_minor=1_000, rule=SurplusRule(Decimal("0.2"), Decimal("0.1")), labour={"a": Labour(1)}
    )
    assert (split.reserve_minor, split.education_minor, split.members_minor) == (200, 100, {"a": 700})


def test_a_new_member_pays_in_earns_interest_and_leaves_in_four_years() -> None:
    """finance rules 5, example: 16,000 -> 4,000 to the reserve, 12,000 to the account; 840.00 at 7 %; 4 x 3,000.00."""
    split = entry(paid_minor=16_000_00, kept_share=QUARTER)
    assert (split.reserve_minor, split.account_minor) == (4_000_00, 12_000_00)
    earned = account_interest(
        balances_minor={"m": split.account_minor}, rate=SEVEN, ceiling=Decimal("0.075"), surplus_minor=10**8
    )
    assert earned == {"m": 840_00}
    settled = settle_exit(balance_minor=12_000_00, instalments=4)
    assert settled.deducted_minor == 0
    assert [payment.capital_minor for payment in settled.payments] == [3_000_00] * 4


@given(st.integers(0, 10**9), st.integers(1, 60), st.fractions(0, 1, max_denominator=100))
def test_a_contribution_paid_from_wages_keeps_the_same_share(fee: int, count: int, share: Fraction) -> None:
    paid, kept, to_account = 0, 0, 0
    for part in entry_instalments(fee_minor=fee, count=count):
        split = entry(paid_minor=part, kept_share=share, paid_before_minor=paid)
        assert min(split.reserve_minor, split.account_minor) >= 0
        paid, kept, to_account = paid + part, kept + split.reserve_minor, to_account + split.account_minor
    assert paid == fee
    assert kept + to_account == fee
    assert kept == entry(paid_minor=fee, kept_share=share).reserve_minor


# --- results ----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**12), st.integers(0, 100), st.integers(0, 100), labour)
def test_a_surplus_is_shared_to_the_last_cent(
    surplus: int, reserve: int, education: int, worked: dict[str, Labour]
) -> None:
    if reserve + education > 100:
        with pytest.raises(SplitBroken):
            SurplusRule(Fraction(reserve, 100), Fraction(education, 100))
        return
    rule = SurplusRule(Fraction(reserve, 100), Fraction(education, 100))
    split = split_surplus(surplus_minor=surplus, rule=rule, labour=worked)
    assert split.reserve_minor + split.education_minor + sum(split.members_minor.values()) == surplus
    assert split == split_surplus(surplus_minor=surplus, rule=rule, labour=dict(reversed(worked.items())))
    assert set(split.members_minor) == {name for name, one in worked.items() if one.is_member}


def test_what_others_than_members_worked_for_goes_to_the_reserve() -> None:
    """methods 02, 2.4 rule 6."""
    worked = {"a": Labour(300), "hired": Labour(100, is_member=False)}
    split = split_surplus(surplus_minor=1_000, rule=SurplusRule(0, 0), labour=worked)
    assert (split.reserve_minor, split.members_minor, split.from_non_members_minor) == (250, {"a": 750}, 250)


def test_a_split_below_the_floor_of_the_law_is_refused() -> None:
    """finance rules 5.2: floors of 20 % reserve and 5 % education in one act, 10 % education in another."""
    SurplusRule(Decimal("0.2"), Decimal("0.05"), reserve_min=Decimal("0.2"), education_min=Decimal("0.05"))
    with pytest.raises(SplitBroken) as refused:
        SurplusRule(Decimal("0.2"), Decimal("0.05"), education_min=Decimal("0.1"))
    assert refused.value.facts["education_min"] == "0.1"
    with pytest.raises(NotAShare):
        SurplusRule(2, 0)
    with pytest.raises(BelowZero):
        split_surplus(surplus_minor=-1, rule=RULE, labour=WORKED)
    with pytest.raises(NobodyToShare):
        split_surplus(surplus_minor=100, rule=RULE, labour={})


def test_the_reserve_share_may_grow_with_the_surplus() -> None:
    """finance rules 5.2: with surplus / (wages + surplus). The steps are ours."""
    steps = [(0, Fraction(1, 5)), (Fraction(1, 4), Fraction(3, 10)), (Fraction(1, 2), Fraction(9, 20))]
    shares = [
        graded_reserve_share(surplus_minor=surplus, wages_minor=100 - surplus, steps=steps)
        for surplus in (0, 24, 25, 50, 100)
    ]
    assert shares == [Fraction(1, 5), Fraction(1, 5), Fraction(3, 10), Fraction(9, 20), Fraction(9, 20)]
    assert graded_reserve_share(surplus_minor=0, wages_minor=0, steps=steps) == Fraction(1, 5)
    with pytest.raises(SplitBroken):
        graded_reserve_share(surplus_minor=1, wages_minor=1, steps=[(Fraction(1, 2), 1)])


@pytest.mark.parametrize(
    ("share", "reserve", "members"),
    [
        (Decimal("0.50"), 500, {"a": 167, "b": 250, "c": 83}),  # finance rules 5.6
        (Decimal("0.40"), 400, {"a": 200, "b": 300, "c": 100}),  # methods 02, 2.4, source S15
        (Decimal("0.15"), 150, {"a": 283, "b": 425, "c": 142}),  # methods 02, 2.4, source S13
    ],
)
def test_a_loss_is_borne_by_the_reserve_and_by_labour(share: Decimal, reserve: int, members: dict[str, int]) -> None:
    split = split_loss(
        loss_minor=1_000,
        reserve_minor=10_000,
        reserve_share_max=share,
        labour=WORKED,
        balances_minor=dict.fromkeys(WORKED, 10_000),
    )
    assert (split.reserve_minor, split.members_minor, split.uncovered_minor) == (reserve, members, 0)


@given(
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 100),
    labour,
    st.dictionaries(names, st.integers(0, 10**9)),
    st.booleans(),
)
def test_a_loss_is_covered_or_told_and_no_account_falls_below_zero(
    loss: int, reserve: int, percent: int, worked: dict[str, Labour], held: dict[str, int], may_fall: bool
) -> None:
    if not any(one.is_member for one in worked.values()):
        return
    split = split_loss(
        loss_minor=loss,
        reserve_minor=reserve,
        reserve_share_max=Fraction(percent, 100),
        labour=worked,
        balances_minor=held,
        may_fall_below_zero=may_fall,
    )
    assert split.reserve_minor + sum(split.members_minor.values()) + split.uncovered_minor == loss
    assert 0 <= split.reserve_minor <= reserve
    assert split.uncovered_minor >= 0
    if may_fall:
        assert split.uncovered_minor == 0
    else:
        assert all(part <= held.get(name, 0) for name, part in split.members_minor.items())


def test_an_account_below_the_least_must_be_filled_again() -> None:
    """finance rules 5.6."""
    assert to_refill({"a": 900, "b": 1_000, "c": -50}, least_minor=1_000) == {"a": 100, "c": 1_050}


# --- interest, revaluation, leaving -----------------------------------------------------------------------------------


def test_interest_stops_at_the_ceiling_at_the_surplus_and_at_the_cash() -> None:
    """finance rules 5.4; methods 02, 2.4 rule 4."""
    held = {"a": 10_000, "b": 30_000, "c": -5}
    full = {"balances_minor": held, "rate": Decimal("0.12"), "ceiling": Decimal("0.10")}
    assert account_interest(**full, surplus_minor=10_000) == {"a": 1_000, "b": 3_000, "c": 0}  # type: ignore[arg-type]
    assert account_interest(**full, surplus_minor=1_001) == {"a": 250, "b": 751, "c": 0}  # type: ignore[arg-type]
    assert account_interest(**full, surplus_minor=-1) == {"a": 0, "b": 0, "c": 0}  # type: ignore[arg-type]
    short = account_interest(**full, surplus_minor=10_000, liquid_months_after=Decimal("1.9"))  # type: ignore[arg-type]
    assert short == {"a": 0, "b": 0, "c": 0}


def test_revaluation_follows_prices_as_far_as_its_reserve_goes() -> None:
    """finance rules 5.5."""
    held = {"a": 1_000, "b": 3_000}
    five, four = Decimal("0.05"), Decimal("0.04")
    assert revaluation(balances_minor=held, rate=five, inflation=four, reserve_minor=500) == {"a": 40, "b": 120}
    assert revaluation(balances_minor=held, rate=five, inflation=four, reserve_minor=80) == {"a": 20, "b": 60}
    assert revaluation(balances_minor=held, rate=five, inflation=-four, reserve_minor=80) == {"a": 0, "b": 0}


def test_leaving_early_without_cause_costs_a_part_and_interest_runs_on_the_rest() -> None:
    """finance rules 5.7; methods 02, 2.4 rule 5; our own numbers."""
    settled = settle_exit(balance_minor=10_000, deduction=Decimal("0.2"), instalments=4, rate_yearly=Decimal("0.05"))
    assert settled.deducted_minor == 2_000
    assert [(payment.capital_minor, payment.interest_minor) for payment in settled.payments] == [
        (2_000, 400),
        (2_000, 300),
        (2_000, 200),
        (2_000, 100),
    ]
    with pytest.raises(DeductionTooHigh):
        settle_exit(balance_minor=1, deduction=Decimal("0.31"))
    with pytest.raises(TooManyInstalments):
        settle_exit(balance_minor=1, instalments=6)


@given(st.integers(0, 10**10), st.integers(0, 30), st.integers(1, 5), st.integers(0, 12))
def test_a_leaver_gets_all_that_is_not_deducted(balance: int, percent: int, instalments: int, rate: int) -> None:
    settled = settle_exit(
        balance_minor=balance,
        deduction=Fraction(percent, 100),
        instalments=instalments,
        rate_yearly=Fraction(rate, 100),
    )
    assert settled.deducted_minor + settled.capital_minor == balance
    assert all(min(payment.capital_minor, payment.interest_minor) >= 0 for payment in settled.payments)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.dictionaries(names, st.integers(0, 10**9)))
def test_a_closing_cooperative_pays_debts_then_accounts_then_the_federation(
    assets: int, debts: int, held: dict[str, int]
) -> None:
    """finance rules 5.7: the reserve never goes to members."""
    done = wind_up(assets_minor=assets, debts_minor=debts, balances_minor=held)
    assert done.debts_paid_minor + sum(done.members_minor.values()) + done.federation_minor == assets
    assert done.debts_paid_minor + done.debts_unpaid_minor == debts
    assert all(part <= held[name] for name, part in done.members_minor.items())
    if done.federation_minor:
        assert dict(done.members_minor) == held
        assert done.debts_unpaid_minor == 0


# --- the account -----------------------------------------------------------------------------------------------------

DAY = date(2024, 1, 1)
LINES = [
    AccountLine(DAY, LineKind.ENTRY, 12_000),
    AccountLine(DAY + timedelta(365), LineKind.INTEREST, 840),
    AccountLine(DAY + timedelta(365), LineKind.SURPLUS, 3_000),
    AccountLine(DAY + timedelta(366), LineKind.LOSS, -500),
    AccountLine(DAY + timedelta(730), LineKind.PAY_OUT, -15_340),
]


@given(st.permutations(LINES))
def test_an_account_is_stake_and_shares_and_interest_less_what_was_taken(lines: list[AccountLine]) -> None:
    """Requirement INCUBATE-09: balance = stake + allocations + interest - withdrawals."""
    rows = account_statement(lines, left_on=DAY + timedelta(700))
    assert rows[-1].balance_minor == 0
    assert [row.balance_minor for row in rows][0:1] == [12_000]
    assert rows == account_statement(LINES, left_on=DAY + timedelta(700))


def test_capital_is_not_paid_before_leaving_nor_beyond_the_balance() -> None:
    with pytest.raises(PaidBeforeLeaving):
        account_statement(LINES)
    with pytest.raises(PaidBeforeLeaving):
        account_statement(LINES, left_on=DAY + timedelta(731))
    with pytest.raises(AccountOverdrawn) as refused:
        account_statement([*LINES, AccountLine(DAY + timedelta(731), LineKind.LOSS, -1)], left_on=DAY)
    assert refused.value.facts["balance_minor"] == -1
    with pytest.raises(WrongSign):
        AccountLine(DAY, LineKind.LOSS, 1)
    with pytest.raises(WrongSign):
        AccountLine(DAY, LineKind.ENTRY, -1)


@given(
    st.integers(0, 10**9),
    st.dictionaries(names, st.integers(0, 10**8), min_size=1),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    labour,
)
def test_the_books_agree_after_a_surplus_is_split(
    liabilities: int, held: dict[str, int], reserve: int, surplus: int, worked: dict[str, Labour]
) -> None:
    """methods 02, 2.4: assets - liabilities - (accounts + reserve + social fund unspent) = 0."""
    assets = liabilities + sum(held.values()) + reserve
    assert (
        books_gap_minor(
            assets_minor=assets + surplus,
            liabilities_minor=liabilities,
            balances_minor=held.values(),
            reserve_minor=reserve,
        )
        == surplus
    )
    split = split_surplus(surplus_minor=surplus, rule=RULE, labour=worked)
    after = [held.get(name, 0) + split.members_minor.get(name, 0) for name in {*held, *split.members_minor}]
    assert (
        books_gap_minor(
            assets_minor=assets + surplus,
            liabilities_minor=liabilities,
            balances_minor=after,
            reserve_minor=reserve + split.reserve_minor,
            social_fund_minor=split.education_minor,
        )
        == 0
    )


# --- cash and notices ------------------------------------------------------------------------------------------------


def test_patronage_is_paid_partly_in_cash_and_the_rest_is_written_down() -> None:
    """finance rules 5, "Worker co-op variant": at least 20 % in cash; our own numbers."""
    split = split_patronage(
        net_income_minor=10_000, members_share=Decimal("0.6"), cash_share=Decimal("0.2"), labour=WORKED
    )
    assert split.collective_minor == 4_000
    assert split.cash_minor == {"a": 400, "b": 600, "c": 200}
    assert split.notices_minor == {"a": 1_600, "b": 2_400, "c": 800}
    with pytest.raises(SplitBroken):
        split_patronage(net_income_minor=1, members_share=1, cash_share=Decimal("0.19"), labour=WORKED)


@given(st.integers(0, 10**9), st.integers(0, 100), st.integers(20, 100))
def test_patronage_loses_nothing(income: int, members: int, cash: int) -> None:
    split = split_patronage(
        net_income_minor=income,
        members_share=Fraction(members, 100),
        cash_share=Fraction(cash, 100),
        labour=WORKED,
    )
    assert split.collective_minor + sum(split.cash_minor.values()) + sum(split.notices_minor.values()) == income
    assert min(*split.cash_minor.values(), *split.notices_minor.values()) >= 0


@given(
    st.lists(st.builds(Notice, names, st.integers(2_000, 2_005), st.integers(0, 10**6)), max_size=12),
    st.integers(0, 10**7),
    st.randoms(use_true_random=False),
)
def test_the_oldest_notices_are_paid_first(notices: list[Notice], pool: int, chance: Random) -> None:
    paid, left = pay_oldest(notices, pool_minor=pool)
    assert sum(paid.values()) + left == pool
    owed: dict[int, int] = {}
    for notice in notices:
        owed[notice.year] = owed.get(notice.year, 0) + notice.amount_minor
    by_year = {year: sum(part for (_, of), part in paid.items() if of == year) for year in owed}
    unpaid = [year for year in sorted(owed) if by_year[year] < owed[year]]
    if unpaid:
        assert left == 0
        assert all(by_year[year] == 0 for year in owed if year > unpaid[0])
    turned = list(notices)
    chance.shuffle(turned)
    assert pay_oldest(turned, pool_minor=pool) == (paid, left)


# --- the share register ----------------------------------------------------------------------------------------------


def fact(
    kind: RegisterKind, holder: str, count: int, *, to: str = "", to_class: str = "", day: int = 0
) -> RegisterFact:
    return RegisterFact(DAY + timedelta(day), kind, "labour", count, holder, to, to_class)


REGISTER = [
    fact(RegisterKind.ISSUE, "a", 60),
    fact(RegisterKind.ISSUE, "b", 40),
    fact(RegisterKind.TRANSFER, "a", 30, to="c", day=10),
    fact(RegisterKind.TRANSFER, "c", 20, to="b", day=10),
    fact(RegisterKind.CHANGE_CLASS, "b", 15, to_class="general", day=20),
    fact(RegisterKind.CANCEL, "a", 5, day=30),
]


@given(st.permutations(REGISTER))
def test_the_register_always_adds_up_to_what_is_issued(facts: list[RegisterFact]) -> None:
    """Requirement CONVERT-04."""
    register = register_of(facts)
    assert register.held == {
        ("a", "labour"): 25,
        ("b", "general"): 15,
        ("b", "labour"): 45,
        ("c", "labour"): 10,
    }
    assert register.issued == {"general": 15, "labour": 80}
    assert register.of("b") == 60
    rows = [(row.ref, row.capital, row.is_labour) for row in register.holders()]
    assert rows == [("a", 25, True), ("b", 15, False), ("b", 45, True), ("c", 10, True)]


register_facts = st.lists(
    st.builds(
        lambda kind, holder, other, count, day: RegisterFact(
            DAY + timedelta(day),
            kind,
            "labour",
            count,
            holder,
            to=other if kind is RegisterKind.TRANSFER else "",
            to_class="general" if kind is RegisterKind.CHANGE_CLASS else "",
        ),
        st.sampled_from(list(RegisterKind)),
        names,
        names,
        st.integers(1, 50),
        st.integers(0, 3),
    ),
    max_size=10,
)


@given(register_facts)
def test_whatever_happens_holdings_and_issue_agree_or_the_register_refuses(facts: list[RegisterFact]) -> None:
    try:
        register = register_of(facts)
    except HoldsTooFew:
        return
    for share_class in {name for _, name in register.held} | set(register.issued):
        held = sum(count for (_, name), count in register.held.items() if name == share_class)
        assert held == register.issued.get(share_class, 0)
    assert all(count > 0 for count in register.held.values())


def test_nobody_gives_more_shares_than_she_holds() -> None:
    with pytest.raises(HoldsTooFew) as refused:
        register_of([*REGISTER, fact(RegisterKind.TRANSFER, "c", 11, to="a", day=40)])
    assert refused.value.facts == {"on": "2024-02-10", "holder": "c", "share_class": "labour", "short": 1}
    with pytest.raises(FactIncomplete):
        fact(RegisterKind.TRANSFER, "a", 1)
    with pytest.raises(FactIncomplete):
        fact(RegisterKind.ISSUE, "a", 1, to="b")
    assert issubclass(HoldsTooFew, OwnershipRefused)


@given(st.integers(1, 1_000), st.integers(1, 10**6), st.integers(0, 10**9))
def test_shares_bought_by_instalments_are_paid_up_one_by_one(shares: int, price: int, paid: int) -> None:
    if paid > shares * price:
        with pytest.raises(PaidTooMuch):
            paid_up(shares=shares, price_minor=price, paid_minor=paid)
        return
    found = paid_up(shares=shares, price_minor=price, paid_minor=paid)
    assert found.shares * price + found.rest_minor == paid
    assert found.owed_minor == shares * price - paid
    assert 0 <= found.rest_minor < price
