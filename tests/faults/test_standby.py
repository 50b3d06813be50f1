"""Is everything that was answered still there when a standby takes the place of PostgreSQL?

Only `make soak` runs it: two servers and two processes start one after the other.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from dispatch.actions.unit_of_work import transaction
from dispatch.models.base import db
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.event_chain import checked_tickets
from tests.conftest import SECRET, close_connections, make_app
from tests.factories import make_grid, make_team
from tests.faults.armed import arm, fired, look, put_on_duty
from tests.faults.fleet import Fleet, wait_within
from tests.faults.pair import FIRST, SECOND, Host, free_port
from tests.faults.test_web_kills import SENDERS, Callers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPORTS, TIMERS = 2_000, 1_000
AWAY_SECONDS = 2.0
"""So long the standby hears nothing before the first server stops: what is answered then counts."""
FIRST_ARMED = 1_000_001
ARMED = range(FIRST_ARMED, FIRST_ARMED + TIMERS)


@pytest.fixture
def pair(migrate) -> Iterator[tuple[Host, Host, str]]:
    """Return a PostgreSQL, its synchronous standby, and the address that names both."""
    port = free_port()
    primary = Host(FIRST, port)
    name = "onevisit"
    migrate(primary.create(name) + f"&port={port}")
    standby = Host(SECOND, port, follows=primary)
    primary.wait_for_standby()
    address = f"postgresql://postgres@{FIRST},{SECOND}:{port}/{name}"
    yield primary, standby, f"{address}?target_session_attrs=read-write&connect_timeout=2"
    standby.stop()
    primary.stop()


def prepare(app: Any) -> None:
    """Put somebody on duty and arm warnings that fall due before, in and after the change."""
    now = datetime.now(UTC)
    with app.app_context():
        with transaction():
            put_on_duty(now)
            make_grid(team=make_team(), now=now)
        spread = timedelta(seconds=40)
        arm([now + spread * (n / TIMERS) for n in range(TIMERS)], FIRST_ARMED)


def wait_for(fleet: Fleet, waiting: Sequence[Any], is_true: Any) -> None:
    for _ in wait_within(300):
        for each in waiting:
            if each.done():
                each.result()
        if is_true():
            return
    raise AssertionError(fleet.words())


def counts(app: Any) -> tuple[int, int]:
    """Return how many reports and how many written warnings the database holds."""
    with app.app_context():
        return db.session.query(Report).count(), fired()


@pytest.mark.timeout(1_800)
def test_what_was_answered_is_there_after_a_promotion(pair, work_folder, tmp_path, print_counts):
    """The standby hears no more, the first server stops at once under load, the standby follows."""
    primary, standby, address = pair
    app = make_app(address, work_folder)
    prepare(app)
    environment = {"ONEVISIT_DATABASE_URL": address, "ONEVISIT_DATA_DIR": str(work_folder)}
    environment |= {"ONEVISIT_SECRET_KEY": SECRET}
    lots = Random(5)  # noqa: S311  a lot and no secret
    keys = [str(uuid.UUID(int=lots.getrandbits(128), version=4)) for _ in range(REPORTS)]
    with Fleet(environment, tmp_path / "log") as fleet, ThreadPoolExecutor(SENDERS) as pool:
        fleet.jobs()
        callers = Callers([fleet.web()])
        waiting = [pool.submit(callers.send_all, keys[n::SENDERS]) for n in range(SENDERS)]
        wait_for(fleet, waiting, lambda: len(callers.answered) >= REPORTS // 4)
        receiver = standby.stop_hearing()
        reached = len(callers.answered)
        Event().wait(AWAY_SECONDS)
        primary.crash()
        answered = len(callers.answered)
        standby.promote(receiver)
        before = counts(app)
        wait_for(fleet, waiting, lambda: len(callers.answered) == REPORTS)
        wait_for(fleet, waiting, lambda: counts(app)[1] == TIMERS)
        assert [member.running.poll() for member in fleet.members] == [None, None], fleet.words()
    check(app, callers, keys)
    close_connections(app)
    print_counts(
        f"standby: {answered} reports were answered when the first server stopped, "
        f"{answered - reached} of them in the {AWAY_SECONDS} s in which the second heard "
        f"nothing; {before[0]} and {before[1]} warnings were there just after it was "
        f"promoted; {REPORTS} reports and {TIMERS} warnings at the end, 0 lost, 0 twice; "
        f"answers {dict(callers.replies)}"
    )


def check(app: Any, callers: Callers, keys: list[str]) -> None:
    """Compare what was answered and armed with what the promoted server holds."""
    assert callers.differing == []
    assert set(callers.answered) == set(keys)
    with app.app_context():
        stored = {row.description: row.ticket_id for row in db.session.query(Report)}
        assert db.session.query(Report).count() == REPORTS
        assert db.session.query(Ticket).count() == REPORTS + TIMERS
        assert {key: f"W{ticket:06d}" for key, ticket in stored.items()} == callers.answered
        found = look(ARMED)
        assert (found.lost, found.twice, len(found.late_ms)) == (0, 0, TIMERS)
        assert [each.number for each in checked_tickets() if each.broken_at] == []
