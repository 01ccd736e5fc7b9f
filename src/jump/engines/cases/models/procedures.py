"""Cases and their steps: where somebody stands on a declared road."""

from typing import Any, ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from jump.base.actors import Actor
from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped, ScopedQuerySet
from jump.engines.cases.types import CaseState, StepKind, StepState

ROW_CLASSES = ("P1", "P2", "P3", "F")
OPEN_STATES = (StepState.HERE.value, StepState.WAITING.value)


class CaseQuerySet(ScopedQuerySet):
    """Cases, each of the class that its procedure declares: a loan case is F, a withdrawal from child labour P3."""

    def visible_to(self, actor: Actor, data_class: str | None = None) -> Self:
        if data_class is not None:
            return super().visible_to(actor, data_class).filter(row_class=data_class)
        if actor.is_system:
            return self
        rule = Q(pk__in=[])
        for one in ROW_CLASSES:
            for path in actor.paths_viewing(one):
                rule |= Q(row_class=one, scope__path__startswith=path)
        if actor.row_refs:  # one's own road, and a case that was handed over
            rule |= Q(ref__in=actor.row_refs) | Q(subject_ref__in=actor.row_refs)
        return self.filter(rule)


class Case(Scoped):
    """One subject on its way through one version of a procedure.

    `procedure_version` never changes: a running case keeps the version that it started with. `bound` holds what earlier
    effects gave back (`contract: {ref: …}`) and facts that were set by name.
    """

    data_class = "P1"

    ref = RefField(kind="cas")
    procedure = models.CharField(max_length=120, db_index=True)
    procedure_version = models.CharField(max_length=20)
    row_class = models.CharField(max_length=2, default="P1")
    subject_ref = PointerField(db_index=False)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in CaseState], default="open")
    outcome = models.CharField(max_length=60, blank=True, default="")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    opened_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    bound = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.CharField(max_length=200, unique=True, null=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    objects = CaseQuerySet.as_manager()  # type: ignore[misc]  # each row of its own class

    class Meta:
        constraints: ClassVar[list[Any]] = [
            # One live case per subject and procedure (SELECT-06): a second letter cannot open a second road.
            models.UniqueConstraint(
                fields=["procedure", "subject_ref"], condition=Q(state="open"), name="cases_one_open_case"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True) | Q(state="closed", closed_on__isnull=False),
                name="cases_closed_has_a_date",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["state", "opened_on"]),
            models.Index(fields=["subject_ref", "state"], name="cases_about"),
        ]


class Step(models.Model):
    """One step that was entered. Entered again (a revision, a reopening) it is a new row with the next round number."""

    ref = RefField(kind="stp")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    key = models.CharField(max_length=60)
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in StepKind])
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in StepState])
    by_role = models.CharField(max_length=40, blank=True, default="")
    asks = models.CharField(max_length=120, blank=True, default="")
    entered_on = models.DateField()
    due_on = models.DateField(null=True)
    planned_end_on = models.DateField(null=True)  # the planned length of a stage; re-dating does not move it
    done_on = models.DateField(null=True)
    outcome = models.CharField(max_length=60, blank=True, default="")
    detail = models.TextField(blank=True, default="")
    proof_ref = PointerField(blank=True)
    proofs = models.JSONField(default=list)  # every record given to this step, in order
    asking = models.PositiveSmallIntegerField(default=0)  # how often this step asked another engine
    answered = models.CharField(max_length=60, blank=True, default="")
    answer_facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    refused_code = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["case", "key", "round"], name="cases_step_once_a_round"),
            models.UniqueConstraint(
                fields=["case", "key"], condition=Q(state__in=OPEN_STATES), name="cases_step_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, done_on__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(done_on__isnull=False)),
                name="cases_step_done_has_a_date",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["kind", "state", "asks"]),
        ]


class GateWaiver(models.Model):
    """A gate that somebody let pass, with the reason. Never changed, never removed."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="waivers")
    gate = models.CharField(max_length=60)
    why = models.TextField()
    by = models.CharField(max_length=120)
    by_name = models.CharField(max_length=150)
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["step", "gate"], name="cases_gate_waived_once"),
            models.CheckConstraint(condition=~Q(why=""), name="cases_waiver_has_a_reason"),
        ]


class StepDating(models.Model):
    """A due date that was moved: the old one is kept, with the reason (PROG-07)."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="datings")
    old_due_on = models.DateField(null=True)
    new_due_on = models.DateField()
    why = models.TextField()
    by = models.CharField(max_length=120)
    by_name = models.CharField(max_length=150)
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(why=""), name="cases_dating_has_a_reason"),
        ]
