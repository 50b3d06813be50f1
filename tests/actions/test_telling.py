"""Is what the desk writes queued once for each reporter, recorded, and taken back in time?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.opting_out import set_wanted
from dispatch.actions.sending import claim
from dispatch.actions.telling import take_message_back, tell_reporters_of
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.desk_message import TAKE_BACK, desk_message
from dispatch.domain.errors import Forbidden
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.tickets import Ticket, TicketEvent
from tests.factories import DESK, make_city, make_ticket

MESSAGE = desk_message("k", {"en": "Back at 6", "zh-CN": "六点恢复"}, "zh-CN")
LEASE = timedelta(seconds=30)


@pytest.fixture
def street(session, now):
    """Open a leak of two languages, an emergency of the same person, and one without a number."""
    with transaction():
        make_city(now)
        make_ticket(now, category="leak", reporter_phone="13800000001", language="en")
        make_ticket(now, category="burst", reporter_phone="13800000002")
        make_ticket(now, category="leak", reporter_phone="13800000001")
        make_ticket(now, category="leak")
    return session


def tell(number, now, *, back=False):
    act = take_message_back if back else tell_reporters_of
    with transaction():
        return act(db.session.get_one(Ticket, number), MESSAGE, actor=DESK, now=now)


def rows(session):
    session.expire_all()
    told = select(Outbox).where(Outbox.template == "reporters_told").order_by(Outbox.id)
    return list(session.scalars(told))


def test_each_gets_their_language_after_the_time_to_take_it_back(street, now):
    version = street.get_one(Ticket, 1).version
    assert [tell(1, now), tell(2, now)] == [1, 1]
    leak, burst = rows(street)
    assert (leak.recipient, leak.language, leak.urgency) == ("13800000001", "en", "ordinary")
    assert (burst.language, burst.urgency) == ("zh-CN", "emergency")
    assert leak.content["words"] == "Back at 6"
    assert leak.next_try_at == now + TAKE_BACK
    assert street.get_one(Ticket, 1).version == version
    story = select(TicketEvent).where(TicketEvent.kind == "reporters_told")
    event = street.scalars(story.order_by(TicketEvent.id)).first()
    assert (event.note, event.facts) == ("Back at 6 / 六点恢复", {"recipients": 1})


def test_nobody_to_tell_is_refused_with_why(street, now):
    tell(1, now)
    with pytest.raises(Forbidden, match="about another ticket"):
        tell(3, now)
    with pytest.raises(Forbidden, match="left a telephone number"):
        tell(4, now)
    with transaction():
        set_wanted("13800000002", wanted=False, now=now)
    with pytest.raises(Forbidden, match="want no messages"):
        tell(2, now)
    assert len(rows(street)) == 1


def test_what_waits_is_taken_back_and_what_is_under_way_is_not(street, now):
    tell(1, now)
    tell(2, now)
    assert tell(2, now, back=True) == 1
    assert [row.state for row in rows(street)] == ["waiting", "cancelled"]
    later = now + TAKE_BACK
    with transaction():
        claimed = claim(later, free=9, under_way={}, lease_for=LEASE)
    assert "13800000001" in [each.recipient for each in claimed]
    with pytest.raises(Forbidden, match="sent already"):
        tell(1, later, back=True)
    assert tell(1, later + LEASE, back=True) == 1
