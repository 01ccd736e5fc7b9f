"""Indicators by definition version; baselines and targets, which are only ever added."""

from typing import Any, ClassVar, Self

from django.db import models

from jump.base.refs import PointerField, RefField

PLACES = 6


class Indicator(models.Model):
    """An indicator through all versions of its definition. There is no value without one."""

    ref = RefField(kind="ind")
    full_id = models.CharField(max_length=120, unique=True)
    package = models.CharField(max_length=60)
    position = models.PositiveIntegerField(default=0)


class IndicatorVersion(models.Model):
    """One version of a definition, as its package declared it. Never changed."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    data = models.JSONField()
    installed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["indicator", "version"], name="results_indicator_version_once")
        ]


class Target(models.Model):
    """What is to be reached, where and by when. A changed target is a new row, so a past report keeps its own."""

    ref = RefField(kind="tgt")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets")
    scope_path = models.CharField(max_length=200, db_index=True)
    dimension = models.CharField(max_length=40, blank=True, default="")
    category = models.CharField(max_length=60, blank=True, default="")
    by = models.DateField()
    value = models.DecimalField(max_digits=30, decimal_places=PLACES)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=120)
    why = models.TextField(blank=True, default="")


class BaselineQuerySet(models.QuerySet["Baseline"]):
    def standing(self) -> Self:
        """Those that nobody has withdrawn."""
        return self.filter(withdrawal__isnull=True)


class Baseline(models.Model):
    """Where an indicator stood before the work, and what says so. Only ever added."""

    objects = BaselineQuerySet.as_manager()

    ref = RefField(kind="bas")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="baselines")
    scope_path = models.CharField(max_length=200, db_index=True)
    value = models.DecimalField(max_digits=30, decimal_places=PLACES)
    on = models.DateField()
    source_ref = PointerField(blank=True)
    note = models.TextField(blank=True, default="")
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=120)


class WithdrawnBaseline(models.Model):
    """That a baseline counts no more, and why: what said so was taken back. Only ever added; past reports keep it."""

    baseline = models.OneToOneField(Baseline, on_delete=models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    why = models.CharField(max_length=200)
