"""Work for a client: signed with its checklist, mustered, billed and paid, each once and by two people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jump.base import clock
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.ledger import api as ledger
from jump.engines.parties import api as parties
from tests.engines.finance.in_kind import (
    CHECKLIST,
    CLIENT,
    FATIMA,
    KOFFI,
    MOUSSA,
    SIGNED_PAPER,
    VILLAGE,
    Work,
    held,
    invoice_of,
    run_of,
)
from tests.engines.finance.makers import (
    COORDINATOR,
    MANAGER,
    NATIONAL,
    NEIGHBOUR,
    SECOND_MANAGER,
    SYSTEM,
    WORKER,
    php,
)

MARCH = date(2004, 3, 1)


@pytest.fixture
def work(products: None) -> Work:
    clock.pin(date(2004, 6, 30))
    return Work()


@pytest.fixture
def contract(work: Work) -> Ref:
    return work.contract()


def pay_in(invoice: Ref, amount_minor: int, key: str = "in") -> finance.InvoiceView:
    return finance.receive_invoice_payment(
        MANAGER, invoice_ref=invoice, amount=php(amount_minor), on=date(2004, 3, 20), key=key, receipt="B1"
    )


@pytest.mark.covers("LCC-02")
def test_a_contract_holds_scope_rates_period_and_safety_terms(contract: Ref) -> None:
    view = finance.client_contract(MANAGER, contract)

    assert view.work == "Clear 3 km of the canal and make bricks for its banks"
    assert view.safety == "The client provides boots, gloves and first aid"
    assert (view.starts_on, view.ends_on, view.client_ref) == (date(2004, 1, 5), date(2004, 12, 31), CLIENT)
    assert [(one.task, one.basis.value, one.pay, one.bill) for one in view.rates] == [
        ("clearing", "day", php(400_00), php(560_00)),
        ("driving", "hour", php(80_00), php(110_00)),
        ("bricks", "piece", php(2_50), php(3_50)),
    ]
    assert (view.state, view.prepared_by, view.signed_by) == ("signed", NATIONAL.key, MANAGER.key)


@pytest.mark.covers("LCC-02")
def test_a_contract_is_signed_only_when_every_point_for_decent_work_is_agreed(work: Work) -> None:
    ref = work.contract(signed=False)
    finance.agree_checklist(NATIONAL, contract_ref=ref, agreed=dict.fromkeys(CHECKLIST[:5], "agreed"))

    with pytest.raises(finance.ChecklistOpen) as refusal:
        finance.sign_client_contract(MANAGER, contract_ref=ref, on=MARCH)

    assert refusal.value.facts["open"] == ["equal_pay"]
    assert "Women and men are paid the same for the same work." in refusal.value.sentence()
    assert finance.client_contract(MANAGER, ref).state == "draft"
    with pytest.raises(finance.CannotNow):
        work.muster(ref)
    finance.agree_checklist(NATIONAL, contract_ref=ref, agreed={"equal_pay": "same rates for all"})
    assert finance.sign_client_contract(MANAGER, contract_ref=ref, on=MARCH).state == "signed"
    with pytest.raises(finance.CannotNow):
        finance.agree_checklist(NATIONAL, contract_ref=ref, agreed={"equal_pay": ""})


@pytest.mark.covers("LCC-02")
def test_a_contract_below_the_lowest_pay_or_without_scope_and_safety_is_refused(work: Work) -> None:
    # 370 a day, of which 7 % stay with the co-operative: 344.10 is below 350.
    low = work.contract(signed=False, rates=work.rates(pay=370_00))
    finance.agree_checklist(NATIONAL, contract_ref=low, agreed=dict.fromkeys(CHECKLIST, "agreed"))
    with pytest.raises(finance.BelowPayFloor) as refusal:
        finance.sign_client_contract(MANAGER, contract_ref=low, on=MARCH)
    facts = refusal.value.facts
    assert (facts["rate_minor"], facts["floor_minor"], facts["who"]) == (344_10, 350_00, "clearing")
    with pytest.raises(BadInput) as wrong:
        finance.open_client_contract(
            NATIONAL,
            product="labour_contracting.labour_contract",
            title="No words",
            work=" ",
            safety="",
            cooperative_ref=VILLAGE,
            client_ref=CLIENT,
            scope="jump/asia/PH/riverside/",
            currency="PHP",
            rates=work.rates(),
            floor_daily=php(350_00),
            starts_on=date(2004, 2, 1),
            ends_on=date(2004, 1, 1),
            key="none",
        )
    assert set(wrong.value.errors()) == {"work", "safety", "ends_on"}
    assert [one.ref for one in finance.client_contracts(MANAGER)] == [low]


@pytest.mark.covers("LCC-02")
def test_who_writes_a_contract_does_not_sign_it(work: Work) -> None:
    ref = work.contract(signed=False)
    finance.agree_checklist(NATIONAL, contract_ref=ref, agreed=dict.fromkeys(CHECKLIST, "agreed"))
    with pytest.raises(finance.SamePerson):
        finance.sign_client_contract(NATIONAL, contract_ref=ref, on=MARCH)
    assert finance.client_contract(MANAGER, ref).state == "draft"


@pytest.mark.covers("LCC-04")
def test_an_accepted_muster_roll_becomes_an_invoice_with_tax_and_what_the_client_keeps(
    work: Work, contract: Ref
) -> None:
    view = work.accepted(contract)

    bill = finance.invoice(MANAGER, invoice_of(view))
    # 4 days at 560 and 5.5 hours at 110; 12 % tax; 5 % of the work is kept until the end.
    assert [(line.task, line.quantity, line.amount) for line in bill.lines] == [
        ("clearing", Decimal(4), php(2_240_00)),
        ("driving", Decimal("5.5"), php(605_00)),
    ]
    assert [(one.id, one.amount) for one in bill.charges] == [("vat", php(341_40))]
    assert (bill.work, bill.total, bill.retention, bill.to_pay) == (
        php(2_845_00),
        php(3_186_40),
        php(142_25),
        php(3_044_15),
    )
    assert (bill.number, bill.due_on, bill.is_late) == ("2004-0001", date(2004, 3, 31), True)
    book = held(VILLAGE)
    assert book[f"client_owes:{contract}"] == 3_044_15
    assert book[f"client_keeps:{contract}"] == 142_25
    assert (book[f"work:{contract}"], book["charge_vat"]) == (-2_845_00, -341_40)
    assert ledger.verify() == []
    connection.check_constraints()


@pytest.mark.covers("LCC-04")
def test_pay_is_hours_times_rate_less_agreed_deductions_and_the_sums_balance(work: Work, contract: Ref) -> None:
    view = work.accepted(contract)

    sheet = finance.pay_run(MANAGER, run_of(view))
    by = {line.worker_ref: line for line in sheet.lines}
    # Two days at 400: 3 % contribution, 7 % left with the co-operative.
    moussa = by[MOUSSA]
    assert (moussa.hours, moussa.gross, moussa.contribution, moussa.cooperative, moussa.net) == (
        Decimal(16),
        php(800_00),
        php(24_00),
        php(56_00),
        php(720_00),
    )
    assert (by[KOFFI].gross, by[KOFFI].net) == (php(440_00), php(396_00))
    assert (sheet.gross, sheet.contribution, sheet.cooperative, sheet.net) == (
        php(2_040_00),
        php(61_20),
        php(142_80),
        php(1_836_00),
    )
    assert (sheet.labour_days, sheet.pay_by) == (Decimal("4.69"), date(2004, 3, 7))
    assert "wages" not in {code.split(":")[0] for code in held(VILLAGE)}

    with pytest.raises(finance.SamePerson):
        finance.approve_pay_run(MANAGER, pay_run_ref=sheet.ref, on=MARCH)
    for _press in range(2):
        done = finance.approve_pay_run(NATIONAL, pay_run_ref=sheet.ref, on=MARCH)
    assert (done.state, done.approved_by) == ("approved", NATIONAL.key)
    book = held(VILLAGE)
    assert book[f"wages:{contract}"] == 2_040_00
    assert (book["contributions"], book["left_by_members"]) == (-61_20, -142_80)
    assert book[f"wages_owed:{sheet.ref}"] == -1_836_00
    assert ledger.verify() == []


@pytest.mark.covers("LCC-04")
def test_wages_are_paid_once_out_of_what_the_client_paid_and_never_more_than_is_there(
    work: Work, contract: Ref
) -> None:
    view = work.accepted(contract)
    run = run_of(view)
    with pytest.raises(finance.CannotNow):
        finance.pay_wages(SECOND_MANAGER, pay_run_ref=run, on=MARCH)
    finance.approve_pay_run(NATIONAL, pay_run_ref=run, on=MARCH)
    with pytest.raises(ledger.BelowFloor):
        finance.pay_wages(SECOND_MANAGER, pay_run_ref=run, on=MARCH)
    assert finance.pay_run(MANAGER, run).state == "approved"

    pay_in(invoice_of(view), 3_044_15)
    with pytest.raises(finance.SamePerson):
        finance.pay_wages(MANAGER, pay_run_ref=run, on=date(2004, 3, 20))
    for _press in range(2):
        done = finance.pay_wages(SECOND_MANAGER, pay_run_ref=run, on=date(2004, 3, 20))

    assert (done.state, done.paid_by) == ("paid", SECOND_MANAGER.key)
    assert held(VILLAGE)["cash"] == 3_044_15 - 1_836_00
    assert held(VILLAGE)[f"wages_owed:{run}"] == 0
    shown = finance.client_contract(MANAGER, contract)
    assert (shown.owed_by_client, shown.kept_by_client, shown.paid_to_workers) == (
        php(0),
        php(142_25),
        php(1_836_00),
    )


@pytest.mark.covers("LCC-04")
def test_a_client_pays_no_more_than_is_open_and_gives_back_what_was_kept(work: Work, contract: Ref) -> None:
    bill = invoice_of(work.accepted(contract))
    assert pay_in(bill, 1_000_00).open == php(2_044_15)
    with pytest.raises(finance.MoreThanOwed) as refusal:
        pay_in(bill, 2_044_16, key="too much")
    assert refusal.value.facts["owed_minor"] == 2_044_15
    assert pay_in(bill, 1_000_00).paid == php(1_000_00)  # the same key again
    given = finance.receive_invoice_payment(
        MANAGER, invoice_ref=bill, amount=php(142_25), on=MARCH, key="back", is_retention=True
    )
    assert (given.open, given.retention_open) == (php(2_044_15), php(0))
    assert ledger.verify() == []


@pytest.mark.covers("LCC-04")
def test_pieces_of_the_whole_team_are_shared_by_hours_to_the_last_cent(work: Work, contract: Ref) -> None:
    day = date(2004, 2, 10)
    hours = {MOUSSA: "8", FATIMA: "8", KOFFI: "8"}
    entries = [
        *(finance.MusterEntry(day, "bricks", who, Decimal(worked)) for who, worked in hours.items()),
        finance.MusterEntry(day, "bricks", None, pieces=521),
    ]
    sheet = finance.preview_pay_run(MANAGER, muster_ref=work.muster(contract, entries))

    # 521 x 2.50 = 1,302.50 for three equal parts: nothing is lost.
    assert sorted(line.gross.amount_minor for line in sheet.lines) == [434_16, 434_17, 434_17]
    assert sheet.gross == php(1_302_50)
    lines, _charges = finance.preview_invoice(MANAGER, muster_ref=sheet.muster_ref)
    assert [(line.task, line.quantity, line.amount) for line in lines] == [("bricks", 521, php(1_823_50))]


@pytest.mark.covers("LCC-04")
def test_pay_below_the_lowest_pay_is_shown_and_approved_only_with_a_reason(work: Work, contract: Ref) -> None:
    view = work.accepted(contract, [finance.MusterEntry(date(2004, 2, 10), "bricks", MOUSSA, Decimal(8), pieces=100)])
    (line,) = finance.pay_run(MANAGER, run_of(view)).lines
    assert (line.gross, line.floor, line.is_below_floor) == (php(250_00), php(350_00), True)

    with pytest.raises(finance.BelowPayFloor) as refusal:
        finance.approve_pay_run(NATIONAL, pay_run_ref=run_of(view), on=MARCH)
    facts = refusal.value.facts
    assert (facts["rate_minor"], facts["floor_minor"], facts["who"]) == (232_50, 350_00, MOUSSA)
    assert finance.pay_run(MANAGER, run_of(view)).state == "prepared"
    done = finance.approve_pay_run(
        NATIONAL, pay_run_ref=run_of(view), on=MARCH, why="half a day was rain, agreed by the board"
    )
    assert done.state == "approved"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (("painting", MOUSSA, "8", 0, 2), "no task painting"),
        (("clearing", MOUSSA, "0", 0, 2), "neither hours nor pieces"),
        (("clearing", MOUSSA, "25", 0, 2), "a day has 24 hours"),
        (("clearing", MOUSSA, "8", 5, 2), "not paid by the piece"),
        (("clearing", None, "8", 0, 2), "nobody is named"),
        (("bricks", None, "0", 5, 2), "cannot be shared"),
        (("clearing", MOUSSA, "8", 0, 31), "outside the pay period"),
    ],
    ids=["task", "nothing", "hours", "pieces", "nobody", "team", "day"],
)
def test_a_line_that_cannot_be_is_refused_by_its_number(
    work: Work, contract: Ref, entry: tuple[str, Ref | None, str, int, int], why: str
) -> None:
    task, who, hours, pieces, day = entry
    on = date(2004, 2, day) if day < 30 else date(2004, 3, 1)
    given = finance.MusterEntry(on, task, who, Decimal(hours), pieces)
    with pytest.raises(finance.MusterWrong) as refusal:
        work.muster(contract, [*work.days(), given])
    assert refusal.value.facts["line"] == 6
    assert why in refusal.value.sentence()
    assert finance.musters(MANAGER, contract_ref=contract) == []


@pytest.mark.covers("LCC-04")
def test_nobody_is_paid_twice_for_one_day(work: Work, contract: Ref) -> None:
    first = work.muster(contract)
    with pytest.raises(finance.MusterWrong) as refusal:
        work.muster(contract)
    assert str(first) in refusal.value.sentence()
    finance.drop_muster(NATIONAL, muster_ref=first, why="the wrong month")
    assert finance.muster(MANAGER, work.muster(contract)).workers == 3


@pytest.mark.covers("LCC-04")
def test_a_muster_roll_is_accepted_by_a_second_person_with_the_clients_paper_once(work: Work, contract: Ref) -> None:
    ref = work.muster(contract)
    with pytest.raises(finance.SamePerson):
        finance.accept_muster(NATIONAL, muster_ref=ref, on=MARCH, proof_ref=SIGNED_PAPER)
    with pytest.raises(BadInput):
        finance.accept_muster(MANAGER, muster_ref=ref, on=MARCH, proof_ref=Ref(""))
    assert finance.invoices(MANAGER) == []
    for _press in range(2):
        finance.accept_muster(MANAGER, muster_ref=ref, on=MARCH, proof_ref=SIGNED_PAPER)
    assert len(finance.invoices(MANAGER)) == 1
    assert [one[0] for one in finance.pay_runs_waiting(NATIONAL)] == [
        run_of(finance.muster(MANAGER, ref)),
    ]


def test_the_database_itself_wants_four_eyes_and_sums_that_balance(work: Work, contract: Ref) -> None:
    from jump.engines.finance.models import PayRun

    run = run_of(work.accepted(contract))
    with pytest.raises(IntegrityError), transaction.atomic():
        PayRun.objects.filter(ref=run).update(state="approved", approved_by=MANAGER.key)
    with pytest.raises(IntegrityError), transaction.atomic():
        PayRun.objects.filter(ref=run).update(net_minor=1)


def test_a_product_without_tax_bills_the_work_alone(work: Work) -> None:
    contract = work.contract(product="labour_contract_without_tax")
    bill = finance.invoice(MANAGER, invoice_of(work.accepted(contract)))
    assert (bill.charges, bill.total, bill.retention) == ((), php(2_845_00), php(0))


def test_who_may_not_does_not_and_who_may_not_see_finds_nothing(work: Work, contract: Ref) -> None:
    view = work.accepted(contract)
    for actor in (WORKER, COORDINATOR, NATIONAL):
        with pytest.raises(NotAllowed):
            finance.pay_wages(actor, pay_run_ref=run_of(view), on=MARCH)
    for look in (finance.client_contract, finance.muster, finance.pay_run, finance.invoice):
        ref = {
            finance.client_contract: contract,
            finance.muster: view.ref,
            finance.pay_run: run_of(view),
            finance.invoice: invoice_of(view),
        }[look]
        with pytest.raises(NotFound):
            look(NEIGHBOUR, ref)
    assert finance.client_contracts(NEIGHBOUR) == []
    assert finance.invoices(NEIGHBOUR) == []
    assert finance.pay_runs_waiting(NEIGHBOUR) == []
    assert finance.pay_run(SYSTEM, run_of(view)).state == "prepared"


@pytest.mark.covers("LCC-04")
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    worked=st.lists(
        st.tuples(st.sampled_from([MOUSSA, FATIMA, KOFFI]), st.integers(1, 48), st.integers(0, 300)),
        min_size=1,
        max_size=8,
    ),
    together=st.integers(0, 999),
)
def test_gross_is_deductions_and_net_for_each_and_in_all_and_nothing_is_lost(
    work: Work, worked: list[tuple[Ref, int, int]], together: int
) -> None:
    contract = work.contract(starts_on=date(2004, 1, 1))
    entries = [
        finance.MusterEntry(date(2004, 2, number + 1), "bricks", who, Decimal(quarters) / 4, pieces)
        for number, (who, quarters, pieces) in enumerate(worked)
    ]
    if together:
        entries.append(finance.MusterEntry(date(2004, 2, 20), "bricks", None, pieces=together))
    sheet = finance.preview_pay_run(MANAGER, muster_ref=work.muster(contract, entries))
    pieces = together + sum(one[2] for one in worked)
    assert sheet.gross.amount_minor == pieces * 250
    for line in sheet.lines:
        assert line.gross == line.contribution + line.cooperative + line.net
        assert line.net.amount_minor >= 0
    assert sheet.gross == sheet.contribution + sheet.cooperative + sheet.net


@pytest.mark.covers("LCC-05")
def test_work_of_a_year_is_counted_in_people_days_and_full_time_years(work: Work, contract: Ref) -> None:
    first = date(2004, 2, 2)
    work.accepted(contract)
    work.accepted(contract, [finance.MusterEntry(first, "bricks", KOFFI, Decimal(0), 40)])
    still = [finance.MusterEntry(date(2004, 2, 20), "clearing", FATIMA, Decimal(8))]
    work.muster(contract, still)  # nobody has accepted it: no work yet
    finance.accept_muster(
        MANAGER,
        muster_ref=finance.write_muster(
            NATIONAL,
            contract_ref=contract,
            period_from=date(2004, 3, 1),
            period_to=date(2004, 3, 31),
            entries=[finance.MusterEntry(date(2004, 3, 2), "clearing", MOUSSA, Decimal("4"))],
            key="march",
        ),
        on=date(2004, 4, 1),
        proof_ref=SIGNED_PAPER,
    )

    [done] = finance.work_done(MANAGER, year=2004)

    # Moussa 2.5 days, Fatima 2, Koffi 5.5 hours of 8; 240 days are a full-time year.
    assert (done.cooperative_ref, done.people, done.days) == (VILLAGE, 3, Decimal("5.19"))
    assert done.full_time == Decimal("0.02")
    assert done.lines_without_hours == 1
    assert finance.years_of_work(MANAGER) == [2004]
    assert finance.work_done(MANAGER, year=2003) == []
    assert finance.work_done(NEIGHBOUR, year=2004) == []


@pytest.mark.covers("LCC-05")
def test_the_days_of_a_full_time_year_are_the_packages_and_nobody_counts_as_more_than_one(work: Work) -> None:
    short = work.contract(terms={"full_time_days": "2"})
    assert finance.client_contract(MANAGER, short).terms["full_time_days"] == "2"
    assert finance.client_contract(MANAGER, work.contract()).terms["full_time_days"] == "240"  # the package's
    more = [finance.MusterEntry(date(2004, 2, day), "clearing", MOUSSA, Decimal(8)) for day in (9, 10, 11)]
    work.accepted(short, [*work.days(), *more])

    [done] = finance.work_done(MANAGER, year=2004, contract_ref=short)

    # Moussa 5 days of 2 and Fatima 2 of 2 are one each; Koffi 0.6875 of 2.
    assert (done.people, done.days, done.full_time) == (3, Decimal("7.69"), Decimal("2.34"))


@pytest.mark.covers("LCC-05")
def test_two_records_of_one_person_are_one_person_at_work(work: Work, contract: Ref) -> None:
    nena, again = (
        parties.register_person(
            SYSTEM,
            scope="jump/asia/PH/riverside/",
            given_name="Nena",
            family_name="Cruz",
            sex="female",
            birth_year=1970,
            consents=("records",),
            on=date(2003, 1, 1),
            key=key,
        )
        for key in ("one", "two")
    )
    entries = [
        finance.MusterEntry(date(2004, 2, 2), "clearing", nena, Decimal(8)),
        finance.MusterEntry(date(2004, 2, 3), "clearing", again, Decimal(8)),
    ]
    work.accepted(contract, entries)
    assert [one.people for one in finance.work_done(MANAGER, year=2004)] == [2]

    parties.mark_same(SYSTEM, keep=nena, duplicate=again, why="the same papers")

    assert [(one.people, one.days) for one in finance.work_done(MANAGER, year=2004)] == [(1, Decimal("2.00"))]
