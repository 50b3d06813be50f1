"""Are a caller's tickets and complaints found by number or household, and nobody else's?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.tickets import Ticket
from dispatch.queries.callers import LOOK_BACK, caller_story
from tests.factories import make_city, make_household, make_ticket

EVERYTHING = Scope(everything=True)


@pytest.fixture
def household(session, now):
    """Add a city, a household with an open ticket, and a ticket of another caller."""
    with transaction():
        make_city(now)
        found = make_household()
        session.flush()
        make_ticket(now, category="leak", household_id=found.id)
        make_ticket(now, category="riser", reporter_phone="13900001111")
    return found


def numbers(phone, account, now, scope=EVERYTHING):
    story = caller_story(phone, account, scope, now=now)
    return [each["number"] for each in story["tickets"]]


def test_tickets_are_found_by_number_however_it_is_written_and_by_household(household, now):
    assert numbers("+86 139 0000 1111", "", now) == ["W000002"]
    assert numbers("", household.account, now) == ["W000001"]
    assert numbers(household.phone, "", now) == ["W000001"]
    assert numbers("13900001111", household.account, now) == ["W000002", "W000001"]


def test_a_number_that_was_typed_with_dashes_is_found_without_and_with_them(household, now):
    with transaction():
        make_ticket(now, category="leak", reporter_phone="617-555-0139")
    assert numbers("6175550139", "", now) == ["W000003"]
    assert numbers("(617) 555-0139", "", now) == ["W000003"]


def test_nobody_is_found_by_nothing(household, now):
    empty = {"tickets": [], "complaints": []}
    assert caller_story("", "", EVERYTHING, now=now) == empty
    assert caller_story("139", "", EVERYTHING, now=now) == empty
    assert numbers("13900001111", "", now, Scope()) == []
    assert numbers("13900001111", "", now + LOOK_BACK + timedelta(hours=1)) == []


def test_open_tickets_come_first_and_complaints_are_told(household, now):
    with transaction():
        make_ticket(now + timedelta(minutes=5), category="noise", reporter_phone="13900001111")
        db.session.get_one(Ticket, 3).state = "closed"
        db.session.add(
            FollowUp(
                ticket_id=3, report_id=3, round="same_day", state="done", about_at=now, due_at=now,
                call_at=now, late_at=now, answered_at=now, fixed="not_fixed",
            )
        )  # fmt: skip
    story = caller_story("13900001111", "", EVERYTHING, now=now + timedelta(hours=1))
    assert [(each["number"], each["open"]) for each in story["tickets"]] == [
        ("W000002", True),
        ("W000003", False),
    ]
    assert [each["not_fixed"] for each in story["complaints"]] == [True]
