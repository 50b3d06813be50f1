"""Does each side see its disputes, and only a decision count as one?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.clockwork import fire_due
from dispatch.actions.disputes import NewDispute, Whose, decide_dispute, open_dispute
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Role, Scope
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.disputes import (
    DisputeFilters,
    all_disputes,
    dispute_figures,
    dispute_for_change,
    dispute_page,
    dispute_row,
    open_dispute_of,
    teams_to_name,
)
from tests.factories import DESK, IN_EAST, make_account, make_city, make_ticket

EVERYWHERE = Scope(everything=True)
ANY = DisputeFilters()
GAS = Whose(department="Gas company")


@pytest.fixture
def disputes(session, now):
    """Open three: West against East, West against the gas company, East against it."""
    with transaction():
        make_city(now)
        for place in (None, None, IN_EAST):
            make_ticket(now, **({"place": place} if place else {}))
        west, east = (db.session.get_one(Ticket, number).team_id for number in (1, 3))
        manager = make_account(Role.MANAGER, now)
        for number, ground, whose in (
            (1, "not_our_area", Whose(east)),
            (2, "not_our_pipe", GAS),
            (3, "not_our_pipe", GAS),
        ):
            ticket = db.session.get_one(Ticket, number)
            new = NewDispute(ground, whose)
            at = now + timedelta(minutes=number)
            open_dispute(ticket, new, reason="theirs", actor=DESK, now=at)
    return manager, west, east


def settle(manager, now, number, minutes):
    with transaction():
        row, ticket = dispute_for_change(number, EVERYWHERE)
        at = now + timedelta(minutes=minutes)
        decide_dispute(row, ticket, GAS, reason="yellow", actor=manager, now=at)


def shown(now, scope=EVERYWHERE, **asked: object):
    return [row["ticket"] for row in all_disputes(scope, DisputeFilters(**asked), now)]


def test_the_open_ones_come_first_by_their_end(disputes, now):
    assert shown(now) == ["W000001", "W000002", "W000003"]
    settle(disputes[0], now, 1, 10)
    assert shown(now) == ["W000002", "W000003", "W000001"]
    assert shown(now, state="decided") == ["W000001"]
    assert shown(now, ground="not_our_pipe") == ["W000002", "W000003"]


def test_each_team_sees_both_sides_of_its_own(disputes, now):
    _manager, west, east = disputes
    assert shown(now, Scope(team_id=west)) == ["W000001", "W000002"]
    assert shown(now, Scope(team_id=east)) == ["W000001", "W000003"]
    assert shown(now, Scope(crew_id=1)) == []
    assert shown(now, team_id=east) == ["W000001", "W000003"]
    with pytest.raises(NotFound):
        dispute_row(2, Scope(team_id=east), now)


def test_one_dispute_says_who_and_until_when(disputes, now):
    row = dispute_row(2, EVERYWHERE, now + timedelta(hours=5))
    assert (row["ticket"], row["department"], row["other_team"]) == ("W000002", "Gas company", None)
    assert (row["state"], row["overdue"]) == ("open", True)
    assert open_dispute_of(2).id == 2
    assert open_dispute_of(99) is None


def test_the_figures_count_decisions_by_people(disputes, now):
    assert dispute_figures(EVERYWHERE, ANY)["minutes_to_decision"] is None
    settle(disputes[0], now, 1, 11)
    settle(disputes[0], now, 2, 32)
    with transaction():
        fire_due(now + timedelta(hours=9), limit=1000)
    while dispute_figures(EVERYWHERE, ANY)["open"]:
        with transaction():
            assert fire_due(now + timedelta(hours=9), limit=1000).seen
    found = dispute_figures(EVERYWHERE, ANY)
    assert {name: found[name] for name in ("n", "open", "decided", "lapsed")} == {
        "n": 3, "open": 0, "decided": 2, "lapsed": 1,
    }  # fmt: skip
    took = found["minutes_to_decision"]
    assert (took["p50"], took["max"], took["n"]) == (20, 30, 2)


def test_a_page_beyond_the_last_is_the_last(disputes, now):
    page = dispute_page(EVERYWHERE, ANY, 9, now)
    assert (page.page, page.pages, page.total, len(page.rows)) == (1, 1, 3, 3)
    assert len(teams_to_name()) == 2
