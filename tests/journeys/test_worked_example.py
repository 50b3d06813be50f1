"""Does the worked example of the clocks come out to the second, from call to figure?"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.actions.steps import take_step
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attainment import circle_attainment
from dispatch.domain.five_ones import five_ones
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.stages import Stage, durations
from dispatch.queries.figures import circle_figures
from dispatch.queries.stories import stories_for
from tests.factories import DESK, make_city, make_ticket
from tests.invariants import expect_whole, stored

DAY = datetime(2026, 3, 2, tzinfo=UTC)
EVERYTHING = Scope(everything=True)


def at(clock):
    return datetime.fromisoformat(f"2026-03-02T{clock}+00:00")


@pytest.fixture(params=["08:29:59", "08:30:00", "08:30:01"])
def arrival(request):
    return request.param


@pytest.fixture
def ticket_id(session, arrival):
    with transaction():
        west, _, east = (crew.id for crew in make_city(at("08:00:00")).crews)
        ticket_id = make_ticket(at("08:00:00")).ticket.id
    for clock, step, args in (
        ("08:01:30", "dispatch", {"crew_id": east, "override_reason": "nearer"}),
        ("08:03:00", "acknowledge", {}),
        ("08:05:00", "return", {"reason": "not our grid"}),
        ("08:06:00", "dispatch", {"crew_id": west, "override_reason": "their grid"}),
        ("08:06:30", "acknowledge", {}),
        ("08:07:00", "set-off", {}),
        (arrival, "arrive", {}),
        ("09:10:00", "complete", {}),
        ("09:20:00", "close", {}),
    ):
        with transaction():
            told = Told(effective_at=at(clock))
            now = at(clock) + timedelta(seconds=3)
            take_step(stored(ticket_id), step, args, actor=DESK, now=now, told=told)
        expect_whole(ticket_id)
    return ticket_id


def test_the_stages_are_those_of_the_example(session, ticket_id, arrival):
    [story] = stories_for(DAY, DAY + timedelta(days=1), EVERYTHING, now=at("12:00:00"))
    stages = {stage: seconds[0] for stage, seconds in durations([story]).items() if len(seconds)}
    response = (at(arrival) - at("08:00:00")).total_seconds()
    assert stages[Stage.RESPONSE] == response
    assert stages[Stage.DISPATCH] == 90
    assert stages[Stage.REPAIR] == 70 * 60
    assert (story.dispatches, story.returns, story.teams) == (2, 1, 2)
    ones = five_ones([story], at("12:00:00"), {})
    assert (ones.one_team.rate, ones.one_arrival.rate) == (0, 1)


def test_the_promise_is_met_to_the_second(session, ticket_id, arrival):
    now = at("12:00:00")
    [story] = stories_for(DAY, DAY + timedelta(days=1), EVERYTHING, now=now)
    found = circle_attainment([story], now)
    assert (found.met, found.late) == ((1, 0) if arrival <= "08:30:00" else (0, 1))
    day = Period(date(2026, 3, 2), date(2026, 3, 3), ZoneInfo("Asia/Shanghai"))
    figures = circle_figures(day, EVERYTHING, compare=False, now=now)
    assert figures.total.n == 1
    assert (figures.total.circle.met, figures.total.circle.late) == (found.met, found.late)
