"""The tables of forms. A version is never changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from jump.base.refs import RefField


class Form(models.Model):
    """A form by its full id; what it asks stands in its versions."""

    form_id = models.CharField(max_length=120, unique=True)


class FormVersion(models.Model):
    """A form as one version of its package had it: the XForm for devices, the schema and settings for the server."""

    ref = RefField(kind="frm")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    title = models.JSONField()
    xform = models.TextField()
    schema = models.JSONField()
    settings = models.JSONField()
    digest = models.CharField(max_length=64)
    installed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["form", "version"], name="evidence_form_version_once")
        ]
