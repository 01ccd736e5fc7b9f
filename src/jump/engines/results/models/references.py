"""Figures that others printed, and which of those that disagree is used."""

from django.db import models

from jump.base.refs import RefField


class ReferenceFigure(models.Model):
    """A printed figure with its citation, as a package declares it. A newer package version replaces the words."""

    ref = RefField(kind="rfg")
    full_id = models.CharField(max_length=120, unique=True)
    package = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    data = models.JSONField()
    position = models.PositiveIntegerField(default=0)


class Reading(models.Model):
    """Figures that disagree: both kept, one chosen, with the reason."""

    ref = RefField(kind="rdg")
    full_id = models.CharField(max_length=120, unique=True)
    package = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    data = models.JSONField()
    position = models.PositiveIntegerField(default=0)
