"""What do the tickets of a long range add up to, without counting each of them again?

Blocks of many facts have sums. What is in none, or no longer as they say, is counted one by one:
tickets at both ends of the range, those that changed since, and those that wait.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import literal, select, union_all

from dispatch.domain.fact_columns import BLOCK_US, FactColumns, Part
from dispatch.domain.fact_figures import Columns, Tally
from dispatch.domain.fact_sums import (
    Sums,
    is_settled,
    meaning_of_sums,
    names_of_sums,
    nothing,
    sums_of,
    turned,
    word_of,
)
from dispatch.domain.facts import received_or_waiting
from dispatch.domain.microseconds import micros
from dispatch.models.base import AS_BYTES, current_connection
from dispatch.models.facts import FactLoose, TicketFact
from dispatch.queries.fact_blocks import (
    IS_LOOSE,
    IS_ROW,
    Lines,
    blocks_of,
    spans_of,
    spans_with_sums,
    sums_of_spans,
)
from dispatch.queries.facts import all_at_once, is_among

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from dispatch.domain.fact_columns import Block
    from dispatch.domain.fact_sums import SpanSums
    from dispatch.domain.facts import Rows
    from dispatch.domain.figures import By
    from dispatch.domain.periods import Period
    from dispatch.queries.fact_blocks import Span, SummedSpans
    from dispatch.queries.facts import Moment

    Ints = NDArray[np.int64]

FEWEST_SUMMED = 250_000
"""Of a range with fewer tickets in sums every one is counted, and every figure is exact."""
MOST_NAMED = 20_000
"""So many tickets are asked for by their numbers at most."""
IS_WAS, IS_NAMED = 3, 4
"""More kinds of lines of a reading: what a block says of a loose ticket, and a fact asked for."""
HEAD = word_of(None)
"""The word of the sums that say for which instant those of a span are, and what stands apart."""
_ALL_IN_ONE = np.zeros(1, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read of a range at one moment: the sums of spans, and facts beside them.

    `single` are counted one by one, those that waited when the range began among them. `gone` are
    in sums and should not be; `turning` are those of a span of which its sums say what was true
    earlier. Both are as the blocks have them.
    """

    summed: SummedSpans
    single: FactColumns
    gone: Rows
    turning: dict[int, Rows]

    def of_team(self, team: int) -> _Reading:
        """Return what of it is of one team."""
        return _Reading(
            self.summed,
            self.single[self.single["team"] == team],
            self.gone[self.gone["team"] == team],
            {number: rows[rows["team"] == team] for number, rows in self.turning.items()},
        )


def sums_between(
    period: Period,
    splits: Sequence[By | None],
    moment: Moment,
    *,
    team: int | None = None,
    with_flow: bool = True,
) -> dict[By | None, Sums] | None:
    """Return what the tickets received in a period add up to by each split, all or a team's.

    The flow is that of the period, with the tickets that waited when it began. None where few of
    the city's tickets are in sums, or where these are written anew all the time.
    """
    begin, end = micros([period.from_at, period.to_at]).tolist()
    # Sums do not know who of theirs was closed after the period, and waited at its end.
    last = end if with_flow else np.inf
    words = [word_of(by, team) for by in splits]
    reading = _one_reading(period, last, words, moment)
    if reading is None:
        return None
    if team is not None:
        reading = reading.of_team(team)
    inside = Columns(reading.single[reading.single["received_at"] >= begin])
    found = {}
    for by in splits:
        found[by] = _summed(reading, by, word_of(by, team), period.zone, moment.now)
        names = [name for name in names_of_sums(by) if name != "flow"]
        found[by].add(sums_of(inside, by, period.zone, moment.now, names))
    if with_flow:
        moving = replace(
            _one_tally(reading.single, moment.now), since=period.from_at, before=period.to_at
        )
        found[None].add(Sums(_ALL_IN_ONE, {"flow": moving.table("flow")}))
    return found


def _one_tally(facts: FactColumns, now: datetime) -> Tally:
    return Tally(Columns(facts), np.zeros(facts.size, dtype=np.int64), 1, now)


def _summed(reading: _Reading, by: By | None, word: str, zone: ZoneInfo, now: datetime) -> Sums:
    """Add the sums of spans up as they are now, without the tickets that are gone."""
    whole = nothing(by)
    for number, sums in reading.summed.items():
        if word in sums:
            whole.add(sums[word].sums)
        if (turning := reading.turning[number]).size:
            whole.add(turned(Columns(turning), by, zone, sums[HEAD].as_at, now))
    if reading.gone.size:
        whole.add(sums_of(Columns(reading.gone), by, zone, now), -1)
    return whole


