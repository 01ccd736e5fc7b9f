"""The computed ranking: from sheets to totals to places.

Pure arithmetic is in core.scoring; here it is fed and sealed.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from jump.base.actors import Actor
from jump.base.i18n import text
from jump.core import scoring
from jump.core.units import Ref, rounded_fraction
from jump.engines.decisions.models import Candidate, ComputedScore, Interest, Panelist, Round, Score
from jump.engines.decisions.queries.visible import round_row
from jump.engines.decisions.services.access import require_panelist
from jump.engines.decisions.services.refusals import Sealed
from jump.engines.decisions.types import (
    CandidateState,
    CriterionView,
    Method,
    MyScore,
    RankingRow,
    RankingView,
    RoundState,
)

DECIMALS = 4
Sheets: TypeAlias = dict[int, dict[int, dict[str, int]]]  # candidate -> user -> criterion -> value
Interests: TypeAlias = dict[tuple[int, int], bool]  # (candidate, user) -> whether there is one
JUDGED = (CandidateState.IN_ROUND.value, CandidateState.DECIDED.value)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the scores put one candidate: before any panel has said anything."""

    candidate: Candidate
    rank: int | None
    tied_with: tuple[str, ...]
    total: Fraction | None
    lowest: Fraction
    highest: Fraction
    keys: Mapping[str, Fraction]  # mean per criterion
    failed: tuple[str, ...]
    scorers: int
    complete_sheets: int

    @property
    def score(self) -> Decimal | None:
        return None if self.total is None else rounded_fraction(self.total, DECIMALS)

    def as_row(self) -> dict[str, Any]:
        """As kept with the decision."""
        return {
            "candidate": self.candidate.ref,
            "rank": self.rank,
            "score": str(self.score) if self.score is not None else None,
            "tied_with": list(self.tied_with),
            "failed": list(self.failed),
            "scorers": self.scorers,
            "by_criterion": {name: str(rounded_fraction(mean, DECIMALS)) for name, mean in self.keys.items()},
        }


def criteria_of(round_: Round) -> tuple[CriterionView, ...]:
    """The criteria as frozen when the round opened. A test is yes (1) or no (0)."""
    return tuple(
        CriterionView(
            id=str(one["id"]),
            title=text(one["title"]),
            help=text(one.get("help")),
            weight=Decimal(0 if one.get("screening") else one.get("weight", 1)),
            scale_min=0 if one.get("screening") else int(one.get("scale_min", 0)),
            scale_max=1 if one.get("screening") else int(one.get("scale_max", 5)),
            screening=bool(one.get("screening")),
            computed=bool(one.get("computed")),
            evidence=bool(one.get("evidence")),
        )
        for one in round_.rules.get("criteria") or ()
    )


def scored_by_hand(rules: Mapping[str, Any]) -> set[str]:
    """The criteria that a member's sheet must hold, from the rules of a round."""
    return {str(one["id"]) for one in rules.get("criteria") or () if not one.get("computed")}


def _sheets(round_: Round) -> Sheets:
    """candidate -> user -> criterion -> value."""
    found: Sheets = {}
    rows = Score.objects.filter(candidate__round=round_).values_list("candidate_id", "user_id", "criterion", "value")
    for candidate_id, user_id, criterion, value in rows:
        found.setdefault(candidate_id, {}).setdefault(user_id, {})[criterion] = value
    return found


def _interests(round_: Round) -> Interests:
    rows = Interest.objects.filter(candidate__round=round_)
    return {
        (candidate, user): has for candidate, user, has in rows.values_list("candidate_id", "user_id", "has_interest")
    }


