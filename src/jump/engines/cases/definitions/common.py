"""Shapes that several kinds of package data share."""

from collections.abc import Mapping
from typing import Any

TEXT: Mapping[str, Any] = {"type": "object", "required": ["en"], "additionalProperties": {"type": "string"}}
ID = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
FULL_ID = {"type": "string", "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)?$"}
WHERE_FROM: Mapping[str, Any] = {
    "provenance": {"type": "string"},  # P sourced, K known practice, D our default
    "source": {"type": ["string", "object"]},
    "source_title": {"type": "string"},
    "note": {"type": ["string", "object"]},
}
CALLS: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["effect"],
        "additionalProperties": False,
        "properties": {
            "effect": {"type": "string", "pattern": "^[a-z]+\\.[a-z_]+$"},
            "with": {"type": "object"},
            "bind": ID,
            "for_each": {"type": "string"},
        },
    },
}
