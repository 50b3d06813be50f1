"""What does the form of a rehearsal hold?"""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from dispatch.domain.errors import Invalid
from dispatch.domain.periods import read_day
from dispatch.domain.rehearsal_wish import (
    LARGEST_SEED,
    MOST_CREWS,
    MOST_DAYS,
    MOST_PROMISE_MINUTES,
    Planner,
    Staffing,
)
from dispatch.domain.strict_json import read_clock_time
from dispatch.schemas.fields import Choice, Shape, Whole, Words

FROSTS = ("1", "1.5", "2", "3.5", "5")
LATEST_HOUR = 23
_LONGEST = 100


class Day(Words):
    """One day such as 2015-01-31."""

    def __init__(self, **kwargs: Any) -> None:
        """Set the length in characters."""
        super().__init__(32, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return read_day(text, "day")
        except Invalid as refusal:
            raise ValidationError([refusal.sentence]) from refusal


class ClockTime(Words):
    """A time of day such as 08:30, as minutes after midnight."""

    def __init__(self, **kwargs: Any) -> None:
        """Set the length in characters."""
        super().__init__(8, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return read_clock_time(text, "time") % (24 * 60)
        except Invalid as refusal:
            raise ValidationError([refusal.fields["time"]]) from refusal


class RehearsalForm(Shape):
    """A rehearsal as the form asks for it; the domain says what fits together."""

    name = Words(_LONGEST, load_default="")
    first = Day(required=True)
    last = Day(required=True)
    planner = Choice(list(Planner), load_default=str(Planner.ONEVISIT))
    staffing = Choice(list(Staffing), load_default=str(Staffing.AS_IN_LIFE))
    crews = Whole(-MOST_CREWS, 2**31, load_default=0)
    extra_crews = Whole(-MOST_CREWS, 2**31, load_default=0)
    extra_team = Words(_LONGEST, load_default="")
    extra_day = Day(load_default=None)
    extra_from = ClockTime(load_default=17 * 60)
    extra_to = ClockTime(load_default=22 * 60)
    frost = Choice(FROSTS, load_default="1")
    frost_day = Day(load_default=None)
    frost_hour = Whole(0, LATEST_HOUR, load_default=0)
    frost_hours = Whole(1, MOST_DAYS * 24, load_default=24)
    promise_minutes = Whole(1, MOST_PROMISE_MINUTES, load_default=30)
    seed = Whole(0, LARGEST_SEED, load_default=1)


class DaysQuery(Shape):
    """Which days are asked about."""

    first = Day(required=True)
    last = Day(required=True)
