"""Are the findings those of the asker's crews and people, in the days that are asked for?"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.actions.findings import mark_finding, undo_mark
from dispatch.actions.site_facts import add_fact
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.findings import Limits
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Role, Scope
from dispatch.domain.place import Point
from dispatch.models.tickets import Ticket
from dispatch.queries.findings import finding_row, findings_for, standing_mark
from tests.factories import IN_WEST, make_account, make_city
from tests.findings import MINUTE, correct_often, visited
from tests.trips import another_ticket, send, step

ZONE = ZoneInfo("Asia/Shanghai")
LIMITS = Limits()
EVERYTHING = Scope(everything=True)
HERE, FAR = Point(IN_WEST.lat, IN_WEST.lon), Point(IN_WEST.lat + 0.02, IN_WEST.lon)
TODAY = Period(date(2026, 3, 2), date(2026, 3, 3), ZONE)


@pytest.fixture
def crew(session, now):
    """Add the city, and a member of crew W1 with an account."""
    with transaction():
        city = make_city(now)
        return make_account(Role.CREW, now, name="Wang", crew_id=city.crews[0].id)


def leading(now):
    with transaction():
        return make_account(Role.TEAM_LEADER, now, team_id=1)


def keys(period=TODAY, scope=EVERYTHING, limits=LIMITS, kind=None):
    return [row.finding.key for row in findings_for(period, scope, limits, kind)]


def test_visits_and_photos_are_asked_about_newest_first(crew, now):
    visited(crew, now, tap=HERE, photo="a", taken_at=now)
    visited(crew, now + MINUTE, tap=FAR, photo="a")
    visited(crew, now + 2 * MINUTE, on_site=2 * MINUTE)
    visited(crew, now + 3 * MINUTE, tap=HERE, photo="b", taken_at=now - timedelta(hours=2))
    assert keys() == [
        "photo_old-3", "short_visit-3", "no_evidence-3", "photo_twice-2", "far_away-2",
    ]  # fmt: skip
    [row] = findings_for(TODAY, EVERYTHING, Limits(), "photo_twice")
    assert (row.about.number, row.about.crew) == ("W000002", "W1")
    assert "W000001" in str(row.finding.evidence)
    assert row.as_json()["evidence"] == row.finding.evidence


def test_a_photo_by_a_clock_that_was_hours_behind_is_not_asked_about(crew, session, now):
    visited(crew, now, tap=HERE, photo="a", taken_at=now - 9 * 60 * MINUTE)
    visited(crew, now, tap=HERE, photo="b", taken_at=now - 9 * 60 * MINUTE)
    assert set(keys()) == {"photo_old-1", "photo_old-2"}
    for behind in (1, 9 * 60, 1):
        tapped = now + 10 * MINUTE
        told = Told(effective_at=tapped, device_at=tapped - behind * MINUTE)
        used = {"item": "clamps_150", "count": 1}
        with transaction():
            ticket = session.get_one(Ticket, 2)
            add_fact(ticket, "parts", used, actor=crew, now=now + 60 * MINUTE, told=told)
    assert keys() == ["photo_old-1"]


def test_a_leader_sees_the_own_crews_and_only_the_days_asked_for(crew, now):
    visited(crew, now)
    assert keys(scope=Scope(team_id=1)) == ["no_evidence-1"]
    assert keys(scope=Scope(team_id=2)) == []
    assert keys(scope=Scope(team_id=0)) == []
    assert keys(Period(date(2026, 3, 1), date(2026, 3, 2), ZONE)) == []
    with pytest.raises(NotFound):
        finding_row("no_evidence-1", Scope(team_id=2), Limits(), ZONE)


def test_people_are_counted_by_whole_weeks(crew, session, now):
    number = visited(crew, now, tap=HERE)
    leader = leading(now)
    correct_often(leader, number, 3, now + timedelta(hours=1))
    correct_often(leader, number, 2, now + timedelta(days=3))
    [row] = findings_for(TODAY, Scope(team_id=1), Limits())
    assert row.finding.key == f"corrections-{leader.user_id}-2026-W10"
    assert row.about.person == "the team_leader"
    assert keys(scope=Scope(team_id=2)) == []
    assert finding_row(row.finding.key, EVERYTHING, Limits(), ZONE).finding == row.finding


def test_closed_doors_are_counted_for_the_crew_that_stood_before_them(crew, session, now):
    for each in range(2):
        number = another_ticket(now, channel="web", reporter_phone="13800005678").ticket.id
        send(number, 1, now)
        for minutes, name in enumerate(("acknowledge", "set-off", "arrive")):
            step(number, name, crew, now + (5 * each + minutes) * MINUTE)
        cause = "no_access" if each else "part_missing"
        step(number, "cannot-complete", crew, now + 30 * MINUTE, cause=cause)
    with transaction():
        clerk = make_account(Role.DISPATCHER, now)
    step(1, "call-back", clerk, now + 40 * MINUTE, outcome="not_reached")
    assert keys(limits=Limits(many=1), kind="not_reached") == [
        f"not_reached-{clerk.user_id}-2026-W10",
        f"not_reached-{crew.user_id}-2026-W10",
    ]
    [row] = findings_for(TODAY, Scope(team_id=1), Limits(many=1), "not_reached")
    assert (row.about.crew, row.about.person) == ("W1", "Wang")


def test_what_was_looked_at_goes_below_and_comes_back(crew, session, now):
    for each in range(3):
        visited(crew, now + each * MINUTE)
    leader = leading(now)
    for key, mark in (("no_evidence-3", "right"), ("no_evidence-2", "follow_up")):
        row = finding_row(key, EVERYTHING, Limits(), ZONE)
        mark_finding(row, mark, "", actor=leader, now=now + timedelta(days=1))
    assert keys() == ["no_evidence-1", "no_evidence-2", "no_evidence-3"]
    row = finding_row("no_evidence-3", EVERYTHING, Limits(), ZONE)
    assert row.as_json()["marked_by"] == "the team_leader"
    undo_mark(row, actor=leader, now=now + timedelta(days=1))
    assert standing_mark("no_evidence-3") is None
    assert keys() == ["no_evidence-3", "no_evidence-1", "no_evidence-2"]


@pytest.mark.parametrize("key", ["no_evidence-99", "photo_old-99", "short_visit-1", "nothing"])
def test_a_key_without_a_finding_leads_nowhere(crew, now, key):
    visited(crew, now)
    with pytest.raises(NotFound):
        finding_row(key, EVERYTHING, Limits(), ZONE)
