"""Is a round made in the order of its way, and does each stop leave what happened behind it?"""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from dispatch.actions.intake import NewReport
from dispatch.actions.rounds import end_stop, find_fault, take_off, undo_end
from dispatch.actions.ticket_log import JUST_NOW, Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound
from dispatch.domain.permissions import Role, Scope
from dispatch.domain.place import Point
from dispatch.domain.rounds import StopState
from dispatch.models.people import Crew, SettingsEvent
from dispatch.models.places import Household
from dispatch.models.rounds import Round, RoundStop
from dispatch.models.tickets import Report, Ticket, TicketEvent, Visit
from dispatch.queries.rounds import round_of, stop_for_change
from tests.contenders import contend
from tests.factories import DESK, IN_WEST, make_account
from tests.rounds import TODAY, add_households, go_round
from tests.trips import another_ticket, open_burst, send, step, steward

EVERYTHING = Scope(everything=True)
HOUR = timedelta(hours=1)
WANG = steward(1)


@pytest.fixture
def city(session, now):
    """Add the city, its burst, three households and a planned ticket of the second."""
    open_burst(now)
    add_households()
    another_ticket(now, kind="planned", category="other", place=IN_WEST, household_id=2)


def addresses():
    return [stop.address for stop in round_of(1, TODAY).stops]


def end(stop_id, outcome, now, **said: object):
    with transaction():
        row, crew = stop_for_change(stop_id, EVERYTHING)
        end_stop(row, crew, outcome, actor=WANG, now=now, **said)


def test_stops_stand_in_the_order_of_the_way_however_they_came(city, now):
    go_round(now, ["H-3", "H-1"])
    go_round(now, ["H-2", "H-3"], day=TODAY)
    assert addresses() == ["Furong Road 1", "Furong Road 2", "Furong Road 3"]


def test_what_comes_later_goes_on_from_the_last_stop(city, session, now):
    go_round(now, ["H-3"])
    end(1, StopState.DONE, now)
    go_round(now, ["H-1", "H-2"])
    assert addresses() == ["Furong Road 3", "Furong Road 2", "Furong Road 1"]


def test_a_stop_that_is_done_keeps_who_when_where_and_what(city, session, now):
    go_round(now, ["H-1"])
    told = Told(position=Point(28.151, 112.95), accuracy_metres=9)
    end(1, StopState.DONE, now, note=" Meter read ", told=told)
    row = session.get(RoundStop, 1)
    assert (row.state, row.note, row.ended_by, row.ended_at) == ("done", "Meter read", "Wang", now)
    assert (row.lat, row.accuracy_metres) == (28.151, 9)
    with pytest.raises(Forbidden):
        end(1, StopState.NOBODY_HOME, now)


def test_a_planned_ticket_gets_its_visit(city, session, now):
    go_round(now, tickets=["W000002", "W000002"])
    assert session.get(RoundStop, 1).household_id == 2
    end(1, StopState.DONE, now + HOUR, note="All well")
    visit = session.query(Visit).filter_by(ticket_id=2).one()
    assert (visit.crew_id, visit.state, visit.note) == (1, "completed", "All well")
    assert visit.arrived_at == now + HOUR
    assert session.get(Ticket, 2).state == "completed"


def test_nobody_home_leaves_the_planned_ticket_waiting(city, session, now):
    go_round(now, tickets=["W000002"])
    end(1, StopState.NOBODY_HOME, now + HOUR)
    visit = session.query(Visit).filter_by(ticket_id=2).one()
    assert (visit.state, visit.cause) == ("cannot_complete", "no_access")
    assert session.get(Ticket, 2).state == "accepted"
    go_round(now, tickets=["W000002"])


