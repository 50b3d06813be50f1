"""A city of very many tickets, drawn with a seed and written straight into the tables.

What the benches of the circle ask is drawn here: facts, their tickets with a visit, a report and
the steps of each, return visits for want of a part, teams, crews and grids. Times are spread as a
utility's are; places are even over a city of some 450 square kilometres, kinds of fault and streets
as uneven as they are anywhere.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import delete, func, insert, select, text

from bench.reporting import Report as Lines
from dispatch.actions.bulk_rows import allow_a_long_transaction, write_rows
from dispatch.actions.facts import fact_rows, return_visit_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.bring_savings import ReturnVisit
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import CAUSES, EXCLUSIONS, FACT, NONE, number_of
from dispatch.domain.microseconds import MICROSECONDS, instant, micros
from dispatch.domain.site_kit import KIT
from dispatch.domain.ticket_state import EventKind
from dispatch.domain.visit_state import Cause
from dispatch.jobs.facts import pack
from dispatch.models.base import db
from dispatch.models.facts import FactBlock, FactDue, ReturnVisitFact, TicketFact
from dispatch.models.people import Crew, Team
from dispatch.models.places import Grid
from dispatch.models.tickets import Hold, Report, Ticket, TicketEvent, Visit

if TYPE_CHECKING:
    from numpy.typing import NDArray

ZONE = ZoneInfo("Asia/Shanghai")
LAST = date(2026, 1, 1)
YEARS, TEAMS, CREWS_A_TEAM, GRIDS, AT_ONCE, WAITING = 5, 40, 3, 400, 20_000, 400
SOUTH, WEST, DEGREES = 28.1, 112.9, 0.2
STREETS, WORDS, WORDS_TOLD = 900, 400, 7
STEPS = {
    "received_at": EventKind.REPORT_RECEIVED,
    "dispatched_at": EventKind.DISPATCHED,
    "acknowledged_at": EventKind.ACKNOWLEDGED,
    "en_route_at": EventKind.SET_OFF,
    "arrived_at": EventKind.ARRIVED,
    "completed_at": EventKind.COMPLETED,
}
WEIGHTS = np.array([1, 1, 1, 1, 1, 2, 4, 8, 9, 8, 7, 6, 6, 5, 5, 5, 6, 8, 9, 8, 6, 4, 2, 1.0])
KINDS = [rule.key for rule in CATEGORIES]
show = Lines("circle_views")


def draw(dice: np.random.Generator, first: int, size: int, total: int) -> Any:
    """Draw the facts of some tickets of the city, in the order of their calls."""
    facts = np.zeros(size, dtype=FACT)
    for name in FACT.names or ():
        if FACT[name] == np.dtype("<f8") and not name.startswith("held"):
            facts[name] = np.nan
    facts["ticket"] = np.arange(first, first + size)
    share = (facts["ticket"] - 1 + dice.random(size)) / total
    span = (datetime(LAST.year, 1, 1, tzinfo=ZONE) - began()).total_seconds()
    day = np.floor(share * span / 86_400)
    hour = dice.choice(24, size=size, p=WEIGHTS / WEIGHTS.sum())
    seconds = day * 86_400 + hour * 3_600 + dice.integers(0, 3_600, size)
    facts["received_at"] = micros([began()])[0] + seconds * MICROSECONDS
    _draw_times(dice, facts, facts["ticket"] > total - WAITING)
    _draw_words(dice, facts)
    return facts


def began() -> datetime:
    """Return when the first ticket of the city was received."""
    return datetime(LAST.year - YEARS, 1, 1, tzinfo=ZONE)


def _draw_times(dice: np.random.Generator, facts: Any, is_open: NDArray[np.bool_]) -> None:
    medians = {"dispatched_at": 80, "acknowledged_at": 70, "en_route_at": 90, "arrived_at": 760,
               "working_at": 120, "completed_at": 2_300, "closed_at": 40_000}  # fmt: skip
    at = facts["received_at"]
    for name, median in medians.items():
        took = dice.lognormal(np.log(median), 0.7, facts.size)
        at = at + np.floor(took) * MICROSECONDS
        facts[name] = np.where(is_open & (name in {"completed_at", "closed_at"}), np.nan, at)
    facts["restored_at"] = facts["completed_at"]
    facts["fixed_at"] = facts["reached_at"] = facts["completed_at"]
    facts["arrive_due_at"] = facts["received_at"] + 1_800 * MICROSECONDS
    facts["repair_due_at"] = facts["received_at"] + 86_400 * MICROSECONDS
    followed = dice.random(facts.size) < 0.05
    later = facts["fixed_at"] + dice.integers(1, 100 * 86_400, facts.size) * MICROSECONDS
    facts["followed_at"] = np.where(followed, later, np.nan)
    facts["held_seconds"] = np.where(dice.random(facts.size) < 0.04, 600, 0)
    facts["held_seconds_total"] = facts["held_seconds"]


def _draw_words(dice: np.random.Generator, facts: Any) -> None:
    size = facts.size
    facts["grid"] = np.minimum(dice.zipf(1.3, size), GRIDS)
    facts["team"] = facts["grid"] % TEAMS + 1
    facts["household"] = NONE
    facts["crew"] = (facts["team"] - 1) * CREWS_A_TEAM + facts["ticket"] % CREWS_A_TEAM + 1
    facts["level"] = dice.integers(1, 4, size)
    facts["category"] = np.array([number_of(each) for each in KINDS])[_kinds(facts)]
    for name, edge in (("lat", SOUTH), ("lon", WEST)):
        facts[name] = edge + dice.random(size) * DEGREES
    for name in ("dispatches", "reports", "contacts_by_reporter", "teams", "crews", "arrivals"):
        facts[name] = 1 + (dice.random(size) < 0.08)
    closed = ~np.isnan(facts["closed_at"])
    facts["closed_repair"] = facts["counted"] = closed
    facts["clean"] = closed & (facts["arrivals"] == 1)
    facts["has_place"], facts["auto"] = True, dice.random(size) < 0.8
    facts["is_open"], facts["storm"] = ~closed, dice.random(size) < 0.03
    facts["asked"], facts["answered"] = closed, closed & (dice.random(size) < 0.4)
    facts["solved"] = facts["answered"]
    facts["cause"] = np.where(dice.random(size) < 0.05, dice.integers(1, len(CAUSES), size), 0)
    why = EXCLUSIONS.index(Exclusion.CANCELLED)
    out = np.where(closed & (dice.random(size) < 0.04), why, 0)
    for name in ("outcome", "left_out", "within_30", "circle", "arrive", "repair"):
        facts[name] = out
    facts["pipe"] = np.array([NONE, 100, 150, 200, 300])[facts["ticket"] % 5]
    facts["call_back"] = EXCLUSIONS.index(Exclusion.NO_CALL_BACK_PROMISE)


def _kinds(facts: Any) -> NDArray[np.int64]:
    """Return the kind of each fault, its place in `KINDS`: a few are most of them."""
    dice = np.random.default_rng(int(facts["ticket"][0]) if facts.size else 0)
    return np.minimum(dice.zipf(1.5, facts.size), len(KINDS)) - 1


def ticket_rows(facts: Any) -> list[dict[str, Any]]:
    """Return the tickets that drawn facts are of."""
    rows = []
    for fact, kind in zip(facts, _kinds(facts).tolist(), strict=True):
        state = "accepted" if fact["is_open"] else "closed"
        times = {name: _at(fact[name]) for name in (*STEPS, "closed_at", "arrive_due_at")}
        rows.append(times | {
            "id": int(fact["ticket"]), "state": "cancelled" if fact["outcome"] else state,
            "category": KINDS[kind], "level": int(fact["level"]), "grid_id": int(fact["grid"]),
            "team_id": int(fact["team"]), "lat": float(fact["lat"]), "lon": float(fact["lon"]),
            "place_standing": "inside", "changed_at": times["received_at"], "flags": [],
            "address": f"{fact['ticket'] % 199 + 1} Street {fact['ticket'] % STREETS}",
            "pipe_mm": None if fact["pipe"] == NONE else int(fact["pipe"]),
        })  # fmt: skip
    return rows


def visit_rows(facts: Any) -> list[dict[str, Any]]:
    """Return the visits of drawn tickets: one an arrival, the first without its reason to go."""
    rows = []
    for fact in facts:
        visits = int(fact["arrivals"])
        for turn in range(visits):
            is_last, arrived, begun = turn + 1 == visits, fact["arrived_at"], _begun_again(fact)
            is_over = not np.isnan(fact["completed_at"])
            rows.append({
                "id": _visit(fact, turn),
                "ticket_id": int(fact["ticket"]), "crew_id": int(fact["crew"]),
                "state": "completed" if is_last and is_over else "cannot_complete",
                "cause": None if is_last else _cause(fact),
                "dispatched_at": _at(begun if turn else fact["dispatched_at"]),
                "en_route_at": _at(begun if turn else fact["en_route_at"]),
                "arrived_at": _at(begun if turn else arrived),
                "ended_at": _at(fact["completed_at"] if is_last and is_over else begun),
            })  # fmt: skip
    return rows


def _visit(fact: Any, turn: int) -> int:
    return 2 * int(fact["ticket"]) - 1 + turn


def _cause(fact: Any) -> Cause:
    return list(Cause)[int(fact["ticket"]) % len(Cause)]


def _begun_again(fact: Any) -> float:
    """Return when the first of two visits ended and the second was there: half way."""
    arrived, completed = float(fact["arrived_at"]), float(fact["completed_at"])
    return arrived if np.isnan(completed) else arrived + (completed - arrived) // 2


def return_visits(facts: Any) -> list[ReturnVisit]:
    """Return the second visits after one that lacked one or two parts, some named by a list."""
    dice, parts = np.random.default_rng(int(facts["ticket"][0])), list(KIT)
    found = []
    for fact in facts[(facts["arrivals"] > 1) & (facts["outcome"] == 0)]:
        if _cause(fact) is not Cause.PART_MISSING:
            continue
        lacked = dice.choice(parts, size=int(dice.integers(1, 3)), replace=False).tolist()
        named = lacked[: int(dice.integers(0, len(lacked) + 1))]
        took = (float(fact["completed_at"]) - _begun_again(fact)) / MICROSECONDS
        found.append(
            ReturnVisit(
                _visit(fact, 1),
                int(fact["ticket"]),
                frozenset(lacked),
                frozenset(named),
                0.0 if np.isnan(took) else took,
            )
        )
    return found


def needs_rows(facts: Any) -> list[dict[str, Any]]:
    """Return the events in which the first of two visits wrote down what it lacked."""
    by_ticket = {one.ticket: one for one in return_visits(facts)}
    return [
        _event(fact, EventKind.NEXT_VISIT_NEEDS, _begun_again(fact))
        | {"visit_id": _visit(fact, 0), "facts": {"parts": sorted(one.lacked)}}
        for fact in facts
        if (one := by_ticket.get(int(fact["ticket"])))
    ]


def report_rows(facts: Any) -> list[dict[str, Any]]:
    """Return one report a ticket, told in some words of a few hundred."""
    dice = np.random.default_rng(int(facts["ticket"][0]))
    told = np.minimum(dice.zipf(1.2, (facts.size, WORDS_TOLD)), WORDS).tolist()
    return [
        {
            "ticket_id": int(fact["ticket"]), "channel": "telephone",
            "phone": f"1{fact['ticket'] * 7 % 10**10:010d}", "token": f"bench-{fact['ticket']}",
            "description": " ".join(f"word{_letters(each)}" for each in words),
            "received_at": _at(fact["received_at"]),
        }
        for fact, words in zip(facts, told, strict=True)
    ]  # fmt: skip


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def hold_rows(facts: Any) -> list[dict[str, Any]]:
    """Return the holds of drawn tickets."""
    return [
        {
            "ticket_id": int(fact["ticket"]), "reason": "waiting_for_part",
            "from_at": _at(fact["arrived_at"]),
            "to_at": _at(fact["arrived_at"] + fact["held_seconds"] * MICROSECONDS),
        }
        for fact in facts[facts["held_seconds"] > 0]
    ]  # fmt: skip


def event_rows(facts: Any) -> list[dict[str, Any]]:
    """Return one event a recorded step of each ticket."""
    return [
        _event(fact, kind, fact[name])
        for fact in facts
        for name, kind in STEPS.items()
        if not np.isnan(fact[name])
    ]


def _event(fact: Any, kind: EventKind, at: float) -> dict[str, Any]:
    return {
        "uuid": f"{fact['ticket']}-{kind}", "ticket_id": int(fact["ticket"]), "kind": str(kind),
        "actor": "bench", "source": "bench", "recorded_at": _at(at),
        "effective_at": _at(at), "previous_hash": str(kind), "facts": {},
    }  # fmt: skip


def _at(microseconds: float) -> datetime | None:
    return None if np.isnan(microseconds) else instant(float(microseconds))


def fill(total: int, now: datetime, *, with_tickets: bool, with_events: bool) -> None:
    """Write the city, and print how long a fact and its part of a block took to write."""
    dice = np.random.default_rng(7)
    with transaction():
        _write_places()
    spent = 0.0
    for start in range(0, total, AT_ONCE):
        facts = draw(dice, start + 1, min(AT_ONCE, total - start), total)
        with transaction():
            allow_a_long_transaction()
            if with_tickets:
                _write_tickets(facts)
            if with_events:
                write_rows(TicketEvent, event_rows(facts))
                write_rows(TicketEvent, needs_rows(facts))
            db.session.execute(delete(FactDue))
        before = time.perf_counter()
        with transaction():
            write_rows(TicketFact, fact_rows(facts))
        spent += time.perf_counter() - before
    show("fact_rows_written", spent / total * 1e6, "µs a ticket", tickets=total)
    write_blocks(total, now)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
            connection.invalidate()


def _write_places() -> None:
    """Write teams, their crews and the grids."""
    begun = datetime(2015, 1, 1, tzinfo=UTC)
    teams = [
        {
            "id": one, "name": f"Team {one}", "lat": SOUTH + DEGREES * (one * 7 % TEAMS) / TEAMS,
            "lon": WEST + DEGREES * (one * 13 % TEAMS) / TEAMS,
        }
        for one in range(1, TEAMS + 1)
    ]  # fmt: skip
    db.session.execute(insert(Team), teams)
    db.session.execute(
        insert(Grid),
        [
            {"id": one, "name": f"Grid {one}", "geometry": _square(one), "valid_from": begun}
            for one in range(1, GRIDS + 1)
        ],
    )
    crews = [
        {"id": one + 1, "name": f"Crew {one + 1}", "team_id": one // CREWS_A_TEAM + 1}
        for one in range(TEAMS * CREWS_A_TEAM)
    ]
    db.session.execute(insert(Crew), crews)


def _square(grid: int) -> dict[str, Any]:
    """Return the outline of a grid, one of the squares that the city is divided into."""
    aside = int(GRIDS**0.5)
    side, (row, column) = DEGREES / aside, divmod(grid - 1, aside)
    south, west = SOUTH + row * side, WEST + column * side
    ring = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    corners = [[west + east, south + north] for east, north in ring]
    return {"type": "Polygon", "coordinates": [corners]}


def _write_tickets(facts: Any) -> None:
    """Write tickets and what lies around them; PostgreSQL is spared the triggers meanwhile."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
    for table, rows in (
        (Ticket, ticket_rows), (Visit, visit_rows), (Report, report_rows), (Hold, hold_rows),
    ):  # fmt: skip
        write_rows(table, rows(facts))
    write_rows(ReturnVisitFact, return_visit_rows(return_visits(facts)))


def write_blocks(total: int, now: datetime) -> None:
    """Write every block, and print what a ticket's part of it took."""
    begun = time.perf_counter(), time.process_time()
    blocks = pack(total, now)
    spent, computed = time.perf_counter() - begun[0], time.process_time() - begun[1]
    size = db.session.scalar(select(func.sum(func.length(FactBlock.columns))))
    db.session.rollback()
    show(
        "blocks_written", spent / total * 1e6, "µs a ticket", blocks=blocks,
        cpu_us=round(computed / total * 1e6, 1), bytes_a_ticket=round(int(size or 0) / total),
    )  # fmt: skip
