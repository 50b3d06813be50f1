"""Which alerts are mine now, and what became of all the others?"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from dispatch.domain.categories import category_rule
from dispatch.domain.permissions import Permission
from dispatch.domain.rota import DUTY_NAMES, DutyRole
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import CLOCK_NAMES, ClockKind
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.alerts import Alert, AlertPerson
from dispatch.models.base import db
from dispatch.models.people import Team, User
from dispatch.models.tickets import Ticket
from dispatch.queries.scoping import in_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select, Subquery

    from dispatch.domain.permissions import Actor, Scope

SHOWN = 50
ROWS_A_PAGE = 100
MOST_EXPORTED = 50_000
STATES: dict[str, Sentence] = {
    "open": say("open"),
    "acknowledged": say("acknowledged"),
    "passed_on": say("passed on"),
    "settled": say("settled"),
}
_COLUMNS: tuple[Any, ...] = (
    Alert, Ticket.category, Ticket.address, Ticket.level, Team.name, Team.name_zh,
)  # fmt: skip

_CLOCK: tuple[Any, ...] = (
    Alert.ticket_id, Alert.clock, Alert.visit_id, Alert.task_id, Alert.dispute_id, Alert.target_at,
)  # fmt: skip
_CLIMBED = (Alert.fraction.desc(), Alert.id.desc())
_RANKS: tuple[Any, ...] = (
    Alert.id,
    func.row_number().over(partition_by=_CLOCK, order_by=_CLIMBED).label("place"),
    func.first_value(Alert.id).over(partition_by=_CLOCK, order_by=_CLIMBED).label("top"),
)
"""Of each alert its place among those of its clock, and which of these has the highest rung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilters:
    """Which alerts are asked for; None lets every one through. `to_at` is not included."""

    state: str | None = None
    duty: str | None = None
    clock: str | None = None
    ticket_id: int | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    person: int | None = None


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One page of alerts, with how many there are in all."""

    rows: list[dict[str, Any]]
    page: int
    pages: int
    total: int


def my_alerts(actor: Actor) -> tuple[int, list[dict[str, Any]]]:
    """Return of how many clocks alerts are open for a person, and the latest with their rungs."""
    ranked = _ranked(select(*_RANKS).where(_mine(actor)))
    count = _clocks(ranked)
    return count, _highest(ranked, limit=SHOWN, offset=0) if count else []


def _ranked(statement: Select[Any]) -> Subquery:
    return statement.subquery("ranked")


def _clocks(ranked: Subquery) -> int:
    first = select(func.count()).select_from(ranked).where(ranked.c.place == 1)
    return db.session.scalar(first) or 0


def _highest(ranked: Subquery, *, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return of each clock the alert of its highest rung, the newest first; `below` are others."""
    chosen = _rows().join(ranked, ranked.c.id == Alert.id).where(ranked.c.place == 1)
    newest = chosen.order_by(Alert.id.desc()).limit(limit).offset(offset)
    rows = _shaped(db.session.execute(newest).all())
    lower = db.session.execute(
        select(ranked.c.top, Alert)
        .join(Alert, Alert.id == ranked.c.id)
        .where(ranked.c.place > 1, ranked.c.top.in_([row["id"] for row in rows]))
        .order_by(ranked.c.place)
    )
    below: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for top, alert in lower:
        below[top].append(_short(alert))
    return [row | {"below": below[row["id"]]} for row in rows]


def _short(alert: Alert) -> dict[str, Any]:
    columns = ("id", "raised_at", "acknowledged_by", "acknowledged_at")
    return {name: getattr(alert, name) for name in columns} | {
        "percent": round(alert.fraction * 100),
        "duty_name": DUTY_NAMES[DutyRole(alert.duty)],
        "state_name": STATES[alert.state],
    }


def alerts_tag(count: int, alerts: Sequence[dict[str, Any]], level: str, language: str) -> str:
    """Return what is the same as long as a person's alerts and the watch look the same."""
    rungs = [[each["id"], [lower["id"] for lower in each["below"]]] for each in alerts]
    seen = json.dumps([count, level, rungs, language])
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def open_alert_ids() -> list[int]:
    """Return every alert that nobody has taken note of, oldest first."""
    return list(
        db.session.scalars(select(Alert.id).where(Alert.state == "open").order_by(Alert.id))
    )


def _rows() -> Select[Any]:
    statement: Select[Any] = select(*_COLUMNS)
    return statement.join(Ticket, Ticket.id == Alert.ticket_id).outerjoin(
        Team, Team.id == Ticket.team_id
    )


def _mine(actor: Actor) -> ColumnElement[bool]:
    told = select(AlertPerson.alert_id).where(AlertPerson.user_id == actor.user_id)
    wanted: ColumnElement[bool] = Alert.id.in_(told)
    if actor.can(Permission.SEE_DESK):
        seen = in_scope(select(Ticket.id), actor.scope)
        in_sight = [] if actor.scope.everything else [Alert.ticket_id.in_(seen)]
        wanted = or_(wanted, and_(Alert.everybody, *in_sight))
    return and_(Alert.state == "open", wanted)


