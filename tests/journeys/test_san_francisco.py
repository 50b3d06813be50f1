"""Do our own events say of a real month of dispatches what its records say?"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from dispatch.actions.dispatching import Decision, dispatch_visit, withdraw_visit
from dispatch.actions.endings import reopen_ticket
from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.placing import GivenPlace, place_ticket
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.visits import arrive, complete_visit, keep_for_review, set_off
from dispatch.domain.errors import Invalid
from dispatch.models.tickets import Ticket, TicketEvent, Visit
from tests.factories import DESK, make_crew, make_team
from tests.invariants import expect_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dispatch.models.people import Crew

# The file calls its times UTC; they are the city's own.
CITY = ZoneInfo("America/Los_Angeles")
CIRCLE = timedelta(minutes=30)
STEPS = ("dispatch", "response", "on_scene", "available")
AFTERWARDS = datetime(2018, 3, 1, tzinfo=CITY)

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.timeout(1500),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


class Unit(NamedTuple):
    """One unit sent to one incident, as the file has it."""

    incident: str
    name: str
    lat: float
    lon: float
    times: dict[str, datetime]


def read_units(path: Path) -> dict[str, list[Unit]]:
    incidents: dict[str, list[Unit]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            times = {
                step: datetime.fromisoformat(stamp.removesuffix(" UTC")).replace(tzinfo=CITY)
                for step in ("received", "entry", *STEPS)
                if (stamp := row[f"{step}_timestamp"])
            }
            unit = Unit(
                row["incident_number"],
                row["unit_id"],
                float(row["latitude"]),
                float(row["longitude"]),
                times,
            )
            incidents[unit.incident].append(unit)
    return incidents


def in_order(units: list[Unit]) -> Iterator[tuple[Unit, str, datetime]]:
    """Yield what the units did as it became known: a step is not known before its dispatch."""
    steps = [
        (max(at, unit.times["dispatch"]), STEPS.index(step), unit.name, unit, step, at)
        for unit in units
        for step, at in unit.times.items()
        if step in STEPS
    ]
    for *_, unit, step, at in sorted(steps, key=lambda each: each[:3]):
        yield unit, step, at


def told_at(at: datetime) -> dict[str, object]:
    return {
        "actor": DESK,
        "now": AFTERWARDS,
        "told": Told(effective_at=at, time_quality="imported"),
    }


def replay(units: list[Unit], crews: dict[str, Crew]) -> Ticket:
    first = units[0]
    new = NewReport("burst", address=f"incident {first.incident}", channel="phone")
    received = first.times["received"]
    ticket = open_ticket(new, actor=DESK, now=AFTERWARDS, received_at=received).ticket
    place_ticket(ticket, GivenPlace(first.lat, first.lon), **told_at(first.times["entry"]))
    visits: dict[str, Visit] = {}
    for unit, step, at in in_order(units):
        take(ticket, visits, crews[unit.name], step, at)
    return ticket


def take(ticket: Ticket, visits: dict[str, Visit], crew: Crew, step: str, at: datetime) -> None:
    if step == "dispatch":
        if ticket.state == "completed":
            reopen_ticket(ticket, reason="another unit was sent", **told_at(at))
        decision = Decision(crew_role=crew.name)
        visits[crew.name] = dispatch_visit(ticket, crew, decision=decision, **told_at(at))
        return
    visit = visits[crew.name]
    try:
        if step == "response":
            set_off(ticket, visit, **told_at(at))
        elif step == "on_scene":
            arrive(ticket, visit, **told_at(at))
        elif visit.arrived_at is None:
            withdraw_visit(ticket, visit, reason="not needed", **told_at(at))
        else:
            complete_visit(ticket, visit, **told_at(at))
    except Invalid as refused:
        keep_for_review(ticket, visit, step, refused.sentence, **told_at(at))


def replay_all(incidents: dict[str, list[Unit]]) -> dict[str, int]:
    with transaction():
        team = make_team("San Francisco")
        names = sorted({unit.name for units in incidents.values() for unit in units})
        crews = {name: make_crew(name, team=team, skills=()) for name in names}
    tickets = {}
    for incident, units in incidents.items():
        with transaction():
            tickets[incident] = replay(units, crews).id
    return tickets


def unit_arrivals(session) -> list[timedelta]:
    received, arrived = aliased(TicketEvent), aliased(TicketEvent)
    pairs = session.execute(
        select(received.effective_at, arrived.effective_at)
        .join(arrived, arrived.ticket_id == received.ticket_id)
        .where(received.kind == "report_received", arrived.kind == "arrived")
    )
    return [arrived - received for received, arrived in pairs]


def test_a_real_month_is_told_by_our_own_events(session, shared_data):
    incidents = read_units(shared_data / "sf_fire_dispatch.csv")
    tickets = replay_all(incidents)
    assert session.scalar(select(func.count()).select_from(Visit)) == 10_000

    responses = unit_arrivals(session)
    assert len(responses) == 8_085
    within = [response <= CIRCLE for response in responses]
    assert sum(within) == 7_907
    assert f"{mean(within):.2%}" == "97.80%"
    never = select(func.count()).select_from(Visit).where(Visit.arrived_at.is_(None))
    assert session.scalar(never) == 1_915

    kinds = Counter(session.scalars(select(TicketEvent.kind)))
    assert (kinds["for_review"], kinds["reopened"]) == (1, 7)
    told = {row.id: row.arrived_at for row in session.execute(select(Ticket.id, Ticket.arrived_at))}
    for incident, sent in incidents.items():
        arrivals = [unit.times["on_scene"] for unit in sent if "on_scene" in unit.times]
        assert told[tickets[incident]] == min(arrivals, default=None)
    for incident in sorted(incidents, key=lambda each: -len(incidents[each]))[:150]:
        expect_whole(tickets[incident])
    expect_crossed_interval(session, tickets["18009702"])


def expect_crossed_interval(session, ticket_id: int) -> None:
    """Expect the unit that set off before it was sent to wait for a person, its arrival kept."""
    event = session.scalars(select(TicketEvent).where(TicketEvent.kind == "for_review")).one()
    visit = session.get_one(Visit, event.visit_id)
    assert (event.ticket_id, event.facts["step"]) == (ticket_id, "response")
    assert visit.en_route_at is None
    assert event.effective_at < visit.dispatched_at < visit.arrived_at
