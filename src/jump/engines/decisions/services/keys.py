"""Idempotency keys: the same key with the same content is the same request."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


def digest_of(*parts: Any) -> str:
    """A digest of a request, to tell a repetition from a key used for something else."""
    return hashlib.sha256(json.dumps(parts, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()
