"""Is a crew's phone told what comes and goes, once, and nothing of anybody's own?"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from dispatch.actions.dispatching import withdraw_visit
from dispatch.actions.endings import cancel_ticket
from dispatch.actions.relief import Wish, ask_relief
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.permissions import Role
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import PushSubscription
from tests.factories import make_account
from tests.trips import steward


@pytest.fixture
def told(case):
    """Give each crew one person with a device; return what was queued for whom, in order."""
    people = {}
    with transaction():
        for crew in case.crews:
            person = make_account(Role.CREW, case.start, name=crew.name, crew_id=crew.id)
            people[person.user_id] = crew.name
            db.session.add(PushSubscription(
                user_id=person.user_id, endpoint=f"https://push.example/{crew.name}", keys={},
                created_at=case.start, last_used_at=case.start,
            ))  # fmt: skip

    def found() -> list[tuple[str, str]]:
        rows = db.session.scalars(
            select(Outbox).where(Outbox.channel == "web_push").order_by(Outbox.id)
        )
        return [(people[row.user_id], row.template) for row in rows]

    return found


def test_a_new_ticket_rings_and_one_that_is_given_to_another_crew_too(case, told):
    case.send(at=1)
    assert told() == [("W1", "crew_sent")]
    case.send(1, at=2)
    assert told()[1:] == [("W1", "crew_taken_away"), ("W2", "crew_sent")]


def test_a_crew_that_is_called_back_is_told_and_so_is_one_whose_ticket_ends(case, told):
    visit = case.send(at=1)
    case.do(withdraw_visit, visit, reason="closer crew", at=2)
    case.send(1, at=3)
    case.do(cancel_ticket, reason="no leak", at=4)
    assert told() == [
        ("W1", "crew_sent"), ("W1", "crew_taken_away"),
        ("W2", "crew_sent"), ("W2", "crew_taken_away"),
    ]  # fmt: skip


def test_whoever_did_it_is_told_nothing_and_whoever_is_asked_is(case, told):
    visit = case.send(at=1)
    case.go(visit, "acknowledge", at=2)
    first, second, _ = case.crews
    with transaction():
        ask_relief(
            case.reload(), db.session.merge(visit),
            Wish("shift_ends", "The valve is shut", second.id),
            actor=steward(first.id), now=case.minute(3),
        )  # fmt: skip
    assert told()[1:] == [("W2", "crew_asked")]


def test_a_push_is_queued_in_the_words_of_a_lock_screen(case, told):
    case.send(at=1)
    assert told()
    row = db.session.scalars(select(Outbox).where(Outbox.channel == "web_push")).one()
    assert (row.urgency, row.lane, row.routes) == ("warning", "warning/web_push", [])
    assert set(row.content) == {"number", "category", "level", "arrive_due_at"}
    assert "Wuyi" not in json.dumps(row.content)


def test_nobody_without_a_device_is_told(case):
    with transaction():
        make_account(Role.CREW, case.start, crew_id=case.crews[0].id)
    case.send(at=1)
    assert db.session.scalars(select(Outbox.id).where(Outbox.channel == "web_push")).all() == []
