"""What does the holder of a link read about the steps of a request?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.actions.tasks import cancel_task, finish_task
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.ticket_state import TicketState
from dispatch.queries.step_dates import request_steps
from dispatch.queries.tasks import tasks_of
from dispatch.queries.tracking import track_page
from tests.factories import DESK, make_city, make_ticket

HOUR = timedelta(hours=1)
# A Monday morning in Shanghai.
NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def opened(session, now):
    with transaction():
        make_city(now - HOUR)
        return make_ticket(now, category="installation", kind="installation")


def settle(ticket, settled, place, now, **more: str):
    with transaction():
        settled(ticket, tasks_of(ticket.id)[place], actor=DESK, now=now, **more)


def test_the_steps_are_shown_with_their_days_up_to_the_payment(opened, now):
    steps = request_steps(opened.ticket, now)
    assert [str(each.name) for each in steps][:2] == ["Acceptance of the request", "Survey on site"]
    assert [each.standing for each in steps] == ["now", *["ahead"] * 5]
    days = [each.at.day if each.at else None for each in steps]
    assert days == [8, 10, 15, None, None, None]
    assert str(steps[3].promise) == "We wait for your payment; the next steps count from it."


def test_a_settled_step_shows_when_it_was_and_a_cancelled_one_is_gone(opened, now):
    settle(opened.ticket, finish_task, 0, now + HOUR)
    settle(opened.ticket, cancel_task, 1, now + HOUR, reason="known place")
    steps = request_steps(opened.ticket, now + HOUR)
    assert [each.standing for each in steps][:2] == ["done", "now"]
    assert (steps[0].at, steps[0].promise) == (now + HOUR, None)
    assert len(steps) == 5


def test_the_track_page_speaks_of_a_request_and_not_of_a_crew(opened, now):
    page = track_page(opened.report.token, now)
    assert str(page.headline) == "Your request is under way"
    assert (page.ahead, len(page.request), page.promised_at) == ((), 6, None)
    for place in range(6):
        settle(opened.ticket, finish_task, place, now + HOUR)
    page = track_page(opened.report.token, now + HOUR)
    assert page.state is TicketState.COMPLETED
    assert str(page.headline) == "All steps are done"


def test_a_request_on_hold_says_that_it_waits(opened, now):
    for place in range(3):
        settle(opened.ticket, finish_task, place, now + HOUR)
    page = track_page(opened.report.token, now + HOUR)
    assert page.state is TicketState.ON_HOLD
    assert page.request[3].is_customers


def test_a_fault_shows_no_steps(session, now):
    with transaction():
        make_city(now)
        fault = make_ticket(now)
    assert request_steps(fault.ticket, now) == ()
    assert track_page(fault.report.token, now).request == ()
