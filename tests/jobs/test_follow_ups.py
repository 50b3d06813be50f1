"""Are links sent and silent questions ended, each by itself?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dispatch.actions.endings import close_ticket
from dispatch.domain.errors import Stale
from dispatch.domain.sentences import say
from dispatch.jobs import follow_ups
from dispatch.jobs.follow_ups import ask_and_give_up, draw_for_managers
from dispatch.jobs.housekeeping import JOBS
from tests.cases import Case
from tests.follow_ups import questions


def repaired(now):
    case = Case(now, reporter_phone="13800001111")
    case.fixed()
    return case


def test_each_link_goes_out_once_and_silence_ends(session, now):
    case = repaired(now)
    assert ask_and_give_up(case.minute(60)) == 0
    assert [ask_and_give_up(case.minute(120)) for _ in range(2)] == [1, 0]
    assert ask_and_give_up(now + timedelta(days=9)) == 2  # the second link, the first one's end
    assert ask_and_give_up(now + timedelta(days=30)) == 1
    assert [row.state for row in questions()] == ["no_answer", "no_answer"]


def test_one_that_changed_a_moment_ago_keeps_no_other_back(session, now, monkeypatch):
    case = repaired(now)

    def lose(*_args: Any, **_named: Any) -> None:
        raise Stale(say("Somebody else changed this."))

    monkeypatch.setattr(follow_ups, "ask_by_link", lose)
    monkeypatch.setattr(follow_ups, "draw_audit_calls", lose)
    assert ask_and_give_up(case.minute(120)) == 0
    assert draw_for_managers(now) == 0


def test_audit_calls_are_drawn_by_the_housekeeping(session, now):
    case = repaired(now)
    case.do(close_ticket, at=90)
    assert draw_for_managers(now + timedelta(days=7)) == 1
    assert {"follow_ups", "audit_calls"} <= set(JOBS)
