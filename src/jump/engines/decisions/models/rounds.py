"""Rounds: criteria frozen at opening, candidates, interests, sealed scores, outcomes, ballots, appeals."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.decisions.types import CandidateState, Method, RoundState


class Round(Scoped):
    """One round of deciding. What is judged by (`criteria`, `outcomes`, `capacity`) is a copy, made when it opened."""

    data_class = "D"

    ref = RefField(kind="rnd")
    definition = models.CharField(max_length=120, db_index=True)
    definition_version = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    method = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Method])
    rules = models.JSONField()  # criteria, outcomes, options, tie_break, capacity, panel_min as declared at opening
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in RoundState], default="open")
    opens_on = models.DateField()
    closes_on = models.DateField()
    opened_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    scored_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    published_on = models.DateField(null=True)
    minutes = models.TextField(blank=True, default="")
    present = models.JSONField(default=list)  # user ids of the members who decided
    computed = models.JSONField(default=list)  # the ranking as it stood when the panel decided
    key = models.CharField(max_length=200, unique=True, null=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("-opens_on", "-pk")
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="decisions_round_period"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "scored"], decided_on__isnull=True)
                | Q(state__in=["decided", "published"], decided_on__isnull=False),
                name="decisions_decided_has_a_date",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_on__isnull=False), name="decisions_published_has_a_date"
            ),
        ]


class Panelist(models.Model):
    """A member of a round's panel."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="panel")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["round", "user"], name="decisions_on_panel_once"),
        ]


class Candidate(Scoped):
    """Something to decide about. Without a round it waits for the next one of its definition."""

    data_class = "D"

    ref = RefField(kind="can")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, null=True, related_name="candidates")
    definition = models.CharField(max_length=120, db_index=True)
    candidate_ref = PointerField()
    subject_ref = PointerField()
    answer_to = models.CharField(max_length=120, blank=True, default="")
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in CandidateState])
    entered_on = models.DateField()
    why_withdrawn = models.TextField(blank=True, default="")
    key = models.CharField(max_length=200, unique=True)
    key_digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["definition", "candidate_ref"],
                condition=Q(state__in=["waiting", "in_round"]),
                name="decisions_one_live_candidate",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", round__isnull=True)
                | Q(state__in=["in_round", "decided"], round__isnull=False)
                | Q(state="withdrawn"),
                name="decisions_candidate_has_its_round",
            ),
        ]


class Interest(models.Model):
    """What a member of the panel declared about a candidate, before scoring."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="interests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    has_interest = models.BooleanField()
    what = models.TextField(blank=True, default="")
    declared_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["candidate", "user"], name="decisions_interest_once"),
        ]


class Score(models.Model):
    """What one member gave one candidate on one criterion."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="scores")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    criterion = models.CharField(max_length=60)
    value = models.SmallIntegerField()
    comment = models.TextField(blank=True, default="")
    proof_ref = PointerField(blank=True)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["candidate", "user", "criterion"], name="decisions_scored_once"),
        ]


class ComputedScore(models.Model):
    """A criterion that is a figure: supplied from above with what it rests on, the same for every member."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="computed_scores")
    criterion = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    sources = models.JSONField(default=list)
    given_by = models.CharField(max_length=120)
    given_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["candidate", "criterion"], name="decisions_computed_once"),
        ]


class Outcome(models.Model):
    """What was decided about one candidate, beside where the ranking had put it. Never changed after publication."""

    ref = RefField(kind="out")
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="outcome")
    outcome = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    is_good = models.BooleanField()
    is_reserve = models.BooleanField(default=False)
    reason = models.TextField(blank=True, default="")
    conditions = models.JSONField(default=list)
    rank = models.PositiveIntegerField(null=True)
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    departs = models.BooleanField(default=False)
    decided_on = models.DateField()
    published_on = models.DateField(null=True)
    invited_again_on = models.DateField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(departs=False) | ~Q(reason=""), name="decisions_departure_has_a_reason"),
        ]


class Ballot(models.Model):
    """A vote among the people concerned. The rules are theirs and stand before the vote (INDISCO-05, SELECT-10)."""

    ref = RefField(kind="bal")
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="ballot")
    electorate = models.PositiveIntegerField()
    quorum_percent = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=20)
    rules_set_on = models.DateField()
    held_on = models.DateField(null=True)
    counts = models.JSONField(default=dict)
    session_ref = PointerField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(quorum_percent__lte=100), name="decisions_ballot_quorum"),
            models.CheckConstraint(condition=Q(electorate__gt=0), name="decisions_ballot_electorate"),
            models.CheckConstraint(
                condition=Q(held_on__isnull=True) | Q(held_on__gte=F("rules_set_on")),
                name="decisions_ballot_rules_first",
            ),
        ]


class Appeal(models.Model):
    """Somebody disagrees with a published outcome."""

    ref = RefField(kind="app")
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="appeals")
    grounds = models.TextField()
    lodged_on = models.DateField()
    lodged_by = models.CharField(max_length=120)
    state = models.CharField(
        max_length=10, choices=[(one, one) for one in ("open", "upheld", "dismissed")], default="open"
    )
    answer = models.TextField(blank=True, default="")
    answered_on = models.DateField(null=True)
    answered_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["outcome"], condition=Q(state="open"), name="decisions_one_open_appeal"),
        ]
