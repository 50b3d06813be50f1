"""How is the demo's city put into an empty database?"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from dispatch.actions.accounts import Account, add_user
from dispatch.actions.administration import seed_first
from dispatch.actions.crew_import import import_crews
from dispatch.actions.grid_import import import_grids
from dispatch.actions.households import add_households
from dispatch.actions.intake import NewReport, Opened, open_ticket
from dispatch.actions.pins import set_pin
from dispatch.actions.placing import GivenPlace
from dispatch.actions.positions import record_position
from dispatch.actions.steps import take_step
from dispatch.actions.ticket_import import import_past_tickets
from dispatch.actions.unit_of_work import transaction
from dispatch.cli.demo_history import History
from dispatch.cli.demo_phones import hand_out_phones
from dispatch.cli.demo_rota import begin_watch, fill_rota
from dispatch.cli.demo_rounds import go_round
from dispatch.cli.demo_steps import GPS_METRES, crew_actor
from dispatch.cli.demo_tasks import let_bursts_open_tasks
from dispatch.cli.input_files import open_lines, read_whole
from dispatch.domain.column_map import read_column_map
from dispatch.domain.crew_rows import read_crew_rows
from dispatch.domain.file_faults import FileFaults
from dispatch.domain.grid_features import GridFields, read_grid_features
from dispatch.domain.past_ticket import PastTicketReader
from dispatch.domain.permissions import Actor, Role
from dispatch.domain.place import Point
from dispatch.domain.table_rows import read_table
from dispatch.queries.candidates import crew_board
from dispatch.queries.under_way import whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from dispatch.cli.demo_cities import City
    from dispatch.cli.demo_reports import Reports
    from dispatch.domain.candidates import CrewOption
    from dispatch.queries.under_way import Trip

SEED = 2015
ADMINISTRATOR = "admin"
SEEDER = Actor(name="demo", role=Role.ADMINISTRATOR, source="import")
PASSWORD = "one-visit-2015"  # noqa: S105  the demo prints it for everybody
STEWARDS_PIN = "201530"
"""With it the demo's water steward signs in on a phone that the desk enrolled."""


@dataclass(frozen=True)
class Seeded:
    """What the demo's visitor needs to know: who may sign in, which crew and tickets are his."""

    sign_ins: list[dict[str, Any]]
    crew_id: int
    tickets: int
    own: list[Opened]


def seed(
    city: City,
    zone: ZoneInfo,
    reports: Reports,
    now: datetime,
    progress: Callable[[float], None],
    camera: Callable[[Trip, datetime], None] | None = None,
) -> Seeded:
    """Fill an empty, migrated database; `progress` gets the share that is done.

    `camera` is handed each visit that a crew is about to complete.
    """
    with transaction():
        _import_city(city, reports, now)
    with transaction():
        _import_past(city, zone, now)
    progress(0.15)
    with transaction():
        _add_administrator(city, now)
        # Before it, the policy has another zone, where other crews are on duty.
        seed_first(zone, actor=SEEDER, now=now)
    crew = _visitors_crew(now)
    with transaction():
        sign_ins, steward = _add_people(city, crew, now)
        fill_rota(actor=SEEDER, now=now)
    progress(0.2)
    dice = Random(SEED)  # noqa: S311  a simulation
    history = History(reports, dice, now, crew.crew_id, camera)
    tickets = history.plan_arrivals(zone)
    history.live(lambda share: progress(0.2 + 0.8 * min(share, 1.0)))
    with transaction():
        _park_everybody(now)
        let_bursts_open_tasks(actor=SEEDER, now=now)
        begin_watch(reports.city.dispatcher, actor=SEEDER, now=now)
        own = _give_tickets(reports, crew, now)
        hand_out_phones(city, steward, now)
        go_round(reports, crew, zone, now)
    return Seeded(sign_ins, crew.crew_id, tickets, own)


