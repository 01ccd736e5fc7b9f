"""What declared data may cause in parties. Each is safe to repeat: its cause's key makes the same row once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base.consequences import Left, WayBack
from jump.base.outbox import Cause, in_steps
from jump.core.units import Ref
from jump.engines.parties import queries, services


def find_or_make_community(
    cause: Cause,
    *,
    name: str,
    country: str,
    settlement_type: str | None = "",
    population: int | str | None = None,
    unemployment_rate: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    programme_scope: str | None = "",
) -> Mapping[str, Any]:
    """The community of this name in this country (ISO code or reference): {"ref", "scope"}."""
    ref = services.find_or_make_community(
        cause.actor,
        name=name,
        country=country,
        settlement_type=settlement_type or "",
        population=int(population) if population not in (None, "") else None,
        unemployment_rate=unemployment_rate or None,
        attributes=attributes,
        programme_scope=programme_scope or "",
        source_ref=cause.ref,
        on=cause.on,
    )
    return {"ref": ref, "scope": queries.scope_of(ref)}


def record_place(cause: Cause, *, place: str, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a form says of a place becomes known of it from the day in the field on."""
    known = {code: value for code, value in attributes.items() if value not in (None, "")}
    services.record_place(cause.actor, place_ref=Ref(place), attributes=known, on=cause.on, source_ref=cause.ref)
    return {"ref": place}


def find_or_make_group(
    cause: Cause,
    *,
    name: str,
    kind: str,
    scope: str,
    legal_form: str | None = "",
    place_ref: str | None = None,
    degree: int | None = 1,
    group_ref: str | None = "",
) -> Mapping[str, Any]:
    """The group of this name and kind at this node, made where it is not there: {"ref", "scope"}.

    A form that already knows the group names it; then nothing is made.
    """
    from jump.engines.parties.models import Group

    if group_ref:
        known = Group.objects.get(ref=group_ref)
        return {"ref": Ref(known.ref), "scope": queries.scope_of(Ref(known.ref)), "name": known.name, "made": False}
    present = Group.objects.filter(
        name__iexact=name.strip(), kind=kind, scope__path__startswith=scope, withdrawn_at__isnull=True
    ).first()
    ref = (
        Ref(present.ref)
        if present is not None
        else services.register_group(
            cause.actor,
            scope=scope,
            name=name,
            kind=kind,
            legal_form=legal_form or "",
            place_ref=Ref(place_ref) if place_ref else None,
            degree=int(degree or 1),
            on=cause.on,
            key=cause.key,
        )
    )
    return {"ref": ref, "scope": queries.scope_of(ref), "name": name, "made": present is None}


def register_person(
    cause: Cause,
    *,
    scope: str,
    given_name: str | None = "",
    family_name: str | None = "",
    sex: str | None = "not_stated",
    born_on: str | None = None,
    birth_year: int | str | None = None,
    phone: str | None = "",
    flags: Sequence[str] | None = (),
    consents: Sequence[str] | None = (),
    place_ref: str | None = None,
    as_role: str | None = "",
    person_ref: str | None = "",
) -> Mapping[str, Any]:
    """A person named in an accepted form: {"ref"}. Where the form already knows the person, nothing is made."""
    if person_ref:
        return {"ref": Ref(person_ref), "made": False}
    ref = services.register_person(
        cause.actor,
        scope=scope,
        given_name=given_name or "",
        family_name=family_name or "",
        sex=sex or "not_stated",
        born_on=date.fromisoformat(born_on) if born_on else None,
        birth_year=int(birth_year) if birth_year not in (None, "") else None,
        phone=phone or "",
        flags=tuple(flags or ()),
        consents=tuple(consents or ()),
        place_ref=Ref(place_ref) if place_ref else None,
        as_role=as_role or "",
        on=cause.on,
        key=cause.key,
        proof_ref=cause.ref,
    )
    return {"ref": ref, "made": True}


def find_alike(cause: Cause, *, person: str) -> Mapping[str, Any]:
    """Other records that may be this person: {"number", "question"}; the question is for a task, and names no name.

    Changes nothing: whether two records are one is for a person to say.
    """
    found = queries.alike(Ref(person))
    said = _("Is %(ref)s the same person as %(others)s?") % {"ref": person, "others": ", ".join(found)}
    return {"number": len(found), "question": said[:250] if found else ""}


def change_person(cause: Cause, result: Mapping[str, Any], **said: Any) -> Mapping[str, Any] | None:
    """The person whom a form named is as the form now says, under the same reference."""
    if not result.get("made") or said.get("person_ref"):
        return None
    born_on, birth_year = said.get("born_on"), said.get("birth_year")
    services.correct_person(
        cause.actor,
        person_ref=Ref(str(result["ref"])),
        scope=said["scope"],
        given_name=said.get("given_name") or "",
        family_name=said.get("family_name") or "",
        phone=said.get("phone") or "",
        sex=said.get("sex") or "not_stated",
        born_on=date.fromisoformat(born_on) if born_on else None,
        birth_year=int(birth_year) if birth_year not in (None, "") else None,
        flags=tuple(said.get("flags") or ()),
        consents=tuple(said.get("consents") or ()),
        place_ref=Ref(said["place_ref"]) if said.get("place_ref") else None,
        as_role=said.get("as_role") or "",
        on=cause.on,
        proof_ref=cause.ref,
    )
    return result


