"""Uploads, search and the keys of persons."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from jump.base import files, keys, search
from jump.base.actors import ANONYMOUS, Actor, system_actor
from jump.base.db import write_transaction
from jump.base.files import FileTooLarge, FileType
from jump.base.models import StoredFile
from jump.base.refs import deterministic_refs, new_ref
from jump.core.units import Ref

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def test_the_type_is_read_from_the_bytes_and_not_from_the_name() -> None:
    kept = files.store(ACTOR, io.BytesIO(PNG), name="letter.pdf")
    assert (kept.mime, kept.size) == ("image/png", 108)
    assert files.opened(kept.ref).read() == PNG


def test_a_program_called_photo_is_refused_and_not_kept(tmp_path: Any) -> None:
    with pytest.raises(FileType) as refusal:
        files.store(ACTOR, io.BytesIO(b"MZ\x90\x00\xff\xfe" + b"\x00" * 600), name="photo.jpg", allowed=files.PHOTOS)
    assert refusal.value.code == "base.file_type"
    assert StoredFile.objects.count() == 0
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_photo_of_fifty_megabytes_is_refused_with_its_size_and_nothing_is_kept(tmp_path: Any) -> None:
    with pytest.raises(FileTooLarge) as refusal:
        files.store(ACTOR, io.BytesIO(b"\xff\xd8\xff" + b"\x00" * 50_000_000), name="photo.jpg")
    assert refusal.value.facts["max_mb"] == 10
    assert StoredFile.objects.count() == 0
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_search_finds_by_beginnings_without_accents_and_only_what_may_be_seen(user_with: Callable[..., Actor]) -> None:
    worker = user_with("extension_worker", "jump/asia/PH/")
    with write_transaction():
        search.put(Ref("per-00000001"), title="José Núñez", scope="jump/asia/PH/riverside/", data_class="P2")
        search.put(Ref("per-00000002"), title="Jose Nunes", scope="jump/asia/TH/", data_class="P2")
    assert [found.ref for found in search.find(worker, "nun jos")] == ["per-00000001"]
    assert [found.ref for found in search.find(ACTOR, "jose")] == ["per-00000002", "per-00000001"]
    assert search.find(ANONYMOUS, "jose") == []
    assert search.find(worker, "  ") == []
    with write_transaction():
        search.put(Ref("per-00000001"), title="Maria", scope="jump/asia/PH/riverside/", data_class="P2")
    assert search.find(worker, "jose") == []
    search.drop(Ref("per-00000001"))
    assert search.find(worker, "maria") == []


def test_text_of_class_p3_is_never_indexed(tree: None) -> None:
    with pytest.raises(AssertionError):
        search.put(Ref("per-00000001"), title="x", scope="jump/", data_class="P3")


@pytest.mark.covers("CROSS-04")
def test_a_destroyed_key_makes_a_name_unreadable_for_good() -> None:
    person = Ref("per-00000001")
    key = keys.make(person)
    sealed = keys.encrypt(key, "Ana Cruz")
    assert "Ana" not in sealed
    assert keys.decrypt(keys.keys_of([person])[person], sealed) == "Ana Cruz"
    with pytest.raises(ValueError):
        keys.decrypt(keys.make(Ref("per-00000002")), sealed)
    assert keys.destroy(person)
    assert keys.keys_of([person]) == {}
    assert not keys.destroy(person)


def test_seeded_references_are_the_same_every_time_and_free_ones_are_not() -> None:
    def some() -> list[Ref]:
        return [new_ref("job") for _ in range(5)]

    with deterministic_refs(7):
        first = some()
    with deterministic_refs(7):
        assert some() == first
    assert some() != first
    assert all(ref.kind == "job" and ref.is_well_formed for ref in first)


def test_a_voice_that_a_browser_recorded_is_known_by_its_bytes() -> None:
    assert files.sniff(b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01") == "video/webm"
