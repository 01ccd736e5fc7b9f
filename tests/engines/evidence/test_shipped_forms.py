"""Every form of the shipped packages can be filled, refuses an empty filling, and keeps its register."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jump.base import packages
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence.definitions import answers as answered
from jump.engines.evidence.definitions import convert_file, xlsform
from jump.engines.evidence.services.refusals import AnswersInvalid, AttachmentMissing
from jump.engines.parties import api as parties
from tests import makers
from tests.makers import DAY, MAKER, Ground

NOW = datetime(2004, 6, 30, tzinfo=UTC)
PROGRAMMES = Path(__file__).resolve().parents[3] / "src/jump/programmes"
FORMS = sorted(path for path in PROGRAMMES.glob("*/forms/*") if path.suffix in (".md", ".xlsx", ".xls"))
PDF = b"%PDF-1.4 letter"

CODES = ("act.07.01", "A", "job-1A2B3C4D", "ctr-1A2B3C4D", "fnd-1A2B3C4D")

# Tried in turn until the form accepts one.
TRIES: Mapping[str, Sequence[Any]] = {
    "text": [
        "A sentence.",
        "THB",
        "TH",
        "AB-12",
        "1234",
        "per-00000001",
        "grp-00000001",
        "sto-00000001",
        "mkt-00000001",
        "clc-00000001",
        "ple-00000001",
        "a@b.org",
        "12:30",
        *CODES,
    ],
    "integer": [1, 0, 5, 2004, 1980, 10, 25, 100, 4, 50, 1000],
    "decimal": ["1", "0", "0.5", "100"],
    "range": ["1", "5"],
    "date": ["2004-05-01", "2004-06-30", "2005-01-01", "1980-01-01"],
    "time": ["12:00"],
    "datetime": ["2004-05-01T12:00"],
    "geopoint": ["14.5 121.0"],
}


def first_filling(schema: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for field in fields:
        kind = field["type"]
        if kind == "group":
            filled |= first_filling(schema, field["children"])
        elif kind == "repeat":
            filled[field["key"]] = [first_filling(schema, field["children"])]
        elif field.get("list"):
            codes = [choice["code"] for choice in schema["lists"].get(field["list"], ())] or ["x"]
            filled[field["key"]] = codes[0] if kind == "select_one" else codes[:1]
        elif kind == "acknowledge":
            filled[field["key"]] = "OK"
        elif kind in TRIES:
            filled[field["key"]] = TRIES[kind][0]
        elif kind in answered.FILE_TYPES:
            filled[field["key"]] = "kept.bin"
    return filled


def tries_for(schema: Mapping[str, Any], field: Mapping[str, Any]) -> Iterator[Any]:
    if field.get("list"):
        yield from (choice["code"] for choice in schema["lists"].get(field["list"], ()))
        return
    yield from TRIES.get(field["type"], ())


def filling(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Answers that the form takes: start plainly, then mend what it complains about."""
    answers = first_filling(schema, schema["fields"])
    fields = {field["key"]: field for field in xlsform.fields_of(schema)}
    files = frozenset({"kept.bin"})
    for _round in range(40):
        outcome = answered.outcome(schema, answers, today=NOW.date(), now=NOW, files=files)
        if not outcome.errors:
            return answers
        wrong = outcome.errors[0]
        for value in tries_for(schema, fields[wrong.path.rpartition(".")[2]]):
            put(answers, wrong.path, value)
            outcome = answered.outcome(schema, answers, today=NOW.date(), now=NOW, files=files)
            if wrong.path not in {one.path for one in outcome.errors}:
                break
        else:
            raise AssertionError(f"nothing fits {wrong}")
    raise AssertionError(f"not filled: {outcome.errors}")


def put(answers: Any, path: str, value: Any) -> None:
    *above, last = path.split(".")
    for step in above:
        answers = answers[int(step)] if isinstance(answers, list) else answers[step]
    answers[last] = value