def test_a_visit_that_is_under_way_is_gone_on_with(city, session, now):
    go_round(now, tickets=["W000002"])
    send(2, 1, now)
    for name in ("acknowledge", "set-off", "arrive"):
        step(2, name, WANG, now + HOUR / 2)
    end(1, StopState.DONE, now + HOUR)
    visit = session.query(Visit).filter_by(ticket_id=2).one()
    assert (visit.state, visit.arrived_at) == ("completed", now + HOUR / 2)


def test_another_crew_on_the_planned_ticket_is_named_before_anything_is_noted(city, session, now):
    go_round(now, tickets=["W000002"])
    send(2, 2, now)
    with pytest.raises(Forbidden, match="Another crew is on W000002"):
        end(1, StopState.DONE, now + HOUR)
    session.expire_all()
    assert session.get(RoundStop, 1).state == "waiting"


def test_a_planned_ticket_that_was_cancelled_meanwhile_stays_so(city, session, now):
    go_round(now, tickets=["W000002"])
    step(2, "cancel", DESK, now, reason="moved away")
    end(1, StopState.DONE, now + HOUR)
    assert session.get(Ticket, 2).state == "cancelled"
    assert session.query(Visit).count() == 0


def test_a_find_becomes_a_ticket_and_ends_the_stop(city, session, now):
    go_round(now, ["H-1"])
    new = NewReport("leak", "Wet wall", "Furong Road 1", IN_WEST, channel="crew", household_id=1)
    with transaction():
        row, crew = stop_for_change(1, EVERYTHING)
        found = find_fault(row, crew, new, actor=WANG, now=now).id
    row = session.get(RoundStop, 1)
    assert (row.state, row.note, row.found_ticket_id) == ("fault_found", "Wet wall", found)
    report = session.query(Report).filter_by(ticket_id=found).one()
    assert (report.channel, report.household_id) == ("crew", 1)
    with transaction():
        on_the_way = find_fault(None, session.get(Crew, 1), new, actor=WANG, now=now)
    assert on_the_way.id != found


def test_a_stop_is_taken_off_once_and_may_come_again(city, session, now):
    go_round(now, ["H-1"])
    with transaction():
        take_off(session.get(RoundStop, 1), actor=DESK, now=now)
    with pytest.raises(Forbidden):
        take_off(session.get(RoundStop, 1), actor=DESK, now=now)
    assert addresses() == []
    go_round(now, ["H-1"], crew_id=2)
    assert session.query(Round).count() == 2


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({}, Invalid),
        ({"tickets": ["W000001"]}, Invalid),
        ({"tickets": ["W000099"]}, NotFound),
        ({"accounts": ["H-99"]}, Invalid),
        ({"accounts": ["H-1"], "day": TODAY - timedelta(days=1)}, Invalid),
    ],
)
def test_what_cannot_be_a_round_is_refused(city, session, now, given, refusal):
    with pytest.raises(refusal):
        go_round(now, **given)
    assert session.query(Round).count() == 0


def test_a_leader_sends_a_crew_to_households_of_the_own_grids_only(city, session, now):
    with transaction():
        session.add(Household(account="E-1", address="Renmin Road", lat=28.15, lon=113.05))
        session.add(Household(account="N-1", address="Nowhere"))
        leader = make_account(Role.TEAM_LEADER, now, team_id=1)
    for account in ("E-1", "N-1"):
        with pytest.raises(Invalid):
            go_round(now, ["H-1", account], actor=leader)
    go_round(now, ["H-1"], tickets=["W000002"], actor=leader)
    told = session.query(SettingsEvent).filter_by(subject="round").one()
    assert (told.subject_key, told.actor) == ("W1 2026-03-02", leader.name)
    assert told.now == {"tickets": ["W000002"], "households": ["H-1"]}
    go_round(now, ["E-1", "N-1"])


def test_who_is_on_a_round_already_is_not_put_onto_another(city, session, now):
    go_round(now, ["H-1"])
    with pytest.raises(Invalid):
        go_round(now, ["H-1"], crew_id=2)


