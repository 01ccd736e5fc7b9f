"""An installation of before the sealing is upgraded: what was kept in clear is sealed, and can be read again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_what_was_kept_in_clear_is_sealed_by_the_upgrade_and_lies_open_again_after_going_back(tmp_path: Path) -> None:
    settings = {"JUMP_DATA": str(tmp_path), "JUMP_SECRET_KEY": "only here", "DJANGO_SETTINGS_MODULE": "jump.settings"}
    told = subprocess.run(
        [sys.executable, "-m", "tests.engines.finance.unsealed"],
        env={**{name: value for name, value in os.environ.items() if name != "JUMP_DATABASE"}, **settings},
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    assert told.stdout.splitlines() == [
        "'' False malaria",
        "'malaria' ''",
        "['by', 'claim_id', 'id', 'person', 'ref', 'sealed']",
    ]
