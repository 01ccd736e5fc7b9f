"""What the hash chain holds of an entry. Pure text in, digest out; the same text is compared when a key comes twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from jump.core.posting import CHAIN_START, chain_link

NO_LINK = CHAIN_START.hex()


def content_digest(
    *,
    book_ref: str,
    occurred_on: date,
    memo: str,
    source_ref: str,
    key: str,
    reverses_ref: str,
    lines: Iterable[tuple[str, int, Mapping[str, str]]],
) -> str:
    """The digest of everything a poster said: two postings with the same digest are the same posting."""
    said = [
        book_ref,
        occurred_on.isoformat(),
        memo,
        source_ref,
        key,
        reverses_ref,
        [
            [account, amount, {name: labels[name] for name in sorted(labels) if labels[name]}]
            for account, amount, labels in lines
        ],
    ]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def link_digest(*, previous: str, entry_ref: str, recorded_at: datetime, content_sha256: str) -> str:
    """The digest of a link: it depends on every link before it, so no entry can be changed or taken out unseen."""
    text = f"{previous}|{entry_ref}|{recorded_at.astimezone(UTC).isoformat()}|{content_sha256}"
    return chain_link(bytes.fromhex(previous), text.encode()).hex()
