"""Is what crews did in the last weeks told rightly?"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.coverage import RepairTimes
from dispatch.domain.travel import StraightLine
from dispatch.models.base import db
from dispatch.models.people import Shift
from dispatch.models.tickets import Visit
from dispatch.queries.workload import (
    UTILISATION_UNKNOWN,
    shift_rules,
    usual_travel,
    workload,
)
from tests.factories import make_city, make_ticket


def add_visits(city, now, minutes_on_site):
    """Add a visit a day, sent at `now` and on site ten minutes later."""
    ticket = make_ticket(now).ticket
    for day, minutes in enumerate(minutes_on_site, start=1):
        sent = now - timedelta(days=day)
        arrived = sent + timedelta(minutes=10)
        left = arrived + timedelta(minutes=minutes)
        times = {"dispatched_at": sent, "arrived_at": arrived, "ended_at": left}
        who = {"ticket_id": ticket.id, "crew_id": city.crews[0].id}
        db.session.add(Visit(state="completed", **who, **times))
    db.session.flush()


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def test_visits_say_how_long_work_takes_and_how_busy_crews_are(city, now):
    with transaction():
        add_visits(city, now, [20, 80] * 10)
    found = workload(now)
    assert found.is_known
    spread = np.log(4) / 2
    assert found.repair.sigma == pytest.approx(spread)
    assert found.repair.mean_seconds == pytest.approx(2_400 * np.exp(spread**2 / 2))
    # 17:30 local, three crews around the clock: every visit fills 17:30 to 18:00.
    assert found.utilisation[17] == pytest.approx(0.5 / 3)
    assert found.utilisation[12] == 0


def test_few_visits_say_nothing(city, now):
    with transaction():
        add_visits(city, now, [30] * 19)
    found = workload(now)
    assert (found.repair, found.is_known) == (RepairTimes(), False)
    assert (found.utilisation == UTILISATION_UNKNOWN).all()


def test_times_on_site_all_alike_are_not_believed(city, now):
    with transaction():
        add_visits(city, now, [30] * 20)
    assert workload(now).repair == RepairTimes()


def test_without_duty_nobody_knows_how_busy_crews_are(city, now):
    with transaction():
        add_visits(city, now, [20, 80] * 10)
        db.session.query(Shift).delete()
    found = workload(now)
    assert not found.is_known
    assert (found.utilisation == UTILISATION_UNKNOWN).all()


def test_only_active_crews_have_shifts(city, now):
    with transaction():
        city.crews[0].active = False
    assert set(shift_rules()) == {crew.id for crew in city.crews[1:]}


def test_few_drives_leave_the_usual_speed(city, now):
    assert usual_travel(now) == StraightLine()


def test_drives_of_our_own_set_the_speed(city, now, monkeypatch):
    fitted = StraightLine(speed_kmh=(20.0,) * 24, spread=0.2)

    class Fit:
        def straight_line(self):
            return fitted

    monkeypatch.setattr("dispatch.queries.workload.travel_fit", lambda *_, **__: Fit())
    assert usual_travel(now) == fitted
