"""Is what waits, was sent and was given up counted and shown without telling who it was?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.new_rows import insert_rows
from dispatch.domain.errors import NotFound
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import Delivery, OptOut, WebhookEndpoint
from dispatch.queries import messages
from tests.factories import make_city, make_ticket


def queue(now, **columns: object):
    row = {
        "channel": "sms", "recipient": "13800005678", "template": "arrived", "next_try_at": now,
        "created_at": now, "content": {},
    }  # fmt: skip
    insert_rows(Outbox, [row | columns])


def test_what_waits_is_looked_at_when_it_is_due_or_its_lease_ends(session, now):
    assert messages.next_message_at() is None
    assert messages.oldest_waiting(now) is None
    queue(now, effect_key="held", leased_until=now + timedelta(seconds=30))
    queue(now + timedelta(minutes=1), effect_key="later")
    queue(now, effect_key="screen", channel="console")
    assert messages.next_message_at() == now + timedelta(seconds=30)
    assert messages.oldest_waiting(now) == now


def test_messages_are_counted_paged_and_filtered(session, now, monkeypatch):
    monkeypatch.setattr(messages, "ROWS_A_PAGE", 2)
    for number in range(3):
        queue(now, effect_key=f"m{number}", state="dead")
    queue(now, effect_key="mail", channel="email", state="sent")
    assert messages.message_counts() == {("email", "sent"): 1, ("sms", "dead"): 3}
    page = messages.message_page(2)
    assert (page.total, page.pages, page.page, len(page.rows)) == (4, 2, 2, 2)
    assert messages.message_page(99).page == 2
    assert messages.message_page(-1).page == 1
    assert messages.message_page(1, state="dead", channel="sms").total == 3
    assert messages.message_page(1, endpoint_id=5).total == 0
    assert len(messages.dead_ids(2)) == 2


def test_tries_stand_by_their_message(session, now):
    queue(now, effect_key="one")
    row = messages.message_page(1).rows[0]
    for code in (500, 200):
        session.add(Delivery(outbox_id=row.id, at=now, outcome="x", code=code, took_ms=1))
    session.flush()
    assert [each.code for each in messages.tries_of([row.id])[row.id]] == [200, 500]


def test_what_was_sent_about_a_ticket_is_masked(session, now):
    make_city(now)
    ticket = make_ticket(now, reporter_phone="13800005678").ticket
    queue(now, effect_key="two", ticket_id=ticket.id, state="sent", sent_at=now)
    waiting, sent = messages.messages_of(ticket.id)
    assert (waiting["to"], waiting["step"]) == ("138****5678", "report_received")
    assert (waiting["sent_at"], sent["next_try_at"]) == (None, None)
    assert sent["sent_at"] == now.isoformat()


@pytest.mark.parametrize(
    ("channel", "recipient", "shown"),
    [
        ("sms", "13800005678", "138****5678"), ("email", "chen@x.example", "c***@x.example"),
        ("webhook", "https://x/secret", None), ("web_push", "{}", None), ("apprise", "x", None),
        ("wecom", "", ""), ("email", "", ""), ("sms", "", None),
    ],
)  # fmt: skip
def test_an_address_is_masked_by_its_channel(channel, recipient, shown):
    assert messages.masked_recipient(channel, recipient) == shown


def test_endpoints_and_numbers_are_found(session, now):
    for name, deleted in (("a", None), ("b", now)):
        session.add(
            WebhookEndpoint(name=name, url="x", kinds=[], salt="s", created_at=now, created_by="x",
                            deleted_at=deleted)
        )  # fmt: skip
    session.add_all(OptOut(phone=each, at=now) for each in ("1", "+8613800000001"))
    session.flush()
    assert [row.name for row in messages.endpoints()] == ["a"]
    assert messages.is_unwanted("1")
    assert not messages.is_unwanted("2")
    assert messages.is_unwanted("138 0000-0001")


def test_the_number_behind_a_link(session, now):
    make_city(now)
    report = make_ticket(now, reporter_phone="13800005678").report
    assert messages.phone_behind(report.token, now) == "13800005678"
    assert messages.phone_behind(make_ticket(now).report.token, now) is None
    for token, at in (("unknown", now), (report.token, now + timedelta(days=4000))):
        with pytest.raises(NotFound):
            messages.phone_behind(token, at)
