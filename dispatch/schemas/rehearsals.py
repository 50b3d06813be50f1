"""What does the form of a rehearsal hold?"""

from __future__ import annotations

import math
from typing import Any

from marshmallow import ValidationError

from dispatch.domain.crews_on_top import MOST_CREWS
from dispatch.domain.errors import Invalid
from dispatch.domain.periods import read_day
from dispatch.domain.rehearsal_wish import (
    LARGEST_SEED,
    MOST_BREAK_MINUTES,
    MOST_DAYS,
    MOST_PROMISE_MINUTES,
    MOST_SITES,
    Planner,
    Staffing,
)
from dispatch.domain.sentences import say
from dispatch.domain.strict_json import read_clock_time
from dispatch.schemas.fields import Choice, Shape, Whole, Words

FROSTS = ("1", "1.5", "2", "3.5", "5")
LATEST_HOUR = 23
_LONGEST = 100
_PERCENT = 100


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


class Percent(Words):
    """A share in percent such as 2.5, as a number from 0 to 1."""

    def __init__(self, **kwargs: Any) -> None:
        """Set the length in characters."""
        super().__init__(16, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            share = round(float(text) / _PERCENT, 6)
        except ValueError:
            share = math.nan
        if not 0 <= share <= 1:
            raise ValidationError([say("Give a number from 0 to 100.")])
        return share


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
    extra_crews_2 = Whole(-MOST_CREWS, 2**31, load_default=0)
    extra_team_2 = Words(_LONGEST, load_default="")
    extra_day_2 = Day(load_default=None)
    extra_from_2 = ClockTime(load_default=17 * 60)
    extra_to_2 = ClockTime(load_default=22 * 60)
    extra_crews_3 = Whole(-MOST_CREWS, 2**31, load_default=0)
    extra_team_3 = Words(_LONGEST, load_default="")
    extra_day_3 = Day(load_default=None)
    extra_from_3 = ClockTime(load_default=17 * 60)
    extra_to_3 = ClockTime(load_default=22 * 60)
    base_team = Words(_LONGEST, load_default="")
    base_grid = Words(_LONGEST, load_default="")
    sites = Whole(0, MOST_SITES, load_default=0)
    declines = Percent(load_default=0.0)
    cancelled = Percent(load_default=0.0)
    no_access = Percent(load_default=0.0)
    second_visits = Percent(load_default=0.0)
    break_minutes = Whole(0, MOST_BREAK_MINUTES, load_default=0)
    frost = Choice(FROSTS, load_default="1")
    frost_day = Day(load_default=None)
    frost_hour = Whole(0, LATEST_HOUR, load_default=0)
    frost_hours = Whole(1, MOST_DAYS * 24, load_default=24)
    promise_minutes = Whole(1, MOST_PROMISE_MINUTES, load_default=30)
    wait_where_suggested = Choice(("0", "1"), load_default="0")
    with_bound = Choice(("0", "1"), load_default="0")
    seed = Whole(0, LARGEST_SEED, load_default=1)


class DaysQuery(Shape):
    """Which days are asked about."""

    first = Day(required=True)
    last = Day(required=True)
