"""Is a completed ticket closed when it was confirmed, or after three days, and not before?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.tickets import Ticket
from dispatch.queries.finished import finished_tickets, first_report
from tests.factories import make_ticket
from tests.finished import complete_one


@pytest.mark.parametrize(
    ("after", "found"),
    [(timedelta(hours=71, minutes=59), False), (timedelta(hours=72), True)],
)
def test_three_days_after_completion(session, now, after, found):
    ticket_id = complete_one(now)
    assert (ticket_id in finished_tickets(now + after, 10)) is found


def test_at_once_when_the_reporter_confirmed(session, now):
    ticket_id = complete_one(now)
    session.get(Ticket, ticket_id).verified_at = now
    session.commit()
    assert finished_tickets(now, 10) == [ticket_id]


def test_open_and_imported_tickets_are_left(session, now):
    with transaction():
        make_ticket(now)
    session.get(Ticket, complete_one(now)).imported = True
    session.commit()
    assert finished_tickets(now + timedelta(days=9), 10) == []


def test_only_so_many_at_once(session, now):
    first, _ = complete_one(now), complete_one(now)
    assert finished_tickets(now + timedelta(days=9), 1) == [first]


def test_the_first_reporter_is_asked(session, now):
    with transaction():
        opened = make_ticket(now, reporter_name="Ann")
    assert first_report(opened.ticket.id).name == "Ann"
    assert first_report(99) is None
