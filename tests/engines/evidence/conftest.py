"""Ground to stand on for the tests of evidence, and a listener in place of the engines that acceptance would reach."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import makers


@pytest.fixture
def ground(db: None) -> makers.Ground:
    return makers.ground()


@pytest.fixture
def caused() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What acceptance causes: (effect, arguments), in order, once `outbox.drain()` was called."""
    from jump.base import outbox  # not before the settings are there

    seen: list[tuple[str, dict[str, Any]]] = []
    before = dict(outbox._offered)

    def listener(name: str) -> Any:
        def hear(cause: Any, **arguments: Any) -> dict[str, Any]:
            seen.append((name, {**arguments, "key": cause.key}))
            return {"ref": f"tst-{len(seen):08}"}

        return hear

    for name in ("cases.form_accepted", "trial.note"):
        outbox.offer(name, listener(name))
    yield seen
    outbox._offered.clear()
    outbox._offered.update(before)
