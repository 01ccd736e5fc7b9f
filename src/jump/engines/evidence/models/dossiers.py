"""The tables of dossiers. A frozen version is never changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.evidence.models.submissions import ClassedQuerySet


class Dossier(Scoped):
    """Several forms about one subject, by a definition at the version with which it was opened."""

    ref = RefField(kind="dos")
    definition = models.CharField(max_length=120)
    definition_version = models.CharField(max_length=20)
    about_ref = PointerField()
    opened_on = models.DateField()
    opened_by = models.CharField(max_length=120)
    signed_on = models.DateField(null=True)
    signed_by = models.CharField(max_length=120, blank=True, default="")
    signed_title = models.CharField(max_length=150, blank=True, default="")
    data_class = models.CharField(max_length=2, default="P1")

    objects = ClassedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["definition", "about_ref"], name="evidence_dossier_once"),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True, signed_by="") | (Q(signed_on__isnull=False) & ~Q(signed_by="")),
                name="evidence_signed_by_somebody",
            ),
        ]


class DossierVersion(models.Model):
    """A dossier as it was on a day: never changed, so two can be compared and one can be decided upon."""

    ref = RefField(kind="dsv")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    frozen_on = models.DateField()
    frozen_at = models.DateTimeField()
    frozen_by = models.CharField(max_length=120)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["dossier", "number"], name="evidence_dossier_version_number"),
            models.CheckConstraint(condition=Q(numerator__lte=F("denominator")), name="evidence_part_of_the_whole"),
        ]


class DossierSignature(models.Model):
    """One party's name under one version: of each party one person, and nobody for two parties."""

    version = models.ForeignKey(DossierVersion, on_delete=models.PROTECT, related_name="signatures")
    signer = models.CharField(max_length=40)
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150)
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "signer"], name="evidence_signed_once_by_a_party"),
            models.UniqueConstraint(fields=["version", "by_key"], name="evidence_signed_for_one_party"),
        ]
