"""Which entries does a rota name, in a file, a form or JSON, and which of them cannot be meant?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import FileFaults, shown
from dispatch.domain.rota import (
    MOST_ENTRIES,
    DutyRole,
    RotaRule,
    read_weekdays,
    rota_faults,
)
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.shifts import EVERY_DAY
from dispatch.domain.strict_json import MINUTES_A_DAY, read_clock_time, read_date, wrong
from dispatch.domain.table_rows import columns_of, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")
D = TypeVar("D")

ROTA_COLUMNS = ("duty", "team", "person", "weekdays", "start", "end", "from", "to")
NOBODY = 0


@dataclass(frozen=True)
class RotaDraft:
    """One entry as somebody wrote it; team and person are still names. `rule` has no person yet."""

    rule: RotaRule
    team: str
    person: str
    line: int | None = None


def read_rota_rows(lines: Iterable[bytes], file: str) -> list[RotaDraft]:
    """Read every row of a rota table; raises Invalid naming the faults, up to twenty."""
    faults = FileFaults(file)
    rows = read_table(lines, faults)
    places = columns_of(next(rows), ROTA_COLUMNS, faults)
    faults.check()
    drafts = []
    for row in rows:
        cells = {name: row.cells[place] for name, place in places.items()}
        draft, found = read_entry(cells, line=row.line)
        for field, reason in found.items():
            faults.add(reason, line=row.line, field=field)
        if draft is not None:
            drafts.append(draft)
    if not drafts and not faults.found:
        faults.add(say("The file names nobody: write one duty on each line below the header."))
    if len(drafts) > MOST_ENTRIES:
        faults.add(say("A rota holds at most %(most)s entries.", most=MOST_ENTRIES))
    faults.check()
    return drafts


def read_entry(
    cells: Mapping[str, str], *, line: int | None = None
) -> tuple[RotaDraft | None, dict[str, Sentence]]:
    """Read one entry from its texts; gives the entry, or None with the fault of each field.

    Nothing written means every weekday, the whole day, and no first or last day.
    """
    reading = _Reading(cells)
    duty = reading.take("duty", _read_duty, DutyRole.CREW)
    person = reading.take("person", _read_person, "")
    start = reading.take("start", read_clock_time, 0)
    end = reading.take("end", read_clock_time, 0)
    weekdays = reading.take("weekdays", _read_weekdays, EVERY_DAY)
    first = reading.take("from", read_date, None)
    last = reading.take("to", read_date, None)
    for name in ("duty", "person"):
        if not reading.text(name):
            reading.faults[name] = say("This field is missing.")
    if bool(reading.text("start")) != bool(reading.text("end")):
        missing = "end" if reading.text("start") else "start"
        reading.faults[missing] = say("Give both times, or neither for the whole day.")
    rule = RotaRule(
        duty=duty,
        person=NOBODY,
        start_minute=start % MINUTES_A_DAY,
        end_minute=end % MINUTES_A_DAY,
        weekdays=weekdays,
        from_date=first,
        to_date=last,
    )
    faults = reading.faults or rota_faults(rule)
    if faults:
        return None, faults
    return RotaDraft(rule, reading.text("team"), person, line), {}


class _Reading:
    """Reads the texts of one entry and keeps the fault of each field."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells
        self.faults: dict[str, Sentence] = {}

    def text(self, name: str) -> str:
        """Return a field without blanks around it."""
        return self.cells.get(name, "").strip()

    def take(self, name: str, read: Callable[[object, str], T], default: D) -> T | D:
        """Return a field that was read, the default where it is empty or wrong."""
        text = self.text(name)
        if not text:
            return default
        try:
            return read(text, name)
        except Invalid as refusal:
            self.faults[name] = refusal.fields[name]
            return default


def _read_duty(value: object, path: str) -> DutyRole:
    if value in set(DutyRole):
        return DutyRole(str(value))
    raise wrong(
        path,
        say(
            "“%(value)s” is no duty. Choose: %(known)s.",
            value=shown(value),
            known=", ".join(DutyRole),
        ),
    )


def _read_person(value: object, _path: str) -> str:
    return str(value)


def _read_weekdays(value: object, _path: str) -> int:
    return read_weekdays(str(value))
