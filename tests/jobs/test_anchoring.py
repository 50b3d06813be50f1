"""Is every event anchored once, and the digest told to the log?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.event_chain import anchor_key
from dispatch.jobs.anchoring import anchor_events
from dispatch.queries.event_chain import checked_anchors, last_anchor, last_event_id
from tests.conftest import SECRET
from tests.factories import make_ticket


def test_the_events_since_the_last_anchor_are_anchored(session, now, caplog):
    caplog.set_level("INFO")
    assert anchor_events(now) == 0
    with transaction():
        make_ticket(now)
    first = anchor_events(now)
    assert first == last_event_id() > 0
    assert anchor_events(now) == 0
    with transaction():
        make_ticket(now)
    assert anchor_events(now) == last_event_id() - first
    assert [each.holds for each in checked_anchors(anchor_key(SECRET))] == [True, True]
    assert last_anchor().digest in caplog.text
