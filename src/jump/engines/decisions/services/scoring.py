"""Interests, scores, figures as criteria, the end of scoring. Nobody sees a score before all are in."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from jump.base import audit, clock
from jump.base.actors import Actor, can
from jump.base.db import write_transaction
from jump.base.refusals import BadInput, NotAllowed
from jump.core.units import Ref
from jump.engines.decisions.models import Candidate, ComputedScore, Interest, Round, Score
from jump.engines.decisions.queries.ranking import criteria_of, missing_sheets, scores_complete
from jump.engines.decisions.services.access import (
    candidate_in_round,
    locked_round,
    require_decider,
    require_panelist,
)
from jump.engines.decisions.services.refusals import (
    CriteriaFrozen,
    FiguresMissing,
    HasInterest,
    InterestFixed,
    InterestUndeclared,
    RoundNotOpen,
)
from jump.engines.decisions.types import CandidateState, RoundState


def declare_interest(actor: Actor, *, round_ref: Ref, candidate_ref: Ref, has_interest: bool, what: str = "") -> None:
    """Say, before scoring, whether one has an interest in a candidate.

    "No" can become "yes" while scoring is open: the member's scores for this candidate are then taken away and the
    trail keeps that they were. "Yes" can become "no" only before anybody could have seen a score.
    """
    with write_transaction():
        candidate, round_ = candidate_in_round(candidate_ref)
        user_id = require_panelist(actor, round_)
        if round_.ref != round_ref or round_.state != RoundState.OPEN:
            raise RoundNotOpen(round=round_ref, state=round_.state)
        before = Interest.objects.filter(candidate=candidate, user_id=user_id).first()
        if before is not None and before.has_interest == has_interest:
            return
        if before is not None and before.has_interest and scores_complete(round_):
            raise InterestFixed(candidate=candidate_ref)
        Interest.objects.update_or_create(
            candidate=candidate,
            user_id=user_id,
            defaults={"has_interest": has_interest, "what": what.strip(), "declared_at": clock.now()},
        )
        removed = 0
        if has_interest:
            removed = Score.objects.filter(candidate=candidate, user_id=user_id).delete()[0]
        audit.record(
            actor,
            "decisions.declare_interest",
            candidate_ref,
            facts={"has_interest": has_interest, "scores_removed": removed},
        )


def score(
    actor: Actor,
    *,
    candidate_ref: Ref,
    scores: Mapping[str, int],
    comments: Mapping[str, str] | None = None,
    proofs: Mapping[str, Ref] | None = None,
) -> None:
    """Give a candidate scores, all or some; later ones replace earlier ones while the round is open.

    Only by the criteria frozen at opening, within their scales. A test asks for yes (1) or no (0). Where a criterion
    asks for evidence, a comment or a proof is given with it (SELECT-01).
    """
    said = {name: comment.strip() for name, comment in (comments or {}).items()}
    shown = dict(proofs or {})
    with write_transaction():
        candidate, round_ = candidate_in_round(candidate_ref)
        user_id = require_panelist(actor, round_)
        if round_.state != RoundState.OPEN:
            raise RoundNotOpen(round=round_.ref, state=round_.state)
        interest = Interest.objects.filter(candidate=candidate, user_id=user_id).first()
        if interest is None:
            raise InterestUndeclared(candidate=candidate_ref)
        if interest.has_interest:
            raise HasInterest(candidate=candidate_ref)
        _check_scores(round_, scores, said, shown)
        now = clock.now()
        Score.objects.bulk_create(
            [
                Score(
                    candidate=candidate,
                    user_id=user_id,
                    criterion=criterion,
                    value=value,
                    comment=said.get(criterion, ""),
                    proof_ref=str(shown.get(criterion) or ""),
                    given_at=now,
                )
                for criterion, value in scores.items()
            ],
            update_conflicts=True,
            unique_fields=["candidate", "user", "criterion"],
            update_fields=["value", "comment", "proof_ref", "given_at"],
        )
        # What was given is not in the trail: it would unseal the score.
        audit.record(actor, "decisions.score", candidate_ref, facts={"criteria": sorted(scores)})


def _check_scores(
    round_: Round, scores: Mapping[str, int], comments: Mapping[str, str], proofs: Mapping[str, Ref]
) -> None:
    declared = {criterion.id: criterion for criterion in criteria_of(round_)}
    errors: dict[str, list[str]] = {}
    for name, value in scores.items():
        criterion = declared.get(name)
        if criterion is None or criterion.computed:
            raise CriteriaFrozen(criterion=name, round=round_.ref)
        if isinstance(value, bool) or not isinstance(value, int):
            errors[name] = [_("Give a whole number.")]
        elif not criterion.scale_min <= value <= criterion.scale_max:
            scale = {"low": criterion.scale_min, "high": criterion.scale_max}
            errors[name] = [_("Give a number from %(low)s to %(high)s.") % scale]
        elif criterion.evidence and not comments.get(name) and not proofs.get(name):
            errors[name] = [_("Say what this rests on, or name the document.")]
    if errors:
        raise BadInput(errors)


def record_computed(
    actor: Actor, *, candidate_ref: Ref, criterion: str, value: Decimal, sources: Sequence[Ref]
) -> None:
    """Supply a criterion that is a figure, with what it rests on. It is the same for every member of the panel.

    Called from above by the engine that computes figures; a round cannot close its scoring before they are all there.
    """
    with write_transaction():
        candidate, round_ = candidate_in_round(candidate_ref)
        if not (actor.is_system or can(actor, "decisions.open", round_.scope.path)):
            raise NotAllowed(right="decisions.open", scope=round_.scope.path, who=actor.name)
        if round_.state != RoundState.OPEN:
            raise RoundNotOpen(round=round_.ref, state=round_.state)
        declared = next((one for one in criteria_of(round_) if one.id == criterion and one.computed), None)
        if declared is None:
            raise CriteriaFrozen(criterion=criterion, round=round_.ref)
        if not declared.scale_min <= value <= declared.scale_max:
            scale = {"low": declared.scale_min, "high": declared.scale_max}
            raise BadInput({criterion: [_("Give a number from %(low)s to %(high)s.") % scale]})
        ComputedScore.objects.update_or_create(
            candidate=candidate,
            criterion=criterion,
            defaults={
                "value": value,
                "sources": [str(ref) for ref in sources],
                "given_by": actor.key,
                "given_at": clock.now(),
            },
        )
        audit.record(
            actor, "decisions.record_computed", candidate_ref, facts={"criterion": criterion, "value": str(value)}
        )


def close_scoring(actor: Actor, *, round_ref: Ref, on: date) -> None:
    """End scoring: sheets that have not come are left out, and the ranking can be seen."""
    with write_transaction():
        round_ = locked_round(round_ref)
        require_decider(actor, round_)
        if round_.state != RoundState.OPEN:
            raise RoundNotOpen(round=round_ref, state=round_.state)
        require_figures(round_)
        round_.state = RoundState.SCORED.value
        round_.scored_on = on
        round_.save(update_fields=["state", "scored_on"])
        audit.record(actor, "decisions.close_scoring", round_ref, facts={"sheets_missing": missing_sheets(round_)})


def require_figures(round_: Round) -> None:
    """Every criterion that is a figure has been supplied for every candidate."""
    candidates = Candidate.objects.filter(round=round_, state=CandidateState.IN_ROUND)
    for criterion in criteria_of(round_):
        if not criterion.computed:
            continue
        missing = candidates.exclude(computed_scores__criterion=criterion.id).count()
        if missing:
            raise FiguresMissing(criterion=criterion.title, count=missing, round=round_.ref)
