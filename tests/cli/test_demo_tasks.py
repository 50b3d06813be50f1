"""Do bursts of the demo open tasks, and do the departments settle them after the repair?"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from dispatch.actions.administration import seed_first
from dispatch.actions.endings import close_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.cli import demo_tasks
from dispatch.cli.demo_seed import SEEDER
from dispatch.cli.demo_tasks import let_bursts_open_tasks, move_tasks
from dispatch.domain.errors import Stale
from dispatch.domain.permissions import RULE
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.tickets import Task, Ticket
from tests.factories import DESK, make_city, make_ticket

MINUTE = timedelta(minutes=1)
BURST = ["valve_closing", "traffic_permit", "excavation", "reinstatement"]


@pytest.fixture
def burst(session, now):
    """Return the id of a burst that was called in when the demo's promises were in force."""
    with transaction():
        seed_first(ZoneInfo("UTC"), actor=SEEDER, now=now)
        make_city(now)
        make_ticket(now)
        let_bursts_open_tasks(actor=SEEDER, now=now)
        make_ticket(now, category="low_pressure")
        return make_ticket(now).ticket.id


def states(ticket_id):
    chosen = select(Task.kind, Task.state).where(Task.ticket_id == ticket_id).order_by(Task.id)
    return {row.kind: row.state for row in db.session.execute(chosen)}


def live(now, minutes):
    for _ in range(minutes):
        now += MINUTE
        move_tasks(DESK, 1.0, now)
    return now


def test_a_burst_alone_opens_tasks(session, burst):
    assert list(states(burst)) == BURST
    assert list(states(burst).values()) == ["open", "waiting", "waiting", "waiting"]
    assert states(1) == states(2) == {}


def test_the_departments_go_on_and_the_road_waits_for_the_repair(session, now, burst):
    later = live(now, 2)
    assert states(burst)["valve_closing"] == "in_progress"
    later = live(later, 20)
    assert list(states(burst).values()) == ["done", "done", "done", "open"]
    session.execute(update(Ticket).values(completed_at=later, state="completed"))
    session.commit()
    live(later, 20)
    assert set(states(burst).values()) == {"done"}
    with transaction():
        close_ticket(session.get(Ticket, burst), actor=RULE, now=later + 99 * MINUTE)
    assert session.get(Ticket, burst).state == "closed"


def test_what_a_person_or_a_crew_has_is_left_to_them(session, now, burst):
    session.execute(update(Task).values(crew_id=1))
    session.commit()
    live(now, 20)
    assert states(burst)["valve_closing"] == "open"


def test_a_task_that_a_visitor_moved_a_moment_ago_is_left(session, now, burst, monkeypatch):
    def refuse(_ticket, _task, *, actor, now):
        raise Stale(say("Somebody else changed this at the same moment."))

    monkeypatch.setattr(demo_tasks, "start_task", refuse)
    live(now, 3)
    assert states(burst)["valve_closing"] == "open"
