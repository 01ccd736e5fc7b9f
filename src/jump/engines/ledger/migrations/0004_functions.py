"""Put the functions in place by which PostgreSQL books one entry in one journey."""

from typing import Any, ClassVar

from django.db import migrations

from jump.engines.ledger.models.functions import FUNCTIONS, functions_sql


def install(_apps: Any, schema_editor: Any) -> None:
    for sql in functions_sql(schema_editor.connection.vendor):
        schema_editor.execute(sql, params=None)


def drop(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for function in FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {function.name}", params=None)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("ledger", "0003_banking")]

    operations: ClassVar[list[Any]] = [migrations.RunPython(install, drop)]
