"""Are return visits the same stored as worked out now, and does a list know only what it could?"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import func, select, update

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.bring_savings import ReturnVisit
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.facts import FactDue, ReturnVisitFact
from dispatch.models.tickets import KIT_EVENTS, Ticket, TicketEvent, Visit
from dispatch.queries.return_visits import return_visits_among, return_visits_now
from tests.factories import IN_EAST
from tests.statements import plan_of, written_out
from tests.trips import another_ticket, lack, open_burst, step, steward, use

MINUTE = timedelta(minutes=1)
VALVES = frozenset({"air_valves"})
NOBODY = np.array([], dtype=np.int64)


def now_of(*tickets: int):
    return return_visits_now(np.array(tickets, dtype=np.int64))


def stored(*tickets: int, due=NOBODY):
    return return_visits_among(np.array(tickets, dtype=np.int64), due)


@pytest.fixture
def city(session, now):
    """Two tickets where a part was used, before one of an hour later whose crew lacked it."""
    open_burst(now, pipe_mm=100)
    another_ticket(now, place=IN_EAST)
    for ticket in (1, 2):
        use(ticket, now + MINUTE, "air_valves")
    another_ticket(now, pipe_mm=100)
    lack(3, now + 60 * MINUTE, "air_valves", "pipe")


def test_what_is_stored_is_what_would_be_worked_out_now(city, now):
    [one] = now_of(1, 2, 3)
    assert one == ReturnVisit(2, 3, VALVES | {"pipe"}, VALVES, 900.0)
    assert stored(1, 2, 3) == []
    assert stored(1, 2, 3, due=np.array([3])) == [one]
    run(now)
    assert stored(1, 2, 3) == stored(3, due=np.array([2, 3])) == [one]
    assert stored(2, 4) == []
    assert stored(1, 2) == stored(1, 2, due=np.array([3])) == stored() == []


def test_what_is_heard_later_changes_no_list_and_what_the_visit_lacked_does(city, now):
    run(now)
    for number in (4, 5):
        another_ticket(now, place=IN_EAST)
        use(number, now + 100 * MINUTE, "pipe")
    args = {"parts": ["couplings"], "visit_id": 1}
    step(3, "needs", steward(1), now + 101 * MINUTE, **args)
    run(now)
    [one] = stored(3)
    assert one.lacked == VALVES | {"pipe", "couplings"}
    assert one.named == VALVES | {"couplings"}
    assert [one] == now_of(3)


def test_a_correction_of_the_visit_and_a_ticket_that_is_cancelled_change_what_is_stored(city, now):
    run(now)
    change(update(Visit).where(Visit.id == 2).values(ended_at=Visit.en_route_at))
    run(now)
    assert [one.seconds for one in stored(3)] == [0.0]
    change(update(Visit).where(Visit.id == 1).values(cause="no_access"))
    run(now)
    assert rows() == 0
    change(update(Visit).where(Visit.id == 1).values(cause="part_missing"))
    run(now)
    assert rows() == 1
    change(update(Ticket).where(Ticket.id == 3).values(state="cancelled"))
    run(now)
    assert rows() == 0


def test_a_ticket_that_is_gone_keeps_none(city, now):
    run(now)
    # Its events are final, and keep it from going; the row of another way stands for it.
    db.session.add(ReturnVisitFact(visit_id=9, ticket_id=99, lacked="", named=""))
    db.session.add(FactDue(ticket_id=99))
    db.session.commit()
    run(now)
    assert db.session.scalars(select(ReturnVisitFact.ticket_id)).all() == [3]


def test_an_old_ticket_and_one_of_today_are_each_of_their_time(city, now):
    years = timedelta(days=3 * 365)
    another_ticket(now + years, pipe_mm=100)
    lack(4, now + years, "air_valves")
    for number in (5, 6):
        another_ticket(now + years, place=IN_EAST)
        use(number, now + years + 200 * MINUTE, "pipe")
    another_ticket(now + years, pipe_mm=100)
    lack(7, now + years + 210 * MINUTE, "pipe")
    run(now + years)
    named = {one.ticket: one.named for one in stored(3, 4, 7)}
    assert named == {3: VALVES, 4: frozenset(), 7: {"pipe"}}


def test_a_visit_that_wrote_nothing_down_reads_no_records(session, now, monkeypatch):
    open_burst(now)
    lack(1, now, needs=False)
    monkeypatch.setattr("dispatch.queries.return_visits._written", None)
    assert [one.lacked for one in now_of(1)] == [frozenset()]


def test_a_category_that_is_no_longer_listed_has_a_list_of_what_was_learned(city, now):
    change(update(Ticket).values(category="meteor"))
    assert [one.named for one in now_of(3)] == [VALVES]


def test_the_newest_records_before_an_instant_are_found_by_their_index(city, now):
    newest = (
        select(TicketEvent.id)
        .where(KIT_EVENTS, TicketEvent.recorded_at < now + MINUTE)
        .order_by(TicketEvent.recorded_at.desc(), TicketEvent.id.desc())
        .limit(10)
    )
    plan = plan_of(written_out(newest))
    assert "ix_ticket_event_kit" in plan
    assert "sort" not in plan.casefold()
    assert "TEMP B-TREE" not in plan


def change(statement):
    with transaction():
        db.session.execute(statement)


def rows():
    return db.session.scalar(select(func.count()).select_from(ReturnVisitFact))
