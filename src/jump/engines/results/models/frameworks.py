"""Frameworks: versions of a tree with stable ids, and the assumptions it rests on."""

from typing import Any, ClassVar

from django.db import models

from jump.base.refs import PointerField, RefField
from jump.engines.results.types import Level, Sign


class FrameworkVersion(models.Model):
    """One version of a package's framework. A newer version is a new row with nodes of its own."""

    ref = RefField(kind="fwk")
    package = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    title = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    installed_at = models.DateTimeField()
    installed_by = models.CharField(max_length=120)
    approved_on = models.DateField(null=True)
    approved_by = models.CharField(max_length=120, blank=True, default="")
    what_changed = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["package", "version"], name="results_framework_once")
        ]


class Node(models.Model):
    """An objective, output or activity. Its id is the same in every version and every export."""

    framework = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT, related_name="nodes")
    node_id = models.CharField(max_length=60)
    level = models.CharField(max_length=24, choices=[(one.value, one.value) for one in Level])
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    position = models.PositiveIntegerField()
    text = models.JSONField()
    variants = models.JSONField(default=list)
    activity_group = models.CharField(max_length=60, blank=True, default="")
    focus_area = models.CharField(max_length=60, blank=True, default="")
    owner = models.CharField(max_length=60, blank=True, default="")
    source = models.CharField(max_length=120, blank=True, default="")
    provenance = models.CharField(max_length=20, blank=True, default="")
    no_indicator_reason = models.JSONField(default=dict)

    class Meta:
        ordering = ("position",)
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["framework", "node_id"], name="results_node_once")
        ]


class Assumption(models.Model):
    """Something outside the programme's control that must hold, with its latest sign."""

    ref = RefField(kind="asm")
    full_id = models.CharField(max_length=120, unique=True)
    package = models.CharField(max_length=60)
    group = models.CharField(max_length=60)
    text = models.JSONField()
    fallback = models.JSONField(default=dict)
    about = models.CharField(max_length=60, blank=True, default="")
    owner = models.CharField(max_length=60, blank=True, default="")
    source = models.CharField(max_length=120, blank=True, default="")
    position = models.PositiveIntegerField(default=0)


class AssumptionReview(models.Model):
    """A look at an assumption in a report period: only ever added."""

    assumption = models.ForeignKey(Assumption, on_delete=models.PROTECT, related_name="reviews")
    on = models.DateField()
    sign = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Sign])
    status = models.TextField()
    response = models.TextField(blank=True, default="")
    by = models.CharField(max_length=120)
    evidence_ref = PointerField(blank=True)
    recorded_at = models.DateTimeField()
