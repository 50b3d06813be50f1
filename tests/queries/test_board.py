"""Does the board hold each crew's shifts, visits, tasks and promises?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.task_steps import ask_for_task, take_task_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.people import Crew, Shift
from dispatch.models.tickets import Ticket
from dispatch.queries.board import board_for
from tests.factories import DESK, IN_EAST, make_city
from tests.trips import another_ticket, send, step, steward, work

EVERYTHING = Scope(everything=True)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def read(now, scope=EVERYTHING):
    return board_for(scope, now - 2 * HOUR, now + 8 * HOUR, now)


def bars(now, crew=1):
    return next((row["bars"] for row in read(now)["crews"] if row["id"] == crew), None)


def test_crews_stand_by_team_and_name_with_their_shifts(city, now):
    found = read(now)["crews"]
    assert [row["name"] for row in found] == ["E1", "W1", "W2"]
    assert found[0]["team"]["name"] == "East Team"
    assert found[0]["duties"] == [{"from_at": now - 2 * HOUR, "to_at": now + 8 * HOUR}]
    assert all(row["on_duty"] for row in found)


def test_a_crew_off_duty_all_along_is_left_out_until_it_has_a_ticket(city, now):
    with transaction():
        db.session.query(Shift).filter_by(crew_id=city.crews[0].id).delete()
    assert bars(now) is None
    another_ticket(now)
    send(1, 1, now)
    row = next(row for row in read(now)["crews"] if row["id"] == 1)
    assert (row["on_duty"], row["duties"], len(row["bars"])) == (False, [], 1)


def test_a_visit_under_way_shows_its_promise_and_expected_end(city, now):
    another_ticket(now, category="leak", address="Renmin Road 3")
    send(1, 1, now, eta_minutes=12)
    [bar] = bars(now)
    assert (bar["kind"], bar["ticket"], bar["address"]) == ("visit", "W000001", "Renmin Road 3")
    assert bar["arrives_at"] == now + 12 * MINUTE
    assert bar["ends_at"] > bar["arrives_at"]
    assert (bar["is_arrived"], bar["is_ended"], bar["is_missed"]) == (False, False, False)
    assert bar["due_at"] == db.session.get_one(Ticket, 1).arrive_due_at


def test_a_promise_that_will_be_missed_is_marked(city, now):
    another_ticket(now)
    send(1, 1, now, eta_minutes=90)
    assert bars(now)[0]["is_missed"] is True


def test_a_second_ticket_waits_for_the_first(city, now):
    for _ in range(2):
        another_ticket(now)
    send(1, 1, now)
    work(1, 1, now, until="start")
    send(2, 1, now + 20 * MINUTE, eta_minutes=5)
    first, second = bars(now + 20 * MINUTE)
    assert second["drives_at"] == first["ends_at"]
    assert second["arrives_at"] == first["ends_at"] + 5 * MINUTE
    assert second["is_missed"] is True


def test_a_finished_visit_stays_while_it_is_in_the_window(city, now):
    another_ticket(now)
    send(1, 1, now)
    end = work(1, 1, now)
    [bar] = bars(end + HOUR)
    assert (bar["is_ended"], bar["ends_at"]) == (True, end)
    assert bars(end + 3 * HOUR) == []


def test_a_visit_that_was_declined_carries_no_promise(city, now):
    another_ticket(now)
    send(1, 1, now)
    step(1, "decline", steward(1), now + MINUTE, reason="engine")
    [bar] = bars(now + HOUR)
    assert (bar["state"], bar["arrives_at"], bar["due_at"]) == ("declined", None, None)


def test_a_planned_visit_has_no_promise(city, now):
    another_ticket(now, kind="planned")
    send(1, 1, now)
    [bar] = bars(now)
    assert (bar["is_planned"], bar["due_at"], bar["is_missed"]) == (True, None, None)


def test_tasks_of_a_crew_stand_beside_its_visits(city, now):
    another_ticket(now)
    with transaction():
        asked = {"kind": "valve_closing", "crew_id": city.crews[2].id}
        ask_for_task(db.session.get_one(Ticket, 1), asked, actor=DESK, now=now)
    [bar] = bars(now + MINUTE, crew=3)
    assert (bar["kind"], bar["task_kind"], bar["is_arrived"]) == ("task", "valve_closing", False)
    assert bar["from_at"] == now + MINUTE
    with transaction():
        ticket = db.session.get_one(Ticket, 1)
        take_task_step(ticket, 1, "start", {}, actor=steward(3), now=now + 2 * MINUTE)
    [bar] = bars(now + 3 * MINUTE, crew=3)
    assert (bar["from_at"], bar["is_arrived"]) == (now + 2 * MINUTE, True)
    assert bar["ends_at"] > now + 3 * MINUTE


def test_a_window_ahead_leaves_out_what_begins_after_it(city, now):
    another_ticket(now, place=IN_EAST)
    send(1, 3, now)
    found = board_for(EVERYTHING, now - 2 * HOUR, now - HOUR, now)["crews"]
    assert all(row["bars"] == [] for row in found)


def test_a_leader_sees_the_own_crews(city, now):
    found = read(now, Scope(team_id=city.east.id))["crews"]
    assert [row["name"] for row in found] == ["E1"]


def test_a_crew_that_has_left_is_not_there(city, now):
    with transaction():
        db.session.get_one(Crew, 1).active = False
    assert bars(now) is None


def test_the_mean_time_on_site_is_told_for_every_category(city, now):
    assert read(now)["work"]["burst"] == read(now)["work"]["leak"] > 0


def test_another_day_holds_what_happened_on_it_and_no_visit_of_today(city, now):
    assert city is not None
    yesterday = now - 24 * HOUR
    another_ticket(yesterday)
    send(1, 1, yesterday)
    work(1, 1, yesterday + MINUTE)
    another_ticket(now)
    send(2, 1, now)

    def tickets(day):
        rows = board_for(EVERYTHING, day - 2 * HOUR, day + 8 * HOUR, now)["crews"]
        return [bar["ticket"] for row in rows for bar in row["bars"]]

    assert tickets(yesterday) == ["W000001"]
    assert tickets(now) == ["W000002"]
    assert tickets(now + 24 * HOUR) == []
