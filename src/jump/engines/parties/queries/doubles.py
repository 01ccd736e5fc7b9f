"""Is it one of these? Records that may be one person, found by their search keys and weighed; and pairs to decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from jump.base.actors import Actor, can
from jump.base.refusals import NotFound
from jump.core.duplicates import USUAL, Agreement, Band, Bands, Model, weigh
from jump.core.units import Ref
from jump.engines.parties.models import Consent, DoublesSearch, Person, PossibleDouble, SearchKey
from jump.engines.parties.queries.people import opened_names, person_views
from jump.engines.parties.queries.search_keys import digests
from jump.engines.parties.types import (
    CONSENT_SHARING,
    PERSON_FIELDS,
    DoublesSearchView,
    DoubleState,
    DoubleView,
    LookAlike,
    LookAlikes,
    Sex,
)

_OF_BOTH = tuple(f"{side}__{held}" for side in ("one", "other") for held in ("scope", "place", "same_as"))
BANDS = Bands()
WEIGHED_MAX = 60  # of those that share most keys (our default)
SHOWN_FROM = 0.05  # less probable records are not shown at registration (our default)
SHOWN_MAX = 5


def compared_values(row: Any, name: tuple[str, str, str]) -> dict[str, str]:
    """What a record is compared by, as texts; empty where nothing is known."""
    given, family, phone = name
    return said_values(
        given_name=given,
        family_name=family,
        sex=row.sex,
        born_on=row.born_on,
        birth_year=row.birth_year,
        phone=phone,
        place=row.place.ref if row.place_id else row.scope.path,
    )


def said_values(
    *,
    given_name: str,
    family_name: str,
    sex: str,
    born_on: date | None,
    birth_year: int | None,
    phone: str,
    place: str,
) -> dict[str, str]:
    return {
        "given": given_name,
        "family": family_name,
        "sex": "" if sex == Sex.NOT_STATED else str(sex),
        "born": born_on.isoformat() if born_on else str(birth_year or ""),
        "place": place,
        "phone": phone,
    }


def weights() -> Model:
    """The weights that the newest search learnt from the installation's own people; until then the usual ones."""
    kept = DoublesSearch.objects.exclude(weights={}).order_by("-finished_at").values_list("weights", flat=True).first()
    return Model.from_data(kept) if kept else USUAL


