"""Which tickets and crews do the dispatch tests draw from?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from dispatch.domain.candidates import CrewOption, Need
from dispatch.domain.crew_fit import PARTS, VEHICLES, Area, Kit
from dispatch.domain.place import Point
from dispatch.domain.service_policy import Level

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HERE = Point(28.2, 113.0)
SKILLS = ("mains", "meter", "general")

NEED = Need(
    ticket_id=1,
    point=HERE,
    level=Level(2),
    skill="mains",
    arrive_due_at=NOW + timedelta(minutes=30),
    owning_team_id=1,
    expected_work_minutes=45,
)
CREW = CrewOption(
    crew_id=1,
    name="Yuelu 1",
    team_id=1,
    position=Point(28.21, 113.01),
    position_age_seconds=20,
    position_source="live",
    skills=frozenset({"mains"}),
    vehicle="van",
    on_shift=True,
    shift_ends_at=NOW + timedelta(hours=6),
    busy_until=None,
    active_visits=0,
    declined=False,
    home_team=True,
    neighbour_team=False,
)

kits = st.builds(
    Kit,
    vehicle=st.none() | st.sampled_from(sorted(VEHICLES)),
    parts=st.lists(st.sampled_from(sorted(PARTS)), max_size=2).map(tuple),
)
areas = st.sampled_from(
    [
        None,
        None,
        Area("Blue Pipe"),
        Area("Blue Pipe", frozenset({1, 2}), ("North", "South")),
        Area(None, frozenset({3}), ("East",)),
    ]
)
points = st.builds(Point, st.floats(28.0, 28.5), st.floats(112.8, 113.3))
moments = st.integers(-120, 600).map(lambda minutes: NOW + timedelta(minutes=minutes))
needs = st.builds(
    Need,
    ticket_id=st.integers(1, 1000),
    point=st.none() | points,
    level=st.sampled_from(Level),
    skill=st.none() | st.sampled_from(SKILLS),
    arrive_due_at=st.none() | moments,
    owning_team_id=st.none() | st.integers(1, 4),
    expected_work_minutes=st.integers(0, 240),
    received_at=st.none() | moments,
    kit=kits,
    grid_id=st.none() | st.integers(1, 4),
    last_crew_id=st.none() | st.integers(0, 12),
    last_visit_at=st.just(NOW - timedelta(days=40)),
)
kin = st.sampled_from([(True, False), (False, True), (False, False)])


@st.composite
def crew_lists(draw, max_size=12):
    crews = []
    for crew_id in range(draw(st.integers(0, max_size))):
        home, neighbour = draw(kin)
        crew = st.builds(
            CrewOption,
            crew_id=st.just(crew_id),
            name=st.just(f"crew {crew_id}"),
            team_id=st.integers(1, 4),
            position=st.none() | points,
            position_age_seconds=st.none() | st.integers(0, 7200),
            position_source=st.sampled_from(["live", "base"]),
            skills=st.frozensets(st.sampled_from(SKILLS)),
            vehicle=st.none(),
            on_shift=st.sampled_from([True, True, True, False]),
            shift_ends_at=st.none() | moments,
            busy_until=st.none() | st.none() | moments,
            active_visits=st.sampled_from([0, 0, 0, 1, 2]),
            declined=st.sampled_from([False, False, False, True]),
            home_team=st.just(home),
            neighbour_team=st.just(neighbour),
            visits_this_shift=st.integers(0, 5),
            vehicle_class=st.none() | st.sampled_from(sorted(VEHICLES)),
            carries=st.none() | st.frozensets(st.sampled_from(sorted(PARTS))),
            area=areas,
            mean_visits=st.none() | st.floats(0, 5),
        )
        crews.append(draw(crew))
    return crews
