"""Tokens: how a programme signs in. Only their digest is kept."""

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """A token of a user: acts with exactly the user's roles until it ends or is given back."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=100, blank=True, default="")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="api_token_end")]
