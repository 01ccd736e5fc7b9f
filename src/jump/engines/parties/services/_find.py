"""Finding the row behind a reference, for services."""

from __future__ import annotations

from functools import cache
from typing import Any

from jump.base.prepared import Prepared
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
    row = _row(_table(ref, kinds)).first(ref)
    if row is None:
        raise NotFound(ref=ref)
    return row


def found_id(ref: Ref | str, *kinds: str) -> int:
    """The same, where the row is only pointed at."""
    known = _number(_table(ref, kinds)).first(ref)
    if known is None:
        raise NotFound(ref=ref)
    return int(known[0])


@cache
def _row(model: Any) -> Prepared[Any]:
    return Prepared(lambda ref: model.objects.select_related("scope").filter(ref=ref))


@cache
def _number(model: Any) -> Prepared[Any]:
    return Prepared(lambda ref: model.objects.filter(ref=ref).values_list("pk"))


def _table(ref: Ref | str, kinds: tuple[str, ...]) -> Any:
    kind = Ref(ref).kind
    if kind not in (kinds or TABLES):
        raise NotThisKind(ref=ref, wanted=" or ".join(WORDS[one] for one in kinds or TABLES))
    return TABLES[kind]
