"""Are the clusters of a view found among its own tickets, and beside those of the days before?"""

from __future__ import annotations

from datetime import timedelta

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.queries.circle_clusters import clusters_in
from dispatch.queries.circle_problems import ProblemKind
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from tests.queries.histories import NOW
from tests.queries.test_circle_problems import DAYS, EVERYTHING, a_leak


def found(filters=ALL_TICKETS, scope=EVERYTHING):
    shown = clusters_in(DAYS, scope, filters, now=NOW)
    assert list(shown.by_kind) == [ProblemKind.CLUSTER]
    return shown, shown.by_kind[ProblemKind.CLUSTER]


def test_duplicates_distant_calls_and_those_without_a_place_belong_to_no_cluster(places):
    with transaction():
        for number in range(1, 4):
            a_leak(number, hours=number)
        a_leak(4, hours=4, lat=28.3)
        a_leak(5, hours=5, state="duplicate")
        a_leak(6, hours=6, lat=None, lon=None)
    shown, [cluster] = found()
    assert (cluster.key, cluster.category, cluster.tickets.tolist()) == (
        "W000001",
        "leak",
        [3, 2, 1],
    )
    assert (shown.n, shown.before, shown.calls_of(cluster).tolist()) == (5, 0, [3, 2, 1])
    assert found(FigureFilters(category="burst"))[1] == ()
    assert found(scope=Scope(team_id=1))[1] == ()


def test_no_more_than_twice_what_is_usual_is_left_out(places):
    with transaction():
        a_leak(99, received_at=DAYS.from_at - timedelta(hours=1))
        for number in range(1, 8):
            a_leak(number, hours=number)
    usual = 7 / DAYS.days
    assert 2 * usual == 7
    assert found()[1] == ()
    with transaction():
        a_leak(8, hours=8)
    _, [cluster] = found()
    assert (cluster.n, cluster.before, cluster.usual) == (8, 1, usual)


def test_an_empty_city_has_none(session):
    assert found()[1] == ()
