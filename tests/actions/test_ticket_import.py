"""Do past tickets come in once, placed, flagged and with a story that verifies?"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from dispatch.actions import ticket_import
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.ticket_import import import_past_tickets
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.column_map import read_column_map
from dispatch.domain.errors import Forbidden
from dispatch.domain.event_chain import SealedEvent, sealed_content, verify
from dispatch.domain.file_faults import FileFaults
from dispatch.domain.past_ticket import PastTicketReader
from dispatch.domain.table_rows import read_table
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.clockwork import Timer
from dispatch.models.facts import FactDue, TicketFact
from dispatch.models.people import SettingsEvent
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket, TicketEvent
from dispatch.queries.palette import meant_tickets
from tests.factories import DESK, IN_WEST, make_city, make_ticket
from tests.past_files import MAP, ROWS, table

ARRIVALS = """[columns]
external_id = "id"
received_at = "t"
arrived_at = "a"
restored_at = "w"
verified_at = "v"
completed_at = "c"
closed_at = "z"
category = "k"
lat = "lat"
lon = "lon"
household = "h"
[format]
datum = "gcj02"
time_zone = "UTC"
"""
ARRIVAL_HEADER = "id,t,a,w,v,c,z,k,lat,lon,h"
DAY = "2026-01-05T"


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def take(now, *rows: str, text: str = MAP, header: str | None = None, progress=lambda _done: None):
    column_map = read_column_map(text.encode(), "map.toml", ZoneInfo("UTC"))
    faults = FileFaults("past.csv")
    content = table(*rows, header=header) if header else table(*rows)
    past = PastTicketReader(column_map, faults).read(read_table(io.BytesIO(content), faults))
    with transaction():
        return import_past_tickets(past, column_map, actor=DESK, now=now, progress=progress)


def by_id(session):
    session.expire_all()
    return {ticket.external_id: ticket for ticket in session.scalars(select(Ticket))}


def test_the_story_of_the_settings_says_who_brought_them(session, city, now):
    for _ in range(2):
        take(now)
    (line,) = session.scalars(select(SettingsEvent))
    assert (line.subject, line.subject_key, line.actor) == ("past_tickets", "city", DESK.name)
    assert line.now == {"imported": 5}


def test_each_ticket_is_placed_closed_and_flagged(session, city, now):
    done = take(now)
    assert (done.imported, done.not_located, done.outside_grids) == (5, 1, 1)
    assert done.flagged == {"closes_before_opening": 1}
    tickets = by_id(session)
    first = tickets["A1"]
    assert (first.state, first.place_standing, first.team_id) == ("closed", "inside", city.west.id)
    assert (first.given_lat, first.given_datum, first.imported) == (28.15, "wgs84", True)
    assert first.completed_at == first.closed_at == datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
    assert first.arrive_due_at is None
    assert tickets["A2"].state == "accepted"
    assert tickets["A3"].flags == ["closes_before_opening"]
    assert (tickets["A4"].place_standing, tickets["A4"].lat) == ("not_located", None)
    assert (tickets["A5"].place_standing, tickets["A5"].grid_id) == ("outside", None)


def test_what_the_source_never_ended_is_called_past_and_no_crew_is_sent(session, city, now):
    take(now)
    ticket = by_id(session)["A2"]
    (found,) = meant_tickets(ticket_number(ticket.id), DESK.scope, personal=False)
    assert (str(found["state_name"]), found["is_open"]) == ("past, its end not known", False)
    with pytest.raises(Forbidden, match="imported as a past one"), transaction():
        cancel_ticket(ticket, reason="x", actor=DESK, now=now)


def test_a_second_import_adds_nothing_and_live_tickets_stay(session, city, now):
    with transaction():
        make_ticket(now, place=IN_WEST)
    steps = []
    take(now, progress=steps.append)
    again = take(now)
    assert (again.imported, again.already_there, steps) == (0, 5, [5])
    assert len(session.scalars(select(Ticket)).all()) == 6
    assert len(session.scalars(select(Report)).all()) == 6
    with transaction():
        assert make_ticket(now, place=IN_WEST).ticket.id == 7


def test_a_batch_may_be_partly_there(session, city, now, monkeypatch):
    monkeypatch.setattr(ticket_import, "ROWS_AT_ONCE", 2)
    take(now, *ROWS[:3])
    done = take(now)
    assert (done.imported, done.already_there) == (2, 3)


def test_every_story_verifies_and_arms_no_clock(session, city, now):
    take(now)
    for ticket in by_id(session).values():
        events = session.scalars(
            select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        ).all()
        sealed = [SealedEvent(sealed_content(e), e.previous_hash, e.hash) for e in events]
        assert verify(sealed, head=ticket.last_event_hash) is None
        kinds = [event.kind for event in events]
        ended = ["completed", "closed"] if ticket.state == "closed" else []
        assert kinds == ["report_received", *ended]
        assert events[-1].to_state == ticket.state
        assert events[0].effective_at == ticket.received_at
        assert events[0].recorded_at == now
    assert session.scalars(select(Timer)).all() == []


def test_where_arrivals_are_known_every_ticket_is_held_to_the_promise(session, city, now):
    with transaction():
        session.add(Household(account="H1", address="Wuyi Road"))
    rows = [
        f"1,{DAY}08:00,{DAY}08:20,{DAY}08:40,{DAY}09:30,{DAY}09:00,{DAY}10:00,burst,28.15,112.95,H1",
        f"2,{DAY}08:00,,,,,,burst,28.15,112.95,H9",
        f"3,{DAY}08:00,,,,,{DAY}09:00,advice,,,",
    ]
    take(now, *rows, text=ARRIVALS, header=ARRIVAL_HEADER)
    tickets = by_id(session)
    first, second, third = tickets["1"], tickets["2"], tickets["3"]
    assert [(each.call_back_due_at, each.call_back_owed) for each in tickets.values()] == [
        (None, False)
    ] * 3
    assert (first.arrive_due_at - first.received_at).total_seconds() == 1800
    assert second.arrive_due_at == first.arrive_due_at
    assert (third.arrive_due_at, third.state, third.completed_at) == (None, "closed", None)
    assert (first.household_id, second.household_id) == (1, None)
    assert first.given_lat == 28.15
    assert abs(first.lat - 28.15) > 0.001
    kinds = select(TicketEvent.kind).where(TicketEvent.ticket_id == first.id)
    assert session.scalars(kinds.order_by(TicketEvent.id)).all() == [
        "report_received",
        "arrived",
        "restored",
        "completed",
        "verified",
        "closed",
    ]


def test_facts_are_left_to_the_roll_up_which_others_change_too(session, city, now):
    with transaction():
        make_ticket(now, place=IN_WEST)
    shared = set(session.scalars(select(FactDue.id)))
    take(now)
    assert shared < set(session.scalars(select(FactDue.id)))
    tickets = select(Ticket.id)
    due = select(FactDue.ticket_id)
    assert set(session.scalars(tickets)) == set(session.scalars(due))
    assert session.scalar(select(func.count()).select_from(TicketFact)) == 0
