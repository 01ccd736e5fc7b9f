"""What only a form knew, corrected or taken back with the form. Nothing of it counts any more; the trail stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from jump.base import audit, clock, keys, search
from jump.base.actors import Actor, require
from jump.base.db import lock, write_transaction
from jump.base.scopes import node_id
from jump.core.units import Ref
from jump.engines.parties.models import (
    Consent,
    Engagement,
    Flag,
    Group,
    Membership,
    Person,
    Qualification,
    Relation,
)
from jump.engines.parties.queries import compared_values
from jump.engines.parties.services._find import found, found_id
from jump.engines.parties.services.doubles import drop_search_keys, keep_search_keys
from jump.engines.parties.services.people import check_person, name_json
from jump.engines.parties.types import CONSENT_SENSITIVE, SENSITIVE_FLAGS, Basis, NewPerson, Sex

DATED: dict[str, tuple[type[Any], str]] = {
    "mem": (Membership, "group__scope__path"),
    "rel": (Relation, "scope__path"),
    "flg": (Flag, "person__scope__path"),
    "qua": (Qualification, "scope__path"),
}


def correct_person(
    actor: Actor,
    *,
    person_ref: Ref,
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
    as_role: str = "",
    on: date,
    proof_ref: Ref | None = None,
) -> None:
    """Let a person be as the form that named them first now says, under the same reference; brings back who was
    withdrawn. Consents that the form no longer gives are withdrawn, flags it no longer claims have never begun.

    What a person agreed to in another form than this one (`proof_ref`), or on paper, stays; where nothing says in which
    form, another day than that of the form means elsewhere.
    """
    asked = NewPerson(
        given_name=given_name,
        family_name=family_name,
        sex=Sex(sex),
        born_on=born_on,
        birth_year=birth_year,
        phone=phone,
        place_ref=place_ref,
        flags=tuple(flags),
        consents=tuple(consents),
        as_role=as_role,
        proof_ref=proof_ref,
    )
    check_person(asked, on)
    with write_transaction():
        person: Person = lock(found(person_ref, "per"))
        require(actor, "parties.write", person.scope.path)
        key = keys.keys_of([person_ref]).get(person_ref)
        if key is not None:  # who was forgotten stays forgotten
            name = keys.encrypt(key, name_json(given_name, family_name, phone))
            Person.objects.filter(pk=person.pk).update(
                name_sealed=name,
                sex=asked.sex,
                born_on=born_on,
                birth_year=birth_year or (born_on.year if born_on else None),
                place_id=found_id(place_ref, "plc") if place_ref else None,
                scope_id=node_id(scope),
                registered_on=on,
                withdrawn_at=None,
            )
            _same_consents(actor, person, asked, on)
            _same_flags(actor, person, asked, on)
            search.put(person_ref, title=f"{given_name} {family_name}".strip(), scope=scope, data_class="P2")
            fresh = Person.objects.select_related("scope", "place").get(pk=person.pk)
            keep_search_keys([(fresh.pk, compared_values(fresh, (given_name, family_name, phone)))])
        _same_role(person, node_id(scope), as_role, on)
        audit.record(actor, "parties.correct_person", person_ref)


def _same_consents(actor: Actor, person: Person, asked: NewPerson, on: date) -> None:
    wanted, form = set(asked.consents), asked.proof_ref or ""
    held = person.consents.filter(withdrawn_on__isnull=True)
    own = held.filter(proof_ref=form) if form else held.filter(given_on=person.registered_on)
    for row in own.exclude(purpose__in=wanted):
        row.withdrawn_on, row.why_withdrawn = max(row.given_on, clock.today()), form
        row.save(update_fields=["withdrawn_on", "why_withdrawn"])
        if row.purpose == CONSENT_SENSITIVE:
            person.flags.filter(data_class="P3").delete()
        audit.record(actor, "parties.withdraw_consent", Ref(person.ref), facts={"purpose": row.purpose})
    present = set(held.values_list("purpose", flat=True))
    Consent.objects.bulk_create(
        Consent(person=person, purpose=purpose, given_on=on, proof_ref=form) for purpose in sorted(wanted - present)
    )


def _same_flags(actor: Actor, person: Person, asked: NewPerson, on: date) -> None:
    wanted = set(asked.flags)
    held = person.flags.filter(basis=Basis.DECLARED, ends_on__isnull=True)
    held.filter(starts_on=person.registered_on).exclude(code__in=wanted).delete()
    present = set(held.values_list("code", flat=True))
    Flag.objects.bulk_create(
        Flag(
            person=person,
            code=code,
            basis=Basis.DECLARED,
            data_class="P3" if code in SENSITIVE_FLAGS else "P2",
            starts_on=on,
            recorded_by=actor.key,
        )
        for code in sorted(wanted - present)
    )


def _same_role(person: Person, home: int, as_role: str, on: date) -> None:
    if as_role:
        Engagement.objects.get_or_create(
            party_ref=person.ref, scope_id=home, role=as_role, ends_on=None, defaults={"starts_on": on}
        )


def withdraw_party(actor: Actor, *, ref: Ref, why: str) -> None:
    """A person or group whom only a form knew that is no longer accepted: counts no more and stands in no list."""
    with write_transaction():
        party = found(ref, "per", "grp")
        require(actor, "parties.write", party.scope.path)
        model = Person if ref.kind == "per" else Group
        if model._default_manager.filter(pk=party.pk, withdrawn_at__isnull=True).update(withdrawn_at=clock.now()):
            Engagement.objects.filter(party_ref=ref).delete()
            search.drop(ref)
            if ref.kind == "per":
                drop_search_keys(party.pk)
            audit.record(actor, "parties.withdraw", ref, why=why)


def undo_dated(actor: Actor, *, ref: Ref, why: str) -> None:
    """A membership, link, flag or skill that nothing proves any more has never begun: its row goes, the trail stays."""
    with write_transaction():
        model, path = DATED[ref.kind]
        where = model._default_manager.filter(ref=ref).values_list(path, flat=True).first()
        if where is None:
            return
        require(actor, "parties.write", where)
        model._default_manager.filter(ref=ref).delete()
        audit.record(actor, "parties.undo", ref, why=why)
