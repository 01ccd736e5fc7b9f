"""What is owed when: rhythms ("every six months") and single dates ("in month 18"), from the programme's start."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jump.base.actors import ROLES
from jump.base.i18n import text
from jump.base.packages import CheckContext, DefinitionKind, Finding, PackageSource, definitions
from jump.core.calendars import add_months
from jump.engines.cases.definitions.common import ID, TEXT, WHERE_FROM

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "title", "by"],
    "additionalProperties": False,
    "properties": {
        "id": ID,
        "title": TEXT,
        "by": {"type": "string"},
        "every_months": {"type": "integer", "minimum": 1, "maximum": 120},
        "once_month": {"type": "integer", "minimum": 0, "maximum": 600},
        "first_due_months": {"type": "integer", "minimum": 0, "maximum": 600},
        "grace_days": {"type": "integer", "minimum": 0, "maximum": 366},
        "for": {"enum": ["programme", "region", "country", "project"]},
        "form": {"type": "string"},
        "report": {"type": "string"},
        "session": {"type": "string"},
        **WHERE_FROM,
    },
    "oneOf": [{"required": ["every_months"]}, {"required": ["once_month"]}],
}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One entry of a calendar."""

    id: str
    title: str
    by: str
    every_months: int | None
    first_due_months: int
    grace_days: int
    scope_kind: str
    asks: str  # full id of a form, "report:<id>", "session:<kind>", or empty

    def periods(self, starts_on: date, until: date) -> Iterator[tuple[date, date]]:
        """(first day of the period, day on which it is due), up to and including `until`."""
        months = self.first_due_months
        before = starts_on
        while True:
            due_on = add_months(starts_on, months)
            if due_on > until:
                return
            yield before, due_on
            if self.every_months is None:
                return
            before = due_on + timedelta(days=1)
            months += self.every_months


def rhythms(package: str) -> list[Rhythm]:
    """The calendar of an installed package."""
    found = []
    for one in definitions("calendar"):
        if one.package != package:
            continue
        data = one.data
        every = data.get("every_months")
        asks = ""
        if data.get("form"):
            asks = one.full(str(data["form"]))
        elif data.get("report"):
            asks = f"report:{one.full(str(data['report']))}"
        elif data.get("session"):
            asks = f"session:{data['session']}"
        found.append(
            Rhythm(
                id=one.id,
                title=text(data["title"]),
                by=str(data["by"]),
                every_months=every,
                first_due_months=int(data["once_month"] if every is None else data.get("first_due_months", every)),
                grace_days=int(data.get("grace_days") or 0),
                scope_kind=str(data.get("for") or "programme"),
                asks=asks,
            )
        )
    return found


def _check(source: PackageSource, context: CheckContext) -> Iterable[Finding]:
    for entry in source.of("calendar"):
        by = str(entry.data["by"])
        if by not in ROLES:
            yield entry.finding(("by",), f"{by} is not a role.", f"Use one of: {', '.join(sorted(ROLES))}.")
        form = entry.data.get("form")
        if form and not context.has("form", source.full(str(form))):
            yield entry.finding(("form",), f"Nobody declares the form {source.full(str(form))}.", "Check its id.")


CALENDAR = DefinitionKind("calendar", "calendar.yaml", "list", _SCHEMA, _check)