def missing_sheets(
    round_: Round,
    *,
    sheets: Sheets | None = None,
    interests: Interests | None = None,
    members: Sequence[int] | None = None,
    candidates: Sequence[int] | None = None,
) -> int:
    """How many (member, candidate) sheets are still to come; a member with an interest owes none.

    Whoever has read some of this already gives it, so that it is not read twice.
    """
    wanted = scored_by_hand(round_.rules)
    if members is None:
        members = list(Panelist.objects.filter(round=round_).values_list("user_id", flat=True))
    if candidates is None:
        candidates = list(Candidate.objects.filter(round=round_, state__in=JUDGED).values_list("pk", flat=True))
    sheets = _sheets(round_) if sheets is None else sheets
    interests = _interests(round_) if interests is None else interests
    missing = 0
    for candidate in candidates:
        for member in members:
            declared = interests.get((candidate, member))
            if declared is True:
                continue
            if declared is None or wanted - sheets.get(candidate, {}).get(member, {}).keys():
                missing += 1
    return missing


def scores_complete(round_: Round) -> bool:
    """Whether every member has scored every candidate in which no interest was declared."""
    return missing_sheets(round_) == 0


def standings(round_: Round, *, sheets: Sheets | None = None, interests: Interests | None = None) -> list[Standing]:
    """Every candidate with its place; who failed a test has none and stands last.

    The same scores give the same ranking.

    A test fails unless more than half of those who answered said yes. Sheets that are not complete are left out.
    """
    criteria = criteria_of(round_)
    pure = [scoring.Criterion(one.id, int(one.weight), one.scale_min, one.scale_max, one.screening) for one in criteria]
    wanted = scored_by_hand(round_.rules)
    sheets = _sheets(round_) if sheets is None else sheets
    interests = _interests(round_) if interests is None else interests
    computed: dict[int, dict[str, Fraction]] = {}
    for candidate_id, criterion, value in ComputedScore.objects.filter(candidate__round=round_).values_list(
        "candidate_id", "criterion", "value"
    ):
        computed.setdefault(candidate_id, {})[criterion] = Fraction(value)
    found: list[Standing] = []
    candidates = Candidate.objects.filter(round=round_, state__in=JUDGED).select_related("scope").order_by("pk")
    for candidate in candidates:
        given = {
            user: sheet
            for user, sheet in sheets.get(candidate.pk, {}).items()
            if not wanted - sheet.keys() and interests.get((candidate.pk, user)) is False
        }
        figures = computed.get(candidate.pk, {})
        totals = []
        if round_.method == Method.WEIGHTED:
            totals = [scoring.weighted_score({**sheet, **figures}, pure).total for sheet in given.values()]
        means = {
            one.id: figures[one.id]
            if one.computed and one.id in figures
            else Fraction(sum(sheet[one.id] for sheet in given.values()), len(given))
            for one in criteria
            if (one.id in figures if one.computed else given)
        }
        failed = scoring.failed_screening(
            {one.id: means.get(one.id, Fraction(0)) > Fraction(1, 2) for one in criteria if one.screening}, pure
        )
        panel = scoring.panel_score(totals) if totals else None
        found.append(
            Standing(
                candidate=candidate,
                rank=None,
                tied_with=(),
                total=panel.mean if panel is not None else None,
                lowest=panel.lowest if panel is not None else Fraction(0),
                highest=panel.highest if panel is not None else Fraction(0),
                keys=means,
                failed=failed,
                scorers=len(given),
                complete_sheets=len(given),
            )
        )
    return _placed(round_, found)


def _placed(round_: Round, found: list[Standing]) -> list[Standing]:
    ranked = {one.candidate.ref: one.total for one in found if one.total is not None and not one.failed}
    keys = {one.candidate.ref: one.keys for one in found}
    by_ref = {one.candidate.ref: one for one in found}
    rows = scoring.ranking(ranked, tie_break=round_.rules.get("tie_break") or (), keys=keys)
    first = [dataclasses.replace(by_ref[row.candidate], rank=row.place, tied_with=row.tied_with) for row in rows]
    rest = [one for one in found if one.candidate.ref not in ranked]
    return [*first, *rest]


