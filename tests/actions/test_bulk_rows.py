"""Are very many rows written as a row at a time would be?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from dispatch.actions.bulk_rows import allow_a_long_transaction, write_rows
from dispatch.actions.unit_of_work import transaction
from dispatch.models.clockwork import Outbox
from dispatch.models.people import Team
from dispatch.models.tickets import Ticket


def test_values_and_defaults_are_stored_as_the_tables_say(session, now):
    text = "tab\there\nline \\ and “quotes” ☃"
    rows = [
        {
            "state": "closed",
            "category": "leak",
            "level": 2,
            "received_at": now + timedelta(microseconds=123456),
            "changed_at": now,
            "address": text,
            "lat": None,
            "flags": ["a", text],
        }
        for _ in range(3)
    ]
    with transaction():
        write_rows(Ticket, rows)
    session.expire_all()
    ticket = session.get(Ticket, 2)
    assert (ticket.address, ticket.flags) == (text, ["a", text])
    assert ticket.received_at == now + timedelta(microseconds=123456)
    assert (ticket.version, ticket.zone, ticket.imported, ticket.lat) == (1, "town", False, None)


def test_a_default_object_and_an_empty_one_are_stored(session, now):
    plain = {"channel": "sms", "recipient": "r", "template": "t", "next_try_at": now}
    with transaction():
        write_rows(Outbox, [plain | {"effect_key": "1", "created_at": now}])
        write_rows(Outbox, [plain | {"effect_key": "2", "created_at": now, "content": {"a": 1}}])
    contents = session.scalars(select(Outbox.content).order_by(Outbox.id)).all()
    assert contents == [{}, {"a": 1}]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_limits_of_a_request_are_lifted_for_one_transaction(session):
    limit = text("SHOW statement_timeout")
    with transaction():
        allow_a_long_transaction()
        assert session.scalar(limit) == "0"
    assert session.scalar(limit) == "15s"


def test_no_rows_are_no_statement(session):
    with transaction():
        write_rows(Team, [])
    assert session.scalars(select(Team)).all() == []
