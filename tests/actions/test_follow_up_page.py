"""Does the page behind the link take each word once, and let it be corrected?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions.follow_up_page import answer_on_page
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.asking import AskingRules
from dispatch.domain.errors import Stale
from dispatch.domain.permissions import RESIDENT
from dispatch.domain.service_policy import DEFAULT_POLICY
from dispatch.models.base import db
from dispatch.models.tickets import Report
from tests.cases import Case
from tests.follow_ups import questions

NOTHING_MORE = {"process": None, "result": None, "note": "", "version": None}


@pytest.fixture
def repaired(session, now):
    """Repair a ticket whose reporter left a number."""
    case = Case(now, reporter_phone="13800001111")
    case.fixed()
    return case


def tap(case, answer, minute, **more: Any):
    given = {"answer": answer, **NOTHING_MORE, **more}
    with transaction():
        report = db.session.get_one(Report, case.report.id)
        answer_on_page(report, given, actor=RESIDENT, now=case.minute(minute))
    return questions(case.id)[0]


def test_a_button_answers_and_a_second_tap_changes_nothing(repaired):
    row = tap(repaired, "fixed", 30)
    assert (row.state, row.channel, row.fixed) == ("answered", "link", "fixed")
    version = row.version
    assert tap(repaired, "fixed", 31).version == version


def test_scores_come_afterwards_and_a_button_keeps_them(repaired):
    first = tap(repaired, "fixed", 30)
    row = tap(repaired, "fixed", 31, process=5, note="kind", version=first.version)
    assert (row.process, row.result, row.note) == (5, None, "kind")
    row = tap(repaired, "not_fixed", 60)
    assert (row.fixed, row.process, row.note) == ("not_fixed", 5, "kind")
    assert repaired.reload().state == "reopened"


def test_who_saw_an_older_answer_is_told(repaired):
    seen = tap(repaired, "fixed", 30).version
    tap(repaired, "fixed", 31, process=5, version=seen)
    with pytest.raises(Stale):
        tap(repaired, "fixed", 32, process=1, version=seen)


def test_the_word_is_heard_after_the_day_and_where_nobody_was_asked(repaired):
    tap(repaired, "fixed", 30)
    row = tap(repaired, "not_fixed", 3 * 24 * 60)
    assert (row.fixed, repaired.reload().state) == ("fixed", "reopened")
    assert repaired.report.fixed_answer == "not_fixed"
    tap(repaired, "not_fixed", 3 * 24 * 60 + 1)
    assert repaired.reload().reopenings == 1


def test_the_policy_may_ask_nobody_and_the_page_still_listens(session, now, monkeypatch):
    nobody = AskingRules(same_day_levels=(), later_levels=())
    monkeypatch.setitem(vars(DEFAULT_POLICY), "asking", nobody)
    case = Case(now)
    case.fixed()
    with transaction():
        report = db.session.get_one(Report, case.report.id)
        given = {"answer": "fixed", **NOTHING_MORE}
        answer_on_page(report, given, actor=RESIDENT, now=now + timedelta(hours=1))
    assert questions(case.id) == []
    assert case.reload().verified_at == now + timedelta(hours=1)
