"""Which place has each team and crew in a view, with what it had to do beside it?"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from dispatch.domain.fact_figures import Columns, Tally
from dispatch.domain.facts import ANSWERS, NONE
from dispatch.domain.findings import Mark
from dispatch.domain.microseconds import micros
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Point
from dispatch.domain.ranking import RANKED_COLUMNS, Fared, due_and_kept, expected_rates, ranked
from dispatch.domain.return_visits import FIX_COLUMNS
from dispatch.domain.samples import Share
from dispatch.domain.shifts import duties_between
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.queries.facts import facts_for
from dispatch.queries.figure_looks import last_event
from dispatch.queries.findings import findings_for
from dispatch.queries.kept_answers import kept_when_large
from dispatch.queries.scoping import in_scope
from dispatch.queries.stories import ALL_TICKETS, FigureFilters, end_reading
from dispatch.queries.workload import shift_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from dispatch.domain.facts import Facts
    from dispatch.domain.findings import Limits
    from dispatch.domain.first_time_fix import FirstTimeFix
    from dispatch.domain.periods import Period
    from dispatch.domain.ranking import Place
    from dispatch.domain.satisfaction import Satisfaction

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_CITY = Scope(everything=True)
_COLUMNS = RANKED_COLUMNS | FIX_COLUMNS | {"held_seconds", *ANSWERS}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a leader is asked about one crew or team; `open` is not marked or to be followed up."""

    open: int
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A team or crew: what it had to do, how it fared, and its place; None below the minimum n.

    `hours` on duty by the shifts, None where it has none. `asked` is None when it is not for the
    asker to see. `alike` are the others that it is not told apart from.
    """

    name: str
    chinese: str | None
    tickets: int
    hours: float | None
    fared: Fared
    fix: FirstTimeFix
    said: Satisfaction
    asked: Asked | None
    place: Place | None = None
    alike: tuple[Contender, ...] = ()

    @property
    def a_shift_hour(self) -> float | None:
        """Return its tickets for each hour on duty."""
        return self.tickets / self.hours if self.hours else None


@dataclass(frozen=True, slots=True)
class Ranking:
    """One table: those that are ranked, the first one first, and those with too few, by name."""

    ranked: list[Contender]
    apart: list[Contender]


@dataclass(frozen=True, slots=True)
class Rankings:
    """The teams and crews of a view as at `as_of`, and the share kept in the whole city.

    `kept`, `fix` and `said` are those of all tickets of the view. `of_no_crew` counts the tickets
    that no crew has.
    """

    as_of: datetime
    event: int
    city: Share
    teams: Ranking
    crews: Ranking
    tickets: int
    of_no_crew: int
    kept: Share
    fix: FirstTimeFix
    said: Satisfaction


@dataclass(frozen=True, slots=True)
class _Named:
    """Those that are ranked in one table: their numbers with name and Chinese name."""

    rows: list[tuple[int, str, str | None]]
    hours: dict[int, float]
    asked: dict[int, Asked] | None


@kept_when_large(lambda found: found.tickets)
def rankings_for(
    period: Period,
    scope: Scope,
    filters: FigureFilters = ALL_TICKETS,
    *,
    limits: Limits | None,
    now: datetime,
) -> Rankings:
    """Return how the teams and crews that the asker may see stand among each other.

    What was to be expected is taken from the whole city, whomever the asker may see. Without
    `limits` nothing is said of findings.
    """
    event = last_event()
    alike = replace(filters, team=None, grid=None)
    city = _received(period, _CITY, alike, now)
    mine = city
    if not scope.everything or alike != filters:
        mine = _received(period, scope, filters, now)
    bases, teams, crews = _people(period, scope, limits, now)
    end_reading()
    expected = _expected(city, mine, expected_rates(city, now, period.zone, bases))
    is_due, is_kept = due_and_kept(city, now)
    columns = Columns(mine)
    whole = Tally(columns, np.zeros(mine.size, dtype=np.int64), 1, now)
    circle = whole.attainment("circle")[0]
    return Rankings(
        as_of=now,
        event=event,
        city=Share(int(is_kept.sum()), int(is_due.sum())),
        teams=_ranking(columns, mine["team"].astype(np.int64), expected, teams, now),
        crews=_ranking(columns, mine["crew"].astype(np.int64), expected, crews, now),
        tickets=mine.size,
        of_no_crew=int((mine["crew"] == NONE).sum()),
        kept=Share(circle.met, circle.n),
        fix=whole.first_time_fix()[0],
        said=whole.satisfaction()[0],
    )


def _received(period: Period, scope: Scope, filters: FigureFilters, now: datetime) -> Facts:
    facts = facts_for(period.from_at, period.to_at, scope, filters, now=now, names=_COLUMNS)
    found: Facts = facts[facts["received_at"] >= micros([period.from_at])]
    return found


def _expected(city: Facts, mine: Facts, rates: Floats) -> Floats:
    """Return the rates of some of the city's tickets."""
    if mine is city or not city.size:
        return rates
    order = np.argsort(city["ticket"])
    places = np.searchsorted(city["ticket"], mine["ticket"], sorter=order)
    places = order[np.minimum(places, city.size - 1)]
    return np.where(city["ticket"][places] == mine["ticket"], rates[places], np.nan)


