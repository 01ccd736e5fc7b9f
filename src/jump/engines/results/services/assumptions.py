"""Assumptions: looked at in every report period, each look kept (ASSUME-01)."""

from datetime import date

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.results.models import Assumption, AssumptionReview
from jump.engines.results.services.refusals import ReasonMissing
from jump.engines.results.types import Sign


def review_assumption(
    actor: Actor,
    *,
    assumption: str,
    sign: Sign | str,
    status: str,
    response: str = "",
    on: date,
    evidence_ref: Ref | str = "",
) -> None:
    """Say whether an assumption still holds. One that is at risk or has failed needs a response."""
    require(actor, "reports.write")
    sign = Sign(sign)
    if not status.strip() or (sign in (Sign.AT_RISK, Sign.FAILED) and not response.strip()):
        raise ReasonMissing
    with write_transaction():
        row = Assumption.objects.filter(ref=assumption).first() or Assumption.objects.filter(full_id=assumption).first()
        if row is None:
            raise NotFound(ref=assumption)
        AssumptionReview.objects.create(
            assumption=row,
            on=on,
            sign=sign,
            status=status.strip(),
            response=response.strip(),
            by=actor.key,
            evidence_ref=evidence_ref,
            recorded_at=clock.now(),
        )
        record(actor, "results.assumption", row.ref, facts={"sign": str(sign)})
