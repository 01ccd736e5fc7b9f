"""Tests of a labour limited company under two versions of one law, given as data."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.bounds import BelowZero, NotPositive
from jump.core.ownership import (
    Holder,
    LabourCompanyLaw,
    LawUnclear,
    Missed,
    RegisterFact,
    RegisterKind,
    Wish,
    WorkerYear,
    check_company,
    cure_deadline,
    cure_path,
    law_on,
    members_needed,
    place_offer,
    register_of,
    reserve_transfer_minor,
)
from jump.core.ratios import ratio

# finance rules, section 4, the two columns of the table.
OLD = LabourCompanyLaw.from_data(
    {
        "id": "es_1997",
        "jurisdiction": "ES",
        "valid_from": "1997-04-25",
        "valid_to": "2015-11-13",
        "members_min": 3,
        "holder_max": "1/3",
        "exempt_kinds": ["public", "non_profit"],
        "hours_limits": [{"workers_below": 25, "limit": "0.25"}, {"limit": "0.15"}],
        "disability_left_out_percent": 33,
        "cure_months": 36,
        "cure_share_yearly": "1/3",
        "reserve_share": "0.10",
    }
)
NEW = LabourCompanyLaw.from_data(
    {
        "id": "es_2015",
        "jurisdiction": "ES",
        "valid_from": "2015-11-14",
        "votes_too": True,
        "members_min": 2,
        "holder_max": "1/3",
        "exempt_kinds": ["public", "non_profit", "social_economy"],
        "equal_founders_months": 36,
        "hours_limits": [{"limit": "0.49"}],
        "disability_left_out_percent": 33,
        "cure_months": 12,
        "reserve_share": "0.10",
        "reserve_ceiling_times": "2",
    }
)
DAY = date(2020, 6, 1)


def bakery(members: int) -> list[WorkerYear]:
    """A biscuit company: 25 workers, 15 with open-ended contracts, so many of them members, equal hours 1,700."""
    own = [WorkerYear(f"m{number}", 1_700, is_member=True) for number in range(members)]
    others = [WorkerYear(f"o{number}", 1_700) for number in range(15 - members)]
    fixed = [WorkerYear(f"f{number}", 1_700, is_open_ended=False) for number in range(10)]
    return [*own, *others, *fixed]


def equal_holders(count: int) -> list[Holder]:
    return [Holder(f"m{number}", 100, is_labour=True) for number in range(count)]


def check(law: LabourCompanyLaw, holders: list[Holder], *, founded_on: date | None = None) -> frozenset[Missed]:
    return check_company(law=law, holders=holders, workers=[], on=DAY, founded_on=founded_on).missed


def test_the_biscuit_company_breaks_the_hours_limit_with_eight_members() -> None:
    """finance rules 4, example: 7 x 1,700 / 8 x 1,700 = 87.5 % against 49 %."""
    found = check_company(law=NEW, holders=equal_holders(8), workers=bakery(8), on=DAY)
    assert found.hours.percent() == Decimal("87.50")
    assert found.hours_limit == Fraction(49, 100)
    assert found.missed == {Missed.HOURS}


@pytest.mark.parametrize(
    ("law", "members", "percent", "passes"),
    [
        (NEW, 10, "50.00", False),
        (NEW, 11, "36.36", True),
        (OLD, 13, "15.38", False),
        (OLD, 14, "7.14", True),
    ],
)
def test_how_many_members_the_biscuit_company_needs(
    law: LabourCompanyLaw, members: int, percent: str, passes: bool
) -> None:
    """finance rules 4, example: 11 members under the new law, 14 under the old one with 25 workers (15 %)."""
    found = check_company(law=law, holders=equal_holders(members), workers=bakery(members), on=DAY)
    assert found.hours.percent() == Decimal(percent)
    assert (Missed.HOURS not in found.missed) is passes
    assert found.hours_limit is not None
    assert members_needed(open_ended=15, limit=found.hours_limit) == (11 if law is NEW else 14)


def test_fewer_than_twenty_five_workers_had_a_wider_limit() -> None:
    """finance rules 4, row "hours": 25 % if fewer than 25 workers."""
    one_less = bakery(12)[:-1]
    found = check_company(law=OLD, holders=equal_holders(12), workers=one_less, on=DAY)
    assert (len(one_less), found.hours_limit, found.hours.percent()) == (24, Fraction(1, 4), Decimal("25.00"))
    assert found.missed == frozenset()


def test_fixed_term_workers_and_workers_with_a_disability_are_left_out() -> None:
    """finance rules 4, row "left out of the hours": 33 % or more."""
    member = WorkerYear("m", 1_000, is_member=True)
    left_out = [WorkerYear("f", 1_700, is_open_ended=False), WorkerYear("d", 1_700, disability_percent=33)]
    found = check_company(law=NEW, holders=equal_holders(3), workers=[member, *left_out], on=DAY)
    assert found.hours == ratio(0, 1_000)
    counted = WorkerYear("e", 490, disability_percent=32)
    at_limit = check_company(law=NEW, holders=equal_holders(3), workers=[member, *left_out, counted], on=DAY)
    assert at_limit.hours == ratio(490, 1_000)
    assert Missed.HOURS not in at_limit.missed
    above = check_company(
        law=NEW, holders=equal_holders(3), workers=[member, counted, WorkerYear("g", Decimal("0.5"))], on=DAY
    )
    assert Missed.HOURS in above.missed


def test_the_majority_must_be_more_than_half_and_of_votes_too() -> None:
    """finance rules 4, L1."""
    half = [Holder("a", 25, is_labour=True), Holder("b", 25, is_labour=True), Holder("c", 30), Holder("d", 20)]
    assert check(NEW, half) == {Missed.LABOUR_CAPITAL, Missed.LABOUR_VOTES}
    more = [Holder("a", 26, is_labour=True), *half[1:3], Holder("d", 19)]
    assert check(NEW, more) == frozenset()
    fewer_votes = [Holder("a", 26, is_labour=True, votes=20), *half[1:3], Holder("d", 19, votes=30)]
    assert check(NEW, fewer_votes) == {Missed.LABOUR_VOTES}
    assert check(OLD, fewer_votes) == frozenset()


def test_nobody_holds_more_than_a_third_but_some_bodies_may_stay_below_half() -> None:
    """finance rules 4, L2: exactly a third passes; public and non-profit bodies, later social-economy bodies too."""
    third = [Holder(name, 100, is_labour=True) for name in "abc"]
    assert check(NEW, third) == frozenset()
    over = [Holder("a", 101, is_labour=True), *third[1:]]
    found = check_company(law=NEW, holders=over, workers=[], on=DAY)
    assert (found.missed, found.largest_holder, found.largest_share) == ({Missed.ONE_HOLDER}, "a", ratio(101, 301))
    workers = [Holder(f"w{number}", 17, is_labour=True) for number in range(3)]
    assert check(OLD, [*workers, Holder("town", 49, kind="public")]) == frozenset()
    assert check(OLD, [*workers, Holder("co-op", 49, kind="social_economy")]) == {Missed.ONE_HOLDER}
    assert check(NEW, [*workers, Holder("co-op", 49, kind="social_economy")]) == frozenset()
    assert Missed.ONE_HOLDER in check(NEW, [*workers, Holder("town", 51, kind="public")])


def test_labour_and_general_capital_of_one_holder_are_added_up() -> None:
    facts = [
        RegisterFact(DAY, RegisterKind.ISSUE, "labour", 30, "a"),
        RegisterFact(DAY, RegisterKind.ISSUE, "labour", 30, "b"),
        RegisterFact(DAY, RegisterKind.ISSUE, "labour", 30, "c"),
        RegisterFact(DAY, RegisterKind.ISSUE, "general", 10, "a"),
    ]
    found = check_company(law=NEW, holders=register_of(facts).holders(), workers=[], on=DAY)
    assert (found.members, found.largest_share) == (3, ratio(40, 100))
    assert found.missed == {Missed.ONE_HOLDER}


def test_two_founders_may_hold_half_each_for_three_years() -> None:
    """finance rules 4, L2 of the new law; methods 02, section 2.5."""
    two = [Holder("a", 50, is_labour=True), Holder("b", 50, is_labour=True)]
    assert check(NEW, two, founded_on=date(2017, 6, 2)) == frozenset()
    assert check(NEW, two, founded_on=date(2017, 6, 1)) == {Missed.ONE_HOLDER}
    assert check(NEW, two) == {Missed.ONE_HOLDER}
    assert check(OLD, two, founded_on=date(2020, 1, 1)) == {Missed.ONE_HOLDER, Missed.MEMBERS}
    unequal = [Holder("a", 51, is_labour=True), Holder("b", 49, is_labour=True)]
    assert check(NEW, unequal, founded_on=date(2020, 1, 1)) == {Missed.ONE_HOLDER}


def test_a_company_of_nobody_is_no_labour_company() -> None:
    found = check_company(law=NEW, holders=[], workers=[WorkerYear("x", 1)], on=DAY)
    assert found.missed == {Missed.LABOUR_CAPITAL, Missed.LABOUR_VOTES, Missed.MEMBERS, Missed.HOURS}
    with pytest.raises(BelowZero):
        check_company(law=NEW, holders=[Holder("a", -1)], workers=[], on=DAY)


@given(st.lists(st.builds(Holder, st.sampled_from("abcdef"), st.integers(0, 100), st.booleans()), max_size=8))
def test_shares_of_a_company_never_pass_the_whole_and_order_does_not_matter(holders: list[Holder]) -> None:
    found = check_company(law=NEW, holders=holders, workers=[], on=DAY)
    assert found.labour_capital.numerator <= found.labour_capital.denominator
    assert found.largest_share.numerator <= found.largest_share.denominator
    assert check_company(law=NEW, holders=holders[::-1], workers=[], on=DAY) == found


@given(st.integers(0, 500), st.fractions(0, 1, max_denominator=100))
def test_members_needed_is_the_smallest_number_that_passes(open_ended: int, limit: Fraction) -> None:
    needed = members_needed(open_ended=open_ended, limit=limit)
    assert open_ended - needed <= limit * needed
    assert needed == 0 or open_ended - (needed - 1) > limit * (needed - 1)


def test_an_excess_goes_by_thirds_or_within_a_year() -> None:
    """finance rules 4, row "over the limit"."""
    assert OLD.cure_share_yearly is not None
    path = cure_path(hours=ratio(45, 100), limit=Fraction(15, 100), share_yearly=OLD.cure_share_yearly)
    assert [str(step) for step in path] == ["7/20", "1/4", "3/20"]
    assert cure_path(hours=ratio(15, 100), limit=Fraction(15, 100), share_yearly=1) == ()
    assert cure_deadline(OLD, missed_on=date(2010, 1, 31)) == date(2013, 1, 31)
    assert cure_deadline(NEW, missed_on=date(2020, 2, 29)) == date(2021, 2, 28)
    with pytest.raises(LawUnclear):
        cure_path(hours=ratio(1, 1), limit=0, share_yearly=0)


def test_the_reserve_grows_to_its_ceiling_and_a_cent_further_where_it_must_be_passed() -> None:
    """finance rules 4, reserve example: capital 60,000, reserve 115,000, profit 80,000 -> 5,000."""
    from dataclasses import replace

    amounts = {"net_profit_minor": 80_000_00, "capital_minor": 60_000_00, "reserve_minor": 115_000_00}
    assert reserve_transfer_minor(law=NEW, **amounts) == 5_000_00
    assert reserve_transfer_minor(law=replace(NEW, reserve_ceiling_inclusive=False), **amounts) == 5_000_01
    assert reserve_transfer_minor(law=OLD, **amounts) == 8_000_00
    full = {**amounts, "reserve_minor": 120_000_00}
    assert reserve_transfer_minor(law=NEW, **full) == 0
    assert reserve_transfer_minor(law=replace(NEW, reserve_ceiling_inclusive=False), **full) == 1
    assert reserve_transfer_minor(law=NEW, **{**amounts, "net_profit_minor": -1}) == 0


def test_a_leavers_shares_go_down_the_rows_of_the_law() -> None:
    """finance rules 4, row "share classes": open-ended workers who are not members, labour members, general members."""
    rows = ["worker", "labour", "general"]
    wishes = [Wish("l", "labour", 10), Wish("w", "worker", 4), Wish("v", "worker", 4), Wish("g", "general", 9)]
    assert place_offer(shares=5, wishes=wishes, rows=rows) == ({"v": 3, "w": 2, "l": 0, "g": 0}, 0)
    assert place_offer(shares=100, wishes=wishes, rows=rows) == ({"v": 4, "w": 4, "l": 10, "g": 9}, 73)
    with pytest.raises(LawUnclear):
        place_offer(shares=1, wishes=[Wish("x", "stranger", 1)], rows=rows)
    with pytest.raises(NotPositive):
        place_offer(shares=1, wishes=[Wish("x", "worker", 0)], rows=rows)


@given(
    st.integers(0, 200),
    st.lists(st.builds(Wish, st.sampled_from("abcd"), st.sampled_from(["w", "l"]), st.integers(1, 50)), max_size=6),
)
def test_no_offered_share_is_lost_or_given_twice(shares: int, wishes: list[Wish]) -> None:
    placed, left = place_offer(shares=shares, wishes=wishes, rows=["w", "l"])
    assert sum(placed.values()) + left == shares
    assert left == 0 or sum(placed.values()) == sum(wish.shares for wish in wishes)


def test_the_law_is_the_one_of_the_day() -> None:
    assert law_on([OLD, NEW], jurisdiction="ES", day=date(2015, 11, 13)) is OLD
    assert law_on([OLD, NEW], jurisdiction="ES", day=date(2015, 11, 14)) is NEW
    with pytest.raises(LawUnclear):
        law_on([OLD, NEW], jurisdiction="ES", day=date(1990, 1, 1))
    with pytest.raises(LawUnclear):
        law_on([OLD, NEW], jurisdiction="FR", day=DAY)


def test_a_law_whose_data_have_a_hole_is_refused() -> None:
    base = {
        "id": "x",
        "jurisdiction": "X",
        "valid_from": "2020-01-01",
        "members_min": 2,
        "holder_max": "1/3",
        "cure_months": 12,
        "reserve_share": "0.1",
    }
    with pytest.raises(LawUnclear) as refused:
        LabourCompanyLaw.from_data({**base, "holder_maximum": "1/3"})
    assert refused.value.facts == {"keys": ("holder_maximum",)}
    with pytest.raises(LawUnclear):
        LabourCompanyLaw.from_data({**base, "hours_limits": [{"workers_below": 25, "limit": "0.25"}]})
    for closed in ((50, 25), (25, 25)):
        limits = [*[{"workers_below": end, "limit": "0.25"} for end in closed], {"limit": "0.1"}]
        with pytest.raises(LawUnclear):
            LabourCompanyLaw.from_data({**base, "hours_limits": limits})
    with pytest.raises(LawUnclear):
        LabourCompanyLaw.from_data({**base, "hours_limits": [{"limit": "0.1"}, {"limit": "0.2"}]})
    with pytest.raises(LawUnclear):
        LabourCompanyLaw.from_data({**base, "valid_to": "2019-12-31"})
    plain = LabourCompanyLaw.from_data(base)
    assert check_company(law=plain, holders=equal_holders(3), workers=[], on=DAY).hours_limit is None
