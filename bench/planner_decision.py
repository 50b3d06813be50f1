"""How long does one decision of the planner take, by the number of crews and open tickets?

Everything from the rows of the day to the list of who goes: drives along the straight line, hard
rules, chances, the matching. The database is not in it; `assign_latency.py` measures that.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench.reporting import Report
from dispatch.domain.candidates import CrewOption, Need
from dispatch.domain.live_outlook import OnDuty, Pending, sight
from dispatch.domain.place import Point
from dispatch.domain.planned_round import plan_round
from dispatch.domain.service_policy import Level
from dispatch.domain.travel import StraightLine

NOW = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
SKILLS = ("general", "mains", "meter", "quality")
SIZES = ((40, 60, 40, None), (200, 500, 40, 50), (1_000, 5_000, 5, 2_000))
DRAWS, WARM_UP = 6, 1
show = Report("planner_decision")


def crews(dice: np.random.Generator, count: int, edge: float) -> list[OnDuty]:
    """Draw crews of 20 teams, two thirds of them at work."""
    found = []
    for number in range(count):
        place = Point(28.1 + dice.random() * edge, 112.9 + dice.random() * edge)
        crew = CrewOption(
            crew_id=number, name=f"Crew {number}", team_id=number % 20, position=place,
            position_age_seconds=5, position_source="live",
            skills=frozenset(dice.choice(SKILLS, 3, replace=False).tolist()), vehicle=None,
            on_shift=True, shift_ends_at=NOW + timedelta(hours=float(dice.uniform(1, 10))),
            busy_until=None, active_visits=0, declined=False, home_team=False,
            neighbour_team=False,
        )  # fmt: skip
        begun = NOW - timedelta(minutes=float(dice.exponential(30)))
        at_work = dice.random() < 2 / 3
        found.append(OnDuty(crew=crew, origin=place, working_since=begun if at_work else None))
    return found


def tickets(dice: np.random.Generator, count: int, edge: float) -> list[Pending]:
    """Draw tickets of levels 1 to 3, most of them waiting since less than an hour."""
    found = []
    for number in range(count):
        level = Level(int(dice.choice([1, 2, 3], p=[0.1, 0.6, 0.3])))
        since = NOW - timedelta(minutes=float(dice.exponential(40)))
        promise = timedelta(hours=2) if level == Level.STANDARD else timedelta(minutes=30)
        need = Need(
            ticket_id=number,
            point=Point(28.1 + dice.random() * edge, 112.9 + dice.random() * edge),
            level=level,
            skill=str(dice.choice(SKILLS)),
            arrive_due_at=since + promise,
            owning_team_id=int(dice.integers(20)),
            expected_work_minutes=45,
            received_at=since,
        )
        found.append(Pending(need=need, version=1))
    return found


def ask(origins: np.ndarray, goals: np.ndarray) -> object:
    """Answer drives as the embedded default does."""
    return StraightLine().answer(origins, goals, 12)


def milliseconds(crew_count: int, ticket_count: int, rounds: int) -> list[float]:
    """Return how long decisions took on instances drawn anew, sorted."""
    found = []
    for draw in range(DRAWS):
        dice = np.random.default_rng(draw)
        edge = 0.3 if crew_count <= 200 else 0.6
        on_duty = crews(dice, crew_count, edge)
        pending = tickets(dice, ticket_count, edge)
        for number in range(WARM_UP + rounds):
            begun = time.perf_counter()
            seen = sight(
                pending, on_duty, ask, now=NOW, level_weights=(4, 2, 1, 1),
                arrivals=crew_count * 0.8,
            )  # fmt: skip
            plan_round(seen, NOW)
            if number >= WARM_UP:
                found.append((time.perf_counter() - begun) * 1_000)
    return sorted(found)


def main() -> None:
    """Measure every size."""
    for crew_count, ticket_count, rounds, limit in SIZES:
        found = milliseconds(crew_count, ticket_count, rounds)
        facts = {"crews": crew_count, "open_tickets": ticket_count, "n": len(found)}
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            value = found[int(share * (len(found) - 1))]
            bar = limit if name == "p99" else None
            show(f"decision of {crew_count} x {ticket_count} {name}", value, "ms", bar, **facts)


if __name__ == "__main__":
    main()
