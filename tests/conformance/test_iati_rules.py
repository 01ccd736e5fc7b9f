"""The judge itself is judged: it finds in the published files what their README says is there."""

from pathlib import Path

import pytest

from tests.conformance import iati_rules

EXAMPLES = {
    "gdihub-4-activities.xml": set(),
    "lebanon-livelihoods-1-activity.xml": set(),
}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_published_files_without_rule_errors_have_none_here(name: str, shared: Path) -> None:
    folder = shared / "data/iati"
    content = (folder / "examples" / name).read_bytes()
    assert iati_rules.validate(content, folder) == []
    assert {finding.rule for finding in iati_rules.rules(content, folder) if finding.severity == "error"} == set()


def test_files_known_to_break_rules_are_found_out(shared: Path) -> None:
    folder = shared / "data/iati"
    content = (folder / "examples/koica-2-activities.xml").read_bytes()
    errors = {
        (finding.rule, finding.line) for finding in iati_rules.rules(content, folder) if finding.severity == "error"
    }
    sector_and_country_at_both_levels_of_both_activities = {("6.6.2", 2), ("3.6.2", 2), ("6.6.2", 184), ("3.6.2", 184)}
    assert errors >= sector_and_country_at_both_levels_of_both_activities


def test_a_code_off_a_complete_list_is_found_out(shared: Path) -> None:
    folder = shared / "data/iati"
    content = (folder / "examples/lebanon-livelihoods-1-activity.xml").read_bytes()
    assert iati_rules.codes(content, folder)
    assert iati_rules.codes(content.replace(b'role="1"', b'role="9"'), folder) != iati_rules.codes(content, folder)
