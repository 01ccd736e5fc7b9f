"""Reading rounds, candidates, outcomes and appeals."""

from collections.abc import Mapping, Sequence

from django.contrib.auth import get_user_model
from django.db.models import Count, QuerySet

from jump.base.actors import Actor
from jump.base.i18n import text
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.decisions.models import Appeal, Candidate, Interest, Outcome, Panelist, Round
from jump.engines.decisions.queries.ranking import JUDGED, criteria_of, missing_sheets
from jump.engines.decisions.queries.visible import (
    round_row,
    visible_candidates,
    visible_outcomes,
    visible_rounds,
)
from jump.engines.decisions.types import (
    AppealView,
    CandidateState,
    CandidateView,
    Method,
    OutcomeChoice,
    OutcomeView,
    PanelMember,
    RoundRow,
    RoundState,
    RoundView,
)


def round_(actor: Actor, ref: Ref) -> RoundView:
    """One round with its criteria, panel and candidates; no scores. Raises NotFound."""
    row = round_row(actor, ref)
    candidates = list(Candidate.objects.filter(round=row).select_related("scope", "round", "outcome").order_by("pk"))
    members = list(row.panel.values_list("user_id", flat=True))
    judged = [one.pk for one in candidates if one.state in JUDGED]
    return RoundView(
        ref=Ref(row.ref),
        definition=row.definition,
        version=row.definition_version,
        title=row.title,
        scope=row.scope.path,
        state=RoundState(row.state),
        method=Method(row.method),
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        decided_on=row.decided_on,
        published_on=row.published_on,
        criteria=criteria_of(row),
        outcomes=tuple(_choice(one) for one in row.rules["outcomes"]),
        options=tuple((str(one["id"]), text(one["title"])) for one in row.rules.get("options") or ()),
        panel=_panel(row, members, candidates),
        panel_min=int(row.rules.get("panel_min") or 0),
        candidates=tuple(_candidate_views(actor, candidates)),
        minutes=row.minutes,
        present=tuple(row.present),
        scores_complete=row.method != Method.BALLOT and missing_sheets(row, members=members, candidates=judged) == 0,
        i_am_on_panel=actor.user_id in members,
    )


def _choice(one: Mapping[str, object]) -> OutcomeChoice:
    from jump.engines.decisions.services.deciding import is_reserve

    title = one["title"]
    assert isinstance(title, dict | str)
    return OutcomeChoice(
        id=str(one["id"]),
        title=text(title),
        good=bool(one.get("good")),
        reserve=is_reserve(one),
        reason_required=bool(one.get("reason_required", not one.get("good"))),
    )


def _panel(row: Round, members: Sequence[int], candidates: Sequence[Candidate]) -> tuple[PanelMember, ...]:
    """Who sits and how far each has come; what they scored stays sealed."""
    users = {user.pk: user for user in get_user_model().objects.filter(pk__in=members)}
    interests: dict[int, int] = {}
    for user_id in Interest.objects.filter(candidate__round=row, has_interest=True).values_list("user_id", flat=True):
        interests[user_id] = interests.get(user_id, 0) + 1
    wanted = sum(1 for one in criteria_of(row) if not one.computed)
    scored: dict[int, int] = {}
    counted = Candidate.objects.filter(round=row).values("pk", "scores__user_id").annotate(given=Count("scores__pk"))
    for line in counted:
        if wanted and line["given"] >= wanted:
            scored[line["scores__user_id"]] = scored.get(line["scores__user_id"], 0) + 1
    live = sum(1 for one in candidates if one.state != CandidateState.WITHDRAWN)
    return tuple(
        PanelMember(
            user_id=user_id,
            name=users[user_id].get_full_name() or users[user_id].get_username(),
            candidates_scored=scored.get(user_id, 0),
            candidates_to_score=live - interests.get(user_id, 0),
            interests=interests.get(user_id, 0),
        )
        for user_id in members
    )


def _candidate_views(actor: Actor, rows: Sequence[Candidate]) -> list[CandidateView]:
    mine: dict[int, bool] = {}
    if actor.user_id is not None:
        declared = Interest.objects.filter(candidate__in=rows, user_id=actor.user_id)
        mine = dict(declared.values_list("candidate_id", "has_interest"))
    seen = set(visible_outcomes(actor).filter(candidate__in=rows).values_list("candidate_id", flat=True))
    found = []
    for row in rows:
        outcome = getattr(row, "outcome", None) if row.pk in seen else None
        found.append(
            CandidateView(
                ref=Ref(row.ref),
                round_ref=Ref(row.round.ref) if row.round is not None else None,
                definition=row.definition,
                candidate_ref=Ref(row.candidate_ref),
                subject_ref=Ref(row.subject_ref),
                scope=row.scope.path,
                state=CandidateState(row.state),
                facts=dict(row.facts),
                entered_on=row.entered_on,
                outcome=outcome.outcome if outcome is not None else "",
                outcome_ref=Ref(outcome.ref) if outcome is not None else None,
                my_interest=mine.get(row.pk),
            )
        )
    return found


def _rounds(actor: Actor, *, definition: str, scope: str, state: str) -> QuerySet[Round]:
    rows = visible_rounds(actor)
    if definition:
        rows = rows.filter(definition=definition)
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    if state:
        rows = rows.filter(state=state)
    return rows


