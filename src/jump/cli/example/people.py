"""People of the example: made up from common names, each registered with consent, some of them twice."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jump.base.actors import Actor
from jump.core.units import Ref
from jump.engines.parties import api as parties

WOMEN_PERCENT = 53
FLAGS: tuple[tuple[str, int], ...] = (("unemployed", 62), ("underemployed", 24), ("youth", 30), ("marginalized", 35))


@dataclass(frozen=True, slots=True)
class Villager:
    """A person of the story."""

    ref: Ref
    given_name: str
    family_name: str
    sex: str
    birth_year: int

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def age_group(self, year: int) -> str:
        return "youth" if year - self.birth_year < 25 else "adult"


def make_villagers(
    rng: random.Random,
    names: Mapping[str, Sequence[str]],
    *,
    worker: Actor,
    scope: str,
    place_ref: Ref,
    count: int,
    on: date,
    key: str,
) -> list[Villager]:
    """Register so many people of a community."""
    wanted = []
    for number in range(count):
        sex = "female" if rng.randrange(100) < WOMEN_PERCENT else "male"
        given = rng.choice(names["women" if sex == "female" else "men"])
        family = rng.choice(names["family"])
        year = on.year - rng.choice((19, 20, 21, 22, 23, 24, 26, 28, 30, 33, 35, 38, 41, 45, 49, 54, 58))
        flags = [code for code, percent in FLAGS if rng.randrange(100) < percent]
        if on.year - year < 25 and "youth" not in flags:
            flags.append("youth")
        wanted.append(
            parties.NewPerson(
                given_name=given,
                family_name=family,
                sex=parties.Sex(sex),
                birth_year=year,
                place_ref=place_ref,
                flags=tuple(sorted(flags) or ["unemployed"]),
                consents=("records",),
                key=f"{key}:{number}",
            )
        )
    refs = parties.register_people(worker, scope=scope, people=wanted, on=on)
    return [
        Villager(ref, one.given_name, one.family_name, str(one.sex), one.birth_year or 0)
        for ref, one in zip(refs, wanted, strict=True)
    ]


def misspelt(name: str, rng: random.Random) -> str:
    """The same name as another hand writes it."""
    if len(name) < 4:
        return name
    position = rng.randrange(1, len(name) - 1)
    return (
        name[:position] + name[position + 1 :]
        if rng.random() < 0.5
        else name[:position] + name[position] + name[position:]
    )


def texts_of(villagers: Sequence[Villager]) -> list[dict[str, Any]]:
    """Name, sex and reference of each, for forms that list people."""
    return [{"ref": one.ref, "name": one.name, "sex": one.sex, "birth_year": one.birth_year} for one in villagers]
