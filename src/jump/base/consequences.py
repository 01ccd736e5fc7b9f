"""What an accepted record caused: found again, left as it is, changed, or taken back.

A record that may be corrected or withdrawn does not cause its effects once and for all: it *declares* what should stand
because of it. `bring_about` compares the declared calls with what stands already and does only what is missing: a call
with the same arguments is left alone, one with others is changed or taken back and made anew, one that is declared no
more is taken back, last made first. So the same call twice changes nothing, and in whatever order a record is accepted,
corrected, withdrawn and accepted again, what stands is what its last declaration says.

An effect says beside itself how it is taken back (`TAKE_BACK`), and may say how the thing that it made is made to look
otherwise (`CHANGE`). What cannot be taken back, or what others have built on since, stays, is marked as *left*, and is
told to the caller, who gives it to a person.

No argument is kept: a fingerprint of them, under a secret of the cause, says whether they are the same.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from jump.base import clock, outbox
from jump.base.actors import Actor
from jump.base.db import locked
from jump.base.outbox import Cause, EffectCall
from jump.base.prepared import Prepared, add
from jump.base.refs import pointed_at
from jump.core.units import Ref

STANDING, TAKEN_BACK, LEFT = "standing", "taken_back", "left"
NO_WAY_BACK, BUILT_ON = "no_way_back", "built_on"
SLOT_MAX = 120


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not taken back: what it is, and why it stays."""

    ref: str
    why: str


