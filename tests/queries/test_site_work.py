"""Are the facts of a site found by ticket, and the open safety steps by visit?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.checklists import TickList
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.site_work import site_records, unticked_items
from tests.trips import another_ticket, open_burst, send, step, steward


def test_each_ticket_has_its_own_record(session, now):
    open_burst(now)
    another_ticket(now)
    send(1, 1, now)
    step(1, "parts", steward(1), now, item="meters", count=2)
    records = site_records([1, 2, 99])
    assert set(records) == {1}
    [part] = records[1].parts
    assert (part.visit, part.item, part.number) == (1, "meters", 2)
    assert site_records([]) == {}


def left(ticket, visit):
    return [each.key for each in unticked_items(ticket, visit, TickList.SAFETY)]


def test_a_tick_counts_for_the_visit_on_which_it_was_made(session, now):
    open_burst(now)
    send(1, 1, now)
    step(1, "tick", steward(1), now, list="safety", item="traffic")
    step(1, "decline", steward(1), now, reason="no clamps")
    send(1, 2, now)
    with transaction():
        ticket = db.session.get_one(Ticket, 1)
        first, second = db.session.query(Visit).order_by(Visit.id)
        assert left(ticket, first) == ["cables", "trench", "power"]
        assert left(ticket, second) == ["traffic", "cables", "trench", "power"]
        assert unticked_items(ticket, second, TickList.CHECK) == []
