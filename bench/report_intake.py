"""How many reports a second become tickets over HTTP, beside the bare commit rate?

Run `python bench/report_intake.py`; each line is one figure as JSON. One web process answers
`POST /api/v1/reports` from eight connections; every answer is a committed ticket with its report,
events, timers, outbox row and idempotency key. The peer is the same database in the same run,
committing one small row after another on one connection, with the same durability. The rows of a
report, written by the driver alone with nothing of ours around them, say how much of that is left
before a request is even read. Where a flush to disk costs next to nothing, as on many virtual
machines, a bare commit does too; `--flush-ms 1` makes each take so much longer, as on a disk that
does flush: PostgreSQL waits itself, for SQLite it takes `strace`.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psycopg
import pysqlite3.dbapi2 as sqlite

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.bare_rows import same_rows
from bench.processes import run_once, running
from bench.reporting import Report
from tests.databases import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONNECTIONS = 8
SECONDS = 8.0
RAW_COMMITS = 3_000
SHARE_OF_RAW = 0.25
GRIDS = Path(__file__).parent.parent / "dispatch/cli/demo_city/boston/grids.geojson"
DURABLE = {"listen_addresses": "", "shared_buffers": "128MB"}
report = Report("report_intake")


def raw_rate_of_sqlite(folder: Path) -> float:
    """Commit one small row after another with synchronous=FULL; commits a second."""
    connection = sqlite.connect(str(folder / "raw.sqlite3"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE raw (id INTEGER PRIMARY KEY, what TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO raw (what) VALUES ('x')")
        connection.execute("COMMIT")

    return rate(commit)


def raw_rate_of_postgres(url: str) -> float:
    """Commit one small row after another on one connection; commits a second."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE raw (id BIGSERIAL PRIMARY KEY, what TEXT)")
        return rate(lambda: connection.execute("INSERT INTO raw (what) VALUES ('x')"))


def rate_of_the_same_rows(environment: dict[str, str]) -> float:
    """Write a report's rows again and again by the driver, a commit each; reports a second."""
    if url := environment.get("ONEVISIT_DATABASE_URL"):
        with psycopg.connect(url, autocommit=True) as connection:
            return rate(same_rows(connection, "BEGIN", "%s"))
    path = Path(environment["ONEVISIT_DATA_DIR"]) / "onevisit.sqlite3"
    embedded = sqlite.connect(str(path), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        embedded.execute(f"PRAGMA {pragma}")
    return rate(same_rows(embedded, "BEGIN IMMEDIATE", "?"))


def rate(commit: Callable[[], object]) -> float:
    """Return how often a second something can be done."""
    began = time.perf_counter()
    for _ in range(RAW_COMMITS):
        commit()
    return RAW_COMMITS / (time.perf_counter() - began)


@contextlib.contextmanager
def web_process(environment: dict[str, str]) -> Iterator[int]:
    """Serve an initialised, seeded installation from one process and yield its port."""
    run_once(environment, "init")
    run_once(environment, "import", "grids", str(GRIDS), "--team-field", "team")
    with running(environment, "serve") as web:
        yield web.port


def load(port: int) -> tuple[float, np.ndarray]:
    """Send reports from all connections for a while; tickets a second, and each answer's ms."""
    taken: list[float] = []
    ends = time.perf_counter() + SECONDS
    threads = [
        threading.Thread(target=_send, args=(port, number, ends, taken))
        for number in range(CONNECTIONS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(taken) / (time.perf_counter() - began), np.array(taken) * 1_000


def _send(port: int, number: int, ends: float, taken: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    place = {"lat": 42.28 + number / 1_000, "lon": -71.06, "datum": "wgs84"}
    body = {"category": "leak", "description": "water on the pavement", "place": place}
    body["reporter"] = {"name": "Chen", "phone": "617-555-0100"}
    text = json.dumps(body)
    while time.perf_counter() < ends:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        began = time.perf_counter()
        connection.request("POST", "/api/v1/reports", text, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.HTTPStatus.CREATED:
            message = f"answered {answer.status} and not 201"
            raise RuntimeError(message)
        taken.append(time.perf_counter() - began)


def measure(kind: str, raw: float, environment: dict[str, str]) -> None:
    """Print the figures of one database."""
    with web_process(environment) as port:
        load_rate, milliseconds = load(port)
    bare = rate_of_the_same_rows(environment)
    report(f"{kind} raw commits", raw, "1/s")
    report(
        f"{kind} the same rows by the driver alone", bare, "1/s", share_of_raw=round(bare / raw, 3)
    )
    report(f"{kind} reports", load_rate, "1/s", SHARE_OF_RAW * raw, floor=True)
    report(f"{kind} share of raw", load_rate / raw, "", SHARE_OF_RAW, floor=True)
    for percent in (50, 99):
        report(f"{kind} answer p{percent}", float(np.percentile(milliseconds, percent)), "ms")


def measure_sqlite() -> None:
    """Measure SQLite with full durability."""
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as name:
        folder = Path(name)
        raw = raw_rate_of_sqlite(folder)
        measure("sqlite", raw, {"ONEVISIT_DATA_DIR": str(folder / "data")})


def measure_sqlite_with_flushes(flush_us: int) -> None:
    """Measure SQLite in a process whose flushes take so much longer."""
    strace = shutil.which("strace")
    if strace is None:
        sys.exit("strace is needed to make SQLite's flushes longer: install it, for example by apt")
    flushes = "fsync,fdatasync"
    subprocess.run(
        [strace, "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={flushes}",
         "-e", f"inject={flushes}:delay_exit={flush_us}", sys.executable, __file__,
         "--only", "sqlite"],
        check=True,
    )  # fmt: skip


def measure_postgresql(flush_us: int) -> None:
    """Measure PostgreSQL with its defaults, but for flushes that take so much longer."""
    waits = {"commit_delay": str(flush_us), "commit_siblings": "0"} if flush_us else {}
    with tempfile.TemporaryDirectory(prefix="onevisit-bench-") as name:
        server = PostgresServer(DURABLE | waits)
        try:
            url = server.create("onevisit")
            raw = raw_rate_of_postgres(server.create("raw"))
            settings = {"ONEVISIT_DATABASE_URL": url, "ONEVISIT_DATA_DIR": str(Path(name) / "pg")}
            measure("postgresql", raw, settings)
        finally:
            server.stop()


def main() -> None:
    """Measure both databases, or one."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--only", choices=("sqlite", "postgresql"))
    words.add_argument("--flush-ms", type=float, default=0.0, help="added to each flush to disk")
    given = words.parse_args()
    flush_us = round(given.flush_ms * 1_000)
    if flush_us:
        report("added to each flush", given.flush_ms, "ms")
    if given.only != "postgresql":
        if flush_us:
            measure_sqlite_with_flushes(flush_us)
        else:
            measure_sqlite()
    if given.only != "sqlite":
        measure_postgresql(flush_us)


if __name__ == "__main__":
    main()
