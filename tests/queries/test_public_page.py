"""Does everybody read the figures of the last whole days, and are they worked out once?"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.public_page import PublicFigure
from dispatch.queries import public_page as asked
from dispatch.queries.public_page import KEPT_FOR, public_numbers, public_period
from tests.circle_history import QUICK, SLOW_TO_SEND, past_ticket

ZONE = ZoneInfo("Asia/Shanghai")
YESTERDAY = datetime(2026, 3, 1, 20, tzinfo=ZONE)


def add(count, steps=QUICK, at=YESTERDAY):
    with transaction():
        for number in range(count):
            past_ticket(at + timedelta(seconds=number), steps)


def test_the_days_end_with_yesterday(now):
    period = public_period(ZONE, now)
    assert (str(period.first), str(period.last)) == ("2026-01-31", "2026-03-01")


def test_figures_are_of_whole_days_and_of_enough_tickets(session, now):
    add(20)
    add(5, SLOW_TO_SEND)
    add(3, at=datetime(2026, 3, 2, 0, tzinfo=ZONE))
    as_of, numbers = public_numbers(ZONE, now)
    assert as_of == now
    assert numbers[PublicFigure.ATTAINMENT].value == pytest.approx(20 / 25)
    assert numbers[PublicFigure.TICKETS].value == 25
    assert numbers[PublicFigure.RESPONSE].value == pytest.approx(44)
    assert numbers[PublicFigure.SATISFACTION].value is None


def test_a_small_cell_is_not_shown(session, now):
    add(19)
    _as_of, numbers = public_numbers(ZONE, now)
    assert {each.value for each in numbers.values()} == {None}
    assert {each.n for each in numbers.values()} == {None}


def test_however_many_read_it_is_worked_out_once_in_ten_minutes(session, now, monkeypatch):
    asks = []
    real = asked.circle_figures
    monkeypatch.setattr(
        asked, "circle_figures", lambda *args, **named: asks.append(1) or real(*args, **named)
    )
    for second in range(5):
        public_numbers(ZONE, now + timedelta(seconds=second))
    assert len(asks) == 1
    add(20)
    assert public_numbers(ZONE, now + timedelta(minutes=9))[0] == now
    _as_of, numbers = public_numbers(ZONE, now + KEPT_FOR)
    assert (len(asks), numbers[PublicFigure.TICKETS].value) == (2, 20)
