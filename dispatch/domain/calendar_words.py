"""How is a promise in working days explained to somebody who counts on their fingers?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dispatch.domain.instants import as_utc
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from datetime import date, datetime

    from dispatch.domain.working_hours import WorkCalendar

_DAY = timedelta(days=1)
MONTHS: tuple[Sentence, ...] = (
    say("January"),
    say("February"),
    say("March"),
    say("April"),
    say("May"),
    say("June"),
    say("July"),
    say("August"),
    say("September"),
    say("October"),
    say("November"),
    say("December"),
)


def working_days_words(calendar: WorkCalendar, n: int, start: datetime, due: datetime) -> Sentence:
    """Say a promise in working days with the calendar's reason.

    Such as “3 working days; 1 to 7 October are holidays”: every holiday that falls between start
    and due date and would else be worked, and every weekend day that is worked in exchange.
    """
    said = say("1 working day") if n == 1 else say("%(n)s working days", n=n)
    first, last = (as_utc(at).astimezone(calendar.zone).date() for at in (start, due))
    for run in _holiday_runs(calendar, first, last):
        holidays = (
            say("%(day)s is a holiday", day=day_words(run[0]))
            if run[0] == run[1]
            else say("%(days)s are holidays", days=_span_words(*run))
        )
        said = say("%(promise)s; %(reason)s", promise=said, reason=holidays)
    for day in sorted(day for day in calendar.working_weekends if first <= day <= last):
        worked = say("%(day)s is worked in exchange", day=day_words(day))
        said = say("%(promise)s; %(reason)s", promise=said, reason=worked)
    return said


def day_words(day: date) -> Sentence:
    """Say a day of the year without its year."""
    return say("%(day)s %(month)s", day=day.day, month=MONTHS[day.month - 1])


def _span_words(first: date, last: date) -> Sentence:
    if first.month != last.month:
        return say("%(first)s to %(last)s", first=day_words(first), last=day_words(last))
    month = MONTHS[first.month - 1]
    return say("%(first)s to %(last)s %(month)s", first=first.day, last=last.day, month=month)


def _holiday_runs(calendar: WorkCalendar, first: date, last: date) -> list[tuple[date, date]]:
    """Return the first and the last holiday of each stretch off; weekends bridge a stretch."""
    runs: list[tuple[date, date]] = []
    is_open = False
    day = first
    while day <= last:
        if calendar.is_working_day(day):
            is_open = False
        elif day in calendar.holidays:
            runs = [*runs[:-1], (runs[-1][0], day)] if is_open else [*runs, (day, day)]
            is_open = True
        day += _DAY
    return [
        run
        for run in runs
        if any(
            each.isoweekday() in calendar.weekdays
            for each in (run[0] + _DAY * n for n in range((run[1] - run[0]).days + 1))
        )
    ]
