"""Does anybody watch the promises, and who must be told when nobody does?"""

from __future__ import annotations

from enum import StrEnum

AMBER_SECONDS = 10.0
RED_SECONDS = 30.0
"""Past these a warning that was not given, or a silent runner, is shown to everybody."""


class WatchLevel(StrEnum):
    """How well the promises are watched."""

    OK = "ok"
    AMBER = "amber"
    RED = "red"


def watch_level(
    overdue_seconds: float | None, beat_age_seconds: float | None, *, armed: bool
) -> WatchLevel:
    """Judge the oldest warning that is due and the age of the runner's last sign of life.

    A runner that has never been heard of counts as silent, but only while a warning is `armed`.
    """
    silence = 0.0
    if armed:
        silence = RED_SECONDS * 2 if beat_age_seconds is None else beat_age_seconds
    worst = max(silence, overdue_seconds or 0.0)
    if worst > RED_SECONDS:
        return WatchLevel.RED
    return WatchLevel.AMBER if worst > AMBER_SECONDS else WatchLevel.OK
