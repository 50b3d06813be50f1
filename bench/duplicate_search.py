"""How soon are duplicates suggested while a call is typed, with 2,000 open tickets?

Run `python bench/duplicate_search.py`; each line is one figure as JSON. Every search goes through
the whole application, signed in, from one process; a city as dense as a storm makes it: 2,000
tickets on 12 by 13 km, a third of them with a crew on its way.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import flask_migrate
import numpy as np

from bench.reporting import Report
from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.placing import GivenPlace
from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.permissions import Role
from dispatch.domain.place import Point
from dispatch.models.base import db
from dispatch.models.people import Crew
from tests.databases import PostgresServer
from tests.factories import DESK, make_crew, make_grid, make_team
from tests.visitors import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

OPEN_TICKETS, CREWS, SEARCHES, WARM_UP, LIMIT_MS = 2_000, 200, 400, 20, 50.0
WEST, SOUTH, EDGE = 112.90, 28.10, 0.12
CATEGORIES = ("burst", "leak", "no_water", "low_pressure", "meter_leak", "hydrant", "other")
WORDS = (
    "路面冒水",
    "楼上没水",
    "水管漏水",
    "水压很低",
    "小区门口",
    "water in the road",
    "no water",
)
show = Report("duplicate_search")


def somewhere(dice: random.Random) -> tuple[float, float]:
    """Draw a point in the city."""
    return SOUTH + dice.random() * EDGE, WEST + dice.random() * EDGE


def words(dice: random.Random) -> str:
    """Draw what a caller says."""
    return "，".join(dice.choice(WORDS) for _ in range(3))


def build(dice: random.Random, now: datetime) -> None:
    """Make a team, its grid, its crews with positions, and the open tickets."""
    with transaction():
        team = make_team()
        make_grid("Grid", (WEST, SOUTH, WEST + EDGE, SOUTH + EDGE), team=team, now=now)
        crews = [make_crew(f"Crew {number}", team=team).id for number in range(CREWS)]
        for each in crews:
            record_position(each, Point(*somewhere(dice)), measured_at=now)
    for number in range(0, OPEN_TICKETS, 100):
        with transaction():
            for each in range(number, number + 100):
                heard = now - timedelta(minutes=dice.uniform(0, 72 * 60))
                new = NewReport(
                    dice.choice(CATEGORIES), words(dice), f"湘江路{each}号",
                    GivenPlace(*somewhere(dice)), reporter_phone=f"138{each:08}",
                )  # fmt: skip
                ticket = open_ticket(new, actor=DESK, now=now, received_at=heard).ticket
                if each % 3 == 0:
                    crew = db.session.get_one(Crew, crews[each % CREWS])
                    dispatch_visit(ticket, crew, actor=DESK, now=now)


def placed(dice: random.Random) -> dict[str, Any]:
    """Ask as a desk does once there is a place, a kind of fault, a number and some words."""
    lat, lon = somewhere(dice)
    asked = {"category": dice.choice(CATEGORIES), "lat": lat, "lon": lon, "q": words(dice)}
    return asked | {"phone": f"138{dice.randrange(OPEN_TICKETS):08}"}


def unplaced(dice: random.Random) -> dict[str, Any]:
    """Ask before there is a place: an address that nobody has found yet, a number, words."""
    number = dice.randrange(OPEN_TICKETS)
    asked = {"category": dice.choice(CATEGORIES), "address": f"湘江路{number}号"}
    return asked | {"q": words(dice), "phone": f"138{number:08}"}


def search(app: Flask, ask: Callable[[random.Random], dict[str, Any]]) -> tuple[Any, Any, float]:
    """Return the milliseconds of each search, those of our processor, and suggestions a search."""
    dice = random.Random(7)  # noqa: S311  a simulation
    desk = signed_in(app, Role.CALL_TAKER, datetime.now(UTC))
    taken, worked, found = [], [], 0
    for number in range(WARM_UP + SEARCHES):
        asked = ask(dice)
        began, busy = time.perf_counter(), time.process_time()
        answer = desk.post("/api/v1/duplicates/search", json=asked)
        if number >= WARM_UP:
            taken.append((time.perf_counter() - began) * 1_000)
            worked.append((time.process_time() - busy) * 1_000)
            found += len(answer.json["duplicates"])
    return np.array(taken), np.array(worked), found / SEARCHES


def run(kind: str, url: str) -> None:
    """Measure on one database and print its figures."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url=url, data_dir=Path(folder), demo=True))
        app.testing = True
        with app.app_context():
            flask_migrate.upgrade(directory=app.extensions["migrate"].directory)
            build(random.Random(7), datetime.now(UTC))  # noqa: S311  a simulation
        for name, ask in (("with a place", placed), ("without a place", unplaced)):
            taken, worked, suggestions = search(app, ask)
            busy = float(np.percentile(worked, 99))
            show(f"{kind} {name} processor time p99", busy, "ms", LIMIT_MS, n=SEARCHES)
            for percent in (50, 99):
                limit = LIMIT_MS if percent == 99 else None
                value = float(np.percentile(taken, percent))
                facts = {"open_tickets": OPEN_TICKETS, "suggestions": round(suggestions, 2)}
                show(f"{kind} {name} p{percent}", value, "ms", limit, n=SEARCHES, **facts)
        with app.app_context():
            db.engine.dispose()


def main() -> None:
    """Measure on both databases."""
    run("sqlite", "")
    server = PostgresServer()
    try:
        run("postgresql", server.create("bench"))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
