"""Photos without the place where they were taken: coordinates leave the file before it is kept.

A JPEG keeps its picture bit for bit: only the segments that describe it are written anew. PNG is saved anew, which
loses nothing; WebP is saved anew at high quality where it holds coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

GPS = 0x8825
_EXIF = b"Exif\x00\x00"
_XMP = b"http://ns.adobe.com/"
_APP1, _SCAN = 0xE1, 0xDA
PIXELS_MAX = 200_000_000


def without_place(content: bytes) -> bytes:
    """The photo without coordinates; bytes that are no photo as they are."""
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n") or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        return _saved_anew(content)
    return content


def _jpeg(content: bytes) -> bytes:
    made = bytearray(b"\xff\xd8")
    for marker, segment in _segments(content):
        if marker == _APP1 and segment[4:].startswith(_EXIF):
            exif = _exif_without_place(segment[4:])
            if exif:
                made += b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
        elif not (marker == _APP1 and segment[4:].startswith(_XMP)):
            made += segment
    return bytes(made)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments before the picture, then the picture with all that follows as one."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != _SCAN:
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        yield content[at + 1], content[at : at + 2 + length]
        at += 2 + max(length, 2)
    yield _SCAN, content[at:]


def _exif_without_place(exif: bytes) -> bytes:
    from PIL import Image

    held = Image.Exif()
    try:
        held.load(exif)
        held.pop(GPS, None)
        written = held.tobytes()
    except Exception:  # a broken description can fail in any way; without it nothing of the picture is lost
        return b""
    return written if len(written) < 65_000 else b""


def _saved_anew(content: bytes) -> bytes:
    from PIL import Image

    try:
        with Image.open(BytesIO(content)) as photo:
            exif = photo.getexif()
            described = {"xmp", "XML:com.adobe.xmp", "exif"} & set(photo.info)
            if GPS not in exif and not described:
                return content
            if photo.width * photo.height > PIXELS_MAX:
                return content
            exif.pop(GPS, None)
            kind = photo.format or "PNG"
            made = BytesIO()
            for name in ("xmp", "XML:com.adobe.xmp", "exif"):
                photo.info.pop(name, None)
            photo.save(made, kind, exif=exif.tobytes(), **({"quality": 95} if kind == "WEBP" else {}))
            return made.getvalue()
    except Exception:  # no photo after all, or one that nobody can draw: it is kept as it came
        return content
