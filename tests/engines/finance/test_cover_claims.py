"""Claims: looked at by name, within the limits, three people, the same event once, health kept apart."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from jump.base.models import AuditEvent
from jump.base.refusals import BadInput, NotAllowed
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.finance.models import CoverClaim, CoverClaimLine, CoverDiagnosis
from jump.engines.ledger import api as ledger
from tests.engines.finance.covered import (
    AWA,
    CASHIER,
    CLERK,
    FATOU,
    MODOU,
    NATIONAL,
    OTHER_NATIONAL,
    WORKER,
    Scheme,
    xof,
)
from tests.engines.finance.makers import SYSTEM

JUNE = date(2004, 6, 1)


@pytest.fixture
def family(scheme: Scheme) -> Ref:
    made = scheme.family()
    scheme.pay(made, 18_000)
    return made


def results(claim: Ref) -> dict[str, str]:
    return {one.code.value: one.result.value for one in finance.claim_checks(SYSTEM, claim)}


def stopped(scheme: Scheme, claim: Ref) -> set[str]:
    """What stops an approval; the books do not move."""
    before = scheme.books
    with pytest.raises(finance.ClaimStopped) as refusal:
        scheme.approve(claim, JUNE)
    assert scheme.books == before
    return set(refusal.value.facts["codes"])


@pytest.mark.covers("MICROINS-04")
def test_a_claim_in_order_is_approved_with_its_copayment_and_paid_to_the_provider(scheme: Scheme, family: Ref) -> None:
    before = scheme.books
    claim = scheme.ready(family, {"visit": 2_000, "medicine": 1_000})
    assert scheme.books == before
    assert set(results(claim).values()) == {"fine"}

    approved = scheme.approve(claim)
    assert [(one.paid, one.copay, one.refused) for one in approved.lines] == [
        (xof(1_600), xof(400), xof(0)),
        (xof(700), xof(300), xof(0)),
    ]
    assert (scheme.books["claims"], scheme.books["claims_payable"]) == (2_300, -2_300)

    for _press in range(2):
        paid = finance.pay_claim(CASHIER, claim_ref=claim, on=date(2004, 6, 12))
    assert (paid.state, paid.paid, paid.paid_on) == ("paid", xof(2_300), date(2004, 6, 12))
    assert (scheme.books["claims_payable"], before["cash"] - scheme.books["cash"]) == (0, 2_300)
    assert ledger.verify() == []
    connection.check_constraints()


@pytest.mark.covers("MICROINS-04")
@pytest.mark.parametrize(
    ("event", "amounts", "code"),
    [
        (date(2004, 3, 31), {"visit": 2_000}, "waiting"),
        (date(2004, 9, 30), {"delivery": 9_000}, "waiting"),
        (JUNE, {"glasses": 2_000}, "package"),
        (date(2005, 3, 10), {"visit": 2_000}, "in_force"),
    ],
)
def test_what_is_not_covered_is_stopped_by_name_and_nothing_is_promised(
    scheme: Scheme, family: Ref, event: date, amounts: dict[str, int], code: str
) -> None:
    claim = scheme.ready(family, amounts, event)
    before = scheme.books
    with pytest.raises(finance.ClaimStopped) as refusal:
        scheme.approve(claim, event)
    assert code in refusal.value.facts["codes"]
    assert (scheme.books, finance.claim(SYSTEM, claim).paid) == (before, None)


@pytest.mark.covers("MICROINS-04")
def test_papers_agreement_and_exclusions_are_looked_at(scheme: Scheme, family: Ref) -> None:
    claim = scheme.ready(family, {"visit": 2_000}, papers="", provider=Ref("org-STRANGER"))
    assert stopped(scheme, claim) == {"papers", "provider"}
    finance.add_papers(CLERK, claim_ref=claim, papers="F-17")
    assert stopped(scheme, claim) == {"provider"}

    excluded = scheme.claim(family, {"visit": 1_000}, date(2004, 6, 2))
    finance.review_claim(
        scheme.reviewer, claim_ref=excluded.ref, on=date(2004, 6, 3), why="Looks.", exclusion="cosmetic"
    )
    assert results(excluded.ref)["exclusion"] == "stops"
    with pytest.raises(finance.ClaimStopped):
        scheme.approve(excluded.ref)


@pytest.mark.covers("MICROINS-04")
def test_no_ceiling_is_passed_event_year_person_and_price(scheme: Scheme, family: Ref) -> None:
    first = scheme.ready(family, {"ward": 50_000}, date(2004, 5, 1))
    assert scheme.approve(first).paid == xof(30_000)
    dear = scheme.ready(family, {"visit": 3_500}, date(2004, 5, 2))
    line = scheme.approve(dear).lines[0]
    assert (line.paid, line.copay, line.refused, line.reasons) == (xof(2_400), xof(600), xof(500), ("tariff_exceeded",))
    second = scheme.ready(family, {"ward": 50_000}, date(2004, 5, 3))
    assert scheme.approve(second).paid == xof(30_000)
    third = scheme.ready(family, {"ward": 10_000}, date(2004, 5, 4))
    assert results(third)["limits"] == "stops"
    assert stopped(scheme, third) == {"limits"}
    left = {one.benefit.code: one.left for one in finance.family(SYSTEM, family, JUNE).persons[0].benefits}
    assert left["ward"] == xof(0)
    assert finance.family(SYSTEM, family, JUNE).persons[0].left_of_year == xof(80_000 - 62_400)
    assert finance.family(SYSTEM, family, JUNE).left_of_family == xof(200_000 - 62_400)


@pytest.mark.covers("MICROINS-04")
def test_entering_approving_and_paying_are_three_people(scheme: Scheme, family: Ref) -> None:
    own = scheme.ready(family, {"visit": 2_000}, by=NATIONAL)
    with pytest.raises(finance.SamePerson):
        scheme.approve(own, by=NATIONAL)
    with pytest.raises(finance.SamePerson):
        finance.reject_claim(NATIONAL, claim_ref=own, reasons=["duplicate"], why="no", on=JUNE)
    with pytest.raises(NotAllowed):
        scheme.approve(own, by=CLERK)
    scheme.approve(own, by=OTHER_NATIONAL)
    with pytest.raises(NotAllowed):
        finance.pay_claim(OTHER_NATIONAL, claim_ref=own, on=date(2004, 6, 12))
    assert scheme.books["claims_payable"] == -1_600
    with pytest.raises(IntegrityError), transaction.atomic():
        CoverClaim.objects.filter(ref=own).update(state="paid", paid_by="user:35", paid_on=JUNE)


@pytest.mark.covers("MICROINS-04")
def test_the_same_event_is_flagged_when_entered_and_refused_when_it_would_be_paid_twice(
    scheme: Scheme, family: Ref
) -> None:
    first = scheme.ready(family, {"visit": 2_000})
    again = scheme.ready(family, {"visit": 2_000})
    assert results(again)["same_event"] == "note"
    scheme.approve(first)
    assert results(again)["same_event"] == "stops"
    before = scheme.books
    with pytest.raises(finance.SameEvent) as refusal:
        scheme.approve(again)
    assert (refusal.value.facts["claim"], scheme.books) == (first, before)
    event = CoverClaimLine.objects.get(claim__ref=first).event
    with pytest.raises(IntegrityError), transaction.atomic():
        CoverClaimLine.objects.filter(claim__ref=again).update(event=event)


def test_a_claim_that_was_drawn_or_is_large_waits_for_the_medical_reviewer(scheme: Scheme, family: Ref) -> None:
    claim = scheme.claim(family, {"ward": 26_000})
    assert claim.needs_review
    with pytest.raises(finance.ReviewMissing):
        scheme.approve(claim.ref)
    with pytest.raises(NotAllowed):
        finance.review_claim(NATIONAL, claim_ref=claim.ref, on=JUNE, why="I say so.")
    finance.review_claim(scheme.reviewer, claim_ref=claim.ref, on=JUNE, why="As the papers say.")
    assert scheme.approve(claim.ref).paid == xof(20_800)


@pytest.mark.covers("MICROINS-04")
def test_a_rejection_has_reasons_and_may_be_appealed_to_somebody_else(scheme: Scheme, family: Ref) -> None:
    claim = scheme.ready(family, {"visit": 2_000}, papers="")
    with pytest.raises(finance.ReasonsMissing):
        finance.reject_claim(NATIONAL, claim_ref=claim, reasons=[], why="no", on=JUNE)
    with pytest.raises(BadInput):
        finance.reject_claim(NATIONAL, claim_ref=claim, reasons=["because"], why="no", on=JUNE)
    no = finance.reject_claim(NATIONAL, claim_ref=claim, reasons=["document_missing"], why="No papers.", on=JUNE)
    assert (no.state, no.lines[0].reasons, no.lines[0].refused) == ("rejected", ("document_missing",), xof(2_000))
    with pytest.raises(finance.AppealTooLate):
        finance.appeal_claim(CLERK, claim_ref=claim, why="They were there.", on=date(2004, 7, 2), key="late")
    appeal = finance.appeal_claim(CLERK, claim_ref=claim, why="They were there.", on=date(2004, 6, 20), key="appeal")
    with pytest.raises(finance.SamePerson):
        finance.decide_appeal(NATIONAL, appeal_ref=appeal, grants=True, answer="Mine.", on=date(2004, 6, 21))
    back = finance.decide_appeal(OTHER_NATIONAL, appeal_ref=appeal, grants=True, answer="Found.", on=date(2004, 6, 21))
    assert (back.state, back.paid, back.appeals[0].state) == ("entered", None, "granted")
    finance.add_papers(CLERK, claim_ref=claim, papers="F-9")
    if back.needs_review:
        finance.review_claim(scheme.reviewer, claim_ref=claim, on=date(2004, 6, 22), why="As the papers say.")
    with pytest.raises(finance.SamePerson):
        scheme.approve(claim, date(2004, 6, 22), by=NATIONAL)
    assert scheme.approve(claim, date(2004, 6, 22), by=OTHER_NATIONAL).paid == xof(1_600)
    assert scheme.books["claims"] == 1_600


def test_an_approval_taken_back_before_it_is_paid_leaves_the_books_as_they_were(scheme: Scheme, family: Ref) -> None:
    before = scheme.books
    claim = scheme.ready(family, {"visit": 2_000})
    scheme.approve(claim)
    finance.reject_claim(
        OTHER_NATIONAL, claim_ref=claim, reasons=["suspected_fraud"], why="Not there.", on=JUNE.replace(day=11)
    )
    assert scheme.books == before
    with pytest.raises(finance.ClaimWrongState):
        finance.pay_claim(CASHIER, claim_ref=claim, on=date(2004, 6, 12))
    assert scheme.approve(scheme.ready(family, {"visit": 2_000})).paid == xof(1_600)


@pytest.mark.covers("MICROINS-04")
def test_what_was_wrong_is_read_by_the_medical_reviewer_alone_and_every_reading_is_logged(
    scheme: Scheme, family: Ref
) -> None:
    claim = scheme.claim(family, {"visit": 2_000}, diagnosis="malaria").ref
    for reader in (NATIONAL, CASHIER, WORKER, CLERK):
        with pytest.raises(NotAllowed):
            finance.diagnosis(reader, claim_ref=claim)
    assert not AuditEvent.objects.filter(action="finance.read_diagnosis").exists()
    assert finance.diagnosis(scheme.reviewer, claim_ref=claim) == "malaria"
    logged = AuditEvent.objects.get(action="finance.read_diagnosis")
    assert (logged.about, logged.who) == (claim, "user:40")
    assert "malaria" not in str(finance.claim(SYSTEM, claim))
    assert all("malaria" not in f"{one.facts} {one.why}" for one in AuditEvent.objects.all())


def test_what_was_wrong_is_erased_with_the_person_and_the_money_stays(scheme: Scheme, family: Ref) -> None:
    from jump.base import duties

    claim = scheme.claim(family, {"visit": 2_000}, diagnosis="malaria").ref
    copied = CoverDiagnosis.objects.get()  # as a backup holds it
    assert duties.forget(AWA, date(2005, 6, 30))["finance"] == 1
    assert finance.diagnosis(scheme.reviewer, claim_ref=claim) == ""
    assert finance.claim(SYSTEM, claim).asked == xof(2_000)
    copied.save()
    assert finance.diagnosis(scheme.reviewer, claim_ref=claim) == ""  # its key is gone for ever


@pytest.mark.covers("MICROINS-04")
def test_what_was_wrong_stands_in_no_column_in_clear(scheme: Scheme, family: Ref) -> None:
    scheme.claim(family, {"visit": 2_000}, diagnosis="malaria")
    scheme.claim(family, {"visit": 2_000}, diagnosis="malaria", on=JUNE.replace(day=11), papers="F-2")
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            assert all("malaria" not in str(row) for row in cursor.fetchall()), table
    first, second = CoverDiagnosis.objects.all()
    assert first.sealed != second.sealed  # equal words do not look equal


def test_a_claim_is_for_somebody_of_the_family_in_its_currency_and_not_before_it_happened(
    scheme: Scheme, family: Ref
) -> None:
    from jump.core.money import Money

    with pytest.raises(finance.PersonNotInFamily):
        scheme.claim(family, {"visit": 2_000}, person=Ref("per-STRANGER"))
    with pytest.raises(finance.BenefitUnknown):
        scheme.claim(family, {})
    with pytest.raises(finance.AmountNotPositive):
        scheme.claim(family, {"visit": 0})
    with pytest.raises(finance.DayImpossible):
        scheme.claim(family, {"visit": 100}, JUNE, reported_on=date(2004, 5, 31))
    with pytest.raises(finance.WrongCurrency):
        finance.enter_claim(
            CLERK,
            family_ref=family,
            person_ref=AWA,
            amounts={"visit": Money(100, "EUR")},
            event_on=JUNE,
            reported_on=JUNE,
            pay_to="member",
            key="euro",
        )
    assert finance.count_claims(SYSTEM, scheme_ref=scheme.ref) == 0


def test_a_member_who_paid_is_given_back_the_money_without_an_agreement(scheme: Scheme, family: Ref) -> None:
    claim = scheme.ready(family, {"visit": 2_000}, person=FATOU, pay_to="member", provider=None)
    assert results(claim)["provider"] == "note"
    assert scheme.approve(claim).paid == xof(1_600)


def test_limits_of_a_person_are_the_persons_own(scheme: Scheme, family: Ref) -> None:
    scheme.approve(scheme.ready(family, {"delivery": 10_000}, date(2004, 10, 2)), date(2004, 10, 2))
    other = scheme.ready(family, {"delivery": 10_000}, date(2004, 10, 3), person=MODOU)
    assert scheme.approve(other, date(2004, 10, 3)).paid == xof(9_000)
    again = scheme.ready(family, {"delivery": 10_000}, date(2004, 10, 20))
    assert stopped_on(scheme, again, date(2004, 10, 20)) == {"limits"}


def stopped_on(scheme: Scheme, claim: Ref, day: date) -> set[str]:
    with pytest.raises(finance.ClaimStopped) as refusal:
        scheme.approve(claim, day)
    return set(refusal.value.facts["codes"])
