"""Verify a job: somebody other than the claimant looks, and the country's decent-work test is applied."""

from datetime import date

from django.utils.translation import gettext as _

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.prepared import Prepared, add
from jump.base.refusals import BadInput, NotFound
from jump.core.calendars import age_at
from jump.core.units import Ref
from jump.engines.jobs.models import DecentWorkResult, JobSpell, TermsRow, Verification
from jump.engines.jobs.queries.floors import Test, local_test
from jump.engines.jobs.services.changed import figures_changed
from jump.engines.jobs.services.claim import author_of
from jump.engines.jobs.services.keys import found_by_key
from jump.engines.jobs.services.once import settle
from jump.engines.jobs.services.refusals import EvidenceMissing, SamePerson
from jump.engines.jobs.services.terms import check_terms, keep_terms
from jump.engines.jobs.types import Method, State, Terms
from jump.engines.parties import api as parties

_LOCKED = Prepared(lambda ref: JobSpell.objects.locked().select_related("scope").filter(ref=ref))
_TERMS = Prepared(lambda pk: TermsRow.objects.filter(spell=pk).order_by("-on", "-pk")[:1])


def verify_job(
    actor: Actor,
    *,
    job_ref: Ref,
    confirmed: bool,
    method: Method | str,
    on: date,
    evidence_ref: Ref | str,
    terms_seen: Terms | None = None,
    note: str = "",
    key: str = "",
) -> Ref:
    """Confirm or not confirm a claim. Refuses the claimant and the author of the claim's form (jobs.same_person).

    What the verifier saw goes before what was claimed. A later verification replaces the verdict, never the record.
    """
    method = Method(method)
    if terms_seen is not None:
        check_terms(terms_seen)
    with write_transaction():
        spell = locked_spell(job_ref)
        require(actor, "jobs.verify", spell.scope.path)
        if key and (found := found_by_key(Verification, key, "")) is not None:
            return Ref(found.ref)
        claimants = {spell.claimed_by, spell.author} - {""}
        if claimants & {actor.key, author_of(evidence_ref)}:
            raise SamePerson(job=spell.ref)
        if not evidence_ref:
            raise EvidenceMissing(job=spell.ref)
        if on < spell.started_on:
            raise BadInput({"on": [str(_("The check lies before the first day of the job."))]})
        seen = keep_terms(spell, terms_seen, source="verification", on=on) if terms_seen is not None else None
        made = add(
            Verification(
                spell=spell,
                confirmed=confirmed,
                method=method,
                on=on,
                by=actor.key,
                evidence_ref=evidence_ref,
                terms=seen,
                note=note,
                recorded_at=clock.now(),
                key=key or None,
            )
        )
        spell.proof = State.VERIFIED if confirmed else State.NOT_CONFIRMED
        spell.verified_on = on if confirmed else None
        if confirmed:
            apply_test(spell, seen or latest_terms(spell), local_test(spell.scope.path), on=on)
        else:
            spell.is_decent, spell.missing, spell.test_version = None, [], ""
        spell.save(update_fields=["proof", "verified_on", "is_decent", "missing", "test_version"])
        settle([spell])
        record(actor, "jobs.verify", spell.ref, facts={"confirmed": confirmed, "method": str(method), "by": made.ref})
        figures_changed(actor, on=on)
        return Ref(made.ref)


def require_verifier(actor: Actor, *, job_ref: Ref) -> None:
    """Refuse, before a form is filled in vain, whoever may not verify this job: its claimant first of all."""
    spell = JobSpell.objects.visible_to(actor).select_related("scope").filter(ref=job_ref).first()
    if spell is None:
        raise NotFound(ref=job_ref)
    require(actor, "jobs.verify", spell.scope.path)
    if actor.key in {spell.claimed_by, spell.author}:
        raise SamePerson(job=spell.ref)


def locked_spell(job_ref: Ref) -> JobSpell:
    spell: JobSpell | None = _LOCKED.first(job_ref)
    if spell is None:
        raise NotFound(ref=job_ref)
    return spell


def latest_terms(spell: JobSpell) -> TermsRow:
    row = _TERMS.first(spell.pk)
    assert row is not None, "a claim keeps its terms"
    return row


def age_at_most(spell: JobSpell) -> int | None:
    """How old the person can have been at most on the first day; None where no birth is known."""
    born_on, birth_year = parties.birth_of(spell.person_ref) or (None, None)
    if born_on is not None:
        return age_at(born_on, spell.started_on) if born_on <= spell.started_on else 0
    return spell.started_on.year - birth_year if birth_year is not None else None


def apply_test(spell: JobSpell, terms: TermsRow, test: Test, *, on: date) -> None:
    """Hold the job against the test; the result is kept beside earlier ones. The caller saves the spell."""
    missing = [*test.under_age(age_at_most(spell)), *test.missing(terms.terms())]
    failed = [one.item for one in missing if one.item in test.mandatory]
    spell.is_decent = test.exists and not failed
    spell.missing = [[one.item, one.asked, one.found] for one in missing]
    spell.test_version = test.version
    add(
        DecentWorkResult(
            spell=spell,
            terms=terms,
            definition=test.definition,
            version=test.version,
            on=on,
            is_decent=spell.is_decent,
            missing=spell.missing,
            recorded_at=clock.now(),
        )
    )
