"""Are the common problems of a view those that a plain count of its tickets finds?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dispatch.actions.rectification import NewItem, open_item
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Actor, Role, Scope
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.circle_clusters import clusters_in
from dispatch.queries.circle_problems import (
    ProblemKind,
    households_named,
    items_of,
    problem_tickets,
    problems_in,
)
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from tests.queries.histories import NOW, START, on_one_database, pasts, store

EVERYTHING = Scope(everything=True)
SECOND_DAY = START.date() + timedelta(days=2)
DAYS = Period(SECOND_DAY, SECOND_DAY + timedelta(days=2), ZoneInfo("UTC"))
ADDRESSES = ("五一路18号", "五一路20号", "12 Elm Street", "")
DESK = Actor(name="Li Na", role=Role.MANAGER)


def seen(filters=ALL_TICKETS):
    view = (DAYS, EVERYTHING, filters)
    return problems_in(*view, now=NOW).by_kind | clusters_in(*view, now=NOW).by_kind


def counted(rows):
    return {row.key: (row.n, row.before) for row in rows}


def by_hand(found, key_of):
    """Count the keys of the view and of the days before, those that come three times."""
    now, before = Counter(), Counter()
    for past in found:
        row = past.ticket
        if row["state"] in {"duplicate", "cancelled"} or key_of(row) is None:
            continue
        day = (row["received_at"] - START) // timedelta(days=2)
        if day in (0, 1):
            (now if day == 1 else before)[str(key_of(row))] += 1
    return {key: (n, before[key]) for key, n in now.items() if n >= 3}


@on_one_database
@given(found=pasts(), more=pasts(), addresses=st.lists(st.sampled_from(ADDRESSES), min_size=12))
def test_what_repeats_is_what_a_plain_count_finds(places, found, more, addresses):
    for past in more:
        past.ticket |= {"id": past.ticket["id"] + 10, "parent_id": None}
    every = [*found, *more]
    for past, address in zip(every, addresses, strict=False):
        past.ticket["address"] = address
        past.ticket["received_at"] = START + (past.ticket["received_at"] - START) * 0.8
    store(every)
    shown = seen()
    for kind, column in (("grid", "grid_id"), ("household", "household_id")):
        assert counted(shown[ProblemKind(kind)]) == by_hand(every, lambda row, c=column: row[c])
    assert counted(shown[ProblemKind.CATEGORY]) == by_hand(every, lambda row: row["category"])
    streets = {"五": "五一路", "1": "elmst"}
    street = by_hand(every, lambda row: streets.get(row.get("address", "")[:1]))
    assert counted(shown[ProblemKind.STREET]) == street
    buildings = {"五一路18号": "五一路-18", "五一路20号": "五一路-20", "12 Elm Street": "elmst-12"}
    building = by_hand(every, lambda row: buildings.get(row.get("address", "")))
    assert counted(shown[ProblemKind.BUILDING]) == building


def a_leak(number, *, hours=0, **columns: Any):
    at = DAYS.from_at + timedelta(hours=hours)
    facts = {
        "id": number, "state": "accepted", "category": "leak", "level": 3, "received_at": at,
        "changed_at": at, "lat": 28.2, "lon": 112.9, "place_standing": "inside", "flags": [],
    }  # fmt: skip
    db.session.add(Ticket(**(facts | columns)))
    db.session.flush()
    db.session.add(
        Report(
            ticket_id=number, channel="phone", phone=f"1380000000{number}", received_at=at,
            name="王伟", description="王伟家水压太低", token=f"t{number}",
        )
    )  # fmt: skip


def test_leaks_that_heap_up_are_a_cluster_and_words_name_nobody(places):
    with transaction():
        for number in range(1, 4):
            a_leak(number, hours=number, household_id=1, address="五一路18号")
        a_leak(4, hours=4, lat=28.3)
        a_leak(5, hours=5, state="duplicate")
    shown = seen()
    [cluster] = shown[ProblemKind.CLUSTER]
    assert (cluster.key, cluster.tickets.tolist()) == ("W000001", [3, 2, 1])
    assert (cluster.category, cluster.before, cluster.usual) == ("leak", 0, 0)
    words = {row.key: row.n for row in shown[ProblemKind.WORD]}
    assert words["水压"] == 4
    assert "王伟" not in words
    [case] = shown[ProblemKind.HOUSEHOLD]
    assert households_named([case]) == {"1": ("First", "First")}
    assert [one.number for one in problem_tickets(case.tickets.tolist())] == [
        "W000003",
        "W000002",
        "W000001",
    ]


def test_of_few_tickets_among_many_the_same_is_read(places):
    with transaction():
        for number in (1, 2, 40):
            a_leak(number, hours=number % 5, address="五一路18号")
        a_leak(20, received_at=DAYS.to_at, address="五一路18号")
        a_leak(41, team_id=1, address="五一路18号")
    shown = seen(FigureFilters(category="leak"))
    assert counted(shown[ProblemKind.BUILDING]) == {"五一路-18": (4, 0)}
    assert {row.key: row.n for row in shown[ProblemKind.WORD]}["水压"] == 4
    [building] = shown[ProblemKind.BUILDING]
    assert (building.tickets.tolist(), building.callers) == ([41, 40, 2, 1], 4)
    assert building.among([2, 3, 41]) == [2, 41]
    found = problems_in(DAYS, EVERYTHING, ALL_TICKETS, now=NOW)
    [building] = found.by_kind[ProblemKind.BUILDING]
    assert found.calls_of(building).tolist() == [2, 1, 41, 40]


def test_an_item_that_a_person_opened_shows_until_it_is_signed_off(places):
    with transaction():
        for number in range(1, 4):
            a_leak(number, hours=number)
    [cluster] = seen()[ProblemKind.CLUSTER]
    assert items_of([cluster]) == {}
    with transaction():
        new = NewItem(text="Renew it", responsible="Zhao", reason="Three leaks")
        row = open_item(db.session.get_one(Ticket, 2), new, actor=DESK, now=NOW)
    item = items_of([cluster])[2]
    assert (item.item, item.responsible) == (row.id, "Zhao")
    with transaction():
        row.state = "signed_off"
    assert items_of([cluster]) == {}


def test_an_empty_city_has_no_problem(session):
    assert all(not rows for rows in seen().values())
