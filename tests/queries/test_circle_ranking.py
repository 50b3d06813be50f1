"""Do teams and crews stand in a ranking with the tickets that were theirs?"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from dispatch.actions.findings import mark_finding
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.attainment import circle_attainment
from dispatch.domain.findings import Limits
from dispatch.domain.first_time_fix import first_time_fix
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Role, Scope
from dispatch.domain.same_place import next_at_same_place
from dispatch.domain.samples import MINIMUM_SAMPLE, Share
from dispatch.domain.satisfaction import satisfaction
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.tickets import Visit
from dispatch.queries.circle_ranking import Asked, rankings_for
from dispatch.queries.findings import findings_for
from dispatch.queries.stories import FigureFilters
from tests.circle_history import MONDAY, QUICK, SLOW_TO_SEND, ZONE, past_ticket
from tests.factories import make_account, make_city, make_crew, make_team
from tests.findings import MINUTE, visited
from tests.queries.histories import (
    NOW,
    START,
    crew_told_of,
    on_one_database,
    pasts,
    store,
    story_of,
)

EVERYTHING = Scope(everything=True)
PERIOD = Period(START.date(), START.date() + timedelta(days=6), ZoneInfo("UTC"))
WEEK = Period(date(2026, 3, 2), date(2026, 3, 9), ZONE)
LATER = MONDAY + timedelta(days=30)


@on_one_database
@given(earlier=pasts(), found=pasts())
def test_each_row_is_the_sum_of_its_tickets(places, earlier, found):
    store(earlier)
    run(NOW)
    store(found)
    rankings = rankings_for(PERIOD, EVERYTHING, limits=None, now=NOW)
    stories = {past.ticket["id"]: story_of(past, found) for past in found}
    crews, teams = defaultdict(list), defaultdict(list)
    for past in found:
        crews[crew_told_of(past)].append(stories[past.ticket["id"]])
        teams[past.ticket["team_id"]].append(stories[past.ticket["id"]])
    assert (rankings.tickets, rankings.of_no_crew) == (len(found), len(crews[None]))
    whole = circle_attainment(list(stories.values()), NOW)
    assert rankings.city == Share(whole.met, whole.n)
    expected, followers = whole.rate, next_at_same_place(list(stories.values()))
    for table, groups, names in (
        (rankings.crews, crews, {number: f"Crew {number}" for number in (1, 2, 3)}),
        (rankings.teams, teams, {1: "First team", 2: "Second team"}),
    ):
        assert table.ranked == []
        shown = {one.name: one for one in table.apart}
        assert set(shown) == {name for number, name in names.items() if groups[number]}
        for number, name in names.items():
            if not groups[number]:
                continue
            one, mine = shown[name], circle_attainment(groups[number], NOW)
            assert (one.tickets, one.fared.kept) == (len(groups[number]), Share(mine.met, mine.n))
            assert one.fared.expected == (pytest.approx(expected) if mine.n else None)
            assert one.fix == first_time_fix(groups[number], NOW, followers)
            assert one.said == satisfaction(groups[number])


def sent(crew, minutes, count, *, first=1):
    """Add tickets of a crew's team, at which it arrived."""
    for number in range(first, first + count):
        past_ticket(MONDAY + timedelta(minutes=number), minutes, id=number, team_id=crew.team_id)
        at = MONDAY + timedelta(minutes=number + minutes[-1])
        facts = {"state": "completed", "dispatched_at": at, "arrived_at": at, "ended_at": at}
        db.session.add(Visit(ticket_id=number, crew_id=crew.id, **facts))
    db.session.commit()


@pytest.fixture
def crews(session):
    west, east = make_team("West Team", name_zh="西片区队"), make_team("East Team")
    return make_crew("W1", team=west), make_crew("E1", team=east, shift=(480, 1080))


def test_places_hours_and_findings_stand_beside_each_other(crews):
    west, east = crews
    sent(west, QUICK, 40)
    sent(east, SLOW_TO_SEND, 30, first=101)
    found = rankings_for(WEEK, EVERYTHING, limits=Limits(), now=LATER)
    first, second = found.crews.ranked
    assert (first.name, first.fared.kept, second.name) == ("W1", Share(40, 40), "E1")
    assert (first.place.first, first.place.last, first.alike) == (1, 1, ())
    assert (first.hours, second.hours, second.a_shift_hour) == (168, 70, 30 / 70)
    assert first.asked == second.asked == Asked(0, 0)
    [west_team, _east_team] = found.teams.ranked
    assert (west_team.name, west_team.chinese, west_team.hours) == ("West Team", "西片区队", 168)
    assert first.fared.expected == pytest.approx(40 / 70)


def test_a_leader_sees_the_own_team_measured_against_the_whole_city(crews):
    west, east = crews
    sent(west, QUICK, MINIMUM_SAMPLE)
    sent(east, SLOW_TO_SEND, MINIMUM_SAMPLE, first=101)
    leader = Scope(team_id=west.team_id)
    found = rankings_for(WEEK, leader, limits=None, now=LATER)
    assert [one.name for one in found.teams.ranked] == ["West Team"]
    assert [one.name for one in found.crews.ranked] == ["W1"]
    assert found.crews.ranked[0].fared.expected == 0.5
    assert found.crews.ranked[0].asked is None
    narrowed = rankings_for(
        WEEK, EVERYTHING, FigureFilters(team="East Team"), limits=None, now=LATER
    )
    assert [(one.name, one.fared.expected) for one in narrowed.teams.ranked] == [("East Team", 0.5)]


def test_a_city_without_tickets_and_a_range_to_come_have_no_places(crews):
    found = rankings_for(WEEK, EVERYTHING, limits=Limits(), now=MONDAY - timedelta(days=1))
    assert (found.teams.ranked, found.crews.apart, found.city) == ([], [], Share(0, 0))


def test_findings_are_counted_beside_the_crew_and_its_team(session, now):
    with transaction():
        city = make_city(now)
        crew = make_account(Role.CREW, now, name="Wang", crew_id=city.crews[0].id)
    visited(crew, now, on_site=2 * MINUTE)
    today = now.astimezone(ZONE).date()
    period = Period(today, today + timedelta(days=1), ZONE)
    found = rankings_for(period, EVERYTHING, limits=Limits(), now=now + timedelta(hours=2))
    assert [(one.name, one.asked) for one in found.crews.apart] == [("W1", Asked(2, 2))]
    assert [(one.name, one.asked) for one in found.teams.apart] == [("West Team", Asked(2, 2))]
    row = findings_for(period, EVERYTHING, Limits())[0]
    with transaction():
        leader = make_account(Role.TEAM_LEADER, now, team_id=city.west.id)
        mark_finding(row, "right", "", actor=leader, now=now + timedelta(hours=1))
    found = rankings_for(period, EVERYTHING, limits=Limits(), now=now + timedelta(hours=2))
    assert found.crews.apart[0].asked == Asked(1, 2)
