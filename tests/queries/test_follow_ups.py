"""Are the calls listed in the order in which they are made, and nobody's twice?"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from dispatch.actions.follow_ups import claim, nobody_answered
from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import RESIDENT, Role, Scope
from dispatch.models.base import db
from dispatch.models.tickets import Report
from dispatch.queries.follow_ups import (
    call_counts,
    call_list,
    call_seen,
    due_links,
    follow_up_for_change,
    next_call,
    question_for,
    silent_questions,
)
from tests.cases import Case
from tests.factories import make_account
from tests.finished import complete_one
from tests.follow_ups import EVERYTHING, on, questions, say_it

MORNING = timedelta(hours=16)  # 09:30 of the next day in the tests' zone


@pytest.fixture
def asked(session, now):
    """Repair one burst whose reporter left a number, and one whose reporter did not."""
    case = Case(now, reporter_phone="13800001111", reporter_name="Zhou")
    case.fixed()
    silent = complete_one(now)
    with transaction():
        li, wu = (make_account(Role.CALL_TAKER, now, name=name) for name in ("Li Na", "Wu"))
    first, later = questions(case.id)
    return SimpleNamespace(
        case=case, first=first.id, later=later.id, silent=silent, li=li, wu=wu, at=now + MORNING
    )


def counts(asked, at):
    found = call_counts(at, at - timedelta(hours=9), EVERYTHING)
    return found.due, found.overdue, found.taken, found.later, found.ended, found.no_number


def test_a_call_is_listed_when_it_is_due_and_masked(asked):
    assert call_list(asked.case.minute(60), EVERYTHING) == []
    [row] = call_list(asked.at, EVERYTHING)
    assert (row["id"], row["number"], row["round"]) == (asked.first, "W000001", "same_day")
    assert (row["phone"], row["reporter"], row["crew"]) == ("138****1111", "Z**", "W1")
    assert not row["is_overdue"]
    assert call_list(asked.at, Scope(team_id=99)) == []
    assert counts(asked, asked.at) == (1, 0, 0, 1, 0, 2)


def test_what_is_overdue_comes_first(asked, now):
    with transaction():
        new = NewReport("burst", address="x", reporter_phone="13800002222")
        add_report(asked.case.reload(), new, actor=RESIDENT, now=now)
    over = questions()[0].late_at + timedelta(days=6, hours=23)
    found = call_list(over, EVERYTHING)
    assert [row["round"] for row in found] == ["same_day", "day_7"]
    assert [row["is_overdue"] for row in found] == [True, False]
    assert counts(asked, over)[:2] == (2, 1)


def test_a_call_that_somebody_makes_is_shown_and_not_given_twice(asked):
    assert next_call(asked.at, EVERYTHING, asked.wu.user_id) == asked.first
    on(asked.first, lambda row, _t: claim(row, actor=asked.li, now=asked.at))
    assert next_call(asked.at, EVERYTHING, asked.wu.user_id) is None
    assert next_call(asked.at, EVERYTHING, asked.li.user_id) == asked.first
    assert call_list(asked.at, EVERYTHING)[0]["taken_by"] == "Li Na"
    assert counts(asked, asked.at)[2] == 1
    assert next_call(asked.at + timedelta(minutes=10), EVERYTHING, asked.wu.user_id) == asked.first


def test_what_ended_or_comes_again_later_is_not_listed(asked):
    on(asked.first, nobody_answered, actor=asked.li, now=asked.at)
    assert call_list(asked.at, EVERYTHING) == []
    say_it(asked.first, "fixed", actor=asked.li, now=asked.at)
    assert counts(asked, asked.at) == (0, 0, 0, 1, 1, 2)
    assert call_seen(asked.first, asked.at, EVERYTHING)["fixed"] == "fixed"


def test_nothing_of_another_team_or_kind_is_found(asked):
    for find in (follow_up_for_change, lambda row_id, scope: call_seen(row_id, asked.at, scope)):
        for row_id, scope in ((asked.first, Scope(team_id=99)), (999, EVERYTHING)):
            with pytest.raises(NotFound):
                find(row_id, scope)
    with pytest.raises(NotFound):
        follow_up_for_change(asked.first, EVERYTHING, ("audit",))


def test_the_links_that_are_due_have_a_number_to_go_to(asked):
    assert due_links(asked.case.minute(60), 10) == []
    assert due_links(asked.at, 10) == [asked.first]
    assert due_links(asked.at + timedelta(days=8), 10) == [asked.first, asked.later]
    assert silent_questions(asked.at, 10) == []
    assert len(silent_questions(asked.at + timedelta(days=30), 10)) == 4


def test_the_page_asks_at_once_then_a_week_later_and_lets_correct_for_a_day(asked):
    def shown(at, report=1):
        row = question_for(db.session.get_one(Report, report), at)
        return row and row.round

    assert shown(asked.case.minute(10)) == "same_day"
    say_it(asked.first, "fixed", actor=asked.li, now=asked.at)
    assert shown(asked.at + timedelta(days=1)) == "same_day"
    assert shown(asked.at + timedelta(days=1, seconds=1)) is None
    assert shown(asked.at + timedelta(days=7)) == "day_7"
    assert shown(asked.case.minute(10), report=2) == "same_day"


def test_a_person_who_reported_twice_is_asked_on_either_page(asked, now):
    with transaction():
        new = NewReport("burst", address="x", reporter_phone="13800001111")
        add_report(asked.case.reload(), new, actor=RESIDENT, now=now)
    second = db.session.get_one(Report, 3)
    assert question_for(second, asked.at).id == asked.first
