"""The tables of registers: lists that accepted forms keep."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.evidence.models.submissions import ClassedQuerySet, Submission


class Entity(Scoped):
    """One line of a register: current values; its history is its versions. Written by accepted submissions only."""

    ref = RefField(kind="ent")
    register = models.CharField(max_length=120)
    key = models.CharField(max_length=300)
    label = models.CharField(max_length=300)
    values = models.JSONField(default=dict)
    about_ref = PointerField(blank=True)
    on = models.DateField()
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    data_class = models.CharField(max_length=2, default="P1")

    objects = ClassedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["register", "scope", "about_ref", "key"], name="evidence_entity_once")
        ]


class EntityVersion(models.Model):
    """What one submission said of a line of a register."""

    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="versions")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=300, blank=True, default="")
    values = models.JSONField()
    on = models.DateField()
    overruled = models.JSONField(default=list)  # names of values that do not count: another was chosen, or none yet

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["entity", "submission"], name="evidence_entity_version_once")
        ]
