"""Which facts are kept by column, and what has changed of them since?

A block holds a span of thirty days. Facts that changed after it was written are named in a table of
their own, so that a block is right for ever about all others, and a process may keep it in memory.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import ARRAY, Integer, LargeBinary, Text, func, literal, select, true

from dispatch.domain.fact_columns import (
    BLOCK_US,
    HEAD_BYTES,
    Block,
    beside,
    partly_unpacked,
    pieces_of,
    unpacked,
)
from dispatch.domain.fact_sums import SpanSums, unpacked_sums
from dispatch.domain.facts import facts_of
from dispatch.domain.microseconds import micros
from dispatch.models.base import AS_BYTES, db
from dispatch.models.facts import FactBlock, FactLoose, FactSum, TicketFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.facts import Rows

    SummedSpans = dict[int, dict[str, SpanSums]]

FEWEST_IN_A_BLOCK = 500
"""So many changes of a span are read one by one before its block is written, or written anew."""
IS_ROW, IS_LOOSE, IS_BLOCK = range(3)
"""What a line of a reading is: a fact, a ticket that its block is wrong about, a block's digest."""


class Lines:
    """What one statement says of facts: each line has its kind, a span, a ticket and bytes."""

    def __init__(self, lines: Sequence[Any]) -> None:
        """Keep what was read."""
        self._lines = lines
        self.digests: dict[int, bytes] = {}
        self._loose: dict[int, list[int]] = {}
        for kind, span, ticket, said in lines:
            if kind == IS_BLOCK:
                self.digests[span] = said
            elif kind == IS_LOOSE:
                self._loose.setdefault(span, []).append(ticket)

    def facts(self, *kinds: int) -> Rows:
        """Return the facts of some kinds of lines."""
        return facts_of(
            fact for kind, _, _, fact in self._lines if kind in kinds and fact is not None
        )

    def loose(self, number: int) -> NDArray[np.int64]:
        """Return the tickets, in order, that the block of a span is wrong about.

        One that moved may be in the block of another span by now, which is right about it.
        """
        return np.array(sorted(self._loose.get(number, ())), dtype=np.int64)


class Kept:
    """Blocks and sums in memory, those asked for last, by the digest of what they say."""

    def __init__(self, most: int) -> None:
        """Keep at most so many bytes."""
        self.most = most
        self._blocks: OrderedDict[bytes, Block | SpanSums] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, digest: bytes) -> Block | SpanSums | None:
        """Return a block, or sums, that are kept."""
        with self._lock:
            if digest in self._blocks:
                self._blocks.move_to_end(digest)
            return self._blocks.get(digest)

    def put(self, digest: bytes, block: Block | SpanSums) -> None:
        """Keep a block, and let go of those that were not asked for the longest."""
        with self._lock:
            if digest in self._blocks or block.weight > self.most:
                return
            self._blocks[digest] = block
            self._weight += block.weight
            while self._weight > self.most:
                _, gone = self._blocks.popitem(last=False)
                self._weight -= gone.weight

    @property
    def weight(self) -> int:
        """Return how many bytes are kept."""
        return self._weight


kept = Kept(0)
"""The blocks of this process; the application says how much they may weigh."""


class Span(NamedTuple):
    """The block of a number, and its part of a range: received from `begin` and before `end`."""

    number: int
    digest: bytes
    begin: int
    end: int


def spans_of(begin: int, end: int) -> list[Span]:
    """Return the blocks with at least an eighth of their days in a range, the earliest first.

    Fewer rows than that are read quicker one by one.
    """
    first, last = begin // BLOCK_US, end // BLOCK_US
    rows = db.session.execute(
        select(FactBlock.number, FactBlock.digest)
        .where(FactBlock.number.between(first, last))
        .order_by(FactBlock.number)
    )
    spans = [
        Span(number, digest, max(begin, number * BLOCK_US), min(end, (number + 1) * BLOCK_US))
        for number, digest in rows
    ]
    return [span for span in spans if 8 * (span.end - span.begin) >= BLOCK_US]


def blocks_of(spans: Iterable[Span], names: frozenset[str] = frozenset()) -> list[Block] | None:
    """Return the blocks of spans, None where one was written anew in the meantime.

    With `names` they have at least these columns; PostgreSQL then reads no others.
    """
    is_part = bool(names) and db.engine.dialect.name == "postgresql"
    found = []
    for span in spans:
        block = kept.get(span.digest)
        if not isinstance(block, Block):
            block = _part_of(span, names) if is_part else _whole_of(span)
        if block is None:
            return None
        found.append(block)
    return found


def _whole_of(span: Span) -> Block | None:
    read = _bytes_of(span, FactBlock.columns)
    if not read:
        return None
    [[columns]] = read
    block = unpacked(columns)
    kept.put(span.digest, block)
    return block


def _part_of(span: Span, names: frozenset[str]) -> Block | None:
    """Return some columns of a block; PostgreSQL keeps it as it is and reads what is asked for.

    Each is kept by itself, so that pages that look at some of the same read and keep them once.
    """
    keys = {name: _key(span.digest, f"column/{name}") for name in sorted(names)}
    columns = [kept.get(key) for key in keys.values()]
    found = {name: one for name, one in zip(keys, columns, strict=True) if isinstance(one, Block)}
    if missing := [name for name in keys if name not in found]:
        read = _columns_of(span, missing)
        if read is None:
            return None
        for name, one in read.items():
            kept.put(keys[name], one)
        found |= read
    return beside(list(found.values()))


