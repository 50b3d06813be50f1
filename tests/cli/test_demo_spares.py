"""Is a crew of each skill left over, whatever the city reports itself?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.cli.demo_spares import SHIFT_LEFT, SPARE_CREWS, can_be_sent, skills_to_spare
from dispatch.domain.candidates import CrewOption
from dispatch.domain.categories import SKILLS

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CREW = CrewOption(
    crew_id=1,
    name="Harbor 1",
    team_id=1,
    position=None,
    position_age_seconds=None,
    position_source="base",
    skills=frozenset({"general", "mains"}),
    vehicle=None,
    on_shift=True,
    shift_ends_at=None,
    busy_until=None,
    active_visits=0,
    declined=False,
    home_team=False,
    neighbour_team=False,
)
TRUCK = CREW.skills
VAN = frozenset({"general", "meter", "quality"})
fleets = st.lists(st.frozensets(st.sampled_from(SKILLS), min_size=1), max_size=30)
asked = st.sampled_from((*SKILLS, None))


def crews(trucks: int, vans: int) -> list[CrewOption]:
    return [CREW] * trucks + [replace(CREW, skills=VAN)] * vans


@pytest.mark.parametrize(
    ("change", "can"),
    [
        ({}, True),
        ({"on_shift": False}, False),
        ({"active_visits": 1}, False),
        ({"shift_ends_at": NOW + SHIFT_LEFT}, True),
        ({"shift_ends_at": NOW + SHIFT_LEFT - timedelta(seconds=1)}, False),
    ],
)
def test_a_crew_counts_while_it_is_free_and_has_time(change, can):
    assert can_be_sent(replace(CREW, **change), NOW) is can


def test_a_skill_down_to_its_spare_crews_is_spared_and_so_is_any_that_may_take_one():
    assert skills_to_spare(crews(SPARE_CREWS + 1, SPARE_CREWS + 1), [], NOW) == set(SKILLS)
    assert skills_to_spare(crews(SPARE_CREWS, SPARE_CREWS + 1), [], NOW) == {"meter", "quality"}
    assert skills_to_spare(crews(SPARE_CREWS + 1, SPARE_CREWS), [], NOW) == {"mains"}
    assert skills_to_spare([], [], NOW) == frozenset()


def test_what_waits_already_is_counted_as_if_it_took_a_crew():
    assert skills_to_spare(crews(9, SPARE_CREWS + 1), ["meter"], NOW) == {"mains"}
    assert skills_to_spare(crews(SPARE_CREWS + 1, 9), ["general"], NOW) == {"meter", "quality"}
    assert skills_to_spare(crews(SPARE_CREWS + 1, 9), [None], NOW) == {"meter", "quality"}


@given(fleets, st.lists(asked, max_size=6), st.data())
def test_one_more_ticket_leaves_spare_crews_whoever_takes_it(fleet, waiting, data):
    free = [replace(CREW, skills=skills) for skills in fleet]
    for skill in skills_to_spare(free, waiting, NOW):
        left = list(fleet)
        for need in [*waiting, skill]:
            takers = [one for one in left if need is None or need in one]
            if takers:
                left.remove(data.draw(st.sampled_from(takers)))
        for each in {each for skills in fleet if skill in skills for each in skills}:
            assert sum(each in skills for skills in left) >= SPARE_CREWS
