"""Are the facts of a range those of its tickets, whatever has changed since they were written?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from dispatch.domain.fact_columns import FactColumns
from dispatch.domain.facts import Keys, fact_of, facts_of, with_followers
from dispatch.domain.microseconds import micros
from dispatch.domain.part_of_week import PartOfWeek
from dispatch.domain.permissions import Scope
from dispatch.domain.responsibility import DESK
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.facts import FactDue, TicketFact
from dispatch.models.follow_ups import FollowUp
from dispatch.models.people import Crew
from dispatch.models.tickets import Hold, Report, Ticket, Visit
from dispatch.queries.facts import facts_ahead, facts_for, facts_waiting
from dispatch.queries.stories import FigureFilters
from tests.queries.histories import (
    NOW,
    START,
    Past,
    crew_told_of,
    on_one_database,
    pasts,
    store,
    story_of,
)

EVERYTHING = Scope(everything=True)
ENDED = {"closed", "duplicate", "cancelled"}


def told(found):
    """Write the facts of a past by another way than the product does."""
    rows = []
    for past in found:
        row, story = past.ticket, story_of(past, found)
        keys = Keys(
            row["id"], row["grid_id"], row["team_id"], row["household_id"], crew_told_of(past),
            DESK if is_late(row) else None, row["pipe_mm"],
            is_open=row["state"] not in ENDED and not row["imported"],
            is_held=bool(past.holds) and not (row["completed_at"] or row["closed_at"]),
        )  # fmt: skip
        rows.append(fact_of(story, keys))
    facts = facts_of(rows)
    return with_followers(facts, facts)


def is_late(row):
    """Tell of a past without events whether the desk held it when its 30 minutes were over."""
    due, arrived = row["arrive_due_at"], row["arrived_at"]
    is_promised = due is not None and due - row["received_at"] == timedelta(minutes=30)
    return is_promised and (arrived is None or arrived > due)


def in_order(facts):
    facts = facts.rows() if isinstance(facts, FactColumns) else facts
    return np.sort(facts, order="ticket").tobytes()


@on_one_database
@given(earlier=pasts(), found=pasts(), changes=st.integers(0, 60), begin=st.integers(0, 6))
def test_facts_are_those_of_the_tickets_received_or_waiting(places, earlier, found, changes, begin):
    store(earlier)
    run(NOW)
    store(found)
    if changes:
        run(NOW, most=changes)
    from_at, to_at = START + timedelta(days=begin), START + timedelta(days=begin + 2)
    rows = told(found)
    wanted = {
        past.ticket["id"]
        for past in found
        if past.ticket["received_at"] < to_at
        and (past.ticket["received_at"] >= from_at or _waited(past.ticket, from_at))
    }
    expected = rows[np.isin(rows["ticket"], list(wanted))]
    assert in_order(facts_for(from_at, to_at, EVERYTHING, now=NOW)) == in_order(expected)


def _waited(ticket, at):
    if ticket["closed_at"]:
        return ticket["closed_at"] >= at
    return not ticket["imported"] and ticket["state"] not in ENDED


@on_one_database
@given(earlier=pasts(), found=pasts(), changes=st.integers(0, 60))
def test_filters_hold_for_what_is_written_and_for_what_is_not(places, earlier, found, changes):
    store(earlier)
    run(NOW)
    store(found)
    if changes:
        run(NOW, most=changes)
    part = PartOfWeek(ZoneInfo("Asia/Shanghai"), "weekdays", 20, 9)
    mine = FigureFilters(team="First team", category="leak", part_of_week=part)
    shown = facts_for(START, NOW, EVERYTHING, mine, now=NOW)
    assert sorted(shown["ticket"].tolist()) == [
        past.ticket["id"]
        for past in found
        if past.ticket["team_id"] == 1
        and past.ticket["category"] == "leak"
        and part.holds(past.ticket["received_at"])
    ]


def a_closed_leak(number, *, hours=0, **columns: Any):
    at = START + timedelta(hours=hours)
    ticket = {
        "id": number, "state": "closed", "category": "leak", "level": 3, "received_at": at,
        "closed_at": at + timedelta(minutes=30), "lat": 28.2, "lon": 112.9,
        "place_standing": "inside", "flags": [], "changed_at": at,
    }  # fmt: skip
    return Past(ticket | columns)


def stored(*found: Past):
    store(list(found))
    run(NOW)


def followed():
    """Return when each ticket was followed, in hours, of what is written in the table alone."""
    rows = facts_of(db.session.scalars(select(TicketFact.fact).order_by(TicketFact.ticket_id)))
    hours = (rows["followed_at"] - micros([START])[0]) / 3.6e9
    return dict(zip(rows["ticket"].tolist(), hours.tolist(), strict=True))


def test_a_ticket_that_moves_away_or_goes_no_longer_follows(places):
    stored(a_closed_leak(1), a_closed_leak(2, hours=5), a_closed_leak(3, hours=9))
    assert followed()[1] == 5
    db.session.execute(update(Ticket).where(Ticket.id == 2).values(lat=29.0))
    db.session.commit()
    run(NOW)
    assert followed()[1] == 9
    db.session.execute(delete(Ticket).where(Ticket.id == 3))
    db.session.commit()
    run(NOW)
    assert np.isnan(followed()[1])
    assert set(followed()) == {1, 2}


def test_a_merged_ticket_no_longer_follows_and_its_parent_counts_it(places):
    stored(a_closed_leak(1), a_closed_leak(2, hours=5))
    db.session.execute(update(Ticket).where(Ticket.id == 2).values(state="duplicate", parent_id=1))
    db.session.commit()
    run(NOW)
    assert np.isnan(followed()[1])
    shown = facts_for(START, NOW, EVERYTHING, now=NOW)
    assert shown["duplicates"][shown["ticket"] == 1].tolist() == [1]


def rows_around():
    mine = {"ticket_id": 1}
    return [
        (Visit, mine | {"crew_id": 1, "state": "withdrawn", "dispatched_at": START}),
        (Report, mine | {"id": 1, "channel": "phone", "received_at": START, "token": "t"}),
        (Hold, mine | {"reason": "waiting_for_part", "from_at": START}),
        (
            FollowUp,
            mine
            | {"report_id": 1, "round": "day", "state": "open", "about_at": START}
            | dict.fromkeys(("due_at", "call_at", "late_at"), START),
        ),
    ]


def test_every_row_that_a_figure_rests_on_is_noticed(places):
    stored(a_closed_leak(1), a_closed_leak(2))

    def noticed():
        found = set(db.session.scalars(select(FactDue.ticket_id)))
        db.session.execute(delete(FactDue))
        return found

    db.session.execute(update(Ticket).where(Ticket.id == 1).values(level=2))
    assert noticed() == {1}
    for table, row in rows_around():
        db.session.execute(insert(table), row)
        assert noticed() == {1}, table
    for table, _ in rows_around():
        db.session.execute(update(table).values(ticket_id=2))
        assert noticed() == {1, 2}, table
    db.session.execute(update(Crew).values(team_id=2))
    assert noticed() == {2}
    for table, _ in reversed(rows_around()):
        db.session.execute(delete(table))
        assert noticed() == {2}, table
    db.session.execute(delete(Ticket))
    assert noticed() == {1, 2}


def test_a_hold_that_lasts_is_counted_up_to_the_question(places):
    stored(a_closed_leak(1, state="accepted", closed_at=None))
    db.session.execute(insert(Hold), {"ticket_id": 1, "reason": "other", "from_at": START})
    db.session.commit()
    run(NOW)
    assert facts_waiting() == 0
    for hours in (1, 2):
        at = START + timedelta(hours=hours)
        assert facts_for(START, NOW, EVERYTHING, now=at)["held_seconds"].tolist() == [3600 * hours]


def test_the_oldest_changes_come_first_and_no_more_than_asked_for(places):
    store([a_closed_leak(number) for number in range(1, 5)])
    ahead = facts_ahead(NOW, most=2)
    last = db.session.scalar(select(func.max(FactDue.id)))
    assert len(ahead.seen) == 2
    assert max(ahead.seen) < last
    assert facts_waiting() > 2
