"""How do past tickets get in, many at once, so that a second import of a file adds nothing?"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from dispatch.actions.bulk_rows import allow_a_long_transaction, write_rows
from dispatch.actions.past_story import PastStep, seal_past, write_past
from dispatch.actions.promises import DUE_COLUMNS
from dispatch.actions.settings_log import record_setting
from dispatch.domain.column_map import TIMES
from dispatch.domain.grids import NO_GRID
from dispatch.domain.place import Datum, to_wgs84_many
from dispatch.domain.service_policy import ClockKind, Level, Zone, dues_for
from dispatch.domain.ticket_state import EventKind, TicketState
from dispatch.models.base import db
from dispatch.models.places import Household
from dispatch.models.tickets import Report, Ticket
from dispatch.queries.grids import grid_map
from dispatch.queries.policies import policy_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from dispatch.domain.column_map import ColumnMap
    from dispatch.domain.past_ticket import PastTicket
    from dispatch.domain.permissions import Actor

ROWS_AT_ONCE = 2_000
CHANNEL = "import"

STEPS: dict[str, EventKind] = {
    "accepted_at": EventKind.ACCEPTED,
    "dispatched_at": EventKind.DISPATCHED,
    "acknowledged_at": EventKind.ACKNOWLEDGED,
    "en_route_at": EventKind.SET_OFF,
    "arrived_at": EventKind.ARRIVED,
    "working_at": EventKind.STARTED,
    "restored_at": EventKind.RESTORED,
}


@dataclass
class TicketImport:
    """What an import of past tickets added; the counts are of the tickets it added."""

    imported: int = 0
    already_there: int = 0
    not_located: int = 0
    outside_grids: int = 0
    flagged: Counter[str] = field(default_factory=Counter)


def import_past_tickets(
    past: Iterable[PastTicket],
    column_map: ColumnMap,
    *,
    actor: Actor,
    now: datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> TicketImport:
    """Add the past tickets that are not there yet, each with its report and its sealed story.

    They are marked as imported, so no clock runs and no crew is sent. A promise is made only where
    the map names a time of arrival to hold against it, and then to every ticket of the file.
    `progress` is told how many rows are done.
    """
    allow_a_long_transaction()
    batches = _Batches(column_map, actor, now)
    rows = iter(past)
    done = 0
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        batches.add(batch)
        done += len(batch)
        progress(done)
    if batches.outcome.imported:
        brought = {"imported": batches.outcome.imported}
        record_setting("past_tickets", column_map.source, None, brought, actor=actor, now=now)
    return batches.outcome


class _Batches:
    """Writes a batch of past tickets with four statements, whatever its size."""

    def __init__(self, column_map: ColumnMap, actor: Actor, now: datetime) -> None:
        self.outcome = TicketImport()
        self._map = column_map
        self._actor = actor
        self._now = now
        self._grids = grid_map(now)
        self._in_force = policy_in_force()
        self._promised = "arrived_at" in column_map.columns
        # All at once: asked batch by batch PostgreSQL keeps the plan it made for an empty table.
        self._known = set(
            db.session.scalars(
                select(Ticket.external_id).where(Ticket.external_source == column_map.source)
            )
        )

    def add(self, batch: list[PastTicket]) -> None:
        new = [each for each in batch if each.external_id not in self._known]
        self.outcome.already_there += len(batch) - len(new)
        if not new:
            return
        places = self._places(new)
        households = self._households(new)
        tickets, events, reports = [], [], []
        for ticket_id, past, place in zip(_new_ids(len(new)), new, places, strict=True):
            story = self._story(ticket_id, past)
            household_id = households.get(past.household or "")
            tickets.append(
                self._ticket(past, place)
                | {
                    "id": ticket_id,
                    "household_id": household_id,
                    "last_event_hash": story[-1]["hash"],
                }
            )
            events += story
            reports.append(_report(ticket_id, past, household_id))
        write_rows(Ticket, tickets)
        write_rows(Report, reports)
        write_past(events)
        self._count(new, places)

    def _households(self, new: list[PastTicket]) -> dict[str, int]:
        accounts = {each.household for each in new if each.household}
        if not accounts:
            return {}
        rows = db.session.execute(
            select(Household.account, Household.id).where(Household.account.in_(accounts))
        )
        return {row.account: row.id for row in rows}

    def _places(self, new: list[PastTicket]) -> list[dict[str, Any]]:
        given = np.array([each.given or (np.nan, np.nan) for each in new], dtype=np.float64)
        located = ~np.isnan(given[:, 0])
        points = np.full_like(given, np.nan)
        points[located, 0], points[located, 1] = to_wgs84_many(
            given[located, 0], given[located, 1], Datum(self._map.datum)
        )
        grids = self._grids.index.find_many(points[:, 0], points[:, 1])
        return [
            self._place(each.given, point, int(grid))
            for each, point, grid in zip(new, points.tolist(), grids, strict=True)
        ]

    def _place(
        self, given: tuple[float, float] | None, point: list[float], grid: int
    ) -> dict[str, Any]:
        if given is None:
            return _NOWHERE
        facts = self._grids.facts[grid] if grid != NO_GRID else None
        return {
            "lat": point[0],
            "lon": point[1],
            "given_lat": given[0],
            "given_lon": given[1],
            "given_datum": str(self._map.datum),
            "place_source": CHANNEL,
            "place_standing": "inside" if facts else "outside",
            "grid_id": facts.id if facts else None,
            "team_id": facts.team_id if facts else None,
            "zone": facts.zone if facts else Zone.TOWN.value,
            "in_circle": facts.in_circle if facts else True,
        }

    def _ticket(self, past: PastTicket, place: dict[str, Any]) -> dict[str, Any]:
        times: dict[str, datetime | None] = {name: past.times.get(name) for name in TIMES}
        times["closed_at"] = times["closed_at"] or times["completed_at"]
        return {
            "state": str(TicketState.CLOSED if past.has_ended else TicketState.ACCEPTED),
            "category": past.category,
            "level": past.level,
            "description": past.description,
            "address": past.address,
            "imported": True,
            "flags": past.flags,
            "external_source": self._map.source,
            "external_id": past.external_id,
            "changed_at": self._now,
            "changed_by": self._actor.name,
            **place,
            **times,
            **self._promises(past, place),
        }

    def _promises(self, past: PastTicket, place: dict[str, Any]) -> dict[str, Any]:
        if not self._promised:
            return {}
        dues = dues_for(
            self._in_force.policy,
            level=Level(past.level),
            zone=Zone(place["zone"]),
            in_circle=place["in_circle"],
            received_at=past.times["received_at"],
        )
        # Nobody noted who was called back, so a past ticket owes no call.
        dues.pop(ClockKind.CALL_BACK, None)
        promises = {column: dues.get(kind) for kind, column in DUE_COLUMNS.items()}
        return {"policy_id": self._in_force.id, **promises}

    def _story(self, ticket_id: int, past: PastTicket) -> list[dict[str, Any]]:
        times = past.times
        steps = [
            PastStep(
                EventKind.REPORT_RECEIVED,
                times["received_at"],
                to_state=TicketState.ACCEPTED,
                facts={"source": self._map.source, "external_id": past.external_id},
            )
        ]
        steps += [PastStep(kind, times[name]) for name, kind in STEPS.items() if name in times]
        state = TicketState.ACCEPTED
        if "completed_at" in times:
            step = PastStep(
                EventKind.COMPLETED, times["completed_at"], state, TicketState.COMPLETED
            )
            steps.append(step)
            state = TicketState.COMPLETED
        if "verified_at" in times:
            steps.append(PastStep(EventKind.VERIFIED, times["verified_at"]))
        if past.has_ended:
            closed_at = times.get("closed_at") or times["completed_at"]
            steps.append(PastStep(EventKind.CLOSED, closed_at, state, TicketState.CLOSED))
        return seal_past(ticket_id, steps, actor=self._actor, now=self._now)

    def _count(self, new: list[PastTicket], places: list[dict[str, Any]]) -> None:
        standings = Counter(place["place_standing"] for place in places)
        self.outcome.imported += len(new)
        self.outcome.not_located += standings["not_located"]
        self.outcome.outside_grids += standings["outside"]
        for each in new:
            self.outcome.flagged.update(each.flags)


_NOWHERE: dict[str, Any] = {
    "lat": None,
    "lon": None,
    "given_lat": None,
    "given_lon": None,
    "given_datum": None,
    "place_source": None,
    "place_standing": "not_located",
    "grid_id": None,
    "team_id": None,
    "zone": Zone.TOWN.value,
    "in_circle": True,
}


def _report(ticket_id: int, past: PastTicket, household_id: int | None) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "channel": CHANNEL,
        "description": past.description,
        "household_id": household_id,
        "received_at": past.times["received_at"],
        "token": secrets.token_urlsafe(18),
        "token_expires_at": past.times["received_at"],
    }


def _new_ids(count: int) -> list[int]:
    """Return free ticket ids: the story of a ticket is sealed with its id before it is written."""
    if db.engine.dialect.name == "postgresql":
        sequence = func.nextval(func.pg_get_serial_sequence("ticket", "id"))
        numbers = func.generate_series(1, count).alias("numbers")
        return list(db.session.scalars(select(sequence).select_from(numbers)))
    newest: int = db.session.scalar(select(func.coalesce(func.max(Ticket.id), 0))) or 0
    return list(range(newest + 1, newest + count + 1))
