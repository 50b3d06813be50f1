"""How does a test stop SQLite in the middle of a write, and what may a power cut leave of it?"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

SECTOR = 512
METHODS = 18
WRITE, TRUNCATE, SYNC = 3, 4, 5
OPEN = 0
_OK = 0

_Write = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
)
_Truncate = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_Open = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
)
_TYPES = {WRITE: _Write, TRUNCATE: _Truncate, SYNC: _Sync}


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods` of SQLite: a version and its functions in their order."""

    _fields_ = (("version", ctypes.c_int), ("functions", ctypes.c_void_p * METHODS))


class _File(ctypes.Structure):
    """`sqlite3_file` of SQLite."""

    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs` of SQLite as far as its first function."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("following", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("own", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
    )


class Step(NamedTuple):
    """One thing that SQLite did to a file; `answered` is the answer to whoever asked."""

    kind: str
    file: str = ""
    offset: int = 0
    content: bytes = b""


class Disk:
    """The files of this process's SQLite: what was done to them, and at which step to die.

    A write at which the process dies reaches the file by half.
    """

    def __init__(self, library: str) -> None:
        """Put a layer between SQLite and the system; for every file that is opened from now on."""
        self.steps: list[Step] = []
        self.die_at = 0
        self._names: dict[int, str] = {}
        self._tables: dict[int, Any] = {}
        self._kept: list[Any] = []
        find = ctypes.CDLL(library).sqlite3_vfs_find
        find.restype, find.argtypes = ctypes.POINTER(_Vfs), [ctypes.c_char_p]
        vfs = find(None).contents
        self._open = _Open(vfs.open)
        self._opened = _Open(self._on_open)
        vfs.open = ctypes.cast(self._opened, ctypes.c_void_p)

    def _on_open(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        result: int = self._open(vfs, name, file, flags, out)
        if result == _OK and name:
            # SQLite keeps the pointer itself: a copy of the text would not live long enough.
            self._names[file] = os.fsdecode(ctypes.string_at(name))
            opened = ctypes.cast(file, ctypes.POINTER(_File)).contents
            opened.methods = ctypes.pointer(self._table(opened.methods))
        return result

    def _table(self, methods: Any) -> Any:
        address = ctypes.addressof(methods.contents)
        if address not in self._tables:
            table = _Methods.from_buffer_copy(methods.contents)
            for place, kind in _TYPES.items():
                # The first function is the file's close, which the names above count from 0.
                own = kind(self._wrap(place, kind(table.functions[place - 1])))
                self._kept.append(own)
                table.functions[place - 1] = ctypes.cast(own, ctypes.c_void_p).value
            self._tables[address] = table
        return self._tables[address]

    def _wrap(self, place: int, real: Any) -> Any:
        def write(file: int, content: int, size: int, offset: int) -> int:
            dies = self._count("write", file, offset, ctypes.string_at(content, size))
            if dies:
                real(file, content, size // 2, offset)
                os.kill(os.getpid(), signal.SIGKILL)
            return int(real(file, content, size, offset))

        def truncate(file: int, size: int) -> int:
            if self._count("truncate", file, size):
                os.kill(os.getpid(), signal.SIGKILL)
            return int(real(file, size))

        def sync(file: int, flags: int) -> int:
            if self._count("sync", file):
                os.kill(os.getpid(), signal.SIGKILL)
            return int(real(file, flags))

        return {WRITE: write, TRUNCATE: truncate, SYNC: sync}[place]

    def _count(self, kind: str, file: int, offset: int = 0, content: bytes = b"") -> bool:
        self.steps.append(Step(kind, self._names[file], offset, content))
        return len(self.steps) == self.die_at


def after_power_cut(
    files: Mapping[str, bytes], steps: Sequence[Step], lots: Random
) -> dict[str, bytes]:
    """Return what the disk may hold when the power fails after some steps.

    What was synced is there. Of everything later each sector of 512 bytes is there or not, by lot:
    so a write may be lost, torn, or overtaken by a later one.
    """
    found = {name: bytearray(content) for name, content in files.items()}
    for number, step in enumerate(steps):
        content = found.setdefault(step.file, bytearray()) if step.file else bytearray()
        last_sync = any(each.kind == "sync" and each.file == step.file for each in steps[number:])
        if step.kind == "truncate" and (last_sync or lots.random() < 0.5):
            del content[step.offset :]
        elif step.kind == "write":
            for at in range(0, len(step.content), SECTOR):
                if last_sync or lots.random() < 0.5:
                    _put(content, step.offset + at, step.content[at : at + SECTOR])
    return {name: bytes(content) for name, content in found.items()}


def _put(content: bytearray, offset: int, piece: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(piece)] = piece
