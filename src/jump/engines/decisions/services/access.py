"""Who may do what with a round. Being on the panel is a right of its own, given when the round opens."""

import dataclasses

from jump.base.actors import Actor, can
from jump.base.refusals import NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.decisions.models import Candidate, Panelist, Round
from jump.engines.decisions.services.refusals import NotOnPanel, Withdrawn
from jump.engines.decisions.types import CandidateState


def holds_role(actor: Actor, role: str, scope: str) -> bool:
    """Whether the actor holds this role at this place or above it."""
    return any(grant.role == role and scope.startswith(grant.path) for grant in actor.grants)


def require_opener(actor: Actor, scope: str, opens_by: str) -> None:
    """The right to open rounds here, or the role that the rules of this round name."""
    if not (can(actor, "decisions.open", scope) or (opens_by and holds_role(actor, opens_by, scope))):
        raise NotAllowed(right="decisions.open", scope=scope, who=actor.name)


def require_decider(actor: Actor, round_: Round) -> None:
    """The right to decide here, or a place on this panel."""
    if can(actor, "decisions.decide", round_.scope.path) or is_on_panel(actor, round_):
        return
    raise NotAllowed(right="decisions.decide", scope=round_.scope.path, who=actor.name)


def is_on_panel(actor: Actor, round_: Round) -> bool:
    return actor.user_id is not None and Panelist.objects.filter(round=round_, user_id=actor.user_id).exists()


def require_panelist(actor: Actor, round_: Round) -> int:
    """The user id of a member of the panel."""
    if actor.user_id is None or not is_on_panel(actor, round_):
        raise NotOnPanel(round=round_.ref)
    return actor.user_id


def locked_round(ref: Ref) -> Round:
    """The round, locked until the transaction ends: of two who decide at once one comes second. Raises NotFound."""
    found: Round | None = Round.objects.locked().select_related("scope").filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    return found


def candidate_in_round(ref: Ref) -> tuple[Candidate, Round]:
    """A candidate with its round, the round locked."""
    candidate = Candidate.objects.select_related("scope").filter(ref=ref).first()
    if candidate is None:
        raise NotFound(ref=ref)
    if candidate.state != CandidateState.IN_ROUND or candidate.round_id is None:
        raise Withdrawn(candidate=ref, state=candidate.state)
    round_: Round = Round.objects.locked().select_related("scope").get(pk=candidate.round_id)
    return candidate, round_


def as_system(actor: Actor) -> Actor:
    """The same person, acting through a rule.

    What a published outcome causes below needs no right of the person there.
    """
    # By its fields: the actor of a request is a lazy stand-in, which dataclasses.replace does not take.
    said = {field.name: getattr(actor, field.name) for field in dataclasses.fields(Actor)}
    return Actor(**{**said, "is_system": True})
