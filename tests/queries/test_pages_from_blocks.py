"""Does each page of the circle say the same of facts in blocks as of facts in rows?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from dispatch.domain.broken_promises import SplitBy
from dispatch.domain.categories import CATEGORIES
from dispatch.domain.cell_figures import CellShape
from dispatch.domain.periods import Period
from dispatch.domain.permissions import Scope
from dispatch.domain.visit_state import Cause
from dispatch.jobs.facts import pack, run
from dispatch.models.base import db
from dispatch.models.facts import FactBlock
from dispatch.models.people import Crew, Team
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries import fact_blocks
from dispatch.queries.circle_broken import broken_in
from dispatch.queries.circle_clusters import clusters_in
from dispatch.queries.circle_map import circle_map, tickets_in_cell
from dispatch.queries.circle_problems import problems_in
from dispatch.queries.circle_ranking import rankings_for
from dispatch.queries.circle_responsibility import responsibility_in
from dispatch.queries.circle_returns import Behind, returns_in, tickets_again
from dispatch.queries.figures import circle_figures
from dispatch.queries.stories import ALL_TICKETS, FigureFilters
from tests.circle_history import MONDAY, QUICK, ZONE, a_week_of_tickets, past_ticket

NOW = MONDAY + timedelta(days=60)
DAY = MONDAY.astimezone(ZONE).date()
MONTH = Period(DAY - timedelta(days=10), DAY + timedelta(days=20), ZONE)
PAGES = {
    "overview": circle_figures,
    "broken promises": lambda *view, now: broken_in(*view, by=SplitBy.CATEGORY, now=now),
    "map": lambda *view, now: circle_map(*view, CellShape.GRID, now=now),
    "hexagons": lambda *view, now: circle_map(*view, CellShape.HEX_500, now=now),
    "cell": lambda *view, now: tickets_in_cell(*view, CellShape.GRID, "East", now=now),
    "first-time fix": returns_in,
    "again": lambda *view, now: tickets_again(*view, (Behind.WHY, "several_visits"), now=now),
    "common problems": problems_in,
    "clusters": clusters_in,
    "their tickets": lambda *view, now: tickets_of(problems_in(*view, now=now)),
    "tickets of clusters": lambda *view, now: tickets_of(clusters_in(*view, now=now)),
    "responsibility": responsibility_in,
    "ranking": lambda *view, now: rankings_for(*view, limits=None, now=now),
}


def tickets_of(found):
    return [[each.tickets.tolist() for each in rows] for rows in found.by_kind.values()]


@pytest.fixture
def _a_week(session):
    """Store a week of tickets of every category and some pipes; a crew came twice to one."""
    a_week_of_tickets()
    db.session.execute(update(Team).values(lat=28.2, lon=113.0))
    for number, rule in enumerate(CATEGORIES):
        at = MONDAY + timedelta(hours=number)
        past_ticket(at, QUICK, category=rule.key, level=4, pipe_mm=100 * number, lat=28.2, lon=113)
    crew = db.session.scalar(select(Crew.id).limit(1))
    ticket = db.session.scalar(select(Ticket.id).order_by(Ticket.id).limit(1))
    for hour, state in enumerate(("cannot_complete", "completed")):
        at = MONDAY + timedelta(hours=hour)
        times = {"dispatched_at": at, "arrived_at": at, "ended_at": at}
        cause = Cause.PART_MISSING if hour == 0 else None
        visit = {"ticket_id": ticket, "crew_id": crew, "state": state, "cause": cause}
        db.session.execute(insert(Visit), visit | times)
    db.session.commit()
    run(NOW, most=10_000)


@pytest.mark.usefixtures("_a_week")
@pytest.mark.parametrize("filters", [ALL_TICKETS, FigureFilters(grid="East")], ids=["all", "east"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_of_blocks_what_it_says_of_rows(page, filters, monkeypatch):
    view = (MONTH, Scope(everything=True), filters)
    of_rows = PAGES[page](*view, now=NOW)
    db.session.rollback()
    monkeypatch.setattr(fact_blocks, "FEWEST_IN_A_BLOCK", 1)
    pack(100, NOW)
    assert PAGES[page](*view, now=NOW) == of_rows
    assert db.session.scalars(select(FactBlock.number)).all()
