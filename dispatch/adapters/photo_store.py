"""Where do the files of photos lie, and how is none lost and none half written?"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from dispatch.domain.attachments import PictureSize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}")


class PhotoStore(Protocol):
    """Something that keeps the two sizes of a photo under the SHA-256 of the larger one."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold off the removal of files until the rows of those just kept are committed."""

    def clearing(self) -> AbstractContextManager[None]:
        """Hold off those who write, so that no file is removed that a row is about to name."""

    def keep(self, picture: bytes, thumbnail: bytes) -> str:
        """Keep a photo for good and return its name; the same one again is harmless."""

    def read(self, name: str, size: PictureSize) -> bytes | None:
        """Return a file, None where there is none."""

    def has(self, name: str) -> bool:
        """Tell whether both sizes of a photo are there."""

    def remove(self, name: str) -> None:
        """Remove both sizes of a photo; one that is not there is no fault."""

    def names_before(self, before: datetime) -> list[str]:
        """Return the photos that were written before an instant, sorted."""

    def sweep(self, before: datetime) -> int:
        """Remove what a crash left half written before an instant; return how many files."""


class FolderStore:
    """Keeps photos in a folder of this machine, or one that several machines mount alike."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let others write too, and nobody remove."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def clearing(self) -> Iterator[None]:
        """Be alone."""
        with self._locked(fcntl.LOCK_EX):
            yield

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._root / "lock").open("ab") as file:
            fcntl.flock(file, kind)
            yield

    def keep(self, picture: bytes, thumbnail: bytes) -> str:
        """Write both files, the picture last, each whole and on the disk before it has its name."""
        name = hashlib.sha256(picture).hexdigest()
        self._write(self._path(name, PictureSize.THUMBNAIL), thumbnail)
        self._write(self._path(name, PictureSize.PICTURE), picture)
        return name

    def read(self, name: str, size: PictureSize) -> bytes | None:
        """Read a file from the disk."""
        try:
            return self._path(name, size).read_bytes()
        except FileNotFoundError:
            return None

    def has(self, name: str) -> bool:
        """Look for the two names."""
        return all(self._path(name, size).is_file() for size in PictureSize)

    def remove(self, name: str) -> None:
        """Remove the picture first, so that a thumbnail alone is never counted as a photo."""
        for size in PictureSize:
            self._path(name, size).unlink(missing_ok=True)

    def names_before(self, before: datetime) -> list[str]:
        """Look at every file."""
        files = self._root.glob(f"??/??/*.{PictureSize.THUMBNAIL}.jpg")
        old = [each for each in files if each.stat().st_mtime < before.timestamp()]
        return sorted(each.name.partition(".")[0] for each in old)

    def sweep(self, before: datetime) -> int:
        """Remove the files that never got their name."""
        left = [
            each
            for each in self._root.glob("??/??/*.part")
            if each.stat().st_mtime < before.timestamp()
        ]
        for each in left:
            each.unlink(missing_ok=True)
        return len(left)

    def _path(self, name: str, size: PictureSize) -> Path:
        if not _NAME.fullmatch(name):
            message = f"no name of a photo: {name!r}"
            raise ValueError(message)
        return self._root / name[:2] / name[2:4] / f"{name}.{size}.jpg"

    def _write(self, path: Path, content: bytes) -> None:
        folder = path.parent
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _to_disk(self._root)
            _to_disk(folder.parent)
        part = folder / f"{secrets.token_hex(8)}.part"
        with part.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _to_disk(folder)


def _to_disk(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
