"""Factories in the words of results: a small framework, a few indicators, facts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.actors import Actor
from jump.base.db import write_transaction
from jump.base.duties import Fact
from jump.core.units import Ref
from jump.engines.results.services.install import install_framework, install_indicators, install_references
from tests import makers

DAY = date(2004, 6, 30)
RIVERSIDE = "trial/asia/PH/riverside/"
HILLTOP = "trial/asia/PH/hilltop/"
LAMAI = "trial/asia/TH/lamai/"
PLACES = (RIVERSIDE, HILLTOP, LAMAI)
_numbers = itertools.count(1)

NODES: list[dict[str, Any]] = [
    {"id": "do.1", "level": "development_objective", "text": {"en": "More jobs", "fr": "Plus d’emplois"}},
    {
        "id": "io.1",
        "level": "immediate_objective",
        "parent": "do.1",
        "text": {"en": "Stronger groups, in the table", "fr": "Groupes plus forts"},
        "variants": [{"text": {"en": "Stronger groups, in the text"}, "source": "6.1"}],
        "source": "8.1",
    },
    {"id": "out.01", "level": "output", "parent": "io.1", "text": {"en": "Groups trained"}, "source": "8.1 Output 1"},
    {
        "id": "out.02",
        "level": "output",
        "parent": "io.1",
        "text": {"en": "Leaders trained"},
        "no_indicator_reason": {"en": "Proved by certificates."},
    },
    {
        "id": "act.01.01",
        "level": "activity",
        "parent": "out.01",
        "text": {"en": 'Choose organisations, "fit" ones;\nwith care'},
        "activity_group": "self_help_organising",
        "focus_area": "participatory_planning",
        "owner": "national_coordinator",
    },
    {
        "id": "act.01.02",
        "level": "activity",
        "parent": "out.01",
        "text": {"en": "Train them"},
        "activity_group": "training_policy",
        "focus_area": "systematic_incubation",
    },
]

ASSUMPTIONS = [
    {"id": "asm.policy", "group": "government_policies", "text": {"en": "Policies stay favourable."}, "about": "do.1"},
    {
        "id": "asm.funding",
        "group": "donor_funding",
        "text": {"en": "Funding goes on."},
        "about": "do.1",
        "fallback": {"en": "Associate experts help."},
    },
]


def indicator(**changes: Any) -> dict[str, Any]:
    return {
        "title": {"en": "An indicator"},
        "node": "out.01",
        "unit": "jobs",
        "definition": {"en": "What is counted."},
        "measure": {"fact": "trial.job", "aggregate": "count"},
        "window": "as_of",
        "disaggregate": ["sex"],
        "source_of_verification": {"en": "Visits"},
        "frequency": "half_year",
        "owner": "national_coordinator",
        **changes,
    }


DECENT = "kind == 'created' and decent == true"
INDICATORS: dict[str, dict[str, Any]] = {
    "jobs": indicator(
        title={"en": "Decent jobs", "fr": "Emplois décents"},
        measure={"fact": "trial.job", "where": DECENT, "aggregate": "count"},
        disaggregate=["sex", "age_group"],
        headline=True,
        baseline=0,
        targets=[
            {"scope": "trial/", "by": "2006-12-31", "value": 300},
            {"scope": "trial/asia/PH/", "by": "2006-12-31", "value": 200},
            {"scope": "trial/asia/TH/", "by": "2006-12-31", "value": 100},
        ],
    ),
    "people": indicator(unit="people", measure={"fact": "trial.job", "aggregate": "distinct"}),
    "share": indicator(
        unit="percent",
        measure={
            "aggregate": "ratio",
            "numerator": {"fact": "trial.job", "where": DECENT},
            "denominator": {"fact": "trial.job"},
        },
    ),
    "cost_per_job": indicator(
        unit="USD",
        measure={
            "aggregate": "ratio",
            "numerator": {"fact": "trial.spend", "aggregate": "sum"},
            "denominator": {"fact": "trial.job", "where": DECENT},
        },
        disaggregate=["scheme"],
        good_direction="down",
    ),
    "pay": indicator(unit="pesos", measure={"fact": "trial.pay", "aggregate": "mean"}),
    "pay_middle": indicator(unit="pesos", measure={"fact": "trial.pay", "aggregate": "median"}),
    "meetings": indicator(
        unit="meetings", measure={"fact": "trial.meeting", "aggregate": "count"}, window="period", disaggregate=[]
    ),
    "alive": indicator(
        unit="percent",
        measure={
            "aggregate": "ratio",
            "latest_per": "party",
            "numerator": {"fact": "trial.health", "where": "survival == 'active'", "aggregate": "distinct"},
            "denominator": {"fact": "trial.health", "aggregate": "distinct"},
        },
        disaggregate=[],
    ),
    "later": indicator(measure=None, planned=True, planned_reason={"en": "No form asks for it yet."}),
}


def install(version: str = "1", **changes: Mapping[str, Any]) -> None:
    """The framework and indicators of the trial programme, as a package would bring them."""
    data = {f"trial.{name}": {**one, **changes.get(name, {})} for name, one in INDICATORS.items()}
    with write_transaction():
        install_framework(
            makers.MAKER,
            package="trial",
            version=version,
            data={"nodes": NODES, "assumptions": ASSUMPTIONS},
            digest="d",
        )
        install_indicators(makers.MAKER, package="trial", version=version, data=data)


def install_figures() -> None:
    with write_transaction():
        install_references(
            package="trial",
            version="1",
            data={
                "figures": [
                    {
                        "id": "printed",
                        "title": {"en": "Printed total"},
                        "value": 1_620_000,
                        "unit": "USD",
                        "source": "8.4",
                    },
                    {
                        "id": "summed",
                        "title": {"en": "Sum of cells"},
                        "value": 1_685_000,
                        "unit": "USD",
                        "source": "8.4",
                    },
                    {
                        "id": "words",
                        "value": "more than half",
                        "unit": "share",
                        "source_title": "Document",
                        "section": "1",
                    },
                    {
                        "id": "mondragon",
                        "value": 1956,
                        "unit": "year",
                        "kind": "case",
                        "period": "1956",
                        "geography": "Spain",
                        "source": "2.3",
                    },
                ],
                "readings": [
                    {
                        "id": "total",
                        "figures": ["printed", "summed"],
                        "text": {"en": "The regional part is left out."},
                        "chosen": "summed",
                        "why": {"en": "Totals are computed from the cells."},
                        "strength": "firm",
                    }
                ],
            },
        )


@dataclass
class Facts:
    """What all engines tell together."""

    told: list[Fact] = field(default_factory=list)

    def as_of(self, as_of: date) -> Iterator[Fact]:
        yield from (fact for fact in self.told if fact.on <= as_of)

    def add(self, *facts: Fact) -> None:
        self.told.extend(facts)

    def jobs(self, count: int, scope: str = RIVERSIDE, **codes: Any) -> list[Fact]:
        made = [job(scope, **codes) for _number in range(count)]
        self.told.extend(made)
        return made


def job(scope: str = RIVERSIDE, *, party: str = "", on: date = date(2004, 3, 1), **codes: Any) -> Fact:
    """A decent created job of a woman of 25 to 34."""
    number = next(_numbers)
    known = {"kind": "created", "decent": True, "sex": "female", "age_group": "25_34", **codes}
    return Fact(
        kind="trial.job",
        ref=Ref(f"job-{number:08d}"),
        scope=scope,
        on=on,
        party=Ref(party or f"per-{number:08d}"),
        codes={name: value for name, value in known.items() if value is not None},
    )


def other(kind: str, scope: str = RIVERSIDE, *, value: str = "1", on: date = date(2004, 3, 1), **known: Any) -> Fact:
    number = next(_numbers)
    party = known.pop("party", None)
    return Fact(
        kind=kind,
        ref=Ref(f"sub-{number:08d}"),
        scope=scope,
        on=on,
        value=Decimal(value),
        party=Ref(party) if party else None,
        codes=known,
    )


def coordinator() -> Actor:
    return makers.someone("programme_coordinator", "trial/")


def donor() -> Actor:
    return makers.someone("donor", "trial/")
