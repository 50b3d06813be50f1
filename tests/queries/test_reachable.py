"""Is a ticket reachable exactly when one of its reporters left a number?"""

from __future__ import annotations

from dispatch.queries.reachable import numbers_with_phone
from tests.factories import make_ticket


def test_only_tickets_with_a_number_are_named(session, now):
    make_ticket(now, reporter_phone="13800005678")
    make_ticket(now)
    make_ticket(now, reporter_phone="13800005679")
    assert numbers_with_phone(["W000001", "W000002"]) == {"W000001"}
    assert numbers_with_phone(["nonsense"]) == frozenset()
