"""Registering people: consent first, the name under a key of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from jump.base import audit, clock, keys, search
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refs import new_ref
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.parties.models import Consent, Engagement, Flag, Person
from jump.engines.parties.services._find import found, found_id
from jump.engines.parties.services._once import once
from jump.engines.parties.services.refusals import BirthImpossible, ConsentMissing, FlagMissing
from jump.engines.parties.types import (
    CONSENT_RECORDS,
    CONSENT_SENSITIVE,
    SENSITIVE_FLAGS,
    Basis,
    Sex,
)

AGE_MAX_YEARS = 120
BENEFICIARY = "beneficiary"


def register_person(
    actor: Actor,
    *,
    scope: str,
    given_name: str,
    family_name: str,
    sex: Sex | str,
    born_on: date | None = None,
    birth_year: int | None = None,
    phone: str = "",
    place_ref: Ref | None = None,
    flags: Sequence[str] = (),
    consents: Sequence[str] = (),
    languages: Sequence[str] = (),
    as_role: str = "",
    on: date,
    key: str = "",
) -> Ref:
    """Put a person into the books, with their consent. The name can be destroyed later without touching any count.

    `as_role="beneficiary"` also enrols the person here, which needs at least one target-group flag (PROG-09).
    """
    require(actor, "parties.write", scope)
    if not consents:
        raise ConsentMissing(purpose=CONSENT_RECORDS)
    sensitive = SENSITIVE_FLAGS.intersection(flags)
    if sensitive and CONSENT_SENSITIVE not in consents:
        raise ConsentMissing(purpose=CONSENT_SENSITIVE)
    if as_role == BENEFICIARY and not flags:
        raise FlagMissing()
    _check_birth(born_on, birth_year, on)
    home = node_id(scope)
    content = {
        "scope": scope,
        "name": [given_name, family_name, phone],
        "sex": str(sex),
        "born": [born_on, birth_year],
        "flags": sorted(flags),
        "on": on,
    }

    def make(digest: str) -> Ref:
        ref = new_ref("per")
        person = Person.objects.create(
            ref=ref,
            scope_id=home,
            name_sealed=keys.encrypt(keys.make(ref), _name_json(given_name, family_name, phone)),
            sex=Sex(sex),
            born_on=born_on,
            birth_year=birth_year or (born_on.year if born_on else None),
            place_id=found_id(place_ref, "plc") if place_ref else None,
            languages=list(languages),
            registered_on=on,
            registered_at=clock.now(),
            registered_by=actor.key,
            key=key,
            key_digest=digest,
        )
        Consent.objects.bulk_create(
            [Consent(person=person, purpose=purpose, given_on=on) for purpose in dict.fromkeys(consents)]
        )
        Flag.objects.bulk_create(
            [
                Flag(
                    person=person,
                    code=code,
                    basis=Basis.DECLARED,
                    data_class="P3" if code in SENSITIVE_FLAGS else "P2",
                    starts_on=on,
                    recorded_by=actor.key,
                )
                for code in dict.fromkeys(flags)
            ]
        )
        if as_role:
            Engagement.objects.create(party_ref=ref, scope_id=home, role=as_role, starts_on=on)
        search.put(ref, title=f"{given_name} {family_name}".strip(), scope=scope, data_class="P2")
        audit.record(actor, "parties.register_person", ref)
        return ref

    return once(Person, key, content, make)


def rename_person(
    actor: Actor, *, person_ref: Ref, given_name: str, family_name: str, phone: str = "", on: date, why: str
) -> None:
    """Correct a name or telephone number. The old one is not kept: it was never anybody's to keep."""
    with write_transaction():
        person = found(person_ref, "per")
        require(actor, "parties.write", person.scope.path)
        key = keys.keys_of([person_ref]).get(person_ref)
        if key is None:
            raise ConsentMissing(purpose=CONSENT_RECORDS)
        Person.objects.filter(pk=person.pk).update(
            name_sealed=keys.encrypt(key, _name_json(given_name, family_name, phone))
        )
        search.put(person_ref, title=f"{given_name} {family_name}".strip(), scope=person.scope.path, data_class="P2")
        audit.record(actor, "parties.rename_person", person_ref, why=why, facts={"on": on.isoformat()})


def enrol(actor: Actor, *, party_ref: Ref, scope: str, role: str, on: date, until: date | None = None) -> Ref:
    """A party takes part at a node in a role. Enrolling twice is one engagement; a beneficiary needs a flag."""
    require(actor, "parties.write", scope)
    with write_transaction():
        party = found(party_ref)
        if role == BENEFICIARY and party_ref.kind == "per" and not party.flags.filter(ends_on__isnull=True).exists():
            raise FlagMissing()
        row, created = Engagement.objects.get_or_create(
            party_ref=party_ref,
            scope_id=node_id(scope),
            role=role,
            ends_on=None,
            defaults={"starts_on": on, "is_away": not party.scope.path.startswith(scope)},
        )
        if created and until is not None:
            row.ends_on = until
            row.save(update_fields=["ends_on"])
        if created:
            audit.record(actor, "parties.enrol", party_ref, facts={"role": role, "scope": scope})
        return Ref(row.ref)


def _name_json(given_name: str, family_name: str, phone: str) -> str:
    return json.dumps({"given": given_name.strip(), "family": family_name.strip(), "phone": phone.strip()})


def _check_birth(born_on: date | None, birth_year: int | None, on: date) -> None:
    year = born_on.year if born_on else birth_year
    if year is None:
        return
    if (born_on and born_on > on) or year > on.year or year < on.year - AGE_MAX_YEARS:
        raise BirthImpossible(born=born_on or year, on=on)
