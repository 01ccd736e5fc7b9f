"""Where money goes: the twelve steps, line by line or part by part, and money ahead of schedule."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jump.core.schedules import Part
from jump.core.schedules.allocation import Ahead, Direction, Sequential, Step, Stepwise, When, use_money
from jump.core.schedules.lines import OpenLine

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 15) for month in (1, 2, 3, 4))
PRINCIPAL_FIRST = (Part.PRINCIPAL, Part.INTEREST, Part.FEE, Part.PENALTY)
INTEREST_FIRST = (Part.INTEREST, Part.PRINCIPAL, Part.FEE, Part.PENALTY)


def line(due_on: date, **due: int) -> OpenLine:
    found = OpenLine(1, JANUARY, due_on)
    for name, amount in due.items():
        found.add_due(Part(name), amount)
    return found


def steps(past: tuple[Part, ...], due: tuple[Part, ...], ahead: tuple[Part, ...]) -> tuple[tuple[When, Part], ...]:
    turns = ((When.PAST_DUE, past), (When.DUE, due), (When.IN_ADVANCE, ahead))
    return tuple((when, part) for when, parts in turns for part in parts)


ALL = steps(PRINCIPAL_FIRST, PRINCIPAL_FIRST, PRINCIPAL_FIRST)


@given(st.integers(1, 400), st.lists(st.integers(1, 60), min_size=1, max_size=12))
@example(5, [10] * 8)  # an eighth of 5 rounds to 1: seven instalments of 1 would be two more than was paid
def test_money_spread_over_all_instalments_is_never_more_than_was_paid(amount: int, owed: list[int]) -> None:
    lines = [line(MARCH, principal=each) for each in owed]
    use = use_money(Stepwise(ALL, ahead={"": Ahead.ALL}), lines, amount, on=FEBRUARY)
    assert use.left_minor == max(0, amount - sum(owed))  # whatever is open takes money as long as there is some
    assert sum(one.paid_minor for one in lines) + use.left_minor == amount
    assert all(0 <= one.paid_minor <= each for one, each in zip(lines, owed, strict=True))


def test_money_ahead_of_schedule_is_spread_evenly_and_the_last_takes_the_cent_left() -> None:
    """100 over three is 33 each; the cent that division leaves goes to the last."""
    lines = [line(MARCH, principal=1_000) for _ in range(3)]
    use_money(Stepwise(ALL, ahead={"": Ahead.ALL}), lines, 100, on=FEBRUARY)
    assert [one.paid_minor for one in lines] == [33, 33, 34]


def test_a_kind_of_payment_may_go_elsewhere_ahead_of_schedule() -> None:
    order = Stepwise(ALL, Direction.VERTICAL, ahead={"repayment": Ahead.LAST})
    assert (order.ahead_for("repayment"), order.ahead_for("goodwill_credit")) == (Ahead.LAST, Ahead.NEXT)
    for kind, paid in (("repayment", [0, 40]), ("goodwill_credit", [40, 0])):
        lines = [line(MARCH, principal=100), line(APRIL, principal=100)]
        use_money(order, lines, 40, on=FEBRUARY, kind=kind)
        assert [one.paid_minor for one in lines] == paid


def test_part_by_part_every_late_instalment_gets_the_part_before_the_next_part_has_its_turn() -> None:
    """Principal first: 50 and 50 of the two that owe some, then 5 of the interest that the oldest owes."""
    lines = [line(FEBRUARY, interest=10), line(FEBRUARY, principal=50, interest=7), line(MARCH, principal=50)]
    use_money(Stepwise(ALL, Direction.VERTICAL), lines, 105, on=APRIL)
    assert [one.paid_minor for one in lines] == [5, 50, 50]


def test_part_by_part_a_single_cent_that_is_open_has_its_turn() -> None:
    lines = [line(FEBRUARY, principal=1, interest=10)]
    use = use_money(Stepwise(ALL, Direction.VERTICAL), lines, 1, on=APRIL)
    assert use.parts[Part.PRINCIPAL] == 1


def test_line_by_line_what_falls_due_today_follows_the_order_for_what_is_due() -> None:
    """Late money pays interest first, money of the day principal first; nothing is late here."""
    order = Stepwise(steps(INTEREST_FIRST, PRINCIPAL_FIRST, INTEREST_FIRST))
    for on, part in ((FEBRUARY, Part.PRINCIPAL), (MARCH, Part.INTEREST), (JANUARY, Part.INTEREST)):
        use = use_money(order, [line(FEBRUARY, principal=50, interest=10)], 10, on=on)
        assert {one: used for one, used in use.parts.items() if used} == {part: 10}


def test_a_charge_that_is_not_due_yet_gives_way_to_principal_ahead_of_schedule() -> None:
    order = Sequential(INTEREST_FIRST, early=(Step(Part.PENALTY, due_only=True), Step(Part.PRINCIPAL)))
    for due, paid in (({}, 0), ({Part.PENALTY: 1}, 1)):
        use = use_money(order, [line(MARCH, principal=50, penalty=10)], 1, on=FEBRUARY, charges_due=due)
        assert (use.parts[Part.PENALTY], use.parts[Part.PRINCIPAL]) == (paid, 1 - paid)


def test_an_order_names_each_step_once() -> None:
    for wrong in ((*ALL[:11], ALL[0]), (*ALL, ALL[0]), ALL[:11]):
        with pytest.raises(ValueError, match="each part once"):
            Stepwise(wrong)


def test_a_line_is_met_on_the_day_its_last_cent_is_paid_waived_or_given_up() -> None:
    open_line = line(MARCH, principal=1, interest=10, fee=5)
    assert open_line.pay(Part.PRINCIPAL, 1, JANUARY) == 1
    assert open_line.waive(Part.FEE, 5, JANUARY) == 5
    assert (open_line.paid_minor, open_line.open_minor, open_line.met_on) == (1, 10, None)
    assert open_line.write_off(FEBRUARY)[Part.INTEREST] == 10
    assert (open_line.open_of(Part.INTEREST), open_line.open_minor, open_line.met_on) == (0, 0, FEBRUARY)
    open_line.add_due(Part.INTEREST, 3)  # owed anew: given up once more, the first loss stays
    assert (open_line.open_of(Part.INTEREST), open_line.write_off(APRIL)[Part.INTEREST]) == (3, 3)
    assert (open_line.written_off[Part.INTEREST], open_line.met_on) == (13, APRIL)
    waived = line(MARCH, fee=5)
    waived.waive(Part.FEE, 5, FEBRUARY)
    assert waived.met_on == FEBRUARY


def test_a_charge_of_the_day_a_period_starts_belongs_to_the_period_before_but_for_the_first() -> None:
    one = line(MARCH)
    found = {day: (one.covers(day, first=True), one.covers(day, first=False)) for day in (JANUARY, FEBRUARY, MARCH)}
    assert found == {JANUARY: (True, False), FEBRUARY: (True, True), MARCH: (True, True)}
    assert not one.covers(APRIL, first=True)
