"""Where do the files of exports lie, so that every web process finds them whole?"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

_KEY = re.compile(r"[\w-]{8,64}", re.ASCII)
_PART = ".part"


class ExportFiles:
    """A folder of this machine, or one that several machines mount alike, as for the photos."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "exports"

    @contextmanager
    def writing(self, key: str) -> Iterator[IO[bytes]]:
        """Give a file to write, which has its name once it is whole and on the disk."""
        path = self.path(key)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.folder / f"{secrets.token_hex(8)}{_PART}"
        try:
            with part.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def path(self, key: str) -> Path:
        """Return where the file of an export is, or would be."""
        if not _KEY.fullmatch(key):
            message = f"no key of an export: {key!r}"
            raise ValueError(message)
        return self.folder / key

    def keys(self) -> list[str]:
        """Return the exports that have a file, sorted."""
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(each.name for each in found if _KEY.fullmatch(each.name))

    def remove(self, key: str) -> None:
        """Remove a file; one that is not there is no fault."""
        self.path(key).unlink(missing_ok=True)

    def sweep(self, before: datetime) -> int:
        """Remove what a crash left half written before an instant; return how many."""
        left = [
            each
            for each in self.folder.glob(f"*{_PART}")
            if each.stat().st_mtime < before.timestamp()
        ]
        for each in left:
            if each.is_dir():
                shutil.rmtree(each, ignore_errors=True)
            else:
                each.unlink(missing_ok=True)
        return len(left)
