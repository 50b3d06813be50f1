"""Does the planner see who has not been reached, who may be sent, and whether anything changed?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.dispatching import Decision, dispatch_visit
from dispatch.actions.holds import hold_ticket
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import acknowledge, arrive, set_off
from dispatch.domain.live_outlook import Turn
from dispatch.domain.outlook import REPAIR_MEAN_SECONDS
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.outlook import (
    arrivals_of_last_hour,
    planning_board,
    silent_visits,
    situation_stamp,
)
from tests.factories import DESK, make_city, make_ticket
from tests.statements import plan_of, statements

BY_RULE = Decision(automatic=True)


@pytest.fixture
def city(session, now):
    """Make two teams with three crews."""
    found = make_city(now)
    session.commit()
    return found


def open_one(now, **report: object):
    with transaction():
        return make_ticket(now, **report).ticket.id


def send(session, ticket_id, crew, now, decision=BY_RULE):
    with transaction():
        ticket = session.get(Ticket, ticket_id)
        return dispatch_visit(ticket, crew, actor=DESK, now=now, decision=decision)


def numbers(board):
    return [each.need.ticket_id for each in board.tickets]


def test_free_crews_and_tickets_without_one_are_seen(session, city, now):
    ticket = open_one(now)
    board = planning_board(now)
    assert numbers(board) == [ticket]
    assert board.tickets[0].near_teams == {city.west.id, city.east.id} - {city.west.id}
    assert all(each.is_idle for each in board.crews)
    assert len(board.crews) == len(board.everybody.crews) == 3


def test_a_crew_under_way_brings_its_ticket_along(session, city, now):
    ticket = open_one(now)
    visit = send(session, ticket, city.crews[0], now)
    for step in (acknowledge, set_off):
        with transaction():
            step(session.get(Ticket, ticket), visit, actor=DESK, now=now)
    board = planning_board(now)
    assert numbers(board) == [ticket]
    [crew] = [each for each in board.crews if each.heading]
    assert (crew.heading, crew.visit_id, crew.turn) == (ticket, visit.id, Turn.ANY)


def test_a_crew_at_work_is_seen_at_its_ticket_and_the_ticket_is_reached(session, city, now):
    ticket = open_one(now)
    visit = send(session, ticket, city.crews[2], now)
    with transaction():
        arrive(session.get(Ticket, ticket), visit, actor=DESK, now=now)
    board = planning_board(now + timedelta(minutes=4))
    assert numbers(board) == []
    [crew] = [each for each in board.crews if each.working_since]
    assert (crew.origin, crew.working_since) == (Point(28.15, 112.95), now)
    assert crew.repair_mean == REPAIR_MEAN_SECONDS


def test_a_held_ticket_and_its_crew_are_left_alone(session, city, now):
    ticket = open_one(now)
    send(session, ticket, city.crews[0], now)
    with transaction():
        held = session.get(Ticket, ticket)
        hold_ticket(held, reason="waiting_for_part", actor=DESK, now=now)
    board = planning_board(now)
    assert numbers(board) == []
    assert len(board.crews) == 2


def test_calls_of_the_last_hour_are_counted(session, city, now):
    open_one(now - timedelta(minutes=61))
    open_one(now - timedelta(minutes=59))
    open_one(now, category="noise")
    open_one(now, category="advice")
    assert arrivals_of_last_hour(now) == 2
    assert arrivals_of_last_hour(now + timedelta(hours=2)) == 0


def test_the_stamp_changes_with_each_step_and_not_by_itself(session, city, now):
    stamps = [situation_stamp()]
    ticket = open_one(now)
    stamps.append(situation_stamp())
    assert situation_stamp() == stamps[-1]
    visit = send(session, ticket, city.crews[0], now)
    stamps.append(situation_stamp())
    with transaction():
        acknowledge(session.get(Ticket, ticket), visit, actor=DESK, now=now)
    stamps.append(situation_stamp())
    assert len(set(stamps)) == len(stamps)


def test_who_does_not_answer_by_rule_is_found_after_the_grace(session, city, now):
    first, second, third = (open_one(now) for _ in range(3))
    silent = send(session, first, city.crews[0], now)
    send(session, second, city.crews[1], now, Decision())
    answered = send(session, third, city.crews[2], now)
    with transaction():
        acknowledge(session.get(Ticket, third), answered, actor=DESK, now=now)
    grace, promise = timedelta(minutes=5), timedelta(minutes=5)
    assert silent_visits(now + promise + grace - timedelta(seconds=1), grace) == []
    [found] = silent_visits(now + promise + grace, grace)
    assert (found.visit_id, found.need.ticket_id, found.need.skill) == (silent.id, first, "mains")


@pytest.mark.parametrize("read", [planning_board, lambda now: silent_visits(now, timedelta(0))])
def test_visits_under_way_are_found_by_their_index(session, city, now, read):
    send(session, open_one(now), city.crews[0], now)
    with statements(db.engine) as asked:
        read(now)
    plans = [
        plan_of(each.text, each.values)
        for each in asked
        if "FROM visit JOIN ticket" in each.text and "visit.state IN" in each.text
    ]
    assert plans
    assert all("visit_active" in plan for plan in plans)
