"""Which days off and make-up working days does a list name for one year, and which are wrong?"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import FileFaults, shown
from dispatch.domain.instants import as_utc
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.strict_json import read_date
from dispatch.domain.table_rows import columns_of, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from dispatch.domain.working_hours import WorkCalendar

HOLIDAY, WORKING = "holiday", "working_day"
COLUMNS = ("date", "kind")
EARLIEST, LATEST = 2000, 2100
MOST_DAYS = 366
NOVEMBER = 11
LONGEST_DAY_NAME = 80


@dataclass(frozen=True)
class YearDays:
    """The days of one year that differ from the ordinary week, each with its name, maybe empty.

    `is_announced` is False where make-up working days are usual and none of the year is known.
    """

    year: int
    holidays: dict[date, str]
    working: dict[date, str]
    is_announced: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `read_holiday_file` reads back."""
        listed = [(day, HOLIDAY, name) for day, name in self.holidays.items()]
        listed += [(day, WORKING, name) for day, name in self.working.items()]
        days = [
            {"date": day.isoformat(), "kind": kind, "name": name}
            for day, kind, name in sorted(listed)
        ]
        return {"year": self.year, "days": days}


def read_holiday_file(content: bytes, file: str, year: int) -> YearDays:
    """Read the days of one year from CSV or JSON.

    CSV has the columns `date` and `kind` (`holiday` or `working_day`) and perhaps `name`. JSON is
    an object with `days`, or the list itself, of objects with `date` and `kind`, or `isOffDay`.
    Raises Invalid naming line and field of each fault, up to twenty; then nothing is read.
    """
    faults = FileFaults(file)
    is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}
    cells = list(_from_json(content, faults, year) if is_json else _from_table(content, faults))
    reading = _Reading(faults, year)
    for line, at, row in cells[: MOST_DAYS + 1]:
        reading.take(row, line, at)
    if not cells and not faults.found:
        faults.add(say("The file names no day: write one day on each line below the header."))
    if len(cells) > MOST_DAYS:
        faults.add(say("A year has at most %(most)s days.", most=MOST_DAYS))
    faults.check()
    return YearDays(year, reading.found[HOLIDAY], reading.found[WORKING])


def with_year(calendar: WorkCalendar, days: YearDays) -> WorkCalendar:
    """Return a calendar in which the days of one year are those given; other years stay.

    Raises Invalid when a day is both.
    """
    return replace(
        calendar,
        holidays=_but(calendar.holidays, days.year) | days.holidays.keys(),
        working_weekends=_but(calendar.working_weekends, days.year) | days.working.keys(),
    )


def _but(days: frozenset[date], year: int) -> frozenset[date]:
    return frozenset(day for day in days if day.year != year)


def year_not_known(calendar: WorkCalendar, now: datetime) -> int | None:
    """Return next year from November on while the calendar does not know its days, else None.

    It does not know them without a holiday, or without a make-up day where this year has some.
    """
    today = as_utc(now).astimezone(calendar.zone).date()
    coming = today.year + 1
    if today.month < NOVEMBER:
        return None
    has_holidays = any(day.year == coming for day in calendar.holidays)
    worked = {day.year for day in calendar.working_weekends}
    is_known = has_holidays and (today.year not in worked or coming in worked)
    return None if is_known else coming


class _Reading:
    """Takes the rows of one file and keeps the fault of each."""

    def __init__(self, faults: FileFaults, year: int) -> None:
        self.faults = faults
        self.year = year
        self.found: dict[str, dict[date, str]] = {HOLIDAY: {}, WORKING: {}}

    def take(self, row: dict[str, Any], line: int | None, at: str) -> None:
        """Keep one day, or the fault of its date or of its kind."""
        kind = row["kind"]
        fault = self._fault(row)
        if fault is not None:
            name, reason = fault
            self.faults.add(reason, line=line, field=at + name)
            return
        title = " ".join(str(row.get("name") or "").split())[:LONGEST_DAY_NAME]
        self.found[kind][read_date(row["date"], "date")] = title

    def _fault(self, row: dict[str, Any]) -> tuple[str, Sentence] | None:
        try:
            day = read_date(row["date"], "date")
        except Invalid as refusal:
            return "date", refusal.fields["date"]
        if day.year != self.year:
            return "date", say(
                "This day is in %(found)s, but the days of %(year)s were asked for.",
                found=day.year,
                year=self.year,
            )
        kind = row["kind"]
        if kind not in (HOLIDAY, WORKING):
            known = f"{HOLIDAY}, {WORKING}"
            return "kind", say("“%(value)s” is none of %(known)s.", value=shown(kind), known=known)
        if day in self.found[WORKING if kind == HOLIDAY else HOLIDAY]:
            both = say("%(day)s is both a holiday and a working weekend.", day=day.isoformat())
            return "date", both
        return None


def _from_table(
    content: bytes, faults: FileFaults
) -> Iterator[tuple[int | None, str, dict[str, Any]]]:
    rows = read_table(io.BytesIO(content), faults)
    header = next(rows)
    places = columns_of(header, COLUMNS, faults)
    if header.cells.count("name") == 1:
        places["name"] = header.cells.index("name")
    faults.check()
    for row in rows:
        yield row.line, "", {name: row.cells[place] for name, place in places.items()}


def _from_json(
    content: bytes, faults: FileFaults, year: int
) -> Iterator[tuple[int | None, str, dict[str, Any]]]:
    stored = _parsed(content, faults)
    if isinstance(stored, dict):
        if stored.get("year", year) != year:
            wrong_year = say(
                "The file is for %(found)s, but the days of %(year)s were asked for.",
                found=shown(stored["year"]),
                year=year,
            )
            faults.add(wrong_year, field="year")
        stored = stored.get("days")
    if not isinstance(stored, list):
        raise faults.refuse(say("This must be a list of days."), field="days")
    for number, row in enumerate(stored, start=1):
        if isinstance(row, dict):
            kind = row.get("kind")
            if kind is None and isinstance(row.get("isOffDay"), bool):
                kind = HOLIDAY if row["isOffDay"] else WORKING
            found = {"date": row.get("date"), "kind": kind, "name": row.get("name")}
            yield None, f"days.{number}.", found
        else:
            faults.add(say("This must be an object with named fields."), field=f"days.{number}")


def _parsed(content: bytes, faults: FileFaults) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as fault:
        raise faults.refuse(
            say("The file is no JSON from column %(column)s on.", column=fault.colno),
            line=fault.lineno,
        ) from fault
    except (UnicodeDecodeError, RecursionError, ValueError) as fault:
        raise faults.refuse(say("The file is no JSON in UTF-8.")) from fault
