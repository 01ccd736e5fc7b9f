"""Digests of the keys under which people are looked for: nothing can be read from them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from jump.core.duplicates import search_keys
from jump.engines.parties.types import PERSON_FIELDS


def digests(values: Mapping[str, str]) -> list[int]:
    """The digests of a record's search keys, each once: signed whole numbers of 64 bits."""
    return list(dict.fromkeys(map(_digest, search_keys(values, PERSON_FIELDS))))


def _digest(key: str) -> int:
    made = hashlib.blake2b(key.encode(), digest_size=8, key=_secret(settings.SECRET_KEY)).digest()
    return int.from_bytes(made, "big", signed=True)


@lru_cache(maxsize=4)
def _secret(of: str) -> bytes:
    return hashlib.sha256(b"jump search keys" + of.encode()).digest()
