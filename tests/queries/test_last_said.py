"""Is what the story says of a ticket that waits read back, until something moves?"""

from __future__ import annotations

import pytest

from dispatch.actions.dispatching import dispatch_visit, report_nobody, report_waiting
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.sentences import say
from dispatch.models.tickets import Ticket
from dispatch.queries.last_said import last_said
from tests.factories import DESK, make_city, make_ticket


@pytest.fixture
def crews(session, now):
    with transaction():
        return make_city(now).crews


def test_what_the_story_says_of_nobody_is_read_back(session, crews, now):
    with transaction():
        ticket = make_ticket(now).ticket
    assert last_said(ticket.id) is None
    with transaction():
        found = session.get(Ticket, ticket.id)
        report_nobody(found, [say("Off shift")], actor=DESK, now=now)
    assert last_said(ticket.id) == ("nobody_available", ("Off shift",), None)
    with transaction():
        found = session.get(Ticket, ticket.id)
        report_waiting(found, crews[2].id, say("Waits"), actor=DESK, now=now)
    assert last_said(ticket.id) == ("waits", ("Waits",), crews[2].id)
    with transaction():
        dispatch_visit(session.get(Ticket, ticket.id), crews[0], actor=DESK, now=now)
    assert last_said(ticket.id) is None
