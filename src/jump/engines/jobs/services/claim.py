"""Claim a job: somebody says that a person works in a post. A claim is not yet a job."""

from dataclasses import asdict
from datetime import date

from django.utils.translation import gettext as _

from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.prepared import add
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.evidence import api as evidence
from jump.engines.jobs.models import JobSpell, Post
from jump.engines.jobs.services.changed import figures_changed
from jump.engines.jobs.services.keys import digest_of, found_by_key
from jump.engines.jobs.services.once import settle
from jump.engines.jobs.services.refusals import ThreatMissing
from jump.engines.jobs.services.terms import check_terms, keep_terms
from jump.engines.jobs.types import Kind, State, Terms


def claim_job(
    actor: Actor,
    *,
    employer_ref: Ref,
    title: str,
    isco: str = "",
    person_ref: Ref,
    kind: Kind | str,
    started_on: date,
    terms: Terms,
    scope: str,
    evidence_ref: Ref | str = "",
    on: date,
    key: str = "",
    threat_ref: Ref | str | None = None,
    post_ref: Ref | str = "",
    cause_ref: Ref | str = "",
    ended_on: date | None = None,
) -> Ref:
    """Record a claim. The same key with the same content gives the first claim again.

    A claim in a post that is named (`post_ref`) belongs to that post; else the claim brings a post of its own.
    """
    require(actor, "jobs.claim", scope)
    kind = Kind(kind)
    if kind is Kind.PRESERVED and not threat_ref:
        raise ThreatMissing
    _check_dates(started_on=started_on, ended_on=ended_on, on=on, title=title)
    check_terms(terms)
    digest = digest_of(
        {
            "employer": employer_ref,
            "title": title,
            "isco": isco,
            "person": person_ref,
            "kind": kind,
            "started_on": started_on,
            "ended_on": ended_on,
            "terms": asdict(terms),
            "scope": scope,
            "evidence": evidence_ref,
            "threat": threat_ref or "",
            "post": post_ref,
        }
    )
    with write_transaction():
        found = found_by_key(JobSpell, key, digest)
        if found is not None:
            return Ref(found.ref)
        post = _post(post_ref, employer_ref=employer_ref, title=title, isco=isco, scope=scope)
        spell = add(
            JobSpell(
                scope_id=node_id(scope),
                post=post,
                employer_ref=employer_ref,
                person_ref=person_ref,
                kind=kind,
                started_on=started_on,
                ended_on=ended_on,
                claimed_on=on,
                claimed_by=actor.key,
                author=author_of(evidence_ref),
                evidence_ref=evidence_ref,
                threat_ref=threat_ref or "",
                cause_ref=cause_ref,
                key=key or None,
                key_digest=digest,
            )
        )
        keep_terms(spell, terms, source="claim", on=on)
        settle([spell])
        record(actor, "jobs.claim", spell.ref, facts={"kind": str(kind), "employer": employer_ref})
        figures_changed(actor, on=on)
        return Ref(spell.ref)


def withdraw_claim(actor: Actor, *, job_ref: Ref, why: str, on: date) -> bool:
    """Take a claim back whose form is no longer accepted: it stands as not confirmed and counts nowhere.

    False, and nothing is changed, where somebody verified it or asked after it already.
    """
    with write_transaction():
        spell = JobSpell.objects.locked().filter(ref=job_ref).select_related("scope").first()
        if spell is None:
            raise NotFound(ref=job_ref)
        require(actor, "jobs.claim", spell.scope.path)
        if spell.proof == State.NOT_CONFIRMED and not spell.verifications.exists():
            return True
        if spell.proof != State.CLAIMED or spell.follow_ups.exists():
            return False
        spell.proof, spell.end_reason = State.NOT_CONFIRMED, str(_("The claim was withdrawn with its form."))
        spell.save(update_fields=["proof", "end_reason"])
        settle([spell])
        record(actor, "jobs.withdraw_claim", job_ref, why=why)
        figures_changed(actor, on=on)
        return True


def _check_dates(*, started_on: date, ended_on: date | None, on: date, title: str) -> None:
    errors: dict[str, list[str]] = {}
    if not title.strip():
        errors["title"] = [str(_("Say what work is done."))]
    if started_on > on:
        errors["started_on"] = [str(_("The job has not begun on the day of the claim. Claim it once it has."))]
    if ended_on is not None and ended_on < started_on:
        errors["ended_on"] = [str(_("A job cannot end before it begins."))]
    if errors:
        raise BadInput(errors)


def _post(post_ref: Ref | str, *, employer_ref: Ref, title: str, isco: str, scope: str) -> Post:
    if not post_ref:
        return add(Post(scope_id=node_id(scope), employer_ref=employer_ref, title=title.strip(), isco=isco))
    post: Post | None = Post.objects.filter(ref=post_ref).first()
    if post is None:
        raise NotFound(ref=post_ref)
    if post.employer_ref != employer_ref:
        raise BadInput({"post_ref": [str(_("This post belongs to another employer."))]})
    return post


def author_of(evidence_ref: Ref | str) -> str:
    """The key of who wrote the form that a claim rests on; empty where it rests on none."""
    if not evidence_ref or Ref(evidence_ref).kind != "sub":
        return ""
    return evidence.author_of(Ref(evidence_ref))
