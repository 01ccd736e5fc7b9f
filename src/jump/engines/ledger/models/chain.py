"""What the hash chain holds of an entry. Pure text in, digest out; the same text is compared when a key comes twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from jump.core.posting import CHAIN_START, chain_link
from jump.engines.ledger.types import ExchangeView

NO_LINK = CHAIN_START.hex()
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def content_digest(
    *,
    book_ref: str,
    occurred_on: date,
    memo: str,
    source_ref: str,
    key: str,
    reverses_ref: str,
    lines: Iterable[tuple[str, int, Mapping[str, str]]],
    value_on: date | None = None,
    exchange: ExchangeView | None = None,
) -> str:
    """The digest of everything a poster said: two postings with the same digest are the same posting.

    A value date and a rate are said only where there are any, so the digests of entries without them stay as they were.
    """
    said: list[Any] = [
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
    if value_on is not None:
        said.append({"value_on": value_on.isoformat()})
    if exchange is not None:
        rate = f"{exchange.rate.normalize():f}"
        said.append([exchange.given, exchange.wanted, rate, exchange.rate_on.isoformat(), exchange.origin])
    return hashlib.sha256(_written(said).encode()).hexdigest()


def link_digest(*, previous: str, entry_ref: str, recorded_at: datetime, content_sha256: str) -> str:
    """The digest of a link: it depends on every link before it, so no entry can be changed or taken out unseen."""
    text = f"{previous}|{entry_ref}|{recorded_at.astimezone(UTC).isoformat()}|{content_sha256}"
    return chain_link(bytes.fromhex(previous), text.encode()).hex()


def trial_sha256(rows: Iterable[tuple[str, int, int]]) -> str:
    """The digest of a trial balance: (account, debit, credit) of every account that was ever used, by account."""
    used = [[account, debit, credit] for account, debit, credit in sorted(rows) if debit or credit]
    return hashlib.sha256(_written(used).encode()).hexdigest()


def seal_root(
    *, book_ref: str, month: int, entries: int, position: int, digest: str, trial_sha256: str, previous: str
) -> str:
    """The root of a sealed month: over the seal before, the end of the chain, and every balance at the month's end."""
    said = [book_ref, month, entries, position, digest, trial_sha256, previous]
    return hashlib.sha256(_written(said).encode()).hexdigest()
