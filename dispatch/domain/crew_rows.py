"""Which crews does a table name, and which of its cells cannot be meant?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dispatch.domain.categories import SKILLS
from dispatch.domain.crew_fit import PARTS, VEHICLES
from dispatch.domain.errors import Invalid
from dispatch.domain.file_faults import FileFaults, is_control, shown
from dispatch.domain.place import Point, check_point, looks_swapped
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import MINUTES_A_DAY, read_clock_time
from dispatch.domain.table_rows import columns_of, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from dispatch.domain.sentences import Sentence
    from dispatch.domain.table_rows import TableRow

    Add = Callable[[str, Sentence], None]

CREW_COLUMNS = (
    "crew",
    "team",
    "skills",
    "base_lat",
    "base_lon",
    "shift_start",
    "shift_end",
    "vehicle",
)
MORE_CREW_COLUMNS = ("vehicle_class", "carries", "contractor", "area", "name_zh")
"""Columns that a table may leave out; an empty cell is not recorded, or no limit."""

NOTHING_CARRIED = "nothing"
OWN_GRIDS = "own"
MOST_GRIDS_LISTED = 20
LONGEST_NAME = 100
LONGEST_SKILL = 64


@dataclass(frozen=True)
class CrewDraft:
    """One crew as a file names it; the shift is in minutes of the utility's local day.

    None is not recorded for `vehicle_class` and `carries`, and everywhere for `area`, whose names
    are grids; without names it is those of its own team. `told` are the columns of
    `MORE_CREW_COLUMNS` that the file has.
    """

    line: int
    name: str
    team: str
    skills: tuple[str, ...]
    base: Point | None
    shift_start: int
    shift_end: int
    vehicle: str | None
    vehicle_class: str | None = None
    carries: tuple[str, ...] | None = None
    contractor: str | None = None
    area: tuple[str, ...] | None = None
    name_zh: str | None = None
    told: tuple[str, ...] = ()

    def more(self) -> dict[str, Any]:
        """Return what the file says of `MORE_CREW_COLUMNS`, with lists as JSON has them."""
        found = {name: getattr(self, name) for name in self.told}
        return {n: list(v) if isinstance(v, tuple) else v for n, v in found.items()}


def read_crew_rows(lines: Iterable[bytes], file: str) -> list[CrewDraft]:
    """Read every row of a crew table; the columns of `MORE_CREW_COLUMNS` may be absent.

    A shift that ends before it starts crosses midnight; equal times are the whole day.
    Raises Invalid naming the faults of all rows, up to twenty; then none is taken.
    """
    faults = FileFaults(file)
    rows = read_table(lines, faults)
    header = next(rows)
    told = tuple(name for name in MORE_CREW_COLUMNS if name in header.cells)
    places = columns_of(header, (*CREW_COLUMNS, *told), faults)
    faults.check()
    first_line: dict[str, int] = {}
    drafts = []
    for row in rows:
        cells = dict.fromkeys(MORE_CREW_COLUMNS, "")
        cells |= {name: row.cells[place] for name, place in places.items()}
        drafts.append(replace(_draft(row, cells, faults), told=told))
        name = cells["crew"]
        first = first_line.setdefault(name, row.line)
        if first != row.line:
            faults.add(
                say(
                    "“%(value)s” stands on line %(line)s already: give each crew its own name.",
                    value=shown(name),
                    line=first,
                ),
                line=row.line,
                field="crew",
            )
    if not drafts:
        faults.add(say("The file holds no crews: write one on each line below the header."))
    faults.check()
    return drafts


def base_rows(lines: Iterable[bytes], file: str) -> list[Point]:
    """Read the columns base_lat and base_lon of every row of a table of bases.

    Raises Invalid naming the faults of all rows, up to twenty.
    """
    faults = FileFaults(file)
    rows = read_table(lines, faults)
    header = next(rows)
    places = columns_of(header, ("base_lat", "base_lon"), faults)
    faults.check()
    bases = []
    for row in rows:
        cells = {name: row.cells[place] for name, place in places.items()}
        found = _base(row, cells, faults)
        if found is not None:
            bases.append(found)
        elif not any(cells.values()):
            faults.add(say("Write where the base stands."), line=row.line, field="base_lat")
    if not bases and not faults.found:
        faults.add(say("The file holds no bases: write one on each line below the header."))
    faults.check()
    return bases


def check_areas(drafts: Iterable[CrewDraft], grids: Collection[str], file: str) -> None:
    """Raise Invalid naming each line whose area has a grid that is none of these names."""
    faults = FileFaults(file)
    some = ", ".join(sorted(grids)[:MOST_GRIDS_LISTED])
    for draft in drafts:
        for name in draft.area or ():
            if name in grids:
                continue
            reason = (
                say("“%(value)s” is no grid, such as: %(some)s.", value=shown(name), some=some)
                if grids
                else say("“%(value)s” is no grid: import the grids first.", value=shown(name))
            )
            faults.add(reason, line=draft.line, field="area")
    faults.check()


def skill_warnings(drafts: Iterable[CrewDraft]) -> list[Sentence]:
    """Name each skill, once, that no kind of fault asks for; it is taken all the same."""
    first: dict[str, CrewDraft] = {}
    for draft in drafts:
        for skill in draft.skills:
            if skill not in SKILLS:
                first.setdefault(skill, draft)
    return [
        say(
            "Line %(line)s, crew “%(crew)s”: no kind of fault asks for the skill “%(skill)s”. "
            "Known skills: %(known)s.",
            line=draft.line,
            crew=shown(draft.name),
            skill=shown(skill),
            known=", ".join(SKILLS),
        )
        for skill, draft in first.items()
    ]


def _draft(row: TableRow, cells: dict[str, str], faults: FileFaults) -> CrewDraft:
    def add(name: str, reason: Sentence) -> None:
        faults.add(reason, line=row.line, field=name)

    _check_controls(cells, add)
    for name in ("crew", "team"):
        if not 0 < len(cells[name]) <= LONGEST_NAME:
            add(name, say("Write a text of 1 to %(limit)s characters.", limit=LONGEST_NAME))
    minutes = {}
    for name in ("shift_start", "shift_end"):
        try:
            minutes[name] = read_clock_time(cells[name], name)
        except Invalid as refusal:
            minutes[name] = 0
            add(name, refusal.fields[name])
    skills = _listed(cells["skills"])
    for skill in skills:
        if len(skill) > LONGEST_SKILL:
            add("skills", say("“%(skill)s” is too long for a skill.", skill=shown(skill)))
    if not skills:
        add("skills", say("Name at least one skill, for example %(skill)s.", skill=SKILLS[0]))
    return CrewDraft(
        line=row.line,
        name=cells["crew"],
        team=cells["team"],
        skills=skills,
        base=_base(row, cells, faults),
        shift_start=minutes["shift_start"] % MINUTES_A_DAY,
        shift_end=minutes["shift_end"] % MINUTES_A_DAY,
        vehicle=cells["vehicle"] or None,
        vehicle_class=_vehicle_class(cells["vehicle_class"], add),
        carries=_carries(cells["carries"], add),
        contractor=_name("contractor", cells, add),
        area=_area(cells["area"], cells["contractor"], add),
        name_zh=_name("name_zh", cells, add),
    )


def _check_controls(cells: dict[str, str], add: Add) -> None:
    for name, cell in cells.items():
        if is_control(cell):
            add(name, say("A control character cannot stand in a name: remove it."))


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(sorted({part.strip() for part in cell.split(";")} - {""}))


def _vehicle_class(cell: str, add: Add) -> str | None:
    if cell and cell not in VEHICLES:
        add("vehicle_class", _no_such(cell, VEHICLES))
    return cell or None


def _carries(cell: str, add: Add) -> tuple[str, ...] | None:
    if cell == NOTHING_CARRIED:
        return ()
    carries = _listed(cell)
    for part in carries:
        if part not in PARTS:
            add("carries", _no_such(part, (*PARTS, NOTHING_CARRIED)))
    return carries or None


def _name(column: str, cells: dict[str, str], add: Add) -> str | None:
    cell = cells[column]
    if len(cell) > LONGEST_NAME:
        add(column, say("Write a text of 1 to %(limit)s characters.", limit=LONGEST_NAME))
    return cell or None


def _area(cell: str, contractor: str, add: Add) -> tuple[str, ...] | None:
    """Read the names of grids; a contractor without any works in those of its own team."""
    names = _listed(cell)
    if OWN_GRIDS in names and len(names) > 1:
        add("area", say("Write either “%(own)s” or the names of grids.", own=OWN_GRIDS))
    if any(len(name) > LONGEST_NAME for name in names):
        add("area", say("Write a text of 1 to %(limit)s characters.", limit=LONGEST_NAME))
    if not names:
        return () if contractor else None
    return () if names == (OWN_GRIDS,) else names


def _no_such(value: str, known: Iterable[str]) -> Sentence:
    return say("“%(value)s” is none of: %(known)s.", value=shown(value), known=", ".join(known))


def _base(row: TableRow, cells: dict[str, str], faults: FileFaults) -> Point | None:
    names = ("base_lat", "base_lon")
    if not any(cells[name] for name in names):
        return None
    degrees = []
    for name in names:
        try:
            degrees.append(float(cells[name]))
        except ValueError:
            reason = say(
                "“%(value)s” is not a number of degrees such as 28.2278.",
                value=shown(cells[name]),
            )
            faults.add(reason, line=row.line, field=name)
    if len(degrees) != len(names):
        return None
    lat, lon = degrees
    try:
        return check_point(lat, lon, lat_field=names[0], lon_field=names[1])
    except Invalid as refusal:
        name, reason = next(iter(refusal.fields.items()))
        reason = refusal.sentence if looks_swapped(lat, lon) else reason
        faults.add(reason, line=row.line, field=name)
        return None
