"""Do idle crews wait where the last calls came from, once enough are known?"""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.domain.desk_rules import nearest
from dispatch.domain.idle_place import FEWEST_CALLS
from dispatch.rehearsal.waiting import RENEWED_EVERY
from tests.rehearsal.streets import MINUTE, OneStreet, crews_at, even_run, minutes, street

EVERY = 120
BUSY_END, QUIET_END = 30, 0
THEN = FEWEST_CALLS * EVERY


def calls(*more: tuple[float, float]) -> list[tuple[float, float]]:
    """Return a call every two hours at one end of the street, and some more."""
    return [(number * EVERY, BUSY_END) for number in range(FEWEST_CALLS)] + list(more)


def response(city) -> list[float]:
    """Return the minutes until each call was reached."""
    done = even_run(city, nearest)
    return minutes(done.reached - done.received)


@pytest.mark.parametrize(("suggested", "drive"), [(False, 4.0), (True, 0.0)])
def test_a_crew_that_is_done_stays_where_the_calls_come_from(suggested, drive):
    # Done 4 minutes before the call; without a suggestion it has set out for home.
    city = street(calls((THEN - 46, BUSY_END)), [QUIET_END], wait_where_suggested=suggested)
    assert response(city)[-1] == drive


def test_before_enough_is_known_crews_go_home():
    early = calls()[:-1]
    assert set(response(street(early, [QUIET_END], wait_where_suggested=True))) == {30.0}


@pytest.mark.parametrize(("suggested", "drive"), [(False, 20.0), (True, 1.0)])
def test_a_crew_that_waits_far_off_comes_nearer_while_the_near_one_works(suggested, drive):
    # The first call takes the crew one minute away, and 35 minutes later it is still at work.
    both = calls((THEN, BUSY_END), (THEN + 36, BUSY_END))
    assert response(street(both, [29, 10, 10], wait_where_suggested=suggested))[-1] == drive


def test_where_the_calls_come_from_is_looked_up_again():
    later = [(THEN + number * EVERY, QUIET_END) for number in range(RENEWED_EVERY + 10)]
    done = response(street(calls(*later), [BUSY_END], wait_where_suggested=True))
    assert set(done[FEWEST_CALLS + 1 : FEWEST_CALLS + 5]) == {30.0}
    assert set(done[-5:]) == {0.0}


def test_a_crew_is_not_sent_where_no_road_leads():
    city = street(
        calls((THEN, BUSY_END)),
        [BUSY_END, QUIET_END],
        travel=OneStreet(broken_at=20.0),
        wait_where_suggested=True,
    )
    assert response(city)[-1] == 0.0


def test_a_crew_whose_shift_ended_at_work_goes_home():
    long = np.full((2, FEWEST_CALLS), 60 * MINUTE)
    ends = (THEN - EVERY + 76) * MINUTE
    staff = crews_at([QUIET_END], duties=(((0.0, ends),),))
    city = street(calls(), [QUIET_END], staff=staff, wait_where_suggested=True)
    at_home = street(calls(), [QUIET_END], staff=staff)
    homeward = [even_run(each, nearest, on_site=long).metres_home for each in (city, at_home)]
    assert homeward[0] == pytest.approx(homeward[1])
