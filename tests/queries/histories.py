"""Which random pasts do the tests of the figures read back from the database?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from dispatch.domain.stories import AnswerStory, TicketStory, VisitStory
from dispatch.models.base import db
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid, Household
from dispatch.models.tickets import Hold, Report, Ticket, Visit

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=10)
SHANGHAI = ZoneInfo("Asia/Shanghai")
POINTS = ((28.2, 112.9), (28.20001, 112.9), (28.3, 113.0), (None, None))
STEPS = ("dispatched_at", "acknowledged_at", "en_route_at", "arrived_at", "working_at")
ENDS = ("restored_at", "completed_at", "verified_at", "closed_at", "arrive_due_at", "repair_due_at")
NAMES = ("First", "Second")
CREWS = {1: 2, 2: 1, 3: 2}
"""The team of each crew."""
GIVEN_BACK = {"declined", "withdrawn", "handed_over"}

on_one_database = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=max(20, settings().max_examples // 3),
)
"""Every example empties the tables and fills them; fewer of them are enough."""


@dataclass
class Past:
    """A ticket's row, the rows around it, and the story that should be read from them."""

    ticket: dict[str, Any]
    visits: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)


def minutes_after(at: datetime, most: int = 2_000) -> st.SearchStrategy[datetime]:
    return st.integers(0, most).map(lambda minutes: at + timedelta(minutes=minutes))


@st.composite
def pasts(draw: st.DrawFn) -> list[Past]:
    """Draw up to six tickets with everything around them; later ones may be duplicates."""
    size = draw(st.integers(0, 6))
    return [draw(_past(number)) for number in range(1, size + 1)]


@st.composite
def _past(draw: st.DrawFn, number: int) -> Past:
    received = draw(minutes_after(START, 5 * 1440))
    lat, lon = draw(st.sampled_from(POINTS))
    state = draw(
        st.sampled_from(["accepted", "completed", "closed", "closed", "duplicate", "cancelled"])
    )
    is_child = state == "duplicate" and number > 1
    ticket = {
        "id": number,
        "state": state,
        "kind": draw(st.sampled_from(["repair", "repair", "inspection"])),
        "category": draw(st.sampled_from(["burst", "leak"])),
        "level": draw(st.integers(1, 4)),
        "storm": draw(st.booleans()),
        "imported": draw(st.booleans()),
        "flags": draw(st.sampled_from([[], [], ["closes_before_opening"]])),
        "parent_id": draw(st.integers(1, number - 1)) if is_child else None,
        "household_id": draw(st.sampled_from([None, 1, 2])),
        "lat": lat,
        "lon": lon,
        "place_standing": "inside" if lat else "not_located",
        "grid_id": draw(st.sampled_from([None, 1, 2])),
        "team_id": draw(st.sampled_from([None, 1, 2])),
        "received_at": received,
        **{name: draw(st.none() | minutes_after(received)) for name in (*STEPS, *ENDS)},
        "dispatches": draw(st.integers(0, 2)),
        "returns": draw(st.integers(0, 1)),
        "pipe_mm": draw(st.sampled_from([None, 100, 300])),
        "reopenings": draw(st.sampled_from([0, 0, 1])),
        "report_count": draw(st.integers(0, 3)),
        "overridden": draw(st.booleans()),
        "changed_at": received,
    }
    return Past(
        ticket,
        visits=draw(st.lists(_visit(received), max_size=3)),
        reports=draw(st.lists(_report(received), max_size=3)),
        holds=draw(st.lists(_hold(received), max_size=3)),
    )


@st.composite
def _visit(draw: st.DrawFn, received: datetime) -> dict[str, Any]:
    state = draw(st.sampled_from(["completed", "cannot_complete", "withdrawn", "declined"]))
    moments = ("acknowledged_at", "en_route_at", "arrived_at", "ended_at")
    return {
        "crew_id": draw(st.integers(1, 3)),
        "crew_role": draw(st.sampled_from(["lead", "support"])),
        "state": state,
        "automatic": draw(st.booleans()),
        "dispatched_at": received,
        **{name: draw(st.none() | minutes_after(received)) for name in moments},
        "cause": "no_access" if state == "cannot_complete" else None,
        "arrival_grade": draw(st.sampled_from([None, "confirmed", "disputed"])),
    }


@st.composite
def _report(draw: st.DrawFn, received: datetime) -> dict[str, Any]:
    answer = draw(st.sampled_from([None, "fixed", "not_fixed", "rather_not_say"]))
    return {
        "channel": "phone",
        "phone": draw(st.sampled_from([None, "1", "2"])),
        "name": draw(st.sampled_from([None, "Wang"])),
        "received_at": received,
        "fixed_answer": answer,
        "answered_at": draw(minutes_after(received)) if answer else None,
    }


@st.composite
def _hold(draw: st.DrawFn, received: datetime) -> dict[str, Any]:
    begun = draw(minutes_after(received, 300))
    ended = draw(st.none() | minutes_after(begun, 300))
    return {"reason": "waiting_for_part", "from_at": begun, "to_at": ended}


