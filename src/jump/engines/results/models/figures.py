"""Frozen figures: what a report of a period says, with its inputs and definitions. Triggers refuse any change."""

from typing import Any, ClassVar

from django.db import models

from jump.base.refs import RefField
from jump.engines.results.models.indicators import PLACES, Indicator, IndicatorVersion
from jump.engines.results.models.values import AbstractChunk, AbstractValue


class FigureSet(models.Model):
    """All figures of a period as they were on the day of freezing. A correction is a further revision."""

    ref = RefField(kind="fgs")
    period = models.CharField(max_length=20)
    revision = models.PositiveSmallIntegerField(default=1)
    why = models.TextField(blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField()
    as_of = models.DateField()
    frozen_on = models.DateField()
    frozen_at = models.DateTimeField()
    frozen_by = models.CharField(max_length=120)
    definitions = models.JSONField()
    digest = models.CharField(max_length=64)
    figures_count = models.PositiveIntegerField()
    facts = models.PositiveIntegerField()
    forecast = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["period", "revision"], name="results_period_revision_once")
        ]


class Figure(AbstractValue):
    """One frozen figure, with the target and baseline it was held against."""

    ref = RefField(kind="fig")
    figure_set = models.ForeignKey(FigureSet, on_delete=models.PROTECT, related_name="figures")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="figures")
    version = models.ForeignKey(IndicatorVersion, on_delete=models.PROTECT, related_name="+")
    target = models.DecimalField(max_digits=30, decimal_places=PLACES, null=True)
    target_by = models.DateField(null=True)
    baseline = models.DecimalField(max_digits=30, decimal_places=PLACES, null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["figure_set", "indicator", "scope", "dimension", "category"], name="results_figure_once"
            )
        ]


class FigureChunk(AbstractChunk):
    figure_set = models.ForeignKey(FigureSet, on_delete=models.PROTECT, related_name="chunks")

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["figure_set", "kind", "scope_path"], name="results_figure_chunk")
        ]
