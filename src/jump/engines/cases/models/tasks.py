"""Who owes what by when, about what."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.cases.types import TaskState


class Task(Scoped):
    """One thing to do. `source` says what asked for it: the calendar, a session, a recommendation."""

    data_class = "P1"

    ref = RefField(kind="tsk")
    title = models.CharField(max_length=250)
    about_ref = PointerField(blank=True)
    owner_role = models.CharField(max_length=40, db_index=True)
    owner_ref = PointerField(blank=True)
    due_on = models.DateField(null=True)
    period_starts_on = models.DateField(null=True)  # of a rhythm: what was done from here on counts for this task
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in TaskState], default="open")
    finished_on = models.DateField(null=True)
    note = models.TextField(blank=True, default="")
    proof_ref = PointerField(blank=True)
    source = models.CharField(max_length=160, blank=True, default="")
    asks = models.CharField(max_length=120, blank=True, default="")  # full id of a form, or "session:<kind>"
    added_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=200, unique=True)
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state="open", finished_on__isnull=True) | ~Q(state="open"),
                name="cases_open_task_not_finished",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["asks", "state"]),
        ]
