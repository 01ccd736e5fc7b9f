"""The frame's own tables: words that a person typed when their sign-in had run out."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class KeptText(models.Model):
    """One form that could not be taken, kept until its writer has signed in and sent it, a week at most.

    `writer` is who was last signed in with that browser: nobody else is shown these words.
    """

    token = models.CharField(max_length=64, unique=True)
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=2000)
    fields = models.JSONField()
    dropped_files = models.JSONField(default=list)
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "web_kepttext"


class KeptFile(models.Model):
    """A file that came with the form. Kept in the row, never in a folder that is served."""

    kept = models.ForeignKey(KeptText, on_delete=models.CASCADE, related_name="files")
    field = models.CharField(max_length=200)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=200)
    content = models.BinaryField()

    class Meta:
        db_table = "web_keptfile"
