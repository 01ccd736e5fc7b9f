"""The example is told through the services, adds up, and is the same wherever it is loaded.

Here one country is told, that of the community which has come to the end of its road; the benches load all of it.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNTRIES = ("PH",)

# Loads in a process of its own, as `jump load example` does, and says what came of it.
LOADER = """
import json, os, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from jump.base import clock, outbox
from jump.base.actors import system_actor
from jump.cli.example import TODAY, example_is_loaded, load_example
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.jobs import api as jobs
from jump.engines.ledger import api as ledger
from jump.engines.parties import api as parties
from jump.engines.results import api as results
said = []
load_example(progress=said.append, countries=sys.argv[1].split(",") if sys.argv[1] else None)
system = system_actor("test")
contracts = finance.contracts(system, limit=500)
claimed = jobs.jobs(system, limit=1000)
people = parties.people(system, limit=5000)
forms = evidence.submissions(system, limit=5000)
headline = results.headline(system)
scheme = finance.schemes(system)[0]
insured = finance.families(system, scheme_ref=scheme.ref)
json.dump({
    "said": said,
    "loaded": example_is_loaded(),
    "pinned": clock.pinned() == TODAY,
    "failures": len(outbox.failures(system)),
    "ledger": len(ledger.verify(None)),
    "cases": sorted([one.ref, one.title, one.outcome, [key for key, _title in one.open_steps]]
                    for one in cases.cases(system, procedure="jump_cer.community", limit=100)),
    "people": sorted(one.ref for one in people),
    "same": sum(1 for one in people if one.same_as),
    "forms": sorted([one.ref, one.form, one.on.isoformat()] for one in forms),
    "jobs": sorted([one.ref, one.state.value, str(one.employer_ref), one.started_on.isoformat()] for one in claimed),
    "contracts": sorted([one.ref, one.days_late] for one in contracts),
    "tasks": len(cases.tasks(system, state="open", as_of=TODAY, limit=500)),
    "insured": sorted(one.standing.reason.value for one in insured),
    "insurance_claims": sorted(one.state for one in finance.claims(system, scheme_ref=scheme.ref)),
    "headline": str(headline.jobs),
    "sexes": [str(headline.women), str(headline.men)],
}, sys.stdout)
"""


def loaded(folder: Path, countries: Sequence[str] = COUNTRIES) -> dict[str, Any]:
    """What one load into a folder of its own gives."""
    done = subprocess.run(
        [sys.executable, "-c", LOADER, ",".join(countries)],
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "jump.settings",
            "JUMP_DATA": str(folder),
            "JUMP_SECRET_KEY": "only for tests, never for people",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return loaded(tmp_path_factory.mktemp("example"))


def test_every_effect_of_the_story_was_done_and_the_books_hold(example: dict[str, Any]) -> None:
    assert (example["loaded"], example["pinned"]) == (True, True)
    assert example["failures"] == 0
    assert example["ledger"] == 0


def test_communities_stand_where_the_story_puts_them(example: dict[str, Any]) -> None:
    stands = {title: (outcome, steps) for _ref, title, outcome, steps in example["cases"]}
    assert len(stands) == 4
    assert stands["Riverside"][0] == "done"
    assert stands["Malolos Crossing"] == ("reserve", [])
    assert stands["San Roque Norte"] == ("", ["proposal"])
    assert stands["Tabing Ilog"] == ("", ["follow_up"])


def test_jobs_are_checked_followed_and_some_do_not_hold(example: dict[str, Any]) -> None:
    states = [state for _ref, state, _employer, _on in example["jobs"]]
    assert {"verified", "not_confirmed", "ended"} <= set(states)
    assert states.count("verified") > states.count("not_confirmed") * 5
    assert 0 < float(example["headline"]) <= len(states)
    assert float(example["sexes"][0]) + float(example["sexes"][1]) == float(example["headline"])


def test_loans_are_in_good_and_in_bad_state(example: dict[str, Any]) -> None:
    late = [days for _ref, days in example["contracts"] if days > 0]
    assert 0 < len(late) < len(example["contracts"]) / 2


def test_a_dozen_families_are_insured_of_which_two_pay_no_more(example: dict[str, Any]) -> None:
    assert example["insured"] == ["in_force"] * 10 + ["suspended"] * 2
    assert example["insurance_claims"] == ["entered"] + ["paid"] * 5 + ["rejected", "valued"]


def test_there_is_something_to_do_but_not_a_flood(example: dict[str, Any]) -> None:
    assert 0 < example["tasks"] < 60


def test_the_last_line_says_what_was_loaded(example: dict[str, Any]) -> None:
    assert example["said"][-1].startswith("4 communities wrote, ")
    assert f"{len(example['jobs'])} jobs claimed" in example["said"][-1]


def test_two_loads_give_the_same_references(example: dict[str, Any], tmp_path: Path) -> None:
    assert loaded(tmp_path / "again") == example
