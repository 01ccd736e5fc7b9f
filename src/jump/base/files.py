"""Uploads: the type is read from the bytes, size is limited, nothing is public."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jump.base import clock
from jump.base.actors import Actor
from jump.base.models import StoredFile
from jump.base.refusals import NotFound, Refusal
from jump.core.units import Ref

MAX_BYTES = 10_000_000
CHUNK = 1 << 16

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),  # also a voice that a browser recorded
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),  # a recording without a title begins with its first frame
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"),
)
PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
DOCUMENTS = frozenset({"application/pdf", "application/zip", "text/plain", *PHOTOS})


class FileTooLarge(Refusal):
    """More bytes than are taken here."""

    code = "base.file_too_large"
    http_status = 413
    message = _("The file %(name)s has %(size_mb)s MB; at most %(max_mb)s MB are taken.")
    what_to_do = _("Make the photo smaller, or send a part of it. What you typed is kept.")


class FileType(Refusal):
    """A type that is not taken here, judged from the bytes and not from the name."""

    code = "base.file_type"
    http_status = 415
    message = _("The file %(name)s is of type %(mime)s, which is not taken here.")
    what_to_do = _("Send one of these types: %(allowed)s.")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A stored file: its reference and what is known of it."""

    ref: Ref
    sha256: str
    mime: str
    size: int
    name: str


def sniff(head: bytes) -> str:
    """The media type that the first bytes tell."""
    for signature, mime in _SIGNATURES:
        if head.startswith(signature):
            return mime
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return "application/octet-stream"
    return "text/plain" if b"\x00" not in head else "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes that lie safely on the disk and belong to nobody yet."""

    sha256: str
    mime: str
    size: int


def write(file: IO[bytes], *, name: str, max_bytes: int = MAX_BYTES, allowed: frozenset[str] | None = None) -> Written:
    """Put the bytes on the disk, safe against a power cut, before any row names them. Takes no lock.

    `allowed` None takes every type. The same bytes are kept once. Raises FileTooLarge and FileType; nothing is left.
    """
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    part = root / f".part-{os.getpid()}-{secrets.token_hex(8)}"
    digest = hashlib.sha256()
    size = 0
    head = b""
    try:
        with part.open("wb") as out:
            while chunk := file.read(CHUNK):
                head = head or chunk[:512]
                size += len(chunk)
                if size > max_bytes:
                    declared = getattr(file, "size", None) or size
                    raise FileTooLarge(name=name, size_mb=-(-declared // 1_000_000), max_mb=max_bytes // 1_000_000)
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        mime = sniff(head)
        if allowed is not None and mime not in allowed:
            raise FileType(name=name, mime=mime, allowed=", ".join(sorted(allowed)))
        sha256 = digest.hexdigest()
        home = root / sha256[:2]
        home.mkdir(exist_ok=True)
        part.replace(home / sha256)
        _sync_folder(home)
    finally:
        part.unlink(missing_ok=True)
    return Written(sha256, mime, size)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder safe against a power cut, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def own(actor: Actor, written: Written, *, name: str) -> KeptFile:
    """Give written bytes their row, in the caller's transaction."""
    row = StoredFile.objects.create(
        sha256=written.sha256,
        mime=written.mime,
        size=written.size,
        name=name[:200],
        stored_at=clock.now(),
        stored_by=actor.key,
    )
    return _kept(row)


def store(
    actor: Actor,
    file: IO[bytes],
    *,
    name: str,
    max_bytes: int = MAX_BYTES,
    allowed: frozenset[str] = DOCUMENTS,
) -> KeptFile:
    """Keep a file: bytes first, safe on disk, then the row (in the caller's transaction).

    Raises FileTooLarge and FileType; then nothing is kept. The same bytes are kept once.
    """
    return own(actor, write(file, name=name, max_bytes=max_bytes, allowed=allowed), name=name)


def _kept(row: StoredFile) -> KeptFile:
    return KeptFile(Ref(row.ref), row.sha256, row.mime, row.size, row.name)


def kept(ref: Ref) -> KeptFile:
    """What is known of a stored file. Raises NotFound."""
    row = StoredFile.objects.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _kept(row)


def opened(ref: Ref) -> Any:
    """The bytes of a stored file, open for reading. The caller has checked that the row that holds it may be seen."""
    found = kept(ref)
    return (Path(settings.MEDIA_ROOT) / found.sha256[:2] / found.sha256).open("rb")


def drop(ref: Ref) -> None:
    """Take a stored file away for good, by whoever owns the row that held it; its bytes go once nobody else has them.

    Called inside a transaction; the bytes are taken away after it.
    """
    found = kept(ref)
    StoredFile.objects.filter(ref=ref).delete()

    def take_away() -> None:
        if not StoredFile.objects.filter(sha256=found.sha256).exists():
            (Path(settings.MEDIA_ROOT) / found.sha256[:2] / found.sha256).unlink(missing_ok=True)

    transaction.on_commit(take_away)
