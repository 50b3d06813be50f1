"""Does whoever reports a fault to the demo see a crew drive to it, at every hour of the day?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from dispatch.actions.administration import seed_first
from dispatch.actions.intake import NewReport, open_ticket
from dispatch.actions.placing import GivenPlace
from dispatch.actions.unit_of_work import transaction
from dispatch.cli import demo_seed
from dispatch.cli.demo_cities import read_city
from dispatch.cli.demo_mover import Mover
from dispatch.cli.demo_reports import read_reports
from dispatch.cli.demo_seed import SEEDER
from dispatch.cli.demo_spares import can_be_sent
from dispatch.domain.categories import CATEGORIES, SKILLS
from dispatch.domain.permissions import RESIDENT
from dispatch.domain.service_policy import Level
from dispatch.jobs import planner
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.candidates import crew_board

BOSTON = read_city("boston")
MIDNIGHT = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
"""By Boston's clock."""

ODD_HOURS = range(1, 24, 2)
"""The last hour of a shift lies in one of these: crews change at even hours."""

FAST, LIFE = 120.0, 3.0
ROUND = timedelta(seconds=5)
MANY, SOME = 24, 8
DRIVEN_TO_WITHIN = timedelta(seconds=60)
SPOTS = ((42.379, -71.033), (42.3155, -71.114), (42.283, -71.157), (42.297, -71.065))
FAULTS = {each.skill: each.key for each in CATEGORIES if each.level < Level.ENQUIRY}
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def mover(session):
    """Return a mover in the demo's city, before anything has happened there."""
    reports = read_reports(BOSTON)
    with transaction():
        demo_seed._import_city(BOSTON, reports, MIDNIGHT)
        seed_first(ZoneInfo(BOSTON.time_zone), actor=SEEDER, now=MIDNIGHT)
    return Mover(reports, Random(7), FAST, spared_crew=0)  # noqa: S311  a simulation


def live_through(mover: Mover, now: datetime, rounds: int) -> datetime:
    """Let the mover and the planner take turns; return when they have ended."""
    for _ in range(rounds):
        now += ROUND
        mover.tick(now)
        planner.run(now)
        db.session.remove()
    return now


def free_skills(now: datetime) -> set[str]:
    free = [crew.skills for crew in crew_board(now).crews if can_be_sent(crew, now)]
    return {skill for skills in free for skill in skills}


def report(category: str, spot: tuple[float, float], now: datetime) -> int:
    new = NewReport(category, "It began an hour ago.", "Here", GivenPlace(*spot))
    with transaction():
        return open_ticket(new, actor=RESIDENT, now=now).ticket.id


@sqlite_only
def test_a_free_crew_of_each_skill_is_left_after_every_round_of_a_day(mover):
    for hour in ODD_HOURS[::3]:
        now = MIDNIGHT + timedelta(hours=hour, minutes=7)
        for _ in range(MANY):
            now = live_through(mover, now, 1)
            assert free_skills(now) == set(SKILLS), now
    opened, fixed = db.session.execute(
        select(func.count(Ticket.id), func.count(Ticket.completed_at))
    ).one()
    assert opened > fixed > 10 * len(ODD_HOURS[::3])


@sqlite_only
@pytest.mark.parametrize("hour", ODD_HOURS[1::3])
def test_a_fault_that_needs_any_skill_is_driven_to_within_a_minute(mover, hour):
    now = live_through(mover, MIDNIGHT + timedelta(hours=hour, minutes=55), MANY)
    mover.speed = LIFE
    assert FAULTS.keys() == set(SKILLS)
    for category, spot in zip(FAULTS.values(), SPOTS, strict=True):
        begun = now
        ticket_id = report(category, spot, now)
        while now - begun < DRIVEN_TO_WITHIN:
            now = live_through(mover, now, 1)
            if db.session.scalar(select(Visit.en_route_at).where(Visit.ticket_id == ticket_id)):
                break
        else:
            pytest.fail(f"no crew drives to “{category}” reported at {begun}")
        mover.speed = FAST
        now = live_through(mover, now, SOME)
        mover.speed = LIFE