def test_a_planned_ticket_takes_the_place_of_the_stop_at_its_household(city, session, now):
    go_round(now, ["H-1", "H-2"], crew_id=2)
    go_round(now, ["H-2", "H-3"], tickets=["W000002"])
    assert [stop.account for stop in round_of(2, TODAY).stops] == ["H-1"]
    assert [(stop.account, stop.number) for stop in round_of(1, TODAY).stops] == [
        ("H-2", "W000002"),
        ("H-3", None),
    ]
    with pytest.raises(Invalid):
        go_round(now, ["H-2"])


def test_two_who_make_the_first_round_of_a_crew_at_once_make_one(city, app, session, now):
    session.remove()

    def act(number):
        go_round(now, [f"H-{number + 1}"])
        return "made"

    assert contend(app, act, 3) == {"made": 3}
    assert len(addresses()) == 3


def test_a_tap_that_comes_late_counts_at_its_own_time(city, session, now):
    go_round(now, ["H-1"], tickets=["W000002"])
    at, came = now + HOUR / 2, now + 3 * HOUR
    told = Told(effective_at=at, time_quality="offline_trusted", device_at=at - HOUR)
    for stop_id in (1, 2):
        end(stop_id, StopState.DONE, came, told=told)
    household = session.query(RoundStop).filter_by(ticket_id=None).one()
    assert (household.ended_at, household.received_at) == (at, came)
    assert (household.device_at, household.time_quality) == (at - HOUR, "offline_trusted")
    visit = session.query(Visit).one()
    assert (visit.dispatched_at, visit.arrived_at, visit.ended_at) == (at, at, at)


def test_a_visit_is_no_earlier_than_what_went_before_it(city, session, now):
    go_round(now, tickets=["W000002"])
    send(2, 1, now + HOUR)
    end(1, StopState.DONE, now + 2 * HOUR, told=Told(effective_at=now + HOUR / 2))
    visit = session.query(Visit).one()
    assert (visit.arrived_at, visit.ended_at) == (now + HOUR, now + HOUR)


def undo(stop_id, now, actor=WANG, **told: object):
    with transaction():
        row, crew = stop_for_change(stop_id, EVERYTHING)
        undo_end(row, crew, actor=actor, now=now, told=Told(**told))


def test_a_wrong_tap_is_taken_back_and_written_down(city, session, now):
    go_round(now, ["H-1"])
    end(1, StopState.DONE, now, note="Meter read", told=Told(position=IN_WEST))
    undo(1, now + HOUR)
    row = session.get(RoundStop, 1)
    assert (row.state, row.note, row.ended_at, row.lat) == ("waiting", "Meter read", None, None)
    change = session.query(SettingsEvent).filter_by(actor="Wang").one()
    assert change.was == {"stop": 1, "state": "done", "by": "Wang", "at": now.isoformat()}
    with pytest.raises(Forbidden, match="nothing to undo"):
        undo(1, now + HOUR)
    end(1, StopState.NOBODY_HOME, now + HOUR)


def test_a_crew_takes_back_on_the_day_and_a_leader_later_too(city, session, now):
    go_round(now, ["H-1"])
    end(1, StopState.DONE, now)
    with pytest.raises(Forbidden, match="on its own day only"):
        undo(1, now + 24 * HOUR)
    undo(1, now + 24 * HOUR, effective_at=now + HOUR)
    end(1, StopState.DONE, now)
    undo(1, now + 24 * HOUR, actor=DESK)
    assert session.get(RoundStop, 1).state == "waiting"


def test_what_closed_or_made_a_ticket_is_not_taken_back(city, session, now):
    go_round(now, ["H-1"], tickets=["W000002"])
    planned = session.query(RoundStop.id).filter_by(ticket_id=2).scalar()
    end(planned, StopState.DONE, now)
    with pytest.raises(Forbidden, match="W000002 was closed or made"):
        undo(planned, now)


