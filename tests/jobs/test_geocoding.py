"""Does an address without a pin get its place by itself?"""

from __future__ import annotations

from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.geocoding import Located
from dispatch.jobs.geocoding import run
from dispatch.models.tickets import Ticket
from tests.factories import make_grid, make_team, make_ticket

FOUND = Located(28.15, 112.95, "wgs84", "nominatim")


def open_unplaced(now):
    with transaction():
        team = make_team()
        make_grid(team=team, now=now)
        return make_ticket(now, place=None, address="Wuyi Road 12").ticket.id


def test_a_found_address_gets_its_team(session, now):
    ticket_id = open_unplaced(now)
    assert run(now, lambda _address: FOUND, set()) == 1
    ticket = session.get(Ticket, ticket_id)
    assert (ticket.state, ticket.place_source) == ("accepted", "nominatim")
    assert ticket.team_id is not None


def test_an_unknown_address_is_asked_once(session, now):
    ticket_id = open_unplaced(now)
    questions: list[str] = []
    asked: set[tuple[int, str]] = set()
    for _tick in range(3):
        run(now, questions.append, asked)
    assert questions == ["Wuyi Road 12"]
    assert session.get(Ticket, ticket_id).state == "received"


def test_an_impossible_answer_is_left_to_the_desk(session, now):
    ticket_id = open_unplaced(now)
    impossible = Located(200.0, 112.95, "wgs84", "nominatim")
    assert run(now, lambda _address: impossible, set()) == 0
    assert session.get(Ticket, ticket_id).state == "received"
