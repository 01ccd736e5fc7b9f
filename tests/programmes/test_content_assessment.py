"""The economic assessment of a community: facts with their source, opinions apart, every version kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jump.base import clock
from jump.engines.evidence import api as evidence
from jump.engines.evidence.services.refusals import AnswersInvalid, DossierIncomplete
from tests import makers
from tests.programmes.place import DAY, RIVERSIDE, Place

FACT = {
    "fact_aspect": "weakness", "fact_area": "capital", "fact_what": "No bank within 40 km",
    "fact_source_kind": "office", "fact_source": "Central bank, list of branches", "fact_year": 2003,
}  # fmt: skip
OPINION = {
    "opinion_aspect": "opportunity", "opinion_area": "markets", "opinion_what": "Tourists would buy mats",
    "opinion_by": "women", "opinion_people": 9,
}  # fmt: skip
ASSESSED: dict[str, Any] = {
    "assessed_on": "2004-02-20", "fact": [FACT], "opinion": [OPINION], "conclusion": "Save together first.",
}  # fmt: skip


@pytest.fixture
def place(transactional_db: None) -> Iterator[Place]:
    clock.pin(DAY)
    yield Place("jump_cer")
    clock.forget_pin()


@pytest.mark.covers("CER-04")
def test_a_fact_without_its_source_is_refused_and_an_opinion_says_whose_it_is(place: Place) -> None:
    for repeat, entry, lacking in (
        ("fact", FACT, "fact_source"),
        ("fact", FACT, "fact_year"),
        ("opinion", OPINION, "opinion_by"),
    ):
        with pytest.raises(AnswersInvalid) as refusal:
            place.send(
                place.worker, "jump_cer.economic_assessment", {**ASSESSED, repeat: [{**entry, lacking: ""}]}, place.ref
            )
        assert list(refusal.value.errors()) == [f"{repeat}.0.{lacking}"]
    assert evidence.submissions(makers.MAKER, form="jump_cer.economic_assessment") == []


@pytest.mark.covers("CER-04")
def test_every_version_of_the_assessment_stays_as_it_was_signed_and_what_changed_is_told(place: Place) -> None:
    core = makers.signed_in("core_team", RIVERSIDE)
    dossier = evidence.open_dossier(
        place.worker, definition="jump_cer.community_assessment", about=place.ref, scope=RIVERSIDE, on=DAY
    )
    without = {**ASSESSED, "fact": []}
    first_sent = place.send(place.worker, "jump_cer.economic_assessment", without, place.ref)
    with pytest.raises(DossierIncomplete):  # opinions alone are no assessment
        evidence.sign_dossier(core, ref=dossier, on=DAY)
    evidence.withdraw(place.coordinator, ref=first_sent.ref, why="No facts")

    place.send(place.worker, "jump_cer.economic_assessment", ASSESSED, place.ref)
    assert evidence.dossier(makers.MAKER, dossier).is_complete
    evidence.sign_dossier(core, ref=dossier, on=DAY)
    first = evidence.freeze_dossier(core, ref=dossier, on=DAY)

    changed = {**ASSESSED, "fact": [{**FACT, "fact_what": "A bank opened", "fact_year": 2004}]}
    place.send(place.worker, "jump_cer.economic_assessment", changed, place.ref)
    second = evidence.freeze_dossier(core, ref=dossier, on=DAY)

    assert [evidence.dossier_version(core, one).number for one in (first, second)] == [1, 2]
    told = {
        one.path.rpartition(".")[2]: (one.before, one.after) for one in evidence.compare_versions(core, first, second)
    }
    assert told.pop("assessment") == (1, 2), "two assessments, the last against the last"
    assert told == {"fact_what": ("No bank within 40 km", "A bank opened"), "fact_year": (2003, 2004)}