def _ranking(
    columns: Columns, groups: Ints, expected: Floats, named: _Named, now: datetime
) -> Ranking:
    """Rank those that are named by the tickets of each; `groups` holds their numbers."""
    numbers = [number for number, _name, _chinese in named.rows]
    size = len(numbers)
    code_of = np.full(max([*numbers, int(groups.max(initial=0))]) + 2, size, dtype=np.int64)
    code_of[numbers] = range(size)
    codes = code_of[groups]  # -1, no crew or team, is the last of them and has no name.
    tally = Tally(columns, codes, size + 1, now)
    fared = _fared(columns.rows, codes, size, expected, now)
    found = [
        Contender(
            name=name, chinese=chinese, tickets=tickets, hours=named.hours.get(number),
            fared=how, fix=fix, said=said,
            asked=None if named.asked is None else named.asked.get(number, Asked(0, 0)),
        )
        for (number, name, chinese), tickets, how, fix, said in zip(
            named.rows, tally.n(), fared, tally.first_time_fix(), tally.satisfaction(),
            strict=False,
        )
    ]  # fmt: skip
    standing = ranked(fared)
    in_order = [
        replace(found[one.number], place=one, alike=tuple(found[each] for each in one.alike))
        for one in standing
    ]
    placed = {one.number for one in standing}
    apart = [one for code, one in enumerate(found) if code not in placed and one.tickets]
    return Ranking(in_order, apart)


def _fared(facts: Facts, codes: Ints, size: int, expected: Floats, now: datetime) -> list[Fared]:
    is_due, is_kept = due_and_kept(facts, now)
    n = np.bincount(codes[is_due], minlength=size + 1).tolist()
    kept = np.bincount(codes[is_kept], minlength=size + 1).tolist()
    sums = np.bincount(codes[is_due], weights=expected[is_due], minlength=size + 1).tolist()
    return [
        Fared(Share(kept[code], n[code]), sums[code] / n[code] if n[code] else None)
        for code in range(size)
    ]


def _people(
    period: Period, scope: Scope, limits: Limits | None, now: datetime
) -> tuple[dict[int, Point], _Named, _Named]:
    """Return the places of all teams, and the teams and crews that the asker may see."""
    teams = db.session.execute(
        select(Team.id, Team.name, Team.name_zh, Team.lat, Team.lon).order_by(Team.name, Team.id)
    ).all()
    asked: Any = select(Crew.id, Crew.name, Crew.name_zh, Crew.team_id)
    crews = db.session.execute(in_scope(asked, scope, crew=Crew).order_by(Crew.name, Crew.id)).all()
    team_of = {row.id: row.team_id for row in crews}
    hours = _hours(list(team_of), period, now)
    findings = None if limits is None else _findings(period, scope, limits, crews)
    bases = {
        row.id: Point(row.lat, row.lon)
        for row in teams
        if row.lat is not None and row.lon is not None
    }
    seen = [row for row in teams if scope.everything or row.id == scope.team_id]
    return (
        bases,
        _Named(
            [(row.id, row.name, row.name_zh) for row in seen],
            _summed(hours, team_of),
            None if findings is None else _all_asked(findings, team_of),
        ),
        _Named([(row.id, row.name, row.name_zh) for row in crews], hours, findings),
    )


def _hours(crews: Sequence[int], period: Period, now: datetime) -> dict[int, float]:
    """Return the hours on duty of each crew that has shifts, up to now."""
    until = min(period.to_at, now)
    rules = shift_rules()
    if until <= period.from_at:
        return {}
    found = {}
    for crew in crews:
        duties = duties_between(rules.get(crew, ()), period.zone, period.from_at, until)
        hours = sum((ends - begins).total_seconds() for begins, ends in duties) / 3_600
        if hours:
            found[crew] = hours
    return found


def _summed(hours: dict[int, float], team_of: dict[int, int]) -> dict[int, float]:
    found: defaultdict[int, float] = defaultdict(float)
    for crew, each in hours.items():
        found[team_of[crew]] += each
    return dict(found)


def _findings(
    period: Period, scope: Scope, limits: Limits, crews: Sequence[Any]
) -> dict[int, Asked]:
    number_of = {row.name: row.id for row in crews}
    every: Counter[int] = Counter()
    waiting: Counter[int] = Counter()
    for row in findings_for(period, scope, limits):
        crew = None if row.about.crew is None else number_of.get(str(row.about.crew))
        if crew is None:
            continue
        every[crew] += 1
        if row.mark is None or row.mark.mark == Mark.FOLLOW_UP:
            waiting[crew] += 1
    return {crew: Asked(waiting[crew], count) for crew, count in every.items()}


def _all_asked(findings: dict[int, Asked], team_of: dict[int, int]) -> dict[int, Asked]:
    found: dict[int, Asked] = {}
    for crew, one in findings.items():
        before = found.get(team_of[crew], Asked(0, 0))
        found[team_of[crew]] = Asked(before.open + one.open, before.all + one.all)
    return found
