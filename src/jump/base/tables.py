"""Making the tables of a new database in seconds.

Django draws the whole graph of models anew for every model that a migration makes, so its time grows with the square
of their number. What a migration makes in one go is drawn once.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory


class CreateTables(Operation):
    """Several ``CreateModel`` in one operation: the same tables, drawn once."""

    category = OperationCategory.ADDITION
    serialization_expand_args: ClassVar[list[str]] = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models join the state; what was drawn of it is dropped, and drawn again when somebody looks."""
        state.__dict__.pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make the tables, in their order."""
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Take the tables away, the last first."""
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What it does, for the list of what is planned."""
        return "Create models " + ", ".join(model.name for model in self.models)

    def references_model(self, name: str, app_label: str) -> bool:
        """Whether one of its models has to do with this one."""
        return any(model.references_model(name, app_label) for model in self.models)
