"""Any gathering, visit or trip, with its people; courses and who is enrolled."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.i18n import text
from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.cases.models.procedures import Step
from jump.engines.cases.types import DeliveredBy, SessionState


class Course(Scoped):
    """A course given from one version of a declared curriculum, by the programme or by another provider.

    `communities` are those it was planned for; `delivered_by` is the class of the provider on the day it was opened.
    """

    data_class = "P1"

    ref = RefField(kind="crs")
    curriculum = models.CharField(max_length=120, db_index=True)
    curriculum_version = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    level = models.CharField(max_length=16)
    starts_on = models.DateField()
    ends_on = models.DateField()
    trainers = models.JSONField(default=list)
    provider_ref = PointerField(blank=True)
    delivered_by = models.CharField(max_length=16, default=DeliveredBy.PROGRAMME.value)
    communities = models.JSONField(default=list)
    finished_on = models.DateField(null=True)
    key = models.CharField(max_length=200, unique=True, null=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="cases_course_period"),
            models.CheckConstraint(
                condition=Q(level__in=["grassroots", "national", "regional", "interregional"]),
                name="cases_course_level",
            ),
            models.CheckConstraint(
                condition=Q(delivered_by=DeliveredBy.PROGRAMME.value) | ~Q(provider_ref=""),
                name="cases_course_has_a_provider",
            ),
        ]


class Enrolment(models.Model):
    """One person in one course."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrolments")
    person_ref = PointerField()
    group_ref = PointerField(blank=True)
    enrolled_on = models.DateField()
    completed_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    certificate_ref = PointerField(blank=True)
    gates_waived = models.JSONField(default=list)  # [{"gate", "by", "why", "on"}]

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["course", "person_ref"], name="cases_enrolled_once"),
            models.CheckConstraint(
                condition=Q(certificate_ref="") | Q(completed_on__isnull=False), name="cases_certified_has_completed"
            ),
        ]


class Session(Scoped):
    """A workshop, orientation, meeting, visit, mission, study tour, consultation or conference; a case is optional."""

    data_class = "P1"

    ref = RefField(kind="ses")
    kind = models.CharField(max_length=40, db_index=True)
    curriculum = models.CharField(max_length=120, blank=True, default="")
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in SessionState])
    held_on = models.DateField(db_index=True)
    ended_on = models.DateField(null=True)
    hosts = models.JSONField(default=list)
    about = models.JSONField(default=list)
    agenda = models.JSONField(default=list)
    products = models.JSONField(default=list)
    issues = models.JSONField(default=list)
    materials = models.JSONField(default=list)  # what was used or handed out: [{"title", "ref"}]
    totals = models.JSONField(default=dict)  # people not listed one by one: {"female:15-24": 7}
    purpose = models.TextField(blank=True, default="")
    cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    minutes = models.TextField(blank=True, default="")
    travel_km = models.PositiveIntegerField(null=True)
    travel_by = models.CharField(max_length=20, blank=True, default="")
    words = models.JSONField(default=dict)  # the title as a package says it, by language: {"en": "Visit"}
    details = models.JSONField(default=dict)
    why_cancelled = models.TextField(blank=True, default="")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, null=True, related_name="sessions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, null=True, related_name="sessions")
    hours = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    recorded_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=200, unique=True, null=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("-held_on", "-pk")
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("held_on")), name="cases_session_period"
            ),
            models.CheckConstraint(
                condition=Q(cost_minor__isnull=True) | (Q(cost_minor__gte=0) & ~Q(currency="")),
                name="cases_session_cost_has_a_currency",
            ),
        ]

    @property
    def name(self) -> str:
        """Its title in the reader's language, where a package gave it."""
        return text(self.words) or self.title


class Attendance(models.Model):
    """One person at one session; without `person_ref` a person of whom only sex and age group are known. No names."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendance")
    person_ref = PointerField(blank=True)
    group_ref = PointerField(blank=True)
    role = models.CharField(max_length=40, default="participant")
    sex = models.CharField(max_length=10, default="not_stated")
    age_group = models.CharField(max_length=20, default="not_stated")
    invited = models.BooleanField(default=False)
    attended = models.BooleanField(default=True)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["session", "person_ref"], condition=~Q(person_ref=""), name="cases_attends_once"
            ),
        ]


class ExpectedReport(models.Model):
    """A report on a session that one party owes: a study tour expects one from each visiting group (NETWORK-03)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="reports")
    from_ref = PointerField()
    submission_ref = PointerField(blank=True)
    given_on = models.DateField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["session", "from_ref"], name="cases_report_once"),
        ]
