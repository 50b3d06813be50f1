"""Is the story that the figures measure the one that the tables tell, on both databases?"""

from __future__ import annotations

import gc
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from dispatch.actions.endings import reopen_ticket
from dispatch.actions.follow_ups import ask_by_link, refuse_to_answer
from dispatch.domain.permissions import RESIDENT, Scope
from dispatch.domain.stories import AnswerStory
from dispatch.models.base import db
from dispatch.models.follow_ups import FollowUp
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.stories import (
    FigureFilters,
    open_stories,
    stories_for,
    without_collecting,
)
from tests.cases import Case
from tests.follow_ups import on, questions, say_it
from tests.queries.histories import (
    NOW,
    START,
    Past,
    on_one_database,
    pasts,
    store,
    story_of,
)

EVERYTHING = Scope(everything=True)
LONG_AFTER = START + timedelta(days=30)


def numbers(stories):
    return [story.number for story in stories]


@on_one_database
@given(found=pasts())
def test_a_story_is_read_as_it_was_written(places, found):
    store(found)
    expected = sorted(
        (story_of(past, found) for past in found), key=lambda s: (s.received_at, s.number)
    )
    assert stories_for(START, LONG_AFTER, EVERYTHING, now=NOW) == expected


def test_answers_stand_in_the_order_of_the_reports(places):
    """A row that was changed lies behind the others on PostgreSQL."""
    past = Past(
        {"state": "completed", "category": "leak", "level": 3, "received_at": START}
        | {"id": 1, "changed_at": START},
        reports=[
            {"channel": "phone", "received_at": START, "answered_at": START, "fixed_answer": answer}
            for answer in ("fixed", "not_fixed", None)
        ],
    )
    store([past])
    for phone in ("1", "2"):
        first = select(func.min(Report.id)).scalar_subquery()
        db.session.execute(update(Report).where(Report.id == first).values(phone=phone))
        db.session.commit()
    (story,) = stories_for(START, LONG_AFTER, EVERYTHING, now=NOW)
    assert [answer.fixed for answer in story.answers] == [True, False, None]


@on_one_database
@given(found=pasts(), begin=st.integers(0, 6), length=st.integers(0, 6))
def test_every_ticket_is_in_one_range_and_the_end_is_not_in_it(places, found, begin, length):
    store(found)
    first = START + timedelta(days=begin)
    last = first + timedelta(days=length)
    inside = stories_for(first, last, EVERYTHING, now=NOW)
    assert all(first <= story.received_at < last for story in inside)
    before = stories_for(START, first, EVERYTHING, now=NOW)
    after = stories_for(last, LONG_AFTER, EVERYTHING, now=NOW)
    assert len(before) + len(inside) + len(after) == len(found)


@on_one_database
@given(found=pasts())
def test_filters_and_scopes_let_through_what_they_name(places, found):
    store(found)
    everything = stories_for(START, LONG_AFTER, EVERYTHING, now=NOW)
    for filters, keeps in (
        (FigureFilters(team="First team"), lambda s: s.team == "First team"),
        (FigureFilters(grid="Second"), lambda s: s.grid == "Second"),
        (FigureFilters(category="leak"), lambda s: s.category == "leak"),
        (FigureFilters(level=2), lambda s: s.level == 2),
        (FigureFilters(team="nobody"), lambda _: False),
    ):
        narrowed = stories_for(START, LONG_AFTER, EVERYTHING, filters, now=NOW)
        assert narrowed == [story for story in everything if keeps(story)]
    crew = stories_for(START, LONG_AFTER, Scope(crew_id=1), now=NOW)
    assert crew == [s for s in everything if any(v.crew == "Crew 1" for v in s.visits)]


def test_a_scope_without_a_team_sees_nothing(places):
    store([])
    _ticket(id=1)
    assert stories_for(START, LONG_AFTER, Scope(team_id=0), now=NOW) == []


def test_open_tickets_are_those_that_somebody_still_works_on(places):
    store([])
    _ticket(id=1, state="working")
    _ticket(id=2, state="closed", closed_at=START)
    _ticket(id=3, state="accepted", imported=True)
    _ticket(id=4, state="cancelled")
    assert numbers(open_stories(EVERYTHING, now=NOW)) == ["W000001"]


def test_the_collector_rests_and_wakes_also_after_a_fault():
    with without_collecting():
        assert not gc.isenabled()
        with without_collecting():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), without_collecting():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_only_a_filter_that_filters_is_true():
    assert not FigureFilters()
    assert FigureFilters(level=1)
    assert FigureFilters(team="")


def _ticket(**columns: Any) -> None:
    facts = {
        "state": "accepted", "category": "burst", "level": 1, "received_at": START,
        "changed_at": START, "flags": [],
    } | columns  # fmt: skip
    db.session.execute(insert(Ticket), facts)
    db.session.commit()


def test_follow_ups_are_told_as_they_were_asked_and_audit_calls_are_not(session, now):
    case = Case(now, reporter_phone="13800001111")
    case.fixed()
    first, later = questions(case.id)
    at = case.minute(120)
    said = {"process": 5, "result": 2}
    say_it(first.id, "fixed", actor=RESIDENT, now=at, **said)
    on(later.id, refuse_to_answer, actor=RESIDENT, now=at)
    for row in questions(case.id):
        names = [each.name for each in FollowUp.__table__.columns if each.name != "id"]
        columns = {name: getattr(row, name) for name in names} | {"round": "audit"}
        session.add(FollowUp(**columns))
    session.commit()
    [told] = stories_for(now, at, Scope(everything=True), now=at)
    assert told.answers == (
        AnswerStory(
            asked_at=at,
            answered_at=at,
            fixed=True,
            process_satisfied=True,
            result_satisfied=False,
        ),
        AnswerStory(asked_at=at, refused=True),
    )


def test_a_question_that_was_called_off_or_never_put_was_not_asked(session, now):
    case = Case(now, reporter_phone="13800001111")
    case.fixed()
    on(questions(case.id)[0].id, ask_by_link, now=case.minute(120))
    case.do(reopen_ticket, at=121, reason="drips")
    [told] = stories_for(now, case.minute(130), Scope(everything=True), now=case.minute(130))
    assert told.answers == ()
