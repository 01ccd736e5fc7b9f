"""Committees: constituted, seated, resolving. The meeting itself is a gathering; here are quorum and resolutions."""

from collections.abc import Sequence
from datetime import date
from math import ceil

from django.db.models import Max
from django.utils.translation import gettext as _

from jump.base import audit, clock, search
from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.i18n import text
from jump.base.packages import definition as definition_named
from jump.base.refusals import BadInput, NotFound
from jump.base.scopes import node
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.decisions.models import Committee, Resolution, Seat
from jump.engines.decisions.services.access import as_system, holds_role
from jump.engines.decisions.services.keys import digest_of, one_at_a_time
from jump.engines.decisions.services.refusals import (
    BallotCount,
    DecisionKeyReused,
    NoSeat,
    NotSecretary,
    NotTheirMeeting,
    Quorum,
    ReasonMissing,
    SeatsMissing,
    SeatTaken,
    SeatUndecided,
)


def constitute(
    actor: Actor,
    *,
    kind: str,
    title: str = "",
    scope: str,
    on: date,
    required_classes: Sequence[str] = (),
    quorum_percent: int = 50,
    secretary_role: str = "national_coordinator",
    about_ref: Ref | None = None,
    parent_ref: Ref | None = None,
    mandate: str = "",
    products: Sequence[str] = (),
    definition: str = "",
    key: str = "",
) -> Ref:
    """Set up a committee, or a team under one: which classes must be represented, quorum, secretary's role.

    With `definition` (committees.yaml) these come from the package. A team under a committee has a mandate (JNCC-06).
    """
    require(actor, "decisions.open", scope)
    digest = digest_of(kind, title, scope, on, parent_ref, about_ref, definition)
    with write_transaction():
        one_at_a_time(f"committee {key}" if key else "")
        known = Committee.objects.filter(key=key).first() if key else None
        if known is not None:
            if known.key_digest != digest:
                raise DecisionKeyReused(key=key)
            return Ref(known.ref)
        if definition:
            declared = definition_named("committees", definition)
            title = title or text(declared.data["title"])
            required_classes = required_classes or [
                str(one["id"]) if isinstance(one, dict) else str(one) for one in declared.data["required_classes"]
            ]
            quorum_percent = int(declared.data.get("quorum_percent") or quorum_percent)
            secretary_role = str(declared.data.get("secretary_role") or secretary_role)
        parent = _committee(parent_ref) if parent_ref is not None else None
        errors: dict[str, list[str]] = {}
        if not title.strip():
            errors["title"] = [_("This is missing.")]
        if not 1 <= quorum_percent <= 100:
            errors["quorum_percent"] = [_("Give a number from 1 to 100.")]
        if parent is not None and not mandate.strip():
            errors["mandate"] = [_("Say what this team is to do.")]
        if errors:
            raise BadInput(errors)
        made = Committee.objects.create(
            scope=node(scope),
            kind=kind,
            title=title,
            definition=definition,
            about_ref=str(about_ref or ""),
            parent=parent,
            mandate=mandate.strip(),
            products=[product.strip() for product in products if product.strip()],
            required_classes=list(dict.fromkeys(required_classes)),
            quorum_percent=quorum_percent,
            secretary_role=secretary_role,
            constituted_on=on,
            key=key or None,
            key_digest=digest,
        )
        audit.record(actor, "decisions.constitute", made.ref, facts={"kind": kind, "classes": made.required_classes})
        search.put(Ref(made.ref), title=title, scope=scope, data_class=Committee.data_class, detail=kind)
    return Ref(made.ref)


def seat(
    actor: Actor,
    *,
    committee_ref: Ref,
    party_ref: Ref,
    seat_class: str,
    office: str = "member",
    body_ref: Ref | None = None,
    decided_by: Ref | None = None,
    on: date,
) -> None:
    """Give a named person a seat for a class, speaking for a body.

    The coordinator fills the founding seats, and those of a class that lost its last one. Once the committee is
    complete and has resolved anything, it decides itself who joins, and its resolution is named (JNCC-08).
    """
    with write_transaction():
        committee = _committee(committee_ref)
        require(actor, "decisions.open", committee.scope.path)
        if Seat.objects.filter(committee=committee, party_ref=party_ref, ends_on__isnull=True).exists():
            raise SeatTaken(committee=committee_ref, party=party_ref)
        stands = Resolution.objects.filter(committee=committee).exists() and not missing_classes(committee)
        if stands:
            resolution = Resolution.objects.filter(ref=decided_by or "", passed=True).first()
            allowed = {committee.pk, committee.parent_id}
            if resolution is None or resolution.committee_id not in allowed or resolution.on > on:
                raise SeatUndecided(committee=committee_ref, party=party_ref)
        Seat.objects.create(
            committee=committee,
            party_ref=party_ref,
            body_ref=str(body_ref or ""),
            seat_class=seat_class,
            office=office,
            starts_on=on,
            decided_by=str(decided_by or ""),
        )
        audit.record(actor, "decisions.seat", committee_ref, facts={"party": party_ref, "class": seat_class})


