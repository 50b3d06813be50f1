"""How long does the circle take over very many tickets, first and again, and what do facts cost?

Run `python bench/circle_views.py` (200,000 tickets in five years, some minutes), with
`--tickets 1000000` or `10000000` for the sizes that the limits name, with `--postgresql` on a
server of its own; each line is one figure as JSON. Tickets, their events and their facts are
drawn with a seed and written straight into the tables. “Cold” is the first answer on a new
connection and without a block in memory, with the files in the memory of the system as a server has
them; “anew” the next ones, worked out again, “warm” those within a minute of it, which are the same
where a page rests on very many tickets. `--only-facts` writes neither tickets nor events, and
leaves out what needs them: the pages beside the overview and the broken promises, and what a change
costs. Ten million facts are written in minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import count, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import flask_migrate
import numpy as np
from sqlalchemy import text, update

from bench.circle_peers import compare_with_duckdb, compare_with_events, timed
from bench.drawn_city import LAST, YEARS, ZONE, began, fill, show
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.cell_figures import CellShape
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.jobs.facts import run
from dispatch.models.base import db
from dispatch.models.tickets import Ticket
from dispatch.queries import fact_blocks
from dispatch.queries.circle_broken import broken_in, shown_tickets, tickets_behind
from dispatch.queries.circle_clusters import clusters_in
from dispatch.queries.circle_map import circle_map
from dispatch.queries.circle_problems import problems_in
from dispatch.queries.circle_ranking import rankings_for
from dispatch.queries.circle_responsibility import responsibility_in
from dispatch.queries.circle_returns import returns_in
from dispatch.queries.facts import facts_waiting
from dispatch.queries.figures import circle_figures, figure_rows
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from tests.databases import DURABLE, PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WARM_MS, COLD_MS = 200.0, 1_000.0
ROUNDS, CHANGED = 9, 500
TICKETS_A_PAGE = 50
DAYS = (30, 365)
EVERYTHING = Scope(everything=True)


def views(now: datetime) -> dict[str, Callable[[], object]]:
    """Name the questions that the pages of the circle ask."""

    def circle(days: int, **filters: Any) -> Callable[[], object]:
        period = Period(LAST - timedelta(days=days), LAST, ZONE)
        return lambda: circle_figures(period, EVERYTHING, FigureFilters(**filters), now=now)

    def broken(days: int, by: SplitBy) -> Callable[[], object]:
        period = Period(LAST - timedelta(days=days), LAST, ZONE)
        return lambda: broken_in(period, EVERYTHING, by=by, now=now)

    def behind() -> object:
        period = Period(LAST - timedelta(days=365), LAST, ZONE)
        found = tickets_behind(
            period, EVERYTHING, FigureFilters(), None, stage=None, only_broken=True, now=now
        )
        return shown_tickets(found.tickets[:TICKETS_A_PAGE], found.usual, now)

    whole = Period(LAST.replace(year=LAST.year - YEARS), LAST, ZONE)
    return {
        "broken_7_days": broken(7, SplitBy.GRID),
        "broken_365_days": broken(365, SplitBy.GRID),
        "broken_365_days_by_crew": broken(365, SplitBy.CREW),
        "tickets_behind_365_days": behind,
        "circle_1_day": circle(1),
        "circle_7_days": circle(7),
        "circle_30_days": circle(30),
        "circle_365_days": circle(365),
        "circle_365_days_of_one_team": circle(365, team="Team 3"),
        "figures_of_all_years_by_grid": lambda: figure_rows(whole, EVERYTHING, by="grid", now=now),
    }


def pages(days: int, moments: Iterator[datetime]) -> dict[str, Callable[[], object]]:
    """Name the questions of the other pages of the circle, each asked at the next moment."""
    period = Period(LAST - timedelta(days=days), LAST, ZONE)
    given: Any = (period, EVERYTHING, ALL_TICKETS)
    found: dict[str, Callable[[], object]] = {
        "map": lambda: circle_map(*given, CellShape.GRID, now=next(moments)),
        "map_of_hexagons": lambda: circle_map(*given, CellShape.HEX_1000, now=next(moments)),
        "first_time_fix": lambda: returns_in(*given, now=next(moments)),
        "common_problems": lambda: problems_in(*given, now=next(moments)),
        "clusters_of_common_problems": lambda: clusters_in(*given, now=next(moments)),
        "responsibility": lambda: responsibility_in(*given, now=next(moments)),
        "ranking": lambda: rankings_for(*given, limits=None, now=next(moments)),
    }
    return {f"{name}_{days}_days": ask for name, ask in found.items()}


def measure(
    name: str,
    ask: Callable[[], object],
    rows: int,
    limits: tuple[Any, Any],
    anew: Callable[[], object] | None = None,
) -> None:
    """Print an answer's time on a new connection, and again on the same.

    `anew` asks so that no answer of the last minute is given again.
    """
    anew = anew or ask
    cold = []
    for _ in range(ROUNDS):
        db.session.remove()
        db.engine.dispose()
        fact_blocks.kept = fact_blocks.Kept(fact_blocks.kept.most)
        cold.append(timed(anew))
    again = [timed(anew) for _ in range(ROUNDS)]
    ask()
    warm = [timed(ask) for _ in range(ROUNDS)]
    # What this process computes, without the waits of a machine that others use too.
    alone = float(np.median([timed(anew, time.process_time) for _ in range(ROUNDS)]))
    for kind, found, limit in (
        ("cold", cold, limits[0]), ("anew", again, None), ("warm", warm, limits[1]),
    ):  # fmt: skip
        p50, p95 = np.percentile(found, [50, 95]).tolist()
        show(
            f"{name}_{kind}_p50",
            p50,
            "ms",
            limit,
            p95=round(p95, 1),
            cpu_ms=round(alone, 1),
            tickets=rows,
            kept_mb=round(fact_blocks.kept.weight / 2**20),
        )


def measure_pages(now: datetime, rows: int) -> None:
    """Print the times of the other pages; what rests on very many tickets is kept for a minute."""
    minutes = (now + timedelta(minutes=number) for number in count(1))
    for days in DAYS:
        anew = pages(days, minutes)
        for name, ask in pages(days, repeat(now)).items():
            measure(name, ask, rows, (COLD_MS, WARM_MS), anew[name])


def measure_changes(now: datetime) -> None:
    """Print what a change costs its own transaction, the roll-up, and a reader before that."""
    for name, is_noted in (("with", True), ("without", False)):
        if not is_noted:
            _drop_trigger()
        begun = time.perf_counter()
        with transaction():
            for ticket in range(1, CHANGED + 1):
                db.session.execute(update(Ticket).where(Ticket.id == ticket).values(level=2))
        spent = (time.perf_counter() - begun) / CHANGED * 1e6
        show(f"update_{name}_note", spent, "µs a change")
    waiting = facts_waiting()
    week = views(now)["circle_7_days"]
    show("circle_7_days_before_roll_up", timed(week), "ms", WARM_MS, waiting=waiting)
    begun = time.perf_counter()
    run(now)
    spent = (time.perf_counter() - begun) * 1e6 / CHANGED
    show("roll_up", spent, "µs a ticket", waiting=facts_waiting(), tickets=CHANGED)
    show("circle_7_days_after_roll_up", timed(week), "ms", WARM_MS)


def _drop_trigger() -> None:
    is_lite = db.engine.dialect.name == "sqlite"
    name = "ticket_fact_update" if is_lite else "ticket_fact ON ticket"
    with transaction():
        db.session.execute(text(f"DROP TRIGGER {name}"))


@contextlib.contextmanager
def database(folder: str, *, on_server: bool) -> Iterator[str]:
    """Give the URL of an empty database, in the folder or on a server of its own."""
    if not on_server:
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    server = PostgresServer(DURABLE)
    try:
        yield server.create("bench")
    finally:
        server.stop()


def main() -> None:
    """Fill a city, ask every view, and print a line for each."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--tickets", type=int, default=200_000)
    words.add_argument("--postgresql", action="store_true")
    words.add_argument("--without-events", action="store_true")
    words.add_argument("--only-facts", action="store_true")
    words.add_argument("--megabytes", type=int, default=96, help="of blocks in memory")
    given = words.parse_args()
    with_events = not (given.without_events or given.only_facts)
    now = datetime(LAST.year, 1, 1, tzinfo=ZONE).astimezone(UTC)
    with (
        tempfile.TemporaryDirectory() as folder,
        database(folder, on_server=given.postgresql) as url,
    ):
        settings = Settings(
            data_dir=Path(folder), secret_key="bench-" * 6, database_url=url,
            figures_megabytes=given.megabytes, time_zone=str(ZONE),
        )  # fmt: skip
        app = create_app(settings)
        with app.app_context():
            flask_migrate.upgrade(directory=str(Path(__file__).parent.parent / "migrations"))
            fill(given.tickets, now, with_tickets=not given.only_facts, with_events=with_events)
            for name, ask in views(now).items():
                a_year = "all_years" not in name
                limits = (COLD_MS, WARM_MS) if a_year else (None, None)
                measure(name, ask, given.tickets, limits)
            if not given.only_facts:
                measure_pages(now, given.tickets)
            if with_events:
                compare_with_events(now, show)
            if not given.only_facts:
                measure_changes(now)
            compare_with_duckdb(Path(folder), began().astimezone(UTC), now, show)
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main()
