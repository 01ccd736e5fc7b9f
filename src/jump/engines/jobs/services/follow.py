"""Follow up a job: is the person still at work? This is what makes a job sustained at 6 and 12 months."""

from datetime import date

from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import BadInput
from jump.core.units import Ref
from jump.engines.jobs.models import FollowUp
from jump.engines.jobs.services.changed import figures_changed
from jump.engines.jobs.services.end import ended
from jump.engines.jobs.services.refusals import NotVerified
from jump.engines.jobs.services.terms import check_terms, keep_terms, seen_over
from jump.engines.jobs.services.verify import latest_terms, locked_spell
from jump.engines.jobs.types import State, Terms


def follow_up(
    actor: Actor,
    *,
    job_ref: Ref,
    on: date,
    still_at_work: bool,
    evidence_ref: Ref | str = "",
    terms_seen: Terms | None = None,
    ended_on: date | None = None,
    why: str = "",
) -> Ref:
    """Record what was found. A person no longer at work ends the job, on the day named or the day of the look.

    One look a day: the same day again changes nothing. Returns the reference of the job.
    """
    if terms_seen is not None:
        check_terms(terms_seen)
    with write_transaction():
        spell = locked_spell(job_ref)
        if not can(actor, "jobs.verify", spell.scope.path):
            require(actor, "jobs.claim", spell.scope.path)
        if spell.proof != State.VERIFIED:
            raise NotVerified(job=spell.ref)
        if on < spell.started_on:
            raise BadInput({"on": [str(_("The look lies before the first day of the job."))]})
        made, is_new = FollowUp.objects.get_or_create(
            spell=spell,
            on=on,
            defaults={
                "still_at_work": still_at_work,
                "by": actor.key,
                "evidence_ref": evidence_ref,
                "recorded_at": clock.now(),
            },
        )
        if is_new:
            if terms_seen is not None:
                keep_terms(spell, seen_over(latest_terms(spell).terms(), terms_seen), source="follow_up", on=on)
            if not still_at_work and spell.ended_on is None:
                ended(actor, spell, on=ended_on or on, why=why or str(_("No longer at work at the follow-up.")))
            record(actor, "jobs.follow_up", spell.ref, facts={"still_at_work": still_at_work, "follow_up": made.ref})
            figures_changed(actor, on=on)
        return Ref(spell.ref)
