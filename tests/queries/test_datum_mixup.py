"""Are mix-ups read from the arrivals of a month, source by source?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.placing import GivenPlace
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive
from dispatch.domain.place import Datum, Point, to_wgs84
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.datum_mixup import datum_mix_ups
from tests.factories import make_city, make_ticket
from tests.trips import send, steward

MINUTE = timedelta(minutes=1)


def arrive_at(number, here, crew_id, now, accuracy=9.0):
    """Send a crew to a ticket and let it tap where it stands."""
    send(number, crew_id, now)
    with transaction():
        visit = db.session.query(Visit).filter_by(ticket_id=number).one()
        told = Told(position=here, accuracy_metres=accuracy, datum="wgs84")
        ticket = db.session.get_one(Ticket, number)
        arrive(ticket, visit, actor=steward(crew_id), now=now + MINUTE, told=told)


@pytest.fixture
def gone_wrong(session, now):
    """Five tickets of the geocoder whose GCJ-02 was kept as WGS-84, and one with a good pin."""
    with transaction():
        crew_id = make_city(now).crews[0].id
        places = [Point(28.12 + each / 100, 112.93) for each in range(5)]
        for place in places:
            make_ticket(now, place=GivenPlace(place.lat, place.lon, source="geocoder"))
        make_ticket(now)
    for number, place in enumerate(places, 1):
        arrive_at(number, to_wgs84(place, Datum.GCJ02), crew_id, now)
    arrive_at(6, Point(28.15, 112.95), crew_id, now)
    assert session is not None


@pytest.mark.usefixtures("gone_wrong")
def test_a_source_that_sends_crews_beside_their_places_is_named(now):
    [found] = datum_mix_ups(now + MINUTE)
    words = str(found.words)
    assert words.startswith("5 of 5 arrivals at places from “Online geocoder” lie")
    assert words.endswith("The places seem to be GCJ-02 and were taken for WGS-84.")
    assert set(found.numbers) == {f"W{number:06d}" for number in range(1, 6)}
    assert datum_mix_ups(now + timedelta(days=31)) == []


@pytest.mark.usefixtures("gone_wrong")
def test_a_source_of_ones_own_is_named_as_it_is_with_its_datum(session, now):
    with transaction():
        for ticket in session.query(Ticket):
            ticket.place_source, ticket.given_datum = "abroad", "gcj02"
    [found] = datum_mix_ups(now + MINUTE)
    assert "“abroad, given as GCJ-02”" in str(found.words)
    with transaction():
        for ticket in session.query(Ticket):
            ticket.place_source = None
    [found] = datum_mix_ups(now + MINUTE)
    assert "“Source unknown, given as GCJ-02”" in str(found.words)
