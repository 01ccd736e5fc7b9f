"""Looking through everybody for records that are one person, and what a person decides about a pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q

from jump.base import audit, clock
from jump.base.actors import Actor, require
from jump.base.db import locked, write_transaction
from jump.base.outbox import EffectCall, after_commit
from jump.base.refs import new_ref
from jump.base.refusals import NotFound
from jump.core.duplicates import USUAL, Band, Bands, Proposal, explain, find
from jump.core.units import Ref
from jump.engines.parties import queries
from jump.engines.parties.models import DoublesSearch, Person, PossibleDouble, SearchKey
from jump.engines.parties.queries.search_keys import digests
from jump.engines.parties.services.merges import mark_same
from jump.engines.parties.services.refusals import DoubleDecided
from jump.engines.parties.types import PERSON_FIELDS, DoubleState

BANDS = Bands()
AT_ONCE = 2_000


def keep_search_keys(rows: Iterable[tuple[int, Mapping[str, str]]]) -> None:
    """Put people, by their numbers, under the keys by which they are looked for, in place of those they had."""
    said = list(rows)
    SearchKey.objects.filter(person__in=[pk for pk, _values in said]).delete()
    made = [SearchKey(person_id=pk, digest=digest) for pk, values in said for digest in digests(values)]
    SearchKey.objects.bulk_create(made, batch_size=AT_ONCE)


def drop_search_keys(person_pk: int) -> None:
    """Nobody finds this person any more by name, birth, place or telephone."""
    SearchKey.objects.filter(person=person_pk).delete()
    PossibleDouble.objects.filter(Q(one=person_pk) | Q(other=person_pk), state=DoubleState.WAITING).delete()


def ask_for_doubles(actor: Actor, *, scope: str) -> None:
    """Have everybody at and under a place looked through, in the background. Asked twice, it is done once."""
    require(actor, "parties.merge", scope)
    with write_transaction():
        search = DoublesSearch.objects.filter(scope=scope, finished_at__isnull=True).first()
        if search is None:
            DoublesSearch.objects.create(scope=scope, by=actor.key, asked_at=clock.now())
        audit.record(actor, "parties.look_for_doubles", "", facts={"scope": scope})
        after_commit(
            [EffectCall("parties.look_for_doubles", {"scope": scope})],
            key=f"parties.doubles:{scope}",
            actor=actor,
            on=clock.today(),
            once=True,
        )


def look_for_doubles(*, scope: str) -> int:
    """Look through everybody at and under a place; returns how many pairs wait for a decision there.

    The work is done in pieces that are each kept; done again it finds the same. Pairs that somebody decided stay
    decided, pairs that no longer look alike are no longer asked.
    """
    _index_the_missing(scope)
    people = list(
        Person.objects.standing()
        .under(scope)
        .filter(forgotten_at__isnull=True, same_as__isnull=True)
        .select_related("scope", "place")
        .order_by("pk")
    )
    values = _values(people)
    people = [row for row in people if row.pk in values]
    columns = {field.name: [values[row.pk][field.name] for row in people] for field in PERSON_FIELDS}
    found = find(PERSON_FIELDS, columns, usual=USUAL)
    kept = _allowed(people, found)
    said = explain(PERSON_FIELDS, columns, kept, model=found.model, people=len(people))
    with write_transaction():
        waiting = _write(people, kept, said, scope)
        DoublesSearch.objects.filter(scope=scope, finished_at__isnull=True).update(
            finished_at=clock.now(),
            people=len(people),
            compared=found.compared,
            sure=sum(BANDS.of(probability) is Band.SAME for probability, _why in said),
            to_ask=sum(BANDS.of(probability) is Band.ASK for probability, _why in said),
            weights=found.model.as_data(),
        )
    return waiting


def _index_the_missing(scope: str) -> None:
    """People of before there were search keys."""
    without = (
        Person.objects.standing()
        .under(scope)
        .filter(~Exists(SearchKey.objects.filter(person=OuterRef("pk"))), forgotten_at__isnull=True)
        .select_related("scope", "place")
    )
    after = 0
    while rows := list(without.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        with write_transaction():
            keep_search_keys(_values(rows).items())
        after = rows[-1].pk


def _values(rows: Sequence[Any]) -> dict[int, dict[str, str]]:
    """By number what each person is compared by; those without a name are missing."""
    found: dict[int, dict[str, str]] = {}
    for at in range(0, len(rows), AT_ONCE):
        part = rows[at : at + AT_ONCE]
        named = queries.opened_names([row.ref for row in part], part)
        found.update({row.pk: queries.compared_values(row, named[row.ref]) for row in part if row.ref in named})
    return found


def _allowed(people: Sequence[Any], found: Proposal) -> list[tuple[int, int]]:
    """Pairs that are worth a decision and may be held against each other, by their places."""
    left, right = found.pairs(BANDS.ask_from)
    pairs = list(zip(left.tolist(), right.tolist(), strict=True))
    allowed = queries.may_share((people[one], people[other]) for one, other in pairs)
    return [pair for pair, is_allowed in zip(pairs, allowed, strict=True) if is_allowed]


def _write(people: Sequence[Any], pairs: Sequence[tuple[int, int]], said: Sequence[Any], scope: str) -> int:
    now = clock.now()
    here = PossibleDouble.objects.filter(one__scope__path__startswith=scope, other__scope__path__startswith=scope)
    known = {(row.one_id, row.other_id): row for row in here}
    fresh, changed, seen = [], [], set()
    for (one, other), (probability, why) in zip(pairs, said, strict=True):
        key = (people[one].pk, people[other].pk)
        seen.add(key)
        row = known.get(key)
        told = [[each.field, each.level, each.weight] for each in why]
        if row is None:
            fresh.append(
                PossibleDouble(
                    ref=new_ref("dbl"), one_id=key[0], other_id=key[1], probability=probability, why=told, found_at=now
                )
            )
        elif row.state == DoubleState.WAITING:
            row.probability, row.why = probability, told
            changed.append(row)
    PossibleDouble.objects.bulk_create(fresh, batch_size=AT_ONCE)
    PossibleDouble.objects.bulk_update(changed, ["probability", "why"], batch_size=500)
    gone = [row.pk for key, row in known.items() if key not in seen and row.state == DoubleState.WAITING]
    for at in range(0, len(gone), AT_ONCE):
        PossibleDouble.objects.filter(pk__in=gone[at : at + AT_ONCE]).delete()
    return len(fresh) + len(changed)


def decide_double(actor: Actor, *, ref: Ref, same: bool, why: str, keep: Ref | None = None) -> None:
    """Say that two records are one person, or are not. `keep` is the record that counts; by default the older.

    Refused where somebody decided otherwise before: `parties.double_decided` with who and when.
    """
    with write_transaction():
        row = locked(PossibleDouble.objects.visible_to(actor).filter(ref=ref)).first()
        if row is None:
            raise NotFound(ref=ref)
        wanted = DoubleState.SAME if same else DoubleState.DIFFERENT
        if row.state == wanted:  # another pair of the same three said so already
            return
        if row.state != DoubleState.WAITING:
            raise DoubleDecided(ref=ref, by=row.decided_by, on=row.decided_at)
        one, other = (Person.objects.select_related("scope").get(pk=pk) for pk in (row.one_id, row.other_id))
        for person in (one, other):
            require(actor, "parties.merge", person.scope.path)
        if same:
            heads = queries.cluster_of([one.ref, other.ref])
            kept, double = (heads[one.ref], heads[other.ref])
            if keep is not None and keep == Ref(other.ref):
                kept, double = double, kept
            if kept != double:
                mark_same(actor, keep=Ref(kept), duplicate=Ref(double), why=why)
        row.state = wanted
        row.decided_at, row.decided_by, row.why_decided = clock.now(), actor.key, why
        row.save(update_fields=["state", "decided_at", "decided_by", "why_decided"])
        if not same:
            audit.record(actor, "parties.not_doubles", ref, why=why)
