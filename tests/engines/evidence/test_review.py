"""Who may look at whose form, what a correction does to what was accepted, and what is asked of the sender."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jump.base import clock
from jump.base.actors import Actor
from jump.base.models import AuditEvent
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence.models import Correction, Review, Submission
from jump.engines.evidence.services.refusals import EvidenceKeyReused, NothingChosen, NotWaiting, OwnWork
from tests import makers
from tests.makers import DAY, Ground

pytestmark = pytest.mark.django_db


def worker(**known: Any) -> Actor:
    return makers.someone("extension_worker", "trial/asia/PH/riverside/", **known)


def coordinator(party: Ref | None = None) -> Actor:
    made = makers.someone("national_coordinator", "trial/asia/PH/")
    return Actor(made.user_id, made.name, party, made.grants)


# Whose work it is -------------------------------------------------------------------------------------


def test_a_second_account_of_the_same_person_is_no_second_person(ground: Ground) -> None:
    makers.form()
    me = makers.person()
    sent = makers.submission(coordinator(me))

    for act in (evidence.accept, evidence.reject):
        with pytest.raises(OwnWork):
            act(coordinator(me), ref=sent.ref, why="mine under another name")

    assert (evidence.submission(coordinator(), sent.ref).state, Review.objects.count()) == ("received", 0)
    assert evidence.accept(coordinator(makers.person()), ref=sent.ref).state == "accepted"


def test_two_records_that_were_found_to_be_one_person_do_not_look_at_each_other(ground: Ground) -> None:
    from jump.engines.parties import api as parties

    makers.form()
    one, other = makers.person(), makers.person()
    sent = makers.submission(coordinator(one))
    parties.mark_same(makers.MAKER, keep=one, duplicate=other, why="the same")

    with pytest.raises(OwnWork):
        evidence.accept(coordinator(other), ref=sent.ref)


def test_who_wrote_the_paper_does_not_accept_what_somebody_else_typed_from_it(ground: Ground) -> None:
    makers.form()
    wrote, typed = makers.person(), worker()
    sent = makers.submission(typed, source="paper", filled_by=wrote)

    with pytest.raises(OwnWork):
        evidence.accept(coordinator(wrote), ref=sent.ref)
    with pytest.raises(OwnWork):
        evidence.accept(makers.someone("national_coordinator", "trial/", user_id=typed.user_id), ref=sent.ref)


def test_a_form_for_two_is_not_accepted_by_one_person_with_two_accounts(ground: Ground) -> None:
    makers.form(review="two")
    sent = makers.submission(worker())
    me = makers.person()

    evidence.accept(coordinator(me), ref=sent.ref)

    assert evidence.accept(coordinator(me), ref=sent.ref).state == "received"
    assert evidence.accept(coordinator(makers.person()), ref=sent.ref).state == "accepted"


def test_whoever_sent_the_first_answers_does_not_accept_what_another_made_of_them(ground: Ground) -> None:
    makers.form()
    first = coordinator()
    sent = makers.submission(first)
    evidence.send_back(coordinator(), ref=sent.ref, comments={"sales": "Week or month?"})
    evidence.resubmit(coordinator(), ref=sent.ref, answers=makers.visit_answers(sales="480"), on=DAY, key="again")

    with pytest.raises(OwnWork):
        evidence.accept(first, ref=sent.ref)


def test_the_database_refuses_a_review_by_the_author_under_another_account(ground: Ground) -> None:
    makers.form()
    row = Submission.objects.get(ref=makers.submission(worker()).ref)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(
            submission=row,
            by_key="user:1",
            author_key="user:2",
            by_party="per-00000001",
            author_party="per-00000001",
            verdict="accept",
            at=clock.now(),
        )


# What the sender is asked -----------------------------------------------------------------------------


def test_the_sender_hears_by_question_what_to_put_right_until_they_have(ground: Ground) -> None:
    makers.form()
    author, reviewer = worker(), coordinator()
    sent = makers.submission(author, key="device-1")
    makers.submission(worker())
    before = clock.now()

    evidence.send_back(reviewer, ref=sent.ref, comments={"sales": "Week or month?", "host": " ", "": "Nearly."})

    [told] = evidence.comments_for(author)
    assert (told.ref, told.key, told.form, told.by) == (sent.ref, "device-1", "trial.visit", reviewer.name)
    assert told.comments == {"sales": "Week or month?", "": "Nearly."}
    assert evidence.comments_for(author, since=before) == [told]
    assert evidence.comments_for(author, since=told.at) == []
    assert evidence.comments_for(worker()) == []
    evidence.resubmit(author, ref=sent.ref, answers=makers.visit_answers(sales="480"), on=DAY, key="device-1b")
    assert evidence.comments_for(author) == []


def test_asking_for_comments_costs_one_statement(ground: Ground, django_assert_num_queries: Any) -> None:
    makers.form()
    author = worker()
    for number in range(5):
        sent = makers.submission(author, key=f"d-{number}")
        evidence.send_back(coordinator(), ref=sent.ref, comments={"sales": "?"})
    with django_assert_num_queries(1):
        assert len(evidence.comments_for(author)) == 5


# Corrections ------------------------------------------------------------------------------------------


def test_an_edit_of_what_was_accepted_waits_for_a_look_while_what_was_accepted_stands(ground: Ground) -> None:
    makers.form()
    author, reviewer = worker(), coordinator()
    sent = makers.submission(author)
    evidence.accept(reviewer, ref=sent.ref)

    evidence.revise(author, ref=sent.ref, answers=makers.visit_answers(sales="480"), on=date(2004, 3, 2), key="edit-1")

    seen = evidence.submission(reviewer, sent.ref)
    assert (seen.state, seen.answers["sales"]) == ("accepted", Decimal("120.50"))
    assert [(one.number, one.state, one.answers["sales"]) for one in evidence.revisions(reviewer, sent.ref)] == [
        (1, "now", Decimal("120.50")),
        (2, "received", Decimal(480)),
    ]
    assert [(one.path, one.before, one.after) for one in evidence.changes_of_revision(reviewer, sent.ref)] == [
        ("sales", "120.50", "480")
    ]
    with pytest.raises(OwnWork):
        evidence.accept(author_with_review_right(author), ref=sent.ref)

    evidence.accept(reviewer, ref=sent.ref)

    seen = evidence.submission(reviewer, sent.ref)
    assert (seen.state, seen.answers["sales"], seen.on) == ("accepted", Decimal(480), date(2004, 3, 2))
    assert [(one.number, one.state, one.answers["sales"]) for one in evidence.revisions(reviewer, sent.ref)] == [
        (1, "earlier", Decimal("120.50")),
        (2, "now", Decimal(480)),
    ]


def author_with_review_right(author: Actor) -> Actor:
    return makers.someone("national_coordinator", "trial/asia/PH/", user_id=author.user_id)


def test_the_trail_tells_an_edit_from_a_form_sent_in_again(ground: Ground) -> None:
    makers.form()
    author, reviewer = worker(), coordinator()
    sent = makers.submission(author)
    evidence.send_back(reviewer, ref=sent.ref, comments={"sales": "Look again."})
    evidence.resubmit(author, ref=sent.ref, answers=makers.visit_answers(sales="480"), on=DAY, key="again")
    evidence.revise(author, ref=sent.ref, answers=makers.visit_answers(sales="481"), on=DAY, key="edit")

    trail = AuditEvent.objects.filter(about=sent.ref, action__in=["evidence.resubmit", "evidence.revise"])
    assert [event.action for event in trail.order_by("id")] == ["evidence.resubmit", "evidence.revise"]


def test_the_same_edit_sent_again_is_kept_once_and_another_under_its_key_is_refused(ground: Ground) -> None:
    makers.form()
    author = worker()
    sent = makers.submission(author)
    evidence.accept(coordinator(), ref=sent.ref)
    for _time in range(3):
        evidence.revise(author, ref=sent.ref, answers=makers.visit_answers(sales="480"), on=DAY, key="edit-1")

    with pytest.raises(EvidenceKeyReused):
        evidence.revise(author, ref=sent.ref, answers=makers.visit_answers(sales="481"), on=DAY, key="edit-1")

    assert Correction.objects.count() == 1
    evidence.accept(coordinator(), ref=sent.ref)
    evidence.revise(author, ref=sent.ref, answers=makers.visit_answers(sales="480"), on=DAY, key="edit-1")
    assert [row.state for row in Correction.objects.all()] == ["accepted"]


def test_a_later_correction_replaces_one_that_nobody_looked_at_and_both_are_kept(ground: Ground) -> None:
    makers.form()
    author, reviewer = worker(), coordinator()
    sent = makers.submission(author)
    evidence.accept(reviewer, ref=sent.ref)
    for sales in ("480", "490"):
        evidence.revise(author, ref=sent.ref, answers=makers.visit_answers(sales=sales), on=DAY, key=f"edit-{sales}")

    assert [row.state for row in Correction.objects.order_by("pk")] == ["replaced", "received"]
    evidence.reject(reviewer, ref=sent.ref, why="The first was right")
    seen = evidence.submission(reviewer, sent.ref)
    assert (seen.state, seen.answers["sales"]) == ("accepted", Decimal("120.50"))
    assert [one.answers["sales"] for one in evidence.revisions(reviewer, sent.ref)] == [
        Decimal("120.50"),
        Decimal(480),
        Decimal(490),
    ]
    with pytest.raises(NotWaiting):
        evidence.accept(reviewer, ref=sent.ref)


@pytest.mark.parametrize("verdict", ["waits", "reject", "send_back"])
def test_an_edit_of_what_was_not_accepted_takes_its_place_and_waits(ground: Ground, verdict: str) -> None:
    makers.form(review="two")
    author, reviewer = worker(), coordinator()
    sent = makers.submission(author)
    evidence.accept(reviewer, ref=sent.ref)
    if verdict == "reject":
        evidence.reject(coordinator(), ref=sent.ref, why="No")
    elif verdict == "send_back":
        evidence.send_back(coordinator(), ref=sent.ref, comments={"sales": "?"})

    seen = evidence.revise(author, ref=sent.ref, answers=makers.visit_answers(sales="480"), on=DAY, key="edit")

    assert (seen.state, seen.answers["sales"]) == ("received", Decimal(480))
    assert evidence.accept(reviewer, ref=sent.ref).state == "received"  # what was said of the first counts no more
    assert evidence.accept(coordinator(), ref=sent.ref).state == "accepted"


# Many at once -----------------------------------------------------------------------------------------


def test_of_many_reviewed_at_once_each_has_its_own_outcome_and_a_refusal_holds_up_no_other(ground: Ground) -> None:
    makers.form()
    reviewer = coordinator()
    mine = makers.submission(reviewer)
    good = [makers.submission(worker()) for _ in range(3)]
    foreign = makers.submission(makers.MAKER, scope=ground.foreign_scope)

    refs = [good[0].ref, mine.ref, good[1].ref, Ref("sub-00000000"), foreign.ref, good[2].ref]
    outcomes = evidence.review_many(reviewer, refs=refs, verdict="accept")

    assert [(one.ref, one.state, one.code) for one in outcomes] == [
        (good[0].ref, "accepted", ""),
        (mine.ref, None, "evidence.own_work"),
        (good[1].ref, "accepted", ""),
        (Ref("sub-00000000"), None, "base.not_found"),
        (foreign.ref, None, "base.not_found"),
        (good[2].ref, "accepted", ""),
    ]
    assert all(one.sentence for one in outcomes if one.code)


def test_nothing_and_too_much_is_not_reviewed_at_once(ground: Ground) -> None:
    for refs in ([], [Ref(f"sub-{number:08}") for number in range(201)]):
        with pytest.raises(NothingChosen):
            evidence.review_many(coordinator(), refs=refs, verdict="accept")
