"""What do the event log and DuckDB answer to a question of the circle, and how fast?

The peers of `bench/circle_views.py`; `pip install "onevisit[bench]"` brings DuckDB.
"""

from __future__ import annotations

import importlib.util
import time
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import text

from dispatch.actions.bulk_rows import allow_a_long_transaction
from dispatch.domain.microseconds import MICROSECONDS, micros
from dispatch.domain.permissions import Scope
from dispatch.domain.ticket_state import EventKind
from dispatch.models.base import db
from dispatch.queries.facts import facts_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.reporting import Report
    from dispatch.domain.facts import Facts

EVERYTHING = Scope(everything=True)
COLUMNS = ("ticket", "team", "received_at", "arrived_at", "left_out")


def timed(ask: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the milliseconds that an answer takes."""
    begun = clock()
    ask()
    db.session.close()
    return (clock() - begun) * 1_000


def events_by_team(days: int, now: datetime) -> list[tuple[int, float]]:
    """Ask the event log itself for P90 of the time to the first arrival by team."""
    allow_a_long_transaction()
    rows = db.session.execute(
        text(
            "SELECT t.team_id, r.effective_at, min(a.effective_at) FROM ticket t"
            " JOIN ticket_event r ON r.ticket_id = t.id AND r.kind = :received"
            " JOIN ticket_event a ON a.ticket_id = t.id AND a.kind = :arrived"
            " WHERE t.received_at >= :first AND t.received_at < :last AND t.state <> 'cancelled'"
            " GROUP BY t.id, t.team_id, r.effective_at"
        ),
        {
            "received": str(EventKind.REPORT_RECEIVED), "arrived": str(EventKind.ARRIVED),
            "first": _bound(now - timedelta(days=days)), "last": _bound(now),
        },
    ).all()  # fmt: skip
    teams = np.array([row[0] for row in rows])
    took = np.array([(_read(row[2]) - _read(row[1])).total_seconds() for row in rows])
    return [
        (team, float(np.percentile(took[teams == team], 90))) for team in np.unique(teams).tolist()
    ]


def _bound(at: datetime) -> Any:
    is_text = db.engine.dialect.name == "sqlite"
    return at.replace(tzinfo=None).isoformat(" ", "microseconds") if is_text else at


def _read(at: Any) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def facts_by_team(days: int, now: datetime) -> list[tuple[int, float]]:
    """Ask the facts the same."""
    first = now - timedelta(days=days)
    facts = facts_for(first, now, EVERYTHING, now=now)
    facts = facts[
        (facts["received_at"] >= micros([first])[0])
        & (facts["left_out"] == 0)
        & ~np.isnan(facts["arrived_at"])
    ]
    took = (facts["arrived_at"] - facts["received_at"]) / MICROSECONDS
    return [
        (team, float(np.percentile(took[facts["team"] == team], 90)))
        for team in np.unique(facts["team"]).tolist()
    ]


def compare_with_events(now: datetime, show: Report) -> None:
    """Ask both the same question in turns, and check that they say the same."""
    for days in (30, 365):
        if events_by_team(days, now) != facts_by_team(days, now):
            raise SystemExit("The event log and the facts do not agree.")
        by_events = float(np.median([timed(partial(events_by_team, days, now)) for _ in range(3)]))
        by_facts = float(np.median([timed(partial(facts_by_team, days, now)) for _ in range(3)]))
        show(f"p90_by_team_{days}_days", by_facts, "ms", by_events, event_table_ms=round(by_events))


class ParquetPeer:
    """Answers from one file of Parquet, on a connection of its own."""

    def __init__(self, folder: Path, facts: Facts) -> None:
        """Write the columns that are asked for."""
        self.path = folder / "facts.parquet"
        self.connection = importlib.import_module("duckdb").connect()
        frame = pd.DataFrame({name: facts[name] for name in COLUMNS})
        self.connection.register("frame", frame)
        self.connection.execute(f"COPY frame TO '{self.path}' (FORMAT parquet)")
        self.connection.unregister("frame")

    def p90_by_team(self, first: float, last: float) -> list[tuple[int, float]]:
        """Return the P90 of the seconds to the first arrival by team.

        Of the tickets received from `first` and before `last`, in microseconds since 1970.
        """
        return self.connection.execute(
            "SELECT team, quantile_cont((arrived_at - received_at) / ?, 0.9)"  # noqa: S608 own file
            f" FROM '{self.path}' WHERE received_at >= ? AND received_at < ?"
            " AND left_out = 0 AND NOT isnan(arrived_at) GROUP BY team ORDER BY team",
            [MICROSECONDS, first, last],
        ).fetchall()


def compare_with_duckdb(folder: Path, since: datetime, now: datetime, show: Report) -> None:
    """Ask DuckDB over the facts as Parquet the same, and check that it says the same."""
    if importlib.util.find_spec("duckdb") is None:
        show("duckdb_over_parquet", 0, "ms", note="duckdb is not installed: not measured")
        return
    peer = ParquetPeer(folder, facts_for(since, now, EVERYTHING, now=now))
    for days in (30, 365):
        first, last = micros([now - timedelta(days=days), now]).tolist()
        theirs, ours = peer.p90_by_team(first, last), facts_by_team(days, now)
        if not np.allclose(theirs, ours, rtol=1e-9):
            raise SystemExit("DuckDB and the facts do not agree.")
        by_duckdb = float(
            np.median([timed(partial(peer.p90_by_team, first, last)) for _ in range(5)])
        )
        by_facts = float(np.median([timed(partial(facts_by_team, days, now)) for _ in range(5)]))
        show(
            f"p90_by_team_{days}_days_beside_duckdb", by_facts, "ms", duckdb_ms=round(by_duckdb, 1)
        )