def _import_city(city: City, reports: Reports, now: datetime) -> None:
    """Import grids, teams and crews as they stood long before the history begins."""
    grids = city.folder / "grids.geojson"
    fields = GridFields(name="name", team="team", zone="zone")
    begins = now.replace(year=now.year - 20, day=1)
    import_grids(
        read_grid_features(read_whole(grids), grids.name, fields), actor=SEEDER, now=begins
    )
    crews = city.folder / "crews.csv"
    with open_lines(crews) as (lines, _):
        drafts = read_crew_rows(lines, crews.name)
        import_crews(drafts, file=crews.name, actor=SEEDER, now=begins)
    add_households(reports.households)


def _import_past(city: City, zone: ZoneInfo, now: datetime) -> None:
    columns = city.folder / "columns.toml"
    column_map = read_column_map(read_whole(columns), columns.name, zone)
    past = city.folder / city.past
    faults = FileFaults(past.name)
    with open_lines(past) as (lines, _):
        reader = PastTicketReader(column_map, faults)
        import_past_tickets(
            reader.read(read_table(lines, faults)), column_map, actor=SEEDER, now=now
        )


def _visitors_crew(now: datetime) -> CrewOption:
    """Return the crew that is longest on duty from now and can do most, at every place."""
    crews = (crew for crew in crew_board(now).crews if crew.area is None)
    on_duty = [crew for crew in crews if crew.on_shift and crew.position]
    return max(on_duty, key=lambda crew: (crew.shift_ends_at or now, "mains" in crew.skills))


def _add_administrator(city: City, now: datetime) -> None:
    account = Account(ADMINISTRATOR, city.people[ADMINISTRATOR], Role.ADMINISTRATOR)
    add_user(account, PASSWORD, actor=SEEDER, now=now)


def _add_people(city: City, crew: CrewOption, now: datetime) -> tuple[list[dict[str, Any]], Actor]:
    """Add who may sign in; return how each does, and the steward as the one who taps."""
    people: dict[str, dict[str, Any]] = {
        "call": {"role": Role.CALL_TAKER},
        "desk": {"role": Role.DISPATCHER},
        "steward": {"role": Role.CREW, "crew_id": crew.crew_id},
        "leader": {"role": Role.TEAM_LEADER, "team_id": crew.team_id},
        "figures": {"role": Role.MANAGER},
        ADMINISTRATOR: {"role": Role.ADMINISTRATOR},
        "auditor": {"role": Role.AUDITOR},
    }
    accounts = [
        Account(name, city.people.get(name, crew.name), **place) for name, place in people.items()
    ]
    steward = SEEDER
    for account in accounts:
        if account.sign_in_name != ADMINISTRATOR:
            user = add_user(account, PASSWORD, actor=SEEDER, now=now)
            if account.role == Role.CREW:
                set_pin(user, STEWARDS_PIN, actor=SEEDER, now=now)
                by = crew_actor(crew.crew_id, user.name)
                steward = replace(by, user_id=user.id)
    sign_ins = [
        {"name": each.sign_in_name, "password": PASSWORD, "role": str(each.role)}
        | ({"pin": STEWARDS_PIN} if each.role == Role.CREW else {})
        for each in accounts
    ]
    return sign_ins, steward


def _park_everybody(now: datetime) -> None:
    for each in list(whereabouts()):
        record_position(each.crew_id, each.place, measured_at=now, accuracy_metres=GPS_METRES)


def _give_tickets(reports: Reports, crew: CrewOption, now: datetime) -> list[Opened]:
    """Give the visitor's crew two tickets near its base, so that there is something to tap."""
    if crew.position is None:
        return []
    given = []
    city, visitor = reports.city, reports.city.visitor
    sent = {"crew_id": crew.crew_id, "override_reason": visitor.waiting}
    for category, north in (("riser", 0.004), ("no_water", -0.005)):
        place = Point(crew.position.lat + north, crew.position.lon)
        new = NewReport(
            category,
            visitor.words,
            reports.address_near(place),
            GivenPlace(place.lat, place.lon),
            reporter_name=visitor.caller,
            channel="phone",
        )
        opened = open_ticket(new, actor=city.call_taker, now=now)
        take_step(opened.ticket, "dispatch", sent, actor=city.dispatcher, now=now)
        given.append(opened)
    return given


def write_sign_ins(seeded: Seeded, path: Path) -> None:
    """Write the sign-ins where the sign-in page of the demo finds them."""
    path.write_text(json.dumps(seeded.sign_ins), encoding="utf-8")
