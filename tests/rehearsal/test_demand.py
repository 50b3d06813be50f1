"""Are the calls of a file placed, counted, and folded by the hour of their week?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import shapely

from dispatch.domain.errors import Invalid
from dispatch.domain.grid_features import GridDraft
from dispatch.domain.past_ticket import PastTicket
from dispatch.domain.periods import Period
from dispatch.domain.place import Datum, Point, from_wgs84
from dispatch.rehearsal.city import NONE
from dispatch.rehearsal.demand import demand_of, folded, ground_of, period_of, weeks_for

BOSTON = ZoneInfo("America/New_York")
WEST, EAST = shapely.box(112.9, 28.1, 113.0, 28.2), shapely.box(113.0, 28.1, 113.1, 28.2)
GROUND = ground_of(
    [GridDraft(1, "West", WEST, team="One"), GridDraft(2, "East", EAST), GridDraft(3, "X", EAST)]
)


def past(number, at, given=(28.15, 112.95), category="leak"):
    return PastTicket(number, str(number), {"received_at": at}, category, 2, "", "", given, None)


def days(count=1, zone=UTC):
    return Period(date(2026, 3, 2), date(2026, 3, 2) + timedelta(days=count), zone)


AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_a_grid_without_a_team_is_its_own():
    assert GROUND.team_names == ("One", "East", "X")
    assert GROUND.team_of_grid.tolist() == [0, 1, 2]


def test_calls_are_placed_and_those_that_cannot_be_are_counted():
    calls = [
        past(1, AT + timedelta(hours=1)),
        past(2, AT, (28.15, 113.05), "burst"),
        past(3, AT, None),
        past(4, AT + timedelta(hours=2), (40.0, 116.0)),
        past(5, AT - timedelta(days=1)),
    ]
    found = demand_of(calls, Datum.WGS84, GROUND, days())
    assert (found.tickets, found.in_a_grid, len(found.calls)) == (4, 2, 3)
    assert (found.calls.received / 3600).tolist() == [8, 9, 10]
    assert found.calls.grid.tolist() == [1, 0, NONE]
    assert found.calls.team.tolist() == [1, 0, NONE]
    assert found.calls.skill.tolist() == [1, 1, 1]


def test_places_of_another_datum_are_turned():
    there = from_wgs84(Point(28.15, 112.95), Datum.GCJ02)
    found = demand_of([past(1, AT, (there.lat, there.lon))], Datum.GCJ02, GROUND, days())
    assert found.calls.place[0] == pytest.approx([28.15, 112.95])


@pytest.mark.parametrize(
    ("calls", "words"),
    [([], "no ticket to rehearse"), ([past(1, AT, None)], "None of the 1 tickets has a place")],
)
def test_days_without_a_call_or_a_place_are_refused(calls, words):
    with pytest.raises(Invalid, match=words):
        demand_of(calls, Datum.WGS84, GROUND, days())


def test_the_days_run_from_the_first_call_to_the_last():
    late = datetime(2026, 3, 5, 2, tzinfo=UTC)
    assert period_of([past(1, AT), past(2, late)], BOSTON) == Period(
        date(2026, 3, 2), date(2026, 3, 5), BOSTON
    )
    with pytest.raises(Invalid, match="no ticket to rehearse"):
        period_of([], BOSTON)


def test_folded_calls_keep_their_hour_of_the_week_on_the_wall():
    # The clocks of Boston go forward on 8 March 2026.
    walls = [datetime(2026, 3, day, 9, 30, tzinfo=BOSTON) for day in (2, 9, 17, 23)]
    calls = [past(number, at.astimezone(UTC)) for number, at in enumerate(walls)]
    demand = demand_of(calls, Datum.WGS84, GROUND, days(28, BOSTON))
    one = folded(demand, 1)
    assert (one.folded_weeks, one.weeks, one.period.days) == (4, 1, 7)
    assert (one.calls.received / 3600).tolist() == [9.5, 9.5, 9.5, 33.5]
    two = folded(demand, 2)
    assert two.folded_weeks == 2
    week = 7 * 24 - 1
    assert (two.calls.received / 3600).tolist() == [9.5, 33.5, 9.5 + week, 9.5 + week]


def test_as_few_weeks_are_laid_together_as_will_do():
    demand = demand_of([past(1, AT)], Datum.WGS84, GROUND, days(28))
    week = 7 * 86400
    assert demand.weeks == 4
    assert weeks_for(demand, 20, 80 * week) == 4
    assert weeks_for(demand, 20, 50 * week) == 2
    assert weeks_for(demand, 20, week) == 1


def test_weeks_may_be_laid_so_that_every_hour_has_as_many_calls():
    # Every Monday at eight: four weeks, each a quarter of a week later than the one before.
    calls = [past(number, AT + timedelta(weeks=number)) for number in range(4)]
    demand = demand_of(calls, Datum.WGS84, GROUND, days(28))
    even = folded(demand, 1, even=True)
    assert (even.calls.received / 3600).tolist() == [8, 50, 92, 134]
    assert len(folded(demand, 4, even=True).calls) == 4


def test_a_stray_call_of_another_year_does_not_change_how_weeks_are_laid():
    calls = [past(number, AT + timedelta(weeks=number + 100 * (number > 0))) for number in range(4)]
    demand = demand_of(calls, Datum.WGS84, GROUND, days(7 * 104))
    even = folded(demand, 1, even=True)
    assert even.folded_weeks == 4
    assert (even.calls.received / 3600).tolist() == [8, 50, 92, 134]
