"""Are the shares of declined, cancelled, shut out and come back those of our own visits?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Scope
from dispatch.models.base import db
from dispatch.models.tickets import Ticket, Visit
from dispatch.queries.street_history import street_shares
from tests.factories import make_city
from tests.own_days import past_ticket

ALL = Scope(everything=True)


@pytest.fixture
def city(session, now):
    with transaction():
        return make_city(now)


def add(city, now, *visits: Any, **columns: Any):
    """Add a ticket of yesterday with visits, each a state and a cause."""
    at = now - timedelta(days=1)
    row = past_ticket(0, received_at=at, changed_at=at, team_id=city.west.id, **columns)
    with transaction():
        ticket_id = db.session.execute(insert(Ticket).returning(Ticket.id), row).scalar_one()
        for state, cause, role in visits:
            arrived = None if state == "declined" else at
            db.session.add(
                Visit(
                    ticket_id=ticket_id,
                    crew_id=city.crews[0].id,
                    crew_role=role,
                    state=state,
                    cause=cause,
                    dispatched_at=at,
                    arrived_at=arrived,
                    ended_at=at,
                )
            )


def test_each_share_has_its_own_n(city, now):
    add(city, now, ("declined", None, "lead"), ("completed", None, "lead"))
    add(city, now, ("cannot_complete", "no_access", "lead"), ("completed", None, "lead"))
    add(
        city,
        now,
        ("cannot_complete", "part_missing", "lead"),
        ("completed", None, "lead"),
        ("completed", None, "support"),
    )
    add(city, now, state="cancelled")
    for left_out in (
        {"imported": True},
        {"kind": "inspection"},
        {"level": 4},
        {"state": "duplicate"},
    ):
        add(city, now, ("declined", None, "lead"), **left_out)
    found = street_shares(ALL, now)
    assert {name: (share.hits, share.n) for name, share in found.items()} == {
        "declines": (1, 6),
        "cancelled": (1, 4),
        "no_access": (1, 5),
        "second_visits": (1, 3),
    }
    assert street_shares(Scope(team_id=city.west.id), now) == found
    assert street_shares(Scope(team_id=city.east.id), now)["declines"].n == 0
    assert street_shares(ALL, now + timedelta(days=91))["declines"].n == 0
