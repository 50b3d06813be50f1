"""Is the longest pause said for every reason, with its end?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.domain.visit_state import HoldReason
from dispatch.queries.hold_limits import hold_limits


def test_each_reason_has_its_longest_pause_and_an_end(session, now):
    found = {row["reason"]: row for row in hold_limits(now)}
    assert found.keys() == set(HoldReason)
    assert found["unsafe_conditions"]["longest"] == {"minutes": 1440}
    assert found["unsafe_conditions"]["ends_at"] == now + timedelta(days=1)
    assert found["waiting_for_payment"]["longest"] == {"working_days": 20}
