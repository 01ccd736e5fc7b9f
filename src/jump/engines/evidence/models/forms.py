"""The tables of forms. A version is never changed; a draft becomes one when it is published."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped, ScopeNode


class Form(models.Model):
    """A form by its full id; what it asks stands in its versions.

    A form of a package is offered everywhere; one that a coordinator uploaded, at its home and below.
    """

    form_id = models.CharField(max_length=120, unique=True)
    home = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, null=True, related_name="+")


class FormVersion(models.Model):
    """A form as it was published once: the XForm for devices, the schema and settings for the server."""

    ref = RefField(kind="frm")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    title = models.JSONField()
    xform = models.TextField()
    schema = models.JSONField()
    settings = models.JSONField()
    digest = models.CharField(max_length=64)
    installed_at = models.DateTimeField()
    warnings = models.JSONField(default=list)
    file_ref = PointerField(blank=True)
    published_by = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["form", "version"], name="evidence_form_version_once")
        ]


class FormDraft(Scoped):
    """An uploaded form that is looked at before it is published; the next upload of the same form takes its place."""

    ref = RefField(kind="fdr")
    form_id = models.CharField(max_length=120, unique=True)
    version = models.CharField(max_length=20)
    title = models.JSONField()
    xform = models.TextField()
    schema = models.JSONField()
    settings = models.JSONField()
    digest = models.CharField(max_length=64)
    warnings = models.JSONField(default=list)
    file_ref = PointerField()
    file_name = models.CharField(max_length=200)
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    at = models.DateTimeField()


class FormMedia(models.Model):
    """A file that a form needs on the device: a picture in a label, a list in a table. The bytes lie in base.files.

    `md5` is what OpenRosa's manifest asks for; nothing is trusted because of it.
    """

    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, null=True, related_name="media")
    draft = models.ForeignKey(FormDraft, on_delete=models.CASCADE, null=True, related_name="media")
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    md5 = models.CharField(max_length=32)
    file_ref = PointerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["version", "name"], name="evidence_media_once_per_version"),
            models.UniqueConstraint(fields=["draft", "name"], name="evidence_media_once_per_draft"),
            models.CheckConstraint(
                condition=Q(version__isnull=True, draft__isnull=False) | Q(version__isnull=False, draft__isnull=True),
                name="evidence_media_has_one_holder",
            ),
        ]
