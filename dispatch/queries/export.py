"""Which tickets go into an exported file, and with which columns?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, true

from dispatch.domain.column_map import TIMES
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.people import Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Task, Ticket
from dispatch.queries.scoping import in_scope
from dispatch.queries.tasks import IS_UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from dispatch.domain.permissions import Scope
    from dispatch.queries.stories import FigureFilters

ROWS_AT_ONCE = 2_000
_PLAIN = (
    "external_source",
    "external_id",
    "state",
    "kind",
    "category",
    "level",
    "address",
    "lat",
    "lon",
    "place_standing",
    "zone",
    "imported",
    "storm",
    "flags",
    *TIMES,
    "arrive_due_at",
    "repair_due_at",
    "call_back_due_at",
    "called_back_at",
    "follow_up_due_at",
    "followed_up_at",
    "held_seconds",
    "dispatches",
    "returns",
    "reopenings",
    "report_count",
)
_TASKS = ("tasks", "tasks_open", "tasks_late")
EXPORT_COLUMNS = ("number", "grid", "team", *_PLAIN, *_TASKS)
"""What an export holds: where and when, and nobody's name, number, account or words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFilters:
    """Which tickets are asked for; None lets every one through. `to_at` is not included."""

    from_at: datetime | None = None
    to_at: datetime | None = None
    state: str | None = None
    grid: str | None = None
    team: str | None = None
    category: str | None = None


def exported_tickets(scope: Scope, filters: ExportFilters) -> Iterator[dict[str, Any]]:
    """Yield a row of `EXPORT_COLUMNS` for each ticket, in the order of the calls.

    Raises:
        Invalid: when there is no grid or team of the name asked for, naming the option.
    """
    check_names(filters)
    columns = [getattr(Ticket, name) for name in _PLAIN]
    statement = (
        select(Ticket.id, Grid.name.label("grid"), Team.name.label("team"), *columns, *_counts())
        .outerjoin(Grid, Grid.id == Ticket.grid_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .where(*_conditions(filters))
        .order_by(Ticket.received_at, Ticket.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    return _rows(in_scope(statement, scope))


def _counts() -> list[ColumnElement[int]]:
    """Count the tasks of a ticket: all, those not settled, and those that ended after their time.

    One that is overdue and not settled counts as open, and as late once it ends.
    """
    conditions = (true(), IS_UNSETTLED, Task.ended_at > Task.due_at)
    return [
        select(func.count())
        .where(Task.ticket_id == Ticket.id, condition)
        .correlate(Ticket)
        .scalar_subquery()
        .label(name)
        for name, condition in zip(_TASKS, conditions, strict=True)
    ]


def _rows(statement: Any) -> Iterator[dict[str, Any]]:
    for row in db.session.execute(statement).mappings():
        yield {"number": ticket_number(row["id"])} | {
            name: row[name] for name in EXPORT_COLUMNS if name != "number"
        }


def _conditions(filters: ExportFilters) -> Iterator[ColumnElement[bool]]:
    if filters.from_at is not None:
        yield Ticket.received_at >= filters.from_at
    if filters.to_at is not None:
        yield Ticket.received_at < filters.to_at
    equal = (
        (Ticket.state, filters.state),
        (Ticket.category, filters.category),
        (Grid.name, filters.grid),
        (Team.name, filters.team),
    )
    for column, wanted in equal:
        if wanted is not None:
            yield column == wanted


def check_names(filters: ExportFilters | FigureFilters) -> None:
    """Check that the grid and the team that are asked for exist, in any version.

    Raises:
        Invalid: naming the option and the name that is not known.
    """
    asked = (("grid", Grid.name, filters.grid), ("team", Team.name, filters.team))
    for option, column, wanted in asked:
        if wanted is None:
            continue
        if db.session.scalar(select(column).where(column == wanted).limit(1)) is None:
            fault = say("There is no %(kind)s named “%(name)s”.", kind=_KINDS[option], name=wanted)
            raise Invalid(fault, fields={option: fault})


_KINDS = {"grid": say("grid"), "team": say("team")}
