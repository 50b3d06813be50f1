"""Is the demo's history whole, in order, and the same each time?"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from dispatch.cli import demo_history
from dispatch.cli.demo_cities import read_city
from dispatch.cli.demo_reports import read_reports
from dispatch.cli.demo_seed import seed
from dispatch.domain.categories import category_rule
from dispatch.domain.part_of_week import DAYS_OF
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.clockwork import Timer
from dispatch.models.people import User
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from dispatch.queries.candidates import crew_board
from dispatch.queries.phones import phones_of
from dispatch.queries.rounds import round_of

NOON = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)
EVERYTHING = Scope(everything=True)
BOSTON = read_city("boston")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def small(monkeypatch):
    """Make the history one of a day and a few tickets."""
    monkeypatch.setattr(demo_history, "DAYS", 2)
    monkeypatch.setattr(demo_history, "TICKETS_A_DAY", 14)
    monkeypatch.setattr(demo_history, "RUSH_TICKETS", 6)


def build(city=BOSTON):
    shares: list[float] = []
    zone = ZoneInfo(city.time_zone)
    found = seed(city, zone, read_reports(city), NOON, shares.append)
    assert shares == sorted(shares)
    return found


@sqlite_only
def test_the_days_are_lived_through_the_real_actions(session, small):
    seeded = build()
    live = session.scalars(select(Ticket).where(~Ticket.imported)).all()
    assert len(live) >= seeded.tickets > 15
    assert session.scalar(select(func.count()).where(Ticket.imported)) == 2623
    done = [ticket for ticket in live if ticket.completed_at]
    assert len(done) > len(live) / 2
    for ticket in done:
        times = [ticket.received_at, ticket.dispatched_at, ticket.arrived_at, ticket.completed_at]
        assert times == sorted(times)
        assert ticket.changed_at <= NOON
    assert session.scalar(select(func.max(TicketEvent.recorded_at))) <= NOON
    overdue = select(func.count()).where(Timer.state == "armed", Timer.due_at < NOON)
    assert session.scalar(overdue) <= 1
    for ticket in live:
        check_chain(ticket)


@sqlite_only
def test_changsha_is_told_in_chinese_and_every_ticket_has_a_grid(session, small):
    build(read_city("changsha"))
    tickets = session.scalars(select(Ticket)).all()
    assert sum(ticket.imported for ticket in tickets) == 2623
    assert all(ticket.grid_id and ticket.team_id for ticket in tickets)
    assert all(CHINESE.search(ticket.address) for ticket in tickets)
    assert all(CHINESE.search(ticket.description) for ticket in tickets if not ticket.imported)
    notes = set(session.scalars(select(TicketEvent.note).where(TicketEvent.note.is_not(None))))
    assert notes
    assert all(CHINESE.search(note) for note in notes), notes


def check_chain(ticket):
    events = db.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    ).all()
    for before, event in pairwise(events):
        assert event.previous_hash == before.hash
        assert event.recorded_at >= before.recorded_at
    assert events[-1].hash == ticket.last_event_hash


@sqlite_only
def test_the_visitors_crew_has_two_tickets_and_everybody_an_account(session, small):
    seeded = build()
    active = session.scalars(
        select(Visit).where(Visit.crew_id == seeded.crew_id, Visit.ended_at.is_(None))
    ).all()
    assert [visit.state for visit in active] == ["dispatched", "dispatched"]
    assert all(visit.eta_at > NOON and visit.reasons["candidates"] for visit in active)
    board = {crew.crew_id: crew for crew in crew_board(NOON).crews}
    own = board[seeded.crew_id]
    assert own.shift_ends_at == max(crew.shift_ends_at for crew in board.values() if crew.on_shift)
    assert own.shift_ends_at - NOON > timedelta(hours=8)
    asked = session.scalars(
        select(Ticket.category)
        .join(Visit)
        .where(Visit.crew_id == seeded.crew_id, Visit.ended_at.is_(None))
    )
    assert {category_rule(category).skill for category in asked} <= own.skills
    assert set(session.scalars(select(User.language))) == {None}, "the visitor's browser decides"
    going = round_of(seeded.crew_id, NOON.date())
    assert [str(stop.state) for stop in going.stops[:4]] == [
        "done", "nobody_home", "done", "fault_found",
    ]  # fmt: skip
    assert going.waiting == 3
    assert len(phones_of(EVERYTHING)) == 2
    roles = set(session.scalars(select(User.role)))
    assert roles == {each["role"] for each in seeded.sign_ins}
    assert len(roles) == 7


@pytest.mark.parametrize("day", range(7))
def test_crews_are_too_few_on_three_weekday_evenings_whatever_day_it_is(app, day):
    zone = ZoneInfo(BOSTON.time_zone)
    now = NOON + timedelta(days=day)
    dice = Random(1)  # noqa: S311  a simulation
    history = demo_history.History(read_reports(BOSTON), dice, now, 1)
    history.plan_arrivals(zone)
    calls = [due.at.astimezone(zone) for due in history.due]
    evenings = Counter(at.date() for at in calls if at.hour in range(17, 20))
    busy = [each for each, count in evenings.items() if count > demo_history.RUSH_TICKETS]
    assert len(busy) == demo_history.RUSHES
    assert all(each.weekday() in DAYS_OF["weekdays"] for each in busy)
    assert max(busy) <= now.date() - timedelta(days=demo_history.RUSH_DAYS_AGO)


@sqlite_only
def test_two_demos_tell_the_same_story(app, database, small):
    stories = []
    for _ in range(2):
        database.reset()
        with app.app_context():
            build()
            rows = db.session.execute(
                select(Ticket.id, Ticket.category, Ticket.state, Ticket.arrived_at).order_by(
                    Ticket.id
                )
            )
            stories.append([tuple(row) for row in rows])
            db.session.remove()
            db.engine.dispose()
    assert stories[0] == stories[1]
    assert stories[0][-1][3] is None
    assert NOON - timedelta(days=3) < max(at for *_, at in stories[0] if at) <= NOON
