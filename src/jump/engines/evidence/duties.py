"""Being written."""

REF_KINDS: frozenset[str] = frozenset()


def describe(actor: object, ref: object) -> None:
    return None
