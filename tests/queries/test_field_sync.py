"""Are a phone, what it sent and the tickets of its crew found?"""

from __future__ import annotations

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.models.base import db
from dispatch.models.people import Device
from dispatch.queries.field_sync import (
    device_for_change,
    device_known,
    entry_of,
    last_visit_of,
    open_tickets_of,
)
from tests.cases import Case


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
