"""Does a repair owe each person one question a round, and none once it did not hold?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.actions.endings import cancel_ticket, reopen_ticket
from dispatch.actions.intake import NewReport, add_report
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.asking import AskingRules
from dispatch.domain.permissions import RESIDENT
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.models.base import db
from dispatch.models.people import ServicePolicyVersion
from tests.cases import Case
from tests.follow_ups import questions


def test_a_repair_is_asked_about_on_the_day_and_a_week_later(case):
    assert questions(case.id) == []
    case.fixed()
    first, later = questions(case.id)
    done = case.ticket.completed_at
    assert [(row.round, row.state) for row in (first, later)] == [
        ("same_day", "open"),
        ("day_7", "open"),
    ]
    assert first.about_at == later.about_at == done
    # 17:36 in the tests' zone: the link within the hour, the call when the next morning begins.
    assert first.due_at == done + timedelta(hours=1)
    assert first.call_at == case.minute(0).replace(day=3, hour=1, minute=0)
    assert first.late_at == case.ticket.follow_up_due_at
    assert later.due_at == done + timedelta(days=7)


def test_each_person_is_asked_once_and_a_sensor_never(now, session):
    case = Case(now, reporter_phone="13800001111")
    with transaction():
        for phone, channel in (("13800001111", "web"), ("13800002222", "web"), (None, "sensor")):
            new = NewReport("burst", address="x", reporter_phone=phone, channel=channel)
            add_report(case.reload(), new, actor=RESIDENT, now=now)
    case.fixed()
    asked = {row.report_id for row in questions(case.id) if row.round == "same_day"}
    assert asked == {case.report.id, case.report.id + 1 + 1}


def test_a_reopened_ticket_calls_its_questions_off_and_the_next_repair_has_its_own(case):
    case.fixed()
    case.do(reopen_ticket, at=30, reason="drips again")
    assert {row.state for row in questions(case.id)} == {"cancelled"}
    assert {row.ended_at for row in questions(case.id)} == {case.minute(30)}
    visit = case.send(1, at=31)
    case.go(visit, "acknowledge", "arrive", "complete", at=32)
    assert [row.state for row in questions(case.id)] == ["cancelled"] * 2 + ["open"] * 2


def test_a_ticket_without_a_repair_asks_nobody(case):
    case.do(cancel_ticket, at=1, reason="a test call")
    assert questions(case.id) == []


@pytest.mark.parametrize(
    ("rules", "rounds"),
    [
        (AskingRules(same_day_levels=()), ["day_7"]),
        (AskingRules(later_levels=(2, 3)), ["same_day"]),
        (AskingRules(left_out=("burst",)), []),
    ],
)
def test_the_policy_says_who_is_asked(session, now, rules, rounds):
    policy = replace(DEFAULT_POLICY, asking=rules)
    with transaction():
        db.session.add(
            ServicePolicyVersion(
                version=1, policy=policy.as_json(), valid_from=now, created_by="Ann"
            )
        )
    case = Case(now)
    case.fixed()
    assert [row.round for row in questions(case.id)] == rounds
