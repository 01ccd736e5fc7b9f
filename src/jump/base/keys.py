"""A key per person: names are written under it, and destroying the key makes them unreadable, in backups too.

AES-GCM of the cryptography package; each person's key is itself wrapped under the installation's secret.
"""

import base64
import hashlib
import os
import zlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from jump.base import clock
from jump.base.models import PersonKey
from jump.base.prepared import add
from jump.core.units import Ref

NONCE_BYTES = 12


def _installation_key() -> bytes:
    return hashlib.sha256(b"jump person keys" + settings.SECRET_KEY.encode()).digest()


def _seal(key: bytes, clear: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, None)


def _open(key: bytes, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)


def make(person: Ref) -> bytes:
    """A new key for a person, kept wrapped. Called inside the transaction that registers the person."""
    made = AESGCM.generate_key(256)
    add(PersonKey(person=person, wrapped=_seal(_installation_key(), made)))
    return made


def make_many(persons: Sequence[Ref]) -> list[bytes]:
    """A new key for each person, kept wrapped. Called inside the transaction that registers them."""
    wrapping = _installation_key()
    made = [AESGCM.generate_key(256) for _person in persons]
    PersonKey.objects.bulk_create(
        [PersonKey(person=person, wrapped=_seal(wrapping, key)) for person, key in zip(persons, made, strict=True)]
    )
    return made


def encrypt(key: bytes, text: str) -> str:
    """Text under a person's key, as printable characters for a column."""
    return base64.b64encode(_seal(key, text.encode())).decode()


def decrypt(key: bytes, sealed: str) -> str:
    """The text again. Raises ValueError where the key does not fit."""
    try:
        return _open(key, base64.b64decode(sealed)).decode()
    except InvalidTag as error:
        raise ValueError("written under another key") from error


def encrypt_bytes(key: bytes, content: bytes) -> str:
    """Bytes under a key, packed, as printable characters for a column."""
    return base64.b64encode(_seal(key, zlib.compress(content))).decode()


def decrypt_bytes(key: bytes, sealed: str) -> bytes:
    """The very bytes again. Raises ValueError where the key does not fit."""
    try:
        return zlib.decompress(_open(key, base64.b64decode(sealed)))
    except InvalidTag as error:
        raise ValueError("written under another key") from error


def keys_of(persons: list[Ref]) -> dict[str, bytes]:
    """The keys of many persons in one query; those destroyed are missing."""
    wrapping = _installation_key()
    rows = PersonKey.objects.filter(person__in=persons, destroyed_at__isnull=True).values_list("person", "wrapped")
    return {person: _open(wrapping, bytes(wrapped)) for person, wrapped in rows}


def destroy(person: Ref) -> bool:
    """Destroy a person's key for ever; True if there was one."""
    changed = PersonKey.objects.filter(person=person, destroyed_at__isnull=True).update(
        wrapped=b"", destroyed_at=clock.now()
    )
    return bool(changed)
