"""When did an event that reached us late really happen?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.domain.errors import Invalid
from dispatch.domain.instants import as_utc, seconds_between
from dispatch.domain.sentences import Sentence, say

LATE_SECONDS = 5 * 60
SKEWED_SECONDS = 2 * 60
_SENT_AT_ONCE_SECONDS = 60
_HOUR_MINUTES = 60
# Beyond this a device's statement about its own past is not believed.
_LONGEST_SECONDS = 366 * 24 * 3600


class TimeQuality(StrEnum):
    """How far the time of an event can be trusted."""

    ONLINE = "online"
    OFFLINE_TRUSTED = "offline_trusted"
    OFFLINE_SKEWED = "offline_skewed"
    CORRECTED = "corrected"


QUALITY_NAMES: dict[TimeQuality, Sentence] = {
    TimeQuality.ONLINE: say("with signal"),
    TimeQuality.OFFLINE_TRUSTED: say("offline, trusted"),
    TimeQuality.OFFLINE_SKEWED: say("offline, clock not trusted"),
    TimeQuality.CORRECTED: say("corrected by a person"),
}


@dataclass(frozen=True)
class EffectiveTime:
    """The time that counts for an event, in UTC, and how far to trust it.

    `late_seconds` is how long it took to reach us, `skew_seconds` how far the device's clock was
    ahead of it (negative: behind).
    """

    at: datetime
    quality: TimeQuality
    late_seconds: float = 0.0
    skew_seconds: float = 0.0

    @property
    def is_late(self) -> bool:
        """Tell whether the event took five minutes or more to reach us."""
        return self.late_seconds >= LATE_SECONDS

    @property
    def is_skewed(self) -> bool:
        """Tell whether the device's clock was wrong by two minutes or more."""
        return abs(self.skew_seconds) >= SKEWED_SECONDS

    @property
    def is_flagged(self) -> bool:
        """Tell whether a person should see that this time was worked out."""
        return self.is_late or self.is_skewed


def effective_time(
    *,
    device_time: datetime | None,
    mono_event_ms: float | None,
    mono_now_ms: float | None,
    received_at: datetime,
    offered_at: datetime | None,
    last_offset_seconds: float | None,
    same_session: bool,
) -> EffectiveTime:
    """Work out when an event happened from what the device knew.

    Within one page session the device's monotonic clock decides; else its wall clock plus
    `last_offset_seconds` (server minus device, as last measured); with neither, the receipt. The
    answer lies between `offered_at`, when the ticket was first offered to this device, and
    `received_at`.
    """
    received = as_utc(received_at)
    longest = float(_LONGEST_SECONDS)
    if offered_at is not None:
        longest = min(max(0.0, seconds_between(offered_at, received)), _LONGEST_SECONDS)
    elapsed = _elapsed_seconds(mono_event_ms, mono_now_ms) if same_session else None
    is_timed = elapsed is not None
    offset = _finite(last_offset_seconds)
    if elapsed is None and device_time is not None:
        elapsed = (received - device_time).total_seconds() - (offset or 0.0)
    late = min(max(0.0, elapsed or 0.0), longest)
    at = received - timedelta(seconds=late)
    skew = (device_time - at).total_seconds() if device_time is not None else 0.0
    if is_timed or device_time is None:
        quality = TimeQuality.ONLINE if late < LATE_SECONDS else TimeQuality.OFFLINE_TRUSTED
    elif offset is None or abs(skew) >= SKEWED_SECONDS:
        quality = TimeQuality.OFFLINE_SKEWED
    else:
        quality = TimeQuality.OFFLINE_TRUSTED
    return EffectiveTime(at, quality, late, skew)


def corrected_time(at: datetime, *, recorded_at: datetime, now: datetime) -> EffectiveTime:
    """Return the time of an event as a person corrected it.

    `recorded_at` is the time that stood before; the skew is how far it was ahead. Raises Invalid
    for a time that has not come yet.
    """
    if as_utc(at) > as_utc(now):
        fault = say("The corrected time lies in the future.")
        raise Invalid(fault, fields={"at": fault})
    return EffectiveTime(
        as_utc(at),
        TimeQuality.CORRECTED,
        late_seconds=0.0,
        skew_seconds=seconds_between(at, recorded_at),
    )


@dataclass(frozen=True)
class TimeRemark:
    """What to say beside the time of a step from a phone; `flags` are ``late`` and ``skewed``."""

    note: Sentence | None = None
    flags: tuple[str, ...] = ()


def remark_on(
    at: datetime, *, recorded_at: datetime, quality: str, device_at: datetime | None
) -> TimeRemark:
    """Say when a step reached us, how far its time is trusted and how wrong the phone's clock was.

    Nothing is said of a step that no phone told.
    """
    is_offline = quality in {TimeQuality.OFFLINE_TRUSTED, TimeQuality.OFFLINE_SKEWED}
    if device_at is None and not is_offline:
        return TimeRemark()
    late = seconds_between(at, recorded_at)
    skew = seconds_between(at, device_at) if device_at is not None else 0.0
    flags = [name for name, is_so in (
        ("late", late >= LATE_SECONDS), ("skewed", abs(skew) >= SKEWED_SECONDS),
    ) if is_so]  # fmt: skip
    note = None
    if is_offline:
        trust = QUALITY_NAMES[TimeQuality(quality)]
        note = say("sent at %(at)s, %(trust)s", at=recorded_at, trust=trust)
    elif late > _SENT_AT_ONCE_SECONDS:
        note = say("sent at %(at)s", at=recorded_at)
    if "skewed" in flags:
        words = skew_words(skew)
        note = words if note is None else say("%(note)s. %(skew)s", note=note, skew=words)
    return TimeRemark(note, tuple(flags))


def skew_words(seconds: float) -> Sentence:
    """Say how wrong the clock of a phone was; positive seconds are ahead."""
    size = _span(abs(seconds))
    if seconds > 0:
        return say("The clock of the phone was %(time)s ahead.", time=size)
    return say("The clock of the phone was %(time)s behind.", time=size)


def _span(seconds: float) -> Sentence:
    minutes = round(seconds / 60)
    if minutes < _HOUR_MINUTES:
        return say("%(minutes)s min", minutes=minutes)
    return say("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)


def _elapsed_seconds(event_ms: float | None, now_ms: float | None) -> float | None:
    event, now = _finite(event_ms), _finite(now_ms)
    if event is None or now is None or now < event:
        return None
    return (now - event) / 1000


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
