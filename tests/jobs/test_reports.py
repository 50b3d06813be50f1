"""Does each report go out by mail once for each period, in each reader's words?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dispatch.actions.saved_views import add_view, delete_view
from dispatch.actions.scheduled_reports import add_report
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.messages import Outcome
from dispatch.domain.permissions import Role
from dispatch.jobs.outbox import PostRoom, run
from dispatch.jobs.reports import send_reports
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.people import User
from dispatch.models.scheduled_reports import ScheduledReport
from tests.circle_history import MONDAY, a_week_of_tickets
from tests.factories import make_account

ZONE = ZoneInfo("Asia/Shanghai")
SET_UP = MONDAY + timedelta(hours=12)
DUE = datetime(2026, 3, 9, 7, tzinfo=ZONE)
FILTERS = {"last": "7", "compare": "1", "days": "weekdays"}


@pytest.fixture
def report(session):
    """Let a manager send a view to themselves and to a leader who reads Chinese."""
    with transaction():
        a_week_of_tickets()
        maker = make_account(Role.MANAGER, SET_UP, email="boss@water.example", language="en")
        leader = make_account(
            Role.TEAM_LEADER, SET_UP, email="east@water.example", language="zh-CN", team_id=2
        )
        view = add_view("Evenings", FILTERS, shared=False, actor=maker, now=SET_UP, page="circle")
        row = add_report(
            view.id,
            "week",
            [maker.user_id, leader.user_id],
            actor=maker,
            now=SET_UP,
            zone=ZONE,
        )
    return row.id, view, maker


def mails():
    return db.session.scalars(select(Outbox).order_by(Outbox.recipient)).all()


def test_a_report_goes_out_once_and_to_each_in_their_own_words(app, report):
    assert send_reports(DUE - timedelta(minutes=1)) == 0
    assert send_reports(DUE) == 2
    assert send_reports(DUE + timedelta(minutes=1)) == 0
    letters = []

    def take(message):
        letters.append(message)
        return Outcome("sent", 250)

    room = PostRoom(replace(app.config["SETTINGS"], quiet_hours=""), {"email": take}, "secret")
    run(DUE, room)
    for flight in room.flights.values():
        flight.answer.put(flight.answer.get(timeout=60))
    english, chinese = sorted(letters, key=lambda letter: letter.recipient)
    assert english.subject == "Evenings, 2026-03-02 to 2026-03-08"
    assert "Worst grid: East" in english.text
    assert "figures.xlsx?from=2026-03-02&to=2026-03-08&days=weekdays" in english.text
    assert "comes late" not in english.text
    assert "东区" in chinese.text
    assert "figures.xlsx" not in chinese.text
    assert [mail.user_id for mail in mails()] == [1, 2]
    run(DUE, room)


def test_after_a_standstill_the_newest_comes_late_and_says_what_was_lost(report):
    assert send_reports(DUE + timedelta(days=15)) == 2
    said = [each["text"] for each in mails()[0].content["lines"]]
    assert said[1] == "This report comes late: it was due at %(when)s."
    assert said.count("The report of %(first)s to %(last)s was not sent, because nothing ran then."
                      ) == 2  # fmt: skip
    row = db.session.get_one(ScheduledReport, report[0])
    assert row.due_at == (DUE + timedelta(days=21)).astimezone(UTC)


def test_whoever_has_left_gets_none_and_a_lost_view_pauses_it(report):
    _, view, maker = report
    with transaction():
        db.session.get_one(User, 2).active = False
    assert send_reports(DUE) == 1
    with transaction():
        delete_view(view.id, actor=maker, now=DUE, seen_version=view.version)
    assert send_reports(DUE + timedelta(days=7)) == 0
    row = db.session.get_one(ScheduledReport, report[0], populate_existing=True)
    assert row.paused
    assert row.fault["text"] == "Its view was deleted or is not shared any more."
    assert send_reports(DUE + timedelta(days=14)) == 0


@pytest.mark.parametrize("lost", ["everybody", "grid"])
def test_what_cannot_be_written_pauses_and_stops_no_other(report, lost):
    _, view, _maker = report
    with transaction():
        if lost == "grid":
            view = db.session.merge(view)
            view.filters = FILTERS | {"grid": "Nowhere"}
        else:
            for each in db.session.scalars(select(User)):
                each.email = None
    assert send_reports(DUE) == 0
    assert db.session.get_one(ScheduledReport, report[0], populate_existing=True).paused
