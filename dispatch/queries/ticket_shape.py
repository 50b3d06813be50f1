"""How does a ticket look to the desk, the crew and other programs?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.domain.arrival import ArrivalGrade
from dispatch.domain.arrival_evidence import GRADE_NAMES
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.clocks import Hold as HeldSpan
from dispatch.domain.masking import masked_name
from dispatch.domain.relief import RELIEF_NAMES, ReliefReason
from dispatch.domain.sentences import Sentence
from dispatch.domain.ticket_state import TicketState, state_name, ticket_number
from dispatch.domain.visit_state import ACTIVE, VISIT_STATE_NAMES, VisitState
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid, Household
from dispatch.models.tickets import Hold, Ticket, Visit
from dispatch.queries.policies import policy_of
from dispatch.queries.relief import answer_due
from dispatch.queries.tasks import unsettled_counts
from dispatch.queries.ticket_clocks import next_clock, running_promises

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement

Row = dict[str, Any]
_CREW_COLUMNS = [Crew.id, Crew.name, Crew.name_zh, Crew.vehicle]
_HOUSEHOLD_COLUMNS = [
    Household.id, Household.account, Household.name, Household.address, Household.vulnerable,
]  # fmt: skip

# SQLite takes at most 32,766 values in one statement; smaller lists plan better on both.
_IDS_AT_ONCE = 500
_COLUMNS = tuple(Ticket.__table__.columns.keys())
_ACTIVE = frozenset(str(state) for state in ACTIVE)
_CATEGORY_NAMES = {rule.key: rule.name for rule in CATEGORIES}
_VISIT_STATE_NAMES = {str(state): name for state, name in VISIT_STATE_NAMES.items()}
_AS_THEY_ARE = (
    "received_at", "accepted_at", "dispatched_at", "acknowledged_at", "en_route_at", "arrived_at",
    "working_at", "restored_at", "completed_at", "verified_at", "closed_at", "called_back_at",
    "called_back_by", "dispatch_due_at", "acknowledge_due_at", "call_back_due_at", "arrive_due_at",
    "restore_due_at", "repair_due_at", "follow_up_due_at", "held_seconds",
)  # fmt: skip
_FIRST = (
    "state", "held_from", "level", "category", "kind", "description", "address", "external_id",
    "pipe_mm",
)  # fmt: skip
_LAST = (
    "dispatches", "returns", "reopenings", "pinned", "storm", "overridden", "imported", "flags",
    "version", "changed_at", "changed_by",
)  # fmt: skip
_VISIT_PLAIN = (
    "id", "state", "automatic", "override_reason", "eta_at", "dispatched_at", "acknowledge_due_at",
    "acknowledged_at", "en_route_at", "arrived_at", "working_at", "ended_at", "cause",
    "arrival_grade", "note", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Around:
    """What other tables hold about a list of tickets, by id."""

    grids: dict[int, Row]
    teams: dict[int, Row]
    crews: dict[int, Row]
    households: dict[int, Row]
    visits: dict[int, list[Row]]
    holds: dict[int, list[Row]]
    tasks: Mapping[int, int]
    ladders: dict[int | None, tuple[float, ...]]

    @classmethod
    def read(cls, tickets: Sequence[Mapping[str, Any]], *, reasons: bool = False) -> Around:
        """Read it with a handful of statements, however long the list is."""
        ids = [ticket["id"] for ticket in tickets]
        held = [each["id"] for each in tickets if each["held_seconds"] or _on_hold(each)]
        columns = [
            column for column in Visit.__table__.columns if reasons or column.name != "reasons"
        ]
        visits = _many(columns, Visit.ticket_id, ids, Visit.id)
        named = {*_each(visits, "crew_id"), *_each(visits, "relief_crew_id")}
        crews = _by_id(_CREW_COLUMNS, Crew.id, sorted(named))
        return cls(
            grids=_names(Grid, _each(tickets, "grid_id")),
            teams=_names(Team, _each(tickets, "team_id")),
            crews=crews,
            households=_households(_each(tickets, "household_id")),
            visits=_grouped(visits),
            holds=_grouped(_many(Hold.__table__.columns, Hold.ticket_id, held, Hold.id)),
            tasks=unsettled_counts(ids),
            ladders={
                policy: policy_of(policy).policy.ladder
                for policy in {ticket["policy_id"] for ticket in tickets}
            },
        )


def shaped(tickets: Sequence[Mapping[str, Any]], *, reasons: bool = False) -> list[Row]:
    """Return tickets, given as rows of their columns, in the shape that everybody reads.

    Names are sentences and instants are aware; the edge words them. The household's name is
    masked. `reasons` adds to each visit why its crew was chosen.
    """
    around = Around.read(tickets, reasons=reasons)
    return [_shape(ticket, around) for ticket in tickets]


def shape_of_new(ticket: Ticket) -> Row:
    """Return a ticket that was opened in this transaction; it has neither visits nor holds."""
    db.session.flush()
    grid, grid_zh, team, team_zh = db.session.execute(
        select(Grid.name, Grid.name_zh, Team.name, Team.name_zh)
        .select_from(Ticket)
        .outerjoin(Grid, Grid.id == Ticket.grid_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .where(Ticket.id == ticket.id)
    ).one()
    around = Around(
        grids={ticket.grid_id: _name(grid, grid_zh)} if ticket.grid_id is not None else {},
        teams={ticket.team_id: _name(team, team_zh)} if ticket.team_id is not None else {},
        households=_households([ticket.household_id] if ticket.household_id is not None else []),
        ladders={ticket.policy_id: policy_of(ticket.policy_id).policy.ladder},
        crews={},
        visits={},
        holds={},
        tasks=unsettled_counts([ticket.id]),
    )
    return _shape({name: getattr(ticket, name) for name in _COLUMNS}, around)


def receipt_of(ticket: Ticket) -> Row:
    """Return what the person who reported a fault may know of its ticket."""
    return {
        "number": ticket_number(ticket.id),
        "state": ticket.state,
        "state_name": state_name(ticket.state, imported=ticket.imported),
        "category": ticket.category,
        "category_name": _CATEGORY_NAMES[ticket.category],
        "description": ticket.description,
        "address": ticket.address,
        "received_at": ticket.received_at,
        "arrive_due_at": ticket.arrive_due_at,
    }


def _shape(ticket: Mapping[str, Any], around: Around) -> Row:
    visits = around.visits.get(ticket["id"], [])
    active = [visit for visit in visits if visit["state"] in _ACTIVE]
    lead = next((visit for visit in active if visit["crew_role"] == "lead"), None)
    holds = around.holds.get(ticket["id"], [])
    lasting = [hold for hold in holds if hold["to_at"] is None]
    grid = around.grids.get(ticket["grid_id"])
    team = around.teams.get(ticket["team_id"])
    return {
        "number": ticket_number(ticket["id"]),
        **{name: ticket[name] for name in _FIRST},
        "state_name": state_name(ticket["state"], imported=ticket["imported"]),
        "category_name": _CATEGORY_NAMES.get(ticket["category"], ticket["category"]),
        "place": _place(ticket),
        "grid": grid,
        "team": {"id": ticket["team_id"], **team} if team else None,
        "crew": around.crews.get(lead["crew_id"]) if lead else None,
        "household": _household(around.households.get(ticket["household_id"])),
        "parent": ticket_number(ticket["parent_id"]) if ticket["parent_id"] else None,
        "reports": ticket["report_count"],
        **{name: ticket[name] for name in _AS_THEY_ARE},
        "on_hold_since": lasting[0]["from_at"] if lasting else None,
        "hold": _hold(lasting[0]) if lasting else None,
        "next_clock": next_clock(
            running_promises(ticket, lead),
            [HeldSpan(hold["from_at"], hold["to_at"]) for hold in holds],
            around.ladders[ticket["policy_id"]],
        ),
        "visits": [_visit(visit, ticket, around) for visit in visits],
        "open_tasks": around.tasks.get(ticket["id"], 0),
        **{name: ticket[name] for name in _LAST},
    }


def _place(ticket: Mapping[str, Any]) -> Row:
    given = {
        "lat": ticket["given_lat"],
        "lon": ticket["given_lon"],
        "datum": ticket["given_datum"],
    }
    return {
        "lat": ticket["lat"],
        "lon": ticket["lon"],
        "datum": "wgs84",
        "given": given if ticket["given_lat"] is not None else None,
        "source": ticket["place_source"],
        "accuracy_metres": ticket["accuracy_metres"],
        "standing": ticket["place_standing"],
        "zone": ticket["zone"],
        "in_circle": ticket["in_circle"],
    }


def _household(row: Row | None) -> Row | None:
    if row is None:
        return None
    return {
        "account": row["account"],
        "name": masked_name(row["name"]),
        "address": row["address"],
        "vulnerable": row["vulnerable"],
    }


def _hold(row: Row) -> Row:
    return {"reason": row["reason"], "from_at": row["from_at"], "until_at": row["until_at"]}


def _visit(visit: Row, ticket: Mapping[str, Any], around: Around) -> Row:
    shape = {name: visit[name] for name in _VISIT_PLAIN}
    shape["eta_basis"] = [Sentence.from_json(each) for each in visit["eta_basis"] or ()]
    shape |= {
        "crew": around.crews.get(visit["crew_id"]),
        "role": visit["crew_role"],
        "state_name": _VISIT_STATE_NAMES[VisitState(visit["state"])],
        "arrival": arrival_of(visit),
        "relief": _relief(visit, ticket, around),
    }
    if "reasons" in visit:
        shape |= reasons_of(visit["reasons"])
    return shape


def _relief(visit: Row, ticket: Mapping[str, Any], around: Around) -> Row | None:
    if visit["relief_state"] is None:
        return None
    return {
        "state": visit["relief_state"],
        "reason": visit["relief_reason"],
        "reason_name": RELIEF_NAMES[ReliefReason(visit["relief_reason"])],
        "crew": around.crews.get(visit["relief_crew_id"]),
        "asked_at": visit["relief_asked_at"],
        "answer_due_at": answer_due(ticket["policy_id"], ticket["level"], visit["relief_asked_at"]),
    }


def arrival_of(visit: Mapping[str, Any]) -> Row | None:
    """Return what proves the arrival of a visit, None where nothing is known of one."""
    kept = visit["arrival_evidence"]
    if kept is None:
        return None
    grade = visit["arrival_grade"]
    since = kept["since"]
    return {
        "grade_name": GRADE_NAMES[ArrivalGrade(grade)] if grade else None,
        "since": datetime.fromisoformat(since) if since else None,
        "metres": kept["metres"],
        "reasons": [Sentence.from_json(each) for each in kept["reasons"]],
        "flags": {flag: Sentence.from_json(why) for flag, why in kept["flags"].items()},
    }


def reasons_of(stored: dict[str, Any] | None) -> Row:
    """Return why a crew was chosen: `why` for the choice, `reasons` for each candidate."""
    stored = stored or {}
    return {
        "rule": stored.get("rule"),
        "why": [Sentence.from_json(each) for each in stored.get("why", ())],
        "reasons": [
            {
                "crew_id": each.get("crew_id"),
                "crew": each.get("crew"),
                "chosen": each.get("chosen", False),
                "excluded_by": each.get("excluded_by"),
                "eta_seconds": each.get("eta_seconds"),
                "eta_source": each.get("eta_source"),
                "chance": each.get("chance"),
                "reasons": [Sentence.from_json(reason) for reason in each.get("reasons", ())],
            }
            for each in stored.get("candidates", ())
        ],
    }


def _on_hold(ticket: Mapping[str, Any]) -> bool:
    return bool(ticket["state"] == TicketState.ON_HOLD)


def _each(rows: Iterable[Mapping[str, Any]], name: str) -> list[int]:
    return sorted({row[name] for row in rows if row[name] is not None})


def _names(table: type[Grid | Team], ids: list[int]) -> dict[int, Row]:
    rows = _many([table.id, table.name, table.name_zh], table.id, ids, table.id)
    return {row["id"]: _name(row["name"], row["name_zh"]) for row in rows}


def _name(name: str, chinese: str | None) -> Row:
    return {"name": name, "name_zh": chinese}


def _households(ids: list[int]) -> dict[int, Row]:
    return _by_id(_HOUSEHOLD_COLUMNS, Household.id, ids)


def _by_id(columns: Sequence[Any], key: ColumnElement[Any] | Any, ids: list[int]) -> dict[int, Row]:
    return {row["id"]: row for row in _many(columns, key, ids, key)}


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["ticket_id"]].append(row)
    return found


def _many(columns: Iterable[Any], key: Any, ids: Sequence[int], order: Any) -> list[Row]:
    rows: list[Row] = []
    asked = list(columns)
    for first in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[first : first + _IDS_AT_ONCE]
        statement = select(*asked).where(key.in_(some)).order_by(order)
        found = db.session.execute(statement)
        names = tuple(found.keys())
        rows += [dict(zip(names, row, strict=True)) for row in found]
    return rows
