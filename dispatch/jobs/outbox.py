"""Which messages are on their way, and what becomes of each?"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from dispatch.actions.sending import Claimed, Tried, claim, settle
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.messages.libraries import endpoint_secret
from dispatch.adapters.messages.port import Message, later, never
from dispatch.domain.crew_news import CrewStep
from dispatch.domain.messages import (
    KEPT,
    QUIET,
    UNWANTED,
    Channel,
    Outcome,
    Urgency,
    is_too_old,
    quiet_until,
    read_quiet_hours,
    waits_for_morning,
)
from dispatch.domain.sentences import say
from dispatch.message_words import message_text, push_words, subject, webhook_payload
from dispatch.queries.message_templates import stored_texts
from dispatch.queries.messages import next_message_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from dispatch.adapters.messages.channels import Channels
    from dispatch.config import Settings

log = logging.getLogger(__name__)

MOST_UNDER_WAY = 24
FOR_WARNINGS = 8
"""So many more may be under way when they are warnings."""
WHILE_UNDER_WAY = 0.02
LONGEST_PAUSE = 0.5
GRACE_SECONDS = 2.0
MOST_ROUNDS = 20


@dataclass
class Flight:
    """One message that a thread of its own sends; the answer is awaited so long and no longer."""

    claimed: Claimed
    begun: float
    answer: SimpleQueue[Outcome] = field(default_factory=SimpleQueue)


@dataclass
class PostRoom:
    """What this process sends: by which channels, what is under way, what came back unwritten."""

    settings: Settings
    channels: Channels
    secret: str
    flights: dict[int, Flight] = field(default_factory=dict)
    back: list[Tried] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)
    monotonic: Callable[[], float] = monotonic

    @property
    def lease_for(self) -> timedelta:
        """Return how long a message is ours: a try and some room for a slow database."""
        return timedelta(seconds=2 * self.settings.message_seconds + 10)


def run(now: datetime, room: PostRoom) -> dict[str, int]:
    """Write what came back, then send what is due; never waits for a peer.

    What could not be written, because the database was away, is written by the next round.
    """
    room.back += _landed(room)
    done = _settle(room, now)
    # Written first: a lease that ran out meanwhile would let us send the same again.
    room.back += _begin(now, room)
    return dict(done + _settle(room, now))


def pause(now: datetime, room: PostRoom) -> float:
    """Return the seconds until something may be to do."""
    if room.flights:
        return WHILE_UNDER_WAY
    due_at = next_message_at()
    if due_at is None or due_at <= now:
        return LONGEST_PAUSE
    return min((due_at - now).total_seconds(), LONGEST_PAUSE)


def leave(room: PostRoom, clock: Callable[[], datetime]) -> None:
    """Await what is under way because this process stops, so that little is sent twice."""
    give_up = room.monotonic() + room.settings.message_seconds + GRACE_SECONDS
    for flight in room.flights.values():
        try:
            left = max(0.0, give_up - room.monotonic())
            outcome = flight.answer.get(timeout=left)
        except Empty:
            continue  # Its lease runs out, and another sender takes it over.
        room.back.append(Tried(flight.claimed, outcome, _took(flight, room)))
    room.flights.clear()
    if room.back:
        _settle(room, clock())


def _settle(room: PostRoom, now: datetime) -> Counter[str]:
    """Write what came back; return how many of each verdict there were."""
    if not room.back:
        return Counter()
    keys = {each.claimed.id for each in room.back}
    words = {key: text for key, text in room.words.items() if key in keys and text}
    with transaction():
        settle(room.back, words, now=now)
    done = Counter(tried.outcome.verdict for tried in room.back)
    room.back = []
    for key in keys:
        room.words.pop(key, None)
    return done


def _landed(room: PostRoom) -> list[Tried]:
    back = []
    longest = room.settings.message_seconds + GRACE_SECONDS
    for key, flight in list(room.flights.items()):
        try:
            outcome = flight.answer.get_nowait()
        except Empty:
            if room.monotonic() - flight.begun < longest:
                continue
            # The thread may hang for ever; it holds neither row nor transaction.
            outcome = later(say("It took too long."))
        del room.flights[key]
        back.append(Tried(flight.claimed, outcome, _took(flight, room)))
    return back


def _took(flight: Flight, room: PostRoom) -> int:
    return round((room.monotonic() - flight.begun) * 1000)


def _begin(now: datetime, room: PostRoom) -> list[Tried]:
    """Send what is due; return what is settled without a try."""
    under_way = Counter(flight.claimed.lane for flight in room.flights.values())
    free = MOST_UNDER_WAY - len(room.flights)
    only_warnings = free <= 0
    free = free + FOR_WARNINGS if only_warnings else free
    due_at = next_message_at()
    if free <= 0 or due_at is None or due_at > now:
        return []
    with transaction():
        claimed = claim(
            now,
            free=free,
            under_way=under_way,
            lease_for=room.lease_for,
            only_warnings=only_warnings,
        )
    stored = stored_texts() if claimed else {}
    settled = []
    for each in claimed:
        outcome = _without_try(each, room, now) or _depart(each, room, stored, now)
        if outcome is not None:
            settled.append(Tried(each, outcome))
    return settled


def _without_try(each: Claimed, room: PostRoom, now: datetime) -> Outcome | None:
    if each.is_unwanted:
        return Outcome(UNWANTED, why=say("The owner of this number wants no messages."))
    if not each.is_listening:
        return Outcome(UNWANTED, why=say("The endpoint is switched off."))
    if each.channel not in room.channels:
        why = say("Kept here: this is a demo, which sends nothing outside.")
        if not room.settings.demo:
            why = say("Kept here: this channel is not set up.")
        return Outcome(KEPT, why=why)
    if is_too_old(each.urgency, each.created_at, now):
        return never(say("It waited so long that it would only confuse."))
    if waits_for_morning(each.urgency):
        quiet = read_quiet_hours(room.settings.quiet_hours)
        until = quiet_until(quiet, room.settings.zone, now)
        if until is not None:
            return Outcome(QUIET, until=until)
    return None


def _depart(
    each: Claimed, room: PostRoom, stored: Mapping[Any, Any], now: datetime
) -> Outcome | None:
    """Let a thread send one message; None, or why it cannot even be written."""
    try:
        message = _written(each, room, stored, now)
    except Exception as fault:
        log.exception("message %s cannot be written", each.id)
        return never(say("It failed with %(fault)s.", fault=type(fault).__name__))
    flight = Flight(each, room.monotonic())
    room.flights[each.id] = flight
    room.words[each.id] = message.text
    send = room.channels[each.channel]

    def go() -> None:
        try:
            outcome = send(message)
        except Exception as fault:  # noqa: BLE001  a thread of a library's may fail in any way
            # Without the trace, which might show an address with its password.
            log.error("%s failed with %s", each.channel, type(fault).__name__)  # noqa: TRY400
            outcome = later(say("It failed with %(fault)s.", fault=type(fault).__name__))
        flight.answer.put(outcome)

    Thread(target=go, name=f"send {each.channel}", daemon=True).start()
    return None


def _written(each: Claimed, room: PostRoom, stored: Mapping[Any, Any], now: datetime) -> Message:
    settings = room.settings
    message = Message(each.key, each.recipient, "", now)
    if each.channel == Channel.WEBHOOK:
        payload = webhook_payload(each.content, sees_personal=each.sees_personal)
        secret = endpoint_secret(room.secret, each.salt or "")
        return replace(message, payload=payload, secret=secret)
    language = each.language or settings.language
    if each.channel == Channel.WEB_PUSH:
        words = ""
        if each.template in set(CrewStep):
            words = message_text(each.template, language, each.content, settings, stored)
        shown = push_words(each.template, language, each.content, now, words)
        return replace(message, payload=shown, text=f"{shown['title']}\n{shown['body']}")
    text = each.content.get("text") if each.urgency is Urgency.WARNING else None
    return replace(
        message,
        text=text or message_text(each.template, language, each.content, settings, stored),
        subject=subject(language, each.content, settings),
    )
