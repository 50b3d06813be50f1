"""How soon does the desk show 500 open tickets in a browser that has never seen it?

Prints one JSON line for each part. Needs the system's Chromium (ONEVISIT_CHROMIUM).
"""

from __future__ import annotations

import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.processes import run_once, running
from bench.reporting import Report
from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.placing import GivenPlace
from dispatch.actions.sessions import open_session
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.permissions import RULE
from dispatch.models.base import db
from dispatch.models.people import Crew, Position, Team, User
from dispatch.models.places import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

TICKETS, CREWS, ROUNDS, LIMIT_SECONDS = 500, 40, 7, 1.5
CATEGORIES = ("leak", "burst", "no_water", "low_pressure", "meter_leak", "catch_basin")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


def fill(settings: Settings) -> str:
    """Make grids, crews and open tickets, and return the secret of a dispatcher's session."""
    app, rng, now = create_app(settings), random.Random(1), datetime.now(UTC)  # noqa: S311
    with app.app_context():
        with transaction():
            user = User(sign_in_name="d", name="D", role="dispatcher", created_at=now, active=True)
            db.session.add(user)
            db.session.flush()
            make_city(rng, now)
            secret = open_session(user, now=now, lifetime=timedelta(hours=1))
        with transaction():
            for number in range(TICKETS):
                place = GivenPlace(rng.uniform(28, 28.4), rng.uniform(112.8, 113.2))
                new = NewReport(rng.choice(CATEGORIES), address=f"Road {number}", place=place)
                open_ticket(new, actor=RULE, now=now - timedelta(minutes=rng.uniform(0, 300)))
    return secret


def make_city(rng: random.Random, now: datetime) -> None:
    """Add five teams, 25 square grids and the crews with their positions."""
    teams = [Team(name=f"Team {number}") for number in range(5)]
    db.session.add_all(teams)
    db.session.flush()
    for number in range(25):
        west, south = 112.8 + number % 5 * 0.08, 28.0 + number // 5 * 0.08
        ring = [[west, south], [west + 0.08, south], [west + 0.08, south + 0.08]]
        ring += [[west, south + 0.08], [west, south]]
        area = {"type": "Polygon", "coordinates": [ring]}
        grid = Grid(name=f"Grid {number}", team_id=teams[number % 5].id, geometry=area)
        grid.valid_from = now - timedelta(days=1)
        db.session.add(grid)
    for number in range(CREWS):
        crew = Crew(name=f"Crew {number}", team_id=teams[number % 5].id)
        db.session.add(crew)
        db.session.flush()
        at = {"lat": rng.uniform(28, 28.4), "lon": rng.uniform(112.8, 113.2)}
        db.session.add(Position(crew_id=crew.id, measured_at=now, **at))


def visit(browser: Browser, url: str, secret: str) -> dict[str, float]:
    """Open the desk in a fresh context; seconds until the first row, the map, and bytes."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "onevisit_session", "value": secret, "url": url}])
    page = context.new_page()
    started = time.perf_counter()
    page.goto(f"{url}/desk", wait_until="commit")
    page.locator(".queue-row").nth(5).wait_for()
    rows = time.perf_counter() - started
    page.locator("html[data-map=ready]").wait_for(state="attached")
    drawn = time.perf_counter() - started
    size = page.evaluate(
        "performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0)"
    )
    context.close()
    return {"rows": rows, "map": drawn, "bytes": size}


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium and end it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  a dependency of tests alone

    with sync_playwright() as playwright:
        path = os.environ.get("ONEVISIT_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def main() -> int:
    """Measure several first loads; the exit code says whether the median kept the limit."""
    with tempfile.TemporaryDirectory() as folder:
        given = {"ONEVISIT_DATA_DIR": folder, "ONEVISIT_SECRET_KEY": "x" * 32}
        run_once(given, "db", "upgrade")
        secret = fill(Settings.from_env(given))
        with running(given, "serve") as web, chromium() as browser:
            visits = [visit(browser, web.url, secret) for _ in range(ROUNDS)]
    report = Report("desk_load")
    report("first_rows_p50", _middle(visits, "rows"), "s", LIMIT_SECONDS, tickets=TICKETS)
    report("first_rows_max", max(one["rows"] for one in visits), "s", rounds=ROUNDS)
    report("map_ready_p50", _middle(visits, "map"), "s")
    report("bytes_p50", _middle(visits, "bytes") / 1024, "KiB")
    return 0 if _middle(visits, "rows") < LIMIT_SECONDS else 1


def _middle(visits: list[dict[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in visits)


if __name__ == "__main__":
    sys.exit(main())
