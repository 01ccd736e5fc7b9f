"""Several questions in one statement: each answer comes back as if it had been asked alone."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db.models import Count
from django.db.models.functions import Upper

from jump.base import clock
from jump.base.actors import system_actor
from jump.base.asking import Question, ask
from jump.base.audit import record
from jump.base.models import AuditEvent, Installation, PackageVersion
from jump.base.scopes import ScopeNode, declare_node

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("tests")


@pytest.fixture
def tree() -> None:
    declare_node(None, "trial", "programme", "Trial", "prg-00000001")
    for slug, title in (("KE", "Kenya"), ("PH", "Philippines"), ("TH", "Thaïlande")):
        declare_node("trial/", slug, "country", title)


def test_no_question_is_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert ask([]) == []
        assert ask([Question(ScopeNode.objects.none(), ("path",))]) == [[]]


def test_many_questions_are_one_statement_and_each_has_its_own_rows_in_order(
    tree: None, django_assert_num_queries: Any
) -> None:
    countries = ScopeNode.objects.filter(kind="country")
    with django_assert_num_queries(1):
        last, nobody, programme = ask(
            [
                Question(countries.order_by("-path")[:2], ("path", "title", "parent__title")),
                Question(ScopeNode.objects.none(), ("path",)),
                Question(ScopeNode.objects.filter(kind="programme"), ("ref", "parent_id")),
            ]
        )
    assert last == [
        {"path": "trial/TH/", "title": "Thaïlande", "parent__title": "Trial"},
        {"path": "trial/PH/", "title": "Philippines", "parent__title": "Trial"},
    ]
    assert nobody == []
    assert programme == [{"ref": "prg-00000001", "parent_id": None}]


def test_days_moments_and_content_come_back_as_themselves() -> None:
    clock.pin(datetime.date(2004, 6, 30))
    record(SYSTEM, "trial.done", facts={"é": ['"quoted"', 1, None]})
    moment = AuditEvent.objects.get(action="trial.done").at
    (pinned,), (event,), nothing = ask(
        [
            Question(Installation.objects.all(), ("today_pinned",)),
            Question(AuditEvent.objects.filter(action="trial.done"), ("at", "facts")),
            Question(AuditEvent.objects.filter(action="nobody does this"), ("at",)),
        ]
    )
    assert pinned == {"today_pinned": datetime.date(2004, 6, 30)}
    assert event == {"at": moment, "facts": {"é": ['"quoted"', 1, None]}}
    assert nothing == []
    clock.forget_pin()


def test_an_annotation_is_a_column_like_any_other(tree: None) -> None:
    rows = ScopeNode.objects.annotate(loud=Upper("title"), below=Count("children")).filter(kind="programme")
    assert ask([Question(rows, ("loud", "below"))]) == [[{"loud": "TRIAL", "below": 3}]]


def test_what_json_would_change_is_refused() -> None:
    from jump.engines.results.models import Value

    for rows, column in ((Value.objects.all(), "value"), (PackageVersion.objects.all(), "content")):
        with pytest.raises(AssertionError, match="does not pass through JSON"):
            ask([Question(rows, (column,))])
