"""A form of either origin is published once, with what devices need beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from jump.base import files, packages
from jump.base.actors import Actor
from jump.base.refusals import NotAllowed, NotFound, Refusal
from jump.engines.evidence import api as evidence
from jump.engines.evidence.models import Form, FormDraft, FormMedia, FormVersion
from tests import makers

VILLAGES = b"name,label\nlamai,Lamai\n"
FROM_FILE = """
| survey |
| | type | name | label | media::image |
| | select_one_from_file villages.csv | village | Village | map.png |
"""


def test_the_xform_of_a_version_names_the_form_and_the_version_that_are_meant(ground: makers.Ground) -> None:
    makers.form(version="1")
    makers.form(version="2")

    assert '<data id="trial.visit" version="1">' in evidence.xform("trial.visit", "1")
    assert '<data id="trial.visit" version="2">' in evidence.xform("visit")


def test_the_files_that_a_form_needs_are_listed_with_their_check_sums(ground: makers.Ground) -> None:
    makers.form("places", FROM_FILE, media={"villages.csv": VILLAGES})

    [table] = evidence.media_of("trial.places")
    assert (table.name, table.mime, table.size) == ("villages.csv", "text/csv", len(VILLAGES))
    assert table.md5 == hashlib.md5(VILLAGES).hexdigest()
    assert table.sha256 == hashlib.sha256(VILLAGES).hexdigest()
    with files.opened(table.file_ref) as kept:
        assert kept.read() == VILLAGES


def test_a_package_is_not_loaded_while_a_file_that_its_form_needs_is_missing(db: None, tmp_path: Path) -> None:
    from jump.base.actors import system_actor

    root = tmp_path / "orchard"
    (root / "forms/places-media").mkdir(parents=True)
    (root / "programme.yaml").write_text(
        'name: orchard\nversion: "1"\ntitle: {en: Orchard}\nlanguages: [en]\nengines: [evidence]\n'
    )
    (root / "forms.yaml").write_text("places: {file: forms/places.md, title: {en: Places}}\n")
    (root / "forms/places.md").write_text(FROM_FILE)
    (root / "forms/places-media/villages.csv").write_bytes(VILLAGES)

    with pytest.raises(packages.PackageBroken) as refused:
        packages.install(system_actor("test"), root)
    assert "The form needs map.png" in str(refused.value.facts["findings"])

    (root / "forms/places-media/map.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    packages.install(system_actor("test"), root)
    assert [one.name for one in evidence.media_of("orchard.places")] == ["map.png", "villages.csv"]


# Forms that a coordinator uploads ---------------------------------------------------------------------

HOUSEHOLD = """
| survey |
| | type | name | label |
| | text | head | Head of the household |
| | integer | members | How many people |
| | select_one water | water | Where does the water come from |

| choices |
| | list_name | name | label |
| | water | well | A well |
| | water | river | The river |

