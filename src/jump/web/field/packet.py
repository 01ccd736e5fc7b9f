"""What one worker takes along: visits, places, groups, people and forms that are theirs, and until when.

Only what was assigned, through the same scoped questions as every page; names only where the role may see them, no
telephone numbers, no birthdays. The phone throws all of it away after `DAYS_KEPT` days without contact, or when the
last role ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from jump.base import clock, duties
from jump.base.actors import Actor, can
from jump.base.models import RoleAssignment
from jump.core.money import exponent_of
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.evidence import api as evidence
from jump.engines.finance import api as finance
from jump.engines.parties import api as parties
from jump.web.filling.reading import both_answers
from jump.web.places import titles_of

DAYS_KEPT = 14
VISIT_DAYS = 14
PEOPLE_MAX = 3_000
GROUPS_MAX = 300
VISITS_MAX = 100
TODO_MAX = 12
ANSWER_DAYS = 45
SCOPES_MAX = 12
ABOUT = ("place", "group", "person", "any", "")
# Subjects that nobody meets on a visit: their forms are written in the office.
ELSEWHERE = frozenset({"country", "network", "committee", "organisation", "project"})


def packet(actor: Actor) -> dict[str, Any]:
    """Everything that the phone needs, small and ready for JSON."""
    scopes = assigned_scopes(actor)
    groups = [one for scope in scopes for one in parties.groups(actor, scope=scope, limit=GROUPS_MAX)]
    people = [
        one
        for scope in scopes
        for one in parties.people(actor, scope=scope, limit=PEOPLE_MAX)
        if not one.is_masked and one.same_as is None
    ]
    members = _members(people)
    pinned = clock.pinned()
    return {
        "format": 1,
        "worker": {"key": actor.key, "name": actor.name},
        "day": pinned.isoformat() if pinned else "",
        "expires_at": expires_at(actor).isoformat(),
        "urls": {
            "send": reverse("openrosa:submission"),
            "forms": reverse("field:app") + "forms/",
            "collection": reverse("field:collection"),
            "scope": min(actor.paths_with("evidence.submit"), key=len, default=""),
        },
        "communities": [
            {"ref": one.ref, "name": one.name, "scope": one.scope, "place": one.country}
            for scope in scopes
            for one in parties.communities(actor, scope=scope)
        ],
        "groups": [
            {
                "ref": one.ref,
                "name": one.name,
                "scope": one.scope,
                "place": one.place_name,
                "members": members.get(one.ref, []),
            }
            for one in groups
        ],
        "people": [{"ref": one.ref, "name": one.name, "scope": one.scope, "place": one.place_name} for one in people],
        "visits": _visits(actor, scopes),
        "todo": _todo(actor),
        "forms": _forms(actor, scopes),
        "sheets": _sheets(actor, groups, members),
        "answers": _answers(actor),
        "known": evidence.known_lines(scopes),
    }


def assigned_scopes(actor: Actor) -> list[str]:
    """The places where this worker sends forms: those assigned to them, else those of their roles."""
    held = list(actor.paths_with("evidence.submit"))
    if actor.party_ref is None:
        return held[:SCOPES_MAX]
    assigned = parties.relations(actor, of=actor.party_ref, kind="assignment", as_of=clock.today())
    own = {parties.scope_of(one.to_ref) for one in assigned if one.from_ref == actor.party_ref}
    inside = sorted(one for one in own if one and any(one.startswith(path) for path in held))
    return (inside or held)[:SCOPES_MAX]


def expires_at(actor: Actor) -> datetime:
    """When the phone forgets: `DAYS_KEPT` days after this contact, or at the end of the last role before that."""
    until = clock.now().date() + timedelta(days=DAYS_KEPT)
    held = RoleAssignment.objects.held_on(clock.today()).filter(user_id=actor.user_id)
    ends = list(held.values_list("ends_on", flat=True))
    if ends and all(ends) and clock.pinned() is None:
        until = min(until, max(ends))
    return datetime.combine(until + timedelta(days=1), time(), UTC)


def _members(people: Sequence[parties.PersonView]) -> Mapping[str, list[str]]:
    """Who belongs to which group today."""
    day = clock.today()
    found: dict[str, list[str]] = {}
    for one in people:
        for held in one.groups:
            if held.ends_on is None or held.ends_on >= day:
                found.setdefault(held.group_ref, []).append(one.ref)
    return found


def _visits(actor: Actor, scopes: Sequence[str]) -> list[dict[str, Any]]:
    """What is planned from today on, for two weeks, in its order; of what somebody else is to do, nothing."""
    day = clock.today()
    until = day + timedelta(days=VISIT_DAYS)
    found = [
        one
        for scope in scopes
        for one in cases.sessions(actor, scope=scope, state="planned", since=day, until=until, limit=VISITS_MAX)
        if not one.hosts or actor.party_ref is None or actor.party_ref in one.hosts
    ]
    titles = titles_of(one.scope for one in found)
    rows = [
        {
            "ref": one.ref,
            "on": one.held_on.isoformat(),
            "at": next((item.starts_at for item in one.agenda if item.starts_at), ""),
            "title": one.title,
            "purpose": one.purpose,
            "place": titles.get(one.scope, ""),
            "about": [str(ref) for ref in one.about],
        }
        for one in found
    ]
    return sorted(rows, key=lambda one: (one["on"], one["at"] or "99", one["title"]))


def _todo(actor: Actor) -> list[dict[str, str]]:
    return [
        {"title": str(one.title), "detail": str(one.detail), "on": one.on.isoformat() if one.on else ""}
        for one in duties.due(actor, clock.today())[:TODO_MAX]
    ]


def _forms(actor: Actor, scopes: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "version": one.version, "title": dict(one.title), "about": one.about}
        | ({"lists": list(one.lists)} if one.lists else {})
        | ({"media": list(one.media)} if one.media else {})
        for one in evidence.field_forms(actor, about=ABOUT, scopes=scopes)
        if one.subject not in ELSEWHERE
    ]


def _answers(actor: Actor) -> list[dict[str, Any]]:
    """What became of what this phone sent: taken as right, or sent back with remarks by question; and where somebody
    else changed the same form meanwhile, both answers."""
    since = clock.now() - timedelta(days=ANSWER_DAYS)
    return [
        {"id": one.instance_id, "ref": one.ref, "state": one.state.value}
        | (
            {"at": one.at.isoformat(), "by": one.by, "why": one.why, "remarks": dict(one.comments)}
            if one.at is not None
            else {}
        )
        | ({"crossed": [_crossed(each) for each in one.conflicts]} if one.conflicts else {})
        for one in evidence.sent_states(actor, since=since)
    ]


def _crossed(one: evidence.ConflictView) -> dict[str, Any]:
    view = evidence.form(one.form, one.version, get_language())
    return {
        "state": one.state.value,
        "first": one.first_by,
        "later": one.later_by,
        "by": one.decided_by,
        "why": one.why,
        "lines": [
            {"question": line.label, "first": line.first, "later": line.later, "hard": line.is_hard}
            | {"holds": line.chosen}
            for line in both_answers(view, one.lines)
        ],
    }


def _sheets(
    actor: Actor, groups: Sequence[parties.GroupView], members: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """What each group and its members owe and save, for a meeting. One question for all groups together."""
    mine = [
        one for one in groups if can(actor, "finance.write_down", one.scope) or can(actor, "finance.collect", one.scope)
    ]
    everybody = list(dict.fromkeys(ref for one in mine for ref in (one.ref, *members.get(one.ref, ()))))
    if not everybody:
        return []
    first, *others = map(Ref, everybody)
    rows = finance.collection_sheet(actor, group_ref=first, member_refs=others, on=clock.today())
    names = parties.names(actor, [row.party_ref for row in rows])
    sheets = []
    for group in mine:
        inside = {group.ref, *members.get(group.ref, ())}
        own = [row for row in rows if row.party_ref in inside]
        if not own:
            continue
        currency = own[0].stands.currency
        sheets.append(
            {
                "group": group.ref,
                "currency": currency,
                "decimals": exponent_of(currency),
                "rows": [
                    {
                        "target": row.target_ref,
                        "name": names.get(row.party_ref, row.party_ref),
                        "title": str(row.title),
                        "due": row.due.amount_minor,
                        "most": row.most.amount_minor if row.most is not None else None,
                    }
                    for row in own
                    if row.stands.currency == currency
                ],
            }
        )
    return sheets
