"""Does each person find the own alerts, and the desk all those of its tickets?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.clockwork import fire_due
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role, Scope
from dispatch.models.alerts import RotaEntry
from dispatch.models.clockwork import Timer
from dispatch.queries import alerts
from dispatch.queries.alerts import AlertFilters, alert_page, alert_row, all_alerts, my_alerts
from tests.factories import IN_EAST, make_account, make_city, make_ticket

EVERYWHERE = Scope(everything=True)


@pytest.fixture
def people(session, now):
    with transaction():
        city = make_city(now)
        found = {
            "west": make_account(Role.TEAM_LEADER, now, name="west", team_id=city.west.id),
            "east": make_account(Role.TEAM_LEADER, now, name="east", team_id=city.east.id),
            "desk": make_account(Role.DISPATCHER, now, name="desk"),
            "crew": make_account(Role.CREW, now, name="crew", crew_id=city.crews[0].id),
        }
        make_ticket(now)
        make_ticket(now, place=IN_EAST)
    return found


def sweep(now):
    with transaction():
        fire_due(now + timedelta(minutes=15), limit=100)


def test_without_a_rota_each_leader_is_told_of_the_own_team(people, now):
    sweep(now)
    assert {name: my_alerts(actor)[0] for name, actor in people.items()} == {
        "west": 2,
        "east": 2,
        "desk": 4,
        "crew": 0,
    }


def test_what_was_told_to_one_person_is_nobody_elses(session, people, now):
    with transaction():
        session.add(
            RotaEntry(
                duty="dispatcher", user_id=people["crew"].user_id, start_minute=0, end_minute=0
            )
        )
    sweep(now)
    assert [my_alerts(people[name])[0] for name in ("crew", "desk")] == [4, 0]
    [row] = [each for each in my_alerts(people["crew"])[1] if each["id"] == 1]
    assert row == alert_row(1) | {"below": []}
    assert row["people"] == ["crew"]


def test_the_history_is_filtered_paged_and_scoped(people, now, monkeypatch):
    sweep(now)
    monkeypatch.setattr(alerts, "ROWS_A_PAGE", 3)
    page = alert_page(EVERYWHERE, AlertFilters(), 2)
    assert (page.total, page.pages, page.page, len(page.rows)) == (4, 2, 2, 1)
    assert alert_page(EVERYWHERE, AlertFilters(), 99).page == 2
    assert len(all_alerts(people["east"].scope, AlertFilters(state="open"))) == 2
    assert [row["ticket"] for row in all_alerts(EVERYWHERE, AlertFilters(ticket_id=2))] == [
        "W000002",
        "W000002",
    ]
    told = AlertFilters(person=people["desk"].user_id)
    assert all_alerts(EVERYWHERE, told) == []


def test_a_clock_that_climbs_is_one_line_with_its_highest_rung(session, people, now):
    for minutes in (15, 24, 30):
        with transaction():
            fire_due(now + timedelta(minutes=minutes), limit=100)
            session.execute(Timer.__table__.delete().where(Timer.alert_id.is_not(None)))
    count, mine = my_alerts(people["desk"])
    arrivals = [row for row in mine if row["clock"] == "arrive"]
    assert {(row["ticket"], row["percent"]) for row in arrivals} == {
        ("W000001", 100), ("W000002", 100),
    }  # fmt: skip
    assert [lower["percent"] for lower in arrivals[0]["below"]] == [80, 50]
    assert count == len(mine) == len({(row["ticket"], row["clock"]) for row in mine})
    page = alerts.clock_page(EVERYWHERE, AlertFilters(clock="arrive"), 1)
    assert (page.total, [row["percent"] for row in page.rows]) == (2, [100, 100])
    assert alert_page(EVERYWHERE, AlertFilters(clock="arrive"), 1).total == 6
