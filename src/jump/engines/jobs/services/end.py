"""End a job: it stays on the books as a job that was, and no longer as one that is."""

from datetime import date

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import BadInput
from jump.core.units import Ref
from jump.engines.jobs.models import JobSpell
from jump.engines.jobs.queries.jobs import view_of
from jump.engines.jobs.services.changed import figures_changed
from jump.engines.jobs.services.once import settle
from jump.engines.jobs.services.refusals import AlreadyEnded, ReasonMissing
from jump.engines.jobs.services.verify import locked_spell
from jump.engines.jobs.types import JobView


def end_job(actor: Actor, *, job_ref: Ref, on: date, why: str) -> JobView:
    """Record the last day and the reason. Ending it again on the same day changes nothing."""
    with write_transaction():
        spell = locked_spell(job_ref)
        if not can(actor, "jobs.verify", spell.scope.path):
            require(actor, "jobs.claim", spell.scope.path)
        ended(actor, spell, on=on, why=why)
        return view_of(actor, spell)


def ended(actor: Actor, spell: JobSpell, *, on: date, why: str) -> None:
    """The same inside a caller's transaction."""
    if not why.strip():
        raise ReasonMissing
    if spell.ended_on is not None:
        if spell.ended_on == on:
            return
        raise AlreadyEnded(job=spell.ref, ended_on=spell.ended_on)
    if on < spell.started_on:
        raise BadInput({"on": [str(_("A job cannot end before it begins."))]})
    spell.ended_on, spell.end_reason = on, why.strip()[:200]
    spell.save(update_fields=["ended_on", "end_reason"])
    settle([spell])
    record(actor, "jobs.end", spell.ref, why=spell.end_reason)
    figures_changed(actor, on=on)
