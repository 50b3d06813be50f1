"""Is every wish that cannot be rehearsed refused with its field, and the others kept whole?"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.crews_on_top import CrewsOnTop
from dispatch.domain.errors import Invalid
from dispatch.domain.rehearsal_wish import (
    MOST_TICKETS,
    PLANNER_NAMES,
    STAFFING_NAMES,
    Planner,
    Staffing,
    Wish,
    check_count,
)

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 8)


def wish(**changes: Any):
    return Wish(**({"first": FIRST, "last": LAST} | changes))


def test_a_wish_comes_back_from_its_json_as_it_was():
    asked = wish(
        planner=Planner.FIFO,
        staffing=Staffing.AROUND_THE_CLOCK,
        crews=3,
        extra_crews=2,
        extra_team="West",
        extra_day=date(2026, 3, 6),
        more_crews=(CrewsOnTop(crews=1, team="East"), CrewsOnTop(crews=1, team="W", day=FIRST)),
        base_team="West",
        base_grid="East",
        declines=0.1,
        with_bound=True,
        frost=3.5,
        frost_day=date(2026, 3, 7),
    )
    asked.check()
    assert Wish.from_json(asked.as_json()) == asked
    assert Wish.from_json(wish().as_json()) == wish()


def test_a_wish_of_before_is_read_without_what_came_since():
    stored = wish().as_json()
    for name in ("more_crews", "base_team", "base_grid", "sites", "declines", "with_bound"):
        del stored[name]
    assert Wish.from_json(stored) == wish()


def test_both_ends_are_in_the_period():
    assert wish().period(ZoneInfo("UTC")).days == 7


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last": date(2026, 3, 1)}, "last"),
        ({"last": date(2027, 3, 3)}, "last"),
        ({"staffing": Staffing.AROUND_THE_CLOCK}, "crews"),
        ({"staffing": Staffing.AROUND_THE_CLOCK, "crews": 501}, "crews"),
        ({"extra_crews": -1}, "extra_crews"),
        ({"extra_crews": 501}, "extra_crews"),
        ({"extra_crews": 1}, "extra_team"),
        ({"extra_crews": 1, "extra_team": "W", "extra_day": date(2026, 3, 9)}, "extra_day"),
        ({"frost": 0.5}, "frost"),
        ({"frost": 11.0}, "frost"),
        ({"frost": 2.0, "frost_day": date(2026, 3, 9)}, "frost_day"),
        ({"frost": 2.0, "frost_hours": 0}, "frost_hours"),
        ({"frost": 2.0, "frost_hours": 7 * 24 + 1}, "frost_hours"),
        ({"more_crews": (CrewsOnTop(crews=501, team="W"),)}, "extra_crews_2"),
        ({"more_crews": (CrewsOnTop(crews=1, team=""),)}, "extra_team_2"),
        ({"more_crews": (CrewsOnTop(crews=0, team="W"),) * 3}, "extra_crews"),
        (
            {"more_crews": (CrewsOnTop(crews=1, team="W", day=date(2026, 3, 9)),)},
            "extra_day_2",
        ),
        ({"sites": -1}, "sites"),
        ({"sites": 101}, "sites"),
        ({"sites": 2, "base_team": "W", "base_grid": "West"}, "sites"),
        ({"base_team": "W"}, "base_grid"),
        ({"base_grid": "West"}, "base_team"),
        ({"declines": 1.1}, "declines"),
        ({"cancelled": -0.1}, "cancelled"),
        ({"no_access": float("nan")}, "no_access"),
        ({"second_visits": 2.0}, "second_visits"),
        ({"break_minutes": 121}, "break_minutes"),
        ({"promise_minutes": 0}, "promise_minutes"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_rehearsed_names_its_field(changes, field):
    with pytest.raises(Invalid) as refusal:
        wish(**changes).check()
    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"frost": 2.0, "frost_hours": 7 * 24},
        {"frost": 1.0, "frost_day": date(2030, 1, 1)},
        {"extra_crews": 0, "extra_day": date(2030, 1, 1)},
        {"extra_crews": 2, "extra_team": "W"},
    ],
)
def test_what_can_be_rehearsed_passes(changes):
    wish(**changes).check()


def test_one_change_is_taken_away_at_a_time():
    asked = wish(
        extra_crews=2,
        extra_team="W",
        more_crews=(CrewsOnTop(crews=1, team="E"),),
        sites=3,
        wait_where_suggested=True,
        frost=2.0,
        staffing=Staffing.AROUND_THE_CLOCK,
        crews=3,
    )
    names = []
    while asked.unchanged():
        asked, name = asked.unchanged()
        names.append(str(name).removeprefix("The same "))
    assert names == [
        "without the crews on top",
        "with the bases as in life",
        "with idle crews that drive home",
        "without the frost",
        "with the crews as in life",
    ]
    assert asked == wish(extra_team="W", crews=3)


def hours(asked):
    return [
        tuple(f"{at:%m-%dT%H:%M}" for at in span)
        for span in asked.hours_of_change(ZoneInfo("Asia/Shanghai"))
    ]


def test_the_hours_of_a_change_are_those_of_the_crews_on_top_else_of_the_frost():
    assert hours(wish()) == []
    frost = wish(frost=2.0, frost_day=date(2026, 3, 6), frost_hour=6, frost_hours=24)
    assert hours(frost) == [("03-05T22:00", "03-06T22:00")]
    assert hours(wish(frost=2.0)) == [("03-01T16:00", "03-02T16:00")]
    night = {"extra_crews": 1, "extra_from": 22 * 60, "extra_to": 2 * 60}
    one = wish(**night, extra_day=date(2026, 3, 6), frost=2.0)
    assert hours(one) == [("03-06T14:00", "03-06T18:00")]
    assert len(hours(wish(**night))) == 7
    second = CrewsOnTop(crews=1, team="E", day=date(2026, 3, 7), begins=600, ends=600)
    assert hours(wish(more_crews=(second,))) == [("03-07T02:00", "03-08T02:00")]
    assert len(hours(wish(**night, more_crews=(second,)))) == 8
    assert (second.is_whole_day, CrewsOnTop(crews=1, team="E").is_whole_day) == (True, False)


@pytest.mark.parametrize(
    ("tickets", "says"), [(0, "No located ticket"), (MOST_TICKETS + 1, "5001 located tickets")]
)
def test_no_tickets_and_too_many_are_refused(tickets, says):
    with pytest.raises(Invalid, match=says):
        check_count(tickets)


def test_the_most_tickets_pass():
    check_count(MOST_TICKETS)


def test_every_choice_has_a_name():
    assert set(PLANNER_NAMES) == set(Planner)
    assert set(STAFFING_NAMES) == set(Staffing)
