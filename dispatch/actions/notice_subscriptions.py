"""How does somebody ask to hear of interruptions at a place, confirm it, and end it?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from dispatch.actions.new_rows import insert_rows
from dispatch.actions.notice_news import NEWS_TURN, subscriber_message, tell_subscribers
from dispatch.actions.sessions import TRIES_WINDOW, count_try, take_turns
from dispatch.domain.errors import Forbidden, Invalid, TooMany
from dispatch.domain.messages import MessageState
from dispatch.domain.notice_news import NewsStep, read_recipient, recipient_key
from dispatch.domain.public_addresses import network_of
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.notices import NoticeSubscription
from dispatch.queries.grids import valid_grids
from dispatch.queries.notice_subscriptions import (
    CONFIRM_WITHIN,
    LASTS,
    notices_at,
    subscription_behind,
    subscriptions_of,
)
from dispatch.queries.sessions import failed_tries_since

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from dispatch.domain.place import Point

MOST_PLACES = 5
"""So many places one person is told of."""
MOST_ASKED = 3
"""So many messages that ask for a confirmation go to one person in a day, whoever asks."""
MOST_REQUESTS = 10
"""So many requests come from one network address in five minutes."""
MOST_REQUESTS_A_DAY = 100
"""So many come from there in a day: a telephone company puts many homes behind one address, while
a program that writes to a number with each request is stopped the same hour."""
MOST_ASKED_OF_ALL = 5_000
"""So many messages that ask for a confirmation go out in a day, whoever asks from wherever: a burst
that a whole district hears of stays below it, and it bounds what a flood costs the utility."""
LONGEST_PLACE = 120

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class SubscriptionWish:
    """What somebody asks for: a point or a grid, what they call it, and where to write to."""

    recipient: str
    place: str
    point: Point | None = None
    grid: str | None = None
    language: str


def begin_request(address: str, now: datetime) -> None:
    """Count a request from a network address; a whole /64 of IPv6 is one address.

    Raises:
        TooMany: after ten requests from there in five minutes, or a hundred in a day.
    """
    name = _name(network_of(address))
    take_turns(name)
    if _counted(name, now - TRIES_WINDOW) >= MOST_REQUESTS:
        raise TooMany(say("Too many requests from here. Wait five minutes, then try again."))
    if _counted(name, now - _A_DAY) >= MOST_REQUESTS_A_DAY:
        raise TooMany(say("Too many requests from here today. Try again tomorrow."))
    count_try(name, "", now)


def ask_to_be_told(
    wish: SubscriptionWish, *, channels: Collection[str], now: datetime
) -> NoticeSubscription:
    """Keep a wish and ask whoever gets the message to confirm it; nobody else is told anything.

    The same place of the same person is kept once. After three such messages in a day no more are
    sent, so that nobody is pestered with them; the caller learns nothing of that. `channels` are
    those that are set up.

    Raises:
        Invalid: naming the wrong field.
        TooMany: when too many such messages went out today, whoever they went to.
    """
    channel, recipient = read_recipient(wish.recipient)
    if channel not in channels:
        fault = say("We cannot write to such an address. Give the other kind.")
        raise Invalid(fault, fields={"recipient": fault})
    _check_place(wish, now)
    row = _kept(wish, recipient) or _new(wish, str(channel), recipient)
    if row.confirmed_at is None:
        row.asked_at, row.language = now, wish.language
    db.session.flush()
    if _may_ask(recipient, now):
        key = f"subscription/{secrets.token_hex(16)}"
        insert_rows(Outbox, [subscriber_message(row, NewsStep.CONFIRM, key, {}, now=now)])
    return row


def _check_place(wish: SubscriptionWish, now: datetime) -> None:
    if wish.grid is not None and wish.grid not in {each.name for each in valid_grids(now)}:
        fault = say("There is no grid “%(name)s” now.", name=wish.grid)
        raise Invalid(fault, fields={"grid": fault})
    if wish.grid is None and wish.point is None:
        fault = say("Say which place you want to hear of.")
        raise Invalid(fault, fields={"place": fault})


def _kept(wish: SubscriptionWish, recipient: str) -> NoticeSubscription | None:
    place = (wish.grid, wish.point and wish.point.lat, wish.point and wish.point.lon)
    same = (
        each for each in subscriptions_of([recipient]) if (each.grid, each.lat, each.lon) == place
    )
    return next(same, None)


def _new(wish: SubscriptionWish, channel: str, recipient: str) -> NoticeSubscription:
    row = NoticeSubscription(
        token=secrets.token_urlsafe(16),
        channel=channel,
        recipient=recipient,
        place=wish.place[:LONGEST_PLACE],
        lat=wish.point.lat if wish.point else None,
        lon=wish.point.lon if wish.point else None,
        grid=wish.grid,
    )
    db.session.add(row)
    return row


def _may_ask(recipient: str, now: datetime) -> bool:
    everybody, name = _name("everybody"), _name(recipient_key(recipient))
    take_turns(everybody)
    # Looked at first, so that the answer is the same whoever is asked for.
    if _counted(everybody, now - _A_DAY) >= MOST_ASKED_OF_ALL:
        raise TooMany(say("Too many people ask today. Try again tomorrow."))
    may_ask = _counted(name, now - _A_DAY) < MOST_ASKED
    if may_ask:
        count_try(everybody, "", now)
        count_try(name, "", now)
    return may_ask


def _counted(name: str, since: datetime) -> int:
    return failed_tries_since(since, sign_in_name=name, address="")[0]


def _name(whose: str) -> str:
    # No sign-in name holds this character, so nobody's tries to sign in are counted here.
    return f"notices\x1f{whose}"[:64]


def confirm_subscription(token: str, *, now: datetime) -> NoticeSubscription:
    """Tell the owner of a link from now on, for a year; again is a year from then.

    What is announced for the place already is told at once.

    Raises:
        NotFound: when the link is unknown or too old.
        Forbidden: when the person is told of five places already.
    """
    take_turns(NEWS_TURN)
    row = subscription_behind(token, now, lock=True)
    others = [
        each for each in subscriptions_of([row.recipient]) if each.confirmed_at and each is not row
    ]
    if len(others) >= MOST_PLACES:
        raise Forbidden(
            say("You hear of %(most)s places already. End one of them first.", most=MOST_PLACES)
        )
    row.confirmed_at = now
    db.session.flush()
    for notice in notices_at(row, now):
        tell_subscribers(notice, now=now, only={row.id})
    return row


def end_subscription(token: str, *, now: datetime) -> None:
    """Forget a subscription, and with the last one that was confirmed where its messages went.

    What waits for a person without a confirmed one is not sent.

    Raises:
        NotFound: when the link is unknown or too old.
    """
    row = subscription_behind(token, now, lock=True)
    recipient = row.recipient
    db.session.delete(row)
    db.session.flush()
    left = subscriptions_of([recipient])
    if all(each.confirmed_at is None for each in left):
        _forget_messages(recipient, {each.token for each in left})


def _forget_messages(recipient: str, asked: set[str]) -> None:
    """Empty where messages went; only what asks for a confirmation still goes out for `asked`."""
    messages = db.session.scalars(
        select(Outbox)
        .where(
            Outbox.recipient == recipient,
            or_(
                Outbox.effect_key.startswith("notice/", autoescape=True),
                Outbox.effect_key.startswith("subscription/", autoescape=True),
            ),
        )
        .order_by(Outbox.id)
        .with_for_update()
    )
    for message in messages:
        if message.state == MessageState.WAITING:
            if message.template == NewsStep.CONFIRM and message.content["subscription"] in asked:
                continue
            message.state = str(MessageState.CANCELLED)
            message.fault = say("The subscription was ended.").as_json()
        message.recipient = ""


def forget_old_subscriptions(now: datetime) -> int:
    """Delete what nobody confirmed in two days, or confirmed again in a year; return how many."""
    row = NoticeSubscription
    is_unconfirmed = row.confirmed_at.is_(None) & (row.asked_at <= now - CONFIRM_WITHIN)
    done = db.session.execute(
        delete(row).where(is_unconfirmed | (row.confirmed_at <= now - LASTS)),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(done, "rowcount", 0))
