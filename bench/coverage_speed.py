"""How long does coverage take for 200 crews and 10,000 grids, now and for the hours to come?"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import flask_migrate
import numpy as np
from sqlalchemy import insert

from bench.reporting import Report
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.people import Position
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket
from dispatch.queries.coverage import coverage_for, losses_for
from dispatch.queries.demand import demand_of_grids
from dispatch.queries.waiting_place import better_wait_for
from tests.factories import make_crew, make_team

if TYPE_CHECKING:
    from collections.abc import Callable

CREWS, ACROSS, TICKETS, ROUNDS = 200, 100, 30_000, 9
WEST, SOUTH, EDGE = 112.90, 28.10, 0.004
EVERYTHING = Scope(everything=True)
show = Report("coverage_speed")


def build_city(dice: random.Random, now: datetime) -> None:
    """Make a city of 100 × 100 grids, 40 km wide, with past tickets and crews on the road."""
    teams = [make_team(f"Team {number}") for number in range(20)]
    db.session.execute(
        insert(Grid), [_grid(row, teams[row % 20].id, now) for row in range(ACROSS**2)]
    )
    crews = [make_crew(f"Crew {number}", team=teams[number % 20]) for number in range(CREWS)]
    db.session.execute(
        insert(Position),
        [
            {"crew_id": crew.id, "lat": _lat(dice), "lon": _lon(dice), "measured_at": now}
            for crew in crews
        ],
    )
    for start in range(0, TICKETS, 5_000):
        db.session.execute(insert(Ticket), [_ticket(start + at, dice, now) for at in range(5_000)])
    db.session.commit()


def _lat(dice: random.Random) -> float:
    return SOUTH + dice.random() * ACROSS * EDGE


def _lon(dice: random.Random) -> float:
    return WEST + dice.random() * ACROSS * EDGE


def _grid(number: int, team: int, now: datetime) -> dict[str, Any]:
    west, south = WEST + number % ACROSS * EDGE, SOUTH + number // ACROSS * EDGE
    east, north = west + EDGE, south + EDGE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "name": f"Grid {number}", "team_id": team, "valid_from": now - timedelta(days=1),
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }  # fmt: skip


def _ticket(number: int, dice: random.Random, now: datetime) -> dict[str, Any]:
    at = now - timedelta(minutes=number)
    return {
        "state": "closed", "category": "burst", "level": 1, "imported": True, "received_at": at,
        "changed_at": at, "lat": _lat(dice), "lon": _lon(dice), "flags": [],
    }  # fmt: skip


def milliseconds(ask: Callable[[datetime], object], now: datetime) -> list[float]:
    """Ask again and again, each time too late for a kept answer."""
    found = []
    for number in range(ROUNDS):
        later = now + timedelta(seconds=11 * (number + 1))
        begun = time.perf_counter()
        ask(later)
        found.append((time.perf_counter() - begun) * 1_000)
    return found


def main() -> None:
    """Build the city, ask, and print a line for each question."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), secret_key="bench-" * 6))
        with app.app_context():
            flask_migrate.upgrade(directory=str(Path(__file__).parent.parent / "migrations"))
            build_city(random.Random(7), now)  # noqa: S311  not for secrets
            begun = time.perf_counter()
            demand = demand_of_grids(now)
            show(
                "demand_cold",
                (time.perf_counter() - begun) * 1_000,
                "ms",
                points=len(demand.points),
            )
            asked: dict[str, Callable[[datetime], object]] = {
                "now": lambda at: coverage_for(EVERYTHING, at, hours=(0,)),
                "now_and_three_hours": lambda at: coverage_for(EVERYTHING, at),
                "loss_of_every_crew": lambda at: losses_for(EVERYTHING, at),
                "where_to_wait": lambda at: better_wait_for(EVERYTHING, at),
            }
            for name, ask in asked.items():
                show(f"{name}_p50", float(np.median(milliseconds(ask, now))), "ms", crews=CREWS)
            begun = time.perf_counter()
            for _ in range(100):
                coverage_for(EVERYTHING, now + timedelta(seconds=99))
            show("kept_answer", (time.perf_counter() - begun) * 10, "ms")
            show("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024, "MB")


if __name__ == "__main__":
    main()
