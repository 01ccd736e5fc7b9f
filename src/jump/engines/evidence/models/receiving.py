"""The tables of what devices send: who may send, what came under which number, and what could not be placed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped
from jump.engines.evidence.models.forms import Form, FormVersion
from jump.engines.evidence.models.submissions import Submission
from jump.engines.evidence.types import HeldReason, HeldState


class AppUser(Scoped):
    """A device that may send forms of one place: by a token of which only the digest is kept, until it is revoked.

    Where a person with an account carries it, what it sends is theirs: nobody reviews it who sent it.
    """

    ref = RefField(kind="apu")
    name = models.CharField(max_length=100)
    carrier = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="devices")
    forms = models.JSONField(default=list)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    seen_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=120, blank=True, default="")


class SentInstance(Scoped):
    """One filled form as a device sent it, byte for byte, under a key of its own. The first under its number stays.

    `submission` is empty while photos are still to come.
    """

    ref = RefField(kind="ins")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    instance_id = models.CharField(max_length=200)
    deprecated_id = models.CharField(max_length=200, blank=True, default="")
    about_ref = PointerField(blank=True)
    source = models.CharField(max_length=20)
    device = models.ForeignKey(AppUser, on_delete=models.PROTECT, null=True, related_name="+")
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    sealed = models.TextField()
    received_at = models.DateTimeField()
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, related_name="instances")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["form", "instance_id"], name="evidence_instance_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["received_at"], condition=Q(submission__isnull=True), name="evidence_instance_incomplete"
            )
        ]


class SentFile(models.Model):
    """A file that came with an instance. `sha256` is of the bytes sent; what is kept may lack the place of a photo."""

    instance = models.ForeignKey(SentInstance, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField()
    file_ref = PointerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["instance", "name"], name="evidence_sent_file_once")
        ]


class HeldBack(Scoped):
    """Something sent that could not be placed, with its bytes, until a person decides. The same thing is held once."""

    ref = RefField(kind="hld")
    reason = models.CharField(max_length=20, choices=[(one.value, one.value) for one in HeldReason])
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in HeldState], default="waiting")
    why = models.TextField(blank=True, default="")
    form_id = models.CharField(max_length=120, blank=True, default="")
    version = models.CharField(max_length=120, blank=True, default="")
    instance_id = models.CharField(max_length=200, blank=True, default="")
    sent = models.ForeignKey(SentInstance, on_delete=models.PROTECT, null=True, related_name="held")
    about_ref = PointerField(blank=True)
    source = models.CharField(max_length=20)
    device = models.ForeignKey(AppUser, on_delete=models.PROTECT, null=True, related_name="+")
    by_key = models.CharField(max_length=120)
    by_title = models.CharField(max_length=150, blank=True, default="")
    digest = models.CharField(max_length=64)
    sealed = models.TextField(blank=True, default="")
    size = models.BigIntegerField(default=0)
    files = models.JSONField(default=list)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scope", "digest"], name="evidence_held_once"),
            models.CheckConstraint(
                condition=Q(reason__in=[one.value for one in HeldReason]), name="evidence_held_reason"
            ),
            models.CheckConstraint(condition=Q(state__in=[one.value for one in HeldState]), name="evidence_held_state"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="evidence_held_decided_by_somebody",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "scope", "at"], name="evidence_held_waiting")
        ]
