"""What declared data may cause in jobs: claim, verify, end, follow up. Each is safe to repeat.

Answers of forms come as text: yes and no, dates in ISO, pay in whole and part units. They are read here.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from jump.base.consequences import BUILT_ON, Left, WayBack
from jump.base.outbox import Cause
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.jobs.services.claim import claim_job, withdraw_claim
from jump.engines.jobs.services.end import end_job
from jump.engines.jobs.services.follow import follow_up as record_follow_up
from jump.engines.jobs.services.verify import verify_job
from jump.engines.jobs.types import Terms


def claim(
    cause: Cause,
    *,
    employer_ref: str,
    person_ref: str,
    title: str,
    kind: str,
    started_on: date | str,
    scope: str,
    isco: str | int | None = "",
    terms: Mapping[str, Any] | None = None,
    evidence_ref: str | None = None,
    threat_ref: str | None = None,
    post_ref: str | None = None,
    cause_ref: str | None = None,
    **more_terms: Any,
) -> Mapping[str, Any]:
    """Claim a job. Terms come as a mapping or one by one; the evidence is the cause itself unless named."""
    ref = claim_job(
        cause.actor,
        employer_ref=Ref(employer_ref),
        title=title,
        isco=str(isco or ""),
        person_ref=Ref(person_ref),
        kind=kind,
        started_on=_day(started_on),
        terms=terms_from({**(terms or {}), **more_terms}),
        scope=scope,
        evidence_ref=evidence_ref or (cause.ref or ""),
        on=cause.on,
        key=cause.key,
        threat_ref=threat_ref,
        post_ref=post_ref or "",
        cause_ref=cause_ref or "",
    )
    return {"ref": ref, "made": True}


def withdraw(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """A claim that nobody verified is withdrawn with its form; a job that was looked at stays, and somebody is told."""
    ref = Ref(str(result["ref"]))
    return None if withdraw_claim(cause.actor, job_ref=ref, why=str(cause.ref), on=cause.on) else Left(ref, BUILT_ON)


def verify(
    cause: Cause,
    *,
    job_ref: str,
    confirmed: bool | str,
    method: str,
    on: date | str | None = None,
    evidence_ref: str | None = None,
    terms: Mapping[str, Any] | None = None,
    note: str | None = "",
    **more_terms: Any,
) -> Mapping[str, Any]:
    """Verify a job with the accepted form that caused this. `jobs.same_person` comes back as the answer."""
    given = {**(terms or {}), **more_terms}
    ref = verify_job(
        cause.actor,
        job_ref=Ref(job_ref),
        confirmed=bool(_yes(confirmed)),
        method=method,
        on=_day(on) if on else cause.on,
        evidence_ref=evidence_ref or (cause.ref or ""),
        terms_seen=terms_from(given) if any(value not in (None, "") for value in given.values()) else None,
        note=note or "",
        key=cause.key,
    )
    return {"ref": ref, "job": job_ref}


def end(cause: Cause, *, job_ref: str, why: str, on: date | str | None = None) -> Mapping[str, Any]:
    """End a job."""
    return {"ref": end_job(cause.actor, job_ref=Ref(job_ref), on=_day(on) if on else cause.on, why=why).ref}


def follow_up(
    cause: Cause,
    *,
    job_ref: str,
    still_at_work: bool | str | None,
    on: date | str | None = None,
    evidence_ref: str | None = None,
    ended_on: date | str | None = None,
    why: str | None = "",
    terms: Mapping[str, Any] | None = None,
    **more_terms: Any,
) -> Mapping[str, Any]:
    """Follow up a job. An empty answer means that nobody was reached: nothing is recorded, and nothing is claimed."""
    still = _yes(still_at_work)
    if still is None:
        return {"ref": job_ref, "recorded": False}
    given = {**(terms or {}), **more_terms}
    job = record_follow_up(
        cause.actor,
        job_ref=Ref(job_ref),
        on=_day(on) if on else cause.on,
        still_at_work=still,
        evidence_ref=evidence_ref or (cause.ref or ""),
        terms_seen=terms_from(given) if any(value not in (None, "") for value in given.values()) else None,
        ended_on=_day(ended_on) if ended_on else None,
        why=why or "",
    )
    return {"ref": job, "recorded": True}


def terms_from(given: Mapping[str, Any]) -> Terms:
    """Terms from a form's answers. Pay is in whole units (`pay_monthly`) or in minor units (`pay_minor_monthly`)."""
    currency = str(given.get("currency") or "")
    pay_minor = given.get("pay_minor_monthly")
    pay = given.get("pay_monthly")
    if pay_minor in (None, "") and pay not in (None, "") and currency:
        pay_minor = Money.from_major(Decimal(str(pay)), currency).amount_minor
    hours = given.get("hours_weekly")
    months = given.get("months_expected")
    return Terms(
        pay_minor_monthly=int(pay_minor) if pay_minor not in (None, "") else None,
        currency=currency,
        hours_weekly=Decimal(str(hours)) if hours not in (None, "") else None,
        has_written_terms=_yes(given.get("has_written_terms")),
        has_social_protection=_yes(given.get("has_social_protection")),
        is_safe=_yes(given.get("is_safe")),
        has_rights=_yes(given.get("has_rights")),
        is_freely_chosen=_yes(given.get("is_freely_chosen")),
        is_free_of_hazard=_yes(given.get("is_free_of_hazard")),
        is_paid_on_time=_yes(given.get("is_paid_on_time")),
        is_equal=_yes(given.get("is_equal")),
        months_expected=int(Decimal(str(months))) if months not in (None, "") else None,
    )


def _yes(value: Any) -> bool | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool):
        return value
    return str(value).strip().lower() in {"yes", "true", "1"}


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


EFFECTS = {
    "jobs.claim": claim,
    "jobs.verify": verify,
    "jobs.end": end,
    "jobs.follow_up": follow_up,
}


EFFECTS = {"jobs.claim": claim, "jobs.verify": verify, "jobs.end": end, "jobs.follow_up": follow_up}

TAKE_BACK = {"jobs.claim": WayBack(withdraw, besides=("jobs.TermsRow", "jobs.DecentWorkResult"))}