def end_seat(actor: Actor, *, committee_ref: Ref, party_ref: Ref, why: str, on: date) -> None:
    """End a seat, with a reason; it stays in the history."""
    with write_transaction():
        committee = _committee(committee_ref)
        require(actor, "decisions.open", committee.scope.path)
        if not why.strip():
            raise ReasonMissing(count=1, candidates=[party_ref])
        held = Seat.objects.filter(committee=committee, party_ref=party_ref, ends_on__isnull=True).first()
        if held is None:
            raise NoSeat(committee=committee_ref, party=party_ref)
        held.ends_on = on
        held.why_ended = why.strip()
        held.save(update_fields=["ends_on", "why_ended"])
        audit.record(actor, "decisions.end_seat", committee_ref, why=why.strip(), facts={"party": party_ref})


def resolve(
    actor: Actor,
    *,
    committee_ref: Ref,
    text: str,
    votes_for: int,
    votes_against: int,
    abstentions: int = 0,
    session_ref: Ref | None = None,
    linked_programme: str = "",
    on: date,
    key: str = "",
) -> Ref:
    """Record what a committee resolved: by its secretary, with quorum, when all required classes are seated.

    More votes for than against carry it. `linked_programme` names the local government's job programme that the
    resolution is about, where it is about one (STEER-02).
    """
    digest = digest_of(committee_ref, text, votes_for, votes_against, abstentions, on)
    with write_transaction():
        one_at_a_time(f"resolution {key}" if key else "")
        known = Resolution.objects.filter(key=key).first() if key else None
        if known is not None:
            if known.key_digest != digest:
                raise DecisionKeyReused(key=key)
            return Ref(known.ref)
        committee = _committee(committee_ref)
        if not actor.is_system and not holds_role(actor, committee.secretary_role, committee.scope.path):
            raise NotSecretary(committee=committee_ref, role=committee.secretary_role.replace("_", " "))
        if not text.strip() or min(votes_for, votes_against, abstentions) < 0:
            raise BadInput({"text": [_("Write what was resolved, and count votes as 0 or more.")]})
        missing = missing_classes(committee)
        if missing:
            raise SeatsMissing(committee=committee_ref, missing=", ".join(missing))
        if session_ref is not None:
            meeting = cases.session(as_system(actor), session_ref)
            if committee_ref not in meeting.hosts:
                raise NotTheirMeeting(committee=committee_ref, session=session_ref)
        seats = _held_on(committee, on)
        present = votes_for + votes_against + abstentions
        if present > seats:
            raise BallotCount(votes=present, electorate=seats)
        needed = max(1, ceil(seats * committee.quorum_percent / 100))
        if present < needed:
            raise Quorum(present=present, needed=needed, committee=committee_ref)
        number = (Resolution.objects.filter(committee=committee).aggregate(last=Max("number"))["last"] or 0) + 1
        made = Resolution.objects.create(
            committee=committee,
            number=number,
            text=text.strip(),
            session_ref=str(session_ref or ""),
            votes_for=votes_for,
            votes_against=votes_against,
            abstentions=abstentions,
            seats=seats,
            passed=votes_for > votes_against,
            linked_programme=linked_programme.strip(),
            on=on,
            recorded_by=actor.key,
            recorded_at=clock.now(),
            key=key or None,
            key_digest=digest,
        )
        audit.record(actor, "decisions.resolve", made.ref, facts={"committee": committee_ref, "passed": made.passed})
    return Ref(made.ref)


def missing_classes(committee: Committee, on: date | None = None) -> tuple[str, ...]:
    """The classes that must be represented and are not, now or on a day."""
    seats = committee.seats.all()
    seated = {
        one.seat_class
        for one in seats
        if (one.ends_on is None if on is None else one.starts_on <= on and (one.ends_on is None or one.ends_on > on))
    }
    return tuple(one for one in committee.required_classes if one not in seated)


def _held_on(committee: Committee, on: date) -> int:
    seats = Seat.objects.filter(committee=committee, starts_on__lte=on)
    return seats.filter(ends_on__isnull=True).count() + seats.filter(ends_on__gt=on).count()


def _committee(ref: Ref) -> Committee:
    found: Committee | None = Committee.objects.locked().select_related("scope").filter(ref=ref).first()
    if found is None:
        raise NotFound(ref=ref)
    return found
