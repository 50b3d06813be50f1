"""How long from "report saved" until a crew is assigned, with 200 crews and 2,000 open tickets?

Runs on SQLite and PostgreSQL; the real loop of the clockwork plans while reports come in.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import flask_migrate
from sqlalchemy import select

from bench.reporting import Report
from dispatch.actions.dispatching import dispatch_visit
from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.placing import GivenPlace
from dispatch.actions.positions import record_position
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive, complete_visit, set_off
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.place import Point
from dispatch.jobs import planner
from dispatch.jobs.runner import loops_of
from dispatch.models.base import db
from dispatch.models.people import Crew
from dispatch.models.tickets import Ticket, Visit
from tests.databases import PostgresServer
from tests.factories import DESK, make_crew, make_grid, make_team

if TYPE_CHECKING:
    from flask import Flask

CREWS, OPEN_TICKETS, REPORTS = 200, 2_000, 200
TEAMS = 20
REPORTS_A_SECOND = 3
LIMIT_MS = 1_000
FINISHED_AFTER = 20
show = Report("assign_latency")
QUANTILES = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
SKILLS = ("general", "mains", "meter")
WEST, SOUTH, EDGE = 112.90, 28.10, 0.03


def place(dice: random.Random) -> GivenPlace:
    """Draw a point in the city."""
    return GivenPlace(SOUTH + dice.random() * 4 * EDGE, WEST + dice.random() * 5 * EDGE)


def build_city(dice: random.Random, now: datetime) -> None:
    """Make 20 teams with a grid and ten crews each; every crew has a position."""
    with transaction():
        for number in range(TEAMS):
            west, south = WEST + number % 5 * EDGE, SOUTH + number // 5 * EDGE
            team = make_team(f"Team {number}")
            box = (west, south, west + EDGE, south + EDGE)
            make_grid(f"Grid {number}", box, team=team, now=now)
            for each in range(CREWS // TEAMS):
                base = (south + dice.random() * EDGE, west + dice.random() * EDGE)
                crew = make_crew(f"Crew {number}-{each}", team=team, base=base, skills=SKILLS)
                record_position(crew.id, Point(*base), measured_at=now)


def open_many(dice: random.Random, now: datetime) -> None:
    """Open 2,000 tickets: most have a crew, a fifth waits for a skill that nobody has."""
    crews = db.session.scalars(select(Crew.id).order_by(Crew.id)).all()
    busy = crews[: CREWS * 3 // 4]
    for number in range(0, OPEN_TICKETS, 100):
        with transaction():
            for each in range(number, number + 100):
                waits = each % 5 == 0
                category = "water_quality" if waits else "burst"
                new = NewReport(category, "bench", "", place(dice))
                ticket = open_ticket(new, actor=DESK, now=now).ticket
                if waits:
                    continue
                crew = db.session.get(Crew, busy[each % len(busy)])
                dispatch_visit(ticket, crew, actor=DESK, now=now)


def report(dice: random.Random, now: datetime) -> tuple[int, float]:
    """Save one report and return its ticket and the instant of the answer."""
    with transaction():
        ticket = open_ticket(
            NewReport("burst", "bench", "", place(dice)), actor=DESK, now=now
        ).ticket
    return ticket.id, time.time()


def finish_one(ticket_id: int, now: datetime) -> None:
    """Let the crew of an older report finish, so that crews stay free."""
    with transaction():
        ticket = db.session.get_one(Ticket, ticket_id)
        visit = db.session.scalars(
            select(Visit).where(Visit.ticket_id == ticket_id, Visit.ended_at.is_(None))
        ).first()
        if visit is not None:
            for step in (set_off, arrive, complete_visit):
                step(ticket, visit, actor=DESK, now=now)


def watch_assignments() -> dict[int, float]:
    """Return a dictionary that gets the instant at which each assignment was committed."""
    seen: dict[int, float] = {}
    send = planner._send  # noqa: SLF001  only here is the commit seen

    def send_and_note(ticket_id: int, *rest: Any) -> bool:
        done = send(ticket_id, *rest)
        if done:
            seen[ticket_id] = time.time()
        return done

    planner._send = send_and_note  # noqa: SLF001  likewise
    return seen


def measure(app: Flask, assigned: dict[int, float]) -> list[float]:
    """Return the milliseconds from each answer to the assignment of its ticket."""
    dice = random.Random(7)  # noqa: S311  a simulation
    saved: dict[int, float] = {}
    with app.app_context():
        build_city(dice, datetime.now(UTC))
        open_many(dice, datetime.now(UTC) - timedelta(seconds=1))
    stop = Event()
    threads = [loop.start() for loop in loops_of(app, stop)]
    stop.wait(5)
    for number in range(REPORTS):
        begun = time.monotonic()
        with app.app_context():
            ticket_id, at = report(dice, datetime.now(UTC))
            saved[ticket_id] = at
            if number >= FINISHED_AFTER:
                finish_one(list(saved)[number - FINISHED_AFTER], datetime.now(UTC))
        stop.wait(max(0.0, 1 / REPORTS_A_SECOND - (time.monotonic() - begun)))
    stop.wait(3)
    stop.set()
    for thread in threads:
        thread.join(10)
    missing = sorted(set(saved) - set(assigned))
    assert not missing, f"{len(missing)} tickets have no crew"
    return sorted(max(0.0, assigned[key] - at) * 1000 for key, at in saved.items())


def run(kind: str, url: str) -> None:
    """Measure on one database and print its figures."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=url, data_dir=Path(folder), demo=True)
        app = create_app(settings)
        with app.app_context():
            flask_migrate.upgrade(directory=app.extensions["migrate"].directory)
        assigned = watch_assignments()
        found = measure(app, assigned)
        with app.app_context():
            db.engine.dispose()
    facts = {
        "crews": CREWS,
        "open_tickets": OPEN_TICKETS,
        "reports_per_second": REPORTS_A_SECOND,
        "n": len(found),
    }
    for name, share in QUANTILES:
        limit = LIMIT_MS if name == "p99" else None
        value = found[int(share * (len(found) - 1))]
        show(f"{kind} report saved to crew assigned {name}", value, "ms", limit, **facts)


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
