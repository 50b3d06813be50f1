"""Is a crew's way read with what it did on it, and only by those who may?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Point
from dispatch.queries.tracks import track_of, watch_of, watched_spans
from tests.factories import make_city, make_crew, make_grid, make_team, make_ticket
from tests.trips import send, work

EVERYTHING = Scope(everything=True)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def city(session, now):
    with transaction():
        found = make_city(now)
        make_ticket(now)
    assert session is not None
    return found


def test_the_way_and_its_marks_are_in_the_order_of_time(city, now):
    crew = city.crews[0]
    with transaction():
        for minutes in range(-90, 60, 10):
            place = Point(28.1 + minutes / 1000, 112.9)
            record_position(crew.id, place, measured_at=now + minutes * MINUTE)
    send(1, crew.id, now)
    work(1, crew.id, now + MINUTE)
    found = track_of(crew.id, EVERYTHING, now - HOUR, now + HOUR)
    assert found["crew"] == {"id": crew.id, "name": "W1", "name_zh": None}
    times = [each["at"] for each in found["points"]]
    assert times == [now + minutes * MINUTE for minutes in range(-60, 60, 10)]
    marks = [(mark["kind"], mark["ticket"]) for mark in found["marks"]]
    assert marks == [("set_off", "W000001"), ("arrived", "W000001"), ("ended", "W000001")]
    assert (found["marks"][0]["lat"], found["marks"][0]["lon"]) == (28.15, 112.95)
    assert found["marks"] == sorted(found["marks"], key=lambda mark: mark["at"])


def test_what_lies_outside_the_window_is_left_out(city, now):
    crew = city.crews[0]
    with transaction():
        record_position(crew.id, Point(28.1, 112.9), measured_at=now)
    send(1, crew.id, now)
    found = track_of(crew.id, EVERYTHING, now + MINUTE, now + HOUR)
    assert (found["points"], found["marks"]) == ([], [])


def test_a_crew_of_another_team_is_not_there(city, now):
    own = Scope(team_id=city.east.id)
    assert track_of(city.crews[2].id, own, now, now + HOUR)["points"] == []
    with pytest.raises(NotFound):
        track_of(city.crews[0].id, own, now, now + HOUR)


def test_a_crew_is_watched_on_its_shift(city, now):
    # The tests' stories begin at half past five in the afternoon of the policy's zone.
    crew = make_crew("W3", team=city.west, shift=(17 * 60, 18 * 60))
    assert watch_of(crew.id, now) == (True, now + HOUR / 2)
    assert watch_of(crew.id, now + 2 * HOUR) == (False, None)
    assert watch_of(999, now) == (False, None)
    assert watched_spans(crew.id, now - 3 * HOUR, now + 3 * HOUR) == [
        (now - HOUR / 2, now + HOUR / 2)
    ]


def test_a_crew_off_shift_is_watched_from_taking_a_ticket_to_its_end(session, now):
    with transaction():
        team = make_team()
        crew = make_crew("W3", team=team, shift=(60, 120))
        make_grid(team=team, now=now)
        make_ticket(now)
    send(1, crew.id, now)
    assert watch_of(crew.id, now + MINUTE) == (False, None)
    work(1, crew.id, now + MINUTE)
    [(begun, ended)] = watched_spans(crew.id, now, now + HOUR)
    assert now <= begun < ended <= now + HOUR
    assert watch_of(crew.id, (begun + (ended - begun) / 2)) == (True, None)
    assert watch_of(crew.id, now + 2 * HOUR) == (False, None)
    assert session is not None
