"""The month of an extension worker, as it was signed: what was counted, from which records, who signed and read it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped


class WorkerMonth(Scoped):
    """A signed monthly summary. Its counts are kept as they were on the day of the signature (EXTWORK-05)."""

    data_class = "P1"

    ref = RefField(kind="mth")
    worker_ref = PointerField()
    month = models.DateField()  # its first day
    counts = models.JSONField()  # {"visits": {"number": 9, "refs": ["ses-…"]}}
    note = models.TextField(blank=True, default="")
    signed_on = models.DateField()
    signed_by = models.CharField(max_length=120)
    read_on = models.DateField(null=True)
    read_by = models.CharField(max_length=120, blank=True, default="")
    answer = models.TextField(blank=True, default="")

    class Meta:
        ordering = ("-month", "worker_ref")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["worker_ref", "month"], name="cases_month_signed_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="cases_month_begins_on_the_first"),
            models.CheckConstraint(
                condition=Q(read_on__isnull=True, read_by="") | Q(read_on__isnull=False) & ~Q(read_by=""),
                name="cases_month_read_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(read_by="") | ~Q(read_by=models.F("signed_by")), name="cases_month_read_by_another"
            ),
        ]
