"""`jump ledger`: exports, imports, trial balance, sealing and proof of the books."""

import argparse
import datetime
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """The commands of this module."""
    ledger = commands.add_parser("ledger", help="export, import, trial-balance, verify or seal the books")
    kinds = ledger.add_subparsers(dest="kind", required=True, metavar="what")
    export = kinds.add_parser("export", help="all entries, to standard output")
    export.add_argument(
        "--format",
        choices=["hledger", "beancount", "csv", "chain"],
        default="hledger",
        help="chain is a file that `jump ledger verify --file` proves without this server (default: hledger)",
    )
    export.add_argument("--book", help="reference of one book (default: all)")
    export.set_defaults(function=export_books)
    bring = kinds.add_parser("import", help="take over opening balances and history from a CSV or XLSX file")
    bring.add_argument("file", type=Path)
    bring.add_argument("--book", required=True, help="reference of the book that takes them")
    bring.add_argument("--check", action="store_true", help="name every mistake and post nothing")
    bring.set_defaults(function=import_file)
    trial = kinds.add_parser("trial-balance", help="balance of every account, to standard output")
    trial.add_argument("--format", choices=["csv", "text"], default="text")
    trial.add_argument("--book", help="reference of one book (default: all)")
    trial.add_argument("--as-of", type=datetime.date.fromisoformat, help="day of the balances (default: all entries)")
    trial.set_defaults(function=trial_balance)
    verify = kinds.add_parser(
        "verify", help="compare balances with lines, check guards, chain and seals; or check an exported file alone"
    )
    verify.add_argument("--book", help="reference of one book (default: all)")
    verify.add_argument("--file", type=Path, help="an export made with --format chain; needs no database")
    verify.add_argument("--root", default="", help="root of a sealed month that was noted down earlier")
    verify.set_defaults(function=verify_books, needs_database=lambda asked: asked.file is None)
    seal = kinds.add_parser("seal", help="link all entries that are not yet in the hash chain, or seal a month")
    seal.add_argument("--book", help="reference of the book whose month is sealed")
    seal.add_argument("--month", type=_month, help="the month to seal for ever, such as 2004-06")
    seal.set_defaults(function=seal_books)


def _month(text: str) -> int:
    day = datetime.date.fromisoformat(f"{text}-01")
    return day.year * 100 + day.month


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

    write = {
        "hledger": ledger.export_hledger,
        "beancount": ledger.export_beancount,
        "csv": ledger.export_csv,
        "chain": ledger.export_chain,
    }[asked.format]
    if asked.format == "beancount" and asked.book is None:
        sys.stdout.writelines(write(None))  # units are declared once for all books
        return 0
    for number, book in enumerate(_books(asked)):
        for position, part in enumerate(write(book.ref)):
            if asked.format == "csv" and number and not position:
                continue  # one heading for all books
            sys.stdout.write(part)
    return 0


def import_file(asked: argparse.Namespace) -> int:
    """Take a file over, or name every mistake by sheet, row and column; exit code 1 if there is one."""
    from jump.base.actors import system_actor
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    actor, book = system_actor("command line"), Ref(_books(asked)[0].ref)
    data = asked.file.read_bytes()
    if asked.check:
        problems = ledger.check_import(actor, book_ref=book, file_name=asked.file.name, data=data)
        for one in problems:
            _print_problem(one.sheet, one.row, one.column, one.code, one.text)
        print(f"{len(problems)} mistakes" if problems else "The file can be taken over.")
        return 1 if problems else 0
    try:
        made = ledger.import_book(actor, book_ref=book, file_name=asked.file.name, data=data)
    except ledger.ImportRefused as refusal:
        for row in refusal.facts["rows"]:
            _print_problem(row["sheet"], row["row"], row["column"], row["code"], row["text"])
        raise
    known = "" if made.is_new else " This file was taken over before; nothing was posted again."
    print(f"{made.ref}: {made.entries} entries, {made.lines} lines.{known}")
    return 0


def _print_problem(sheet: str, row: int, column: str, code: str, text: str) -> None:
    print(f"{sheet}, row {row}, {column or 'all columns'}: {text} [{code}]")


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
    if asked.file is not None:
        return _verify_file(asked)
    from jump.engines.ledger import api as ledger

    problems = [problem for book in _books(asked) for problem in ledger.verify(book.ref)]
    for problem in problems:
        print(problem)
    roots = [seal for book in _books(asked) for seal in ledger.seals(book.ref)]
    for seal in roots:
        print(f"{seal.book_ref} sealed to {seal.month // 100}-{seal.month % 100:02}: root {seal.root}")
    if asked.root and asked.root not in {seal.root for seal in roots}:
        print(f"No sealed month has the root {asked.root}.")
        return 1
    print(f"{len(problems)} problems" if problems else "The books are in order: balances equal their lines.")
    return 1 if problems else 0


def _verify_file(asked: argparse.Namespace) -> int:
    from jump.engines.ledger import api as ledger

    with asked.file.open(encoding="utf-8") as lines:
        found = ledger.verify_file(lines, root=asked.root)
    for problem in found.problems:
        print(f"{problem.ref}: {problem.text} [{problem.code}]")
    for book, month, root in found.roots:
        print(f"{book} sealed to {month // 100}-{month % 100:02}: root {root}")
    print(
        f"{found.books} books, {found.entries} entries, {found.lines} lines, {found.not_linked} not linked yet: "
        + (f"{len(found.problems)} problems" if found.problems else "the file is in order.")
    )
    return 1 if found.problems else 0


def seal_books(asked: argparse.Namespace) -> int:
    """Extend the hash chains, or seal a month of one book."""
    from jump.base.actors import system_actor
    from jump.core.units import Ref
    from jump.engines.ledger import api as ledger

    if asked.month is None:
        print(f"{ledger.seal_chain()} entries were linked.")
        return 0
    if asked.book is None:
        raise SystemExit("Say which book: --book.")
    book = Ref(_books(asked)[0].ref)
    ledger.seal_period(system_actor("command line"), book_ref=book, month=asked.month)
    print(next(seal.root for seal in reversed(ledger.seals(book)) if seal.month == asked.month))
    return 0
