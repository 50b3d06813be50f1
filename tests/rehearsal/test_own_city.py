"""Does our own city hold the tickets, crews, shifts and frost that a wish names?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from dispatch.domain.crews_on_top import CrewsOnTop
from dispatch.domain.errors import Invalid
from dispatch.domain.rehearsal_wish import MOST_TICKETS, Planner, Staffing
from dispatch.domain.travel import StraightLine
from dispatch.rehearsal.city import ALWAYS, HOUR
from dispatch.rehearsal.engine import rehearse
from dispatch.rehearsal.own_city import own_city, rehearse_own
from dispatch.rehearsal.own_material import Material
from dispatch.rehearsal.policies import POLICIES
from tests.rehearsal.own_material import DAY, FRIDAY, crew, material, ticket, wish


@pytest.mark.parametrize("planner", list(Planner))
def test_the_figures_are_those_of_the_engine(planner):
    outside = ticket(40, lat=28.9, grid=None, team=None, level=1)
    given = material(tickets=(*material().tickets, outside))
    asked = wish(planner=planner, seed=7)
    found = rehearse_own(given, asked)
    city, _demand, _sited = own_city(given, asked)
    outcome = rehearse(city, POLICIES[planner], seed=7)
    share = outcome.attainment_30()
    assert (found["total"]["hits"], found["total"]["n"]) == (share.hits, share.n)
    assert found["total"]["minutes"] == outcome.response_minutes()
    expected = outcome.figures()
    assert found["unserved"] == expected["unserved"]
    assert found["travel_km_per_ticket"] == expected["travel_km_per_ticket"]
    by_grid = {each["key"] or "": each["rate"] for each in found["by_grid"]}
    by_engine = expected["by_grid"].items()
    assert by_grid == {key: each["attainment_30"] for key, each in by_engine}
    assert [each["key"] for each in found["by_team"]] == ["W", None]
    assert sum(each["n"] for each in found["by_level"]) == 31


def test_a_longer_promise_counts_more_tickets():
    tickets = tuple(ticket(hour * 5.0, lat=28.32) for hour in range(30))
    far = material(tickets=tickets, crews=(crew(),))
    short = rehearse_own(far, wish(promise_minutes=10))["total"]
    long = rehearse_own(far, wish(promise_minutes=240))["total"]
    assert short["hits"] == 0
    assert long["hits"] == long["n"] == 30


def test_material_comes_back_from_its_json_as_it_was():
    for speed in (32.0, tuple(float(hour + 1) for hour in range(24))):
        given = material(speed_kmh=speed)
        assert Material.from_json(given.as_json()) == given


def test_crews_keep_their_skills_bases_and_teams():
    other = crew(team="E", base=(28.15, 113.0), skills=("meter", "general"))
    city, _demand, _sited = own_city(material(crews=(crew(), crew(base=None), other)), wish())
    assert city.team_names == ("E", "W")
    assert city.staff.team.tolist() == [1, 1, 0]
    assert city.staff.base[1].tolist() == [28.15, 112.95]
    assert city.staff.skilled.tolist() == [[True], [True], [False]]
    assert city.staff.duties == (ALWAYS,) * 3


def test_shifts_follow_the_clock_on_the_wall_and_the_weekday():
    weekdays = crew(shifts=((8 * 60, 20 * 60, 0b001_1111),))
    night = crew(shifts=((22 * 60, 6 * 60, 127), (6 * 60, 8 * 60, 127)))
    city, _demand, _sited = own_city(material(crews=(weekdays, night, crew(shifts=()))), wish())
    by_day, by_night, never = city.staff.duties
    assert by_day[0] == (8 * HOUR, 20 * HOUR)
    assert len([span for span in by_day if span[0] < 7 * DAY]) == 5
    assert by_night[:2] == ((0.0, 8 * HOUR), (22 * HOUR, DAY + 8 * HOUR))
    assert never == ()


def test_crews_on_top_stand_at_the_base_of_their_team_for_their_hours():
    asked = wish(extra_crews=2, extra_team="W", extra_day=FRIDAY)
    city, _demand, _sited = own_city(material(), asked)
    assert len(city.staff) == 4
    assert city.staff.base[2:].tolist() == [[28.15, 112.9]] * 2
    assert city.staff.duties[2] == ((4 * DAY + 17 * HOUR, 4 * DAY + 22 * HOUR),)
    assert city.staff.skilled[2:].all()
    late = replace(asked, extra_from=22 * 60, extra_to=2 * 60)
    city, _demand, _sited = own_city(material(), late)
    assert city.staff.duties[2] == ((4 * DAY + 22 * HOUR, 5 * DAY + 2 * HOUR),)
    every = replace(asked, extra_day=None)
    city, _demand, _sited = own_city(material(), every)
    assert len([span for span in city.staff.duties[2] if span[0] < 7 * DAY]) == 7


def test_crews_on_top_of_a_team_without_tickets_or_bases_wait_amid_the_calls():
    asked = wish(extra_crews=1, extra_team="Z")
    city, _demand, _sited = own_city(material(), asked)
    assert city.staff.base[2].tolist() == [28.15, 112.95]


def test_crews_around_the_clock_are_as_many_as_asked():
    asked = wish(staffing=Staffing.AROUND_THE_CLOCK, crews=3)
    city, _demand, _sited = own_city(material(crews=()), asked)
    assert len(city.staff) == 3
    assert city.staff.duties == (ALWAYS,) * 3


def test_a_frost_multiplies_the_calls_of_its_hours():
    asked = wish(frost=3.5, frost_day=FRIDAY, frost_hour=6, frost_hours=24)
    city, demand, _sited = own_city(material(), asked)
    begins = 4 * DAY + 6 * HOUR
    inside = (demand.calls.received >= begins) & (demand.calls.received < begins + DAY)
    calm = sum(begins <= number * 5 * HOUR < begins + DAY for number in range(30))
    assert int(inside.sum()) == calm + round(2.5 * calm)
    assert demand.storm_calls == round(2.5 * calm)
    assert len(city.calls) == 30 + demand.storm_calls
    found = rehearse_own(material(), asked)
    assert found["frost_tickets"] == demand.storm_calls
    assert found["located"] == 30


@pytest.mark.parametrize(
    ("given", "changes", "says"),
    [
        ({"tickets": ()}, {}, "No located ticket"),
        ({"crews": ()}, {}, "no active crew"),
        ({}, {"last": date(2026, 3, 1)}, "before the first"),
        ({"tickets": tuple(ticket(1) for _ in range(MOST_TICKETS))}, {"frost": 3.5}, "at most"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused(given, changes, says):
    with pytest.raises(Invalid, match=says):
        own_city(material(**given), wish(**changes))


def test_the_calls_of_the_changed_hours_are_counted_apart():
    assert rehearse_own(material(), wish())["in_hours"] is None
    asked = wish(extra_crews=2, extra_team="W", extra_day=FRIDAY)
    found = rehearse_own(material(), asked)
    inside = sum(17 <= number * 5 - 96 < 22 for number in range(30))
    assert found["in_hours"]["n"] == found["unchanged"]["in_hours"]["n"] == inside == 1


def test_the_same_without_the_change_stands_beside():
    asked = wish(extra_crews=2, extra_team="W", extra_day=FRIDAY)
    told: list[float] = []
    found = rehearse_own(material(), asked, told.append)
    alone = rehearse_own(material(), wish(extra_team="W"))
    same = set(alone) - {"unchanged", "in_hours", "bound"}
    assert {name: found["unchanged"][name] for name in same} == {name: alone[name] for name in same}
    assert alone["unchanged"] is None
    assert told == [0.5, 1.0]


def test_a_city_without_crews_has_nothing_beside():
    asked = wish(staffing=Staffing.AROUND_THE_CLOCK, crews=3)
    assert rehearse_own(material(crews=()), asked)["unchanged"] is None


def test_the_same_seed_gives_the_same_figures():
    asked = wish(planner=Planner.ONEVISIT, seed=3)
    first, second = rehearse_own(material(), asked), rehearse_own(material(), asked)
    assert first == second
    assert np.isfinite(first["travel_km_per_ticket"])


def test_what_crews_meet_is_counted_the_same_in_both_runs():
    street = {"declines": 0.3, "no_access": 0.5, "second_visits": 0.2, "break_minutes": 30}
    asked = wish(extra_crews=1, extra_team="W", cancelled=0.4, **street)
    found = rehearse_own(material(), asked)
    assert found["declined"] > 0
    assert found["second_visits"] > 0
    assert found["total"]["n"] == 30 - found["cancelled"]
    calm = rehearse_own(material(), wish())
    assert (calm["declined"], calm["cancelled"], calm["second_visits"]) == (0, 0, 0)


def test_the_bound_is_of_the_promise_and_never_below_the_run():
    tickets = tuple(ticket(hour * 0.4, lat=28.22) for hour in range(30))
    given = material(tickets=tickets, crews=(crew(),))
    told: list[float] = []
    short = rehearse_own(given, wish(promise_minutes=10, with_bound=True), told.append)
    long = rehearse_own(given, wish(promise_minutes=200, with_bound=True))
    assert short["bound"]["hits"] < long["bound"]["hits"]
    assert long["bound"]["hits"] >= long["total"]["hits"] > 0
    assert "not a proof" in long["bound"]["how"]["text"]
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_drives_are_those_of_the_source_that_is_given():
    slow = StraightLine(speed_kmh=8.0, source="osrm", spread=0.15)
    far = material(crews=(crew(),))
    found = rehearse_own(far, wish(), travel=slow)
    assert found["travel"] == {"source": "osrm", "spread": 0.15}
    usual = rehearse_own(far, wish())["total"]["minutes"]["p50"]
    assert found["total"]["minutes"]["p50"] > usual > 0


def test_several_groups_of_crews_come_on_top():
    second = CrewsOnTop(crews=2, team="E", day=FRIDAY, begins=600, ends=600)
    asked = wish(extra_crews=1, extra_team="W", more_crews=(second,))
    city, _demand, _sited = own_city(material(), asked)
    assert len(city.staff) == 5
    assert city.staff.duties[4] == ((4 * DAY + 10 * HOUR, 5 * DAY + 10 * HOUR),)
