"""The panel's decision, and telling it.

Of two people who decide at once the second is refused and nothing of it is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base import audit, outbox
from jump.base.actors import Actor, system_actor
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.base.outbox import EffectCall
from jump.base.scopes import ScopeNode
from jump.core import scoring
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions.models import Ballot, Candidate, Interest, Outcome, Round, Score
from jump.engines.decisions.queries.ballots import winner_of
from jump.engines.decisions.queries.ranking import Standing, missing_sheets, scores_complete, standings
from jump.engines.decisions.services.access import as_system, is_on_panel, locked_round, require_decider
from jump.engines.decisions.services.promises import reserve_money
from jump.engines.decisions.services.refusals import (
    AgainstTheVote,
    AlreadyDecided,
    BallotMissing,
    CandidatesMissing,
    HasInterest,
    MinutesMissing,
    NotDecided,
    NotOnPanel,
    OverCapacity,
    Quorum,
    ReasonMissing,
    ScreeningFailed,
    Sealed,
    UnknownOutcome,
)
from jump.engines.decisions.services.scoring import require_figures
from jump.engines.decisions.types import CandidateState, Choice, Method, RoundState
from jump.engines.parties import api as parties


def decide(
    actor: Actor,
    *,
    round_ref: Ref,
    outcomes: Sequence[Choice],
    minutes: str,
    present: Sequence[int],
    on: date,
) -> None:
    """Record what the panel decides about every candidate of the round, with minutes and who was present.

    The computed ranking is kept beside it. A choice that departs from the ranking, and every outcome that is not good
    news, needs its reason. Nobody with an interest counts as present for that candidate. A ballot decides itself.
    """
    with write_transaction():
        round_ = locked_round(round_ref)
        require_decider(actor, round_)
        if round_.state in (RoundState.DECIDED, RoundState.PUBLISHED):
            raise AlreadyDecided(round=round_ref, on=round_.decided_on)
        candidates = list(
            Candidate.objects.filter(round=round_, state=CandidateState.IN_ROUND).select_related("scope").order_by("pk")
        )
        if round_.method != Method.BALLOT and round_.state == RoundState.OPEN:
            if not scores_complete(round_):
                raise Sealed(round=round_ref, missing=missing_sheets(round_))
            require_figures(round_)
        if not minutes.strip():
            raise MinutesMissing(round=round_ref)
        chosen = _chosen(round_, candidates, outcomes)
        _check_present(actor, round_, candidates, present)
        placed = {} if round_.method == Method.BALLOT else {one.candidate.ref: one for one in standings(round_)}
        declared = {one["id"]: one for one in round_.rules["outcomes"]}
        good = {ref for ref, choice in chosen.items() if declared[choice.outcome].get("good")}
        if round_.method == Method.BALLOT:
            _check_ballots(candidates, chosen)
        if round_.method == Method.SCREENING:
            failed = sorted(ref for ref in good if placed[ref].failed)
            if failed:
                raise ScreeningFailed(count=len(failed), candidates=failed, tests=sorted(placed[failed[0]].failed))
        _check_capacity(round_, [one for one in candidates if one.ref in good])
        departing = _departures(round_, candidates, placed, good)
        _check_reasons(round_, chosen, departing, declared)
        for candidate in candidates:
            choice = chosen[candidate.ref]
            standing = placed.get(candidate.ref)
            outcome = declared[choice.outcome]
            Outcome.objects.create(
                candidate=candidate,
                outcome=choice.outcome,
                title=text(outcome["title"]),
                is_good=bool(outcome.get("good")),
                is_reserve=is_reserve(outcome),
                reason=choice.reason.strip(),
                conditions=[condition.strip() for condition in choice.conditions if condition.strip()],
                rank=standing.rank if standing is not None else None,
                score=standing.score if standing is not None else None,
                departs=candidate.ref in departing,
                decided_on=on,
            )
            candidate.state = CandidateState.DECIDED.value
            candidate.save(update_fields=["state"])
        round_.state = RoundState.DECIDED.value
        round_.scored_on = round_.scored_on or on
        round_.decided_on = on
        round_.decided_by = actor.key
        round_.minutes = minutes.strip()
        round_.present = sorted(set(present))
        round_.computed = [one.as_row() for one in placed.values()]
        round_.save(update_fields=["state", "scored_on", "decided_on", "decided_by", "minutes", "present", "computed"])
        audit.record(
            actor,
            "decisions.decide",
            round_ref,
            facts={
                "outcomes": {ref: choice.outcome for ref, choice in chosen.items()},
                "departures": sorted(departing),
                "present": round_.present,
            },
        )


def is_reserve(outcome: Mapping[str, Any]) -> bool:
    """Whether who gets this outcome is kept for a later round: declared, or by the usual name."""
    return bool(outcome.get("reserve", outcome["id"] == "reserve" and not outcome.get("good")))


def _chosen(round_: Round, candidates: Sequence[Candidate], outcomes: Sequence[Choice]) -> dict[str, Choice]:
    declared = [str(one["id"]) for one in round_.rules["outcomes"]]
    chosen = {str(choice.candidate_ref): choice for choice in outcomes}
    refs = {candidate.ref for candidate in candidates}
    if set(chosen) != refs or len(outcomes) != len(chosen) or not candidates:
        raise CandidatesMissing(
            round=round_.ref, missing=sorted(refs - set(chosen)), unknown=sorted(set(chosen) - refs)
        )
    for choice in outcomes:
        if choice.outcome not in declared:
            raise UnknownOutcome(outcome=choice.outcome, outcomes=", ".join(declared))
    return chosen


def _check_present(actor: Actor, round_: Round, candidates: Sequence[Candidate], present: Sequence[int]) -> None:
    members = set(round_.panel.values_list("user_id", flat=True))
    strangers = set(present) - members
    if strangers:
        raise NotOnPanel(round=round_.ref, users=sorted(strangers))
    panel_min = int(round_.rules.get("panel_min") or 0)
    needed = int((round_.rules.get("committee") or {}).get("quorum") or panel_min)
    if len(set(present)) < needed:
        raise Quorum(present=len(set(present)), needed=needed, round=round_.ref)
    interests: dict[int, set[int]] = {}
    rows = Interest.objects.filter(candidate__in=candidates, has_interest=True)
    for candidate_id, user_id in rows.values_list("candidate_id", "user_id"):
        interests.setdefault(candidate_id, set()).add(user_id)
    if is_on_panel(actor, round_) and any(actor.user_id in users for users in interests.values()):
        raise HasInterest(round=round_.ref)
    for candidate in candidates:
        free = set(present) - interests.get(candidate.pk, set())
        least = needed // 2 + 1 if needed else 0  # more than half of the quorum decides without an interest
        if len(free) < least:
            raise Quorum(present=len(free), needed=least, round=round_.ref, candidate=candidate.ref)


def _check_ballots(candidates: Sequence[Candidate], chosen: Mapping[str, Choice]) -> None:
    """The vote of the people concerned is the decision."""
    ballots = {ballot.candidate_id: ballot for ballot in Ballot.objects.filter(candidate__in=candidates)}
    for candidate in candidates:
        ballot = ballots.get(candidate.pk)
        winner = winner_of(ballot) if ballot is not None else ""
        if not winner:
            raise BallotMissing(candidate=candidate.ref)
        if chosen[candidate.ref].outcome != winner:
            raise AgainstTheVote(candidate=candidate.ref, winner=winner)


def _check_capacity(round_: Round, good: Sequence[Candidate]) -> None:
    """The declared limits: in all, in this round, per country; what earlier rounds chose counts (SELECT-08)."""
    capacity: Mapping[str, Any] = round_.rules.get("capacity") or {}
    if not capacity:
        return
    before = list(
        Outcome.objects.filter(is_good=True, candidate__definition=round_.definition)
        .exclude(candidate__round=round_)
        .values_list("candidate__scope__path", flat=True)
    )
    here = [candidate.scope.path for candidate in good]
    if capacity.get("max_total"):
        _within(len(before) + len(here), capacity["max_total"], "the programme")
    if capacity.get("max_per_round"):
        _within(len(here), capacity["max_per_round"], "this round")
    if not (capacity.get("max_per_country") or capacity.get("first_round_max_per_country")):
        return
    for country in ScopeNode.objects.filter(kind="country"):
        now = sum(path.startswith(country.path) for path in here)
        earlier = sum(path.startswith(country.path) for path in before)
        if capacity.get("max_per_country"):
            _within(now + earlier if now else 0, capacity["max_per_country"], country.title)
        if capacity.get("first_round_max_per_country") and not earlier:
            _within(now, capacity["first_round_max_per_country"], country.title)


def _within(chosen: int, limit: int, where: str) -> None:
    if chosen > limit:
        raise OverCapacity(chosen=chosen, limit=limit, where=where)


def _departures(
    round_: Round, candidates: Sequence[Candidate], placed: Mapping[str, Standing], good: set[str]
) -> set[str]:
    """Who was chosen past a better placed candidate, who was passed over, and who was chosen though screened out.

    With a limit per country the ranking counts within each country.
    """
    if not placed:
        return set()
    capacity: Mapping[str, Any] = round_.rules.get("capacity") or {}
    groups: dict[str, list[Candidate]] = {}
    per_country = capacity.get("max_per_country") or capacity.get("first_round_max_per_country")
    countries = list(ScopeNode.objects.filter(kind="country").values_list("path", flat=True)) if per_country else []
    for candidate in candidates:
        home = next((path for path in countries if candidate.scope.path.startswith(path)), "")
        groups.setdefault(home, []).append(candidate)
    found = {ref for ref in good if placed[ref].failed}
    for members in groups.values():
        totals = {one.ref: placed[one.ref].total for one in members}
        keys = {one.ref: placed[one.ref].keys for one in members}
        ranked = {ref: total for ref, total in totals.items() if total is not None and not placed[ref].failed}
        rows = scoring.ranking(ranked, tie_break=round_.rules.get("tie_break") or (), keys=keys)
        found.update(one.candidate for one in scoring.departures(rows, good))
    return found


def _check_reasons(
    round_: Round, chosen: Mapping[str, Choice], departing: set[str], declared: Mapping[str, Mapping[str, Any]]
) -> None:
    """A ballot needs none: the vote is the reason."""
    if round_.method == Method.BALLOT:
        return
    missing = []
    for ref, choice in chosen.items():
        outcome = declared[choice.outcome]
        is_required = bool(outcome.get("reason_required", not outcome.get("good"))) or ref in departing
        if is_required and not choice.reason.strip():
            missing.append(ref)
    if missing:
        raise ReasonMissing(count=len(missing), candidates=sorted(missing), departures=sorted(departing))


def publish(actor: Actor, *, round_ref: Ref, on: date) -> tuple[Ref, ...]:
    """Tell the outcomes, once: cases go on, money is promised, notices are sent; after that nothing changes.

    All in one transaction: if one promise is refused (the fund is short), nothing is published. Publishing again
    changes nothing and returns the same outcomes.
    """
    with write_transaction():
        round_ = locked_round(round_ref)
        require_decider(actor, round_)
        if round_.state == RoundState.PUBLISHED:
            return _outcome_refs(round_)
        if round_.state != RoundState.DECIDED:
            raise NotDecided(round=round_ref)
        doer = as_system(actor)
        declared = {one["id"]: one for one in round_.rules["outcomes"]}
        deciders = _deciders(round_)
        for row in Outcome.objects.filter(candidate__round=round_).select_related("candidate__scope"):
            candidate, outcome = row.candidate, declared[row.outcome]
            row.published_on = on
            row.save(update_fields=["published_on"])
            told = _told(round_, row)
            if outcome.get("reserves"):
                reserve_money(doer, outcome["reserves"], candidate=candidate, outcome_ref=Ref(row.ref), on=on)
            if candidate.answer_to:
                cases.answer(
                    doer,
                    key=candidate.answer_to,
                    outcome=row.outcome,
                    proof_ref=Ref(row.ref),
                    facts={"keep": {"decision": {**told, "decided_by": deciders}}},
                    on=on,
                )
            calls = [EffectCall.from_data(call) for call in outcome.get("calls") or ()]
            if outcome.get("notify"):
                args = {
                    "to": str(candidate.subject_ref),
                    "template": outcome["notify"],
                    "facts": "$notice",  # by name: a reason may begin with a dollar sign
                    "about": row.ref,
                }
                calls.insert(0, EffectCall("parties.notify", args))
            if calls:
                outbox.after_commit(
                    calls,
                    key=f"decisions:{row.ref}",
                    ref=Ref(row.ref),
                    actor=doer,
                    on=on,
                    facts={
                        **candidate.facts,
                        "outcome": told,
                        "notice": _notice(row, on),
                        "candidate": str(candidate.candidate_ref),
                        "subject": str(candidate.subject_ref),
                        "scope": candidate.scope.path,
                    },
                )
        round_.state = RoundState.PUBLISHED.value
        round_.published_on = on
        round_.save(update_fields=["state", "published_on"])
        audit.record(actor, "decisions.publish", round_ref, facts={"on": on.isoformat()})
        return _outcome_refs(round_)


def _outcome_refs(round_: Round) -> tuple[Ref, ...]:
    refs = Outcome.objects.filter(candidate__round=round_).order_by("pk").values_list("ref", flat=True)
    return tuple(Ref(ref) for ref in refs)


def _deciders(round_: Round) -> list[str]:
    """Who scored or decided, as actor keys: money that follows may be released only by others."""
    scorers = Score.objects.filter(candidate__round=round_).values_list("user", flat=True).distinct()
    keys = {f"user:{user}" for user in (*round_.present, *scorers)}
    return sorted(keys | ({round_.decided_by} if round_.decided_by.startswith("user:") else set()))


def _told(round_: Round, row: Outcome) -> dict[str, Any]:
    """What a case keeps of a decision: the outcome and its reason; not the scores."""
    return {
        "ref": row.ref,
        "outcome": row.outcome,
        "title": row.title,
        "reason": row.reason,
        "conditions": list(row.conditions),
        "round": round_.ref,
        "round_title": round_.title,
    }


def _notice(row: Outcome, on: date) -> dict[str, str]:
    """What a message may name: who, what, why, when, how much. No person is named but by the office."""
    candidate = row.candidate
    subject = Ref(candidate.subject_ref)
    name = str(candidate.facts.get("title") or parties.names(system_actor("a notice"), [subject]).get(subject, ""))
    return {
        "community": name,
        "subject": name,
        "title": name,
        "outcome": row.title,
        "reason": row.reason,
        "on": on.isoformat(),
        "worker": _("Your extension worker"),
        "amount": f"{candidate.facts.get('amount') or ''} {candidate.facts.get('currency') or ''}".strip(),
    }
