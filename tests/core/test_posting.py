"""Entries: two lines or more, nothing lost, and a chain that shows every change."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.posting import (
    CHAIN_START,
    LineOutOfRange,
    PostingLine,
    TooFewLines,
    Unbalanced,
    ZeroLine,
    balances,
    canonical_bytes,
    chain_link,
    check_lines,
    first_broken_link,
    problems_of,
    trial_balance,
)

CASH, LOANS = PostingLine("cash", "THB", -500), PostingLine("loans", "THB", 500)


def test_an_entry_of_two_lines_that_sum_to_zero_is_valid() -> None:
    check_lines([CASH, LOANS])


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ([], TooFewLines),
        ([CASH], TooFewLines),
        ([CASH, replace(LOANS, amount_minor=499)], Unbalanced),
        ([CASH, replace(LOANS, unit="kg")], Unbalanced),
        ([CASH, LOANS, PostingLine("fees", "THB", 0)], ZeroLine),
        ([PostingLine("a", "THB", 2**63), PostingLine("b", "THB", -(2**63))], LineOutOfRange),
    ],
)
@pytest.mark.covers("RLF-06")
def test_what_is_not_an_entry_is_refused_by_name(lines: list[PostingLine], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_lines(lines)


def test_every_problem_is_named_with_its_facts() -> None:
    found = problems_of([replace(CASH, amount_minor=-400), LOANS, PostingLine("stock", "kg", 0)])
    assert [(problem.code, problem.facts) for problem in found] == [
        ("posting.zero_line", {"position": 2, "account": "stock"}),
        ("posting.unbalanced", {"unit": "THB", "off_minor": 100}),
    ]


def test_money_and_grain_balance_each_by_itself() -> None:
    check_lines([CASH, LOANS, PostingLine("store", "kg", 40), PostingLine("farmers", "kg", -40)])


entries = st.lists(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["THB", "kg"]), st.integers(1, 10**15)), min_size=1, max_size=4
    ),
    max_size=20,
)


@given(entries)
@pytest.mark.covers("RLF-06")
def test_any_number_of_valid_entries_leaves_the_trial_balance_at_zero(
    movements: list[list[tuple[int, str, int]]],
) -> None:
    lines: list[PostingLine] = []
    for moved in movements:
        entry = [
            PostingLine(f"account {index + shift} in {unit}", unit, amount * sign)
            for index, unit, amount in moved
            for shift, sign in ((0, 1), (1, -1))
        ]
        check_lines(entry)
        lines += entry
    table = trial_balance(lines)
    assert table.is_balanced
    for row in table.rows:
        assert row.balance_minor == sum(line.amount_minor for line in lines if line.account == row.account)


def test_a_trial_balance_says_which_unit_is_out_and_by_how_much() -> None:
    table = trial_balance([CASH, LOANS, PostingLine("cash", "THB", 7)])
    assert not table.is_balanced
    assert table.off_minor == {"THB": 7}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-(10**17), 10**17)), max_size=40))
def test_balances_over_arrays_agree_with_adding_line_by_line(lines: list[tuple[int, int]]) -> None:
    index = np.array([account for account, _ in lines], dtype=np.int64)
    amount = np.array([value for _, value in lines], dtype=np.int64)
    expected = [sum(value for account, value in lines if account == wanted) for wanted in range(6)]
    assert balances(index, amount, accounts=6).tolist() == expected


def entry_bytes(number: int, memo: str = "Tranche", lines: tuple[PostingLine, ...] = (CASH, LOANS)) -> bytes:
    return canonical_bytes(book="bok-1", number=number, occurred_on=date(2026, 1, 31), memo=memo, lines=lines)


def chained(entries: list[bytes]) -> list[tuple[bytes, bytes]]:
    link, found = CHAIN_START, []
    for entry in entries:
        link = chain_link(link, entry)
        found.append((entry, link))
    return found


def test_the_bytes_of_an_entry_do_not_depend_on_the_order_of_its_labels() -> None:
    one = replace(CASH, labels={"line": "3200", "place": "PH"})
    other = replace(CASH, labels={"place": "PH", "line": "3200"})
    assert entry_bytes(1, lines=(one, LOANS)) == entry_bytes(1, lines=(other, LOANS))
    assert entry_bytes(1, lines=(CASH, LOANS)) != entry_bytes(1, lines=(LOANS, CASH))
    assert entry_bytes(1, memo="Café") == entry_bytes(1, memo="Café")


@given(st.integers(1, 12), st.data())
def test_a_changed_removed_or_moved_entry_breaks_the_chain_where_it_stood(size: int, data: st.DataObject) -> None:
    chain = chained([entry_bytes(number) for number in range(size)])
    assert first_broken_link(chain) is None
    at = data.draw(st.integers(0, size - 1))
    changed = [*chain]
    changed[at] = (entry_bytes(at, memo="Tranche, larger"), chain[at][1])
    assert first_broken_link(changed) == at
    if at < size - 1:
        assert first_broken_link(chain[:at] + chain[at + 1 :]) == at
        swapped = [*chain]
        swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
        assert first_broken_link(swapped) == at


def test_the_bytes_of_an_entry_are_these_for_ever() -> None:
    """Chains that were sealed years ago must still prove: no change of how entries are written goes unseen."""
    lines = [replace(CASH, labels={"place": "jump/asia/PH/", "line": "13"}), LOANS]
    written = canonical_bytes(book="bok-1", number=7, occurred_on=date(2004, 6, 30), memo="Añojo – 1", lines=lines)
    assert (
        written
        == (
            '{"book":"bok-1","lines":[["cash","THB",-500,{"line":"13","place":"jump/asia/PH/"}],["loans","THB",500,{}]],'
            '"memo":"Añojo – 1","number":7,"occurred_on":"2004-06-30","reverses":"","source":""}'
        ).encode()
    )
    assert chain_link(CHAIN_START, written).hex() == (
        "5850bcab47406436de6a764d5f883ff1e80450ce8db55687e2bbd9d585e70b93"
    )


def test_the_smallest_amount_and_the_widest_count_on_their_own_side() -> None:
    small = [PostingLine("cash", "THB", -1), PostingLine("loans", "THB", 1)]
    rows = trial_balance(small).rows
    assert [(row.account, row.debit_minor, row.credit_minor) for row in rows] == [("cash", 0, 1), ("loans", 1, 0)]
    widest = [PostingLine("cash", "THB", -(2**63 - 1)), PostingLine("loans", "THB", 2**63 - 1)]
    assert problems_of(widest) == []
    for amount_minor in (2**63, -(2**63) - 1):
        [first, *_others] = problems_of([PostingLine("cash", "THB", amount_minor), LOANS])
        assert isinstance(first, LineOutOfRange)
        assert first.facts == {"position": 0, "account": "cash"}
    assert problems_of([PostingLine("cash", "THB", -(2**63)), LOANS])[0].code == "posting.unbalanced"


def test_too_few_lines_are_counted_in_the_refusal() -> None:
    [found, *_others] = problems_of([CASH])
    assert isinstance(found, TooFewLines)
    assert found.facts == {"lines": 1}
    assert str(found)
