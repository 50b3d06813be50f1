"""Does everybody see the rounds of the own crews, and a household who stood at its door?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.actions.intake import NewReport
from dispatch.actions.rounds import end_stop, find_fault, take_off
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Scope
from dispatch.domain.rounds import StopState
from dispatch.queries.rounds import (
    address_of_stop,
    open_faults_of,
    round_made_at,
    round_of,
    round_seen,
    round_tag,
    round_visits,
    rounds_on,
    stop_for_change,
    stop_view,
)
from tests.factories import IN_EAST, IN_WEST
from tests.rounds import TODAY, add_households, go_round
from tests.trips import another_ticket, open_burst, steward

EVERYTHING = Scope(everything=True)


@pytest.fixture
def city(session, now):
    """Add the city with a round of two households and a planned ticket."""
    open_burst(now)
    add_households()
    another_ticket(now, kind="planned", category="other", place=IN_EAST, household_id=3)
    go_round(now, ["H-1", "H-2"], ["W000002"])


def test_a_round_shows_its_stops_and_what_is_left(city, now):
    shown = round_of(1, TODAY)
    assert [stop.account for stop in shown.stops] == ["H-1", "H-2", "H-3"]
    assert (shown.next_stop.account, shown.waiting) == ("H-1", 3)
    assert shown.stops[2].number == "W000002"
    assert shown.stops[2].point.lon == IN_EAST.lon
    assert 9_900 < shown.metres < 10_200
    with transaction():
        for stop_id in (2, 3, 1):
            row, crew = stop_for_change(stop_id, EVERYTHING)
            end_stop(row, crew, StopState.DONE, actor=steward(1), now=now)
    assert round_of(1, TODAY).next_stop is None
    assert round_of(2, TODAY) is None
    assert round_of(None, TODAY) is None


def test_only_the_own_crews_are_seen(city):
    assert [each.crew for each in rounds_on(TODAY, EVERYTHING)] == ["W1"]
    assert rounds_on(TODAY, Scope(team_id=2)) == []
    assert stop_view(1, Scope(crew_id=1)).waits
    for scope in (Scope(crew_id=2), Scope(team_id=2)):
        with pytest.raises(NotFound):
            stop_view(1, scope)


def test_the_history_of_a_household_holds_who_stood_there(city, now):
    assert round_visits(1) == []
    assert round_visits(None) == []
    new = NewReport("leak", "Wet wall", "Furong Road 1", IN_WEST, channel="crew", household_id=1)
    with transaction():
        row, crew = stop_for_change(2, EVERYTHING)
        find_fault(row, crew, new, actor=steward(1), now=now)
        row, crew = stop_for_change(1, EVERYTHING)
        end_stop(row, crew, StopState.DONE, actor=steward(1), now=now)
    [visit] = round_visits(1)
    assert (visit["crew"], visit["state"], visit["found"]) == ("W1", "fault_found", "W000003")
    assert (visit["note"], round_visits(1, personal=False)[0]["note"]) == ("Wet wall", None)
    assert round_visits(3) == []
    assert [each["number"] for each in open_faults_of("H-1")] == ["W000003"]
    assert open_faults_of(None) == []


def test_the_tag_changes_with_every_tap(city, session, now):
    assert round_tag(2, TODAY) == round_tag(None, TODAY)
    tags = [round_tag(2, TODAY), round_tag(1, TODAY)]
    with transaction():
        row, crew = stop_for_change(2, EVERYTHING)
        end_stop(row, crew, StopState.DONE, actor=steward(1), now=now)
    tags.append(round_tag(1, TODAY))
    with transaction():
        take_off(stop_for_change(3, EVERYTHING)[0], actor=steward(1), now=now)
    tags.append(round_tag(1, TODAY))
    go_round(now, ["H-2"])
    assert len({*tags, round_tag(1, TODAY)}) == 5


def test_where_and_since_when_a_stop_is_known(city, now):
    assert [address_of_stop(each) for each in (2, 99)] == ["Furong Road 1", ""]
    assert [round_made_at(each) for each in (1, 99)] == [now, None]
    assert round_seen(1, EVERYTHING).crew == "W1"
    with pytest.raises(NotFound):
        round_seen(1, Scope(team_id=2))


def test_a_stop_that_was_told_late_says_so(city, now):
    late = Told(effective_at=now - timedelta(hours=1), time_quality="offline_trusted")
    with transaction():
        row, crew = stop_for_change(2, EVERYTHING)
        end_stop(row, crew, StopState.DONE, actor=steward(1), now=now, told=late)
    shown = stop_view(2, EVERYTHING)
    assert "offline, trusted" in str(shown.remark)
    assert shown.may_undo
    assert not stop_view(1, EVERYTHING).may_undo
