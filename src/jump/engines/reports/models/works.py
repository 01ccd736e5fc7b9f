"""Works (a curriculum's material, a guideline, a tool) in editions: by language and place, each from a parent."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.guards import Kept
from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.reports.types.works import WorkState


class Work(Scoped):
    """Something that is written, translated, adapted and revised. What it says stands in its editions."""

    data_class: ClassVar[str] = "P1"

    ref = RefField(kind="wrk")
    kind = models.CharField(max_length=30, db_index=True)
    title = models.CharField(max_length=200)
    curriculum = models.CharField(max_length=120, blank=True, default="", db_index=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    key = models.CharField(max_length=150, null=True, unique=True)

    class Meta:
        ordering = ("title", "pk")


class WorkEdition(Scoped):
    """One edition: its language, the place it is for (`scope`), its parent, why it differs, its test, its licence.

    A translation has a parent in another language, an adaptation one for another place, a revision one before it in the
    same language and place.
    """

    data_class: ClassVar[str] = "P1"

    ref = RefField(kind="wed")
    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    change = models.TextField(blank=True, default="")  # what was changed against the parent, and why
    because = models.JSONField(default=list)  # courses and forms that asked for it
    authors = models.JSONField(default=list)  # parties
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in WorkState])
    begun_on = models.DateField()
    due_on = models.DateField(null=True)
    file_ref = PointerField(blank=True)
    address = models.CharField(max_length=300, blank=True, default="")
    licence = models.CharField(max_length=80, blank=True, default="")
    cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    tested_on = models.DateField(null=True)
    test_result = models.TextField(blank=True, default="")
    test_ref = PointerField(blank=True)
    published_on = models.DateField(null=True)
    published_by = models.CharField(max_length=120, blank=True, default="")
    withdrawn_why = models.TextField(blank=True, default="")
    made_by = models.CharField(max_length=120)
    key = models.CharField(max_length=150, null=True, unique=True)

    class Meta:
        ordering = ("work", "number")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["work", "number"], name="reports_work_edition_once"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(change=""), name="reports_work_says_what_changed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[WorkState.ASKED.value, WorkState.DRAFT.value])
                | Q(tested_on__isnull=False) & ~Q(test_result=""),
                name="reports_work_was_tested",
            ),
            models.CheckConstraint(
                condition=~Q(state=WorkState.PUBLISHED.value)
                | Q(published_on__isnull=False) & (~Q(file_ref="") | ~Q(address="")),
                name="reports_work_published_is_there",
            ),
            models.CheckConstraint(
                condition=Q(cost_minor__isnull=True) | Q(cost_minor__gte=0) & ~Q(currency=""),
                name="reports_work_cost_has_a_currency",
            ),
        ]


WORK_GUARDS = (
    Kept(
        "reports_workedition",
        ("ref", "work_id", "number", "language", "scope_id", "parent_id"),
        "what an edition comes from never changes; make the next one",
    ),
    Kept(
        "reports_workedition",
        ("change", "authors", "file_ref", "address", "test_result", "published_on", "published_by"),
        "a published edition never changes; make the next one",
        when="OLD.published_on IS NOT NULL",
        no_delete=True,
    ),
)
