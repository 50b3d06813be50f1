"""Is a photo kept whole or not at all, whatever stops the writing of it?"""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from dispatch.adapters.photo_store import FolderStore
from dispatch.domain.attachments import PictureSize

PICTURE, THUMBNAIL = b"the picture", b"small"
NAME = hashlib.sha256(PICTURE).hexdigest()


class PowerCutError(Exception):
    """The machine stopped here."""


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def store(folder) -> FolderStore:
    found = FolderStore(folder)
    with found.writing():
        return found


def test_a_photo_is_kept_under_its_hash_in_two_folders(store, folder):
    assert store.keep(PICTURE, THUMBNAIL) == NAME
    assert store.read(NAME, PictureSize.PICTURE) == PICTURE
    assert store.read(NAME, PictureSize.THUMBNAIL) == THUMBNAIL
    assert store.has(NAME)
    place = folder / NAME[:2] / NAME[2:4]
    assert sorted(each.name for each in place.iterdir()) == [
        f"{NAME}.picture.jpg",
        f"{NAME}.thumbnail.jpg",
    ]
    assert {each.stat().st_mode & 0o777 for each in place.iterdir()} == {0o600}


def test_the_same_photo_again_is_one_file_and_removing_it_twice_is_harmless(store):
    assert store.keep(PICTURE, THUMBNAIL) == store.keep(PICTURE, THUMBNAIL)
    store.remove(NAME)
    store.remove(NAME)
    assert store.read(NAME, PictureSize.PICTURE) is None
    assert not store.has(NAME)


def test_only_a_hash_is_a_name(store):
    with pytest.raises(ValueError, match="no name"):
        store.read("../../secret_key", PictureSize.PICTURE)


@pytest.mark.parametrize("step", range(12))
def test_a_crash_at_any_step_leaves_a_whole_photo_or_none(store, folder, monkeypatch, step):
    left = step

    def stopping(real):
        def run(*args: object, **named: object):
            nonlocal left
            if left == 0:
                raise PowerCutError
            left -= 1
            return real(*args, **named)

        return run

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", stopping(os.fsync))
        patch.setattr(Path, "replace", stopping(Path.replace))
        try:
            store.keep(PICTURE, THUMBNAIL)
        except PowerCutError:
            crashed = True
        else:
            crashed = False
    assert store.read(NAME, PictureSize.PICTURE) in {PICTURE, None}
    assert store.read(NAME, PictureSize.THUMBNAIL) in {THUMBNAIL, None}
    assert crashed or store.has(NAME)
    store.keep(PICTURE, THUMBNAIL)
    assert store.has(NAME)
    assert list(folder.rglob("*.part")) == [] or crashed


def test_files_are_told_apart_by_age_and_half_written_ones_are_swept(store, folder, now):
    store.keep(PICTURE, THUMBNAIL)
    half = folder / NAME[:2] / NAME[2:4] / "0011.part"
    half.write_bytes(b"ha")
    for each in folder.rglob("*.*"):
        os.utime(each, (now.timestamp(), now.timestamp()))
    assert store.names_before(now) == []
    assert store.sweep(now) == 0
    later = now + timedelta(seconds=1)
    assert store.names_before(later) == [NAME]
    assert store.sweep(later) == 1
    assert not half.exists()


def test_nothing_is_removed_while_somebody_writes(store):
    order: list[str] = []
    is_waiting = Event()

    def clear():
        is_waiting.set()
        with store.clearing():
            order.append("cleared")

    thread = Thread(target=clear)
    with store.writing(), store.writing():
        thread.start()
        is_waiting.wait()
        order.append("written")
    thread.join()
    assert order == ["written", "cleared"]