TakeBack: TypeAlias = Callable[[Cause, Mapping[str, Any]], Left | None]
Change: TypeAlias = Callable[..., Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class WayBack:
    """How an effect is taken back: `function(cause, result)` gives None where nothing of it is left standing.

    Before it is called, somebody may have built on what was made (`result["made"]` and its `ref`): rows of any engine
    that name it, but for those in the tables of `besides`, which come and go with it.
    """

    function: TakeBack
    besides: tuple[str, ...] = ()


_take_back: dict[str, WayBack] = {}
_change: dict[str, Change] = {}


def offer_way_back(name: str, way_back: WayBack) -> None:
    """Say how an effect is taken back. Called by wiring alone, as `offer_change` is."""
    _take_back[name] = way_back


def offer_change(name: str, change: Change) -> None:
    """Say how what an effect made is made to look as other arguments say: `change(cause, result, **args)`.

    The same function brings back what was taken back. It returns the new result, or None where it cannot.
    """
    _change[name] = change


@dataclass(slots=True)
class Brought:
    """What was done: slots made, changed, kept and taken back, and what was left standing."""

    made: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def what(self, slot: str) -> str:
        """What was done in a slot: made, changed, kept, taken_back or left."""
        for word in ("made", "changed", "kept", "taken_back"):
            if slot in getattr(self, word):
                return word
        return "left"


@dataclass(frozen=True, slots=True)
class Stands:
    """One thing that an accepted record caused: by which effect, what it made, and whether it stands."""

    slot: str
    effect: str
    state: str
    result: Mapping[str, Any]
    why_left: str
    at: datetime.datetime


def _of_cause(ref: str) -> QuerySet[Any]:
    from jump.base.models import Consequence

    return locked(Consequence.objects.filter(cause_ref=ref))


_OF_CAUSE = Prepared(_of_cause)


def standing(cause_ref: Ref) -> list[Stands]:
    """What a record caused, in the order in which it was declared."""
    from jump.base.models import Consequence

    rows = Consequence.objects.filter(cause_ref=cause_ref).order_by("position", "pk")
    return [Stands(row.slot, row.effect, row.state, row.result, row.why_left, row.at) for row in rows]


def bring_about(
    calls: Sequence[EffectCall],
    *,
    ref: Ref,
    key: str,
    actor: Actor,
    on: datetime.date,
    facts: Mapping[str, Any],
    exact: Mapping[str, Any] | None = None,
    secret: bytes = b"",
) -> Brought:
    """Let exactly these calls stand because of this record; an empty list takes everything back.

    `exact` are the same facts with numbers as numbers, for conditions. Belongs inside a transaction that holds the
    record locked. A refusal of one effect undoes the whole transaction.
    """
    rows = {row.slot: row for row in _OF_CAUSE.rows(ref)}
    done = Brought()
    known: dict[str, Any] = {**facts, "on": on.isoformat(), "ref": ref}
    wanted: set[str] = set()
    for position, (slot, call, args) in enumerate(_declared(calls, known, exact or facts, secret)):
        if call.repeat:
            outbox.effect(call.effect)(Cause(f"{key}#{slot}", ref, actor, on), **args)
            continue
        wanted.add(slot)
        row = rows.get(slot)
        cause = Cause(_key(key, slot, row.times if row else 1), ref, actor, on)
        digest = _digest(secret, {"args": args, "on": on})
        if row is None or row.state == TAKEN_BACK or row.digest != digest:
            row = _set_right(row, call, cause, slot, args, digest, position, done, key)
        else:
            if row.state == LEFT:
                row.state, row.why_left = STANDING, ""
                row.save(update_fields=["state", "why_left"])
            done.kept.append(slot)
        if call.bind and not call.for_each:
            known[call.bind] = dict(row.result)
    for row in sorted(rows.values(), key=lambda one: (-one.position, -one.pk)):
        if row.slot not in wanted and row.state == STANDING:
            _undo(row, Cause(_key(key, row.slot, row.times), ref, actor, on), done)
    return done


def _declared(
    calls: Sequence[EffectCall], known: Mapping[str, Any], exact: Mapping[str, Any], secret: bytes
) -> Iterator[tuple[str, EffectCall, dict[str, Any]]]:
    """Each call with its slot and its arguments, looked up only when its turn comes: binds grow on the way.

    A slot is where a call stands in the declaration: its bind, or its effect and how many of it came before. An entry
    of a repeat is known by what `each_by` names or, without it, by what it says: another row above it moves nothing.
    """
    seen: dict[str, int] = {}
    for call in calls:
        number = seen[call.effect] = seen.get(call.effect, 0) + 1
        name = call.bind or (call.effect if number == 1 else f"{call.effect}.{number}")
        if not outbox.applies(call, {**known, **exact}):
            continue
        if not call.for_each:
            yield name, call, outbox.arguments(call, known)
            continue
        twice: dict[str, int] = {}
        for item, item_exact in zip(
            outbox.items_of(call, known), outbox.items_of(call, {**known, **exact}), strict=True
        ):
            at_hand = {**known, "item": item}
            if not outbox.applies(call, {**known, **exact, "item": item_exact}):
                continue
            args = outbox.arguments(call, at_hand)
            one = str(outbox.resolve(call.each_by, at_hand, effect=call.effect)) if call.each_by else ""
            one = one or _digest(secret, args)[:16]
            twice[one] = twice.get(one, 0) + 1
            slot = f"{name}:{one}" if twice[one] == 1 else f"{name}:{one}:{twice[one]}"
            yield slot[:SLOT_MAX], call, args


def _set_right(
    row: Any,
    call: EffectCall,
    cause: Cause,
    slot: str,
    args: Mapping[str, Any],
    digest: str,
    position: int,
    done: Brought,
    key: str,
) -> Any:
    """Make, or make to look so, what one call declares; returns its row."""
    from jump.base.models import Consequence

    function = outbox.effect(call.effect)
    if row is None:
        result = function(cause, **args) or {}
        done.made.append(slot)
        return add(
            Consequence(
                cause_ref=str(cause.ref),
                slot=slot,
                effect=call.effect,
                position=position,
                state=STANDING,
                digest=digest,
                result=_plain(result),
                result_ref=str(result.get("ref") or ""),
                at=clock.now(),
            )
        )
    change = _change.get(call.effect) if row.effect == call.effect else None
    changed = change(cause, row.result, **args) if change is not None else None
    if changed is not None:
        result = changed
    else:
        if row.state != TAKEN_BACK and not _undo(row, cause, done):
            return row  # what stands was left to a person; it is not made a second time
        row.times += 1
        cause = Cause(_key(key, slot, row.times), cause.ref, cause.actor, cause.on)
        result = function(cause, **args) or {}
    row.effect, row.position, row.digest, row.result = call.effect, position, digest, _plain(result)
    row.state, row.why_left, row.at = STANDING, "", clock.now()
    row.result_ref = str(result.get("ref") or "")
    row.save()
    done.changed.append(slot)
    return row


def _undo(row: Any, cause: Cause, done: Brought) -> bool:
    """Take one thing back; False where it, or something of it, stays."""
    left = _taken_back(row, cause)
    row.state, row.why_left = (TAKEN_BACK, "") if left is None else (LEFT, left.why)
    row.at, row.result_ref = clock.now(), "" if left is None else row.result_ref
    row.save(update_fields=["state", "why_left", "at", "result_ref"])
    if left is None:
        done.taken_back.append(row.slot)
        return True
    done.left.append(left)
    return False


def _taken_back(row: Any, cause: Cause) -> Left | None:
    from jump.base.models import Consequence

    back = _take_back.get(row.effect)
    ref = str(row.result.get("ref") or "")
    if back is None:
        return Left(ref, NO_WAY_BACK)
    if ref and row.result.get("made"):
        if _passed_on(row, ref):
            return None
        others = Consequence.objects.filter(cause_ref=row.cause_ref, state=LEFT).values_list("result", flat=True)
        still = [str(one["ref"]) for one in others if one.get("ref")]
        if pointed_at(Ref(ref), besides=back.besides, cause=row.cause_ref, of_cause=still):
            return Left(ref, BUILT_ON)
    return back.function(cause, row.result)


def _passed_on(row: Any, ref: str) -> bool:
    """Whether another record that stands says the same: then the thing is that record's from now on."""
    from jump.base.models import Consequence

    same = Consequence.objects.filter(result_ref=ref, effect=row.effect, state=STANDING)
    heir = locked(same.exclude(cause_ref=row.cause_ref).order_by("pk")).first()
    if heir is None:
        return False
    heir.result = {**heir.result, "made": True}
    heir.save(update_fields=["result"])
    return True


def _key(key: str, slot: str, times: int) -> str:
    """The key of one making: the same as long as nothing was taken back in between."""
    return f"{key}#{slot}" if times == 1 else f"{key}#{slot}#{times}"


def _digest(secret: bytes, content: Any) -> str:
    text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder).encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest() if secret else hashlib.sha256(text).hexdigest()


def _plain(result: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(result), cls=DjangoJSONEncoder))
    return plain
