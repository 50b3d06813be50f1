"""How are very many facts held, so that a figure reads no more of them than it looks at?

A row of `FACT` has some sixty fields, and a figure looks at three of them. By column, each of these
is one piece of memory; a column is put together when it is asked for, and never otherwise.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from dispatch.domain.facts import FACT
from dispatch.domain.microseconds import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from dispatch.domain.facts import Rows

    Ints = NDArray[np.int64]

BLOCK_DAYS = 30
BLOCK_US = BLOCK_DAYS * 86_400 * int(MICROSECONDS)
"""A block holds the facts of tickets received in so many microseconds, counted from 1970."""
_HEAD = struct.Struct("<I")
_ALIGNED = 8
HEAD_BYTES = 8_192
"""More than the head of a block takes, which has a line for each column."""


@dataclass(frozen=True, slots=True)
class Block:
    """The facts of one span of time, by column, in the order of `packed`; nobody changes them.

    Numbers may be narrower than `FACT` has them. `weight` is what it takes of memory, in bytes.
    """

    size: int
    columns: Mapping[str, NDArray[Any]]
    weight: int

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return one column."""
        return self.columns[name]


@dataclass(frozen=True, slots=True)
class Part:
    """Some facts from one source; `chosen` are their places in it, None for every one."""

    source: Any
    chosen: Ints | None
    size: int

    def column(self, name: str) -> NDArray[Any]:
        """Return one column of these facts."""
        whole: NDArray[Any] = self.source[name]
        return whole if self.chosen is None else whole[self.chosen]

    def narrowed(self, mask: NDArray[np.bool_]) -> Part:
        """Return those of these facts that a mask tells."""
        places = np.flatnonzero(mask)
        if places.size == self.size:
            return self
        chosen = places if self.chosen is None else self.chosen[places]
        return Part(self.source, chosen, int(places.size))


class FactColumns:
    """Facts that are read by column, with the types of `FACT`.

    `facts["arrived_at"]` is one column; `facts[mask]` and `facts[places]` are some of the facts.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        """Put parts one behind the other."""
        self._parts = [part for part in parts if part.size]
        self._columns: dict[str, NDArray[Any]] = {}
        self.size = sum(part.size for part in self._parts)

    @property
    def shape(self) -> tuple[int]:
        """Return the shape of each column."""
        return (self.size,)

    def __len__(self) -> int:
        """Return how many facts there are."""
        return self.size

    def __iter__(self) -> Iterator[Any]:
        """Yield each fact as a row."""
        yield from self.rows()

    @overload
    def __getitem__(self, asked: str) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, asked: int) -> np.void: ...
    @overload
    def __getitem__(self, asked: NDArray[Any]) -> FactColumns: ...
    def __getitem__(self, asked: str | int | NDArray[Any]) -> NDArray[Any] | FactColumns | np.void:
        """Return a column by its name, a row by its place, or the facts that an array tells."""
        if isinstance(asked, int):
            one: np.void = self[np.array([asked])].rows()[0]
            return one
        if isinstance(asked, str):
            if asked not in self._columns:
                self._columns[asked] = self._joined(asked)
            return self._columns[asked]
        if asked.dtype != np.bool_:
            return FactColumns([Part(self, asked, int(asked.size))])
        ends = np.cumsum([0, *(part.size for part in self._parts)]).tolist()
        return FactColumns(
            [
                part.narrowed(asked[start:stop])
                for part, start, stop in zip(self._parts, ends[:-1], ends[1:], strict=True)
            ]
        )

    def rows(self) -> Rows:
        """Return the facts as rows of `FACT`."""
        found = np.empty(self.size, dtype=FACT)
        for name in FACT.names or ():
            found[name] = self[name]
        return found

    def _joined(self, name: str) -> NDArray[Any]:
        if not self._parts:
            return np.empty(0, dtype=FACT[name])
        return np.concatenate(
            [part.column(name) for part in self._parts], dtype=FACT[name], casting="unsafe"
        )


def in_columns(source: Rows | Block) -> FactColumns:
    """Return facts by column, whether they are rows or a block."""
    return FactColumns([Part(source, None, int(source.size))])


def packed(rows: Rows) -> bytes:
    """Write facts by column, in the order of the calls.

    Each column is as narrow as its numbers allow; one in which all are equal is written once.
    """
    ordered = rows[np.lexsort((rows["ticket"], rows["received_at"]))]
    columns = {name: _narrow(ordered[name]) for name in FACT.names or ()}
    places, pieces, at = [], [], 0
    for name, column in columns.items():
        piece = column.tobytes()
        places.append([name, column.dtype.str, int(column.size), at])
        pieces.append(piece.ljust(-(-len(piece) // _ALIGNED) * _ALIGNED, b"\0"))
        at += len(pieces[-1])
    head = json.dumps([int(ordered.size), places]).encode()
    head = head.ljust(-(-(len(head) + _HEAD.size) // _ALIGNED) * _ALIGNED - _HEAD.size)
    return b"".join([_HEAD.pack(len(head)), head, *pieces])


class Piece(NamedTuple):
    """A column of a block: the type of its numbers, how many, and where its bytes begin."""

    kind: np.dtype[Any]
    size: int
    at: int

    @property
    def length(self) -> int:
        """Return how many bytes it has."""
        return self.size * self.kind.itemsize


def pieces_of(start: bytes) -> tuple[int, dict[str, Piece]]:
    """Return how many facts a block has and where its columns are, from its first `HEAD_BYTES`."""
    [length] = _HEAD.unpack_from(start)
    begin = _HEAD.size + length
    size, places = json.loads(start[_HEAD.size : begin])
    return size, {name: Piece(np.dtype(kind), n, begin + at) for name, kind, n, at in places}


def unpacked(block: bytes) -> Block:
    """Read what `packed` has written, without a copy."""
    size, pieces = pieces_of(block)
    read = {
        name: np.frombuffer(block, dtype=piece.kind, count=piece.size, offset=piece.at)
        for name, piece in pieces.items()
    }
    return _block(size, read, len(block))


def partly_unpacked(size: int, read: Mapping[str, tuple[Piece, bytes]]) -> Block:
    """Make a block of some of its columns, given by the bytes of each."""
    columns = {name: np.frombuffer(said, dtype=one.kind) for name, (one, said) in read.items()}
    return _block(size, columns, sum(len(said) for _, said in read.values()))


def beside(blocks: Sequence[Block]) -> Block:
    """Return blocks that hold columns of the same facts as one."""
    columns = {name: column for block in blocks for name, column in block.columns.items()}
    return Block(blocks[0].size, columns, sum(block.weight for block in blocks))


def _block(size: int, columns: Mapping[str, NDArray[Any]], weight: int) -> Block:
    whole = {
        name: column if column.size == size else np.broadcast_to(column, (size,))
        for name, column in columns.items()
    }
    return Block(size, whole, weight)


def _narrow(column: NDArray[Any]) -> NDArray[Any]:
    # Missing numbers are equal too, by their bytes.
    plain = np.ascontiguousarray(column)
    raw = plain.view(_bits(plain.dtype))
    if raw.size and (raw == raw[0]).all():
        return plain[:1]
    if plain.dtype.kind not in "iu" or not plain.size:
        return plain
    low, high = int(plain.min()), int(plain.max())
    if low >= 0:
        return plain.astype(np.min_scalar_type(high))
    # A signed type of one more bit; a signed and an unsigned one of 64 bits meet in floats.
    return plain.astype(np.min_scalar_type(min(low, -high - 1)))


@cache
def _bits(kind: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(f"u{kind.itemsize}")
