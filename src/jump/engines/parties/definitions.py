"""The frame of a programme in package data: what parties reads of `programme.yaml`, and what it checks there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from jump.base.packages import (
    PROGRAMME_FILE,
    PROGRAMME_SCHEMA,
    CheckContext,
    Definition,
    DefinitionKind,
    Finding,
    PackageSource,
    definition,
)
from jump.base.refusals import Refusal
from jump.core.calendars import add_months


class PhasesNotContiguous(Refusal):
    """Each phase begins where the one before it ends."""

    code = "parties.phases_not_contiguous"
    http_status = 422
    message = _("Phase %(phase)s does not begin on %(expected)s, where the one before it ends.")


class TargetsDoNotAddUp(Refusal):
    """What countries are to reach must sum to what the programme is to reach."""

    code = "parties.targets_do_not_add_up"
    http_status = 422
    message = _("The countries' %(what)s sum to %(sum)s; the programme says %(total)s.")
    what_to_do = _("Correct the package so that the parts sum to the whole.")


def frame(definition_id: str, version: str | None = None) -> Definition:
    """The installed definition of a programme; its `programme` block says what is run. Raises UnknownDefinition."""
    return definition("programme", definition_id, version)


def caseload_limit(definition_id: str, version: str | None = None) -> int | None:
    """How many communities and groups one extension worker may look after; None where the programme sets no limit."""
    block = frame(definition_id, version).data.get("programme") or {}
    limit = block.get("caseload_max")
    return int(limit["value"] if isinstance(limit, Mapping) else limit) if limit is not None else None


def phases_of(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The phases with their days: each begins where the one before it ends.

    A phase may state `starts_on` itself; then it must be that very day. Raises PhasesNotContiguous.
    """
    starts_on = date.fromisoformat(str(block["starts_on"]))
    made: list[dict[str, Any]] = []
    for phase in block.get("phases") or ():
        stated = phase.get("starts_on")
        if stated is not None and date.fromisoformat(str(stated)) != starts_on:
            raise PhasesNotContiguous(phase=phase["id"], expected=starts_on)
        following = add_months(starts_on, int(phase["months"]))
        made.append(
            {
                "id": phase["id"],
                "title": phase.get("title") or phase["id"],
                "months": int(phase["months"]),
                "starts_on": starts_on.isoformat(),
                "ends_on": date.fromordinal(following.toordinal() - 1).isoformat(),
            }
        )
        starts_on = following
    return made


def countries_of(block: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every (region, country) of a programme's block, in order."""
    for region in block.get("regions") or ():
        for country in region.get("countries") or ():
            yield region, country


def check_totals(block: Mapping[str, Any]) -> None:
    """The countries' jobs and communities sum to the programme's. Raises TargetsDoNotAddUp."""
    for what in ("jobs_target", "communities"):
        stated = [int(country[what]) for _region, country in countries_of(block) if what in country]
        total = block.get(what)
        if stated and total is not None and sum(stated) != int(total):
            raise TargetsDoNotAddUp(what=what, sum=sum(stated), total=int(total))


def check(source: PackageSource, context: CheckContext) -> Sequence[Finding]:
    """What `jump check` says about the block `programme` of a package; most packages have none."""
    findings: list[Finding] = []
    for entry in source.of("programme"):
        block = entry.data.get("programme")
        if not isinstance(block, Mapping):
            continue
        for name in ("starts_on", "phases", "regions"):
            if name not in block:
                findings.append(entry.finding(("programme",), f"The programme lacks {name}.", "Add it."))
        if any(name not in block for name in ("starts_on", "phases")):
            continue
        try:
            phases_of(block)
        except PhasesNotContiguous as refusal:
            findings.append(entry.finding(("programme", "phases"), refusal.sentence(), "Change the day."))
        except (KeyError, ValueError) as error:
            findings.append(
                entry.finding(("programme", "phases"), f"The phases cannot be read: {error}.", "Give id and months.")
            )
        try:
            check_totals(block)
        except TargetsDoNotAddUp as refusal:
            findings.append(entry.finding(("programme", "regions"), refusal.sentence(), refusal.advice()))
        seen: set[str] = set()
        for _region, country in countries_of(block):
            if country.get("iso") in seen:
                findings.append(
                    entry.finding(("programme", "regions"), f"{country['iso']} stands twice.", "Remove one.")
                )
            seen.add(str(country.get("iso")))
    return findings


# The frame of a package is read by base; what stands under `programme` in it is checked here.
KINDS = (DefinitionKind("programme", PROGRAMME_FILE, "document", PROGRAMME_SCHEMA, check=check),)
