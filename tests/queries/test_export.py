"""Does an export hold the tickets asked for, and nobody's words?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions.tasks import NewTask, finish_task, open_task
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.permissions import Scope
from dispatch.queries.export import EXPORT_COLUMNS, ExportFilters, exported_tickets
from tests.factories import DESK, IN_EAST, IN_WEST, NOWHERE, make_city, make_ticket

EVERYTHING = Scope(everything=True)


@pytest.fixture
def tickets(session, now):
    with transaction():
        make_city(now)
        made = [
            make_ticket(
                now,
                place=IN_WEST,
                category="leak",
                reporter_name="Wang Fang",
                reporter_phone="13800000000",
                description="It drips",
            ),
            make_ticket(now + timedelta(hours=1), place=IN_EAST),
            make_ticket(now + timedelta(days=1), place=NOWHERE),
        ]
    return [each.ticket for each in made]


def found(**filters: Any):
    return [row["number"] for row in exported_tickets(EVERYTHING, ExportFilters(**filters))]


def test_every_column_is_there_and_nobody_s_words(tickets):
    rows = list(exported_tickets(EVERYTHING, ExportFilters()))
    assert [tuple(row) for row in rows] == [EXPORT_COLUMNS] * 3
    assert (rows[0]["grid"], rows[0]["team"], rows[2]["grid"]) == ("West", "West Team", None)
    for secret in ("Wang Fang", "13800000000", "It drips"):
        assert secret not in str(rows)


def test_the_tasks_of_a_ticket_are_counted(tickets, now):
    with transaction():
        first = tickets[0]
        late, _ = (open_task(first, NewTask("excavation"), actor=DESK, now=now) for _ in range(2))
        finish_task(first, late, actor=DESK, now=now + timedelta(hours=5))
    rows = list(exported_tickets(EVERYTHING, ExportFilters()))
    counts = [(row["tasks"], row["tasks_open"], row["tasks_late"]) for row in rows]
    assert counts == [(2, 1, 1), (0, 0, 0), (0, 0, 0)]


def test_filters_narrow(tickets, now):
    first, second, third = "W000001", "W000002", "W000003"
    assert found() == [first, second, third]
    assert found(from_at=now + timedelta(hours=1)) == [second, third]
    assert found(to_at=now + timedelta(hours=1)) == [first]
    assert found(grid="East") == [second]
    assert found(team="West Team") == [first]
    assert found(category="leak") == [first]
    assert found(state="closed") == []


@pytest.mark.parametrize("option", ["grid", "team"])
def test_a_name_that_is_not_there_is_refused(tickets, option):
    with pytest.raises(Invalid) as refusal:
        found(**{option: "Nowhere"})
    assert list(refusal.value.fields) == [option]


def test_a_team_s_people_get_their_own(tickets):
    own = Scope(team_id=tickets[0].team_id)
    assert [row["number"] for row in exported_tickets(own, ExportFilters())] == ["W000001"]
