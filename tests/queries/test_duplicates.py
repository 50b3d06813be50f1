"""Are open tickets at the same place suggested, and others not?"""

from __future__ import annotations

from dispatch.actions.endings import cancel_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.duplicates import Reported
from dispatch.domain.permissions import Scope
from dispatch.domain.place import Point
from dispatch.queries.duplicates import likely_duplicates
from tests.factories import DESK, IN_EAST, make_ticket

ALL = Scope(everything=True)


def test_the_likeliest_open_ticket_comes_first(session, now):
    with transaction():
        make_ticket(now)
        make_ticket(now, category="leak")
        make_ticket(now, place=IN_EAST)
        ended = make_ticket(now).ticket
        cancel_ticket(ended, reason="test", actor=DESK, now=now)
    new = Reported(category="burst", received_at=now, point=Point(28.15, 112.95), text="Wuyi Road")
    found = likely_duplicates(new, ALL, now=now)
    assert [each["number"] for each in found] == ["W000001", "W000002"]
    assert found[0]["score"] > found[1]["score"]
    assert found[0]["metres"] == 0
    assert found[0]["reports"] == 1
    assert "Same category" in [str(reason) for reason in found[0]["reasons"]]
    assert likely_duplicates(new, Scope(), now=now) == []


def test_a_ticket_is_no_duplicate_of_itself(session, now):
    with transaction():
        make_ticket(now, place=None)
    new = Reported(category="burst", received_at=now, ticket_id=1, text="Wuyi Road 12")
    assert likely_duplicates(new, ALL, now=now) == []
