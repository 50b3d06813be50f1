"""Is a ticket put where the fault is, with the grid, team and promises that follow?"""

import pytest

from dispatch.actions.holds import hold_ticket, release_hold
from dispatch.actions.placing import GivenPlace, place_ticket
from dispatch.domain.errors import Forbidden, Invalid, Stale
from tests.cases import Case
from tests.factories import IN_EAST, IN_WEST, NOWHERE


def test_a_placed_ticket_is_accepted(session, now):
    case = Case(now, place=None)
    case.do(place_ticket, IN_WEST, at=2, address="Wuyi Road 14")
    ticket = case.ticket
    assert (ticket.state, ticket.team_id, ticket.address) == (
        "accepted",
        case.city.west.id,
        "Wuyi Road 14",
    )
    assert ticket.accepted_at == case.minute(2)
    assert case.last_event().facts["was"]["standing"] == "not_located"


def test_a_moved_ticket_changes_hands_and_keeps_its_receipt(case):
    case.do(place_ticket, IN_EAST, at=2)
    assert case.ticket.team_id == case.city.east.id
    assert case.ticket.arrive_due_at == case.minute(30)
    assert case.ticket.state == "accepted"
    case.do(place_ticket, NOWHERE, at=3)
    assert case.ticket.place_standing == "outside"


def test_a_point_keeps_what_was_given(case):
    case.do(place_ticket, GivenPlace(28.15, 112.95, datum="gcj02", source="account"), at=2)
    ticket = case.ticket
    assert (ticket.given_lat, ticket.given_lon, ticket.given_datum) == (28.15, 112.95, "gcj02")
    assert 0.001 < abs(ticket.lon - 112.95) < 0.01


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (GivenPlace(91.0, 10.0), "lat"),
        (GivenPlace(float("nan"), 10.0), "lat"),
        (GivenPlace(28.0, 113.0, datum="mars"), "datum"),
    ],
)
def test_a_wrong_point_names_its_field(case, place, field):
    with pytest.raises(Invalid) as refused:
        case.do(place_ticket, place, at=2)
    assert field in refused.value.fields
    assert case.reload().team_id == case.city.west.id


def test_a_place_that_a_crew_has_reached_stays(case):
    visit = case.send(at=1)
    case.do(place_ticket, IN_EAST, at=2)
    case.go(visit, "arrive", at=3)
    with pytest.raises(Forbidden):
        case.do(place_ticket, IN_WEST, at=4)
    with pytest.raises(Stale):
        case.do(place_ticket, IN_WEST, at=4, seen_version=1)


def test_a_ticket_that_is_placed_on_hold_is_accepted_after_it(session, now):
    case = Case(now, place=None)
    case.do(hold_ticket, at=1, reason="resident_unavailable")
    case.do(place_ticket, IN_WEST, at=2)
    assert set(case.armed()) == {"hold"}
    case.do(release_hold, at=5)
    assert (case.ticket.state, case.ticket.accepted_at) == ("accepted", case.minute(5))
