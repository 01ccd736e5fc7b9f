"""A loan after whatever happened to it: nothing is lost, nothing is made up, and the order of entry does not matter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.calendars import Unit
from jump.core.schedules import (
    ALLOCATIONS,
    Adjusted,
    Ahead,
    Allocation,
    Approved,
    ChargeAdded,
    ChargedOff,
    ChargeWaived,
    DayEnded,
    Direction,
    Disbursed,
    EarlyPayment,
    Fact,
    FactRefused,
    InterestBy,
    LineKind,
    LoanAccount,
    LoanTerms,
    MovementKind,
    Paid,
    PaidOff,
    Part,
    PaymentKind,
    Practice,
    PreClose,
    Recalculation,
    Refunded,
    Rescheduled,
    Rest,
    Reversed,
    Role,
    ScheduleKind,
    Status,
    Stepwise,
    WaiverUndone,
    When,
    WrittenOff,
    adjustment,
    entry,
    history,
    loan_account,
    standing,
)
from jump.core.schedules.book import LinesOf
from jump.core.schedules.movements import OpenMovement

START = date(2026, 1, 15)
TERMS = LoanTerms(
    principal_minor=120_000, currency="PHP", instalments=12, rate_yearly=Decimal("0.12"), interest_by=InterestBy.DAY
)
PROGRESSIVE = replace(TERMS, kind=ScheduleKind.PROGRESSIVE)
TWELVE = Stepwise(
    steps=tuple((when, part) for when in When for part in (Part.PENALTY, Part.FEE, Part.PRINCIPAL, Part.INTEREST)),
    ahead={"": Ahead.NEXT, "goodwill_credit": Ahead.LAST},
)


def on(days: int) -> date:
    return START + timedelta(days=days)


def lent(amount: int = 120_000, days: int = 0) -> Disbursed:
    return Disbursed(on=on(days), amount_minor=amount, entered_on=on(days), ref=f"lent{days}")


def paid(amount: int, days: int, ref: str = "", entered: int | None = None) -> Paid:
    known = on(days if entered is None else entered)
    return Paid(on=on(days), amount_minor=amount, entered_on=known, ref=ref or f"paid{days}")


def account(
    *facts: Fact, terms: LoanTerms = TERMS, allocation: Allocation | None = None, as_of: date | None = None
) -> LoanAccount:
    practice = Practice(allocation=allocation) if allocation else Practice()
    return loan_account(terms, facts, as_of=as_of, practice=practice)


# --- money is used once ---------------------------------------------------------------------------------------------

SEQUENTIAL = sorted(ALLOCATIONS)
allocations = st.one_of(
    st.sampled_from(SEQUENTIAL).map(lambda name: ALLOCATIONS[name]),
    st.builds(
        Stepwise,
        steps=st.permutations([(when, part) for when in When for part in Part]).map(tuple),
        direction=st.sampled_from(Direction),
        ahead=st.sampled_from(Ahead).map(lambda ahead: {"": ahead}),
    ),
)


@st.composite
def stories(draw: st.DrawFn) -> tuple[LoanTerms, Allocation, list[Fact]]:
    """A loan and what happens to it, each fact entered on the day it counts from or later."""
    terms = replace(
        TERMS,
        kind=draw(st.sampled_from(ScheduleKind)),
        instalments=draw(st.integers(1, 8)),
        every=draw(st.sampled_from([1, 15])),
        unit=draw(st.sampled_from([Unit.MONTHS, Unit.DAYS])),
        rate_yearly=draw(st.sampled_from([Decimal(0), Decimal("0.12"), Decimal("0.3")])),
        own_contribution_percent=draw(st.sampled_from([Decimal(0), Decimal(25)])),
        own_contribution_automatic=draw(st.booleans()),
        instalment_multiple_minor=draw(st.sampled_from([1, 100])),
    )
    facts: list[Fact] = [lent(draw(st.sampled_from([60_000, 100_001])))]
    refs: list[str] = []
    today = 0
    for number in range(draw(st.integers(0, 10))):
        today += draw(st.integers(0, 12))
        known, ref = on(today), f"fact{number}"
        back = on(max(0, today - draw(st.sampled_from([0, 0, 0, 5, 20]))))
        amount = draw(st.integers(1, 60_000))
        match draw(st.sampled_from(["pay", "pay", "pay", "charge", "goodwill", "reverse", "waive", "refund", "day"])):
            case "pay":
                facts.append(Paid(on=back, amount_minor=amount, entered_on=known, ref=ref))
                refs.append(ref)
            case "goodwill":
                kind = PaymentKind.GOODWILL
                facts.append(Paid(on=back, amount_minor=amount, entered_on=known, kind=kind, ref=ref))
                refs.append(ref)
            case "charge":
                part, due = draw(st.sampled_from([Part.FEE, Part.PENALTY])), on(today + draw(st.integers(-10, 60)))
                due = max(due, START)
                facts.append(ChargeAdded(due_on=due, amount_minor=amount, part=part, entered_on=known, ref=ref))
            case "reverse" if refs:
                facts.append(Reversed(target_ref=refs.pop(draw(st.integers(0, len(refs) - 1))), entered_on=known))
            case "waive" if any(isinstance(fact, ChargeAdded) for fact in facts):
                if not any(isinstance(fact, ChargeWaived) for fact in facts):
                    facts.append(ChargeWaived(entered_on=known, ref=ref))
            case "refund":
                over = loan_account(terms, facts).overpaid_minor
                if over:
                    facts.append(Refunded(on=known, amount_minor=over, entered_on=known, ref=ref))
                    refs.append(ref)
            case "day":
                facts.append(DayEnded(entered_on=known))
            case _:
                pass
    return terms, draw(allocations), facts


@given(stories())
@pytest.mark.covers("RLF-06")
def test_every_unit_is_used_once_or_shown_as_overpaid(story: tuple[LoanTerms, Allocation, list[Fact]]) -> None:
    terms, allocation, facts = story
    loan = account(*facts, terms=terms, allocation=allocation)
    live = [one for one in loan.movements if not one.is_reversed]
    payments = [one for one in live if one.kind in (MovementKind.REPAYMENT, MovementKind.GOODWILL)]
    payments += [one for one in live if one.kind is MovementKind.OWN_CONTRIBUTION]
    refunds = [one for one in live if one.kind is MovementKind.REFUND]
    for one in payments:
        assert min(one.parts.values()) >= 0
        assert sum(one.parts.values()) + one.overpaid_minor == one.amount_minor
    received = sum(one.amount_minor for one in payments)
    on_lines = sum(line.paid_minor for line in loan.instalments)
    given_back = sum(one.amount_minor for one in refunds)
    owed_again = sum(one.parts[Part.PRINCIPAL] for one in refunds)
    kept_by_lines = sum(one.overpaid_minor for one in refunds if one.parts[Part.PRINCIPAL])
    assert on_lines - kept_by_lines + loan.overpaid_minor == received - given_back + owed_again
    for line in loan.instalments:
        for part in Part:
            assert 0 <= line.paid[part] <= line.due[part]
            assert line.open_of(part) >= 0
        assert line.paid_early_minor + line.paid_late_minor <= line.paid_minor
        assert (line.met_on is not None) == (line.open_minor == 0)
    principal = sum(line.due[Part.PRINCIPAL] for line in loan.instalments)
    credited = sum(one.amount_minor for one in refunds if one.parts[Part.PRINCIPAL])
    assert principal == sum(tranche.amount_minor for tranche in loan.disbursements) + credited
    assert all(sum(line.amount_minor for line in entry(one)) == 0 for one in loan.movements)


@given(stories())
@pytest.mark.covers("RLF-06")
def test_putting_money_on_top_is_the_same_as_using_everything_anew(
    story: tuple[LoanTerms, Allocation, list[Fact]],
) -> None:
    """A payment that is taken back again, or a change of plan that changes nothing, leaves no trace."""
    terms, allocation, facts = story
    loan = account(*facts, terms=terms, allocation=allocation)
    last = facts[-1].entered_on
    anew = account(*facts, Rescheduled(from_on=last, entered_on=last), terms=terms, allocation=allocation)
    again = account(
        *facts,
        Paid(on=START, amount_minor=1, entered_on=last, ref="mistake"),
        Reversed(target_ref="mistake", entered_on=last),
        terms=terms,
        allocation=allocation,
    )
    assert again.instalments == loan.instalments == anew.instalments
    assert again.overpaid_minor == loan.overpaid_minor == anew.overpaid_minor
    assert again.status == loan.status
    kept = [one for one in again.movements if one.ref != "mistake" and one.kind is not MovementKind.ACCRUAL]
    before = [one for one in loan.movements if one.kind is not MovementKind.ACCRUAL]
    assert [(one.ref, one.parts) for one in kept] == [(one.ref, one.parts) for one in before]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 30_000)), max_size=10), st.randoms())
def test_payments_entered_in_any_order_leave_the_same_loan(payments: list[tuple[int, int]], random: object) -> None:
    in_order = [paid(amount, day, ref=str(number)) for number, (day, amount) in enumerate(sorted(payments))]
    late = [replace(fact, entered_on=on(500)) for fact in in_order]
    random.shuffle(late)  # type: ignore[attr-defined]
    one = account(lent(), *[replace(fact, entered_on=on(500)) for fact in in_order])
    other = account(lent(), *late)
    assert one.owed_minor == other.owed_minor
    assert one.overpaid_minor == other.overpaid_minor


# --- what single facts do -------------------------------------------------------------------------------------------


def test_a_loan_is_submitted_then_approved_then_active_then_closed() -> None:
    assert account().status is Status.SUBMITTED
    assert account(Approved(entered_on=START)).status is Status.APPROVED
    assert account(lent()).status is Status.ACTIVE
    owed = account(lent()).owed_minor
    assert account(lent(), paid(owed, 10)).status is Status.CLOSED
    over = account(lent(), paid(owed + 7, 10))
    assert (over.status, over.overpaid_minor, over.owed_minor) == (Status.OVERPAID, 7, 0)


def test_a_disbursement_taken_back_leaves_an_approved_loan_that_owes_nothing() -> None:
    facts = (Approved(entered_on=START), lent(), paid(500, 3), Reversed(target_ref="paid3", entered_on=on(4)))
    loan = account(*facts, Reversed(target_ref="lent0", entered_on=on(5)))
    assert (loan.status, loan.instalments, loan.owed_minor) == (Status.APPROVED, (), 0)


@pytest.mark.parametrize("kind", ScheduleKind)
def test_a_charge_agreed_before_the_money_is_paid_out_waits_for_it(kind: ScheduleKind) -> None:
    charge = ChargeAdded(due_on=on(10), amount_minor=900, part=Part.FEE, entered_on=on(-5), ref="fee")
    loan = account(charge, lent(), terms=replace(TERMS, kind=kind))
    assert loan.instalments[0].due[Part.FEE] == 900
    assert loan.instalments == account(lent(), replace(charge, entered_on=START), terms=loan.terms).instalments


def test_what_is_not_yet_known_is_not_seen() -> None:
    facts = (lent(), paid(50_000, 10), paid(10_000, 20))
    assert account(*facts, as_of=on(15)) == account(*facts[:2], as_of=on(15))


def test_a_back_dated_payment_books_the_difference_once_and_keeps_history() -> None:
    before = account(lent(), paid(20_000, 60))
    after = account(lent(), paid(20_000, 60), paid(11_000, 20, entered=61))
    difference = {line.role: line.amount_minor for line in adjustment(before.movements, after.movements)}
    assert difference[Role.FUND] == 11_000
    assert sum(difference.values()) == 0
    assert standing(after.movements) == {
        role: standing(before.movements).get(role, 0) + difference.get(role, 0)
        for role in {*standing(before.movements), *difference}
    }
    assert adjustment(after.movements, after.movements) == ()


def test_a_reversed_payment_shows_its_mirror_and_cannot_be_reversed_again() -> None:
    facts = (lent(), paid(20_000, 31), Reversed(target_ref="paid31", entered_on=on(40)))
    loan = account(*facts)
    taken_back = loan.movement("paid31")
    assert taken_back.is_reversed
    assert sum(line.amount_minor for line in history(taken_back) if line.role is Role.FUND) == 0
    assert loan.owed_minor == account(lent()).owed_minor
    with pytest.raises(FactRefused):
        account(*facts, Reversed(target_ref="paid31", entered_on=on(41)))


def test_an_adjusted_payment_is_taken_back_and_made_again() -> None:
    loan = account(lent(), paid(20_000, 31), Adjusted(target_ref="paid31", amount_minor=15_000, entered_on=on(33)))
    moved = [one for one in loan.movements if one.kind is MovementKind.REPAYMENT]
    assert [(one.amount_minor, one.on, one.is_reversed) for one in moved] == [
        (20_000, on(31), True),
        (15_000, on(31), False),
    ]


def test_a_charge_after_the_last_instalment_makes_a_line_of_its_own_and_a_waiver_closes_it() -> None:
    end = account(lent()).instalments[-1].due_on
    charge = ChargeAdded(
        due_on=end + timedelta(days=5), amount_minor=900, part=Part.PENALTY, entered_on=end, ref="late"
    )
    loan = account(lent(), charge)
    assert [(line.kind, line.open_minor) for line in loan.instalments][-1] == (LineKind.EXTRA, 900)
    waived = account(lent(), charge, ChargeWaived(entered_on=end + timedelta(days=9)))
    assert (waived.instalments[-1].open_minor, waived.instalments[-1].met_on) == (0, end + timedelta(days=5))
    undone = account(
        lent(),
        charge,
        ChargeWaived(entered_on=end + timedelta(days=9)),
        WaiverUndone(entered_on=end + timedelta(days=10)),
    )
    assert undone.instalments == loan.instalments


def test_a_partly_paid_charge_is_waived_only_as_far_as_it_is_open() -> None:
    charge = ChargeAdded(due_on=on(10), amount_minor=900, part=Part.FEE, entered_on=on(5), ref="fee")
    loan = account(lent(), charge, paid(400, 11), ChargeWaived(entered_on=on(12)))
    line = loan.instalments[0]
    assert (line.due[Part.FEE], line.paid[Part.FEE], line.waived[Part.FEE]) == (900, 400, 500)
    with pytest.raises(FactRefused):
        account(lent(), ChargeWaived(entered_on=on(12)))


def test_overpaid_money_goes_back_and_beyond_that_is_owed_again() -> None:
    owed = account(lent()).owed_minor
    over = (lent(), paid(owed + 500, 10))
    assert account(*over, Refunded(on=on(11), amount_minor=500, entered_on=on(11))).status is Status.CLOSED
    refunded = (*over, Refunded(on=on(11), amount_minor=500, entered_on=on(11), ref="refund"))
    loan = account(*refunded, Adjusted(target_ref="paid10", amount_minor=owed + 200, entered_on=on(12)))
    assert (loan.status, loan.owed_minor) == (Status.ACTIVE, 300)
    assert loan.movement("refund").parts[Part.PRINCIPAL] == 300


OFF = ChargedOff(on=on(9), entered_on=on(9))
LOSS = WrittenOff(on=on(9), entered_on=on(9))
FEE = ChargeAdded(due_on=on(20), amount_minor=5, part=Part.FEE, entered_on=on(10))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([paid(500, 3)], "nothing was paid out yet"),
        ([lent(), paid(0, 3)], "above zero"),
        ([lent(), paid(500, 3), Refunded(on=on(4), amount_minor=1, entered_on=on(4))], "than was overpaid"),
        ([lent(), OFF, FEE], "no new charge"),
        ([lent(), OFF, OFF], "already"),
        ([lent(), LOSS, paid(500, 10)], "written off"),
        ([lent(), replace(paid(500, 10), kind=PaymentKind.RECOVERY)], "only a loan written off"),
        ([lent(), Reversed(target_ref="nothing", entered_on=on(4))], "no movement"),
    ],
)
def test_what_cannot_happen_is_refused_with_the_reason(facts: list[Fact], why: str) -> None:
    with pytest.raises(FactRefused, match=why):
        account(*facts)


def test_a_charged_off_loan_stays_owed_and_what_is_paid_is_recovered() -> None:
    facts = (lent(), paid(10_000, 40), ChargedOff(on=on(100), entered_on=on(100), ref="off"))
    loan = account(*facts, DayEnded(entered_on=on(120)), paid(5_000, 130))
    off = loan.movement("off")
    assert off.amount_minor == account(*facts[:2]).owed_minor
    assert loan.status is Status.ACTIVE
    assert not any(one.kind is MovementKind.ACCRUAL for one in loan.movements)
    assert {line.role for line in entry(loan.movement("paid130"))} == {Role.FUND, Role.RECOVERY}


def test_a_written_off_loan_is_closed_and_owes_nothing() -> None:
    loan = account(
        lent(),
        paid(10_000, 40),
        WrittenOff(on=on(200), entered_on=on(200), ref="loss"),
        Paid(on=on(230), amount_minor=2_000, entered_on=on(230), kind=PaymentKind.RECOVERY, ref="back"),
    )
    assert (loan.status, loan.owed_minor) == (Status.WRITTEN_OFF, 0)
    lost = {line.role: line.amount_minor for line in entry(loan.movement("loss"))}
    assert lost[Role.WRITE_OFF] == loan.movement("loss").amount_minor
    assert {line.role for line in entry(loan.movement("back"))} == {Role.FUND, Role.RECOVERY}


def test_income_is_recognised_day_by_day_and_the_rest_when_the_loan_is_over() -> None:
    days = [DayEnded(entered_on=on(day)) for day in range(1, 40)]
    loan = account(lent(), *days)
    accrued = [one for one in loan.movements if one.kind is MovementKind.ACCRUAL]
    first, second = loan.instalments[0], loan.instalments[1]
    share = round(second.due[Part.INTEREST] * 7 / 28)
    assert sum(one.amount_minor for one in accrued) == first.due[Part.INTEREST] + share
    over = account(lent(), *days, paid(loan.owed_minor, 40))
    accrued = [one for one in over.movements if one.kind is MovementKind.ACCRUAL]
    assert sum(one.amount_minor for one in accrued) == sum(line.due[Part.INTEREST] for line in over.instalments)


def test_lateness_begins_after_the_grace() -> None:
    practice = Practice(arrears_grace_days=3)
    late = loan_account(TERMS, [lent(), DayEnded(entered_on=on(31 + 20))], practice=practice)
    found = late.delinquency()
    assert (found.name, found.since, found.days) == ("range_3", on(31 + 3), 16)  # as the day before ended
    assert late.overdue_minor(on(31 + 3)) == 0
    assert late.overdue_minor(on(31 + 4)) == late.instalments[0].open_minor
    assert loan_account(TERMS, [lent()], practice=practice).delinquency().name == ""


def test_a_moved_due_date_takes_the_later_ones_with_it_and_more_terms_lower_the_instalments() -> None:
    flat = replace(TERMS, rate_yearly=Decimal(0), instalments=3)
    moved = account(lent(), Rescheduled(from_on=on(31), entered_on=on(5), due_on=date(2026, 3, 31)), terms=flat)
    assert [line.due_on for line in moved.instalments] == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]
    longer = account(lent(), Rescheduled(from_on=date(2026, 3, 15), entered_on=on(5), extra_terms=2), terms=flat)
    assert [line.due[Part.PRINCIPAL] for line in longer.instalments] == [40_000] + [20_000] * 4


@pytest.mark.parametrize("direction", Direction)
def test_money_ahead_of_schedule_goes_where_the_product_says(direction: Direction) -> None:
    free = replace(PROGRESSIVE, rate_yearly=Decimal(0), instalments=4)
    paid_ahead = {}
    for ahead in Ahead:
        allocation = replace(TWELVE, direction=direction, ahead={"": ahead})
        loan = account(lent(), paid(30_000, 3), terms=free, allocation=allocation)
        paid_ahead[ahead] = [line.paid_minor for line in loan.instalments]
    assert paid_ahead == {
        Ahead.NEXT: [30_000, 0, 0, 0],
        Ahead.LAST: [0, 0, 0, 30_000],
        Ahead.ALL: [7_500, 7_500, 7_500, 7_500],
    }


def test_overpaid_money_pays_the_own_contribution_of_the_next_tranche() -> None:
    terms = replace(
        PROGRESSIVE,
        rate_yearly=Decimal(0),
        instalments=3,
        own_contribution_percent=Decimal(25),
        own_contribution_automatic=True,
    )
    loan = account(lent(40_000), paid(35_000, 31), lent(40_000, days=40), terms=terms, allocation=TWELVE)
    assert loan.movement("lent40").overpaid_minor == 5_000
    assert loan.movement("lent40:own").amount_minor == 5_000
    assert loan.owed_minor == 30_000


# --- interest on what is really owed --------------------------------------------------------------------------------


def recalculated(**rule: object) -> LoanTerms:
    return replace(TERMS, recalculation=Recalculation(**rule))  # type: ignore[arg-type]


def interest(loan: LoanAccount) -> int:
    return sum(line.due[Part.INTEREST] for line in loan.instalments)


def test_paying_early_lowers_the_interest_and_paying_late_raises_it() -> None:
    terms = recalculated()
    plan = account(lent(), terms=terms)
    first = plan.instalments[0]
    on_time = account(lent(), paid(first.due_minor, 31), terms=terms)
    assert on_time.instalments[1:] == plan.instalments[1:]
    assert interest(account(lent(), paid(30_000, 10), terms=terms)) < interest(plan)
    assert interest(account(lent(), paid(first.due_minor, 50), terms=terms)) > interest(plan)


@pytest.mark.parametrize("early", EarlyPayment)
def test_money_ahead_takes_the_effect_agreed(early: EarlyPayment) -> None:
    terms = recalculated(early=early)
    plan, loan = account(lent(), terms=terms), account(lent(), paid(40_000, 31), terms=terms)
    assert sum(line.due[Part.PRINCIPAL] for line in loan.instalments) == 120_000
    if early is EarlyPayment.LOWER_INSTALMENTS:
        assert len(loan.instalments) == 12
        assert loan.instalments[5].due_minor < plan.instalments[5].due_minor
    if early is EarlyPayment.FEWER_INSTALMENTS:
        assert len(loan.instalments) < 12
        assert loan.instalments[2].due_minor == plan.instalments[2].due_minor
    if early is EarlyPayment.NEXT_INSTALMENTS:
        assert loan.instalments[1].due[Part.PRINCIPAL] == 0
        assert loan.instalments[8].due_minor == plan.instalments[8].due_minor


@pytest.mark.parametrize("kind", ScheduleKind)
@pytest.mark.parametrize("pre_close", PreClose)
def test_paying_off_asks_interest_to_that_day_or_to_the_rest_day(kind: ScheduleKind, pre_close: PreClose) -> None:
    terms = replace(recalculated(pre_close=pre_close, rest=Rest.DAILY), kind=kind, interest_by=InterestBy.DAY)
    allocation = TWELVE if kind is ScheduleKind.PROGRESSIVE else None
    loan = account(lent(), PaidOff(on=on(10), entered_on=on(10), ref="off"), terms=terms, allocation=allocation)
    asked = loan.movement("off").amount_minor - 120_000
    assert loan.status is Status.CLOSED
    assert loan.overpaid_minor == 0
    to_that_day = round(120_000 * 0.12 * 10 / 365)
    whole = round(120_000 * 0.12 * 31 / 365)
    assert asked == (whole if kind is ScheduleKind.PROGRESSIVE and pre_close is PreClose.REST_DAY else to_that_day)


@given(st.lists(st.tuples(st.integers(0, 420), st.integers(500, 40_000)), max_size=6), st.sampled_from(EarlyPayment))
def test_recalculated_interest_never_loses_principal(payments: list[tuple[int, int]], early: EarlyPayment) -> None:
    facts: Sequence[Fact] = [
        paid(amount, day, ref=str(number)) for number, (day, amount) in enumerate(sorted(payments))
    ]
    loan = account(lent(), *facts, terms=recalculated(early=early))
    assert sum(line.due[Part.PRINCIPAL] for line in loan.instalments) == 120_000
    assert min(line.due[Part.INTEREST] for line in loan.instalments) >= 0
    assert min(line.open_of(part) for line in loan.instalments for part in Part) >= 0
    received = sum(amount for _, amount in payments)
    assert sum(line.paid_minor for line in loan.instalments) + loan.overpaid_minor == received


@pytest.mark.parametrize("kind", ScheduleKind)
def test_a_loan_with_thousands_of_facts_is_rebuilt_without_using_everything_anew_each_time(kind: ScheduleKind) -> None:
    """Each payment is put on the lines a few times at most, however many there are."""
    terms = replace(TERMS, principal_minor=10_000_000, instalments=120, kind=kind)
    facts: list[Fact] = [lent(10_000_000)]
    for number in range(250):
        day = on(number * 3)
        facts += [
            Paid(on=day, amount_minor=9_000, entered_on=day),
            DayEnded(entered_on=day),
            ChargeAdded(due_on=day + timedelta(days=2), amount_minor=300, part=Part.PENALTY, entered_on=day),
            Paid(on=day, amount_minor=300, entered_on=day),
        ]
    puts = 0
    original = LinesOf.put

    def counted(self: LinesOf, movement: OpenMovement) -> None:
        nonlocal puts
        puts += 1
        original(self, movement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LinesOf, "put", counted)
        loan = account(*facts, terms=terms)
    assert sum(line.paid_minor for line in loan.instalments) == 250 * 9_300
    assert puts < 20 * 500
