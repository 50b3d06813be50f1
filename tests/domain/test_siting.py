"""Are the chosen sites the best there are, and do the published answers come out?"""

from __future__ import annotations

import csv
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.errors import Invalid
from dispatch.domain.siting import (
    covered_by,
    covered_demand,
    greedy_covering,
    maximal_covering,
    set_covering,
)

ROW = np.array([[1, 1, 0, 0, 0, 0], [0, 1, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]], dtype=bool)


@st.composite
def cities(draw):
    candidates, points = draw(st.integers(1, 7)), draw(st.integers(0, 12))
    cells = st.lists(st.booleans(), min_size=points, max_size=points)
    covers = draw(st.lists(cells, min_size=candidates, max_size=candidates))
    weights = draw(st.lists(st.integers(0, 9), min_size=points, max_size=points))
    return np.array(covers, dtype=bool).reshape(candidates, points), np.array(weights, float)


def best_of(covers, weights, sites):
    return max(
        covered_demand(covers, weights, chosen)
        for count in range(sites + 1)
        for chosen in combinations(range(len(covers)), count)
    )


@settings(deadline=None, max_examples=60)
@given(cities(), st.data())
def test_the_exact_choice_is_the_best_of_all(city, data):
    covers, weights = city
    sites = data.draw(st.integers(1, len(covers)))
    found = maximal_covering(covers, weights, sites)
    assert found.proven
    assert len(found.sites) <= sites
    assert found.covered == pytest.approx(best_of(covers, weights, sites))
    assert found.covered >= covered_demand(covers, weights, greedy_covering(covers, weights, sites))


@settings(deadline=None, max_examples=30)
@given(cities())
def test_one_more_site_never_covers_less(city):
    covers, weights = city
    counts = range(1, len(covers) + 1)
    found = [maximal_covering(covers, weights, sites).covered for sites in counts]
    assert found == sorted(found)


@settings(deadline=None, max_examples=60)
@given(cities())
def test_the_fewest_sites_cover_all_that_can_be_covered(city):
    covers, _ = city
    found = set_covering(covers)
    reachable = covers.any(axis=0)
    assert (covers[list(found.sites)].any(axis=0) == reachable).all()
    fewer = combinations(range(len(covers)), max(0, len(found.sites) - 1))
    assert len(found.sites) == 0 or not any(
        (covers[list(chosen)].any(axis=0) == reachable).all() for chosen in fewer
    )


def test_the_greedy_choice_can_be_beaten():
    weights = np.array([5.0, 1.0, 4.0, 4.0, 1.0, 5.0])
    assert greedy_covering(ROW, weights, 2) == (0, 1)
    found = maximal_covering(ROW, weights, 2)
    assert (found.sites, found.covered, found.share) == ((0, 2), 16.0, 0.8)


def test_a_site_that_adds_nothing_is_left_out():
    covers = np.array([[True, True], [True, False], [False, True]])
    assert maximal_covering(covers, np.ones(2), 3).sites == (0,)
    assert greedy_covering(covers, np.ones(2)) == (0,)


def test_no_demand_is_no_share_and_no_site():
    found = maximal_covering(ROW[:, :0], np.zeros(0), 1)
    assert (found.sites, found.covered, found.share, found.proven) == ((), 0.0, None, True)
    assert maximal_covering(ROW, np.zeros(6), 1).share is None


def test_a_point_that_nobody_reaches_stays_uncovered():
    covers = covered_by(np.array([[100.0, np.nan], [np.nan, np.nan]]), 100.0)
    assert covers.tolist() == [[True, False], [False, False]]
    assert maximal_covering(covers, np.ones(2), 1).share == 0.5
    assert set_covering(covers).share == 0.5
    assert set_covering(covers[:, 1:]).share == 0.0


def test_a_search_without_time_gives_a_choice_and_says_that_it_is_not_proven(monkeypatch):
    class Unfinished:
        x, status = None, 1

    monkeypatch.setattr("dispatch.domain.siting.milp", lambda *_, **__: Unfinished())
    found = maximal_covering(ROW, np.ones(6), 2)
    assert (found.sites, found.proven) == ((0, 1), False)
    assert set_covering(ROW).sites == (0, 1, 2)


@pytest.mark.parametrize(
    ("candidates", "sites", "words"),
    [(0, 1, "no place to choose from"), (3, 4, "only 3 places"), (3, 0, "at least one site")],
)
def test_a_choice_that_cannot_be_made_is_refused(candidates, sites, words):
    with pytest.raises(Invalid, match=words):
        maximal_covering(ROW[:candidates], np.ones(6), sites)


@pytest.fixture(scope="module")
def san_francisco(shared_data):
    """Return the road metres of 16 sites × 205 tracts, and the people of each tract."""
    file = shared_data / "coverage_sf/SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with file.open(newline="") as table:
        rows = list(csv.DictReader(table))
    sites = list(dict.fromkeys(row["name"] for row in rows))
    tracts = list(dict.fromkeys(row["DestinationName"] for row in rows))
    metres = np.full((len(sites), len(tracts)), np.nan)
    people = np.zeros(len(tracts))
    for row in rows:
        tract = tracts.index(row["DestinationName"])
        metres[sites.index(row["name"]), tract] = float(row["distance"])
        people[tract] = float(row["demand"])
    return metres, people


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("metres", "sites", "percent"),
    [
        (5_000, 1, 46.93), (5_000, 2, 70.35), (5_000, 4, 91.64), (5_000, 8, 100.0),
        (3_000, 1, 25.11), (3_000, 8, 78.26), (8_000, 2, 97.88), (8_000, 4, 100.0),
    ],
)  # fmt: skip
def test_the_published_shares_of_san_francisco_come_out(san_francisco, metres, sites, percent):
    distances, people = san_francisco
    found = maximal_covering(covered_by(distances, metres), people, sites)
    assert found.proven
    assert round(100 * found.share, 2) == percent


@pytest.mark.shared_data
@pytest.mark.parametrize(("metres", "sites"), [(5_000, 8), (8_000, 3)])
def test_the_published_numbers_of_sites_come_out(san_francisco, metres, sites):
    found = set_covering(covered_by(san_francisco[0], metres))
    assert (len(found.sites), found.share, found.proven) == (sites, 1.0, True)
