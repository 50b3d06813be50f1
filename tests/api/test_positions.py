"""Does a crew's phone tell where it is on shift alone, whatever its clock and its GPS say?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.position_batch import MOST_POSITIONS
from dispatch.domain.tracks import unpack
from dispatch.models.base import db
from dispatch.models.people import CrewTrack, Position, Shift
from tests.factories import make_city

ADDRESS = "/api/v1/positions"


@pytest.fixture
def crew(app, clock, now, sign_in):
    with app.app_context(), transaction():
        make_city(now)
    return sign_in("crew", crew_id=1)


@pytest.fixture
def kept(app):
    def read():
        with app.app_context():
            last = db.session.scalars(select(Position)).one_or_none()
            rows = db.session.scalars(select(CrewTrack).order_by(CrewTrack.begins_at)).all()
            way = [fix for row in rows for fix in unpack(row.begins_at, row.points)]
            return last, way

    return read


def fix(at, lat=28.15, lon=112.95, **more: object):
    return {"at": at.isoformat(), "lat": lat, "lon": lon, "accuracy": 9.0} | more


def test_positions_become_the_place_and_the_way_of_the_crew(crew, kept, now):
    batch = [fix(now - timedelta(seconds=each), 28.15 + each / 1000) for each in (0, 15, 30)]
    answer = crew.post(ADDRESS, json={"at": now.isoformat(), "positions": batch})
    assert answer.json == {"wanted": True, "until": None, "kept": 3, "left_out": 0}
    last, way = kept()
    assert (last.lat, last.measured_at) == (28.15, now)
    assert [each.point.lat for each in way] == [28.18, 28.165, 28.15]


def test_a_clock_that_is_nine_hours_wrong_does_not_matter(crew, kept, now):
    ahead = now + timedelta(hours=9)
    body = {"at": ahead.isoformat(), "positions": [fix(ahead - timedelta(seconds=20))]}
    assert crew.post(ADDRESS, json=body).json["kept"] == 1
    assert kept()[0].measured_at == now - timedelta(seconds=20)


def test_what_lies_in_the_future_or_is_no_place_is_left_out(crew, kept, now):
    odd = [fix(now + timedelta(hours=1)), fix(now, 91.0), fix(now, 0.0, 0.0)]
    body = {"at": now.isoformat(), "positions": [*odd, fix(now, accuracy=-5)]}
    answer = crew.post(ADDRESS, json=body)
    assert (answer.json["kept"], answer.json["left_out"]) == (1, 3)
    assert kept()[0].accuracy_metres is None


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_a_number_that_is_none_is_refused(crew, kept, now, number):
    text = f'{{"positions": [{{"at": "{now.isoformat()}", "lat": {number}, "lon": 112.9}}]}}'
    answer = crew.post(ADDRESS, data=text, content_type="application/json")
    assert answer.status_code == 422
    assert kept() == (None, [])


def test_a_vague_position_is_no_part_of_the_way(crew, kept, now):
    crew.post(ADDRESS, json={"positions": [fix(now, accuracy=2_000)]})
    last, way = kept()
    assert (last.accuracy_metres, way) == (2_000, [])


def test_a_thousand_positions_at_once_are_thinned_and_one_more_is_refused(crew, kept, now):
    batch = [
        fix(now - timedelta(seconds=5 * each), 28.15 + each / 100_000)
        for each in range(MOST_POSITIONS)
    ]
    answer = crew.post(ADDRESS, json={"at": now.isoformat(), "positions": batch})
    assert answer.json["kept"] == MOST_POSITIONS
    assert 2 <= len(kept()[1]) < 120
    assert crew.post(ADDRESS, json={"positions": [*batch, fix(now)]}).status_code == 422


def test_off_shift_nothing_is_kept_and_the_phone_hears_it(app, crew, kept, now):
    with app.app_context(), transaction():
        for shift in db.session.scalars(select(Shift)):
            shift.start_minute, shift.end_minute = 60, 120
    assert crew.get(ADDRESS).json == {"wanted": False, "until": None}
    answer = crew.post(ADDRESS, json={"positions": [fix(now)]})
    assert answer.json == {"wanted": False, "until": None, "kept": 0, "left_out": 1}
    assert kept() == (None, [])


def test_a_made_up_position_is_kept_as_such_and_is_not_where_the_crew_is(crew, kept, now):
    crew.post(ADDRESS, json={"positions": [fix(now, mocked=True)]})
    last, way = kept()
    assert (last, [each.mocked for each in way]) == (None, [True])


def test_only_crews_tell_where_they_are(client, crew, sign_in, app, now):
    assert client.get(ADDRESS).status_code == 401
    assert sign_in("dispatcher").post(ADDRESS, json={"positions": []}).status_code == 403
    assert crew.post(ADDRESS, json={"positions": []}).json["kept"] == 0
    lost = sign_in("crew", name="nobody", sign_in_name="nobody")
    assert lost.get(ADDRESS).json == {"wanted": False, "until": None}
    assert lost.post(ADDRESS, json={"positions": []}).status_code == 422
