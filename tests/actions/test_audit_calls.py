"""Are managers' calls drawn once a week, by team, and by nobody's choice?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.actions.audit_calls import draw_audit_calls, seed_of
from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.endings import close_ticket
from dispatch.actions.follow_ups import Said, take_answer
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive, complete_visit
from dispatch.domain.follow_up import audit_draw, week_of
from dispatch.models.base import db
from dispatch.models.follow_ups import AuditDraw, FollowUp
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.policies import policy_in_force
from tests.factories import DESK, IN_EAST, make_city, make_ticket
from tests.follow_ups import on

A_WEEK = timedelta(days=7)


@pytest.fixture
def week(session, now):
    """Close seven tickets of the west and one of the east, and one that nobody can call."""
    with transaction():
        crews = make_city(now).crews
        for number in range(9):
            given = {"reporter_phone": f"1380000{number:04d}"} if number < 8 else {}
            place = {"place": IN_EAST} if number == 7 else {}
            ticket = make_ticket(now, **given, **place).ticket
            visit = dispatch_visit(ticket, crews[0], actor=DESK, now=now)
            arrive(ticket, visit, actor=DESK, now=now)
            complete_visit(ticket, visit, actor=DESK, now=now)
            close_ticket(ticket, actor=DESK, now=now)
    return now


def drawn():
    rows = db.session.scalars(
        select(FollowUp).where(FollowUp.round == "audit").order_by(FollowUp.id)
    )
    return list(rows.all())


def draw(now):
    with transaction():
        return draw_audit_calls(now)


def test_each_team_has_its_share_of_the_last_whole_week(week):
    assert draw(week) == 0
    assert draw(week + A_WEEK) == 2
    rows = drawn()
    assert sorted(row.drawn_from for row in rows) == [1, 7]
    zone = policy_in_force().policy.calendar.zone
    assert {row.week for row in rows} == {week_of(week, zone)}
    assert {row.seed for row in rows} == {seed_of(week_of(week, zone), zone)}
    assert all(row.late_at == week + 2 * A_WEEK for row in rows)


def test_a_week_is_drawn_once_and_the_same_again(week):
    draw(week + A_WEEK)
    assert draw(week + A_WEEK + timedelta(days=1)) == 0
    [west] = [row for row in drawn() if row.drawn_from == 7]
    numbers = [f"W{number:06d}" for number in range(1, 8)]
    again = audit_draw(numbers, seed=west.seed, team="West Team", percent=5, least=1)
    assert again == [f"W{west.ticket_id:06d}"]


def test_a_draw_that_found_nobody_is_not_made_again(session, now):
    assert draw(now + A_WEEK) == 0
    with transaction():
        crew = make_city(now).crews[0]
        ticket = make_ticket(now, reporter_phone="13800001111").ticket
        visit = dispatch_visit(ticket, crew, actor=DESK, now=now)
        arrive(ticket, visit, actor=DESK, now=now)
        complete_visit(ticket, visit, actor=DESK, now=now)
        close_ticket(ticket, actor=DESK, now=now)
    assert draw(now + A_WEEK + timedelta(hours=1)) == 0
    assert drawn() == []
    kept = session.scalars(select(AuditDraw)).one()
    week = week_of(now, policy_in_force().policy.calendar.zone)
    assert (kept.week, kept.seed, kept.drawn_from, kept.drawn) == (week, f"{week}/", 0, 0)
    assert kept.at == now + A_WEEK


def test_a_draw_is_kept_with_how_many_it_was_made_from(session, week):
    draw(week + A_WEEK)
    kept = session.scalars(select(AuditDraw)).one()
    assert (kept.drawn_from, kept.drawn) == (8, 2)
    assert {kept.seed} == {row.seed for row in drawn()}


def test_the_seed_is_not_known_while_the_week_runs(week):
    zone = policy_in_force().policy.calendar.zone
    before = seed_of(week_of(week, zone), zone)
    with transaction():
        make_ticket(week + timedelta(days=2))
    assert seed_of(week_of(week, zone), zone) != before
    assert seed_of("2020-W01", zone) == "2020-W01/"


def test_the_word_of_an_audit_call_stays_apart_and_reopens_all_the_same(week):
    draw(week + A_WEEK)
    row = drawn()[0]
    on(row.id, take_answer, Said("not_fixed", 1, 1), channel="call", actor=DESK, now=week + A_WEEK)
    assert db.session.get_one(Report, row.report_id).fixed_answer is None
    ticket = db.session.get_one(Ticket, row.ticket_id)
    assert (ticket.state, ticket.followed_up_at) == ("reopened", None)
