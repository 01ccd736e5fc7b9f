"""The place where a photo was taken leaves the file; nothing else does."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from jump.base.photos import GPS, without_place


def photo(kind: str, **how: Any) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[GPS] = {1: "N", 2: (14.0, 35.0, 2.0), 3: "E", 4: (121.0, 0.0, 9.0)}
    made = BytesIO()
    Image.effect_noise((48, 32), 60).convert("RGB").save(made, kind, exif=exif, **how)
    return made.getvalue()


def opened(content: bytes) -> Any:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_coordinates_leave_a_photo_and_the_rest_of_its_description_stays(kind: str) -> None:
    content = photo(kind)
    assert opened(content).getexif().get_ifd(GPS)

    kept = opened(without_place(content))
    assert not kept.getexif().get_ifd(GPS)
    assert GPS not in kept.getexif()
    assert kept.getexif()[0x010F] == "Maker"
    assert kept.size == (48, 32)
    if kind != "WEBP":
        assert kept.convert("RGB").tobytes() == opened(content).convert("RGB").tobytes()


def test_coordinates_in_the_other_description_of_a_jpeg_leave_too() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" exif:GPSLatitude="14,35.0N"/>'
    content = photo("JPEG", xmp=xmp)
    assert b"GPSLatitude" in content
    assert b"GPSLatitude" not in without_place(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no photo",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\xff\xff",
        b"\xff\xd8\xff\xe1\x00\x00Exif",
        b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00garbage!" + b"\xff\xda" + b"x" * 30,
        b"\x89PNG\r\n\x1a\n" + b"x" * 50,
        b"RIFF\x00\x00\x00\x00WEBPx",
    ],
)
def test_bytes_that_are_no_whole_photo_break_nothing(content: bytes) -> None:
    assert isinstance(without_place(content), bytes)
    assert len(without_place(content)) <= len(content) + 2
