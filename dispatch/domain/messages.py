"""When is a message tried again, when is it given up, and who is told instead?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class MessageState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """A way to reach somebody; the console needs no sender."""

    CONSOLE = "console"
    SMS = "sms"
    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    APPRISE = "apprise"
    WEB_PUSH = "web_push"
    WEBHOOK = "webhook"


class Urgency(StrEnum):
    """How long a message is tried, and whether it waits for the morning.

    `asked` is what somebody awaits who asked for it a moment ago.
    """

    WARNING = "warning"
    EMERGENCY = "emergency"
    ASKED = "asked"
    ORDINARY = "ordinary"
    WEBHOOK = "webhook"


STATE_WORDS: dict[MessageState, Sentence] = {
    MessageState.WAITING: say("waiting to be sent"),
    MessageState.SENT: say("sent"),
    MessageState.KEPT: say("kept here"),
    MessageState.DEAD: say("given up"),
    MessageState.CANCELLED: say("not sent"),
}
CHANNEL_WORDS: dict[Channel, Sentence] = {
    Channel.CONSOLE: say("Console"),
    Channel.SMS: say("Text message"),
    Channel.EMAIL: say("E-mail"),
    Channel.WECOM: say("WeCom"),
    Channel.DINGTALK: say("DingTalk"),
    Channel.FEISHU: say("Feishu"),
    Channel.APPRISE: say("Apprise"),
    Channel.WEB_PUSH: say("Push to the browser"),
    Channel.WEBHOOK: say("Webhook"),
}

_SECONDS: dict[Urgency, tuple[float, ...]] = {
    Urgency.WARNING: (0, 5, 15, 30, 60),
    Urgency.EMERGENCY: (0, 5, 15, 60, 180, 600, 1800, 3600),
    Urgency.ASKED: (0, 5, 15, 60, 180, 600, 1800, 3600, 7200),
    Urgency.ORDINARY: (0, 30, 120, 600, 1800, 3600, 7200, 14400, 28800),
    # Standard Webhooks: ten tries over 75 hours.
    Urgency.WEBHOOK: (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 84295),
}
LIFETIME: dict[Urgency, timedelta] = {
    Urgency.WARNING: timedelta(hours=1),
    Urgency.EMERGENCY: timedelta(hours=6),
    Urgency.ASKED: timedelta(hours=24),
    Urgency.ORDINARY: timedelta(hours=24),
    Urgency.WEBHOOK: timedelta(hours=96),
}
"""A message older than this helps nobody: “the crew is on its way” on the next day."""


PUSH_TEST = "push_test"
"""The template of a push that only says that pushes arrive."""

SENT, LATER, NEVER = "sent", "later", "never"
KEPT, UNWANTED, QUIET = "kept", "unwanted", "quiet"
LONGEST_ANSWER = 500


@dataclass(frozen=True)
class Outcome:
    """How one try went: `sent`, to be tried `later`, or `never` to be tried again.

    Without a try it is `kept` (the channel is not set up), `unwanted`, or `quiet` until `until`.
    `code` is the peer's status, `answer` the beginning of what it said, `why` our own words;
    `is_gone` says that whoever should get it will never be there again; for a push that goes to
    several devices, `gone` names the addresses of those that will not.
    """

    verdict: str
    code: int | None = None
    answer: str = ""
    why: Sentence | None = None
    is_gone: bool = False
    until: datetime | None = None
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """One way to one person: channel, address, account, and the language they read."""

    channel: str
    recipient: str
    user_id: int | None = None
    language: str | None = None


def next_try(urgency: Urgency, tries: int, now: datetime) -> datetime | None:
    """Return when a message that failed `tries` times is tried again, None when it is given up."""
    waits = _SECONDS[urgency]
    return now + timedelta(seconds=waits[tries]) if tries < len(waits) else None


def is_too_old(urgency: Urgency, created_at: datetime, now: datetime) -> bool:
    """Tell whether a message would only confuse by now."""
    return now - created_at > LIFETIME[urgency]


def public_id(effect_key: str) -> str:
    """Return the name under which every copy of one message goes out; it gives nothing away."""
    return f"msg_{hashlib.sha256(effect_key.encode()).hexdigest()[:32]}"


def read_quiet_hours(text: str) -> tuple[time, time] | None:
    """Read `22:00-07:00`; None when the text is empty.

    Raises:
        ValueError: when it is neither empty nor two times of day.
    """
    if not text.strip():
        return None
    begin, _, end = text.partition("-")
    span = time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    if span[0] == span[1]:
        raise ValueError(text)
    return span


def quiet_until(quiet: tuple[time, time] | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the end of the quiet hours that `now` lies in, None outside them."""
    if quiet is None:
        return None
    begin, end = quiet
    local = now.astimezone(zone)
    at = local.time()
    is_over_midnight = begin > end
    if not (at >= begin or at < end if is_over_midnight else begin <= at < end):
        return None
    day = local.date() + timedelta(days=1) if is_over_midnight and at >= begin else local.date()
    return datetime.combine(day, end, tzinfo=zone).astimezone(now.tzinfo)


def waits_for_morning(urgency: Urgency) -> bool:
    """Tell whether a message respects the quiet hours: only the ordinary ones do."""
    return urgency is Urgency.ORDINARY
