"""Being written."""

EFFECTS: dict[str, object] = {}
