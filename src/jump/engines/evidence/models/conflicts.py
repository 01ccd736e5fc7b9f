"""The table of edits that crossed: two people changed one form, neither knowing of the other's change."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.refs import RefField
from jump.base.scopes import Scoped
from jump.engines.evidence.models.forms import FormVersion
from jump.engines.evidence.models.receiving import SentInstance
from jump.engines.evidence.models.registers import Entity
from jump.engines.evidence.models.submissions import Submission
from jump.engines.evidence.types import ConflictState


class EditConflict(Scoped):
    """An edit that began from answers which another edit had changed meanwhile.

    `first` is who wrote what stood when it came, `by` who sent the later edit. `paths` names the questions: True where
    both answered and a person decides. What was answered lies sealed under the key of the submission. With `entity` it
    is about a line of a register, of which another form says something else that this sender had not heard of.
    """

    ref = RefField(kind="cfl")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="conflicts")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, null=True, related_name="+")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    sent = models.ForeignKey(SentInstance, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in ConflictState])
    first_key = models.CharField(max_length=120)
    first_title = models.CharField(max_length=150, blank=True, default="")
    first_party = models.CharField(max_length=24, blank=True, default="")
    first_at = models.DateTimeField()
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    by_party = models.CharField(max_length=24, blank=True, default="")
    at = models.DateTimeField()
    on = models.DateField()
    paths = models.JSONField(default=dict)
    sealed = models.TextField(blank=True, default="")
    chosen = models.JSONField(default=dict)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_title = models.CharField(max_length=150, blank=True, default="")
    why = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in ConflictState]), name="evidence_conflict_state"
            ),
            models.CheckConstraint(
                condition=Q(state="decided", decided_at__isnull=False)
                | (~Q(state="decided") & Q(decided_at__isnull=True)),
                name="evidence_conflict_decided_by_somebody",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "scope", "at"], name="evidence_conflict_waiting")
        ]