def look_alikes(
    actor: Actor,
    *,
    given_name: str,
    family_name: str,
    sex: str = Sex.NOT_STATED,
    born_on: date | None = None,
    birth_year: int | None = None,
    phone: str = "",
    place_ref: Ref | None = None,
    scope: str = "",
    besides: Ref | None = None,
    limit: int = SHOWN_MAX,
) -> LookAlikes:
    """Records that may be the person described, the most probable first, with what speaks for and against each.

    Looks among everybody whom the actor may see. Of people of other programmes who agreed that partners may learn of
    each other (`sharing`), only the number of those who are surely the same is told. A fixed number of statements.
    """
    values = said_values(
        given_name=given_name,
        family_name=family_name,
        sex=sex,
        born_on=born_on,
        birth_year=birth_year,
        phone=phone,
        place=place_ref or scope,
    )
    rows = _near(values, besides)
    if not rows:
        return LookAlikes((), 0)
    visible = set(Person.objects.visible_to(actor).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    shared = set(
        Consent.objects.filter(
            person__in=[row.pk for row in rows if row.pk not in visible],
            purpose=CONSENT_SHARING,
            withdrawn_on__isnull=True,
        ).values_list("person_id", flat=True)
    )
    ranked = _ranked(values, [row for row in rows if row.pk in visible | shared])
    seen = [(said, row) for said, row in ranked if row.pk in visible and said[0] >= SHOWN_FROM][:limit]
    views = person_views(actor, [row for _said, row in seen])
    return LookAlikes(
        tuple(
            LookAlike(view, probability, BANDS.of(probability), why)
            for view, ((probability, why), _row) in zip(views, seen, strict=True)
        ),
        sum(row.pk not in visible and BANDS.of(said[0]) is Band.SAME for said, row in ranked),
    )


def alike(ref: Ref, *, limit: int = SHOWN_MAX) -> list[Ref]:
    """Other records that may be this person, the most probable first: of the same programme, or where both agreed that
    partners may learn of each other. For rules; whether two records are one is for a person to say."""
    row = Person.objects.select_related("scope", "place").get(ref=ref)
    named = opened_names([row.ref], [row])
    if row.ref not in named:
        return []
    values = compared_values(row, named[row.ref])
    others = _near(values, ref)
    allowed = may_share((row, one) for one in others)
    ranked = _ranked(values, [one for one, is_allowed in zip(others, allowed, strict=True) if is_allowed])
    return [Ref(one.ref) for (probability, _why), one in ranked if BANDS.of(probability) is not Band.DIFFERENT][:limit]


def _ranked(values: Mapping[str, str], rows: Sequence[Any]) -> list[tuple[tuple[float, tuple[Agreement, ...]], Any]]:
    """Each record with how probably it is the one described, and why; the most probable first."""
    named = opened_names([row.ref for row in rows], rows)
    known = [row for row in rows if row.ref in named]
    others = [compared_values(row, named[row.ref]) for row in known]
    found = weigh(PERSON_FIELDS, values, others, model=weights(), people=Person.objects.standing().count())
    return sorted(zip(found, known, strict=True), key=lambda pair: (-pair[0][0], pair[1].ref))


def _near(values: Mapping[str, str], besides: Ref | None) -> list[Any]:
    """Those that share most search keys with what is said."""
    rows = SearchKey.objects.filter(digest__in=digests(values))
    if besides:
        rows = rows.exclude(person__ref=besides)
    counted = rows.values("person_id").annotate(keys=Count("id")).order_by("-keys", "person_id")
    near = [row["person_id"] for row in counted[:WEIGHED_MAX]]
    found = Person.objects.standing().filter(pk__in=near, same_as__isnull=True).select_related("scope", "place")
    return list(found) if near else []


def possible_doubles(
    actor: Actor,
    *,
    state: DoubleState = DoubleState.WAITING,
    sure: bool | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[DoubleView]:
    """Pairs of which the actor may see both, the most probable first; `sure` are those above the upper limit."""
    rows = _pairs(actor, state, sure).select_related(*_OF_BOTH)
    return _views(actor, list(rows.order_by("-probability", "ref")[offset : offset + limit]))


def count_possible_doubles(actor: Actor, *, state: DoubleState = DoubleState.WAITING, sure: bool | None = None) -> int:
    return int(_pairs(actor, state, sure).count())


def possible_double(actor: Actor, ref: Ref) -> DoubleView:
    """One pair. Raises NotFound where one of the two is not for this reader."""
    found = list(PossibleDouble.objects.visible_to(actor).filter(ref=ref).select_related(*_OF_BOTH))
    if not found:
        raise NotFound(ref=ref)
    return _views(actor, found)[0]


def _pairs(actor: Actor, state: DoubleState, sure: bool | None) -> QuerySet[PossibleDouble]:
    rows = PossibleDouble.objects.visible_to(actor).filter(state=state)
    if sure is not None:
        rows = rows.filter(probability__gte=BANDS.same_from) if sure else rows.filter(probability__lt=BANDS.same_from)
    return rows


def _views(actor: Actor, rows: Sequence[PossibleDouble]) -> list[DoubleView]:
    people = {row.pk: row for pair in rows for row in (pair.one, pair.other)}
    views = dict(zip(people, person_views(actor, list(people.values())), strict=True))
    return [
        DoubleView(
            ref=Ref(row.ref),
            one=views[row.one_id],
            other=views[row.other_id],
            probability=row.probability,
            band=BANDS.of(row.probability),
            why=tuple(Agreement(*said) for said in row.why),
            found_at=row.found_at,
            state=DoubleState(row.state),
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            why_decided=row.why_decided,
        )
        for row in rows
    ]


def doubles_searches(actor: Actor, *, limit: int = 5) -> list[DoublesSearchView]:
    """The newest searches at and under the places where the actor may merge."""
    return [
        DoublesSearchView(row.scope, row.asked_at, row.finished_at, row.people, row.compared, row.sure, row.to_ask)
        for row in DoublesSearch.objects.order_by("-asked_at")[: 10 * limit]
        if can(actor, "parties.merge", row.scope)
    ][:limit]


def may_share(pairs: Iterable[tuple[Any, Any]]) -> list[bool]:
    """Of pairs of people whether they may be held against each other: of one programme, or both agreed to sharing."""
    said = list(pairs)
    away = {row.pk for one, other in said if _programme(one) != _programme(other) for row in (one, other)}
    agreed: set[int] = set()
    listed = sorted(away)
    for at in range(0, len(listed), 5_000):
        agreed.update(
            Consent.objects.filter(
                person__in=listed[at : at + 5_000], purpose=CONSENT_SHARING, withdrawn_on__isnull=True
            ).values_list("person_id", flat=True)
        )
    return [_programme(one) == _programme(other) or (one.pk in agreed and other.pk in agreed) for one, other in said]


def _programme(row: Any) -> str:
    return str(row.scope.path).partition("/")[0]
