"""Tests of `dispatch.actions.viewing`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from dispatch.actions.unit_of_work import transaction
from dispatch.actions.viewing import keep_look
from dispatch.domain.permissions import Role
from dispatch.models.viewing import TicketViewing
from dispatch.queries.viewing import PRESENT
from tests.factories import make_account, make_ticket

if TYPE_CHECKING:
    from datetime import datetime


@pytest.fixture
def person(session, now) -> int:
    with transaction():
        for _ in range(2):
            make_ticket(now, category="leak")
        return make_account(Role.DISPATCHER, now).user_id


def kept(session) -> list[tuple[int, datetime]]:
    asked = select(TicketViewing).order_by(TicketViewing.ticket_id)
    return [(row.ticket_id, row.seen_at) for row in session.scalars(asked)]


def test_a_look_is_kept_once_and_renewed(session, person, now):
    for seconds in (0, 6):
        with transaction():
            keep_look(person, 1, now=now + timedelta(seconds=seconds))
    assert kept(session) == [(1, now + timedelta(seconds=6))]


def test_two_windows_are_two_looks_and_old_ones_are_forgotten(session, person, now):
    with transaction():
        keep_look(person, 1, now=now)
        keep_look(person, 2, now=now + timedelta(seconds=5))
    assert [ticket for ticket, _ in kept(session)] == [1, 2]
    with transaction():
        keep_look(person, 2, now=now + PRESENT)
    assert [ticket for ticket, _ in kept(session)] == [2]
