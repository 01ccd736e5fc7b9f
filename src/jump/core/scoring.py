"""Scores, rankings and how far the people who scored agree.

Everything is reproducible: ties are shown as ties, a tie-break is a declared list of keys, and what a panel decides
differently from the ranking is named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from statistics import median
from typing import Literal


class ScoreError(ValueError):
    """A score is missing, outside its scale, or for a criterion nobody declared."""

    code = "scoring.error"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is scored, on which scale, and how much it weighs. A screening criterion is yes (1) or no (0)."""

    id: str
    weight: int = 1
    scale_min: int = 0
    scale_max: int = 5
    screening: bool = False

    def __post_init__(self) -> None:
        if self.scale_max <= self.scale_min or self.weight < 0:
            raise ScoreError(f"criterion {self.id}: the scale must rise and the weight cannot be negative")


@dataclass(frozen=True, slots=True)
class WeightedScore:
    """A total from 0 to 100 and the points each criterion brought."""

    total: Fraction
    points: Mapping[str, Fraction]


def weighted_score(scores: Mapping[str, Fraction | int], criteria: Sequence[Criterion]) -> WeightedScore:
    """Weighted mean over the scale, times 100. Every declared criterion must have a score within its scale.

    >>> criteria = [Criterion("jobs", 20), Criterion("market", 5)]
    >>> weighted_score({"jobs": 5, "market": 0}, criteria).total
    Fraction(80, 1)
    """
    weighed = [criterion for criterion in criteria if not criterion.screening]
    _check_scores(scores, criteria)
    weights = sum(criterion.weight for criterion in weighed)
    if weights == 0:
        raise ScoreError("at least one criterion must weigh something")
    points = {
        criterion.id: Fraction(100 * criterion.weight, weights)
        * (Fraction(scores[criterion.id]) - criterion.scale_min)
        / (criterion.scale_max - criterion.scale_min)
        for criterion in weighed
    }
    return WeightedScore(sum(points.values(), Fraction(0)), points)


def _check_scores(scores: Mapping[str, Fraction | int], criteria: Sequence[Criterion]) -> None:
    declared = {criterion.id for criterion in criteria}
    for unknown in sorted(scores.keys() - declared):
        raise ScoreError(f"{unknown} is not a criterion of this round")
    for criterion in criteria:
        if criterion.screening:
            continue
        if criterion.id not in scores:
            raise ScoreError(f"{criterion.id} has no score")
        if not criterion.scale_min <= scores[criterion.id] <= criterion.scale_max:
            raise ScoreError(f"{criterion.id} is scored from {criterion.scale_min} to {criterion.scale_max}")


