"""Do crews on top say their hours, whatever the day, midnight and the clocks do?"""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from dispatch.domain.crews_on_top import CrewsOnTop

SUNDAY = date(2026, 3, 29)


def test_hours_are_those_of_the_clock_on_the_wall():
    night = CrewsOnTop(crews=1, team="W", day=SUNDAY, begins=60, ends=240)
    [(begins, ends)] = night.spans((), ZoneInfo("Europe/Berlin"))
    # Between one and four o'clock lie two hours on the day on which the clocks go forward.
    assert (ends - begins).total_seconds() == 2 * 3600


def test_without_a_day_it_is_every_day():
    daily = CrewsOnTop(crews=1, team="W")
    days = [SUNDAY, date(2026, 3, 30)]
    assert len(daily.spans(days, ZoneInfo("UTC"))) == 2
    assert CrewsOnTop.from_json(daily.as_json()) == daily
