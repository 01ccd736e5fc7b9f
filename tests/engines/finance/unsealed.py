"""A process on a database of before the sealing: it prints what became of a text that was kept in clear."""

from __future__ import annotations

import importlib

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    from jump.base import keys

    call_command("migrate", "finance", "0005_diagnoses_sealed", verbosity=0)
    before = MigrationExecutor(connection).loader.project_state([("finance", "0005_diagnoses_sealed")]).apps
    step = importlib.import_module("jump.engines.finance.migrations.0006_seal_diagnoses")
    kept = before.get_model("finance", "CoverDiagnosis").objects
    with transaction.atomic():
        kept.create(ref="dia-0000000A", claim_id=1, person="per-0000000A", text="malaria", by="user:1")
        step.seal(before, None)
        row = kept.get()
        print(repr(row.text), "malaria" in row.sealed, keys.decrypt(keys.keys_of([row.ref])[row.ref], row.sealed))
        step.unseal(before, None)
        row = kept.get()
        print(repr(row.text), repr(row.sealed))
        transaction.set_rollback(True)  # there is no claim 1
    call_command("migrate", "finance", verbosity=0)
    with connection.cursor() as cursor:
        print(
            sorted(one.name for one in connection.introspection.get_table_description(cursor, "finance_coverdiagnosis"))
        )


if __name__ == "__main__":
    main()
