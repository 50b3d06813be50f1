"""Do the figures of a rehearsal count what metrics.md says?"""

from __future__ import annotations

import pytest

from dispatch.domain.desk_rules import fifo, nearest
from dispatch.rehearsal.outcome import Visit
from tests.rehearsal.streets import even_run, street


def test_late_and_unserved_tickets_are_missed_and_percentiles_have_their_n():
    city = street([(0, 10), (1, 20), (2, 10)], [0], patience=3600.0)
    figures = even_run(city, fifo).figures()
    # Reached at 10 and 60; the third would be reached at 110, after patience has ended.
    assert figures["attainment_30"] == pytest.approx(1 / 3)
    assert figures["unserved"] == 1
    assert figures["response_minutes"]["n"] == 2
    assert figures["response_minutes"]["max"] == pytest.approx(59)
    assert figures["by_grid"]["One"]["n"] == 3
    assert figures["by_hour"] == {"0": figures["by_grid"]["One"]}
    assert figures["by_level"] == {"2": figures["by_grid"]["One"]}


def test_tickets_outside_every_grid_stand_under_no_name():
    city = street([(0, 10)], [0])
    city.calls.grid[0] = -1
    assert list(even_run(city, nearest).figures()["by_grid"]) == [""]


def test_kilometres_to_tickets_and_home_are_apart():
    # A degree of latitude is 111.2 km; by road 1.3 times that.
    figures = even_run(street([(0, 1), (0, 1)], [0]), nearest).figures()
    assert figures["travel_km_per_ticket"] == pytest.approx(111.195 * 1.3 / 2, rel=1e-3)
    assert figures["return_km_per_ticket"] == 0


def test_visits_tell_who_was_where():
    done = even_run(street([(0, 10)], [0]), nearest)
    assert done.visits == (Visit(0, 0, 600.0, 3000.0, is_second=False),)
