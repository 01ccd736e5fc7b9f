"""Asking twice makes one row: idempotency keys of this engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models

from jump.base.db import write_transaction
from jump.core.units import Ref
from jump.engines.parties.services.refusals import PartiesKeyReused


def digest_of(content: Mapping[str, Any]) -> str:
    """A short fingerprint of what was asked for."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def once(model: type[models.Model], key: str, content: Mapping[str, Any], make: Callable[[str], Ref]) -> Ref:
    """The row already made under this key, or the one that `make(digest)` now makes.

    The unique key decides between two that come at once: the loser reads what the winner made.
    """
    digest = digest_of(content) if key else ""
    asked = {key: digest} if key else {}
    found = known_by(model, asked).get(key)
    if found is not None:
        return found
    try:
        with write_transaction():
            return make(digest)
    except IntegrityError:
        found = known_by(model, asked).get(key)
        if found is None:
            raise
        return found


def known_by(model: type[models.Model], digests: Mapping[str, str]) -> dict[str | int, Ref]:
    """What was made already under these keys. Raises PartiesKeyReused where the same key asked for something else."""
    known: dict[str | int, Ref] = {}
    # Without the second condition SQLite would not use the index, which leaves empty keys out.
    rows = model._default_manager.filter(key__in=list(digests)).exclude(key="")
    for key, ref, digest in rows.values_list("key", "ref", "key_digest") if digests else ():
        if digest != digests[key]:
            raise PartiesKeyReused(key=key)
        known[key] = Ref(ref)
    return known
