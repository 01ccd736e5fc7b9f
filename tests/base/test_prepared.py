"""A prepared query gives what its queryset gives, and a row that is added is a row that is saved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from jump.base.db import locked
from jump.base.models import Consequence, PersonKey
from jump.base.prepared import Prepared, add
from jump.base.scopes import ScopeNode

NOON = datetime(2004, 3, 1, 12, tzinfo=UTC)


def consequence(cause: str, slot: str, **more: object) -> Consequence:
    return Consequence(
        cause_ref=cause, slot=slot, effect="x.y", position=1, state="standing", digest="d", at=NOON, **more
    )


def columns(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


@pytest.fixture
def rows(db: None) -> list[Consequence]:
    return [add(consequence("sub-1", f"a{n}", result={"ref": f"job-{n}", "n": [n, None]})) for n in range(3)]


def test_models_come_as_the_queryset_gives_them(rows: list[Consequence]) -> None:
    def build(cause: str) -> object:
        return Consequence.objects.filter(cause_ref=cause, state="standing").order_by("-slot")

    prepared = Prepared(build)
    for cause in ("sub-1", "sub-2", "sub-1' OR 1=1 --"):
        plain = list(build(cause))
        found = prepared.rows(cause)
        assert [columns(one) for one in found] == [columns(one) for one in plain]
        assert found == plain
        assert [one._state.adding for one in found] == [False] * len(plain)


def test_tuples_limits_and_related_rows_come_as_the_queryset_gives_them(db: None) -> None:
    above = ScopeNode.objects.create(path="a/", kind="programme", title="A")
    ScopeNode.objects.create(path="a/b/", kind="country", title="B", parent=above)
    with_parent = Prepared(lambda path: ScopeNode.objects.select_related("parent").filter(path=path))
    names = Prepared(
        lambda pk: ScopeNode.objects.filter(parent_id=pk).order_by("path").values_list("title", "path")[:1]
    )
    below = with_parent.first("a/b/")
    assert below is not None
    with CaptureQueriesContext(connection) as asked:
        assert below.parent == above
    assert len(asked) == 0
    alone = with_parent.first("a/")
    assert alone is not None
    assert alone.parent is None
    assert names.rows(above.pk) == [("B", "a/b/")]
    assert names.first(above.pk + 100) is None


def test_a_query_is_one_statement_with_its_values_apart(rows: list[Consequence]) -> None:
    prepared = Prepared(lambda cause: Consequence.objects.filter(cause_ref=cause))
    for _time in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert len(prepared.rows("sub-1")) == 3
        assert len(asked) == 1


def test_a_uuid_stands_for_itself(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from jump.base import outbox
    from jump.base.actors import system_actor
    from jump.base.db import write_transaction
    from jump.base.outbox import EffectCall

    monkeypatch.setitem(outbox._offered, "test.prepared", lambda cause: None)
    with write_transaction():
        for number in range(2):
            outbox.after_commit(
                [EffectCall("test.prepared")], key=f"k{number}", actor=system_actor("t"), on=NOON.date()
            )
    prepared = Prepared(lambda pk: DBTaskResult.objects.filter(pk=pk))
    for row in DBTaskResult.objects.all():
        found = prepared.rows(row.pk)
        assert [one.args_kwargs for one in found] == [row.args_kwargs]
    assert outbox.drain() == 2


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_inside_a_transaction_alone() -> None:
    prepared = Prepared(lambda cause: locked(Consequence.objects.filter(cause_ref=cause)))
    with transaction.atomic():
        assert prepared.rows("sub-1") == []
    if connection.vendor == "postgresql":
        with pytest.raises(AssertionError):
            prepared.rows("sub-1")


def test_a_value_that_is_not_compared_as_it_is_is_told_to_the_programmer(db: None) -> None:
    with pytest.raises(AssertionError, match="compared as it is"):
        Prepared(lambda cause: Consequence.objects.filter(cause_ref__startswith=cause)).rows("sub-")


def test_an_added_row_is_a_saved_row(db: None) -> None:
    made = [add(consequence("sub-9", "a", result={"a": 1})), consequence("sub-9", "b", result={"a": 1})]
    made[1].save(force_insert=True)
    kept = list(Consequence.objects.order_by("pk"))
    assert [one.pk for one in kept] == [one.pk for one in made]
    assert {**columns(kept[0]), "id": 0, "slot": ""} == {**columns(kept[1]), "id": 0, "slot": ""}
    assert (made[0]._state.adding, made[0]._state.db) == (False, connection.alias)
    made[0].times = 2
    made[0].save(update_fields=["times"])
    assert Consequence.objects.get(slot="a").times == 2
    key = add(PersonKey(person="per-1", wrapped=b"\x00\xff"))
    assert bytes(PersonKey.objects.get(pk=key.pk).wrapped) == b"\x00\xff"


class AnyText(TestCase):
    @given(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=24))
    def test_any_text_finds_its_own_row(self, cause: str) -> None:
        row = add(consequence(cause, "a"))
        prepared = Prepared(lambda ref: Consequence.objects.filter(cause_ref=ref))
        assert prepared.rows(cause) == [row]
