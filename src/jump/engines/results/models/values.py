"""Values as computed, and the facts they were computed from.

Facts are kept once for all indicators, in chunks of rows with the same kind, place and codes. The inputs of a value are
then the chunks at and under its place whose codes its definition accepts: no list per value, however many values.
"""

from typing import Any, ClassVar

from django.db import models

from jump.base.refs import RefField
from jump.base.scopes import Scoped
from jump.engines.results.models.indicators import PLACES, Indicator, IndicatorVersion

CURRENT = "current"


class Computation(models.Model):
    """One pass over all facts as of a day. The slot `current` is computed anew; others hold the ends of periods."""

    ref = RefField(kind="cmp")
    slot = models.CharField(max_length=20, unique=True)
    as_of = models.DateField()
    run = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField()
    facts = models.PositiveIntegerField(default=0)
    values_count = models.PositiveIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    forecast = models.JSONField(null=True)


class AbstractValue(Scoped):
    """What a value and a frozen figure have in common."""

    data_class: ClassVar[str] = "P1"

    dimension = models.CharField(max_length=40, blank=True, default="")
    category = models.CharField(max_length=60, blank=True, default="")
    value = models.DecimalField(max_digits=30, decimal_places=PLACES, null=True)
    numerator = models.DecimalField(max_digits=30, decimal_places=PLACES, null=True)
    denominator = models.DecimalField(max_digits=30, decimal_places=PLACES, null=True)
    lower = models.DecimalField(max_digits=30, decimal_places=PLACES, null=True)
    upper = models.DecimalField(max_digits=30, decimal_places=PLACES, null=True)
    n = models.PositiveIntegerField(default=0)
    is_small = models.BooleanField(default=False)

    class Meta:
        abstract = True


class Value(AbstractValue):
    """The value of an indicator at a place, whole (no dimension) or one category. Computed anew it keeps its ref."""

    ref = RefField(kind="val")
    computation = models.ForeignKey(Computation, on_delete=models.CASCADE, related_name="values")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="values")
    version = models.ForeignKey(IndicatorVersion, on_delete=models.PROTECT, related_name="+")
    run = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["computation", "indicator", "scope", "dimension", "category"], name="results_value_once"
            )
        ]


class AbstractChunk(models.Model):
    """Up to a thousand facts of one kind, place and set of codes, compressed."""

    kind = models.CharField(max_length=80)
    scope_path = models.CharField(max_length=200)
    codes = models.JSONField()
    count = models.PositiveIntegerField()
    rows = models.BinaryField()

    class Meta:
        abstract = True


class FactChunk(AbstractChunk):
    computation = models.ForeignKey(Computation, on_delete=models.CASCADE, related_name="chunks")
    run = models.PositiveIntegerField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["computation", "kind", "scope_path"], name="results_fact_chunk")
        ]