def make_places() -> None:
    """Add two teams, two grids, three crews and two households."""
    for number, name in enumerate(NAMES, start=1):
        db.session.add(Team(id=number, name=f"{name} team"))
        db.session.add(Household(id=number, account=name, address=name))
    db.session.flush()
    for number, name in enumerate(NAMES, start=1):
        db.session.add(Grid(id=number, name=name, team_id=number, geometry={}, valid_from=START))
    for number, team in CREWS.items():
        db.session.add(Crew(id=number, name=f"Crew {number}", team_id=team))
    db.session.commit()


def store(found: list[Past]) -> None:
    """Put a past into emptied tables."""
    for table in (Visit, Report, Hold):
        db.session.execute(delete(table))
    db.session.execute(delete(Ticket).where(Ticket.parent_id.is_not(None)))
    db.session.execute(delete(Ticket))
    around: dict[Any, list[dict[str, Any]]] = {Visit: [], Report: [], Hold: []}
    for past in found:
        db.session.execute(insert(Ticket), past.ticket)
        mine = {"ticket_id": past.ticket["id"]}
        around[Visit] += [row | mine for row in past.visits]
        around[Report] += [row | mine for row in past.reports]
        around[Hold] += [row | mine for row in past.holds]
    for table, rows in around.items():
        for number, row in enumerate(rows):
            token = {"token": f"t{number}"} if table is Report else {}
            db.session.execute(insert(table), row | token)
    db.session.commit()


def story_of(past: Past, found: list[Past]) -> TicketStory:
    """Tell the story of a past by another way than the product does."""
    row = past.ticket
    until = row["completed_at"] or row["closed_at"] or NOW
    return TicketStory(
        number=f"W{row['id']:06d}",
        grid=NAMES[row["grid_id"] - 1] if row["grid_id"] else None,
        team=f"{NAMES[row['team_id'] - 1]} team" if row["team_id"] else None,
        household=str(row["household_id"]) if row["household_id"] else None,
        located=row["lat"] is not None,
        held_seconds=_held(past.holds, row["received_at"], row["arrived_at"] or until),
        held_seconds_total=_held(past.holds, row["received_at"], until),
        outcome=row["state"] if row["state"] in {"duplicate", "cancelled"} else None,
        flags=frozenset(row["flags"]),
        reopened=row["reopenings"],
        reports=row["report_count"],
        duplicates=sum(
            one.ticket["parent_id"] == row["id"] and one.ticket["state"] == "duplicate"
            for one in found
        ),
        contacts_by_reporter=_most_contacts(past),
        override=row["overridden"],
        auto=bool(past.visits) and past.visits[0]["automatic"],
        teams=len({CREWS[crew] for crew in _takers(past)}),
        crews=len(_takers(past)),
        visits=tuple(_visit_story(one) for one in past.visits),
        answers=_answers(past),
        **{
            name: row[name]
            for name in (*STEPS, *ENDS, "received_at", "kind", "category", "level", "lat", "lon")
        },
        **{name: row[name] for name in ("storm", "imported", "returns", "dispatches")},
    )


def crew_told_of(past: Past) -> int | None:
    """Return whose ticket it is by another way than the product."""
    arrived = [one for one in past.visits if one["arrived_at"]]
    for at in sorted(one["arrived_at"] for one in arrived)[:1]:
        first = [one for one in arrived if one["arrived_at"] == at]
        leads = [one for one in first if one["crew_role"] == "lead"]
        return int((leads or first)[0]["crew_id"])
    held = [int(one["crew_id"]) for one in past.visits if one["state"] not in GIVEN_BACK]
    return held[-1] if held else None


def _most_contacts(past: Past) -> int:
    people = Counter(
        one["phone"] or one["name"] or f"nobody {number}" for number, one in enumerate(past.reports)
    )
    return max(people.values(), default=0)


def _takers(past: Past) -> set[int]:
    steps = ("acknowledged_at", "en_route_at", "arrived_at")
    return {one["crew_id"] for one in past.visits if any(one[at] for at in steps)}


def _answers(past: Past) -> tuple[AnswerStory, ...]:
    return tuple(
        AnswerStory(
            asked_at=one["answered_at"],
            answered_at=one["answered_at"],
            fixed={"fixed": True, "not_fixed": False}.get(one["fixed_answer"]),
        )
        for one in past.reports
        if one["answered_at"]
    )


def _visit_story(row: dict[str, Any]) -> VisitStory:
    return VisitStory(
        arrived_at=row["arrived_at"],
        ended_at=row["ended_at"],
        outcome=row["state"] if row["state"] in {"completed", "cannot_complete"} else None,
        cause=row["cause"],
        crew=f"Crew {row['crew_id']}",
        role=row["crew_role"],
        grade=row["arrival_grade"],
        given_back=row["state"] in GIVEN_BACK,
    )


def _held(holds: list[dict[str, Any]], start: datetime, until: datetime) -> float:
    """Count the minutes on hold one by one."""
    minute = timedelta(minutes=1)
    spans = ((one["from_at"], min(one["to_at"] or until, until)) for one in holds)
    held = {
        (begun - START) // minute + step
        for begun, ended in spans
        for step in range(max(0, (ended - begun) // minute))
        if begun + step * minute >= start
    }
    return 60.0 * len(held)
