"""The tables of checks, samples and lists lent to forms."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.evidence.types import Verdict


class Check(Scoped):
    """That somebody other than the author of a row looked at what it says."""

    ref = RefField(kind="chk")
    target_ref = PointerField()
    verdict = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Verdict])
    submission_ref = PointerField(blank=True)
    on = models.DateField()
    at = models.DateTimeField()
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    author_key = models.CharField(max_length=120)
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(by_key=F("author_key")), name="evidence_check_by_another"),
            models.CheckConstraint(
                condition=Q(verdict__in=[one.value for one in Verdict]), name="evidence_check_verdict"
            ),
        ]


class Sample(Scoped):
    """Units drawn for a check: with the seed, the draw can be repeated by anybody."""

    ref = RefField(kind="smp")
    title = models.CharField(max_length=200)
    units = models.JSONField()
    drawn = models.JSONField()
    seed = models.BigIntegerField()
    on = models.DateField()
    drawn_by = models.CharField(max_length=120)


class PublishedList(models.Model):
    """A list that another engine lends to forms: fields, accounts, posts of a place."""

    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=200, blank=True, default="")
    rows = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["name", "scope"], name="evidence_list_once")
        ]
