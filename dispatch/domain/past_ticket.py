"""What does one row of somebody's old records say about one fault?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dispatch.domain.categories import CATEGORIES
from dispatch.domain.column_map import ISO_TIME, TIMES, rounded
from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import is_control, shown
from dispatch.domain.place import check_point, looks_swapped
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Level
from dispatch.domain.table_rows import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dispatch.domain.column_map import ColumnMap
    from dispatch.domain.file_faults import FileFaults
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.table_rows import TableRow

CLOSES_BEFORE_OPENING = "closes_before_opening"
TIMES_OUT_OF_ORDER = "times_out_of_order"
OTHER = "other"
LONGEST_TEXT = 2_000
LONGEST_ID = 200
FIRST_YEAR = 1900
AHEAD = timedelta(days=366)
"""So far ahead a time may lie, for some files hold what is planned; further on it is mistyped."""

_LEVELS = {rule.key: int(rule.level) for rule in CATEGORIES}
# Water may come back, and a resident may confirm it, at any moment of the repair.
_LOOSE = frozenset({"restored_at", "verified_at"})
_EXAMPLE_TIME = datetime(2026, 2, 17, 15, 4, 5, tzinfo=UTC)


@dataclass(slots=True)
class PastTicket:
    """One past fault, read and checked. Times are in UTC; `given` is in the map's datum.

    `given` is (lat, lon), or None for a fault that was never located. `flags` names faults in its
    own times; a flagged ticket is kept as it is and left out of every duration.
    """

    line: int
    external_id: str
    times: dict[str, datetime]
    category: str
    level: int
    description: str
    address: str
    given: tuple[float, float] | None
    household: str | None
    flags: list[str] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        """Tell whether the fault was done with when it was recorded."""
        return "completed_at" in self.times or "closed_at" in self.times


class PastTicketReader:
    """Reads the rows of one file by one column map; with `now`, a time far ahead is a fault.

    `filtered_out` counts rows that the map's filter leaves out, `doubtful_times` local times that
    the change to or from summer time makes doubtful: one that occurs twice is taken as the first,
    one that does not occur as if the clocks had not been changed.
    """

    def __init__(
        self, column_map: ColumnMap, faults: FileFaults, now: datetime | None = None
    ) -> None:
        self._map = column_map
        self._latest = now + AHEAD if now is not None else None
        self._faults = faults
        self._places: dict[str, int] = {}
        self._first_line: dict[str, int] = {}
        self._copies: dict[str, int] = {}
        self.filtered_out = 0
        self.doubtful_times = 0

    def read(self, rows: Iterable[TableRow]) -> Iterator[PastTicket]:
        """Yield the past ticket of each row that is kept; the first row is the header.

        Every fault goes to the `FileFaults`, which raises Invalid when there are enough, and at
        the end of the rows when there are any.
        """
        rows = iter(rows)
        wanted = {*self._map.columns.values(), *self._map.keep}
        for header in rows:
            self._places = columns_of(header, sorted(wanted), self._faults)
            self._faults.check()
            break
        for row in rows:
            if not self._is_kept(row):
                self.filtered_out += 1
                continue
            before = len(self._faults.found)
            past = self._past_ticket(row)
            if len(self._faults.found) == before:
                yield past
        self._faults.check()

    def _is_kept(self, row: TableRow) -> bool:
        return all(
            row.cells[self._places[column]] in texts for column, texts in self._map.keep.items()
        )

    def _cell(self, row: TableRow, ours: str) -> str:
        column = self._map.columns.get(ours)
        return row.cells[self._places[column]] if column is not None else ""

    def _past_ticket(self, row: TableRow) -> PastTicket:
        times = self._times(row)
        theirs = self._cell(row, "category")
        category = self._category(theirs)
        text = self._cell(row, "description") if "description" in self._map.columns else theirs
        return PastTicket(
            line=row.line,
            external_id=self._external_id(row),
            times=times,
            category=category,
            level=self._level(row, category),
            description=text[:LONGEST_TEXT],
            address=self._cell(row, "address")[:LONGEST_TEXT],
            given=self._given(row),
            household=self._cell(row, "household") or None,
            flags=flags_of(times),
        )

    def _fault(self, row: TableRow, ours: str, reason: Sentence) -> None:
        self._faults.add(reason, line=row.line, field=self._map.columns[ours])

    def _category(self, theirs: str) -> str:
        if self._map.categories:
            return self._map.categories.get(theirs, OTHER)
        return theirs if theirs in _LEVELS else OTHER

    def _level(self, row: TableRow, category: str) -> int:
        text = self._cell(row, "level")
        if not text:
            return _LEVELS[category]
        if text in {str(int(level)) for level in Level}:
            return int(text)
        self._fault(
            row,
            "level",
            say("“%(value)s” is no level: write a whole number from 1 to 4.", value=shown(text)),
        )
        return _LEVELS[category]

    def _external_id(self, row: TableRow) -> str:
        if "external_id" not in self._map.columns:
            return self._made_id(row)
        found = self._cell(row, "external_id")
        if not found:
            reason = say("This cell is empty: every ticket needs its own id.")
            self._fault(row, "external_id", reason)
            return found
        if len(found) > LONGEST_ID or is_control(found):
            reason = say(
                "An id has at most %(limit)s characters and no control character among them.",
                limit=LONGEST_ID,
            )
            self._fault(row, "external_id", reason)
        first = self._first_line.setdefault(found, row.line)
        if first != row.line:
            self._fault(
                row,
                "external_id",
                say(
                    "“%(value)s” stands on line %(line)s already: every ticket needs its own id.",
                    value=shown(found),
                    line=first,
                ),
            )
        return found

    def _made_id(self, row: TableRow) -> str:
        """Make an id of what the row says, so that the same file adds nothing a second time."""
        content = hashlib.sha256("\x1f".join(row.cells).encode()).hexdigest()[:32]
        copy = self._copies[content] = self._copies.get(content, 0) + 1
        return f"row:{content}:{copy}"

    def _times(self, row: TableRow) -> dict[str, datetime]:
        times = {}
        for name in TIMES:
            text = self._cell(row, name)
            if text:
                at = self._instant(text)
                if at is not None and self._can_be_past(at):
                    times[name] = at
                    continue
                reason = self._no_time(text) if at is None else _not_past(text)
            elif name == "received_at":
                reason = say("This cell is empty: every ticket needs the time of the call.")
            else:
                continue
            self._fault(row, name, reason)
        return times

    def _can_be_past(self, at: datetime) -> bool:
        return at.year >= FIRST_YEAR and (self._latest is None or at <= self._latest)

    def _no_time(self, text: str) -> Sentence:
        return say(
            "“%(value)s” is not a time such as %(example)s. Mend the cell, or the "
            "format in the column map.",
            value=shown(text),
            example=self._example(),
        )

    def _example(self) -> str:
        if self._map.time_format == ISO_TIME:
            return f"{_EXAMPLE_TIME:%Y-%m-%dT%H:%M:%S}"
        return _EXAMPLE_TIME.strftime(self._map.time_format)

    def _instant(self, text: str) -> datetime | None:
        try:
            if self._map.time_format == ISO_TIME:
                at = datetime.fromisoformat(text)
            else:
                at = datetime.strptime(text, self._map.time_format)  # noqa: DTZ007  zoned below
            if at.utcoffset() is None:
                at = at.replace(tzinfo=self._map.zone)
                self.doubtful_times += at.utcoffset() != at.replace(fold=1).utcoffset()
            return at.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def _given(self, row: TableRow) -> tuple[float, float] | None:
        """Read the point; one on the map's list, or without both coordinates, is not located."""
        texts = {name: self._cell(row, name) for name in ("lat", "lon")}
        if not any(texts.values()):
            return None
        degrees = {name: _number(text) for name, text in texts.items()}
        for name, value in degrees.items():
            if value is None:
                reason = say(
                    "“%(value)s” is not a number of degrees such as 28.2278. Mend it, or empty "
                    "both cells of a place that is not known.",
                    value=shown(texts[name]),
                )
                self._fault(row, name, reason)
        lat, lon = degrees["lat"], degrees["lon"]
        if lat is None or lon is None or rounded(lat, lon) in self._map.not_located:
            return None
        try:
            check_point(lat, lon)
        except Invalid as refusal:
            name, reason = next(iter(refusal.fields.items()))
            self._fault(row, name, refusal.sentence if looks_swapped(lat, lon) else reason)
            return None
        return lat, lon


def _not_past(text: str) -> Sentence:
    return say(
        "“%(value)s” lies before %(year)s or more than a year ahead. Mend the cell, or the format "
        "in the column map.",
        value=shown(text),
        year=FIRST_YEAR,
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def flags_of(times: dict[str, datetime]) -> list[str]:
    """Return which faults the times of one ticket have among themselves."""
    flags = []
    received = times.get("received_at")
    ended = times.get("completed_at", times.get("closed_at"))
    if received is not None and ended is not None and ended < received:
        flags.append(CLOSES_BEFORE_OPENING)
    known = [times[name] for name in TIMES if name in times and name not in _LOOSE]
    if not flags and known != sorted(known):
        flags.append(TIMES_OUT_OF_ORDER)
    return flags
