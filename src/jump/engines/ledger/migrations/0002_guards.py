"""Install the guards and functions (see `jump.engines.ledger.models.guards` and `functions`)."""

from typing import Any, ClassVar

from django.db import migrations

from jump.engines.ledger.models.functions import FUNCTIONS
from jump.engines.ledger.models.guards import drop_guards, install_guards

# PostgreSQL: Django adds an index for LIKE to a text that is unique. Nobody asks for beginnings of references here.
UNUSED = """
SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = current_schema() AND t.relname IN ('ledger_entry', 'ledger_closing', 'ledger_batch')
AND i.relname LIKE '%\\_like'
"""


def drop_unused(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(UNUSED)
        names = [row[0] for row in cursor.fetchall()]
    for name in names:
        schema_editor.execute(f'DROP INDEX "{name}"', params=None)


def drop(apps: Any, schema_editor: Any) -> None:
    drop_guards(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        for function in FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {function.name}", params=None)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("ledger", "0001_initial")]

    operations: ClassVar[list[Any]] = [
        migrations.RunPython(drop_unused, migrations.RunPython.noop),
        migrations.RunPython(install_guards, drop),
    ]
