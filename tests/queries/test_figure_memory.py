"""Is a kept answer given only while it is the right one?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from dispatch.domain.broken_promises import SplitBy, broken_promises
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.tickets import Ticket
from dispatch.queries.figure_memory import (
    KeptFigures,
    keep,
    kept,
    next_change,
    stamp_of,
)
from tests.domain.story_samples import after, any_story, story

LATER = timedelta(days=200)
UTC = ZoneInfo("UTC")


def keep_answer(now: Any, *, changes_at: Any = None) -> None:
    keep("question", KeptFigures(("stamp",), "answer", now, changes_at))


def ticket(**columns: Any) -> None:
    facts = {
        "state": "accepted", "category": "burst", "level": 1, "flags": [],
        "received_at": after(), "changed_at": after(),
    } | columns  # fmt: skip
    db.session.execute(insert(Ticket), facts)
    db.session.commit()


@given(
    stories=st.lists(any_story(), max_size=4),
    now=st.integers(-100, 150_000),
    share=st.floats(0, 1, exclude_max=True),
)
def test_no_broken_promise_changes_by_itself_before_the_next_change(stories, now, share):
    at = after(now)
    until = next_change(stories, [], at)
    later = at + share * ((until or at + LATER) - at)
    if until is not None and later >= until:
        return
    first, then = (broken_promises(stories, SplitBy.GRID, UTC, now) for now in (at, later))
    assert first.has_open or replace(then, as_of=at) == first


def test_a_promise_that_falls_due_is_the_next_change():
    waiting = story(arrive_due_at=after(30), repair_due_at=after(90))
    assert next_change([waiting], [], after(10)) == after(30)
    assert next_change([waiting], [], after(40)) == after(90)


def test_the_edge_of_the_range_is_a_change():
    assert next_change([], [after(5), after(50)], after(10)) == after(50)


def test_nothing_changes_an_old_history_by_itself():
    old = story(completed_at=after(10), closed_at=after(20))
    assert next_change([old], [], after(days=400)) is None


def test_an_answer_is_kept_until_the_tables_or_the_time_change_it(session, now):
    keep_answer(now, changes_at=now + timedelta(minutes=5))
    assert kept("question", ("stamp",), now + timedelta(minutes=4)) == "answer"
    assert kept("question", ("stamp",), now + timedelta(minutes=5)) is None
    assert kept("question", ("other",), now + timedelta(seconds=1)) is None
    assert kept("question", ("stamp",), now - timedelta(seconds=1)) is None
    assert kept("another", ("stamp",), now) is None


def test_the_longest_unused_answer_makes_room(session, now):
    keep_answer(now)
    for number in range(31):
        keep(number, KeptFigures((), number, now, None))
    assert kept("question", ("stamp",), now)
    keep("one more", KeptFigures((), 0, now, None))
    assert kept("question", ("stamp",), now)
    assert kept(0, (), now) is None


def test_every_change_that_a_figure_could_show_changes_the_stamp(session):
    first, last = after(-60), after(60)
    seen = [stamp_of(first, last)]

    def differs() -> bool:
        seen.append(stamp_of(first, last))
        return seen[-1] != seen[-2]

    ticket(id=1)
    assert differs()
    db.session.execute(update(Ticket).values(version=2))
    assert differs()
    ticket(id=2, received_at=after(days=-9))
    assert differs()
    db.session.execute(update(Ticket).where(Ticket.id == 2).values(version=2, closed_at=after()))
    assert differs()
    db.session.add(Team(name="New"))
    db.session.flush()
    assert differs()
    ticket(id=3, received_at=after(days=9))
    assert not differs()
