"""Does the sheet around a ticket hold the crew's other stops and its base, and nobody else's?"""

from dispatch.actions.placing import GivenPlace
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.queries.surroundings import around
from tests.factories import IN_WEST
from tests.trips import another_ticket, open_burst, send


def test_the_other_stops_and_the_base_of_the_crew_are_on_it(session, now):
    open_burst(now)
    near = GivenPlace(IN_WEST.lat + 0.002, IN_WEST.lon)
    for crew in (1, 1, 2):
        ticket = another_ticket(now, category="leak", place=near).ticket
        send(ticket.id, crew, now)
    crew = session.get_one(Crew, 1)
    crew.base_lat, crew.base_lon = near.lat, near.lon
    db.session.flush()
    marks = around(IN_WEST, 1, now, but="W000002").marks
    assert [(each.kind, each.name) for each in marks] == [("stop", "W000003"), ("base", crew.name)]
    assert around(IN_WEST, None, now).marks == ()
