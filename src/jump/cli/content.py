"""`jump check` and `jump load`: programme packages, and the example."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """The commands of this module."""
    check = commands.add_parser("check", help="check programme packages like code; prints file:line: finding")
    check.add_argument("packages", nargs="*", help="folders or names of packages (default: all shipped ones)")
    check.set_defaults(function=check_packages)
    load = commands.add_parser("load", help="install packages by folder or name, or the example programme")
    load.add_argument("packages", nargs="+", metavar="package", help="a folder, a package's name, or `example`")
    load.set_defaults(function=load_packages)


def folder_of(named: str) -> Path:
    """The folder that a name or path means. Ends the command where there is none."""
    from jump.base import packages

    path = Path(named)
    if path.is_dir():
        return path.resolve()
    found = packages.find_folder(named)
    if found is None:
        raise SystemExit(f"There is no package {named}. Give a folder, or one of: {', '.join(shipped())}")
    return found


def shipped() -> list[str]:
    """The names of the packages at hand."""
    from django.conf import settings

    return sorted(file.parent.name for root in settings.JUMP_PACKAGES for file in Path(root).glob("*/programme.yaml"))


def check_packages(asked: argparse.Namespace) -> int:
    """Print every finding; exit code 1 if there is one."""
    from jump.base import packages

    folders = [folder_of(named) for named in asked.packages or shipped()]
    used = {used for folder in folders for used in packages.read(folder).uses}
    around = [found for name in sorted(used) if (found := packages.find_folder(name)) and found not in folders]
    findings = packages.check([*around, *folders])
    for finding in findings:
        print(finding)
    names = ", ".join(folder.name for folder in folders)
    print(f"{len(findings)} findings in {names}" if findings else f"No findings in {names}", file=sys.stderr)
    return 1 if findings else 0


def load_packages(asked: argparse.Namespace) -> int:
    """Install packages with all that they use; nothing of a package with findings is installed."""
    from jump.base import packages
    from jump.base.actors import system_actor
    from jump.cli.example import load_example

    actor = system_actor("command line")
    for named in asked.packages:
        if named == "example":
            load_example(progress=lambda words: print(f"  {words}", flush=True))
            continue
        folder = folder_of(named)
        for used in packages.read(folder).uses:
            for path in packages.in_order([used]):
                packages.install(actor, path)
        made = packages.install(actor, folder)
        print(f"{made.name} version {made.version} is installed.")
    return 0
