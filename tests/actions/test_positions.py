"""Is the latest position of a crew kept, whatever order answers come in, and its way on shift?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dispatch.actions.positions import log_track_look, record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.place import Point
from dispatch.domain.tracks import unpack
from dispatch.models.people import CrewTrack, Position, SettingsEvent
from tests.factories import DESK, make_city, make_crew, make_team


@pytest.fixture
def crew(session):
    found = make_crew("West 1", team=make_team())
    session.commit()
    return found


def test_the_latest_answer_stays(session, crew, now):
    for minutes in (0, 2, 1):
        with transaction():
            record_position(
                crew.id,
                Point(28.1 + minutes / 100, 112.9),
                measured_at=now + timedelta(minutes=minutes),
                accuracy_metres=8.0,
            )
    [row] = session.scalars(select(Position)).all()
    assert (row.lat, row.accuracy_metres) == (28.12, 8.0)
    assert row.measured_at == now + timedelta(minutes=2)


def test_a_place_outside_the_world_is_refused(session, crew, now):
    with pytest.raises(Invalid), transaction():
        record_position(crew.id, Point(91.0, 0.0), measured_at=now)


def way(session):
    rows = session.scalars(select(CrewTrack).order_by(CrewTrack.begins_at)).all()
    return [fix for row in rows for fix in unpack(row.begins_at, row.points)]


def test_the_way_on_a_shift_is_kept_and_a_late_answer_is_a_part_of_it(session, now):
    with transaction():
        crew = make_city(now).crews[0]
    for minutes in (0, 2, 1):
        with transaction():
            at = now + timedelta(minutes=minutes)
            record_position(crew.id, Point(28.1 + minutes / 100, 112.9), measured_at=at)
    assert [fix.point.lat for fix in way(session)] == [28.1, 28.11, 28.12]


def test_off_shift_no_way_is_kept(session, now):
    with transaction():
        # The tests' stories begin at half past five in the afternoon of the policy's zone.
        crew = make_crew("West 1", team=make_team(), shift=(60, 120))
        record_position(crew.id, Point(28.1, 112.9), measured_at=now)
    assert session.scalar(select(Position.lat)) == 28.1
    assert way(session) == []


def test_a_place_that_nobody_knows_well_is_no_part_of_a_way(session, now):
    with transaction():
        crew = make_city(now).crews[0]
        record_position(crew.id, Point(28.1, 112.9), measured_at=now, accuracy_metres=900.0)
    assert way(session) == []


def test_a_day_of_positions_makes_a_row_an_hour(session, now):
    with transaction():
        crew = make_city(now).crews[0]
        for minutes in range(0, 180, 20):
            at = now + timedelta(minutes=minutes)
            record_position(crew.id, Point(28.1, 112.9), measured_at=at)
    assert session.scalar(select(func.count()).select_from(CrewTrack)) in {3, 4}
    assert len(way(session)) == 9


def test_who_looks_at_a_way_is_written_down(session, now):
    with transaction():
        log_track_look("West 1", now - timedelta(hours=1), now, actor=DESK, now=now)
    [look] = session.scalars(select(SettingsEvent)).all()
    assert (look.subject, look.subject_key, look.actor) == ("track", "West 1", DESK.name)
    assert look.now == {"from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat()}