@pytest.mark.parametrize("path", FORMS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_shipped_form_can_be_filled_in_two_languages_and_refuses_an_empty_filling(path: Path) -> None:
    schema = convert_file(path).schema

    answers = filling(schema)

    outcome = answered.outcome(schema, answers, today=NOW.date(), now=NOW, files=frozenset({"kept.bin"}))
    assert outcome.answers
    again = answered.outcome(
        schema, answered.to_json(dict(outcome.answers)), today=NOW.date(), now=NOW, files=frozenset({"kept.bin"})
    )
    assert again.errors == ()
    assert again.answers == outcome.answers  # what is kept is taken again as it is
    assert xlsform.unanswered(schema) == []
    for field in xlsform.fields_of(schema):
        if field.get("label"):
            assert set(field["label"]) >= {"en", "fr"}, field["name"]
    empty = answered.outcome(schema, {}, today=NOW.date(), now=NOW, files=frozenset())
    required = [field for field in schema["fields"] if field.get("required") == "true()"]
    assert bool(empty.errors) >= bool(required)


# What these forms are for -----------------------------------------------------------------------------


@pytest.fixture
def shipped(ground: Ground) -> Ground:
    for folder in packages.in_order(["jump", "jump_cer"]):
        packages.install(MAKER, folder)
    return ground


_numbers = itertools.count()


def sent(form: str, ground: Ground, *, files: Sequence[evidence.NewFile] = (), **asked: Any) -> evidence.SubmissionView:
    """A shipped form sent from Riverside, filled by the machine but for what the test is about."""
    version = PROGRAMMES / form.partition(".")[0] / "forms" / f"{form.partition('.')[2]}.md"
    changes = asked.pop("answers", {})
    answers = {**filling(convert_file(version).schema), **changes}
    answers = {key: value for key, value in answers.items() if value not in (None, "kept.bin")}
    asked = {"scope": ground.scope, "about": ground.riverside, "on": DAY, "key": f"shipped-{next(_numbers)}", **asked}
    return evidence.submit(MAKER, form=form, answers=answers, files=files, **asked)


def accepted(view: evidence.SubmissionView) -> evidence.SubmissionView:
    if view.state != "accepted":
        return evidence.accept(makers.someone("programme_coordinator", "trial/"), ref=view.ref)
    return view


@pytest.mark.django_db
@pytest.mark.covers("SELECT-02")
def test_a_countrys_official_request_is_a_dated_line_with_its_letter(shipped: Ground) -> None:
    letter = evidence.NewFile("letter", "request.pdf", PDF)
    assert evidence.entities(MAKER, register="jump.official_request", scope="trial/asia/PH/") == []

    view = accepted(
        sent(
            "jump.official_request",
            shipped,
            files=[letter],
            scope="trial/asia/PH/",
            about=shipped.philippines,
            answers={"country": "PH", "dated": "2002-02-01", "authority": "Ministry of Labour"},
        )
    )

    [line] = evidence.entities(MAKER, register="jump.official_request", about=shipped.philippines)
    assert line.values["dated"] == "2002-02-01"
    assert line.submission_ref == view.ref
    assert [one.mime for one in view.attachments] == ["application/pdf"]
    assert evidence.entities(MAKER, register="jump.official_request", about=shipped.thailand) == []


@pytest.mark.django_db
@pytest.mark.covers("CER-21")
def test_the_institutional_home_of_the_method_is_kept_per_level_with_its_dates(shipped: Ground) -> None:
    levels = [one.code for one in evidence_field("jump_cer.institutional_home", "level").choices]
    for level in levels:
        answers = {"level": level, "body_name": f"Office of {level}", "takes_over_on": "2004-12-01"}
        accepted(sent("jump_cer.institutional_home", shipped, answers=answers))

    lines = evidence.entities(MAKER, register="jump_cer.institutional_home")

    assert len(levels) >= 3
    assert {line.values["level"] for line in lines} == set(levels)
    assert {line.values["takes_over_on"] for line in lines} == {"2004-12-01"}


@pytest.mark.django_db
@pytest.mark.covers("CER-23")
def test_a_result_other_than_a_job_is_kept_with_its_kind_and_never_counts_as_a_job(shipped: Ground) -> None:
    from jump.engines.evidence import duties

    accepted(sent("jump_cer.improvement", shipped, answers={"title": "A road that stays dry", "users": 1}))
    accepted(sent("jump_cer.improvement", shipped, answers={"title": "A clinic day", "users": 10}))

    lines = evidence.entities(MAKER, register="jump_cer.improvement", about=shipped.riverside)

    assert [(line.label, line.values["users"]) for line in lines] == [
        ("A clinic day", 10),
        ("A road that stays dry", 1),
    ]
    assert all(fact.kind.startswith("evidence.") for fact in duties.facts(as_of=NOW.date()))


@pytest.mark.django_db
@pytest.mark.covers("CER-09")
def test_an_action_of_the_renewal_plan_without_the_need_it_answers_is_refused(shipped: Ground) -> None:
    action = {
        "action_what": "Repair the mill",
        "action_need": "",
        "action_owner": "Core team",
        "action_start": "2004-07-01",
        "action_end": "2004-09-01",
    }
    with pytest.raises(AnswersInvalid) as refusal:
        sent("jump_cer.renewal_plan_text", shipped, answers={"action": [action]})
    assert list(refusal.value.errors()) == ["action.0.action_need"]

    action["action_need"] = "Flour is bought outside"
    view = sent("jump_cer.renewal_plan_text", shipped, answers={"action": [action, action]})

    assert view.answers["actions"] == 2


@pytest.mark.django_db
@pytest.mark.covers("CER-11")
def test_a_proposal_states_jobs_by_sex_costs_financing_and_risks_and_its_sums_are_made_by_the_form(
    shipped: Ground,
) -> None:
    for lacking in ("women", "men", "market_evidence", "governance"):
        with pytest.raises(AnswersInvalid) as refusal:
            sent("jump_cer.cer_e1", shipped, answers={lacking: None})
        assert lacking in refusal.value.errors()
    costs = [{"cost_kind": "equipment", "cost_what": "Oven", "cost_amount": "1000.10"}]
    costs[0]["cost_kind"] = evidence_field("jump_cer.cer_e1", "cost_kind").choices[0].code
    sources = [
        {"source_kind": "members", "source_who": "Members", "source_amount": "200.05"},
        {"source_kind": "rlf_loan", "source_who": "Fund", "source_amount": "800.05"},
    ]

    view = sent("jump_cer.cer_e1", shipped, answers={"cost": costs, "source": sources, "women": 6, "men": 4})

    assert view.answers["total_uses"] == Decimal("1000.1") == view.answers["total_sources"]
    assert view.answers["member_contribution"] == Decimal("200.05")
    assert view.answers["loan_requested"] == Decimal("800.05")
    assert (view.answers["women"], view.answers["men"]) == (6, 4)


@pytest.mark.django_db
@pytest.mark.covers("CER-19")
def test_every_workshop_of_a_community_is_assessed_with_its_lessons(shipped: Ground) -> None:
    codes = [one.code for one in evidence_field("jump_cer.workshop_assessment", "workshop").choices]
    for code in codes:
        answers = {"workshop": code, "lesson": f"Lesson of {code}", "women": 14, "men": 11}
        accepted(sent("jump_cer.workshop_assessment", shipped, answers=answers))

    views = evidence.submissions(MAKER, form="jump_cer.workshop_assessment", about=shipped.riverside, state="accepted")

    assert {view.answers["workshop"] for view in views} == set(codes)
    assert len(codes) >= 5
    assert {view.answers["people"] for view in views} == {25}
    assert all(view.answers["lesson"].startswith("Lesson of") for view in views)


@pytest.mark.django_db
@pytest.mark.covers("INDICATORS-02")
def test_a_household_baseline_asks_nothing_without_consent_and_is_dated(shipped: Ground) -> None:
    refused = sent("jump.household_baseline", shipped, answers={"consents": "no"})
    asked = sent("jump.household_baseline", shipped, answers={"asked_on": "2003-02-01", "income_month": "1500.50"})

    assert "income_month" not in refused.answers
    assert asked.answers["income_month"] == Decimal("1500.50")
    accepted(asked)
    last = evidence.latest(shipped.riverside, "jump.household_baseline")
    assert last is not None
    assert last.answers["asked_on"] == "2003-02-01"


@pytest.mark.django_db
@pytest.mark.covers("EXTWORK-07")
def test_workers_of_the_network_share_experience_and_material(shipped: Ground) -> None:
    network = makers.group(
        "trial/asia/PH/", name="Network of extension workers", kind="network", members=[makers.person()]
    )
    material = evidence.NewFile("material", "handout.pdf", PDF)

    view = accepted(
        sent("jump.exchange_post", shipped, about=network, files=[material], answers={"title": "Leak sheets"})
    )

    shared = evidence.submissions(MAKER, form="jump.exchange_post", about=network, state="accepted")
    assert [(one.ref, one.answers["title"], [file.name for file in one.attachments]) for one in shared] == [
        (view.ref, "Leak sheets", ["handout.pdf"])
    ]
    assert parties.group(MAKER, network).members_count == 1


@pytest.mark.django_db
@pytest.mark.covers("COOPSECTOR-02")
def test_apex_bodies_and_their_alliances_are_kept_with_their_links(ground: Ground) -> None:
    apex = makers.organisation(kind="cooperative_alliance", partner_class="national_apex", name="National alliance")
    alliances = [
        makers.organisation(kind="provincial_alliance", partner_class="national_apex", name=f"Alliance {number}")
        for number in range(63)
    ]
    for one in alliances:
        parties.relate(MAKER, kind="member_of", from_ref=one, to_ref=apex, on=date(2003, 1, 1))

    linked = parties.relations(MAKER, of=apex, kind="member_of", as_of=DAY)

    assert {one.from_ref for one in linked} == set(alliances)
    assert len(linked) == 63
    assert parties.relations(MAKER, of=apex, kind="member_of", as_of=date(2002, 12, 31)) == []


@pytest.mark.django_db
def test_a_letter_of_interest_without_its_required_parts_is_refused_and_with_them_asks_for_a_community(
    shipped: Ground,
) -> None:
    from jump.base.actors import ANONYMOUS

    letter = filling(convert_file(PROGRAMMES / "jump_cer/forms/letter_of_interest.md").schema)
    letter = {key: value for key, value in letter.items() if value != "kept.bin"} | {"country": "PH"}
    asked: dict[str, Any] = {
        "form": "jump_cer.letter_of_interest",
        "scope": "trial/",
        "on": DAY,
        "key": "letter-of-newport",
        "by_name": "Rosa",
    }
    with pytest.raises(AnswersInvalid) as refusal:
        evidence.submit(ANONYMOUS, answers={**letter, "why": ""}, **asked)
    assert list(refusal.value.errors()) == ["why"]

    view = evidence.submit(ANONYMOUS, answers={**letter, "community_name": "Newport"}, **asked)

    assert view.state == "received"
    assert view.scope == "trial/asia/PH/"  # it came in at the programme and belongs to the country it names
    panel = makers.someone("selection_panel", "trial/")
    seen = evidence.submission(panel, view.ref)
    assert (seen.answers["community_name"], seen.answers["contact_name"]) == ("Newport", "•••")
    assert evidence.accept(makers.someone("national_coordinator", "trial/"), ref=view.ref).state == "accepted"


def evidence_field(form: str, name: str) -> evidence.FieldView:
    def look(fields: Sequence[evidence.FieldView]) -> Iterator[evidence.FieldView]:
        for field in fields:
            yield field
            yield from look(field.children)

    return next(field for field in look(evidence.form(form).fields) if field.name == name)


def test_missing_attachments_have_their_own_refusal() -> None:
    assert AttachmentMissing.code == "evidence.attachment_missing"
    assert issubclass(AttachmentMissing, AnswersInvalid)
    assert Ref("att-00000001").kind == "att"
