"""Plans, the activities of the framework at each place, and the proof that an output was reached."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.results.types import ActivityState, PlanKind


class Plan(Scoped):
    """A work plan of a place for a period. Once approved it is kept; a later version takes its place."""

    data_class: ClassVar[str] = "P1"

    ref = RefField(kind="pln")
    kind = models.CharField(max_length=16, choices=[(one.value, one.value) for one in PlanKind])
    title = models.CharField(max_length=200)
    version = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField()
    made_on = models.DateField()
    made_by = models.CharField(max_length=120)
    sections = models.JSONField(default=list)
    rolled_up_from = models.JSONField(default=list)
    approved_on = models.DateField(null=True)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    key = models.CharField(max_length=200, null=True, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scope", "kind", "starts_on", "version"], name="results_plan_version_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="results_plan_period"),
        ]


class Activity(Scoped):
    """An activity of the framework at one place: planned, running, done with proof, or dropped with a reason."""

    data_class: ClassVar[str] = "P1"

    ref = RefField(kind="act")
    node_id = models.CharField(max_length=60, db_index=True)
    title = models.CharField(max_length=300, blank=True, default="")
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in ActivityState])
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    done_on = models.DateField(null=True)
    owner = models.CharField(max_length=120, blank=True, default="")
    evidence_ref = PointerField(blank=True)
    budget_line = models.CharField(max_length=60, blank=True, default="")
    note = models.TextField(blank=True, default="")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="activities")
    key = models.CharField(max_length=200, null=True, unique=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~Q(state=ActivityState.DONE) | Q(evidence_ref__gt="", done_on__isnull=False),
                name="results_done_needs_proof",
            ),
            models.CheckConstraint(
                condition=~Q(state=ActivityState.DROPPED) | Q(note__gt=""), name="results_dropped_needs_reason"
            ),
        ]


class OutputProof(Scoped):
    """Evidence that an output itself was reached at a place, judged by somebody. Only ever added."""

    data_class: ClassVar[str] = "P1"

    ref = RefField(kind="opr")
    node_id = models.CharField(max_length=60, db_index=True)
    on = models.DateField()
    is_reached = models.BooleanField()
    evidence_ref = PointerField()
    by = models.CharField(max_length=120)
    note = models.TextField(blank=True, default="")
    recorded_at = models.DateTimeField()
