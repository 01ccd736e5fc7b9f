"""Opening a round, and how candidates come into it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base import audit, clock
from jump.base.actors import Actor
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.base.models import RoleAssignment
from jump.base.packages import Definition
from jump.base.packages import definition as definition_named
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions.models import Candidate, Outcome, Panelist, Round
from jump.engines.decisions.services.access import as_system, locked_round, require_opener
from jump.engines.decisions.services.keys import digest_of, one_at_a_time
from jump.engines.decisions.services.refusals import (
    DecisionKeyReused,
    NotKept,
    PanelRole,
    PanelTooSmall,
    ReasonMissing,
    RoundNotOpen,
    Withdrawn,
)
from jump.engines.decisions.types import CandidateState, RoundState

COPIED = (
    "criteria",
    "outcomes",
    "options",
    "tie_break",
    "capacity",
    "panel_min",
    "bands",
    "committee",
    "quorum_percent",
)


def open_round(
    actor: Actor,
    *,
    definition: str,
    scope: str,
    opens_on: date,
    closes_on: date,
    panel: Sequence[int],
    title: str = "",
    key: str = "",
) -> Ref:
    """Open a round: its criteria, weights and outcomes are copied now and never change (SELECT-07).

    Candidates of this definition that wait at or under this place are taken in; later ones join until it closes.
    """
    declared = definition_named("rounds", definition)
    require_opener(actor, scope, str(declared.data.get("opens_by") or ""))
    digest = digest_of(declared.id, scope, opens_on, closes_on, sorted(panel), title)
    with write_transaction():
        one_at_a_time(f"round {key}" if key else "", f"rounds of {declared.id}")
        known = Round.objects.filter(key=key).first() if key else None
        if known is not None:
            if known.key_digest != digest:
                raise DecisionKeyReused(key=key)
            return Ref(known.ref)
        if closes_on < opens_on:
            raise BadInput({"closes_on": [_("It lies before the first day.")]})
        members = list(dict.fromkeys(panel))
        _check_panel(declared, members, scope)
        round_ = Round.objects.create(
            scope=node(scope),
            definition=declared.id,
            definition_version=declared.version,
            title=title or text(declared.data["title"]),
            method=str(declared.data["method"]),
            rules=_rules(declared),
            opens_on=opens_on,
            closes_on=closes_on,
            opened_by=actor.key,
            recorded_at=clock.now(),
            key=key or None,
            key_digest=digest,
        )
        Panelist.objects.bulk_create(Panelist(round=round_, user_id=user_id) for user_id in members)
        waiting = Candidate.objects.filter(
            definition=declared.id,
            state=CandidateState.WAITING,
            scope__path__startswith=scope,
            entered_on__lte=closes_on,
        )
        taken_in = waiting.update(round=round_, state=CandidateState.IN_ROUND.value)
        audit.record(
            actor,
            "decisions.open_round",
            round_.ref,
            facts={"definition": declared.id, "version": declared.version, "panel": members, "candidates": taken_in},
        )
    return Ref(round_.ref)


def _check_panel(declared: Definition, members: Sequence[int], scope: str) -> None:
    panel_min = int(declared.data.get("panel_min") or 0)
    if len(members) < panel_min:
        raise PanelTooSmall(members=len(members), panel_min=panel_min)
    role = str(declared.data.get("panel_role") or "")
    if not role:
        return
    held = RoleAssignment.objects.held_on(clock.today()).filter(user_id__in=members, role=role)
    holders = {user_id for user_id, path in held.values_list("user_id", "node__path") if scope.startswith(path)}
    if set(members) - holders:
        raise PanelRole(role=role, users=sorted(set(members) - holders))


def _rules(declared: Definition) -> dict[str, Any]:
    """The rules of the round as they stand today, messages under their full ids."""
    rules: dict[str, Any] = {name: declared.data[name] for name in COPIED if declared.data.get(name) is not None}
    rules["opens_by"] = str(declared.data.get("opens_by") or "")
    rules["outcomes"] = [
        {**outcome, "notify": declared.full(str(outcome["notify"])) if outcome.get("notify") else ""}
        for outcome in declared.data["outcomes"]
    ]
    return rules


def enter(
    actor: Actor,
    *,
    definition: str,
    candidate_ref: Ref,
    subject_ref: Ref,
    scope: str,
    answer_to: str = "",
    facts: Mapping[str, object] | None = None,
    on: date,
    key: str,
) -> Ref:
    """Enter a candidate: into the open round of this definition at its place, else it waits for the next one.

    `answer_to` is the key under which the outcome is answered. The same candidate entered again while it is still
    live stays one candidate and takes the new `answer_to` (its step was asked again).
    """
    digest = digest_of(definition, candidate_ref, subject_ref, scope, answer_to)
    with write_transaction():
        one_at_a_time(f"rounds of {definition}")  # also with opening: a candidate waits, or is in, never neither
        known = Candidate.objects.filter(key=key).first()
        if known is not None:
            if known.key_digest != digest:
                raise DecisionKeyReused(key=key)
            return Ref(known.ref)
        declared = definition_named("rounds", definition)
        live = Candidate.objects.filter(
            definition=declared.id,
            candidate_ref=candidate_ref,
            state__in=[CandidateState.WAITING, CandidateState.IN_ROUND],
        ).first()
        if live is not None:
            live.answer_to = answer_to
            live.facts = {**live.facts, **(facts or {})}
            live.key = key
            live.key_digest = digest
            live.save(update_fields=["answer_to", "facts", "key", "key_digest"])
            audit.record(actor, "decisions.enter_again", live.ref, facts={"candidate": candidate_ref})
            return Ref(live.ref)
        round_ = _open_round_for(declared.id, scope, on)
        candidate = Candidate.objects.create(
            scope=node(scope),
            round=round_,
            definition=declared.id,
            candidate_ref=candidate_ref,
            subject_ref=subject_ref,
            answer_to=answer_to,
            facts=dict(facts or {}),
            state=(CandidateState.IN_ROUND if round_ is not None else CandidateState.WAITING).value,
            entered_on=on,
            key=key,
            key_digest=digest,
        )
        audit.record(
            actor,
            "decisions.enter",
            candidate.ref,
            facts={"definition": declared.id, "candidate": candidate_ref, "round": round_.ref if round_ else ""},
        )
    return Ref(candidate.ref)


def _open_round_for(definition: str, scope: str, on: date) -> Round | None:
    """The open round nearest above a place."""
    rounds = Round.objects.filter(
        definition=definition, state=RoundState.OPEN, opens_on__lte=on, closes_on__gte=on
    ).select_related("scope")
    near = [round_ for round_ in rounds if scope.startswith(round_.scope.path)]
    return max(near, key=lambda round_: (len(round_.scope.path), round_.pk), default=None)


def withdraw(actor: Actor, *, candidate_ref: Ref, why: str, on: date) -> None:
    """Take a candidate out before it is decided about, with a reason. What was scored stays on the record."""
    with write_transaction():
        candidate = Candidate.objects.locked().select_related("scope", "round").filter(ref=candidate_ref).first()
        if candidate is None:
            raise NotFound(ref=candidate_ref)
        require_opener(actor, candidate.scope.path, _opens_by(candidate))
        if not why.strip():
            raise ReasonMissing(count=1, candidates=[candidate_ref])
        if candidate.state not in (CandidateState.WAITING, CandidateState.IN_ROUND):
            raise Withdrawn(candidate=candidate_ref, state=candidate.state)
        candidate.state = CandidateState.WITHDRAWN.value
        candidate.why_withdrawn = why.strip()
        candidate.save(update_fields=["state", "why_withdrawn"])
        audit.record(actor, "decisions.withdraw", candidate_ref, why=why.strip())


def _opens_by(candidate: Candidate) -> str:
    if candidate.round is not None:
        return str(candidate.round.rules.get("opens_by") or "")
    return str(definition_named("rounds", candidate.definition).data.get("opens_by") or "")


def invite_again(actor: Actor, *, round_ref: Ref, outcome_ref: Ref, why: str, on: date) -> Ref:
    """Take a candidate that was declined or kept in reserve up into a later round of the same kind (SELECT-09).

    A case is reopened at its step of decision, which enters it again; anything else is entered here. Returns the
    reopened step, or the new candidate.
    """
    with write_transaction():
        round_ = locked_round(round_ref)
        require_opener(actor, round_.scope.path, str(round_.rules.get("opens_by") or ""))
        if round_.state != RoundState.OPEN:
            raise RoundNotOpen(round=round_ref, state=round_.state)
        if not why.strip():
            raise ReasonMissing(count=1, candidates=[outcome_ref])
        before = Outcome.objects.select_related("candidate__scope").filter(ref=outcome_ref).first()
        if before is None:
            raise NotFound(ref=outcome_ref)
        candidate = before.candidate
        is_fitting = candidate.definition == round_.definition and candidate.scope.path.startswith(round_.scope.path)
        if before.published_on is None or before.is_good or before.invited_again_on is not None or not is_fitting:
            raise NotKept(outcome=outcome_ref)
        before.invited_again_on = on
        before.save(update_fields=["invited_again_on"])
        audit.record(actor, "decisions.invite_again", outcome_ref, why=why.strip(), facts={"round": round_ref})
        doer = as_system(actor)
        if candidate.answer_to.startswith("cases:"):
            step = cases.step(doer, Ref(candidate.answer_to.split(":")[1]))
            return cases.reopen(doer, case_ref=Ref(candidate.candidate_ref), step=step.key, why=why, on=on)
        return enter(
            doer,
            definition=candidate.definition,
            candidate_ref=Ref(candidate.candidate_ref),
            subject_ref=Ref(candidate.subject_ref),
            scope=candidate.scope.path,
            facts=candidate.facts,
            on=on,
            key=f"again:{outcome_ref}:{round_ref}",
        )
