"""Works in editions: the link to the parent, the test before publishing, translations, the revision after a course."""

import io
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from jump.base import duties
from jump.base.guards import missing
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.cases.types import TaskState
from jump.engines.reports import api as reports
from jump.engines.reports.models import WORK_GUARDS, WorkEdition
from jump.engines.reports.types.works import ChangeUnsaid, EditionFixed, NothingToPublish, NotTested, ParentMissing
from tests import makers

pytestmark = pytest.mark.django_db

DAY = date(2004, 3, 1)
GUIDE = "training.extension_worker"


@pytest.fixture
def ground(db: None) -> Any:
    return makers.ground()


@pytest.fixture
def editor(ground: Any) -> Any:
    return makers.someone("national_coordinator")


def begun(editor: Any, ground: Any, **more: Any) -> tuple[Ref, Ref]:
    work = reports.add_work(
        editor, title="Guidelines for extension workers", kind="guideline", scope=ground.country_scope,
        curriculum=GUIDE, key="guide",
    )  # fmt: skip
    first = reports.begin_edition(
        editor, work_ref=work, language="en", scope=ground.country_scope, on=DAY, key="first", **more
    )
    return work, first


def published(editor: Any, ref: Ref, **test: Any) -> None:
    reports.write_edition(editor, edition_ref=ref, address="https://example.org/guide", licence="CC BY 4.0")
    reports.note_test(editor, edition_ref=ref, on=DAY, result="Read with six workers.", **test)
    reports.publish_edition(editor, edition_ref=ref, on=DAY)


@pytest.mark.covers("TRAIN-03")
def test_material_has_version_language_place_author_and_test_and_an_adaptation_keeps_its_parent(
    ground: Any, editor: Any
) -> None:
    author = makers.person()
    work, first = begun(editor, ground, authors=[author])
    with pytest.raises(NotTested):
        reports.publish_edition(editor, edition_ref=first, on=DAY)
    reports.note_test(editor, edition_ref=first, on=DAY, result="Read with six workers.")
    with pytest.raises(NothingToPublish):
        reports.publish_edition(editor, edition_ref=first, on=DAY)
    published(editor, first)
    with pytest.raises(ParentMissing):
        reports.begin_edition(editor, work_ref=work, language="en", scope=ground.scope, on=DAY)
    with pytest.raises(ChangeUnsaid):
        reports.begin_edition(editor, work_ref=work, language="en", scope=ground.scope, on=DAY, parent_ref=first)

    local = reports.begin_edition(
        editor, work_ref=work, language="en", scope=ground.scope, on=DAY, parent_ref=first,
        change="Examples of fishing instead of rice.",
    )  # fmt: skip
    reports.write_edition(
        editor, edition_ref=local, file=io.BytesIO(b"%PDF-1.7 local"), file_name="guide.pdf", cost_minor=12_000,
        currency="PHP",
    )  # fmt: skip

    view = reports.work(editor, work)
    assert [(one.number, one.language, one.place, one.parent_number) for one in view.editions] == [
        (1, "en", "Philippines", None),
        (2, "en", "Riverside", 1),
    ]
    assert (view.editions[0].authors, view.editions[0].test_result) == ((author,), "Read with six workers.")
    assert view.editions[1].file_ref is not None
    told = duties.describe(editor, local)
    assert told is not None
    assert told.sources == (first,)


@pytest.mark.covers("TRAIN-04")
def test_each_language_shows_its_status_and_a_translation_is_behind_when_the_original_moved_on(
    ground: Any, editor: Any
) -> None:
    work, first = begun(editor, ground)
    published(editor, first)
    french = reports.begin_edition(
        editor, work_ref=work, language="fr", scope=ground.country_scope, on=DAY, parent_ref=first,
        change="Translated.", asked_only=True, due_on=date(2004, 6, 1),
    )  # fmt: skip

    def status() -> dict[str, tuple[str, bool]]:
        found = reports.translations(editor, work, ["en", "fr", "es"])
        return {one.language: (one.state, one.is_behind) for one in found}

    assert status() == {"en": ("published", False), "fr": ("asked", False), "es": ("missing", False)}
    published(editor, french)
    second = reports.begin_edition(
        editor, work_ref=work, language="en", scope=ground.country_scope, on=DAY, parent_ref=first, change="Chapter 3."
    )
    assert status()["fr"] == ("published", False)
    published(editor, second)
    assert status() == {"en": ("published", False), "fr": ("published", True), "es": ("missing", False)}


@pytest.mark.covers("TRAIN-07")
def test_a_revision_that_a_course_asked_for_is_done_when_the_new_edition_is_published(ground: Any, editor: Any) -> None:
    makers.declared(
        "training",
        {
            "curricula": {
                "extension_worker": {
                    "title": {"en": "Workers"},
                    "revise_by": "national_coordinator",
                    "modules": [{"title": {"en": "All"}, "hours": 4}],
                }
            }
        },
    )
    course = cases.open_course(
        editor, curriculum=GUIDE, title="Workers 2004", scope=ground.country_scope, level="national", starts_on=DAY,
        ends_on=DAY,
    )  # fmt: skip
    cases.record_session(
        editor, kind="training", title="Day", scope=ground.country_scope, held_on=DAY, course_ref=course, key="d"
    )
    cases.finish_course(editor, course_ref=course, on=DAY)
    work, first = begun(editor, ground)
    published(editor, first)
    assert not cases.course_evaluation(editor, course).revised

    second = reports.begin_edition(
        editor, work_ref=work, language="en", scope=ground.country_scope, on=DAY, parent_ref=first,
        change="Shorter second day, as participants asked.", because=[course],
    )  # fmt: skip
    assert not cases.course_evaluation(editor, course).revised
    published(editor, second, proof_ref=course)
    assert cases.course_evaluation(editor, course).revised
    (task,) = cases.tasks(editor, about=course, as_of=DAY)
    assert (task.state, task.proof_ref) == (TaskState.DONE, second)


def test_a_published_edition_never_changes_whoever_tries(ground: Any, editor: Any) -> None:
    assert missing(WORK_GUARDS) == []
    _work, first = begun(editor, ground)
    published(editor, first)
    with pytest.raises(EditionFixed):
        reports.write_edition(editor, edition_ref=first, address="https://example.org/other")
    for change in ({"address": "elsewhere"}, {"test_result": "Bad."}, {"parent_id": 7}):
        with pytest.raises(DatabaseError), transaction.atomic():
            WorkEdition.objects.filter(ref=first).update(**change)
    with pytest.raises(BadInput):
        reports.withdraw_edition(editor, edition_ref=first, why=" ")
    reports.withdraw_edition(editor, edition_ref=first, why="A wrong law is cited.")
    assert reports.work_edition(editor, first).state.value == "withdrawn"


def test_published_material_is_for_all_who_read_reports_and_drafts_for_those_of_the_place(
    ground: Any, editor: Any
) -> None:
    work, first = begun(editor, ground)
    worker = makers.someone("extension_worker", ground.foreign_scope)
    assert reports.works(worker) == []
    with pytest.raises(NotFound):
        reports.work_edition(worker, first)
    published(editor, first)
    assert [one.title for one in reports.works(worker, curriculum=GUIDE)] == ["Guidelines for extension workers"]
    with pytest.raises(NotAllowed):
        reports.begin_edition(
            worker, work_ref=work, language="en", scope=ground.foreign_scope, on=DAY, parent_ref=first, change="x"
        )
