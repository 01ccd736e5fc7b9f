"""A made-up population with doubles: names in three scripts, slips of the pen, transliterations, missing answers.

How many slips there are of which kind is our own choice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAMES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
SYLLABLES = NAMES["invented"]["syllables"].split()
GIVEN_INVENTED = {"latin": 3_000, "arabic": 1_500, "cyrillic": 1_500}
FAMILY_INVENTED = {"latin": 20_000, "arabic": 8_000, "cyrillic": 8_000}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SCRIPTS = ("latin", "arabic", "cyrillic")


@dataclass(frozen=True)
class Population:
    """Records as columns, who each of them really is, and the script of the person's first record."""

    values: dict[str, list[str]]
    person: NDArray[np.int64]
    script: NDArray[np.int64]


class _Names:
    """Names with how common each is: a few that many have, and thousands that few have."""

    def __init__(
        self,
        chance: np.random.Generator,
        known: list[tuple[str, list[str]]],
        invented: int,
        alike: Callable[[str], str],
    ) -> None:
        made = ["".join(chance.choice(SYLLABLES, 3 + k % 2)) for k in range(invented)]
        self.names = known + [(alike(one), [one]) for one in made]
        rank = np.arange(1, len(self.names) + 1, dtype=np.float64)
        self.shares = (1 / (rank + 10)) / (1 / (rank + 10)).sum()


_TO_ARABIC = str.maketrans("bdfgklmnprstvz", "بدفغكلمنبرستفز", "aeiou")
_TO_CYRILLIC = str.maketrans("abdefgiklmnoprstuvz", "абдефгиклмнопрстувз")


def population(count: int, *, doubles: float, seed: int) -> Population:
    """`count` records, of which about that share are second or third records of somebody who is there already."""
    chance = np.random.default_rng(seed)
    originals = round(count * (1 - doubles))
    written: dict[str, Callable[[str], str]] = {"latin": str}
    written["arabic"] = lambda name: name.translate(_TO_ARABIC)
    written["cyrillic"] = lambda name: name.translate(_TO_CYRILLIC).capitalize()

    def spelt(words: str | dict[str, str]) -> list[tuple[str, list[str]]]:
        if isinstance(words, str):
            return [(one, [one]) for one in words.split()]
        return [(one, said.split()) for one, said in words.items()]

    given, family = (
        {script: _Names(chance, spelt(NAMES[script][which]), invented[script], written[script]) for script in SCRIPTS}
        for which, invented in (("given", GIVEN_INVENTED), ("family", FAMILY_INVENTED))
    )
    script = chance.choice(3, originals, p=(0.6, 0.25, 0.15))
    first, last = np.empty(originals, dtype=np.int64), np.empty(originals, dtype=np.int64)
    for number, name in enumerate(SCRIPTS):
        here = script == number
        first[here] = chance.choice(len(given[name].names), here.sum(), p=given[name].shares)
        last[here] = chance.choice(len(family[name].names), here.sum(), p=family[name].shares)
    days = np.datetime64("1950-01-01") + chance.integers(0, 55 * 365, originals)
    born = days.astype(str).tolist()
    sex = np.where(chance.random(originals) < 0.5, "female", "male").tolist()
    place = np.char.add("plc-", chance.integers(0, 2_000, originals).astype(str)).tolist()
    phone = np.char.add("07", chance.integers(10_000_000, 99_999_999, originals).astype(str)).tolist()
    _households(chance, script, last, born, place, phone)
    person = np.concatenate([np.arange(originals), chance.integers(0, originals, count - originals)])
    columns: dict[str, list[str]] = {name: [] for name in ("given", "family", "sex", "born", "place", "phone")}
    slips = chance.random((count, 10))
    for row, who in enumerate(person.tolist()):
        name = SCRIPTS[script[who]]
        (own, latin), (house, latin_house) = given[name].names[first[who]], family[name].names[last[who]]
        said = [own, house, sex[who], born[who], place[who], phone[who]]
        luck = slips[row].tolist()
        if row >= originals:
            if luck[0] < 0.5:  # written down by somebody else, in Latin letters
                said[0], said[1] = latin[int(luck[1] * len(latin))], latin_house[int(luck[2] * len(latin_house))]
            if luck[3] < 0.35:
                said[int(luck[1] * 2)] = _slip(said[int(luck[1] * 2)], luck[2], luck[4])
            if luck[4] < 0.05:
                said[0], said[1] = said[1], said[0]
            if luck[5] < 0.15:
                said[3] = _other_day(born[who], luck[6])
            if luck[7] < 0.03:
                said[2] = "unknown"
            if luck[8] < 0.1:
                said[4] = place[int(luck[1] * originals)]
            if luck[9] < 0.3:
                said[5] = phone[int(luck[2] * originals)]
        if luck[6] > 0.6:
            said[5] = ""
        for column, value in zip(columns.values(), said, strict=True):
            column.append("" if value == "unknown" else value)
    return Population(columns, person, script[person])


def _households(
    chance: np.random.Generator,
    script: NDArray[np.int64],
    last: NDArray[np.int64],
    born: list[str],
    place: list[str],
    phone: list[str],
) -> None:
    """Every second person lives with the one before: the same family name mostly, the same place, often one telephone.

    Of those, 24 in 1,000 are twins (Monden, Pison and Smits 2021).
    """
    for row in np.flatnonzero(chance.random(len(born)) < 0.5).tolist():
        if not row or script[row] != script[row - 1]:
            continue
        luck = chance.random(3)
        if luck[0] < 0.85:
            last[row] = last[row - 1]
        place[row] = place[row - 1]
        if luck[1] < 0.5:
            phone[row] = phone[row - 1]
        if luck[2] < 0.024:
            born[row] = born[row - 1]


def _slip(name: str, where: float, what: float) -> str:
    """One letter wrong, missing, doubled or in its neighbour's place."""
    at = int(where * len(name))
    kind = int(what * 4)
    if kind == 0:
        return name[:at] + name[at + 1 :] if len(name) > 2 else name
    if kind == 1:
        return name[: at + 1] + name[at:]
    if kind == 2 and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + LETTERS[int(what * 1000) % 26] + name[at + 1 :]


def _other_day(day: str, luck: float) -> str:
    year, month, dom = day.split("-")
    if luck < 0.35:
        return year
    if luck < 0.55:
        return f"{year}-{dom}-{month}" if int(dom) <= 12 else f"{year}-{month}-01"
    if luck < 0.8:
        return f"{year}-{month}-{int(dom) % 28 + 1:02d}"
    return f"{int(year) + (1 if luck < 0.9 else -1)}-{month}-{dom}"
