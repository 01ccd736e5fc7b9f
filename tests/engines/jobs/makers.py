"""Factories in the words of jobs. They call the services that pages call."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.jobs import api as jobs
from jump.engines.jobs.api import Terms
from tests import makers

SCOPE = "trial/asia/PH/riverside/"
STARTED = date(2003, 6, 1)
CLAIMED = date(2003, 7, 1)
CHECKED = date(2003, 8, 1)
_numbers = itertools.count(1)

DECENT = Terms(
    pay_minor_monthly=500_000,
    currency="PHP",
    hours_weekly=Decimal(44),
    has_written_terms=True,
    has_social_protection=True,
    is_safe=True,
    has_rights=True,
    months_expected=12,
)


def country(iso: str = "PH", *, currency: str = "PHP", pay_min: int = 450_000, **changes: Any) -> dict[str, Any]:
    """A country with its decent-work test: seven items, social protection only advised."""
    items: dict[str, dict[str, Any]] = {
        "pay_min": {"mandatory": True, "value": pay_min, "unit": "minor_monthly"},
        "hours_max": {"mandatory": True, "value": 48, "unit": "hours_weekly"},
        "written_terms": {"mandatory": True},
        "social_protection": {"mandatory": False},
        "safety": {"mandatory": True},
        "rights": {"mandatory": True},
        "duration": {"mandatory": True, "value": 6, "unit": "months"},
    }
    for name, change in changes.items():
        items[name] = {**items.get(name, {}), **change}
    return {
        "iso": iso,
        "name": {"en": iso},
        "currency": currency,
        "decent_work": {"version": "2002", "items": [{"id": name, **item} for name, item in items.items()]},
    }


def countries(version: str = "1", **changes: Any) -> None:
    makers.declared(
        "floors",
        {"countries": {"PH": country("PH", **changes), "TH": country("TH", currency="THB", pay_min=400_000)}},
        version=version,
    )


@dataclass(frozen=True, slots=True)
class Staff:
    """Who reports and who checks."""

    worker: Actor
    colleague: Actor
    coordinator: Actor
    donor: Actor


def staff() -> Staff:
    return Staff(
        worker=makers.someone("extension_worker", "trial/"),
        colleague=makers.someone("extension_worker", "trial/"),
        coordinator=makers.someone("programme_coordinator", "trial/"),
        donor=makers.someone("donor", "trial/"),
    )


def claimed(actor: Actor, **known: Any) -> Ref:
    """A created job of a woman in a group, on decent terms; any of it can be said otherwise."""
    number = next(_numbers)
    scope = known.get("scope", SCOPE)
    asked: dict[str, Any] = {
        "title": "Weaver",
        "kind": "created",
        "started_on": STARTED,
        "terms": DECENT,
        "scope": scope,
        "evidence_ref": Ref(f"fil-{number:08d}"),
        "on": CLAIMED,
        "key": f"claim-{number}",
        **known,
    }
    asked.setdefault("person_ref", makers.person(scope=scope))
    asked.setdefault("employer_ref", makers.group(scope=scope))
    return jobs.claim_job(actor, **asked)


def verified(staff: Staff, job: Ref | None = None, *, confirmed: bool = True, **known: Any) -> Ref:
    """A job that a colleague has seen."""
    ref = job or claimed(staff.worker, **known)
    jobs.verify_job(
        staff.colleague,
        job_ref=ref,
        confirmed=confirmed,
        method="visit",
        on=CHECKED,
        evidence_ref=Ref(f"fil-{next(_numbers):08d}"),
    )
    return ref