def failed_screening(answers: Mapping[str, bool | int | None], criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """The screening criteria not answered with yes; none means it passes (all must be yes).

    >>> failed_screening({"legal": True}, [Criterion("legal", screening=True), Criterion("owner", screening=True)])
    ('owner',)
    """
    return tuple(criterion.id for criterion in criteria if criterion.screening and not answers.get(criterion.id))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's place, shared when no key told equals apart. `tied_with` names others with the same total."""

    candidate: str
    place: int
    total: Fraction
    tied_with: tuple[str, ...]
    broken_by: str  # the tie-break key that decided among equals, or ""


def ranking(
    totals: Mapping[str, Fraction | int],
    *,
    tie_break: Sequence[str] = (),
    keys: Mapping[str, Mapping[str, Fraction | int]] | None = None,
) -> tuple[Ranked, ...]:
    """Best first. Equal totals are told apart by the tie-break keys in order; a key with a minus in front wants less.

    What no key tells apart shares a place, in order of the candidate's ref, and is shown as a tie.

    >>> rows = ranking({"a": 70, "b": 80, "c": 70}, tie_break=["jobs"], keys={"a": {"jobs": 5}, "c": {"jobs": 9}})
    >>> [(row.candidate, row.place, row.broken_by) for row in rows]
    [('b', 1, ''), ('c', 2, 'jobs'), ('a', 3, 'jobs')]
    """
    known = keys or {}

    def order(candidate: str) -> tuple[Fraction, ...]:
        found = [-Fraction(totals[candidate])]
        for key in tie_break:
            name = key.removeprefix("-")
            value = Fraction(known.get(candidate, {}).get(name, 0))
            found.append(value if key.startswith("-") else -value)
        return tuple(found)

    ordered = sorted(totals, key=lambda candidate: (order(candidate), candidate))
    rows: list[Ranked] = []
    for position, candidate in enumerate(ordered):
        same_total = tuple(
            sorted(other for other in totals if other != candidate and totals[other] == totals[candidate])
        )
        shares_place = position > 0 and order(ordered[position - 1]) == order(candidate)
        rows.append(
            Ranked(
                candidate=candidate,
                place=rows[-1].place if shares_place else position + 1,
                total=Fraction(totals[candidate]),
                tied_with=same_total,
                broken_by=_deciding_key(candidate, same_total, order, tie_break),
            )
        )
    return tuple(rows)


def _deciding_key(
    candidate: str,
    same_total: Sequence[str],
    order: Callable[[str], tuple[Fraction, ...]],
    tie_break: Sequence[str],
) -> str:
    for position, key in enumerate(tie_break, start=1):
        if any(order(other)[position] != order(candidate)[position] for other in same_total):
            return key
    return ""


def pairwise_scores(wins: Mapping[tuple[str, str], str], candidates: Sequence[str]) -> dict[str, Fraction]:
    """Pairwise ranking: wins over (n - 1). Every pair must have been compared; a blank winner is half a win each.

    >>> pairwise_scores({("a", "b"): "a", ("a", "c"): "a", ("b", "c"): ""}, ["a", "b", "c"])
    {'a': Fraction(1, 1), 'b': Fraction(1, 4), 'c': Fraction(1, 4)}
    """
    if len(candidates) < 2:
        raise ScoreError("a pairwise ranking needs at least two candidates")
    won = dict.fromkeys(candidates, Fraction(0))
    for one, other in combinations(candidates, 2):
        winner = wins.get((one, other), wins.get((other, one)))
        if winner is None or winner not in ("", one, other):
            raise ScoreError(f"{one} and {other} have not been compared")
        if winner:
            won[winner] += 1
        else:
            won[one] += Fraction(1, 2)
            won[other] += Fraction(1, 2)
    return {candidate: wins_of / (len(candidates) - 1) for candidate, wins_of in won.items()}


@dataclass(frozen=True, slots=True)
class PanelScore:
    """What a panel gave one candidate on one criterion or in total."""

    n: int
    mean: Fraction
    median: Fraction
    lowest: Fraction
    highest: Fraction

    @property
    def spread(self) -> Fraction:
        return self.highest - self.lowest


def panel_score(scores: Sequence[Fraction | int]) -> PanelScore:
    """Mean, median and spread of what the members gave.

    >>> panel_score([1, 4, 4]).mean, panel_score([1, 4, 4]).median, panel_score([1, 4, 4]).spread
    (Fraction(3, 1), Fraction(4, 1), Fraction(3, 1))
    """
    if not scores:
        raise ScoreError("nobody has scored yet")
    exact = [Fraction(score) for score in scores]
    return PanelScore(
        n=len(exact),
        mean=sum(exact, Fraction(0)) / len(exact),
        median=Fraction(median(exact)),
        lowest=min(exact),
        highest=max(exact),
    )


def panel_totals(
    sheets: Mapping[str, Mapping[str, Mapping[str, Fraction | int]]],
    criteria: Sequence[Criterion],
    *,
    by: Literal["mean", "median"] = "mean",
) -> dict[str, PanelScore]:
    """Candidate -> the panel's totals. `sheets` are member -> candidate -> criterion -> score.

    Members who did not score a candidate (an interest declared) are left out for that candidate alone.
    """
    totals: dict[str, list[Fraction]] = {}
    for member in sorted(sheets):
        for candidate, scores in sheets[member].items():
            totals.setdefault(candidate, []).append(weighted_score(scores, criteria).total)
    return {candidate: panel_score(given) for candidate, given in sorted(totals.items())}


def rank_agreement(rankings: Sequence[Mapping[str, int | Fraction]]) -> Fraction | None:
    """Kendall's W over members' ranks or scores of the same candidates: 1 full agreement, 0 none; ties corrected.

    None when it is not defined: fewer than two members or candidates, or everybody tied everything.

    >>> rank_agreement([{"a": 3, "b": 2, "c": 1}, {"a": 9, "b": 5, "c": 1}])
    Fraction(1, 1)
    """
    if len(rankings) < 2:
        return None
    candidates = sorted(rankings[0])
    if len(candidates) < 2:
        return None
    if any(sorted(given) != candidates for given in rankings):
        raise ScoreError("agreement is only defined over the same candidates")
    members, size = len(rankings), len(candidates)
    sums = dict.fromkeys(candidates, Fraction(0))
    ties = 0
    for given in rankings:
        for candidate, rank in _mid_ranks(given).items():
            sums[candidate] += rank
        ties += sum(count**3 - count for count in _tie_sizes(given))
    mean = Fraction(members * (size + 1), 2)
    squares = sum(((total - mean) ** 2 for total in sums.values()), Fraction(0))
    whole = members**2 * (size**3 - size) - members * ties
    return 12 * squares / whole if whole else None


def _mid_ranks(scores: Mapping[str, int | Fraction]) -> dict[str, Fraction]:
    """Rank 1 for the highest; equals share the middle of their places."""
    ordered = sorted(scores.values(), reverse=True)
    return {
        candidate: Fraction(2 * ordered.index(score) + 1 + ordered.count(score), 2)
        for candidate, score in scores.items()
    }


def _tie_sizes(scores: Mapping[str, int | Fraction]) -> list[int]:
    values = list(scores.values())
    return [values.count(value) for value in set(values)]


@dataclass(frozen=True, slots=True)
class Departure:
    """A decision that does not follow the ranking; it needs a reason on the record."""

    candidate: str
    place: int
    chosen: bool
    passed_over_by: tuple[str, ...]  # lower placed ones chosen instead, or higher placed ones left out


def departures(rows: Sequence[Ranked], chosen: Collection[str]) -> tuple[Departure, ...]:
    """Who was chosen past a better placed candidate, and who was passed over. Sharing a place is no departure.

    >>> rows = ranking({"a": 90, "b": 80, "c": 70})
    >>> [(one.candidate, one.chosen, one.passed_over_by) for one in departures(rows, {"a", "c"})]
    [('b', False, ('c',)), ('c', True, ('b',))]
    """
    found: list[Departure] = []
    for row in rows:
        is_chosen = row.candidate in chosen
        others = tuple(
            other.candidate
            for other in rows
            if (other.candidate in chosen) != is_chosen
            and (other.place < row.place if is_chosen else other.place > row.place)
        )
        if others:
            found.append(Departure(row.candidate, row.place, is_chosen, others))
    return tuple(found)
