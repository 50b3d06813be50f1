"""Does the last word of each crew count, however late it comes?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.site_facts import add_fact
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.coverage import Work
from dispatch.domain.permissions import Scope
from dispatch.domain.time_left import TimeLeft, law_told
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket
from dispatch.queries.board import board_for
from dispatch.queries.candidates import crew_board
from dispatch.queries.crews_ahead import crews_ahead
from dispatch.queries.outlook import planning_board
from dispatch.queries.time_left import times_left
from tests.trips import open_burst, send, steward, work

EVERYTHING = Scope(everything=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ticket(session, now):
    """One burst main; crew W1 arrives after a quarter of an hour."""
    open_burst(now)
    send(1, 1, now)
    work(1, 1, now, until="arrive")
    return db.session.get_one(Ticket, 1)


def say(ticket, minutes, now, said_at=None):
    with transaction():
        told = Told(effective_at=said_at)
        args = {"minutes": minutes}
        add_fact(ticket, "time-left", args, actor=steward(1), now=now, told=told)


def test_nobody_has_said_anything(ticket):
    assert times_left([]) == times_left([ticket.id]) == {}


def test_what_was_said_last_counts_though_an_older_word_comes_later(ticket, now):
    say(ticket, 40, now + 20 * MINUTE)
    say(ticket, 10, now + 30 * MINUTE)
    say(ticket, 80, now + 31 * MINUTE, said_at=now + 16 * MINUTE)
    assert times_left([ticket.id]) == {1: TimeLeft(now + 30 * MINUTE, 10)}


def test_a_word_before_the_arrival_does_not_count(ticket, now):
    say(ticket, 20, now + 20 * MINUTE, said_at=now + 5 * MINUTE)
    assert times_left([ticket.id]) == {}


def test_planner_coverage_board_and_candidates_go_by_it(ticket, now):
    said_at = now + 20 * MINUTE
    say(ticket, 20, said_at)
    law, at = law_told(20), now + 25 * MINUTE
    [crew] = [each for each in planning_board(at).crews if each.working_since]
    assert (crew.working_since, crew.repair_mean, crew.repair_sigma, crew.has_told) == (
        said_at, law.mean_seconds, law.sigma, True,
    )  # fmt: skip
    assert crews_ahead(at)[0].work == Work(elapsed=300, repair=law)
    [option] = [each for each in crew_board(at).crews if each.active_visits]
    assert (option.busy_until, option.has_told) == (now + 40 * MINUTE, True)
    [bar] = _bars(at)
    assert abs(bar["ends_at"] - (now + 40 * MINUTE)) < MINUTE


def _bars(at):
    name = db.session.get_one(Crew, 1).name
    crews = board_for(EVERYTHING, at - timedelta(hours=1), at + timedelta(hours=1), at)["crews"]
    return next(each["bars"] for each in crews if each["name"] == name)