def test_who_stood_at_a_stop_that_was_taken_off_meanwhile_was_there(city, session, now):
    go_round(now, ["H-1"])
    with transaction():
        take_off(session.get(RoundStop, 1), actor=DESK, now=now)
    end(1, StopState.DONE, now + HOUR)
    assert addresses() == ["Furong Road 1"]


def test_a_find_after_the_tap_belongs_to_the_stop_once(city, session, now):
    go_round(now, ["H-1"])
    end(1, StopState.DONE, now, note="All well")
    new = NewReport("leak", "Wet wall", "Furong Road 1", IN_WEST, channel="crew", household_id=1)

    def find():
        with transaction():
            row, crew = stop_for_change(1, EVERYTHING)
            return find_fault(row, crew, new, actor=WANG, now=now).id

    found = find()
    row = session.get(RoundStop, 1)
    assert (row.state, row.note, row.found_ticket_id) == ("done", "All well", found)
    with pytest.raises(Forbidden):
        find()
    assert session.query(Ticket).count() == found


def test_a_find_that_a_phone_kept_is_reported_though_the_stop_has_ended(city, session, now):
    go_round(now, ["H-1"])
    words = {"address": "Furong Road 1", "place": IN_WEST, "channel": "crew", "household_id": 1}
    kept = Told(effective_at=now, event_uuid=str(uuid.uuid4()))
    found = []
    for said, told in (("Wet wall", JUST_NOW), ("Dripping meter", kept)):
        with transaction():
            row, crew = stop_for_change(1, EVERYTHING)
            new = NewReport("leak", said, **words)
            found.append(find_fault(row, crew, new, actor=WANG, now=now, told=told).id)
    row = session.get(RoundStop, 1)
    assert (row.state, row.note, row.found_ticket_id) == ("fault_found", "Wet wall", found[0])
    assert session.get(Ticket, found[1]).description == "Dripping meter"


def test_the_story_of_a_late_find_says_when_it_was_found(city, session, now):
    told = Told(effective_at=now - HOUR, time_quality="offline_trusted")
    new = NewReport("leak", "Wet wall", "Furong Road 1", IN_WEST, channel="crew")
    with transaction():
        ticket = find_fault(None, session.get(Crew, 1), new, actor=WANG, now=now, told=told)
    events = session.query(TicketEvent).filter_by(ticket_id=ticket.id)
    first = events.order_by(TicketEvent.id).first()
    assert (ticket.received_at, first.effective_at) == (now, now)
    assert (first.facts["found_at"], first.facts["time_quality"]) == (
        (now - HOUR).isoformat(), "offline_trusted",
    )  # fmt: skip
    assert [each["text"] for each in first.facts["reasons"]] == ["The crew found it at %(at)s."]


def test_an_undo_takes_back_nothing_that_came_after_it(city, session, now):
    go_round(now, ["H-1"])
    with transaction():
        row, crew = stop_for_change(1, EVERYTHING)
        end_stop(row, crew, StopState.DONE, note="All well", actor=WANG, now=now + HOUR)
    late = Told(effective_at=now + HOUR / 60, event_uuid=str(uuid.uuid4()))
    with pytest.raises(Forbidden, match="after that"), transaction():
        undo_end(*stop_for_change(1, EVERYTHING), actor=WANG, now=now + 2 * HOUR, told=late)
    assert session.get(RoundStop, 1).state == "done"


def test_what_was_written_at_a_stop_stays_through_undo_and_another_end(city, session, now):
    go_round(now, ["H-1"])
    end(1, StopState.DONE, now, note="Stopcock is stiff")
    with transaction():
        undo_end(*stop_for_change(1, EVERYTHING), actor=WANG, now=now)
    end(1, StopState.NOBODY_HOME, now)
    row = session.get(RoundStop, 1)
    assert (row.state, row.note) == ("nobody_home", "Stopcock is stiff")
