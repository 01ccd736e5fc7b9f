"""The tables of spreadsheets that came in: the file, how far it was read, and which row became which form."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.evidence.models.forms import FormVersion
from jump.engines.evidence.models.submissions import Submission
from jump.engines.evidence.types import SheetState


class SheetBatch(Scoped):
    """A spreadsheet of filled forms: checked first, then taken in whole or in part, and taken back while it waits."""

    ref = RefField(kind="sht")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    file_ref = PointerField()
    marked_ref = PointerField(blank=True)
    name = models.CharField(max_length=200)
    on = models.DateField()
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in SheetState])
    by_key = models.CharField(max_length=120, db_index=True)
    by_title = models.CharField(max_length=150, blank=True, default="")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    rows_read = models.PositiveIntegerField(default=0)
    rows_good = models.PositiveIntegerField(default=0)
    rows_bad = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)
    rows_made = models.PositiveIntegerField(default=0)
    rows_undone = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    problems_count = models.PositiveIntegerField(default=0)
    refused_code = models.CharField(max_length=80, blank=True, default="")
    refused_words = models.TextField(blank=True, default="")
    why_undone = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in SheetState]), name="evidence_sheet_state"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["form_version", "-made_at"], name="evidence_sheet_of_form"),
        ]


class SheetRow(models.Model):
    """Which row of which file a submission came from, and what the row said: the same again is not kept twice."""

    batch = models.ForeignKey(SheetBatch, on_delete=models.PROTECT, related_name="rows")
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="sheet_row")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
