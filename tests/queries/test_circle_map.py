"""Are the cells of the map those of its tickets, counted one by one?"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.attainment import circle_attainment
from dispatch.domain.cell_figures import REPEAT_WITHIN_DAYS, CellFigures, CellShape, Over
from dispatch.domain.errors import Invalid
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Point, metres_between
from dispatch.domain.same_place import next_at_same_place, repeat_rate
from dispatch.domain.samples import percentiles
from dispatch.domain.stages import Stage, durations
from dispatch.models.base import db
from dispatch.models.places import Grid
from dispatch.queries.circle_map import (
    MOST_DAYS,
    UNPLACED,
    circle_map,
    coverage_of_cells,
    tickets_in_cell,
)
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from tests.circle_history import MONDAY, ZONE, a_week_of_tickets, past_ticket
from tests.queries.histories import NOW, make_places, on_one_database, pasts, store, story_of

EVERYTHING = Scope(everything=True)
SHANGHAI = ZoneInfo("Asia/Shanghai")
PERIOD = Period(date(2026, 3, 2), date(2026, 3, 6), SHANGHAI)
WEEK = Period(date(2026, 3, 2), date(2026, 3, 9), ZONE)
QUIET = Period(date(2026, 2, 2), date(2026, 2, 9), ZONE)
AFTER = MONDAY + timedelta(days=8)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[112.8, 28.1], [113.1, 28.1], [113.1, 28.4], [112.8, 28.4], [112.8, 28.1]]],
}


@pytest.fixture
def places(session):
    make_places()
    for grid in db.session.query(Grid):
        grid.geometry = SQUARE
    db.session.commit()


def plainly(stories, followers):
    kept = circle_attainment(stories, NOW)
    again = repeat_rate(stories, REPEAT_WITHIN_DAYS, NOW, followers).share
    spread = percentiles(durations(stories).get(Stage.RESPONSE, []))
    late, arrived = (spread.p90, spread.n) if spread else (None, 0)
    return CellFigures(len(stories), kept.met, kept.n, late, arrived, again.hits, again.n)


def part_of(story, over):
    at = story.received_at.astimezone(SHANGHAI)
    return at.hour if over is Over.HOURS else (at.date() - PERIOD.first).days


@on_one_database
@given(found=pasts(), shape=st.sampled_from(CellShape), over=st.sampled_from(Over))
def test_every_cell_is_counted_ticket_by_ticket(places, found, shape, over):
    store(found)
    everyone = [story_of(past, found) for past in found]
    followers = next_at_same_place(everyone)
    stories = [one for one in everyone if PERIOD.from_at <= one.received_at < PERIOD.to_at]
    drawn = circle_map(PERIOD, EVERYTHING, ALL_TICKETS, shape, over=over, now=NOW)
    key_of = (lambda one: one.grid) if shape is CellShape.GRID else (lambda one: (one.lat, one.lon))
    cells, nowhere = defaultdict(list), []
    for one in stories:
        place = key_of(one)
        home = next((cell for cell in drawn.cells if _holds(cell, place)), None)
        (nowhere if home is None else cells[home.key]).append(one)
    assert drawn.whole == plainly(stories, followers)
    assert drawn.unplaced_in_all == len(nowhere)
    assert len(nowhere) == sum(key_of(one) in (None, (None, None)) for one in stories)
    for cell in drawn.cells:
        mine = cells[cell.key]
        assert cell.whole == plainly(mine, followers)
        parts = {part_of(one, over) for one in mine}
        assert cell.parts == {
            part: plainly([one for one in mine if part_of(one, over) == part], followers)
            for part in parts
        }
    for part, whole in enumerate(drawn.parts):
        assert whole == plainly([one for one in stories if part_of(one, over) == part], followers)


def _holds(cell, place):
    if cell.middle is None:
        return cell.key == place
    if place == (None, None):
        return False
    return metres_between(Point(*cell.middle), Point(*place)) <= 1_000 / 3**0.5


@pytest.fixture
def week(session):
    a_week_of_tickets()
    at = MONDAY + timedelta(hours=9)
    past_ticket(at, (1, 2, 3, 40), lat=28.2, lon=112.9, place_standing="inside")
    past_ticket(at, (1, 2, 3, 10), lat=28.2, lon=112.9, place_standing="inside")
    session.commit()


@pytest.mark.parametrize("shape", list(CellShape))
def test_the_tickets_of_a_cell_are_as_many_as_it_says_the_broken_ones_first(week, shape):
    def behind(key):
        return tickets_in_cell(WEEK, EVERYTHING, ALL_TICKETS, shape, key, now=AFTER)

    drawn = circle_map(WEEK, EVERYTHING, ALL_TICKETS, shape, now=AFTER)
    counts = {cell.key: cell.whole.n for cell in drawn.cells}
    counts[UNPLACED] = drawn.unplaced_in_all
    assert sum(counts.values()) == drawn.whole.n
    for key, n in counts.items():
        kept = [one.kept for one in behind(key)]
        assert len(kept) == n > 0
        assert kept == sorted(kept, key=lambda one: one is not False)
    slowest = behind(UNPLACED if shape is CellShape.GRID else drawn.cells[0].key)
    assert [(one.response, one.grid, one.category) for one in slowest] == [
        (2_400.0, None, "burst"),
        (600.0, None, "burst"),
    ]


def test_a_key_that_names_no_hexagon_is_refused(week):
    for key in ("28_1", "x", "28_1_2_3"):
        with pytest.raises(Invalid):
            tickets_in_cell(WEEK, EVERYTHING, ALL_TICKETS, CellShape.HEX_500, key, now=AFTER)


def test_grids_without_tickets_are_there_unless_the_view_is_narrower(week, session):
    def keys(scope=EVERYTHING, grid=None):
        drawn = circle_map(
            QUIET, scope, FigureFilters(grid=grid), CellShape.GRID, over=Over.DAYS, now=AFTER
        )
        assert drawn.whole.n == 0
        return [cell.key for cell in drawn.cells]

    assert keys() == ["East", "West"]
    assert keys(grid="West") == ["West"]
    west = session.query(Grid).filter_by(name="West").one()
    assert keys(Scope(everything=False, team_id=west.team_id)) == ["West"]


def test_tickets_of_a_grid_that_is_gone_stay_in_the_table_without_an_outline(week, session):
    session.query(Grid).filter_by(name="East").one().valid_to = MONDAY + timedelta(days=7)
    session.commit()
    drawn = circle_map(WEEK, EVERYTHING, ALL_TICKETS, CellShape.GRID, now=AFTER)
    assert [(cell.key, cell.outline is None, cell.whole.n > 0) for cell in drawn.cells] == [
        ("East", True, True),
        ("West", False, True),
    ]


def test_the_days_of_a_long_range_are_not_told_apart(week):
    long = Period(WEEK.until - timedelta(days=MOST_DAYS + 1), WEEK.until, ZONE)
    drawn = circle_map(long, EVERYTHING, ALL_TICKETS, CellShape.GRID, over=Over.DAYS, now=AFTER)
    assert [part.n for part in drawn.parts] == [drawn.whole.n]


@pytest.mark.parametrize("shape", list(CellShape))
def test_cells_are_the_same_where_no_hours_are_told_apart(week, shape):
    hours = circle_map(WEEK, EVERYTHING, ALL_TICKETS, shape, now=AFTER)
    plain = circle_map(WEEK, EVERYTHING, ALL_TICKETS, shape, over=None, now=AFTER)
    assert [cell.whole for cell in plain.cells] == [cell.whole for cell in hours.cells]
    assert (plain.whole, plain.unplaced) == (hours.whole, [hours.unplaced_in_all])
    assert plain.parts == [hours.whole]


def test_coverage_of_a_grid_is_that_of_its_name_and_of_a_hexagon_that_of_its_middle(week):
    grids = circle_map(WEEK, EVERYTHING, ALL_TICKETS, CellShape.GRID, now=AFTER)
    found = coverage_of_cells(grids.cells, CellShape.GRID, EVERYTHING, AFTER)
    assert found.keys() == {"East", "West"}
    hexagons = circle_map(WEEK, EVERYTHING, ALL_TICKETS, CellShape.HEX_1000, now=AFTER)
    found = coverage_of_cells(hexagons.cells, CellShape.HEX_1000, EVERYTHING, AFTER)
    assert found.keys() == {cell.key for cell in hexagons.cells}
    assert all(0 <= chance <= 1 for chance in found.values())
    assert coverage_of_cells([], CellShape.HEX_1000, EVERYTHING, AFTER) == {}


def test_an_empty_city_has_no_cells(session):
    for shape in CellShape:
        drawn = circle_map(WEEK, EVERYTHING, ALL_TICKETS, shape, now=AFTER)
        assert (drawn.cells, drawn.whole.n, drawn.unplaced_in_all) == ([], 0, 0)
        assert tickets_in_cell(WEEK, EVERYTHING, ALL_TICKETS, shape, UNPLACED, now=AFTER) == []
