"""Registering people: consent first, the name under a key of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError

from jump.base import audit, clock, keys, search
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refs import new_ref
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.parties.models import Consent, Engagement, Flag, Person
from jump.engines.parties.queries import compared_values, said_values
from jump.engines.parties.services._find import found, found_id
from jump.engines.parties.services._once import digest_of, known_by
from jump.engines.parties.services.doubles import keep_search_keys
from jump.engines.parties.services.refusals import BirthImpossible, ConsentMissing, FlagMissing, PartiesKeyReused
from jump.engines.parties.types import (
    CONSENT_RECORDS,
    CONSENT_SENSITIVE,
    SENSITIVE_FLAGS,
    Basis,
    NewPerson,
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
    proof_ref: Ref | None = None,
) -> Ref:
    """Put a person into the books, with their consent. The name can be destroyed later without touching any count.

    `as_role="beneficiary"` also enrols the person here, which needs at least one target-group flag (PROG-09).
    """
    one = NewPerson(
        given_name=given_name,
        family_name=family_name,
        sex=Sex(sex),
        born_on=born_on,
        birth_year=birth_year,
        phone=phone,
        place_ref=place_ref,
        flags=tuple(flags),
        consents=tuple(consents),
        languages=tuple(languages),
        as_role=as_role,
        key=key,
        proof_ref=proof_ref,
    )
    return register_people(actor, scope=scope, people=[one], on=on)[0]


def register_people(actor: Actor, *, scope: str, people: Sequence[NewPerson], on: date) -> list[Ref]:
    """Put the people of one place into the books, all or none, in a handful of statements however many they are.

    The same rules as for one: each with a consent of their own. Whoever is known by their key is not made again; the
    references come in the order of the people.
    """
    require(actor, "parties.write", scope)
    digests: dict[str, str] = {}
    for one in people:
        check_person(one, on)
        if one.key:
            digest = digest_of(_content(one, scope, on))
            if digests.setdefault(one.key, digest) != digest:
                raise PartiesKeyReused(key=one.key)
    known = known_by(Person, digests)
    try:
        with write_transaction():
            known |= _make(actor, scope, [one for one in people if not one.key or one.key not in known], digests, on)
    except IntegrityError:  # somebody made one of them at the same moment, and was first
        again = known_by(Person, digests)
        if again.keys() <= known.keys():
            raise
        return register_people(actor, scope=scope, people=people, on=on)
    return [known[one.key or id(one)] for one in people]


def check_person(one: NewPerson, on: date) -> None:
    """Refuse a person without consent, a sensitive flag without its own, and a birth that cannot be."""
    if not one.consents:
        raise ConsentMissing(purpose=CONSENT_RECORDS)
    if SENSITIVE_FLAGS.intersection(one.flags) and CONSENT_SENSITIVE not in one.consents:
        raise ConsentMissing(purpose=CONSENT_SENSITIVE)
    if one.as_role == BENEFICIARY and not one.flags:
        raise FlagMissing()
    _check_birth(one.born_on, one.birth_year, on)


def _content(one: NewPerson, scope: str, on: date) -> dict[str, Any]:
    return {
        "scope": scope,
        "name": [one.given_name, one.family_name, one.phone],
        "sex": str(one.sex),
        "born": [one.born_on, one.birth_year],
        "flags": sorted(one.flags),
        "on": on,
    }


def _make(
    actor: Actor, scope: str, people: Sequence[NewPerson], digests: Mapping[str, str], on: date
) -> dict[str | int, Ref]:
    """The reference of each, by key or, without one, by the object itself."""
    # The same key twice in one list is one person.
    wanted = list({one.key or id(one): one for one in people}.values())
    if not wanted:
        return {}
    home, at = node_id(scope), clock.now()
    refs = [new_ref("per") for _one in wanted]
    places = {ref: found_id(ref, "plc") for ref in {one.place_ref for one in wanted} if ref}
    rows = Person.objects.bulk_create(
        Person(
            ref=ref,
            scope_id=home,
            name_sealed=keys.encrypt(own, name_json(one.given_name, one.family_name, one.phone)),
            sex=one.sex,
            born_on=one.born_on,
            birth_year=one.birth_year or (one.born_on.year if one.born_on else None),
            place_id=places[one.place_ref] if one.place_ref else None,
            languages=list(one.languages),
            registered_on=on,
            registered_at=at,
            registered_by=actor.key,
            key=one.key,
            key_digest=digests.get(one.key, ""),
        )
        for ref, own, one in zip(refs, keys.make_many(refs), wanted, strict=True)
    )
    pairs = list(zip(rows, wanted, strict=True))
    Consent.objects.bulk_create(
        Consent(person=row, purpose=purpose, given_on=on, proof_ref=one.proof_ref or "")
        for row, one in pairs
        for purpose in dict.fromkeys(one.consents)
    )
    Flag.objects.bulk_create(
        Flag(
            person=row,
            code=code,
            basis=Basis.DECLARED,
            data_class="P3" if code in SENSITIVE_FLAGS else "P2",
            starts_on=on,
            recorded_by=actor.key,
        )
        for row, one in pairs
        for code in dict.fromkeys(one.flags)
    )
    Engagement.objects.bulk_create(
        Engagement(party_ref=row.ref, scope_id=home, role=one.as_role, starts_on=on)
        for row, one in pairs
        if one.as_role
    )
    keep_search_keys(
        (
            row.pk,
            said_values(
                given_name=one.given_name,
                family_name=one.family_name,
                sex=one.sex,
                born_on=one.born_on,
                birth_year=row.birth_year,
                phone=one.phone,
                place=one.place_ref or scope,
            ),
        )
        for row, one in pairs
    )
    titles = [(Ref(row.ref), f"{one.given_name} {one.family_name}".strip()) for row, one in pairs]
    search.put_many(titles, scope=scope, data_class="P2")
    audit.record_many(actor, "parties.register_person", refs)
    return {one.key or id(one): ref for ref, one in zip(refs, wanted, strict=True)}


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
            name_sealed=keys.encrypt(key, name_json(given_name, family_name, phone))
        )
        search.put(person_ref, title=f"{given_name} {family_name}".strip(), scope=person.scope.path, data_class="P2")
        keep_search_keys([(person.pk, compared_values(person, (given_name, family_name, phone)))])
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


def name_json(given_name: str, family_name: str, phone: str) -> str:
    """A name and telephone number as they are sealed."""
    return json.dumps({"given": given_name.strip(), "family": family_name.strip(), "phone": phone.strip()})


def _check_birth(born_on: date | None, birth_year: int | None, on: date) -> None:
    year = born_on.year if born_on else birth_year
    if year is None:
        return
    if (born_on and born_on > on) or year > on.year or year < on.year - AGE_MAX_YEARS:
        raise BirthImpossible(born=born_on or year, on=on)
