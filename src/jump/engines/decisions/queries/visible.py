"""Which rounds and candidates a reader may see.

By place and class of data, by sitting on the panel, by having opened it.
"""

from django.db.models import Q, QuerySet

from jump.base.actors import Actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.decisions.models import Candidate, Outcome, Panelist, Round


def visible_rounds(actor: Actor) -> QuerySet[Round]:
    """Rounds at places where the reader may see decisions before publication, and those the reader works on."""
    seen: QuerySet[Round] = Round.objects.visible_to(actor)
    if actor.user_id is None or actor.is_system:
        return seen
    mine = Panelist.objects.filter(user_id=actor.user_id).values("round_id")
    return Round.objects.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=mine) | Q(opened_by=actor.key))


def round_row(actor: Actor, ref: Ref) -> Round:
    """One round. Raises NotFound."""
    found = visible_rounds(actor).select_related("scope").filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    return found


def visible_candidates(actor: Actor) -> QuerySet[Candidate]:
    seen: QuerySet[Candidate] = Candidate.objects.visible_to(actor)
    if actor.is_system:
        return seen
    return Candidate.objects.filter(
        Q(pk__in=seen.values("pk")) | Q(round__in=visible_rounds(actor)) | Q(subject_ref__in=actor.row_refs)
    )


def visible_outcomes(actor: Actor) -> QuerySet[Outcome]:
    """Published outcomes are working data (P1), and known to those whom they concern.

    Before publication only those know of them who may see the round.
    """
    if actor.is_system:
        return Outcome.objects.all()
    told = Candidate.objects.visible_to(actor, "P1")
    return Outcome.objects.filter(
        Q(published_on__isnull=False, candidate__in=told.values("pk"))
        | Q(published_on__isnull=False, candidate__subject_ref__in=actor.row_refs)
        | Q(candidate__round__in=visible_rounds(actor))
    )
