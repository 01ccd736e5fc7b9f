"""A round of the example: opened, declared, scored, decided, published, as a panel does it."""

import random
from collections.abc import Mapping
from datetime import date, timedelta

from jump.base import outbox
from jump.base.actors import Actor
from jump.cli.example.cast import Cast
from jump.core.units import Ref
from jump.engines.decisions import api as decisions

GOOD = frozenset({"selected", "approved"})


def hold_round(
    cast: Cast,
    coordinator: Actor,
    *,
    definition: str,
    scope: str,
    opens_on: date,
    title: str,
    wanted: Mapping[Ref, str],
    rng: random.Random,
) -> Ref:
    """Hold a round whose outcome by case is given. Scores are made to fit it, so the panel follows its ranking."""
    round_ref = decisions.open_round(
        coordinator,
        definition=definition,
        scope=scope,
        opens_on=opens_on,
        closes_on=opens_on + timedelta(days=14),
        panel=cast.panel_ids,
        title=title,
        key=f"example:{title}:{opens_on}",
    )
    view = decisions.round_(coordinator, round_ref)
    for candidate in view.candidates:
        good = wanted.get(candidate.candidate_ref, "not_selected") in GOOD
        for member in cast.panel:
            decisions.declare_interest(member, round_ref=round_ref, candidate_ref=candidate.ref, has_interest=False)
            scores = {}
            for criterion in view.criteria:
                if criterion.computed:
                    continue
                span = criterion.scale_max - criterion.scale_min
                if criterion.screening:
                    scores[criterion.id] = criterion.scale_max
                elif good:
                    scores[criterion.id] = criterion.scale_max - rng.randint(0, max(span // 4, 1))
                else:
                    scores[criterion.id] = criterion.scale_min + rng.randint(0, max(span // 3, 1))
            decisions.score(member, candidate_ref=candidate.ref, scores=scores)
    decisions.close_scoring(coordinator, round_ref=round_ref, on=opens_on + timedelta(days=6))
    choices = [
        decisions.Choice(
            candidate.ref,
            wanted.get(candidate.candidate_ref, "not_selected"),
            reason="As the scores show; the panel agreed after discussion.",
        )
        for candidate in view.candidates
    ]
    decisions.decide(
        cast.panel[0],
        round_ref=round_ref,
        outcomes=choices,
        minutes="The panel met, went through the scores one by one and decided as written.",
        present=list(cast.panel_ids),
        on=opens_on + timedelta(days=8),
    )
    decisions.publish(coordinator, round_ref=round_ref, on=opens_on + timedelta(days=10))
    outbox.run_pending_of_this_request()
    return round_ref
