"""Finding the row behind a reference, for services."""

from __future__ import annotations

from typing import Any

from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties.models import TABLES
from jump.engines.parties.services.refusals import NotThisKind

WORDS = {
    "per": "person",
    "grp": "group",
    "org": "organisation",
    "plc": "place",
    "prg": "programme",
    "prj": "project",
}


def found(ref: Ref | str, *kinds: str) -> Any:
    """The row with this reference, with its scope. Raises NotFound, or NotThisKind where another kind is asked for."""
    ref = Ref(ref)
    if ref.kind not in (kinds or TABLES):
        raise NotThisKind(ref=ref, wanted=" or ".join(WORDS[kind] for kind in kinds or TABLES))
    row = TABLES[ref.kind].objects.select_related("scope").filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row
