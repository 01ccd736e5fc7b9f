"""Decisions' answers to the questions that every engine answers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting, told
from jump.core.units import Ref
from jump.engines.decisions.models import (
    Appeal,
    Ballot,
    Candidate,
    Committee,
    Interest,
    Outcome,
    Resolution,
    Round,
    Score,
    Seat,
)
from jump.engines.decisions.queries.ranking import JUDGED, scored_by_hand
from jump.engines.decisions.queries.visible import visible_candidates, visible_outcomes, visible_rounds
from jump.engines.decisions.types import CandidateState, Method, RoundState

REF_KINDS = frozenset({"rnd", "can", "out", "com", "res", "bal", "app"})
CHUNK = 2_000
WARN_DAYS = 7
ROUND_COLUMNS = ("ref", "title", "state", "closes_on")


def describe(actor: Actor, ref: Ref) -> Description | None:
    return describe_many(actor, [ref]).get(ref)


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """What these are, as far as the reader may see them. One or two statements for each kind."""
    by_kind: dict[str, list[Ref]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref)
    tables = {
        "rnd": _rounds,
        "can": _candidates,
        "out": _outcomes,
        "com": _committees,
        "res": _resolutions,
        "bal": _ballots,
        "app": _appeals,
    }
    return {one.ref: one for kind, mine in by_kind.items() if kind in tables for one in tables[kind](actor, mine)}


def _rounds(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in visible_rounds(actor).select_related("scope").filter(ref__in=refs):
        yield Description(
            ref=Ref(row.ref),
            kind=_("round of decisions"),
            title=row.title,
            detail=row.minutes if row.published_on is not None else "",
            on=row.decided_on or row.opens_on,
            place=row.scope.title,
            url_name="decisions:round",
            url_args=(row.ref,),
        )


def _candidates(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = visible_candidates(actor).select_related("scope", "round").filter(ref__in=refs)
    for row in rows.prefetch_related("scores", "computed_scores"):
        proofs = [Ref(score.proof_ref) for score in row.scores.all() if score.proof_ref]
        figures = [Ref(source) for score in row.computed_scores.all() for source in score.sources]
        round_ = [Ref(row.round.ref)] if row.round is not None else []
        yield Description(
            ref=Ref(row.ref),
            kind=_("candidate"),
            title=str(row.facts.get("title") or row.candidate_ref),
            on=row.entered_on,
            place=row.scope.title,
            url_name="decisions:round",
            url_args=(row.round.ref,) if row.round is not None else (),
            sources=tuple(dict.fromkeys([Ref(row.candidate_ref), *figures, *proofs, *round_])),
        )


def _outcomes(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    """An outcome rests on what was decided about, on the figures and proofs scored by, and on the round's minutes."""
    rows = visible_outcomes(actor).select_related("candidate__scope", "candidate__round").filter(ref__in=refs)
    for row in rows:
        assert row.candidate.round is not None
        yield Description(
            ref=Ref(row.ref),
            kind=_("decision"),
            title=f"{row.candidate.round.title}: {row.title}",
            detail=row.reason,
            on=row.published_on or row.decided_on,
            place=row.candidate.scope.title,
            url_name="decisions:round",
            url_args=(row.candidate.round.ref,),
            sources=(Ref(row.candidate.ref), Ref(row.candidate.candidate_ref), Ref(row.candidate.round.ref)),
        )


