"""The `jump` command: run, load, check, report, ledger, backup, restore, worker.

Each command is a module with ``add(subparsers)`` and a function that returns the exit code. Rules live in the engines:
a command parses, calls and prints. A Refusal becomes one line with its code, and exit code 1.
"""

import argparse
import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 refused, 2 asked wrongly."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jump.settings")
    from jump.cli import books, content, keep, report, serve

    parser = argparse.ArgumentParser(prog="jump", description="From a community's letter of interest to decent jobs.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for module in (serve, content, report, books, keep):
        module.add(commands)
    asked = parser.parse_args(argv)
    needs_database = getattr(asked, "needs_database", True)
    if callable(needs_database):
        needs_database = needs_database(asked)
    import django

    django.setup()
    from jump.base.refusals import Refusal

    try:
        if needs_database:
            _has_tables()
        return int(asked.function(asked))
    except Refusal as refusal:
        print(f"{refusal.code}: {refusal.sentence()} {refusal.advice()}".rstrip(), file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def _has_tables() -> None:
    """Bring the tables into line, so that no command meets an old database."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
