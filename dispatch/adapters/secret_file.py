"""Which secret do the processes sign with that share a data folder and were given none?"""

from __future__ import annotations

import fcntl
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 48


def shared_secret(file: Path) -> str:
    """Return the secret that a file keeps; who finds none makes it, the others wait for that.

    A file that a killed process left empty is filled.

    Raises:
        OSError: when the file can neither be read nor made.
    """
    kept = file.read_text(encoding="utf-8").strip() if file.exists() else ""
    return kept or _made(file)


def _made(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        kept = opened.read().strip()
        if not kept:
            kept = secrets.token_urlsafe(_BYTES)
            opened.write(kept)
            opened.flush()
            os.fsync(descriptor)
    return kept
