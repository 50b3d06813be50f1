"""Does a promise in working days say why it takes so long?"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.calendar_words import working_days_words
from dispatch.domain.working_hours import WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
# National Day of 2026 as the library has it: the Sunday of the week is no holiday of its own.
CALENDAR = WorkCalendar(
    SHANGHAI,
    holidays=frozenset(date(2026, 10, day) for day in (1, 2, 3, 5, 6, 7)) | {date(2026, 6, 19)},
    working_weekends=frozenset({date(2026, 10, 10)}),
)
OVER_TWO_MONTHS = WorkCalendar(
    SHANGHAI, holidays=frozenset({date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 16)})
)


@pytest.mark.parametrize(
    ("calendar", "n", "start", "said"),
    [
        (CALENDAR, 3, (9, 21), "3 working days"),
        (CALENDAR, 1, (6, 22), "1 working day"),
        (CALENDAR, 1, (9, 30), "1 working day; 1 to 7 October are holidays"),
        (
            CALENDAR,
            3,
            (9, 30),
            "3 working days; 1 to 7 October are holidays; 10 October is worked in exchange",
        ),
        (CALENDAR, 2, (6, 18), "2 working days; 19 June is a holiday"),
        (OVER_TWO_MONTHS, 1, (4, 29), "1 working day; 30 April to 1 May are holidays"),
        (OVER_TWO_MONTHS, 2, (5, 14), "2 working days"),
    ],
)
def test_a_promise_names_the_holidays_that_it_skips(calendar, n, start, said):
    received = datetime(2026, *start, 10, tzinfo=SHANGHAI)
    due = calendar.add_working_days(received, n)
    assert str(working_days_words(calendar, n, received, due)) == said
