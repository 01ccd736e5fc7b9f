"""Package data that the ledger reads: `units.yaml`, commodities that are counted beside currencies.

    bag:
      title: {en: Bag of grain of 50 kg}
      decimals: 0
    labour_day:
      title: {en: Day of labour}
      decimals: 2

Installing the package declares them. Decimals never change: an amount already booked would mean something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jump.base.actors import Actor
from jump.base.packages import CheckContext, DefinitionKind, Entry, Finding, PackageSource
from jump.core.money import CURRENCY_EXPONENTS
from jump.engines.ledger.types import UNIT_CODE as CODE

CODE_RULE = "Use at most 12 small letters, digits and low lines, beginning with a letter."

UNIT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "decimals"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "object", "required": ["en"], "additionalProperties": {"type": "string"}},
        "decimals": {"type": "integer", "minimum": 0, "maximum": 9},
        "provenance": {"enum": ["P", "S", "D", "K", "R"]},
        "source_title": {"type": "string"},
    },
}


def _code(entry: Entry) -> str:
    return entry.full_id.rpartition(".")[2]


def _check(source: PackageSource, _context: CheckContext) -> Iterator[Finding]:
    for entry in source.of("unit"):
        if not CODE.fullmatch(_code(entry)) or _code(entry) in CURRENCY_EXPONENTS:
            yield entry.finding((), f"'{_code(entry)}' cannot name a commodity", CODE_RULE)


def _install(actor: Actor, source: PackageSource, _version: str) -> None:
    from jump.engines.ledger.services.units import declare_unit

    for entry in source.of("unit"):
        title, decimals = entry.data["title"]["en"], int(entry.data["decimals"])
        declare_unit(actor, code=_code(entry), title=title, decimals=decimals)


KINDS: tuple[DefinitionKind, ...] = (
    DefinitionKind("unit", "units.yaml", "mapping", UNIT_SCHEMA, check=_check, install=_install),
)
