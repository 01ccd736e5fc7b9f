"""Prints, per system, how many requirements are covered by a test that passed.

Reads docs/reference/requirements.md and what `make test` and `make test-all` wrote into .trace/. A requirement counts
when at least one test that covers it passed and none failed. With --missing it also lists what is not covered.
"""

import json
import re
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def requirements() -> dict[str, str]:
    """Every id with its statement, in the order of the page."""
    text = (ROOT / "docs/reference/requirements.md").read_text()
    return dict(re.findall(r"^\| ([A-Z0-9]+-\d+) \| (.*) \|$", text, re.M))


def outcomes() -> tuple[dict[str, set[str]], list[str]]:
    """For each id the outcomes of the tests that cover it, and a line on each file read."""
    by_id: dict[str, set[str]] = defaultdict(set)
    read = []
    for file in sorted((ROOT / ".trace").glob("*.json")):
        tests = json.loads(file.read_text())
        written = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
        read.append(f"{file.stem}: {len(tests)} tests that cover something, of {written:%Y-%m-%d %H:%M}")
        for row in tests.values():
            for one in row["covers"]:
                by_id[one].add(row["outcome"])
    return by_id, read


def main() -> int:
    known = requirements()
    by_id, read = outcomes()
    if not read:
        print("No results yet: run make test first.")
        return 1
    covered = {one for one in known if "passed" in by_id[one] and "failed" not in by_id[one]}
    broken = sorted(one for one in known if "failed" in by_id[one])
    systems: dict[str, list[str]] = defaultdict(list)
    for one in known:
        systems[one.rsplit("-", 1)[0]].append(one)
    for system, ids in systems.items():
        have = [one for one in ids if one in covered]
        if have or "--missing" in sys.argv:
            print(f"{system:<12}{len(have):>4} of {len(ids):>3}  {' '.join(one.rsplit('-', 1)[1] for one in have)}")
        if "--missing" in sys.argv:
            for one in ids:
                if one not in covered:
                    print(f"    {one}  {known[one]}")
    untouched = [system for system, ids in systems.items() if not covered.intersection(ids)]
    if untouched and "--missing" not in sys.argv:
        print(f"None yet in {len(untouched)} systems: {' '.join(untouched)}")
    if broken:
        print(f"A covering test failed: {' '.join(broken)}")
    print(f"{len(covered)} of {len(known)} requirements are covered by a passing test.")
    for line in read:
        print(f"  {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
