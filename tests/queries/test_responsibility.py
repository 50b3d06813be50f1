"""Does a ticket's story say whose hands it was in, and in whose a promise broke?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.corrections import correct_time
from dispatch.actions.task_steps import ask_for_task
from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.tickets import Task, Ticket
from dispatch.queries.responsibility import responsibility
from tests.factories import DESK
from tests.trips import open_burst, send, step, work

pytestmark = pytest.mark.usefixtures("session")


def later(now, minutes):
    return now + timedelta(minutes=minutes)


def held(now, minutes=60, ticket_id=1):
    return responsibility(db.session.get_one(Ticket, ticket_id), later(now, minutes))


def names(found):
    return [
        (each["holder"]["kind"], str(each["holder"]["name"]), each["seconds"] / 60)
        for each in found["spans"]
    ]


def test_team_crew_and_desk_share_a_ticket(now):
    open_burst(now)
    send(1, 1, later(now, 4))
    work(1, 1, later(now, 4))
    found = held(now)
    assert names(found) == [("team", "West Team", 4), ("crew", "W1", 25), ("desk", "Desk", 31)]
    assert found["seconds"] == 3600
    assert sum(each["share"] for each in found["holders"]) == pytest.approx(1)
    assert (found["from_at"], found["to_at"], found["ended"]) == (now, later(now, 60), False)


def test_a_ticket_without_a_place_is_the_desks_until_its_end(now):
    open_burst(now, place=None)
    step(1, "cancel", DESK, later(now, 7), reason="no fault")
    found = held(now)
    assert names(found) == [("desk", "Desk", 7)]
    assert found["ended"]


def test_the_holder_when_a_promise_broke_is_named(now):
    open_burst(now)
    send(1, 1, later(now, 6))
    found = held(now, 31)["broken"]
    assert [(each["clock"], str(each["holder"]["name"]), each["raw_only"]) for each in found] == [
        ("dispatch", "West Team", False),
        ("arrive", "W1", False),
    ]
    assert found[1]["at"] == later(now, 30)


def test_a_reporter_who_was_not_called_in_time_is_named_with_the_holder(now):
    open_burst(now, channel="web", reporter_phone="13800000001")
    send(1, 1, later(now, 1))
    assert "call_back" not in [each["clock"] for each in held(now, 10)["broken"]]
    assert [(each["clock"], each["at"]) for each in held(now, 11)["broken"]] == [
        ("call_back", later(now, 10))
    ]
    step(1, "call-back", DESK, later(now, 12))
    assert [each["clock"] for each in held(now, 13)["broken"]] == ["call_back"]


def test_a_reporter_who_was_called_in_time_breaks_nothing(now):
    open_burst(now, channel="web", reporter_phone="13800000001")
    send(1, 1, later(now, 1))
    step(1, "call-back", DESK, later(now, 9))
    assert held(now, 20)["broken"] == []


def test_a_promise_kept_but_for_its_holds_is_late_by_the_raw_clock_alone(now):
    open_burst(now)
    step(1, "hold", DESK, later(now, 1), reason="waiting_for_part")
    step(1, "release", DESK, later(now, 41))
    found = held(now, 42)
    assert [name for _kind, name, _minutes in names(found)] == [
        "West Team", "Waiting for a part", "West Team",
    ]  # fmt: skip
    arrive = {each["clock"]: each for each in found["broken"]}["arrive"]
    assert arrive["raw_only"]
    assert arrive["holder"]["key"] == "waiting_for_part"


def test_a_promise_that_stands_still_broke_when_the_hold_had_not_begun(now):
    open_burst(now)
    step(1, "hold", DESK, later(now, 1), reason="waiting_for_part")
    broken = held(now, 100)["broken"]
    assert {each["raw_only"] for each in broken} == {True}


def test_a_department_is_called_as_its_task_names_it(now):
    open_burst(now)
    with transaction():
        ticket = db.session.get_one(Ticket, 1)
        asked = {"kind": "valve_closing", "department": "Valve squad"}
        task = ask_for_task(ticket, asked, actor=DESK, now=later(now, 2))
        db.session.get_one(Task, task.id).before_crew = True
    assert names(held(now))[-1] == ("department", "Valve squad", 58)


def test_a_corrected_time_moves_the_span(now):
    open_burst(now)
    send(1, 1, later(now, 4))
    with transaction():
        ticket = db.session.get_one(Ticket, 1)
        at = later(now, 2)
        correct_time(ticket, "dispatched", at, reason="radio", actor=DESK, now=later(now, 9))
    assert names(held(now))[:2] == [("team", "West Team", 2), ("crew", "W1", 58)]


def test_old_records_without_a_place_were_their_teams(now):
    open_burst(now, place=None)
    with transaction():
        db.session.get_one(Ticket, 1).team_id = 2
        db.session.get_one(Ticket, 1).state = "accepted"
    assert names(held(now)) == [("desk", "Desk", 60)]


def test_nothing_is_held_for_no_time(now):
    open_burst(now)
    found = responsibility(db.session.get_one(Ticket, 1), now)
    assert (found["spans"], found["holders"], found["to_at"]) == ([], [], now)
