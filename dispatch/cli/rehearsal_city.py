"""Which city do the options of `onevisit rehearse` ask for?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.cli.input_files import open_lines, read_whole
from dispatch.cli.past_files import PastFile
from dispatch.cli.running import note
from dispatch.config import Settings
from dispatch.domain.column_map import read_column_map
from dispatch.domain.crew_rows import base_rows, read_crew_rows, skill_warnings
from dispatch.domain.errors import Invalid
from dispatch.domain.grid_features import GridFields, read_grid_features
from dispatch.domain.periods import period_between, read_day
from dispatch.domain.place import Datum
from dispatch.domain.sentences import say
from dispatch.domain.travel import StraightLine
from dispatch.rehearsal import roster, staffing
from dispatch.rehearsal.city import NONE, StreetRules
from dispatch.rehearsal.demand import demand_of, folded, ground_of, period_of, weeks_for
from dispatch.rehearsal.storm import with_storm

if TYPE_CHECKING:
    from pathlib import Path

    from dispatch.domain.periods import Period
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.travel import TravelTimes
    from dispatch.rehearsal.city import City, Staff
    from dispatch.rehearsal.demand import Demand, Ground

_MINUTE = 60.0
_HEAVIEST_LOAD = 5.0
MOST_CREWS = 2_000
MOST_STORM = 100
LONGEST_BREAK_MINUTES = 480


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """The options of the command; a share is from 0 to 1, `breaks` in minutes."""

    tickets: Path
    columns: Path
    grids: Path
    name_field: str | None = None
    team_field: str | None = None
    datum: str = Datum.WGS84.value
    crews: int | None = None
    load: float | None = None
    roster: Path | None = None
    bases: Path | None = None
    roads: Path | None = None
    seed: int = 1
    first: str | None = None
    until: str | None = None
    fold: int | None = None
    keep_hours: bool = False
    declines: float = 0.0
    cancelled: float = 0.0
    no_access: float = 0.0
    second_visits: float = 0.0
    tells: float = 0.0
    breaks: float = 0.0
    turns: int | None = None
    wait_where_suggested: bool = False
    level_weights: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    storm: float | None = None
    storm_from: float = 0.0
    storm_hours: float = 6.0

    def check(self) -> None:
        """Refuse options that contradict each other, or mean nothing.

        Raises:
            Invalid: naming the option.
        """
        if sum(each is not None for each in (self.crews, self.load, self.roster)) != 1:
            raise _wrong("crews", say("Give one of --crews, --load and --roster."))
        if self.crews is not None:
            _check_crews(self.crews)
        if self.load is not None and not 0 < self.load <= _HEAVIEST_LOAD:
            raise _wrong("load", say("A load is a share such as 0.7, above 0 and at most 5."))
        if self.roster is not None and self.bases is not None:
            raise _wrong("bases", say("The roster names the bases already: leave out --bases."))
        if self.fold is not None and self.fold < 1:
            raise _wrong("fold", say("Lay at least one week onto one."))
        shares = (self.declines, self.cancelled, self.no_access, self.second_visits, self.tells)
        if not all(0 <= share <= 1 for share in shares):
            raise _wrong("declines", say("A chance is a number from 0 to 1."))
        if not all(0 < weight < np.inf for weight in self.level_weights):
            raise _wrong("level_weights", say("A level weighs more than 0."))
        if not 0 <= self.breaks <= LONGEST_BREAK_MINUTES:
            most = LONGEST_BREAK_MINUTES
            raise _wrong("breaks", say("A break lasts from 0 to %(most)s minutes.", most=most))
        if (self.turns is not None and self.turns < 0) or self.seed < 0:
            raise _wrong("seed", say("Turns and the seed are numbers from 0 up."))
        self._check_storm()

    def _check_storm(self) -> None:
        usual = (Wishes.storm_from, Wishes.storm_hours)
        told = (self.storm_from, self.storm_hours) != usual
        if self.storm is None and told:
            raise _wrong("storm", say("Say with --storm how many times the calls come."))
        if self.storm is not None and not 1 <= self.storm <= MOST_STORM:
            fault = say("A storm multiplies the calls by 1 to %(most)s.", most=MOST_STORM)
            raise _wrong("storm", fault)

    @property
    def rules(self) -> StreetRules:
        """Return what the street does to a plan."""
        return StreetRules(
            most_turns=self.turns,
            wait_where_suggested=self.wait_where_suggested,
            level_weights=self.level_weights,
            declines=self.declines,
            cancelled=self.cancelled,
            no_access=self.no_access,
            second_visit=self.second_visits,
            tells=self.tells,
            break_seconds=self.breaks * _MINUTE,
        )


def _wrong(option: str, fault: Sentence) -> Invalid:
    return Invalid(fault, fields={option: fault})


def _check_crews(crews: int) -> None:
    if crews < 1:
        raise _wrong("crews", say("A rehearsal needs at least one crew."))
    if crews > MOST_CREWS:
        fault = say(
            "%(crews)s crews are too many to rehearse; at most %(most)s can be.",
            crews=crews,
            most=MOST_CREWS,
        )
        raise _wrong("crews", fault)


def _days_asked(wishes: Wishes, there: Period) -> Period:
    """Return the days that are asked for, those of the calls where nothing was said."""
    first = read_day(wishes.first, "from") if wishes.first else there.first
    until = read_day(wishes.until, "to") if wishes.until else there.until
    option, fault = "from", None
    if wishes.first and first >= there.until:
        fault = say("There is no call on %(day)s or later.", day=first.isoformat())
    elif wishes.until and until <= there.first:
        option, fault = "to", say("There is no call before %(day)s.", day=until.isoformat())
    elif wishes.first and wishes.until and first == until:
        option, fault = "to", say("The range holds no day: --to is the first day after it.")
    if fault is None:
        return period_between(first.isoformat(), until.isoformat(), there.zone)
    calls = say(
        "%(fault)s The calls are from %(first)s to %(last)s.",
        fault=fault,
        first=there.first.isoformat(),
        last=there.last.isoformat(),
    )
    raise _wrong(option, calls)


def city_for(wishes: Wishes) -> tuple[City, Demand]:
    """Read the files and put the city together; what a person should know goes to stderr.

    Raises:
        Invalid: for a wrong file or options that contradict each other.
    """
    wishes.check()
    demand, ground = _demand(wishes)
    travel = _travel(wishes)
    demand = _folded(demand, wishes, travel)
    if wishes.storm is not None:
        storm = (wishes.storm, wishes.storm_from, wishes.storm_hours)
        calm, demand = demand, with_storm(demand, *storm, wishes.seed)
        staff = _staff(calm, ground, wishes, travel)
    else:
        staff = _staff(demand, ground, wishes, travel)
    city = staffing.city_of(demand, ground, staff, wishes.rules, travel)
    _remark(city)
    return city, demand


def _demand(wishes: Wishes) -> tuple[Demand, Ground]:
    settings = Settings.from_env(os.environ)
    fields = GridFields(wishes.name_field, wishes.team_field, None, Datum(wishes.datum))
    ground = ground_of(read_grid_features(read_whole(wishes.grids), wishes.grids.name, fields))
    column_map = read_column_map(read_whole(wishes.columns), wishes.columns.name, settings.zone)
    with PastFile(wishes.tickets, column_map).past_tickets(say("Reading")) as rows:
        past = list(rows)
    period = period_of(past, column_map.zone)
    period = _days_asked(wishes, period)
    return demand_of(past, column_map.datum, ground, period), ground


def _travel(wishes: Wishes) -> TravelTimes:
    if wishes.roads is None:
        return StraightLine()
    from dispatch.adapters.road_times.road_files import read_roads  # noqa: PLC0415  only if asked
    from dispatch.domain.road_graph import RoadGraph  # noqa: PLC0415  likewise

    return RoadGraph(read_roads(wishes.roads))


def _folded(demand: Demand, wishes: Wishes, travel: TravelTimes) -> Demand:
    if wishes.fold is None and wishes.load is not None:
        drive = staffing.usual_drive(demand, travel)
        work = len(demand.calls) * (wishes.rules.repair_mean + drive)
        weeks = weeks_for(demand, staffing.LEAST_CREWS, work / wishes.load)
    else:
        weeks = -(-demand.weeks // (wishes.fold or 1))
    if weeks >= demand.weeks:
        return demand
    demand = folded(demand, weeks, even=not wishes.keep_hours)
    note(_how_folded(demand.folded_weeks, even=not wishes.keep_hours))
    return demand


def _how_folded(weeks: int, *, even: bool) -> Sentence:
    if even:
        return say(
            "%(folded)s weeks are laid onto one, each later than the last, so that every hour "
            "has as many calls.",
            folded=weeks,
        )
    return say(
        "The calls are too thin to rehearse: %(folded)s weeks are laid onto one, "
        "each call at its hour of the week.",
        folded=weeks,
    )


def _staff(demand: Demand, ground: Ground, wishes: Wishes, travel: TravelTimes) -> Staff:
    if wishes.roster is not None:
        with open_lines(wishes.roster) as (lines, _bytes_read):
            drafts = read_crew_rows(lines, wishes.roster.name)
        note(*skill_warnings(drafts))
        unplaced = [draft.name for draft in drafts if draft.base is None]
        if unplaced:
            waiting = say(
                "Crews without a base wait in the middle of their team's calls: %(crews)s.",
                crews=", ".join(unplaced),
            )
            note(waiting)
        return roster.staff_of(drafts, demand, ground)
    crews = wishes.crews
    if crews is None:
        load = wishes.load or 0.0
        work = len(demand.calls) * wishes.rules.repair_mean
        # Spreading the bases of millions of crews would take all the memory there is.
        _check_crews(max(1, round(work / demand.seconds / load)))
        crews = staffing.crews_for_load(demand, load, wishes.rules, travel)
        _check_crews(crews)
    if wishes.bases is None:
        return staffing.staff_for(demand.calls, crews)
    with open_lines(wishes.bases) as (lines, _bytes_read):
        points = base_rows(lines, wishes.bases.name)
    bases = np.array([(point.lat, point.lon) for point in points], dtype=np.float64)
    return roster.staff_at(bases, crews, demand.calls, ground)


def _remark(city: City) -> None:
    """Say what a person should know before trusting the figures."""
    outside = int(np.sum(city.staff.team == NONE))
    if outside:
        note(
            say(
                "Crews whose base lies outside every grid, and which are at home nowhere: "
                "%(count)s.",
                count=outside,
            )
        )
    drives = city.travel.seconds(city.staff.base, city.calls.place, None)
    unreached = int(np.sum(np.isnan(drives).all(axis=0)))
    if unreached:
        note(
            say(
                "Tickets that no base has a way to, and which stay unserved: %(count)s.",
                count=unreached,
            )
        )
