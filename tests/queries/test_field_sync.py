"""Are a phone, what it sent and the tickets of its crew found?"""

from __future__ import annotations

import pytest

from dispatch.actions.endings import reopen_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.models.base import db
from dispatch.models.people import Device
from dispatch.models.tickets import TicketEvent
from dispatch.queries.field_sync import (
    device_for_change,
    device_known,
    entry_of,
    last_visit_of,
    open_tickets_of,
    visit_at,
)
from tests.cases import Case
from tests.invariants import rows_of


def test_a_phone_is_known_by_its_secret_alone(session, now):
    with transaction():
        db.session.add(Device(name="One", secret_hash="h", enrolled_at=now))
    assert device_known("h").name == "One"
    with transaction():
        assert device_for_change("h").name == "One"
    with pytest.raises(NotFound):
        device_known("other")
    assert entry_of("nothing") is None


def test_the_tickets_of_a_crew_are_those_it_is_on(session, now):
    case = Case(now)
    crew = case.crews[0].id
    assert (open_tickets_of(crew), last_visit_of(case.id, crew)) == ([], None)
    first = case.send(at=1)
    case.go(first, "acknowledge", at=2)
    [ticket] = open_tickets_of(crew)
    assert (ticket.number, ticket.version) == ("W000001", case.reload().version)
    case.go(first, "arrive", "complete", at=3)
    assert open_tickets_of(crew) == []
    assert last_visit_of(case.id, crew).id == first.id


def test_a_visit_is_that_of_its_time_or_one_that_was_shown(session, now):
    case = Case(now)
    crew = case.crews[0].id
    assert visit_at(case.id, crew, now) is None
    first = case.send(at=2)
    case.go(first, "arrive", "complete", at=3)
    case.do(reopen_ticket, at=9, reason="Leaks again")
    second = case.send(at=10)

    def found(minute, seen=None):
        at = None if minute is None else case.minute(minute)
        return visit_at(case.id, crew, at, seen).id

    assert [found(minute) for minute in (2, 9, 10, 11)] == [
        first.id, first.id, second.id, second.id,
    ]  # fmt: skip
    assert (found(None), found(1)) == (second.id, second.id)
    shown = rows_of(TicketEvent, case.id)[-1].id
    assert (found(9, shown), found(9, shown - 1), found(1, 1)) == (
        second.id, first.id, second.id,
    )  # fmt: skip