def withdraw_person(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """A person whom only this form knew counts no more and stands in no list; the record stays."""
    if result.get("made"):
        services.withdraw_party(cause.actor, ref=Ref(str(result["ref"])), why=str(cause.ref))
    return None


withdraw_group = withdraw_person


def join(
    cause: Cause, *, group: str, person: str, role: str | None = "member", until: str | None = None
) -> Mapping[str, Any]:
    """Membership from the day in the field on, proved by the cause; there already is fine: {"ref"}."""
    held = queries.memberships(cause.actor, Ref(person), cause.on)
    for one in held:
        if one.group_ref == group:
            return {"ref": one.ref, "made": False}
    ref = services.join(
        cause.actor,
        group_ref=Ref(group),
        person_ref=Ref(person),
        role=role or "member",
        on=cause.on,
        until=date.fromisoformat(until) if until else None,
        proof_ref=cause.ref,
    )
    return {"ref": ref, "made": True}


def never_joined(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """A membership, link, flag or skill that only this form proved has never begun: its row goes, the trail stays."""
    if result.get("made"):
        services.undo_dated(cause.actor, ref=Ref(str(result["ref"])), why=str(cause.ref))
    return None


def relate(cause: Cause, *, kind: str, from_ref: str, to_ref: str, note: str | None = "") -> Mapping[str, Any]:
    """A dated link, proved by the cause: {"ref"}."""
    held = queries.relations(cause.actor, of=Ref(from_ref), kind=kind, as_of=cause.on)
    for one in held:
        if (one.from_ref, one.to_ref) == (from_ref, to_ref):
            return {"ref": one.ref, "made": False}
    ref = services.relate(
        cause.actor,
        kind=kind,
        from_ref=Ref(from_ref),
        to_ref=Ref(to_ref),
        on=cause.on,
        proof_ref=cause.ref,
        note=note or "",
    )
    return {"ref": ref, "made": True}


def flag(cause: Cause, *, person: str, code: str, basis: str | None = "declared") -> Mapping[str, Any]:
    """A target-group flag from the day in the field on: {"ref"}."""
    from jump.engines.parties.models import Flag

    known = Flag.objects.filter(person__ref=person, code=code, basis=basis or "declared", ends_on__isnull=True).exists()
    ref = services.flag(cause.actor, person_ref=Ref(person), code=code, basis=basis or "declared", on=cause.on)
    return {"ref": ref, "made": not known}


def qualify(
    cause: Cause,
    *,
    party: str,
    kind: str,
    code: str,
    level: str | None = "",
    claim: str | None = "claimed",
    expires_on: str | None = None,
) -> Mapping[str, Any]:
    """A skill or certificate; what is proved names the cause as its proof: {"ref"}."""
    from jump.engines.parties.models import Qualification

    present = Qualification.objects.filter(
        party_ref=party, kind=kind, code=code, claim=claim or "claimed", on=cause.on, proof_ref=cause.ref or ""
    ).first()
    if present is not None:
        return {"ref": present.ref, "made": False}
    ref = services.qualify(
        cause.actor,
        party_ref=Ref(party),
        kind=kind,
        code=code,
        level=level or "",
        claim=claim or "claimed",
        on=cause.on,
        expires_on=date.fromisoformat(expires_on) if expires_on else None,
        proof_ref=cause.ref,
    )
    return {"ref": ref, "made": True}


def set_status(cause: Cause, *, party: str, status: str) -> Mapping[str, Any]:
    """Active, dormant or closed from the day in the field on, proved by the cause. The same again adds nothing."""
    if queries.status_of(Ref(party), cause.on).value != status:
        services.set_status(cause.actor, party_ref=Ref(party), status=status, on=cause.on, proof_ref=cause.ref)
    return {"ref": party}


def notify(
    cause: Cause, *, to: str, template: str, facts: Mapping[str, Any] | None = None, about: str | None = None
) -> Mapping[str, Any]:
    """Tell a party something; once per cause: {"ref"}."""
    ref = services.notify(
        cause.actor,
        to_ref=Ref(to),
        template=template,
        facts=dict(facts or {}),
        on=cause.on,
        about_ref=Ref(about) if about else cause.ref,
        key=cause.key,
    )
    return {"ref": ref}


def recheck(cause: Cause, *, party: str) -> Mapping[str, Any]:
    """Two records were found to be one, or no longer: every engine looks again at what hangs on them."""
    services.recheck_doubles(Ref(party))
    return {"ref": party}


@in_steps
def look_for_doubles(cause: Cause, *, scope: str) -> Mapping[str, Any]:
    """Look through everybody at and under a place for records that are one person: {"waiting"}."""
    return {"waiting": services.look_for_doubles(scope=scope)}


EFFECTS = {
    "parties.find_or_make_community": find_or_make_community,
    "parties.find_or_make_group": find_or_make_group,
    "parties.register_person": register_person,
    "parties.find_alike": find_alike,
    "parties.look_for_doubles": look_for_doubles,
    "parties.record_place": record_place,
    "parties.join": join,
    "parties.relate": relate,
    "parties.flag": flag,
    "parties.qualify": qualify,
    "parties.set_status": set_status,
    "parties.notify": notify,
    "parties.recheck": recheck,
}


def _told(cause: Cause, result: Mapping[str, Any]) -> Left | None:
    """What was told was told: there is nothing to take back."""
    return None


TAKE_BACK = {
    "parties.register_person": WayBack(withdraw_person, besides=("parties.Engagement", "parties.Status")),
    "parties.find_or_make_group": WayBack(withdraw_group, besides=("parties.Engagement", "parties.Status")),
    "parties.join": WayBack(never_joined),
    "parties.relate": WayBack(never_joined),
    "parties.flag": WayBack(never_joined),
    "parties.qualify": WayBack(never_joined),
    "parties.find_alike": WayBack(_told),
    "parties.look_for_doubles": WayBack(_told),
    "parties.notify": WayBack(_told),
    "parties.recheck": WayBack(_told),
}
CHANGE = {"parties.register_person": change_person}
