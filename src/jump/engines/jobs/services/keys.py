"""Idempotency keys: the same key with the same content gives the first result, with other content a refusal."""

import hashlib
import json
from functools import cache
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from jump.base.prepared import Prepared
from jump.engines.jobs.services.refusals import KeyReused

Row = TypeVar("Row", bound=models.Model)


@cache
def _by_key(model: type[Row]) -> Prepared[Row]:
    return Prepared(lambda key: model._default_manager.filter(key=key))


def digest_of(content: dict[str, Any]) -> str:
    """A fingerprint of what was sent under a key."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def found_by_key(model: type[Row], key: str, digest: str) -> Row | None:
    """The row made under this key before; refuses where the content differs."""
    if not key:
        return None
    row = _by_key(model).first(key)
    if row is not None and getattr(row, "key_digest", digest) != digest:
        raise KeyReused(key=key)
    return row
