"""Does a row of many tell of a ticket what its reader may see?"""

from __future__ import annotations

from dispatch.domain.permissions import Scope
from dispatch.queries.bulk import crew_shown, ticket_shown
from tests.trips import open_burst

ALL = Scope(everything=True)


def test_a_ticket_is_shown_by_number_state_and_place(session, now):
    open_burst(now)
    shown = ticket_shown("w1", ALL)
    assert (shown["number"], shown["state"], shown["address"]) == (
        "W000001", "accepted", "Wuyi Road 12",
    )  # fmt: skip


def test_one_that_is_not_there_or_not_seen_is_a_number_alone(session, now):
    open_burst(now)
    assert ticket_shown("W9", ALL) == {"number": "W9"}
    assert ticket_shown("pump", ALL) == {"number": "pump"}
    assert ticket_shown("W1", Scope(team_id=2)) == {"number": "W1"}


def test_a_crew_is_shown_by_its_names(session, now):
    open_burst(now)
    assert crew_shown(1) == {"id": 1, "name": "W1", "name_zh": None, "vehicle": "van"}
    assert crew_shown(None) is None
    assert crew_shown(99) is None
