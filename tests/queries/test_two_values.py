"""Is each field that two people filled in listed until somebody chooses?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from dispatch.actions.steps import take_step
from dispatch.actions.ticket_log import Told
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import NotFound
from dispatch.domain.permissions import Scope
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import db
from dispatch.models.tickets import OTHER_NAMED, TicketEvent
from dispatch.queries.site_work import site_records
from dispatch.queries.tickets import ticket_for_change
from dispatch.queries.two_values import open_choice, two_values
from tests.cases import Case
from tests.factories import DESK
from tests.statements import plan_of, written_out
from tests.two_values import ALL, CLAMPS, write_two


@pytest.fixture
def case(session, now):
    return Case(now)


def test_both_values_are_named_with_who_and_when(case):
    event_id = write_two(case)
    [found] = two_values(ALL)[0]
    assert (found.id, found.ticket, found.crew, found.received_at) == (
        event_id, ticket_number(case.id), "W1", case.minute(40),
    )  # fmt: skip
    assert [(each.at, str(each.words)) for each in (found.own, found.other)] == [
        (case.minute(20), "2 × Repair clamp up to DN150"),
        (case.minute(21), "3 × Repair clamp up to DN150"),
    ]
    assert (found.own.by, found.other.by) == (case.last_event().actor, DESK.name)
    assert two_values(ALL, 0)[0] == []
    assert two_values(Scope(team_id=case.city.west.id))[0] == [found]
    assert two_values(Scope(team_id=case.city.east.id))[0] == []


@pytest.mark.parametrize(
    ("tapped_at", "own_counts"), [(20, False), (20.99, False), (21, True), (25, True)]
)
def test_the_value_that_is_said_to_count_is_the_one_of_the_record(case, tapped_at, own_counts):
    write_two(case, tapped_at=tapped_at)
    [found] = two_values(ALL)[0]
    [part] = site_records([case.id])[case.id].parts
    said = {"own": 2, "other": 3}
    counting = [name for name in said if getattr(found, name).counts]
    assert counting == ["own" if own_counts else "other"]
    assert [said[name] for name in counting] == [part.number]


def test_neither_counts_where_a_third_one_is_later(case):
    case.send(at=1)
    for minute, count, told_at in ((25, 5, 25), (30, 3, 20), (40, 2, 10)):
        with transaction():
            ticket = ticket_for_change(ticket_number(case.id), ALL)
            args = CLAMPS | {"count": count, "crew_id": case.crews[0].id}
            by = {"actor": replace(DESK, name=str(count)), "now": case.minute(minute)}
            told = Told(effective_at=case.minute(told_at), seen=0)
            take_step(ticket, "parts", args, told=told, **by)
    [found] = two_values(ALL)[0]
    assert [found.own.counts, found.other.counts] == [False, False]
    assert site_records([case.id])[case.id].parts[0].number == 5


def test_another_field_leaves_it_open_and_the_same_one_ends_it(case):
    event_id = write_two(case)
    for item, left in (("clamps_300", 1), ("clamps_150", 0)):
        with transaction():
            ticket = ticket_for_change(ticket_number(case.id), ALL)
            args = CLAMPS | {"item": item, "count": 5, "crew_id": case.crews[0].id}
            take_step(ticket, "parts", args, actor=DESK, now=case.minute(50))
        assert len(two_values(ALL)[0]) == left
    with pytest.raises(NotFound):
        open_choice(event_id - 1, ALL)


def test_the_oldest_come_first_and_it_is_said_that_there_are_more(case):
    event_id = write_two(case)
    with transaction():
        ticket = ticket_for_change(ticket_number(case.id), ALL)
        told = Told(effective_at=case.minute(20), facts={"other": case.last_event().facts["other"]})
        args = {"item": "clamps_300", "count": 1, "crew_id": case.crews[0].id}
        take_step(ticket, "parts", args, actor=DESK, now=case.minute(50), told=told)
    found, are_more = two_values(ALL, 1)
    assert ([each.id for each in found], are_more) == ([event_id], True)
    found, are_more = two_values(ALL, 2)
    assert ([each.id for each in found], are_more) == ([event_id, case.last_event().id], False)


def test_they_are_found_by_their_index(case):
    named = select(TicketEvent.id).where(OTHER_NAMED[db.engine.dialect.name])
    plan = plan_of(written_out(named.order_by(TicketEvent.id).limit(10)))
    assert "ix_ticket_event_other" in plan