def _one_reading(period: Period, last: float, words: list[str], moment: Moment) -> _Reading | None:
    """Read sums, blocks and facts of one moment; None where little is gained by sums."""
    begin, end = (int(at) for at in micros([period.from_at, period.to_at]).tolist())
    for _ in range(2):
        spans = spans_of(begin, end)
        whole = [one for one in spans if one.end - one.begin == BLOCK_US]
        heads = _heads(whole, last, period.zone, moment.now)
        if sum(int(head.sums.tables["n"].sum()) for head in heads.values()) < FEWEST_SUMMED:
            return None
        turning = {number: head.turning(moment.now) for number, head in heads.items()}
        named = np.unique(np.concatenate([*turning.values(), moment.replaced]))
        if named.size > MOST_NAMED:
            return None
        summed = sums_of_spans((one for one in spans if one.number in heads), [HEAD, *words])
        others = [span for span in spans if span.number not in heads]
        blocks = blocks_of(others)
        lines = _lines(begin, end, spans, list(summed), named)
        is_one = lines.digests == {span.number: span.digest for span in spans}
        if is_one and blocks is not None and all(HEAD in sums for sums in summed.values()):
            known = _known(lines, summed)
            single = _stored(lines, summed, zip(others, blocks, strict=True), moment)
            fresh = moment.ahead.facts
            single.append(_part(fresh, received_or_waiting(fresh, begin, end)))
            return _Reading(
                summed,
                FactColumns(single),
                np.concatenate(
                    [_among(facts, _void(lines, number, moment)) for number, facts in known.items()]
                ),
                {number: _among(facts, turning[number]) for number, facts in known.items()},
            )
    return None


def _heads(spans: list[Span], last: float, zone: ZoneInfo, now: datetime) -> dict[int, SpanSums]:
    """Return the sums of all in one of spans, those that are of use.

    They are of the zone, of an instant by now, of what is counted today, and of tickets that were
    closed before `last`.
    """
    found = sums_of_spans(spans_with_sums(spans), [HEAD])
    heads = {number: sums[HEAD] for number, sums in found.items() if HEAD in sums}
    meaning = meaning_of_sums()
    return {
        number: head
        for number, head in heads.items()
        if head.zone == str(zone)
        and head.as_at <= now
        and head.meaning == meaning
        and head.last_closed < last
    }


def _lines(begin: int, end: int, spans: list[Span], summed: list[int], named: Ints) -> Lines:
    """Read in one statement, so that a roll-up in between neither hides a ticket nor doubles it."""
    was = select(literal(IS_WAS), FactLoose.number, FactLoose.ticket_id, FactLoose.fact)
    asked = select(literal(IS_NAMED), literal(0), TicketFact.ticket_id, TicketFact.fact)
    statement = union_all(
        *all_at_once(begin, end, spans),
        was.where(FactLoose.number.in_(summed)),
        asked.where(TicketFact.ticket_id.in_(named.tolist())),
    )
    done: Any = current_connection().execute(statement, execution_options=AS_BYTES)
    return Lines(done.cursor.fetchall())


def _known(lines: Lines, summed: SummedSpans) -> dict[int, Rows]:
    """Return what was read of facts that are in sums, as the block of each span has them."""
    was, named = lines.facts(IS_WAS), lines.facts(IS_NAMED)
    found = {}
    for number, sums in summed.items():
        stored = _in_span(named, number)
        is_right = ~is_among(stored["ticket"], lines.loose(number))
        known = np.concatenate([_in_span(was, number), stored[is_right]])
        found[number] = known[is_settled(known, sums[HEAD].as_at)]
    return found


def _in_span(facts: Rows, number: int) -> Rows:
    found: Rows = facts[facts["received_at"] // BLOCK_US == number]
    return found


def _void(lines: Lines, number: int, moment: Moment) -> Ints:
    """Return the tickets of a span that its block is wrong about, or whose facts are not asked."""
    return np.union1d(lines.loose(number), moment.replaced)


def _stored(
    lines: Lines, summed: SummedSpans, blocks: Iterable[tuple[Span, Block]], moment: Moment
) -> list[Part]:
    """Return the stored facts that are in no sum and are still right."""
    rows = lines.facts(IS_ROW, IS_LOOSE)
    parts = [_part(rows, ~is_among(rows["ticket"], moment.replaced))]
    for number, sums in summed.items():
        apart = sums[HEAD].apart
        parts.append(_part(apart, ~is_among(apart["ticket"], _void(lines, number, moment))))
    for span, block in blocks:
        received, void = block["received_at"], _void(lines, span.number, moment)
        is_meant = (received >= span.begin) & (received < span.end)
        parts.append(_part(block, is_meant & ~is_among(block["ticket"], void)))
    return parts


def _part(source: Rows | Block, is_meant: NDArray[np.bool_]) -> Part:
    return Part(source, None, int(source.size)).narrowed(is_meant)


def _among(facts: Rows, tickets: Ints) -> Rows:
    return facts[is_among(facts["ticket"], tickets)]