def alert_page(scope: Scope, filters: AlertFilters, page: int) -> AlertPage:
    """Return one page of the alerts in the asker's scope, the newest first."""
    counted = select(func.count(Alert.id)).join(Ticket, Ticket.id == Alert.ticket_id)
    total = db.session.scalar(_chosen(counted, scope, filters)) or 0

    def read(offset: int) -> list[dict[str, Any]]:
        return _read(scope, filters, limit=ROWS_A_PAGE, offset=offset)

    return _page(total, page, read)


def clock_page(scope: Scope, filters: AlertFilters, page: int) -> AlertPage:
    """Return one page of the clocks that alerts were told of, each with its highest rung."""
    begun = select(*_RANKS).join(Ticket, Ticket.id == Alert.ticket_id)
    ranked = _ranked(_chosen(begun, scope, filters))

    def read(offset: int) -> list[dict[str, Any]]:
        return _highest(ranked, limit=ROWS_A_PAGE, offset=offset)

    return _page(_clocks(ranked), page, read)


def _page(total: int, page: int, read: Callable[[int], list[dict[str, Any]]]) -> AlertPage:
    pages = max(1, math.ceil(total / ROWS_A_PAGE))
    page = min(max(page, 1), pages)
    return AlertPage(read((page - 1) * ROWS_A_PAGE), page, pages, total)


def all_alerts(scope: Scope, filters: AlertFilters) -> list[dict[str, Any]]:
    """Return the alerts for a file, the newest first."""
    return _read(scope, filters, limit=MOST_EXPORTED, offset=0)


def _read(scope: Scope, filters: AlertFilters, *, limit: int, offset: int) -> list[dict[str, Any]]:
    statement = _chosen(_rows(), scope, filters)
    newest = statement.order_by(Alert.id.desc()).limit(limit).offset(offset)
    return _shaped(db.session.execute(newest).all())


def _chosen(statement: Select[Any], scope: Scope, filters: AlertFilters) -> Select[Any]:
    equal = {
        Alert.state: filters.state,
        Alert.duty: filters.duty,
        Alert.clock: filters.clock,
        Alert.ticket_id: filters.ticket_id,
    }
    chosen = [column == value for column, value in equal.items() if value is not None]
    if filters.from_at is not None:
        chosen.append(Alert.raised_at >= filters.from_at)
    if filters.to_at is not None:
        chosen.append(Alert.raised_at < filters.to_at)
    if filters.person is not None:
        told = select(AlertPerson.alert_id).where(AlertPerson.user_id == filters.person)
        chosen.append(Alert.id.in_(told))
    return in_scope(statement, scope).where(*chosen)


def alert_row(alert_id: int) -> dict[str, Any]:
    """Return one alert that the asker was let through to."""
    one = _rows().where(Alert.id == alert_id)
    return _shaped(db.session.execute(one).all())[0]


def _shaped(found: Sequence[Row[*tuple[Any, ...]]]) -> list[dict[str, Any]]:
    people = _people([row[0].id for row in found])
    return [_shape(row, people[row[0].id]) for row in found]


def _people(alert_ids: list[int]) -> dict[int, list[str]]:
    people: dict[int, list[str]] = defaultdict(list)
    for alert_id, name in db.session.execute(
        select(AlertPerson.alert_id, User.name)
        .join(User, User.id == AlertPerson.user_id)
        .where(AlertPerson.alert_id.in_(alert_ids))
        .order_by(User.name, User.id)
    ):
        people[alert_id].append(name)
    return people


def _shape(row: Row[*tuple[Any, ...]], people: list[str]) -> dict[str, Any]:
    alert, category, address, level, team, team_zh = row
    columns = (
        "id", "clock", "rung", "duty", "everybody", "state", "due_at", "target_at", "raised_at",
        "late_ms", "pass_on_at", "acknowledged_by", "acknowledged_at", "ended_at", "task_id",
        "dispute_id", "passed_from_id",
    )  # fmt: skip
    return {name: getattr(alert, name) for name in columns} | {
        "ticket": ticket_number(alert.ticket_id),
        "level": level,
        "category": category,
        "category_name": category_rule(category).name,
        "address": address,
        "team": team,
        "team_zh": team_zh,
        "clock_name": CLOCK_NAMES[ClockKind(alert.clock)],
        "percent": round(alert.fraction * 100),
        "shows_percent": alert.clock != ClockKind.HOLD and alert.fraction > 0,
        "duty_name": DUTY_NAMES[DutyRole(alert.duty)],
        "people": people,
        "rule": Sentence.from_json(alert.rule),
        "state_name": STATES[alert.state],
    }
