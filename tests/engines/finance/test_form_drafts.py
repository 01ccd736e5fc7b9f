"""Money that a form names waits for a person: nothing is posted by a form, and the draft follows the form."""

from __future__ import annotations

from datetime import date

import pytest

from jump.base import clock, outbox
from jump.core.units import Ref
from jump.engines.cases.models import Task
from jump.engines.evidence import api as evidence
from jump.engines.evidence import services
from jump.engines.finance import api as finance
from jump.engines.finance.models import FundCost
from jump.engines.ledger.models import Entry
from tests import makers
from tests.engines.finance.makers import COORDINATOR, NATIONAL, php
from tests.makers import MAKER

COST = "| survey |\n| | type | name | label |\n| | decimal | amount | Amount |\n| | text | what | What for |\n"
SCOPE = "jump/asia/PH/"
DAY = date(2004, 6, 1)


@pytest.fixture(autouse=True)
def today(db: None) -> None:
    clock.pin(date(2005, 6, 30))


def accept(ref: Ref) -> None:
    evidence.accept(COORDINATOR, ref=ref)
    outbox.drain()


def sent(fund: Ref, amount: str) -> Ref:
    asked = {
        "fund_ref": str(fund),
        "scope": "$scope",
        "amount": "$answers.amount",
        "currency": "PHP",
        "what": "$answers.what",
    }
    call = {"effect": "finance.fund_cost", "with": asked, "when": "answers.amount != none"}
    makers.form("cost", COST, on_accept=[call])
    answers = {"amount": amount, "what": "Pay"}
    ref: Ref = makers.submission(NATIONAL, form="trial.cost", answers=answers, scope=SCOPE, on=DAY).ref
    return ref


def correct(ref: Ref, amount: str) -> None:
    evidence.revise(NATIONAL, ref=ref, answers={"amount": amount, "what": "Pay"}, on=DAY, key=f"edit-{amount}")
    accept(ref)


def drafts(fund: Ref) -> list[tuple[int, str]]:
    return [(one.amount.amount_minor, one.state) for one in finance.fund_costs(NATIONAL, fund_ref=fund)]


def test_an_accepted_form_drafts_a_cost_to_the_cent_and_posts_nothing(fund: Ref) -> None:
    before = Entry.objects.count()
    ref = sent(fund, "900.05")
    assert drafts(fund) == []
    accept(ref)
    assert drafts(fund) == [(900_05, "prepared")]
    for _time in range(3):
        assert services.bring_about(MAKER, ref=ref).kept == ["finance.fund_cost"]
    assert drafts(fund) == [(900_05, "prepared")]

    correct(ref, "95.10")
    assert drafts(fund) == [(95_10, "prepared")]
    assert Entry.objects.count() == before


def test_a_draft_goes_with_its_form_and_comes_again_with_it(fund: Ref) -> None:
    ref = sent(fund, "900.05")
    accept(ref)
    evidence.withdraw(COORDINATOR, ref=ref, why="Another fund")
    outbox.drain()
    assert drafts(fund) == []
    assert FundCost.objects.get().why_dropped == ref

    accept(ref)
    assert drafts(fund) == [(900_05, "prepared")]


def test_what_a_person_paid_is_not_unpaid_by_a_form_but_told(fund: Ref) -> None:
    ref = sent(fund, "900.05")
    accept(ref)
    [cost] = FundCost.objects.all()
    finance.pay_fund_cost(COORDINATOR, cost_ref=Ref(cost.ref), on=date(2004, 6, 2))
    booked = Entry.objects.count()

    correct(ref, "95.10")
    assert (drafts(fund), Entry.objects.count()) == ([(900_05, "paid")], booked)
    assert cost.amount_minor == php(900_05).amount_minor
    assert Task.objects.filter(owner_role="national_coordinator", about_ref=cost.ref).exists()
