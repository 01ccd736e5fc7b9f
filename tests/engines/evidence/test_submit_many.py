"""Many forms at once: every column as if they had been sent one by one, the same refusals, all or nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from jump.base import clock, keys, outbox
from jump.base.models import AuditEvent
from jump.base.refusals import NotAllowed
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.evidence.definitions import personal
from jump.engines.evidence.models import DeclaredFact, NamedPerson, Submission
from jump.engines.evidence.services.refusals import AnswersInvalid, DateImpossible, EvidenceKeyReused
from tests import makers
from tests.makers import DAY, Ground

pytestmark = pytest.mark.django_db
PERSON = "per-00000001"


def row(number: int = 0, **changes: Any) -> evidence.NewSubmission:
    asked = {"scope": "trial/asia/PH/riverside/", "on": DAY, "key": f"row-{number}", "about": None, **changes}
    return evidence.NewSubmission(asked.pop("answers", None) or makers.visit_answers(), **asked)


def worker() -> Any:
    return makers.someone("extension_worker", "trial/asia/PH/riverside/", user_id=7)


def columns(key: str) -> dict[str, Any]:
    """Everything that a submission keeps, but for its number, its moment and its key."""
    found = Submission.objects.select_related("scope", "form_version").get(key=key)
    private, by_name = personal.unseal(keys.keys_of([Ref(found.ref)]), found.ref, found.sealed)
    kept = {
        field.name: getattr(found, field.attname)
        for field in Submission._meta.fields
        if field.name not in ("id", "ref", "key", "received_at", "accepted_at", "sealed", "is_drawn")
    }
    trail = list(AuditEvent.objects.filter(about=found.ref).values_list("who", "action", "why", "facts"))
    people = sorted(NamedPerson.objects.filter(submission=found).values_list("person_ref", flat=True))
    facts = sorted(map(str, DeclaredFact.objects.filter(submission=found).values_list("kind", "value", "on", "codes")))
    return {**kept, "private": private, "by_name": by_name, "trail": trail, "people": people, "facts": facts}


ANSWERS = st.builds(
    makers.visit_answers,
    host=st.sampled_from(["Maria Santos", PERSON, None, "=1+1"]),
    sales=st.sampled_from(["120.50", "0", None, 7]),
    is_open=st.just("yes"),
    worker=st.lists(
        st.fixed_dictionaries({"worker_name": st.sampled_from(["Jo", "علي"]), "hours": st.integers(0, 100)}), max_size=3
    ),
)


@pytest.mark.parametrize("policy", ["none", "all", "two"])
def test_every_column_is_as_if_the_rows_had_been_sent_one_by_one(ground: Ground, policy: str) -> None:
    fact = {"kind": "evidence.visit", "value": "1", "codes": {"open": "$answers.is_open"}}
    makers.form(version=policy, review=policy, facts=[fact], data_class="P2")
    actor = worker()
    number = 0

    @settings(max_examples=12)
    @given(st.lists(ANSWERS, min_size=1, max_size=4))
    def same(several: list[dict[str, Any]]) -> None:
        nonlocal number
        number += 1
        rows = [row(0, key=f"{number}-{n}-many", answers=one) for n, one in enumerate(several)]
        refs = evidence.submit_many(actor, form="trial.visit", rows=rows, source="sheet")
        assert [Submission.objects.get(ref=ref).key for ref in refs] == [one.key for one in rows]
        for n, one in enumerate(several):
            evidence.submit(
                actor,
                form="trial.visit",
                answers=one,
                scope=ground.scope,
                on=DAY,
                key=f"{number}-{n}-one",
                source="sheet",
            )
            assert columns(f"{number}-{n}-many") == columns(f"{number}-{n}-one")

    same()


def test_what_acceptance_causes_is_caused_once_for_each(
    ground: Ground, caused: list[tuple[str, dict[str, Any]]]
) -> None:
    makers.form(review="none", on_accept=[{"effect": "trial.note", "with": {"who": "$answers.host"}}])
    refs = evidence.submit_many(worker(), form="trial.visit", rows=[row(1), row(2)], source="sheet")
    outbox.drain()
    assert [name for name, _args in caused].count("trial.note") == 2
    told = {args["submission"] for name, args in caused if name == "cases.form_accepted"}
    assert told == set(refs)


def test_the_same_rows_again_give_the_same_numbers_and_keep_nothing_new(ground: Ground) -> None:
    makers.form()
    actor = worker()
    first = evidence.submit_many(actor, form="trial.visit", rows=[row(1), row(2)], source="sheet")
    again = evidence.submit_many(actor, form="trial.visit", rows=[row(2), row(1), row(1), row(3)], source="sheet")
    assert again[:3] == [first[1], first[0], first[0]]
    assert Submission.objects.count() == 3


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        ({"answers": makers.visit_answers(is_open="maybe")}, AnswersInvalid),
        ({"on": date(2004, 7, 1)}, DateImpossible),
        ({"key": "row-1", "answers": makers.visit_answers(host="Another")}, EvidenceKeyReused),
        ({"scope": "trial/asia/TH/lamai/"}, NotAllowed),
    ],
)
def test_one_refused_row_refuses_all_as_it_would_alone(ground: Ground, bad: dict[str, Any], refusal: type) -> None:
    clock.pin(date(2004, 6, 30))
    makers.form()
    with pytest.raises(refusal):
        evidence.submit_many(worker(), form="trial.visit", rows=[row(1), row(2, **bad)], source="sheet")
    assert Submission.objects.count() == 0


def test_the_number_of_statements_does_not_grow_with_the_rows(ground: Ground) -> None:
    makers.form()
    actor = worker()
    evidence.submit_many(actor, form="trial.visit", rows=[row(0)], source="sheet")
    with CaptureQueriesContext(connection) as few:
        evidence.submit_many(actor, form="trial.visit", rows=[row(n) for n in range(1, 3)], source="sheet")
    with CaptureQueriesContext(connection) as many:
        evidence.submit_many(actor, form="trial.visit", rows=[row(n) for n in range(10, 45)], source="sheet")
    assert len(many) == len(few)