def ranking(actor: Actor, round_ref: Ref) -> RankingView:
    """The computed ranking, ties shown as ties. Sealed until all sheets are in or scoring is closed (decisions.sealed).

    A member with an interest in a candidate sees neither its score nor its rank, and the others are placed without it,
    so that it cannot be worked out.
    """
    round_ = round_row(actor, round_ref)
    sheets, interests = _sheets(round_), _interests(round_)
    missing = 0
    if round_.state == RoundState.OPEN:
        missing = missing_sheets(round_, sheets=sheets, interests=interests)
    if missing:
        raise Sealed(round=round_ref, missing=missing)
    hidden: set[int] = set()
    if actor.user_id is not None and not actor.is_system:
        hidden = {candidate for (candidate, user), has in interests.items() if has and user == actor.user_id}
    everything = standings(round_, sheets=sheets, interests=interests)
    seen = _placed(round_, [one for one in everything if one.candidate.pk not in hidden])
    rows = [_row(round_, one) for one in seen]
    rows += [_hidden_row(one) for one in everything if one.candidate.pk in hidden]
    ties: dict[int, list[Ref]] = {}
    for one in seen:
        if one.rank is not None:
            ties.setdefault(one.rank, []).append(Ref(one.candidate.ref))
    return RankingView(
        round_ref=round_ref,
        rows=tuple(rows),
        method=Method(round_.method),
        ties=tuple(tuple(refs) for refs in ties.values() if len(refs) > 1),
        spread={
            Ref(one.candidate.ref): rounded_fraction(one.highest - one.lowest, DECIMALS)
            for one in seen
            if one.total is not None
        },
    )


def _row(round_: Round, one: Standing) -> RankingRow:
    return RankingRow(
        candidate_ref=Ref(one.candidate.ref),
        subject_ref=Ref(one.candidate.subject_ref),
        rank=one.rank,
        tied=bool(one.tied_with),
        score=one.score,
        by_criterion={name: rounded_fraction(mean, DECIMALS) for name, mean in one.keys.items()},
        screened_out=one.failed,
        scorers=one.scorers,
        hidden=False,
        incomplete=one.scorers == 0,
        suggests=_suggested(round_, one),
    )


def _suggested(round_: Round, one: Standing) -> str:
    """What the declared bands of points suggest; nothing for who was screened out."""
    if one.total is None or one.failed:
        return ""
    bands = sorted(round_.rules.get("bands") or (), key=lambda band: -int(band["score_min"]))
    return next((str(band["suggests"]) for band in bands if one.total >= int(band["score_min"])), "")


def _hidden_row(one: Standing) -> RankingRow:
    return RankingRow(
        candidate_ref=Ref(one.candidate.ref),
        subject_ref=Ref(one.candidate.subject_ref),
        rank=None,
        tied=False,
        score=None,
        by_criterion={},
        screened_out=(),
        scorers=0,
        hidden=True,
        incomplete=False,
    )


def my_scores(actor: Actor, round_ref: Ref) -> list[MyScore]:
    """A member's own sheets, one for each candidate; nobody else's."""
    round_ = round_row(actor, round_ref)
    user_id = require_panelist(actor, round_)
    wanted = scored_by_hand(round_.rules)
    given: dict[int, dict[str, Score]] = {}
    for row in Score.objects.filter(candidate__round=round_, user_id=user_id):
        given.setdefault(row.candidate_id, {})[row.criterion] = row
    interests = _interests(round_)
    found = []
    for candidate in Candidate.objects.filter(round=round_, state__in=JUDGED).order_by("pk"):
        sheet = given.get(candidate.pk, {})
        found.append(
            MyScore(
                candidate_ref=Ref(candidate.ref),
                has_interest=interests.get((candidate.pk, user_id)),
                scores={name: row.value for name, row in sheet.items()},
                comments={name: row.comment for name, row in sheet.items() if row.comment},
                complete=not wanted - sheet.keys(),
            )
        )
    return found