def _committees(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Committee.objects.visible_to(actor).select_related("scope").filter(ref__in=refs):
        yield Description(
            ref=Ref(row.ref),
            kind=_("committee"),
            title=row.title,
            on=row.constituted_on,
            place=row.scope.title,
            url_name="decisions:committee",
            url_args=(row.ref,),
            sources=(Ref(row.about_ref),) if row.about_ref else (),
        )


def _resolutions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Committee.objects.visible_to(actor)
    for row in Resolution.objects.filter(ref__in=refs, committee__in=seen).select_related("committee__scope"):
        sources = [Ref(row.session_ref)] if row.session_ref else []
        yield Description(
            ref=Ref(row.ref),
            kind=_("resolution"),
            title=f"{row.committee.title} {row.number}",
            detail=row.text,
            on=row.on,
            place=row.committee.scope.title,
            url_name="decisions:committee",
            url_args=(row.committee.ref,),
            sources=(*sources, Ref(row.committee.ref)),
        )


def _ballots(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Ballot.objects.filter(ref__in=refs, candidate__in=visible_candidates(actor))
    for row in rows.select_related("candidate__scope", "candidate__round"):
        sources = [Ref(row.session_ref)] if row.session_ref else []
        round_ = row.candidate.round
        yield Description(
            ref=Ref(row.ref),
            kind=_("vote"),
            title=str(row.candidate.facts.get("title") or row.candidate.candidate_ref),
            on=row.held_on or row.rules_set_on,
            place=row.candidate.scope.title,
            url_name="decisions:round" if round_ is not None else "",
            url_args=(round_.ref,) if round_ is not None else (),
            sources=(*sources, Ref(row.candidate.ref)),
        )


def _appeals(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Appeal.objects.filter(ref__in=refs, outcome__in=visible_outcomes(actor))
    for row in rows.select_related("outcome__candidate__scope"):
        yield Description(
            ref=Ref(row.ref),
            kind=_("appeal"),
            title=row.outcome.title,
            detail=row.answer,
            on=row.lodged_on,
            place=row.outcome.candidate.scope.title,
            sources=(Ref(row.outcome.ref),),
        )


def due(actor: Actor, as_of: date) -> list[Due]:
    return told(actor, waiting(actor, as_of))


def waiting(actor: Actor, as_of: date) -> Iterator[Waiting]:
    """Candidates to score, rounds to decide and to tell, candidates without a round."""
    if actor.user_id is not None:
        yield _to_score(actor.user_id, as_of)
    if can(actor, "decisions.decide") or can(actor, "decisions.open"):
        yield _to_decide(actor, as_of)
    if can(actor, "decisions.open"):
        yield _without_round(actor)


def _to_score(user_id: int, as_of: date) -> Waiting:
    """Rounds in which this member still owes sheets: no interest declared yet, or none and criteria left open."""
    mine = Round.objects.filter(state=RoundState.OPEN, panel__user_id=user_id).exclude(method=Method.BALLOT)
    candidates = Candidate.objects.filter(round__in=mine, state__in=JUDGED)
    interests = Interest.objects.filter(user_id=user_id, candidate__round__in=mine)
    scores = Score.objects.filter(user_id=user_id, candidate__round__in=mine)

    def tell(
        _called: Mapping[str, str],
        rounds: Sequence[Row],
        judged: Sequence[Row],
        declared: Sequence[Row],
        given: Sequence[Row],
    ) -> Iterator[Due]:
        has_interest = {one["candidate_id"]: one["has_interest"] for one in declared}
        sheets: dict[int, set[str]] = {}
        for one in given:
            sheets.setdefault(one["candidate_id"], set()).add(one["criterion"])
        for row in rounds:
            wanted = scored_by_hand(row["rules"])
            left = [
                one
                for one in judged
                if one["round_id"] == row["id"]
                and not has_interest.get(one["id"])
                and (one["id"] not in has_interest or wanted - sheets.get(one["id"], set()))
            ]
            if left:
                yield _due(row, _("Score %(count)s candidates") % {"count": len(left)}, as_of, "score")

    return Waiting(
        (
            Question(mine.order_by("pk"), ("id", *ROUND_COLUMNS, "rules")),
            Question(candidates, ("id", "round_id")),
            Question(interests, ("candidate_id", "has_interest")),
            Question(scores, ("candidate_id", "criterion")),
        ),
        tell,
    )


def _to_decide(actor: Actor, as_of: date) -> Waiting:
    over = Q(state=RoundState.SCORED) | Q(state=RoundState.OPEN, closes_on__lt=as_of) | Q(state=RoundState.DECIDED)
    rows = visible_rounds(actor).filter(over).order_by("closes_on")[:100]

    def tell(_called: Mapping[str, str], rounds: Sequence[Row]) -> Iterator[Due]:
        for row in rounds:
            words = _("Tell the outcomes") if row["state"] == RoundState.DECIDED else _("Decide")
            yield _due(row, words, as_of, "round")

    return Waiting((Question(rows, ROUND_COLUMNS),), tell)


def _without_round(actor: Actor) -> Waiting:
    rows = visible_candidates(actor).filter(state=CandidateState.WAITING).order_by("entered_on", "pk")[:500]

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        kinds: dict[str, list[Row]] = {}
        for row in found:
            kinds.setdefault(row["definition"], []).append(row)
        for candidates in kinds.values():
            first = min(candidates, key=lambda row: (row["entered_on"], row["id"]))
            yield Due(
                Ref(first["ref"]),
                _("%(count)s candidates wait for a round") % {"count": len(candidates)},
                str(first["facts"].get("title") or ""),
                first["entered_on"],
                "warn",
                "decisions:rounds",
            )

    return Waiting((Question(rows, ("id", "ref", "definition", "facts", "entered_on")),), tell)


def _due(row: Row, words: str, as_of: date, page: str) -> Due:
    left = (row["closes_on"] - as_of).days
    severity = "bad" if left < 0 else "warn" if left <= WARN_DAYS else "blue"
    ref = Ref(row["ref"])
    return Due(ref, f"{row['title']}: {words}", "", row["closes_on"], severity, f"decisions:{page}", (ref,))


def facts(*, as_of: date) -> Iterator[Fact]:
    """Outcomes told, resolutions passed, seats held: for figures about proposals decided and women in office."""
    told = Outcome.objects.filter(published_on__lte=as_of).select_related("candidate__scope", "candidate__round")
    for row in told.order_by("pk").iterator(CHUNK):
        assert row.published_on is not None
        yield Fact(
            kind="decisions.outcome",
            ref=Ref(row.ref),
            scope=row.candidate.scope.path,
            on=row.published_on,
            party=Ref(row.candidate.subject_ref),
            codes={
                "round": row.candidate.definition.rpartition(".")[2],
                "outcome": row.outcome,
                "good": row.is_good,
                "reserve": row.is_reserve,
                "departs": row.departs,
                "days": (row.published_on - row.candidate.entered_on).days,
            },
            sources=(Ref(row.ref), Ref(row.candidate.candidate_ref)),
        )
    for seat in (
        Seat.objects.filter(starts_on__lte=as_of).select_related("committee__scope").order_by("pk").iterator(CHUNK)
    ):
        is_over = seat.ends_on is not None and seat.ends_on <= as_of
        yield Fact(
            kind="decisions.seat",
            ref=Ref(seat.committee.ref),
            scope=seat.committee.scope.path,
            on=seat.starts_on,
            until=seat.ends_on if is_over else None,
            party=Ref(seat.party_ref),
            codes={
                "committee": seat.committee.kind,
                "class": seat.seat_class,
                "office": seat.office,
                "active": not is_over,
            },
            sources=(Ref(seat.committee.ref),),
        )
    resolved = Resolution.objects.filter(on__lte=as_of).select_related("committee__scope")
    for one in resolved.order_by("pk").iterator(CHUNK):
        yield Fact(
            kind="decisions.resolution",
            ref=Ref(one.ref),
            scope=one.committee.scope.path,
            on=one.on,
            codes={"committee": one.committee.kind, "passed": one.passed, "linked": bool(one.linked_programme)},
            sources=(Ref(one.ref),),
        )


def export(actor: Actor, scope: str, as_of: date) -> Iterator[Mapping[str, Any]]:
    """Outcomes with their reasons and ranking, committees with seats and resolutions: at and under a node."""
    rows = visible_outcomes(actor).filter(candidate__scope__path__startswith=scope, decided_on__lte=as_of)
    for row in rows.select_related("candidate__scope", "candidate__round").order_by("pk").iterator(CHUNK):
        assert row.candidate.round is not None
        yield {
            "kind": "outcome",
            "ref": row.ref,
            "round": row.candidate.round.ref,
            "definition": row.candidate.definition,
            "version": row.candidate.round.definition_version,
            "about": row.candidate.candidate_ref,
            "subject": row.candidate.subject_ref,
            "scope": row.candidate.scope.path,
            "outcome": row.outcome,
            "reason": row.reason,
            "rank": row.rank,
            "score": str(row.score) if row.score is not None else None,
            "departs": row.departs,
            "decided_on": row.decided_on,
            "published_on": row.published_on,
        }
    bodies = Committee.objects.visible_to(actor).under(scope).filter(constituted_on__lte=as_of)
    for body in bodies.select_related("scope").prefetch_related("seats", "resolutions").order_by("pk"):
        yield {
            "kind": "committee",
            "ref": body.ref,
            "title": body.title,
            "scope": body.scope.path,
            "constituted_on": body.constituted_on,
            "seats": [
                {
                    "party": seat.party_ref,
                    "class": seat.seat_class,
                    "starts_on": seat.starts_on,
                    "ends_on": seat.ends_on,
                }
                for seat in body.seats.all()
            ],
            "resolutions": [
                {"number": one.number, "text": one.text, "passed": one.passed, "on": one.on}
                for one in body.resolutions.all()
            ],
        }


def recheck(party: Ref) -> None:
    """Nothing hangs on a doubled person here.

    Seats and candidates name parties by reference, and readers group them.
    """
