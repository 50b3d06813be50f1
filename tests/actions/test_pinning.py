"""Does the planner leave a pinned ticket, and does the story say who pinned it and why?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.actions.pinning import pin_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, Stale
from dispatch.jobs.planner import run
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from tests.factories import DESK, make_city, make_ticket


@pytest.fixture
def ticket(session, now):
    """Make a city with one ticket that waits."""
    make_city(now)
    made = make_ticket(now).ticket
    session.commit()
    return made.id


def pin(
    session, ticket_id, now, *, pinned=True, reason="The owner comes at noon", seen_version=None
):
    with transaction():
        found = session.get(Ticket, ticket_id)
        pin_ticket(
            found, pinned=pinned, reason=reason, actor=DESK, now=now, seen_version=seen_version
        )


def test_no_crew_is_sent_by_rule_until_it_is_let_again(session, ticket, now):
    pin(session, ticket, now)
    assert run(now).sent == 0
    pin(session, ticket, now, pinned=False)
    assert run(now).sent == 1
    assert len(session.scalars(select(Visit)).all()) == 1
    told = session.execute(
        select(TicketEvent.kind, TicketEvent.note)
        .where(TicketEvent.kind.in_(["pinned", "unpinned"]))
        .order_by(TicketEvent.id)
    ).all()
    assert [tuple(row) for row in told] == [
        ("pinned", "The owner comes at noon"),
        ("unpinned", "The owner comes at noon"),
    ]


def test_what_changes_nothing_or_comes_too_late_is_refused(session, ticket, now):
    with pytest.raises(Forbidden, match="not pinned"):
        pin(session, ticket, now, pinned=False)
    with pytest.raises(Invalid):
        pin(session, ticket, now, reason=" ")
    with pytest.raises(Stale):
        pin(session, ticket, now, seen_version=99)
    pin(session, ticket, now)
    with pytest.raises(Forbidden, match="pinned already"):
        pin(session, ticket, now)
    with transaction():
        session.get(Ticket, ticket).state = "closed"
    with pytest.raises(Forbidden, match="has ended"):
        pin(session, ticket, now, pinned=False)
