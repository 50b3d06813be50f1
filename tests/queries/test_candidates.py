"""Does the planner see every crew as it stands, and every ticket that waits?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.actions.dispatching import (
    decline_visit,
    dispatch_visit,
    recall_visit,
    withdraw_visit,
)
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.holds import hold_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import acknowledge, arrive
from dispatch.domain.place import Point
from dispatch.domain.sentences import say
from dispatch.models.people import Position, Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.candidates import (
    BY_CREW,
    IS_ACTIVE,
    candidates_for,
    crew_board,
    crew_stamp,
    free_crew,
    need_of,
    waiting_tickets,
)
from dispatch.queries.checkers import refused_by
from tests.factories import DESK, EAST, NOWHERE, make_crew, make_grid, make_team, make_ticket
from tests.statements import plan_of, written_out

FAR = (113.50, 28.10, 113.60, 28.20)
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in the tests' zone


@pytest.fixture
def city(session, now):
    """Make three teams: the west's own, its neighbour in the east, one far away."""
    teams = {name: make_team(name) for name in ("West", "East", "Far")}
    make_grid("West", team=teams["West"], now=now)
    make_grid("East", EAST, team=teams["East"], now=now)
    make_grid("Far", FAR, team=teams["Far"], now=now)
    crews = {
        "West": make_crew("West 1", team=teams["West"]),
        "East": make_crew("East 1", team=teams["East"], base=(28.15, 113.05)),
        "Far": make_crew("Far 1", team=teams["Far"], base=(28.15, 113.55)),
    }
    session.commit()
    return crews


def open_one(now, **report: Any):
    with transaction():
        return make_ticket(now, **report).ticket


def send(session, ticket, crew, now):
    with transaction():
        return dispatch_visit(session.get(Ticket, ticket.id), crew, actor=DESK, now=now)


def by_name(session, ticket, now):
    return {one.name: one for one in candidates_for(session.get(Ticket, ticket.id), now)}


def option(crew, now):
    return next(each for each in crew_board(now).crews if each.crew_id == crew.id)


def test_the_home_team_and_its_neighbours_are_known(session, city, now):
    found = by_name(session, open_one(now), now)
    kin = {name: (one.home, one.neighbour) for name, one in found.items()}
    assert kin == {"West 1": (True, False), "East 1": (False, True), "Far 1": (False, False)}
    assert found["West 1"].makes_promise is True


def test_a_ticket_outside_every_grid_has_no_home(session, city, now):
    found = by_name(session, open_one(now, place=NOWHERE), now)
    assert not any(one.home or one.neighbour for one in found.values())


def test_a_grid_that_has_ended_has_no_neighbours(session, city, now):
    ticket = open_one(now)
    session.get(Grid, ticket.grid_id).valid_to = now
    session.commit()
    found = by_name(session, ticket, now + timedelta(seconds=1))
    assert found["West 1"].home
    assert not found["East 1"].neighbour


def test_a_live_position_counts_before_the_base(session, city, now):
    crew = city["West"]
    session.add(Position(crew_id=crew.id, lat=28.11, lon=112.91, measured_at=now))
    session.commit()
    found = option(crew, now + timedelta(seconds=40))
    assert (found.position, found.position_age_seconds) == (Point(28.11, 112.91), 40)
    assert found.position_source == "live"


def test_an_old_position_gives_way_to_the_base(session, city, now):
    crew = city["West"]
    session.add(Position(crew_id=crew.id, lat=28.11, lon=112.91, measured_at=now))
    session.commit()
    found = option(crew, now + timedelta(hours=3))
    assert (found.position, found.position_source) == (Point(28.15, 112.95), "base")


def test_a_crew_without_position_and_base_is_nowhere(session, city, now):
    city["West"].base_lat = None
    session.commit()
    assert option(city["West"], now).position is None
    assert by_name(session, open_one(now), now)["West 1"].excluded_by == "position"


@pytest.mark.parametrize(
    ("hours_after_noon", "on"), [(-7, False), (-6, True), (5.9, True), (6, False), (12, False)]
)
def test_a_shift_is_read_in_the_utilitys_zone(session, city, hours_after_noon, on):
    crew = make_crew("Days", team=session.get(Team, city["West"].team_id), shift=(6 * 60, 18 * 60))
    session.commit()
    assert option(crew, NOON + timedelta(hours=hours_after_noon)).on_shift is on


def test_a_night_shift_lasts_over_midnight(session, city):
    crew = make_crew(
        "Nights", team=session.get(Team, city["West"].team_id), shift=(18 * 60, 6 * 60)
    )
    session.commit()
    found = option(crew, NOON + timedelta(hours=15))
    assert found.on_shift
    assert found.shift_ends_at == NOON + timedelta(hours=18)


def test_a_crew_on_a_visit_is_busy_until_it_should_be_done(session, city, now):
    visit = send(session, open_one(now), city["West"], now)
    found = option(city["West"], now)
    assert (found.active_visits, found.visits_this_shift) == (1, 1)
    assert found.busy_until == now + timedelta(minutes=45)
    later = now + timedelta(minutes=10)
    with transaction():
        ticket = session.get(Ticket, visit.ticket_id)
        acknowledge(ticket, visit, actor=DESK, now=now)
        arrive(ticket, visit, actor=DESK, now=later)
    assert option(city["West"], later).busy_until == later + timedelta(minutes=45)


