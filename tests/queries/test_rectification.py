"""Does the list show each reader the own items, filtered as asked?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.rectification import NewItem, change_item, open_item
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Role, Scope
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.rectification import (
    ItemFilters,
    all_items,
    item_for_change,
    item_page,
    item_row,
    unsigned_item_of,
)
from tests.factories import IN_EAST, make_account, make_city, make_ticket

EVERYWHERE = Scope(everything=True)


@pytest.fixture
def items(session, now):
    """Put one ticket of each team onto the list, the second due first."""
    with transaction():
        make_city(now)
        make_ticket(now)
        make_ticket(now, place=IN_EAST)
        manager = make_account(Role.MANAGER, now)
        for number, days in ((1, 3), (2, 2)):
            new = NewItem(cause="travel" if number == 1 else None, due_at=now + timedelta(days))
            open_item(
                db.session.get_one(Ticket, number),
                new,
                actor=manager,
                now=now + timedelta(minutes=1),
            )
    return manager


def shown(now, scope=EVERYWHERE, days=0, **asked: object):
    return [
        row["ticket"] for row in all_items(scope, ItemFilters(**asked), now + timedelta(days))
    ]  # fmt: skip


@pytest.mark.usefixtures("items")
def test_the_earliest_due_comes_first_and_filters_narrow(now):
    assert shown(now) == ["W000002", "W000001"]
    assert shown(now, team_id=2) == ["W000002"]
    assert shown(now, cause="travel") == ["W000001"]
    assert shown(now, state="done") == []
    assert shown(now, overdue=True) == []
    assert shown(now, overdue=True, days=2.5) == ["W000002"]
    assert shown(now, ticket_id=1) == ["W000001"]


@pytest.mark.usefixtures("items")
def test_a_leader_sees_the_items_of_the_own_team(now):
    assert shown(now, scope=Scope(team_id=1)) == ["W000001"]
    with pytest.raises(NotFound):
        item_row(2, Scope(team_id=1), now)
    with pytest.raises(NotFound), transaction():
        item_for_change(2, Scope(team_id=1))


@pytest.mark.usefixtures("items")
def test_a_page_counts_all_and_stays_within(now):
    page = item_page(EVERYWHERE, ItemFilters(), 9, now)
    assert (page.page, page.pages, page.total, len(page.rows)) == (1, 1, 2, 2)
    assert item_page(EVERYWHERE, ItemFilters(state="done"), 1, now).total == 0


def test_an_item_names_holder_and_cause_and_tells_its_story(now, items):
    with transaction():
        row = item_for_change(1, EVERYWHERE)
        change_item(row, {"text": "x"}, reason="why", actor=items, now=now)
    found = item_row(1, EVERYWHERE, now + timedelta(days=4))
    assert str(found["holder"]["name"]) == "West Team"
    assert (str(found["cause_name"]), found["clock_name"]) == ("The drive took too long", None)
    assert (found["overdue"], found["follows"]) == (True, ["done", "in_progress"])
    assert [(each["kind"], each["note"]) for each in found["events"]] == [
        ("opened", None), ("changed", "why"),
    ]  # fmt: skip
    assert unsigned_item_of(1).id == 1