def rounds(
    actor: Actor, *, definition: str = "", scope: str = "", state: str = "", limit: int = 50, offset: int = 0
) -> list[RoundRow]:
    """Rounds, newest first. Two statements."""
    rows = _rounds(actor, definition=definition, scope=scope, state=state)
    page = list(
        rows.select_related("scope")
        .annotate(taken_in=Count("candidates"))
        .order_by("-opens_on", "-pk")[offset : offset + limit]
    )
    mine: set[int] = set()
    if actor.user_id is not None:
        sits = Panelist.objects.filter(user_id=actor.user_id, round__in=page)
        mine = set(sits.values_list("round_id", flat=True))
    return [
        RoundRow(
            ref=Ref(row.ref),
            definition=row.definition,
            title=row.title,
            scope=row.scope.path,
            state=RoundState(row.state),
            method=Method(row.method),
            opens_on=row.opens_on,
            closes_on=row.closes_on,
            candidates=row.taken_in,
            i_am_on_panel=row.pk in mine,
        )
        for row in page
    ]


def count_rounds(actor: Actor, *, definition: str = "", scope: str = "", state: str = "") -> int:
    return _rounds(actor, definition=definition, scope=scope, state=state).count()


def candidate(actor: Actor, ref: Ref) -> CandidateView:
    """One candidate. Raises NotFound."""
    rows = visible_candidates(actor).select_related("scope", "round", "outcome").filter(ref=ref)
    found = _candidate_views(actor, list(rows[:1]))
    if not found:
        raise NotFound(ref=ref)
    return found[0]


def waiting(
    actor: Actor, *, definition: str = "", scope: str = "", limit: int = 50, offset: int = 0
) -> list[CandidateView]:
    """Candidates that wait for a round of their kind to open, longest first."""
    rows = visible_candidates(actor).filter(state=CandidateState.WAITING)
    if definition:
        rows = rows.filter(definition=definition)
    if scope:
        rows = rows.filter(scope__path__startswith=scope)
    page = rows.select_related("scope", "round", "outcome").order_by("entered_on", "pk")[offset : offset + limit]
    return _candidate_views(actor, list(page))


def kept_for_later(actor: Actor, *, definition: str, scope: str = "") -> list[OutcomeView]:
    """Who was kept in reserve or declined in published rounds and not invited again, reserve first (SELECT-09)."""
    rows = visible_outcomes(actor).filter(
        candidate__definition=definition, is_good=False, published_on__isnull=False, invited_again_on__isnull=True
    )
    if scope:
        rows = rows.filter(candidate__scope__path__startswith=scope)
    ordered = _outcome_rows(rows).order_by("-is_reserve", "rank", "pk")
    return [_outcome_view(row) for row in ordered]


def outcomes(
    actor: Actor,
    *,
    round_ref: Ref | None = None,
    about_ref: Ref | None = None,
    subject_ref: Ref | None = None,
    limit: int = 200,
    offset: int = 0,
) -> list[OutcomeView]:
    """Outcomes as far as they may be seen: before publication only by who may see the round."""
    rows = visible_outcomes(actor)
    if round_ref:
        rows = rows.filter(candidate__round__ref=round_ref)
    if about_ref:
        rows = rows.filter(candidate__candidate_ref=about_ref)
    if subject_ref:
        rows = rows.filter(candidate__subject_ref=subject_ref)
    return [_outcome_view(row) for row in _outcome_rows(rows).order_by("pk")[offset : offset + limit]]


def outcome(actor: Actor, ref: Ref) -> OutcomeView:
    """One outcome. Raises NotFound."""
    found = _outcome_rows(visible_outcomes(actor).filter(ref=ref)).first()
    if found is None:
        raise NotFound(ref=ref)
    return _outcome_view(found)


def _outcome_rows(rows: QuerySet[Outcome]) -> QuerySet[Outcome]:
    return rows.select_related("candidate__scope", "candidate__round")


def _outcome_view(row: Outcome) -> OutcomeView:
    assert row.candidate.round is not None
    return OutcomeView(
        ref=Ref(row.ref),
        round_ref=Ref(row.candidate.round.ref),
        candidate_ref=Ref(row.candidate.ref),
        about_ref=Ref(row.candidate.candidate_ref),
        subject_ref=Ref(row.candidate.subject_ref),
        scope=row.candidate.scope.path,
        outcome=row.outcome,
        title=row.title,
        good=row.is_good,
        reserve=row.is_reserve,
        reason=row.reason,
        conditions=tuple(row.conditions),
        rank=row.rank,
        score=row.score,
        departs=row.departs,
        decided_on=row.decided_on,
        published_on=row.published_on,
    )


def appeals(actor: Actor, *, outcome_ref: Ref | None = None, scope: str = "") -> list[AppealView]:
    """Appeals against outcomes that the reader may see, open ones first."""
    rows = Appeal.objects.filter(outcome__in=visible_outcomes(actor)).select_related("outcome")
    if outcome_ref:
        rows = rows.filter(outcome__ref=outcome_ref)
    if scope:
        rows = rows.filter(outcome__candidate__scope__path__startswith=scope)
    return [
        AppealView(
            ref=Ref(row.ref),
            outcome_ref=Ref(row.outcome.ref),
            grounds=row.grounds,
            state=row.state,
            lodged_on=row.lodged_on,
            answer=row.answer,
            answered_on=row.answered_on,
        )
        for row in rows.order_by("answered_on", "pk")
    ]
