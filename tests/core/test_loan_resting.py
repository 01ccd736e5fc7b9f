"""Interest on what is really owed, beside an oracle that walks from day to day.

The rate is 36.5 % a year on 365 days: a thousandth of what is owed, each day. So every figure can be followed by hand.

The oracle knows these rules and nothing of stretches, lines or tables (loan cases README, `interest_recalculation`):
- what fell due before the day of the latest money stays as it was;
- money pays what fell due, oldest first, interest before principal; all that it leaves lowers the balance at once (from
  the next rest date on);
- principal that fell due and is not paid bears interest until the rest date of the latest money, interest that fell due
  and is not paid does so too where it compounds; from then on the plan is taken to be kept;
- the running instalment asks at least for what came early; the later ones follow the rule for early money.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.schedules import (
    Amortisation,
    ChargeAdded,
    ChargeWaived,
    Compounding,
    DayCount,
    Disbursed,
    EarlyPayment,
    FactRefused,
    InterestBy,
    InterestMethod,
    LoanAccount,
    LoanTerms,
    Paid,
    Part,
    Practice,
    PreClose,
    Recalculation,
    Rescheduled,
    Rest,
    Reversed,
    Status,
    Stepwise,
    TermsError,
    When,
    loan_account,
)

START = date(2026, 1, 1)
LENT = 100_000_000
DUE = [date(2026, month, 1) for month in (2, 3, 4, 5, 6)]
DAY = timedelta(days=1)
RATE = Fraction(31, 1000)  # of the first period
EQUAL = round(LENT * RATE / (1 - (1 + RATE) ** -5))
TERMS = LoanTerms(
    principal_minor=LENT,
    currency="PHP",
    instalments=5,
    rate_yearly=Decimal("0.365"),
    amortisation=Amortisation.EQUAL_PRINCIPAL,
    interest_by=InterestBy.DAY,
    day_count=DayCount(365),
    recalculation=Recalculation(),
)
Money = tuple[date, int]
Table = list[tuple[int, int]]  # principal and interest of each instalment


def terms(amortisation: Amortisation = Amortisation.EQUAL_PRINCIPAL, **rule: object) -> LoanTerms:
    return replace(TERMS, amortisation=amortisation, recalculation=Recalculation(**rule))  # type: ignore[arg-type]


def account(agreed: LoanTerms, payments: Sequence[Money]) -> LoanAccount:
    """Each payment entered on its own day."""
    facts = [
        Paid(on=on, amount_minor=minor, entered_on=on, ref=f"{number}") for number, (on, minor) in enumerate(payments)
    ]
    return loan_account(agreed, [Disbursed(on=START, amount_minor=LENT, entered_on=START, ref="lent"), *facts])


def table_of(found: LoanAccount) -> Table:
    return [(line.due[Part.PRINCIPAL], line.due[Part.INTEREST]) for line in found.instalments]


@dataclass
class Fallen:
    """One instalment that fell due, and what is open of it."""

    due_on: date
    interest: int
    principal: int
    history: list[tuple[date, str, int]] = field(default_factory=list)  # effective from, what, amount

    def take(self, on: date, money: int, effective: date) -> int:
        for what in ("interest", "principal"):
            used = min(money, getattr(self, what))
            setattr(self, what, getattr(self, what) - used)
            self.history.append((effective, what, used))
            money -= used
        return money

    def bears(self, day: date, what: str) -> int:
        """What was open of it on a day, as far as interest goes."""
        return int(getattr(self, what)) + sum(
            minor for since, part, minor in self.history if part == what and since > day
        )


def rest_of(day: date, rest: Rest) -> date:
    """The first rest date on or after a day."""
    if rest is Rest.WEEKLY:
        return day + timedelta(days=-(day - START).days % 7)
    if rest in (Rest.PERIOD, Rest.MONTHLY):
        return next(one for one in (START, *DUE, date(2026, 7, 1)) if one >= day)
    return day


@dataclass(frozen=True)
class Row:
    principal: int
    interest: int
    falls: tuple[Money, ...]  # from which day on how much of the principal bears no interest


def oracle(agreed: LoanTerms, payments: Sequence[Money]) -> Table:
    """The table after all payments."""
    table = _worked_out(agreed, [], [], START)
    for count, (today, _) in enumerate(payments, 1):
        kept = [row for row, due in zip(table, DUE, strict=False) if due < today]
        table = _worked_out(agreed, kept, payments[:count], today)
    return [(row.principal, row.interest) for row in table]


def _planned(agreed: LoanTerms, position: int, repaid: int, interest: int) -> int:
    """What an instalment asks for of principal."""
    assert agreed.recalculation is not None
    left = LENT - repaid
    if position == 4:
        return left
    if agreed.amortisation is Amortisation.EQUAL_INSTALMENTS:
        return max(0, min(left, EQUAL - interest))
    each = LENT // 5
    match agreed.recalculation.early:
        case EarlyPayment.LOWER_INSTALMENTS:
            return round(Fraction(left, 5 - position))
        case EarlyPayment.NEXT_INSTALMENTS:
            return max(0, each * (position + 1) - repaid)
    return min(left, each)


def _worked_out(agreed: LoanTerms, kept: list[Row], payments: Sequence[Money], today: date) -> list[Row]:
    rule = agreed.recalculation
    assert rule is not None
    compounds = rule.compounding in (Compounding.INTEREST, Compounding.BOTH)
    rows, waiting = list(kept), list(payments)
    fallen = [Fallen(due, row.interest, row.principal) for due, row in zip(DUE, kept, strict=False)]
    while waiting and fallen and waiting[0][0] <= fallen[-1].due_on:
        on, minor = waiting.pop(0)
        for line in fallen:
            minor = line.take(on, minor, rest_of(on, rule.rest))
    for position in range(len(kept), 5):
        start, due = (START, *DUE)[position : position + 2]
        repaid = sum(row.principal for row in rows)
        if repaid == LENT:
            break
        at_due = 0
        falls: list[Money] = []
        while waiting and waiting[0][0] <= due:
            on, minor = waiting.pop(0)
            effective = rest_of(on, rule.rest)
            for line in fallen:
                minor = line.take(on, minor, effective)
            if effective < due:
                falls.append((effective, minor))
            else:
                at_due += minor
        early = sum(minor for _, minor in falls)
        fallen_off = [*falls, *(fall for row in rows for fall in row.falls)]
        interest = Fraction(0)
        for day in (start + offset * DAY for offset in range((due - start).days)):
            bearing = LENT - sum(minor for since, minor in fallen_off if since <= day)
            if day < rest_of(today, rule.rest):
                bearing += sum(
                    line.bears(day, "principal") for line in fallen if rest_of(line.due_on, rule.rest) <= day
                )
                if compounds:
                    bearing += sum(line.bears(day, "interest") for line in fallen)
            interest += Fraction(bearing, 1000)
        asked = round(interest)
        principal = max(early, _planned(agreed, position, repaid, asked))
        # Money of the due date pays what the instalment asks for; what is left pays principal ahead.
        principal = min(LENT - repaid, principal + max(0, at_due - max(0, principal + asked - early)))
        rows.append(Row(principal, asked, (*falls, (rest_of(due, rule.rest), principal - early))))
    return rows


def near(found: Table, wanted: Table) -> bool:
    """To a few hundredths of a cent in a million: interest is rounded for each stretch of unchanged balance."""
    return len(found) == len(wanted) and all(
        abs(a - b) <= 25 for one, other in zip(found, wanted, strict=True) for a, b in zip(one, other, strict=True)
    )


RULES = [
    terms(rest=rest, early=early, compounding=compounding)
    for rest in Rest
    for early in EarlyPayment
    for compounding in (Compounding if rest is Rest.DAILY else [Compounding.NONE])
]
AMOUNTS = [minor * 1_000_000 for minor in (1, 5, 12, 23, 31)]


@given(
    st.sampled_from(RULES),
    st.dictionaries(st.integers(1, 120), st.sampled_from(AMOUNTS), min_size=1, max_size=3),
)
def test_any_money_early_or_late_leaves_the_table_that_a_walk_from_day_to_day_finds(
    agreed: LoanTerms, paid: dict[int, int]
) -> None:
    payments = [(START + passed * DAY, minor) for passed, minor in sorted(paid.items())]
    assert near(table_of(account(agreed, payments)), oracle(agreed, payments))


@pytest.mark.parametrize("agreed", RULES)
def test_two_payments_at_the_corners_of_the_calendar_do_so_too(agreed: LoanTerms) -> None:
    """On a due date, the day before and after it, in the middle, and periods late; little, enough and much."""
    days = (date(2026, 1, 31), DUE[0], date(2026, 2, 2), date(2026, 3, 15), DUE[3])
    for (first, second), one, other in itertools.product(
        itertools.combinations(days, 2), (5_000_000, 23_100_000, 40_000_000), (7_000_000, 30_000_000)
    ):
        payments = [(first, one), (second, other)]
        found = table_of(account(agreed, payments))
        assert near(found, oracle(agreed, payments)), (payments, found)
        assert sum(principal for principal, _ in found) == LENT


def test_equal_instalments_keep_their_sum_while_nothing_comes_early() -> None:
    """E = 100,000,000 x 0.031 / (1 - 1.031^-5) = 21,897,841; late principal bears interest, which E pays first."""
    for early in EarlyPayment:
        agreed = terms(Amortisation.EQUAL_INSTALMENTS, early=early)
        for payments in ([], [(date(2026, 2, 11), 5_000_000)], [(date(2026, 4, 20), 30_000_000)]):
            found = table_of(account(agreed, payments))
            assert near(found, oracle(agreed, payments)), payments
            assert {principal + interest for principal, interest in found[:4]} == {EQUAL} or payments


def test_money_ahead_lowers_equal_instalments_from_the_next_one_on() -> None:
    """31,000,000 on 11 January: 69,000,000 left, interest 10 x 100,000 + 21 x 69,000 = 2,449,000.

    E over the four instalments left is 69,000,000 x 0.031 / (1 - 1.031^-4) = 18,607,276; they stay as they are where
    the money shortens the loan: E of the whole is 21,897,841.
    """
    lower = table_of(account(terms(Amortisation.EQUAL_INSTALMENTS), [(date(2026, 1, 11), 31_000_000)]))
    fewer = table_of(
        account(
            terms(Amortisation.EQUAL_INSTALMENTS, early=EarlyPayment.FEWER_INSTALMENTS),
            [(date(2026, 1, 11), 31_000_000)],
        )
    )
    assert lower[0] == fewer[0] == (31_000_000, 2_449_000)
    assert [sum(row) for row in lower[1:4]] == [round(69_000_000 * RATE / (1 - (1 + RATE) ** -4))] * 3
    assert [sum(row) for row in fewer[1:4]] == [EQUAL] * 3
    assert sum(principal for principal, _ in lower) == sum(principal for principal, _ in fewer) == LENT


@pytest.mark.parametrize("early", list(EarlyPayment))
def test_interest_above_the_equal_instalment_is_no_money_paid_ahead(early: EarlyPayment) -> None:
    """One percent a day, and interest compounds: E = 100,000,000 x 0.31 / (1 - 1.31^-5) = 41,847,797 or so.

    Nothing is paid until 31 March, and then one unit. March counts 100,000,000 and the unpaid interest of two months
    for 30 days, beyond E. So it asks for no principal, and April for no less than E in all: what E had no room for is
    no money that came early.
    """
    agreed = replace(
        terms(Amortisation.EQUAL_INSTALMENTS, early=early, compounding=Compounding.INTEREST),
        rate_yearly=Decimal("3.65"),
    )
    rate = Fraction(310, 1000)
    equal = round(LENT * rate / (1 - (1 + rate) ** -5))
    plan, found = table_of(account(agreed, [])), table_of(account(agreed, [(date(2026, 3, 31), 1)]))
    assert found[:2] == plan[:2]
    owed = LENT - sum(principal for principal, _ in plan[:2])
    unpaid = sum(interest for _, interest in plan[:2])
    march = (LENT + unpaid) * 30 // 100 + owed // 100  # the last day of the month as planned
    assert march > equal
    assert found[2][0] == 0
    assert abs(found[2][1] - march) <= 2
    assert abs(found[3][1] - owed * 30 // 100) <= 2
    assert sum(found[3]) == equal


@pytest.mark.parametrize("rest", [Rest.DAILY, Rest.PERIOD])
@pytest.mark.parametrize("number", range(5))
def test_a_loan_paid_off_inside_a_period_bears_interest_until_that_day(rest: Rest, number: int) -> None:
    """Ten days at a thousandth of what is owed; a unit less leaves it open, more than that is overpaid."""
    day = (START, *DUE)[number] + 10 * DAY
    owed = LENT - number * 20_000_000
    days = [31, 28, 31, 30]
    kept = [(DUE[at], 20_000_000 + (LENT - at * 20_000_000) * days[at] // 1000) for at in range(number)]
    exact = owed + owed // 100
    for beyond in (0, 1, 5_000_000):
        found = account(terms(rest=rest), [*kept, (day, exact + beyond)])
        assert (found.owed_minor, found.overpaid_minor) == (0, beyond)
        assert found.status is (Status.OVERPAID if beyond else Status.CLOSED)
        last = found.instalments[-1]
        assert (last.due_on, last.due[Part.PRINCIPAL], last.due[Part.INTEREST]) == (day, owed, owed // 100)
    less = account(terms(rest=rest), [*kept, (day, exact - 1)])
    assert less.status is Status.ACTIVE
    assert less.owed_minor > 0
    assert sum(line.due[Part.PRINCIPAL] for line in less.instalments) == LENT


def test_where_interest_counts_to_the_rest_date_a_loan_is_paid_off_with_all_of_it() -> None:
    """31 days from the first of January at 100,000 each; on the day itself the rest date is that day: ten."""
    later = terms(rest=Rest.PERIOD, pre_close=PreClose.REST_DAY)
    day = date(2026, 1, 11)
    assert account(later, [(day, 103_100_000)]).status is Status.CLOSED
    assert account(later, [(day, 103_099_999)]).status is Status.ACTIVE
    assert account(terms(pre_close=PreClose.REST_DAY), [(day, 101_000_000)]).status is Status.CLOSED
    assert account(terms(pre_close=PreClose.REST_DAY), [(day, 100_999_999)]).owed_minor == 1


def test_paying_off_late_takes_the_late_interest_along() -> None:
    """Nothing came until 11 March. Kept: 20,000,000 + 3,100,000 and 20,000,000 + 2,240,000. Ten days on all of it."""
    day = date(2026, 3, 11)
    exact = LENT + 3_100_000 + 2_240_000 + 1_000_000
    found = account(terms(), [(day, exact)])
    assert (found.status, found.overpaid_minor) == (Status.CLOSED, 0)
    compounds = account(terms(compounding=Compounding.INTEREST), [(day, exact + 53_400)])  # 5,340,000 for ten days
    assert (compounds.status, compounds.overpaid_minor) == (Status.CLOSED, 0)
    assert account(terms(compounding=Compounding.INTEREST), [(day, exact + 53_399)]).status is Status.ACTIVE


def test_what_is_late_after_the_last_due_date_bears_interest_from_payment_to_payment() -> None:
    """20,000,000 late for ten days; then 1,000,000 pays 620,000 of interest and 380,000 of principal; ten days more."""
    months = [(due, minor) for due, minor in zip(DUE, (23_100_000, 22_240_000, 21_860_000, 21_200_000), strict=False)]
    late = [*months, (date(2026, 6, 11), 1_000_000), (date(2026, 6, 21), 1_000_000)]
    plain = account(terms(), late).instalments
    assert [line.due[Part.INTEREST] for line in plain[:5]] == [3_100_000, 2_240_000, 1_860_000, 1_200_000, 620_000]
    assert [line.due[Part.INTEREST] for line in plain[5:]] == [200_000, 196_200]
    assert [(line.from_on, line.due_on) for line in plain[5:]] == [
        (date(2026, 6, 1), date(2026, 6, 11)), (date(2026, 6, 11), date(2026, 6, 21)),
    ]  # fmt: skip
    # Where interest compounds: (20,000,000 + 620,000) x 10 / 1000, then (19,620,000 + 206,200) x 10 / 1000.
    compounds = account(terms(compounding=Compounding.INTEREST), late).instalments
    assert [line.due[Part.INTEREST] for line in compounds[5:]] == [206_200, 198_262]
    # Paid up on the last due date there is nothing after it.
    assert len(account(terms(), [*months, (DUE[4], 20_620_000)]).instalments) == 5


@pytest.mark.parametrize("early", list(EarlyPayment))
@pytest.mark.parametrize("amortisation", list(Amortisation))
def test_a_loan_paid_to_the_day_keeps_the_table_that_is_never_worked_out_anew(
    early: EarlyPayment, amortisation: Amortisation
) -> None:
    """Two roads: with a grace, later tranches (one on a due date), more instalments and another rate on the way."""
    agreed = replace(terms(amortisation, early=early), grace_principal=1, interest_free=1, instalments=5)
    lent = [
        Disbursed(on=on, amount_minor=minor, entered_on=START, ref=f"lent {on}")
        for on, minor in ((START, 60_000_000), (date(2026, 2, 11), 25_000_000), (DUE[1], 15_000_000))
    ]
    changes = [
        Rescheduled(from_on=DUE[3], extra_terms=2, entered_on=START, ref="more"),
        Rescheduled(from_on=DUE[2], rate_yearly=Decimal("0.73"), entered_on=START, ref="dearer"),
    ]
    for facts in ([], lent[1:], [*lent[1:], *changes], changes):
        told = [lent[0], *facts]
        for _ in range(7):
            plain = loan_account(replace(agreed, recalculation=None), told)
            assert table_of(loan_account(agreed, told)) == table_of(plain)
            coming = next((line for line in plain.instalments if line.open_minor), None)
            if coming is None:
                break
            on = coming.due_on
            told.append(Paid(on=on, amount_minor=coming.open_minor, entered_on=on, ref=f"paid {on}"))
        assert plain.status is Status.CLOSED


@pytest.mark.parametrize("agreed", RULES)
def test_a_payment_taken_back_on_its_day_leaves_no_trace(agreed: LoanTerms) -> None:
    first = (date(2026, 1, 11), 12_000_000)
    on = date(2026, 2, 11)
    for minor in (1_000_000, 40_000_000, 150_000_000):
        wrong = Paid(on=on, amount_minor=minor, entered_on=on, ref="wrong")
        told = [
            Disbursed(on=START, amount_minor=LENT, entered_on=START, ref="lent"),
            Paid(on=first[0], amount_minor=first[1], entered_on=first[0], ref="first"),
        ]
        back = loan_account(agreed, [*told, wrong, Reversed(target_ref="wrong", entered_on=on, ref="back")])
        right = Paid(on=on, amount_minor=7_000_000, entered_on=on, ref="right")
        again = loan_account(agreed, [*told, wrong, Reversed(target_ref="wrong", entered_on=on, ref="back"), right])
        assert table_of(again) == table_of(loan_account(agreed, [*told, right]))
        assert [line.paid for line in again.instalments] == [
            line.paid for line in loan_account(agreed, [*told, right]).instalments
        ]
        assert sum(line.due[Part.PRINCIPAL] for line in back.instalments) == LENT


def test_a_payment_told_late_counts_from_its_day() -> None:
    """12,000,000 of 11 January, told on 20 March: 10 days on 100,000,000 and 21 on 88,000,000 = 2,848,000.

    The instalment of 1 February asked for 22,848,000, so 10,848,000 of principal stayed open. It bears interest beside
    the 80,000,000 of the plan all of February: 28 x 90,848 = 2,543,744. In March 60,000,000 of the plan and 30,848,000
    that are late for the 19 days until it was told, 60,000,000 for the 12 after: 1,726,112 + 720,000.
    """
    told_on = date(2026, 3, 20)
    lent = Disbursed(on=START, amount_minor=LENT, entered_on=START, ref="lent")
    found = loan_account(
        terms(), [lent, Paid(on=date(2026, 1, 11), amount_minor=12_000_000, entered_on=told_on, ref="p")]
    )
    assert table_of(found)[:3] == [(20_000_000, 2_848_000), (20_000_000, 2_543_744), (20_000_000, 2_446_112)]
    assert table_of(found)[3:] == [(20_000_000, 1_200_000), (20_000_000, 620_000)]


def test_charges_take_their_turn_in_a_table_worked_out_anew() -> None:
    """A fee of 300,000 on 20 January belongs to the first instalment: of 5,000,000 on 11 February it is paid first.

    So 5,000,000 - 300,000 - 3,100,000 = 1,600,000 is principal. Until then 20,000,000 was late beside 80,000,000.
    A fee of the first day belongs to it too; one of the due date does, the day after it belongs to the next.
    """
    on = date(2026, 2, 11)
    for due, is_first in ((START, True), (date(2026, 1, 20), True), (DUE[0], True), (date(2026, 2, 2), False)):
        fee = ChargeAdded(due_on=due, amount_minor=300_000, part=Part.FEE, entered_on=START, ref="fee")
        paid = Paid(on=on, amount_minor=5_000_000, entered_on=on, ref="paid")
        lent = Disbursed(on=START, amount_minor=LENT, entered_on=START, ref="lent")
        found = loan_account(terms(), [lent, fee, paid])
        first, second = found.instalments[:2]
        assert (first.due[Part.FEE], second.due[Part.FEE]) == ((300_000, 0) if is_first else (0, 300_000))
        assert first.paid[Part.PRINCIPAL] == (1_600_000 if is_first else 1_900_000)
        assert second.due[Part.INTEREST] == 10 * 100_000 + 18 * 80_000
        # Two fees of one instalment add up, and a third told later.
        both = loan_account(
            terms(), [lent, fee, replace(fee, amount_minor=50_000, ref="other"), replace(paid, amount_minor=350_000)]
        )
        assert sum(line.due[Part.FEE] for line in both.instalments) == 350_000
        waived = loan_account(
            terms(), [lent, fee, ChargeWaived(charge_ref="fee", entered_on=date(2026, 2, 5), ref="w"), paid]
        )
        assert waived.instalments[0].paid[Part.PRINCIPAL] == 1_900_000


def test_terms_that_cannot_be_counted_anew_are_refused() -> None:
    with pytest.raises(TermsError, match="flat"):
        replace(TERMS, method=InterestMethod.FLAT)
    with pytest.raises(TermsError, match="grace on interest"):
        replace(TERMS, grace_interest=1)
    stepwise = Practice(allocation=Stepwise(steps=tuple(itertools.product(When, Part))))
    with pytest.raises(FactRefused, match="from line to line"):
        loan_account(TERMS, [Disbursed(on=START, amount_minor=LENT, entered_on=START, ref="lent")], practice=stepwise)
