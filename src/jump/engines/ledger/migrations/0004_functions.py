"""Put the functions in place by which PostgreSQL books one entry in one journey, and guards that ask less often."""

from typing import Any, ClassVar

from django.db import migrations

from jump.engines.ledger.models.functions import FUNCTIONS
from jump.engines.ledger.models.guards import drop_guards, install_guards


def install(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        drop_guards(apps, schema_editor)
        install_guards(apps, schema_editor)


def drop(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for function in FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {function.name}", params=None)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("ledger", "0003_banking")]

    operations: ClassVar[list[Any]] = [migrations.RunPython(install, drop)]