| settings |
| | form_title | form_id |
| | Household | household |
"""


@pytest.fixture
def coordinator(ground: makers.Ground) -> Actor:
    return makers.someone("national_coordinator", "trial/asia/PH/")


def drafted(
    actor: Actor, written: str = HOUSEHOLD, scope: str = "trial/asia/PH/", **more: object
) -> evidence.FormDraftView:
    return evidence.draft_form(actor, scope=scope, content=written.encode(), name="household.md", **more)  # type: ignore[arg-type]


def test_an_uploaded_form_is_a_draft_until_it_is_published_and_then_is_a_form_like_any_other(
    ground: makers.Ground, coordinator: Actor
) -> None:
    draft = drafted(coordinator)
    assert (draft.form.id, draft.form.version, draft.questions, draft.changes) == ("own.household", "1", 3, None)
    assert [one.id for one in evidence.forms()] == []
    with pytest.raises(Refusal):
        evidence.form("own.household")

    published = evidence.publish_form(coordinator, ref=draft.ref)

    assert (published.id, published.version, published.home) == ("own.household", "1", "trial/asia/PH/")
    assert '<data id="own.household" version="1">' in evidence.xform("own.household")
    assert evidence.form_drafts(coordinator) == []
    assert [one.id for one in evidence.forms(scope=ground.scope)] == ["own.household"]
    assert [one.id for one in evidence.forms(scope=ground.foreign_scope)] == []
    sent = evidence.submit(
        makers.someone("extension_worker"),
        form="own.household",
        answers={"head": "Maria", "members": 4, "water": "well"},
        scope=ground.scope,
        on=makers.DAY,
        key="first",
    )
    assert (sent.form, sent.version) == ("own.household", "1")


def test_a_form_that_cannot_be_used_is_refused_with_every_problem_and_nothing_is_kept(coordinator: Actor) -> None:
    broken = (
        HOUSEHOLD.replace("integer", "intiger")
        .replace("| water | river", "| water | well")
        .replace("head |", "he ad |", 1)
    )
    with pytest.raises(evidence.FormRefused) as refused:
        drafted(coordinator, broken)

    places = [(one.sheet, one.row, one.column) for one in refused.value.problems]
    assert places == [("survey", 2, "name"), ("survey", 3, "type"), ("choices", 3, "name")]
    assert all(one.message and one.what_to_do for one in refused.value.problems)
    assert not FormDraft.objects.exists()
    assert not Form.objects.exists()


def test_the_next_upload_takes_the_place_of_the_draft_and_dropping_it_leaves_nothing(coordinator: Actor) -> None:
    first = drafted(coordinator)
    second = drafted(coordinator, HOUSEHOLD.replace("How many people", "How many people live here"))
    assert first.ref == second.ref
    assert FormDraft.objects.count() == 1

    evidence.drop_draft(coordinator, ref=second.ref)
    assert not FormDraft.objects.exists()
    assert not Form.objects.exists()


def test_a_published_version_never_changes(coordinator: Actor) -> None:
    stated = HOUSEHOLD.replace("| form_id |", "| form_id | version |").replace(
        "| household |", "| household | 2004-03 |"
    )
    evidence.publish_form(coordinator, ref=drafted(coordinator, stated).ref)
    before = FormVersion.objects.values().get()

    with pytest.raises(Refusal) as refused:
        drafted(coordinator, stated.replace("A well", "Another well"))

    assert refused.value.code == "evidence.form_version_taken"
    assert FormVersion.objects.values().get() == before


def test_a_new_version_says_what_it_changes_and_warns_of_answers_that_are_no_longer_asked_for(
    ground: makers.Ground, coordinator: Actor
) -> None:
    evidence.publish_form(coordinator, ref=drafted(coordinator).ref)
    evidence.submit(
        makers.someone("extension_worker"),
        form="own.household",
        answers={"head": "Maria", "members": 4, "water": "river"},
        scope=ground.scope,
        on=makers.DAY,
        key="first",
    )
    changed = (
        HOUSEHOLD.replace("| | text | head | Head of the household |", "| | date | since | Here since |")
        .replace("integer | members | How many people", "text | members | Who lives here")
        .replace("| | water | river | The river |", "| | water | tap | A tap |")
    )
    draft = drafted(coordinator, changed)

    assert draft.changes is not None
    assert [one.path for one in draft.changes.added] == ["since"]
    assert [one.path for one in draft.changes.removed] == ["head"]
    assert [(one.path, one.before, one.after) for one in draft.changes.retyped] == [("members", "integer", "text")]
    assert [(one.path, one.after) for one in draft.changes.choices_added] == [("water", "tap")]
    assert [(one.path, one.before) for one in draft.changes.choices_removed] == [("water", "river")]
    assert draft.submissions == 1
    with pytest.raises(evidence.FormLosesAnswers):
        evidence.publish_form(coordinator, ref=draft.ref)
    assert evidence.form("own.household").version == "1"

    assert evidence.publish_form(coordinator, ref=draft.ref, agreed=True).version == "2"
    [newest, oldest] = evidence.form_versions(coordinator, "own.household")
    assert (newest.version, newest.is_latest, newest.submissions) == ("2", True, 0)
    assert (oldest.version, oldest.is_latest, oldest.submissions) == ("1", False, 1)
    assert evidence.compare_forms("own.household", "1", "2").removed == draft.changes.removed
    old = evidence.submit(
        makers.someone("extension_worker"),
        form="own.household",
        version="1",
        answers={"head": "Ana", "members": 2, "water": "river"},
        scope=ground.scope,
        on=makers.DAY,
        key="from a phone that was long away",
    )
    assert old.version == "1"  # a version that was published once is accepted for ever


def test_a_form_waits_for_the_tables_that_it_looks_into_and_takes_them_over_from_its_last_version(
    coordinator: Actor,
) -> None:
    draft = drafted(coordinator, FROM_FILE, scope="trial/asia/PH/")
    assert (draft.missing_tables, draft.missing_media) == (("villages.csv",), ("map.png",))
    with pytest.raises(Refusal) as refused:
        evidence.publish_form(coordinator, ref=draft.ref)
    assert refused.value.code == "evidence.form_media_missing"

    added = evidence.add_media(coordinator, ref=draft.ref, media={"villages.csv": VILLAGES})
    assert added.missing_tables == ()
    form = evidence.publish_form(coordinator, ref=draft.ref)
    assert [one.name for one in evidence.media_of(form.id)] == ["villages.csv"]
    again = drafted(coordinator, FROM_FILE.replace("Village |", "Which village |"))
    assert [one.name for one in again.media] == ["villages.csv"]
    assert FormMedia.objects.count() == 2


def test_who_may_not_make_forms_there_neither_draws_up_nor_sees_nor_publishes_one(
    ground: makers.Ground, coordinator: Actor
) -> None:
    draft = drafted(coordinator)
    worker = makers.someone("extension_worker")
    foreign = makers.someone("national_coordinator", "trial/asia/TH/")
    for actor in (worker, foreign):
        with pytest.raises(NotAllowed):
            drafted(actor)
        with pytest.raises((NotAllowed, NotFound)):
            evidence.publish_form(actor, ref=draft.ref)
    assert evidence.form_drafts(foreign) == []
    with pytest.raises(Refusal) as refused:
        drafted(foreign, scope="trial/asia/TH/")
    assert refused.value.code == "evidence.form_id_taken"
    assert not FormVersion.objects.exists()


def test_translations_that_are_missing_are_told_by_row_and_language(coordinator: Actor) -> None:
    written = HOUSEHOLD.replace(
        "| name | label |\n| | text", "| name | label::English (en) | label::French (fr) |\n| | text"
    ).replace("Head of the household |", "Head of the household | Chef du ménage |")
    warnings = drafted(coordinator, written).warnings
    told = {(one.row, one.column) for one in warnings if one.sheet == "survey" and "fr" in one.column}
    assert told == {(3, "label::French (fr)"), (4, "label::French (fr)")}