def test_only_free_crews_on_duty_count_as_able(session, city, now):
    team = session.get(Team, city["West"].team_id)
    busy = make_crew("Busy", team=team, skills=("rare",))
    make_crew("Asleep", team=team, skills=("odd",), shift=(0, 1))
    session.commit()
    assert "rare" in crew_board(now).free_skills()
    send(session, open_one(now), busy, now)
    assert crew_board(now).free_skills() == {"general", "mains", "meter", "quality"}


def test_skills_come_with_the_crew(session, city, now):
    crew = make_crew("Meters", team=session.get(Team, city["West"].team_id), skills=("meter",))
    session.commit()
    assert option(crew, now).skills == {"meter"}
    assert by_name(session, open_one(now), now)["Meters"].excluded_by == "skill"


def test_who_declined_or_was_called_back_is_not_asked_again(session, city, now):
    first, second = open_one(now), open_one(now)
    visit = send(session, first, city["West"], now)
    other = send(session, second, city["East"], now)
    with transaction():
        ticket = session.get(Ticket, first.id)
        decline_visit(ticket, visit, reason="a flat tyre", actor=DESK, now=now)
        ticket = session.get(Ticket, second.id)
        withdraw_visit(ticket, other, reason="needed elsewhere", actor=DESK, now=now)
    assert refused_by([first.id, second.id]) == {
        first.id: {city["West"].id},
        second.id: {city["East"].id},
    }
    assert by_name(session, first, now)["West 1"].excluded_by == "declined"


def test_who_was_called_back_and_sent_again_may_go(session, city, now):
    ticket = open_one(now)
    visit = send(session, ticket, city["West"], now)
    with transaction():
        found = session.get(Ticket, ticket.id)
        withdraw_visit(found, visit, reason="wrong van", actor=DESK, now=now)
    send(session, ticket, city["West"], now)
    assert refused_by([ticket.id]) == {ticket.id: frozenset()}


def test_only_tickets_that_need_a_crew_wait(session, city, now):
    waits, held, cancelled, pinned, sent = (open_one(now) for _ in range(5))
    unplaced = open_one(now, place=None)
    send(session, sent, city["West"], now)
    with transaction():
        hold_ticket(session.get(Ticket, held.id), reason="waiting_for_part", actor=DESK, now=now)
        cancel_ticket(session.get(Ticket, cancelled.id), reason="no fault", actor=DESK, now=now)
        session.get(Ticket, pinned.id).pinned = True
    assert [each.need.ticket_id for each in waiting_tickets()] == [waits.id]
    assert unplaced.state == "received"


def test_the_most_urgent_ticket_comes_first(session, city, now):
    slow = open_one(now, category="noise")
    late = open_one(now + timedelta(minutes=1))
    soon = open_one(now)
    found = waiting_tickets()
    assert [each.need.ticket_id for each in found] == [soon.id, late.id, slow.id]
    assert found[0].need == need_of(session.get(Ticket, soon.id))
    assert found[0].need.skill == "mains"


def test_imported_tickets_never_wait(session, city, now):
    ticket = open_one(now)
    session.get(Ticket, ticket.id).imported = True
    session.commit()
    assert waiting_tickets() == []


def test_the_stamp_moves_when_a_visit_begins_or_ends(session, city, now):
    ticket = open_one(now)
    stamps = [crew_stamp()]
    visit = send(session, ticket, city["West"], now)
    stamps.append(crew_stamp())
    with transaction():
        decline_visit(
            session.get(Ticket, ticket.id), visit, reason="a flat tyre", actor=DESK, now=now
        )
    stamps.append(crew_stamp())
    assert stamps[0] != stamps[1] != stamps[2]


def test_a_crew_is_free_until_it_is_sent(session, city, now):
    crew = city["West"]
    ticket = open_one(now)
    assert free_crew(crew.id).id == crew.id
    send(session, ticket, crew, now)
    assert free_crew(crew.id) is None
    session.rollback()


def test_a_crew_may_be_freed_of_the_visit_that_it_leaves(session, city, now):
    visit = send(session, open_one(now), city["West"], now)
    assert free_crew(city["West"].id, visit.id).id == city["West"].id
    assert free_crew(city["West"].id, visit.id + 1) is None
    session.rollback()


def test_a_crew_that_the_planner_turned_may_be_asked_again(session, city, now):
    ticket = open_one(now)
    visit = send(session, ticket, city["West"], now)
    with transaction():
        found = session.get(Ticket, ticket.id)
        recall_visit(found, visit, say("Needed"), actor=DESK, now=now, turned_to=7)
    assert refused_by([ticket.id]) == {ticket.id: frozenset()}


def test_visits_under_way_are_found_by_their_index(city):
    asked = select(Visit.eta_at).where(IS_ACTIVE).order_by(*BY_CREW)
    found = plan_of(written_out(asked))
    assert "ix_visit_active_crew" in found or "uq_visit_active_role" in found
