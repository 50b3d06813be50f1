"""Are broken promises, holds, returns and items told of those whose they are?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dispatch.actions.rectification import Breach, open_for_breaches
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.responsibility import HolderKind, holder_at
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries.circle_responsibility import (
    About,
    responsibility_in,
    shown_rows,
    tickets_about,
)
from dispatch.queries.responsibility import spans_for
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from tests.factories import DESK
from tests.trips import another_ticket, open_burst, send, step, work

ZONE = ZoneInfo("Asia/Shanghai")
CITY = Scope(everything=True)


def later(now, minutes):
    return now + timedelta(minutes=minutes)


@pytest.fixture
def tickets(session, now):
    """Add six tickets: sent late, sent and waited for, held, returned, without a place, in time."""
    open_burst(now)
    for place in ("", "", "", None, ""):
        another_ticket(now, **({"place": None} if place is None else {}))
    send(1, 1, later(now, 40))
    work(1, 1, later(now, 41))
    send(2, 2, later(now, 2))
    step(3, "hold", DESK, later(now, 5), reason="waiting_for_part")
    step(4, "return", DESK, later(now, 10), reason="not our pipe")
    send(6, 3, later(now, 1))
    work(6, 3, later(now, 1))
    return later(now, 120)


def asked(now, filters=ALL_TICKETS):
    today = now.astimezone(ZONE).date()
    return Period(today, today + timedelta(days=1), ZONE), CITY, filters


@pytest.mark.parametrize("is_written", [True, False])
def test_each_broken_promise_is_told_of_whoever_had_the_ticket(tickets, now, is_written):
    if is_written:
        run(later(now, 15))
        run(tickets)
    found = responsibility_in(*asked(now), now=tickets)
    expected = Counter()
    for ticket in db.session.scalars(select(Ticket).order_by(Ticket.id)):
        if ticket.arrived_at is None or ticket.arrived_at > ticket.arrive_due_at:
            holder = holder_at(spans_for(ticket, tickets), ticket.arrive_due_at)
            expected[f"{holder.kind}:{holder.key}"] += 1
    assert {key: count for key, _, count in found.holders} == dict(expected)
    assert {named["kind"] for _, named, _ in found.holders} == {"team", "crew", "hold", "desk"}
    assert (found.broken.hits, found.broken.n) == (expected.total(), expected.total() + 1)
    for key, _, count in found.holders:
        assert len(tickets_about(*asked(now), About.HOLDER, key, now=tickets)) == count


def test_holds_returns_and_hands_lead_to_their_tickets(tickets, now):
    found = responsibility_in(*asked(now), now=tickets)
    [hold] = found.holds
    assert (hold.reason, hold.tickets, hold.seconds) == ("waiting_for_part", 1, 115 * 60)
    assert found.returned.reasons == [("not our pipe", 1)]
    assert found.crews.counts == (2, 0, 0, 0)
    assert found.teams.counts == (2, 0, 0, 0)

    def behind(about, key):
        return tickets_about(*asked(now), about, key, now=tickets)

    assert behind(About.HOLD, "waiting_for_part") == [(3, "6900")]
    assert behind(About.RETURN, "all") == [(4, "not our pipe")]
    assert behind(About.CREWS, "1") == [(1, ""), (6, "")]
    assert behind(About.CREWS, "0") == []
    assert shown_rows([3])[3]["number"] == "W000003"


def test_items_stand_as_they_are_now(tickets, now):
    with transaction():
        first, second = (db.session.get_one(Ticket, number) for number in (1, 2))
        breaches = [Breach(each, "arrive", later(now, 30)) for each in (first, second)]
        open_for_breaches(breaches, now=later(now, 30))
    late = now + timedelta(days=8)
    found = responsibility_in(*asked(now), now=late)
    assert (found.items.all, found.items.open, found.items.overdue) == (2, 2, 2)
    for key in ("open", "overdue"):
        behind = tickets_about(*asked(now), About.ITEM, key, now=late)
        assert [ticket for ticket, _ in behind] == [1, 2]
    assert tickets_about(*asked(now), About.ITEM, "done", now=late) == []


def test_another_view_and_another_team_see_nothing_of_it(tickets, now):
    mine = FigureFilters(category="no_such")
    found = responsibility_in(*asked(now, mine), now=tickets)
    assert (found.tickets, found.holders, found.holds, found.items.all) == (0, [], [], 0)
    period, _, filters = asked(now)
    theirs = responsibility_in(period, Scope(team_id=0), filters, now=tickets)
    assert (theirs.tickets, theirs.holds) == (0, [])
    assert HolderKind.DESK not in {named["kind"] for _, named, _ in theirs.holders}
