"""How is a file read that somebody wants to import?"""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from dispatch.domain.file_faults import FileFaults
from dispatch.domain.sentences import say
from dispatch.domain.table_rows import LONGEST_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LARGEST_WHOLE_FILE = 256 * 1024 * 1024


def read_whole(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        Invalid: when it cannot be read, or is larger than 256 MB.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_WHOLE_FILE + 1)
    except OSError as fault:
        raise _unreadable(path, fault) from fault
    if len(content) > LARGEST_WHOLE_FILE:
        raise FileFaults(path.name).refuse(
            say("The file is larger than 256 MB: split it or simplify it, then import again.")
        )
    return content


@contextmanager
def open_lines(path: Path) -> Iterator[tuple[Iterator[bytes], Callable[[], int]]]:
    """Open a table for reading line by line, unpacked when its name ends in `.gz`.

    Gives the lines and a function that tells how many bytes of the file are read.

    Raises:
        Invalid: when it cannot be read or is no gzip file.
    """
    try:
        with path.open("rb") as packed:
            if path.suffix.lower() == ".gz":
                with gzip.open(packed) as unpacked:
                    yield _lines(unpacked), packed.tell
            else:
                yield _lines(packed), packed.tell
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise FileFaults(path.name).refuse(
            say("This is not packed with gzip: pack it, or take .gz from its name.")
            if "Not a gzipped" in str(fault)
            else say("The packed file is broken: copy it again.")
        ) from fault
    except OSError as fault:
        raise _unreadable(path, fault) from fault


def _lines(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    # A bound on each line, for a file without line ends would fill the memory.
    return iter(lambda: file.readline(LONGEST_LINE_BYTES), b"")


def _unreadable(path: Path, fault: OSError) -> Exception:
    match fault:
        case FileNotFoundError() | NotADirectoryError():
            reason = say("There is no such file: check its name.")
        case IsADirectoryError():
            reason = say("This is a folder: name a file in it.")
        case PermissionError():
            reason = say("You may not read this file: ask for the right to it.")
        case _:
            reason = say(
                "The file cannot be read (%(reason)s).", reason=fault.strerror or str(fault)
            )
    return FileFaults(str(path)).refuse(reason)
