"""What evidence writes: submissions once, reviews by another, registers, facts, dossiers, checks."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jump.base import clock, files, keys, outbox
from jump.base.actors import ANONYMOUS, system_actor
from jump.base.models import StoredFile
from jump.base.refusals import NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence import duties
from jump.engines.evidence.definitions.kept import UnknownForm
from jump.engines.evidence.models import (
    Attachment,
    Check,
    DeclaredFact,
    EarlierAnswers,
    Entity,
    Review,
    Submission,
)
from jump.engines.evidence.services.refusals import (
    AlreadySigned,
    AnswersInvalid,
    AttachmentMissing,
    AttachmentUnasked,
    DateImpossible,
    DossierIncomplete,
    EvidenceKeyReused,
    FormNotPublic,
    NotTheSigner,
    NotWaiting,
    OwnWork,
    ReasonMissing,
    SampleImpossible,
)
from tests import makers
from tests.makers import DAY, MAKER, PHOTO, Ground

pytestmark = pytest.mark.django_db
Caused = list[tuple[str, dict[str, Any]]]
COMMUNITY = Ref("plc-00000001")


def worker() -> Any:
    return makers.someone("extension_worker", "trial/asia/PH/riverside/")


def coordinator() -> Any:
    return makers.someone("national_coordinator", "trial/asia/PH/")


# Sending ----------------------------------------------------------------------------------------------


@pytest.mark.covers("EXTWORK-03")
def test_a_visit_is_kept_with_who_when_where_and_every_answer(ground: Ground) -> None:
    makers.form()
    actor = worker()

    sent = makers.submission(actor, about=COMMUNITY)

    seen = evidence.submission(actor, sent.ref)
    assert (seen.form, seen.version, seen.about, seen.scope, seen.on) == (
        "trial.visit",
        "1",
        COMMUNITY,
        ground.scope,
        DAY,
    )
    assert (seen.by, seen.by_key, seen.state, seen.source) == (actor.name, actor.key, "received", "web")
    assert seen.answers == {
        "visited_on": "2004-03-01",
        "host": "Maria Santos",
        "is_open": "yes",
        "sales": Decimal("120.50"),
        "worker": [{"worker_name": "Jose Cruz", "hours": 40}, {"worker_name": "Ana Lim", "hours": 20}],
        "hours_total": 60,
    }


def test_a_letter_sent_twice_is_one_submission_and_other_answers_under_its_key_are_refused(ground: Ground) -> None:
    makers.form()
    first = makers.submission(key="letter-1")

    assert makers.submission(key="letter-1").ref == first.ref
    with pytest.raises(EvidenceKeyReused):
        makers.submission(key="letter-1", answers=makers.visit_answers(host="Somebody else"))
    assert Submission.objects.count() == 1


def test_answers_that_the_form_does_not_allow_are_refused_by_question_and_nothing_is_kept(ground: Ground) -> None:
    makers.form()
    with pytest.raises(AnswersInvalid) as refusal:
        makers.submission(answers=makers.visit_answers(is_open="maybe", sales="-3"))

    assert (refusal.value.code, refusal.value.http_status) == ("evidence.answers_invalid", 422)
    assert set(refusal.value.errors()) == {"is_open", "sales"}
    assert refusal.value.facts["codes"] == {"is_open": "not_a_choice", "sales": "constraint"}
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("day", ["2004-02-30", "2004-00-10", "30/06/2004"])
def test_a_day_that_does_not_exist_is_refused_by_its_own_code(ground: Ground, day: str) -> None:
    makers.form()
    with pytest.raises(DateImpossible) as refusal:
        makers.submission(answers=makers.visit_answers(visited_on=day))

    assert refusal.value.code == "evidence.date_impossible"
    assert list(refusal.value.errors()) == ["visited_on"]
    assert Submission.objects.count() == 0


def test_a_form_of_tomorrow_is_refused(ground: Ground) -> None:
    clock.pin(date(2004, 6, 30))
    makers.form()
    with pytest.raises(DateImpossible) as refusal:
        makers.submission(on=date(2004, 7, 1))
    assert list(refusal.value.errors()) == ["on"]
    assert Submission.objects.count() == 0


@pytest.mark.covers("CROSS-05")
def test_what_comes_from_the_field_is_never_refused_but_flagged_and_looked_at(ground: Ground, caused: Caused) -> None:
    makers.form(review="none")
    odd = makers.visit_answers(is_open="maybe", visited_on="2004-02-30")

    sent = makers.submission(worker(), source="odk", answers=odd)

    assert sent.state == "received"
    assert sorted(one.path for one in sent.flags) == ["is_open", "visited_on"]
    assert sent.answers["is_open"] == "maybe"
    outbox.drain()
    assert caused == []


def test_a_form_that_nobody_installed_is_refused_by_name(ground: Ground) -> None:
    with pytest.raises(UnknownForm) as refusal:
        makers.submission(form="trial.absent")
    assert refusal.value.facts == {"form": "trial.absent"}


def test_only_a_public_form_is_taken_from_the_public(ground: Ground) -> None:
    makers.form()
    makers.form("letter", public=True)
    with pytest.raises(FormNotPublic):
        makers.submission(ANONYMOUS)
    with pytest.raises(NotAllowed):
        makers.submission(makers.someone("donor"))
    with pytest.raises(NotAllowed):
        makers.submission(makers.someone("extension_worker", ground.foreign_scope))
    assert Submission.objects.count() == 0

    sent = makers.submission(ANONYMOUS, form="trial.letter", by_name="Pedro Reyes", key="letter-of-pedro")

    assert (sent.by_name, sent.by_key) == ("Pedro Reyes", "public")
    with pytest.raises(NotFound):
        evidence.submission(ANONYMOUS, sent.ref)


def test_a_draft_is_kept_unchecked_and_only_its_author_reads_it(ground: Ground) -> None:
    makers.form()
    actor = worker()
    draft = evidence.save_draft(
        actor, form="trial.visit", answers={"host": "half a na"}, scope=ground.scope, on=DAY, key="draft-1"
    )
    again = evidence.save_draft(
        actor, form="trial.visit", answers={"host": "half a name"}, scope=ground.scope, on=DAY, key="draft-1"
    )

    assert draft.ref == again.ref
    assert evidence.submission(actor, draft.ref).answers == {"host": "half a name"}
    assert evidence.submission(coordinator(), draft.ref).answers == {}

    sent = evidence.resubmit(actor, ref=draft.ref, answers=makers.visit_answers(), on=DAY, key="draft-1-sent")

    assert (sent.ref, sent.state) == (draft.ref, "received")


# Files ------------------------------------------------------------------------------------------------


def photo(path: str = "photo", name: str = "shop.jpg", content: Any = PHOTO) -> evidence.NewFile:
    return evidence.NewFile(path, name, content)


def test_a_photo_is_kept_with_its_question_and_its_true_type(ground: Ground) -> None:
    makers.form()
    actor = worker()

    sent = makers.submission(actor, files=[photo()])

    [kept] = sent.attachments
    assert (kept.path, kept.name, kept.mime, kept.size) == ("photo", "shop.jpg", "image/jpeg", len(PHOTO))
    assert sent.answers["photo"] == "shop.jpg"
    assert files.opened(evidence.attachment(actor, kept.ref).file_ref).read() == PHOTO
    with pytest.raises(NotFound):
        evidence.attachment(makers.someone("extension_worker", ground.foreign_scope), kept.ref)


class FiftyMegabytes(io.RawIOBase):
    """A photo that never needs to be in memory."""

    size = 50_000_000

    def __init__(self) -> None:
        self.left = self.size

    def read(self, number: int = -1) -> bytes:
        taken = min(number, self.left)
        start = PHOTO[:4] if self.left == self.size else b""
        self.left -= taken
        return (start + b"\0" * taken)[:taken]


def test_a_photo_of_50_megabytes_is_refused_with_the_limit_and_nothing_is_kept(ground: Ground) -> None:
    makers.form()
    big = FiftyMegabytes()

    with pytest.raises(files.FileTooLarge) as refusal:
        makers.submission(worker(), files=[photo(content=big)])

    assert refusal.value.facts == {"name": "shop.jpg", "size_mb": 50, "max_mb": 10}
    assert big.left > 35_000_000  # it stopped reading at the limit
    assert (Submission.objects.count(), Attachment.objects.count(), StoredFile.objects.count()) == (0, 0, 0)


def test_a_program_called_photo_is_refused_by_its_bytes(ground: Ground) -> None:
    makers.form()
    with pytest.raises(files.FileType) as refusal:
        makers.submission(worker(), files=[photo(content=b"MZ\x90\x00\x03\x00\xff\xfe" * 9)])
    assert refusal.value.facts["mime"] == "application/octet-stream"
    assert Submission.objects.count() == 0


def test_a_photo_that_is_required_and_did_not_come_is_refused_by_its_own_code(ground: Ground) -> None:
    makers.form("proof", makers.question("picture", "image", required="yes"))
    for answers in ({}, {"picture": "gone.jpg"}):
        with pytest.raises(AttachmentMissing) as refusal:
            makers.submission(form="trial.proof", answers=answers)
        assert list(refusal.value.errors()) == ["picture"]
    assert Submission.objects.count() == 0

    sent = makers.submission(form="trial.proof", answers={}, files=[photo("picture")])
    assert sent.answers == {"picture": "shop.jpg"}


def test_a_file_for_a_question_that_asks_for_none_is_refused(ground: Ground) -> None:
    makers.form()
    with pytest.raises((AttachmentUnasked, AnswersInvalid)):
        makers.submission(worker(), files=[photo("nobody")])
    with pytest.raises(AttachmentUnasked):
        makers.submission(worker(), files=[photo("host")])
    assert (Submission.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_a_photo_inside_a_repeat_stands_with_its_entry(ground: Ground) -> None:
    written = (
        "| survey |\n| | type | name | label |\n| | begin_repeat | tree | Trees |\n"
        "| | text | kind | Kind |\n| | image | leaf | Leaf |\n| | end_repeat | | |\n"
    )
    makers.form("trees", written)

    sent = makers.submission(
        form="trial.trees", answers={"tree": [{"kind": "mango"}, {"kind": "coco"}]}, files=[photo("tree.1.leaf")]
    )

    assert sent.answers["tree"] == [{"kind": "mango"}, {"kind": "coco", "leaf": "shop.jpg"}]
    assert [one.path for one in sent.attachments] == ["tree.1.leaf"]


# Reviewing --------------------------------------------------------------------------------------------


@pytest.mark.covers("CROSS-01")
def test_acceptance_by_another_person_causes_what_the_form_declares_and_tells_the_waiting_step(
    ground: Ground, caused: Caused
) -> None:
    from jump.base.audit import trail

    makers.form(
        on_accept=[
            {"effect": "trial.note", "with": {"host": "$answers.host", "sales": "$answers.sales"}, "bind": "first"},
            {
                "effect": "trial.note",
                "with": {"who": "$item.worker_name", "x": "$first.ref"},
                "for_each": "$answers.worker",
            },
        ]
    )
    author, reviewer = worker(), coordinator()
    sent = makers.submission(author, about=COMMUNITY)
    outbox.drain()
    assert caused == []

    accepted = evidence.accept(reviewer, ref=sent.ref, why="seen")
    outbox.drain()

    assert (accepted.state, [one.verdict for one in accepted.reviews]) == ("accepted", ["accept"])
    assert [(name, {key: value for key, value in args.items() if key != "key"}) for name, args in caused] == [
        ("trial.note", {"host": "Maria Santos", "sales": "120.50"}),
        ("trial.note", {"who": "Jose Cruz", "x": "tst-00000001"}),
        ("trial.note", {"who": "Ana Lim", "x": "tst-00000001"}),
        ("cases.form_accepted", {"submission": sent.ref, "form": "trial.visit", "about": COMMUNITY}),
    ]
    assert len({args["key"] for _name, args in caused}) == 4
    assert [event.action for event in trail(sent.ref)] == ["evidence.accept", "evidence.submit"]
    with pytest.raises(NotWaiting):
        evidence.accept(reviewer, ref=sent.ref)
    outbox.drain()
    assert len(caused) == 4


def test_nobody_reviews_their_own_form(ground: Ground, caused: Caused) -> None:
    makers.form()
    author = coordinator()
    sent = makers.submission(author)
    for act in (
        lambda: evidence.accept(author, ref=sent.ref),
        lambda: evidence.reject(author, ref=sent.ref, why="x"),
        lambda: evidence.send_back(author, ref=sent.ref, comments={"host": "x"}),
    ):
        with pytest.raises(OwnWork):
            act()
    outbox.drain()
    assert (evidence.submission(author, sent.ref).state, Review.objects.count(), caused) == ("received", 0, [])


def test_the_database_refuses_a_review_by_the_author_as_well(ground: Ground) -> None:
    makers.form()
    row = Submission.objects.get(ref=makers.submission(worker()).ref)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(
            submission=row, by_key=row.by_key, author_key=row.by_key, verdict="accept", at=clock.now()
        )


def test_a_form_for_two_counts_only_after_two_different_people(ground: Ground, caused: Caused) -> None:
    makers.form(review="two")
    first, second = coordinator(), coordinator()
    sent = makers.submission(worker())

    assert evidence.accept(first, ref=sent.ref).state == "received"
    assert evidence.accept(first, ref=sent.ref).state == "received"
    outbox.drain()
    assert caused == []
    assert [one.ref for one in evidence.waiting_for_review(first)] == []
    assert [one.ref for one in evidence.waiting_for_review(second)] == [sent.ref]
    assert evidence.accept(second, ref=sent.ref).state == "accepted"
    outbox.drain()
    assert len(caused) == 1


def test_a_sample_is_drawn_by_the_reference_and_the_rest_counts_at_once(ground: Ground) -> None:
    makers.form(review="sample", sample_percent=30)
    rows = [makers.submission(worker()) for _ in range(40)]

    drawn = [row for row in rows if row.state == "received"]
    assert 0 < len(drawn) < 40
    assert {row.ref for row in drawn} == set(Submission.objects.filter(is_drawn=True).values_list("ref", flat=True))


def test_a_form_sent_back_keeps_what_it_said_and_comes_again_from_its_author(ground: Ground) -> None:
    makers.form()
    author, reviewer = worker(), coordinator()
    sent = makers.submission(author)

    back = evidence.send_back(reviewer, ref=sent.ref, comments={"sales": "Is this the week or the month?"})

    assert back.state == "sent_back"
    assert back.reviews[0].comments == {"sales": "Is this the week or the month?"}
    assert [(one.ref, one.severity) for one in duties.due(author, DAY)] == [(sent.ref, "warn")]
    again = evidence.resubmit(author, ref=sent.ref, answers=makers.visit_answers(sales="480"), on=DAY, key="again-1")
    assert (again.ref, again.state, again.answers["sales"]) == (sent.ref, "received", Decimal(480))
    assert EarlierAnswers.objects.get().answers["sales"] == "120.50"
    assert (
        evidence.resubmit(author, ref=sent.ref, answers=makers.visit_answers(sales="480"), on=DAY, key="again-1")
    ).ref == sent.ref
    assert EarlierAnswers.objects.count() == 1
    assert evidence.accept(reviewer, ref=sent.ref).state == "accepted"


def test_a_rejection_says_why_and_causes_nothing(ground: Ground, caused: Caused) -> None:
    makers.form()
    sent = makers.submission(worker())
    with pytest.raises(ReasonMissing):
        evidence.reject(coordinator(), ref=sent.ref, why=" ")
    with pytest.raises(ReasonMissing):
        evidence.send_back(coordinator(), ref=sent.ref, comments={"host": ""})

    assert evidence.reject(coordinator(), ref=sent.ref, why="Not the right shop").state == "rejected"
    outbox.drain()
    assert (caused, DeclaredFact.objects.count()) == ([], 0)


# Registers --------------------------------------------------------------------------------------------

IDEA = (
    "| survey |\n| | type | name | label | required | data_class |\n"
    "| | text | title | Title | yes | |\n| | text | author_group | Authors | yes | |\n"
    "| | text | target_group | For whom | yes | |\n| | integer | jobs | Jobs | yes | |\n"
    "| | text | owner | Owner | | P2 |\n"
)


def ideas(**form: Any) -> None:
    makers.declared(
        "trial",
        {
            "register": {
                "idea": {
                    "title": {"en": "Ideas"},
                    "key": "title",
                    "label": "title",
                    "fields": ["title", "author_group", "target_group", "jobs", "owner"],
                    "freshness_days": 90,
                }
            }
        },
    )
    makers.form("idea_card", IDEA, review="none", register="trial.idea", **form)


def idea(title: str, jobs: int, **asked: Any) -> Any:
    answers = {"title": title, "author_group": "Women's group", "target_group": "youth", "jobs": jobs, "owner": "Rosa"}
    return makers.submission(form="trial.idea_card", about=COMMUNITY, answers=answers, **asked)


@pytest.mark.covers("CER-07")
def test_an_idea_keeps_its_authors_target_group_and_jobs_and_its_history(ground: Ground) -> None:
    ideas()
    first = idea("Bakery", 5)
    second = idea("Bakery", 8, on=date(2004, 4, 1))
    idea("Bakery", 6, on=date(2004, 3, 15))  # an older paper that came late
    idea("Weaving", 3)

    lines = evidence.entities(MAKER, register="trial.idea", about=COMMUNITY)

    assert [(one.label, one.values["jobs"], one.submission_ref) for one in lines if one.label == "Bakery"] == [
        ("Bakery", 8, second.ref)
    ]
    assert [one.label for one in lines] == ["Bakery", "Weaving"]
    assert lines[0].values["author_group"] == "Women's group"
    assert lines[0].values["target_group"] == "youth"
    assert "owner" not in lines[0].values  # a name lies in submissions only
    assert [one.values["jobs"] for one in evidence.entity_history(MAKER, lines[0].ref)] == [5, 6, 8]
    assert evidence.entity_history(MAKER, lines[0].ref)[0].submission_ref == first.ref


def test_a_register_is_written_by_accepted_forms_only_and_knows_when_it_is_stale(ground: Ground) -> None:
    ideas()
    makers.form("idea_paper", IDEA, review="all", register="trial.idea")
    answers = {"title": "Bakery", "author_group": "Women", "target_group": "youth", "jobs": 5}
    waiting = makers.submission(form="trial.idea_paper", answers=answers)
    assert Entity.objects.count() == 0

    evidence.accept(coordinator(), ref=waiting.ref)

    clock.pin(date(2004, 5, 30))
    assert [one.is_stale for one in evidence.entities(MAKER, register="idea")] == [False]
    clock.pin(date(2004, 5, 31))
    assert [one.is_stale for one in evidence.entities(MAKER, register="idea")] == [True]


# Facts ------------------------------------------------------------------------------------------------


def test_an_accepted_form_states_its_facts_once_each_with_codes_and_sources(ground: Ground, caused: Caused) -> None:
    makers.form(
        review="none",
        facts=[
            {"kind": "evidence.visit", "on": "$answers.visited_on", "codes": {"open": "$answers.is_open"}},
            {"kind": "evidence.hours", "value": "$item.hours", "for_each": "$answers.worker"},
            {"kind": "evidence.sales", "value": "$answers.sales"},
        ],
    )
    sent = makers.submission(worker(), about=COMMUNITY)
    second = makers.visit_answers(visited_on="2004-05-01", sales=None, worker=None)
    makers.submission(worker(), answers=second, on=date(2004, 5, 1))

    facts = list(duties.facts(as_of=date(2004, 4, 30)))

    assert [(one.kind, one.value) for one in facts] == [
        ("evidence.visit", Decimal(1)),
        ("evidence.hours", Decimal(40)),
        ("evidence.hours", Decimal(20)),
        ("evidence.sales", Decimal("120.5")),
    ]
    assert facts[0].codes == {"open": "yes"}
    assert {(one.scope, one.party, one.on, one.sources) for one in facts} == {
        (ground.scope, COMMUNITY, DAY, (sent.ref, COMMUNITY))
    }
    later = [one.kind for one in duties.facts(as_of=date(2004, 5, 1)) if one.sources[0] != sent.ref]
    assert later == ["evidence.visit"]  # what was not answered is no fact


# Dossiers ---------------------------------------------------------------------------------------------


def workbook() -> None:
    makers.form("profile", makers.question("people", "integer", required="yes"), review="none")
    makers.form("idea", makers.question("title", required="yes"), review="none")
    makers.form("trend", makers.question("what"), review="none")
    makers.declared(
        "trial",
        {
            "dossier": {
                "workbook": {
                    "title": {"en": "Workbook", "fr": "Cahier"},
                    "about": "place",
                    "sections": [
                        {"key": "profile", "title": {"en": "Profile"}, "form": "profile", "min": 1, "mandatory": True},
                        {"key": "ideas", "title": {"en": "Ideas"}, "form": "idea", "min": 3, "mandatory": True},
                        {"key": "trends", "title": {"en": "Trends"}, "form": "trend", "min": 1, "mandatory": False},
                    ],
                    "sign_off_by": "extension_worker",
                    "checks": [
                        {"id": "big", "text": {"en": "At least 100 people."}, "needs": "answers.profile.people >= 100"}
                    ],
                }
            }
        },
    )


def fill(form: str, answers: dict[str, Any], **asked: Any) -> Any:
    return makers.submission(form=f"trial.{form}", answers=answers, about=COMMUNITY, **asked)


def opened(ground: Ground) -> Ref:
    return evidence.open_dossier(
        MAKER, definition="trial.workbook", about=COMMUNITY, scope=ground.scope, on=date(2004, 3, 1)
    )


@pytest.mark.covers("CER-06")
def test_a_workbook_is_complete_when_every_mandatory_part_is_there(ground: Ground) -> None:
    workbook()
    ref = opened(ground)
    assert opened(ground) == ref
    seen = evidence.dossier(MAKER, ref)
    assert (seen.numerator, seen.denominator, seen.is_complete) == (0, 4, False)
    assert [one.state for one in seen.sections] == ["empty", "empty", "optional"]

    fill("idea", {"title": "Bakery"})
    fill("idea", {"title": "Weaving"})
    seen = evidence.dossier(MAKER, ref)
    assert (seen.numerator, [one.state for one in seen.sections]) == (2, ["empty", "started", "optional"])
    assert seen.sections[1].missing == ("1 more",)
    assert [one.met for one in seen.checks] == [None]

    fill("idea", {"title": "Mill"})
    fill("idea", {"title": "A fourth does not make up for the profile"})
    fill("profile", {"people": 99})
    seen = evidence.dossier(MAKER, ref)
    assert (seen.numerator, seen.denominator, seen.is_complete) == (4, 4, True)
    assert [one.met for one in seen.checks] == [False]
    assert not evidence.is_complete(ref)

    fill("profile", {"people": 1_200}, on=date(2004, 4, 1))
    assert evidence.is_complete(ref)


@pytest.mark.covers("CER-06")
def test_only_the_named_role_signs_and_only_a_complete_dossier(ground: Ground) -> None:
    workbook()
    ref = opened(ground)
    signer = worker()
    with pytest.raises(DossierIncomplete) as refusal:
        evidence.sign_dossier(signer, ref=ref, on=DAY)
    assert refusal.value.facts == {
        "numerator": 0,
        "denominator": 4,
        "missing": "Profile; Ideas; At least 100 people.",
    }
    for title in ("Bakery", "Weaving", "Mill"):
        fill("idea", {"title": title})
    fill("profile", {"people": 500})
    with pytest.raises(NotTheSigner):
        evidence.sign_dossier(makers.someone("core_team", ground.scope), ref=ref, on=DAY)
    assert evidence.dossier(MAKER, ref).signed_on is None

    evidence.sign_dossier(signer, ref=ref, on=DAY)

    seen = evidence.dossier(MAKER, ref)
    assert (seen.signed_by, seen.signed_on) == (signer.name, DAY)
    with pytest.raises(AlreadySigned):
        evidence.sign_dossier(worker(), ref=ref, on=DAY)


@pytest.mark.covers("CER-14")
def test_frozen_versions_stay_as_they_were_and_can_be_compared_question_by_question(ground: Ground) -> None:
    workbook()
    ref = opened(ground)
    fill("profile", {"people": 500})
    first = evidence.freeze_dossier(MAKER, ref=ref, on=DAY)
    assert evidence.freeze_dossier(MAKER, ref=ref, on=DAY) == first  # nothing changed, so no new version
    fill("profile", {"people": 650}, on=date(2004, 4, 1))
    fill("idea", {"title": "Bakery"})

    second = evidence.freeze_dossier(MAKER, ref=ref, on=date(2004, 4, 2))

    assert [one.number for one in evidence.dossier(MAKER, ref).versions] == [1, 2]
    changes = {one.path: (one.label, one.before, one.after) for one in evidence.compare_versions(MAKER, first, second)}
    assert changes == {
        "profile": ("Number of forms", 1, 2),
        "profile.people": ("People", 500, 650),
        "ideas": ("Number of forms", 0, 1),
        "ideas.title": ("Title", None, "Bakery"),
    }
    old = evidence.dossier_version(MAKER, first)
    assert (old.numerator, old.denominator, old.frozen_on) == (1, 4, DAY)
    assert [one["answers"] for one in old.sections["profile"]] == [{"people": 500}]  # type: ignore[attr-defined,union-attr]


def test_a_dossier_keeps_the_version_of_its_definition(ground: Ground) -> None:
    workbook()
    ref = opened(ground)
    makers.declared(
        "trial",
        {
            "dossier": {
                "workbook": {"title": {"en": "New"}, "sections": [{"key": "x", "title": {"en": "X"}, "form": "idea"}]}
            }
        },
        version="2",
    )
    assert [one.key for one in evidence.dossier(MAKER, ref).sections] == ["profile", "ideas", "trends"]


# Checks, samples, lists -------------------------------------------------------------------------------


def test_a_check_is_made_by_another_person_and_names_its_proof(ground: Ground) -> None:
    makers.form()
    author, verifier = worker(), coordinator()
    proof = makers.submission(verifier).ref
    job = Ref("job-00000001")
    with pytest.raises(OwnWork):
        evidence.check(author, ref=job, verdict="confirmed", submission_ref=proof, on=DAY, author_key=author.key)
    assert Check.objects.count() == 0

    ref = evidence.check(verifier, ref=job, verdict="confirmed", submission_ref=proof, on=DAY, author_key=author.key)

    [seen] = evidence.checks(verifier, ref=job)
    assert (seen.ref, seen.verdict, seen.submission_ref, seen.by) == (ref, "confirmed", proof, verifier.name)
    assert duties.describe(verifier, ref).sources == (proof, job)  # type: ignore[union-attr]
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.filter(ref=ref).update(author_key=verifier.key)


def test_a_sample_can_be_drawn_again_from_its_seed(ground: Ground) -> None:
    units = [Ref(f"job-{number:08}") for number in range(40)]
    actor = coordinator()
    asked: dict[str, Any] = {"title": "Jobs of May", "units": units, "seed": 7, "scope": ground.scope, "on": DAY}

    first = evidence.draw_sample(actor, size=10, **asked)
    again = evidence.draw_sample(actor, size=10, **{**asked, "units": list(reversed(units))})

    assert (len(first.drawn), first.probability, first.weight) == (10, "1/4", "4")
    assert first.drawn == again.drawn
    assert set(first.drawn) <= set(units)
    with pytest.raises(SampleImpossible):
        evidence.draw_sample(actor, size=41, **asked)


def test_a_list_is_read_from_the_nearest_place(ground: Ground) -> None:
    evidence.publish_list("accounts", "", [{"code": "a", "label": "Everywhere"}])
    evidence.publish_list("accounts", ground.country_scope, [{"code": "b", "label": "Country"}])

    assert evidence.published_list("accounts", ground.scope) == [{"code": "b", "label": "Country"}]
    assert evidence.published_list("accounts", ground.foreign_scope) == [{"code": "a", "label": "Everywhere"}]
    assert evidence.published_list("nothing", ground.scope) == []


# Forgetting -------------------------------------------------------------------------------------------


@pytest.mark.covers("CROSS-04")
def test_forgetting_a_person_destroys_the_names_in_forms_that_name_them_and_no_other(ground: Ground) -> None:
    makers.form()
    person = makers.person()
    about_her = makers.submission(about=person, files=[photo()])
    other = makers.submission()

    changed = duties.forget(person, date(2004, 6, 30))

    assert changed > 0
    assert Submission.objects.get(ref=about_her.ref).sealed == ""
    assert keys.keys_of([about_her.ref]) == {}
    seen = evidence.submission(MAKER, about_her.ref)
    assert "host" not in seen.answers
    assert seen.answers["sales"] == Decimal("120.50")
    assert seen.attachments == ()
    assert evidence.submission(MAKER, other.ref).answers["host"] == "Maria Santos"
    assert duties.forget(person, date(2004, 6, 30)) == 0


def test_a_person_named_by_reference_or_by_an_effect_is_found_when_they_are_to_be_forgotten(ground: Ground) -> None:
    from jump.engines.evidence import effects

    makers.form("who", makers.question("member", data_class="P2"))
    person, other = makers.person(), makers.person()
    by_answer = makers.submission(form="trial.who", answers={"member": person})
    by_effect = makers.submission(form="trial.who", answers={"member": "Rosa Diaz"})
    cause = outbox.Cause("k", None, system_actor("t"), DAY, "")
    effects.link_person(cause, submission=by_effect.ref, person=other)

    duties.forget(person, DAY)
    assert evidence.submission(MAKER, by_answer.ref).answers == {}
    assert evidence.submission(MAKER, by_effect.ref).answers == {"member": "Rosa Diaz"}
    duties.forget(other, DAY)
    assert evidence.submission(MAKER, by_effect.ref).answers == {}


def test_a_name_in_an_answer_never_lies_in_the_table_in_clear(ground: Ground) -> None:
    makers.form()
    row = Submission.objects.get(ref=makers.submission(by_name="Pedro").ref)
    assert "Maria" not in str(row.answers) + row.sealed
    assert "Jose" not in str(row.answers)
    assert row.answers["worker"][0] == {"worker_name": None, "hours": 40}


def test_a_letter_is_moved_to_its_community_once_that_exists(ground: Ground) -> None:
    from jump.engines.evidence import effects

    makers.form("letter", public=True)
    letter = makers.submission(ANONYMOUS, form="trial.letter", scope=ground.country_scope)
    cause = outbox.Cause("k", None, system_actor("t"), DAY, "")

    effects.set_about(cause, submission=letter.ref, about=ground.riverside, scope=ground.scope)

    seen = evidence.submission(worker(), letter.ref)
    assert (seen.about, seen.scope) == (ground.riverside, ground.scope)
