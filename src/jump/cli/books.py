"""`jump ledger`: exports, trial balance and proof of the books."""

import argparse
import datetime
import sys
from typing import Any


def add(commands: Any) -> None:
    """The commands of this module."""
    ledger = commands.add_parser("ledger", help="export, trial-balance, verify or seal the books")
    kinds = ledger.add_subparsers(dest="kind", required=True, metavar="what")
    export = kinds.add_parser("export", help="all entries, for hledger or as CSV, to standard output")
    export.add_argument("--format", choices=["hledger", "csv"], default="hledger")
    export.add_argument("--book", help="reference of one book (default: all)")
    export.set_defaults(function=export_books)
    trial = kinds.add_parser("trial-balance", help="balance of every account, to standard output")
    trial.add_argument("--format", choices=["csv", "text"], default="text")
    trial.add_argument("--book", help="reference of one book (default: all)")
    trial.add_argument("--as-of", type=datetime.date.fromisoformat, help="day of the balances (default: all entries)")
    trial.set_defaults(function=trial_balance)
    verify = kinds.add_parser("verify", help="compare balances with lines, check guards and the hash chain")
    verify.add_argument("--book", help="reference of one book (default: all)")
    verify.set_defaults(function=verify_books)
    seal = kinds.add_parser("seal", help="link all entries that are not yet in the hash chain")
    seal.set_defaults(function=seal_books)


def _books(asked: argparse.Namespace) -> list[Any]:
    from jump.base.actors import system_actor
    from jump.engines.ledger import api as ledger

    books = ledger.books(system_actor("command line"))
    chosen = [book for book in books if asked.book in (None, book.ref)]
    if not chosen:
        raise SystemExit("There is no such book." if asked.book else "There are no books yet.")
    return chosen


def export_books(asked: argparse.Namespace) -> int:
    """Print the entries of the books."""
    from jump.engines.ledger import api as ledger

    write = ledger.export_hledger if asked.format == "hledger" else ledger.export_csv
    for number, book in enumerate(_books(asked)):
        for position, part in enumerate(write(book.ref)):
            if asked.format == "csv" and number and not position:
                continue  # one heading for all books
            sys.stdout.write(part)
    return 0


def trial_balance(asked: argparse.Namespace) -> int:
    """Print the trial balance; exit code 1 if a unit of a book does not sum to zero."""
    from jump.engines.ledger import api as ledger

    uneven = 0
    for number, book in enumerate(_books(asked)):
        rows = ledger.trial_balance(book.ref, asked.as_of)
        sums: dict[str, int] = {}
        for row in rows:
            sums[row.unit] = sums.get(row.unit, 0) + row.balance_minor
        uneven += sum(1 for total in sums.values() if total)
        if asked.format == "csv":
            for position, part in enumerate(ledger.export_trial_balance(book.ref, asked.as_of)):
                if number and not position:
                    continue
                sys.stdout.write(part)
            continue
        print(f"{book.title} ({book.ref})")
        for row in rows:
            print(f"  {row.code:<12} {row.title:<44} {row.unit:>5} {row.balance_minor:>18,}")
        for unit, total in sums.items():
            print(f"  {'':<12} {'sum':<44} {unit:>5} {total:>18,}")
    return 1 if uneven else 0


def verify_books(asked: argparse.Namespace) -> int:
    """Print every problem that the proof finds; exit code 1 if there is one."""
    from jump.engines.ledger import api as ledger

    problems = [problem for book in _books(asked) for problem in ledger.verify(book.ref)]
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems" if problems else "The books are in order: balances equal their lines.")
    return 1 if problems else 0


def seal_books(_asked: argparse.Namespace) -> int:
    """Extend the hash chains."""
    from jump.engines.ledger import api as ledger

    print(f"{ledger.seal_chain()} entries were linked.")
    return 0
