"""When is a reporter asked whether it is fixed, what may be answered, and who is asked again?"""

from __future__ import annotations

import hashlib
import math
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from dispatch.domain.asking import AskingRules

CLAIM = timedelta(minutes=10)
"""So long a call that somebody took is left alone by the others."""

MENDABLE = timedelta(days=1)
"""So long an answer may be corrected."""

GIVEN_UP = timedelta(days=7)
"""So long after it was due a question that nobody answered stays on the list."""

SATISFIED_FROM = 4
SCORES = range(1, 6)
LONGEST_NOTE = 2_000
_DAY = timedelta(days=1)


class Round(StrEnum):
    """Which time somebody is asked: the day of the repair, a week later, or by a manager."""

    SAME_DAY = "same_day"
    DAY_7 = "day_7"
    AUDIT = "audit"


class FollowUpState(StrEnum):
    """Where one question to one reporter stands."""

    OPEN = "open"
    ASKED = "asked"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Fixed(StrEnum):
    """What a reporter may say about the repair."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    RATHER_NOT_SAY = "rather_not_say"


UNFINISHED = frozenset({FollowUpState.OPEN, FollowUpState.ASKED})
"""States in which an answer is still awaited."""

ROUND_NAMES: dict[Round, Sentence] = {
    Round.SAME_DAY: say("On the day"),
    Round.DAY_7: say("A week later"),
    Round.AUDIT: say("Audit call"),
}
FIXED_NAMES: dict[Fixed, Sentence] = {
    Fixed.FIXED: say("fixed"),
    Fixed.NOT_FIXED: say("not fixed"),
    Fixed.RATHER_NOT_SAY: say("rather not say"),
}


class Moments(NamedTuple):
    """When the link is sent, when the desk calls those who are silent, when that is overdue."""

    due_at: datetime
    call_at: datetime
    late_at: datetime


def is_asked(rules: AskingRules, which: Round, *, level: int, category: str) -> bool:
    """Tell whether the reporters of a ticket are asked in a round."""
    levels = rules.same_day_levels if which is Round.SAME_DAY else rules.later_levels
    return level in levels and category not in rules.left_out


def moments(rules: AskingRules, which: Round, completed_at: datetime, zone: ZoneInfo) -> Moments:
    """Return when a reporter is asked about a repair, in UTC; never outside the hours of asking.

    A repair that ends too late in the day is asked about when those hours next begin.
    """
    after = timedelta(minutes=rules.link_after_minutes)
    if which is Round.DAY_7:
        after = timedelta(days=rules.later_days)
    due_at = rules.within_hours(completed_at + after, zone)
    call_at = rules.within_hours(due_at + timedelta(minutes=rules.call_after_minutes), zone)
    return Moments(due_at, call_at, due_at + _DAY)


def check_score(field: str, score: int | None) -> None:
    """Refuse a score that is not on the scale; None is a question that was skipped.

    Raises:
        Invalid: naming the field.
    """
    if score is None or (type(score) is int and score in SCORES):
        return
    fault = say("Give a whole number from %(least)s to %(most)s.", least=1, most=5)
    raise Invalid(fault, fields={field: fault})


def check_fixed(answer: str | None) -> None:
    """Refuse an answer that is none of the three.

    Raises:
        Invalid: naming the field.
    """
    if answer is not None and answer in set(Fixed):
        return
    fault = say("Answer fixed, not_fixed or rather_not_say.")
    raise Invalid(fault, fields={"answer": fault})


def is_satisfied(score: int | None) -> bool | None:
    """Tell whether a score from 1 to 5 says satisfied, which begins at 4; None was not said."""
    return None if score is None else score >= SATISFIED_FROM


def week_of(at: datetime, zone: ZoneInfo) -> str:
    """Return the ISO week of an instant on the utility's calendar, for example ``2026-W10``."""
    year, week, _ = at.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def week_span(week: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of an ISO week and that of the next one."""
    year, number = week.split("-W")
    first = date.fromisocalendar(int(year), int(number), 1)
    ends = (first, first + timedelta(days=7))
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in ends)
    return begin, end


def audit_draw(
    numbers: Iterable[str], *, seed: str, team: str, percent: int, least: int
) -> list[str]:
    """Draw the tickets of a team and a week that a manager calls about.

    Formula: percent of the closed tickets, rounded up, and at least `least`, as far as there are
    so many; those whose SHA-256 of seed, team and number is smallest. Nobody chooses: the seed is
    the week with the hash of the last event before its end, which is not known while the week
    runs, and the same events bring the same draw again.
    """
    among = sorted(set(numbers))
    wanted = max(math.ceil(len(among) * percent / 100), least)

    def lot(number: str) -> str:
        return hashlib.sha256(f"{seed}/{team}/{number}".encode()).hexdigest()

    return sorted(among, key=lot)[:wanted]
