"""Is a look at personal data given only with a reason, and written down?"""

from __future__ import annotations

import pytest

from dispatch.actions.revealing import reveal_reporter
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, NotFound
from dispatch.models.people import SettingsEvent
from tests.factories import DESK, make_ticket


def test_a_look_is_written_down(session, now):
    with transaction():
        ticket = make_ticket(now, reporter_phone="13812345678").ticket
        report = reveal_reporter(ticket, 1, reason=" call back ", actor=DESK, now=now)
    assert report.phone == "13812345678"
    [look] = session.query(SettingsEvent).all()
    assert (look.subject, look.subject_key, look.actor) == ("reveal", "W000001", DESK.name)
    assert look.now == {"report_id": 1, "reason": "call back"}


def test_a_look_needs_a_reason_and_a_report(session, now):
    with transaction():
        ticket = make_ticket(now).ticket
        make_ticket(now)
        with pytest.raises(Invalid):
            reveal_reporter(ticket, 1, reason=" ", actor=DESK, now=now)
        with pytest.raises(NotFound):
            reveal_reporter(ticket, 2, reason="call back", actor=DESK, now=now)
    assert session.query(SettingsEvent).count() == 0
