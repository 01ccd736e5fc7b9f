"""Being written."""

KINDS: tuple[object, ...] = ()
