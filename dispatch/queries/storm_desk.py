"""Which open tickets of the storms belong together, and which crew is near each place?"""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from dispatch.domain.categories import category_rule
from dispatch.domain.place import Point, metres_between
from dispatch.domain.storm_clusters import Affected, clusters
from dispatch.domain.ticket_kinds import PLANNED_KINDS, STEP_KINDS
from dispatch.domain.ticket_state import STATE_NAMES, TicketState, ticket_number
from dispatch.models.base import db
from dispatch.models.places import Grid, Household
from dispatch.models.tickets import Ticket
from dispatch.queries.candidates import IS_OPEN
from dispatch.queries.crews import crew_rows
from dispatch.queries.scoping import in_scope
from dispatch.queries.storm_queue import WAITING
from dispatch.queries.storms import spells_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping

    from dispatch.domain.permissions import Scope
    from dispatch.domain.storm import Spell
    from dispatch.domain.storm_clusters import Cluster

MOST_CARDS = 200
_COLUMNS: tuple[Any, ...] = (
    Ticket.id, Ticket.version, Ticket.state, Ticket.level, Ticket.category, Ticket.received_at,
    Ticket.address, Ticket.lat, Ticket.lon, Ticket.report_count, Household.vulnerable,
)  # fmt: skip


def storm_cards(scope: Scope, now: datetime) -> dict[str, Any]:
    """Return one card for each place of the storms that are on, the most urgent first.

    Places where everybody has a crew come after those where somebody waits for one. At most 200
    cards, `total` counts all; `crews` are those on duty in the asker's scope.
    """
    spells = spells_on(now)
    rows = {row["id"]: row for row in _open_in(spells, scope)} if spells else {}
    found = clusters(_affected(row) for row in rows.values())
    found.sort(key=lambda one: not _waiting(one, rows))
    on_duty = [_crew(each) for each in crew_rows(scope, now) if each["on_duty"]] if rows else []
    return {
        "on": bool(spells),
        "total": len(found),
        "tickets": len(rows),
        "cards": [_card(one, rows, on_duty) for one in found[:MOST_CARDS]],
        "crews": [_named(each) for each in on_duty],
    }


def _open_in(spells: Iterable[Spell], scope: Scope) -> list[RowMapping]:
    asked = (
        select(*_COLUMNS)
        .outerjoin(Household, Household.id == Ticket.household_id)
        .outerjoin(Grid, Grid.id == Ticket.grid_id)
        .where(
            IS_OPEN,
            Ticket.state != TicketState.COMPLETED,
            Ticket.kind.not_in(PLANNED_KINDS | STEP_KINDS),
            or_(*(_inside(spell) for spell in spells)),
        )
        .order_by(Ticket.id)
    )
    return list(db.session.execute(in_scope(asked, scope)).mappings())


def _inside(spell: Spell) -> ColumnElement[bool]:
    return Grid.name.in_(spell.grids) if spell.grids else Ticket.id.is_not(None)


def _affected(row: RowMapping) -> Affected:
    placed = row["lat"] is not None and row["lon"] is not None
    return Affected(
        ticket_id=row["id"],
        level=row["level"],
        category=row["category"],
        received_at=row["received_at"],
        address=row["address"],
        point=Point(row["lat"], row["lon"]) if placed else None,
        reports=row["report_count"],
        vulnerable=bool(row["vulnerable"]),
    )


def _card(
    one: Cluster, rows: Mapping[int, RowMapping], crews: list[dict[str, Any]]
) -> dict[str, Any]:
    kinds = Counter(each.category for each in one.tickets)
    return {
        "lead": ticket_number(one.lead.ticket_id),
        "address": next(iter(one.streets), ""),
        "addresses": len(one.streets),
        "categories": [
            {"name": category_rule(key).name, "count": count} for key, count in kinds.most_common()
        ],
        "count": len(one.tickets),
        "callers": one.callers,
        "oldest_at": one.oldest_at,
        "worst": one.worst,
        "vulnerable": one.vulnerable,
        "waiting": _waiting(one, rows),
        "nearest": _nearest(one.centre, crews),
        "tickets": [_ticket(rows[each.ticket_id]) for each in one.tickets],
    }


def _waiting(one: Cluster, rows: Mapping[int, RowMapping]) -> int:
    return sum(rows[each.ticket_id]["state"] in WAITING for each in one.tickets)


def _ticket(row: RowMapping) -> dict[str, Any]:
    return {
        "number": ticket_number(row["id"]),
        "version": row["version"],
        "level": row["level"],
        "category_name": category_rule(row["category"]).name,
        "state": row["state"],
        "state_name": STATE_NAMES[TicketState(row["state"])],
        "waiting": row["state"] in WAITING,
        "address": row["address"],
        "received_at": row["received_at"],
        "callers": row["report_count"],
        "vulnerable": bool(row["vulnerable"]),
    }


def _crew(row: Mapping[str, Any]) -> dict[str, Any]:
    place = row["position"] or row["base"]
    return {
        "id": row["id"],
        "name": row["name"],
        "name_zh": row["name_zh"],
        "free": row["state"] == "free",
        "state_name": row["state_name"],
        "point": Point(place["lat"], place["lon"]) if place else None,
    }


def _named(crew: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in crew.items() if name != "point"}


def _nearest(centre: Point | None, crews: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the nearest free crew on duty, else the nearest of those that are busy."""
    if centre is None:
        return None
    placed = [
        _named(each) | {"metres": round(metres_between(centre, each["point"]))}
        for each in crews
        if each["point"] is not None
    ]
    placed.sort(key=itemgetter("metres"))
    placed.sort(key=itemgetter("free"), reverse=True)
    return placed[0] if placed else None
