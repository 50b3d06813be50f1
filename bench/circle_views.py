"""How long does the circle take over very many tickets, first and again, and what do facts cost?

Run `python bench/circle_views.py` (200,000 tickets in five years, some minutes), with
`--tickets 1000000` or `10000000` for the sizes that the limits name, with `--postgresql` on a
server of its own; each line is one figure as JSON. Tickets, their events and their facts are
drawn with a seed and written straight into the tables. “Cold” is the first answer on a new
connection and without a block in memory, with the files in the memory of the system as a server has
them; “warm” the next ones. `--only-facts` writes neither tickets nor events, and leaves out what
needs them: the views themselves read none, and ten million are written in minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

import flask_migrate
import numpy as np
from sqlalchemy import delete, func, insert, select, text, update

from bench.circle_peers import compare_with_duckdb, compare_with_events, timed
from bench.reporting import Report
from dispatch.actions.bulk_rows import allow_a_long_transaction, write_rows
from dispatch.actions.facts import fact_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import CAUSES, EXCLUSIONS, FACT, NONE, number_of
from dispatch.domain.microseconds import MICROSECONDS, instant, micros
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.ticket_state import EventKind
from dispatch.jobs.facts import pack, run
from dispatch.models.base import db
from dispatch.models.facts import FactBlock, FactDue, TicketFact
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Ticket, TicketEvent
from dispatch.queries import fact_blocks
from dispatch.queries.circle_broken import broken_in, shown_tickets, tickets_behind
from dispatch.queries.facts import facts_waiting
from dispatch.queries.figures import circle_figures, figure_rows
from dispatch.queries.stories import FigureFilters
from tests.databases import DURABLE, PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

ZONE = ZoneInfo("Asia/Shanghai")
LAST = date(2026, 1, 1)
YEARS, TEAMS, GRIDS, AT_ONCE, WAITING = 5, 40, 400, 20_000, 400
WARM_MS, COLD_MS = 200.0, 1_000.0
ROUNDS, CHANGED = 9, 500
TICKETS_A_PAGE = 50
EVERYTHING = Scope(everything=True)
STEPS = {
    "received_at": EventKind.REPORT_RECEIVED,
    "dispatched_at": EventKind.DISPATCHED,
    "acknowledged_at": EventKind.ACKNOWLEDGED,
    "en_route_at": EventKind.SET_OFF,
    "arrived_at": EventKind.ARRIVED,
    "completed_at": EventKind.COMPLETED,
}
WEIGHTS = np.array([1, 1, 1, 1, 1, 2, 4, 8, 9, 8, 7, 6, 6, 5, 5, 5, 6, 8, 9, 8, 6, 4, 2, 1.0])
show = Report("circle_views")


def draw(dice: np.random.Generator, first: int, size: int, total: int) -> Any:
    """Draw the facts of some tickets of the city, in the order of their calls."""
    facts = np.zeros(size, dtype=FACT)
    for name in FACT.names or ():
        if FACT[name] == np.dtype("<f8") and not name.startswith("held"):
            facts[name] = np.nan
    facts["ticket"] = np.arange(first, first + size)
    share = (facts["ticket"] - 1 + dice.random(size)) / total
    span = (datetime(LAST.year, 1, 1, tzinfo=ZONE) - _begin()).total_seconds()
    day = np.floor(share * span / 86_400)
    hour = dice.choice(24, size=size, p=WEIGHTS / WEIGHTS.sum())
    seconds = day * 86_400 + hour * 3_600 + dice.integers(0, 3_600, size)
    facts["received_at"] = micros([_begin()])[0] + seconds * MICROSECONDS
    _draw_times(dice, facts, facts["ticket"] > total - WAITING)
    _draw_words(dice, facts)
    return facts


def _begin() -> datetime:
    return datetime(LAST.year - YEARS, 1, 1, tzinfo=ZONE)


def _draw_times(dice: np.random.Generator, facts: Any, is_open: NDArray[np.bool_]) -> None:
    medians = {"dispatched_at": 80, "acknowledged_at": 70, "en_route_at": 90, "arrived_at": 760,
               "working_at": 120, "completed_at": 2_300, "closed_at": 40_000}  # fmt: skip
    at = facts["received_at"]
    for name, median in medians.items():
        took = dice.lognormal(np.log(median), 0.7, facts.size)
        at = at + np.floor(took) * MICROSECONDS
        facts[name] = np.where(is_open & (name in {"completed_at", "closed_at"}), np.nan, at)
    facts["restored_at"] = facts["completed_at"]
    facts["fixed_at"] = facts["reached_at"] = facts["completed_at"]
    facts["arrive_due_at"] = facts["received_at"] + 1_800 * MICROSECONDS
    facts["repair_due_at"] = facts["received_at"] + 86_400 * MICROSECONDS
    followed = dice.random(facts.size) < 0.05
    later = facts["fixed_at"] + dice.integers(1, 100 * 86_400, facts.size) * MICROSECONDS
    facts["followed_at"] = np.where(followed, later, np.nan)
    facts["held_seconds"] = np.where(dice.random(facts.size) < 0.04, 600, 0)
    facts["held_seconds_total"] = facts["held_seconds"]


def _draw_words(dice: np.random.Generator, facts: Any) -> None:
    size = facts.size
    facts["grid"] = np.minimum(dice.zipf(1.3, size), GRIDS)
    facts["team"] = facts["grid"] % TEAMS + 1
    facts["household"] = facts["crew"] = NONE
    facts["level"] = dice.integers(1, 4, size)
    facts["category"] = number_of("leak")
    facts["lat"], facts["lon"] = 28.1 + dice.random(size) / 5, 112.9 + dice.random(size) / 5
    for name in ("dispatches", "reports", "contacts_by_reporter", "teams", "crews", "arrivals"):
        facts[name] = 1 + (dice.random(size) < 0.08)
    closed = ~np.isnan(facts["closed_at"])
    facts["closed_repair"] = facts["counted"] = closed
    facts["clean"] = closed & (facts["arrivals"] == 1)
    facts["has_place"], facts["auto"] = True, dice.random(size) < 0.8
    facts["is_open"], facts["storm"] = ~closed, dice.random(size) < 0.03
    facts["asked"], facts["answered"] = closed, closed & (dice.random(size) < 0.4)
    facts["solved"] = facts["answered"]
    facts["cause"] = np.where(dice.random(size) < 0.05, dice.integers(1, len(CAUSES), size), 0)
    why = EXCLUSIONS.index(Exclusion.CANCELLED)
    out = np.where(closed & (dice.random(size) < 0.04), why, 0)
    for name in ("outcome", "left_out", "within_30", "circle", "arrive", "repair"):
        facts[name] = out
    facts["call_back"] = EXCLUSIONS.index(Exclusion.NO_CALL_BACK_PROMISE)


def ticket_rows(facts: Any) -> list[dict[str, Any]]:
    """Return the tickets that drawn facts are of."""
    rows = []
    for fact in facts:
        state = "accepted" if fact["is_open"] else "closed"
        times = {name: _at(fact[name]) for name in (*STEPS, "closed_at", "arrive_due_at")}
        rows.append(times | {
            "id": int(fact["ticket"]), "state": "cancelled" if fact["outcome"] else state,
            "category": "leak", "level": int(fact["level"]), "grid_id": int(fact["grid"]),
            "team_id": int(fact["team"]), "lat": float(fact["lat"]), "lon": float(fact["lon"]),
            "place_standing": "inside", "changed_at": times["received_at"], "flags": [],
        })  # fmt: skip
    return rows


def event_rows(facts: Any) -> list[dict[str, Any]]:
    """Return one event a recorded step of each ticket."""
    return [
        {
            "uuid": f"{fact['ticket']}-{kind}", "ticket_id": int(fact["ticket"]), "kind": str(kind),
            "actor": "bench", "source": "bench", "recorded_at": _at(fact[name]),
            "effective_at": _at(fact[name]), "previous_hash": str(kind), "facts": {},
        }
        for fact in facts
        for name, kind in STEPS.items()
        if not np.isnan(fact[name])
    ]  # fmt: skip


def _at(microseconds: float) -> datetime | None:
    return None if np.isnan(microseconds) else instant(float(microseconds))


def fill(total: int, now: datetime, *, with_tickets: bool, with_events: bool) -> None:
    """Write the city, and print how long a fact and its part of a block took to write."""
    dice = np.random.default_rng(7)
    with transaction():
        begun = datetime(2015, 1, 1, tzinfo=UTC)
        db.session.execute(
            insert(Team), [{"id": one, "name": f"Team {one}"} for one in range(1, TEAMS + 1)]
        )
        db.session.execute(
            insert(Grid),
            [
                {"id": one, "name": f"Grid {one}", "geometry": {}, "valid_from": begun}
                for one in range(1, GRIDS + 1)
            ],
        )
    spent = 0.0
    for start in range(0, total, AT_ONCE):
        facts = draw(dice, start + 1, min(AT_ONCE, total - start), total)
        with transaction():
            allow_a_long_transaction()
            if with_tickets:
                write_rows(Ticket, ticket_rows(facts))
            if with_events:
                write_rows(TicketEvent, event_rows(facts))
            db.session.execute(delete(FactDue))
        before = time.perf_counter()
        with transaction():
            write_rows(TicketFact, fact_rows(facts))
        spent += time.perf_counter() - before
    show("fact_rows_written", spent / total * 1e6, "µs a ticket", tickets=total)
    write_blocks(total, now)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
            connection.invalidate()


def write_blocks(total: int, now: datetime) -> None:
    """Write every block, and print what a ticket's part of it took."""
    begun = time.perf_counter(), time.process_time()
    blocks = pack(total, now)
    spent, computed = time.perf_counter() - begun[0], time.process_time() - begun[1]
    size = db.session.scalar(select(func.sum(func.length(FactBlock.columns))))
    db.session.rollback()
    show(
        "blocks_written", spent / total * 1e6, "µs a ticket", blocks=blocks,
        cpu_us=round(computed / total * 1e6, 1), bytes_a_ticket=round(int(size or 0) / total),
    )  # fmt: skip


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


def measure(name: str, ask: Callable[[], object], rows: int, limits: tuple[Any, Any]) -> None:
    """Print an answer's time on a new connection, and again on the same."""
    cold = []
    for _ in range(ROUNDS):
        db.session.remove()
        db.engine.dispose()
        fact_blocks.kept = fact_blocks.Kept(fact_blocks.kept.most)
        cold.append(timed(ask))
    warm = [timed(ask) for _ in range(ROUNDS)]
    # What this process computes, without the waits of a machine that others use too.
    alone = float(np.median([timed(ask, time.process_time) for _ in range(ROUNDS)]))
    for kind, found, limit in (("cold", cold, limits[0]), ("warm", warm, limits[1])):
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
            if with_events:
                compare_with_events(now, show)
            if not given.only_facts:
                measure_changes(now)
            compare_with_duckdb(Path(folder), _begin().astimezone(UTC), now, show)
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main()
