"""Who may get a report, and which are due?"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.actions.saved_views import add_view
from dispatch.actions.scheduled_reports import add_report
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Role, Scope
from dispatch.domain.stages import Stage
from dispatch.queries.scheduled_reports import (
    due_reports,
    filters_of,
    readers,
    reports_for,
    summaries_of,
    summary_for,
)
from dispatch.queries.stories import ALL_TICKETS
from tests.circle_history import ZONE, a_week_of_tickets
from tests.factories import make_account

WEEK = Period(date(2026, 3, 2), date(2026, 3, 9), ZoneInfo("Asia/Shanghai"))


def test_readers_see_figures_have_an_address_and_are_in_use(session, now):
    with transaction():
        make_account(Role.MANAGER, now, email="a@water.example")
        make_account(Role.AUDITOR, now, email="")
        make_account(Role.CREW, now, email="c@water.example")
        make_account(Role.DISPATCHER, now, email="d@water.example", active=False)
    assert [each.email for each in readers()] == ["a@water.example"]


def test_a_report_is_shown_to_its_maker_its_readers_and_administrators(session, now):
    with transaction():
        maker = make_account(Role.MANAGER, now, email="a@water.example")
        reader = make_account(Role.AUDITOR, now, email="b@water.example")
        stranger = make_account(Role.DISPATCHER, now)
        admin = make_account(Role.ADMINISTRATOR, now)
        view = add_view("All", {}, shared=False, actor=maker, now=now, page="circle")
        row = add_report(view.id, "week", [reader.user_id], actor=maker, now=now, zone=ZONE)
    shown = [len(reports_for(each)) for each in (maker, reader, stranger, admin)]
    assert shown == [1, 1, 0, 1]
    assert reports_for(reader)[0].names == ["the auditor"]
    assert due_reports(now) == []
    assert due_reports(now + timedelta(days=8)) == [row.id]
    assert list(summaries_of(row.id, now, ZONE)) == [Scope(everything=True)]
    assert summaries_of(99, now, ZONE) == {}


def test_a_week_is_summed_up(session, now):
    with transaction():
        a_week_of_tickets()
    found = summary_for(WEEK, Scope(everything=True), ALL_TICKETS, WEEK.to_at)
    assert (found.kept.n, found.before.n) == (127, 0)
    assert (found.worst_grid, found.worst_stage) == ("West", Stage.TRAVEL)


def test_a_view_of_a_grid_that_is_gone_is_refused(session):
    with pytest.raises(Invalid):
        filters_of({"grid": "Nowhere", "last": "7"}, WEEK)
    assert filters_of({"level": "1", "from_hour": "8", "last": "7"}, WEEK).level == 1
