"""`jump report`: the six-monthly progress report and the IATI file, as a coordinator would make them."""

import argparse
import datetime
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """The commands of this module."""
    report = commands.add_parser("report", help="make a report: six-monthly (PDF, Word, HTML) or iati (XML)")
    kinds = report.add_subparsers(dest="kind", required=True, metavar="kind")
    half = kinds.add_parser("six-monthly", help="the progress report of a half-year, as 2004-H1 or 2004-H2")
    half.add_argument("half_year", nargs="?", help="such as 2004-H1; without it, the last one that has ended")
    half.add_argument("--format", choices=["html", "pdf", "docx"], help="default: by the name of the file, else pdf")
    half.add_argument("--out", type=Path, help="file to write (default: the half-year's name in this folder)")
    half.add_argument("--scope", default="", help="node of the programme, such as jump/asia/ (default: all of it)")
    half.add_argument("--language", default="en", help="language of the report (default en)")
    half.set_defaults(function=six_monthly)
    iati = kinds.add_parser("iati", help="activities after the IATI standard 2.03")
    iati.add_argument("--out", type=Path, help="file to write (default: standard output)")
    iati.add_argument("--scope", default="", help="node of the programme (default: all of it)")
    iati.add_argument("--as-of", type=datetime.date.fromisoformat, help="day of the figures (default: today)")
    iati.set_defaults(function=iati_file)


def six_monthly(asked: argparse.Namespace) -> int:
    """Write the progress report of a half-year."""
    from jump.base.actors import system_actor
    from jump.engines.reports import api as reports

    kind = asked.format or (asked.out.suffix.lstrip(".") if asked.out else "pdf")
    made = reports.six_monthly(
        system_actor("command line"),
        half_year=asked.half_year,
        scope=asked.scope or None,
        format=kind,
        language=asked.language,
    )
    out = asked.out or Path(f"{made.name}.{kind}")
    out.write_bytes(made.content)
    print(f"{out}: {made.title}, {len(made.content):,} bytes")
    return 0


def iati_file(asked: argparse.Namespace) -> int:
    """Write the IATI activities of the programme."""
    from jump.base import clock
    from jump.base.actors import system_actor
    from jump.engines.reports import api as reports

    content = reports.iati(system_actor("command line"), scope=asked.scope or None, as_of=asked.as_of or clock.today())
    if asked.out is None:
        sys.stdout.buffer.write(content)
    else:
        asked.out.write_bytes(content)
        print(f"{asked.out}: {content.count(b'<iati-activity '):,} activities, {len(content):,} bytes")
    return 0