def _columns_of(span: Span, names: list[str]) -> dict[str, Block] | None:
    start = _bytes_of(span, _slice(1, HEAD_BYTES))
    if not start:
        return None
    size, pieces = pieces_of(start[0][0])
    asked = [pieces[name] for name in names]
    # A line for each column: one line of all of them takes more than twice the time on its way.
    places = (
        func.unnest(
            literal(names, ARRAY(Text)),
            literal([one.at + 1 for one in asked], ARRAY(Integer)),
            literal([one.length for one in asked], ARRAY(Integer)),
        )
        .table_valued("name", "at", "length")
        .render_derived()
    )
    said = _bytes_of(span, places.c.name, _slice(places.c.at, places.c.length), beside=places)
    if not said:
        return None
    return {name: partly_unpacked(size, {name: (pieces[name], each)}) for name, each in said}


def _slice(at: Any, length: Any) -> Any:
    return func.substring(FactBlock.columns, at, length, type_=LargeBinary)


def _bytes_of(span: Span, *columns: Any, beside: Any = None) -> Sequence[Any]:
    """Return what is asked of the block of a span, nothing where it was written anew meanwhile."""
    is_it = (FactBlock.number == span.number) & (FactBlock.digest == span.digest)
    asked = select(*columns).where(is_it)
    if beside is not None:
        asked = asked.join_from(FactBlock, beside, true())
    return db.session.execute(asked, execution_options=AS_BYTES).all()


def spans_with_sums(spans: Iterable[Span]) -> list[Span]:
    """Return those spans of which sums are kept."""
    whole = select(FactSum.number).where(FactSum.split == "")
    numbers = set(
        db.session.scalars(whole.where(FactSum.number.in_([one.number for one in spans])))
    )
    return [span for span in spans if span.number in numbers]


def sums_of_spans(spans: Iterable[Span], words: Sequence[str]) -> SummedSpans:
    """Return the sums that are kept of spans under some words, by the number of each span.

    A word that is not there has none: the span was written anew, or knows no such team.
    """
    found: SummedSpans = {}
    for span in spans:
        sums = {word: kept.get(_key(span.digest, word)) for word in words}
        if missing := [word for word, each in sums.items() if each is None]:
            sums |= _read_sums(span.number, span.digest, missing)
        found[span.number] = {
            word: each for word, each in sums.items() if isinstance(each, SpanSums)
        }
    return found


def _read_sums(number: int, digest: bytes, words: list[str]) -> dict[str, SpanSums]:
    """Read sums that are not in memory; nothing where the block was written anew meanwhile."""
    asked = (
        select(FactSum.split, FactSum.sums)
        .join(FactBlock, FactBlock.number == FactSum.number)
        .where(FactSum.number == number, FactBlock.digest == digest, FactSum.split.in_(words))
    )
    found = {}
    for word, packed in db.session.execute(asked, execution_options=AS_BYTES):
        found[word] = unpacked_sums(packed)
        kept.put(_key(digest, word), found[word])
    return found


def _key(digest: bytes, word: str) -> bytes:
    """Return under what sums and parts of a block are kept; its digest alone is the whole one's."""
    return digest + f"/{word}".encode()


def said_of(spans: Sequence[Span]) -> list[Any]:
    """Return what is asked about spans in the statement that reads the other facts too.

    Each line is as `Lines` has it: a loose ticket with its fact, none where it is no longer in
    this part of the span, and each block with its digest.
    """
    if not spans:
        return []
    numbers = [span.number for span in spans]
    start = FactLoose.number * BLOCK_US
    is_inside = (
        (TicketFact.ticket_id == FactLoose.ticket_id)
        & TicketFact.received_us.between(spans[0].begin, spans[-1].end - 1)
        & TicketFact.received_us.between(start, start + (BLOCK_US - 1))
    )
    loose: Any = select(literal(IS_LOOSE), FactLoose.number, FactLoose.ticket_id, TicketFact.fact)
    blocks: Any = select(literal(IS_BLOCK), FactBlock.number, literal(0), FactBlock.digest)
    return [
        loose.join_from(FactLoose, TicketFact, is_inside, isouter=True).where(
            FactLoose.number.in_(numbers)
        ),
        blocks.where(FactBlock.number.in_(numbers)),
    ]


def spans_to_pack(most: int, now: datetime) -> list[int]:
    """Return the numbers of spans of which many facts are in no block, the fullest first.

    After them come those of which the sums are to be written anew.
    """
    loose = func.count()
    found = db.session.scalars(
        select(FactLoose.number)
        .where(FactLoose.number > 0)
        .group_by(FactLoose.number)
        .having(loose >= FEWEST_IN_A_BLOCK)
        .order_by(loose.desc(), FactLoose.number)
        .limit(most)
    )
    numbers = list(found)
    is_old = FactBlock.sum_anew_us <= int(micros([now])[0])
    aged = db.session.scalars(
        select(FactBlock.number)
        .where(is_old)
        .order_by(FactBlock.sum_anew_us, FactBlock.number)
        .limit(most)
    )
    return list(dict.fromkeys([*numbers, *aged]))[:most]
