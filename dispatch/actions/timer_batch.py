"""What do the due timers of one batch read once for all, and write once for all?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import Table, delete, select

from dispatch.actions.alerts import late_ms, write_alerts
from dispatch.actions.many_rows import update_many
from dispatch.actions.new_rows import insert_mixed, insert_rows
from dispatch.actions.outbox import listening
from dispatch.actions.rectification import open_for_breaches
from dispatch.actions.ticket_log import write_asides
from dispatch.models.alerts import Alert
from dispatch.models.base import current_connection, db
from dispatch.models.clockwork import Outbox, Timer
from dispatch.models.disputes import Dispute
from dispatch.models.tickets import Task, Visit
from dispatch.queries.rota import watch as read_watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from dispatch.actions.alerts import NewAlert
    from dispatch.actions.rectification import Breach
    from dispatch.models.tickets import Ticket
    from dispatch.queries.rota import Watch

Row_ = TypeVar("Row_", Task, Dispute)
_TIMERS = cast("Table", Timer.__table__)
_FIRED = ("state", "fired_at", "late_ms", "id")


@dataclass
class Rows:
    """What a batch will write; `dropped` are the ids of timers of which nothing is owed."""

    fired: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    alerts: list[NewAlert] = field(default_factory=list)
    armed: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Batch:
    """What the timers of a batch need to know, and the rows that firing them adds to.

    `visits` are by ticket; `tasks`, `disputes` and `alerts`, which are locked, by their own ids.
    """

    now: datetime
    watch: Watch
    visits: dict[int, list[Visit]]
    tasks: dict[int, Task]
    disputes: dict[int, Dispute]
    alerts: dict[int, Alert]
    endpoints: Sequence[Row[*tuple[Any, ...]]]
    rows: Rows = field(default_factory=Rows)

    def anew(self) -> Batch:
        """Return a batch that knows the same and has written nothing."""
        return replace(self, rows=Rows())

    def end(self, timer: Timer, *, fired: bool) -> bool:
        """Note that a timer has fired, or that nothing is owed; returns which."""
        if fired:
            late = late_ms(timer, self.now)
            row = {"state": "fired", "fired_at": self.now, "late_ms": late, "id": timer.id}
            self.rows.fired.append(row)
        else:
            self.rows.dropped.append(timer.id)
        return fired

    def write(self) -> None:
        """Write all of it: a few statements, however many timers there were."""
        connection, rows = current_connection(), self.rows
        db.session.flush()
        if rows.fired:
            update_many(Timer, _FIRED, rows.fired)
        if rows.dropped:
            connection.execute(delete(_TIMERS).where(_TIMERS.c.id.in_(rows.dropped)))
        open_for_breaches(rows.breaches, now=self.now)
        write_asides(rows.events)
        write_alerts(rows.alerts, self.watch)
        insert_mixed(Outbox, rows.messages)
        insert_rows(Timer, rows.armed)


def read_batch(claimed: Sequence[Row[Timer, Ticket]], now: datetime) -> Batch:
    """Read what the claimed timers need: rota, visits, tasks, alerts, webhook endpoints."""
    timers = [timer for timer, _ticket in claimed]
    visited = {timer.ticket_id for timer in timers if timer.visit_id is not None}
    visits: dict[int, list[Visit]] = defaultdict(list)
    if visited:
        found = select(Visit).where(Visit.ticket_id.in_(visited)).order_by(Visit.id)
        for visit in db.session.scalars(found):
            visits[visit.ticket_id].append(visit)
    return Batch(
        now,
        read_watch([ticket.id for _timer, ticket in claimed]),
        visits,
        _by_id(Task, {timer.task_id for timer in timers if timer.task_id is not None}),
        _by_id(Dispute, {timer.dispute_id for timer in timers if timer.dispute_id is not None}),
        _locked_alerts({timer.alert_id for timer in timers if timer.alert_id is not None}),
        listening(),
    )


def _by_id(table: type[Row_], ids: set[int]) -> dict[int, Row_]:
    rows = db.session.scalars(select(table).where(table.id.in_(ids))) if ids else ()
    return {row.id: row for row in rows}


def _locked_alerts(ids: set[int]) -> dict[int, Alert]:
    if not ids:
        return {}
    locked = select(Alert).where(Alert.id.in_(ids)).order_by(Alert.id).with_for_update()
    rows = db.session.scalars(locked, execution_options={"populate_existing": True})
    return {row.id: row for row in rows}
