"""A migration's tables made in one go are the tables that Django would have made one by one."""

import pytest
from django.db import connection, models
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

from jump.base.tables import CreateTables


def operation() -> CreateTables:
    return CreateTables(
        models=[
            CreateModel("Village", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField())]),
            CreateModel(
                "Well",
                [
                    ("id", models.BigAutoField(primary_key=True)),
                    ("village", models.ForeignKey("drawn.Village", on_delete=models.PROTECT)),
                ],
                options={"constraints": [models.UniqueConstraint(fields=["village"], name="drawn_one_well")]},
            ),
        ]
    )


@pytest.mark.django_db(transaction=True)
def test_tables_made_together_are_there_with_their_constraints_and_go_again() -> None:
    state, made = ProjectState(), operation()
    after = state.clone()
    made.state_forwards("drawn", after)
    with connection.schema_editor() as editor:
        made.database_forwards("drawn", editor, state, after)
    with connection.cursor() as cursor:
        kept = connection.introspection.get_constraints(cursor, "drawn_well")
    assert kept["drawn_one_well"]["unique"]
    assert [one["foreign_key"] for one in kept.values() if one["foreign_key"]] == [("drawn_village", "id")]

    with connection.schema_editor() as editor:
        made.database_backwards("drawn", editor, after, state)
    assert not [name for name in connection.introspection.table_names() if name.startswith("drawn_")]


def test_the_operation_says_what_it_makes_and_writes_itself_down() -> None:
    made = operation()
    assert made.describe() == "Create models Village, Well"
    assert made.references_model("village", "drawn")
    assert made.deconstruct()[2] == {"models": made.models}
