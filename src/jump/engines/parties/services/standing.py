"""What is said about a party from a day on: status, consent, flags, qualifications; and forgetting a person."""

from __future__ import annotations

from datetime import date

from jump.base import audit, clock, keys, search
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties.models import Consent, Flag, Person, Qualification, Status
from jump.engines.parties.services._find import found
from jump.engines.parties.services.doubles import drop_search_keys
from jump.engines.parties.services.refusals import ConsentMissing
from jump.engines.parties.types import CONSENT_SENSITIVE, SENSITIVE_FLAGS, Basis, Claim, StatusCode


def set_status(
    actor: Actor, *, party_ref: Ref, status: StatusCode | str, on: date, proof_ref: Ref | None = None
) -> Ref:
    """Active, dormant or closed from this day on. Earlier statuses stay, so a past day can be asked for."""
    with write_transaction():
        party = found(party_ref)
        require(actor, "parties.write", party.scope.path)
        row = Status.objects.create(
            party_ref=party_ref,
            code=StatusCode(status),
            on=on,
            recorded_at=clock.now(),
            proof_ref=proof_ref or "",
        )
        audit.record(actor, "parties.set_status", party_ref, facts={"status": str(status)})
        return Ref(row.ref)


def give_consent(actor: Actor, *, person_ref: Ref, purpose: str, on: date, how: str = "") -> Ref:
    """Record that a person agreed to one purpose. Giving twice is one consent."""
    with write_transaction():
        person = found(person_ref, "per")
        require(actor, "parties.write", person.scope.path)
        row, created = Consent.objects.get_or_create(
            person=person, purpose=purpose, withdrawn_on=None, defaults={"given_on": on, "how": how}
        )
        if created:
            audit.record(actor, "parties.give_consent", person_ref, facts={"purpose": purpose})
        return Ref(row.ref)


def withdraw_consent(actor: Actor, *, person_ref: Ref, purpose: str, on: date) -> None:
    """End a consent. Withdrawing consent to sensitive records also removes them."""
    with write_transaction():
        person = found(person_ref, "per")
        require(actor, "parties.write", person.scope.path)
        ended = person.consents.filter(purpose=purpose, withdrawn_on__isnull=True).update(withdrawn_on=on)
        if not ended:
            raise NotFound(ref=person_ref)
        if purpose == CONSENT_SENSITIVE:
            person.flags.filter(data_class="P3").delete()
        audit.record(actor, "parties.withdraw_consent", person_ref, facts={"purpose": purpose})


def flag(
    actor: Actor,
    *,
    person_ref: Ref,
    code: str,
    basis: Basis | str = Basis.DECLARED,
    on: date,
    until: date | None = None,
) -> Ref:
    """Say something about a person from this day on: declared by them, or verified by the one who records it.

    Sensitive codes (data class P3) need the person's consent to sensitive records.
    """
    with write_transaction():
        person = found(person_ref, "per")
        require(actor, "parties.write", person.scope.path)
        if (
            code in SENSITIVE_FLAGS
            and not person.consents.filter(purpose=CONSENT_SENSITIVE, withdrawn_on__isnull=True).exists()
        ):
            raise ConsentMissing(purpose=CONSENT_SENSITIVE)
        row, created = Flag.objects.get_or_create(
            person=person,
            code=code,
            basis=Basis(basis),
            ends_on=None,
            defaults={
                "data_class": "P3" if code in SENSITIVE_FLAGS else "P2",
                "starts_on": on,
                "recorded_by": actor.key,
            },
        )
        if created and until is not None:
            Flag.objects.filter(pk=row.pk).update(ends_on=until)
        if created:
            audit.record(actor, "parties.flag", person_ref, facts={"flag": row.ref})
        return Ref(row.ref)


def end_flag(actor: Actor, *, ref: Ref, on: date) -> None:
    """The flag no longer holds after this day."""
    with write_transaction():
        row = Flag.objects.select_related("person__scope").filter(ref=ref, ends_on__isnull=True).first()
        if row is None:
            raise NotFound(ref=ref)
        require(actor, "parties.write", row.person.scope.path)
        Flag.objects.filter(pk=row.pk).update(ends_on=on)
        audit.record(actor, "parties.end_flag", row.person.ref, facts={"flag": ref})


def qualify(
    actor: Actor,
    *,
    party_ref: Ref,
    kind: str,
    code: str,
    level: str = "",
    claim: Claim | str = Claim.CLAIMED,
    on: date,
    expires_on: date | None = None,
    proof_ref: Ref | None = None,
) -> Ref:
    """Record a skill or certificate. What is proved names its proof; a person's skill needs a consent in force."""
    with write_transaction():
        party = found(party_ref, "per", "grp", "org")
        require(actor, "parties.write", party.scope.path)
        if Ref(party_ref).kind == "per" and not party.consents.filter(withdrawn_on__isnull=True).exists():
            raise ConsentMissing(purpose="records")
        row = Qualification.objects.create(
            scope=party.scope,
            party_ref=party_ref,
            kind=kind,
            code=code,
            level=level,
            claim=Claim(claim),
            on=on,
            expires_on=expires_on,
            proof_ref=proof_ref or "",
        )
        audit.record(actor, "parties.qualify", party_ref, facts={"code": code, "claim": str(claim)})
        return Ref(row.ref)


def forget_person(person_ref: Ref, on: date) -> int:
    """Destroy what names a person: key, name, birthday, sensitive flags, index row. Sex and year stay for counts.

    Returns how many records of this engine were changed; a second time changes nothing.
    """
    with write_transaction():
        person = Person.objects.filter(ref=person_ref, forgotten_at__isnull=True).first()
        if person is None:
            return 0
        keys.destroy(person_ref)
        changed: int = Person.objects.filter(pk=person.pk).update(
            name_sealed="", born_on=None, languages=[], forgotten_at=clock.now()
        )
        changed += person.flags.filter(data_class="P3").delete()[0]
        changed += person.consents.filter(withdrawn_on__isnull=True).update(withdrawn_on=on)
        search.drop(person_ref)
        drop_search_keys(person.pk)
        return changed
