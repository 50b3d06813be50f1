"""How do people in tests subscribe to news of interruptions, and what were they told?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.notice_subscriptions import (
    SubscriptionWish,
    ask_to_be_told,
    confirm_subscription,
)
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from tests.factories import IN_EAST, IN_WEST

if TYPE_CHECKING:
    from datetime import datetime

    from dispatch.models.notices import NoticeSubscription

CHANNELS = ("sms", "email")
WEST = Point(IN_WEST.lat, IN_WEST.lon)
EAST = Point(IN_EAST.lat, IN_EAST.lon)
PHONE = "13800005678"


def ask(now: datetime, recipient: str = PHONE, **told: Any) -> NoticeSubscription:
    """Ask to be told of a place in the west."""
    words = {"recipient": recipient, "place": "Furong Road 8", "point": WEST, "language": "en"}
    return ask_to_be_told(SubscriptionWish(**(words | told)), channels=CHANNELS, now=now)


def subscribe(now: datetime, recipient: str = PHONE, **told: Any) -> NoticeSubscription:
    """Ask to be told and confirm it."""
    return confirm_subscription(ask(now, recipient, **told).token, now=now)


def told(recipient: str = PHONE, *, state: str | None = None) -> list[str]:
    """Return the steps of the messages to somebody, oldest first, of one state or of all."""
    rows = db.session.execute(
        select(Outbox.template, Outbox.state)
        .where(Outbox.recipient == recipient)
        .order_by(Outbox.id)
    )
    return [row.template for row in rows if state in {None, row.state}]


def let_out() -> None:
    """Say of everything that waits that it was sent."""
    waiting = select(Outbox).where(Outbox.state == "waiting").order_by(Outbox.id)
    with transaction():
        for message in db.session.scalars(waiting):
            message.state = "sent"
