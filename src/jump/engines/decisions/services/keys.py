"""Idempotency keys: the same key with the same content is the same request."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection


def digest_of(*parts: Any) -> str:
    """A digest of a request, to tell a repetition from a key used for something else."""
    return hashlib.sha256(json.dumps(parts, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def one_at_a_time(*names: str) -> None:
    """Let requests under the same name go one after the other, until the transaction ends: the second finds the first.

    SQLite has one writer at a time anyway. On PostgreSQL two requests that look and then write would both find nothing.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name in sorted(filter(None, names)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
