"""Which tickets of a storm are put together?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.place import Point, metres_between
from dispatch.domain.storm_clusters import Affected, Street, clusters, street_of

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HERE = Point(28.15, 112.95)
METRE = 1 / 111_195


def north(metres: float) -> Point:
    return Point(HERE.lat + metres * METRE, HERE.lon)


def ticket(number: int, point: Point | None = HERE, **more: Any) -> Affected:
    known = {"level": 2, "category": "leak", "received_at": NOW + timedelta(minutes=number)}
    return Affected(ticket_id=number, point=point, **known | more)


def numbers(*tickets: Affected) -> list[list[int]]:
    return [[each.ticket_id for each in found.tickets] for found in clusters(tickets)]


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("五一路12号3栋", Street("五一路", "12")),
        ("五一路", Street("五一路", "")),
        ("Wuyi Road 12a", Street("wuyiroad", "12")),
        ("12 Main Street, Dorchester", Street("mainstreetdorchester", "12")),
        ("１２ Main Street", Street("mainstreet", "12")),
        ("12", Street("", "")),
        ("", Street("", "")),
    ],
)
def test_street_and_house_are_read(address, street):
    assert street_of(address) == street


def test_the_same_house_is_one_place_also_without_a_pin():
    one = ticket(1, address="五一路12号3栋", category="burst")
    assert numbers(one, ticket(2, None, address="五一路12号", category="noise")) == [[1, 2]]


def test_two_houses_of_one_number_far_apart_are_two_places():
    one, other = ticket(1, address="五一路12号"), ticket(2, north(900), address="五一路12号")
    assert numbers(one, other) == [[1], [2]]


def test_one_street_within_its_reach_is_one_place():
    one = ticket(1, address="五一路12号", category="burst")
    near = ticket(2, north(240), address="五一路40号", category="meter_leak")
    far = ticket(3, north(260), address="五一路60号", category="meter_leak")
    assert numbers(one, near, far) == [[1, 2], [3]]


def test_the_signs_of_one_broken_main_are_one_place_and_other_faults_are_not():
    burst = ticket(1, category="burst", level=1)
    dry = ticket(2, north(480), category="no_water")
    meter = ticket(3, north(20), category="meter_leak")
    assert numbers(burst, dry, meter) == [[1, 2], [3]]


def test_no_chain_grows_beyond_the_lead():
    row = [ticket(at, north(200 * at)) for at in range(1, 6)]
    assert numbers(*row) == [[1, 2], [3, 4], [5]]


def test_without_place_and_address_everybody_stands_alone():
    assert numbers(ticket(1, None), ticket(2, None)) == [[1], [2]]


def test_a_card_tells_of_all_its_tickets():
    found = clusters(
        [
            ticket(3, level=3, reports=4, vulnerable=True, address="五一路12号"),
            ticket(5, None, level=1, address="五一路12号"),
            ticket(7, level=2, address="五一路12号"),
        ]
    )
    [one] = found
    assert (one.lead.ticket_id, one.worst, one.callers, one.vulnerable) == (5, 1, 6, 1)
    assert one.oldest_at == NOW + timedelta(minutes=3)
    assert one.streets == ["五一路12号"]
    assert one.centre == HERE
    assert clusters([ticket(1, None)])[0].centre is None


def test_the_worst_place_comes_first_then_who_needs_water_first():
    calm = ticket(1, north(0), level=3)
    needy = ticket(2, north(2000), level=3, vulnerable=True)
    worst = ticket(3, north(4000), level=1)
    assert numbers(calm, needy, worst) == [[3], [2], [1]]


@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from(["leak", "burst", "noise"]), st.booleans()),
        max_size=25,
    )
)
def test_each_ticket_is_in_one_place_within_reach_of_its_lead(those):
    tickets = [
        ticket(at, north(far), category=category, vulnerable=needs)
        for at, (far, category, needs) in enumerate(those)
    ]
    found = clusters(tickets)
    assert sorted(each.ticket_id for one in found for each in one.tickets) == list(
        range(len(those))
    )
    for one in found:
        assert all(metres_between(one.lead.point, each.point) <= 501 for each in one.tickets)
