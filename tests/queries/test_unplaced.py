"""Are only the tickets that wait for a place asked about?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from dispatch.queries.unplaced import unplaced_tickets
from tests.factories import make_grid, make_team, make_ticket


def test_a_placed_ticket_waits_for_nothing(session, now):
    with transaction():
        make_grid(team=make_team(), now=now)
        waiting = make_ticket(now, place=None, address="Wuyi Road 12").ticket
        make_ticket(now)
    assert unplaced_tickets() == [(waiting.id, "Wuyi Road 12")]
